// A button that opens a menu of what can be done.

/** `status`: the live region that says what was copied; `act(name)`: called for entries without an address. */
function actionMenu(status, act) {
  const button = h("button", {type: "button", class: "btn menu-button", "aria-haspopup": "menu", "aria-expanded": "false"}, say("Actions"), icon("chevron"))
  const list = h("div", {class: "menu", role: "menu", popover: "auto", "aria-label": say("Actions")})
  const node = h("div", {class: "actions"}, button, list)
  const entries = () => [...list.children]

  function show(items) {
    node.hidden = !items.length
    list.replaceChildren(...items.map(entry))
  }

  function entry(item) {
    const inside = [icon(item.icon), bdi(item.label)]
    const node = (item.href ? link({href: item.href}, ...inside) : null) || h("button", {type: "button"}, ...inside)
    node.setAttribute("role", "menuitem")
    node.tabIndex = -1
    if (toneOf(item)) node.classList.add(`tone-${toneOf(item)}`)
    node.addEventListener("click", () => {
      list.hidePopover()
      if (item.copy) copyAddress(item)
      else if (!item.href) act(item.name)
    })
    return node
  }

  async function copyAddress(item) {
    const done = await copy(location.origin + text(item.copy), button)
    status.textContent = done ? say("{field} copied", {field: item.label}) : say("Copying was refused by the browser")
    button.classList.toggle("done", done)
    button.firstChild.textContent = done ? say("Copied") : say("Actions")
    setTimeout(() => { button.classList.remove("done"); button.firstChild.textContent = say("Actions") }, 1600)
  }

  function open(last) {
    if (!list.matches(":popover-open")) list.showPopover()
    const box = button.getBoundingClientRect()
    list.style.top = `${box.bottom + 4}px`
    list.style.insetInlineEnd = `${document.documentElement.clientWidth - box.right}px`
    entries().at(last ? -1 : 0)?.focus()
  }

  button.addEventListener("click", () => open())
  button.addEventListener("keydown", event => {
    if (/^Arrow(Up|Down)$/.test(event.key)) { event.preventDefault(); open(event.key === "ArrowUp") }
  })
  list.addEventListener("keydown", event => {
    if (event.key === "Tab") list.hidePopover()
    else arrowKeys(event, entries, "ArrowUp", "ArrowDown")
  })
  list.addEventListener("toggle", event => {
    button.setAttribute("aria-expanded", String(event.newState === "open"))
    if (event.newState === "closed" && list.contains(list.getRootNode().activeElement)) button.focus()
  })
  return {node, show}
}
