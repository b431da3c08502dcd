// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder, packages first. Paths are relative to the project's top folder.
rtl/net/chim_net_pkg.sv
rtl/net/chim_rx_csum.sv
rtl/net/chim_rx_key.sv
rtl/net/chim_rx_parse.sv
rtl/net/chim_lkp_pkg.sv
rtl/net/chim_lookup.sv
rtl/net/chim_rx_opts.sv
rtl/net/chim_rx_buffer.sv
rtl/net/chim_rx_front.sv
rtl/net/chim_rx_inject.sv
rtl/net/chim_entry.sv
rtl/net/chim_rx_join.sv
rtl/net/chim_rx_read.sv
rtl/net/chim_rx_path.sv
rtl/net/chim_hdr_build.sv
rtl/net/chim_tx_store.sv
rtl/net/chim_tx_out.sv
rtl/net/chim_tx_path.sv
