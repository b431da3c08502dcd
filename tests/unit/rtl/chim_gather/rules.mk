# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_GATHER_SV := rtl/contract/chim_contract_pkg.sv rtl/lib/chim_pkg.sv rtl/lib/chim_types_pkg.sv \
  rtl/lib/ram_1r1w.sv rtl/lib/fifo_sync.sv rtl/lib/chim_table.sv rtl/dma/chim_dma_read.sv \
  rtl/dma/chim_gather.sv $(d)/chim_gather_tb.sv
CHIM_GATHER_CPP := $(d)/tb_chim_gather.cpp sim/model/bfm/axi_mem.cpp
$(call chim_vbench,chim_gather-64,chim_gather_tb,$(CHIM_GATHER_SV),$(CHIM_GATHER_CPP),\
  -GDataW=64 -DDATA_W=64 -Irtl)
$(call chim_vbench,chim_gather-512,chim_gather_tb,$(CHIM_GATHER_SV),$(CHIM_GATHER_CPP),\
  -GDataW=512 -DDATA_W=512 -Irtl)
