// A window in which new records are entered: sections of fields, problems beside them, and records that look the same.

const PROPS = ["form", "found", "alike", "trial", "outcome", "users", "button"]
const PATIENCE = 15_000 // after which a save that was not answered may be tried again
const LOOK_DELAY = 300

export function render(ctx) {
  const {model, el} = ctx
  const rows = new Map() // by "section.field"
  const trials = new Map() // by section
  let opened = model.form.number, settled = model.outcome.number, sent = null, asked = 0, looked = 0, timer = null, place = null

  const opener = h("button", {type: "button", class: "btn primary new", "aria-keyshortcuts": "n"}, icon("plus"), h("span"))
  opener.addEventListener("click", () => model.send_msg({type: "open"}))
  const body = h("form", {class: "inputs entry", novalidate: true})
  body.addEventListener("submit", event => event.preventDefault())
  const again = action(say("Save and new"), () => save(true), "first")
  const cancel = action(say("Cancel"), () => dialog.ask())
  const store = action(say("Save"), () => save(false), "primary")
  const dialog = modal({title: "", body, actions: [again, cancel, store], mayClose, onClose})
  dialog.node.addEventListener("keydown", onKey)
  dialog.node.querySelector(".body").addEventListener("scroll", () => references().forEach(row => row.reference.crm.close()))

  function draw(changed) {
    opener.hidden = !model.button
    opener.title = say("{label} (n)", {label: model.button})
    opener.lastChild.textContent = text(model.button)
    if (model.outcome.number !== settled) { settled = model.outcome.number; settle(model.outcome) }
    if (model.form.number !== opened) { opened = model.form.number; fill(model.form) }
    if (changed?.has("found")) rows.get(model.found.key)?.reference?.crm.show(model.found.text, model.found.results, model.found.hint)
    if (changed?.has("alike") && model.alike.number === looked) showAlike(model.alike)
    if (changed?.has("trial")) trials.get(model.trial.section)?.show(model.trial)
  }

  // -- the form --------------------------------------------------------------------------------

  function fill(form) {
    rows.clear()
    trials.clear()
    sent = null
    looked += 1
    dialog.retitle(form.title)
    dialog.tell("")
    dialog.busy(false)
    dialog.node.classList.toggle("wide", form.sections.length > 1)
    body.replaceChildren(...form.sections.map(section))
    again.hidden = !form.again
    label(false)
    place = [history.state, location.href]
    dialog.open(first())
    for (const trial of trials.values()) trial.ask(0)
  }

  const first = () => {
    const open = [...rows.values()].filter(row => row.item.first && read(row) === "")
    return (open.find(row => row.item.mandatory) || open[0] || [...rows.values()][0])?.control
  }
  const label = exact => { store.textContent = exact ? say("Create anyway") : text(model.form.save) || say("Save") }

  function section(part) {
    const shown = part.fields.filter(item => item.first), others = part.fields.filter(item => !item.first)
    const main = h("div", {class: "grid"}, ...shown.map(item => row(part, item)))
    const rest = h("div", {class: "grid", hidden: true}, ...others.map(item => row(part, item)))
    const more = h("button", {type: "button", class: "link more", "aria-expanded": "false"}, say("More fields"))
    more.addEventListener("click", () => { unfold(rest, more); rows.get(`${part.name}.${others[0].name}`).control.focus() })
    for (const item of others) Object.assign(rows.get(`${part.name}.${item.name}`), {unfold: () => unfold(rest, more)})
    const head = model.form.sections.length > 1 ? h("h3", null, bdi(part.title), part.note ? h("small", null, bdi(part.note)) : null) : null
    return h("section", {"data-section": part.name}, head, main, h("div", {class: "alike", role: "status", hidden: true}), others.length ? more : null, rest)
  }

  function unfold(rest, more) {
    rest.hidden = false
    more.hidden = true
    more.setAttribute("aria-expanded", "true")
  }

  function row(part, field) {
    const key = `${part.name}.${field.name}`, id = `in-${key}`, item = {...field, name: key}
    const attrs = {id, "aria-describedby": `note-${key}`, "aria-required": item.mandatory ? "true" : null}
    const reference = item.input === "record" ? recordInput(attrs, words => find(part, field, key, words), () => entered(key)) : null
    const control = reference ? reference.crm.input : inputFor(item, id, model.users)
    const list = control.hasAttribute("list") ? h("datalist", {id: `list-${key}`}, ...(field.offered || []).map(value => h("option", {value}))) : null
    const notes = h("div", {class: "notes", id: `note-${key}`})
    if (!reference) write(control, text(item.value))
    control.indeterminate = false
    rows.set(key, {part, field, item, control, reference, notes, base: ""})
    rows.get(key).base = read(rows.get(key))
    if (!reference) control.addEventListener("input", () => entered(key))
    const trial = part.tried?.field === field.name ? addressTrial(control, number => model.send_msg({type: "try", section: part.name, number, values: values()[part.name]})) : null
    if (trial) trials.set(part.name, trial)
    const name = h("label", {for: id}, bdi(item.label), item.mandatory ? h("span", {class: "must", title: say("mandatory")}, " *") : null)
    return h("div", {"data-field": field.name, class: item.whole ? "whole" : null}, name, reference || control, list, notes, trial?.node)
  }

  /** A box that was never ticked says nothing. */
  const read = ({control, reference, base}) => reference ? reference.crm.value : control.type !== "checkbox" ? control.value : control.checked ? "true" : base === "true" ? "false" : ""
  const references = () => [...rows.values()].filter(row => row.reference)
  const isDirty = () => [...rows.values()].some(row => read(row) !== row.base || row.reference?.crm.isLoose)

  function values() {
    const all = Object.fromEntries(model.form.sections.map(part => [part.name, {}]))
    for (const row of rows.values()) all[row.part.name][row.field.name] = read(row) || null
    return all
  }

  function entered(key) {
    const {part, field} = rows.get(key)
    told(key, "")
    dialog.tell("")
    // Records of another organisation cannot be meant any longer.
    if (field.name === part.owner) for (const row of references()) if (row.part === part && row.field.name !== part.owner && row.field.owned) row.reference.crm.choose(null)
    if (part.watched?.includes(field.name)) look(part)
    if (part.tried?.watched.includes(field.name)) trials.get(part.name).ask()
  }

  function told(key, words) {
    const {control, notes, unfold: show} = rows.get(key)
    if (words) { control.setAttribute("aria-invalid", "true"); show?.() }
    else control.removeAttribute("aria-invalid")
    notes.replaceChildren(...(words ? [h("p", {class: "tone-danger"}, bdi(words))] : []))
  }

  // -- what the server is asked ----------------------------------------------------------------

  const find = (part, field, key, words) => model.send_msg({type: "find", section: part.name, field: field.name, key, text: words, values: values()[part.name]})

  function look(part) {
    clearTimeout(timer)
    looked += 1
    const number = looked
    timer = setTimeout(() => { if (number === looked && dialog.isOpen) model.send_msg({type: "look", section: part.name, number, values: values()[part.name]}) }, LOOK_DELAY)
  }

  function showAlike({section: name, records}) {
    const box = body.querySelector(`[data-section="${window.CSS.escape(text(name))}"] > .alike`)
    if (!box) return
    box.hidden = !records.length
    box.replaceChildren(h("strong", null, icon("warning"), records.length === 1 ? say("There may be one already:") : say("There may be some already:")), ...records.map(same))
    label(records.some(record => record.exact))
  }

  function same({title, href, reasons}) {
    const open = link({href, external: true}, say("Open"))
    open?.setAttribute("aria-label", `${say("Open")}: ${text(title)}`)
    return h("p", null, h("span", null, bdi(title, "who"), " ", h("small", null, bdi(reasons))), open)
  }

  function save(more) {
    if (sent && Date.now() - sent.at < PATIENCE) return
    for (const key of rows.keys()) told(key, "")
    for (const [key, row] of rows) {
      if (row.control.validity.badInput) told(key, say("The date is not complete."))
      else if (row.reference?.crm.isLoose) told(key, say("Choose one of those that are found."))
    }
    if (wrong()) return wrong().control.focus()
    sent = {at: Date.now()}
    dialog.tell("")
    dialog.busy(true)
    model.send_msg({type: "save", token: model.form.token, values: values(), again: more})
    setTimeout(() => { if (sent && Date.now() - sent.at >= PATIENCE) { sent = null; dialog.busy(false) } }, PATIENCE + 50)
  }

  const wrong = () => [...rows.values()].find(row => row.control.getAttribute("aria-invalid"))

  /** Take in what came of a save: what was entered stays until it is saved. */
  function settle({kind, message, problems, href}) {
    sent = null
    dialog.busy(false)
    if (kind === "created") {
      rows.clear()
      dialog.close()
      const anchor = href ? link({href}) : null
      if (anchor) { el.append(anchor); anchor.click(); anchor.remove() }
      return
    }
    dialog.tell(message)
    for (const [name, fields] of Object.entries(problems || {})) for (const [field, words] of Object.entries(fields)) if (rows.has(`${name}.${field}`)) told(`${name}.${field}`, words)
    wrong()?.control.focus()
  }

  // -- keys and leaving ------------------------------------------------------------------------

  function onKey(event) {
    if (event.isComposing || event.key !== "Enter" || event.defaultPrevented) return
    const meant = event.ctrlKey || event.metaKey
    if (!meant && !event.target.matches("input, select")) return
    event.preventDefault()
    save(false)
  }

  function mayClose() {
    return !isDirty() || confirm(say("Close without saving? What you entered is lost."))
  }

  function onClose() {
    clearTimeout(timer)
    for (const trial of trials.values()) trial.stop()
    references().forEach(row => row.reference.crm.close())
    model.send_msg({type: "close"})
  }

  function onPop(event) {
    if (!dialog.isOpen) return
    if (mayClose()) { rows.clear(); return dialog.close() }
    event.stopImmediatePropagation()
    history.pushState(place[0], "", place[1])
  }

  function onShortcut(event) {
    const target = event.composedPath()[0]
    const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || "")
    if (event.key !== "n" || typing || event.ctrlKey || event.metaKey || event.altKey || !model.button || event.defaultPrevented) return
    event.preventDefault()
    opener.click()
  }

  const signal = mount(ctx, CSS, PROPS, draw)
  document.addEventListener("keydown", onShortcut, {signal})
  window.addEventListener("popstate", onPop, {capture: true, signal})
  window.addEventListener("beforeunload", event => { if (dialog.isOpen && isDirty()) event.preventDefault() }, {signal})
  el.replaceChildren(opener, dialog.node)
  draw()
}
