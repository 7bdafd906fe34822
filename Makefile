# `make demo` and `make test` are all a new user needs; each sets itself up on a machine with Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header pyproject.toml
SERVE ?= 1
ESCO ?=
PORT ?= 7687
DATA ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint format bench neo4j image generated lock clean

demo: $(VENV)/runtime.stamp
	$(BIN)/python -m demo.run $(if $(ESCO),--esco $(ESCO)) $(if $(filter 0,$(SERVE)),--no-serve)

test: $(VENV)/dev.stamp
	$(BIN)/python -m tests.machine
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m ontology.generate --check
	$(BIN)/python -m loaders.page --check
	$(BIN)/python -m graph.exports.page --check

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp
	$(BIN)/skillgraph bench

# a real Neo4j until Ctrl-C, without Docker; DATA=DIR keeps what is in it
neo4j: $(VENV)/runtime.stamp
	$(BIN)/python -m local.neo4j --port $(PORT) $(if $(DATA),--home $(DATA))

# what the Dockerfile does and makes, without Docker; needs Linux and root
image: $(VENV)/runtime.stamp
	$(BIN)/python -m local.image

generated: $(VENV)/dev.stamp
	$(BIN)/python -m ontology.generate
	$(BIN)/python -m loaders.page
	$(BIN)/python -m graph.exports.page
	$(BIN)/python -m demo.generate
	$(BIN)/python -m api.examples

lock: $(VENV)/dev.stamp
	$(LOCK) --extra build --output-file requirements.lock
	$(LOCK) --extra build --extra dev --constraints requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info demo/store benchmarks/data .mypy_cache .ruff_cache .hypothesis .neo4j

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is %d.%d: make PYTHON=python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

# --no-deps: the locks name everything, and pip looks for extras of what is pinned (pydantic[email]) by itself
$(VENV)/runtime.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@ $(VENV)/runtime.stamp
