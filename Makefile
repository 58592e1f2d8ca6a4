# `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
DATA ?= data
SECONDS ?= 600
ROUNDS ?= 200
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install ingest test lint bench mutate checks-page fuzz crash readers lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment is made anew when the lock file or the project's metadata changed.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"lvzhi needs Python 3.11 or newer, {sys.executable} is {v.major}.{v.minor}; name another one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/.installed ## Create the environment in .venv from the lock file

ingest: install ## Ingest the sample reports, print a summary, say where the tables are
	$(BIN)/lvzhi ingest seeds/reports --source samples --data $(DATA)

test: install ## Run the test suite
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: install ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install ## Measure speed, as ratios in one run
	$(BIN)/python -m tests.bench.stages
	$(BIN)/python -m tests.bench.ingest
	$(BIN)/python -m tests.bench.script
	$(BIN)/python -m tests.bench.blocks
	$(BIN)/python -m tests.bench.growth
	$(BIN)/python -m tests.bench.store

mutate: install ## Corrupt correct reports, and print what the checks notice
	$(BIN)/python -m tests.bench.mutate --out tests/bench/MUTATIONS.md

checks-page: install ## Make the page that explains the rules
	$(BIN)/python -m schemas.checks.page > schemas/CHECKS.md

fuzz: install ## Fuzz the cleaner, guided by coverage, for SECONDS (Linux, Python up to 3.11)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/fuzz/requirements.lock
	mkdir -p build/fuzz
	$(BIN)/python -m tests.fuzz.clean -max_total_time=$(SECONDS) -artifact_prefix=build/fuzz/ build/fuzz seeds/reports

crash: install ## Kill runs at random moments ROUNDS times, fill disks, tear files; then all must stand
	$(BIN)/python -m tests.crash --rounds $(ROUNDS)

readers: install ## Read a release with the oldest and newest pandas, Polars, DuckDB and pyarrow: the same rows
	$(BIN)/python -m tests.readers.matrix

lock: ## Pin all dependencies anew (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements.lock

clean: ## Remove the environment and what was built; never the data folder
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
