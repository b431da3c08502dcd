# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# One test "scripts-NAME" for each test_NAME.py.

$(foreach t,$(sort $(wildcard $(d)/test_*.py)),$(call chim_test,unit,\
  scripts-$(patsubst test_%,%,$(basename $(notdir $t))),$t,,timeout=180))
