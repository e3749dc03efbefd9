// Who works here, and who else could.

const PROPS = ["users", "current"]
const FEW = 8 // more users than these are looked for by typing

export function render(ctx) {
  const {model, el} = ctx
  const button = h("button", {type: "button", class: "user", "aria-haspopup": "dialog"})
  const filter = h("input", {type: "search", placeholder: say("Search"), "aria-label": say("Search"), autocomplete: "off"})
  const list = h("ul", null)
  const menu = h("div", {class: "menu inputs", popover: "auto", role: "dialog", "aria-label": say("Work as")}, h("p", null, say("Work as")), filter, list)

  function draw() {
    const name = model.users.find(user => user.id === model.current)?.name
    const said = name ? say("Working as {name}", {name}) : say("Choose who you are")
    button.hidden = !model.users.length
    button.title = said
    button.setAttribute("aria-label", said)
    button.classList.toggle("nobody", !name)
    button.replaceChildren(name ? initials(name) : icon("person"))
    filter.hidden = model.users.length <= FEW
    fill()
  }

  function fill() {
    const wanted = filter.value.trim().toLocaleLowerCase()
    const found = model.users.filter(user => text(user.name).toLocaleLowerCase().includes(wanted))
    list.replaceChildren(...found.map(user => {
      const current = user.id === model.current
      const choice = h("button", {type: "button", "aria-current": current ? "true" : null}, bdi(user.name), current ? icon("check") : null)
      choice.addEventListener("click", () => current ? menu.hidePopover() : choose(user.id))
      return h("li", null, choice)
    }))
  }

  function choose(id) {
    document.cookie = `crm-user=${Number(id)}; path=/; max-age=31536000; samesite=lax`
    location.reload()
  }

  const initials = name => text(name).split(/\s+/).filter(Boolean).map(word => [...word][0]).filter((_, at, all) => !at || at === all.length - 1).join("").toUpperCase()
  const choices = () => [...list.querySelectorAll("button")]

  button.addEventListener("click", () => {
    filter.value = ""
    fill()
    menu.showPopover()
    const box = button.getBoundingClientRect()
    menu.style.top = `${box.bottom + 6}px`
    menu.style.insetInlineEnd = `${Math.max(8, document.documentElement.clientWidth - box.right)}px`
    ;(filter.hidden ? choices()[0] : filter).focus()
  })
  filter.addEventListener("input", fill)
  menu.addEventListener("keydown", event => {
    event.stopPropagation()
    if (event.target === filter && event.key === "ArrowDown") { event.preventDefault(); choices()[0]?.focus() }
    else if (event.target === filter && event.key === "Enter") choices()[0]?.click()
    else arrowKeys(event, choices, "ArrowUp", "ArrowDown")
  })
  mount(ctx, CSS, PROPS, draw)
  el.replaceChildren(button, menu)
  draw()
}
