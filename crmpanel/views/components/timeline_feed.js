// The merged feed of a card: entries are keyed and kept, so that focus and scroll survive what others write.

const PROPS = ["label", "items", "kinds", "people", "changes", "search", "filtered", "foot", "busy", "empty"]
const GHOSTS = [58, 74, 46, 66]

export function render(ctx) {
  const {model, el} = ctx
  const root = () => el.getRootNode()
  const filters = timelineFilters(model, root)
  const title = h("h2", {dir: "auto"})
  const feed = h("ol", {class: "feed"})
  const empty = h("div", {class: "empty", hidden: true})
  const told = h("span", {class: "told"})
  const older = h("button", {type: "button", class: "btn", "data-more": "older"})
  const foot = h("div", {class: "foot"}, told, older)
  const bar = h("div", {class: "bar", "aria-hidden": "true"}, h("i"))
  const status = h("div", {class: "vh", role: "status"})
  const frame = h("div", {class: "frame"}, bar, feed, empty, foot)
  const section = h("section", {class: "timeline"}, h("header", {class: "top"}, title, filters.node), frame, status)
  let kept = new Map() // key -> {node, was}
  let moved = null // key of the entry whose pin was pressed: it moves, and the focus with it

  function draw(changed) {
    title.textContent = text(model.label)
    section.setAttribute("aria-label", text(model.label))
    filters.draw(changed)
    if (!changed || changed.has("items")) drawItems()
    drawState(changed)
  }

  function drawItems() {
    const focus = held(), next = new Map(), nodes = []
    for (const item of model.items) {
      const key = text(item.key), was = JSON.stringify(item), known = kept.get(key)
      const node = known && known.was === was ? known.node : drawItem(item)
      next.set(key, {node, was})
      nodes.push(node)
    }
    kept = next
    let at = feed.firstChild
    for (const node of nodes) {
      if (node === at) at = at.nextSibling
      else feed.insertBefore(node, at)
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove() }
    giveBack(focus)
  }

  /** Which entry has the focus, and what of it. */
  function held() {
    const active = root().activeElement, li = active?.closest?.("li[data-key]")
    if (!li || !feed.contains(li)) return null
    return {key: li.dataset.key, role: active.classList.contains("pin") ? ".pin" : active.classList.contains("main") ? ".main" : "button"}
  }

  function giveBack(focus) {
    if (!focus || feed.contains(root().activeElement)) return
    const role = focus.key === moved ? ".pin" : focus.role
    kept.get(focus.key)?.node.querySelector(role)?.focus({preventScroll: true})
    moved = null
  }

  function drawItem(item) {
    const li = {head, entry, fold, more}[item.type]?.(item) || h("li")
    li.dataset.key = text(item.key)
    return li
  }

  function head({text: words, count, icon: shape}) {
    return h("li", {class: "head"}, h("h3", null, shape ? icon(knownIcon(shape)) : null, bdi(words), count ? h("span", {class: "count"}, text(count)) : null))
  }

  function fold({text: words, open}) {
    const button = h("button", {type: "button", class: "fold", "aria-expanded": String(Boolean(open)), "data-fold": ""}, icon("chevron"), bdi(words))
    return h("li", {class: "folded"}, button)
  }

  function more({text: words, part}) {
    return h("li", {class: "further"}, h("button", {type: "button", class: "link", "data-more": text(part)}, text(words)))
  }

  function entry(item) {
    const name = bdi(item.title)
    let main = link({href: item.href}, name)
    if (!main && item.open) main = h("button", {type: "button", class: "link", "data-open": ""}, name)
    main = main || h("span", null, name)
    main.classList.add("main")
    const side = h("span", {class: "side"}, item.amount ? h("b", null, bdi(item.amount)) : null, item.status?.text ? chip(item.status) : null)
    const first = h("div", {class: "first"}, main, side.childNodes.length ? side : null)
    const meta = h("p", {class: "meta"}, ...parts(item))
    const body = h("div", {class: "body"}, first, meta, item.changes?.length ? changesOf(item.changes) : null,
      item.text ? h("p", {class: "text", dir: "auto"}, text(item.text)) : null)
    const shape = h("span", {class: "shape", title: text(item.kind)}, icon(knownIcon(item.icon)), hidden(text(item.kind)))
    return h("li", {class: `entry${item.minor ? " minor" : ""}${item.pinned ? " pinned" : ""}`}, shape, body, pinOf(item))
  }

  function parts({when, meta}) {
    const item = when !== null && typeof when === "object" ? when : {text: when}
    const date = h("span", {class: toneOf(item) ? `tone tone-${toneOf(item)}` : "when"}, bdi(item.text))
    if (item.note) date.append(" ", h("small", null, bdi(item.note)))
    const rest = (meta || []).map(one => {
      const inner = bdi(one.text)
      const node = (one.href ? link(one, inner) : null) || h("span", null, inner)
      if (one.title) node.title = text(one.title)
      return node
    })
    return (text(item.text) ? [date, ...rest] : rest)
  }

  function changesOf(changes) {
    return h("ul", {class: "changes"}, ...changes.map(({label, old, new: now}) => h("li", null, h("span", null, bdi(label)), " ",
      h("del", null, bdi(old || say("empty"))), h("span", {class: "arrow", "aria-label": say("became")}, " → "), h("ins", null, bdi(now || say("empty"))))))
  }

  function pinOf({pinned, title: name}) {
    if (pinned === undefined || pinned === null) return null
    const label = pinned ? say("Unpin") : say("Pin to the top")
    return h("button", {type: "button", class: "pin icon-btn", title: label, "aria-label": `${label}: ${text(name)}`, "aria-pressed": String(Boolean(pinned))}, icon("pin"))
  }

  function drawState(changed) {
    const none = !model.items.length
    section.classList.toggle("busy", model.busy)
    feed.setAttribute("aria-busy", String(model.busy))
    if (none && model.busy) feed.replaceChildren(...GHOSTS.map(ghost))
    empty.hidden = !none || model.busy
    if (!empty.hidden) drawEmpty()
    told.textContent = text(model.foot.text)
    older.textContent = text(model.foot.more)
    older.hidden = !model.foot.more
    foot.hidden = none || (!model.foot.text && !model.foot.more)
    if (changed?.has("foot") && !model.busy) status.textContent = text(model.foot.text)
  }

  function ghost(width) {
    const line = size => { const i = h("i"); i.style.width = `${size}%`; return i }
    return h("li", {class: "entry ghost", "aria-hidden": "true"}, h("span", {class: "shape"}), h("div", {class: "body"}, line(width), line(width / 2)))
  }

  function drawEmpty() {
    const {title: words, text: reason, action} = model.empty
    empty.replaceChildren(icon("clock"), h("strong", {dir: "auto"}, text(words) || say("Nothing here yet")), reason ? h("p", {dir: "auto"}, text(reason)) : "",
      action ? h("button", {type: "button", class: "btn", "data-clear": ""}, bdi(action)) : "")
  }

  function onClick(event) {
    const at = selector => event.target.closest(selector)
    const key = at("li[data-key]")?.dataset.key
    if (at("[data-clear]")) return model.send_msg({type: "clear"})
    if (at("[data-more]")) return model.send_msg({type: "more", part: at("[data-more]").dataset.more})
    if (at("[data-fold]")) return model.send_msg({type: "fold", key})
    if (at("[data-open]")) return model.send_msg({type: "open", key})
    const pin = at(".pin")
    if (pin && event.detail < 2) { moved = key; model.send_msg({type: "pin", key, on: pin.getAttribute("aria-pressed") !== "true"}) }
  }

  const titles = () => [...feed.querySelectorAll("a.main, button.main")]
  mount(ctx, CSS, PROPS, draw)
  frame.addEventListener("click", onClick)
  feed.addEventListener("keydown", event => arrowKeys(event, titles, "ArrowUp", "ArrowDown"))
  el.replaceChildren(section)
  draw(null)
}
