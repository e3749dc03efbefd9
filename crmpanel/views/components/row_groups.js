// Headings over rows that belong together: `row.group` = {key, text, note, folded, act: {name, label}}.

/** `at(row)`: the <tr> of a row; `folds`: key → whether it is folded, as the visitor has left it. */
function headGroups(body, rows, width, at, folds, send) {
  let key = null, members = []
  for (const head of body.querySelectorAll("tr.group")) head.remove()
  rows.forEach((row, index) => {
    const tr = at(row, index), group = row.group
    tr.hidden = false
    tr.classList.toggle("grouped", Boolean(group))
    if (!group) { key = null; return }
    if (group.key !== key) {
      key = group.key
      members = []
      tr.before(groupHead(group, members, width, folds, send))
    }
    members.push(tr)
    tr.hidden = isFolded(group, folds)
  })
}

const isFolded = (group, folds) => folds.has(group.key) ? folds.get(group.key) : Boolean(group.folded)

function groupHead(group, members, width, folds, send) {
  const fold = h("button", {type: "button", class: "fold"}, icon("down"), bdi(group.text))
  const show = () => {
    const folded = isFolded(group, folds)
    fold.setAttribute("aria-expanded", String(!folded))
    for (const tr of members) tr.hidden = folded
  }
  fold.querySelector("path").setAttribute("d", "M4 6l4 4 4-4")
  fold.setAttribute("aria-expanded", String(!isFolded(group, folds)))
  fold.addEventListener("click", () => { folds.set(group.key, !isFolded(group, folds)); show() })
  const inside = h("div", null, fold)
  if (group.act) {
    const act = h("button", {type: "button", class: "link"}, text(group.act.label))
    act.addEventListener("click", () => send({type: "act", group: group.key, name: group.act.name}))
    inside.append(act)
  }
  if (group.note) inside.append(h("small", {title: text(group.note)}, bdi(group.note)))
  return h("tr", {class: "group", role: "row"}, h("th", {colspan: width, scope: "rowgroup", role: "rowheader"}, inside))
}
