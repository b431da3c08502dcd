# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The program chimney, and its manual page. Hard part: the libraries of other folders are named by
# their paths, because their rules.mk may be read later.

CLI_DIR := $(d)
CLI_SRC := $(sort $(wildcard $(d)/*.c))
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)
CLI_SAN_OBJ := $(CLI_SRC:%.c=$(B)/san/%.o)
CHIMNEY := $(B)/host/chimney
CLI_LIBS := $(B)/host/libchim_linux.a $(B)/host/libchim_nic.a $(B)/host/libchim_ndis.a \
  $(B)/host/libchim_backend.a $(B)/sim/libchim_sim.a

$(CLI_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) -D_GNU_SOURCE -Ihost/include -Ihost/linux -MMD -MP -c -o $@ $<

$(CLI_SAN_OBJ): $(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) -D_GNU_SOURCE -Ihost/include -Ihost/linux -MMD -MP \
	  -c -o $@ $<

$(CHIMNEY): $(CLI_OBJ) $(CLI_LIBS)
	$(CC) -o $@ $^ $(SIM_LIBS)

-include $(CLI_OBJ:.o=.d) $(CLI_SAN_OBJ:.o=.d)

# The manual page is made from the table of verbs, and checked in.
.PHONY: man
man: $(CHIMNEY)
	$(CHIMNEY) help --roff > $(CLI_DIR)/man/chimney.1

$(call chim_test,build,cli-gcc,true,$(CHIMNEY))
$(call chim_test,build,cli-clang,true,$(CLI_SAN_OBJ))
$(call chim_test,gen-check,man-page,tests/unit/host/cli/man_test.sh $(CHIMNEY),$(CHIMNEY))

# What `make demo` needs built.
CHIM_DEMO_PREREQS += $(CHIMNEY) $(B)/bin/chimney-model $(B)/model/chim_model_w64_c64.so
