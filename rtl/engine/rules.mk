# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Lint of the receive half; the engine's own rows are beside its bench.

$(call chim_lint_sv,chim_rx_half,-GConns=64)
$(call chim_lint_sv,chim_rx_half,-GConns=4096)
