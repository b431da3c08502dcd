# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# What a folder's rules.mk calls to register tests, lints and figures, and to build benches.
# tests/README.md explains each with an example. Hard part: arguments must not contain commas.

CHIM_STAGES := tree gen-check format lint build unit api formal mutants pkt diff sys sanitize soak

define CHIM_NL


endef

# One record of a list file: four lines and an empty one (name, options, command, prerequisites).
chim_record = $1 $2$(CHIM_NL)$3$(CHIM_NL)$4$(CHIM_NL)$5$(CHIM_NL)$(CHIM_NL)

# $(call chim_test,STAGE,NAME,COMMAND,PREREQS[,OPTIONS])
#   OPTIONS: timeout=SECONDS (60), alone (no other test beside it).
chim_test = $(call chim_add_test,$(strip $1),$(strip $2),$(strip $3),$(strip $4),$(strip $5))
define chim_add_test
$(if $(filter $1,$(CHIM_STAGES)),,$(error chim_test $2: no stage "$1"))\
$(if $(filter $2,$(CHIM_TEST_NAMES)),$(error chim_test: "$2" registered twice))\
$(eval CHIM_TEST_NAMES += $2)\
$(eval CHIM_LIST_tests := $$(CHIM_LIST_tests)$$(call chim_record,$1,$2,$5,$3,$4))
endef

# $(call chim_bench,NAME,COMMAND,PREREQS[,OPTIONS]) and chim_synth, the same for `make synth`: the
# command writes build/bench/NAME.json (build/synth/NAME.json), see tests/README.md.
chim_bench = $(call chim_figure,bench,$(strip $1),$(strip $2),$(strip $3),$(strip $4))
chim_synth = $(call chim_figure,synth,$(strip $1),$(strip $2),$(strip $3),$(strip $4))
define chim_figure
$(eval CHIM_LIST_$1 := $$(CHIM_LIST_$1)$$(call chim_record,$1,$2,$5,$3,$4))
endef

# $(call chim_lint_sv,TOP[,PARAMETERS][,FILES]): one verilator lint of module TOP with
# "-GName=value ...", each row of parameters a call of its own. FILES: "-f LIST ..." or sources;
# rtl/chimney.f unless told.
chim_lint_sv = $(call chim_test,lint,sv-$(strip $1)$(call chim_row,$(strip $2)),\
  scripts/lint_sv.sh $(strip $1) $(strip $2) $(strip $3),)
# "-GA=1 -GB=2" -> "-A1-B2", for names
chim_row = $(if $1,-$(subst $(CHIM_SPACE),-,$(subst =,,$(subst -G,,$(subst \',,$1)))))
CHIM_EMPTY :=
CHIM_SPACE := $(CHIM_EMPTY) $(CHIM_EMPTY)

# $(call chim_vbench,NAME,TOP,SV_FILES,CPP_FILES[,VERILATOR_OPTIONS][,TEST_OPTIONS]): verilates
# TOP, links it with the C++ files and registers build/vbench/NAME/bench as a test of stage "unit".
# SV_FILES may contain "-f FILE". The model's class is Vdut, whatever the top module.
define chim_vbench
$(eval $(call chim_vbench_rule,$(strip $1),$(strip $2),$(strip $3),$(strip $4),$(strip $5)))\
$(call chim_test,unit,$(strip $1),$(B)/vbench/$(strip $1)/bench,$(B)/vbench/$(strip $1)/bench,$6)
endef
# -o is absolute: a relative name is looked for in VPATH too, so a folder "bench" beside the project
# would stand for the program.
define chim_vbench_rule
$(B)/vbench/$1/bench: $(filter-out -%,$3) $4 $(CHIM_VBENCH_COMMON) $(CHIM_WAIVERS) $(CHIM_VRT)
	@mkdir -p $$(@D)
	@echo "verilate $1"
	@$(VERILATOR) --cc --exe --build -j 1 --assert -Wall --prefix Vdut --top-module $2 \
	  -Mdir $$(@D)/obj -o $$(abspath $$@) \
	  -MAKEFLAGS 'OBJCACHE=$(CHIM_CCACHE) $(CHIM_VBENCH_MAKE)' \
	  -CFLAGS '-std=c++17 -I$(CURDIR)/tests/unit -I$(CURDIR)/sim -Wall -Wno-sign-compare' \
	  -Irtl/lib $5 $(CHIM_WAIVERS) $3 $(abspath $4 $(CHIM_VRT)) > $$(@D)/log 2>&1 \
	  || { grep -E -A4 'rror|%Warning' $$(@D)/log; exit 1; }
	@sed -e 's|^[^:]*:|$$@:|' $$(@D)/obj/Vdut__ver.d > $$(@D)/bench.d
	@test -x $$@ && touch $$@
-include $(B)/vbench/$1/bench.d
endef
# Waiver files of all RTL folders, and headers that every bench may use.
CHIM_WAIVERS := $(sort $(wildcard rtl/*/*.vlt))
CHIM_VBENCH_COMMON := $(sort $(wildcard tests/unit/bench/*.h))
# What costs time in a build is headers read again and again, and optimising what runs for a second.
# So a model is one C++ file at -O1 (measured: as quick as -Os), without precompiled headers, and
# Verilator's own library is compiled once for all benches (scripts/rules.mk).
CHIM_VBENCH_MAKE := VM_PARALLEL_BUILDS=0 OPT_FAST=-O1 VM_GLOBAL_FAST= VM_GLOBAL_SLOW=
CHIM_VRT := $(B)/vbench/verilated/libverilated.a
# What is compiled in one folder is remembered for another, the copies of mutants.
CHIM_CCACHE := $(notdir $(shell command -v ccache))
export CCACHE_DIR ?= $(CURDIR)/$(B)/ccache
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1
