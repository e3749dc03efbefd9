// The tick boxes of RecordTable, and the bar that says how many rows are ticked and what can be done to them.

function ticking({model, body, records, rowOf}) {
  const pending = new Map() // id -> ticked: what Python has not answered yet
  let seq = 0, anchor = null, known = new Set()
  const all = h("input", {type: "checkbox", "aria-label": say("Select all rows on this page")})
  const head = h("th", {scope: "col", role: "columnheader", class: "tick"}, all)

  const said = h("strong", {role: "status"})
  const note = h("span", {class: "more"})
  const button = (label, type, className = "btn") => {
    const node = h("button", {type: "button", class: className}, label)
    node.addEventListener("click", () => model.send_msg({type, seq: ++seq}))
    return node
  }
  const every = button("", "all", "link")
  const edit = button(say("Mass edit"), "mass", "btn primary")
  edit.prepend(icon("pencil"))
  const clear = button(say("Clear"), "clear")
  const bar = h("div", {class: "picked", role: "region", "aria-label": say("Selected rows"), hidden: true}, said, note, every, h("span", {class: "room"}), edit, clear)

  const isOn = id => pending.has(id) ? pending.get(id) : known.has(id)
  const box = tr => tr.querySelector(".tick input")

  /** The cell of a row that is the same in all of them. */
  const blank = () => h("td", {class: "tick", role: "cell"}, h("input", {type: "checkbox", tabindex: "-1"}))

  function name(tr, title) {
    box(tr)?.setAttribute("aria-label", say("Select: {record}", {record: title}))
  }

  function draw() {
    if ((model.ticks.seq || 0) >= seq) pending.clear()
    known = new Set(model.ticks.on || [])
    const {number, more, message} = model.ticks
    bar.hidden = !number
    said.textContent = say("{n} selected", {n: number || ""})
    note.textContent = text(message)
    note.hidden = !message
    every.textContent = say("Select all {n} that match", {n: more || ""})
    every.hidden = !more
    drawBoxes()
  }

  function drawBoxes() {
    if (!model.tickable) return
    let ticked = 0
    for (const tr of records()) {
      const input = box(tr), row = input && rowOf(tr)
      if (!row) continue
      input.checked = isOn(row.id)
      tr.classList.toggle("ticked", input.checked)
      ticked += input.checked
    }
    all.checked = ticked > 0 && ticked === model.rows.length
    all.indeterminate = ticked > 0 && !all.checked
    all.disabled = !model.rows.length
  }

  function put(ids, on) {
    for (const id of ids) pending.set(id, on)
    model.send_msg({type: "tick", ids, on, seq: ++seq})
    drawBoxes()
  }

  /** Tick or untick a row; with Shift all from the one that was ticked before. */
  function toggle(tr, shift) {
    const at = records().indexOf(tr), row = model.rows[at]
    if (!row) return
    const from = shift ? model.rows.findIndex(({id}) => id === anchor) : -1
    const [first, last] = from < 0 ? [at, at] : [Math.min(from, at), Math.max(from, at)]
    anchor = row.id
    put(model.rows.slice(first, last + 1).map(({id}) => id), !isOn(row.id))
  }

  /** Whether a click was on a tick box, and is dealt with. */
  function onClick(event) {
    const cell = event.target.closest(".tick")
    if (!cell) return false
    if (cell === head) put(model.rows.map(({id}) => id), !model.rows.every(({id}) => isOn(id)))
    else toggle(cell.closest("tr"), event.shiftKey)
    return true
  }

  function onKeydown(event) {
    if (event.key !== " " || !model.tickable || !event.target.matches("tbody .open, td")) return false
    event.preventDefault()
    toggle(event.target.closest("tr"), event.shiftKey)
    return true
  }

  body.addEventListener("mousedown", event => { if (event.shiftKey && event.target.closest(".tick")) event.preventDefault() })
  // A button would be pressed when the space bar goes up again.
  body.addEventListener("keyup", event => { if (event.key === " " && model.tickable && event.target.matches(".open")) event.preventDefault() })
  return {bar, head, blank, name, draw, drawBoxes, onClick, onKeydown}
}
