# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_RX_PARSE_SV := rtl/contract/chim_contract_pkg.sv rtl/lib/chim_types_pkg.sv \
  rtl/net/chim_net_pkg.sv rtl/net/chim_rx_csum.sv rtl/net/chim_rx_key.sv \
  rtl/net/chim_rx_parse.sv $(d)/chim_rx_parse_tb.sv
# Widths between those that are built belong to the soak.
$(foreach w,64 128 256 512,\
  $(call chim_vbench,chim_rx_parse-$w,chim_rx_parse_tb,$(CHIM_RX_PARSE_SV),\
  $(d)/tb_chim_rx_parse.cpp,-GDataW=$w -DDATA_W=$w -DKEYED=1,\
  $(if $(filter 128 256,$w),soak)))
$(call chim_vbench,chim_rx_parse-64-unkeyed,chim_rx_parse_tb,$(CHIM_RX_PARSE_SV),\
  $(d)/tb_chim_rx_parse.cpp,-GDataW=64 -GKeyed=1\'b0 -DDATA_W=64 -DKEYED=0)
$(call chim_vbench,chim_rx_parse-512-unkeyed,chim_rx_parse_tb,$(CHIM_RX_PARSE_SV),\
  $(d)/tb_chim_rx_parse.cpp,-GDataW=512 -GKeyed=1\'b0 -DDATA_W=512 -DKEYED=0)
