# Two commands for a fresh machine with Python >= 3.11: `make demo` and `make test`.
# Everything else is `.venv/bin/tox run -e <name>`; `make help` lists the names.
PYTHON ?= python3
VENV := .venv
TOX := $(VENV)/bin/python -m tox

.DEFAULT_GOAL := help
.PHONY: help demo check test zeebe bench docs clean

help: ## Show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(VENV)/.ready: tools/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r tools/requirements.txt
	@touch $@

demo: $(VENV)/.ready ## Bake a service from the template and run its sample process
	$(VENV)/bin/python tools/demo.py

test: $(VENV)/.ready ## Lint, types, runtime, template, generated service, build, docs
	$(TOX) run -e lint,typing,tests,bake,build,docs

check: $(VENV)/.ready ## Lint, types and the fast tests, while you work: a minute on four free cores
	$(TOX) run -e lint,typing,fast

zeebe: ## The checks that need an engine of your own, at ZEEBE_ADDRESS
	$(if $(ZEEBE_ADDRESS),,$(error set ZEEBE_ADDRESS to your engine, such as http://127.0.0.1:26500, and ZEEBE_RECORDS, ZEEBE_MONITORING and ZEEBE_RESTART as docs/reference/engine-differences.md says))
	@$(MAKE) --no-print-directory $(VENV)/.ready
	$(TOX) run -e zeebe

bench: $(VENV)/.ready ## Measure against peers in the same run (JSON)
	$(TOX) run -e bench

docs: $(VENV)/.ready ## Build the documentation, strict
	$(TOX) run -e docs

clean: ## Remove what the other commands made, downloads included
	rm -rf $(VENV) .tox .cache .mypy_cache .ruff_cache .pytest_cache build dist site
