# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# One test "mutant-NAME" for each NAME.patch of this folder.

CHIM_MUTANTS := $(sort $(wildcard $(d)/*.patch))
$(foreach m,$(CHIM_MUTANTS),$(call chim_test,mutants,mutant-$(basename $(notdir $m)),\
  scripts/mutants.py $m,,timeout=280))
