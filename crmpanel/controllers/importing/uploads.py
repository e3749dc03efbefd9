"""Uploads: files that a browser brings in pieces, kept in a private folder until they are read."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import threading
import unicodedata
import weakref
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmpanel.errors import InputError
from crmpanel.locale import _

#: Bytes of one piece, of all files together, and how many files there may be.
PIECE, LIMIT, MOST_FILES = 4 * 2**20, 4 * 2**30, 1_000
#: Signs of a name that stay; tables are called as files are.
LONGEST_NAME = 120
_ODD = re.compile(r"[^\w .,()\[\]&+@='-]")
#: By token, the uploads that are open; who knows the token may add to them.
_OPEN: weakref.WeakValueDictionary[str, Uploads] = weakref.WeakValueDictionary()


@dataclass
class Incoming:
    """A file that is coming in."""

    name: str
    path: Path
    size: int
    received: int = 0


class Uploads:
    """The files of one visitor's import.

    Parameters
    ----------
    limit : bytes of all files together.

    Attributes
    ----------
    token : who has it may send pieces.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit, self.token = limit, secrets.token_urlsafe(24)
        self._files: list[Incoming] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        self._context = copy_context()  # The language of messages belongs to the context.
        _OPEN[self.token] = self

    def begin(self, files: Any) -> None:
        """Make room for files, ``[{"name", "size"}]``; what was there before is removed.

        Raises
        ------
        InputError : there are none, too many, or they are too large.
        """
        wanted = list(_checked(files, self.limit))
        self.close()
        with self._lock:
            self._folder = tempfile.TemporaryDirectory(
                prefix="crmpanel-import-", ignore_cleanup_errors=True
            )
            folder = Path(self._folder.name) / "export"
            folder.mkdir()
            _refuse_full(folder, sum(size for _name, size in wanted))
            taken: set[str] = set()
            for name, size in wanted:
                path = folder / _free(clean(name), taken)
                path.touch()
                self._files.append(Incoming(name, path, size))

    def write(self, number: int, offset: int, data: bytes) -> int:
        """Add a piece to a file; returns how many bytes of it are there.

        Raises
        ------
        InputError : there is no such file, or the piece is not the next one.
        """
        with self._lock:
            if not 0 <= number < len(self._files):
                raise InputError(self._context.copy().run(_, "This file is not expected."))
            file = self._files[number]
            fits = offset == file.received and file.received + len(data) <= file.size
            if not fits or len(data) > PIECE:
                said = self._context.copy().run(_, "A piece of the file came twice or too late.")
                raise InputError(said)
            with file.path.open("ab") as stream:
                stream.write(data)
            file.received += len(data)
            return file.received

    @property
    def received(self) -> int:
        """Bytes that have come."""
        return sum(file.received for file in self._files)

    @property
    def size(self) -> int:
        """Bytes that are to come in all."""
        return sum(file.size for file in self._files)

    @property
    def path(self) -> Path:
        """The file, or the folder of several files.

        Raises
        ------
        InputError : they are not complete.
        """
        if not self._files or any(file.received != file.size for file in self._files):
            remedy = _("Choose the files again.")
            raise InputError(_("The upload is not complete."), "", remedy)
        return self._files[0].path if len(self._files) == 1 else self._files[0].path.parent

    @property
    def scratch(self) -> Path:
        """A folder for files that are made on the way; gone with the upload."""
        if self._folder is None:
            raise InputError(_("The upload is not complete."))
        return Path(self._folder.name)

    def close(self) -> None:
        """Remove all files; more often does nothing."""
        with self._lock:
            self._files = []
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None


def uploads_of(token: str) -> Uploads | None:
    """The uploads that a token is for."""
    return _OPEN.get(token)


def clean(name: str) -> str:
    """A name without folders, and without signs that a file system or a page could mind.

    >>> clean("../../etc/passwd"), clean("a<b>.csv"), clean(".."), clean("Åse.csv")
    ('passwd', 'a_b_.csv', 'file', 'Åse.csv')
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = _ODD.sub("_", last).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if dot and len(suffix) <= 10:
        kept = f"{stem[: LONGEST_NAME - 11]}.{suffix}"
    return kept[:LONGEST_NAME] or "file"


def _free(name: str, taken: set[str]) -> str:
    """The name, or with a number where it is taken; file systems may not tell cases apart."""
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, f".{suffix}") if dot else (name, "")
    own, number = name, 2
    while own.casefold() in taken:
        own, number = f"{stem} ({number}){suffix}", number + 1
    taken.add(own.casefold())
    return own


def _checked(files: Any, limit: int) -> Iterator[tuple[str, int]]:
    """Names and sizes as a browser tells them, which may be anything."""
    known = isinstance(files, list) and all(
        isinstance(file, dict)
        and isinstance(file.get("name"), str)
        and 0 < len(file["name"]) <= 1_000
        and isinstance(file.get("size"), int)
        and not isinstance(file["size"], bool)
        and file["size"] >= 0
        for file in files
    )
    if not known or not files:
        raise InputError(_("There is no file to import."), "", _("Choose a file or a folder."))
    if len(files) > MOST_FILES:
        text = _("These are {n} files; the limit is {limit}.", n=len(files), limit=MOST_FILES)
        raise InputError(text, "", _("Put them into a zip file."))
    total = sum(file["size"] for file in files)
    if total > limit:
        raise InputError(
            _("The files have {size} MB; the limit is {limit} MB.", **_megabytes(total, limit)),
            "",
            _("Import them on the server: crmpanel import FOLDER --db DATABASE."),
        )
    if total == 0:
        raise InputError(_("The file is empty."), "", _("Export it again."))
    return ((file["name"], file["size"]) for file in files)


def _megabytes(size: int, limit: int) -> dict[str, str]:
    return {"size": f"{size / 2**20:,.0f}", "limit": f"{limit / 2**20:,.0f}"}


def _refuse_full(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < 2 * size:
        what = _("There is no room for the files on the server.")
        raise InputError(what, "", _("Make room, or import a part of them."))
