# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_PEND_SET_SV := rtl/lib/ram_1r1w.sv rtl/lib/fifo_sync.sv rtl/lib/chim_pend_set.sv
$(call chim_vbench,chim_pend_set-16,chim_pend_set,$(CHIM_PEND_SET_SV),\
  $(d)/tb_chim_pend_set.cpp,-GEntries=16 -DENTRIES=16)
$(call chim_vbench,chim_pend_set-128,chim_pend_set,$(CHIM_PEND_SET_SV),\
  $(d)/tb_chim_pend_set.cpp,-GEntries=128 -DENTRIES=128)
