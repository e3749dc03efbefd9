"""Forms of dates: what a text is written like, as a strptime format; day or month first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

ISO = "iso"
EPOCH, EPOCH_MS, EXCEL = "epoch", "epoch_ms", "excel"
#: Stands for day and month where both readings are possible.
EITHER = "%?"

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)? ?(Z|UTC|[+-]\d\d(:?\d\d)?)?")
_TIME = (
    r"(?:(?P<gap>,? |T|, )(?P<hour>\d{1,2})(?P<colon>[:.])\d\d"
    r"(?P<second>[:.]\d\d)?(?P<part>[.,]\d+)?(?P<noon> ?[AaPp][Mm])?(?P<zone> UTC| GMT)?)?"
)
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,4}})(?P<sep>[-./])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{2,4}}){_TIME}"
)
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?P<rest>[a-z]*)"
_WORDED = re.compile(
    rf"(?P<day>\d{{1,2}})(?P<s1>\.? |[-/]){_MONTH}(?P<s2>,? |[-/])(?P<year>\d{{2,4}}){_TIME}", re.I
)
_LEADING = re.compile(
    rf"{_MONTH}(?P<s1>\.? )(?P<day>\d{{1,2}})(?P<s2>, )(?P<year>\d{{4}}){_TIME}", re.I
)
_PLAIN = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?P<time>\d{6})?")


@lru_cache(8_192)
def written(text: str) -> str | None:
    """How a date is written; None for what is no date. Of two readings, with `EITHER`."""
    if _ISO.fullmatch(text):
        return ISO
    for pattern, read in ((_NUMERIC, _numeric), (_WORDED, _worded), (_LEADING, _leading)):
        if match := pattern.fullmatch(text):
            return read(match)
    if match := _PLAIN.fullmatch(text):
        return "%Y%m%d%H%M%S" if match["time"] else "%Y%m%d"
    return None


def _time(match: re.Match[str]) -> str:
    if match["hour"] is None:
        return ""
    hour = "%I" if match["noon"] else "%H"
    second = f"{match['second'][0]}%S" if match["second"] else ""
    fraction = match["part"] or ""
    # Of more than six digits they are nanoseconds.
    part = f"{fraction[0]}{'%n' if len(fraction) > 7 else '%f'}" if fraction else ""
    noon = (" " if " " in match["noon"] else "") + "%p" if match["noon"] else ""
    return f"{match['gap']}{hour}{match['colon']}%M{second}{part}{noon}{match['zone'] or ''}"


def _numeric(match: re.Match[str]) -> str | None:
    a, b, c, sep = match["a"], int(match["b"]), match["c"], match["sep"]
    if len(a) == 4:
        return f"%Y{sep}%m{sep}%d{_time(match)}" if b <= 12 and len(c) == 2 else None
    if len(a) == 3 or len(c) == 3 or not (1 <= int(a) <= 31 and 1 <= b <= 31):
        return None
    year = "%Y" if len(c) == 4 else "%y"
    order = (
        f"%d{sep}%m" if int(a) > 12 and b <= 12
        else f"%m{sep}%d" if b > 12 and int(a) <= 12
        else f"{EITHER}{sep}{EITHER}" if int(a) <= 12
        else None
    )  # fmt: skip
    return f"{order}{sep}{year}{_time(match)}" if order else None


def _worded(match: re.Match[str]) -> str:
    month = "%B" if match["rest"] else "%b"
    year = "%Y" if len(match["year"]) == 4 else "%y"
    return f"%d{match['s1']}{month}{match['s2']}{year}{_time(match)}"


def _leading(match: re.Match[str]) -> str:
    month = "%B" if match["rest"] else "%b"
    return f"{month}{match['s1']}%d{match['s2']}%Y{_time(match)}"


def epoch(text: str) -> str | None:
    """Whether a number can be seconds or milliseconds since 1970, from 1995 on."""
    if not text.isdecimal():
        return None
    if re.fullmatch(r"\d{10}", text) and text < "4":
        return EPOCH if text > "07" else None
    return EPOCH_MS if re.fullmatch(r"\d{12,13}", text) and int(text) > 788_000_000_000 else None


def serial(text: str) -> bool:
    """Whether a number can be the days that a spreadsheet counts from 1900."""
    return bool(re.fullmatch(r"\d{5}(\.\d+)?", text)) and 20_000 <= float(text) <= 80_000


@dataclass(frozen=True)
class Order:
    """Whether days or months come first, and how that is known."""

    day_first: bool
    sure: bool


def order_of(forms: Mapping[str, int]) -> Order | None:
    """What a column says of the order of day and month; None where it has no such dates."""
    day = sum(n for form, n in forms.items() if re.match(r"%d[-./]", form))
    month = sum(n for form, n in forms.items() if re.match(r"%m[-./]", form))
    if day or month:
        return Order(day >= month, True)
    either = [form for form in forms if form.startswith(EITHER)]
    if not either:
        return None
    # Points and dashes are European; a slash says nothing, AM and PM are American.
    american = all("/" in form for form in either) and any("%p" in form for form in either)
    return Order(not american, all(form[2] in ".-" for form in either))


def settle(forms: Mapping[str, int], day_first: bool) -> dict[str, int]:
    """The forms with the order decided, the most frequent first."""
    found: Counter[str] = Counter()
    for form, n in forms.items():
        found[settled(form, day_first)] += n
    return dict(found.most_common())


def settled(form: str, day_first: bool) -> str:
    """A form with the order of day and month decided."""
    first, second = ("%d", "%m") if day_first else ("%m", "%d")
    return form.replace(EITHER, first, 1).replace(EITHER, second, 1)


def formats(forms: Mapping[str, int]) -> tuple[str, ...]:
    """What a mapping says of a column so written: nothing where all is ISO 8601."""
    if set(forms) <= {ISO}:
        return ()
    return tuple(forms)
