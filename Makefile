# `make` alone prints what there is. Everything is installed into .venv: nothing else on the machine is touched.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo test check up compose-up compose-down bench requirements clean
MAKEFLAGS += --no-print-directory

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.run  ## sample boards, three invented engineers, real mails under var/demo/mails: no network, no Docker
	@$(BIN)/joblark demo $(ARGS)

test: .venv/.dev  ## every test that this machine allows; ARGS="-k name" picks some
	@$(BIN)/pytest $(ARGS)

check: .venv/.dev  ## format, lint, types, import contracts, house rules
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q tests/test_house_rules.py

up: .venv/.run  ## the whole stack in one process, on SQLite and an embedded Valkey, at http://127.0.0.1:8000
	@$(BIN)/joblark up $(ARGS)

compose-up:  ## the stack as separate services, under docker compose
	@test -f .env || cp .env.example .env
	docker compose up --build --wait

compose-down:  ## stop it again; its data stays
	docker compose down

bench: .venv/.dev  ## the measurements of docs/benchmarks.md
	@$(BIN)/python tests/benchmarks/run.py $(ARGS)

# ---- what the targets above stand on: stamps, so that a second run installs nothing

.venv/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Joblark needs Python 3.11 or newer. Name one: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv .venv || \
	  { echo "Could not make .venv: on Debian and Ubuntu, apt install python3-venv" >&2; rm -rf .venv; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.run: .venv/.uv requirements/run.txt pyproject.toml
	@echo "Installing $$(grep -c '^[a-z].*==' requirements/run.txt) packages …"
	@$(UV) --require-hashes -r requirements/run.txt
	@$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements/all.txt
	@echo "Installing the tools for tests and checks …"
	@$(UV) --require-hashes -r requirements/all.txt
	@touch $@

# uv builds our wheel itself (it contains uv_build), so this one pin is the whole build environment.
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make requirements'

requirements: .venv/.uv  ## bring every pin in requirements/ up to date
	@echo 'uv>=0.13,<0.14' | $(COMPILE) - -o requirements/uv.txt
	@$(COMPILE) --all-extras --group dev pyproject.toml -o requirements/all.txt
	@$(COMPILE) --extra embedded --extra postgres -c requirements/all.txt pyproject.toml -o requirements/run.txt

clean:  ## remove .venv, caches and the demo's output; your data in var/ stays
	rm -rf .venv dist var/demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
