"""docs/importing.md says everything, and its example works."""

import re
import tomllib
from pathlib import Path

import pytest

from crmpanel.importing import import_
from crmpanel.importing.inplace import MOST_HELD
from crmpanel.importing.mapping import AGGREGATES, POLICIES, TRANSFORMS
from crmpanel.importing.mappingfile import JOIN, SOURCE, TOP
from crmpanel.importing.sources import MAX_CELL, MAX_COLUMNS
from crmpanel.importing.specs import SHAPES
from crmpanel.model.entity import ROLES

TEXT = (Path(__file__).parents[2] / "docs" / "importing.md").read_text("utf-8")
KEYS = {*TOP, *SOURCE, *JOIN, *AGGREGATES, *POLICIES, *TRANSFORMS, *ROLES, "via", *SHAPES,
        *(key for keys, _ in SHAPES.values() for key in keys)}  # fmt: skip


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_is_described(key):
    assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", TEXT), (
        f"docs/importing.md does not describe {key}"
    )


def test_limits_are_those_of_the_code():
    assert f"{MAX_COLUMNS:,} columns" in TEXT
    assert f"{MAX_CELL:,} characters" in TEXT
    assert f"up to {MOST_HELD // 1_000_000} MB of files" in TEXT


def test_the_example_works(tmp_path, database, rows):
    example = next(t for t in re.findall(r"```toml\n(.*?)```", TEXT, re.S) if "[[source]]" in t)
    assert tomllib.loads(example)
    (tmp_path / "visits.toml").write_text(example, encoding="utf-8")
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "Firms.csv").write_text(
        "No;Firm;Street;Box;Phone;Mobile;Web;Closed;Since;Deleted\n"
        "007;Fjord AS;Havnegata 1;PB 2;-;0047 99;www.fjord.example;;31.12.2003;\n"
        "008;Gone AS;;;;;;x;;YES\n"
    )
    (folder / "Visits.csv").write_text("Firm;Day;Seller;Kind;State\n007;2024-01-05;AB;t;Done\n")
    (folder / "Kinds.csv").write_text("Code;Text\nt;Trade fair\n")
    (folder / "Settings.csv").write_text("a;b\n1;2\n")
    report = import_(folder, database, tmp_path / "visits.toml")
    assert rows("SELECT source_key, name, address, phone, domain, status FROM organisation") == [
        ("007", "Fjord AS", "Havnegata 1, PB 2", "0047 99", "fjord.example", "Active")
    ]
    assert rows(
        "SELECT a.source_key, a.subject, a.type, o.name, u.name FROM activity a "
        'JOIN organisation o ON o.id = a.organisation_id JOIN "user" u ON u.id = a.responsible_id'
    ) == [("007/2024-01-05", "Visit on 2024-01-05", "Trade fair", "Fjord AS", "Seller AB")]
    assert report.ignored_tables == {"Settings": "of the old program"}
    assert database.status_roles("activity")["Done"] == "completed"
