"""RecordList: what can be chosen, what it finds, and its order."""

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.record_list import RecordList
from crmpanel.errors import FilterError, UnknownName
from crmpanel.model.filters import Condition

ORGANISATION = Condition(("organisation_id",), "eq", (1,))


@pytest.fixture
def activities(desk):
    return RecordList(desk, "activities", (ORGANISATION,))


def ids(records):
    return [row["id"] for row in records.rows()]


@pytest.mark.card("S13a", "S13b", "S13d", "S13g")
def test_filters_narrow_together(activities):
    assert activities.count() == 6
    activities.status = ["Planned"]
    assert ids(activities) == [6, 1, 4]
    activities.period = "overdue"
    assert ids(activities) == [1]
    activities.clear()
    activities.responsible = ["Kari Nordmann", None]
    assert sorted(ids(activities)) == [1, 3, 4, 6]
    activities.search = "SENT"
    assert ids(activities) == [3]
    assert activities.is_filtered
    activities.clear()
    assert not activities.is_filtered
    assert activities.count() == 6


def test_the_same_rows_four_ways(activities):
    activities.param.update(status=["Planned"], columns=["subject", "responsible_id"])
    rows = activities.rows()
    names = list(rows[0])
    assert names == ["id", "subject", "responsible_id", "responsible"]
    assert activities.df().columns.tolist() == names
    assert activities.df()["id"].tolist() == [row["id"] for row in rows]
    assert activities.relation().fetchall() == [tuple(row.values()) for row in rows]
    again = activities.desk.database.relation(type(activities.query)(activities.sql))
    assert again.fetchall() == activities.relation().fetchall()


def test_a_relation_is_continued_lazily(activities, statements):
    with statements(activities.desk.database) as seen:
        relation = activities.relation()
        continued = relation.filter("subject LIKE '%Bergen%'").project("subject")
    assert len(seen) == 1
    assert continued.fetchall() == [("Visit in Bergen",)]
    assert relation.aggregate("count(*)").fetchall() == [(6,)]


def test_columns_that_are_the_same_in_every_row_are_left_out(desk):
    assert "organisation_id" not in RecordList(desk, "activities", (ORGANISATION,)).columns
    everywhere = RecordList(desk, "activities")
    assert everywhere.columns[1] == "organisation_id"
    assert everywhere.rows()[1]["organisation"] == "Nordlys AS"
    assert RecordList(desk, "organisations").columns[0] == "name"


def test_a_list_has_at_least_one_column(activities):
    with pytest.raises(ValueError, match="columns"):
        activities.columns = []


def test_hidden_fields_are_not_offered(desk):
    offered = {field.name for field in RecordList(desk, "emails").all_columns}
    assert "body" in offered
    assert "body_html" not in offered


@pytest.mark.hardening(20)
@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (dict(columns=["sbject"]), UnknownName, "Did you mean 'subject'"),
        (dict(sort=["-dat"]), UnknownName, "Did you mean 'date'"),
        (dict(responsible=["Kari Nordman"]), UnknownName, "Did you mean 'Kari Nordmann'"),
        (dict(responsible=[99]), UnknownName, "no user 99"),
        (dict(status=[3]), FilterError, "Give a text"),
        (dict(period="soon"), FilterError, "not a period"),
        (dict(search="a\0b"), FilterError, "NUL"),
    ],
)
def test_a_mistake_is_told_before_anything_is_read(activities, statements, change, error, match):
    activities.desk.users, activities.desk.context()
    activities.param.update(**change)
    with statements(activities.desk.database) as seen, pytest.raises(error, match=match):
        activities.rows()
    assert seen == []


def test_two_users_of_one_name_need_their_ids(database, insert_records):
    desk = Desk(database, "kn")
    assert desk.user_id("ola hansen") == desk.user_id("2") == desk.user_id(2) == 2
    with database.load("Test", "test") as load:
        insert_records(load, "user", [dict(id=7, name="Ola Hansen")])
    with pytest.raises(FilterError, match="Give the id: 2, 7"):
        desk.user_id("Ola Hansen")
    assert desk.user_id(7) == 7
    assert desk.user_id(None) is None


@pytest.mark.card("S13f")
def test_sorting_toggles_and_returns_to_the_declared_order(activities):
    assert activities.sort == ["-date"]
    activities.toggle_sort("subject")
    assert activities.sort == ["subject"]
    activities.toggle_sort("subject")
    assert activities.sort == ["-subject"]
    activities.toggle_sort("subject")
    assert activities.sort == ["-date"]
    activities.toggle_sort("date")
    assert activities.sort == ["date"]
    activities.toggle_sort("subject", additive=True)
    assert activities.sort == ["date", "subject"]
    activities.toggle_sort("date", additive=True)
    assert activities.sort == ["subject"]
    with pytest.raises(UnknownName):
        activities.toggle_sort("nope")


def test_a_filter_leads_back_to_the_first_page(desk):
    records = RecordList(desk, "log", page_size=1)
    assert [records.page, records.rows()[0]["id"]] == [1, 4]
    records.page = 3
    assert records.rows()[0]["id"] == 2
    records.search = "nordlys"
    assert records.page == 1
    records.page = 2
    records.columns = ["at"]
    assert records.page == 2
    records.sort = ["at"]
    assert records.page == 1


def test_a_page_and_its_total_are_two_statements(activities, statements):
    activities.desk.context()
    activities.param.update(search="a", status=["Planned", None], period="this_year")
    with statements(activities.desk.database) as seen:
        activities.rows(also=["quotation_id", "person_id"])
        activities.count()
    assert len(seen) == 2


def test_two_lists_are_independent(desk):
    one, other = RecordList(desk, "activities"), RecordList(desk, "activities")
    one.param.update(search="x", columns=["date"])
    assert other.search == ""
    assert other.columns != ["date"]
