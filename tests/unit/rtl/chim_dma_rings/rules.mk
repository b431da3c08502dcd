# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_DMA_RINGS_SV := rtl/contract/chim_contract_pkg.sv rtl/lib/chim_pkg.sv \
  rtl/lib/chim_types_pkg.sv rtl/net/chim_net_pkg.sv rtl/lib/ram_1r1w.sv rtl/lib/fifo_sync.sv \
  rtl/lib/chim_table.sv $(addprefix rtl/dma/,chim_dma_read.sv chim_dma_write.sv \
  chim_desc_fetch.sv chim_gather.sv chim_ptx.sv chim_index_wb.sv chim_rx_write.sv \
  chim_prx_cpl.sv chim_evt_ring.sv chim_soc_dma.sv chim_irq.sv chim_dma.sv) \
  $(d)/chim_dma_rings_tb.sv
CHIM_DMA_RINGS_CPP := $(d)/tb_chim_dma_rings.cpp sim/model/bfm/axi_mem.cpp
$(call chim_vbench,chim_dma_rings-64,chim_dma_rings_tb,$(CHIM_DMA_RINGS_SV),$(CHIM_DMA_RINGS_CPP),\
  -GDataW=64 -DDATA_W=64 -Irtl)
$(call chim_vbench,chim_dma_rings-512,chim_dma_rings_tb,$(CHIM_DMA_RINGS_SV),$(CHIM_DMA_RINGS_CPP),\
  -GDataW=512 -DDATA_W=512 -Irtl)
