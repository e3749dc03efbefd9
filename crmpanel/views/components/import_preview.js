// What an import would do: counts first, then what needs a decision.

const PROPS = ["shown", "busy"]

export function render(ctx) {
  const {model, el} = ctx
  const title = h("h2", {dir: "auto"}), note = h("p", {dir: "auto"}), body = h("div")
  const root = h("section", {class: "step inputs", "aria-label": say("Preview")}, h("header", null, title, note), body)
  let had = null

  function draw() {
    const shown = model.shown
    root.hidden = !shown.title
    // A choice that is counted anew keeps the focus, which an inert part loses.
    had = el.getRootNode().activeElement?.dataset.at || (root.inert ? had : null)
    root.inert = model.busy
    if (!shown.title) return body.replaceChildren()
    root.classList.toggle("stale", Boolean(shown.stale))
    title.textContent = text(shown.title)
    note.textContent = text(shown.text)
    body.replaceChildren(...[hints(shown), countTable(shown.counts, shown.entity, entity => model.send_msg({type: "sample", entity})), gone(shown), conflicts(shown), changes(shown), rejects(shown),
      shown.entity ? h("h3", {class: "first", dir: "auto"}, text(shown.sample_title)) : null].filter(Boolean))
    if (had) el.getRootNode().querySelector(`[data-at="${window.CSS.escape(had)}"]`)?.focus()
  }

  const hints = ({hints: lines}) => lines.length ? h("ul", {class: "hints"}, ...lines.map(line => h("li", null, icon("warning"), bdi(line)))) : null

  function gone(shown) {
    if (!shown.gone) return null
    const pick = choice("vanished", say("What becomes of them"), shown.fates, shown.fate, value => model.send_msg({type: "vanished", value}))
    const parts = [h("span", null, bdi(shown.gone)), pick]
    if (shown.doubts.length) {
      const box = h("input", {type: "checkbox", "data-at": "sure"})
      box.checked = shown.sure
      box.addEventListener("change", () => model.send_msg({type: "sure", value: box.checked}))
      parts.push(h("label", null, box, say("The export is complete: do it all the same")))
    }
    return h("div", {class: "panel"}, h("div", {class: "inside choice"}, ...parts))
  }

  function conflicts(shown) {
    if (!shown.conflict_text) return null
    const pick = choice("policy", say("Who wins"), shown.policies, shown.policy, value => model.send_msg({type: "policy", value}))
    const heads = [say("Record"), say("Field"), say("Before"), say("Yours"), say("In the export"), say("Keep")]
    const rows = shown.conflicts.map(item => h("tr", null, h("td", null, link({href: item.href}, bdi(item.record)) || bdi(item.record)), h("td", null, bdi(item.field)), h("td", {class: "quiet"}, bdi(item.before)),
      h("td", null, bdi(item.mine), item.by ? h("div", {class: "quiet"}, bdi(item.by)) : null), h("td", null, bdi(item.source)),
      h("td", null, choice(`conflict ${item.number}`, say("Keep for {record}", {record: item.record}), shown.policies, item.choice, value => model.send_msg({type: "decide", number: item.number, value})))))
    return h("div", {class: "panel"}, h("div", {class: "inside"}, h("div", {class: "choice"}, h("span", null, bdi(shown.conflict_text)), pick),
      rows.length ? h("div", {class: "conflicts", tabindex: "0", role: "group", "aria-label": say("Conflicts")}, h("table", null, h("thead", null, h("tr", null, ...heads.map(head => h("th", {scope: "col"}, head)))), h("tbody", null, ...rows))) : null))
  }

  function changes(shown) {
    if (!shown.changes.length) return null
    const rows = shown.changes.map(item => h("tr", null, h("td", null, link({href: item.href}, bdi(item.record)) || bdi(item.record)), h("td", null, bdi(item.field)), h("td", null, item.old ? h("s", null, bdi(item.old)) : "", " → ", bdi(item.new))))
    return h("div", {class: "panel"}, h("div", {class: "inside changes"}, h("h3", null, say("What would change, for example")), h("table", null, h("tbody", null, ...rows))))
  }

  function rejects(shown) {
    if (!shown.reject_text) return null
    return h("details", {class: "panel"}, h("summary", null, bdi(shown.reject_text)), h("div", {class: "inside"}, h("ul", {class: "rejects"}, ...shown.rejects.map(line => h("li", null, bdi(line))))))
  }

  function choice(at, label, options, value, act) {
    const node = h("select", {"aria-label": label, "data-at": at}, ...options.map(option => h("option", {value: option.value}, text(option.label))))
    node.value = value
    node.addEventListener("change", () => act(node.value))
    return node
  }

  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(root)
  draw()
}
