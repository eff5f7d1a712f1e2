# Everything here works on a machine that has only Python 3.11 or later, make and git.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-virtualenv
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

.PHONY: help demo test lint bench test-comfyui chaos dev lock clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: .venv/.run ## the whole product with no token and no GPU
	@$(BIN)/easel demo $(ARGS)

test: .venv/.dev ## every test that needs no real ComfyUI
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/.dev ## ruff, mypy strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev ## measure; prints a table and writes out/bench.json
	$(BIN)/python -m benchmarks $(ARGS)

test-comfyui: .venv/.dev ## the suite on a real ComfyUI (installs one into .cache/comfyui)
	bash tests/real/run.sh $(ARGS)

chaos: .venv/.dev ## kill the bot hundreds of times; counts what was lost and what was doubled
	$(BIN)/python -m tests.chaos $(ARGS)

dev: .venv/.dev ## a working checkout

lock: .venv/.dev ## resolve the lock files anew; what is shipped is what was tested
	$(COMPILE) --group dev --extra heic --output-file requirements-dev.lock
	$(COMPILE) --group build --constraint requirements-dev.lock --output-file requirements.lock

clean: ## remove what make made
	rm -rf .venv .cache out build dist *.egg-info

.venv/pyvenv.cfg:
	$(PYTHON) -c 'import sys; sys.exit("Easel needs Python 3.11 or later. Say which: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

.venv/.run: .venv/pyvenv.cfg requirements.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
