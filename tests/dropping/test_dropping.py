"""A dropped file becomes a list: its key to organisations, its fields, its parts, and its undoing."""

import datetime as dt

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.finding import find
from crmpanel.controllers.record_card import RecordCard
from crmpanel.errors import ImportFailed, UnknownName
from crmpanel.importing.dropping import Dropped
from crmpanel.query.query import Query
from crmpanel.store import open_
from crmpanel.store.check import check
from crmpanel.workspace import Workspace

CONTRACTS = """\
Contract no;Customer;VAT;Web;State;Start;Yearly fee;Seller;Note
SC-00042;NORDLYS  as;NO 123;x;Running;03.02.2026;1.234,50;Kari Nordmann;=1+1
SC-00043;Café Solberg;;https://www.solberg.se/om;Ended;14.02.2026;99,00;Ola Hansen;<b>x</b>
SC-00044;Nobody Ltd;987 654 321;nordlys.no;Ended;28.02.2026;5,00;Kari Nordmann;
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "Service contracts.csv"
    path.write_text(CONTRACTS, "utf-8")
    return path


def rows(database, sql):
    return database.rows(Query(sql))


def test_what_is_understood(database, file):
    with Dropped(file, database) as dropped:
        entity = dropped.shape.entity
        assert (entity.name, entity.plural, entity.label_plural) == (
            "service_contract",
            "service_contracts",
            "Service contracts",
        )
        kinds = {field.name: field.kind.name for field in entity.own_fields}
        assert (
            kinds["contract_no"] == "text"
            and kinds["start"] == "date"
            and kinds["yearly_fee"] == "number"
        )
        assert (entity.title, entity.date, entity.amount, entity.responsible) == (
            "contract_no",
            "start",
            "yearly_fee",
            ("responsible_id",),
        )
        assert entity.sort == (("start", True),)
        assert (dropped.chosen.column, dropped.chosen.way.label) == ("Customer", "Name")
        assert dropped.table.rows == 3 and len(dropped.first(2)) == 2
        assert "service_contract" not in database.registry


def test_the_ways_to_find_organisations_are_measured(database, file):
    with Dropped(file, database) as dropped:
        shares = {
            (m.column, m.way.label): (m.filled, m.matched, m.ambiguous) for m in dropped.matches
        }
        # Two organisations are called Nordlys AS: a row of theirs is not given to either.
        assert shares["Customer", "Name"] == (3, 1, 1)
        assert shares["VAT", "VAT number"][1:] == (1, 0)
        assert shares["Web", "Domain"][1:] == (1, 1)
        assert dropped.found().unmatched == [("NORDLYS  as", 1), ("Nobody Ltd", 1)]
        web = next(m for m in dropped.matches if m.column == "Web")
        dropped.choose(web.name)
        assert dropped.found().linked == 1
        dropped.choose(None)
        assert dropped.found().linked == 0
        with pytest.raises(UnknownName):
            dropped.choose("x")


def test_it_becomes_a_tab_is_updated_by_a_newer_file_and_undone(database, file, now):
    with Dropped(file, database) as dropped:
        report = dropped.load()
    assert report["service_contract"].new == 3 and report["service_contract"].unlinked == 2
    found = rows(
        database,
        "SELECT contract_no, organisation_id, start, yearly_fee, responsible_id, note FROM service_contract ORDER BY id",
    )
    assert sorted(found) == [
        ("SC-00042", None, dt.date(2026, 2, 3), 1234.5, 1, "=1+1"),
        ("SC-00043", 3, dt.date(2026, 2, 14), 99.0, 2, "<b>x</b>"),
        ("SC-00044", None, dt.date(2026, 2, 28), 5.0, 1, None),
    ]
    desk = Desk(database, "kn", clock=lambda: now)
    card = RecordCard(desk, "organisation", find(desk, "organisation", 3))
    assert (
        card.layout.tabs[-1].label == "Service contracts"
        and card.counts()["service_contracts"] == 1
    )

    file.write_text(
        CONTRACTS.replace("99,00", "101,00")
        .replace(";Note", ";Note;Level")
        .replace("=1+1", "=1+1;")
        .replace("<b>x</b>", "<b>x</b>;Gold")
        .replace("Kari Nordmann;\n", "Kari Nordmann;;\n"),
        "utf-8",
    )
    with Dropped(file, database) as newer:
        assert newer.existing is not None
        again = newer.load()["service_contract"]
    assert (again.new, again.changed) == (0, 1)
    assert rows(
        database, "SELECT yearly_fee, level FROM service_contract WHERE contract_no = 'SC-00043'"
    ) == [(101.0, "Gold")]
    log = rows(
        database,
        "SELECT field, old_value, new_value FROM change WHERE entity = 'service_contract' AND action = 'update'",
    )
    assert sorted(log) == [("level", None, "Gold"), ("yearly_fee", "99.0", "101.0")]
    database.undo(report.changeset + 1)
    database.undo(report.changeset)
    assert rows(database, "SELECT count(*) FROM service_contract") == [(0,)]
    assert check(database) == []
    database.close()
    with open_(database.path) as opened:
        assert opened.registry["service_contracts"].label == "Service contract"


def test_found_by_email_of_a_person_by_vat_number_and_by_key(database, tmp_path):
    tables = {
        "a.csv": ("Mail,Score\nKARI@nordlys.no,9\nx@y.z,3\n", "Person, E-mail", [1, None]),
        "b.csv": ("VAT no,Score\n987654321,9\n987.654.321,3\n", "VAT number", [1, 1]),
        "c.csv": ("Key,Score\nSRC-2,9\nsrc-1,3\n", "Source key", [2, 1]),
    }
    for name, (text, label, owners) in tables.items():
        (tmp_path / name).write_text(text)
        with Dropped(tmp_path / name, database, name=f"NPS {name}") as dropped:
            assert dropped.chosen.way.label == label
            dropped.load()
            entity = dropped.shape.entity.name
        assert [
            row[0]
            for row in rows(database, f'SELECT organisation_id FROM "{entity}" ORDER BY score DESC')
        ] == owners


def test_scores_are_not_taken_for_ids(database, tmp_path):
    (tmp_path / "nps.csv").write_text(
        "Firm,Score\n" + "".join(f"Café Solberg,{n}\n" for n in range(1, 7))
    )
    with Dropped(tmp_path / "nps.csv", database) as dropped:
        assert dropped.chosen.column == "Firm"
        assert all(match.column == "Firm" for match in dropped.matches)


def test_what_repeats_every_few_rows_is_seen(database, tmp_path):
    """Every other row names somebody: looking at every other row finds all or none."""
    text = "".join(f"K-{n};{'Café Solberg' if n % 2 else 'x'}\n" for n in range(40_000))
    (tmp_path / "large.csv").write_text(f"No;Customer\n{text}")
    with Dropped(tmp_path / "large.csv", database) as dropped:
        assert dropped.chosen.column == "Customer"
        assert dropped.found().linked == 20_000
        assert dropped.shape.entity.field("customer").kind.name != "boolean"


@pytest.mark.parametrize(
    ("header", "first", "newer"),
    [
        ("Firm;Score;Comment", "Café Solberg;9;Fine\nNobody;3;Bad", "Café Solberg;10;Great\nNobody;3;Bad"),
        ("Score;Ref no;Firm", "1;A7;Café Solberg\n2;A8;Café Solberg", "4;A7;Café Solberg\n2;A8;Nobody"),
        ("Firm;Day;Score", "Café Solberg;2026-01-01;1\nCafé Solberg;2026-01-02;2", "Café Solberg;2026-01-01;3\nCafé Solberg;2026-01-02;2"),
    ],
)  # fmt: skip
def test_a_measurement_is_no_key(database, tmp_path, header, first, newer):
    path = tmp_path / "nps.csv"
    path.write_text(f"{header}\n{first}\n")
    with Dropped(path, database) as dropped:
        dropped.load()
    path.write_text(f"{header}\n{newer}\n")
    with Dropped(path, database) as again:
        report = again.load()["nps"]
    assert (report.new, report.vanished) == (0, 0) and report.changed


def test_rows_without_a_key_are_all_kept(database, tmp_path):
    (tmp_path / "nps.csv").write_text("Firm,Score\nCafé Solberg,9\nCafé Solberg,9\n,\n,1\n")
    with Dropped(tmp_path / "nps.csv", database) as dropped:
        assert dropped.load()["nps"].new == 3
    assert rows(database, "SELECT firm, score, organisation_id FROM nps ORDER BY id") == [
        ("Café Solberg", 9, 3), ("Café Solberg", 9, 3), (None, 1, None),
    ]  # fmt: skip


@pytest.mark.hardening(16, 21)
def test_hostile_names_are_only_labels(database, tmp_path):
    path = tmp_path / 'x"; drop table organisation;--.csv'
    path.write_text(
        'Organisation,"id","a""; drop table x",Created,source_key,"<img src=x onerror=alert(1)>",\nCafé Solberg,1,2,3,4,5,6\n'
    )
    with Dropped(path, database) as dropped:
        report = dropped.load()
        entity = database.registry[dropped.shape.entity.name]
    assert report[entity.name].new == 1
    assert all(name.replace("_", "").isalnum() for name in entity.fields)
    assert "<img src=x onerror=alert(1)>" in [field.label for field in entity.own_fields]
    assert rows(database, "SELECT count(*) FROM organisation") == [(6,)]
    assert check(database) == []


@pytest.mark.parametrize("text", ["", "a,b\n", "\0\1\2"])
def test_a_file_without_rows_is_told(database, tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ImportFailed) as caught, Dropped(tmp_path / "x.csv", database):
        pass
    assert caught.value.remedy
    assert not list(tmp_path.glob(".*scratch*"))


def test_an_error_leaves_no_declaration(database, file, monkeypatch):
    with Dropped(file, database) as dropped:
        monkeypatch.setattr("crmpanel.importing.running.Run.write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            dropped.load()
    assert "service_contract" not in database.registry
    assert rows(database, "SELECT count(*) FROM declared_entity") == [(0,)]


def test_in_python(database, file):
    workspace = Workspace(database, "kn")
    assert workspace.drop(file)["service_contract"].new == 3
    assert workspace.organisation(3).service_contracts.df()["contract_no"].tolist() == ["SC-00043"]
