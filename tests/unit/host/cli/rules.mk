# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Tests of the command line that need no device. Hard part: none.

$(call chim_test,unit,cli,$(d)/cli_test.py $(B)/host/chimney,$(B)/host/chimney)
