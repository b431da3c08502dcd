# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

$(call chim_vbench,fifo_sync-lut,fifo_sync,rtl/lib/fifo_sync.sv,$(d)/tb_fifo_sync.cpp,\
  -GWidth=9 -GDepth=16 -GUseBram=1\'b0 -DWIDTH=9 -DDEPTH=16 -DUSE_BRAM=0)
$(call chim_vbench,fifo_sync-bram,fifo_sync,rtl/lib/fifo_sync.sv,$(d)/tb_fifo_sync.cpp,\
  -GWidth=17 -GDepth=2 -GUseBram=1\'b1 -DWIDTH=17 -DDEPTH=2 -DUSE_BRAM=1)
