"""Reading a mapping from TOML; a misspelt key is answered with its nearest legal neighbour."""

from __future__ import annotations

import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from crmpanel.errors import ImportFailed, InputError, UnknownName
from crmpanel.importing.mapping import EntitySource, Join, Mapping, Through
from crmpanel.importing.mappingcheck import check
from crmpanel.importing.specs import column, conditions, custom, known_keys, link, texts, value
from crmpanel.model.entity import Entity
from crmpanel.model.kinds import REFERENCE
from crmpanel.model.registry import Registry

TOP = (
    "title",
    "recognise",
    "source",
    "ignored",
    "unset",
    "unset_in",
    "currency",
    "on_bad_value",
    "stand_ins",
    "roles",
    "crmpanel",
)
SOURCE = (
    "entity", "table", "key", "fields", "join", "skip", "only", "required", "group", "custom",
)  # fmt: skip
JOIN = ("table", "on", "key", "as", "where", "through")
THROUGH = ("table", "key", "to", "where")
SEE = "docs/importing.md shows the format."


def _shipped() -> dict[str, Traversable]:
    files = resources.files("crmpanel.importing").joinpath("mappings").iterdir()
    return {f.name.removesuffix(".toml"): f for f in files if f.name.endswith(".toml")}


def mappings() -> list[str]:
    """Names of the mappings that ship with crmpanel.

    >>> mappings()[:5]
    ['dolibarr', 'dynamics', 'hubspot', 'northwind', 'odoo']
    """
    return sorted(_shipped())


def load_mapping(name: str | Path | Mapping, registry: Registry) -> Mapping:
    """A mapping by name or from a TOML file.

    Raises
    ------
    UnknownName : no mapping of that name ships with crmpanel.
    ImportFailed : the file is missing, is not TOML, or says what cannot be understood.
    """
    if isinstance(name, Mapping):
        return name
    shipped = _shipped()
    if isinstance(name, str) and name in shipped:
        return _read(name, shipped[name].read_text("utf-8"), registry)
    path = Path(name)
    if not (isinstance(name, Path) or path.suffix == ".toml" or len(path.parts) > 1):
        raise UnknownName("mapping", name, shipped)
    try:
        return _read(path.stem, path.read_text("utf-8"), registry)
    except FileNotFoundError:
        raise ImportFailed(
            f"There is no mapping file {path}.",
            "",
            f"Mappings that need no file: {', '.join(sorted(shipped))}.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFailed(
            f"The mapping file {path} cannot be read.",
            f"{error}.",
            "It must be a UTF-8 text file that you may read.",
        ) from None


def _read(name: str, text: str, registry: Registry) -> Mapping:
    what = f"The mapping {name} cannot be used."
    try:
        mapping = _mapping(name, tomllib.loads(text), registry)
        check(mapping, registry)
        return mapping
    except tomllib.TOMLDecodeError as error:
        raise ImportFailed(what, f"It is not valid TOML: {error}.", SEE) from error
    except InputError as error:
        raise ImportFailed(what, f"{error.what} {error.why}".strip(), error.remedy) from error


def _mapping(name: str, top: dict[str, Any], registry: Registry) -> Mapping:
    known_keys(top, TOP, "the mapping")
    for key in ("recognise", "source"):
        if not top.get(key):
            raise InputError(f"The mapping has no [{key}].", "", SEE)
    return Mapping(
        name=name,
        title=str(top.get("title", name)),
        sources=tuple(
            _source(number, source, registry) for number, source in enumerate(top["source"], 1)
        ),
        recognise={
            table: texts(names, f"[recognise] {table}") for table, names in top["recognise"].items()
        },
        ignored={table: str(why) for table, why in top.get("ignored", {}).items()},
        unset=texts(top.get("unset", [""]), "unset"),
        unset_in={
            table: {name: texts(t, f"[unset_in.{table}] {name}") for name, t in columns.items()}
            for table, columns in top.get("unset_in", {}).items()
        },
        currency=str(top.get("currency", "")),
        on_bad_value=str(top.get("on_bad_value", "empty")),
        stand_ins={entity: str(text) for entity, text in top.get("stand_ins", {}).items()},
        roles={
            entity: {status: str(role) for status, role in roles.items()}
            for entity, roles in top.get("roles", {}).items()
        },
    )


def _source(number: int, spec: Any, registry: Registry) -> EntitySource:
    where = f"source {number}"
    known_keys(spec, SOURCE, where)
    for key in ("entity", "table", "key", "fields"):
        if key not in spec:
            raise InputError(f"{where} says no {key}.", "", f"It needs {', '.join(SOURCE[:4])}.")
    entity = registry[spec["entity"]]
    where = f"{where} ({entity.name} from {spec['table']})"
    keys = spec["key"] if isinstance(spec["key"], list) else [spec["key"]]
    fields, references = _split(spec["fields"], entity, where)
    return EntitySource(
        entity=entity.name,
        table=spec["table"],
        key=tuple(column(key, f"{where}, key") for key in keys),
        fields={name: value(s, f"{where}, field {name}") for name, s in fields.items()},
        links={name: link(s, f"{where}, field {name}") for name, s in references.items()},
        joins=tuple(_join(join, f"{where}, join") for join in spec.get("join", [])),
        skip={name: texts(v, f"{where}, skip") for name, v in spec.get("skip", {}).items()},
        required=bool(spec.get("required", False)),
        group=bool(spec.get("group", False)),
        only={name: texts(v, f"{where}, only") for name, v in spec.get("only", {}).items()},
        custom={
            name: custom(name, s, f"{where}, custom {name}")
            for name, s in spec.get("custom", {}).items()
        },
    )


def _split(specs: Any, entity: Entity, where: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `specs` says of plain fields, and of references."""
    known_keys(
        specs,
        [name for name in entity.fields if name not in ("id", "source_key")],
        f"{where}, fields,",
    )
    links = {name for name in specs if entity.field(name).kind is REFERENCE}
    return (
        {n: s for n, s in specs.items() if n not in links},
        {n: s for n, s in specs.items() if n in links},
    )


def _join(spec: Any, where: str) -> Join:
    known_keys(spec, JOIN, where)
    if "table" not in spec or "on" not in spec:
        raise InputError(f"{where} needs table and on.")
    on = column(spec["on"], where)
    return Join(
        spec["table"],
        on,
        str(spec.get("key", on.name)),
        str(spec.get("as", "")),
        conditions(spec.get("where", {}), f"{where}, where"),
        _through(spec["through"], f"{where}, through") if "through" in spec else None,
    )


def _through(spec: Any, where: str) -> Through:
    known_keys(spec, THROUGH, where)
    for key in THROUGH[:3]:
        if not isinstance(spec.get(key), str):
            raise InputError(f"{where} needs a {key}.")
    found = conditions(spec.get("where", {}), f"{where}, where")
    return Through(spec["table"], spec["key"], spec["to"], found)
