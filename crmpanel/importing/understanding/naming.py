"""What names say: of a table, the entity; of a column, the field or the record it refers to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from crmpanel.importing.understanding.vocabulary import AFTER, QUALIFIERS, vocabulary
from crmpanel.importing.understanding.words import compact, respelt, singulars, words

#: Words around the name of a table that say nothing of what it holds.
NOISE = frozenset(
    [
        "llx", "vtiger", "tbl", "tab", "dbo", "public", "crm", "hs", "hubspot", "salesforce",
        "zoho", "pipedrive", "sugarcrm", "suitecrm", "odoo", "dynamics", "export", "exports",
        "exported", "all", "my", "list", "data", "report", "sheet", "dump", "full", "csv",
        "xlsx", "the", "of", "table", "t", "copy", "final", "new", "active", "utf8", "view",
        "vw", "master", "records", "record", "bulk", "hubspotcrm", "sf", "sfdc", "cr", "cstm",
        "liste", "lista", "register", "eksport", "uttrekk", "download", "extract", "main",
        "tabelle", "tabell", "tabel", "backup", "current", "application", "person", "sales",
        "dim", "fact", "stg", "raw", "src", "odata", "api", "results", "value", "items",
        "dataset", "datasets", "sample", "ad", "c", "m", "r", "entity", "entities",
        "grid", "gallery", "kanban", "tracker", "wp", "wc", "lookup",
        "fcrm", "kommo", "amocrm", "bitrix", "bitrix24", "freshdesk", "intercom", "espocrm",
        "civicrm", "krayin", "keap", "teamleader", "salesmate", "nutshell",
    ]
)  # fmt: skip
#: Last words of names that say in what an amount is counted.
UNITS = {"cents": 0.01, "cent": 0.01, "micros": 0.000001, "ore": 0.01}
#: Before ``state`` or ``name``, these speak of a place, not of how things stand.
PLACES = frozenset(
    ["billing", "bill", "shipping", "ship", "mailing", "delivery", "address", "home"]
)
_OF_PLACES = ("name", "fullname", "state")
#: Whose columns may be called after one another: ``contact email`` of a company.
_ALIKE = ("organisation", "person", "user")
#: Before what is referred to, these only say which of several it is.
WHOSE = frozenset(
    ["billing", "bill", "invoice", "mailing", "default", "address", "contact", "sell", "to"]
)
#: … and these also after it: `Company (Billing)`.
BILLED = frozenset(["billing", "bill", "invoice"])
#: What parts a name of a column from the name of what it is in.
_PATH = re.compile(r"\s+(?:/|>|-|–|»)\s+|::|:\s+|(?<=\w)\.(?=\w)")
_JOINED_TYPES = ("type", "doctype", "model", "module", "typename", "kind", "typecode", "entitytype",
                 "objecttype", "entity", "logicalname", "name type", "class", "typeid")  # fmt: skip


def entity_of(table: str) -> tuple[str, float]:
    """The entity, or other thing, whose name a table has, and how sure: 1 for all of its name."""
    known = vocabulary().entity
    for name in dict.fromkeys((table, table.rpartition(".")[2], table.rpartition("__")[2])):
        found, sure = known(name)
        if sure:
            return found, sure
    if whole := _but_noise(table):
        return whole, 1.0
    own = plain_words(table)
    for start in range(len(own)):
        found, sure = known(" ".join(own[start:]))
        if sure:
            return found, 1.0 if start == 0 else 0.6
    for end in range(len(own) - 1, 0, -1):
        found, sure = known(" ".join(own[:end]))
        if sure:
            return found, 0.5
    return "", 0.0


def _but_noise(table: str) -> str:
    """The entity that a part of a name stands for, if the words around it are noise."""
    own = words(table)
    parts = [(start, end) for start in range(len(own)) for end in range(start + 1, len(own) + 1)]
    for start, end in sorted(parts, key=lambda part: part[0] - part[1]):
        found = vocabulary().entity(" ".join(own[start:end]))[0]
        if found and all(w in NOISE or w.isdigit() for w in (*own[:start], *own[end:])):
            return found
    return ""


def label_of(table: str) -> str:
    """What one row of a table is called: ``Call`` for ``Calls_001``."""
    last = plain_words(table)[-1]
    known = (text for text in singulars(last)[1:] if vocabulary().entity(text)[0])
    return next(known, last.removesuffix("s")).capitalize()


def is_log(table: str) -> bool:
    """Whether a table holds what has happened, such as notes, and never what is to be done."""
    texts = singulars(compact(" ".join(plain_words(table))))
    return any(text in vocabulary().words["log"] for text in texts)


def plain_words(name: str) -> list[str]:
    """The words of a table's name that are not noise, numbers and dates."""
    own = [w for w in words(name) if not re.fullmatch(r"\d+", w)]
    plain = [w for w in own if w not in NOISE]
    return plain or own


def shared_prefix(names: Iterable[str]) -> tuple[str, ...]:
    """Words that most columns of a table begin with: ``Deal - ``, ``Opportunity``, ``c_``."""
    split = [words(name) for name in names]
    prefix: tuple[str, ...] = ()
    while len(split) >= 4:
        heads = Counter(w[: len(prefix) + 1] for w in split if len(w) > len(prefix) + 1)
        if not heads:
            break
        head, n = heads.most_common(1)[0]
        if n < 0.6 * len(split):
            break
        prefix = head
    return prefix


_ENDS = ("ids", "id", "no", "nr", "number", "name", "key", "code", "fk", "nummer", "navn", "namn",
         "kode", "snummer", "snr")  # fmt: skip


class Names:
    """The names of one table, and what its columns can be called because of it."""

    def __init__(self, table: str, columns: Iterable[str]) -> None:
        self.table = table
        self.prefix = shared_prefix(columns)
        own = plain_words(table)
        texts = ["".join(own), compact(table.rpartition(".")[2])]
        self._own = {*texts, *(s for text in texts for s in singulars(text)), "".join(self.prefix)}
        self._own -= {""}

    def words(self, column: str) -> tuple[str, ...]:
        """The words of a name without those that most columns of the table begin with."""
        whole, n = words(column), len(self.prefix)
        return whole[n:] if n and whole[:n] == self.prefix and len(whole) > n else whole

    def stripped(self, column: str, entity: str = "") -> tuple[str, ...]:
        """The name, compact, whole and without what only says whose column it is."""
        text = "".join(self.words(column))
        found = [text]
        for own in sorted(
            self._own | set(vocabulary().tables.get(entity, ())), key=len, reverse=True
        ):
            if text.startswith(own) and len(text) > len(own) and len(own) > 2:
                rest = text[len(own) :]
                found += [rest, rest[1:]] if rest[0] == "s" and len(rest) > 1 else [rest]
        if rest := self._cut_short(self.words(column)):
            found.append(rest)
        return tuple(dict.fromkeys([*found, compact(column)]))

    def _cut_short(self, split: tuple[str, ...]) -> str:
        """What follows the first letters of the table's name: ``cust_email`` of customers."""
        head = split[0] if len(split) > 1 else ""
        cut = 3 <= len(head) <= 5 and any(o.startswith(head) and o != head for o in self._own)
        return "".join(split[1:]) if cut else ""

    def fields(self, column: str, entity: str) -> dict[str, float]:
        """Fields of an entity that the column may be, by how well the name fits."""
        known = vocabulary().columns.get(entity, {})
        found: dict[str, float] = {}
        for step, text in enumerate(self.stripped(column, entity)):
            for field, score in _fields(text, entity).items():
                found[field] = max(found.get(field, 0), score * (1.0 if step == 0 else 0.95))
        split = self.words(column)
        if len(split) > 1 and split[-1] in UNITS:
            return self.fields(" ".join(split[:-1]), entity)
        for text, weight in (*self._parts(column, entity), *self._ends(column, entity)):
            for field, score in _fields(text, entity).items():
                found[field] = max(found.get(field, 0), score * weight)
        return {field: score for field, score in found.items() if field in known and score > 0.4}

    def _parts(self, column: str, entity: str) -> Iterable[tuple[str, float]]:
        """The name without words before and after it that only say which of several it is."""
        split = self.words(column)
        for start in range(len(split)):
            if any(self._of_another("".join(split[n:start]), entity) for n in range(start)):
                continue
            before = min((QUALIFIERS.get(w, 0.0) for w in split[:start]), default=1.0)
            for end in range(len(split), start, -1):
                after = min((AFTER.get(w, 0.0) for w in split[end:]), default=1.0)
                text = "".join(split[start:end])
                if text in _OF_PLACES and entity not in _ALIKE and PLACES & set(split[:start]):
                    continue
                if (before or end == len(split)) and after:
                    yield text, min(before, after) or 0.45
        inner = [w for w in split if w not in QUALIFIERS]
        if 1 < len(inner) < len(split):
            yield "".join(inner), min(QUALIFIERS[w] for w in split if w in QUALIFIERS) * 0.95

    def _ends(self, column: str, entity: str) -> Iterable[tuple[str, float]]:
        """The last part of a path, ``Address / City``, and each of its ways to say it."""
        *heads, last = _PATH.split(column)
        ways = last.split("/")
        # `Phone 1 - Type` says what kind of phone it is.
        kind = compact(last) in ("type", "label")
        if any(_refers(head, entity) for head in heads):
            return
        if heads and not kind:
            yield compact(last), 0.9
        if len(ways) > 1 and not any(_refers(way, "") for way in ways):
            yield from ((compact(way), 0.9) for way in ways)

    def _of_another(self, text: str, entity: str) -> bool:
        """Whether the words before a name say that it is another record's: ``customer city``."""
        known = vocabulary().references
        others = ("organisation", "person", "user", "quotation", "order", "ticket")
        mine = ("organisation",) if entity == "organisation" else ()
        mine = (*mine, "person") if entity in _ALIKE else mine
        return any(text in known[c] for c in others if c not in mine and c != entity)

    def references(self, column: str) -> dict[str, float]:
        """What the column may refer to, by how well the name fits."""
        found: dict[str, float] = {}
        bases = list(self._bases(column))
        bases += [(other, w) for text, w in bases if (other := respelt(text)) != text]
        for text, weight in bases:
            for concept, phrases in vocabulary().references.items():
                if text in phrases or (text.endswith("s") and text[:-1] in phrases):
                    found[concept] = max(found.get(concept, 0), weight)
                elif any(one in phrases for one in singulars(text)[1:]):
                    found[concept] = max(found.get(concept, 0), 0.97 * weight)
        return found

    def _bases(self, column: str) -> Iterable[tuple[str, float]]:
        """The name without id, no, key and the like; then only its last words."""
        split = list(self.words(column))
        yield "".join(split), 1.0
        split = bare(split)
        yield "".join(split), 1.0
        text = "".join(split)
        for end in _ENDS:
            if text.endswith(end) and len(text) > len(end) + 2:
                yield text[: -len(end)], 0.97
        for own in self._own:
            if text.startswith(own) and len(text) > len(own) + 2:
                yield text[len(own) :], 0.93
                for end in ("id", "name"):
                    yield text[len(own) :].removesuffix(end), 0.92
        for start in range(1, len(split)):
            whose = all(word in WHOSE for word in split[:start])
            yield "".join(split[start:]), 0.92 if whose else 0.75
        for last in range(len(split) - 1, 0, -1):
            whose = all(word in BILLED for word in split[last:])
            yield "".join(split[:last]), 0.92 if whose else 0.6


def _refers(name: str, entity: str) -> bool:
    """Whether a part of a path is another record: ``Parent Account.id``, ``Person - Name``."""
    text = compact(name)
    return any(
        text in phrases
        for concept, phrases in vocabulary().references.items()
        if concept not in (entity, "any")
    )


def bare(split: Iterable[str]) -> list[str]:
    """Words of a reference without those that only say that it is one."""
    own = list(split)
    endings = vocabulary().words["reference"]
    while len(own) > 1 and (own[-1] in endings):
        own.pop()
    while len(own) > 1 and own[0] in ("fk", "ref", "id", "lookup", "primary", "associated"):
        own.pop(0)
    return own


def coded(names: Names, column: str) -> str:
    """What a column of codes is called without saying that they are codes: `country_id`."""
    text = " ".join(bare(names.words(column)))
    end = next((e for e in ("key", "id") if text.endswith(e) and len(text) > len(e) + 2), "")
    return text.removesuffix(end).strip()


def type_base(column: str) -> str:
    """Of a column that says of what kind the record is that another names: what both begin with."""
    text = compact(column)
    for end in sorted(map(compact, _JOINED_TYPES), key=len, reverse=True):
        if text.endswith(end) and len(text) > len(end):
            return text[: -len(end)]
    return ""


def own_key(names: Names, column: str) -> bool:
    """Whether a column is called after the first letters of its table: ``cust_id`` of customers."""
    return bool(short := shortened("".join(names.words(column)))) and any(
        own.startswith(short) for own in names._own
    )


def shortened(text: str) -> str:
    """What stands before ``id`` and the like, if it is long enough to be a word cut short."""
    for end in ("key", "id", "no", "nr", "num", "code", "number"):
        if text.endswith(end) and 3 <= len(text) - len(end) <= 5:
            return text[: -len(end)]
    return ""


@lru_cache(maxsize=100_000)
def _fields(text: str, entity: str) -> dict[str, float]:
    """Fields whose names hold `text`; earlier names are the better ones."""
    found = {}
    for field, phrases in vocabulary().columns.get(entity, {}).items():
        if text in phrases:
            found[field] = 1.0 - min(phrases[text], 40) * 0.002
        elif text.endswith("s") and text[:-1] in phrases:
            found[field] = 0.93
    return found if found or respelt(text) == text else _fields(respelt(text), entity)


#: What people know a record by; the key inside a database is another one, where there is one.
_NUMBERS = ("number", "no", "nr", "code", "ref")


def says_key(names: Names, column: str, entity: str) -> float:
    """How much a column's name is that of a key of its own table."""
    known = vocabulary().words["key"]
    texts = names.stripped(column, entity)
    if texts[0] == "name":
        return 0.4
    if texts[0] in known:
        return 0.96 if texts[0] in _NUMBERS else 1.0
    if any(text in known for text in texts[1:]):
        return 0.95 if any(text in _NUMBERS for text in texts[1:]) else 0.98
    if compact(column) in known:
        return 0.97
    if compact(column).startswith(tuple(vocabulary().words["unmodified"])):
        return 0.96
    if own_key(names, column):
        return 0.95
    last = words(column)[-1:] or ("",)
    return 0.55 if last[0] in ("id", "guid", "uuid", "nr", "no", "number", "code", "key") else 0.0
