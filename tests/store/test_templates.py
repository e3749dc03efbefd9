"""What is stored as a template is an address for the records that it is for, whoever writes it."""

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.errors import ValidationFailed
from crmpanel.model.changeset import Changeset, Create, Delete, MassUpdate, Set, Update
from crmpanel.model.registry import Registry
from crmpanel.query.query import Query
from crmpanel.store import create, open_
from crmpanel.store.check import check

GOOD = {"name": "ERP", "template": "https://erp.no/{vat_number}", "entity": "organisation"}
LINKS = Query('SELECT "id", "name", "template" FROM link ORDER BY 1')


def make(database, **values):
    applied = database.apply(Changeset((Create("link", {**GOOD, **values}),)))
    return applied.events[0].ids[0]


def stored(database, id):
    query = Query('SELECT "template", "entity" FROM link WHERE "id" = ?', (id,))
    return database.rows(query)[0]


@pytest.mark.card("L1")
@pytest.mark.hardening("14", "15")
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"template": "javascript:alert(1)"}, "no address"),
        ({"template": "https://{domain}/"}, "host of the link would come from data"),
        ({"template": "https://x.no/{nme}"}, "Did you mean 'name'"),
        ({"entity": "person"}, "no field of person 'vat_number'"),
        ({"entity": "persn"}, "Did you mean 'person'"),
        ({"entity": "change", "template": "https://x.no/{nme}"}, "no field of change 'nme'"),
        ({"template": ""}, "cannot be empty"),
    ],
)
def test_a_bad_template_is_refused(database, values, said):
    before = database.rows(LINKS)
    with pytest.raises(ValidationFailed, match=said):
        make(database, **values)
    assert database.rows(LINKS) == before


@pytest.mark.hardening("14", "15", "38")
def test_no_way_of_writing_stores_a_bad_one(database):
    id = make(database)
    others = [make(database, name=f"L{n}") for n in range(12)]
    bad = {"template": "https://x.no/{nme}"}
    for changes in (
        (Update("link", id, bad),),
        (Update("link", id, {"entity": "person"}),),
        (Update("link", id, {"template": "ftp://x.no"}),),
        (MassUpdate(("link", tuple(others)), {"template": Set(bad["template"])}),),
        (MassUpdate(("link", (id, *others)), {"entity": Set("person")}),),
        tuple(Update("link", other, {"entity": "person"}) for other in others),
        (Update("link", id, {"name": "B"}), Update("link", others[0], {"entity": "order"})),
    ):
        with pytest.raises(ValidationFailed):
            database.apply(Changeset(changes))
    assert {stored(database, i) for i in (id, *others)} == {(GOOD["template"], "organisation")}


@pytest.mark.card("L1")
def test_template_and_entity_change_together(database):
    id = make(database)
    values = {"template": "https://x.no/{title}", "entity": "persons"}
    applied = database.apply(Changeset((Update("link", id, values),)))
    assert stored(database, id) == ("https://x.no/{title}", "person")
    database.undo(applied.number)
    assert stored(database, id) == (GOOD["template"], "organisation")
    gone = database.apply(Changeset((Delete("link", id),)))
    database.undo(gone.number)
    assert stored(database, id) == (GOOD["template"], "organisation")


@pytest.mark.card("L1")
def test_links_of_an_organisation_go_with_it(database):
    own, all_ = make(database, organisation_id=2), make(database)
    applied = database.apply(Changeset((Delete("organisation", 2),)))
    ids = [row[0] for row in database.rows(LINKS)]
    assert own not in ids and all_ in ids
    database.undo(applied.number)
    assert own in [row[0] for row in database.rows(LINKS)]


@pytest.mark.card("S1", "L1")
def test_links_ship_with_a_database_and_do_not_come_back(tmp_path):
    older = Registry([entity for entity in REGISTRY if entity.name != "link"])
    create(tmp_path / "old.duckdb", older).close()
    create(tmp_path / "new.duckdb").close()
    for name in ("old.duckdb", "new.duckdb"):
        with open_(tmp_path / name) as database:
            shipped = REGISTRY["link"].shipped
            assert database.rows(LINKS) == [
                (id, link["name"], link["template"]) for id, link in enumerate(shipped, 1)
            ]
            database.apply(Changeset((Delete("link", 1), Delete("link", len(shipped)))))
        with open_(tmp_path / name) as database:
            ids = [row[0] for row in database.rows(LINKS)]
            assert ids == list(range(2, len(shipped)))
            assert make(database) == len(shipped) + 1
            assert check(database) == []
