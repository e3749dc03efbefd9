"""The import rules of the house, read from the source and seen at run time."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAVY = {"bokeh", "duckdb", "ipywidgets", "pandas", "panel", "panel_material_ui", "pyarrow"}

# What each import may load of HEAVY; the modules not named here may load anything.
MAY_LOAD = {
    "crmpanel": set(),
    "crmpanel.errors": set(),
    "crmpanel.layouts": set(),
    "crmpanel.locale": set(),
    "crmpanel.model": set(),
    "crmpanel.entities": set(),
    "crmpanel.query": set(),
    "crmpanel.cli": set(),
    "crmpanel.store": HEAVY - {"bokeh", "ipywidgets", "panel", "panel_material_ui"},
    "crmpanel.importing": HEAVY - {"bokeh", "ipywidgets", "panel", "panel_material_ui"},
    "crmpanel.controllers": HEAVY - {"bokeh", "ipywidgets", "panel", "panel_material_ui"},
    "crmpanel.delivery.asking": HEAVY - {"bokeh", "ipywidgets", "panel", "panel_material_ui"},
}


def loaded_by(module):
    """The top-level packages in a fresh interpreter after importing ``module``."""
    program = f"import json, sys, {module}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("module", MAY_LOAD)
def test_importing_loads_only_what_it_may(module):
    surplus = (loaded_by(module) & HEAVY) - MAY_LOAD[module]
    assert not surplus, f"import {module} also loads {', '.join(sorted(surplus))}"


def test_contracts_are_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_stands_under_the_contracts():
    """A contract that forgets a module says nothing about it: each one names all it could."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in settings["contracts"]}
    ours = {
        f"crmpanel.{path.stem}"
        for path in (ROOT / "crmpanel").iterdir()
        if path.suffix == ".py" or any(path.glob("*.py"))
    } - {"crmpanel.__init__", "crmpanel.__main__", "crmpanel.sql"}
    exempt = {
        "widgets": {"crmpanel.server", "crmpanel.views", "crmpanel.workspace"},
        "database": {"crmpanel.store"},
    }
    for name, allowed in exempt.items():
        assert set(contracts[name]["source_modules"]) == ours - allowed, name
