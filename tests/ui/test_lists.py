"""Every list tab: what its filters show equals what a query written here finds."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from serving import eventually


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

    def any_of(self, *users: int) -> str:
        """Any of the users is responsible."""
        return (
            "("
            + " OR ".join(f"coalesce({field} IN {(*users, -1)}, FALSE)" for field in self.people)
            + ")"
        )

    def shown(self, status: str | None) -> str:
        """How a status is called."""
        return (
            "(blank)" if status is None else status.capitalize() if self.name == "log" else status
        )

    @property
    def now(self) -> str:
        """The present moment as SQL: where only days are kept, today."""
        days = self.name in ("quotations", "orders", "products", "quotation_lines")
        return "current_date" if days else "now()::TIMESTAMP"

    @property
    def plural(self) -> str:
        return {
            "tickets": "support tickets",
            "quotation_lines": "quotation lines",
            "emails": "email",
        }.get(self.name, self.name)

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
    Tab("meetings", "meeting", "subject", "start", "Start", "status", due="start", done=("Confirmed", "Held", "Cancelled")),
    Tab("documents", "document", "description", "uploaded", "Uploaded", "folder", "Folder", "Uploaded by"),
    Tab("emails", "email", "subject", "sent", "Sent", "direction", "Direction", "User"),
    Tab("log", "change", "subject", "at", "When", "entity", "Kind", "Who"),
    Tab("persons", "person", "name", "created", "Created", "status", order="lower(name), id"),
)}  # fmt: skip
every_tab = pytest.mark.parametrize("it", TABS.values(), ids=TABS)
dated_tabs = pytest.mark.parametrize(
    "it", [t for t in TABS.values() if t.due], ids=[n for n in TABS if TABS[n].due]
)


def month(first: dt.date, by: int) -> dt.date:
    """The first day of the month `by` months later."""
    return dt.date(first.year + (first.month - 1 + by) // 12, (first.month - 1 + by) % 12 + 1, 1)


def periods() -> dict[str, tuple[dt.date, dt.date]]:
    """First day, and the day after the last, of each period of the menu, as of now."""
    today = dt.date.today()  # asked again each time: a run may go on past midnight
    monday = today - dt.timedelta(days=today.weekday())
    this_month, week = today.replace(day=1), dt.timedelta(days=7)
    quarter = month(this_month, -((today.month - 1) % 3))
    year = today.replace(month=1, day=1)
    return {
        "Today": (today, today + dt.timedelta(days=1)),
        "This week": (monday, monday + week), "Last week": (monday - week, monday),
        "This month": (this_month, month(this_month, 1)), "Last month": (month(this_month, -1), this_month),
        "This quarter": (quarter, month(quarter, 3)), "Last quarter": (month(quarter, -3), quarter),
        "This year": (year, month(year, 12)), "Last year": (month(year, -12), year),
    }  # fmt: skip


@every_tab
@pytest.mark.card("S13a")
def test_search_finds_records_within_the_tab(tab, world, it):
    tab.go(it.path)
    word = world.one(it.sql(what=it.title, order="id LIMIT 1 OFFSET 17"))
    tab.search(word.upper())
    assert tab.shows(world.column(it.sql(f"contains(lower({it.title}), lower(?))"), word))
    assert eventually(lambda: tab.at == f"{it.path}&search={quote(word.upper())}")


@every_tab
@pytest.mark.card("S13b")
def test_several_responsible_users_are_chosen_and_nobody_too(tab, world, it):
    tab.go(it.path)
    tab.choose(it.responsible_label, "Åse Holm", "Clara Eng")
    assert tab.shows(world.column(it.sql(it.any_of(3, 6)))[:50])
    assert tab.says(at=f"{it.path}&responsible=6&responsible=3")
    tab.choose(it.responsible_label, "Clara Eng", "(nobody)")
    nobody = " AND ".join(f"{field} IS NULL" for field in it.people)
    assert tab.shows(world.column(it.sql(f"{it.any_of(6)} OR ({nobody})"))[:50])


@every_tab
@pytest.mark.card("S13d")
def test_statuses_are_chosen_with_their_counts_and_what_does_not_fit_is_a_number(tab, world, it):
    tab.go(it.path)
    counts = world.rows(
        f'SELECT {it.status}, count(*) FROM "{it.table}" WHERE organisation_id = 1 GROUP BY 1'
    )
    wanted = {it.shown(status): number for status, number in counts}
    assert tab.offers(it.status_label, wanted)
    chosen = sorted(wanted, key=len)
    tab.choose(it.status_label, *chosen)
    assert tab.shows(world.column(it.sql())[:50])

    def fits():
        shown, _, more = tab.field(it.status_label).inner_text().partition(" +")
        number = len(shown.split(", "))
        return (shown, int(more or 0)) == (", ".join(chosen[:number]), len(chosen) - number)

    assert eventually(fits), tab.field(it.status_label).inner_text()
    tab.choose(it.status_label, *chosen[1:])
    assert eventually(lambda: tab.field(it.status_label).inner_text() == chosen[0])
    value = next(status for status, _ in counts if it.shown(status) == chosen[0])
    assert tab.shows(world.column(it.sql(f"{it.status} IS NOT DISTINCT FROM ?"), value)[:50])


@every_tab
@pytest.mark.card("S13d")
def test_counts_beside_choices_follow_the_other_filters(tab, world, it):
    tab.go(f"{it.path}&responsible=6")
    counts = f'SELECT {it.status}, count(*) FILTER ({it.any_of(6)}) FROM "{it.table}" WHERE organisation_id = 1 GROUP BY 1'
    assert tab.offers(
        it.status_label, {it.shown(status): number for status, number in world.rows(counts)}
    )


@every_tab
@pytest.mark.card("S13g")
def test_periods_show_what_lies_in_them(tab, world, it):
    """All of them where the introduction shows them; elsewhere two that no other list tries."""
    tab.go(it.path)
    every, at = list(periods()), list(TABS).index(it.name)
    for label in every if it.name == "activities" else [every[at % 9], every[(at + 4) % 9]]:
        tab.pick(it.date_label, label)
        within = it.sql(f'"{it.date}" >= ? AND "{it.date}" < ?')
        assert tab.shows(world.column(within, *periods()[label])[:50])
        assert tab.says(at=f"{it.path}&period={label.lower().replace(' ', '_')}")


@every_tab
@pytest.mark.card("S13g")
def test_overdue_is_past_and_not_completed_and_future_is_to_come(tab, world, it):
    tab.go(it.path)
    if it.due:
        done = f"{it.status} IS NOT NULL AND {it.status} IN ({', '.join(map(repr, it.done))})"
        tab.pick(it.date_label, "Overdue")
        assert tab.shows(world.column(it.sql(f'"{it.due}" < {it.now} AND NOT ({done})'))[:50])
    tab.pick(it.date_label, "Future")
    assert tab.shows(world.column(it.sql(f'"{it.due or it.date}" >= {it.now}'))[:50])
    tab.field(it.date_label).click()
    assert ("Overdue" in tab.page.get_by_role("menuitem").all_inner_texts()) == bool(it.due)
    tab.close_menu()


@every_tab
@pytest.mark.card("S13f")
def test_content_chooses_the_columns(tab, world, it):
    tab.go(it.path)
    before = tab.headings()
    tab.choose("Content", "Source key", before[0])
    assert eventually(lambda: tab.headings() == [*before[1:], "Source key"])
    assert tab.at.count("column=") == len(before)
    assert tab.shows(world.column(it.sql())[:50])
    tab.choose("Content", *before[1:], "Source key")
    assert eventually(lambda: tab.headings() == before), "without any there are those it began with"
    assert tab.says(at=it.path)


@every_tab
def test_lists_are_paged_with_exact_totals(tab, world, it):
    tab.go(it.path)
    every = world.column(it.sql())
    assert tab.says(count=f"1–50 of {len(every)}")
    tab.page.get_by_role("button", name="Go to page 2").locator("visible=true").click()
    assert tab.shows(every[50:100])
    assert tab.says(count=f"51–{min(100, len(every))} of {len(every)}")
    assert tab.says(at=f"{it.path}&page=2")
    tab.pick("Rows", "25")
    assert tab.shows(every[:25])
    assert tab.says(at=f"{it.path}&rows=25")


@every_tab
def test_headings_sort_and_shift_adds_a_second_key(tab, world, it):
    tab.go(f"{it.path}&column={it.title}&column={it.status}")
    status, title = (
        tab.page.locator(f"[data-sort={name}]:visible") for name in (it.status, it.title)
    )
    status.click()
    assert tab.shows(world.column(it.sql(order=f"lower({it.status}) ASC NULLS LAST, id"))[:50])
    title.click(modifiers=["Shift"])
    assert tab.shows(world.column(it.sql(order=f"lower({it.status}), lower({it.title}), id"))[:50])
    status.click()
    assert tab.shows(
        world.column(it.sql(order=f"lower({it.status}) DESC NULLS LAST, id DESC"))[:50]
    )
    assert f"&sort=-{it.status}&column=" in tab.at
    assert status.locator("xpath=..").get_attribute("aria-sort") == "descending"


@every_tab
def test_filters_combine_are_said_in_words_and_cleared_at_once(tab, world, it):
    status = world.one(it.sql(f"{it.status} IS NOT NULL", what=it.status))
    tab.go(it.path)
    tab.choose(it.status_label, it.shown(status))
    tab.choose(it.responsible_label, "Anna Berg")
    tab.pick(it.date_label, "This year")
    first, after = periods()["This year"]
    found = f'{it.status} = ? AND {it.any_of(1)} AND "{it.date}" BETWEEN ? AND ?'
    assert tab.shows(world.column(it.sql(found), status, first, after)[:50])
    assert tab.says(
        sentence=f"{it.plural} where {it.responsible_label.lower()} is Anna Berg and {it.status_label.lower()} "
        f"is {it.shown(status)} and {it.date_label.lower()} is this year"
    )
    tab.page.locator(".summary:visible").get_by_role("button", name="Clear filters").click()
    assert tab.shows(world.column(it.sql())[:50])
    assert tab.says(at=it.path)
    assert tab.field(it.status_label).inner_text().strip("\u200b") == ""
