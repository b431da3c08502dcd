# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_TX_STEP_SV := rtl/contract/chim_contract_pkg.sv rtl/lib/chim_pkg.sv \
  rtl/lib/chim_types_pkg.sv rtl/engine/chim_engine_pkg.sv rtl/engine/chim_tx_rtt.sv \
  rtl/engine/chim_tx_cwnd.sv rtl/engine/chim_tx_grant.sv rtl/engine/chim_tx_step.sv
$(call chim_vbench,chim_tx_step,chim_tx_step,$(CHIM_TX_STEP_SV),$(d)/tb_chim_tx_step.cpp,-Irtl)
