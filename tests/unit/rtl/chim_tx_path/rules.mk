# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_TX_PATH_SV := -f rtl/contract/contract.f -f rtl/lib/lib.f -f rtl/net/net.f \
  $(d)/chim_tx_path_tb.sv
# Widths between those that are built belong to the soak.
$(foreach w,64 128 256 512,$(call chim_vbench,chim_tx_path-$w,chim_tx_path_tb,$(CHIM_TX_PATH_SV),\
  $(d)/tb_chim_tx_path.cpp,-GDataW=$w -Irtl/contract -DDATA_W=$w,\
  timeout=120 $(if $(filter 128 256,$w),soak)))
