"""The mapping format: each kind of value and link, and how misspelt mappings are answered."""

import datetime as dt
from decimal import Decimal

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.errors import CrmError, ImportFailed
from crmpanel.importing import import_
from crmpanel.importing.mappingfile import load_mapping, mappings
from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import CHOICE, DATE, REFERENCE, TEXT
from crmpanel.query.query import Query
from crmpanel.store import create


@pytest.mark.parametrize("name", mappings())
def test_shipped_mappings_are_sound(name):
    mapping = load_mapping(name, REGISTRY)
    assert mapping.name == name and mapping.sources


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"top": 'curency = "EUR"'}, "Did you mean 'currency'"),
        ({"text": "requierd = true"}, "Did you mean 'required'"),
        ({"fields": 'nmae = "Name"'}, "Did you mean 'name'"),
        ({"fields": 'name = { colum = "Name" }'}, "Did you mean 'column'"),
        ({"fields": 'name = { column = "Name", formta = "%Y" }'}, "Did you mean 'format'"),
        ({"fields": 'name = { column = "Name", transform = "domian" }'}, "Did you mean 'domain'"),
        ({"top": 'on_bad_value = "rejct"'}, "Did you mean 'reject'"),
        ({"top": 'roles.organisation = { Old = "lots" }'}, "Did you mean 'lost'"),
        ({"top": 'stand_ins = { usr = "x" }'}, "Did you mean 'user'"),
        ({"fields": 'name = { column = "Name", table = "Other" }'}, "'Other'"),
        ({"fields": 'name = "Name"\nresponsible_id = "Owner"'}, "source of user"),
        ({"fields": 'name = { sum = "order" }'}, "must be entity.field"),
        ({"fields": 'name = { column = "Name", aggregate = "max" }'}, "rows are not grouped"),
        ({"fields": 'name = { column = "Name", scale = "x" }'}, "scale must be a number"),
        ({"fields": 'name = { column = "Name", blank = "x" }'}, "says no filled"),
        ({"fields": "name = 5"}, "must be a column or a table"),
        ({"text": 'join = [{ table = "Firms", on = "No" }]'}, "cannot be joined a second time"),
        ({"top": "= ="}, "not valid TOML"),
    ],
)
def test_a_misspelt_mapping(changes, says, mapping):
    with pytest.raises(ImportFailed) as caught:
        load_mapping(mapping(**changes), REGISTRY)
    assert says in str(caught.value)
    assert caught.value.what == "The mapping own cannot be used."


def test_a_mapping_without_sources(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("[recognise]\nFirms = ['No']")
    with pytest.raises(ImportFailed, match=r"no \[source\]"):
        load_mapping(file, REGISTRY)


FIELDS = """
name = { concat = ["First", "Second"], separator = " / " }
type = { first = ["Kind", "Name"] }
status = { column = "Closed", blank = "Active", filled = "Gone" }
comment = { column = "No", prefix = "Firm " }
industry = { constant = "Fishing" }
created = { column = "Since", format = "%d.%m.%Y" }
revenue = { multiply = ["Price", "Number"], less = "Rebate" }
employees = { column = "Share", scale = 100 }
domain = { column = "Site", transform = "domain" }
currency = "Currency"
"""


def test_values(firms, mapping, database, rows):
    header = ["No", "First", "Second", "Name", "Kind", "Closed", "Since", "Price", "Number",
              "Rebate", "Share", "Site", "Currency"]  # fmt: skip
    file = firms(
        header,
        (
            "01",
            "a",
            "b",
            "n",
            "k",
            "x",
            "31.12.2023",
            10.05,
            3,
            0.1,
            0.07,
            "HTTP://WWW.A.no:80/",
            "SEK",
        ),
        ("02", None, "b", "n", None, None, None, "1,5", 3, None, None, "mailto:x@b.example", None),
    )
    own = mapping(text="", fields=FIELDS, top='currency = "NOK"')
    own.write_text(own.read_text().replace('"No", "Name"', '"No"'))
    report = import_(file, database, own)
    found = rows(
        "SELECT name, type, status, comment, industry, created, revenue, employees, domain, "
        "currency FROM organisation ORDER BY id"
    )
    assert found == [
        ("a / b", "k", "Gone", "Firm 01", "Fishing", dt.datetime(2023, 12, 31), Decimal("27.14"),
         7, "a.no", "SEK"),
        ("b", "n", "Active", "Firm 02", "Fishing", None, None, None, "b.example", "NOK"),
    ]  # fmt: skip
    [reject] = report.rejects
    assert (reject.line, reject.column, reject.value) == (2, "Price × Number × Rebate", "1,5 × 3")


def test_what_means_nothing(firms, mapping, database, rows):
    file = firms(["No", "Name", "City"], (1, "a", "#N/A"), (2, "b", "-"), (3, "c", ""))
    own = mapping(fields='name = "Name"\ncity = "City"', top='unset = ["#N/A", "-"]')
    import_(file, database, own)
    assert rows("SELECT city FROM organisation") == [(None,), (None,), (None,)]


def test_a_key_of_several_columns_may_be_blank_in_part(firms, mapping, database, rows):
    file = firms(
        ["No", "Name", "City"], (1, "a", "Oslo"), (None, "b", "Oslo"), (None, None, "Rome")
    )
    report = import_(file, database, mapping(key='["No", "Name"]'))
    assert rows("SELECT source_key FROM organisation ORDER BY id") == [("1/a",), ("/b",)]
    assert [(r.line, r.reason) for r in report.rejects] == [(3, "the record has no key")]


def test_a_part_of_a_text(firms, mapping, database, rows):
    file = firms(["No", "Name"], (1, "Accounts::::Acme"), (2, "Plain"), (3, "Accounts::::"))
    own = mapping(fields='name = "No"\ncity = { column = "Name", split = "::::", part = 2 }')
    import_(file, database, own)
    assert rows("SELECT city FROM organisation ORDER BY id") == [("Acme",), (None,), (None,)]


@pytest.mark.parametrize("part", ["0", "true", '"2"'])
def test_a_part_that_is_no_number(firms, mapping, database, part):
    own = mapping(fields=f'name = {{ column = "Name", split = ";", part = {part} }}')
    with pytest.raises(ImportFailed, match="part must be a number from 1"):
        import_(firms(["No", "Name"], (1, "a")), database, own)


def test_grouped_rows(firms, mapping, database, rows):
    file = firms(
        ["No", "Name", "City", "Staff"],
        (1, "a", None, 2), (2, "b", "Oslo", 1), (1, "A", "Bergen", 5), (None, "c", "", 1),
    )  # fmt: skip
    own = mapping(
        text="group = true",
        fields='name = "Name"\ncity = "City"\nemployees = { column = "Staff", aggregate = "sum" }',
    )
    report = import_(file, database, own)
    assert rows("SELECT source_key, name, city, employees FROM organisation ORDER BY id") == [
        ("1", "a", "Bergen", 7),
        ("2", "b", "Oslo", 1),
    ]
    assert [(r.line, r.reason) for r in report.rejects] == [(4, "the record has no key")]


def test_columns_called_like_our_own(firms, tmp_path, database, rows):
    """A link goes by a column whose name the machinery could have taken for itself."""
    file = firms(["id", "owner", "file", "source_key"], (1, "u1", "x", "k"), (2, "u2", "y", "k"))
    own = tmp_path / "own.toml"
    own.write_text("""
        stand_ins = { user = "User {key}" }
        recognise = { Firms = ["id"] }
        [[source]]
        entity = "organisation"
        table = "Firms"
        key = "id"
        fields = { name = "file", responsible_id = "owner", comment = "source_key" }
    """)
    import_(file, database, own)
    assert rows(
        'SELECT o.id, o.name, u.name FROM organisation o JOIN "user" u ON u.id = o.responsible_id'
    ) == [(1, "x", "User u1"), (2, "y", "User u2")]


BOAT = Entity(
    name="boat",
    plural="boats",
    label="Boat",
    label_plural="Boats",
    title="hull",
    date="launched",
    status="state",
    columns=("hull",),
    sort=(("hull", False),),
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation", mandatory=True),
        Field("hull", TEXT, mandatory=True),
        Field("launched", DATE),
        Field("state", CHOICE),
        Field("tender_id", REFERENCE, "Tender", target="boat"),
    ),
)


def test_an_entity_that_does_not_ship(tmp_path):
    """Nothing in the importer knows the entities by name."""
    folder = tmp_path / "harbour"
    folder.mkdir()
    (folder / "Owners.csv").write_text("id,name\n1,Fjord AS\n2,Vik\n")
    (folder / "Boats.csv").write_text(
        "id,owner,hull,launched,state,tender\n"
        "b1,2,Ask,2001-05-01,afloat,b3\nb2,1,Embla,2002-05-01,ashore,\nb3,2,Liv,2000-01-01,,b9\n"
    )
    own = tmp_path / "harbour.toml"
    own.write_text(
        """
        recognise = { Boats = ["hull"] }
        roles = { boat = { "*" = "open", ashore = "completed" } }
        [[source]]
        entity = "organisation"
        table = "Owners"
        key = "id"
        fields = { name = "name", created = { latest = "boat.launched" } }
        [[source]]
        entity = "boat"
        table = "Boats"
        key = "id"
        fields = { organisation_id = "owner", hull = "hull", launched = "launched",
                   state = "state", tender_id = "tender" }
    """.replace(",\n                  ", ",")
    )
    with create(tmp_path / "crm.duckdb", REGISTRY.with_(BOAT)) as database:
        report = import_(folder, database, own)
        boats = database.rows(Query("SELECT id, organisation_id, hull, tender_id FROM boat"))
        assert boats == [(1, 1, "Embla", None), (2, 2, "Liv", None), (3, 2, "Ask", 2)]
        assert database.rows(Query("SELECT created FROM organisation ORDER BY id")) == [
            (dt.datetime(2002, 5, 1),),
            (dt.datetime(2001, 5, 1),),
        ]
        assert database.status_roles("boat") == {"ashore": "completed", "afloat": "open"}
        assert [(r.line, r.column, r.reason) for r in report.rejects] == [
            (4, "tender", "names no boat of this import")
        ]


VIA = """
    [recognise]
    Firms = ["No"]
    [[source]]
    entity = "organisation"
    table = "Firms"
    key = "No"
    fields.name = "Name"
    [[source]]
    entity = "activity"
    table = "Calls"
    key = "No"
    fields.subject = "Subject"
    fields.organisation_id = "Firm"
    [[source]]
    entity = "person"
    table = "People"
    key = "No"
    fields.name = "Name"
    fields.organisation_id = "Firm"
    [[source]]
    entity = "activity"
    table = "Mails"
    key = "No"
    fields.subject = "Subject"
    fields.organisation_id = [{ column = "Who", via = "%s" }]
"""


@pytest.fixture
def via(tmp_path):
    """Write tables, and a mapping in which mails belong to the organisation of something else."""

    def write(through):
        tables = {
            "Firms": "No;Name\n1;Fjord AS\n",
            "Calls": "No;Subject;Firm\nc1;Called;1\n",
            "People": "No;Name;Firm\np1;Kari;1\n",
            "Mails": "No;Subject;Who\nm1;Wrote;p1\n",
        }
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text)
        own = tmp_path / "own.toml"
        own.write_text(VIA % through)
        return tmp_path, own

    return write


def test_what_is_found_through_another_record_is_linked_after_it(via, database, rows):
    folder, own = via("person")
    import_(folder, database, own)
    assert rows("SELECT subject, organisation_id FROM activity ORDER BY 1") == [
        ("Called", 1), ("Wrote", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("through", "told"),
    [
        ("activity", "What activity belongs to is not known before what activity belongs to"),
        ("quotation", "no entity that organisation_id goes via 'quotation'"),
    ],
)
def test_an_organisation_is_not_found_in_a_circle(via, database, through, told):
    folder, own = via(through)
    with pytest.raises(CrmError, match=told):
        import_(folder, database, own)
