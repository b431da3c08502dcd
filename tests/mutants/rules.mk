# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# One test "mutant-NAME" for each NAME.patch of this folder, in `make soak` for those of more/;
# and one that all of them still apply.

CHIM_MUTANTS := $(sort $(wildcard $(d)/*.patch $(d)/more/*.patch))
$(call chim_test,mutants,mutants-apply,scripts/mutants.py --dry-run $(CHIM_MUTANTS))
$(foreach m,$(CHIM_MUTANTS),$(call chim_test,\
  $(if $(findstring /more/,$m),soak,mutants),mutant-$(basename $(notdir $m)),\
  scripts/mutants.py $m,,timeout=280))
