# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The one makefile: it includes every folder's rules.mk, so a folder adds programs, tests and
# figures without editing anything here. Hard part: missing tools are fetched before rules run.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

B := build
# Scripts run with the project's own Python.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
JOBS ?= 2

.PHONY: help
help: ## this list
	@echo 'OpenChimney: make TARGET [VARIABLE=...]'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile
	@echo 'Variables: JOBS=2  STAGE=unit (part of check)  SEED=n (random tests)'
	@echo '  ONLY=name-or-pattern (part of check, bench, synth)  ARGS="..." (options of demo)'
	@echo 'Stages of check: $(CHIM_STAGES)'

include scripts/tools.mk
include scripts/macros.mk

# Every rules.mk, at most five folders deep; $(d) is its folder while it is read.
CHIM_RULES := $(sort $(foreach p,rtl sim host fw tests scripts,$(wildcard $p/rules.mk \
  $p/*/rules.mk $p/*/*/rules.mk $p/*/*/*/rules.mk $p/*/*/*/*/rules.mk)))
define chim_include
d := $(patsubst %/,%,$(dir $(1)))
include $(1)
endef
$(foreach f,$(CHIM_RULES),$(eval $(call chim_include,$f)))

.PHONY: setup setup-demo check ci demo bench synth soak gen gen-check format lint clean
setup-demo: ## install what the demo needs, and no more
	@scripts/setup.sh demo

setup: ## install every tool (Debian packages as root, PyPI packages into .venv)
	@scripts/setup.sh all

# Set-up first and in a make of its own: the rules below it look for what set-up brings.
demo: setup-demo ## a live Linux connection moves into the NIC and back; ARGS="--loss 1%"
	@$(MAKE) run-demo

check: setup ## all tests; STAGE= and ONLY= choose a part
	@$(MAKE) run-check

ci: setup ## what continuous integration runs: every test, figures, place and route
	@$(MAKE) run-check && $(MAKE) run-bench && $(MAKE) run-synth

bench: setup ## measure cycles, instructions and model speed, write build/bench.json
	@$(MAKE) run-bench

synth: setup ## area and clock of the ECP5 build, write build/synth.json
	@$(MAKE) run-synth

soak: setup ## the long runs
	@$(MAKE) run-check STAGE=soak

gen: setup ## regenerate what comes from rtl/contract
	@$(MAKE) run-gen

gen-check: setup ## fail if a generated file is not current
	@$(MAKE) run-check STAGE=gen-check

format: setup ## lay out sources in place, wrap comments; FILES="..." instead of all
	@scripts/rewrap.py $(FILES)
	@scripts/format.py --write $(FILES)

lint: setup ## static checks of every language
	@$(MAKE) run-check STAGE=lint

clean: ## remove build/
	rm -rf $(B)

.PHONY: run-demo run-check run-bench run-synth run-gen
run-demo: $(CHIM_DEMO_PREREQS)
	@scripts/demo.sh $(ARGS)

run-check: $(B)/tests.list
	@scripts/run_tests.py --list $< --jobs $(JOBS) $(if $(STAGE),--stage '$(STAGE)') \
	  $(if $(ONLY),--only '$(ONLY)')

run-bench: $(B)/bench.list
	@scripts/figures.py bench --list $< --jobs $(JOBS) $(if $(ONLY),--only '$(ONLY)')

run-synth: $(B)/synth.list
	@scripts/figures.py synth --list $< --jobs $(JOBS) $(if $(ONLY),--only '$(ONLY)')

run-gen:
	@scripts/gen.sh rtl/contract

# The registered tests and figures, for the runners. Rewritten each time: it depends on all rules.
.PHONY: FORCE
$(B)/%.list: FORCE
	$(shell mkdir -p $(@D))$(file >$@,$(CHIM_LIST_$*))
