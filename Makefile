# Reading Room: everything a person or a machine does with a checkout.
#
# The first `make run` or `make test` makes .venv and installs what constraints.txt pins; later ones
# only look at a stamp file. PYTHON=... chooses another interpreter, ARGS=... is handed on.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check format bench installer installer-check screenshots venv clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto
ARGS ?=

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 24

run: $(STAMP)  ## open the window (ARGS="open FILE" opens a file in it)
	@$(BIN)/python -m app $(ARGS)

test: $(STAMP)  ## run the tests (ARGS="tests/imaging -k lut" runs some of them)
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 $(ARGS)

check: $(STAMP)  ## formatting, lint, types, and which package may import which
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## put the code into the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## seconds to three drafts, to the first paint, and peak memory
	@$(BIN)/python -m app bench $(ARGS)

installer: $(STAMP)  ## a folder that runs without Python, with weights and decoders inside; then try it
	$(BIN)/python build_installer.py $(ARGS)
	$(BIN)/python build_installer.py --check

installer-check: $(STAMP)  ## try the folder that `make installer` built
	$(BIN)/python build_installer.py --check

screenshots: $(STAMP)  ## the pictures of README and user guide, from the synthetic study
	@mkdir -p docs/pictures
	@home=$$(mktemp -d); trap 'rm -rf "$$home"' EXIT; \
	$(BIN)/python -m app --data-dir "$$home" \
	    open resources/synthetic --size 1600x1000 --screenshot docs/pictures/window.png
	@PYTHONPATH=. $(BIN)/python docs/pictures/draw.py docs/pictures
	@echo "Saved the pictures in docs/pictures"

venv: $(STAMP)  ## only make .venv and install

clean:  ## remove what was built and installed here
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# A Python that this project runs on: $(PYTHON) when given, else the first that answers.
$(STAMP): pyproject.toml constraints.txt
	@supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	python=; \
	for candidate in $(or $(PYTHON),$(BIN)/python python3.11 python3.12 python3.13 python3 python); do \
	    if "$$candidate" -c "$$supported" >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Reading Room needs Python 3.11, 3.12 or 3.13, and $(or $(PYTHON),this machine's PATH) has none." >&2; \
	    echo "Install one (Debian: apt-get install python3 python3-venv) or name one: make run PYTHON=/path/to/python3.12" >&2; \
	    exit 2; \
	fi; \
	if [ ! -x $(BIN)/python ]; then \
	    echo "First use: making $(VENV) with $$("$$python" --version)."; \
	    "$$python" -m venv $(VENV) || { echo "$$python can't make a virtual environment (Debian: apt-get install python3-venv)." >&2; exit 2; }; \
	fi; \
	echo "Installing the packages that constraints.txt pins; torch is large, so this takes minutes."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'; \
	touch $@; \
	echo "Installed. The next start skips this."
