# `make setup` prepares .venv once; the other targets call it when needed.
#
# PYTHON    interpreter that makes the environment (3.9 or newer)
# PIP_ARGS  extra arguments for pip, e.g. an index with CPU-only builds of torch
PYTHON ?= python3
PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast test-panels lint format bench cmake-lists clean

help:
	@echo "make setup        create .venv and install everything into it"
	@echo "make demo         segment a synthetic abdomen; pictures and a report in livercnn-demo/"
	@echo "make test         all tests"
	@echo "make test-fast    without the slow ones"
	@echo "make test-panels  the tests of the Slicer panels, in a stand-in for Slicer's desktop"
	@echo "make lint         ruff and mypy"
	@echo "make format       let ruff sort imports and mend what it can"
	@echo "make bench        time the networks and the pipeline"
	@echo "make cmake-lists  write new files into the CMakeLists.txt"
	@echo "make clean        remove .venv and what tools left behind"

setup: $(STAMP)

# A stamp, so that only changed requirements install again.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(PIP_ARGS) --constraint constraints.txt --editable ".[demo,report,cluster,train,dev]"
	touch $@

demo: setup
	$(BIN)/livercnn demo --out livercnn-demo

test: setup
	$(BIN)/python -m pytest

test-fast: setup
	$(BIN)/python -m pytest -m "not slow"

# The stand-in is large (VTK, Qt) and needs EGL or OSMesa, which a bare server may lack: it is installed when asked for.
test-panels: setup
	$(BIN)/python -m pip install $(PIP_ARGS) --constraint constraints.txt --editable ".[slicerhost]"
	$(BIN)/python -m pytest -m "not slow" Testing/slicerhost Testing/test_docs.py $(wildcard Liver*/Testing/test_*scene*.py) \
		$(wildcard Liver*/Testing/test_module_*.py)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python -m Testing.benchmarks

cmake-lists: setup
	$(BIN)/python Testing/cmake_lists.py --write

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
