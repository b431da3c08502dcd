# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Unit tests of the program's Linux side: one program for each test_*.c, with sanitizers. Hard part:
# none.

LINUX_UNIT_DIR := $(d)
LINUX_UNIT := $(patsubst $(d)/test_%.c,%,$(sort $(wildcard $(d)/test_*.c)))
LINUX_UNIT_BIN := $(LINUX_UNIT:%=$(B)/tests/host/linux/test_%)
LINUX_UNIT_LIBS := $(B)/san/libchim_linux.a $(B)/san/libchim_ndis.a

$(LINUX_UNIT_BIN): $(B)/tests/host/linux/%: $(LINUX_UNIT_DIR)/%.c tests/sys/lib/target.c \
  $(LINUX_UNIT_LIBS)
	@mkdir -p $(@D)
	$(CLANG) $(CHIM_CFLAGS) -O1 $(SANITIZE) $(LINUX_FLAGS) -Itests/sys/lib -MMD -MP -o $@ $< \
	  $(if $(findstring hoststack,$@),tests/sys/lib/target.c) $(LINUX_UNIT_LIBS)

-include $(LINUX_UNIT_BIN:=.d)

$(foreach t,$(LINUX_UNIT),$(call chim_test,unit,linux-$t,\
  $(B)/tests/host/linux/test_$t $(B)/tests/host/linux,$(B)/tests/host/linux/test_$t))
