# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# System tests: real kernel connections in network namespaces, as root and as an ordinary user. Hard
# part: they skip where namespaces are not allowed, and take the machine for themselves where they
# measure time.

SYS_DIR := $(d)
SYS_LIB := $(SYS_DIR)/lib
SYS_FLAGS := $(CHIM_CFLAGS) -O1 $(SANITIZE) -D_GNU_SOURCE -Ihost/include -Ihost/linux -I$(SYS_LIB)
SYS_MOVE := $(B)/tests/sys/move_test $(B)/tests/sys/fin_test
SYS_DOUBLE := $(B)/tests/sys/chimney-double

$(SYS_MOVE): $(B)/tests/sys/%: $(SYS_DIR)/%.c $(SYS_LIB)/movebed.c $(SYS_LIB)/netbed.c \
  $(SYS_LIB)/movebed.h $(SYS_LIB)/netbed.h $(B)/san/libchim_linux.a
	@mkdir -p $(@D)
	$(CLANG) $(SYS_FLAGS) -o $@ $(filter %.c %.a,$^)

# The program with a stand-in for the NIC library (lib/nic_double.c).
$(SYS_DOUBLE): $(SYS_LIB)/nic_double.c $(SYS_LIB)/target.c $(SYS_LIB)/target.h \
  $(patsubst %.c,$(B)/san/%.o,$(sort $(wildcard host/cli/*.c))) $(B)/san/libchim_linux.a \
  $(B)/san/libchim_ndis.a
	@mkdir -p $(@D)
	$(CLANG) $(SYS_FLAGS) -o $@ $(filter %.c %.o %.a,$^)

# $(call sys_both,NAME,COMMAND,PREREQUISITES,OPTIONS): as root, and in a user namespace.
sys_both = $(call chim_test,sys,$1,$2,$3,$4)$(call chim_test,sys,$1-user,$2 user,$3,$4)

$(call sys_both,move-ipv4,$(B)/tests/sys/move_test 4,$(B)/tests/sys/move_test,alone)
$(call sys_both,move-ipv6,$(B)/tests/sys/move_test 6,$(B)/tests/sys/move_test,alone)
$(call sys_both,move-fin-ipv4,$(B)/tests/sys/fin_test 4,$(B)/tests/sys/fin_test)
$(call sys_both,move-fin-ipv6,$(B)/tests/sys/fin_test 6,$(B)/tests/sys/fin_test)
$(call chim_test,sys,program,$(SYS_DIR)/program_test.py $(SYS_DOUBLE),$(SYS_DOUBLE),timeout=240)
# What an ordinary user's rights bear on.
$(call chim_test,sys,program-user,$(SYS_DIR)/program_test.py $(SYS_DOUBLE) user moves \
  unix_listener policy bad_input,$(SYS_DOUBLE),timeout=240)
$(call chim_test,sys,demo-judge,$(SYS_DIR)/judge_test.py)

# The main job, small, with the whole NIC in the model: on a clean wire, over a bad one, IPv6, and
# with an ordinary user's rights. A clean wire shows no retransmission only if nothing else makes a
# time-out of our own.
sys_demo = $(call chim_test,sys,demo-$1,\
  $2 scripts/demo.sh --out $(B)/tests/sys/demo-$1 --size 2 $3,\
  $(B)/host/chimney $(B)/model/chim_model_w64_c64.so,timeout=300 $4)
$(call sys_demo,clean,,,alone)
$(call sys_demo,loss,,--loss 2% --reorder 2% --dup 1% --corrupt 1%)
$(call sys_demo,ipv6-user,$(SYS_DIR)/lib/as_user.sh,--ipv6,alone)
$(call chim_test,sys,demo-vfio-user,\
  scripts/demo.sh --out $(B)/tests/sys/demo-vfio-user --size 4 --vfio-user,\
  $(B)/host/chimney $(B)/bin/chimney-model $(B)/model/chim_model_w64_c64.so,timeout=500 alone)

# Longer: other seeds, all faults at once.
$(foreach s,2 3 4,$(call chim_test,soak,demo-soak-$s,\
  scripts/demo.sh --out $(B)/tests/sys/demo-soak-$s --size 16 --loss 3% --reorder 3% --dup 2% \
  --corrupt 1% --delay 2ms --seed $s,\
  $(B)/host/chimney $(B)/model/chim_model_w64_c64.so,timeout=1800 alone))
