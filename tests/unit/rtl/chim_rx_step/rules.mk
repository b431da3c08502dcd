# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

$(call chim_vbench,chim_rx_step,chim_rx_step,rtl/contract/chim_contract_pkg.sv rtl/lib/chim_pkg.sv \
  rtl/lib/chim_types_pkg.sv rtl/engine/chim_rx_pkg.sv rtl/engine/chim_rx_step.sv,\
  $(d)/tb_chim_rx_step.cpp,-Irtl)
