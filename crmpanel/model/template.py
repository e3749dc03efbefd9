"""Template: an address with fields of a record in it, whose host is never one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from crmpanel.errors import InputError, UnknownName, shortened
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import EMAIL, PHONE, URL

#: Characters of a template; more than any address bar shows.
LONGEST = 2000
#: Kinds of field whose value may be the whole address: what it leads to is checked by its kind.
WHOLE = (URL, EMAIL, PHONE)
#: What is an address in itself and needs no encoding.
RESERVED = ":/?#[]@!$&'()*+,;=%-._~"
#: Stands for a field while the form of a template is looked at; no template can have it.
HOLE = "\0"

_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_SPEC = re.compile(r"\{([a-z][a-z0-9_]*)(?::digits(?::([1-9]\d?)(?:-([1-9]\d?))?)?)?\}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WEB = re.compile(r"//([^/?#]*)(.*)", re.DOTALL)
_HOST = re.compile(r"([\w-]+(?:\.[\w-]+)*)(?::(\d{1,5}))?")
_BEGIN = "Begin with https:// and the name of a host, or with http://, mailto: or tel:."


@dataclass(frozen=True)
class Placeholder:
    """A field in a template.

    Parameters
    ----------
    name : of the field; of a reference also without ``_id``.
    digits : whether only the digits of its value count.
    first, last : which of the digits, counted from 1; None for all.
    """

    name: str
    digits: bool = False
    first: int | None = None
    last: int | None = None

    def field(self, entity: Entity) -> Field:
        """The field of `entity` that it stands for; raises `UnknownName`."""
        known = {_written(field): field for field in entity.fields.values()}
        found = known.get(self.name) or entity.fields.get(self.name)
        if found is None:
            raise UnknownName(f"field of {entity.name}", self.name, known)
        return found


@dataclass(frozen=True)
class Template:
    """An address in parts.

    Parameters
    ----------
    scheme : ``http``, ``https``, ``mailto`` or ``tel``; empty if a field is the whole address.
    origin : what comes before the first field in any case, such as ``https://x.no:8080``.
    parts : what follows: text and fields.
    """

    scheme: str
    origin: str
    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> list[Placeholder]:
        """The fields in it, in order."""
        return [part for part in self.parts if isinstance(part, Placeholder)]

    def check(self, entity: Entity) -> None:
        """Raise `InputError` unless records of `entity` have its fields."""
        fields = [placeholder.field(entity) for placeholder in self.placeholders]
        if not self.scheme and fields[0].kind not in WHOLE:
            raise InputError(
                f"{fields[0].label} cannot be a whole address.",
                "Only a web address, an e-mail address or a phone number can.",
                _BEGIN,
            )


def parse(text: str) -> Template:
    """A template taken apart.

    ``{name}`` stands for a field, ``{vat_number:digits}`` for its digits, ``{vat_number:digits:8}``
    and ``{vat_number:digits:1-7}`` for some of them, ``{{`` and ``}}`` for braces.

    Raises
    ------
    InputError : it cannot be an address, or its host would come from data.

    >>> parse("https://x.no/?q={name}").origin
    'https://x.no'
    """
    _check_characters(text)
    parts = tuple(_parts(text))
    form = "".join(part if isinstance(part, str) else HOLE for part in parts)
    if form == HOLE:
        return Template("", "", parts)
    found = _SCHEME.match(form)
    scheme = found[1].lower() if found else ""
    if form.startswith(HOLE):
        raise _from_data()
    if found is None or scheme not in ("http", "https", "mailto", "tel"):
        raise InputError(f"{shortened(text)} is no address that a link can have.", "", _BEGIN)
    if scheme in ("mailto", "tel"):
        _check_headers(form)
        return Template(scheme, f"{scheme}:", _after(parts, found.end()))
    return _web(scheme, form, found.end(), parts)


def _check_characters(text: str) -> None:
    if len(text) > LONGEST:
        raise InputError(f"The address has {len(text):,} characters.", f"At most {LONGEST:,} fit.")
    wrong = [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    if wrong or "\\" in text:
        what = shortened(wrong[0] if wrong else "\\")
        raise InputError(f"An address cannot have {what}.", "", f"Remove the character {what}.")
    if text != text.strip():
        raise InputError("The address begins or ends with a blank.", "", "Remove the blank.")
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise InputError("A % in an address stands before two digits.", "", "Write %25 for %.")


def _parts(text: str) -> Iterator[str | Placeholder]:
    """Text and fields in turn; neighbouring texts are joined."""
    plain, at = "", 0
    for token in _TOKEN.finditer(text):
        plain, at = plain + text[at : token.start()], token.end()
        if token[0] in ("{{", "}}"):
            plain += token[0][0]
            continue
        if plain:
            yield plain
        plain = ""
        yield _placeholder(token[0])
    if plain + text[at:]:
        yield plain + text[at:]


def _placeholder(text: str) -> Placeholder:
    spec = _SPEC.fullmatch(text)
    if spec is None:
        raise InputError(
            f"{shortened(text)} stands for no field.",
            "",
            "Write a field as {name} or {vat_number:digits}, and {{ or }} for a brace.",
        )
    first = int(spec[2]) if spec[2] else None
    last = int(spec[3]) if spec[3] else first
    if first and last and last < first:
        raise InputError(
            f"{shortened(text)} ends before it begins.", "", "Write the digits as 1-7."
        )
    return Placeholder(spec[1], ":digits" in text, first, last)


def _web(scheme: str, form: str, at: int, parts: tuple[str | Placeholder, ...]) -> Template:
    found = _WEB.fullmatch(form, at)
    if found is None:
        raise InputError(f"{shortened(form)} names no host.", "", _BEGIN)
    if HOLE in found[1]:
        raise _from_data()
    host = _HOST.fullmatch(found[1])
    if host is None or not 0 < int(host[2] or 1) < 65536:
        raise InputError(f"{shortened(found[1])} is no name of a host.", "", _BEGIN)
    if has_dots(found[2].partition("?")[0].partition("#")[0]):
        raise InputError("The path of the address has . or .. in it.", "", "Write it without them.")
    origin = f"{scheme}://{_ascii(host[1])}" + (f":{int(host[2])}" if host[2] else "")
    return Template(scheme, origin, _after(parts, found.end(1)))


def _ascii(host: str) -> str:
    """The name of a host as it is looked up: browsers and people see the same one."""
    try:
        plain = host.encode("idna").decode().lower()
    except UnicodeError:
        plain = ""
    if not re.fullmatch(r"[a-z0-9_.-]+", plain):
        raise InputError(f"{shortened(host)} is no name of a host.", "", _BEGIN)
    return plain


def has_dots(path: str) -> bool:
    """Whether a step of a path means this or the next higher folder, to a browser at least."""
    steps = (step.lower().replace("%2e", ".") for step in path.split("/"))
    return any(step in (".", "..") for step in steps)


def _check_headers(form: str) -> None:
    """What a message is about may come from data; to whom else it goes may not."""
    if form.endswith(":"):
        raise InputError("The address is empty.", "", "Write whom it leads to after the colon.")
    for header in form.partition("?")[2].split("&"):
        if HOLE in header.partition("=")[0]:
            raise InputError("The name of a part of the message would come from data.", "", _BEGIN)


def _after(parts: tuple[str | Placeholder, ...], begin: int) -> tuple[str | Placeholder, ...]:
    """The parts without the first characters, all of which are in the first part."""
    rest = str(parts[0])[begin:]
    return (*((quote(rest, safe=RESERVED),) if rest else ()), *map(_quoted, parts[1:]))


def _quoted(part: str | Placeholder) -> str | Placeholder:
    return quote(part, safe=RESERVED) if isinstance(part, str) else part


def _from_data() -> InputError:
    return InputError(
        "The host of the link would come from data.",
        "Whoever fills in that field could lead everybody elsewhere.",
        "Write the host itself, such as https://example.com/?q={name}.",
    )


def _written(field: Field) -> str:
    """How a field is written in a template: a reference gives the title of what it refers to."""
    return field.name.removesuffix("_id") if field.target else field.name


def written(entity: Entity) -> dict[str, Field]:
    """The fields that templates for `entity` can have, as they are written in them."""
    return {_written(field): field for field in entity.fields.values() if field.group}
