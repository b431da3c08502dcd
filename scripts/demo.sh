#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# `make demo`: a live Linux TCP connection moves into the NIC and back, several times inside a
# download and an upload of 8 MiB. Makes namespaces of its own (as an ordinary user inside a user
# namespace), in which scripts/demo_run.py does the rest. Hard part: everything ends with it,
# whatever happens.
#
# usage: demo.sh [--size MiB] [--loss 1%] [--reorder 1%] [--dup 1%] [--corrupt 1%] [--delay 5ms]
#                [--seed N] [--ipv6] [--rate BYTES/S] [--vfio-user] [--device SPEC]
#                [--out FOLDER]
set -u
cd "$(dirname "$0")/.." || exit 1

LIMIT_S=1800  # for all of it
CHIMNEY=${CHIMNEY:-build/host/chimney}

usage() { sed -n 's/^# usage: /usage: /p; s/^#                \[/                  [/p' "$0"; }
root_must() { # WHAT COMMAND...
  echo "demo: $1; run this as root, then again here:" >&2
  shift
  echo "  $*" >&2
  exit 2
}

case " $* " in *' --help '*|*' -h '*) usage; exit 0 ;; esac

need() { # COMMAND...: all there, in a root's PATH too
  local tool missing=()
  PATH=$PATH:/usr/sbin:/sbin
  for tool; do command -v "$tool" > /dev/null || missing+=("$tool"); done
  [ ${#missing[@]} -eq 0 ] || root_must "${missing[*]} missing" "$PWD/scripts/setup.sh demo"
}
need ip ethtool nginx curl tshark unshare python3
[ -x "$CHIMNEY" ] || { echo "demo: $CHIMNEY is not built; make demo builds it" >&2; exit 2; }

spaces=(unshare --net --mount --pid --fork --kill-child)
if [ "$(id -u)" -eq 0 ]; then
  why=$("${spaces[@]}" true 2>&1) ||
    { echo "demo: this root may not make namespaces (a container, a chroot?): $why" >&2; exit 2; }
else
  spaces+=(--user --map-root-user)
  why=$("${spaces[@]}" true 2>&1) ||
    root_must "user namespaces are not allowed here: $why" \
      "sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000"
fi
export CHIMNEY PATH
# shellcheck disable=SC2016
# In the foreground, so that an interrupt from the terminal reaches everything.
exec timeout --foreground --signal=TERM --kill-after=10 $LIMIT_S "${spaces[@]}" bash -c '
  mount -t tmpfs -o mode=755 tmpfs /run || { echo "demo: no tmpfs on /run" >&2; exit 2; }
  mount -t proc proc /proc 2> /dev/null  # where it is not allowed, the old one serves
  scripts/demo_run.py "$@"' demo "$@"
