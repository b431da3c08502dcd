# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Builds the simulation side: libchim_sim.a (wires, shell), the models, chimney-model. Hard part:
# one shared object per configuration, whose name is the only place where its parameters are
# written.

SIM_CFLAGS := $(CHIM_CFLAGS) -D_GNU_SOURCE -fPIC -MMD -MP
SIM_LIBS := -ldl

# Wires, real-time shell, vfio-user server: one static library.
SIM_C := $(sort $(wildcard sim/wire/*.c sim/shell/*.c)) sim/model/model_load.c \
  $(filter-out sim/vfio_user/chimney_model%,$(sort $(wildcard sim/vfio_user/*.c)))
SIM_O := $(SIM_C:%.c=$(B)/%.o)
LIBCHIM_SIM := $(B)/sim/libchim_sim.a

$(B)/sim/%.o: sim/%.c
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) -c -o $@ $<
$(LIBCHIM_SIM): $(SIM_O)
	rm -f $@ && ar rcs $@ $^
-include $(SIM_O:.o=.d)

SIM_MAIN_O := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard sim/vfio_user/chimney_model*.c)))
CHIMNEY_MODEL := $(B)/bin/chimney-model
$(CHIMNEY_MODEL): $(SIM_MAIN_O) $(LIBCHIM_SIM)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(SIM_LIBS)
-include $(SIM_MAIN_O:.o=.d)

# Bus-functional models, also for benches.
SIM_BFM := $(sort $(wildcard sim/model/bfm/*.cpp))
SIM_MODEL_SRC := $(sort $(wildcard sim/model/*.cpp)) $(SIM_BFM)

# SystemC modules.
SIM_SYSTEMC_O := $(patsubst %.cpp,$(B)/%.o,$(sort $(wildcard sim/systemc/*.cpp)))
$(B)/sim/systemc/%.o: sim/systemc/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CHIM_CXXFLAGS) -MMD -MP -c -o $@ $<
-include $(SIM_SYSTEMC_O:.o=.d)

# Models.
# clang takes half the time for one, and it runs a little quicker; without clang, as for the demo,
# the other compiler makes it.
SIM_MODEL_CXX := $(if $(shell command -v clang++),$(CLANGXX),$(CXX))
# Waveform code costs speed even when no waveform is written: CHIM_FST=0 leaves it out.
CHIM_FST ?= 1
SIM_VFLAGS := --cc -O3 --x-assign fast --x-initial unique --assert --top-module chim_core \
  --prefix Vchim_core --output-split 20000 -Wno-fatal -Wno-lint -Wno-style \
  $(if $(filter 1,$(CHIM_FST)),--trace-fst)
SIM_CXXBASE = $(CHIM_VERILATED) -fPIC -fvisibility=hidden -DVM_TRACE=$(CHIM_FST) \
  -DVM_TRACE_FST=$(CHIM_FST) $(if $(filter 1,$(CHIM_FST)),-DCHIM_MODEL_FST)
SIM_MODEL_LIBS := $(if $(filter 1,$(CHIM_FST)),-lz -llz4) -lpthread

# Verilator's own library, once for all models.
SIM_VRT := verilated verilated_threads $(if $(filter 1,$(CHIM_FST)),verilated_fst_c)
SIM_VRT_O := $(SIM_VRT:%=$(B)/sim/verilated/%.o)
$(SIM_VRT_O): $(B)/sim/verilated/%.o: sim/rules.mk
	@mkdir -p $(@D)
	$(CXX) $(SIM_CXXBASE) -O2 -c -o $@ $(VERILATOR_ROOT)/include/$*.cpp

# $(call chim_model_rules,NAME,FOLDER,SV_FILES,SV_PREREQS,DATA_W,CONNS,FIRMWARE_HEX or nothing)
# makes FOLDER/chim_model_NAME.so and, for programs that link it, FOLDER/libchim_model_NAME.a.
# Most of the time would go into Verilator's headers, so thirty generated sources are compiled as
# three, and ours as one. Waveform code runs only while one is written, "Slow" only at the start.
SIM_PARTS := fast trace slow own
SIM_OPT_fast := -O3
SIM_OPT_trace := -O1
SIM_OPT_slow := -O0
SIM_OPT_own := -O3
define chim_model_rules
$2/obj_$1/Vchim_core.mk: $4 sim/rules.mk
	@mkdir -p $$(@D) && rm -f $$(@D)/*.cpp $$(@D)/*.cc
	$(VERILATOR) $(SIM_VFLAGS) -GDataW=$5 -GConns=$6 -Mdir $$(@D) $3 > $$(@D).log 2>&1 \
	  || { cat $$(@D).log; exit 1; }
	@cd $$(@D) && for source in *.cpp; do \
	  case $$$$source in *Slow*) part=slow ;; *Trace*) part=trace ;; *) part=fast ;; esac; \
	  echo "#include <$$$$source>" >> $$$$part.cc; done
-include $2/obj_$1/Vchim_core__ver.d
$2/obj_$1/own.cc: $(SIM_MODEL_SRC) $2/obj_$1/Vchim_core.mk
	@printf '#include "%s"\n' $(SIM_MODEL_SRC) > $$@
$2/obj_$1/own.o: $2/obj_$1/own.cc
$(SIM_PARTS:%=$2/obj_$1/%.o): %.o: $2/obj_$1/Vchim_core.mk
	$(SIM_MODEL_CXX) $$(SIM_CXXBASE) $$(SIM_OPT_$$(*F)) -Wall -Wextra -isystem $$(@D) \
	  -iquote . -Isim/model -Irtl/contract -DCHIM_MODEL_NAME='"$1"' -DCHIM_MODEL_CONNS=$6 \
	  -MMD -MP -c -o $$@ $$*.cc
-include $2/obj_$1/own.d
$2/obj_$1/firmware_image.o: sim/model/firmware_image.S $7
	@mkdir -p $$(@D)
	$(CC) $(if $7,-DCHIM_FW_HEX_FILE='"$7"') -c -o $$@ $$<
$2/libchim_model_$1.a: $(SIM_PARTS:%=$2/obj_$1/%.o) $2/obj_$1/firmware_image.o $(SIM_VRT_O)
	rm -f $$@ && ar rcs $$@ $$^
$2/chim_model_$1.so: $2/libchim_model_$1.a sim/model/chim_model.map
	$(CXX) -shared -o $$@ -Wl,--version-script=sim/model/chim_model.map \
	  -Wl,--whole-archive $$< -Wl,--no-whole-archive $(SIM_MODEL_LIBS)
endef

# A name is w<bits>_c<connections>.
CHIM_MODELS := w64_c64 w64_c1024 w512_c64 w64_c4096 w512_c4096
sim_data_w = $(patsubst w%,%,$(word 1,$(subst _, ,$1)))
sim_conns = $(patsubst c%,%,$(word 2,$(subst _, ,$1)))
CHIM_FW_HEX := $(B)/fw/chim_fw.hex
$(foreach m,$(CHIM_MODELS),$(eval $(call chim_model_rules,$m,$(B)/model,\
  -f rtl/chimney.f $$(VEXRISCV_V),\
  $(wildcard rtl/chimney.f),$(call sim_data_w,$m),$(call sim_conns,$m),$(CHIM_FW_HEX))))
chim_model_so = $(B)/model/chim_model_$(strip $1).so
chim_model_a = $(B)/model/libchim_model_$(strip $1).a

.PHONY: models
models: $(foreach m,$(CHIM_MODELS),$(call chim_model_so,$m))

# The test device instead of the NIC (tests/unit/sim/dut).
SIM_TEST_MODELS := w64_c64 w512_c64
SIM_DUT := tests/unit/sim/dut/chim_core.sv
$(foreach m,$(SIM_TEST_MODELS),$(eval $(call chim_model_rules,$m,$(B)/sim/dut/model,$(SIM_DUT),\
  $(SIM_DUT),$(call sim_data_w,$m),$(call sim_conns,$m),tests/unit/sim/dut/firmware.hex)))
