#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Installs the tools: setup.sh demo|all. Debian packages come by apt-get (only as root; otherwise
# the command for root is printed and the exit code is 2), PyPI packages go into .venv. Does
# nothing, in a tenth of a second, when all is there. Hard part: Debian's nginx must not start a
# service.
set -u
cd "$(dirname "$0")/.." || exit 1

set_name=${1:-}
case $set_name in
  demo) apt_sets='demo' ; reqs=(scripts/requirements-demo.txt) ;;
  all) apt_sets='demo all' ; reqs=(scripts/requirements-demo.txt scripts/requirements.txt) ;;
  *) echo "usage: scripts/setup.sh demo|all" >&2 ; exit 2 ;;
esac

say() { echo "setup-$set_name: $*" ; }
die() { echo "setup-$set_name: $*" >&2 ; exit 2 ; }

# Debian packages of the chosen sets that are not installed.
missing_packages() {
  local wanted installed
  wanted=$(awk -v sets=" $apt_sets " '!/^#/ && NF && index(sets, " " $1 " ") {print $2}' \
    scripts/apt-packages.txt | sort -u)
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' $wanted 2>/dev/null |
    awk '$2 == "ii" {print $1}' | sort -u)
  comm -23 <(echo "$wanted") <(echo "$installed")
}

# Keep a freshly installed nginx from serving port 80, now (policy-rc.d) and at the next boot
# (mask). An nginx that was already there is its owner's business.
policy=/usr/sbin/policy-rc.d
policy_ours=
forbid_nginx_service() {
  mkdir -p /etc/systemd/system
  [ -e /etc/systemd/system/nginx.service ] ||
    ln -s /dev/null /etc/systemd/system/nginx.service
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy && policy_ours=yes
  fi
}
allow_services() { [ -z "$policy_ours" ] || rm -f $policy ; }

install_packages() {
  local list=("$@") apt=(apt-get install -y --no-install-recommends)
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup-$set_name: missing Debian packages; run this as root, then again here:" >&2
    case " ${list[*]} " in *' nginx '*) # keeps its service from starting
      echo "  ln -s /dev/null /etc/systemd/system/nginx.service" >&2 ;;
    esac
    echo "  apt-get update && ${apt[*]} ${list[*]}" >&2
    exit 2
  fi
  case " ${list[*]} " in *' nginx '*) forbid_nginx_service ;; esac
  trap allow_services EXIT
  export DEBIAN_FRONTEND=noninteractive
  say "installing ${#list[@]} Debian packages: ${list[*]}"
  apt-get -qq update || die "apt-get update failed: no network, or no Debian mirror configured"
  "${apt[@]}" -qq -o Dpkg::Use-Pty=0 "${list[@]}" > /dev/null ||
    die "failed, see above; the command was: ${apt[*]} ${list[*]}"
  allow_services
  trap - EXIT
}

install_python() {
  if [ ! -x .venv/bin/python3 ]; then
    say "creating .venv"
    /usr/bin/python3 -m venv .venv || die "python3 -m venv failed; remove .venv and repeat"
  fi
  say "installing PyPI packages into .venv"
  # --no-deps: the files list every dependency with its version, so pip resolves nothing.
  .venv/bin/python3 -m pip install -q --disable-pip-version-check --no-deps \
    "${reqs[@]/#/--requirement=}" || die "pip failed, see above"
}

# Run every tool once: proves that it starts, and lets the WebAssembly tools compile themselves.
prove() {
  local name="$1" out ; shift
  if ! out=$("$@" 2>&1); then
    echo "$out" >&2
    die "$name does not run: $*"
  fi
}
prove_demo() {
  prove verilator scripts/tools/verilator --version
  prove riscv-gcc riscv64-unknown-elf-gcc --version
  [ -f "$(scripts/tools/python3 -c 'import pythondata_cpu_vexriscv as p
print(p.data_location)')/VexRiscv_Lite.v" ] || die "VexRiscv_Lite.v is not in its package"
}
prove_all() {
  prove_demo
  say "first start of the WebAssembly tools, about a minute"
  local job jobs=()
  prove nextpnr-ecp5 scripts/tools/nextpnr-ecp5 --version & jobs+=($!)
  prove yosys scripts/tools/yosys -Q -p 'help read_slang'
  prove ecppack scripts/tools/ecppack --version
  for job in "${jobs[@]}"; do wait "$job" || exit 2; done
  prove sby scripts/tools/sby --help
  prove yices-smt2 scripts/tools/yices-smt2 --version
  prove z3 scripts/tools/z3 --version
  prove peakrdl scripts/tools/peakrdl --version
  prove openFPGALoader scripts/tools/openFPGALoader --Version
  prove verible scripts/tools/verible-verilog-format --version
}

command -v apt-get dpkg-query > /dev/null ||
  die "needs Debian 12 (apt-get); install by hand what scripts/apt-packages.txt lists"

# What .venv must have been made from, for a set.
stamp_of() {
  local files=(scripts/requirements-demo.txt scripts/setup.sh)
  [ "$1" = demo ] || files+=(scripts/requirements.txt)
  cat "${files[@]}" | sha256sum | cut -d' ' -f1
}
ready() { [ "$(cat ".venv/.have-$1" 2> /dev/null)" = "$(stamp_of "$1")" ] ; }

mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -ne 0 ] || ! ready "$set_name"; then
  # Two makes may come here at once.
  mkdir -p build && exec 9> build/setup.lock && flock 9 || die "cannot write into build/"
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
  if ! ready "$set_name"; then
    install_python
    "prove_$set_name"
    stamp_of demo > .venv/.have-demo
    [ "$set_name" = demo ] || stamp_of all > .venv/.have-all
  fi
  say "done"
fi
