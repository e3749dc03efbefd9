// Messages above the page's content.

const PROPS = ["items"]

export function render(ctx) {
  const {model, el} = ctx
  const root = h("div", {class: "messages"})

  function draw() {
    root.replaceChildren(...model.items.map(message))
  }

  function message(item, index) {
    const tone = toneOf(item) || "info"
    const close = h("button", {type: "button", class: "icon-btn", "aria-label": say("Dismiss: {message}", {message: item.title}), title: say("Dismiss")}, icon("close"))
    close.addEventListener("click", () => model.send_msg({type: "dismiss", index}))
    const words = h("div", {class: "words"}, item.title ? h("strong", {dir: "auto"}, text(item.title)) : "", item.text ? h("p", {dir: "auto"}, text(item.text)) : "")
    const mark = icon({success: "check", warning: "warning", danger: "warning"}[tone] || "info")
    const act = item.action ? link(item, text(item.action)) || h("button", {type: "button"}, text(item.action)) : ""
    if (act) act.classList.add("link")
    if (act.tagName === "BUTTON") act.addEventListener("click", () => model.send_msg({type: "action", index}))
    return h("div", {class: `message tone-${tone}`, role: tone === "danger" || tone === "warning" ? "alert" : "status"}, mark, words, act, close)
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root)
  draw()
}
