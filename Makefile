# Thin: each target sets up .venv if it is missing or older than the lock, then calls one command.
PYTHON ?= python3
HOME_DIR ?= home
SIZE ?= S
EXAMPLES ?= 100
SEED ?= 1
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test dev bench interruption any-order lint format types lock clean

run: $(READY)
	@test -e $(HOME_DIR)/company.toml || test -n "$$(find $(HOME_DIR)/landing -type f -print -quit 2>/dev/null)" || $(BIN)/repledger demo --home $(HOME_DIR)
	@$(BIN)/repledger nightly --home $(HOME_DIR)

# Each file's tests stay in one process, so that the nights that they share are made once; files go in order, the long ones first.
test: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -rs

dev: $(READY)
	@$(BIN)/repledger ui --home $(HOME_DIR)

# SIZE: XS, S, M or L, of 100,000, 1, 10 or 100 million activities. The company is made once and kept for the next run; report.md and
# report.json lie beside it. M and L are compared with S, so run that first.
bench: $(READY)
	@$(BIN)/python -m tests.bench.run --size $(SIZE) --home build/bench/$(SIZE)

# Kills a night at each rename, link and removal, at the first commit of each kind, at 10 more of each database, and at 50 random moments, and
# looks at what readers and the next night find; some hours.
interruption: $(READY)
	@$(BIN)/python -m tests.bench.interruption

# Replays made-up companies in any order, cut into nights, renamed and told on; up to a minute each. Another SEED draws others.
any-order: $(READY)
	@$(BIN)/python -m tests.bench.any_order --examples $(EXAMPLES) --seed $(SEED)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfmt --check --no-progressbar dbt_project

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfmt --no-progressbar dbt_project

types: $(READY)
	$(BIN)/mypy

# Needs uv. The lock serves Python 3.11 to 3.13 and names no index.
lock:
	uv pip compile --universal -p 3.11 --generate-hashes --no-config --no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-strip-extras -o requirements.lock requirements.in

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache dbt_project/target dbt_project/logs

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "repledger: $(PYTHON) is missing, or no Python that requirements.lock serves → install Python 3.11 to 3.13, or say make PYTHON=python3.12" >&2; exit 2; }
	@test -x $(BIN)/pip || { rm -rf .venv; $(PYTHON) -m venv .venv; } || { echo "repledger: $(PYTHON) can't make a virtual environment → install its venv package (Debian, Ubuntu: python3-venv)" >&2; exit 2; }
	@echo "setting up .venv (about a minute, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
