"""Cards in a notebook: nothing from the internet, no script sent twice, one thread."""

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
from IPython.utils.capture import capture_output
from panel.io.notebook import JupyterCommJSBinary, JupyterCommManagerBinary
from panel_material_ui.base import MaterialComponent

from crmpanel.views import loading
from crmpanel.views.components.base import Component

#: Shorter scripts are not worth packing.
SHORT = 50_000
#: `text` becomes the script that is packed in `PACKED`.
UNPACK = """
const packed = Uint8Array.from(atob(PACKED), character => character.charCodeAt(0))
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
const text = await new Response(stream).text()
"""
RUN = f"(async () => {{{UNPACK}window.eval(text)}})()"
#: The modules that a page has, by the hash of their text: `module` is a promise that `arrived`
#: keeps. Notebooks with different versions may share a page.
SLOT = """
const slots = window.crmpanelModules ??= {}
const slot = slots[DIGEST] ??= {}
slot.module ??= new Promise(resolve => { slot.arrived = resolve })
"""
BRING = f"""(async () => {{{SLOT}
if (slot.sent) return
slot.sent = true{UNPACK}
slot.arrived(import(URL.createObjectURL(new Blob([text], {{type: "text/javascript"}}))))
}})()"""
#: Stands in each widget for its module.
STUB = SLOT + "export default (await slot.module).default\n"
#: The icons that widgets show are letters of this font.
FONT = """new FontFace("Material Icons", "url(data:font/woff2;base64," + FILE + ")").load()
  .then(font => document.fonts.add(font))"""

#: The modules as they are served; None where ours could not be written to a file.
MODULES = {kind: kind._bundle for kind in (MaterialComponent, Component)}
#: Where the stubs are.
_folder = tempfile.TemporaryDirectory(prefix="crmpanel-")


class OneThread(JupyterCommJSBinary):
    """What the browser sends, handled where cells run.

    JupyterLab has the messages of each cell's output handled in a thread of its own. There, a click
    and a running cell change the same widgets at once, and some changes never reach the browser.
    """

    loop: asyncio.AbstractEventLoop

    def _handle_msg(self, msg: Any) -> None:
        self.loop.call_soon_threadsafe(super()._handle_msg, msg)


def load() -> None:
    """Bring Panel and the modules of the widgets to the page of the notebook.

    A widget in a notebook carries the text of its module: 1.4 MB in each filter, 12 MB in a list.
    Jupyter's connection breaks on that, and all of it would be saved in the notebook. So the page
    is given each module once, and widgets carry a few lines that refer to it.

    It is all part of the cell's output, so a cell that is run again has to do it again.
    """
    loading.in_notebook = True
    with capture_output() as captured:
        pn.extension(inline=True)
    for output in captured.outputs:
        script = output.data.get("application/javascript", "")
        if len(script) < SHORT:
            output.display()
        else:
            _publish(RUN, PACKED=_packed(script.encode()))
    if pn.config.comms != "default":
        return  # elsewhere widgets may be shown in frames of their own
    with suppress(RuntimeError):  # a kernel without an event loop has no such threads either
        OneThread.loop = asyncio.get_running_loop()
        JupyterCommManagerBinary.client_comm = OneThread
    for font in MODULES[MaterialComponent].parent.glob("material-icons-????????.woff2"):
        _publish(FONT, FILE=base64.b64encode(font.read_bytes()).decode())
    for kind, module in MODULES.items():
        if module is not None:
            kind._bundle = _bring(module)


def _bring(module: Path) -> Path:
    """Bring a module to the page; returns the file of what stands in for it."""
    text = module.read_bytes()
    digest = hashlib.sha256(text).hexdigest()[:16]
    _publish(BRING, DIGEST=digest, PACKED=_packed(text))
    stub = Path(_folder.name, f"{digest}.js")
    stub.write_text(STUB.replace("DIGEST", json.dumps(digest)), encoding="utf-8")
    return stub


def _packed(script: bytes) -> str:
    return base64.b64encode(gzip.compress(script, mtime=0)).decode()


def _publish(script: str, **texts: str) -> None:
    for name, text in texts.items():
        script = script.replace(name, json.dumps(text))
    publish_display_data({"application/javascript": script})
