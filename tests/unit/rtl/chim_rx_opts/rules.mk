# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

$(call chim_vbench,chim_rx_opts,chim_rx_opts_tb,rtl/contract/chim_contract_pkg.sv \
  rtl/lib/chim_types_pkg.sv rtl/net/chim_net_pkg.sv rtl/net/chim_rx_opts.sv \
  $(d)/chim_rx_opts_tb.sv,$(d)/tb_chim_rx_opts.cpp)
