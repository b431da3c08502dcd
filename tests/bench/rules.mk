# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Benches of the whole NIC: smoke test of every configuration, figures. Hard part: a large model
# takes minutes to build, so the largest ones belong to the soak.

BENCH_DIR := $(d)
BENCH_LIBS := $(B)/tests/nic_end.a $(B)/host/libchim_linux.a $(B)/host/libchim_nic.a \
  $(B)/host/libchim_ndis.a $(B)/host/libchim_backend.a $(B)/sim/libchim_sim.a
BENCH_FLAGS := $(CHIM_CFLAGS) -D_GNU_SOURCE -Ihost/include -Ihost/linux
BENCH_O := $(patsubst %,$(B)/$(BENCH_DIR)/%.o,bed peer)
BENCH_PROGS := smoke goodput plain_rate
BENCH_BIN := $(BENCH_PROGS:%=$(B)/$(BENCH_DIR)/%)

$(B)/$(BENCH_DIR)/%.o: $(BENCH_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_FLAGS) -MMD -MP -c -o $@ $<
$(BENCH_BIN): $(B)/$(BENCH_DIR)/%: $(B)/$(BENCH_DIR)/%.o $(BENCH_O) $(BENCH_LIBS)
	$(CC) -o $@ $^ $(SIM_LIBS)
-include $(BENCH_O:.o=.d) $(BENCH_BIN:%=%.d)

# $(call bench_smoke,STAGE,CONFIGURATION,SECONDS)
bench_smoke = $(call chim_test,$1,smoke-$2,$(B)/$(BENCH_DIR)/smoke $2 $(B)/model,\
  $(B)/$(BENCH_DIR)/smoke $(call chim_model_so,$2),timeout=$3)
$(call bench_smoke,api,w64_c64,120)
$(call bench_smoke,api,w512_c64,180)
$(call bench_smoke,soak,w64_c4096,300)
$(call bench_smoke,soak,w512_c4096,300)

# P11: the library as users build it, and the fake device of its unit tests.
BENCH_FAKE := tests/unit/host/nic/fake_dev.c tests/api/mock_host.c
$(B)/$(BENCH_DIR)/requests: $(BENCH_DIR)/requests.c $(BENCH_FAKE) $(B)/host/libchim_nic.a \
  $(B)/host/libchim_ndis.a
	@mkdir -p $(@D)
	$(CC) $(BENCH_FLAGS) -Itests/unit/host/nic -Itests/api -o $@ $^
$(call chim_bench,requests,$(BENCH_DIR)/requests.py $(B)/$(BENCH_DIR)/requests \
  $(B)/bench/requests.json,$(B)/$(BENCH_DIR)/requests)

# $(call bench_goodput,CONFIGURATION,FLOWS,CLOCKS,TARGET): P5.
bench_goodput = $(call chim_bench,goodput-$1-$2,$(B)/$(BENCH_DIR)/goodput $1 $(B)/model \
  $(B)/bench/goodput-$1-$2.json $2 $3 $4 both,$(B)/$(BENCH_DIR)/goodput $(call chim_model_so,$1))
$(call bench_goodput,w64_c64,8,400000,0.95)
$(call bench_goodput,w64_c64,1,400000,0.95)
$(call bench_goodput,w512_c64,8,200000,0.98)
$(call bench_goodput,w512_c64,1,200000,0.98)

# P6.
$(call chim_bench,plain-rate,$(B)/$(BENCH_DIR)/plain_rate w512_c64 $(B)/model \
  $(B)/bench/plain-rate.json 40000 1.68,$(B)/$(BENCH_DIR)/plain_rate \
  $(call chim_model_so,w512_c64))

# P12: the same model, and the soft core by itself, verilated with the same options.
BENCH_VEX := $(B)/$(BENCH_DIR)/vex
$(BENCH_VEX)/Vvex.mk: $(BENCH_DIR)/rules.mk
	@mkdir -p $(@D)
	$(VERILATOR) --cc -O3 --x-assign fast -Wno-fatal -Wno-lint -Wno-style \
	  --top-module VexRiscv --prefix Vvex -Mdir $(@D) $(VEXRISCV_V) > $(@D).log 2>&1 \
	  || { cat $(@D).log; exit 1; }
$(BENCH_VEX)/soft_core.o: $(BENCH_DIR)/soft_core.cpp $(BENCH_DIR)/soft_core.h $(BENCH_VEX)/Vvex.mk
	@(cd $(@D) && printf '#include <%s>\n' *.cpp) > $(@D)/all.cc
	@echo '#include "$<"' >> $(@D)/all.cc
	$(SIM_MODEL_CXX) $(SIM_CXXBASE) -O3 -Wall -Wextra -isystem $(@D) -iquote . -c -o $@ \
	  $(@D)/all.cc
$(B)/$(BENCH_DIR)/speed: $(B)/$(BENCH_DIR)/speed.o $(BENCH_O) $(BENCH_VEX)/soft_core.o \
  $(BENCH_LIBS) $(SIM_VRT_O)
	$(CXX) -o $@ $^ $(SIM_LIBS) $(SIM_MODEL_LIBS)
$(call chim_bench,speed,$(B)/$(BENCH_DIR)/speed w64_c64 $(B)/model $(B)/bench/speed.json 200000,\
  $(B)/$(BENCH_DIR)/speed $(call chim_model_so,w64_c64))
