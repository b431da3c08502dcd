// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder. Paths are relative to the project's top folder.
rtl/dma/chim_dma_read.sv
rtl/dma/chim_dma_write.sv
rtl/dma/chim_desc_fetch.sv
rtl/dma/chim_gather.sv
rtl/dma/chim_ptx.sv
rtl/dma/chim_index_wb.sv
rtl/dma/chim_rx_write.sv
rtl/dma/chim_prx_cpl.sv
rtl/dma/chim_evt_ring.sv
rtl/dma/chim_soc_dma.sv
rtl/dma/chim_irq.sv
rtl/dma/chim_counters.sv
rtl/dma/chim_host_if.sv
rtl/dma/chim_dma.sv
