// Keeps the address bar, the Back button, the page title and the scroll position in step with Python.

const PROPS = ["url", "title", "done"]
const MEMORY = "crm-scroll"
const here = () => location.pathname + location.search

export function render(ctx) {
  const {model, el} = ctx
  const bar = h("div", {class: "progress", "aria-hidden": "true"})
  const status = h("div", {class: "vh", role: "status"})
  const positions = new Map(Object.entries(JSON.parse(sessionStorage.getItem(MEMORY) || "{}")))
  let sent = model.seen // while Python is behind, its addresses are those of pages already left again
  let scrollTo = null // where to scroll once Python has drawn the page
  let patience = null
  let left = null // heading and focus of the page that is being left

  const entry = () => history.state?.crm
  const running = () => bar.classList.contains("running")
  const stamp = () => ({...history.state, crm: `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`})

  function draw(changed) {
    if (model.title) document.title = model.title
    if (changed.has("url") && model.url) follow()
    if (changed.has("done") && model.seen >= sent) drawn(sent)
    else if (changed.has("title") && !running()) finish()
  }

  /** Python is done with a page: it is there once all of it is drawn. */
  function drawn(seen, tries = 60) {
    if (seen !== sent) return
    if (tries > 0 && !(window.crmHasDrawn?.() ?? true)) return setTimeout(() => drawn(seen, tries - 1), 15)
    finish()
  }

  /** Python moved: show its address. */
  function follow() {
    const href = safeHref(model.url)
    if (!href?.startsWith("/")) return
    if (href === here() || model.seen < sent) return
    history[model.mode === "replace" ? "replaceState" : "pushState"](model.mode === "replace" ? history.state : stamp(), "", href)
    if (model.mode !== "replace") scrollTo = scrollTo ?? 0
    shown = here()
    if (!running()) finish() // Python may correct an address before its page is there
  }

  function navigate(trigger) {
    start()
    left = {heading: headingIn(document.getElementById("main")), focus: document.activeElement}
    sent += 1
    model.send_msg({type: "navigate", url: here(), trigger, seq: sent})
  }

  let shown = here()
  function onClick(event) {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const a = event.composedPath().find(node => node instanceof HTMLAnchorElement && node.hasAttribute("data-nav"))
    if (!a?.hasAttribute("href") || (a.target && a.target !== "_self") || a.hasAttribute("download")) return
    // Relative to what is shown now, not to <base>.
    const url = new URL(a.getAttribute("href"), location.href)
    if (url.origin !== location.origin) return
    event.preventDefault()
    if (url.pathname + url.search !== here()) history.pushState(stamp(), "", url.pathname + url.search)
    shown = here()
    scrollTo = 0
    navigate("link")
  }

  function onPop() {
    if (here() === shown) return // only the #fragment changed
    if (![...LEAVING].every(mayGo => mayGo(here()))) return history.pushState(stamp(), "", shown)
    shown = here()
    scrollTo = Number(positions.get(entry()) || 0)
    navigate("pop")
  }

  function remember() {
    // While a page is being left its scroll position no longer belongs to the new history entry.
    if (scrollTo === null && entry()) positions.set(entry(), scrollY)
  }

  function start() {
    clearTimeout(patience)
    bar.className = "progress"
    void bar.offsetWidth // restarts the animation
    bar.className = "progress running"
    patience = setTimeout(finish, 15000)
  }

  function finish() {
    shown = here()
    clearTimeout(patience)
    if (running()) bar.className = "progress finished"
    if (scrollTo !== null) settle(scrollTo, 30)
    status.textContent = document.title
    if (left) greet(left)
    left = null
  }

  /** Go on from the heading of a new page, unless somebody is elsewhere by now; what stays, such as a tab, keeps the focus. */
  function greet({heading, focus}) {
    const now = headingIn(document.getElementById("main")), active = document.activeElement
    if (active === document.body || (active === focus && now !== heading)) now?.focus({preventScroll: true})
  }

  function headingIn(root) {
    for (const node of root?.querySelectorAll("*") ?? []) {
      const found = node.localName === "h1" ? node : node.shadowRoot && headingIn(node.shadowRoot)
      if (found) return found
    }
    return null
  }

  /** Scroll once the new content is tall enough; gives up after some frames. */
  function settle(top, frames) {
    if (scrollTo !== top) return
    const room = document.documentElement.scrollHeight - innerHeight
    if (room < top && frames > 0) return requestAnimationFrame(() => settle(top, frames - 1))
    window.scrollTo({top, behavior: "instant"})
    scrollTo = null
  }

  const signal = mount(ctx, CSS, PROPS, draw)
  history.scrollRestoration = "manual"
  if (!entry()) history.replaceState(stamp(), "")
  else if (positions.get(entry())) { scrollTo = Number(positions.get(entry())); settle(scrollTo, 60) }
  document.addEventListener("click", onClick, {signal})
  window.addEventListener("popstate", onPop, {signal})
  window.addEventListener("scroll", remember, {passive: true, signal})
  window.addEventListener("wheel", () => { scrollTo = null }, {passive: true, signal})
  window.addEventListener("pagehide", () => sessionStorage.setItem(MEMORY, JSON.stringify(Object.fromEntries([...positions].slice(-100)))), {signal})
  el.replaceChildren(bar, status)
  draw(new Set(["url"]))
}
