"""What counts as a link: how much must match, and which texts cannot match by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crmpanel.importing.mapping import Column, Route
from crmpanel.importing.understanding.drafts import Draft
from crmpanel.importing.understanding.matching import SIGNS, Rate
from crmpanel.importing.understanding.profile import ColumnProfile
from crmpanel.importing.understanding.words import compact

#: A column is a link if so many of its texts are found …
MATCHING = 0.5
#: … or so many, where its name leaves no doubt.
NAMED = 0.15
#: … or so many, where nothing but the match speaks for it.
NEARLY_ALL = 0.9
#: Records may also be found by these fields.
BY = {
    "organisation": ("name", "erp_id", "domain", "vat_number"),
    "person": ("name", "email"),
    "user": ("name", "email", "initials", "login"),
    "quotation": ("description", "number"),
    "order": ("number",),
    "ticket": ("number", "subject"),
    "product": ("name", "serial"),
}
#: Entities that a column may name which says nothing of what it names.
ANYTHING = ("organisation", "person", "quotation", "order", "ticket")


@dataclass(frozen=True)
class Found:
    """A measured link."""

    column: ColumnProfile
    draft: Draft
    by: str
    rate: Rate
    score: float
    split: str = ""

    def route(self, via: str = "", when: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Route:
        """What the mapping says of it."""
        unset = (
            ("0",) if self.column.forms.share("integer") > 0.9 and "0" in self.column.sample else ()
        )
        prefix = self.draft.key[0].prefix if self.draft.key and not self.by else ""
        column = Column(
            self.column.name, "", when, unset, prefix, self.split, SIGNS.get(self.split, 1)
        )
        return Route(column, via, self.by)

    def sentence(self) -> str:
        """The evidence."""
        key = self.draft.key_name or " and ".join(map(str, self.draft.key))
        target = self.draft.column_of(self.by) or self.by if self.by else key
        how = " by name" if self.by else ""
        return (
            f"{self.column.table}.{self.column.name} matches {self.draft.name}.{target}{how} "
            f"in {self.rate.share:.1%} of {self.rate.rows:,} rows"
        )


#: Names of keys that many tables have.
_ANYONES = (
    "id",
    "rowid",
    "name",
    "key",
    "recordid",
    "recid",
    "uid",
    "entityid",
    "number",
    "no",
    "code",
    "",
)
#: Entities in the order in which they are linked: what others go via comes first.
ORDER = (
    "user", "organisation", "person", "product", "quotation", "order", "ticket", "quotation_line",
    "activity", "meeting", "email", "document",
)  # fmt: skip


def earlier(target: str, entity: str) -> bool:
    """Whether records of one entity are linked before those of another."""
    return ORDER.index(target) < ORDER.index(entity)


def bare(text: str) -> str:
    for end in ("ids", "id", "nr", "no", "code", "key", "fk"):
        if text.endswith(end) and len(text) > len(end) + 1:
            text = text[: -len(end)]
    return text.removeprefix("fk").removeprefix("ref") if len(text) > 5 else text


def telling(column: ColumnProfile) -> bool:
    """Whether texts of the column are too long to be the same by chance."""
    forms = column.forms
    if forms.share("date") > 0.5 or forms.share("phrase") > 0.5 or forms.share("email") > 0.5:
        return False
    keys = forms.share("guid", "sfid") > 0.8
    return keys or (forms.mean_length >= 7 and forms.share("code") > 0.9 and not small(column))


def small(column: ColumnProfile) -> bool:
    """Whether all are small numbers, which every table has."""
    return column.forms.share("integer") > 0.9 and column.longest <= 5


def field_(target: str) -> str:
    return "responsible_id" if target == "user" else f"{target}_id"


def doubted(link: Found) -> Found:
    """The same number in every row is rather the importing firm itself, or a setting."""
    column = link.column
    if column.filled > 1 and column.distinct == 1 and small(column):
        return replace(link, score=link.score * 0.5)
    return link


def speaks(column: ColumnProfile, by: str) -> bool:
    """Whether a column can hold such names at all."""
    forms = column.forms
    if by == "email":
        return forms.share("email") > 0.5
    if by == "domain":
        return forms.share("domain") > 0.5
    if by in ("erp_id", "number", "vat_number", "serial", "initials", "login"):
        return forms.share("guid", "sfid") < 0.5
    return forms.share("integer", "guid", "sfid", "date") < 0.5


def same_name(one: str, other: str) -> bool:
    """Whether two columns are called the same, and not just `id`."""
    text, key = compact(one), compact(other)
    return text == key and key not in _ANYONES


def same(draft: Draft, link: Found) -> bool:
    """Whether a record would only be its own parent."""
    key = draft.table.columns.get(draft.key_name)
    return key is not None and link.column.sample == key.sample
