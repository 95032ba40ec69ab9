# Everything a person does here, from a machine that has only Python >= 3.11 and make. `make help` lists it.
# Works with GNU make 3.81, which macOS ships. What was made is remembered by files, so a second run does nothing.

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# What was compiled is kept. Otherwise each process of a test run compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The lock names everything, so nothing is resolved: a pip before 23.3 (Debian 12, Ubuntu 22.04) would look past it for
# the newest version of what a package wants with an extra (`pydantic[email]==2.*`), and fail on the day there is one.
PIP_INSTALL_LOCKED := $(PIP_INSTALL) --no-deps --require-hashes
# Tests with these markers run one after the other: they start servers and browsers, and measure nothing but need quiet.
REAL_PARTS := postgres or redis or server or browser or extractor or slow
MEMORY_ONLY := -m "not ($(REAL_PARTS))" --ignore=tests/e2e --ignore=tests/architecture
NONE_SELECTED := 5

# Remembered steps
VENV := .venv/.made
RUNTIME := .venv/.runtime
DEV := .venv/.dev
NODE_MODULES := web/node_modules/.package-lock.json
PAGE := src/entrypoints/http/page/index.html

# Folders are inputs too: their time changes when a file in them goes away.
PAGE_SOURCES := $(wildcard web/index.html web/*.json web/*.js web/*.ts web/*.mjs) \
	$(shell find web/src web/public \( -type f -o -type d \) -print 2>/dev/null)

##@ Run

.PHONY: serve
serve: $(RUNTIME) $(PAGE) ## Start the server and its page (ARGS="--storage memory" and so on are passed on)
	@$(BIN)/synctv serve $(ARGS)

##@ Test

.PHONY: test
test: $(DEV) $(PAGE) ## All tests: the page's, then Python's (ARGS="-k chat" and so on are passed to pytest)
	@tools/npm test
	@$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not ($(REAL_PARTS))" $(ARGS) || test $$? -eq $(NONE_SELECTED)
	@$(BIN)/python -m pytest -m "$(REAL_PARTS)" $(ARGS) || test $$? -eq $(NONE_SELECTED)

.PHONY: test-memory
test-memory: $(DEV) ## What a developer runs all day: domain, use cases, contracts and edges on memory, no server, on all cores
	@$(BIN)/python -m pytest -q -n auto --dist worksteal $(MEMORY_ONLY) $(ARGS)

.PHONY: check
check: $(DEV) $(NODE_MODULES) ## Format, lint, types, rings, architecture, generated code: what CI checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m "not slow" tests/architecture
	tools/npm run check

.PHONY: coverage
coverage: $(DEV) ## Which lines and branches `test-memory` reaches
	@$(BIN)/python -m coverage run -m pytest -q $(MEMORY_ONLY) $(ARGS)
	@$(BIN)/python -m coverage report

##@ Measure

.PHONY: bench-drift bench-fanout bench-sign-in bench-slices bench-soak bench-start
bench-drift: $(DEV) $(PAGE) ## How far two pages are apart on one film
	@$(BIN)/python -m bench.drift $(ARGS)

bench-fanout: $(DEV) ## One playback command to a thousand connections
	@$(BIN)/python -m bench.fanout $(ARGS)

bench-sign-in: $(DEV) ## Fifty people sign in at once: lag of the loop, rate, CPU; and what a token costs
	@$(BIN)/python -m bench.sign_in $(ARGS)

bench-slices: $(DEV) ## The media proxy beside nginx with its slices: throughput, CPU, first bytes, memory (needs nginx, wrk)
	@$(BIN)/python -m bench.slices $(ARGS)

bench-soak: $(DEV) ## Churn on slices in a folder: does anything leak (ARGS="--minutes 1440")
	@$(BIN)/python -m bench.soak $(ARGS)

bench-start: $(DEV) $(PAGE) ## Start to ready, and memory when idle
	@$(BIN)/python -m bench.start $(ARGS)

##@ Change

.PHONY: format
format: $(DEV) $(NODE_MODULES) ## Format everything, and mend what the linter can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@tools/npm run format

.PHONY: generate
generate: $(DEV) $(NODE_MODULES) ## Write what is made from a source: protobuf code, the page of settings
	@tools/protobuf
	@tools/npm run --silent generate
	@$(BIN)/python -c 'from synctv.entrypoints.bootstrap.reference import page; print(page(), end="")' \
		>docs/configuration.md.new && mv docs/configuration.md.new docs/configuration.md

.PHONY: lock
lock: $(DEV) ## Write requirements/*.txt from pyproject.toml (ARGS=--upgrade takes newer versions)
	@tools/lock $(ARGS)

.PHONY: wheel
wheel: $(RUNTIME) $(PAGE) ## Build the wheel and the source distribution into dist/
	@$(BIN)/python -m hatchling build

.PHONY: clean clean-all
clean: ## Remove what was built: page, wheels, caches
	@rm -rf dist build htmlcov .coverage .coverage.* src/entrypoints/http/page \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean ## And what was installed: .venv, web/node_modules
	@rm -rf .venv web/node_modules

##@ Steps that the others need

.PHONY: venv
venv: $(DEV) ## The virtual environment with everything a developer needs

.PHONY: page
page: $(PAGE) ## The page, built where the server looks for it

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

.PHONY: FORCE
FORCE:

# A Python that was removed leaves a dangling link behind: then the environment is made again.
$(VENV): $(if $(wildcard $(BIN)/python),,FORCE)
	@PYTHON="$(PYTHON)" tools/venv
	@touch $@

$(RUNTIME): $(VENV) requirements/runtime.txt requirements/build.txt requirements/javascript.txt pyproject.toml
	@echo 'Installing what the server needs'
	@$(PIP_INSTALL_LOCKED) -r requirements/build.txt -r requirements/runtime.txt
	@$(PIP_INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@$(PIP_INSTALL_LOCKED) --only-binary :all: -r requirements/javascript.txt 2>/dev/null \
		|| echo 'There is no Deno for this machine, so that YouTube shows few of its formats.'
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	@echo 'Installing what a developer needs'
	@$(PIP_INSTALL_LOCKED) -r requirements/dev.txt
	@touch $@

$(NODE_MODULES): $(VENV) web/package.json web/package-lock.json
	@echo 'Installing what building the page needs'
	@tools/npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(PAGE): $(NODE_MODULES) $(PAGE_SOURCES)
	@echo 'Building the page'
	@tools/npm run --silent build -- --logLevel warn
	@touch $@
