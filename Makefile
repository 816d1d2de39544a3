# The commands a person remembers; what they do lies in fixtures/machine/ and in drtool itself.
SERIES ?= 10.11
TRIALS ?= 5
POINTS ?= 20
# One more than there are cores: servers that start are waited for, and with many at a time all of it takes longer.
WORKERS ?= $(shell echo $$(($$(nproc 2> /dev/null || getconf _NPROCESSORS_ONLN) + 1)))
TESTED_SERIES := 10.5 10.11 11.8
BIN := .venv/bin
UNIT := pytest --ignore tests/e2e --ignore tests/attacks --ignore tests/field -m "not long" -n logical --no-loadscope-reorder
BACKUPS := .cache/backups
EXAMPLES := .cache/examples
# What the lock names goes into .venv, whatever somebody's shell says of packages but where they come from, how they are
# fetched and how much is told. So it is with Python: PYTHON= is ours, and what is compiled once serves all of the tests.
FETCHING := INDEX_URL EXTRA_INDEX_URL FIND_LINKS NO_INDEX TRUSTED_HOST CERT CLIENT_CERT PROXY TIMEOUT DEFAULT_TIMEOUT \
    RETRIES RESUME_RETRIES CACHE_DIR NO_CACHE_DIR CONFIG_FILE KEYRING_PROVIDER NO_INPUT USE_FEATURE USE_DEPRECATED \
    QUIET VERBOSE LOG NO_COLOR PROGRESS_BAR ROOT_USER_ACTION
unexport $(filter-out $(addprefix PIP_,$(FETCHING)),$(filter PIP_%,$(.VARIABLES)))
unexport $(filter-out PYTHON PYTHONUTF8 PYTHONIOENCODING PYTHON_KEYRING_BACKEND,$(filter PYTHON%,$(.VARIABLES)))
export PIP_USER := 0
# Nor do functions and settings of a shell change what scripts do.
unexport PYTEST_DISABLE_PLUGIN_AUTOLOAD PYTEST_PLUGINS CDPATH ENV BASH_ENV BASH_COMPAT SHELLOPTS BASHOPTS POSIXLY_CORRECT GREP_OPTIONS TAR_OPTIONS
unexport $(filter BASH_FUNC_%,$(.VARIABLES))
# In the C locale, which one that is not installed comes to, Python 3.11 starts from no folder whose name is not ASCII.
ifneq ($(LC_ALL),)
ifneq ($(shell locale charmap 2> /dev/null),UTF-8)
export LC_ALL := C.UTF-8
endif
endif

# With -j too: what comes first makes what the next one needs.
.NOTPARALLEL:
.PHONY: help setup lock newest oldest tools engine image drill examples test tests long attacks field unit lint format schema findings bench truth clean

help: ## Say what there is
	@LC_ALL=C grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r name what; do \
	    printf '  make %-9s %s\n' "$$name" "$$what"; done

setup: ## Make .venv with drtool and what the lock names in it
	@bash fixtures/machine/python.sh

lock: ## Write the lock anew: the newest that pyproject.toml allows, with hashes
	@bash fixtures/machine/lock.sh

tools:
	@bash fixtures/machine/tools.sh

engine: setup
	@bash fixtures/machine/engine.sh

image: engine ## See to it that a MariaDB image is there: make image SERIES=10.11
	@bash fixtures/machine/image.sh $(SERIES)

drill: image ## Drill the sample shop: fresh backups, restored, measured, reported
	@$(BIN)/python -m fixtures.shop make-backups --series $(SERIES) --into $(BACKUPS)
	@DRTOOL_SHOP_BACKUPS=$(BACKUPS) $(BIN)/drtool run scenarios/quickstart.py

examples: image ## Drill the scenarios in scenarios/examples, on backups made for them
	@bash fixtures/machine/image.sh 11.8
	@rm -rf $(EXAMPLES)
	@$(BIN)/python -m fixtures.shop make-examples --series $(SERIES) --into $(EXAMPLES) > /dev/null
	@DRTOOL_EXAMPLE_BACKUPS=$(EXAMPLES) $(BIN)/drtool run scenarios/examples/*.py

test: tools engine ## The tests, on the real engine: make test ARGS='-k ledger', one at a time with ARGS='-n 0'
	@bash fixtures/machine/image.sh $(TESTED_SERIES)
	@bash fixtures/machine/auditor_image.sh
	@$(BIN)/pytest -m "not long" -n $(WORKERS) --no-loadscope-reorder --durations 10 $(ARGS)

tests: test # there is a folder of that name

long: tools engine ## The few tests that take longest: databases of others, set-up from the index, hundreds of drills
	@bash fixtures/machine/image.sh $(SERIES)
	@$(BIN)/pytest -m long -n $(WORKERS) --durations 10 $(ARGS)

attacks: tools engine ## Hundreds of attacks, none of which may pass, and their healthy twins, which all must
	@bash fixtures/machine/image.sh $(TESTED_SERIES)
	@$(BIN)/pytest tests/attacks -m "long or not long" -n $(WORKERS) --durations 10 $(ARGS)

field: tools engine ## Backups as people really have them, and their twins, with a table of what came of each
	@bash fixtures/machine/image.sh $(TESTED_SERIES)
	@$(BIN)/python -m tests.field.page > docs/field.new
	@mv docs/field.new docs/field.md
	@$(BIN)/pytest tests/field -m "long or not long" -n $(WORKERS) $(ARGS)

unit: tools setup ## The tests that need no Docker
	@$(BIN)/$(UNIT) $(ARGS)

newest: tools ## The same tests on the newest of everything that pyproject.toml allows, apart from .venv
	@bash fixtures/machine/newest.sh
	@.cache/newest/bin/$(UNIT) $(ARGS)

oldest: tools ## The same on the oldest of everything that pyproject.toml names
	@bash fixtures/machine/oldest.sh
	@.cache/oldest/bin/$(UNIT) $(ARGS)

lint: setup ## ruff, mypy, and the floors of docs/architecture.md
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

format: setup ## Put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

schema: setup ## Write the record's schema anew from the code, after a change of it
	@$(BIN)/python -m drtool.record.schema > docs/report.schema.new
	@mv docs/report.schema.new docs/report.schema.json

findings: setup ## Write docs/findings.md anew from the register of codes, after a change of it
	@$(BIN)/python -m drtool.errors.page > docs/findings.new
	@mv docs/findings.new docs/findings.md

bench: image ## Compare a drill's restore with the plain pipeline, side by side
	@$(BIN)/python -m fixtures.bench

truth: image ## Hold RPA, losses and points in time against production's own log: make truth TRIALS=20 POINTS=20
	@$(BIN)/python -m fixtures.truth --trials $(TRIALS) --points $(POINTS) --series $(SERIES)

clean: ## Remove what make made here: .venv, caches, sample backups (reports, images and kept sandboxes stay)
	@for folder in .venv .cache; do rm -rf $$folder || [ -z "$$(ls -A $$folder)" ]; done # a mount point stays, empty
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find drtool fixtures scenarios tests -name __pycache__ -type d -prune -exec rm -rf {} +
