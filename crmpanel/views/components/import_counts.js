/** A table of counts by entity; a row whose records can be shown has a button. */
function countTable({columns, rows}, current, choose) {
  const cell = item => h("td", {class: `${item.text === "0" ? "zero" : ""} ${toneOf(item) ? `tone-${item.tone}` : ""}`}, item.href ? link(item, bdi(item.text)) || bdi(item.text) : bdi(item.text))
  const head = h("tr", null, h("th", {scope: "col"}, h("span", {class: "vh"}, say("Records"))), ...columns.map(label => h("th", {scope: "col"}, bdi(label))))
  const body = rows.map(row => {
    const is = choose && row.entity === current
    const name = choose && row.sample ? h("button", {type: "button", class: "link", "aria-pressed": String(is), "data-at": row.entity}, bdi(row.label)) : bdi(row.label)
    if (choose && row.sample) name.addEventListener("click", () => choose(row.entity))
    return h("tr", {class: is ? "current" : ""}, h("td", null, name), ...row.cells.map(cell))
  })
  return h("div", {class: "panel counts", tabindex: "0", role: "group", "aria-label": say("Numbers of records")}, h("table", null, h("thead", null, head), h("tbody", null, ...body)))
}
