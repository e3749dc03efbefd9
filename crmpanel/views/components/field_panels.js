// Groups of label and value pairs: the side panel and the Fields tab.

const PROPS = ["panels", "layout", "collapsible", "label"]
const KEPT = "crm-side-folded"

export function render(ctx) {
  const {model, el} = ctx
  const root = h("div")
  const status = h("div", {class: "vh", role: "status"})

  const fold = h("button", {type: "button", class: "fold"})
  fold.addEventListener("click", () => setFolded(!root.hidden, true))

  function setFolded(folded, remember) {
    root.hidden = folded
    el.getRootNode().host?.classList.toggle("folded", folded)
    fold.setAttribute("aria-expanded", String(!folded))
    fold.title = folded ? say("Show: {panel}", {panel: model.label}) : say("Hide: {panel}", {panel: model.label})
    if (remember) try { localStorage.setItem(KEPT, folded ? "1" : "0") } catch { /* private window */ }
  }

  function startFolded() {
    let kept = null
    try { kept = localStorage.getItem(KEPT) } catch { /* private window */ }
    return kept === null || innerWidth <= 900 ? innerWidth <= 900 : kept === "1"
  }

  function draw() {
    fold.hidden = !model.collapsible
    fold.replaceChildren(h("span", null, text(model.label)), icon("right"))
    root.className = `panels ${model.layout}`
    root.replaceChildren(...model.panels.map(panel))
  }

  function panel({title, note, fields}) {
    const head = title || note
      ? h("header", null, title ? h("h3", {dir: "auto"}, text(title)) : "", note ? h("span", {class: "note"}, bdi(note)) : "")
      : ""
    return h("section", null, head, h("dl", null, ...(fields || []).map(field)))
  }

  function field(item) {
    const blank = text(item.text) === ""
    const dd = h("dd", {title: item.title ? text(item.title) : null, class: blank ? "blank" : null})
    if (blank) dd.append(h("span", {"aria-hidden": "true"}, "–"), hidden(say("empty")))
    else {
      const inner = toneOf(item) ? chip(item) : bdi(item.text)
      dd.append(item.href ? link(item, inner) || inner : inner)
      if (item.copy) dd.append(copyButton(item))
    }
    if (item.note) dd.append(h("small", null, bdi(item.note)))
    return h("div", null, h("dt", null, bdi(item.label)), dd)
  }

  function copyButton(item) {
    const name = say("Copy {field}", {field: item.label})
    const button = h("button", {type: "button", class: "copy icon-btn", title: name, "aria-label": name}, icon("copy"))
    button.addEventListener("click", async () => {
      const done = await copy(text(item.text))
      status.textContent = done ? say("{field} copied", {field: item.label}) : say("Copying was refused by the browser")
      if (!done) return
      button.replaceChildren(icon("check"))
      button.classList.add("done")
      setTimeout(() => { button.replaceChildren(icon("copy")); button.classList.remove("done") }, 1200)
    })
    return button
  }

  async function copy(value) {
    try {
      await navigator.clipboard.writeText(value)
      return true
    } catch {
      // The clipboard API needs https or localhost; a selected text area works everywhere.
      const area = h("textarea", {class: "vh", "aria-hidden": "true"})
      area.value = value
      el.append(area)
      area.select()
      const done = document.execCommand("copy")
      area.remove()
      return done
    }
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(fold, root, status)
  draw()
  if (model.collapsible) setFolded(startFolded(), false)
}
