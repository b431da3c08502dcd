# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Area and clock on ECP5; the engine in the configuration in which its figures are measured.

include rtl/engine/engine_params.mk
$(call chim_synth,engine,scripts/synth.py engine Conns=$(ENGINE_CONNS),,timeout=5400)
$(call chim_synth,core,scripts/synth.py core DataW=$(ENGINE_DATA_W) Conns=$(ENGINE_CONNS),,\
  timeout=5400)
