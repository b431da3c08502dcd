// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder, packages first. Paths are relative to the project's top folder.
rtl/contract/chim_contract_pkg.sv
rtl/contract/chim_regs_pkg.sv
rtl/contract/chim_soc_regs_pkg.sv
rtl/contract/chim_regs.sv
rtl/contract/chim_soc_regs.sv
