"""The command line: ``crmpanel demo | import | serve | notify | check | …``."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from crmpanel import __version__
from crmpanel.errors import CrmError

if TYPE_CHECKING:
    from crmpanel.store import Database

DATABASE = "crm.duckdb"


class Group(click.Group):
    """Shows a `CrmError` as one message on standard error, and exits with 1."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; a traceback is only for what nobody foresaw."""
        try:
            return super().main(*args, **kwargs)
        except CrmError as error:
            _fail(str(error))
        except OSError as error:
            _fail(": ".join(str(part) for part in (error.strerror, error.filename) if part))


def _fail(message: str) -> None:
    click.secho("Error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(message, err=True)
    sys.exit(1)


@click.group(cls=Group)
@click.version_option(__version__, prog_name="crmpanel")
def main() -> None:
    """The organisation card that CRM users love, over data that they own."""


def _bar(speed: bool = False) -> Progress:
    """A bar; with `speed`, also the rows in a second and the time that remains."""
    console = Console(stderr=True)
    more = (TextColumn("{task.fields[speed]}"), TimeRemainingColumn()) if speed else ()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        *more,
        console=console,
        disable=not console.is_terminal,
    )


def _reporter(progress: Progress, title: str) -> Callable[[str, float], None]:
    task = progress.add_task(title, total=1.0, speed="")
    return lambda stage, done: progress.update(task, description=stage, completed=done)


@contextmanager
def _new(path: Path, overwrite: bool = False) -> Iterator[Database]:
    """A new database, which is deleted again if nothing comes of it."""
    from crmpanel.store import create

    with create(path, overwrite=overwrite) as database:
        try:
            yield database
        except BaseException:
            database.discard()
            raise


def _make(path: Path) -> None:
    """Make an empty database; one that is there stays as it is, and is refused."""
    from crmpanel.store import create, exists

    if exists(path):
        raise CrmError(f"{path} exists already.", "", "Serve it without --new.")
    create(path).close()


database_option = click.option(
    "--db",
    "path",
    default=DATABASE,
    show_default=True,
    type=click.Path(path_type=Path),
    help="The database file.",
)
database_argument = click.argument("path", default=DATABASE, type=click.Path(path_type=Path))


@main.command()
@database_option
@click.option("--organisations", default=200, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option(
    "--activities", type=click.IntRange(min=1), help="How many; by default about 100 each."
)
@click.option("--seed", default=2026, show_default=True, help="Another number makes other data.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
def demo(
    path: Path, organisations: int, activities: int | None, seed: int, overwrite: bool
) -> None:
    """Build the CRM of an invented Nordic company."""
    from crmpanel import demo as generator

    with _new(path, overwrite) as database, _bar() as progress:
        counts = generator.build(
            database,
            organisations=organisations,
            activities=activities,
            seed=seed,
            progress=_reporter(progress, "Inventing a company"),
        )
    click.echo(f"{path}: " + ", ".join(f"{n:,} {name}" for name, n in counts.items()))
    click.echo(f"Open it with: crmpanel serve {path}")


@main.command("import")
@click.argument("source")
@click.option("--as", "mapping", help="Name or file of the mapping; recognised if left out.")
@database_option
@click.option("--name", help="Name of the source, where there are two of the same kind.")
@click.option("--preview", is_flag=True, help="Only show what it would do.")
@click.option("--strict", is_flag=True, help="Stop at anything that cannot be taken over.")
@click.option(
    "--policy",
    type=click.Choice(["ask", "source", "mine"]),
    help="Whose value stays where both a user and the source have changed it.",
)
@click.option(
    "--vanished",
    default="mark",
    show_default=True,
    type=click.Choice(["mark", "delete", "ignore"]),
    help="What becomes of records that the source has no more.",
)
@click.option("--rejects", type=click.Path(path_type=Path), help="A CSV file for rejected rows.")
@click.option(
    "--save-mapping", type=click.Path(path_type=Path), help="A TOML file for the mapping."
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
def import_(source: str, mapping: str | None, path: Path, **choices: Any) -> None:
    """Import the export of a CRM or ERP into a database, which is made if it does not exist.

    A newer export of the same source updates what has come from it. A CSV file of rejected rows
    that were corrected updates only these.
    """
    from crmpanel.importing.own import is_own
    from crmpanel.importing.restoring import restore
    from crmpanel.importing.terminal import Terminal
    from crmpanel.store import exists, open_

    is_new = not exists(path)
    with _new(path) if is_new else open_(path) as database, _bar(speed=True) as progress:
        if mapping is None and not choices["preview"] and is_own(source):
            click.echo(str(restore(source, database, _reporter(progress, "Reading"))))
            return
        terminal = Terminal(database, progress, choices.pop("yes"))
        if not terminal.run(source, mapping, **choices) and is_new:
            database.discard()
            return
    if not choices["preview"]:
        click.echo(f"Open it with: crmpanel serve {path}")


@main.command()
@database_argument
@click.option("--as", "viewer", help="Login or name of the user to work as, unless one is chosen.")
@click.option(
    "--attach",
    "source",
    help="Instead of a database: a folder, file or address that is shown as it lies, read only.",
)
@click.option("--mapping", help="Name or file of the mapping of what is attached.")
@click.option("--new", "is_new", is_flag=True, help="Make an empty database, and serve that.")
@click.option("--port", default=5006, show_default=True, type=click.IntRange(1, 65535))
@click.option("--address", default="127.0.0.1", show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open a browser too.")
def serve(
    path: Path,
    viewer: str | None,
    source: str | None,
    mapping: str | None,
    is_new: bool,
    port: int,
    address: str,
    open_browser: bool,
) -> None:
    """Serve the card to browsers, until interrupted."""
    from crmpanel.workspace import Workspace

    if is_new and source is None:
        _make(path)
    if source is None:
        opened = Workspace.open(path, viewer=viewer)
    else:
        opened = Workspace.attach(source, mapping, viewer=viewer)
    with opened as workspace:
        if viewer is not None and workspace.desk.viewer_id is None:
            workspace.desk.user_id(viewer)  # names those that there are
        click.echo(f"crmpanel is at http://{address}:{port}/  (stop it with Ctrl+C)")
        workspace.serve(port, address, open_browser)


@main.command()
@database_argument
@click.option("--smtp", metavar="HOST:PORT", help="The mail server.  [$CRMPANEL_SMTP]")
@click.option("--starttls", "tls", flag_value="starttls", help="Encrypt once connected.")
@click.option("--ssl", "tls", flag_value="ssl", help="Encrypt from the beginning.")
@click.option("--user", help="Whom to log in as; the password is $CRMPANEL_SMTP_PASSWORD.")
@click.option("--from", "sender", metavar="ADDRESS", help="Whom mail is from.  [$CRMPANEL_FROM]")
@click.option("--base-url", metavar="URL", help="Where links lead.  [$CRMPANEL_BASE_URL]")
@click.option("--language", help="Of readers who have chosen none, e.g. nb_NO.")
@click.option(
    "--allow-private", is_flag=True, default=None, help="Webhooks in our network, and over http."
)
@click.option("--settings", "file", type=click.Path(path_type=Path), help="A TOML file of these.")
@click.option("--now", type=click.DateTime(), help="Another present moment.")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
def notify(
    path: Path, file: Path | None, now: dt.datetime | None, dry_run: bool, **given: Any
) -> None:
    """Deliver what users are to be told of: for cron; doing it again sends nothing twice."""
    from crmpanel.delivery.asking import run
    from crmpanel.delivery.settings import Settings

    report = run(path, Settings.read(given, file), now, dry_run)
    for outcome in report.outcomes:
        click.echo(str(outcome), err=outcome in report.problems)
    if not report.outcomes:
        click.echo("There is nothing to deliver.")
    if report.problems:
        sys.exit(1)


@main.command()
@database_argument
def check(path: Path) -> None:
    """Verify that a database is whole: every block, row count, link and log row."""
    from crmpanel.store import open_
    from crmpanel.store.check import check as run

    with open_(path) as database, _bar() as progress:
        findings = run(database, _reporter(progress, "Checking"))
    for finding in findings:
        click.echo(f"- {finding}")
    if findings:
        raise CrmError(
            f"{path} has {len(findings)} problem{'s' * (len(findings) > 1)}.",
            "",
            "Restore a backup, or correct the source and import again.",
        )
    click.echo(f"{path} is whole.")


@main.command()
@database_argument
def optimize(path: Path) -> None:
    """Store every table in the order of its organisations again, which keeps cards fast."""
    from crmpanel.store import open_
    from crmpanel.store.optimize import optimize as run

    with open_(path) as database, _bar() as progress:
        before, after = run(database, _reporter(progress, "Sorting"))
    click.echo(f"{path}: {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB after.")


@main.command()
@database_argument
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path))
@click.option("--format", "kind", default="csv", type=click.Choice(["csv", "xlsx", "parquet"]))
@click.option("--entity", "entities", multiple=True, help="Only this; can be said several times.")
def export(path: Path, folder: Path, kind: str, entities: tuple[str, ...]) -> None:
    """Write everything into a folder, from which an import makes an equal database."""
    from crmpanel.exporting import export as run
    from crmpanel.store import open_

    with open_(path) as database, _bar() as progress:
        exported = run(database, folder, kind, _reporter(progress, "Writing"), entities)
    click.echo(str(exported))


if __name__ == "__main__":
    main()
