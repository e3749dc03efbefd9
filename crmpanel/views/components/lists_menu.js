// The lists across all organisations.

const PROPS = ["groups", "current"]

export function render(ctx) {
  const {model, el} = ctx
  const {button, panel} = appPopover("list", say("Lists"), () => {})
  const body = h("nav", {"aria-label": say("Lists")})
  button.append(h("span", {class: "word", "aria-hidden": "true"}, say("Lists")))
  panel.append(body)

  const draw = () => body.replaceChildren(...model.groups.map(group => h("ul", null, ...group.map(entry))))

  function entry(item) {
    const anchor = link(item, bdi(item.text))
    anchor.setAttribute("data-stop", "")
    if (item.name === model.current) anchor.setAttribute("aria-current", "page")
    return h("li", null, anchor)
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(button, panel)
  draw()
}
