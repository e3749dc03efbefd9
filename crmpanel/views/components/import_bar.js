// The foot of an import: how far it is, or what comes next.

const PROPS = ["work", "text", "actions"]

export function render(ctx) {
  const {model, el} = ctx
  const words = h("p", {dir: "auto"}), detail = h("p", {class: "detail"}), fill = h("i")
  const track = h("div", {class: "track", role: "progressbar", "aria-label": say("Import"), "aria-valuemin": "0", "aria-valuemax": "100"}, fill)
  const buttons = h("div", {class: "buttons"})
  const status = h("div", {class: "vh", role: "status"})
  const root = h("div", {class: "bar inputs", role: "region", "aria-label": say("Next step")}, h("div", {class: "words"}, words, detail), buttons, track)
  let said = ""

  function draw() {
    const work = model.work, busy = Boolean(work.text)
    root.hidden = !busy && !model.actions.length && !model.text
    words.textContent = busy ? text(work.text) : text(model.text)
    detail.textContent = busy ? text(work.detail) : ""
    detail.hidden = !detail.textContent
    track.hidden = !busy
    const percent = Math.floor((work.done || 0) * 100)
    fill.style.width = `${percent}%`
    track.setAttribute("aria-valuenow", percent)
    tell(busy ? `${text(work.text)}, ${Math.floor(percent / 25) * 25} %` : text(model.text))
    const key = JSON.stringify(busy ? [Boolean(work.cancel)] : model.actions)
    if (key === buttons.dataset.key) return
    const had = el.getRootNode().activeElement?.dataset.name
    buttons.dataset.key = key
    buttons.replaceChildren(...busy ? (work.cancel ? [cancel()] : []) : model.actions.map(action))
    if (had) buttons.querySelector("button:not(:disabled):last-child")?.focus()
  }

  /** Said aloud in quarters, not at every step. */
  function tell(message) { if (message !== said) { said = message; status.textContent = message } }

  function cancel() {
    const node = h("button", {type: "button", class: "btn", "data-name": "cancel"}, say("Cancel"))
    node.addEventListener("click", () => { node.disabled = true; model.send_msg({type: "cancel"}) })
    return node
  }

  function action({name, label, primary, disabled}) {
    const node = h("button", {type: "button", class: `btn ${primary ? "primary" : ""}`, disabled, "data-name": text(name)}, text(label))
    node.addEventListener("click", () => model.send_msg({type: "act", name}))
    return node
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root, status)
  draw()
}
