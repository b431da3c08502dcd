# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_RAM_FWD_SV := rtl/lib/ram_1r1w.sv rtl/lib/ram_1r1w_fwd.sv
$(call chim_vbench,ram_1r1w_fwd-64,ram_1r1w_fwd,$(CHIM_RAM_FWD_SV),$(d)/tb_ram_1r1w_fwd.cpp,\
  -GWidth=24 -GDepth=64 -DDEPTH=64)
$(call chim_vbench,ram_1r1w_fwd-5,ram_1r1w_fwd,$(CHIM_RAM_FWD_SV),$(d)/tb_ram_1r1w_fwd.cpp,\
  -GWidth=24 -GDepth=5 -DDEPTH=5)
