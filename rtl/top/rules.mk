# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Lint of the whole core, smallest and large. Hard part: none.

$(call chim_lint_sv,chim_core,-GDataW=64 -GConns=64,-f rtl/chimney.f $(VEXRISCV_V))
$(call chim_lint_sv,chim_core,-GDataW=512 -GConns=4096,-f rtl/chimney.f $(VEXRISCV_V))
