# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Names of the tools, as make variables. Recipes run in the project's top folder, so the paths are
# relative, which read_slang needs. Hard part: none; a variable may be overridden on the command
# line.

T := scripts/tools
PYTHON      := $T/python3
VERILATOR   := $T/verilator
YOSYS       := $T/yosys
SBY         := $T/sby
NEXTPNR     := $T/nextpnr-ecp5
ECPPACK     := $T/ecppack
PEAKRDL     := $T/peakrdl
VERIBLE_FMT := $T/verible-verilog-format

# With ccache, when it is there, what is compiled in one folder is remembered for another: the
# copies of mutants.
CCACHE := $(notdir $(shell command -v ccache))
export CCACHE_DIR ?= $(CURDIR)/$(B)/ccache
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1
CC  := $(strip $(CCACHE) gcc)
CXX := $(strip $(CCACHE) g++)
CLANG   := $(strip $(CCACHE) clang)
CLANGXX := $(strip $(CCACHE) clang++)

# Firmware: VexRiscv Lite is RV32IM; the 2.2 ISA spec has CSR instructions in I and picks the
# multilib rv32im/ilp32.
RV_CC      := riscv64-unknown-elf-gcc
RV_OBJCOPY := riscv64-unknown-elf-objcopy
RV_SIZE    := riscv64-unknown-elf-size
RV_ARCH    := -march=rv32im -mabi=ilp32 -misa-spec=2.2

# Recursive: both exist only after set-up.
VERILATOR_ROOT = $(firstword $(wildcard $(CURDIR)/.venv/lib/python3*/site-packages/verilator))
VEXRISCV_V = $(firstword $(wildcard \
  .venv/lib/python3*/site-packages/pythondata_cpu_vexriscv/verilog/VexRiscv_Lite.v))

# Warnings that host C must not have (conventions of host/).
CHIM_CFLAGS := -std=c11 -O2 -g -Wall -Wextra -Wconversion -Wshadow -Werror
CHIM_CXXFLAGS := -std=c++17 -O2 -g -Wall -Wextra -Wshadow -Werror
# What the tests link is compiled by clang, which is several times as quick with the sanitizers and
# is the second opinion on warnings.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
