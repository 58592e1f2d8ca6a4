# `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
DATA ?= data
SECONDS ?= 600
ROUNDS ?= 200
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install ingest site screenshots test test-slow lint bench bench-peers bench-fetch mutate checks-page fuzz crash readers deploy-check lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

site: install ## Write the site of the data folder, with the figures of `make mutate`, to build/site
	$(BIN)/lvzhi site build/site --data $(DATA) --mutations tests/bench/MUTATIONS.md

screenshots: install ## Take the pictures of the README anew (needs Chromium and a Chinese font)
	$(BIN)/python -m tests.browser deploy/pictures

test: install ## Run the test suite, without what takes long
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow"

test-slow: install ## Run the tests that take long: servers, object store, many processes
	$(BIN)/python -m pytest -n auto --dist loadgroup -m slow

lint: install ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install bench-peers ## Measure speed, as ratios in one run
	$(BIN)/python -m tests.bench.stages
	$(BIN)/python -m tests.bench.ways
	$(BIN)/python -m tests.bench.ingest
	$(BIN)/python -m tests.bench.script
	$(BIN)/python -m tests.bench.extract
	$(BIN)/python -m tests.bench.blocks
	$(BIN)/python -m tests.bench.growth
	$(BIN)/python -m tests.bench.store
	$(BIN)/python -m tests.bench.site

bench-peers: install ## Measure the stages beside what others do the same with
	test -d build/peers || $(PYTHON) -m venv build/peers
	build/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/bench/peers/requirements.lock
	$(BIN)/python -m tests.bench.peers --python build/peers/bin/python

mutate: install ## Corrupt correct reports, and print what the checks notice
	$(BIN)/python -m tests.bench.mutate --out tests/bench/MUTATIONS.md

checks-page: install ## Make the page that explains the rules
	$(BIN)/python -m schemas.checks.page > schemas/CHECKS.md

bench-fetch: install ## Measure fetching beside a plain httpx loop and Scrapy
	test -d build/scrapy || $(PYTHON) -m venv build/scrapy
	build/scrapy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/bench/scrapy/requirements.lock
	$(BIN)/python -m tests.bench.fetch --scrapy build/scrapy/bin/python

fuzz: install ## Fuzz the cleaner, guided by coverage, for SECONDS (Linux, Python up to 3.11)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/fuzz/requirements.lock
	mkdir -p build/fuzz
	$(BIN)/python -m tests.fuzz.clean -max_total_time=$(SECONDS) -artifact_prefix=build/fuzz/ build/fuzz seeds/reports

deploy-check: ## Check Dockerfile, compose file, unit files and Kubernetes manifests
	test -d build/deploy || $(PYTHON) -m venv build/deploy
	build/deploy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r deploy/requirements.lock
	build/deploy/bin/python deploy/check.py

crash: install ## Kill runs at random moments ROUNDS times, fill disks, tear files; then all must stand
	$(BIN)/python -m tests.crash --rounds $(ROUNDS)

readers: install ## Read a release with the oldest and newest pandas, Polars, DuckDB and pyarrow: the same rows
	$(BIN)/python -m tests.readers.matrix

lock: ## Pin all dependencies anew (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements.lock

clean: ## Remove the environment and what was built; never the data folder
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
