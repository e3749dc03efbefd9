// The bar that says how many changes are unsaved, lists them, and saves them as one.

function saveBar(book, {revert, discarded, users}) {
  let reviewing = false
  const count = h("span", {class: "count", role: "status"})
  const button = (label, act, className = "btn") => { const node = h("button", {type: "button", class: className}, label); node.addEventListener("click", act); return node }
  const dismiss = () => { book.notice = null; book.show() }
  const review = button(say("Review"), () => { reviewing = !reviewing; draw(true) })
  const discard = button(say("Discard"), () => {
    const names = [...book.drafts.keys()]
    names.forEach(book.forget)
    dismiss()
    names.forEach(name => book.changed(name))
    discarded(names.at(-1))
  })
  const store = button(say("Save"), () => book.save(), "btn primary")
  const undo = button(say("Undo"), () => { dismiss(); book.send({type: "undo"}) })
  const close = button(icon("close"), dismiss, "icon-btn")
  const list = h("div", {class: "review"})
  const node = h("div", {class: "bar", role: "region", "aria-label": say("Unsaved changes")}, list, h("div", {class: "line"}, count, undo, review, discard, store, close))
  close.setAttribute("aria-label", say("Dismiss"))

  function draw(isLead) {
    const number = book.drafts.size, {notice} = book
    const words = !isLead ? "" : book.isSaving ? say("Saving …") : notice ? text(notice.message) : number === 1 ? say("1 unsaved change") : say("{n} unsaved changes", {n: number})
    node.hidden = !isLead || !number && !notice
    node.className = `bar ${notice ? `tone-${notice.tone}` : ""}`
    if (count.textContent !== words) count.textContent = words
    for (const part of [review, discard, store]) part.hidden = !number
    store.disabled = book.isFresh
    undo.hidden = !notice?.undo || number > 0
    close.hidden = number > 0 || !notice
    reviewing = reviewing && number > 0
    review.setAttribute("aria-expanded", String(reviewing))
    list.hidden = !reviewing
    list.replaceChildren(...(reviewing && !node.hidden ? [table()] : []))
  }

  function table() {
    const head = h("tr", null, ...[say("Field"), say("Before"), say("After"), ""].map(label => h("th", null, label)))
    const cell = value => h("td", null, text(value) === "" ? "–" : bdi(value))
    const line = name => {
      const item = book.items.get(name) || {label: name}, label = say("Discard: {field}", {field: item.label})
      const drop = button(icon("close"), () => revert(name), "icon-btn")
      drop.setAttribute("aria-label", label)
      drop.title = label
      return h("tr", null, h("th", {scope: "row"}, bdi(item.label)), cell(item.text), cell(inWords(item, book.drafts.get(name), users())), h("td", null, drop))
    }
    return h("table", null, h("thead", null, head), h("tbody", null, ...[...book.drafts.keys()].map(line)))
  }

  return {node, draw}
}
