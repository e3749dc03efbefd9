"""Addresses that may come from data: only those that cannot run anything."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST = re.compile(r"(?!-)[\w-]+(\.[\w-]+)+(:\d+)?", re.UNICODE)


def website(text: str) -> str | None:
    """The address of a website as people write it, or None if it is not one.

    >>> website("www.nordlys.no"), website("javascript:alert(1)"), website("http://x.no/å b")
    ('https://www.nordlys.no', None, 'http://x.no/%C3%A5%20b')
    """
    text = text.strip()
    if not _SCHEME.match(text):
        text = "https://" + text
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        return None
    return quote(text, safe=":/?#[]@!$&'()*+,;=%-._~")


def email(text: str) -> str | None:
    """A mailto address, or None if the text is no e-mail address."""
    text = text.strip()
    if text.count("@") != 1 or re.search(r"[\s<>\"',;:?&%\\]", text) or len(text) > 254:
        return None
    return "mailto:" + quote(text, safe="@.+-_")


def phone(text: str) -> str | None:
    """A tel address, or None if the text is no phone number."""
    digits = re.sub(r"[\s().\-/ ]", "", text)
    return f"tel:{digits}" if re.fullmatch(r"\+?\d{3,20}", digits) else None
