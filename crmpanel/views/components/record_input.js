// An input for a reference: a combobox that finds records as one types. Its value is the id of the one that was chosen.

const FIND_DELAY = 150

/**
 * @param attrs attributes of the input
 * @param ask called with the text; its answer comes back through `node.crm.show(text, results)`
 * @param changed called when another record, or none, is chosen
 */
function recordInput(attrs, ask, changed) {
  const listId = `${attrs.id}-list`
  const input = h("input", {...attrs, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", dir: "auto",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, placeholder: say("Type to find")})
  // In the top layer it may reach beyond the edge of the window.
  const sheet = h("div", {class: "options", popover: "manual", role: "listbox", id: listId, "aria-label": say("Records found")})
  const node = h("div", {class: "reference"}, input, sheet)
  let chosen = null, found = [], active = -1, timer = null, asked = null

  const isOpen = () => sheet.matches(":popover-open")
  const options = () => [...sheet.querySelectorAll("[role=option]")]

  function place() {
    const box = input.getBoundingClientRect(), below = innerHeight - box.bottom - 12
    const up = below < 160 && box.top > below
    Object.assign(sheet.style, {left: `${box.left}px`, width: `${box.width}px`, maxHeight: `${Math.min(320, up ? box.top - 12 : below)}px`,
      top: up ? "auto" : `${box.bottom + 4}px`, bottom: up ? `${innerHeight - box.top + 4}px` : "auto"})
  }

  function open() {
    if (!isOpen()) sheet.showPopover()
    place()
    input.setAttribute("aria-expanded", "true")
  }

  function close() {
    clearTimeout(timer)
    if (isOpen()) sheet.hidePopover()
    active = -1
    input.setAttribute("aria-expanded", "false")
    input.removeAttribute("aria-activedescendant")
  }

  function find(delay) {
    clearTimeout(timer)
    asked = chosen && input.value === chosen.title ? "" : input.value
    timer = setTimeout(() => ask(asked), delay)
  }

  /** Show what was found, unless something else has been typed meanwhile. */
  function show(words, results, hint) {
    if (words !== asked || input.getRootNode().activeElement !== input) return
    found = results
    sheet.replaceChildren(...(found.length ? found.map(option) : [h("p", {class: "none"}, text(hint) || say("Nothing found"))]))
    activate(found.length && input.value && !chosen ? 0 : -1)
    open()
  }

  function option(item, at) {
    const row = h("div", {role: "option", id: `${attrs.id}-${at}`, "aria-selected": "false"}, bdi(item.title), item.subtitle ? h("small", null, bdi(item.subtitle)) : null)
    row.addEventListener("pointerdown", event => event.preventDefault()) // keeps the focus in the input
    row.addEventListener("click", () => choose(item))
    return row
  }

  function activate(at) {
    active = at
    options().forEach((row, i) => row.setAttribute("aria-selected", String(i === at)))
    if (at < 0) return input.removeAttribute("aria-activedescendant")
    input.setAttribute("aria-activedescendant", `${attrs.id}-${at}`)
    options()[at].scrollIntoView({block: "nearest"})
  }

  function choose(item) {
    const before = chosen?.id
    chosen = item
    input.value = item ? text(item.title) : ""
    close()
    if (before !== chosen?.id) changed()
  }

  input.addEventListener("focus", () => { input.select(); find(0) })
  input.addEventListener("click", () => { if (!isOpen()) find(0) })
  input.addEventListener("input", () => {
    if (chosen) { chosen = null; changed() }
    find(FIND_DELAY)
  })
  input.addEventListener("blur", () => {
    const same = found.filter(item => item.title.toLowerCase() === input.value.trim().toLowerCase())
    if (!chosen && same.length === 1) choose(same[0])
    close()
  })
  // Before the form's own keys: what is meant for the list is not for the window.
  input.addEventListener("keydown", event => {
    if (event.isComposing) return
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key], count = options().length
    if (step && !isOpen()) find(0)
    else if (step && count) activate(active < 0 && step < 0 ? count - 1 : (active + step + count) % count)
    else if (isOpen() && active >= 0 && (event.key === "Enter" || event.key === "Tab")) choose(found[active])
    else if (isOpen() && event.key === "Escape") close()
    else return
    if (event.key !== "Tab") { event.preventDefault(); event.stopPropagation() }
  })

  node.crm = {input, show, place, close, choose, get value() { return chosen ? text(chosen.id) : "" }, get isLoose() { return !chosen && input.value.trim() !== "" }}
  return node
}
