"""Whatever goes wrong is one message on standard error, exit code 1, and no traceback."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from crmpanel import cli, errors
from crmpanel.entities import REGISTRY
from crmpanel.errors import CrmError
from crmpanel.store import open_

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, CrmError)
]


def run(*arguments):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def told(result):
    """The one message, if there is one."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("Error: ") == 1
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_error_is_one_message(monkeypatch, crm_path, error):
    own = {
        errors.UnknownName: ("user", "Kari", ["Kåre"]),
        errors.ValidationFailed: ([errors.Problem("person", 1, "name", "It is [bold].")] * 30,),
        errors.Conflict: ([errors.Collision("person", 1, "a\nb", *[None] * 7)] * 30,),
        errors.UndoRefused: (1, ["It is [bold]."] * 30),
        errors.Deleted: ("It is [bold].", "Because.", "Do something.", "person", 1),
        errors.NotYet: ("It is [bold].", "Because.", "Nordlys AS", None),
    }
    raised = error(*own.get(error, (f"It is [bold]{'long ' * 50}.", "Because.", "Do something.")))
    monkeypatch.setattr("crmpanel.store.check.check", lambda *_: (_ for _ in ()).throw(raised))
    assert told(run("check", crm_path)) == f"Error: {raised}\n"


def test_the_system_may_refuse_too(monkeypatch, crm_path):
    def refuse(*_):
        raise OSError(28, "No space left on device", "/disk/full")

    monkeypatch.setattr("crmpanel.store.optimize._copy_table", refuse)
    assert "No space left on device" in told(run("optimize", crm_path))
    monkeypatch.setattr("crmpanel.store.check.check", refuse)
    assert told(run("check", crm_path)) == "Error: No space left on device: /disk/full\n"


def test_a_bug_is_not_hidden(monkeypatch, crm_path):
    monkeypatch.setattr("crmpanel.store.check.check", lambda *_: 1 / 0)
    result = run("check", crm_path)
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize("command", ["check", "optimize", "serve", "export"])
@pytest.mark.parametrize(
    ("content", "match"),
    [(None, "There is no database"), (b"text", "not a crmpanel database"), (b"", "no DuckDB file")],
)
def test_what_is_no_database_is_refused(tmp_path, command, content, match):
    path = tmp_path / "crm [1].duckdb"
    if content is not None:
        path.write_bytes(content)
    more = ["--to", tmp_path / "out"] if command == "export" else []
    message = told(run(command, path, *more))
    assert match in message
    assert "crm [1].duckdb" in message
    assert not (tmp_path / "out").exists()


def test_problems_are_listed_and_counted(crm_path):
    with open_(crm_path) as database, database.load("Test", "test") as load:
        load.execute("UPDATE activity SET person_id = 99 WHERE id = 1")
    result = run("check", crm_path)
    assert result.exit_code == 1
    assert result.stdout.startswith("- 1 rows (id 1) of activity refer to a person")
    assert result.stderr.startswith(f"Error: {crm_path} has 1 problem. ")


def test_a_damaged_database_is_told_by_check(crm_path):
    content = bytearray(crm_path.read_bytes())
    content[5000] ^= 1
    content[9000] ^= 1
    crm_path.write_bytes(content)
    message = told(run("check", crm_path))
    assert "cannot be read" in message
    assert "crmpanel check" not in message


def test_what_came_to_nothing_leaves_nothing(monkeypatch, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("crmpanel.demo.build", interrupt)
    result = run("demo", "--db", tmp_path / "new.duckdb")
    assert result.exit_code == 1
    assert "Aborted" in result.stderr
    assert not (tmp_path / "new.duckdb").exists()


def test_a_failed_import_keeps_what_was_there(crm_path, tmp_path):
    before = crm_path.read_bytes()
    (tmp_path / "empty").mkdir()
    told(run("import", tmp_path / "empty", "--db", crm_path))
    assert crm_path.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [["demo", "--organisations", "0"], ["export", "x"], ["serve", "--port", "0"], ["nope"],
     ["export", "x", "--to", "y", "--format", "xls"]],
)  # fmt: skip
def test_a_wrong_option_is_explained_by_its_usage(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_every_command_says_what_it_does():
    for name, command in cli.main.commands.items():
        assert command.help
        assert run(name, "--help").exit_code == 0
    assert "crmpanel, version" in run("--version").stdout


def test_export_writes_parquet_too(crm_path, tmp_path):
    result = run("export", crm_path, "--to", tmp_path / "out", "--format", "parquet")
    assert result.exit_code == 0
    assert len(list((tmp_path / "out").glob("*.parquet"))) == len(list(REGISTRY))
    assert result.stdout == f"{len(list(REGISTRY))} files in {tmp_path / 'out'}\n"


def test_an_export_is_imported_into_a_new_database(crm_path, tmp_path):
    assert run("export", crm_path, "--to", tmp_path / "out").exit_code == 0
    result = run("import", tmp_path / "out", "--db", tmp_path / "new.duckdb")
    assert result.exit_code == 0
    assert "Restored out" in result.stdout and "organisation" in result.stdout
    assert run("check", tmp_path / "new.duckdb").exit_code == 0
    again = run("import", tmp_path / "out", "--db", tmp_path / "new.duckdb")
    assert again.exit_code == 1 and "records already" in again.stderr
    part = run("export", crm_path, "--to", tmp_path / "part", "--entity", "persons")
    assert part.stdout == f"1 files in {tmp_path / 'part'}\n"


def test_as_a_program_too(crm_path, tmp_path):
    program = Path(sys.executable).with_name("crmpanel")
    command = [program, "optimize", crm_path] if program.exists() else None
    command = command or [sys.executable, "-m", "crmpanel.cli", "optimize", crm_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "MB after" in done.stdout
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
    done = subprocess.run([*command[:-1], "none"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: There is no database")
    assert CrmError.__name__ not in done.stderr
