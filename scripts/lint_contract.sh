#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Test: Verilator and Yosys elaborate chim_contract_check, which proves the place of every field of
# the package; the C compilers read the headers, whose assertions prove offsets and sizes. TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
dir=${1:-rtl/contract}
mkdir -p build/contract
number=0
bad=0
run() { # TEXT COMMAND...
  local text=$1 out
  shift
  number=$((number + 1))
  if out=$("$@" 2>&1); then
    echo "ok $number - $text"
  else
    echo "not ok $number - $text"
    head -20 <<< "$out"
    bad=1
  fi
}
unit=build/contract/unit.c
printf '#include "chim_contract.h"\n' > $unit
for header in "$dir"/chim_*regs.h; do
  printf '#include "%s"\n' "$(basename "$header")" >> $unit
done
cp $unit build/contract/unit.cpp
warn=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only -I "$dir")
echo "1..6"
run "Verilator" scripts/tools/verilator --lint-only -Wall --top-module chim_contract_check \
  rtl/contract/contract.vlt "$dir/chim_contract_pkg.sv" "$dir/chim_contract_check.sv"
run "Yosys" scripts/tools/yosys -q -p "read_slang -j 1 --top chim_contract_check \
  $dir/chim_contract_pkg.sv $dir/chim_contract_check.sv"
run "gcc, C11" gcc -std=c11 "${warn[@]}" $unit
run "clang, C11" clang -std=c11 "${warn[@]}" $unit
run "g++, C++17" g++ -std=c++17 "${warn[@]}" build/contract/unit.cpp
run "gcc for RV32, freestanding C11" riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 \
  -misa-spec=2.2 -ffreestanding -std=c11 "${warn[@]}" $unit
exit $bad
