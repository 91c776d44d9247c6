# make transfer   examples/reviews.txt beside its rewriting by the model that ships
# make test       the tests        make lint   ruff and mypy        make bench   speed and memory, as ratios
# Each first makes .venv and installs into it what constraints.txt pins, unless that was done already.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

# Nothing below `install` may need the network: what would ask a hub fails at once instead.
export HF_HUB_OFFLINE := 1
export TRANSFORMERS_OFFLINE := 1
export HF_DATASETS_OFFLINE := 1

.PHONY: transfer install test lint bench
transfer: install
	@$(BIN)/textdis transfer --input examples/reviews.txt --side-by-side

test: install
	@$(BIN)/python -m pytest -q

lint: install
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

bench: install
	@$(BIN)/python benchmarks/speed.py

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (the first time takes some minutes) ..."
	@$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt -e ".[dev,video]"
	@touch $@
