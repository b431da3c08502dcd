# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

$(call chim_vbench,axis_skid-8-1,axis_skid,rtl/lib/axis_skid.sv,$(d)/tb_axis_skid.cpp,\
  -GDataW=8 -GUserW=1 -DDATA_W=8 -DUSER_W=1)
$(call chim_vbench,axis_skid-64-3,axis_skid,rtl/lib/axis_skid.sv,$(d)/tb_axis_skid.cpp,\
  -GDataW=64 -GUserW=3 -DDATA_W=64 -DUSER_W=3)
