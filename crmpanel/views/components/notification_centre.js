// What others wrote about what one subscribes to.

const PROPS = ["unread", "items", "more", "busy", "settings", "outcome"]

export function render(ctx) {
  const {model, el} = ctx
  const send = event => model.send_msg(event)
  const {button, panel, count} = appPopover("bell", say("Notifications"), open => { if (open) { show(false); send({type: "open"}) } })
  const all = h("button", {type: "button", class: "btn"}, say("Mark all read"))
  const settings = h("button", {type: "button", class: "icon-btn", "aria-pressed": "false", title: say("Settings"), "aria-label": say("Settings")}, icon("settings"))
  const list = h("ul", {class: "news"})
  const none = h("p", {class: "none"})
  const older = h("button", {type: "button", class: "btn older"}, say("Show older"))
  const choices = h("div", {class: "choices", hidden: true})
  const status = h("p", {class: "outcome", role: "status"})
  const news = h("div", null, list, none, older)
  const live = h("span", {class: "vh", role: "status"})
  panel.append(h("header", null, h("h2", null, say("Notifications")), all, settings), news, choices)
  let last = null

  function draw(changed) {
    const has = name => !changed || changed.has(name)
    if (has("unread")) {
      const said = model.unread ? counted(model.unread) : say("Notifications")
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
    if (has("settings")) fill()
    if (has("settings") || has("outcome")) tell()
  }

  function fill() {
    const at = choices.getRootNode().activeElement?.name
    choices.replaceChildren(...model.settings.flatMap(group))
    if (at) fieldOf(at)?.focus()
  }

  /** Say beside a setting what came of it; one that was refused is as before, but for a text, which can be corrected. */
  function tell() {
    const {name, text: said} = model.outcome, field = fieldOf(name)
    status.textContent = text(said)
    status.className = `outcome tone-${toneOf(model.outcome) || "neutral"}`
    if (field) field.closest("label").after(status)
    else status.remove()
    if (field?.type === "select-one") field.value = text(itemOf(name).value)
    else if (field?.type === "checkbox") field.checked = Boolean(itemOf(name).value)
  }

  const counted = n => n === 1 ? say("1 unread notification") : say("{n} unread notifications", {n})
  const fieldOf = name => [...choices.querySelectorAll("[name]")].find(field => field.name === name)
  const itemOf = name => model.settings.flatMap(part => part.items).find(item => item.name === name)

  function show(chosen) {
    news.hidden = chosen
    choices.hidden = !chosen
    settings.setAttribute("aria-pressed", String(chosen))
  }

  const group = part => [h("h3", null, text(part.title)), ...part.items.map(choice)]

  function choice(item) {
    if (item.options || item.hint !== undefined) return worded(item)
    const box = h("input", {type: "checkbox", name: item.name, "data-stop": true})
    box.checked = Boolean(item.value)
    box.addEventListener("change", () => send({type: "choose", name: item.name, value: box.checked}))
    return h("label", {class: "choice"}, box, h("span", null, text(item.label)))
  }

  function worded(item) {
    const field = item.options
      ? h("select", {name: item.name, "data-stop": true}, ...item.options.map(option => h("option", {value: option.value}, text(option.label))))
      : h("input", {type: "text", name: item.name, placeholder: item.hint, "data-stop": true, autocomplete: "off", spellcheck: "false"})
    field.value = text(item.value)
    field.addEventListener("change", () => send({type: "choose", name: item.name, value: field.value}))
    return h("label", {class: "choice worded"}, h("span", null, text(item.label)), field, item.note ? h("small", null, text(item.note)) : null)
  }

  all.addEventListener("click", () => send({type: "read_all"}))
  older.addEventListener("click", () => send({type: "older"}))
  settings.addEventListener("click", () => show(choices.hidden))
  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(button, panel, live)
  draw()
}
