# Every target works from nothing: it makes .venv and installs what it needs, once.
#   make app     the dashboard on http://localhost:8501 (PORT=8600 make app for another port)
#   make test    the whole suite, browser tests too
#   make check   formatting, lint, types and fast tests: before each commit
#   make bench   the benchmarks side by side
#   make soak    the long fault tests
#   make screenshots  the pictures of README.md

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: app test check bench soak browser screenshots

app: $(VENV)/.app-installed
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev-installed browser
	$(BIN)/python -m pytest -m "not soak and not browser and not slow" -n 2 --dist loadscope
	$(BIN)/python -m pytest -m "(slow or browser) and not soak"

check: $(VENV)/.dev-installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m "not slow and not browser and not soak" -n 2 --dist loadscope

bench: $(VENV)/.dev-installed
	$(BIN)/python -m benchmarks

soak: $(VENV)/.dev-installed browser
	$(BIN)/python -m pytest -m soak

screenshots: $(VENV)/.dev-installed browser
	$(BIN)/python -m docs.make_screenshots

browser: $(VENV)/.dev-installed
	$(BIN)/python tests/browser/ensure_chromium.py

$(VENV)/.app-installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev-installed: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.app-installed
