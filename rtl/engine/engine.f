// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder, packages first. Paths are relative to the project's top folder.
rtl/engine/chim_engine_pkg.sv
rtl/engine/chim_tx_rtt.sv
rtl/engine/chim_tx_cwnd.sv
rtl/engine/chim_tx_grant.sv
rtl/engine/chim_tx_step.sv
