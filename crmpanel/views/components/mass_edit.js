// Many records edited at once: which fields get which values, what that would change, then doing it.

const PROPS = ["opened", "fields", "choices", "users", "outcome"]
const WAYS = {set: "Set to", clear: "Clear", shift: "Move by days"}

export function render(ctx) {
  const {model, el} = ctx
  let opened = null, handled = model.outcome.number, number = 0, since = null, clock = null
  let steps = [] // {node, field, way, control, notes}

  const list = h("div", {class: "steps"})
  const more = h("button", {type: "button", class: "link more"}, `+ ${say("Another field")}`)
  const form = h("form", {class: "inputs", novalidate: true}, h("p", {class: "lead"}, say("Nothing is changed before you have seen what would be.")), list, more)
  const cancel = action(say("Cancel"), () => window_.ask())
  const look = action(say("Preview"), preview, "primary")
  const window_ = modal({title: "", body: form, wide: true, mayClose: () => since === null, onClose: closed})

  function draw(changed) {
    const wanted = model.opened.number
    if (wanted && wanted !== opened) start(wanted)
    if (!wanted && window_.isOpen && since === null) window_.close()
    if (model.outcome.number !== handled) { handled = model.outcome.number; settle(model.outcome) }
    if (changed?.has("choices")) steps.forEach(offer)
  }

  function start(wanted) {
    opened = wanted
    steps = []
    list.replaceChildren()
    window_.retitle(model.opened.title)
    add()
    choose()
    window_.open(steps[0].which)
    model.send_msg({type: "opened"})
  }

  function closed() {
    working(false)
    model.send_msg({type: "closed"})
  }

  // -- which fields ---------------------------------------------------------------------------

  function choose() {
    window_.fill(form)
    window_.buttons(cancel, look)
    window_.tell("")
  }

  const offered = step => model.fields.filter(({name}) => !steps.some(other => other !== step && other.which?.value === name))

  function add() {
    const id = `step-${++number}`
    const step = {id, node: h("div", {class: "step"})}
    steps.push(step)
    step.which = h("select", {"aria-label": say("Field")}, ...offered(step).map(({name, label}) => h("option", {value: name}, text(label))))
    step.which.addEventListener("change", () => { enter(step); spread() })
    const drop = h("button", {type: "button", class: "icon-btn drop", "aria-label": say("Remove this field"), title: say("Remove this field")}, icon("close"))
    drop.addEventListener("click", () => { steps = steps.filter(other => other !== step); step.node.remove(); spread(); steps.at(-1).which.focus() })
    step.drop = drop
    list.append(step.node)
    enter(step)
    spread()
    return step
  }

  /** Each field is offered once; the last step stays. */
  function spread() {
    for (const step of steps) {
      const taken = new Set(steps.filter(other => other !== step).map(({which}) => which.value))
      const options = model.fields.filter(({name}) => !taken.has(name)).map(({name, label}) => h("option", {value: name, selected: name === step.which.value}, text(label)))
      step.which.replaceChildren(...options)
      step.drop.hidden = steps.length === 1
    }
    more.hidden = steps.length >= model.fields.length
  }

  /** The inputs for the field of a step. */
  function enter(step) {
    step.field = model.fields.find(({name}) => name === step.which.value)
    step.way = h("select", {"aria-label": say("What to do with {field}", {field: step.field.label})}, ...step.field.ways.map(way => h("option", {value: way}, say(WAYS[way]))))
    step.way.addEventListener("change", () => value(step, true))
    step.place = h("div", {class: "value"})
    step.node.replaceChildren(step.which, step.way, step.place, step.drop)
    value(step)
  }

  function value(step, focus) {
    const way = step.way.value, item = {...step.field, value: "", text: "", mandatory: false}
    step.notes = h("div", {class: "notes", id: `note-${item.name}`, role: "alert"})
    step.control = way === "clear" ? null : way === "shift" ? days() : item.input === "boolean" ? truth() : inputFor(item, step.id, model.users)
    step.options = step.control?.hasAttribute("list") ? h("datalist", {id: `list-${item.name}`}) : null
    step.control?.setAttribute("aria-label", say("New value of {field}", {field: item.label}))
    step.control?.setAttribute("aria-describedby", `note-${item.name}`)
    step.control?.addEventListener("input", () => { step.notes.replaceChildren(); step.control.removeAttribute("aria-invalid") })
    step.place.replaceChildren(...[step.control || h("span", {class: "none"}, say("It will be empty.")), step.options, step.notes].filter(Boolean))
    offer(step)
    if (focus) step.control?.focus()
  }

  const days = () => h("input", {type: "text", inputmode: "numeric", autocomplete: "off", placeholder: say("such as 7, or -7 for a week earlier")})
  const truth = () => h("select", null, h("option", {value: "true"}, say("Yes")), h("option", {value: "false"}, say("No")))

  function offer({options, field}) {
    options?.replaceChildren(...(model.choices[field.name] || []).map(word => h("option", {value: word})))
  }

  function preview() {
    if (since !== null) return
    const bad = steps.find(({control}) => control?.validity.badInput)
    if (bad) return wrong(bad, say("The date is not complete."))
    const given = steps.map(({field, way, control}) => ({field: field.name, way: way.value, value: control ? control.value : null}))
    working(say("Looking …"))
    model.send_msg({type: "preview", steps: given})
  }

  function wrong(step, words) {
    step.notes.replaceChildren(h("p", {class: "tone-danger"}, bdi(words)))
    step.control?.setAttribute("aria-invalid", "true")
    ;(step.control || step.which).focus()
  }

  // -- what it would change -------------------------------------------------------------------

  function settle({kind, message, problems, preview: found}) {
    working(false)
    if (kind === "applied") return window_.close()
    if (found) show(found)
    else choose()
    window_.tell(message, kind === "outdated" ? "warning" : "danger")
    const marked = steps.filter(({field}) => problems?.[field.name])
    for (const step of marked.reverse()) wrong(step, problems[step.field.name])
  }

  function show(found) {
    const leave = h("input", {type: "checkbox", id: "leave-out"})
    const back = action(say("Back"), () => { choose(); steps[0].which.focus() }, "first")
    const go = found.apply && action(found.apply, () => {
      if (since !== null) return
      working(found.doing)
      model.send_msg({type: "apply", leave_out: leave.checked})
    }, "primary")
    if (go && found.refused) go.disabled = true
    leave.addEventListener("change", () => { if (go) go.disabled = !leave.checked })
    window_.fill(h("div", {class: "preview inputs"}, h("p", {class: "total"}, bdi(found.head)), ...found.notes.map(note => h("p", {class: "note"}, bdi(note))),
      found.refused ? refused(found.refused, go && leave) : null, ...found.fields.map(field), found.samples.rows.length ? samples(found.samples) : null))
    window_.buttons(...[back, cancel, go].filter(Boolean))
    ;(go && !go.disabled ? go : go ? leave : back).focus()
  }

  const blankOr = words => text(words) === "" ? h("span", {class: "none"}, say("(blank)")) : bdi(words)
  const change = ([before, after]) => h("span", {class: "change"}, h("span", {class: "old"}, blankOr(before)), h("span", {class: "arrow", "aria-label": say("becomes")}, "→"), h("span", {class: "new"}, blankOr(after)))

  function refused({head, rows, more: rest, leave: words}, leave) {
    return h("section", {class: "refused tone-warning"}, h("h3", null, icon("warning"), bdi(head)),
      h("ul", null, ...rows.map(({title, why}) => h("li", null, h("strong", null, bdi(title)), " ", bdi(why)))), rest ? h("p", null, bdi(rest)) : null,
      leave ? h("label", {for: "leave-out"}, leave, bdi(words)) : null)
  }

  function field({label, head, rows, more: rest}) {
    return h("section", null, h("h3", null, bdi(label), h("span", {class: "n"}, bdi(head))),
      h("ul", {class: "counts"}, ...rows.map(({old, new: now, n}) => h("li", null, change([old, now]), h("span", {class: "n"}, bdi(n))))),
      rest ? h("p", {class: "note"}, bdi(rest)) : null)
  }

  function samples({head, columns, rows}) {
    const cells = values => values.map((pair, at) => h("td", {"data-label": text(columns[at + 1])}, pair ? change(pair) : h("span", {class: "none"}, say("unchanged"))))
    return h("section", null, h("h3", null, bdi(head)), h("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": text(head)}, h("table", null,
      h("thead", null, h("tr", null, ...columns.map(word => h("th", {scope: "col"}, bdi(word))))),
      h("tbody", null, ...rows.map(({title, values}) => h("tr", null, h("th", {scope: "row"}, bdi(title)), ...cells(values)))))))
  }

  // -- waiting --------------------------------------------------------------------------------

  /** Say what is being done, and after a second for how long. */
  function working(words) {
    clearInterval(clock)
    since = words ? Date.now() : null
    window_.busy(Boolean(words))
    if (!words) return
    const tell = () => { const seconds = Math.round((Date.now() - since) / 1000); window_.tell(seconds ? `${words} ${say("{n} s", {n: seconds})}` : words, "info") }
    tell()
    clock = setInterval(tell, 1000)
  }

  const signal = mount(ctx, CSS, PROPS, draw)
  signal.addEventListener("abort", () => clearInterval(clock))
  more.addEventListener("click", () => add().which.focus())
  form.addEventListener("submit", event => { event.preventDefault(); preview() })
  form.addEventListener("keydown", event => { if (event.key === "Enter" && event.target.matches("input")) { event.preventDefault(); preview() } })
  el.replaceChildren(window_.node)
  draw(null)
}
