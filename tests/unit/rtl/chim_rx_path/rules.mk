# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_RX_PATH_SV := -f rtl/contract/contract.f -f rtl/lib/lib.f -f rtl/net/net.f \
  $(d)/chim_rx_path_tb.sv
# Widths between those that are built, and 4,096 connections, belong to the soak.
$(foreach w,64 128 512,$(call chim_vbench,chim_rx_path-$w,chim_rx_path_tb,$(CHIM_RX_PATH_SV),\
  $(d)/tb_chim_rx_path.cpp,-GDataW=$w -GConns=64 -DDATA_W=$w -DCONNS=64 \
  -Irtl/contract,timeout=120 $(if $(filter 128,$w),soak)))
$(call chim_vbench,chim_rx_path-512-4096,chim_rx_path_tb,$(CHIM_RX_PATH_SV),\
  $(d)/tb_chim_rx_path.cpp,-GDataW=512 -GConns=4096 -GBufBytes=65536 -DDATA_W=512 \
  -DCONNS=4096 -Irtl/contract,timeout=120 soak)
