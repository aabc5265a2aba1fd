# Every target sets up what it needs: only Python >= 3.11 with venv, git and make are asked of the machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PACKAGES := jobs reports scraping exporters runs tasks worker beat console

.PHONY: demo test check bench accuracy fleet-test chaos lock clean

demo: $(VENV)/.runtime
	$(BIN)/shelfbeat demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests benchmarks
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

accuracy: $(VENV)/.bench
	$(BIN)/python -m benchmarks.accuracy

# Whole fleets, real deadlines, a page that kills its worker: what takes minutes.
fleet-test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m fleet

# An hour and a half, as root (it mounts a small disk and cuts links between network namespaces): ten seeds of random
# faults, each beside plain Celery; a kill at every transition, 20 times each; outages, an hour among them; a failover,
# stops, a crowd of a million URLs, two months of reports. Ends with a summary.
chaos: $(VENV)/.dev
	$(BIN)/python -m tests.chaos.proof

$(BIN)/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Shelfbeat needs Python 3.11 or newer: make PYTHON=python3.12 …"'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(BIN)/python requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.runtime

$(VENV)/.bench: $(BIN)/python requirements-bench.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-bench.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.dev $(VENV)/.runtime

# The locks name no index and no host; only who changes a dependency needs uv.
COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
lock:
	$(COMPILE) --group pyproject.toml:build pyproject.toml -o requirements.lock
	$(COMPILE) -c requirements.lock --group pyproject.toml:dev pyproject.toml -o requirements-dev.lock
	$(COMPILE) -c requirements-dev.lock --group pyproject.toml:bench pyproject.toml -o requirements-bench.lock
	$(COMPILE) -c requirements-dev.lock --all-extras --group pyproject.toml:build pyproject.toml -o requirements-all.lock

clean:
	rm -rf $(VENV) build dist

# Builds the image with buildah on a debootstrap base and runs the services from it. Alone among the targets it
# needs root on Debian or Ubuntu and: apt-get install buildah debootstrap redis-server curl
.PHONY: image-test
image-test: $(VENV)/.runtime
	compose/image-test.sh
