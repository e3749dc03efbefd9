"""Every list tab: what its filters show equals what a query written here finds."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from serving import eventually

TODAY = dt.date.today()


@dataclass(frozen=True)
class Tab:
    """A list of organisation 1, as the test's own queries see it."""

    name: str
    table: str
    title: str
    date: str
    date_label: str
    status: str
    status_label: str = "Status"
    responsible_label: str = "Responsible"
    people: tuple[str, ...] = ("responsible_id",)
    order: str = ""
    due: str = ""
    done: tuple[str, ...] = ()

    def sql(self, where="TRUE", order="", what="id") -> str:
        order = order or self.order or f'"{self.date}" DESC, id DESC'
        return f'SELECT {what} FROM "{self.table}" WHERE organisation_id = 1 AND ({where}) ORDER BY {order}'

    @property
    def path(self) -> str:
        return f"/organisation/1?tab={self.name}"


TABS = {tab.name: tab for tab in (
    Tab("activities", "activity", "subject", "date", "Date", "status", due="date", done=("Completed",)),
    Tab("quotations", "quotation", "description", "date", "Order date", "level", "Level",
        people=("responsible_id", "responsible2_id"), due="date", done=("Won", "Lost", "Cancelled")),
    Tab("orders", "order", "description", "date", "Order date", "status", due="delivery_date",
        done=("Completed", "Cancelled")),
    Tab("tickets", "ticket", "subject", "deadline", "Deadline", "status", due="deadline", done=("Closed",),
        order="created DESC, id DESC"),
    Tab("products", "product", "name", "purchased", "Purchased", "stock_status"),
    Tab("quotation_lines", "quotation_line", "name", "date", "Date", "stock_status", "Stock status",
        order="date DESC, sort_order, id DESC"),
    Tab("meetings", "meeting", "subject", "start", "Start", "status", due="start", done=("Held", "Cancelled")),
    Tab("documents", "document", "description", "uploaded", "Uploaded", "folder", "Folder", "Uploaded by"),
    Tab("emails", "email", "subject", "sent", "Sent", "direction", "Direction", "User"),
    Tab("log", "change", "subject", "at", "When", "entity", "Kind", "Who"),
    Tab("persons", "person", "name", "created", "Created", "status", order="lower(name), id"),
)}  # fmt: skip
every_tab = pytest.mark.parametrize("it", TABS.values(), ids=TABS)
dated_tabs = pytest.mark.parametrize("it", [t for t in TABS.values() if t.due], ids=[n for n in TABS if TABS[n].due])


def month(first: dt.date, by: int) -> dt.date:
    """The first day of the month `by` months later."""
    return dt.date(first.year + (first.month - 1 + by) // 12, (first.month - 1 + by) % 12 + 1, 1)


def periods() -> dict[str, tuple[dt.date, dt.date]]:
    """First day, and the day after the last, of each period of the menu."""
    monday = TODAY - dt.timedelta(days=TODAY.weekday())
    this_month, week = TODAY.replace(day=1), dt.timedelta(days=7)
    quarter = month(this_month, -((TODAY.month - 1) % 3))
    year = TODAY.replace(month=1, day=1)
    return {
        "Today": (TODAY, TODAY + dt.timedelta(days=1)),
        "This week": (monday, monday + week), "Last week": (monday - week, monday),
        "This month": (this_month, month(this_month, 1)), "Last month": (month(this_month, -1), this_month),
        "This quarter": (quarter, month(quarter, 3)), "Last quarter": (month(quarter, -3), quarter),
        "This year": (year, month(year, 12)), "Last year": (month(year, -12), year),
    }  # fmt: skip


@every_tab
@pytest.mark.card("S13a")
def test_search_finds_records_within_the_tab(tab, world, it):
    tab.go(it.path)
    word = world.one(it.sql(what=f"{it.title}", order="id LIMIT 1 OFFSET 17"))
    tab.search(word.upper())
    wanted = world.column(it.sql(f"contains(lower({it.title}), lower($word))").replace("$word", "?"), word)
    assert tab.shows(wanted)
    assert eventually(lambda: tab.at == f"{it.path}&{urlencode({'search': word.upper()})}".replace("+", "%20"))


@every_tab
@pytest.mark.card("S13b")
def test_several_responsible_users_are_chosen_and_nobody_too(tab, world, it):
    tab.go(it.path)
    tab.choose(it.responsible_label, "Åse Holm", "Clara Eng")
    either = " OR ".join(f"{field} IN (3, 6)" for field in it.people)
    nobody = " AND ".join(f"{field} IS NULL" for field in it.people)
    assert tab.shows(world.column(it.sql(either))[:50])
    assert tab.at == f"{it.path}&responsible=6&responsible=3"
    tab.choose(it.responsible_label, "(nobody)", "Clara Eng")
    six = " OR ".join(f"{field} = 6" for field in it.people)
    assert tab.shows(world.column(it.sql(f"{six} OR ({nobody})"))[:50])
