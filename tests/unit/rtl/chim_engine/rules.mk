# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_ENGINE_SV := -f rtl/contract/contract.f -f rtl/lib/lib.f -f rtl/engine/engine.f
$(call chim_vbench,chim_engine-64,chim_engine,$(CHIM_ENGINE_SV),$(d)/tb_chim_engine.cpp,\
  -GConns=64 -CFLAGS "-DCONNS=64" -CFLAGS -I$(CURDIR)/rtl,timeout=240)
$(call chim_vbench,chim_engine-1024,chim_engine,$(CHIM_ENGINE_SV),$(d)/tb_chim_engine.cpp,\
  -GConns=1024 -CFLAGS "-DCONNS=1024" -CFLAGS -I$(CURDIR)/rtl,timeout=240)
