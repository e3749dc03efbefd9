"""JSON files: arrays of objects, objects of arrays, answers of CRMs' interfaces, and JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from crmpanel.errors import ImportFailed
from crmpanel.importing.encodings import encoding_of
from crmpanel.importing.sources import (
    BATCH,
    Batch,
    OnReject,
    Row,
    Table,
    check_cells,
    check_columns,
    only_unicode,
)

#: Bytes of a file that is read as a whole; JSON lines are read one by one.
MAX_SIZE = 500_000_000

#: What the interfaces of CRMs put around the records.
WRAPPERS = ("results", "value", "data", "records", "items", "entities", "d")

#: What a record's own number is called.
KEYS = ("id", "_id", "key", "number", "no", "code", "guid", "uuid")

Record = dict[str, str | None]
Tables = dict[str, list[tuple[int, Record]]]


class JsonFile:
    """A file of JSON, with one table or several.

    Parameters
    ----------
    path : the file.
    name : of the table, where the file does not name its tables.
    shown : what the file is called in messages.
    """

    kind = "JSON"

    def __init__(self, path: Path, name: str = "", shown: str = "") -> None:
        self.path, self.name = path, name or path.stem
        self._file = shown or path.name

    @cached_property
    def _lines(self) -> bool:
        """Whether each line is an object of its own."""
        if self.path.suffix.lower() in (".ndjson", ".jsonl"):
            return True
        with self.path.open("r", encoding=self._encoding) as file:
            first = file.readline(1 << 20).strip()
            more = file.readline(1 << 20).strip()
        with suppress(ValueError, RecursionError):
            return bool(more) and isinstance(json.loads(first), dict)
        return False

    @cached_property
    def _encoding(self) -> str:
        encoding = encoding_of(self.path, self._file)
        return "utf-8-sig" if encoding == "utf-8" else encoding

    @cached_property
    def _content(self) -> Tables:
        """All tables, with the number of each record."""
        size = self.path.stat().st_size
        if size > MAX_SIZE:
            raise ImportFailed(
                f"{self._file} is too large.",
                f"It has {size:,} bytes; the limit is {MAX_SIZE:,}.",
                "Export it as JSON lines (one object in each line, .ndjson), or as CSV.",
            )
        tables: Tables = {}
        for name, objects in self._arrays(self._parsed()):
            _collect(tables, name, enumerate(objects, 1), Counter())
        if not tables:
            raise ImportFailed(
                f"{self._file} holds no records.",
                "It is JSON, but no array of objects.",
                'Give an array of objects: [{"name": "Fjord AS"}, …].',
            )
        return tables

    def _parsed(self) -> Any:
        try:
            return _load(self.path.read_text(self._encoding))
        except (ValueError, RecursionError) as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception, line: int = 0) -> ImportFailed:
        why = f"line {line or getattr(error, 'lineno', 1):,}: {getattr(error, 'msg', error)}"
        if isinstance(error, RecursionError):
            why = "it is nested too deeply"
        return ImportFailed(f"{self._file} cannot be read.", f"As JSON: {why}.", "Export it again.")

    def _arrays(self, content: Any) -> Iterator[tuple[str, list[Any]]]:
        """The arrays of objects in the content, with their names."""
        if isinstance(content, list):
            yield self.name, [one if isinstance(one, dict) else {"value": one} for one in content]
            return
        if not isinstance(content, dict):
            return
        arrays = {name: one for name, one in content.items() if _is_records(one)}
        wrapped = next((name for name in WRAPPERS if name in content), None)
        if wrapped and isinstance(content[wrapped], dict | list) and len(arrays) < 2:
            yield from self._arrays(content[wrapped])
        elif arrays:
            yield from arrays.items()
        else:
            yield self.name, [content]

    # -- as a source -----------------------------------------------------------------------------

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        size = self.path.stat().st_size
        found = {}
        if self._lines:
            columns: dict[str, dict[str, None]] = {self.name: {}}
            for name, _, record in self._each():
                columns.setdefault(name, {}).update(dict.fromkeys(record))
            return {n: Table(n, self._file, tuple(own), size) for n, own in columns.items()}
        for name, records in self._content.items():
            own = dict.fromkeys(column for _, record in records for column in record)
            file = self._file if len(self._content) == 1 else f"{self._file}: {name}"
            found[name] = Table(name, file, tuple(own), size // len(self._content))
        return found

    def _each(self) -> Iterator[tuple[str, int, Record]]:
        """The records of JSON lines, with their tables and lines; those inside them are counted."""
        counts: Counter[str] = Counter()
        with self.path.open("r", encoding=self._encoding) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        found = _load(line)
                    except (ValueError, RecursionError) as error:
                        raise self._damaged(error, number) from None
                    tables: Tables = {}
                    one = found if isinstance(found, dict) else {"value": found}
                    _collect(tables, self.name, [(number, one)], counts)
                    for name, records in tables.items():
                        yield from ((name, place, record) for place, record in records)

    def _records(self, table: str) -> Iterator[tuple[int, Record]]:
        if self._lines:
            return ((number, record) for name, number, record in self._each() if name == table)
        return iter(self._content[table])

    def note(self, table: Table) -> str:
        """Nothing."""
        return ""

    def warnings(self, table: Table) -> list[str]:
        """Nothing."""
        return []

    def batches(self, table: Table, reject: OnReject) -> Iterator[Batch]:
        """All records, numbered from 1; those of JSON lines by line."""
        check_columns(table.file, table.columns)
        records = self._records(table.name)
        rows: list[Row] = []
        count = 0
        for number, record in records:
            rows.append((number, [record.get(column) for column in table.columns]))
            if len(rows) == BATCH:
                check_cells(table.file, rows)
                count += BATCH
                done = min(1.0, count * 200 / max(1, table.size))
                yield Batch(only_unicode(rows, reject), done)
                rows = []
        check_cells(table.file, rows)
        yield Batch(only_unicode(rows, reject), 1.0)


def _load(text: str) -> Any:
    """JSON with numbers as they are written."""
    return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


class _Number(str):
    """A number, as it is written."""

    __slots__ = ()


def _is_records(content: Any) -> bool:
    return isinstance(content, list) and bool(content) and all(isinstance(o, dict) for o in content)


def _collect(tables: Tables, name: str, objects: Any, counts: Counter[str]) -> None:
    """Add objects to a table, and the objects in their arrays to tables of their own.

    Parameters
    ----------
    counts : of each of these tables, the objects so far.
    """
    rows = tables.setdefault(name, [])
    for number, found in objects:
        inner: dict[str, list[dict[str, Any]]] = {}
        record = flat(found, inner)
        rows.append((number, record))
        key = next((k for k in record if k.casefold() in KEYS), None)
        for path, children in inner.items():
            table = f"{name}.{path}"
            own = f"{name}.{key or 'number'}"
            given = record[key] if key else str(number)
            made = [{own: given, **child} for child in children]
            start = counts[table] + 1
            counts[table] += len(made)
            _collect(tables, table, enumerate(made, start), counts)


def flat(found: dict[str, Any], inner: dict[str, list[dict[str, Any]]] | None = None) -> Record:
    """An object as one row: ``{"a": {"b": 1}}`` becomes ``a.b``; HubSpot's properties come first.

    Parameters
    ----------
    inner : where arrays of objects are put, by their path; as JSON into the row if None.

    >>> flat(_load('{"id": 7, "properties": {"name": "Fjord"}, "tags": ["a", "b"], "x": null}'))
    {'id': '7', 'name': 'Fjord', 'tags': '["a", "b"]', 'x': None}
    """
    record: Record = {}
    _flatten(found, "", record, inner)
    if "properties" not in found:
        return record
    shorter = {name: name.removeprefix("properties.") for name in record}
    return {
        name if short != name and short in record else short: record[name]
        for name, short in shorter.items()
    }


def _flatten(found: dict[str, Any], path: str, record: Record, inner: Any) -> None:
    for key, value in found.items():
        name = f"{path}{key}"
        if isinstance(value, dict) and value:
            _flatten(value, f"{name}.", record, inner)
        elif inner is not None and _is_records(value):
            inner[name] = value
        else:
            record[name] = _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(_plain(value), ensure_ascii=False) if value else None


def _plain(value: Any) -> Any:
    """A nested value for JSON, with its numbers as they were."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, _Number):
        number = json.loads(value)
        return number if json.dumps(number) == value else str(value)
    return value
