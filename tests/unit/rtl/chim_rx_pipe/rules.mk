# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_RX_HALF_SV := rtl/contract/chim_contract_pkg.sv $(addprefix rtl/lib/,chim_pkg.sv \
  chim_types_pkg.sv ram_1r1w.sv ram_1r1w_fwd.sv fifo_sync.sv) $(addprefix rtl/engine/chim_,\
  engine_pkg.sv rx_pkg.sv rx_predict.sv rx_fast.sv rx_step.sv rx_pipe.sv bind.sv ack_queue.sv \
  ack_pick.sv ack_tables.sv ack.sv rx_half.sv) $(d)/chim_rx_half_tb.sv
$(call chim_vbench,chim_rx_pipe-64,chim_rx_half_tb,$(CHIM_RX_HALF_SV),$(d)/tb_chim_rx_pipe.cpp,\
  -GConns=64 -Irtl -DCONNS=64 -DROUNDS=42)
$(call chim_vbench,chim_rx_pipe-4,chim_rx_half_tb,$(CHIM_RX_HALF_SV),$(d)/tb_chim_rx_pipe.cpp,\
  -GConns=4 -Irtl -DCONNS=4 -DROUNDS=84)
