"""The command line as a person uses it: what works, and one clear line when something does not."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crmpanel.cli import main
from crmpanel.query.query import Query
from crmpanel.store import open_

SAMPLE = Path(__file__).parents[2] / "data" / "salesforce_sample"
#: One with a trap of every kind.
SMALL = Path(__file__).parents[1] / "importing" / "data" / "small"


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def said(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "sample.duckdb"
    assert run("import", SAMPLE, "--as", "salesforce", "--db", path).exit_code == 0
    return path


def test_import_tells_what_it_did(tmp_path: Path) -> None:
    result = run("import", SAMPLE, "--db", tmp_path / "new.duckdb")
    assert result.exit_code == 0
    assert "organisation" in result.output
    assert "crmpanel serve" in result.output


def test_import_says_what_it_understood(tmp_path: Path) -> None:
    result = run("import", SAMPLE, "--db", tmp_path / "new.duckdb")
    assert "recognised by its tables and columns" in result.output
    assert "Account → organisations, known by Id" in result.output
    assert "organisation: by AccountId" in result.output


def test_a_preview_makes_no_database(tmp_path: Path) -> None:
    path = tmp_path / "new.duckdb"
    result = run("import", SAMPLE, "--db", path, "--preview")
    assert result.exit_code == 0
    assert "nothing has been written" in result.output
    assert "Organisations, as they will be:" in result.output
    assert not path.exists()


def test_the_same_import_again_says_that_nothing_is_new(imported: Path) -> None:
    before = imported.read_bytes()
    result = run("import", SAMPLE, "--db", imported)
    assert result.exit_code == 0
    assert "nothing new" in result.output
    assert imported.read_bytes() == before


def test_strict_stops_an_import(tmp_path: Path) -> None:
    path = tmp_path / "new.duckdb"
    result = run("import", SMALL, "--as", "salesforce", "--db", path, "--strict")
    assert result.exit_code == 1
    assert "without --strict" in result.stderr
    assert not path.exists()


def test_mapping_and_rejects_are_saved_and_used(tmp_path: Path) -> None:
    path, own, rejects = tmp_path / "new.duckdb", tmp_path / "own.toml", tmp_path / "rejects.csv"
    options = ["--save-mapping", own, "--rejects", rejects, "--yes"]
    assert run("import", SMALL, "--db", path, *options).exit_code == 0
    assert "12 million" in rejects.read_text("utf-8-sig")
    assert run("import", SMALL, "--as", own, "--db", tmp_path / "other.duckdb").exit_code == 0
    again = run("import", rejects, "--db", path)
    assert again.exit_code == 0
    assert "nothing new" in again.output


@pytest.mark.parametrize("option", [("--policy", "mein"), ("--vanished", "gone")])
def test_a_misspelt_choice_of_an_import_is_a_usage_error(option: tuple[str, str]) -> None:
    assert run("import", SAMPLE, *option).exit_code == 2


def test_demo_builds_a_database_that_check_finds_whole(tmp_path: Path) -> None:
    path = tmp_path / "demo.duckdb"
    assert run("demo", "--db", path, "--organisations", 3, "--activities", 60).exit_code == 0
    result = run("check", path)
    assert result.exit_code == 0
    assert "is whole" in said(result)


def test_demo_does_not_replace_a_file_unasked(imported: Path) -> None:
    before = imported.read_bytes()
    result = run("demo", "--db", imported)
    assert result.exit_code == 1
    assert "exists already" in said(result)
    assert imported.read_bytes() == before


def test_optimize_and_export(imported: Path, tmp_path: Path) -> None:
    assert run("optimize", imported).exit_code == 0
    assert run("export", imported, "--to", tmp_path / "out").exit_code == 0
    assert "Fjordmat AS" in (tmp_path / "out" / "organisation.csv").read_text("utf-8")
    again = run("export", imported, "--to", tmp_path / "out")
    assert again.exit_code == 1
    assert "not empty" in said(again)


@pytest.mark.parametrize("command", ["check", "optimize", "serve"])
def test_a_missing_database_is_named(command: str, tmp_path: Path) -> None:
    result = run(command, tmp_path / "nothing.duckdb")
    assert result.exit_code == 1
    assert "There is no database" in said(result)
    assert "crmpanel demo" in said(result)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"name,city\nNordlys,Oslo\n", "not a crmpanel database"), (b"SQLite format 3\0", "SQLite")],
)
def test_a_foreign_file_is_refused_untouched(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "foreign.duckdb"
    path.write_bytes(content)
    result = run("check", path)
    assert result.exit_code == 1
    assert words in said(result)
    assert path.read_bytes() == content


def test_a_folder_that_is_no_export_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.txt").write_text("meow")
    path = tmp_path / "new.duckdb"
    result = run("import", tmp_path / "photos", "--db", path)
    assert result.exit_code == 1
    assert "Error:" in said(result)
    assert not path.exists()


def test_a_misspelt_mapping_names_the_nearest(tmp_path: Path) -> None:
    result = run("import", SAMPLE, "--as", "salesfroce", "--db", tmp_path / "new.duckdb")
    assert result.exit_code == 1
    assert "'salesforce'" in said(result)


@pytest.mark.hardening(80)
def test_a_taken_port_is_refused(imported: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("serve", imported, "--port", taken.getsockname()[1])
    assert result.exit_code == 1
    assert "--port" in said(result)


@pytest.mark.hardening(53)
def test_a_database_in_use_names_its_process(imported: Path) -> None:
    with open_(imported):
        command = [sys.executable, "-m", "crmpanel.cli", "check", str(imported)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "in use" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_new_empty_database_is_made_and_served(tmp_path: Path) -> None:
    path = tmp_path / "new.duckdb"
    assert "crmpanel serve --new" in said(run("serve", path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("serve", "--new", path, "--port", taken.getsockname()[1])
    assert "--port" in said(result)  # it got as far as that
    with open_(path) as database:
        assert not database.scalar(Query("SELECT count(*) FROM organisation"))
    again = run("serve", "--new", path)
    assert again.exit_code == 1 and "without --new" in said(again)


def test_a_source_is_served_where_it_lies(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--attach", SAMPLE, "--mapping", "salesforce", "--port", port)
    assert result.exit_code == 1
    assert "--port" in said(result)  # it got as far as that
    result = run("serve", "--attach", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "There is no file or folder" in said(result)
