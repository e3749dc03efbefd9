"""Contents of the documents: small PDF and PNG files made by hand."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

#: Kind of document -> its title by language; photos and some drawings are pictures instead.
TITLES = {
    "Quotation": ("Tilbud", "Tilbud", "Offert", "Quotation"),
    "Order confirmation": (
        "Ordrebekreftelse",
        "Ordrebekræftelse",
        "Orderbekräftelse",
        "Order confirmation",
    ),
    "Contract": ("Avtale", "Aftale", "Avtal", "Agreement"),
    "Service report": ("Servicerapport", "Servicerapport", "Servicerapport", "Service report"),
    "Data sheet": ("Datablad", "Datablad", "Datablad", "Data sheet"),
    "Drawing": ("Tegning", "Tegning", "Ritning", "Drawing"),
    "Minutes": ("Møtereferat", "Mødereferat", "Mötesprotokoll", "Minutes of meeting"),
    "Certificate": (
        "Samsvarserklæring",
        "Overensstemmelseserklæring",
        "Försäkran om överensstämmelse",
        "Declaration of conformity",
    ),
    "Invoice": ("Fakturakopi", "Fakturakopi", "Fakturakopia", "Invoice copy"),
}
LANGUAGES = ("nb", "da", "sv", "en")
VARIANTS = 4


class Content(NamedTuple):
    """One file: the kind and language it is for, and its bytes."""

    kind: str
    lang: str
    variant: int
    extension: str
    hash: str
    data: bytes


@cache
def contents() -> tuple[Content, ...]:
    """Every distinct file of the demo data."""
    return tuple(
        Content(kind, lang, variant, extension, hashlib.sha256(data).hexdigest(), data)
        for kind, lang, variant, extension, data in _files()
    )


def _files() -> Iterator[tuple[str, str, int, str, bytes]]:
    for kind, titles in TITLES.items():
        for lang, title in zip(LANGUAGES, titles, strict=True):
            for variant in range(VARIANTS):
                lines = [
                    "Polarvent",
                    f"{kind[:2].upper()}-{variant + 1:02}",
                    "",
                    *(f"{n}." for n in range(1, 4 + 3 * variant)),
                ]
                yield kind, lang, variant, "pdf", pdf(title, lines)
    for lang in LANGUAGES:
        for variant in range(VARIANTS):
            yield "Photo", lang, variant, "png", png(variant)


def pdf(title: str, lines: list[str]) -> bytes:
    """A one-page A4 document with a heading and some lines of text."""
    text = [f"BT /F1 22 Tf 60 770 Td ({_escaped(title)}) Tj ET"]
    text += [
        f"BT /F1 11 Tf 60 {730 - 18 * n} Td ({_escaped(line)}) Tj ET"
        for n, line in enumerate(lines)
    ]
    stream = "\n".join([*text, "60 755 m 535 755 l S"]).encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    starts = []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def png(variant: int, width: int = 240, height: int = 160) -> bytes:
    """A picture: sky over a floor with a cabinet, in colours that depend on `variant`."""
    tone = 40 * variant
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(_pixel(x / width, y / height, tone))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(*part)
        for part in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    )


def _pixel(x: float, y: float, tone: int) -> tuple[int, int, int]:
    if 0.3 < x < 0.7 and 0.25 < y < 0.8:
        slot = int(y * 40) % 3 == 0 and 0.36 < x < 0.64
        return (90, 100, 110) if slot else (200 - tone // 2, 205, 210)
    if y > 0.72:
        return (120 + tone // 4, 116, 108)
    return (170, 190 - tone // 3, 205 + tone // 5)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
