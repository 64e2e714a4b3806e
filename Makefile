# make ui: the web page.  make test: the whole suite.  Each sets up what it needs first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: setup ui index test browser check bench soak docs audit clean

setup: $(READY)

# A torch that is already in the environment is kept: to use one's own build, make the
# environment and install it there before `make setup`.
$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	$(PIP) install --quiet --constraint constraints.txt --editable . --group dev
	touch $(READY)

index: $(READY)
	$(BIN)/baycase list >/dev/null 2>&1 || $(BIN)/baycase index

ui: index
	$(BIN)/baycase ui

test: $(READY)
	$(BIN)/python -m pytest -q

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

# This machine's figures.
bench: $(READY)
	$(BIN)/baycase bench --whole

# The page in Chromium (Debian: apt-get install chromium fonts-noto-cjk). Without Chromium its tests are skipped, loudly.
browser: $(READY)
	$(BIN)/python -m pytest -q -m 'browser and not soak' tests/web

# The long tests: thousands of damaged files, hundreds of kills, 32 visitors of the page at once. -rP shows the figures.
soak: $(READY)
	$(BIN)/python -m pytest -q -rP -m soak

# The parts of the documents that are made from the code: the commands, and one line a file.
docs: $(READY)
	$(BIN)/python docs/commands.py
	$(BIN)/python docs/files.py

# The pinned versions against the public advisories; passes only if every one of them was looked up.
audit: $(READY)
	$(PIP) install --quiet --group audit
	$(BIN)/python .ci/audit.py $(BIN)/pip-audit

clean:
	rm -rf $(VENV) build dist *.egg-info
