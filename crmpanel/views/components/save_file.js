/** Hand a text to the visitor as a file. */
function saveFile(name, content, kind) {
  const address = URL.createObjectURL(new Blob([content], {type: kind}))
  const a = h("a", {href: address, download: name, hidden: true})
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(address), 10000)
}
