// What was just done, over everything else, with the way back.

const PROPS = ["notice"]
const STAYS = 12_000 // a notice that asks for nothing goes by itself; with a warning or a danger it stays

export function render(ctx) {
  const {model, el} = ctx
  let handled = model.notice.number, timer = null
  const words = h("span", {class: "words", dir: "auto"})
  const buttons = h("span", {class: "buttons"})
  const close = h("button", {type: "button", class: "icon-btn", title: say("Dismiss"), "aria-label": say("Dismiss")}, icon("close"))
  // In the top layer it is above an open window, and in a notebook outside the cell that it belongs to.
  const root = h("div", {class: "saying", popover: "manual", role: "status", "aria-live": "polite"}, words, buttons, close)

  function draw() {
    if (model.notice.number === handled) return
    handled = model.notice.number
    const {message, tone, actions, busy} = model.notice
    if (!message) return hide()
    root.className = `saying tone-${toneOf({tone}) || "neutral"} ${busy ? "busy" : ""}`
    words.textContent = text(message)
    buttons.replaceChildren(...(actions || []).map(button))
    hide()
    root.showPopover()
    wait()
  }

  function button(item, index) {
    const anchor = item.href ? link({href: item.href}, text(item.label)) : null
    if (anchor) { anchor.addEventListener("click", hide); return anchor }
    const node = h("button", {type: "button", class: "link"}, text(item.label))
    node.addEventListener("click", () => { hide(); model.send_msg({type: "action", index, number: handled}) })
    return node
  }

  const hide = () => { clearTimeout(timer); if (root.matches(":popover-open")) root.hidePopover() }
  const wait = () => {
    clearTimeout(timer)
    if (!["warning", "danger"].includes(model.notice.tone) && !model.notice.busy) timer = setTimeout(hide, STAYS)
  }
  close.addEventListener("click", hide)
  for (const name of ["pointerenter", "focusin"]) root.addEventListener(name, () => clearTimeout(timer))
  for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, wait)
  const signal = mount(ctx, CSS, PROPS, draw)
  signal.addEventListener("abort", () => clearTimeout(timer))
  el.replaceChildren(root)
  draw()
}
