"""The manifest of an export, as TOML: what is what, what the database declares, and a mapping."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from crmpanel.importing.mapping import EntitySource, Taken
from crmpanel.importing.own import FORM, mapping_of
from crmpanel.model.declared import as_text
from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry

HEAD = """\
# Written by crmpanel export. With it, crmpanel import makes an equal database of the files, or adds
# their records to another one. Text that a spreadsheet would run, and blank text, has an apostrophe
# in front; documents are called by the SHA-256 of what is in them.
"""


def manifest(
    registry: Registry,
    entities: Sequence[Entity],
    kind: str,
    files: Mapping[str, Sequence[str]],
    rows: Mapping[str, int],
    whole: bool,
) -> str:
    """The text of ``crmpanel.toml``.

    Parameters
    ----------
    entities : those that were exported.
    files, rows : paths within the folder, and numbers of rows, by table.
    whole : whether all of the database was exported.
    """
    lines = [HEAD, f"title = {_text('crmpanel export')}", "unset = []", "", "[crmpanel]"]
    lines += [f"form = {FORM}", f"kind = {_text(kind)}", f"whole = {str(whole).lower()}"]
    lines += [
        "",
        "[crmpanel.files]",
        *(f"{name} = {_texts(paths)}" for name, paths in files.items()),
    ]
    lines += ["", "[crmpanel.rows]", *(f"{name} = {count}" for name, count in rows.items())]
    lines += _declared(entities)
    tables = {e.name: [_stem(path) for path in files[e.name]] for e in entities}
    mapping = mapping_of(registry, tables)
    lines += ["", "[recognise]"]
    lines += [f"{_text(table)} = {_texts(names)}" for table, names in mapping.recognise.items()]
    for source in mapping.sources:
        lines += ["", *_source(source)]
    return "\n".join(lines) + "\n"


def _declared(entities: Sequence[Entity]) -> Iterator[str]:
    for entity in entities:
        if entity.custom:
            yield from ("", "[[crmpanel.entity]]", f"name = {_text(entity.name)}")
            yield f"declaration = {_text(as_text(entity))}"
        for field in entity.own_fields:
            if field.custom:
                yield from ("", "[[crmpanel.field]]", f"entity = {_text(entity.name)}")
                yield f"name = {_text(field.name)}"
                yield f"declaration = {_text(as_text(field))}"


def _source(source: EntitySource) -> Iterator[str]:
    yield from ("[[source]]", f"entity = {_text(source.entity)}", f"table = {_text(source.table)}")
    yield from (f"key = {_text(str(source.key[0]))}", "", "[source.fields]")
    for name, value in source.fields.items():
        column = _text(name)
        if isinstance(value, Taken) and value.transform:
            column = f"{{ column = {column}, transform = {_text(value.transform)} }}"
        yield f"{name} = {column}"
    yield from (f"{name} = {_text(str(r[0].column))}" for name, r in source.links.items())


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _texts(items: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, items))}]"


def _text(text: str) -> str:
    """A text of TOML: as in JSON, but for a character that only TOML cannot hold."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
