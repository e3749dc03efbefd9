// The filters of the timeline: search, kinds, people, and whether changes of fields are shown.

const FEW = 8 // more people than these are looked for by typing
const PAUSE = 250

function timelineFilters(model, root) {
  const search = h("input", {type: "search", autocomplete: "off", placeholder: say("Search the timeline"), "aria-label": say("Search the timeline")})
  const chips = h("div", {class: "kinds", role: "group", "aria-label": say("Kinds")})
  const person = h("button", {type: "button", class: "btn person", "aria-haspopup": "dialog", "aria-expanded": "false"})
  const filter = h("input", {type: "search", placeholder: say("Search"), "aria-label": say("Search"), autocomplete: "off"})
  const list = h("ul", null)
  const menu = h("div", {class: "people inputs", popover: "auto", role: "dialog", "aria-label": say("Person")}, filter, list)
  const box = h("input", {type: "checkbox", role: "switch"})
  const changes = h("label", {class: "switch"}, box, h("i", {"aria-hidden": "true"}), h("span"))
  const clear = h("button", {type: "button", class: "link clear"}, icon("close"), say("Clear filters"))
  const node = h("div", {class: "filters"}, h("div", {class: "find inputs"}, icon("search"), search), person, menu, changes, clear, chips)
  let waiting = null

  function draw(changed) {
    const all = !changed
    if ((all || changed.has("search")) && search.value.trim() !== model.search) search.value = model.search
    if (all || changed.has("kinds")) drawChips()
    if (all || changed.has("people")) drawPeople()
    if (all || changed.has("changes")) drawSwitch()
    clear.hidden = !model.filtered
  }

  function drawChips() {
    const focused = root().activeElement?.dataset?.kind
    const any = model.kinds.some(kind => kind.on)
    chips.replaceChildren(chipOf({name: "", label: say("All"), on: !any}), ...model.kinds.map(chipOf))
    if (focused !== undefined) chips.querySelector(`[data-kind="${window.CSS.escape(focused)}"]`)?.focus()
  }

  function chipOf({name, label, icon: shape, count, on}) {
    return h("button", {type: "button", class: "kind", "aria-pressed": String(Boolean(on)), "data-kind": name},
      shape ? icon(knownIcon(shape)) : null, bdi(label), count ? h("span", {class: "count"}, text(count)) : null)
  }

  function drawPeople() {
    const chosen = model.people.filter(one => one.on)
    const named = chosen.slice(0, 1).map(one => text(one.label)).join("")
    person.replaceChildren(icon("person"), bdi(named || say("Anyone")), ...(chosen.length > 1 ? [h("span", {class: "count"}, `+${chosen.length - 1}`)] : []), icon("chevron"))
    person.setAttribute("aria-label", `${say("Person")}: ${chosen.map(one => text(one.label)).join(", ") || say("Anyone")}`)
    person.classList.toggle("on", chosen.length > 0)
    filter.hidden = model.people.length <= FEW
    fill()
  }

  function fill() {
    const focused = root().activeElement?.dataset?.person
    const wanted = filter.hidden ? "" : filter.value.trim().toLocaleLowerCase()
    const found = model.people.filter(one => text(one.label).toLocaleLowerCase().includes(wanted))
    list.replaceChildren(...found.map(one => {
      const tick = h("input", {type: "checkbox", "data-person": one.value === null ? "none" : one.value})
      tick.checked = Boolean(one.on)
      tick.addEventListener("change", () => model.send_msg({type: "person", value: one.value, on: tick.checked}))
      return h("li", null, h("label", null, tick, bdi(one.label), h("span", {class: "count"}, text(one.count))))
    }))
    if (focused !== undefined) list.querySelector(`[data-person="${window.CSS.escape(focused)}"]`)?.focus()
  }

  function drawSwitch() {
    changes.hidden = !model.changes.label
    box.checked = Boolean(model.changes.on)
    changes.lastChild.replaceChildren(text(model.changes.label), " ", h("span", {class: "count"}, text(model.changes.count)))
  }

  function send() {
    clearTimeout(waiting)
    waiting = null
    if (search.value.trim() !== model.search) model.send_msg({type: "search", text: search.value})
  }

  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(send, PAUSE) })
  search.addEventListener("keydown", event => {
    if (event.key === "Enter") send()
    if (event.key === "Escape" && search.value) { event.stopPropagation(); search.value = ""; send() }
  })
  chips.addEventListener("click", event => {
    const chip = event.target.closest("[data-kind]")
    if (chip) model.send_msg({type: "kind", name: chip.dataset.kind || null})
  })
  chips.addEventListener("keydown", event => arrowKeys(event, () => [...chips.children], "ArrowLeft", "ArrowRight"))
  box.addEventListener("change", () => model.send_msg({type: "changes", on: box.checked}))
  clear.addEventListener("click", () => { search.value = ""; model.send_msg({type: "clear"}); search.focus() })
  person.addEventListener("click", () => {
    filter.value = ""
    fill()
    menu.showPopover()
    const place = person.getBoundingClientRect()
    menu.style.top = `${place.bottom + 4}px`
    menu.style.left = `${Math.max(8, Math.min(place.left, document.documentElement.clientWidth - menu.offsetWidth - 8))}px`
    menu.style.maxHeight = `${Math.max(180, innerHeight - place.bottom - 16)}px`
    ;(filter.hidden ? list.querySelector("input") : filter)?.focus()
  })
  filter.addEventListener("input", fill)
  menu.addEventListener("keydown", event => {
    const ticks = () => [...list.querySelectorAll("input")]
    if (event.target === filter && event.key === "ArrowDown") { event.preventDefault(); ticks()[0]?.focus() }
    else arrowKeys(event, ticks, "ArrowUp", "ArrowDown")
  })
  menu.addEventListener("toggle", event => {
    person.setAttribute("aria-expanded", String(event.newState === "open"))
    if (event.newState === "closed" && menu.contains(root().activeElement)) person.focus()
  })
  return {node, draw}
}

const knownIcon = name => Object.hasOwn(ICONS, text(name)) ? text(name) : "dot"
