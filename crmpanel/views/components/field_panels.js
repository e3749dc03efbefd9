// Groups of label and value pairs: what is known of a record, to be read.

const PROPS = ["panels", "layout"]

export function render(ctx) {
  const {model, el} = ctx
  const root = h("div")
  const status = h("div", {class: "vh", role: "status"})

  function draw() {
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
  el.replaceChildren(root, status)
  draw()
}
