# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_LOOKUP_SV := rtl/contract/chim_contract_pkg.sv rtl/lib/chim_pkg.sv rtl/lib/chim_types_pkg.sv \
  rtl/lib/ram_1r1w.sv rtl/lib/fifo_sync.sv rtl/net/chim_net_pkg.sv rtl/net/chim_lkp_pkg.sv \
  rtl/net/chim_lookup.sv
# Every key of 6 bits and family, 8 slots, tags of one bit: most lookups have several candidates.
$(call chim_vbench,chim_lookup-small,chim_lookup,$(CHIM_LOOKUP_SV),$(d)/tb_chim_lookup.cpp,\
  -GConns=8 -GStashN=2 -GKeyW=7 -GTagW=1 -GStashTagW=1 -DCONNS=8 -DKEY_W=7)
$(call chim_vbench,chim_lookup-1024,chim_lookup,$(CHIM_LOOKUP_SV),$(d)/tb_chim_lookup.cpp,\
  -GConns=1024 -DCONNS=1024 -DKEY_W=289)
$(call chim_vbench,chim_lookup-4096,chim_lookup,$(CHIM_LOOKUP_SV),$(d)/tb_chim_lookup.cpp,\
  -GConns=4096 -DCONNS=4096 -DKEY_W=289,timeout=120 soak)
