# One command each; every target sets up .venv by itself. uv users: uv run --extra test pytest, uv run bnproof report --out .
PYTHON ?= python3
PYTHON312 ?= $(or $(lastword $(sort $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.12*/bin/python))),python3.12)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq -c constraints.txt

.PHONY: report test test-oracle test-browser test-frameworks test-jax011 lint format bench soak soak-bounds soak-oracle clean

# --force: what git knows may have been changed by git, a checkout for instance, since it was last written
report: $(READY)  ## prove every theorem, check the numbers, write derivations/ and figures/
	@$(BIN)/bnproof report --out . --force

test: $(READY)-test  ## the whole test suite but for what has a target of its own
	@$(BIN)/python -m pytest -n 2 $(foreach part,frameworks oracle benchmarks teach/explorable,--ignore=tests/$(part))

test-oracle: $(READY)-test  ## round-off bounds of random programs against exact values, in ball arithmetic
	@$(BIN)/python -m pytest -n 2 tests/oracle

test-browser: $(READY)-test  ## the explorable page, driven in chromium
	@$(BIN)/python -m pytest -n 2 tests/teach/explorable

# CI=1: what is not installed is an error then, and no reason to skip; XLA_FLAGS: each program runs once, so compile fast
test-frameworks: $(VENV)-frameworks/.ready  ## PyTorch's and Keras' words compared with both, Flax's and Equinox's modules checked, in an environment of their own
	@CI=1 XLA_FLAGS=--xla_backend_optimization_level=0 $(VENV)-frameworks/bin/python -m pytest -n 2 tests/frameworks

test-jax011: $(VENV)-jax011/.ready  ## what is measured, and the contracts with JAX, on Python 3.12 with the JAX for a GPU's first run
	@$(VENV)-jax011/bin/python -m pytest -n 2 tests/numeric tests/benchmarks tests/algebra/test_contracts.py tests/test_jaxpr.py

lint: $(READY)-lint  ## ruff and pyright, strict
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright --pythonpath $(BIN)/python

format: $(READY)-lint
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(READY) $(VENV)-peers/.ready  ## ratios measured in one run; see benchmarks/README.md
	@$(BIN)/python -m benchmarks

N ?= 2000
soak: $(READY)  ## N random networks, every verdict checked in float64; goes on where it stopped
	@$(BIN)/python -m tests.soak $(N)

CASES ?= 10000
soak-bounds: $(READY)  ## so many random cases in each dtype against their round-off bounds (half an hour)
	@$(BIN)/python -m tests.soak_bounds $(CASES)

STRUCTURES ?= 2000
soak-oracle: $(READY)-test  ## so many random structures with hostile numbers, every bound beside exact values; goes on where it stopped
	@$(BIN)/python -m tests.oracle $(STRUCTURES)

clean:
	rm -rf $(VENV) $(VENV)-peers $(VENV)-frameworks $(VENV)-jax011 build dist .pytest_cache .ruff_cache

$(READY): pyproject.toml constraints.txt
	@echo "setting up $(VENV) (once; a minute or two) …" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -e .
	@touch $@

$(READY)-test: $(READY)
	@$(PIP) -e '.[docs,test]'
	@touch $@

$(READY)-lint: $(READY)-test
	@$(PIP) -e '.[lint]'
	@touch $@

$(VENV)-frameworks/.ready: pyproject.toml constraints.txt
	@echo "setting up $(VENV)-frameworks (once; PyTorch and Keras are large) …" >&2
	@$(PYTHON) -m venv $(VENV)-frameworks
	@$(VENV)-frameworks/bin/python -m pip --disable-pip-version-check install -qq -c constraints.txt -e '.[test]' torch==2.13.0 keras==3.15.1 flax==0.12.8 equinox==0.13.8
	@touch $@

$(VENV)-jax011/.ready: pyproject.toml constraints-jax011.txt
	@echo "setting up $(VENV)-jax011 (once) …" >&2
	@$(PYTHON312) -m venv $(VENV)-jax011
	@$(VENV)-jax011/bin/python -m pip --disable-pip-version-check install -qq -c constraints-jax011.txt -e '.[test]'
	@$(VENV)-jax011/bin/python -c 'import sys, jax; assert (sys.version_info[:2], jax.__version__) == ((3, 12), "0.11.2"), (sys.version, jax.__version__)'
	@touch $@

$(VENV)-peers/.ready:
	@echo "setting up $(VENV)-peers (once; the peer to compare with needs PyTorch) …" >&2
	@$(PYTHON) -m venv $(VENV)-peers
	@$(VENV)-peers/bin/python -m pip --disable-pip-version-check install -qq torch==2.13.0 tensorgrad==0.3.0
	@touch $@
