"""What somebody types, as regular expressions: accents, signs in numbers and slips do not matter.

A record is looked at as one text, its fields side by side, each after a `BEGIN`; reading that with
one expression for each word costs half of folding and comparing each field.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

#: Stands before each field in the text of a record.
BEGIN = "|"
#: Words that are looked for; nobody types more to find a name.
WORDS = 6
#: Digits from which on a word may be a phone or VAT number, whatever stands between its signs.
DIGITS = 3
#: How many letters a word has that may have a slip of the finger in it.
LETTERS = range(4, 25)
#: Letters that are no letter with an accent to Unicode, and yet typed as one without.
_ALSO = {"æ": "a", "ð": "d", "đ": "d", "ı": "i", "ł": "l", "ø": "o", "œ": "o", "ß": "s", "þ": "t"}


def words_of(text: str) -> list[str]:
    """The words of a text as typed; what is all digits and signs is one number.

    >>> words_of("Nordlys  bergen"), words_of("+47 22 33 44 55")
    (['Nordlys', 'bergen'], ['+47 22 33 44 55'])
    """
    text = unicodedata.normalize("NFC", text)
    if re.fullmatch(r"[\d\s+().\-/]+", text) and _is_number(text):
        return [text.strip()]
    return text.split()[:WORDS]


def anywhere(word: str) -> str:
    """Pattern of a word wherever it stands."""
    if _is_number(word):
        return f"[^0-9a-z{re.escape(BEGIN)}]*".join(_signs(word))
    return _letters(word)


def exactly(text: str) -> str:
    """Pattern of what is a text but for case, accents and blanks."""
    words = unicodedata.normalize("NFC", text).split()
    return r"^\s*" + r"\s+".join(map(_letters, words)) + r"\s*$"


def digits_alone(number: str) -> str:
    """Pattern of what has the digits of a number, and whatever else but digits."""
    return rf"^[^0-9]*{'[^0-9]*'.join(number)}[^0-9]*$"


def places(word: str) -> list[str]:
    """Patterns of where a word may stand, best first: title, field, word; less good is inside."""
    pattern, begin = anywhere(word), re.escape(BEGIN)
    return [f"^{begin}{pattern}", f"{begin}{pattern}", rf"[^\pL\pN]{pattern}"]


def misspelt(word: str) -> str:
    """Pattern of what begins with a word but for one letter: missing, surplus, wrong or swapped."""
    letters = [_letter(letter) for letter in word]
    if len(letters) not in LETTERS or _is_number(word):
        return anywhere(word)
    ways = []
    for i, letter in enumerate(letters):
        before, after = "".join(letters[:i]), "".join(letters[i + 1 :])
        ways += [f"{before}.?{after}", f"{before}.{letter}{after}"]
        if after:
            ways.append(f"{before}{letters[i + 1]}{letter}{''.join(letters[i + 2 :])}")
    return rf"[^\pL\pN](?:{'|'.join(ways)})"


def _is_number(word: str) -> bool:
    return sum(map(str.isdigit, word)) >= DIGITS


def _signs(text: str) -> list[str]:
    """The letters and digits of a text."""
    return [re.escape(sign) for sign in text if sign.isalnum()]


def _letters(word: str) -> str:
    return "".join(map(_letter, word))


def _letter(letter: str) -> str:
    """Pattern of a letter with any accent."""
    plain = _plain(letter)
    alike = _alike().get(plain)
    return f"[{plain}{alike}]" if alike else re.escape(letter)


def _plain(letter: str) -> str:
    small = letter.lower()
    return _ALSO.get(small) or unicodedata.normalize("NFD", small)[:1]


@cache
def _alike() -> dict[str, str]:
    """Letters from a to z with all that carry an accent, or count as if they did."""
    found: dict[str, str] = {}
    for letter in map(chr, range(0xC0, 0x250)):
        plain = _plain(letter)
        if plain.isascii() and plain.isalpha() and letter == letter.lower():
            found[plain] = found.get(plain, "") + letter
    return found
