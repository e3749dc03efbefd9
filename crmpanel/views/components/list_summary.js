// How many records, which filters, and the report: one line between filters and table.

const PROPS = ["count", "sentence", "clear", "links", "create"]

export function render(ctx) {
  const {model, el} = ctx
  const count = h("strong", {role: "status", "aria-live": "polite"})
  const sentence = h("span", {class: "sentence", dir: "auto"})
  const button = h("button", {type: "button", class: "clear"})
  const links = h("span", {class: "links"})
  button.addEventListener("click", () => model.send_msg({type: "clear"}))
  const create = h("button", {type: "button", class: "btn primary create"}, icon("plus"), h("span"))
  create.addEventListener("click", () => model.send_msg({type: "create"}))
  const root = h("div", {class: "summary"}, count, sentence, button, h("span", {class: "end"}, links, create))

  function draw() {
    if (count.textContent !== model.count) count.textContent = model.count
    sentence.textContent = model.sentence
    sentence.title = model.sentence
    sentence.hidden = button.hidden = !model.sentence
    button.replaceChildren(icon("close"), model.clear)
    create.hidden = !model.create
    create.lastChild.textContent = text(model.create)
    links.replaceChildren(...model.links.map(target))
  }

  function target(item) {
    const inside = [item.icon ? icon(item.icon) : "", text(item.label)]
    const anchor = link(item, ...inside)
    if (anchor) {
      anchor.title = text(item.title)
      return anchor
    }
    const plain = h("button", {type: "button", title: text(item.title)}, ...inside)
    plain.addEventListener("click", () => model.send_msg({type: "link", name: item.name}))
    return plain
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root)
  draw()
}
