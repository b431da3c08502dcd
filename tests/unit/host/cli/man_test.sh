#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Is the checked-in manual page what the program prints, and does it format? usage: man_test.sh
# CHIMNEY. Hard part: none.
set -u
page=host/cli/man/chimney.1
if ! diff <("$1" help --roff) $page; then
  echo "not current: make man"
  exit 1
fi
# Each verb of the table has its section with an example.
verbs=$("$1" help --roff | grep -c '^\.SS')
examples=$("$1" help --roff | grep -c '^chimney ')
[ "$verbs" -gt 15 ] && [ "$examples" -ge "$verbs" ] ||
  { echo "$verbs verbs, $examples examples"; exit 1; }
warnings=$(groff -man -Tascii -ww -z $page 2>&1) && [ -z "$warnings" ] ||
  { echo "groff: $warnings"; exit 1; }
