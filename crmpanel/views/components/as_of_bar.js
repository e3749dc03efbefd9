// The bar over a card as it was at a moment in the past, or the choice of such a moment.

const PROPS = ["past", "title", "note", "day", "most", "pattern", "steps", "present", "asked"]
const DAY = "2000-01-01" // what the pattern has in place of the day

export function render(ctx) {
  const {model, el} = ctx
  const title = h("strong", {dir: "auto"})
  const note = h("span", {class: "note", dir: "auto"})
  const steps = h("span", {class: "steps"})
  const input = h("input", {type: "date", "aria-label": say("Day"), required: true, min: "0001-01-01"})
  const show = h("button", {type: "submit", class: "btn"}, say("Show"))
  const form = h("form", {class: "choose"}, input, show)
  const close = h("button", {type: "button", class: "icon-btn", "aria-label": say("Close"), title: say("Close")}, icon("close"))
  const end = h("span", {class: "end"})
  const words = h("span", {class: "words", role: "status"}, title, note)
  const root = h("section", {class: "bar", "aria-label": say("The past")}, icon("clock"), words, steps, form, end, close)
  const go = h("a", {"data-nav": "", class: "vh", tabindex: "-1", "aria-hidden": "true"})
  root.append(go)

  form.addEventListener("submit", event => {
    event.preventDefault()
    const href = input.value && safeHref(text(model.pattern).replace(DAY, input.value))
    if (!href) return
    go.setAttribute("href", href)
    go.click()
  })
  close.addEventListener("click", () => model.send_msg({type: "close"}))
  root.addEventListener("keydown", event => { if (event.key === "Escape" && !model.past) model.send_msg({type: "close"}) })

  function draw(changed) {
    root.hidden = !model.past && !model.asked
    root.classList.toggle("past", model.past)
    title.textContent = text(model.title)
    note.textContent = text(model.note)
    steps.replaceChildren(...model.steps.map(step))
    input.value = text(model.day)
    input.max = text(model.most)
    const back = model.past && link({href: model.present}, say("Back to today"))
    end.replaceChildren(...(back ? [back] : []))
    if (back) back.classList.add("btn")
    close.hidden = model.past
    if (changed?.has("asked") && model.asked) input.focus()
  }

  /** A step to another change; one that leads nowhere stays, so that the others keep their place. */
  function step(item) {
    const arrow = icon(item.back ? "left" : "right")
    const words = item.back ? [arrow, text(item.label)] : [text(item.label), arrow]
    const anchor = link(item, ...words) || h("span", {"aria-disabled": "true"}, ...words)
    anchor.classList.add("step")
    anchor.title = text(item.note)
    return anchor
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root)
  draw()
}
