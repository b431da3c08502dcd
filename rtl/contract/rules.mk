# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The generated package, checked at elaboration by both readers, and the register blocks.

$(call chim_test,lint,sv-contract,scripts/lint_contract.sh)
$(call chim_lint_sv,chim_regs)
$(call chim_lint_sv,chim_soc_regs)
