// What was understood of an export: tables become entities, columns fields; each choice is a select.

// The keyboard passes options on its way: the one that it rests on, or is left at, is chosen.
const RESTS = 700

function whenChosen(node, act) {
  let keyed = false, waiting = 0
  const choose = () => { clearTimeout(waiting); waiting = 0; act() }
  node.addEventListener("keydown", event => { keyed = event.key !== "Enter"; if (!keyed && waiting) choose() })
  node.addEventListener("pointerdown", () => { keyed = false })
  node.addEventListener("blur", () => waiting && choose())
  node.addEventListener("change", () => {
    clearTimeout(waiting)
    if (keyed) waiting = setTimeout(choose, RESTS)
    else choose()
  })
}

const PROPS = ["shown", "file", "busy"]
// So many tables that are left out are shown beside the others without asking.
const FEW = 4

export function render(ctx) {
  const {model, el} = ctx
  const open = new Set(), all = new Set(), seen = new Set(), used = new Set()
  let drawn = new Map(), filed = null, first = true, isWhole = false
  const title = h("h2", {dir: "auto"}), how = h("p", {dir: "auto"})
  const name = h("input", {type: "text", maxlength: 60, autocomplete: "off", spellcheck: "false"})
  const named = h("label", {class: "name", title: say("A newer export of the same source is recognised by this name")}, say("Known as"), name)
  const toml = h("button", {type: "button", class: "btn"}, say("Save the mapping"))
  const bring = h("button", {type: "button", class: "btn"}, say("Use a mapping file"))
  const file = h("input", {type: "file", accept: ".toml", hidden: true, class: "toml", "aria-label": say("Mapping file")})
  const questions = h("div"), tables = h("div"), statuses = h("div")
  const root = h("section", {class: "step inputs", "aria-label": say("What was understood")},
    h("header", null, title, how, h("div", {class: "tools"}, named, toml, bring, file)), questions, tables, statuses)

  const send = (type, values) => model.send_msg({type, ...values})
  const focusKey = () => el.getRootNode().activeElement?.dataset.at

  function draw(changed) {
    const shown = model.shown
    root.hidden = !shown.title
    if (model.file.number && model.file.number !== filed) {
      filed = model.file.number
      saveFile(model.file.name, model.file.text, "application/toml")
    }
    root.inert = model.busy
    if (!shown.title) { drawn.clear(); open.clear(); seen.clear(); used.clear(); isWhole = false; tables.replaceChildren(); first = true; return }
    if (changed && !changed.has("shown")) return
    const had = focusKey()
    title.textContent = text(shown.title)
    how.textContent = text(shown.how)
    if (el.getRootNode().activeElement !== name) name.value = text(shown.name)
    named.hidden = shown.fixed
    questions.replaceChildren(...shown.questions.map(question))
    if (first && shown.tables.length === 1) open.add(shown.tables[0].key)
    first = false
    drawTables(shown)
    statuses.replaceChildren(...shown.statuses.map(statusPanel))
    if (had) el.getRootNode().querySelector(`[data-at="${window.CSS.escape(had)}"]`)?.focus()
  }

  function question(item) {
    const choices = item.choices.map(choice => {
      const radio = h("input", {type: "radio", name: `q${item.number}`, value: choice.value, "data-at": `q${item.number} ${choice.value}`})
      radio.checked = choice.value === item.value
      radio.addEventListener("change", () => send("answer", {number: item.number, value: choice.value}))
      return h("label", null, radio, bdi(choice.label))
    })
    return h("div", {class: "question", role: "radiogroup", "aria-label": text(item.text)}, h("strong", null, bdi(item.about), ": ", bdi(item.text)),
      h("div", {class: "choices"}, ...choices))
  }

  function drawTables(shown) {
    const next = new Map()
    for (const table of shown.tables) {
      const key = JSON.stringify([table, shown.entities, open.has(table.key) && shown.fields[table.entity], open.has(table.key), all.has(table.key)])
      const known = drawn.get(table.key)
      next.set(table.key, known?.key === key ? known : {key, node: entry(table, shown)})
    }
    drawn = next
    shown.tables.filter(table => table.entity).forEach(table => used.add(table.table))
    // What was just left out stays in sight.
    const rest = used.size && !isWhole ? shown.tables.filter(table => !used.has(table.table)) : []
    const hides = new Set(rest.length > FEW ? rest.map(table => table.key) : [])
    tables.replaceChildren(...[...next].filter(([key]) => !hides.has(key)).map(([, item]) => item.node))
    if (hides.size) tables.append(whole(hides.size))
  }

  function whole(n) {
    const button = h("button", {type: "button", class: "link whole", "data-at": "whole"}, say("Show {n} tables that are left out", {n}))
    button.addEventListener("click", () => { isWhole = true; redraw() })
    return button
  }

  function redraw() {
    const had = focusKey()
    drawTables(model.shown)
    if (had) el.getRootNode().querySelector(`[data-at="${window.CSS.escape(had)}"]`)?.focus()
  }

  function entry(table, shown) {
    const isOpen = open.has(table.key)
    const fold = h("button", {type: "button", class: "fold", "aria-expanded": String(isOpen), "data-at": `fold ${table.key}`, title: table.table}, icon("chevron"), bdi(table.table))
    fold.disabled = !table.columns.length
    fold.addEventListener("click", () => { open[isOpen ? "delete" : "add"](table.key); redraw() })
    const pick = select(`entity ${table.key}`, say("What {table} holds", {table: table.table}), [{value: "", label: say("Leave out")}, ...shown.entities], table.entity,
      value => send("entity", {table: table.table, source: table.source, value}))
    pick.disabled = Boolean(shown.fixed || table.fixed)
    const warnings = table.warnings.length ? h("span", {class: "chip tone-warning"}, bdi(say("{n} warnings", {n: table.warnings.length}))) : null
    const bad = table.bad ? h("span", {class: "chip tone-danger"}, bdi(table.bad)) : null
    const top = h("div", {class: "top"}, fold, h("span", {class: "to", "aria-hidden": "true"}, "→"), pick, h("span", {class: "facts"}, warnings, bad, bdi(table.note || table.rows)))
    const node = h("div", {class: `panel entry ${table.entity ? "" : "out"}`}, top)
    if (isOpen) node.append(h("div", {class: "body"}, ...inside(table, shown)))
    return node
  }

  function inside(table, shown) {
    const parts = []
    if (table.warnings.length) parts.push(h("ul", {class: "hints"}, ...table.warnings.map(line => h("li", null, icon("warning"), bdi(line)))))
    if (table.evidence.length) parts.push(h("ul", {class: "why"}, ...table.evidence.map(line => h("li", null, bdi(line)))))
    if (table.links.length) parts.push(h("ul", {class: "links"}, ...table.links.map(item => linked(table, item))))
    const at = column => `${table.key} ${column.name}`
    // What was just left out stays where it is, with the focus.
    const used = table.columns.filter(column => column.use !== "" || all.has(table.key) || seen.has(at(column)))
    used.forEach(column => seen.add(at(column)))
    const rest = table.columns.length - used.length
    if (used.length) parts.push(columnTable(table, used, shown))
    if (rest) {
      const more = h("button", {type: "button", class: "link more", "data-at": `more ${table.key}`}, say("Show {n} columns that are not used", {n: rest}))
      more.addEventListener("click", () => { all.add(table.key); redraw() })
      parts.push(more)
    }
    return parts
  }

  function linked(table, item) {
    const by = select(`by ${table.key} ${item.field}`, say("How {field} is found", {field: item.label}), item.ways, item.by, value => send("by", {source: table.source, field: item.field, value}))
    const rate = item.rate ? h("span", {class: `rate ${item.low ? "low" : ""}`}, bdi(item.rate)) : null
    return h("li", null, icon("link"), h("strong", null, bdi(item.label)), bdi(item.column), by, rate)
  }

  function columnTable(table, columns, shown) {
    const heads = [say("Column"), say("Examples"), say("Becomes"), say("Result")]
    return h("table", null, h("thead", null, h("tr", null, ...heads.map(head => h("th", {scope: "col"}, head)))),
      h("tbody", null, ...columns.map(column => columnRow(table, column, shown))))
  }

  function columnRow(table, column, shown) {
    const at = `${table.key} ${column.name}`
    const options = [{value: "", label: say("Leave out")}, {value: "+", label: say("New field")}, ...(column.can_key ? [{value: "@key", label: say("Key: tells records apart")}] : []), ...(shown.fields[table.entity] || [])]
    const becomes = select(`column ${at}`, say("What {column} becomes", {column: column.name}), options, column.use, value => send("column", {source: table.source, column: column.name, value}))
    becomes.disabled = Boolean(shown.fixed)
    const format = column.formats.length ? select(`format ${at}`, say("How {column} is written", {column: column.name}), column.formats, column.format, value => send("format", {source: table.source, column: column.name, value})) : null
    const examples = h("span", {class: "examples", title: column.examples}, text(column.examples))
    const also = column.also ? h("span", {class: "quiet"}, bdi(column.also)) : null
    return h("tr", {class: column.use === "" ? "unused" : ""}, h("td", null, bdi(column.name, "kept")), h("td", null, examples),
      h("td", null, becomes, format, also), h("td", null, result(column)))
  }

  function result({filled, result: found}) {
    if (!found) return h("span", {class: "result"}, bdi(filled))
    const bad = found.bad ? [" · ", h("span", {class: "bad", title: found.examples}, bdi(found.bad))] : []
    const node = h("span", {class: "result"}, h("b", null, bdi(found.ok)), found.empty ? ` · ${text(found.empty)}` : "", ...bad)
    if (found.examples) node.append(h("br"), h("span", {class: "quiet"}, bdi(found.examples)))
    return node
  }

  function select(at, label, options, value, act) {
    const node = h("select", {"aria-label": label, "data-at": at}), groups = new Map()
    for (const option of options) {
      let parent = node
      if (option.group) {
        if (!groups.has(option.group)) { groups.set(option.group, h("optgroup", {label: option.group})); node.append(groups.get(option.group)) }
        parent = groups.get(option.group)
      }
      parent.append(h("option", {value: option.value}, text(option.label)))
    }
    if (![...node.options].some(option => option.value === value)) node.append(h("option", {value}, text(value)))
    node.value = value
    whenChosen(node, () => act(node.value))
    return node
  }

  function statusPanel(item) {
    const rows = item.items.map(one => h("label", null, h("span", null, bdi(one.status), " ", h("span", {class: "quiet"}, text(one.count))),
      select(`role ${item.entity} ${one.status}`, say("What {status} means", {status: one.status}), model.shown.roles, one.role, value => send("role", {entity: item.entity, status: one.status, value}))))
    return h("div", {class: "panel"}, h("div", {class: "inside"}, h("h3", null, bdi(item.title)), h("div", {class: "statuses"}, ...rows)))
  }

  mount(ctx, CSS, PROPS, draw)
  name.addEventListener("change", () => send("name", {value: name.value}))
  toml.addEventListener("click", () => send("toml", {}))
  bring.addEventListener("click", () => { file.value = ""; file.click() })
  file.addEventListener("change", async () => { if (file.files[0]) send("bring", {text: await file.files[0].text()}) })
  el.replaceChildren(root)
  draw(null)
}
