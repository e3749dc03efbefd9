// A panel that opens below a button of the app bar.

/** Returns {button, panel}; `opened(open)` is called when it opens or closes. */
function appPopover(iconName, label, opened) {
  const badge = h("span", {class: "badge", "aria-hidden": "true"})
  const button = h("button", {type: "button", class: "app-tool", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": label, title: label}, icon(iconName), badge)
  const panel = h("div", {class: "app-panel inputs", popover: "auto", role: "dialog", "aria-label": label, tabindex: "-1"})

  button.addEventListener("click", () => {
    panel.showPopover()
    const box = button.getBoundingClientRect(), width = document.documentElement.clientWidth
    panel.style.top = `${box.bottom + 6}px`
    // In line with the side of the button that has more room beyond it.
    const left = box.left < width / 2 ? box.left : box.right - panel.offsetWidth
    panel.style.left = `${Math.max(8, Math.min(left, width - panel.offsetWidth - 8))}px`
    panel.focus()
  })
  panel.addEventListener("toggle", event => {
    const open = event.newState === "open"
    button.setAttribute("aria-expanded", String(open))
    opened(open)
    if (!open && panel.contains(panel.getRootNode().activeElement)) button.focus()
  })
  // Going somewhere closes it, also with the keyboard.
  panel.addEventListener("click", event => { if (event.target.closest("a[data-nav]") && !event.ctrlKey && !event.metaKey) panel.hidePopover() })
  panel.addEventListener("keydown", event => {
    event.stopPropagation()
    const stops = () => [...panel.querySelectorAll("[data-stop]")].filter(node => node.offsetParent !== null)
    if (event.key === "ArrowDown" && !stops().includes(event.target)) { event.preventDefault(); stops()[0]?.focus() }
    else if (event.key === "Escape") panel.hidePopover()
    else arrowKeys(event, stops, "ArrowUp", "ArrowDown")
  })

  function count(number, said) {
    badge.textContent = number > 99 ? "99+" : String(number)
    badge.hidden = !number
    button.setAttribute("aria-label", said || label)
    button.title = said || label
  }
  count(0)
  return {button, panel, count}
}
