// Where an export is brought: files and folders are dropped or chosen, and sent in pieces.

const PROPS = ["target", "arrived", "brought", "busy", "limit"]

export function render(ctx) {
  const {model, el} = ctx
  let files = [], number = null, sending = null, waiting = null

  const one = h("input", {type: "file", multiple: true, hidden: true, "aria-label": say("Files to import"), class: "files"})
  const folder = h("input", {type: "file", multiple: true, hidden: true, webkitdirectory: true, "aria-label": say("Folder to import"), class: "folder"})
  const choose = h("button", {type: "button", class: "btn primary"}, say("Choose files"))
  const chooseFolder = h("button", {type: "button", class: "btn"}, say("Choose a folder"))
  const limit = h("small")
  const zone = h("div", {class: "zone"}, icon("inbox"), h("strong", null, say("Drop your export here")),
    h("p", null, say("A folder or zip of CSV files, Excel, JSON, Parquet or SQLite: as your system exports it. Nothing is written before you have seen what would be.")),
    h("div", {class: "ways"}, choose, chooseFolder), limit, one, folder)
  const name = h("bdi"), share = h("span"), fill = h("i")
  const track = h("div", {class: "track", role: "progressbar", "aria-label": say("Upload"), "aria-valuemin": "0", "aria-valuemax": "100"}, fill)
  const stop = h("button", {type: "button", class: "btn"}, say("Cancel"))
  const upload = h("div", {class: "upload", hidden: true}, h("div", {class: "line"}, name, share), track, h("div", null, stop))
  const title = h("strong", {dir: "auto"}), note = h("p", {dir: "auto"})
  const again = h("button", {type: "button", class: "btn"}, say("Import something else"))
  const brought = h("div", {class: "brought", hidden: true}, icon("check"), h("div", {class: "words"}, title, note), again)
  const status = h("div", {class: "vh", role: "status"})
  const root = h("section", {class: "source inputs"}, zone, upload, brought, status)

  function draw(changed) {
    limit.textContent = text(model.limit)
    if (changed?.has("arrived") && waiting) { waiting(model.arrived); waiting = null }
    if (model.target.number && model.target.number !== number && files.length) {
      number = model.target.number
      send(model.target)
    }
    const has = Boolean(model.brought.title)
    title.textContent = text(model.brought.title)
    note.textContent = text(model.brought.text)
    brought.hidden = !has || Boolean(sending)
    upload.hidden = !sending
    zone.hidden = has || Boolean(sending)
    for (const button of [choose, chooseFolder, again]) button.disabled = model.busy
  }

  function bring(found) {
    files = found.filter(file => file.size > 0 || found.length === 1)
    if (!files.length || model.busy) return
    model.send_msg({type: "begin", files: files.map(file => ({name: file.name, size: file.size}))})
  }

  async function send(target) {
    const total = files.reduce((sum, file) => sum + file.size, 0) || 1
    sending = new AbortController()
    let done = 0
    draw()
    stop.focus()
    try {
      for (const [at, file] of files.entries()) {
        name.textContent = file.name
        for (let offset = 0; offset < file.size; offset += target.piece) {
          const piece = file.slice(offset, offset + target.piece)
          await (target.address ? put(target, at, offset, piece) : hand(at, offset, piece))
          done += piece.size
          tell(done / total)
        }
      }
      model.send_msg({type: "uploaded", number: target.number})
    } catch (error) {
      const cancelled = sending.signal.aborted
      status.textContent = cancelled ? say("The upload was cancelled") : ""
      model.send_msg({type: "failed", cancelled, reason: text(error.message).slice(0, 300)})
    }
    sending = null
    files = []
    tell(0)
    draw()
  }

  async function put(target, at, offset, piece) {
    const answer = await fetch(`${target.address}/${at}?offset=${offset}`, {method: "PUT", body: piece, signal: sending.signal, credentials: "same-origin"})
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || `${answer.status}`)
  }

  async function hand(at, offset, piece) {
    sending.signal.throwIfAborted()
    const bytes = new Uint8Array(await piece.arrayBuffer())
    let letters = ""
    for (let start = 0; start < bytes.length; start += 32768) letters += String.fromCharCode(...bytes.subarray(start, start + 32768))
    const answer = new Promise(resolve => { waiting = resolve })
    model.send_msg({type: "piece", file: at, offset, data: btoa(letters)})
    const {file, received, error} = await answer
    if (error || file !== at || received !== offset + bytes.length) throw new Error(error || say("The upload was broken off"))
  }

  function tell(part) {
    const percent = Math.floor(part * 100)
    fill.style.width = `${percent}%`
    share.textContent = `${percent} %`
    track.setAttribute("aria-valuenow", percent)
  }

  /** All files of what was dropped, those in folders too. */
  async function within(entry) {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))]
    const reader = entry.createReader(), found = []
    for (let some; (some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length;) {
      for (const inner of some) found.push(...await within(inner))
      if (found.length > 2000) break
    }
    return found
  }

  async function onDrop(event) {
    event.preventDefault()
    zone.classList.remove("over")
    const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean)
    const plain = [...event.dataTransfer.files]
    try {
      bring(entries.length ? (await Promise.all(entries.map(within))).flat() : plain)
    } catch { bring(plain) }
  }

  for (const [button, input] of [[choose, one], [chooseFolder, folder]]) {
    button.addEventListener("click", () => { input.value = ""; input.click() })
    input.addEventListener("change", () => bring([...input.files].filter(file => !file.name.startsWith("."))))
  }
  const signal = mount(ctx, CSS, PROPS, draw)
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, event => { event.preventDefault(); zone.classList.add("over") })
  zone.addEventListener("dragleave", event => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("over") })
  zone.addEventListener("drop", onDrop)
  // A file that misses the zone must not replace the page.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, event => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault() }, {signal})
  stop.addEventListener("click", () => sending?.abort())
  again.addEventListener("click", () => model.send_msg({type: "again"}))
  el.replaceChildren(root)
  draw()
}
