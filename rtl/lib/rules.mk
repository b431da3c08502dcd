# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Lint of the cells, each parameter row of the benches.

$(call chim_lint_sv,axis_skid,-GDataW=8 -GUserW=1)
$(call chim_lint_sv,axis_skid,-GDataW=512 -GUserW=3)
$(call chim_lint_sv,fifo_sync,-GWidth=9 -GDepth=16 -GUseBram=1\'b0)
$(call chim_lint_sv,fifo_sync,-GWidth=17 -GDepth=2 -GUseBram=1\'b1)
$(call chim_lint_sv,ram_1r1w,-GWidth=24 -GDepth=5)
$(call chim_lint_sv,ram_1r1w_fwd,-GWidth=24 -GDepth=5)
