// What was entered for a record and is not saved: one book of it, shared by all places that edit its fields.

const PATIENCE = 15_000 // ms after which a save that was not answered may be tried again

/** The book of a record; it outlives a view that is drawn anew, and is found again by its name. */
function bookOf(name) {
  const books = window.crmBooks ??= new Map()
  if (!books.has(name)) books.set(name, newBook(() => books.delete(name)))
  return books.get(name)
}

function newBook(burn) {
  const drafts = new Map() // text by field, of those that were changed
  const problems = new Map(), conflicts = new Map(), mine = new Set()
  const editors = new Set() // {model, el, isMain, update(name), redraw(), drawBar(), focus(name), badOne()}
  let sent = null, handled = 0, told = "", life = null
  const book = {drafts, problems, conflicts, mine, items: new Map(), notice: null, join, lead, entered, forget, save, settle, changed, show, send,
    get isSaving() { return Boolean(sent) }, get isFresh() { return Boolean(sent) && Date.now() - sent.at < PATIENCE }}

  function join(editor) {
    if (!editors.size) { life = new AbortController(); guard(life.signal) }
    editors.add(editor)
    return () => {
      editors.delete(editor)
      if (editors.size) return
      life.abort()
      // A view that is drawn anew joins again in a moment.
      setTimeout(() => { if (!editors.size && !drafts.size) burn() }, 1000)
    }
  }

  /** The editor with the bar: the main one if it can be seen, else the other. */
  function lead() {
    const seen = [...editors].filter(({el}) => el.isConnected && el.checkVisibility())
    return seen.find(({isMain}) => isMain) || seen[0]
  }

  function send(message) {
    (lead() || [...editors][0])?.model.send_msg(message)
  }

  /** A field was changed in one place: the others show it. */
  function changed(name, from) {
    for (const editor of editors) if (editor !== from) editor.update(name)
    show()
  }

  function show() {
    const fields = [...drafts.keys()]
    if (fields.join() !== told) send({type: "drafts", fields})
    told = fields.join()
    for (const editor of editors) editor.drawBar()
  }

  function entered(name, value, isChanged, from) {
    if (isChanged) drafts.set(name, value)
    else drafts.delete(name)
    problems.delete(name)
    book.notice = null
    changed(name, from)
  }

  function forget(name) {
    for (const kept of [drafts, problems, conflicts, mine]) kept.delete(name)
  }

  function focus(name) {
    for (const editor of new Set([lead(), ...editors])) if (editor?.focus(name)) return
  }

  function save() {
    if (!drafts.size || book.isFresh) return
    const bad = [...editors].map(editor => editor.badOne()).find(Boolean), open = [...conflicts.keys()][0]
    if (bad) { problems.set(bad, say("The date is not complete.")); changed(bad); return focus(bad) }
    if (open) return focus(open)
    sent = {at: Date.now(), values: Object.fromEntries(drafts)}
    book.notice = null
    const values = Object.fromEntries([...drafts].map(([name, value]) => [name, value === "" ? null : value]))
    send({type: "save", values, mine: [...mine]})
    show()
  }

  /** Take in what came of a save: nothing that was entered is lost unless it was saved. */
  function settle({number, kind, message, problems: wrong, conflicts: others, undo}) {
    if (!(number > handled)) return
    handled = number
    const was = sent?.values || {}
    sent = null
    for (const kept of [problems, conflicts]) kept.clear()
    book.notice = {message, tone: {saved: "success", undone: "success", conflict: "warning"}[kind] || "danger", undo}
    if (kind === "saved") {
      mine.clear()
      for (const [name, value] of Object.entries(was)) if (drafts.get(name) === value) forget(name)
    }
    for (const [name, words] of Object.entries(wrong || {})) problems.set(name, words)
    for (const [name, words] of Object.entries(others || {})) conflicts.set(name, words)
    for (const editor of editors) editor.settled(kind === "saved" ? Object.keys(was) : [])
    const first = [...problems.keys(), ...conflicts.keys()].find(name => drafts.has(name))
    if (first) queueMicrotask(() => focus(first))
    show()
  }

  // -- leaving ---------------------------------------------------------------------------------

  function stays(href) {
    const home = [...editors][0]?.model.home
    return home && (href === home || ["?", "&", "#"].some(end => href.startsWith(home + end)))
  }
  const isShown = () => [...editors].some(({el}) => el.isConnected)
  const mayLeave = () => !drafts.size || !isShown() || confirm(say("Leave without saving? What you entered is lost."))

  function onClick(event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const a = event.composedPath().find(node => node instanceof HTMLAnchorElement && node.hasAttribute("data-nav"))
    if (!a || a.target && a.target !== "_self" || stays(a.getAttribute("href"))) return
    if (mayLeave()) return drafts.clear()
    event.preventDefault()
    event.stopImmediatePropagation()
  }

  /** Asked by the Router before Back and Forward: whatever listens to "popstate" may be called before or after it. */
  function mayGo(href) {
    if (stays(href)) return true
    const leaves = mayLeave()
    if (leaves) drafts.clear()
    return leaves
  }

  function guard(signal) {
    window.addEventListener("click", onClick, {capture: true, signal})
    LEAVING.add(mayGo)
    signal.addEventListener("abort", () => LEAVING.delete(mayGo))
    window.addEventListener("beforeunload", event => { if (drafts.size && isShown()) event.preventDefault() }, {signal})
  }

  return book
}
