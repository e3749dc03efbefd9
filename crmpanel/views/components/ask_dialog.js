// A window made from data, which asks something and sends the answer.

const PROPS = ["question", "found", "said", "busy"]
const PAUSE = 200 // after which typing becomes a search

export function render(ctx) {
  const {model, el} = ctx
  let handled = model.question.number, told = model.said.number, answered = false
  let values = {}, results = null, input = null
  const root = modal({title: "", body: h("div"), onClose: closed})

  function draw(changed) {
    if (model.question.number !== handled) { handled = model.question.number; show() }
    if (!root.isOpen) return
    if (changed?.has("found") && results) drawFound()
    if (changed?.has("busy")) root.busy(model.busy)
    if (model.said.number !== told) { told = model.said.number; root.tell(model.said.message, model.said.tone || "danger") }
  }

  function show() {
    const {title, wide, parts, buttons} = model.question
    if (!title) { answered = true; return root.isOpen && root.close() }
    values = {}
    results = input = null
    answered = false
    root.retitle(title)
    root.node.classList.toggle("wide", Boolean(wide))
    root.tell("")
    root.fill(...parts.map(part => KINDS[part.type](part)))
    root.buttons(...(buttons || []).map(button))
    root.busy(false)
    root.open(input || root.node.querySelector("footer .primary, footer .danger"))
  }

  function button({name, label, kind}) {
    return action(text(label), () => name === "cancel" ? root.ask() : answer(name), TONES_OF[kind] || "")
  }

  function answer(name) {
    root.tell("")
    model.send_msg({type: "answer", number: handled, name, values})
  }

  function closed() {
    if (!answered) model.send_msg({type: "close", number: handled})
  }

  const TONES_OF = {primary: "primary", danger: "danger", first: "first"}
  const KINDS = {
    text: part => h("p", {class: `tone-${toneOf(part) || "none"}`, dir: "auto"}, text(part.text)),
    ticks, sides, find, input: line,
  }

  function line(part) {
    values[part.name] = text(part.value)
    const node = input = h("input", {type: "text", maxlength: part.longest, autocomplete: "off"})
    node.value = text(part.value)
    node.addEventListener("input", () => { values[part.name] = node.value })
    node.addEventListener("focus", () => node.select())
    node.addEventListener("keydown", event => { if (event.key === "Enter") { event.preventDefault(); answer("do") } })
    return h("label", {class: "line inputs"}, h("span", null, text(part.label)), node)
  }

  function ticks(part) {
    values[part.name] = part.items.filter(item => item.ticked).map(item => item.value)
    const line = item => {
      const box = h("input", {type: "checkbox"})
      box.checked = Boolean(item.ticked)
      box.addEventListener("change", () => {
        const kept = values[part.name].filter(value => value !== item.value)
        values[part.name] = box.checked ? [...kept, item.value] : kept
      })
      return h("label", {class: "tick"}, box, bdi(item.label), item.note ? h("small", null, bdi(item.note)) : null)
    }
    return h("fieldset", null, part.label ? h("legend", null, text(part.label)) : null, ...part.items.map(line))
  }

  function sides(part) {
    const chosen = values[part.name] = Object.fromEntries(part.rows.map(row => [row.name, row.chosen]))
    const cell = (row, side, at) => {
      const words = text(row[side]) === "" ? h("span", {class: "none"}, "–") : bdi(row[side])
      if (row.fixed) return h("td", {class: text(row.left) === text(row.right) || row.chosen === side ? "" : "lost"}, words)
      const radio = h("input", {type: "radio", name: `side-${row.name}`, "aria-label": `${text(row.label)}: ${text(row[side]) || say("empty")} (${text(part.heads[at])})`})
      radio.checked = row.chosen === side
      radio.addEventListener("change", () => { chosen[row.name] = side })
      return h("td", null, h("label", null, radio, words))
    }
    const line = row => h("tr", {class: text(row.left) === text(row.right) ? "same" : null},
      h("th", {scope: "row"}, bdi(row.label)), cell(row, "left", 0), cell(row, "right", 1))
    const head = h("tr", null, h("td"), ...part.heads.map(label => h("th", {scope: "col"}, bdi(label))))
    return h("table", {class: "sides"}, h("thead", null, head), h("tbody", null, ...part.rows.map(line)))
  }

  function find(part) {
    let timer = null
    input = h("input", {type: "search", placeholder: text(part.placeholder), "aria-label": text(part.label), autocomplete: "off"})
    results = h("ul", {class: "found", "aria-label": text(part.label)})
    input.addEventListener("input", () => {
      clearTimeout(timer)
      timer = setTimeout(() => model.send_msg({type: "find", number: handled, text: input.value}), PAUSE)
    })
    const buttons = () => [...results.querySelectorAll("button")]
    input.addEventListener("keydown", event => {
      if (event.key === "ArrowDown") { event.preventDefault(); buttons()[0]?.focus() }
      if (event.key === "Enter") { event.preventDefault(); buttons()[0]?.click() }
    })
    results.addEventListener("keydown", event => arrowKeys(event, buttons, "ArrowUp", "ArrowDown"))
    drawFound()
    return h("div", {class: "search inputs"}, input, results)
  }

  function drawFound() {
    const {items, hint, text: asked} = model.found
    const current = input && asked === input.value
    results.replaceChildren(...(current || !input?.value ? items || [] : []).map(item => {
      const button = h("button", {type: "button"}, bdi(item.title), item.subtitle ? h("small", null, bdi(item.subtitle)) : null)
      button.addEventListener("click", () => model.send_msg({type: "pick", number: handled, id: item.id}))
      return h("li", null, button)
    }))
    if (hint && !items?.length) results.append(h("li", {class: "hint"}, text(hint)))
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root.node)
  draw()
}
