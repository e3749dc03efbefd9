// A heading that folds a side panel away; the browser remembers it.

const FOLDED = "crm-side-folded"

function folding(el, root, label) {
  const fold = h("button", {type: "button", class: "fold"}, h("span", null, text(label)), h("i", {class: "dot", hidden: true, title: say("Unsaved changes")}), icon("right"))
  const set = (folded, remember) => {
    root.hidden = folded
    el.getRootNode().host?.classList.toggle("folded", folded)
    fold.setAttribute("aria-expanded", String(!folded))
    fold.title = folded ? say("Show: {panel}", {panel: label}) : say("Hide: {panel}", {panel: label})
    if (remember) try { localStorage.setItem(FOLDED, folded ? "1" : "0") } catch { /* private window */ }
  }
  const start = () => {
    let kept = null
    try { kept = localStorage.getItem(FOLDED) } catch { /* private window */ }
    set(kept === null || innerWidth <= 900 ? innerWidth <= 900 : kept === "1", false)
  }
  fold.addEventListener("click", () => set(!root.hidden, true))
  return {node: fold, start, mark: on => { fold.querySelector(".dot").hidden = !on }}
}
