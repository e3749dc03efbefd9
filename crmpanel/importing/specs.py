"""The parts of a mapping file: columns, values, links, each checked for misspelt keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from crmpanel.errors import InputError, UnknownName
from crmpanel.importing.mapping import (
    AGGREGATES,
    CUSTOM_KINDS,
    DECIMALS,
    SPECIAL,
    TRANSFORMS,
    Chosen,
    Column,
    Concatenated,
    Constant,
    Custom,
    Multiplied,
    OfChildren,
    Route,
    Taken,
    Value,
)
from crmpanel.model.declarations import check_name


def known_keys(table: Any, known: Iterable[str], where: str) -> dict[str, Any]:
    """`table`, if it is a table with no other keys than `known`.

    Raises
    ------
    UnknownName : another key; names the nearest.
    """
    if not isinstance(table, dict):
        raise InputError(f"{where} must be a table, not {table!r}.")
    names = tuple(known)
    for key in table:
        if key not in names:
            raise UnknownName(f"key in {where} called", key, names)
    return table


def texts(spec: Any, where: str) -> tuple[str, ...]:
    """A text or a list of texts, as a tuple."""
    items = [spec] if isinstance(spec, str) else spec
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise InputError(f"{where} must be a text or a list of texts, not {spec!r}.")
    return tuple(items)


_COLUMN = ("column", "table", "when", "unset", "prefix", "split", "part")


def column(spec: Any, where: str) -> Column:
    """``"Name"`` or ``{ column = "Name", table = "Joined", … }``."""
    if isinstance(spec, str):
        return Column(spec)
    known_keys(spec, _COLUMN, where)
    if not isinstance(spec.get("column"), str):
        raise InputError(f"{where} needs a column.")
    return Column(
        spec["column"],
        str(spec.get("table", "")),
        conditions(spec.get("when", {}), f"{where}, when"),
        texts(spec.get("unset", []), f"{where}, unset"),
        str(spec.get("prefix", "")),
        str(spec.get("split", "")),
        _part(spec.get("part", 1), where),
    )


def _part(spec: Any, where: str) -> int:
    if isinstance(spec, bool) or not isinstance(spec, int) or spec < 1:
        raise InputError(f"{where}: part must be a number from 1, not {spec!r}.")
    return spec


def conditions(spec: Any, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Columns and the texts that they may hold: ``{ Deleted = ["0", ""] }``."""
    if not isinstance(spec, dict):
        raise InputError(f"{where} must be a table of columns and texts, not {spec!r}.")
    return tuple((name, texts(found, f"{where}, {name}")) for name, found in spec.items())


def _columns(spec: Any, where: str) -> tuple[Column, ...]:
    if not isinstance(spec, list) or not spec:
        raise InputError(f"{where} must be a list of columns, not {spec!r}.")
    return tuple(column(item, where) for item in spec)


def link(spec: Any, where: str) -> tuple[Route, ...]:
    """One route or a list of routes to the record that a reference means."""
    return tuple(_route(item, where) for item in (spec if isinstance(spec, list) else [spec]))


def _route(spec: Any, where: str) -> Route:
    if isinstance(spec, str):
        return Route(Column(spec))
    known_keys(spec, (*_COLUMN, "via", "by"), where)
    plain = {key: text for key, text in spec.items() if key not in ("via", "by")}
    return Route(column(plain, where), str(spec.get("via", "")), str(spec.get("by", "")))


def value(spec: Any, where: str) -> Value:
    """What a field gets: a column's name, or a table with one of the keys of `SHAPES`."""
    if isinstance(spec, str):
        return Taken((Column(spec),))
    if not isinstance(spec, dict):
        raise InputError(f"{where} must be a column or a table, not {spec!r}.")
    shape = next((key for key in SHAPES if key in spec), None)
    if shape is None:
        raise UnknownName(f"key in {where} called", next(iter(spec), ""), SHAPES)
    keys, make = SHAPES[shape]
    return make(known_keys(spec, keys, where), where)


def _taken(spec: dict[str, Any], where: str) -> Value:
    found: tuple[Column | Concatenated, ...] = (
        _alternatives(spec["first"], where)
        if "first" in spec
        else (column({k: v for k, v in spec.items() if k in _OF_COLUMN}, where),)
    )
    scale = spec.get("scale")
    if scale is not None and (isinstance(scale, bool) or not isinstance(scale, int | float)):
        raise InputError(f"{where}: scale must be a number, not {scale!r}.")
    return Taken(
        found,
        formats(spec.get("format", []), where),
        scale,
        str(spec.get("prefix", "")),
        _one_of(spec, "transform", TRANSFORMS, where),
        _one_of(spec, "aggregate", AGGREGATES, where),
        _one_of(spec, "decimal", DECIMALS, where),
        _meanings(spec.get("values", {}), where),
    )


def _alternatives(spec: Any, where: str) -> tuple[Column | Concatenated, ...]:
    if not isinstance(spec, list) or not spec:
        raise InputError(f"{where} must be a list of columns, not {spec!r}.")
    return tuple(_alternative(item, where) for item in spec)


def _alternative(spec: Any, where: str) -> Column | Concatenated:
    if not (isinstance(spec, dict) and "concat" in spec):
        return column(spec, where)
    known_keys(spec, ("concat", "separator"), where)
    return Concatenated(_columns(spec["concat"], where), str(spec.get("separator", " ")))


def formats(spec: Any, where: str) -> tuple[str, ...]:
    """A form of dates or a list of them, each a strptime format or one of `SPECIAL`."""
    found = tuple(filter(None, texts(spec, f"{where}, format")))
    for form in found:
        if "%" not in form and form not in SPECIAL:
            raise UnknownName(f"format in {where} called", form, SPECIAL)
    return found


def _meanings(spec: Any, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(spec, dict):
        raise InputError(f"{where}: values must be a table, not {spec!r}.")
    return tuple((str(code), str(text)) for code, text in spec.items())


def custom(column: str, spec: Any, where: str) -> Custom:
    """The field that a column without one becomes: ``{ name = "vip", kind = "boolean" }``."""
    spec = {"name": spec} if isinstance(spec, str) else spec
    known_keys(spec, ("name", "label", "kind", "format", "decimal"), where)
    kind = str(spec.get("kind", "text"))
    if kind not in CUSTOM_KINDS:
        raise UnknownName(f"kind in {where} called", kind, CUSTOM_KINDS)
    name = str(spec.get("name", ""))
    check_name(f"a field ({where})", name)
    return Custom(
        name,
        str(spec.get("label", column)),
        kind,
        formats(spec.get("format", []), where),
        _one_of(spec, "decimal", DECIMALS, where),
    )


def _one_of(spec: dict[str, Any], key: str, known: tuple[str, ...], where: str) -> str:
    name = spec.get(key, "")
    if name and name not in known:
        raise UnknownName(f"{key} in {where} called", name, known)
    return str(name)


def _concatenated(spec: dict[str, Any], where: str) -> Value:
    return Concatenated(_columns(spec["concat"], where), str(spec.get("separator", " ")))


def _constant(spec: dict[str, Any], where: str) -> Value:
    given = spec["constant"]
    return Constant(str(given).lower() if isinstance(given, bool) else str(given))


def _chosen(spec: dict[str, Any], where: str) -> Value:
    for key in ("column", "blank", "filled"):
        if key not in spec:
            raise InputError(f"{where} says no {key}.", "", "It needs column, blank and filled.")
    plain = {k: v for k, v in spec.items() if k in ("column", "table")}
    return Chosen(column(plain, where), str(spec["blank"]), str(spec["filled"]))


def _multiplied(spec: dict[str, Any], where: str) -> Value:
    less = column(spec["less"], where) if "less" in spec else None
    decimal = str(spec.get("decimal", ""))
    return Multiplied(_columns(spec["multiply"], where), less, decimal)


def _of_children(spec: dict[str, Any], where: str) -> Value:
    function = next(iter(spec))
    entity, dot, name = str(spec[function]).partition(".")
    if not dot:
        raise InputError(f"{where}: {function} must be entity.field, not {spec[function]!r}.")
    return OfChildren(function, entity, name)


#: What belongs to the column itself; ``prefix`` is the value's own there, as it has always been.
_OF_COLUMN = ("column", "table", "when", "unset", "split", "part")
_OPTIONS = ("format", "scale", "prefix", "transform", "aggregate", "decimal", "values")

#: By the key that tells a value's shape: the keys that may stand beside it, and what makes it.
SHAPES: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any], str], Value]]] = {
    "blank": (("column", "table", "blank", "filled"), _chosen),
    "filled": (("column", "table", "blank", "filled"), _chosen),
    "column": ((*_OF_COLUMN, *_OPTIONS), _taken),
    "first": (("first", *_OPTIONS), _taken),
    "concat": (("concat", "separator"), _concatenated),
    "constant": (("constant",), _constant),
    "multiply": (("multiply", "less", "decimal"), _multiplied),
    "sum": (("sum",), _of_children),
    "latest": (("latest",), _of_children),
}
