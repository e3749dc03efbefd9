// One's own: favourites, saved lists, recently viewed.

const PROPS = ["groups", "busy"]

export function render(ctx) {
  const {model, el} = ctx
  const {button, panel} = appPopover("star", say("Favourites"), open => { if (open) model.send_msg({type: "open"}) })
  const body = h("div", null)
  panel.append(body)

  function draw() {
    panel.setAttribute("aria-busy", String(model.busy))
    const focused = panel.getRootNode().activeElement?.dataset?.key
    body.replaceChildren(...(model.busy && !model.groups.length ? [h("p", {class: "none"}, say("Loading …"))] : model.groups.flatMap(group)))
    if (focused) [...body.querySelectorAll("[data-key]")].find(node => node.dataset.key === focused)?.focus()
  }

  const group = item => [
    h("h3", null, text(item.title)),
    item.items.length ? h("ul", null, ...item.items.map(entry)) : h("p", {class: "none"}, text(item.empty)),
  ]

  function entry(item) {
    const words = [h("span", {class: "name"}, bdi(item.text)), item.note ? h("small", null, bdi(item.note)) : null].filter(Boolean)
    const anchor = link({href: item.href}, ...words) || h("span", null, ...words)
    anchor.setAttribute("data-stop", "")
    anchor.dataset.key = text(item.key)
    return h("li", null, anchor, ...(item.buttons || []).map(tool => act(tool, item)))
  }

  function act(tool, item) {
    const label = `${text(tool.label)}: ${text(item.text)}`
    const node = h("button", {type: "button", class: "icon-btn", title: text(tool.label), "aria-label": label, "aria-pressed": tool.pressed === undefined ? null : String(Boolean(tool.pressed))}, icon(tool.icon))
    const on = tool.pressed === undefined ? {} : {on: !tool.pressed}
    onPress(node, () => model.send_msg({type: "act", name: tool.name, key: item.key, ...on}))
    return node
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(button, panel)
  draw()
}
