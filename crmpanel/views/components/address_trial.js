// Below the input of an address with fields: what it gives for a record, and the fields that can be put into it.

const TRY_DELAY = 250

/** `send(number)` asks for a trial; the answer comes back through `show`. */
function addressTrial(input, send) {
  const result = h("p", {class: "result", role: "status"})
  const inserts = h("div", {class: "inserts", role: "group", "aria-label": say("Fields that can be inserted")})
  const node = h("div", {class: "trial"}, result, h("p", {class: "hint"}, say("Insert a field:")), inserts)
  let number = 0, timer = null

  function ask(delay = TRY_DELAY) {
    clearTimeout(timer)
    number += 1
    timer = setTimeout(() => send(number), delay)
  }

  function show(trial) {
    if (trial.number !== number) return
    const shown = trial.problem ? bdi(trial.problem, "tone-danger") : link({href: trial.href, external: true}, bdi(trial.text)) || bdi(trial.text)
    result.replaceChildren(...(trial.label ? [h("span", null, bdi(trial.label)), " "] : []), shown)
    result.hidden = !trial.problem && !trial.text
    const names = trial.inserts.map(({text: name}) => name).join()
    if (inserts.dataset.names === names) return
    inserts.dataset.names = names
    inserts.replaceChildren(...trial.inserts.map(insert))
  }

  function insert(item) {
    const words = text(item.value) === "" ? say("empty") : text(item.value)
    const button = h("button", {type: "button", class: text(item.value) === "" ? "chip tone-neutral none" : "chip tone-info", title: `${text(item.text)} – ${words.slice(0, 80)}`}, bdi(item.label))
    button.addEventListener("click", () => {
      input.setRangeText(text(item.text), input.selectionStart, input.selectionEnd, "end")
      input.dispatchEvent(new Event("input", {bubbles: true}))
      input.focus()
    })
    return button
  }

  return {node, ask, show, stop: () => clearTimeout(timer)}
}
