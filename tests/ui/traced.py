"""`crmpanel`, which also writes every statement to a file and answers SIGUSR1 with what it holds."""

import gc
import json
import os
import resource
import signal
import threading
from pathlib import Path

from crmpanel import cli
from crmpanel.store.database import Database

#: A server that runs away must not take the machine with it.
MEMORY = 12_000_000_000


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with Path(os.environ["CRMPANEL_TRACE"]).open("a", buffering=1) as trace:

        def tell(sql, params=(), seconds=0.0):
            trace.write(json.dumps({"sql": sql, "params": [str(value) for value in params]}) + "\n")

        def hold(*_):
            trace.write(json.dumps(holdings()) + "\n")

        opened = Database.__init__

        def spied(self, *args):
            opened(self, *args)
            self.tracers.append(tell)

        Database.__init__ = spied
        signal.signal(signal.SIGUSR1, hold)
        cli.main()


def holdings() -> dict[str, int]:
    """What grows if sessions leak."""
    gc.collect()
    names = [type(thing).__name__ for thing in gc.get_objects()]
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {"apps": names.count("App"), "documents": names.count("Document"),
            "threads": threading.active_count(), "memory": pages * os.sysconf("SC_PAGE_SIZE")}  # fmt: skip


if __name__ == "__main__":
    main()
