// Helpers every component is bundled with (see bundle.py). Data reaches the page through textContent and setAttribute only.

const SVG_NS = "http://www.w3.org/2000/svg"
const ICONS = {
  up: "M8 13V3.5M4 7.2 8 3.2l4 4",
  down: "M8 3v9.5M4 8.8l4 4 4-4",
  sort: "M5.2 6.2 8 3.4l2.8 2.8M5.2 9.8 8 12.6l2.8-2.8",
  left: "M10 3.5 5.5 8l4.5 4.5",
  right: "M6 3.5 10.5 8 6 12.5",
  external: "M6.5 3.5h-3v9h9v-3M9 3.5h3.5V7M12.2 3.8 7.5 8.5",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  check: "M3.2 8.6 6.4 11.8 12.8 4.6",
  close: "M4 4l8 8M12 4l-8 8",
  search: "M7 12.2A5.2 5.2 0 1 0 7 1.8a5.2 5.2 0 0 0 0 10.4ZM11 11l3.4 3.4",
  list: "M5.500 4h8M5.500 8h8M5.500 12h8M2.500 4h.1M2.500 8h.1M2.500 12h.1",
  inbox: "M2 9.5 4 3h8l2 6.5V13H2zM2 9.5h3.6c.2 1.4 1.100 2 2.400 2s2.200-.6 2.400-2H14",
  chart: "M2.5 13.5h11M4.500 11V8M8 11V3M11.500 11V6",
  plus: "M8 3v10M3 8h10",
  pencil: "M10.6 2.900 13.100 5.400 5.600 12.900 2.500 13.500 3.100 10.400zM9.200 4.300l2.500 2.500",
  person: "M8 8a2.800 2.800 0 1 0 0-5.600A2.800 2.800 0 0 0 8 8ZM2.800 13.600a5.300 5.300 0 0 1 10.400 0",
  chevron: "M4.500 6.300 8 9.800l3.500-3.500",
  trash: "M2.800 4.300h10.400M6.300 4V2.500h3.400V4M4.200 4.300l.6 9.200h6.400l.6-9.200M6.800 7v4M9.200 7v4",
  merge: "M4 2.500v2.300c0 2.200 4 2.200 4 5v3.700M12 2.500v2.300c0 2.200-4 2.200-4 5M5.800 11.400 8 13.600l2.200-2.200",
  link: "M6.800 9.200a2.600 2.600 0 0 0 3.700 0l2.300-2.300a2.600 2.600 0 0 0-3.700-3.700l-.9.9M9.200 6.800a2.600 2.600 0 0 0-3.700 0L3.200 9.100a2.600 2.600 0 0 0 3.700 3.700l.9-.9",
  undo: "M5.5 3 2.500 6l3 3M2.800 6h6.200a4 4 0 0 1 0 8H6",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.800V8l2.200 1.500",
  star: "M8 2.200 9.800 6l4.200.5-3.100 2.800.9 4.100L8 11.300l-3.800 2.100.9-4.100L2 6.500 6.200 6z",
  bell: "M8 2.200a3.700 3.700 0 0 1 3.700 3.700c0 3.300 1.500 4.300 1.500 4.900H2.800c0-.6 1.500-1.600 1.500-4.900A3.700 3.700 0 0 1 8 2.200ZM6.600 13.200a1.500 1.500 0 0 0 2.800 0",
  settings: "M2.200 5h5.600M11.200 5h2.600M9.500 6.700a1.700 1.700 0 1 0 0-3.400 1.700 1.700 0 0 0 0 3.400ZM2.200 11h2.600M8.200 11h5.600M6.500 12.700a1.700 1.700 0 1 0 0-3.400 1.700 1.700 0 0 0 0 3.400Z",
  task: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.400 8.200l1.800 1.800 3.400-3.800",
  calendar: "M2.500 3.800h11v9.700h-11zM2.500 6.800h11M5.300 2.200v3M10.700 2.200v3",
  mail: "M2 3.800h12v8.400H2zM2.300 4.200 8 8.800l5.700-4.600",
  offer: "M4 1.800h5.500l3 3v9.400H4zM9.300 2v3h3M6 8h4.500M6 10.800h4.500",
  document: "M4 1.800h5.500l3 3v9.400H4zM9.300 2v3h3",
  box: "M8 1.800 13.800 4.600v6.800L8 14.200 2.200 11.400V4.600zM2.400 4.700 8 7.400l5.600-2.700M8 7.400v6.700",
  support: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 10.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600ZM3.800 3.800l2.500 2.500M9.700 9.700l2.500 2.500M12.200 3.800 9.700 6.300M6.300 9.700l-2.500 2.500",
  pin: "M6 2h4l-.5 4.500 2.500 2.300V10H4V8.800l2.500-2.300zM8 10v4.200",
  dot: "M8 9.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Z",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.400v3.600M8 5v.2",
  warning: "M8 2.300 14.400 13.500H1.600zM8 6.500v3.300M8 11.500v.2",
}

/** A message in the visitor's language, its `{slots}` filled; the page lists the translations. */
const say = (message, values) => String((window.crmWords || {})[message] || message)
  .replace(/\{(\w+)\}/g, (slot, key) => values && key in values ? text(values[key]) : slot)

const text = value => value === null || value === undefined ? "" : String(value)

/** Call `act` when a button is pressed. The second click of a double click is no press: it could hit what has moved there. */
const onPress = (button, act) => button.addEventListener("click", event => { if (event.detail < 2) act(event) })

/** Create an element: attributes by setAttribute, children as nodes or text nodes. */
function h(tag, attrs, ...children) {
  const node = document.createElement(tag)
  for (const [key, value] of Object.entries(attrs || {})) {
    if (value === null || value === undefined || value === false) continue
    node.setAttribute(key, value === true ? "" : String(value))
  }
  for (const child of children) if (child !== null && child !== undefined) node.append(child)
  return node
}

function icon(name) {
  const svg = document.createElementNS(SVG_NS, "svg")
  const path = document.createElementNS(SVG_NS, "path")
  for (const [key, value] of [["viewBox", "0 0 16 16"], ["class", "icon"], ["aria-hidden", "true"]]) svg.setAttribute(key, value)
  path.setAttribute("d", ICONS[name])
  svg.append(path)
  return svg
}

/** Data as an isolated run of text, so that a right-to-left override inside it cannot leak out. */
const bdi = (value, className) => h("bdi", {class: className}, text(value))
const hidden = value => h("span", {class: "vh"}, value)

/** The href when it is safe to put on an anchor, else null. */
function safeHref(href) {
  // Browsers drop control characters and turn \ into /, so "java\nscript:" and "/\evil" are refused outright.
  if (typeof href !== "string" || /[\u0000-\u001f\u007f\\]/.test(href)) return null
  if (href.startsWith("?")) return location.pathname + href
  if (href.startsWith("/")) return href.startsWith("//") ? null : href
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(href)) return null
  try { new URL(href) } catch { return null }
  return href
}

/** An anchor holding `children` when `item.href` is safe, else null. Internal links are left to the Router. */
function link(item, ...children) {
  const href = safeHref(item.href)
  if (href === null) return null
  const a = h("a", {href}, ...children)
  if (/^https?:/i.test(href) || item.external) {
    a.target = "_blank"
    a.rel = "noopener noreferrer"
    a.referrerPolicy = "no-referrer"
    a.append(icon("external"), hidden(` (${say("opens in a new tab")})`))
  } else if (href.startsWith("/")) {
    a.setAttribute("data-nav", "")
  }
  return a
}

/** Functions that are asked, with the address, before Back or Forward leave what is shown; any may refuse. */
const LEAVING = window.crmLeaving ??= new Set()

const TONES = new Set(["neutral", "info", "success", "warning", "danger"])
const toneOf = item => TONES.has(item.tone) ? item.tone : null
const chip = item => h("span", {class: `chip tone-${toneOf(item) || "neutral"}`, title: text(item.title) || text(item.text)}, bdi(item.text))

/** The value of a field as a <dd>; blanks show a dash. */
function valueOf(item, status) {
  const blank = text(item.text) === ""
  const dd = h("dd", {title: item.title ? text(item.title) : null, class: blank ? "blank" : null})
  if (blank) dd.append(h("span", {"aria-hidden": "true"}, "–"), hidden(say("empty")))
  else {
    const inner = toneOf(item) ? chip(item) : bdi(item.text)
    dd.append(item.href ? link(item, inner) || inner : inner)
    if (item.copy) dd.append(copyButton(item, status))
  }
  if (item.note) dd.append(h("small", null, bdi(item.note)))
  return dd
}

/** A button that copies a field, whole where its text is shortened; `status` is the live region that says so. */
function copyButton(item, status) {
  const name = say("Copy {field}", {field: item.label})
  const button = h("button", {type: "button", class: "copy icon-btn", title: name, "aria-label": name}, icon("copy"))
  button.addEventListener("click", async () => {
    const done = await copy(text(item.whole || item.text), status)
    status.textContent = done ? say("{field} copied", {field: item.label}) : say("Copying was refused by the browser")
    if (!done) return
    button.replaceChildren(icon("check"))
    button.classList.add("done")
    setTimeout(() => { button.replaceChildren(icon("copy")); button.classList.remove("done") }, 1200)
  })
  return button
}

async function copy(value, beside) {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    // The clipboard API needs https or localhost; a selected text area works everywhere.
    const area = h("textarea", {class: "vh", "aria-hidden": "true"})
    area.value = value
    beside.after(area)
    area.select()
    const done = document.execCommand("copy")
    area.remove()
    return done
  }
}

const SHEETS = new Map()
function adopt(root, css) {
  if (!SHEETS.has(css)) {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    SHEETS.set(css, sheet)
  }
  const sheet = SHEETS.get(css)
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
}

function addTokens() {
  if (document.getElementById("crm-tokens")) return
  document.head.append(h("style", {id: "crm-tokens"}, TOKENS))
}

/**
 * Start a component: tokens, styles, one coalesced `draw(changed)` per batch of Python changes.
 * Returns an AbortSignal for listeners on document or window; it fires when the view goes away.
 */
function mount({model, el, view}, css, props, draw) {
  view.crmLife?.abort()
  const life = view.crmLife = new AbortController()
  addTokens()
  adopt(view.shadow_el, SHARED_CSS)
  adopt(view.shadow_el, css)
  el.classList.add("crm")
  let changed = null
  const flush = () => {
    const batch = changed
    changed = null
    if (!life.signal.aborted) draw(batch)
  }
  for (const prop of props) {
    model.on(prop, () => {
      if (changed === null) { changed = new Set(); queueMicrotask(flush) }
      changed.add(prop)
    })
  }
  model.on("remove", () => life.abort())
  return life.signal
}

/** Make Left/Right (or Up/Down), Home and End move focus over `items()`. */
function arrowKeys(event, items, previous, next) {
  const step = {[previous]: -1, [next]: 1}[event.key]
  const list = items()
  const at = list.indexOf(event.target)
  let to = step ? at + step : event.key === "Home" ? 0 : event.key === "End" ? list.length - 1 : -1
  if (event.ctrlKey || event.metaKey || event.altKey || at < 0 || !list[to]) return false
  event.preventDefault()
  list[to].focus()
  return true
}
