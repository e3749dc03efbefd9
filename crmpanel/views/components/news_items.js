// A changeset that somebody else wrote, told in a few lines.

/** `item`: {key, text, when, note, href, unread?, lines, more}; `read(key)` is called when an unread one is followed. */
function newsItem(item, read) {
  const words = [h("span", {class: "what"}, bdi(item.text)), h("span", {class: "when"}, bdi(item.when), item.note ? bdi(` · ${item.note}`) : null)]
  const anchor = (item.href ? link({href: item.href}, ...words) : null) || h(read ? "button" : "div", read ? {type: "button"} : null, ...words)
  anchor.classList.add("go")
  if (read) anchor.setAttribute("data-stop", "")
  anchor.addEventListener("click", () => { if (item.unread) read(item.key) })
  const lines = item.lines.map(newsLine)
  if (item.more) lines.push(h("div", {class: "more"}, text(item.more)))
  const node = h("li", {class: item.unread ? "unread" : null}, anchor, lines.length ? h("div", {class: "lines"}, ...lines) : null)
  if (item.unread) {
    const dot = h("button", {type: "button", class: "dot", title: say("Mark as read"), "aria-label": say("Mark as read")})
    dot.addEventListener("click", () => read(item.key))
    node.append(dot)
  }
  node.dataset.key = text(item.key)
  return node
}

function newsLine(item) {
  if (item.text !== undefined) return h("div", null, bdi(item.text))
  const value = words => text(words) === "" ? h("span", {class: "blank"}, say("empty")) : bdi(words)
  return h("div", null, h("span", {class: "label"}, `${text(item.label)}: `), h("s", null, value(item.old)), h("span", {"aria-hidden": "true"}, " → "), hidden(say("became")), value(item.new))
}
