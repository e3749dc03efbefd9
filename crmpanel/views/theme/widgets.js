// Mends two races of Panel's React widgets between what Python says and what they have drawn (Panel 1.9.4, `useState`).
(() => {
  const widget = window.Bokeh?.Models.get("panel.models.esm.ReactComponent").prototype
  if (!widget?.watch) return
  let step = 0, touched = 0
  for (const name of ["pointerdown", "keydown", "input", "paste", "drop"]) {
    document.addEventListener(name, () => { touched = ++step }, {capture: true, passive: true})
  }

  // A widget reads a value when it draws and listens to it some time later. What came in between it never shows (a
  // filter without choices): so it reads again once it listens. Only `useState` watches by force.
  const watch = widget.watch
  widget.watch = function (view, name, tell, force) {
    watch.call(this, view, name, tell, force)
    if (!force) return
    guard(this.data)
    tell()
  }

  // It hands back every value that it has drawn. Of two that Python says quickly the first came back after the second
  // and undid it (a search that was lost): what Python has replaced is not taken from a widget that nobody has touched since.
  const guard = data => {
    if (Object.hasOwn(data, "setv")) return
    const said = new Map(), {setv} = data
    data.setv = function (values, options) {
      const taken = {...values}
      for (const [name, value] of Object.entries(values)) {
        const {at, replaced} = said.get(name) ?? {at: 0, replaced: []}
        if (options?.sync === false) said.set(name, {at: ++step, replaced: [...replaced.slice(-20), this.attributes[name]]})
        else if (touched < at && value !== this.attributes[name] && replaced.includes(value)) delete taken[name]
      }
      return setv.call(this, taken, options)
    }
  }
})()
