// What others wrote about what one subscribes to.

const PROPS = ["unread", "items", "more", "busy", "settings", "outcome"]

export function render(ctx) {
  const {model, el} = ctx
  const send = event => model.send_msg(event)
  const {button, panel, count} = appPopover("bell", say("Notifications"), open => { if (open) { show(false); send({type: "open"}) } })
  const all = h("button", {type: "button", class: "btn"}, say("Mark all read"))
  const gear = h("button", {type: "button", class: "icon-btn", "aria-pressed": "false", title: say("Settings"), "aria-label": say("Settings")}, icon("gear"))
  const list = h("ul", {class: "news"})
  const none = h("p", {class: "none"})
  const older = h("button", {type: "button", class: "btn older"}, say("Show older"))
  const choices = h("div", {class: "choices", hidden: true})
  const status = h("p", {class: "outcome", role: "status"})
  const news = h("div", null, list, none, older)
  const live = h("span", {class: "vh", role: "status"})
  panel.append(h("header", null, h("h2", null, say("Notifications")), all, gear), news, choices)
  let last = null

  function draw(changed) {
    const has = name => !changed || changed.has(name)
    if (has("unread")) {
      const said = model.unread ? say("{n} unread notifications", {n: model.unread}) : say("Notifications")
      count(model.unread, said)
      if (last !== null && model.unread > last) live.textContent = said
      last = model.unread
      all.disabled = !model.unread
    }
    if (has("items") || has("busy") || has("more")) {
      const at = panel.getRootNode().activeElement?.closest("li")?.dataset.key
      list.replaceChildren(...model.items.map(item => newsItem(item, key => send({type: "read", key}))))
      none.hidden = model.items.length > 0
      none.textContent = model.busy ? say("Loading …") : say("Nothing yet. Subscribe to a card with its bell, and you are told here whenever others change something.")
      older.hidden = !model.more
      older.disabled = model.busy
      if (at) [...list.children].find(node => node.dataset.key === at)?.querySelector("[data-stop]")?.focus()
    }
    if (has("settings")) choices.replaceChildren(...model.settings.flatMap(group), status)
    if (has("outcome")) { status.textContent = text(model.outcome.text); status.className = `outcome tone-${toneOf(model.outcome) || "neutral"}` }
  }

  function show(settings) {
    news.hidden = settings
    choices.hidden = !settings
    gear.setAttribute("aria-pressed", String(settings))
  }

  const group = part => [h("h3", null, text(part.title)), ...part.items.map(choice)]

  function choice(item) {
    if (item.options || item.hint !== undefined) return worded(item)
    const box = h("input", {type: "checkbox", "data-stop": true})
    box.checked = Boolean(item.value)
    box.addEventListener("change", () => send({type: "choose", name: item.name, value: box.checked}))
    return h("label", {class: "choice"}, box, h("span", null, text(item.label)))
  }

  function worded(item) {
    const field = item.options
      ? h("select", {"data-stop": true}, ...item.options.map(option => h("option", {value: option.value}, text(option.label))))
      : h("input", {type: "text", placeholder: item.hint, "data-stop": true, autocomplete: "off", spellcheck: "false"})
    field.value = text(item.value)
    field.addEventListener("change", () => send({type: "choose", name: item.name, value: field.value}))
    return h("label", {class: "choice worded"}, h("span", null, text(item.label)), field)
  }

  all.addEventListener("click", () => send({type: "read_all"}))
  older.addEventListener("click", () => send({type: "older"}))
  gear.addEventListener("click", () => show(choices.hidden))
  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(button, panel, live)
  draw()
}
