"""Live sources: what is seen where it lies equals what an import makes of it."""

import datetime as dt

import pytest

from crmpanel.importing import import_
from crmpanel.importing.attaching import attach
from crmpanel.query.query import Query
from crmpanel.query.sqltext import quoted
from crmpanel.store import Scope, create


def contents(database, name):
    """All records of an entity by their keys, references by the keys of what they refer to."""
    entity = database.registry[name]
    columns, joins = [], ""
    for number, field in enumerate(entity.fields.values()):
        if field.target is None:
            columns.append("NULL" if field.name == "id" else f"r.{quoted(field.name)}")
            continue
        columns.append(f'coalesce(t{number}."source_key", \'@\' || t{number}."id")')
        joins += (
            f" LEFT JOIN {quoted(field.target)} AS t{number} "
            f'ON t{number}."id" = r.{quoted(field.name)}'
        )
    rows = database.records(
        Query(
            f"SELECT {', '.join(f'{sql} AS {quoted(n)}' for sql, n in zip(columns, entity.fields))} "
            f"FROM {quoted(name)} AS r{joins} ORDER BY r.\"source_key\""
        )
    )
    return [{n: v for n, v in row.items() if v is not None} for row in rows]


def assert_equal(live, imported):
    found = {}
    for entity in imported.registry:
        if not entity.about and not entity.shipped:
            found[entity.name] = contents(live, entity.name)
            assert found[entity.name] == contents(imported, entity.name), entity.name
    assert any(found.values())
    for entity in live.registry:
        assert live.status_roles(entity.name) == imported.status_roles(entity.name)


@pytest.fixture
def both(tmp_path):
    """Attach and import the same source."""
    opened = []

    def open_both(path, mapping=None):
        imported = create(tmp_path / f"{len(opened)}.duckdb")
        opened.append(imported)
        import_(path, imported, mapping)
        opened.append(attach(path, mapping))
        return opened[-1], imported

    yield open_both
    for database in opened:
        database.close()


GIVEN = ["salesforce_datacloud", "salesforce_genai", "northwind/northwind.sqlite", "ofbiz", "flat_contacts"]


@pytest.mark.parametrize("name", GIVEN)
def test_the_given_data_are_the_same_live_and_imported(name, shared, both):
    assert_equal(*both(shared(*name.split("/"))))
