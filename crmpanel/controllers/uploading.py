"""Uploading: a file that a browser sends in pieces, kept outside the database until it is read."""

from __future__ import annotations

import base64
import binascii
import re
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from crmpanel.errors import InputError
from crmpanel.locale import _

#: Bytes of the largest file, and of a piece.
LARGEST, PIECE = 500_000_000, 500_000
#: What files may end in: what is in them is found out when they are read.
SUFFIXES = (
    ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet", ".json", ".ndjson",
)  # fmt: skip
#: Characters of a name.
LONGEST = 120


class Upload:
    """One file on its way; the browser's word is not taken for anything.

    Parameters
    ----------
    name : what the browser calls it: a label, never a path.
    size : how long the browser says it is.

    Attributes
    ----------
    at : bytes that have come.
    path : where they are: in a folder and under a name of our own.

    Raises
    ------
    InputError : it is too large, or of a kind that cannot be read.
    """

    def __init__(self, name: object, size: object) -> None:
        self.name = label_of(name)
        suffix = Path(self.name).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputError(
                _("{name} cannot be read as a table.", name=self.name),
                "",
                _("Choose a CSV, Excel, Parquet or JSON file."),
            )
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise InputError(_("The file could not be sent."))
        if size > LARGEST:
            raise InputError(
                _("{name} is too large.", name=self.name),
                _("At most {n} MB can be sent.", n=LARGEST // 1_000_000),
                _("Import it on the command line: crmpanel import."),
            )
        self.size, self.at = size, 0
        self._folder = Path(tempfile.mkdtemp(prefix="crmpanel-upload-"))
        self.path = self._folder / f"upload{suffix}"
        self.path.touch()

    @property
    def is_complete(self) -> bool:
        """Whether all of it has come."""
        return self.at == self.size

    def take(self, at: object, data: object) -> None:
        """Take the next piece.

        Raises
        ------
        InputError : it is not the next one, too long, or none at all.
        """
        try:
            piece = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
        except (binascii.Error, ValueError):
            piece = b""
        due = min(PIECE, self.size - self.at)
        if at != self.at or not piece or len(piece) != due:
            raise InputError(_("The file could not be sent."), "", _("Try again."))
        with self.path.open("ab") as file:
            file.write(piece)
        self.at += len(piece)

    def discard(self) -> None:
        """Delete it; more often does nothing."""
        shutil.rmtree(self._folder, ignore_errors=True)


def label_of(name: object) -> str:
    """What people call a file, whatever a browser says: no folder, no control character.

    >>> label_of("C:\\\\x/../NPS 2026.csv"), label_of(None)
    ('NPS 2026.csv', 'file')
    """
    text = name if isinstance(name, str) else ""
    last = PurePosixPath(text.replace("\\", "/")).name
    plain = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", "", last).strip()
    stem, dot, suffix = plain.rpartition(".")
    plain = f"{stem[: LONGEST - len(suffix)]}{dot}{suffix[:10]}" if dot else plain[:LONGEST]
    return plain or "file"
