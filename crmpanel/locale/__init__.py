"""Messages and formats for the user's language.

English is the language of the source: every user-facing text passes through `_` or `ngettext`,
and `crmpanel/locale/crmpanel.pot` lists them all. A translation is a ``.po`` file beside it.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from importlib import resources

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

_language: ContextVar[str] = ContextVar("language", default="en")


def use_language(language: str) -> None:
    """Choose the language of messages for the current context (session, task or thread)."""
    _language.set(language)


@functools.cache
def _catalogue(language: str) -> Catalog | None:
    file = resources.files(__name__) / f"{language}.po"
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def _(message: str, **values: object) -> str:
    """`message` in the user's language, its ``{slots}`` filled.

    >>> _("{shown} of {total}", shown=1, total=3)
    '1 of 3'
    """
    catalogue = _catalogue(_language.get())
    found = catalogue.get(message) if catalogue else None
    text = str(found.string) if found and found.string else message
    return text.format(**values) if values else text


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """The form of a message that fits `number`; ``{n}`` in it is `number` unless given."""
    return _(singular if number == 1 else plural, **{"n": number, **values})


def messages(language: str) -> dict[str, str]:
    """All translations into a language, for the browser; empty for English."""
    catalogue = _catalogue(language.replace("-", "_").split("_")[0])
    return {str(m.id): str(m.string) for m in catalogue or () if m.id and m.string}


def N_(message: str) -> str:
    """Mark a text of a declaration for translation; it is translated where it is shown."""
    return message
