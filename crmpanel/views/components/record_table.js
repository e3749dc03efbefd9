// A server-side paged table: rows are keyed by id and patched in place, so that focus and scroll survive an update.

const PROPS = ["columns", "rows", "busy", "empty", "label", "dense", "tickable", "ticks", "editing", "outcome", "choices", "users"]
// A chip would push these out of line with the plain values above and below.
const ALIGNED = /k-(date|datetime|time|money|number|integer|percent)\b/
const SKELETON_WIDTHS = [62, 84, 48, 72, 56, 90, 66, 78]

export function render(ctx) {
  const {model, el} = ctx
  let rendered = new Map() // row id -> {tr, key}
  let columnKey = null
  let blankRow = null
  let primaryAt = 0
  let kinds = []
  const folds = new Map()

  const headRow = h("tr", {role: "row"})
  const body = h("tbody", {role: "rowgroup"})
  const help = h("caption", {class: "vh"})
  const table = h("table", {role: "table"}, help, h("thead", {role: "rowgroup"}, headRow), body)
  const scroller = h("div", {class: "scroller"}, table)
  const bar = h("div", {class: "bar", "aria-hidden": "true"}, h("i"))
  const empty = h("div", {class: "empty", hidden: true})
  const status = h("div", {class: "vh", role: "status"})
  const keys = h("div", {class: "keys", "aria-hidden": "true"}, h("span", null,
    h("kbd", null, "↑"), h("kbd", null, "↓"), ` ${say("move")}  `, h("kbd", null, "Home"), h("kbd", null, "End"), ` ${say("first, last")}  `,
    h("kbd", null, "Enter"), ` ${say("open")}`))
  const more = (key, word) => keys.firstChild.append("  ", h("kbd", null, key), ` ${word}`)
  const records = () => [...body.querySelectorAll("tr:not(.group)")]
  const rowOf = node => model.rows[records().indexOf(node.closest("tr"))]
  const ticks = ticking({model, body, records, rowOf})
  const cells = cellEditing({model, el, records, rowOf, status})
  if (model.tickable) more(say("Space"), say("select"))
  if (model.tickable) more("F2", say("edit"))
  const frame = h("div", {class: "frame"}, bar, scroller, h("i", {class: "edge left"}), h("i", {class: "edge right"}), empty, keys)
  const root = h("section", {class: "table"}, frame, ticks.bar, status)

  function draw(changed) {
    if (!changed || changed.has("columns")) drawHead()
    if (!changed || changed.has("columns") || changed.has("rows")) drawRows()
    drawState(changed)
    if (!changed || changed.has("ticks")) ticks.draw()
    else if (changed.has("rows") || changed.has("columns")) ticks.drawBoxes()
    cells.draw(changed)
  }

  function drawHead() {
    const focused = el.getRootNode().activeElement?.dataset.sort
    const sorted = model.columns.filter(column => column.sort).length
    headRow.replaceChildren(...(model.tickable ? [ticks.head] : []), ...model.columns.map(column => headCell(column, sorted)))
    if (focused) headRow.querySelector(`[data-sort="${window.CSS.escape(focused)}"]`)?.focus()
  }

  function headCell(column, sorted) {
    const th = h("th", {scope: "col", role: "columnheader", class: classes(column)})
    if (!column.sortable) {
      th.append(bdi(column.label))
      return th
    }
    const order = {asc: "ascending", desc: "descending"}[column.sort]
    th.setAttribute("aria-sort", order || "none")
    if (order) th.classList.add("sorted")
    const tip = say("Sort by {column}", {column: column.label}) + (sorted ? ` (${say("Shift adds it to the current sorting")})` : "")
    const button = h("button", {type: "button", title: tip, "data-sort": column.name}, bdi(column.label),
      icon({asc: "up", desc: "down"}[column.sort] || "sort"))
    if (order && sorted > 1 && column.order) button.append(h("span", {class: "order"}, text(column.order)))
    th.append(button)
    return th
  }

  function drawRows() {
    for (const head of body.querySelectorAll("tr.group")) head.remove()
    const key = JSON.stringify(model.columns.map(({name, label, align, kind, primary, input}) => [name, label, align, kind, primary, input]))
    if (key !== columnKey) { rendered.clear(); blankRow = makeBlankRow() }
    columnKey = key
    const ids = uniqueIds(model.rows)
    const wanted = new Set(ids)
    for (const tr of [...body.children]) if (!wanted.has(tr.crmId) || !rendered.has(tr.crmId)) tr.remove()
    const next = new Map()
    let cursor = body.firstChild
    model.rows.forEach((row, at) => {
      const id = ids[at], key = JSON.stringify(row), known = rendered.get(id)
      let tr = known?.tr
      if (known?.key !== key) {
        tr = drawRow(row, id)
        const refocus = known && cells.held(known.tr)
        if (known) known.tr.replaceWith(tr)
        if (refocus) refocus(tr)
        if (known && known.tr === cursor) cursor = tr
      }
      next.set(id, {tr, key})
      if (tr === cursor) cursor = cursor.nextSibling
      else body.insertBefore(tr, cursor)
    })
    rendered = next
    headGroups(body, model.rows, model.columns.length, (row, at) => next.get(ids[at]).tr, folds, message => model.send_msg(message))
  }

  function uniqueIds(rows) {
    const seen = new Set()
    return rows.map((row, at) => { const id = seen.has(text(row.id)) ? `${at}:${row.id}` : text(row.id); seen.add(id); return id })
  }

  /** Everything that is the same in every row; cloning it is several times cheaper than building it. */
  function makeBlankRow() {
    primaryAt = Math.max(0, model.columns.findIndex(column => column.primary))
    kinds = model.columns.map(classes)
    return h("tr", {role: "row"}, ...(model.tickable ? [ticks.blank()] : []), ...model.columns.map((column, at) =>
      h("td", {class: kinds[at] + (column.input ? " can" : ""), role: at === primaryAt ? "rowheader" : "cell", dir: "auto",
        tabindex: column.input ? "-1" : null, "data-label": text(column.label)})))
  }

  function drawRow(row, id) {
    const tr = blankRow.cloneNode(true)
    tr.crmId = id
    tr.className = row.muted ? "muted" : row.news ? "news" : ""
    const first = tr.children[model.tickable ? 1 : 0]
    for (let at = 0, td = first; td; td = td.nextSibling, at++) drawCell(td, row, at)
    const main = tr.querySelector(".primary") || first
    if (main?.querySelector(".open")) tr.classList.add("opens")
    if (model.tickable) ticks.name(tr, main.textContent)
    if (row.news) (main || first).append(hidden(` (${text(row.news)})`))
    return tr
  }

  function drawCell(td, row, at) {
    const cell = row.cells[at]
    const item = cell !== null && typeof cell === "object" ? cell : {text: cell}
    const value = text(item.text)
    if (value === "" && !item.note && !item.act) { td.classList.add("blank"); return }
    const tone = toneOf(item)
    const inner = () => !tone ? bdi(value) : ALIGNED.test(kinds[at]) ? bdi(value, `tone tone-${tone}`) : chip(item)
    const content = open(row, item, at, inner)
    if (content) td.append(content)
    else if (tone) td.append(inner())
    else if (item.note) td.append(bdi(value))
    else td.textContent = value
    if (item.note) td.append(h("small", null, bdi(item.note)))
    if (item.act) td.append(actButton(item.act))
    if (item.title) td.title = text(item.title)
    else if (value.length > 24) td.title = value
  }

  function actButton({name, label, icon: shape, text: words}) {
    const attrs = {type: "button", title: text(label), "data-act": text(name)}
    if (words) return h("button", {...attrs, class: "row-act worded"}, icon(shape), text(words))
    return h("button", {...attrs, class: "row-act", "aria-label": text(label)}, icon(shape))
  }

  /** The link or button of a cell, or null when it opens nothing. */
  function open(row, item, at, inner) {
    const primary = at === primaryAt
    const own = item.href ? link(item, inner()) : null
    if (own) { own.classList.add("cell-link"); return own }
    let opener = null
    if (primary && row.href) opener = link({href: row.href}, inner())
    else if (item.open || (primary && row.open)) {
      opener = h("button", {type: "button", class: "link", "data-column": model.columns[at].name}, inner())
    }
    if (opener) opener.classList.add(primary ? "open" : "cell-link")
    return opener
  }

  function drawState(changed) {
    const none = model.rows.length === 0
    const label = text(model.label) || say("Records")
    table.setAttribute("aria-label", label)
    help.textContent = `${label}. ${say("Up and Down move between rows, Home and End go to the first and last, Enter opens.")}`
    table.setAttribute("aria-busy", String(model.busy))
    root.classList.toggle("dense", model.dense)
    root.classList.toggle("busy", model.busy)
    if (none && model.busy) body.replaceChildren(...skeleton())
    else if (none) body.replaceChildren()
    drawEmpty(none && !model.busy)
    if (changed?.has("rows") && !model.busy) status.textContent = none ? "" : say("{n} rows", {n: model.rows.length})
  }

  function skeleton() {
    const count = Math.max(1, model.columns.length)
    return SKELETON_WIDTHS.map((width, at) => h("tr", {class: "skeleton", "aria-hidden": "true"},
      ...(model.tickable ? [h("td", {class: "tick"})] : []), ...Array.from({length: count}, (_, i) => {
        const shade = h("i")
        shade.style.width = `${SKELETON_WIDTHS[(at + i) % 8] * (i ? .8 : 1)}%`
        return h("td", {class: classes(model.columns[i] || {})}, shade)
      })))
  }

  function drawEmpty(show) {
    empty.hidden = !show
    if (!show) return
    const {title, text: reason, action, link: other} = model.empty
    const button = action ? h("button", {type: "button", class: "btn", "data-action": ""}, bdi(action)) : null
    empty.replaceChildren(icon("inbox"), h("strong", {dir: "auto"}, text(title) || say("Nothing here yet")),
      reason ? h("p", {dir: "auto"}, text(reason)) : "", h("div", {class: "ways"}, button, other ? link(other, bdi(other.text)) : null))
  }

  function classes({kind, align, primary}) {
    const safe = /^[a-z_]+$/.test(kind || "") ? ` k-${kind}` : ""
    return (align === "end" ? "end" : "start") + safe + (primary ? " primary" : "")
  }

  function hintOverflow() {
    const room = scroller.scrollWidth - scroller.clientWidth
    root.classList.toggle("overflows", room > 1)
    root.classList.toggle("more-left", scroller.scrollLeft > 1)
    root.classList.toggle("more-right", room - scroller.scrollLeft > 1)
    // A box that scrolls must be reachable by keyboard.
    if (room > 1) scroller.tabIndex = 0
    else scroller.removeAttribute("tabindex")
  }

  function onClick(event) {
    if (ticks.onClick(event) || event.target.closest(".cell-edit, .pencil, .picked")) return
    const sort = event.target.closest("[data-sort]")
    const action = event.target.closest("[data-action]")
    const button = event.target.closest("td button.link")
    const act = event.target.closest("[data-act]")
    if (act) return model.send_msg({type: "act", id: rowOf(act).id, name: act.dataset.act})
    if (sort) return model.send_msg({type: "sort", column: sort.dataset.sort, additive: event.shiftKey})
    if (action) return model.send_msg({type: "action"})
    if (button) return model.send_msg({type: "open", id: rowOf(button).id, column: button.dataset.column})
    const opener = event.target.closest("tr.opens")?.querySelector(".open")
    if (!opener || event.target.closest("a, button") || String(getSelection())) return
    // The whole row is a target; the real link keeps Ctrl-click, the Router and the status bar working.
    cells.soon(event.target.closest("td"), event, () => opener.dispatchEvent(new MouseEvent("click", {bubbles: true, composed: true,
      cancelable: true, ctrlKey: event.ctrlKey, metaKey: event.metaKey, shiftKey: event.shiftKey})))
  }

  const openers = () => [...body.querySelectorAll("tr:not([hidden]) .open")]

  function onKeydown(event) {
    if (event.target.closest?.(".cell-edit") || ticks.onKeydown(event) || cells.onKeydown(event)) return
    if (event.target.classList.contains("cell-link") && /^Arrow(Up|Down)$/.test(event.key)) {
      const opener = event.target.closest("tr").querySelector(".open")
      if (opener) opener.focus()
    }
    if (arrowKeys(event, openers, "ArrowUp", "ArrowDown")) return
    if (event.target.dataset?.sort) arrowKeys(event, () => [...headRow.querySelectorAll("button")], "ArrowLeft", "ArrowRight")
    if (event.target.dataset?.sort && event.key === "ArrowDown") { event.preventDefault(); openers()[0]?.focus() }
  }

  // Short texts get their title only when the column turned out too narrow for them.
  function onHover(event) {
    const td = event.target.closest?.("td")
    cells.onHover(event)
    if (td && !td.title && td.scrollWidth > td.clientWidth) td.title = td.textContent
  }

  mount(ctx, CSS, PROPS, draw)
  root.addEventListener("click", onClick)
  root.addEventListener("keydown", onKeydown)
  root.addEventListener("pointerover", onHover)
  root.addEventListener("dblclick", cells.onDoubleClick)
  scroller.addEventListener("scroll", hintOverflow, {passive: true})
  // Measuring here, after the browser's own layout, costs nothing; measuring in draw() would force one more.
  const observer = new ResizeObserver(hintOverflow)
  for (const node of [scroller, table]) observer.observe(node)
  el.replaceChildren(root)
  draw(null)
}
