// The head of a card: where we are, who this is, and its key figures.

const PROPS = ["crumbs", "title", "subtitle", "chips", "facts", "avatar", "actions", "buttons", "tools"]
const LEGAL_FORMS = /^(as|asa|ab|a\/s|aps|oy|oyj|hf|ehf|gmbh|ag|ltd|inc|llc|sa|bv|nv|kb|hb|ans|da|the|og|och|&)$/i

/** A stable hue per name, spread by the golden angle so that neighbours differ. */
function hueOf(name) {
  let hash = 0
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) >>> 0
  return (hash * 137.508) % 360
}

/** First letters of the first two words that mean something; combining marks stripped. */
function initials(name) {
  const words = name.normalize("NFD").replace(/\p{M}/gu, "").match(/[\p{L}\p{N}][\p{L}\p{N}'’/.]*/gu) || []
  const meaning = words.filter(word => !LEGAL_FORMS.test(word))
  return (meaning.length ? meaning : words).slice(0, 2).map(word => [...word][0]).join("").toUpperCase() || "·"
}

export function render(ctx) {
  const {model, el} = ctx
  const crumbs = h("nav", {class: "crumbs", "aria-label": say("Breadcrumb")})
  const avatar = h("span", {class: "avatar", "aria-hidden": "true"})
  const title = h("h1", {dir: "auto", tabindex: "-1"})
  const subtitle = h("p", {class: "subtitle", dir: "auto"})
  const chips = h("span", {class: "chips"})
  const facts = h("dl", {class: "facts"})
  const status = h("span", {class: "vh", role: "status"})
  const menu = actionMenu(status, name => model.send_msg({type: "action", name}))
  const buttons = h("div", {class: "buttons"})
  const tools = toolStrip(status, event => model.send_msg(event))
  const root = h("header", {class: "head"}, h("div", {class: "top"}, crumbs, tools.node, buttons, menu.node),
    h("div", {class: "main"}, h("div", {class: "who"}, avatar, h("div", {class: "names"}, h("div", {class: "line"}, title, chips), subtitle)), facts), status)

  function draw(changed) {
    if (!changed || changed.has("actions")) menu.show(model.actions)
    if (!changed || changed.has("tools")) tools.show(model.tools)
    const name = text(model.title)
    crumbs.hidden = !model.crumbs.length
    crumbs.replaceChildren(h("ol", null, ...model.crumbs.map(crumb)))
    avatar.hidden = !model.avatar
    avatar.textContent = initials(name)
    avatar.style.setProperty("--hue", hueOf(name))
    title.textContent = name
    title.title = name.length > 60 ? name : ""
    subtitle.textContent = text(model.subtitle)
    subtitle.title = text(model.subtitle)
    subtitle.hidden = !model.subtitle
    chips.replaceChildren(...model.chips.map(chip))
    facts.hidden = !model.facts.length
    facts.replaceChildren(...model.facts.map(fact))
    buttons.hidden = !model.buttons.length
    buttons.replaceChildren(...model.buttons.map(button))
  }

  const crumb = item => h("li", {title: text(item.text)}, link(item, bdi(item.text)) || bdi(item.text))

  function button(item) {
    const anchor = link(item, text(item.label))
    if (anchor) anchor.classList.add("btn")
    if (anchor) return anchor
    const node = h("button", {type: "button", class: `btn ${item.primary ? "primary" : ""}`}, text(item.label))
    node.addEventListener("click", () => { node.disabled = true; model.send_msg({type: "action", name: item.name}) })
    return node
  }

  function fact(item) {
    const tone = toneOf(item)
    const value = h("dd", {class: tone ? `tone-${tone} toned` : null, title: text(item.value)}, link(item, bdi(item.value)) || bdi(item.value))
    return h("div", null, h("dt", {title: text(item.label)}, bdi(item.label)), value)
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root)
  draw()
}
