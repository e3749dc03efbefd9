// Groups of label and value pairs: the side panel and the Fields tab.

const PROPS = ["panels", "layout", "collapsible", "label"]
const KEPT = "crm-side-folded"

export function render(ctx) {
  const {model, el} = ctx
  const root = h("div")
  const status = h("div", {class: "vh", role: "status"})

  const fold = h("button", {type: "button", class: "fold"})
  fold.addEventListener("click", () => setFolded(!root.hidden, true))

  function setFolded(folded, remember) {
    root.hidden = folded
    el.getRootNode().host?.classList.toggle("folded", folded)
    fold.setAttribute("aria-expanded", String(!folded))
    fold.title = folded ? say("Show: {panel}", {panel: model.label}) : say("Hide: {panel}", {panel: model.label})
    if (remember) try { localStorage.setItem(KEPT, folded ? "1" : "0") } catch { /* private window */ }
  }

  function startFolded() {
    let kept = null
    try { kept = localStorage.getItem(KEPT) } catch { /* private window */ }
    return kept === null || innerWidth <= 900 ? innerWidth <= 900 : kept === "1"
  }

  function draw() {
    fold.hidden = !model.collapsible
    fold.replaceChildren(h("span", null, text(model.label)), icon("right"))
    root.className = `panels ${model.layout}`
    root.replaceChildren(...model.panels.map(panel))
  }

  function panel({title, note, fields}) {
    const head = title || note
      ? h("header", null, title ? h("h3", {dir: "auto"}, text(title)) : "", note ? h("span", {class: "note"}, bdi(note)) : "")
      : ""
    return h("section", null, head, h("dl", null, ...(fields || []).map(field)))
  }

  function field(item) {
    return h("div", null, h("dt", null, bdi(item.label)), valueOf(item, status))
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(fold, root, status)
  draw()
  if (model.collapsible) setFolded(startFolded(), false)
}
