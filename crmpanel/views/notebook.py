"""Cards in a notebook: nothing from the internet, and no script sent twice."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import panel as pn
from IPython.display import publish_display_data
from panel.io.notebook import JupyterCommManagerBinary
from panel_material_ui.base import MaterialComponent

from crmpanel.views.components.base import Component

#: The scripts that a page has, by the hash of their text: `module` is a promise that `arrived`
#: keeps. Notebooks with different versions may share a page.
SLOT = """
const slots = window.crmpanelScripts ??= {}
const slot = slots[DIGEST] ??= {}
slot.module ??= new Promise(resolve => { slot.arrived = resolve })
"""
#: Brings a script to the page.
LOADER = f"""(async () => {{{SLOT}
if (slot.sent) return
slot.sent = true
const packed = Uint8Array.from(atob(PACKED), character => character.charCodeAt(0))
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
const text = await new Response(stream).text()
slot.arrived(import(URL.createObjectURL(new Blob([text], {{type: "text/javascript"}}))))
}})()"""
#: Stands in each widget for the script.
STUB = SLOT + "export default (await slot.module).default\n"
#: The icons that widgets show are letters of this font.
FONT = """new FontFace("Material Icons", "url(data:font/woff2;base64," + PACKED + ")").load()
  .then(font => document.fonts.add(font))"""

#: The scripts as they are served; None where ours could not be written to a file.
SCRIPTS = {kind: kind._bundle for kind in (MaterialComponent, Component)}
#: Where the stubs are.
_folder = tempfile.TemporaryDirectory(prefix="crmpanel-")


class OneThread(JupyterCommManagerBinary.client_comm):
    """What the browser sends, handled where cells run.

    JupyterLab has the messages of each cell's output handled in a thread of its own. There, a click
    and a running cell change the same widgets at once, and some changes never reach the browser.
    """

    loop: asyncio.AbstractEventLoop

    def _handle_msg(self, msg: Any) -> None:
        self.loop.call_soon_threadsafe(super()._handle_msg, msg)


def load() -> None:
    """Bring Panel and the scripts of the widgets to the page of the notebook.

    A widget in a notebook carries the text of its script: 1.4 MB in each filter, 12 MB in a list.
    Jupyter's connection breaks on that, and all of it would be saved in the notebook. So the page
    is given each script once, and widgets carry a few lines that refer to it.

    It is all part of the cell's output, so a cell that is run again has to do it again.
    """
    pn.extension(inline=True)
    if pn.config.comms != "default":
        return  # elsewhere widgets may be shown in frames of their own
    with suppress(RuntimeError):  # a kernel without an event loop has no such threads either
        OneThread.loop = asyncio.get_running_loop()
        JupyterCommManagerBinary.client_comm = OneThread
    for font in SCRIPTS[MaterialComponent].parent.glob("material-icons-????????.woff2"):
        _publish(FONT, PACKED=base64.b64encode(font.read_bytes()).decode())
    for kind, script in SCRIPTS.items():
        if script is not None:
            kind._bundle = _bring(script)


def _bring(script: Path) -> Path:
    """Bring a script to the page; returns the file of what stands in for it."""
    text = script.read_bytes()
    digest = hashlib.sha256(text).hexdigest()[:16]
    packed = base64.b64encode(gzip.compress(text, mtime=0)).decode()
    _publish(LOADER, DIGEST=digest, PACKED=packed)
    stub = Path(_folder.name, f"{digest}.js")
    stub.write_text(STUB.replace("DIGEST", json.dumps(digest)), encoding="utf-8")
    return stub


def _publish(script: str, **texts: str) -> None:
    for name, text in texts.items():
        script = script.replace(name, json.dumps(text))
    publish_display_data({"application/javascript": script})
