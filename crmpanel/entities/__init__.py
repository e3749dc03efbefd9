"""What exists in a CRM: one file per entity, data only. Adding an entity is adding a file."""

from __future__ import annotations

import importlib
import pkgutil

from crmpanel.model.entity import Entity
from crmpanel.model.registry import Registry


def _declared() -> list[Entity]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").ENTITY for name in names]


#: The entities that ship with crmpanel.
REGISTRY = Registry(_declared())
