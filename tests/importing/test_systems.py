"""Exports of many systems, small and invented: understood without a mapping, then imported.

Each file in ``systems/`` holds tables, and what must come of them: the keys, how many records of each
entity, single values and links, and what statuses mean.
"""

import csv
import io
import tomllib
from pathlib import Path

import pytest

from crmpanel.entities import REGISTRY
from crmpanel.importing import import_
from crmpanel.importing.understanding import profile, understand
from crmpanel.query.query import Query
from crmpanel.store import create

SYSTEMS = sorted((Path(__file__).parent / "systems").glob("*.toml"))


def read(text):
    """Rows of a table, with the delimiter of its header."""
    header = text.strip().partition("\n")[0]
    return list(csv.reader(io.StringIO(text.strip()), delimiter=max(",;\t", key=header.count)))


@pytest.fixture(scope="module")
def understood(request, tmp_path_factory, stage_tables):
    """The proposal for a system, and the database that was imported with it."""
    made = {}

    def get(file):
        if file not in made:
            spec = tomllib.loads(file.read_text("utf-8"))
            tables = {name: read(text) for name, text in spec["tables"].items()}
            cursor, staged = stage_tables(tables)
            proposal = understand(profile(cursor, staged), cursor, staged, REGISTRY)
            folder = tmp_path_factory.mktemp("export")
            for name, rows in tables.items():
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as text:
                    csv.writer(text).writerows(rows)
            database = create(tmp_path_factory.mktemp("made") / "crm.duckdb")
            request.addfinalizer(database.close)
            import_(folder, database, proposal.mapping)
            made[file] = spec, proposal, database
        return made[file]

    return get


@pytest.fixture(params=SYSTEMS, ids=lambda file: file.stem)
def system(request, understood):
    return understood(request.param)


def test_keys(system):
    spec, proposal, _ = system
    found = {
        source.table: tuple(column.name for column in source.key)
        for source in proposal.mapping.sources
        if not source.group
    }
    expected = {name: (key,) for name, key in spec["keys"].items()}
    assert {name: found.get(name) for name in expected} == expected


def test_entities(system):
    spec, _, database = system
    found = {
        entity: database.rows(Query(f'SELECT count(*) FROM "{entity}"', ()))[0][0]
        for entity in spec["counts"]
    }
    assert found == spec["counts"]


def test_values_and_links(system):
    spec, _, database = system
    found = [[*fact[:3], value(database, *fact)] for fact in spec["facts"]]
    assert found == spec["facts"]


def value(database, entity, title, field, expected):
    """What a record has in a field; of a reference, the name (or number, or key) of the other."""
    declared = database.registry[entity]
    target = declared.field(field).target
    names = ["source_key", declared.title, *(["number"] if "number" in declared.fields else [])]
    where = " OR ".join(f't."{name}" = ?' for name in names)
    wanted = [f't."{field}"']
    join = ""
    if target:
        other = database.registry[target]
        shown = [other.title, "source_key", *(["number"] if "number" in other.fields else [])]
        wanted = [f'x."{name}"' for name in shown]
        join = f'LEFT JOIN "{target}" AS x ON x.id = t."{field}"'
    sql = f'SELECT {", ".join(wanted)} FROM "{entity}" AS t {join} WHERE {where}'
    cells = [str(c) for row in database.rows(Query(sql, (title,) * len(names))) for c in row]
    return expected if expected in cells else cells


def test_roles(system):
    spec, proposal, _ = system
    for entity, roles in spec.get("roles", {}).items():
        found = proposal.mapping.roles.get(entity, {})
        assert {status: found.get(status) for status in roles} == roles


def test_the_proposal_is_a_mapping_file(system, tmp_path):
    """Written as TOML, and read back, it is the same."""
    from crmpanel.importing.mappingfile import load_mapping

    _, proposal, _ = system
    file = tmp_path / "proposal.toml"
    file.write_text(proposal.toml(), "utf-8")
    assert load_mapping(file, REGISTRY) == proposal.mapping
