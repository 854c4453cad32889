# make run    environment, tonight's plan, then the console on http://127.0.0.1:8000
# make test   lint and every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: env run test quick lint format bench load docs data lock clean

env: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $(READY)

run: env
	$(BIN)/smartzone plan
	$(BIN)/smartzone serve

test: lint
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

quick: env
	$(BIN)/python -m pytest -m "not slow" --numprocesses auto --dist loadfile

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/numpydoc lint $$(find geo analytics planning api -name '*.py')

format: env
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: env
	$(BIN)/python -m pytest tests/bench --benchmark-enable --benchmark-only

load: env
	$(BIN)/python -m tests.api.service_figures

docs: env
	$(BIN)/python -m tests.browser.screenshots

data: env
	$(BIN)/smartzone data generate

lock: env
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-header --quiet --upgrade --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) out var build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
