// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder, packages first. Paths are relative to the project's top folder.
+incdir+rtl/lib
rtl/lib/chim_pkg.sv
rtl/lib/chim_types_pkg.sv
rtl/lib/ram_1r1w.sv
rtl/lib/fifo_sync.sv
rtl/lib/chim_pend_set.sv
rtl/lib/axis_skid.sv
rtl/lib/ram_1r1w_fwd.sv
rtl/lib/chim_table.sv
