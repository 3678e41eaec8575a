# payment_simulator: `make run` shows a simulated day, `make test` proves the program. Both install what they need into
# .venv; from Debian's packages only python3-venv, and only when it is missing and you are root.

PYTHON ?= python3
BIN := .venv/bin
RUST_SOURCES := $(shell find crates -name '*.rs' -o -name Cargo.toml) Cargo.toml Cargo.lock
MODULE := .cache/module-built
TOOLS := .cache/tools-installed

.DEFAULT_GOAL := help
.PHONY: help run test lint soak bench clean lock generate

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(MODULE) ## simulate a day of payments from a file and show its summary
	$(BIN)/payment-sim run --config scenarios/payments_day/config.yaml --output table

test: $(MODULE) ## run every test
	@bash scripts/test.sh

lint: $(MODULE) ## check style, types, stubs, imports and generated files
	@bash scripts/lint.sh

soak: $(MODULE) ## the long tests: many random days, memory, valgrind
	@bash scripts/soak.sh

bench: $(MODULE) ## measure speed beside its yardsticks; writes benchmarks/results.md
	@bash scripts/bench.sh

generate: $(MODULE) ## make generated files anew: JSON Schema, OpenAPI, reference pages
	$(BIN)/python scripts/generate.py

lock: $(TOOLS) ## resolve the Python dependencies anew
	@bash scripts/lock.sh

clean: ## remove everything that was built or installed here
	rm -rf .venv .cache target .pytest_cache .mypy_cache .ruff_cache .hypothesis python/payment_simulator/_core*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(TOOLS): requirements/dev.txt
	@PYTHON=$(PYTHON) bash scripts/install.sh

$(MODULE): $(TOOLS) $(RUST_SOURCES) pyproject.toml
	@bash scripts/build.sh
	@touch $@
