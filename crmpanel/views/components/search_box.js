// Type-ahead for organisations: an ARIA combobox whose options are real links.

const PROPS = ["results", "results_for", "heading", "hint", "placeholder", "elsewhere"]
const DELAY = 120

/** Lower-case without accents, with the place each folded character came from. */
function fold(value) {
  const from = []
  let folded = ""
  let at = 0
  for (const character of value) {
    const plain = character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    for (let i = 0; i < plain.length; i++) from.push(at)
    folded += plain
    at += character.length
  }
  from.push(at)
  return {folded, from}
}

/** `value` as nodes, every word of `query` in a <mark>. */
function marked(value, query) {
  const {folded, from} = fold(value)
  const spans = []
  for (const word of fold(query).folded.split(/\s+/)) {
    const at = word ? folded.indexOf(word) : -1
    if (at >= 0) spans.push([from[at], from[at + word.length]])
  }
  spans.sort((a, b) => a[0] - b[0])
  const nodes = []
  let done = 0
  for (const [start, end] of spans) {
    if (start < done || end <= start) continue
    nodes.push(value.slice(done, start), h("mark", null, value.slice(start, end)))
    done = end
  }
  return [...nodes, value.slice(done)]
}

export function render(ctx) {
  const {model, el} = ctx
  let timer = null
  let active = -1
  let wantsFirst = false // Enter came before the answer

  const input = h("input", {type: "text", role: "combobox", "aria-autocomplete": "list", "aria-controls": "options", "aria-expanded": "false",
    autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", dir: "auto", maxlength: 200,
    "aria-keyshortcuts": "/ Control+K"})
  const clear = h("button", {type: "button", class: "icon-btn clear", "aria-label": say("Clear the search"), tabindex: "-1"}, icon("close"))
  const field = h("div", {class: "field"}, icon("search"), input, h("i", {class: "spin", "aria-hidden": "true"}), h("kbd", {title: say("Press / or Ctrl+K to search")}, "/"), clear)
  const heading = h("div", {class: "heading", id: "heading"})
  const list = h("div", {role: "listbox", id: "options", "aria-labelledby": "heading"})
  const hint = h("div", {class: "hint", dir: "auto"})
  const foot = h("div", {class: "foot", "aria-hidden": "true"},
    h("span", null, h("kbd", null, "↑"), h("kbd", null, "↓"), say("move")), h("span", null, h("kbd", null, "Enter"), say("open")),
    h("span", null, h("kbd", null, "Ctrl"), h("kbd", null, "Enter"), say("new tab")), h("span", null, h("kbd", null, "Esc"), say("close")))
  const sheet = h("div", {class: "sheet", hidden: true}, heading, hint, list, foot)
  const status = h("div", {class: "vh", role: "status"})
  const root = h("div", {class: "search", role: "search"}, field, sheet, status)

  const answered = () => model.results_for.trim() === input.value.trim()
  const found = n => n === 1 ? say("1 result") : say("{n} results", {n})
  const isFocused = () => el.getRootNode().activeElement === input
  const options = () => [...list.children]

  function draw(changed) {
    input.placeholder = text(model.placeholder)
    input.setAttribute("aria-label", text(model.placeholder) || say("Search"))
    root.classList.toggle("filled", input.value !== "")
    root.classList.toggle("waiting", isFocused() && !answered())
    // An answer to an older text is only a placeholder: dimmed, and Enter waits for the real one.
    const query = model.results_for
    if (!changed || ["results", "results_for", "elsewhere"].some(name => changed.has(name))) {
      const all = model.elsewhere.href ? [...model.results, model.elsewhere] : model.results
      list.replaceChildren(...all.map((item, at) => option(item, at, item === model.elsewhere ? "" : query)))
      if (all !== model.results) list.lastChild.classList.add("elsewhere")
    }
    heading.textContent = text(model.heading)
    heading.hidden = !model.results.length
    const none = answered() && !model.results.length && input.value.trim() !== ""
    hint.hidden = !none
    hint.textContent = none ? text(model.hint) || say("No organisation matches") : ""
    foot.hidden = !options().length
    activate(answered() && input.value.trim() ? Math.min(Math.max(0, active), options().length - 1) : -1)
    if (changed?.size && answered() && isFocused()) status.textContent = none ? hint.textContent : found(model.results.length)
    show(isFocused())
    if (wantsFirst && answered()) { wantsFirst = false; options()[0]?.click() }
  }

  function option(item, at, query) {
    const inner = [h("span", {class: "title"}, h("bdi", null, ...marked(text(item.title), query)))]
    if (item.match) inner.push(h("span", {class: "match"}, bdi(item.match.label), " ", h("bdi", null, ...marked(text(item.match.text), query))))
    if (item.subtitle) inner.push(h("span", {class: "subtitle"}, h("bdi", null, ...marked(text(item.subtitle), query))))
    const node = (item.href ? link(item, ...inner) : null) || h("div", null, ...inner)
    for (const [key, value] of [["role", "option"], ["id", `option-${at}`], ["tabindex", "-1"], ["aria-selected", "false"], ["title", text(item.title)]]) node.setAttribute(key, value)
    node.addEventListener("click", event => {
      model.send_msg({type: "choose", id: item.id})
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) leave()
    })
    return node
  }

  const isOpen = () => !sheet.hidden
  function show(open) {
    sheet.hidden = !open || (!options().length && hint.hidden)
    root.classList.toggle("open", !sheet.hidden)
    input.setAttribute("aria-expanded", String(!sheet.hidden))
  }

  function activate(at) {
    active = at
    options().forEach((node, i) => node.setAttribute("aria-selected", String(i === at)))
    if (at < 0) return input.removeAttribute("aria-activedescendant")
    input.setAttribute("aria-activedescendant", `option-${at}`)
    options()[at]?.scrollIntoView({block: "nearest"})
  }

  function leave() {
    clearTimeout(timer)
    input.value = ""
    input.blur()
  }

  function ask(delay) {
    clearTimeout(timer)
    timer = setTimeout(() => model.send_msg({type: "query", text: input.value}), delay)
  }

  function onInput() {
    active = -1
    wantsFirst = false
    ask(DELAY)
    draw(new Set())
  }

  function onKeydown(event) {
    const count = options().length
    if (event.isComposing) return
    if (event.key === "Escape") {
      event.preventDefault()
      if (input.value) { input.value = ""; onInput() } else leave()
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault()
      if (!isOpen()) show(true)
      else activate((active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1) + count) % count)
    } else if (event.key === "Enter") {
      event.preventDefault()
      if (!answered()) { wantsFirst = input.value.trim() !== ""; return }
      options()[active]?.dispatchEvent(new MouseEvent("click", {bubbles: true, composed: true, cancelable: true,
        ctrlKey: event.ctrlKey, metaKey: event.metaKey}))
    }
  }

  function onShortcut(event) {
    const target = event.composedPath()[0]
    const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || "")
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey
    const ctrlK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey
    if (!slash && !ctrlK) return
    event.preventDefault()
    input.focus()
    input.select()
  }

  const signal = mount(ctx, CSS, PROPS, draw)
  input.addEventListener("input", onInput)
  input.addEventListener("keydown", onKeydown)
  input.addEventListener("focus", () => { ask(0); draw(new Set()) })
  input.addEventListener("blur", () => { wantsFirst = false; draw(new Set()) })
  // Pressing on the list must not take the focus, or the list would close before the click.
  sheet.addEventListener("mousedown", event => event.preventDefault())
  list.addEventListener("pointermove", event => {
    const at = options().indexOf(event.target.closest("[role=option]"))
    if (at >= 0 && at !== active) activate(at)
  })
  clear.addEventListener("mousedown", event => event.preventDefault())
  clear.addEventListener("click", () => { input.value = ""; input.focus(); onInput() })
  document.addEventListener("keydown", onShortcut, {signal})
  el.replaceChildren(root)
  draw(null)
}
