"""Terminal: an import as it is seen and steered on the command line."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from crmpanel.importing.importer import Import
from crmpanel.importing.mapping import Mapping
from crmpanel.importing.preview import Preview
from crmpanel.importing.report import ImportReport
from crmpanel.importing.understanding.writing import to_toml
from crmpanel.importing.understood import understood
from crmpanel.store import Database


class Terminal:
    """Asks where somebody sits before it; else it takes the careful choice, and says so.

    Parameters
    ----------
    database : where to.
    progress : the bar, hidden while something is asked.
    yes : ask nothing.
    """

    def __init__(self, database: Database, progress: Progress, yes: bool = False) -> None:
        self._database, self._progress = database, progress
        self._asks = not yes and sys.stdin.isatty() and sys.stdout.isatty()
        self._sure = yes
        self._task = progress.add_task("Reading", total=1.0, speed="")

    def run(
        self,
        source: str,
        mapping: str | None,
        preview: bool = False,
        save_mapping: Path | None = None,
        name: str | None = None,
        **choices: Any,
    ) -> bool:
        """Import it; whether anything was written.

        Parameters
        ----------
        source, mapping, name : see `Import`.
        preview : only show what it would do.
        save_mapping : a file for the mapping.
        choices : see `Import.load`.
        """
        choices["policy"] = choices.get("policy") or "ask"
        with Import(source, self._database, mapping, self._tell, name) as found:
            for line in understood(found):
                click.echo(line)
            if save_mapping:
                self._save(found.mapping, save_mapping)
            if preview or self._asks:
                seen = self._preview(found, choices)
                if preview or not self._wanted(seen, choices):
                    return False
            report = found.load(**choices, sure=self._sure)
            self._progress.stop()
            self._show(report, choices)
        return report.changeset is not None

    def _tell(self, text: str, done: float) -> None:
        self._progress.update(self._task, description=text, completed=done)

    def _preview(self, found: Import, choices: dict[str, Any]) -> Preview:
        start = time.perf_counter()
        how = {key: choices[key] for key in ("policy", "vanished", "strict")}
        seen = found.preview(**how)
        read = sum(e.read for e in seen.report.entities.values())
        speed = read / max(0.001, time.perf_counter() - start)
        self._progress.update(self._task, speed=f"{speed:,.0f} rows/s")
        self._progress.stop()
        click.echo(str(seen))
        return seen

    def _wanted(self, seen: Preview, choices: dict[str, Any]) -> bool:
        """Ask what is to be asked; whether it is to be loaded."""
        if not seen.is_new and not seen.report.conflicts:
            return True
        if seen.report.conflicts and choices["policy"] == "ask":
            choices["policy"] = click.prompt(
                "Whose values are to stay where both have changed them? (ask: decide later)",
                type=click.Choice(["ask", "source", "mine"]),
                default="ask",
            )
        question = " ".join([*seen.report.doubts, "Import this?"])
        self._sure = click.confirm(question, default=not seen.report.doubts)
        if self._sure:
            self._progress.start()
        return self._sure

    def _show(self, report: ImportReport, choices: dict[str, Any]) -> None:
        click.echo(str(report))
        if choices.get("rejects") and report.reject_count:
            click.echo(
                f"Rejected rows are in {choices['rejects']}: correct them there, and import it."
            )

    def _save(self, mapping: Mapping, path: Path) -> None:
        path.write_text(to_toml(mapping), "utf-8")
        click.echo(f"The mapping is in {path}.")
