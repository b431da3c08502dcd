// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// All RTL sources: one list per folder, packages before what imports them. Paths are relative to
// the project's top folder.
-f rtl/contract/contract.f
-f rtl/lib/lib.f
-f rtl/net/net.f
-f rtl/engine/engine.f
-f rtl/dma/dma.f
-f rtl/soc/soc.f
-f rtl/top/top.f
