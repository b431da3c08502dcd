// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder, packages first. Paths are relative to the project's top folder.
rtl/engine/chim_engine_pkg.sv
rtl/engine/chim_rx_pkg.sv
rtl/engine/chim_rx_step.sv
rtl/engine/chim_rx_predict.sv
rtl/engine/chim_rx_fast.sv
rtl/engine/chim_rx_pipe.sv
rtl/engine/chim_bind.sv
rtl/engine/chim_ack_queue.sv
rtl/engine/chim_ack_pick.sv
rtl/engine/chim_ack_tables.sv
rtl/engine/chim_ack.sv
rtl/engine/chim_rx_half.sv
rtl/engine/chim_tx_rtt.sv
rtl/engine/chim_tx_cwnd.sv
rtl/engine/chim_tx_grant.sv
rtl/engine/chim_tx_step.sv
rtl/engine/chim_tx_express.sv
rtl/engine/chim_tx_tables.sv
rtl/engine/chim_tx_pick.sv
rtl/engine/chim_tx_pass.sv
rtl/engine/chim_tx_misc.sv
rtl/engine/chim_segmenter.sv
rtl/engine/chim_lane.sv
rtl/engine/chim_timer_scan.sv
rtl/engine/chim_evt_unit.sv
rtl/engine/chim_fence.sv
rtl/engine/chim_engine.sv
