"""Databases for the browser tests, and `crmpanel serve` over them in a process of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import duckdb

from crmpanel.store import create

HERE = Path(__file__).parent
#: What a healthy server never writes.
BAD_NEWS = ("Traceback", "ERROR", "Exception", "WARNING")


def eventually(check, seconds=20.0, pause=0.02):
    """Wait until `check()` is true and return it; whatever it returned last otherwise."""
    end = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < end:
        time.sleep(pause)
    return found


class World:
    """A database to serve, and a copy of it that tests may ask with SQL of their own."""

    def __init__(self, folder: Path, fill):
        self.path = folder / "crm.duckdb"
        with create(self.path) as database:
            fill(database)
        self._copy = duckdb.connect(shutil.copy(self.path, folder / "copy.duckdb"), read_only=True)

    def rows(self, sql, *params):
        """All rows of a query."""
        return self._copy.cursor().execute(sql, params).fetchall()

    def column(self, sql, *params):
        """The first value of each row."""
        return [row[0] for row in self.rows(sql, *params)]

    def one(self, sql, *params):
        """The only value."""
        return self.rows(sql, *params)[0][0]


def run_script(database, script: str) -> None:
    """Run SQL statements, which end with a semicolon at the end of a line, in one load."""
    with database.load("Test data", "test") as load:
        for statement in script.split(";\n"):
            if statement.strip():
                load.execute(statement)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running `crmpanel serve`.

    Attributes
    ----------
    url : where it is.
    log : everything it has written.
    """

    def __init__(self, database: Path, port: int | None = None, what: tuple[object, ...] = ()):
        self.database, self.port = database, port or free_port()
        self._what = what or (database,)
        self.url = f"http://127.0.0.1:{self.port}"
        self._log, self._trace = (database.with_suffix(suffix) for suffix in (".log", ".trace"))
        self._read = 0
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, HERE / "traced.py", "serve", *self._what, "--port", self.port]
        self.process = subprocess.Popen(
            [str(word) for word in command], stdout=self._log.open("a"), stderr=subprocess.STDOUT,
            env={**os.environ, "CRMPANEL_TRACE": str(self._trace), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert eventually(self._answers, 60), self.log

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log
        try:
            return urllib.request.urlopen(self.url, timeout=30).status == 200
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(20)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def news(self) -> list[str]:
        """Lines of the log since the last call that tell of trouble."""
        text = self.log
        new, self._read = text[self._read :], len(text)
        return [line for line in new.splitlines() if any(word in line for word in BAD_NEWS)]

    def statements(self, since: int = 0) -> list[str]:
        """The SQL that was run after the first `since` statements."""
        lines = self._trace.read_text().splitlines()[since:]
        return [entry["sql"] for entry in map(json.loads, lines) if "sql" in entry]

    def holdings(self) -> dict[str, int]:
        """Sessions, threads and memory of the process now."""
        before = self._trace.stat().st_size
        self.process.send_signal(signal.SIGUSR1)

        def told():
            lines = self._trace.read_bytes()[before:].decode().splitlines()
            return [entry for entry in map(json.loads, lines) if "memory" in entry]

        return eventually(told)[-1]
