"""Processes that hold, write and lose a database."""

import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

#: Opens each path in turn and says what came of it.
OPENER = """
import sys
from crmpanel.errors import CrmError
from crmpanel.store import open_
for path in sys.argv[1:]:
    try:
        open_(path).close()
        print("opened")
    except CrmError as error:
        print(type(error).__name__, error)
"""

#: Writes one organisation after the other, and says so once each is acknowledged.
WRITER = """
import sys
from crmpanel.store import open_
database = open_(sys.argv[1])
for n in range(int(sys.argv[2]), 10**9):
    with database.load("Test", "test") as load:
        load.execute("INSERT INTO organisation (id, name) VALUES (?, ?)", [n, "x" * 100])
        load.execute("INSERT INTO person (id, organisation_id) VALUES (?, ?)", [n, n])
    print(n, flush=True)
"""


def run(program, *arguments):
    """What a Python program says in a process of its own."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@contextmanager
def running(program, *arguments):
    """A Python program in a process of its own, killed in the end."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="session")
def run_python():
    return run


@pytest.fixture(scope="session")
def python_running():
    return running


@pytest.fixture(scope="session")
def open_elsewhere():
    """What another process is told when it opens these paths."""
    return lambda *paths: run(OPENER, *paths)


@pytest.fixture(scope="session")
def write_and_kill():
    """Let another process write, kill it after some writes; returns what it acknowledged."""

    def kill(path, first=1000, writes=5):
        with running(WRITER, path, first) as process:
            acknowledged = [int(process.stdout.readline()) for _ in range(writes)]
            process.kill()
            return acknowledged + [int(line) for line in process.stdout]

    return kill


@pytest.fixture(scope="session")
def files():
    """The bytes of a database and of what lies beside it, but for its lock."""

    def read(path):
        beside = sorted(path.parent.glob(path.name + "*"))
        return {file.name: file.read_bytes() for file in beside if file.suffix != ".lock"}

    return read


@pytest.fixture(scope="session")
def copy_all():
    """Copy a database with all that lies beside it."""

    def copy(source, target):
        for file in source.parent.glob(source.name + "*"):
            shutil.copy(file, target.with_name(target.name + file.name.removeprefix(source.name)))
        return target

    return copy
