"""The wire between `crmpanel notify` and the process that has the database open.

One process owns a database. While that is a server, `notify` asks it through a Unix domain socket
beside the database: only the user who runs the server can open it.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from crmpanel.delivery.run import Report, notify
from crmpanel.delivery.settings import Settings
from crmpanel.errors import CrmError, StoreError
from crmpanel.store import Database

log = logging.getLogger(__name__)

#: Seconds that one side waits for the other to say what it wants, and for the report.
ASKING, WORKING = 10.0, 1800.0
#: Seconds after which it listens again if it could not.
PAUSE = 0.5
#: No request is longer.
LONGEST = 100_000
#: Most systems know no longer addresses.
_LONGEST_ADDRESS = 100


def socket_file(path: str | Path) -> Path:
    """The socket of a database, which is known by its real path."""
    real = Path(os.path.realpath(Path(path).expanduser()))
    return real.with_name(real.name + ".sock")


@contextmanager
def _address(file: Path) -> Iterator[str]:
    """What a socket file is called by the system, also where its path is too long for that."""
    if not hasattr(socket, "AF_UNIX"):
        raise StoreError(
            "This system has no Unix domain sockets.",
            "The database is open in a server, which could not be asked.",
            "Stop the server while crmpanel notify runs.",
        )
    if len(os.fsencode(file)) <= _LONGEST_ADDRESS:
        yield str(file)
        return
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{file.name}"
    finally:
        os.close(folder)


# -- the side that asks --------------------------------------------------------------------------


def ask(path: str | Path, request: dict[str, Any]) -> Report | None:
    """Have the process that owns a database run `notify`; None if it does not listen.

    Parameters
    ----------
    path : the database.
    request : ``settings``, ``now`` and ``dry_run``, as `request_of` makes them.

    Raises
    ------
    CrmError : it could not be done; what the other process says.
    """
    with _address(socket_file(path)) as address, closing(_new()) as line:
        line.settimeout(ASKING)
        try:
            line.connect(address)
            line.sendall(json.dumps(request).encode())
            line.shutdown(socket.SHUT_WR)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise _silent(str(error.strerror or error)) from None
        return _answer(line)


def request_of(settings: Settings, now: dt.datetime | None, dry_run: bool) -> dict[str, Any]:
    """What `ask` sends."""
    at = None if now is None else now.isoformat()
    return {"settings": settings.values(), "now": at, "dry_run": dry_run}


def _answer(line: socket.socket) -> Report:
    line.settimeout(WORKING)
    try:
        answer = json.loads(b"".join(iter(lambda: line.recv(65536), b"")))
    except (OSError, ValueError) as error:
        raise _silent(str(error)) from None
    if "error" in answer:
        raise CrmError(*answer["error"])
    return Report.of(answer["report"])


def _silent(why: str) -> StoreError:
    return StoreError(
        "The server that has the database open did not answer.",
        why.rstrip(".") + ".",
        "Look at its log, or stop it and try again: nothing is sent twice.",
    )


def _new() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


# -- the side that has the database --------------------------------------------------------------


@contextmanager
def listening(database: Database) -> Iterator[None]:
    """Answer those who ask for a run, for as long as the block lasts.

    Where that cannot be, it is said in the log: serving goes on without.
    """
    file, line = socket_file(database.path), None
    try:
        line = _bound(file)
    except (OSError, StoreError) as error:
        log.warning("crmpanel notify has to wait until this server is stopped: %s", error)
    if line is None:
        yield
        return
    stopping = threading.Event()
    thread = threading.Thread(
        target=_serve, args=(line, database, stopping), name="crmpanel-notify", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        file.unlink(missing_ok=True)
        with suppress(OSError):  # wakes the thread, which waits in accept
            line.shutdown(socket.SHUT_RDWR)
        line.close()
        thread.join(ASKING)


def _bound(file: Path) -> socket.socket:
    """A socket that only we can open. What is there is left over: we own the database."""
    with _address(file) as address:
        line = _new()
        try:
            file.unlink(missing_ok=True)
            line.bind(address)
            file.chmod(0o600)
            line.listen(4)
        except OSError:
            line.close()
            raise
    return line


def _serve(line: socket.socket, database: Database, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            caller, _where = line.accept()
        except OSError as error:
            # A caller who gave up, or no file left to open for a while, must not end it for all.
            if not stopping.wait(PAUSE):
                log.warning("crmpanel notify could not be heard: %s", error)
            continue
        with closing(caller):
            try:
                _handle(caller, database)
            except OSError as error:
                log.warning("crmpanel notify went away: %s", error)


def _handle(caller: socket.socket, database: Database) -> None:
    if not _is_us(caller):
        log.warning("somebody else asked for crmpanel notify, and was refused")
        return
    caller.settimeout(ASKING)
    asked = b""
    while len(asked) <= LONGEST and (part := caller.recv(65536)):
        asked += part
    caller.sendall(json.dumps(_done(asked, database)).encode())


def _done(asked: bytes, database: Database) -> dict[str, Any]:
    try:
        request = json.loads(asked)
        settings = Settings.of(request["settings"])
        now = dt.datetime.fromisoformat(request["now"]) if request["now"] else None
        return {"report": notify(database, settings, now, bool(request["dry_run"])).values()}
    except CrmError as error:
        return {"error": [error.what, error.why, error.remedy]}
    except (ValueError, TypeError, KeyError, AttributeError):
        log.exception("a request of crmpanel notify")
        return {"error": ["The request was not understood.", "", "Use the same version of both."]}
    except Exception:
        log.exception("crmpanel notify")
        return {"error": ["Something went wrong.", "", "The server's log has the details."]}


def _is_us(caller: socket.socket) -> bool:
    """Whether the other side is a process of the same user, or root; Linux tells, others trust
    the rights of the file."""
    if not sys.platform.startswith("linux"):
        return True
    packed = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", packed)[1] in (0, os.getuid())
