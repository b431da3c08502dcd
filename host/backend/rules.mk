# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Builds libchim_backend.a. A program that links it links $(LIBCHIM_SIM) behind it, for the back end
# "model", and $(SIM_LIBS). Hard part: none.

BACKEND_O := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard host/backend/*.c)))
LIBCHIM_BACKEND := $(B)/host/libchim_backend.a

$(B)/host/backend/%.o: host/backend/%.c
	@mkdir -p $(@D)
	$(CC) $(CHIM_CFLAGS) -D_GNU_SOURCE -fPIC -MMD -MP -Ihost/include -c -o $@ $<
$(LIBCHIM_BACKEND): $(BACKEND_O)
	rm -f $@ && ar rcs $@ $^
-include $(BACKEND_O:.o=.d)
