// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder. The core itself, VexRiscv_Lite.v, comes from its Python package and is
// added by what builds the model (VEXRISCV_V in scripts/tools.mk).
rtl/soc/chim_soft_core_hold.sv
rtl/soc/chim_soft_core.sv
rtl/soc/chim_soc_ram.sv
rtl/soc/chim_soc_bus.sv
rtl/soc/chim_soc_tbl.sv
rtl/soc/chim_soc_stream.sv
rtl/soc/chim_soc_sim.sv
rtl/soc/chim_soc.sv
