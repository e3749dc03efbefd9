// A modal window on the browser's own <dialog>: focus stays inside, Escape closes it, the page behind is inert.

/** A button of a window or bar; `kind` is "", "primary" or "danger". */
function action(label, act, kind = "") {
  const node = h("button", {type: "button", class: `btn ${kind}`}, label)
  node.addEventListener("click", act)
  return node
}

/**
 * A window to be appended to the component's element.
 * `body`: a node; `actions`: buttons at its foot, the one that matters last; `mayClose()`: false keeps it open;
 * `onClose()`: called whenever it has closed. `tell(message, tone)` says something above the buttons.
 */
function modal({title, body, actions = [], wide = false, mayClose = () => true, onClose = () => {}}) {
  const heading = h("h2", {dir: "auto", id: "dialog-title"}, text(title))
  const cross = h("button", {type: "button", class: "icon-btn", "aria-label": say("Close"), title: say("Close")}, icon("close"))
  const inside = h("div", {class: "body"}, body), foot = h("footer", null, ...actions)
  const said = h("p", {class: "said", role: "alert"})
  const node = h("dialog", {class: `dialog ${wide ? "wide" : ""}`, "aria-labelledby": "dialog-title"},
    h("header", null, heading, cross), inside, said, foot, h("div", {class: "work", "aria-hidden": "true"}, h("i")))
  let pressed = null

  const ask = () => { if (mayClose()) node.close() }
  cross.addEventListener("click", ask)
  node.addEventListener("cancel", event => { event.preventDefault(); ask() })
  // A text that is selected past the edge of the window must not close it: the press counts too.
  node.addEventListener("pointerdown", event => { pressed = event.target })
  node.addEventListener("click", event => { if (event.target === node && pressed === node && outside(event, node)) ask() })
  node.addEventListener("close", () => onClose())
  // What is typed here is not for the page's shortcuts.
  node.addEventListener("keydown", event => event.stopPropagation())

  return {
    node,
    get isOpen() { return node.open },
    open(first) { if (!node.open) node.showModal(); (first || inside.querySelector("input, select, textarea, button"))?.focus() },
    close: () => node.close(),
    ask,
    retitle: words => { heading.textContent = text(words) },
    fill: (...nodes) => inside.replaceChildren(...nodes),
    buttons: (...nodes) => foot.replaceChildren(...nodes),
    tell(message, tone = "danger") { said.className = `said tone-${tone}`; said.textContent = text(message) },
    busy(on) { node.classList.toggle("busy", on); for (const button of foot.children) button.disabled = on },
  }
}

function outside({clientX, clientY}, node) {
  const box = node.getBoundingClientRect()
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom
}
