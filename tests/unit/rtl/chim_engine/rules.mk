# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors

CHIM_ENGINE_SV := -f rtl/contract/contract.f -f rtl/lib/lib.f -f rtl/engine/engine.f
$(call chim_vbench,chim_engine-64,chim_engine,$(CHIM_ENGINE_SV),$(d)/tb_chim_engine.cpp,\
  -GConns=64 -DCONNS=64 -Irtl,timeout=240)
$(call chim_vbench,chim_engine-1024,chim_engine,$(CHIM_ENGINE_SV),$(d)/tb_chim_engine.cpp,\
  -GConns=1024 -DCONNS=1024 -Irtl,timeout=240)

# The figures, in the configuration that is placed and routed too.
include rtl/engine/engine_params.mk
$(eval $(call chim_vbench_rule,engine_figures,chim_engine,$(CHIM_ENGINE_SV),\
  $(d)/figures_engine.cpp,-GConns=$(ENGINE_CONNS) -DCONNS=$(ENGINE_CONNS) -Irtl))
$(call chim_bench,engine,$(B)/vbench/engine_figures/bench $(B)/bench/engine.json,\
  $(B)/vbench/engine_figures/bench)

# P9: the largest configuration.
$(eval $(call chim_vbench_rule,engine_figures_64k,chim_engine,$(CHIM_ENGINE_SV),\
  $(d)/figures_engine.cpp,-GConns=65536 -DCONNS=65536 -Irtl))
$(call chim_bench,engine_64k,$(B)/vbench/engine_figures_64k/bench $(B)/bench/engine_64k.json,\
  $(B)/vbench/engine_figures_64k/bench)
