# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_DMA_RW_SV := rtl/lib/chim_pkg.sv rtl/lib/fifo_sync.sv rtl/dma/chim_dma_read.sv \
  rtl/dma/chim_dma_write.sv $(d)/chim_dma_rw.sv
CHIM_DMA_RW_CPP := $(d)/tb_chim_dma_rw.cpp sim/model/bfm/axi_mem.cpp
$(call chim_vbench,chim_dma_rw-64,chim_dma_rw,$(CHIM_DMA_RW_SV),$(CHIM_DMA_RW_CPP),\
  -GDataW=64 -DDATA_W=64)
$(call chim_vbench,chim_dma_rw-512,chim_dma_rw,$(CHIM_DMA_RW_SV),$(CHIM_DMA_RW_CPP),\
  -GDataW=512 -DDATA_W=512)
