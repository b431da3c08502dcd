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

# $(call chim_vbench,NAME,TOP,SV_FILES,CPP_FILES[,OPTIONS][,TEST_OPTIONS]): verilates TOP, compiles
# it with the C++ files and registers build/vbench/NAME/bench as a test of stage "unit". SV_FILES
# may contain "-f FILE", CPP_FILES objects and libraries; of OPTIONS -D, -I and -O are the
# compiler's, the others Verilator's; TEST_OPTIONS as of chim_test, and "soak" for the stage. The
# model's class is Vdut, whatever the top module.
define chim_vbench
$(eval $(call chim_vbench_rule,$(strip $1),$(strip $2),$(strip $3),$(strip $4),$(strip $5)))\
$(call chim_test,$(or $(filter soak,$6),unit),$(strip $1),$(B)/vbench/$(strip $1)/bench,\
  $(B)/vbench/$(strip $1)/bench,$(filter-out soak,$6))
endef
# Most of the time would go into Verilator's headers: model and bench are one source.
define chim_vbench_rule
$(B)/vbench/$1/bench: $(filter-out -%,$3) $4 $(CHIM_WAIVERS) $(CHIM_VRT)
	@rm -rf $$(@D)/obj && mkdir -p $$(@D)
	@echo "verilate $1"
	@$(VERILATOR) --cc --assert -Wall --prefix Vdut --top-module $2 -Mdir $$(@D)/obj -Irtl/lib \
	  $(filter-out $(CHIM_VBENCH_CXX),$5) $(CHIM_WAIVERS) $3 > $$(@D)/log 2>&1 \
	  || { grep -E -A4 'rror|%Warning' $$(@D)/log; exit 1; }
	@(cd $$(@D)/obj && printf '#include <%s>\n' *.cpp) > $$(@D)/bench.cc
	@printf '#include "%s"\n' $(filter %.cpp,$4) >> $$(@D)/bench.cc
	@$(CXX) $(CHIM_VBENCH_O) $$(CHIM_VRT_FLAGS) -isystem $$(@D)/obj -iquote . -Itests/unit \
	  -Isim $(filter $(CHIM_VBENCH_CXX),$5) -Wall -Wextra -Werror -Wno-sign-compare \
	  -MMD -MP -MT $$@ -c -o $$(@D)/bench.o $$(@D)/bench.cc
	@$(CXX) -o $$@ $$(@D)/bench.o $(filter-out %.cpp,$4) $(CHIM_VRT)
	@sed -e 's|^[^:]*:|$$@:|' $$(@D)/obj/Vdut__ver.d > $$(@D)/rtl.d
-include $(B)/vbench/$1/bench.d $(B)/vbench/$1/rtl.d
endef
CHIM_VBENCH_CXX := -D% -I% -O%
# Most benches run for a second: what costs more to optimise than it saves is left out.
CHIM_VBENCH_O := -O1 -fno-tree-dominator-opts -fno-tree-fre -fno-ipa-modref -fno-ipa-pure-const
# Waiver files of all RTL folders.
CHIM_WAIVERS := $(sort $(wildcard rtl/*/*.vlt))
# Verilator's own library, compiled once for all benches (scripts/rules.mk).
CHIM_VRT := $(B)/vbench/verilated/libverilated.a
CHIM_VRT_FLAGS = $(CHIM_VERILATED) -DVM_TRACE=0 -DVM_TRACE_FST=0
# What Verilator's makefile would say, for models too (sim/rules.mk), but for waveforms.
CHIM_VERILATED = -std=c++17 -DVERILATOR=1 -DVM_COVERAGE=0 -DVM_SC=0 -DVM_TIMING=0 \
  -DVM_TRACE_VCD=0 -DVM_TRACE_SAIF=0 \
  -isystem $(VERILATOR_ROOT)/include -isystem $(VERILATOR_ROOT)/include/vltstd
