"""Archives: zip files, and what is a zip file underneath, looked at before they are unpacked."""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from crmpanel.errors import ImportFailed

#: Files in an archive.
MAX_FILES = 10_000

#: What a bomb is: so many times larger than the archive, from so many bytes on.
MAX_RATIO = 200
SMALL = 50_000_000

_CHUNK = 1 << 20
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@contextmanager
def opened(path: Path, shown: str) -> Iterator[zipfile.ZipFile]:
    """A zip file of which it is known that it does not swell beyond measure.

    Raises
    ------
    ImportFailed : it is damaged, encrypted or a bomb; nothing has been unpacked then.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, path, shown)
            yield archive
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zipfile.LargeZipFile) as error:
        raise ImportFailed(
            f"{shown} is damaged.", f"As a zip file: {error}.", "Export or download it again."
        ) from None
    except RuntimeError as error:  # zipfile's word for a password
        raise _encrypted(shown) from error


def _check(archive: zipfile.ZipFile, path: Path, shown: str) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise ImportFailed(
            f"{shown} is not unpacked.",
            f"It holds {len(entries):,} files; the limit is {MAX_FILES:,}.",
            "Unpack it yourself, and give the folder with the tables.",
        )
    total, size = sum(entry.file_size for entry in entries), max(1, path.stat().st_size)
    if total > SMALL and total > size * MAX_RATIO:
        raise ImportFailed(
            f"{shown} is not unpacked.",
            f"Its {size:,} bytes would become {total:,}: {total // size:,} times as many.",
            "If you trust it, unpack it yourself, and give the folder.",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise _encrypted(shown)


def _encrypted(shown: str) -> ImportFailed:
    return ImportFailed(
        f"{shown} cannot be read.",
        "It is protected by a password.",
        "Save it without a password, or unpack it yourself and give the folder.",
    )


def check_workbook(path: Path, shown: str) -> bool:
    """Refuse a workbook that is a bomb or refers outside; returns whether it has macros.

    Raises
    ------
    ImportFailed : it is damaged, or would be dangerous to read.
    """
    macros = False
    with opened(path, shown) as archive:
        for entry in archive.infolist():
            macros = macros or entry.filename.lower().endswith(("vbaproject.bin", "/basic/script"))
            if _has_doctype(archive, entry):
                raise ImportFailed(
                    f"{shown} is not read.",
                    f"Its part {entry.filename} declares entities, which can reach other files.",
                    "Open it in a spreadsheet program that you trust, and save it again.",
                )
    return macros


def _has_doctype(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Reads the part to its end: that its size is as declared shows only there."""
    found, tail = False, b""
    xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    with archive.open(entry) as part:
        first = True
        while chunk := part.read(_CHUNK):
            if first and xml:
                found = bool(_DOCTYPE.search(chunk.replace(b"\0", b"")))
            first = False
            tail = chunk
    return found and bool(tail)


def unpack(path: Path) -> tuple[Path, tempfile.TemporaryDirectory[str], dict[str, str]]:
    """Unpack the files of a zip that can be tables.

    Returns
    -------
    folder : where they are; nothing is ever written outside of it.
    keep : whose end is the folder's.
    left_out : what was not unpacked, and why.

    Raises
    ------
    ImportFailed : it is damaged, encrypted, a bomb, names files outside, or there is no room.
    """
    keep = tempfile.TemporaryDirectory(prefix="crmpanel-")
    folder, left_out = Path(keep.name).resolve(), dict[str, str]()
    with opened(path, path.name) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check_room(path, folder, sum(entry.file_size for entry in entries))
        for entry in entries:
            if stat.S_ISLNK(entry.external_attr >> 16):
                left_out[entry.filename] = "a link"
                continue
            place = folder / _inside(path, entry.filename)
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as packed, place.open("wb") as file:
                shutil.copyfileobj(packed, file, _CHUNK)
    return folder, keep, left_out


def _inside(path: Path, name: str) -> PurePosixPath:
    inner = PurePosixPath(name.replace("\\", "/"))
    if inner.is_absolute() or ".." in inner.parts or (inner.parts and ":" in inner.parts[0]):
        raise ImportFailed(
            f"{path.name} is not unpacked.",
            f"It names a file outside of itself: {name[:80]!r}.",
            "Do not trust it. If you must, unpack it with a tool that refuses such names.",
        )
    return PurePosixPath(*(part[:200] for part in inner.parts))


def _check_room(path: Path, folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free * 0.8:
        raise ImportFailed(
            f"{path.name} is not unpacked.",
            f"It takes {size:,} bytes, and there are {free:,} in {folder.parent}.",
            "Make room, or unpack it elsewhere and give the folder.",
        )
