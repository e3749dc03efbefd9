// The page's own behaviour: theme button, shortcuts, placeholder, lost connection.
(() => {
  const root = document.documentElement
  const say = message => (window.crmWords || {})[message] || message
  const byId = id => document.getElementById(id)

  const theme = byId("crm-theme")
  const show = () => theme.setAttribute("aria-pressed", String(root.dataset.theme === "dark"))
  new MutationObserver(show).observe(root, {attributes: true, attributeFilter: ["data-theme"]})
  theme.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"
    document.cookie = `crm-theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`
    try { localStorage.setItem("crm-theme", root.dataset.theme) } catch { /* private window: kept for this page only */ }
  })
  show()

  // With a <base>, "#main" would load another page.
  document.querySelector(".skip").addEventListener("click", event => { event.preventDefault(); byId("main").focus() })

  const keys = byId("crm-keys")
  byId("crm-keys-open").addEventListener("click", () => keys.showModal())
  keys.addEventListener("click", event => { if (event.target === keys) keys.close() })
  document.addEventListener("keydown", event => {
    const target = event.composedPath()[0]
    const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || "")
    if (event.key === "?" && !typing && !event.ctrlKey && !event.metaKey && !keys.open) keys.showModal()
  })

  // The placeholder gives way once the content has a height and all our components have drawn: a message that comes a
  // moment later moves what is about to be clicked, and a file dropped on a card that does not listen yet is lost.
  const content = byId("crm-content")
  let patient = true
  const isDrawn = view => (view._rendered !== false || "react_root" in view) && (view.children_views?.() ?? []).every(isDrawn)
  const hasDrawn = window.crmHasDrawn = () => [...window.Bokeh?.index ?? []].every(isDrawn)
  const reveal = () => {
    if (patient && !(content.scrollHeight > 24 && hasDrawn())) return setTimeout(reveal, 15)
    content.classList.add("ready")
    byId("crm-placeholder").hidden = true
    announce()
  }
  // Bokeh says "document_ready" when the last widget has loaded, and what Python changes before, Panel does not send:
  // a click in those seconds would be in vain. So it is said as soon as there is something to click.
  const announce = () => {
    const {DocumentReady} = window.Bokeh?.require("core/bokeh_events") ?? {}
    for (const doc of window.Bokeh?.documents ?? []) doc.event_manager.send_event(new DocumentReady())
  }
  reveal()

  // Bokeh tells when the websocket closes; until a reconnection nothing on the page can be trusted to be saved.
  const lost = byId("crm-lost")
  lost.querySelector("button").addEventListener("click", () => location.reload())
  const tell = words => { lost.querySelector("span").textContent = words; lost.hidden = false }
  const listen = () => {
    const documents = window.Bokeh?.documents
    if (!documents?.length) return setTimeout(listen, 100)
    setTimeout(() => { patient = false }, 4000) // a page without any content has no height ever
    documents.forEach(doc => {
      doc.config.notify_connection_status = false
      doc.on_event("connection_lost", (_, event) => tell(event.timeout === null
        ? say("The connection to the server was lost. Reload to continue.")
        : say("The connection to the server was lost. Trying to reconnect …")))
      doc.on_event("client_reconnected", () => { lost.hidden = true })
    })
  }
  listen()
})()
