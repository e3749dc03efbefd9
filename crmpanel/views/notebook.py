"""Cards in a notebook: nothing from the internet, and no script sent twice."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import tempfile
from pathlib import Path

import panel as pn
from IPython.display import publish_display_data
from panel_material_ui.base import MaterialComponent

from crmpanel.views.components.base import Component

#: The scripts that the page has, each under the hash of its text: `script` is a promise of the
#: module, `arrived` keeps it. Notebooks of different versions may share a page.
SLOT = """
const slots = window.crmpanelScripts ??= {}
const slot = slots[DIGEST] ??= {}
slot.script ??= new Promise(resolve => { slot.arrived = resolve })
"""
#: Goes to the page once.
LOADER = (
    "(async () => {"
    + SLOT
    + """
if (slot.sent) return
slot.sent = true
const packed = Uint8Array.from(atob(PACKED), character => character.charCodeAt(0))
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
const text = await new Response(stream).text()
slot.arrived(import(URL.createObjectURL(new Blob([text], {type: "text/javascript"}))))
})()"""
)
#: Stands in each widget for the script itself.
STUB = SLOT + "export default (await slot.script).default\n"

_folder: tempfile.TemporaryDirectory[str] | None = None


def load() -> None:
    """Load Panel and the widgets' scripts into the page of the notebook.

    A widget in a notebook carries the text of its script: 1.4 MB for each filter, 12 MB for a list.
    Jupyter's connection breaks at 10, and all of it would be saved in the notebook. So the page is
    given each script once, and widgets carry two lines that refer to it.
    """
    global _folder
    pn.extension(inline=True)
    if pn.config.comms != "default":
        return  # widgets may be shown in frames that do not share a page
    _folder = _folder or tempfile.TemporaryDirectory(prefix="crmpanel-")
    for component in (MaterialComponent, Component):
        if component._bundle is not None:
            component._bundle = _once(Path(component._bundle), Path(_folder.name))


def _once(script: Path, folder: Path) -> Path:
    """Send a script to the page; returns the file of what stands in for it."""
    if script.parent == folder:
        return script
    text = script.read_bytes()
    digest = hashlib.sha256(text).hexdigest()[:16]
    packed = base64.b64encode(gzip.compress(text, mtime=0)).decode()
    loader = LOADER.replace("PACKED", json.dumps(packed))
    publish_display_data({"application/javascript": loader.replace("DIGEST", json.dumps(digest))})
    stub = folder / f"{digest}.js"
    stub.write_text(STUB.replace("DIGEST", json.dumps(digest)), encoding="utf-8")
    return stub
