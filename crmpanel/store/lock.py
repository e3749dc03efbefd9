"""Ownership of a database file: one process at a time, known by its PID."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path

from crmpanel.errors import LockedDatabase


class Ownership:
    """Exclusive ownership of the database at `path`, held until `release`.

    DuckDB's own lock is dropped as soon as this process opens and closes the file for any reason
    (POSIX ``fcntl`` locks work so). An ``flock`` does not suffer from that. It is taken on a
    sidecar, which exists before the database does, and on the database itself, which makes
    symbolic and hard links to it the same database.

    Raises
    ------
    LockedDatabase : another process owns it; names that process.
    OSError : the sidecar cannot be made, or the file system knows no locks.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sidecar = path.with_name(path.name + ".lock")
        self._files: list[int] = []
        self._take(self.sidecar, os.O_RDWR | os.O_CREAT)
        if path.exists():
            self.cover_file()
        with suppress(OSError):  # It only helps to name the owner where /proc/locks does not.
            os.ftruncate(self._files[0], 0)
            os.pwrite(self._files[0], json.dumps({"pid": os.getpid()}).encode(), 0)

    def cover_file(self) -> None:
        """Lock the database file itself too, once it exists."""
        if len(self._files) == 1:
            self._take(self.path, os.O_RDONLY)

    def uncover_file(self) -> None:
        """Let the database file go, which is about to be replaced; the sidecar stays locked."""
        while len(self._files) > 1:
            os.close(self._files.pop())

    def _take(self, path: Path, flags: int) -> None:
        try:
            file = os.open(path, flags, 0o644)
        except OSError:
            self.release()
            raise
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(file) or _written_pid(self.sidecar)
            os.close(file)
            self.release()
            if isinstance(error, BlockingIOError):
                raise locked_by(self.path, holder) from None
            raise
        self._files.append(file)

    def release(self) -> None:
        """Give the database up. Call it only after DuckDB has closed the file."""
        while self._files:
            os.close(self._files.pop())


def locked_by(path: Path, pid: int | None) -> LockedDatabase:
    """The error that names the process holding `path`."""
    who = f"process {pid} ({_command(pid)})" if pid else "another process"
    return LockedDatabase(
        f"The database {path.name} is in use.",
        f"It is open in {who}, and only one process can own it.",
        "Use the page that process serves, or stop it"
        + (f" (kill {pid})" if pid else "")
        + " and try again.",
    )


def _holder(file: int) -> int | None:
    """PID of the process that holds an flock on the inode of `file` (Linux)."""
    status = os.fstat(file)
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return None
    # ``1: FLOCK ADVISORY WRITE 4711 08:01:17 0 EOF``; one who waits has ``->`` after the number.
    held = [words for words in map(str.split, lines) if device in words and "->" not in words]
    pids = [int(words[words.index(device) - 1]) for words in held if "FLOCK" in words]
    return next((pid for pid in pids if pid > 0), None)


def _written_pid(sidecar: Path) -> int | None:
    try:
        return int(json.loads(sidecar.read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "unknown"
    return " ".join(word.decode(errors="replace").rsplit("/", 1)[-1] for word in words[:3] if word)
