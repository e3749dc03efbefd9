"""What a notebook user does: cards, lists and reports as Python objects."""

import pytest

import crmpanel
from crmpanel.errors import (
    AmbiguousName,
    Conflict,
    FilterError,
    InputError,
    MissingDatabase,
    NotFound,
    StoreError,
    UnknownName,
    ValidationFailed,
)
from crmpanel.model.changeset import Changeset, Shift, Update
from crmpanel.query.query import Query
from crmpanel.workspace import Workspace


@pytest.fixture
def ws(shared_database, now):
    workspace = Workspace(shared_database, viewer="kn", language="nb_NO")
    workspace.desk.clock = lambda: now
    return workspace


@pytest.fixture
def card(ws):
    return ws.organisation("Nordlys AS")


def ids(records):
    return records.df()["id"].tolist()


def test_connect_opens_and_closes(crm_path, monkeypatch, tmp_path):
    with crmpanel.connect(crm_path, viewer="kn", language="nb-NO") as workspace:
        assert repr(workspace).startswith("<Workspace on crm.duckdb")
        assert workspace.organisation(1).record["name"] == "Nordlys AS"
        database = workspace.database
    assert database.users == 0
    monkeypatch.setenv("CRMPANEL_DB", str(crm_path))
    crmpanel.connect().close()
    monkeypatch.delenv("CRMPANEL_DB")
    monkeypatch.chdir(tmp_path / "..")
    with pytest.raises(MissingDatabase):
        crmpanel.connect()


def test_an_organisation_by_id_key_or_name(ws, card):
    assert repr(card) == "<Organisation 1: Nordlys AS>"
    assert ws.organisation(1).id == ws.organisation("SRC-1").id == card.id == 1
    assert ws.card("person", "Kari Vik").record["organisation"] == "Nordlys AS"
    with pytest.raises(AmbiguousName, match=r"5 \(Tvilling AS\), 6"):
        ws.organisation("Tvilling AS")
    with pytest.raises(NotFound, match="Did you mean 'Café Solberg'"):
        ws.organisation("Café Solbrg")
    with pytest.raises(UnknownName, match="Did you mean 'person'"):
        ws.card("persom", 1)


@pytest.mark.card("S6", "S13")
def test_each_list_tab_is_an_attribute(card):
    lists = [tab.name for tab in card.card.layout.lists]
    assert set(lists) <= set(dir(card))
    counts = card.card.counts()
    assert {name: getattr(card, name).count() for name in lists} == counts
    with pytest.raises(AttributeError, match="activites"):
        card.activites  # noqa: B018
    with pytest.raises(AttributeError):
        card.details_  # noqa: B018


@pytest.mark.card("S13a", "S13b", "S13d", "S13f", "S13g")
def test_a_list_is_narrowed_by_its_parameters(card):
    activities = card.activities
    activities.search = "call"
    assert ids(activities) == [1]
    activities.search = ""
    activities.responsible = ["Ola Hansen", None]
    assert ids(activities) == [2, 5, 4]
    activities.responsible = []
    activities.status = ["Planned", None]
    activities.period = "overdue"
    assert ids(activities) == [1, 5]
    activities.param.update(status=[], period="")
    activities.columns, activities.sort = ["subject", "person_id"], ["subject"]
    frame = activities.df()
    assert frame.columns.tolist() == ["id", "subject", "person_id", "person"]
    assert frame["id"].tolist() == [1, 6, 3, 5, 4, 2]
    assert len(frame) == activities.count() == 6


def test_the_same_list_as_sql_and_as_a_relation(ws, card):
    activities = card.activities
    activities.param.update(search="50% off, said Åse", columns=["subject"])
    assert activities.relation().fetchall() == [(3, "Minutes sent")]
    again = ws.database.relation(Query(activities.sql))
    assert again.fetchall() == [(3, "Minutes sent")]
    assert activities.relation().project("upper(subject)").fetchall() == [("MINUTES SENT",)]


def test_two_lists_do_not_know_each_other(ws, card):
    other = ws.organisation(1)
    card.activities.search = "call"
    assert card.orders.search == ""
    assert other.activities.search == ""
    assert other.activities.count() == 6
    assert card.activities is card.activities


@pytest.mark.hardening(20)
@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (dict(responsible=["Kari Nordman"]), UnknownName, "Did you mean 'Kari Nordmann'"),
        (dict(columns=["sbject"]), UnknownName, "Did you mean 'subject'"),
        (dict(sort=["-daet"]), UnknownName, "Did you mean 'date'"),
        (dict(period="last_weak"), FilterError, "last_week"),
        (dict(status=["\ud800"]), FilterError, "surrogate"),
    ],
)
def test_a_mistake_names_what_was_meant(card, change, error, match):
    card.activities.param.update(**change)
    for ask in (card.activities.count, card.activities.df, card.activities.relation):
        if ("columns" not in change and "sort" not in change) or ask != card.activities.count:
            with pytest.raises(error, match=match):
                ask()


@pytest.mark.parametrize(
    "change", [dict(status="Planned"), dict(search=3), dict(nope=1), dict(page=0), dict(columns=[])]
)
def test_a_parameter_of_the_wrong_type_is_refused(card, change):
    with pytest.raises((ValueError, TypeError)):
        card.activities.param.update(**change)
    assert card.activities.count() == 6


def test_all_records_of_an_entity(ws):
    people = ws.list("persons")
    assert people.count() == 5
    assert people.columns[:2] == ["name", "organisation_id"]
    people.search = "nordlys"
    assert sorted(ids(people)) == [1, 2]
    with pytest.raises(UnknownName, match="Did you mean 'person'"):
        ws.list("perons")


@pytest.mark.card("L15", "S13c")
def test_a_report_by_keywords(ws):
    report = ws.report(
        "quotations", organisation="Nordlys AS", period="this_year", by="level"
    ).report
    assert [(row["value"], row["currency"]) for row in report.rows()] == [
        ("A - Hot", "NOK"),
        ("A - Hot", "EUR"),
    ]
    assert report.df()["measure"].tolist() == [1000, 200]
    counted = ws.report(
        "activities", by="responsible_id", measure="count", status=["Planned"]
    ).report
    assert {row["title"]: row["records"] for row in counted.rows()} == {
        None: 2,
        "Kari Nordmann": 2,
        "Åse Bjørk": 1,
    }


@pytest.mark.parametrize(
    ("name", "filters", "match"),
    [
        ("quotatons", {}, "Did you mean 'quotation'"),
        ("quotations", dict(perid="this_year"), "Did you mean 'period'"),
        ("quotations", dict(by="levl"), "Did you mean 'level'"),
        ("quotations", dict(measure="vale"), "Did you mean 'value'"),
        ("quotations", dict(organisation="no such"), "no organisation"),
        ("quotations", dict(period="this_yer"), "not a period"),
        ("quotations", dict(responsible=["Nobody"]), "no user 'Nobody'"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(ws, name, filters, match):
    with pytest.raises((InputError, NotFound), match=match):
        ws.report(name, **filters).report.rows()


def test_a_closed_workspace_says_so(crm_path):
    workspace = crmpanel.connect(crm_path, viewer="kn")
    card = workspace.organisation(1)
    workspace.close()
    with pytest.raises(StoreError, match="is closed"):
        card.activities.count()
    with pytest.raises(StoreError, match="is closed"):
        workspace.organisation(1)


# -- changes -------------------------------------------------------------------------------------


@pytest.fixture
def own(database, now):
    """A workspace of Kari Nordmann's over a database that may be written."""
    workspace = Workspace(database, viewer="kn")
    workspace.desk.clock = lambda: now
    return workspace


def test_changes_are_written_together(own):
    card = own.organisation(1)
    with own.changes(why="Moved") as c:
        c.set(card, city="Oslo", responsible="Ola Hansen")
        card.activities.status = ["Planned"]
        c.update(card.activities, responsible="Åse Bjørk", date=Shift(7))
        person = c.create("person", name="Eva", organisation=card)
        c.create("activity", subject="Call Eva", organisation_id=1, person=person)
        c.delete(("ticket", 2))
        assert own.organisation(1).record["city"] == "Bergen"
    assert (card.record["city"], card.record["responsible"]) == ("Oslo", "Ola Hansen")
    assert set(card.activities.df()["responsible"]) == {"Åse Bjørk"}
    assert own.card("person", "Eva").record["organisation"] == "Nordlys AS"
    done = own.database.records(Query("SELECT * FROM changeset"))[-1]
    assert (done["why"], done["source"], done["user_id"]) == ("Moved", "mass edit", 1)
    own.undo(done["id"])
    assert own.organisation(1).record["city"] == "Bergen"
    with pytest.raises(NotFound):
        own.card("person", 6)


def test_records_are_merged_deleted_restored_and_copied(own):
    merged = own.merge(
        own.organisation(3), ("organisation", 1), city="Oslo", responsible="Ola Hansen"
    )
    card = own.organisation(3)
    assert (card.record["city"], card.record["responsible"]) == ("Oslo", "Ola Hansen")
    assert card.record["phone"] == "040-12 34 56"
    assert own.card("person", "Kari Vik").record["organisation"] == "Café Solberg"
    own.undo(merged.number)
    assert own.card("person", "Kari Vik").record["organisation"] == "Nordlys AS"
    own.delete(own.organisation(1))
    bin = own.recycled()
    assert bin[["entity", "id", "title"]].values.tolist() == [["organisation", 1, "Nordlys AS"]]
    assert own.recycled("person").empty
    assert own.restore("organisation", 1).counts["insert"] == 1 + bin["went_with"][0]
    new = own.copy(own.organisation(1), ["persons"], name="Nordlys Sør AS", responsible="Åse Bjørk")
    assert (new.record["name"], new.record["responsible"]) == ("Nordlys Sør AS", "Åse Bjørk")
    assert list(new.persons.df()["name"]) == ["Kari Vik", "Per Øst"]
    with pytest.raises(InputError, match="different kinds"):
        own.merge(new, ("person", 1))


def test_a_card_can_be_changed_again(own):
    card = own.organisation(1)
    for city in ("Oslo", "Molde"):
        with own.changes() as c:
            c.set(card, city=city)
    assert card.record["city"] == "Molde"


def test_changes_show_what_they_will_do(own):
    card = own.organisation(1)
    with own.changes() as c:
        c.set(card, phone="22", city="Bergen")
        frame = c.preview()
    assert frame.to_dict("records") == [
        dict(entity="organisation", id=1, record="Nordlys AS", field="phone",
             old="+47 55 12 34 56", new="22")
    ]  # fmt: skip


def test_an_error_in_the_block_writes_nothing(own):
    card = own.organisation(1)
    with pytest.raises(ZeroDivisionError), own.changes() as c:
        c.set(card, city="Oslo")
        _ = 1 / 0
    assert own.organisation(1).record["city"] == "Bergen"


def test_what_a_card_shows_must_still_be_there(own, database):
    card, same = own.organisation(1), Workspace(database, viewer="nobody").organisation(1)
    with own.changes() as c:
        c.set(card, city="Oslo")
    with pytest.raises(Conflict, match="Kari Nordmann"), own.changes() as c:
        c.set(same, city="Molde")
    with own.changes() as c:
        c.set(same, phone="22")
    assert own.organisation(1).record["city"] == "Oslo"


def test_changes_refuse_what_is_no_record_or_no_user(own):
    with pytest.raises(InputError, match="no record"), own.changes() as c:
        c.set("Nordlys AS", city="Oslo")
    with pytest.raises(UnknownName, match="Ola Hansen"), own.changes() as c:
        c.set(("person", 1), responsible="Ola Hanse")
    with pytest.raises(ValidationFailed, match="Did you mean 'city'"), own.changes() as c:
        c.set(("organisation", 1), cty="Oslo")


def test_a_stranger_is_nobody_in_the_log(database):
    with Workspace(database, viewer="stranger").changes() as c:
        c.set(("person", 1), title="Chair")
    newest = Query("SELECT responsible_id FROM change ORDER BY id DESC LIMIT 1")
    assert database.scalar(newest) is None


def test_in_a_notebook_the_cell_shows_what_is_changed(own, monkeypatch):
    shown = []
    monkeypatch.setattr("crmpanel.workspace.in_notebook", lambda: True)
    monkeypatch.setattr("crmpanel.workspace._show", lambda value, **_: shown.append(value))
    with own.changes() as c:
        c.set(("organisation", 1), city="Narvik")
    preview, said = shown
    assert preview["new"].tolist() == ["Narvik"] and "1 changed" in said["text/plain"]


# -- one's own -----------------------------------------------------------------------------------


@pytest.mark.card("S2", "S3")
def test_favourites_and_subscriptions_from_python(crm_path):
    with crmpanel.connect(crm_path, viewer="kn") as ws:
        card = ws.organisation("Café Solberg")
        assert not card.favourite and not card.subscribed
        card.favourite = True
        card.subscribe()
        assert card.favourite and card.subscribed
        assert list(ws.favourites()["title"]) == ["Café Solberg"]
        change = Changeset((Update("organisation", 3, {"city": "Lund"}),), user=2)
        ws.database.apply(change)
        with ws.changes() as c:
            c.set(ws.organisation(3), city="Ystad")
        told = ws.notifications()
        assert list(told[["field", "old_value", "new_value"]].loc[0]) == ["city", "Malmö", "Lund"]
        assert len(told) == 1
        card.unsubscribe()
        card.favourite = False
        assert not card.favourite and not card.subscribed
        assert len(ws.notifications()) == 1
