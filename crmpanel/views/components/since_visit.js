// What others changed since the visitor was here last.

const PROPS = ["title", "items", "more", "href"]

export function render(ctx) {
  const {model, el} = ctx
  const title = h("h2", {dir: "auto"})
  const log = h("span", {class: "log"})
  const close = h("button", {type: "button", class: "icon-btn", title: say("Dismiss"), "aria-label": say("Dismiss")}, icon("close"))
  const list = h("ul", {class: "news"})
  const more = h("button", {type: "button", class: "btn"})
  const root = h("section", {class: "since", "aria-label": say("Since your last visit")}, h("header", null, icon("clock"), title, log, close), list, more)
  close.addEventListener("click", () => model.send_msg({type: "dismiss"}))
  more.addEventListener("click", () => model.send_msg({type: "more"}))

  function draw() {
    root.hidden = !model.items.length
    title.textContent = model.title
    log.replaceChildren(...[link({href: model.href}, say("Log"))].filter(Boolean))
    list.replaceChildren(...model.items.map(item => newsItem(item)))
    more.hidden = !model.more
    more.textContent = model.more
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root)
  draw()
}
