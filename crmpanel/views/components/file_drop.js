// A file dropped anywhere on the page, or chosen, sent piece by piece; then what is understood of it.

const PROPS = ["enabled", "asked", "upload", "proposal", "said", "busy"]

export function render(ctx) {
  const {model, el} = ctx
  let file = null, asked = model.asked, sent = null, shown = model.proposal.number, told = model.said.number, depth = 0
  const progress = h("progress", {max: 1, "aria-label": say("Sent")})
  const working = h("p", {class: "working", role: "status"})
  const root = modal({title: "", body: h("div"), wide: true, onClose: closed})
  const veil = h("div", {class: "veil", hidden: true}, h("div", null, icon("plus"), h("strong", null, say("Drop the file here")),
    h("span", null, say("It becomes a list of its own, on every card"))))

  // -- choosing and dropping --------------------------------------------------------------------

  function choose() {
    const input = h("input", {type: "file", class: "vh", tabindex: "-1", accept: ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods,.parquet,.json,.ndjson"})
    input.addEventListener("change", () => input.files[0] && begin(input.files[0]))
    const button = action(say("Choose a file"), () => input.click(), "primary")
    const area = h("div", {class: "area"}, icon("document"), h("p", null, say("Drop a CSV, Excel or Parquet file here, or")), button, input)
    root.retitle(say("Add a tab from a file"))
    root.fill(area, h("p", {class: "hint"}, say("For example service contracts or survey answers: each row finds its organisation by a name, a number or an e-mail address. You see what is understood before anything is kept.")))
    root.buttons()
    root.tell("")
    root.open(button)
  }

  const carriesFile = event => model.enabled && [...(event.dataTransfer?.types || [])].includes("Files") && el.isConnected
  function over(event) { if (carriesFile(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy" } }
  function enter(event) { if (carriesFile(event)) { event.preventDefault(); depth++; veil.hidden = false } }
  function leave(event) { if (carriesFile(event) && --depth <= 0) { depth = 0; veil.hidden = true } }
  function dropped(event) {
    depth = 0
    veil.hidden = true
    if (!carriesFile(event)) return
    event.preventDefault()
    if (event.dataTransfer.files[0]) begin(event.dataTransfer.files[0])
  }

  // -- sending ----------------------------------------------------------------------------------

  function begin(chosen) {
    file = chosen
    sent = null
    root.retitle(file.name)
    progress.value = 0
    working.textContent = say("Sending …")
    root.fill(h("div", {class: "sending"}, working, progress))
    root.buttons()
    root.tell("")
    root.open(root.node.querySelector("header button"))
    model.send_msg({type: "begin", name: file.name, size: file.size})
  }

  async function next() {
    const {number, at} = model.upload
    if (!file || !number || sent === `${number} ${at}`) return
    sent = `${number} ${at}`
    progress.value = file.size ? at / file.size : 1
    if (at >= file.size) return
    try {
      const bytes = new Uint8Array(await file.slice(at, at + model.piece).arrayBuffer())
      let binary = ""
      for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192))
      model.send_msg({type: "piece", upload: number, at, data: btoa(binary)})
    } catch {
      root.tell(say("The file cannot be read any more. Choose it again."))
    }
  }

  // -- what is understood -----------------------------------------------------------------------

  function understood() {
    const found = model.proposal
    if (!found.title) { if (root.isOpen) root.close(); return }
    root.retitle(found.title)
    root.tell("")
    root.fill(h("p", {dir: "auto"}, text(found.lead)), ...[ways(found), bar(found), unmatched(found), sample(found), notes(found)].filter(Boolean))
    root.buttons(action(say("Cancel"), () => root.ask(), "first"), action(text(found.action), () => model.send_msg({type: "load", number: found.number}), "primary"))
    if (!root.isOpen) root.open(root.node.querySelector("footer .primary"))
  }

  function ways({matches, chosen, number}) {
    const select = h("select", null, ...matches.map(({name, label}) => h("option", {value: name}, text(label))))
    select.value = text(chosen)
    select.addEventListener("change", () => model.send_msg({type: "choose", number, match: select.value}))
    return h("label", {class: "ways inputs"}, h("span", null, say("Whose a row is")), select)
  }

  function bar({matched}) {
    const share = Math.max(0, Math.min(1, Number(matched.share) || 0))
    const fill = h("i", {class: share > .9 ? "good" : share > .5 ? "fair" : "poor"})
    fill.style.inlineSize = `${share * 100}%`
    return h("div", {class: "match"}, h("div", {class: "track", "aria-hidden": "true"}, fill), h("span", null, text(matched.text)))
  }

  function unmatched({unmatched: {label, items}}) {
    if (!items.length) return null
    return h("details", {class: "unmatched"}, h("summary", null, text(label)),
      h("ul", null, ...items.map(([words, rows]) => h("li", null, words ? bdi(words) : h("em", null, say("empty")), h("small", null, text(rows))))))
  }

  function sample({columns, rows}) {
    const head = h("tr", null, ...columns.map(({label, kind}) => h("th", {scope: "col"}, bdi(label), h("small", null, text(kind)))))
    const body = rows.map(row => h("tr", null, ...row.map(cell => h("td", null, bdi(cell)))))
    return h("div", {class: "sample", tabindex: "0", role: "region", "aria-label": say("First rows")}, h("table", null, h("thead", null, head), h("tbody", null, ...body)))
  }

  const notes = ({notes: found}) => found.length ? h("ul", {class: "notes tone-warning"}, ...found.map(note => h("li", {dir: "auto"}, text(note)))) : null

  // -- drawing ----------------------------------------------------------------------------------

  function closed() {
    file = null
    model.send_msg({type: "close"})
  }

  function draw(changed) {
    if (model.asked !== asked) { asked = model.asked; choose() }
    if (changed?.has("upload")) next()
    if (model.proposal.number !== shown) { shown = model.proposal.number; understood() }
    if (changed?.has("busy")) {
      root.busy(Boolean(model.busy))
      if (model.busy && working.isConnected) working.textContent = text(model.busy)
      else if (model.busy) root.tell(model.busy, "info")
    }
    if (model.said.number !== told) { told = model.said.number; root.tell(model.said.message, model.said.tone || "danger") }
  }

  const listened = {dragover: over, dragenter: enter, dragleave: leave, drop: dropped}
  const signal = mount(ctx, CSS, PROPS, draw)
  for (const [name, act] of Object.entries(listened)) document.addEventListener(name, act, {signal})
  el.replaceChildren(root.node, veil)
  draw()
}
