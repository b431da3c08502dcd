# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Packet scripts: the runner, and one test for each folder of scripts. Hard part: the model is
# loaded at run time, so it is a prerequisite of the tests, not of the runner.

PKT_DIR := $(d)
PKT_C := $(sort $(wildcard $(d)/runner/*.c))
PKT_O := $(PKT_C:%.c=$(B)/san/%.o)
PKT_RUN := $(B)/tests/pkt/pkt_run
PKT_LIBS := $(B)/san/tests/api/mock_host.o $(B)/san/libchim_linux.a $(B)/san/libchim_nic.a \
  $(B)/san/libchim_ndis.a $(B)/host/libchim_backend.a $(B)/sim/libchim_sim.a

$(PKT_O): $(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) -D_GNU_SOURCE -Ihost/include -MMD -MP -c -o $@ $<

$(PKT_RUN): $(PKT_O) $(PKT_LIBS)
	@mkdir -p $(@D)
	$(CLANG) $(SANITIZE) -o $@ $^ $(SIM_LIBS)

-include $(PKT_O:.o=.d)

PKT_GROUPS := receive send loss window close handoff
pkt_scripts = $(sort $(wildcard $(PKT_DIR)/$1/*.pkt))
$(foreach g,$(PKT_GROUPS),$(call chim_test,pkt,pkt-$g,$(PKT_RUN) $(call pkt_scripts,$g),\
  $(PKT_RUN) $(call chim_model_so,w64_c64),timeout=180))
$(call chim_test,pkt,pkt-negative,$(PKT_RUN) --must-fail $(call pkt_scripts,negative),\
  $(PKT_RUN) $(call chim_model_so,w64_c64),timeout=60)
