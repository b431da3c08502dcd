// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// Sources of this folder. Paths are relative to the project's top folder.
rtl/top/chim_reset.sv
rtl/top/chim_event_gen.sv
rtl/top/chim_core.sv
