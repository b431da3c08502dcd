#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# The three network namespaces of the demo and of system tests: app (where `chimney up` makes its
# network device), wire (the MAC side of the NIC, interface w0), peer (an ordinary host, p0). Run it
# inside namespaces of one's own: unshare -nm (root) or unshare -Urnm, with a tmpfs on /run. Hard
# part: frames must reach the wire whole, in order, and not be lost.
#
# usage: netns.sh make    then, after `chimney up`:    netns.sh address [INTERFACE]
#        netns.sh patient: the peer's smallest time-out becomes RFC 6298's second. A hand-off takes
#        a model as long as Linux's 200 ms, a NIC a thousandth of it.
set -eu

die() { echo "netns: $*" >&2; exit 1; }

# Windows of at most 64 KiB: a model is slow, and AF_PACKET drops what comes faster than it is read.
# No SACK in app: the NIC does not do it yet, and a peer that was promised it recovers badly
# without.
tune() { # NAMESPACE
  ip netns exec "$1" sh -eu -c '
    echo "4096 131072 131072" > /proc/sys/net/ipv4/tcp_rmem
    echo "4096 131072 131072" > /proc/sys/net/ipv4/tcp_wmem
    echo 0 > /proc/sys/net/ipv4/tcp_sack
    echo reno > /proc/sys/net/ipv4/tcp_congestion_control
    echo 0 > /proc/sys/net/ipv4/tcp_no_metrics_save
    echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
    ip link set lo up'
}

# Frames that the peer sends from two processors would come through two queues, and overtake each
# other: all of them through the first.
one_queue() { # NAMESPACE INTERFACE
  ip netns exec "$1" sh -c "echo 1 > /sys/class/net/$2/queues/rx-0/rps_cpus" 2> /dev/null ||
    echo "netns: $2: frames may be reordered (no rps_cpus)" >&2
}

plain() { # NAMESPACE INTERFACE
  ip netns exec "$1" ethtool -K "$2" tso off gso off gro off tx off rx off sg off > /dev/null 2>&1
}

make_namespaces() {
  ip netns list > /dev/null || die "ip netns does not work here"
  for ns in app wire peer; do
    ip netns add $ns || die "namespace $ns exists, or /run is not ours"
  done
  for ns in app peer; do tune $ns; done
  ip netns exec wire sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6' || true
  ip link add w0 netns wire type veth peer name p0 netns peer
  plain wire w0
  plain peer p0
  one_queue wire w0
  ip -n wire link set w0 txqueuelen 10000 up
  ip -n peer link set p0 txqueuelen 10000 up
  ip -n peer address add 10.44.0.2/24 dev p0
  ip -n peer address add fd44::2/64 dev p0 nodad
}

# The kernel drops the first packets of a link that has just come up: ask until the peer answers.
# A datagram to a closed port is refused by ICMP at once; `read` ends with more than 128 if it is
# not.
answers() { # ADDRESS
  ip netns exec app bash -c '
    exec 3<> "/dev/udp/$1/9" && echo >&3 && { read -r -t 0.3 -u 3; [ $? -le 128 ]; }
  ' bash "$1" 2> /dev/null
}

wait_for_peer() {
  for _ in $(seq 50); do
    if answers 10.44.0.2 && answers fd44::2; then
      return 0
    fi
    sleep 0.1
  done
  die "the peer does not answer through the NIC"
}

give_address() {
  local interface=${1:-chim0}
  ip -n app address add 10.44.0.1/24 dev "$interface"
  ip -n app address add fd44::1/64 dev "$interface" nodad
  wait_for_peer
}

be_patient() {
  ip -n peer route change 10.44.0.0/24 dev p0 src 10.44.0.2 rto_min 1s
  ip -n peer -6 route replace fd44::/64 dev p0 proto kernel metric 256 rto_min 1s
}

case ${1:-} in
  patient) be_patient ;;
  make) make_namespaces ;;
  address) shift; give_address "$@" ;;
  *) echo "usage: scripts/netns.sh make | patient | address [INTERFACE]" >&2; exit 2 ;;
esac
