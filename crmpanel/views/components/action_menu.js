// A menu that opens below a button; the menu of actions is one.

/**
 * `status`: the live region that says what was copied; `act(name)`: called for entries without an address.
 * An entry: {name, label, icon?, tone?, href?, external?, copy?, checked?, note?, disabled?, heading?}; `note` is a second
 * line, `disabled` says why it cannot be chosen, `heading` and `rule` are no choices at all.
 */
function popupMenu(button, label, status, act) {
  const list = h("div", {class: "menu", role: "menu", popover: "auto", "aria-label": label})
  const entries = () => [...list.querySelectorAll('[role^="menuitem"]')]
  button.setAttribute("aria-haspopup", "menu")
  button.setAttribute("aria-expanded", "false")

  const fill = items => list.replaceChildren(...items.map(item => item.rule ? h("hr", {role: "separator"}) : item.heading ? h("p", {role: "presentation"}, text(item.label)) : entry(item)))

  function entry(item) {
    const words = item.note || item.disabled ? h("span", {class: "two"}, bdi(item.label), h("small", null, bdi(item.disabled || item.note))) : bdi(item.label)
    const inside = [item.icon ? icon(item.icon) : null, words, item.checked ? icon("check") : null].filter(Boolean)
    const free = !item.disabled
    const node = (item.href && free ? link({href: item.href, external: item.external}, ...inside) : null) || h("button", {type: "button", "aria-disabled": free ? null : "true"}, ...inside)
    node.setAttribute("role", item.checked === undefined ? "menuitem" : "menuitemcheckbox")
    if (item.checked !== undefined) node.setAttribute("aria-checked", String(Boolean(item.checked)))
    node.tabIndex = -1
    if (toneOf(item)) node.classList.add(`tone-${toneOf(item)}`)
    node.addEventListener("click", () => {
      if (!free) return
      list.hidePopover()
      if (item.copy) copyAddress(item)
      else if (!item.href) act(item.name)
    })
    return node
  }

  async function copyAddress(item) {
    const done = await copy(location.origin + text(item.copy), button)
    status.textContent = done ? say("{field} copied", {field: item.label}) : say("Copying was refused by the browser")
    button.dispatchEvent(new CustomEvent("copied", {detail: done}))
  }

  function open(last) {
    if (!list.matches(":popover-open")) list.showPopover()
    list.style.insetInlineEnd = "8px" // Where it was before may have made it narrower.
    const box = button.getBoundingClientRect(), width = document.documentElement.clientWidth
    list.style.top = `${box.bottom + 4}px`
    list.style.maxHeight = `${Math.max(160, innerHeight - box.bottom - 12)}px`
    list.style.insetInlineEnd = `${Math.max(8, Math.min(width - box.right, width - list.offsetWidth - 8))}px`
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
  return {list, fill}
}

function actionMenu(status, act) {
  const button = h("button", {type: "button", class: "btn menu-button"}, say("Actions"), icon("chevron"))
  const menu = popupMenu(button, say("Actions"), status, act)
  const node = h("div", {class: "actions"}, button, menu.list)

  function show(items) {
    node.hidden = !items.length
    menu.fill(items)
  }

  button.addEventListener("copied", event => {
    button.classList.toggle("done", event.detail)
    button.firstChild.textContent = event.detail ? say("Copied") : say("Actions")
    setTimeout(() => { button.classList.remove("done"); button.firstChild.textContent = say("Actions") }, 1600)
  })
  return {node, show}
}
