"""JupyterLab on this machine only, and a notebook in it as its reader sees it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from serving import eventually, free_port

#: Not needed here; without them it starts sooner.
EXTENSIONS = ("jupyter_lsp", "jupyter_server_terminals", "notebook_shim", "panel.io.jupyter_server_extension")  # fmt: skip
#: Asked for by their plugins, which do not know that they are switched off.
ABSENT = ("/lsp/", "/panel-preview/")
#: No table of a cell waits for rows.
SETTLED = """cell => !(function waits(root) {
    return [...root.querySelectorAll('*')].some(node =>
        node.getAttribute('aria-busy') === 'true' && node.checkVisibility() || node.shadowRoot && waits(node.shadowRoot))
})(cell)"""


class Lab:
    """A running JupyterLab with notebooks and settings in a folder of its own."""

    def __init__(self, folder: Path, theme: str = "JupyterLab Light"):
        self.folder, self.port, self.token = folder, free_port(), os.urandom(8).hex()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings(theme)
        environment = {name: text for name, text in os.environ.items() if "JUPYTER" not in name}
        for name in ("CONFIG", "DATA", "RUNTIME"):
            environment[f"JUPYTER_{name}_DIR"] = str(folder / name.lower())
        options = {
            "ServerApp.ip": "127.0.0.1", "ServerApp.port": self.port, "ServerApp.root_dir": folder,
            "IdentityProvider.token": self.token, "LabApp.user_settings_dir": folder / "settings",
            "LabApp.workspaces_dir": folder / "workspaces", "LabApp.news_url": "None",
            "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "LabApp.expose_app_in_browser": True,
        }  # fmt: skip
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        self._log = (folder / "log").open("w")
        self.process = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            env={**environment, "IPYTHONDIR": str(folder / "ipython")},
            stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        assert eventually(self._answers, 120, 0.1), (folder / "log").read_text()

    def _settings(self, theme: str) -> None:
        files = {
            "settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings": {"theme": theme},
            "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings":
                {"fetchNews": "false", "checkForUpdates": False},
            "config/labconfig/page_config.json":
                {"buildAvailable": False, "buildCheck": False},
            "config/jupyter_server_config.json":
                {"ServerApp": {"jpserver_extensions": dict.fromkeys(EXTENSIONS, False)}},
        }  # fmt: skip
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            address = f"{self.url}/api?token={self.token}"
            return urllib.request.urlopen(address, timeout=30).status == 200
        except OSError:
            return False

    def write(self, name: str, *cells: str) -> str:
        """Save a notebook; returns its address."""
        import nbformat.v4 as nbformat

        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.new_notebook(
            cells=[nbformat.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
        )
        (self.folder / name).write_text(json.dumps(notebook))
        return f"{self.url}/lab/tree/{name}?reset&token={self.token}"

    def stop(self) -> None:
        """Stop it and its kernels."""
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        self._log.close()


class Notebook:
    """A browser tab on a notebook.

    Attributes
    ----------
    page : Playwright's page.
    troubles : what the browser complained about, or wanted from outside.
    """

    def __init__(self, lab: Lab, browser, name: str, *cells: str, **options):
        self.lab, self.troubles = lab, []
        options = {"viewport": {"width": 1500, "height": 1000}, "locale": "en-GB", **options}
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(30_000)
        self.context.route("**/*", self._guard)
        self.page = self.context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.goto(lab.write(name, *cells), timeout=60_000)
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
        self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")

    def _guard(self, route):
        url = route.request.url
        if url.startswith((self.lab.url, "data:", "blob:")):
            route.continue_()
        else:
            self.troubles.append(f"request to {url[:200]}")
            route.abort()

    def _said(self, message):
        """Errors count, and so does what Python reports of a failed callback."""
        where = message.location.get("url", "")
        failed = "Python failed" in message.text or "Bokeh or Panel" in message.text
        if (message.type == "error" or failed) and not any(part in where for part in ABSENT):
            self.troubles.append(f"console {message.type}: {message.text[:500]} {where}")

    def run(self, number: int):
        """Run a cell to its end; returns its output."""
        self.page.evaluate(
            """async number => {
                const notebook = jupyterapp.shell.currentWidget.content
                notebook.deselectAll()
                notebook.activeCellIndex = number
                await jupyterapp.commands.execute("notebook:run-cell")
            }""",
            number,
        )
        return self.output(number)

    def say(self, code: str):
        """Run code in a new cell at the end; returns its output."""
        number = self.page.evaluate(
            """code => {
                const notebook = jupyterapp.shell.currentWidget.content
                notebook.activeCellIndex = notebook.widgets.length - 1
                jupyterapp.commands.execute("notebook:insert-cell-below")
                notebook.activeCell.model.sharedModel.setSource(code)
                return notebook.activeCellIndex
            }""",
            code,
        )
        return self.run(number)

    def output(self, number: int):
        """The output of a cell, scrolled to."""
        self.page.evaluate(
            "number => jupyterapp.shell.currentWidget.content.scrollToItem(number, 'start')", number
        )
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-OutputArea")

    def value(self, code: str):
        """What code prints as JSON."""
        found = self.say(f"import json; print('▸' + json.dumps({code}, default=str) + '◂')")
        return json.loads(re.search("▸(.*)◂", found.inner_text(), re.DOTALL)[1])

    def settled(self, output) -> None:
        """Wait until no table of an output waits for rows."""
        assert eventually(lambda: output.evaluate(SETTLED))

    def close(self) -> None:
        """Close the tab."""
        self.context.close()
