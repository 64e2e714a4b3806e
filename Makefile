# make ui: the web page.  make test: the whole suite.  Each sets up what it needs first.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup ui index test check bench soak clean

setup: $(READY)

# A torch that is already in the environment is kept: to use one's own build, make the
# environment and install it there before `make setup`.
$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev
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

clean:
	rm -rf $(VENV) build dist *.egg-info
