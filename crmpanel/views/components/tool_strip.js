// Icon buttons of a card's header: what one does with this record for oneself.

/** `send(event)` is called with {type: "tool", name, choice?}; a tool with `items` opens a menu of them. */
function toolStrip(status, send) {
  const node = h("div", {class: "tools", role: "group", "aria-label": say("Tools")})
  const made = new Map() // Buttons stay when they change, so that focus and an open menu do.

  function make(tool) {
    const button = h("button", {type: "button", class: "tool icon-btn"})
    const act = choice => send({type: "tool", name: tool.name, ...(choice === undefined ? {} : {choice})})
    const menu = tool.items ? popupMenu(button, text(tool.label), status, act) : null
    // What is wanted is said, as another window may have changed what is.
    if (!menu) onPress(button, () => act(tool.pressed === undefined ? undefined : button.getAttribute("aria-pressed") !== "true"))
    return {button, menu}
  }

  function show(tools) {
    node.hidden = !tools.length
    for (const name of [...made.keys()]) if (!tools.some(tool => tool.name === name)) made.delete(name)
    const wanted = tools.flatMap(tool => {
      if (!made.has(tool.name)) made.set(tool.name, make(tool))
      const {button, menu} = made.get(tool.name)
      button.setAttribute("aria-label", text(tool.label))
      button.title = text(tool.label)
      if (tool.pressed !== undefined) button.setAttribute("aria-pressed", String(Boolean(tool.pressed)))
      button.replaceChildren(icon(tool.icon))
      menu?.fill(tool.items)
      return menu ? [button, menu.list] : [button]
    })
    if (wanted.length !== node.children.length || wanted.some((child, at) => node.children[at] !== child)) node.replaceChildren(...wanted)
  }

  return {node, show}
}
