// What an import did, and the way back.

const PROPS = ["shown", "file", "busy"]

export function render(ctx) {
  const {model, el} = ctx
  let filed = null, announced = ""
  const root = h("section", {class: "step inputs", "aria-label": say("Report"), tabindex: "-1"})
  const status = h("div", {class: "vh", role: "status"})

  function draw(changed) {
    const shown = model.shown
    if (model.file.number && model.file.number !== filed) {
      filed = model.file.number
      saveFile(model.file.name, model.file.text, "text/csv;charset=utf-8")
    }
    root.hidden = !shown.title
    root.inert = model.busy
    if (!shown.title) { announced = ""; return }
    if (changed && !changed.has("shown")) return
    const tone = toneOf(shown) || "success"
    const words = h("div", {class: "words"}, h("h2", {dir: "auto"}, text(shown.title)), h("p", {dir: "auto"}, text(shown.text)))
    const undo = h("button", {type: "button", class: "btn"}, icon("undo"), say("Undo the import"))
    undo.addEventListener("click", () => { undo.disabled = true; model.send_msg({type: "undo"}) })
    root.replaceChildren(h("div", {class: `done tone-${tone}`}, icon(tone === "success" ? "check" : "info"), words, ...(shown.undo ? [undo] : [])),
      countTable(shown.counts), h("div", {class: "actions"}, ...shown.links.map(item => link(item, bdi(item.text)) || bdi(item.text))), ...(shown.reject_text ? [rejects(shown)] : []))
    if (announced !== shown.title) { announced = shown.title; status.textContent = text(shown.title); root.scrollIntoView({block: "nearest"}) }
  }

  function rejects(shown) {
    const save = h("button", {type: "button", class: "btn"}, say("Save what could not be taken over"))
    save.addEventListener("click", () => model.send_msg({type: "rejects"}))
    return h("div", {class: "panel"}, h("div", {class: "inside"}, h("h3", null, bdi(shown.reject_text)), h("ul", {class: "rejects"}, ...shown.rejects.map(line => h("li", null, bdi(line)))),
      save, h("p", {class: "quiet"}, say("Correct the rows in that file and import it: they are put where they belong."))))
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root, status)
  draw(null)
}
