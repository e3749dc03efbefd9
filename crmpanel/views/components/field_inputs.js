// The inputs of FieldEditor: which one a field has, and its value as text.

const TYPES = {date: "date", datetime: "datetime-local", boolean: "checkbox"}
const KEYBOARDS = {email: "email", tel: "tel", url: "url", number: "decimal", integer: "numeric"}
// A year of more than four digits is a slip of the finger.
const LAST = {date: "9999-12-31", datetime: "9999-12-31T23:59"}

function inputFor(item, id, users) {
  const name = text(item.name), value = text(item.value)
  const common = {id, "aria-describedby": `note-${name}`, "aria-required": item.mandatory ? "true" : null}
  if (item.input === "user") return userSelect(item, common, users)
  if (item.input === "options") return optionSelect(item, common)
  // A line break would be lost in an input of one line.
  const lines = value.split("\n").length
  if (item.input === "area" || lines > 1) return h("textarea", {...common, rows: Math.min(12, Math.max(3, lines + 1))})
  const seconds = item.input === "datetime" && value.length > 16 && !value.endsWith(":00")
  return h("input", {...common, type: TYPES[item.input] || "text", inputmode: KEYBOARDS[item.input], autocomplete: "off",
    list: item.input === "choice" ? `list-${name}` : null, step: seconds ? "any" : null, max: LAST[item.input]})
}

function userSelect(item, attrs, users) {
  const offered = item.mandatory && item.value ? [] : [{value: "", label: say("(nobody)")}]
  if (item.value && !users.some(user => user.value === item.value)) offered.push({value: item.value, label: item.text})
  return h("select", attrs, ...[...offered, ...users].map(user => h("option", {value: user.value}, text(user.label))))
}

function optionSelect(item, attrs) {
  const offered = item.mandatory || item.options.some(({value}) => value === "") ? [] : [{value: "", label: ""}]
  const known = [...offered, ...item.options]
  if (item.value && !known.some(({value}) => value === item.value)) known.push({value: item.value, label: item.text || item.value})
  return h("select", attrs, ...known.map(({value, label}) => h("option", {value}, text(label))))
}

function write(control, value) {
  if (control.type !== "checkbox") control.value = control.type === "datetime-local" ? value.replace(" ", "T") : value
  else { control.checked = value === "true"; control.indeterminate = value === "" }
}

function read(control) {
  if (control.type !== "checkbox") return control.value
  return control.indeterminate ? "" : String(control.checked)
}

/** What was entered, as it is told in words. */
function inWords(item, value, users) {
  if (item.input === "user") return users.find(user => user.value === value)?.label
  if (item.input === "options") return item.options.find(option => option.value === value)?.label
  if (item.input === "boolean") return value === "" ? "" : value === "true" ? say("Yes") : say("No")
  return item.input === "datetime" ? value.replace("T", " ") : value
}
