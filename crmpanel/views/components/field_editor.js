// Groups of label and value pairs that become inputs, and a bar that saves what was entered as one.

const PROPS = ["panels", "choices", "users", "outcome"]
const PATIENCE = 15_000 // after which a save that was not answered may be tried again
const KEPT = new WeakMap() // what was entered outlives a view that is drawn anew

export function render(ctx) {
  const {model, el, view} = ctx
  const drafts = KEPT.get(view.model) || new Map() // text by field, of those that were changed
  const problems = new Map(), conflicts = new Map(), mine = new Set(), rows = new Map()
  let active = null // the field that is open though nothing was entered yet
  let sent = null, handled = model.outcome.number, place = null
  const root = h("div", {class: "panels grid editor inputs"})
  const status = h("div", {class: "vh", role: "status"})
  KEPT.set(view.model, drafts)

  function draw(changed) {
    if (model.outcome.number !== handled) { handled = model.outcome.number; settle(model.outcome) }
    const focused = el.getRootNode().activeElement?.closest?.("[data-field]")?.dataset.field
    rows.clear()
    root.replaceChildren(...model.panels.map(panel))
    for (const name of drafts.keys()) if (!rows.has(name)) drafts.delete(name)
    if (changed && focused && rows.has(focused)) focus(focused)
    drawBar()
  }

  function panel({title, fields}) {
    return h("section", null, h("header", null, h("h3", {dir: "auto"}, text(title))), h("dl", null, ...fields.map(row)))
  }

  function row(item) {
    const name = text(item.name)
    const node = h("div", {"data-field": name, class: item.input ? "can" : null})
    rows.set(name, {item, node})
    if (item.input) node.addEventListener("click", event => {
      if (!event.target.closest("a, button, input, select, textarea, label") && !String(getSelection())) edit(name)
    })
    fill(name)
    return node
  }

  function fill(name) {
    const {item, node} = rows.get(name)
    const editing = item.input && (active === name || drafts.has(name))
    node.replaceChildren(...(editing ? entry(item) : shown(item)))
    node.classList.toggle("editing", Boolean(editing))
    mark(name)
  }

  const shown = item => [h("dt", null, bdi(item.label)), valueOf(item, status), ...(item.input ? [pencil(item)] : [])]

  function pencil(item) {
    const name = say("Edit {field}", {field: item.label})
    const button = h("button", {type: "button", class: "pencil icon-btn", title: name, "aria-label": name}, icon("pencil"))
    button.addEventListener("click", () => edit(text(item.name)))
    return button
  }

  function entry(item) {
    const name = text(item.name), id = `in-${name}`
    const control = inputFor(item, id, model.users)
    write(control, text(item.value))
    Object.assign(rows.get(name), {control, base: read(control), notes: h("div", {class: "notes", id: `note-${name}`})})
    const {notes} = rows.get(name)
    if (drafts.has(name)) write(control, drafts.get(name))
    control.addEventListener("input", () => entered(name))
    control.addEventListener("keydown", event => onKey(event, name))
    control.addEventListener("focusout", () => { if (active === name && document.hasFocus()) { active = null; if (!drafts.has(name)) fill(name) } })
    const label = h("label", {for: id}, bdi(item.label), item.mandatory ? h("span", {class: "must", title: say("mandatory")}, " *") : null)
    const list = control.hasAttribute("list") ? h("datalist", {id: `list-${name}`}, ...(model.choices[name] || []).map(value => h("option", {value}))) : null
    return [h("dt", null, label), h("dd", null, control, list, notes)]
  }

  const isBad = name => Boolean(rows.get(name)?.control?.validity.badInput)

  function entered(name) {
    const {control, base} = rows.get(name)
    if (read(control) === base && !isBad(name)) drafts.delete(name)
    else drafts.set(name, read(control))
    active = name
    place = [history.state, location.href]
    problems.delete(name)
    notice = null
    mark(name); drawBar()
  }

  /** Show what is to be said about a field, without touching its input. */
  function mark(name) {
    const {node, control, notes} = rows.get(name)
    node.classList.toggle("changed", drafts.has(name))
    if (!node.classList.contains("editing")) return
    const problem = problems.get(name), conflict = conflicts.get(name)
    if (problem || conflict) control.setAttribute("aria-invalid", "true")
    else control.removeAttribute("aria-invalid")
    notes.replaceChildren(...(problem ? [h("p", {class: "tone-danger"}, bdi(problem))] : []), ...(conflict ? [collision(name, conflict)] : []))
  }

  function collision(name, words) {
    const theirs = h("button", {type: "button", class: "btn theirs"}, say("Keep theirs"))
    const ours = h("button", {type: "button", class: "btn ours"}, say("Use mine"))
    theirs.addEventListener("click", () => { revert(name); model.send_msg({type: "theirs", field: name}) })
    ours.addEventListener("click", () => { mine.add(name); conflicts.delete(name); mark(name); focus(name); if (!conflicts.size) save() })
    return h("div", {class: "conflict tone-warning"}, h("p", null, bdi(words)), theirs, ours)
  }

  function edit(name) {
    const before = active
    active = name
    if (before && before !== name && rows.has(before) && !drafts.has(before)) fill(before)
    fill(name)
    const {control} = rows.get(name)
    control.focus()
    if (control.type === "text") control.select()
  }

  function focus(name) {
    const {node, control} = rows.get(name)
    if (node.classList.contains("editing")) control.focus()
    else node.querySelector(".pencil")?.focus()
  }

  function forget(name) {
    active = null
    for (const kept of [drafts, problems, conflicts, mine]) kept.delete(name)
  }

  function revert(name) {
    forget(name); fill(name); drawBar(); focus(name)
  }

  function onKey(event, name) {
    if (event.isComposing) return
    if (event.key === "Escape") { event.stopPropagation(); revert(name) }
    else if (event.key === "Enter" && (!event.target.matches("textarea") || event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      drafts.size ? save() : revert(name)
    } else if (event.key === "Tab" && !conflicts.has(name)) {
      const all = [...rows].filter(([, {item}]) => item.input).map(([key]) => key)
      const next = all[all.indexOf(name) + (event.shiftKey ? -1 : 1)]
      if (next) { event.preventDefault(); edit(next) }
    }
  }

  // -- saving ----------------------------------------------------------------------------------

  function save() {
    if (!drafts.size || sent && Date.now() - sent.at < PATIENCE) return
    const bad = [...drafts.keys()].find(isBad), open = [...conflicts.keys()][0]
    if (bad) { problems.set(bad, say("The date is not complete.")); mark(bad); return focus(bad) }
    if (open) return rows.get(open).node.querySelector(".theirs").focus()
    sent = {at: Date.now(), values: Object.fromEntries(drafts)}
    notice = null
    const values = Object.fromEntries([...drafts].map(([name, value]) => [name, value === "" ? null : value]))
    model.send_msg({type: "save", values, mine: [...mine]})
    drawBar()
  }

  /** Take in what came of a save: nothing that was entered is lost unless it was saved. */
  function settle({kind, message, problems: wrong, conflicts: others, undo}) {
    const was = sent?.values || {}
    sent = null
    for (const kept of [problems, conflicts]) kept.clear()
    notice = {message, tone: {saved: "success", undone: "success", conflict: "warning"}[kind] || "danger", undo}
    if (kind === "saved") {
      mine.clear()
      for (const [name, value] of Object.entries(was)) if (drafts.get(name) === value) forget(name)
    }
    for (const [name, words] of Object.entries(wrong || {})) problems.set(name, words)
    for (const [name, words] of Object.entries(others || {})) conflicts.set(name, words)
    const first = [...problems.keys(), ...conflicts.keys()].find(name => drafts.has(name))
    if (first) queueMicrotask(() => { if (rows.has(first)) focus(first) })
  }

  // -- the bar ---------------------------------------------------------------------------------

  let notice = null, reviewing = false
  const count = h("span", {class: "count", role: "status"})
  const button = (label, act, className = "btn") => { const node = h("button", {type: "button", class: className}, label); node.addEventListener("click", act); return node }
  const review = button(say("Review"), () => { reviewing = !reviewing; drawBar() })
  const discard = button(say("Discard"), discardAll)
  const store = button(say("Save"), save, "btn primary")
  const undo = button(say("Undo"), () => { notice = null; drawBar(); model.send_msg({type: "undo"}) })
  const close = button(icon("close"), () => { notice = null; drawBar() }, "icon-btn")
  const list = h("div", {class: "review"})
  const bar = h("div", {class: "bar", role: "region", "aria-label": say("Unsaved changes")}, list, h("div", {class: "line"}, count, undo, review, discard, store, close))
  close.setAttribute("aria-label", say("Dismiss"))

  let told = ""
  function tellDrafts() {
    const fields = [...drafts.keys()]
    if (fields.join() !== told) model.send_msg({type: "drafts", fields})
    told = fields.join()
  }

  function discardAll() {
    const names = [...drafts.keys()]
    names.forEach(forget)
    notice = null
    draw(); focus(names.at(-1))
  }

  function drawBar() {
    const number = drafts.size
    tellDrafts()
    const words = sent ? say("Saving …") : notice ? text(notice.message) : number === 1 ? say("1 unsaved change") : say("{n} unsaved changes", {n: number})
    bar.hidden = !number && !notice
    bar.className = `bar ${notice ? `tone-${notice.tone}` : ""}`
    if (count.textContent !== words) count.textContent = words
    for (const node of [review, discard, store]) node.hidden = !number
    store.disabled = Boolean(sent) && Date.now() - sent.at < PATIENCE
    undo.hidden = !notice?.undo || number > 0
    close.hidden = number > 0 || !notice
    reviewing = reviewing && number > 0
    review.setAttribute("aria-expanded", String(reviewing))
    list.hidden = !reviewing
    list.replaceChildren(...(reviewing ? [table()] : []))
  }

  function table() {
    const head = h("tr", null, ...[say("Field"), say("Before"), say("After"), ""].map(label => h("th", null, label)))
    const cell = value => h("td", null, text(value) === "" ? "–" : bdi(value))
    const line = name => {
      const {item} = rows.get(name), label = say("Discard: {field}", {field: item.label})
      const drop = button(icon("close"), () => revert(name), "icon-btn")
      drop.setAttribute("aria-label", label)
      drop.title = label
      return h("tr", null, h("th", {scope: "row"}, bdi(item.label)), cell(item.text), cell(inWords(item, drafts.get(name), model.users)), h("td", null, drop))
    }
    return h("table", null, h("thead", null, head), h("tbody", null, ...[...drafts.keys()].map(line)))
  }

  // -- leaving ---------------------------------------------------------------------------------

  const stays = href => model.home && (href === model.home || ["?", "&", "#"].some(end => href.startsWith(model.home + end)))
  const mayLeave = () => !drafts.size || !el.isConnected || confirm(say("Leave without saving? What you entered is lost."))

  function onClick(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const a = event.composedPath().find(node => node instanceof HTMLAnchorElement && node.hasAttribute("data-nav"))
    if (!a || a.target && a.target !== "_self" || stays(a.getAttribute("href"))) return
    if (mayLeave()) return drafts.clear()
    event.preventDefault()
    event.stopImmediatePropagation()
  }

  function onPop(event) {
    if (stays(location.pathname + location.search) || !drafts.size) return
    if (mayLeave()) return drafts.clear()
    event.stopImmediatePropagation()
    history.pushState(place[0], "", place[1])
  }

  const signal = mount(ctx, CSS, PROPS, draw)
  window.addEventListener("click", onClick, {capture: true, signal})
  window.addEventListener("popstate", onPop, {capture: true, signal})
  window.addEventListener("beforeunload", event => { if (drafts.size && el.isConnected) event.preventDefault() }, {signal})
  el.replaceChildren(root, bar, status)
  draw()
}
