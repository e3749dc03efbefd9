"""The three applications as processes on copies of the database, and how to read their pages."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
READY_SECONDS = 120


@dataclass(frozen=True)
class Site:
    """An application.

    Parameters
    ----------
    name : what the report calls it.
    command : arguments of the process for a database and a port.
    address : path and query of an organisation's activities, with the organisation that follows.
    total : CSS selector of the element with the exact number of records, also in shadow roots.
    rows : selector of its rows, or of the canvas that they are drawn on.
    count : how many of those there are when a full page is shown.
    status : opens the choice of statuses; given a Playwright page.
    option : the entry with a status; given a page and the status.
    switch : goes to the organisation that follows; given a page and its id.
    """

    name: str
    command: Callable[[Path, int], list[str]]
    address: Callable[[int, int], str]
    total: str
    rows: str
    count: int
    status: Callable[[Any], Any]
    option: Callable[[Any, str], Any]
    switch: Callable[[Any, int], Any]


def _own(db: Path, port: int) -> list[str]:
    return ["-m", "crmpanel.cli", "serve", str(db), "--port", str(port)]


def _streamlit(db: Path, port: int) -> list[str]:
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    flags = [f"--{key}={value}" for key, value in options.items()]
    return ["-m", "streamlit", "run", *flags, str(PEERS / "streamlit_page.py"), "--", str(db)]


def _dash(db: Path, port: int) -> list[str]:
    return [str(PEERS / "dash_page.py"), str(db), str(port)]


def _own_link(page: Any, id: int) -> None:
    # The same link as in a search result or in a table: the application answers it in the session.
    page.evaluate(
        """id => {
            const link = document.createElement("a")
            link.href = `/organisation/${id}?tab=activities`
            link.dataset.nav = ""
            document.getElementById("main").append(link)
            window.benchmark.start = performance.now()
            link.click()
            link.remove()
        }""",
        id,
    )


def _choice(page: Any, status: str) -> Any:
    choices = page.locator("[role=menuitem], [role=option]").locator("visible=true")
    return choices.filter(has_text=re.compile(f"^{status}"))


SITES = (
    Site(
        "crmpanel",
        _own,
        lambda id, _following: f"/organisation/{id}?tab=activities",
        ".summary strong",
        "tbody tr",
        50,
        lambda page: page.get_by_role("combobox", name="Status").first.click(),
        _choice,
        _own_link,
    ),
    Site(
        "Streamlit",
        _streamlit,
        lambda id, following: f"/?organisation={id}&next={following}",
        "#total",
        "[data-testid=stDataFrame] canvas",
        1,
        lambda page: page.get_by_role("combobox", name="Status").click(),
        lambda page, status: page.get_by_role("option", name=status),
        lambda page, _id: page.get_by_role("button", name="Next organisation").click(),
    ),
    Site(
        "Dash",
        _dash,
        lambda id, following: f"/?organisation={id}&next={following}",
        "#total",
        "#table tbody tr",
        50,
        lambda page: page.locator("#status").click(),
        lambda page, status: page.get_by_role("option", name=status),
        lambda page, _id: page.get_by_role("link", name="Next organisation").click(),
    ),
)


class Server:
    """A site's process; stopped at the end of a ``with``."""

    def __init__(self, site: Site, db: Path) -> None:
        self.site, self.port = site, _free_port()
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        self._process = subprocess.Popen(
            [sys.executable, *site.command(db, self.port)],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def url(self, id: int, following: int) -> str:
        """Address of an organisation's activities."""
        return f"http://127.0.0.1:{self.port}{self.site.address(id, following)}"

    def cpu_ms(self) -> float:
        """Processor time that the process has used so far, by Linux's account."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def _wait(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.site.name} ended with {self._process.returncode}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=30).read()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"{self.site.name} did not answer within {READY_SECONDS} s")

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
