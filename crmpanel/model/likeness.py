"""Likeness: what two records have in common that may be one record entered twice."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Ways to be alike. Case, accents and blanks at the ends never matter.
SAME, SIMILAR, NUMBER, HOST = "same", "similar", "number", "host"
WAYS = (SAME, SIMILAR, NUMBER, HOST)
#: Digits that a number needs to tell anything.
DIGITS = 6
#: Hosts of addresses that belong to nobody in particular.
_SHARED = """
gmail.com googlemail.com outlook.com hotmail.com hotmail.no hotmail.se hotmail.dk live.com
live.no live.se live.dk msn.com yahoo.com yahoo.no yahoo.se icloud.com me.com mac.com aol.com
gmx.com gmx.de gmx.net web.de proton.me protonmail.com mail.com mail.ru yandex.ru zoho.com
online.no telia.com broadpark.no altibox.no getmail.no frisurf.no start.no lyse.net tele2.se
bredband.net comhem.se spray.se mail.dk stofanet.dk kolumbus.fi facebook.com linkedin.com
instagram.com twitter.com x.com youtube.com google.com sites.google.com wordpress.com wixsite.com
"""
SHARED = frozenset(_SHARED.split())
_HOST = re.compile(r"(?:[a-z]+://)?(?:[^@/]*@)?(?:www\.)?([^/:?#\s]+\.[^/:?#\s.]{2,})(?:[/:?#].*)?")


@dataclass(frozen=True)
class Likeness:
    """A way in which two records of an entity can be alike.

    Parameters
    ----------
    way : ``same`` (all of the fields hold the same, the first of them something), ``similar`` (the
        text of the field, slips of the finger aside), ``number`` (the digits of the field),
        ``host`` (the host of an address in any of the fields).
    fields : names of the fields.
    """

    way: str
    fields: tuple[str, ...]


def digits(text: str) -> str | None:
    """The digits of a number, if they are enough to tell it from others.

    >>> digits("NO 987.654.321 MVA"), digits("12")
    ('987654321', None)
    """
    found = re.sub(r"[^0-9]", "", text)
    return found if len(found) >= DIGITS else None


def host(text: str) -> str | None:
    """The host of a web or e-mail address, if it is somebody's own.

    >>> host("https://www.Nordlys.no/om"), host("kari@nordlys.no"), host("kari@gmail.com")
    ('nordlys.no', 'nordlys.no', None)
    """
    found = _HOST.fullmatch(text.strip().lower())
    return found[1] if found and found[1] not in SHARED else None
