# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Lint of the soft core's surroundings; benches are in tests/unit/rtl/chim_soc*. Hard part: the core
# itself comes from its Python package.

SOC_FILES := -f rtl/contract/contract.f -f rtl/lib/lib.f -f rtl/soc/soc.f $(VEXRISCV_V)

$(call chim_lint_sv,chim_soc,-GConns=64 -GPaths=16 -GNeighbors=16,$(SOC_FILES))
$(call chim_lint_sv,chim_soc,-GConns=4096 -GCoreDiv=2,$(SOC_FILES))
