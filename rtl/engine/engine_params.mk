# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The one configuration in which the engine's figures are measured (make bench: P1 to P4, P7, P8)
# and in which it is placed and routed (make synth: P13). DataW is the bus of the core around it;
# the engine itself moves no payload.

ENGINE_DATA_W := 64
ENGINE_CONNS := 1024
