# Two commands do everything on a machine with Python 3.11: `make run` and `make test`.

PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: run test weights pictures

run: .venv/installed
	$(BIN)/streamlit run app.py

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses=2

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
