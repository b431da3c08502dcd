# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_RX_PATH_SV := -f rtl/contract/contract.f -f rtl/lib/lib.f -f rtl/net/net.f \
  $(d)/chim_rx_path_tb.sv
$(foreach w,64 128 512,$(call chim_vbench,chim_rx_path-$w,chim_rx_path_tb,$(CHIM_RX_PATH_SV),\
  $(d)/tb_chim_rx_path.cpp,-GDataW=$w -GConns=64 -CFLAGS "-I$(CURDIR)/rtl/contract -DDATA_W=$w \
  -DCONNS=64",timeout=120))
$(call chim_vbench,chim_rx_path-512-4096,chim_rx_path_tb,$(CHIM_RX_PATH_SV),\
  $(d)/tb_chim_rx_path.cpp,-GDataW=512 -GConns=4096 -GBufBytes=65536 -CFLAGS \
  "-I$(CURDIR)/rtl/contract -DDATA_W=512 -DCONNS=4096",timeout=120)
$(foreach r,64 128 512 512-4096,$(B)/vbench/chim_rx_path-$r/bench): \
  $(wildcard tests/unit/rtl/common/*.h) tests/unit/rtl/chim_rx_path/rx_path_tb.h
