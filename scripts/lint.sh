#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Tests: static checks of all sources of one language: lint.sh cppcheck|shell|python. Hard part:
# cppcheck must see the contract's header, or it guesses, and is told what the compiler defines, or
# it checks every file several times. It takes the address of a variable for its use (uninitvar, in
# 2.10); the compilers and the sanitizers find uninitialised ones.
set -u
cd "$(dirname "$0")/.." || exit 1
mapfile -t files < <(git ls-files -co --exclude-standard | sort -u)
pick() { # PATTERN: existing files that match it
  local file
  for file in "${files[@]}"; do
    [[ $file =~ $1 && -f $file && ! -L $file ]] && echo "$file"
  done
}
case $1 in
  cppcheck)
    mapfile -t sources < <(pick '^(host|fw|sim)/.*\.c$')
    [ ${#sources[@]} -gt 0 ] || { echo "SKIP: there is no C source yet"; exit 77; }
    mkdir -p build/cppcheck
    cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j 2 \
      --cppcheck-build-dir=build/cppcheck --enable=warning,performance,portability \
      --suppress=missingIncludeSystem --suppress=uninitvar --suppress=normalCheckLevelMaxBranches \
      -U__cplusplus -U__CHECKER__ -D__BYTE_ORDER__=1234 -D__ORDER_BIG_ENDIAN__=4321 \
      -D__ORDER_LITTLE_ENDIAN__=1234 \
      -I rtl/contract -I host/include -I sim/include -I fw "${sources[@]}"
    ;;
  shell)
    bad=0
    while read -r file; do
      case $(head -c 64 "$file") in
        '#!/bin/bash'*) bash -n "$file" || bad=1 ;;
        '#!/bin/sh'*) sh -n "$file" || bad=1 ;;
      esac
    done < <(pick '^(scripts|tests|sim|host|fw|\.ci)/[^.]*(\.sh)?$|^\.ci/run$')
    exit $bad
    ;;
  python)
    pick '\.py$' | xargs -d '\n' /usr/bin/python3 -W error -c '
import ast, pathlib, sys
for name in sys.argv[1:]:
    ast.parse(pathlib.Path(name).read_text(encoding="ascii"), name)'
    ;;
  *) echo "usage: lint.sh cppcheck|shell|python" >&2 ; exit 2 ;;
esac
