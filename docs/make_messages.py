"""Lists every user-facing text: ``python docs/make_messages.py`` writes ``crmpanel.pot``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

PACKAGE = Path(str(resources.files("crmpanel")))
POT = PACKAGE / "locale" / "crmpanel.pot"
KEYWORDS = {"_": None, "ngettext": (1, 2), "N_": None, "say": None}
_IN_TEMPLATE = re.compile(r"say\('((?:[^'\\]|\\.)*)'\)")


def texts() -> Iterator[tuple[str, str]]:
    """Pairs of a message and the file that says it, code first, then declarations."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from _in_code(path, "python")
    for path in sorted((PACKAGE / "views").rglob("*.js")):
        if not path.name.startswith("bundle."):
            yield from _in_code(path, "javascript")
    template = PACKAGE / "views" / "theme" / "page.html"
    for message in _IN_TEMPLATE.findall(template.read_text("utf-8")):
        yield message.replace("\\'", "'"), "views/theme/page.html"
    yield from _declared()


def _in_code(path: Path, method: str) -> Iterator[tuple[str, str]]:
    for _line, message, _comments, _context in extract_from_file(method, path, KEYWORDS):
        for text in (message,) if isinstance(message, str) else message:
            yield text, path.relative_to(PACKAGE).as_posix()


def _declared() -> Iterator[tuple[str, str]]:
    from crmpanel.entities import REGISTRY
    from crmpanel.layouts import LAYOUTS
    from crmpanel.model.entity import OTHER
    from crmpanel.model.operators import OPERATORS
    from crmpanel.model.period import PERIODS

    for entity in REGISTRY:
        file = f"entities/{entity.name}.py"
        declared = [entity, *entity.fields.values(), *entity.measures]
        yield from ((item.label, file) for item in declared)
        yield entity.label_plural, file
        yield from ((field.group, file) for field in entity.fields.values() if field.group)
    yield OTHER, "model/entity.py"
    for layout in LAYOUTS.values():
        yield from ((item.label, "layouts.py") for item in (*layout.tabs, *layout.figures))
        yield from ((panel.title, "layouts.py") for panel in (*layout.side, *layout.about))
    yield from ((row.phrase, "model/operators.py") for row in OPERATORS.values())
    yield from ((label, "model/period.py") for label in PERIODS.values())


def catalogue() -> str:
    """The catalogue of all messages, as the text of a ``.pot`` file."""
    from io import BytesIO

    found = Catalog(project="crmpanel", fuzzy=False)
    for message, file in texts():
        found.add(message, locations=[(file, None)])
    out = BytesIO()
    write_po(out, found, omit_header=True, width=100, include_lineno=False)
    return out.getvalue().decode()


if __name__ == "__main__":
    POT.write_text(catalogue(), "utf-8")
