# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# P4 at the core's header builder, with the engine's parameters.

include rtl/engine/engine_params.mk
CHIM_CORE_FIGURES_SV := -f rtl/contract/contract.f -f rtl/lib/lib.f -f rtl/net/net.f \
  -f rtl/engine/engine.f -f rtl/dma/dma.f $(d)/chim_soc.sv -f rtl/top/top.f
$(eval $(call chim_vbench_rule,core_figures,chim_core,$(CHIM_CORE_FIGURES_SV),\
  $(d)/figures_core.cpp $(wildcard sim/model/bfm/*.cpp),$(d)/core_figures.vlt \
  -GDataW=$(ENGINE_DATA_W) -GConns=$(ENGINE_CONNS) -DCONNS=$(ENGINE_CONNS) \
  -DDATA_W=$(ENGINE_DATA_W) -Irtl -Isim/model/bfm))
$(call chim_bench,core_latency,$(B)/vbench/core_figures/bench $(B)/bench/core_latency.json,\
  $(B)/vbench/core_figures/bench)
