"""Which encoding a text file is in: certain for UTF-8 and marked files, else by the evidence."""

from __future__ import annotations

import codecs
from pathlib import Path

from crmpanel.errors import ImportFailed

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252 (Latin-1)"}


def readable(encoding: str) -> str:
    """What a person calls the encoding."""
    return _NAMES.get(encoding, encoding.upper())


def guess(path: Path) -> str:
    """The encoding as far as the beginning of the file tells; enough to read a header."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if sample[0::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def encoding_of(path: Path, shown: str = "") -> str:
    """The encoding, proven by decoding the whole file.

    Raises
    ------
    ImportFailed : the bytes fit none; names the encoding tried and the first line that fails.

    A file that is not UTF-8 is taken for Windows-1252, of which Latin-1 is a part, unless most of
    its accented letters are valid UTF-8: then it is a damaged UTF-8 file, and reading it as
    anything else would garble the rest.
    """
    encoding = guess(path)
    if encoding == "cp1252":
        encoding = "utf-8"  # the guess saw the beginning only
    line = _first_bad_line(path, encoding)
    if line is None:
        return encoding
    if encoding != "utf-8" or _mostly_utf8(path):
        raise _unreadable(shown or path.name, encoding, line)
    if (line := _first_bad_line(path, "cp1252")) is not None:
        raise _unreadable(shown or path.name, "cp1252", line)
    return "cp1252"


def _unreadable(file: str, encoding: str, line: int) -> ImportFailed:
    return ImportFailed(
        f"{file} cannot be read as text.",
        f"It looks like {readable(encoding)}, but line {line:,} holds bytes that are none.",
        "Export it again, or save it as UTF-8.",
    )


def _first_bad_line(path: Path, encoding: str) -> int | None:
    """Number of the first line that cannot be decoded, or None."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].decode(encoding, "replace").count("\n")
            if not chunk:
                return None


def _mostly_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            wrong = text.count("\ufffd")
            bad += wrong
            good += sum(not character.isascii() for character in text) - wrong
    return good > bad
