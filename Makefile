# `make run` starts everything on this machine; `make test` tests the serving side.
# Other interpreters: make PYTHON=python3.12 run

.DEFAULT_GOAL := help
.PHONY: help run test test-tuning check models clean install install-dev install-tuning

# The first Python of 3.11 or newer that works. 3.12 and 3.11 first: every package has wheels there.
ifndef PYTHON
PYTHON := $(shell for p in python3.12 python3.11 python3 python3.13 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
endif
VENV := .venv
VENV_TUNING := .venv-tuning
RUN := $(VENV)/bin/python
CHECKED := tests/test_architecture.py tests/test_docs.py
RUN_TUNING := $(VENV_TUNING)/bin/python

# Where bytecode isn't kept, each of the many processes compiles all of Django anew: 3 seconds.
unexport PYTHONDONTWRITEBYTECODE

ifneq ($(PORT),)
export PORT
endif

help:
	@echo "make run           start Firstline here: web, workers, PostgreSQL, Redis"
	@echo "make test          tests of the serving side, browser included"
	@echo "make check         lint, types, migrations, architecture, docs"
	@echo "make test-tuning   tests of training and export"
	@echo "make models DATA=… train and export the models"
	@echo "make clean         remove the virtual environments and caches; data stay"

run: install
	@$(RUN) -m config.local.run --with-parent

test: install-dev
	@CHROMIUM_PATH="$$($(RUN) -m config.local.chromium)" && export CHROMIUM_PATH \
	&& $(RUN) -m pytest -n 2 --dist loadfile $(CHECKED:%=--ignore=%) $(ARGS)

test-tuning: install-tuning
	@$(RUN_TUNING) -m pytest -n 2 --dist loadfile -c tuning/pytest.ini tuning $(ARGS)

check: install-dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy .
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) -m pytest -q -n 2 $(CHECKED)

models: install-tuning
	@test -n "$(DATA)" || { echo "Say where the training data are: make models DATA=…"; exit 2; }
	$(RUN_TUNING) -m tuning.build --data "$(DATA)"
	$(RUN_TUNING) -m benchmarks.cache_quality --data "$(DATA)" --write models
	$(RUN_TUNING) -m benchmarks.russian_sections "$(DATA)" --observe .local/training/sections
	$(RUN_TUNING) -m benchmarks.russian_sections --fit .local/training/sections

install: python
	@$(PYTHON) config/local/install.py $(VENV) requirements.txt

install-dev: python
	@$(PYTHON) config/local/install.py $(VENV) requirements.txt requirements-dev.txt
	@$(RUN) manage.py fetch_browser_runtime --if-possible

install-tuning: python
	@$(PYTHON) config/local/install.py $(VENV_TUNING) requirements-tuning.txt

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Firstline needs Python 3.11 or newer with the venv module \
	(Debian and Ubuntu: apt-get install python3-venv). Found: $$(python3 --version 2>&1)"; exit 1; }

clean:
	rm -rf $(VENV) $(VENV_TUNING) .mypy_cache .ruff_cache .pytest_cache staticfiles
