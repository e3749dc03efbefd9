"""A mapping written as TOML: what is read back is the same mapping."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from typing import Any

import tomlkit

from crmpanel.importing.mapping import (
    Chosen,
    Column,
    Concatenated,
    Constant,
    Custom,
    EntitySource,
    Join,
    Mapping,
    Multiplied,
    OfChildren,
    Route,
    Taken,
    Value,
)

#: Longer arrays and tables stand on several lines.
WIDTH = 90


def to_toml(mapping: Mapping, comments: Iterable[str] = ()) -> str:
    """The text of a mapping file."""
    document = tomlkit.document()
    for comment in comments:
        document.add(tomlkit.comment(" ".join(comment.split())))
    document["title"] = mapping.title
    if mapping.unset != ("",):
        document["unset"] = list(mapping.unset)
    if mapping.currency:
        document["currency"] = mapping.currency
    if mapping.on_bad_value != "empty":
        document["on_bad_value"] = mapping.on_bad_value
    parts: dict[str, dict[str, Any]] = {
        "recognise": {table: list(names) for table, names in mapping.recognise.items()},
        "ignored": dict(mapping.ignored),
        "unset_in": {
            table: {name: list(texts) for name, texts in columns.items()}
            for table, columns in mapping.unset_in.items()
        },
        "stand_ins": dict(mapping.stand_ins),
        "roles": {entity: dict(roles) for entity, roles in mapping.roles.items()},
    }
    for name, part in parts.items():
        if part:
            document[name] = part
    sources = tomlkit.aot()
    for source in mapping.sources:
        sources.append(_source(source))
    document["source"] = sources
    return tomlkit.dumps(document)


def _source(source: EntitySource) -> Any:
    table = tomlkit.table()
    table["entity"], table["table"] = source.entity, source.table
    keys = [_column(column) for column in source.key]
    table["key"] = keys[0] if len(keys) == 1 else _inline(keys)
    for name, flag in (("required", source.required), ("group", source.group)):
        if flag:
            table[name] = True
    for name, rows in (("skip", source.skip), ("only", source.only)):
        if rows:
            table[name] = _inline({column: list(texts) for column, texts in rows.items()})
    if source.joins:
        table["join"] = _inline([_join(join) for join in source.joins])
    fields = tomlkit.table()
    for name, routes in source.links.items():
        found = [_route(route) for route in routes]
        fields[name] = _inline(found[0] if len(found) == 1 else found)
    for name, value in source.fields.items():
        fields[name] = _inline(_value(value))
    table["fields"] = fields
    if source.custom:
        custom = tomlkit.table()
        for column, made in source.custom.items():
            custom[column] = _inline(_custom(made))
        table["custom"] = custom
    return table


def _inline(value: Any) -> Any:
    """Tables and arrays on one line, long arrays on several."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, item in value.items():
            table[key] = _inline(item)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(_inline(item) for item in value)
        if len(array.as_string()) > WIDTH:
            array.multiline(True)
        return array
    return value


def _filled(table: Table[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value not in ("", None, [], {})}


def _column(column: Column) -> Any:
    spec = _filled(
        {
            "column": column.name,
            "table": column.table,
            "when": {name: list(texts) for name, texts in column.when},
            "unset": list(column.unset),
            "prefix": column.prefix,
            "split": column.split,
            "part": column.part if column.part > 1 else "",
        }
    )
    return column.name if len(spec) == 1 else spec


def _spelt(column: Column) -> dict[str, Any]:
    spec = _column(column)
    return {"column": spec} if isinstance(spec, str) else spec


def _route(route: Route) -> Any:
    spec = {**_spelt(route.column), **_filled({"via": route.via, "by": route.by})}
    return route.column.name if len(spec) == 1 else spec


def _one_or_all(texts: tuple[str, ...]) -> Any:
    return texts[0] if len(texts) == 1 else list(texts)


def _options(value: Taken) -> dict[str, Any]:
    return _filled(
        {
            "format": _one_or_all(value.format),
            "scale": value.scale,
            "prefix": value.prefix,
            "transform": value.transform,
            "aggregate": value.aggregate,
            "decimal": value.decimal,
            "values": dict(value.values),
        }
    )


def _value(value: Value) -> Any:
    match value:
        case Taken(columns=(Column() as only,)):
            options = _options(value)
            return {**_spelt(only), **options} if options else _column(only)
        case Taken():
            return {"first": [_part(part) for part in value.columns], **_options(value)}
        case Concatenated():
            return _part(value)
        case Constant():
            return {"constant": value.text}
        case Chosen():
            return {**_spelt(value.column), "blank": value.blank, "filled": value.filled}
        case Multiplied():
            less = {"less": _column(value.less)} if value.less else {}
            sign = {"decimal": value.decimal} if value.decimal else {}
            return {"multiply": [_column(column) for column in value.columns], **less, **sign}
        case OfChildren():
            return {value.function: f"{value.entity}.{value.field}"}


def _part(part: Column | Concatenated) -> Any:
    if isinstance(part, Column):
        return _column(part)
    separator = {} if part.separator == " " else {"separator": part.separator}
    return {"concat": [_column(column) for column in part.columns], **separator}


def _join(join: Join) -> dict[str, Any]:
    spec: dict[str, Any] = {"table": join.table, "on": _column(join.on), "key": join.key}
    spec.update(_filled({"as": join.name, "where": _rows(join.where)}))
    if join.through:
        link = join.through
        spec["through"] = {
            "table": link.table, "key": link.key, "to": link.to,
            **_filled({"where": _rows(link.where)}),
        }  # fmt: skip
    return spec


def _rows(where: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in where}


def _custom(made: Custom) -> dict[str, Any]:
    return _filled(
        {
            "name": made.name,
            "label": made.label,
            "kind": made.kind,
            "format": _one_or_all(made.format) if made.format else "",
            "decimal": made.decimal,
        }
    )
