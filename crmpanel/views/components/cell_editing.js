// Cells of RecordTable edited in place: an input over the cell, saved by Enter, Tab or leaving it.

const SECOND_CLICK = 220 // ms in which a second click makes a double click

function cellEditing({model, el, records, rowOf, status}) {
  const boxes = new Map() // "id column" -> what is open; one that is being saved stays until it is
  let handled = model.outcome.number, answered = model.editing.number, opening = null, current = null
  const pencil = h("button", {type: "button", class: "pencil icon-btn", tabindex: "-1"}, icon("pencil"))

  const key = (id, column) => `${id} ${column}`
  const columnOf = td => model.columns[[...td.parentNode.querySelectorAll("td:not(.tick)")].indexOf(td)]
  const focusedIn = node => node.contains(el.getRootNode().activeElement)
  const isBad = control => control.validity.badInput
  const target = td => td.querySelector(".open") || td

  function cellOf(id, column) {
    const at = model.columns.findIndex(({name}) => name === column), row = model.rows.findIndex(row => row.id === id)
    return records()[row]?.querySelectorAll("td:not(.tick)")[at] || null
  }

  function draw(changed) {
    if (changed?.has("editing") && model.editing.number !== answered) {
      answered = model.editing.number
      if (model.editing.id === opening?.id) show(model.editing.id, opening.column)
      opening = null
    }
    if (model.outcome.number !== handled) { handled = model.outcome.number; settle(model.outcome) }
    if (changed?.has("rows") || changed?.has("columns")) for (const it of boxes.values()) restore(it)
    if (changed?.has("choices")) for (const it of boxes.values()) offer(it)
  }

  /** Ask for the value as it is now, then let it be edited. */
  function edit(td) {
    const column = columnOf(td), row = rowOf(td)
    if (!column?.input || !row) return false
    if (boxes.has(key(row.id, column.name))) boxes.get(key(row.id, column.name)).control.focus()
    else {
      opening = {id: row.id, column: column.name}
      model.send_msg({type: "edit", id: row.id, column: column.name})
    }
    return true
  }

  function show(id, column) {
    const item = model.editing.fields[column], td = cellOf(id, column)
    if (!item || !td) return
    const control = inputFor(item, "cell", model.users), notes = h("div", {class: "notes", id: `note-${column}`, role: "alert"})
    write(control, text(item.value))
    control.setAttribute("aria-label", text(item.label))
    const list = control.hasAttribute("list") ? h("datalist", {id: `list-${column}`}) : null
    const it = {id, column, item, control, notes, list, base: read(control), sent: null, box: h("div", {class: "cell-edit inputs"}, control, list, notes)}
    boxes.set(key(id, column), it)
    offer(it)
    control.addEventListener("keydown", event => onKey(event, it))
    it.box.addEventListener("focusin", () => { current = it })
    it.box.addEventListener("focusout", () => setTimeout(() => left(it)))
    place(it, td)
    control.focus()
    if (control.type === "text") control.select()
    control.scrollIntoView({block: "nearest", inline: "nearest"})
  }

  function offer({list, column}) {
    list?.replaceChildren(...(model.choices[column] || []).map(value => h("option", {value})))
  }

  function place(it, td) {
    td.classList.add("editing")
    td.append(it.box)
  }

  /** After the rows were drawn anew, the input goes on where its cell is now. */
  function restore(it) {
    if (it.box.isConnected) return
    const td = cellOf(it.id, it.column)
    if (!td) { boxes.delete(key(it.id, it.column)); return }
    place(it, td)
    if (current === it && !el.getRootNode().activeElement) it.control.focus()
  }

  /** The focus has gone somewhere else, unless the rows were only drawn anew. */
  function left(it) {
    if (!it.box.isConnected || !document.hasFocus() || focusedIn(it.box)) return
    if (current === it) current = null
    leave(it)
  }

  function close(it, focus) {
    const td = it.box.closest("td")
    boxes.delete(key(it.id, it.column))
    if (current === it) current = null
    it.box.remove()
    if (!td) return
    td.classList.remove("editing")
    if (focus) target(td).focus()
  }

  const leave = it => read(it.control) === it.base && !isBad(it.control) ? close(it) : save(it)

  function save(it, mine) {
    if (isBad(it.control)) { say_(it, say("The date is not complete.")); it.control.focus(); return }
    const value = read(it.control)
    if (!mine && value === it.sent) return
    it.sent = value
    it.box.classList.add("saving")
    model.send_msg({type: "save", id: it.id, column: it.column, value: value === "" ? null : value, mine: Boolean(mine)})
  }

  function say_(it, ...words) {
    it.notes.replaceChildren(...words.map(word => word instanceof Node ? word : h("p", {class: "tone-danger"}, bdi(word))))
    it.control.setAttribute("aria-invalid", "true")
  }

  /** What came of a save: it is told at the cell, where what was entered stays until it is saved. */
  function settle({id, column, kind, message, conflict}) {
    const it = boxes.get(key(id, column))
    if (kind === "failed" || !it) status.textContent = text(message)
    if (!it) return
    it.box.classList.remove("saving")
    if (kind === "saved") return close(it, focusedIn(it.box))
    say_(it, conflict ? collision(it, conflict) : message)
    if (!el.getRootNode().activeElement?.closest?.(".cell-edit")) it.control.focus()
  }

  function collision(it, words) {
    const theirs = h("button", {type: "button", class: "btn theirs"}, say("Keep theirs"))
    const ours = h("button", {type: "button", class: "btn ours"}, say("Use mine"))
    theirs.addEventListener("click", () => { model.send_msg({type: "theirs", id: it.id, column: it.column}); close(it, true) })
    ours.addEventListener("click", () => { save(it, true); it.control.focus() })
    return h("div", {class: "conflict tone-warning"}, h("p", null, bdi(words)), theirs, ours)
  }

  function onKey(event, it) {
    event.stopPropagation()
    if (event.isComposing) return
    if (event.key === "Escape") { event.preventDefault(); close(it, true) }
    else if (event.key === "Enter" && (!event.target.matches("textarea") || event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      read(it.control) === it.base && !isBad(it.control) ? close(it, true) : save(it)
    } else if (event.key === "Tab" && !it.notes.querySelector("button")) {
      const names = model.columns.filter(({input}) => input).map(({name}) => name)
      const next = names[names.indexOf(it.column) + (event.shiftKey ? -1 : 1)]
      event.preventDefault()
      if (isBad(it.control)) return save(it)
      const td = it.box.closest("td"), other = next && cellOf(it.id, next)
      leave(it)
      if (!other) target(td).focus()
      else if (model.editing.id === it.id) show(it.id, next)
      else edit(other)
    }
  }

  // -- from the table ---------------------------------------------------------------------------

  /** The next cell of a row, or of a column, that can be gone to. */
  function move(td, key) {
    const tr = td.parentNode, at = [...tr.children].indexOf(td)
    if (key === "ArrowUp" || key === "ArrowDown") {
      const other = key === "ArrowUp" ? tr.previousElementSibling : tr.nextElementSibling
      return other && target(other.children[at])
    }
    const stops = [...tr.children].filter(cell => cell.matches(".can") || cell.querySelector(".open"))
    const next = stops[stops.indexOf(td) + (key === "ArrowLeft" ? -1 : 1)]
    return next && target(next)
  }

  /** Whether a key was for a cell, and is dealt with. */
  function onKeydown(event) {
    const td = event.target.closest?.("td"), onCell = event.target === td
    if (!td || event.ctrlKey || event.metaKey || event.altKey || !(onCell || event.target.matches(".open"))) return false
    let done = false
    if (event.key === "F2" || onCell && event.key === "Enter") {
      done = edit(td) || event.key === "F2" && edit(td.parentNode.querySelector("td.can") || td)
    } else if (/^Arrow(Left|Right)$/.test(event.key) || onCell && /^Arrow/.test(event.key)) {
      const next = move(td, event.key)
      next?.focus()
      done = Boolean(next)
    } else if (onCell && event.key === "Escape") {
      td.parentNode.querySelector(".open")?.focus()
      done = true
    }
    if (done) event.preventDefault()
    return done
  }

  /** What brings the focus back to a cell of a row that is drawn anew; null if it is elsewhere. */
  function held(tr) {
    const node = el.getRootNode().activeElement, td = tr.contains(node) && node.closest("td:not(.editing)")
    if (!td) return null
    const at = [...tr.children].indexOf(td), selector = node === td ? null : ".open, .cell-link, input"
    return other => (selector && other.children[at]?.querySelector(selector) || other.children[at])?.focus({preventScroll: true})
  }

  function onHover(event) {
    const td = event.target.closest?.("td.can:not(.editing)")
    if (!td || td === pencil.parentNode || event.pointerType === "touch") return
    const name = say("Edit {field}", {field: columnOf(td)?.label})
    pencil.setAttribute("aria-label", name)
    pencil.title = `${name} (F2, ${say("double click")})`
    td.append(pencil)
  }

  let waiting = null
  /** Opens the row, unless a second click follows and edits the cell. */
  function soon(td, event, open) {
    clearTimeout(waiting)
    if (!td?.matches(".can") || event.ctrlKey || event.metaKey || event.shiftKey) return open()
    waiting = setTimeout(open, SECOND_CLICK)
  }

  function onDoubleClick(event) {
    const td = event.target.closest?.("td.can")
    if (!td || event.target.closest("a, button, .cell-edit")) return
    clearTimeout(waiting)
    getSelection().removeAllRanges()
    edit(td)
  }

  pencil.addEventListener("click", () => edit(pencil.closest("td")))
  return {draw, held, onKeydown, onHover, onDoubleClick, soon}
}
