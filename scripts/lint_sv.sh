#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Test: lint of one module: lint_sv.sh TOP [-GName=value...] [-f FILE...], out of rtl/chimney.f when
# no list is given, with the pinned Verilator and with Debian's 5.006, the oldest that users have,
# when it is installed. Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
top=$1
shift
old=/usr/bin/verilator
# Modules that contain the firmware's register block.
uses_soc_regs='^(chim_soc|chim_core)'
unset VERILATOR_ROOT
files=(-f rtl/chimney.f)
case " $* " in *' -f '* | *.sv*) files=() ;; esac
bad=0
lint() { # NUMBER TEXT VERILATOR ARGUMENTS
  local number=$1 text=$2 tool=$3 out
  shift 3
  if out=$("$tool" --lint-only -Wall --top-module "$top" rtl/*/*.vlt "$@" \
    "${files[@]}" 2>&1); then
    echo "ok $number - $top $text"
  else
    echo "not ok $number - $top $text"
    grep -v '^- ' <<< "$out" | head -40
    bad=1
  fi
}
echo "1..2"
lint 1 "Verilator 5.48 $*" scripts/tools/verilator "$@"
if grep -q '\[i[0-9]*\]\.' rtl/contract/chim_soc_regs.sv && [[ $top =~ $uses_soc_regs ]]; then
  echo "ok 2 - $top Verilator 5.006 # SKIP it crashes on PeakRDL's register arrays (chim_soc_regs)"
elif [ ! -x $old ]; then
  echo "ok 2 - $top Verilator 5.006 # SKIP Debian's verilator is not installed"
else
  lint 2 "Verilator 5.006 $*" $old "$@"
fi
exit $bad
