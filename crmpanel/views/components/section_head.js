// The heading of a short list: title, count, and the way to the whole list.

const PROPS = ["title", "count", "link", "href"]

export function render(ctx) {
  const {model, el} = ctx
  const title = h("h2", {dir: "auto"})
  const count = h("span", {class: "count"})
  const slot = h("span", {class: "more"})

  function draw() {
    title.textContent = model.title
    count.textContent = model.count
    count.hidden = !model.count
    slot.replaceChildren(link({href: model.href}, model.link) || button())
  }

  function button() {
    const plain = h("button", {type: "button"}, model.link)
    plain.addEventListener("click", () => model.send_msg({type: "select"}))
    return plain
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(h("header", {class: "section-head"}, title, count, slot))
  draw()
}
