# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The host's end of offloaded connections, for tests of whole NICs: $(B)/tests/nic_end.a. Hard part:
# none.

NIC_END_O := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard $(d)/*.c)))

$(NIC_END_O): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) -D_GNU_SOURCE -Ihost/include -Ihost/linux -MMD -MP -c -o $@ $<
$(B)/tests/nic_end.a: $(NIC_END_O)
	@rm -f $@
	ar rcs $@ $^
-include $(NIC_END_O:.o=.d)
