// Groups of label and value pairs that become inputs: the Fields tab and the side panel.

const PROPS = ["panels", "choices", "users", "outcome"]

export function render(ctx) {
  const {model, el, view} = ctx
  const isSide = model.layout === "side"
  const book = bookOf(model.book), {drafts, problems, conflicts, mine} = book
  const rows = new Map(), opened = new Set() // rows by field; panels whose empty fields are shown
  let active = null // the field that is open though nothing was entered yet
  let asked = false, drawing = false
  const root = h("div", {class: `panels ${model.layout} editor inputs`})
  const status = h("div", {class: "vh", role: "status"})
  const fold = isSide ? folding(el, root, model.label) : null
  const bar = saveBar(book, {revert, discarded: focus, users: () => model.users})
  const editor = {model, el, isMain: !isSide, update, settled, drawBar, focus, badOne: () => [...rows.keys()].find(isBad)}

  function draw(changed) {
    book.settle(model.outcome)
    if (changed && ![...changed].some(name => name === "panels" || name === "outcome")) return offer()
    const focused = el.getRootNode().activeElement?.closest?.("[data-field]")?.dataset.field
    rows.clear()
    drawing = true // what is taken out loses the focus, but has not been left
    root.replaceChildren(...model.panels.map(panel))
    drawing = false
    for (const name of drafts.keys()) if (!book.items.has(name)) drafts.delete(name)
    if (changed && focused && rows.has(focused)) focus(focused)
    book.show()
  }

  function panel({title, fields}, at) {
    const list = h("dl", null, ...fields.map(row))
    return h("section", null, h("header", null, h("h3", {dir: "auto"}, text(title))), list, isSide ? emptyOnes(fields, list, at) : null)
  }

  /** In the side panel fields without a value wait behind a button. */
  function emptyOnes(fields, list, at) {
    const number = fields.filter(item => text(item.text) === "").length
    if (!number) return null
    const button = h("button", {type: "button", class: "link empties"})
    const set = on => {
      list.classList.toggle("all", on)
      button.setAttribute("aria-expanded", String(on))
      button.textContent = on ? say("Hide empty fields") : number === 1 ? `+ ${say("1 empty field")}` : `+ ${say("{n} empty fields", {n: number})}`
      on ? opened.add(at) : opened.delete(at)
    }
    button.addEventListener("click", () => set(!opened.has(at)))
    set(opened.has(at))
    return button
  }

  function row(item) {
    const name = text(item.name)
    const node = h("div", {"data-field": name, class: [item.input ? "can" : "", text(item.text) === "" ? "empty" : ""].join(" ").trim() || null})
    rows.set(name, {item, node})
    book.items.set(name, item)
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

  function historyOf(item) {
    const name = say("History of {field}", {field: item.label})
    const anchor = item.history ? link({href: item.history}, icon("clock")) : null
    if (!anchor) return null
    for (const key of ["title", "aria-label"]) anchor.setAttribute(key, name)
    anchor.className = "history"
    return anchor
  }

  const newsOf = item => item.news ? h("span", {class: "new", role: "img", title: text(item.news), "aria-label": text(item.news)}) : null
  const shown = item => [h("dt", null, bdi(item.label), newsOf(item), historyOf(item)), valueOf(item, status), ...(item.input ? [pencil(item)] : [])]

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
    control.addEventListener("input", () => { active = name; book.entered(name, read(control), read(control) !== rows.get(name).base || isBad(name), editor); mark(name) })
    control.addEventListener("keydown", event => onKey(event, name))
    control.addEventListener("focusout", () => { if (!drawing && control.isConnected && active === name && document.hasFocus()) { active = null; if (!drafts.has(name)) fill(name) } })
    const label = h("label", {for: id}, bdi(item.label), item.mandatory ? h("span", {class: "must", title: say("mandatory")}, " *") : null)
    const list = control.hasAttribute("list") ? h("datalist", {id: `list-${name}`}, ...options(name)) : null
    return [h("dt", null, label), h("dd", null, control, list, notes)]
  }

  const options = name => (model.choices[name] || []).map(value => h("option", {value}))

  /** Choices and users that come when a field is open already. */
  function offer() {
    for (const [name, {item, node, control}] of rows) {
      if (!node.classList.contains("editing")) continue
      node.querySelector("datalist")?.replaceChildren(...options(name))
      if (control.tagName !== "SELECT") continue
      const value = read(control)
      control.replaceChildren(...inputFor(item, control.id, model.users).children)
      write(control, value)
    }
  }

  const isBad = name => Boolean(rows.get(name)?.control?.validity.badInput)

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
    ours.addEventListener("click", () => { mine.add(name); conflicts.delete(name); mark(name); book.changed(name, editor); focus(name); if (!conflicts.size) book.save() })
    return h("div", {class: "conflict tone-warning"}, h("p", null, bdi(words)), theirs, ours)
  }

  function edit(name) {
    if (!asked) { asked = true; model.send_msg({type: "begin"}) }
    const before = active
    active = name
    if (before && before !== name && rows.has(before) && !drafts.has(before)) fill(before)
    fill(name)
    const {control} = rows.get(name)
    control.focus()
    if (control.type === "text") control.select()
  }

  /** Puts the focus on a field; false if it is not to be seen here. */
  function focus(name) {
    const {node, control} = rows.get(name) || {}
    if (!node || !node.checkVisibility()) return false
    if (node.classList.contains("editing")) (conflicts.has(name) && node.querySelector(".theirs") || control).focus()
    else node.querySelector(".pencil")?.focus()
    return true
  }

  // -- what happens elsewhere --------------------------------------------------------------------

  /** A field was changed in another place. */
  function update(name) {
    const known = rows.get(name)
    if (!known) return
    const {node, control} = known
    if (drafts.has(name) && node.classList.contains("editing")) { if (read(control) !== drafts.get(name)) write(control, drafts.get(name)); mark(name) }
    else fill(name)
  }

  function settled(saved) {
    if (saved.includes(active) && !drafts.has(active)) active = null
    for (const [name, {node}] of rows) {
      if (node.classList.contains("editing") && !drafts.has(name) && active !== name) fill(name)
      else mark(name)
    }
  }

  function revert(name) {
    if (active === name) active = null
    book.forget(name)
    book.notice = null
    if (rows.has(name)) fill(name)
    book.changed(name, editor)
    focus(name)
  }

  function onKey(event, name) {
    if (event.isComposing) return
    if (event.key === "Escape") { event.stopPropagation(); revert(name) }
    else if (event.key === "Enter" && (!event.target.matches("textarea") || event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      drafts.size ? book.save() : revert(name)
    } else if (event.key === "Tab" && !conflicts.has(name)) {
      const all = [...rows].filter(([, {item, node}]) => item.input && node.checkVisibility()).map(([key]) => key)
      const next = all[all.indexOf(name) + (event.shiftKey ? -1 : 1)]
      if (next) { event.preventDefault(); edit(next) }
    }
  }

  function drawBar() {
    bar.draw(book.lead() === editor)
    fold?.mark(drafts.size > 0)
  }

  const signal = mount(ctx, CSS, PROPS, draw)
  signal.addEventListener("abort", book.join(editor))
  el.replaceChildren(...(fold ? [fold.node] : []), root, bar.node, status)
  draw()
  fold?.start()
  // The bar goes where fields can be seen.
  new ResizeObserver(() => book.show()).observe(el)
}
