"""The state of a list survives its address, and a hostile address is only a message."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmpanel.controllers.links import Links, Place
from crmpanel.controllers.list_state import from_args, to_args
from crmpanel.controllers.record_list import PAGE_SIZES, STATE, RecordList
from crmpanel.errors import UnknownName
from crmpanel.model.filters import Condition
from crmpanel.model.period import PERIODS

ORGANISATION = Condition(("organisation_id",), "eq", (1,))
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NAMES = ["date", "subject", "status", "person_id", "responsible_id", "priority", "id"]
STATES = st.fixed_dictionaries(
    {},
    optional=dict(
        search=TEXT,
        responsible=st.lists(st.sampled_from([None, 1, 2, 3]), unique=True),
        status=st.lists(st.sampled_from([None, "Planned", "Active", "Completed"]), unique=True),
        period=st.sampled_from([*PERIODS, "", "2026-01-01..2026-03-31", "..2026-01-01"]),
        columns=st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
        sort=st.lists(st.sampled_from(NAMES), min_size=1, unique=True).flatmap(
            lambda names: st.tuples(*(st.sampled_from([n, f"-{n}"]) for n in names)).map(list)
        ),
        page=st.integers(1, 10_000),
        page_size=st.sampled_from(PAGE_SIZES),
    ),
)


@pytest.fixture
def activities(desk):
    return RecordList(desk, "activities", (ORGANISATION,))


def state(records):
    return {name: getattr(records, name) for name in STATE}


@given(STATES)
def test_a_state_comes_back_from_its_address(desk, chosen):
    one = RecordList(desk, "activities", (ORGANISATION,), **chosen)
    other = RecordList(desk, "activities", (ORGANISATION,), search="left over", page=7)
    links = Links("/crm")
    url = links.write(Place("list", "activities", args=to_args(one)))
    assert from_args(other, links.read(url).args) == []
    assert state(other) == state(one)
    assert to_args(other) == to_args(one)


def test_defaults_are_left_out(activities):
    assert to_args(activities) == ()
    activities.sort = []
    assert to_args(activities) == ()
    activities.param.update(status=["Planned", None], search="x", page_size=100, sort=["subject"])
    activities.page = 3
    assert to_args(activities) == (
        ("search", "x"),
        ("status", "Planned"),
        ("status", ""),
        ("sort", "subject"),
        ("rows", "100"),
        ("page", "3"),
    )


def test_a_user_is_written_by_id_and_read_by_name(activities):
    activities.responsible = ["Ola Hansen", None]
    assert to_args(activities) == (("responsible", "2"), ("responsible", ""))
    assert from_args(activities, (("responsible", "kari nordmann"),)) == []
    assert activities.responsible == [1]


@pytest.mark.hardening(20, 22)
@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((("sttus", "x"),), "unknown setting 'sttus'"),
        ((("status", "a\0"),), "NUL"),
        ((("status", "\ud800"),), "surrogate"),
        ((("status", "x" * 501),), "501 characters"),
        ((("responsible", "Kari Nordman"),), "Did you mean 'Kari Nordmann'"),
        ((("responsible", "99999999999999999999999"),), "no user"),
        ((("period", "yesterday"),), "not a period"),
        ((("period", "2026-02-30.."),), "does not exist"),
        ((("sort", "-nope"),), "no column of activities 'nope'"),
        ((("sort", "--date"),), "no column"),
        ((("sort", "date; drop table x"),), "no column"),
        ((("column", "subjct"),), "Did you mean 'subject'"),
        ((("rows", "10"),), "A page has"),
        ((("rows", "1e2"),), "A page has"),
        ((("page", "0"),), "no page '0'"),
        ((("page", "-1"),), "no page"),
        ((("page", "٣"),), "no page"),
        ((("page", "9" * 50),), "no page"),
        ((("search", "x" * 501),), "501 characters"),
        ((("search", "a\0"),), "NUL"),
        ((("search", "\ud800"),), "surrogate"),
    ],
)
def test_a_hand_edited_address_gives_a_message_and_the_default(activities, args, message):
    [said] = from_args(activities, (("search", "kept"), *args) if args[0][0] != "search" else args)
    assert message in said
    default = state(RecordList(activities.desk, "activities", (ORGANISATION,)))
    assert state(activities) == {**default, "search": activities.search}
    assert activities.search == ("kept" if args[0][0] != "search" else "")


@pytest.mark.hardening(22)
@pytest.mark.parametrize(
    ("entity", "key", "value", "message"),
    [
        ("users", "status", "x", "no status"),
        ("users", "responsible", "1", "no responsible"),
        ("users", "period", "today", "no date"),
        ("documents", "period", "overdue", "cannot be overdue"),
        ("emails", "column", "body_html", "no column"),
        ("emails", "sort", "body_html", "no column"),
    ],
)
def test_what_an_entity_has_not_is_refused(desk, entity, key, value, message):
    [said] = from_args(RecordList(desk, entity), ((key, value),))
    assert message in said


@pytest.mark.hardening(22)
@settings(max_examples=60)
@given(
    st.sampled_from(["activities", "organisations", "log", "users", "quotations"]),
    st.lists(
        st.tuples(
            st.sampled_from(["search", "responsible", "status", "period", "sort", "column", "rows",
                             "page", "tab", "organisation_id"]) | st.text(max_size=5),
            st.text(max_size=20) | st.sampled_from(["-", "", "-date", "1", "Planned", "id", "\0"]),
        ),
        max_size=5,
    ).map(tuple),
)  # fmt: skip
@example("activities", (("page", "²"),))
def test_no_address_breaks_a_list(desk, entity, args):
    records = RecordList(desk, entity)
    messages = from_args(records, args)
    assert all(isinstance(message, str) and len(message) < 1000 for message in messages)
    assert isinstance(records.rows(), list)
    assert isinstance(records.count(), int)
    kept = state(records)
    assert all("here now" in message for message in from_args(records, to_args(records)))
    assert state(records) == kept


@pytest.mark.parametrize(("entity", "key"), [("activities", "status"), ("log", "kind")])
def test_a_value_that_no_record_has_is_kept_and_said(desk, entity, key):
    records = RecordList(desk, entity)
    [said] = from_args(records, ((key, "Plannd"), (key, "")))
    assert said.startswith("There is no ") and "'Plannd' here now" in said
    assert getattr(records, key) == ["Plannd", None]
    setattr(records, key, ["Plannd"])
    assert records.count() == 0


def test_a_filter_that_cannot_be_applied_is_not_ignored_where_it_matters(activities):
    with pytest.raises(UnknownName):
        from_args(activities, (("responsible", "99"),), strict=True)
    assert from_args(activities, (("status", "Plannd"), ("sort", "nope")), strict=True) != []
    assert activities.status == ["Plannd"]


def test_restoring_a_page_is_one_change(activities):
    seen = []
    activities.param.watch(lambda *events: seen.append({e.name for e in events}), list(STATE))
    from_args(activities, (("search", "x"), ("page", "3")))
    assert seen == [{"search", "page"}]
    activities.search = "y"
    assert activities.page == 1
