# Everything happens in .venv, from pinned and hashed packages, with plain pip.
# Each set-up leaves a stamp there, so running it again costs nothing.

PYTHON ?= python3
DB     ?= crm.duckdb
BIN    := .venv/bin

# The files are complete and pinned, so pip has nothing to resolve; wheels only, so nothing is
# built here with unchecked tools. -qq hides the warnings of a machine's own pip configuration.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps
PINNED  := $(INSTALL) --require-hashes --only-binary :all: -r

COMPILE := $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test soak check bench screenshots constraints browser clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: .venv/.run $(DB)  ## build the demo database if there is none, and serve it
	$(BIN)/crmpanel serve $(DB)

test: .venv/.dev browser  ## all tests but the long ones, in a real browser too
	$(BIN)/pytest -n 2 --nbmake tests $(wildcard notebooks)

soak: .venv/.dev browser  ## the tests that take minutes
	$(BIN)/pytest -m soak --timeout 1800 tests

check: .venv/.dev  ## lint, format, types, import contracts, documentation
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(wildcard tests/docs),$(BIN)/pytest -q tests/docs)

bench: .venv/.bench browser  ## the latency budget, beside Streamlit and Dash
	$(BIN)/python -m benchmarks

screenshots: .venv/.dev browser  ## redraw the pictures of the documentation
	$(BIN)/python docs/make_screenshots.py

# The largest set first: the smaller ones take its versions, so all three agree.
constraints: .venv/.dev  ## recompile the pinned versions (UPGRADE=--upgrade for newer ones)
	$(COMPILE) --all-extras -o constraints-bench.txt
	$(COMPILE) --extra test --extra dev -c constraints-bench.txt -o constraints-dev.txt
	$(COMPILE) -c constraints-dev.txt -o constraints.txt

clean:  ## remove what can be made again; databases stay
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------- set-up

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("crmpanel needs Python 3.11 or later: make PYTHON=python3.12 ..." \
	  if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv || { echo "On Debian: apt-get install python3-venv" >&2; exit 1; }

.venv/.run: constraints.txt pyproject.toml | $(BIN)/python
	@echo "Installing crmpanel into .venv (half a minute the first time)"
	$(PINNED) constraints.txt
	$(INSTALL) --no-build-isolation -e .
	@touch $@

.venv/.dev: constraints-dev.txt .venv/.run
	@echo "Installing what the tests need"
	$(PINNED) constraints-dev.txt
	@touch $@

# Apart from the tests: pandas behaves differently once pyarrow, which Streamlit brings, is there.
.venv/.bench: constraints-bench.txt .venv/.dev
	@echo "Installing what the benchmarks compare with"
	$(PINNED) constraints-bench.txt
	@touch $@

# A database that is gone leaves no use for its write-ahead log, and a foreign one would do harm.
$(DB): | .venv/.run
	rm -f $@.wal
	$(BIN)/crmpanel demo --db $@

# Playwright drives Debian's Chromium: no browser is downloaded. Its fonts are named because
# without any a page has no text.
browser:
	@command -v chromium >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null || { \
	    echo "The tests need chromium on the PATH (Debian: apt-get install chromium)" >&2; exit 1; }; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -qq --no-install-recommends chromium fonts-dejavu-core fonts-liberation; }
