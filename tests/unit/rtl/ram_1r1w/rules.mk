# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

$(call chim_vbench,ram_1r1w-64,ram_1r1w,rtl/lib/ram_1r1w.sv,$(d)/tb_ram_1r1w.cpp,\
  -GWidth=24 -GDepth=64 -DDEPTH=64)
$(call chim_vbench,ram_1r1w-5,ram_1r1w,rtl/lib/ram_1r1w.sv,$(d)/tb_ram_1r1w.cpp,\
  -GWidth=24 -GDepth=5 -DDEPTH=5)
