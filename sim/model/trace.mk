# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Read behind Verilator's makefile of a model: waveform code runs only while one is written, and
# takes the compiler as long at -O3 as a quarter of the model.
Vchim_core__Trace__%.o: override OPT_FAST := -O1
