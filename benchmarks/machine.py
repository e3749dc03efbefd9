"""What the numbers were measured on; nothing that tells whose machine it is."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("duckdb", "panel", "panel-material-ui", "bokeh", "streamlit", "dash")


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def memory_gb() -> float:
    """Memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def peak_megabytes() -> float:
    """Memory that this process has had at most."""
    status = Path("/proc/self/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def processor() -> str:
    """Model of the processor, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def installed(package: str) -> str:
    """The version of a package; blank where it is not there, nor needed for what is measured."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def description() -> list[tuple[str, str]]:
    """Pairs of what and value."""
    return [
        ("Date", dt.date.today().isoformat()),
        ("Processor", f"{processor()}, {cores()} cores"),
        ("Memory", f"{memory_gb():.0f} GB"),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Load before the run", f"{os.getloadavg()[0]:.1f}"),
        ("Python", platform.python_version()),
        *((name, found) for name in PACKAGES if (found := installed(name))),
    ]
