"""Joins shared.js, the component files and their styles into one ES module.

A page then fetches one cacheable file instead of carrying each component's source in every model,
and nothing is imported over the network. Where the file cannot be written (a read-only install)
components carry their source inline.
"""

import functools
import hashlib
import json
import os
import re
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
TOKENS = HERE.parent / "theme" / "tokens.css"

# class name -> file stem
COMPONENTS = {
    "RecordTable": "record_table",
    "FieldPanels": "field_panels",
    "FieldEditor": "field_editor",
    "TabBar": "tab_bar",
    "CardHeader": "card_header",
    "SearchBox": "search_box",
    "Router": "router",
    "PageMessage": "page_message",
    "ListSummary": "list_summary",
    "SectionHead": "section_head",
    "Toast": "toast",
    "AskDialog": "ask_dialog",
    "UserMenu": "user_menu",
    "FavouritesMenu": "favourites_menu",
    "ListsMenu": "lists_menu",
    "NotificationCentre": "notification_centre",
    "SinceVisit": "since_visit",
    "MassEdit": "mass_edit",
    "RecordForm": "record_form",
    "TimelineFeed": "timeline_feed",
    "AsOfBar": "as_of_bar",
    "ImportSource": "import_source",
    "ImportMapping": "import_mapping",
    "ImportPreview": "import_preview",
    "ImportReport": "import_report",
    "ImportBar": "import_bar",
    "FileDrop": "file_drop",
}
# class name -> files that come before its own
ALSO = {
    "TimelineFeed": ("inputs.css", "timeline_filters.css", "timeline_filters.js"),
    "UserMenu": ("inputs.css",),
    "FavouritesMenu": ("inputs.css", "app_popover.css", "app_popover.js"),
    "ListsMenu": ("inputs.css", "app_popover.css", "app_popover.js"),
    "NotificationCentre": (
        "inputs.css",
        "app_popover.css",
        "app_popover.js",
        "news_items.css",
        "news_items.js",
    ),
    "SinceVisit": ("news_items.css", "news_items.js"),
    "CardHeader": ("action_menu.css", "action_menu.js", "tool_strip.css", "tool_strip.js"),
    "AskDialog": ("inputs.css", "dialog.css", "dialog.js"),
    "FieldEditor": (
        "field_panels.css",
        "inputs.css",
        "field_inputs.js",
        "drafts.js",
        "save_bar.js",
        "folding.js",
    ),
    "RecordTable": (
        "row_groups.css",
        "row_groups.js",
        "inputs.css",
        "row_ticks.js",
        "field_inputs.js",
        "cell_editing.js",
    ),
    "ImportSource": ("inputs.css",),
    "ImportMapping": ("inputs.css", "import_steps.css", "save_file.js"),
    "ImportPreview": ("inputs.css", "import_steps.css", "import_counts.css", "import_counts.js"),
    "ImportReport": (
        "inputs.css",
        "import_steps.css",
        "import_counts.css",
        "import_counts.js",
        "save_file.js",
    ),
    "ImportBar": ("inputs.css",),
    "FileDrop": ("inputs.css", "dialog.css", "dialog.js"),
    "MassEdit": ("inputs.css", "dialog.css", "dialog.js", "field_inputs.js"),
    "RecordForm": (
        "inputs.css",
        "dialog.css",
        "field_inputs.js",
        "dialog.js",
        "record_input.js",
        "address_trial.css",
        "address_trial.js",
    ),
}


def _constant(name: str, *paths: Path) -> str:
    joined = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return f"const {name} = {json.dumps(joined)};"


def _scoped(name: str) -> str:
    """One component file as a closure: its helpers cannot collide with another component's."""
    stem = COMPONENTS[name]
    files = [HERE / file for file in (*ALSO.get(name, ()), f"{stem}.css", f"{stem}.js")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files if file.suffix == ".js")
    code = re.sub(r"^export function render\b", "function render", code, flags=re.M)
    css = _constant("CSS", *(file for file in files if file.suffix == ".css"))
    return f"const {name} = (() => {{\n{css}\n{code}\nreturn {{render}}\n}})();"


def _module(names: list[str], export: str) -> str:
    shared = (HERE / "shared.js").read_text(encoding="utf-8")
    parts = [_constant("TOKENS", TOKENS), _constant("SHARED_CSS", HERE / "shared.css"), shared]
    return "\n".join([*parts, *map(_scoped, names), f"export default {export};\n"])


@functools.cache
def inline(name: str) -> str:
    """The source of one component, self-contained."""
    return _module([name], name)


@functools.cache
def bundle() -> Path | None:
    """The file holding every component, written when its sources changed; None if it cannot be."""
    source = _module(list(COMPONENTS), "{" + ", ".join(COMPONENTS) + "}")
    digest = hashlib.sha256(source.encode()).hexdigest()[:10]
    path = HERE / f"bundle.{digest}.js"
    if path.is_file():
        return path
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=HERE, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            file.write(source)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
        _discard_old(path)
    except OSError:
        return None
    return path


def _discard_old(current: Path) -> None:
    # A server started earlier may still serve its own bundle, so yesterday's stay until tomorrow.
    for path in HERE.glob("bundle.*.js"):
        if path != current and path.stat().st_mtime < time.time() - 86_400:
            path.unlink(missing_ok=True)
