#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Runs the program requests under callgrind and writes P11.

The start is subtracted: the same program with 1,000 rounds less. Hard part: none.
"""

import json
import pathlib
import re
import subprocess
import sys

TARGET = 600
ROUNDS = (1000, 3000)


def instructions(program, conns, rounds, scratch):
    """Instructions inside turn(), everything it calls included."""
    out = scratch / f"requests_{conns}_{rounds}.callgrind"
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=turn",
         f"--callgrind-out-file={out}", program, str(conns), str(rounds)],
        capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        raise SystemExit(f"requests: {run.stdout}{run.stderr}")
    return int(found.group(1))


def per_request(program, conns, scratch):
    few, many = (instructions(program, conns, r, scratch) for r in ROUNDS)
    if few <= 0 or many <= few:
        raise SystemExit("requests: callgrind counted nothing: was turn() inlined?")
    return (many - few) / ((ROUNDS[1] - ROUNDS[0]) * conns)


def main():
    program, target = sys.argv[1], pathlib.Path(sys.argv[2])
    figures = {}
    for conns, name in ((1, "P11"), (4, "P11 four connections")):
        figures[name] = {
            "value": round(per_request(program, conns, target.parent), 1),
            "unit": "instructions/request", "target": f"<= {TARGET}",
            "parameters": {"bytes": 64, "connections": conns,
                           "requests_per_poll": conns, "back_end": "fake device, included"},
        }
        print(f"{name}: {figures[name]['value']}")
    target.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
