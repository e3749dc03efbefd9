// The card's tabs: real links, so that Ctrl-click, bookmarks and Back work.

const PROPS = ["tabs", "active", "label"]

export function render(ctx) {
  const {model, el} = ctx
  const list = h("div", {class: "list"})
  const left = h("button", {type: "button", class: "arrow left", tabindex: "-1", "aria-hidden": "true"}, icon("left"))
  const right = h("button", {type: "button", class: "arrow right", tabindex: "-1", "aria-hidden": "true"}, icon("right"))
  const nav = h("nav", null, left, list, right)
  let settled = false

  function draw(changed) {
    const isOpen = Boolean(model.active) // else it is a row of buttons, such as the way back
    if (isOpen) list.setAttribute("role", "tablist")
    for (const node of [nav, list]) node.setAttribute("aria-label", text(model.label) || say("Tabs"))
    const focused = el.getRootNode().activeElement?.dataset.tab
    if (!changed || changed.has("tabs")) list.replaceChildren(...model.tabs.map(tab))
    for (const node of list.children) {
      if (isOpen) node.setAttribute("role", "tab")
      if (isOpen) node.setAttribute("aria-selected", String(node.dataset.tab === model.active))
      if (focused !== undefined && node.dataset.tab === focused) node.focus({preventScroll: true})
    }
    stopAt(el.getRootNode().activeElement)
    reveal()
    hint()
  }

  function tab(item) {
    const count = text(item.count)
    const inner = [bdi(item.label)]
    if (count !== "") inner.push(h("span", {class: "count"}, bdi(count)))
    if (item.mark) inner.push(h("i", {class: "mark", title: text(item.mark)}), hidden(text(item.mark)))
    const node = (item.href ? link(item, ...inner) : null) || h("button", {type: "button"}, ...inner)
    node.dataset.tab = text(item.name)
    return node
  }

  /** All tabs are one stop of the Tab key: the one in focus, else the open one. */
  function stopAt(focused) {
    const nodes = [...list.children]
    const stop = nodes.includes(focused) ? focused : opened() ?? nodes[0]
    for (const node of nodes) node.tabIndex = node === stop ? 0 : -1
  }

  const opened = () => list.querySelector("[aria-selected=true]")

  function reveal() {
    const current = opened()
    if (!current) return
    const box = current.getBoundingClientRect(), frame = list.getBoundingClientRect()
    const off = box.left < frame.left + 40 ? box.left - frame.left - 40 : Math.max(0, box.right - frame.right + 40)
    if (off) list.scrollBy({left: off, behavior: settled ? "smooth" : "instant"})
    settled = frame.width > 0
  }

  function hint() {
    const room = list.scrollWidth - list.clientWidth
    nav.classList.toggle("more-left", list.scrollLeft > 1)
    nav.classList.toggle("more-right", room - list.scrollLeft > 1)
  }

  function onClick(event) {
    const button = event.target.closest("button[data-tab]")
    if (button) model.send_msg({type: "select", name: button.dataset.tab})
  }

  mount(ctx, CSS, PROPS, draw)
  list.addEventListener("click", onClick)
  list.addEventListener("focusin", event => stopAt(event.target))
  list.addEventListener("focusout", event => stopAt(event.relatedTarget))
  list.addEventListener("keydown", event => {
    if (event.key === " " && event.target.matches("a")) { event.preventDefault(); event.target.click() }
    else arrowKeys(event, () => [...list.children], "ArrowLeft", "ArrowRight")
  })
  list.addEventListener("scroll", hint, {passive: true})
  left.addEventListener("click", () => list.scrollBy({left: -list.clientWidth * .7, behavior: "smooth"}))
  right.addEventListener("click", () => list.scrollBy({left: list.clientWidth * .7, behavior: "smooth"}))
  new ResizeObserver(() => { if (!settled) reveal(); hint() }).observe(list)
  el.replaceChildren(nav)
  draw(null)
}
