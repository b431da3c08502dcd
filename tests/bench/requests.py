#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Runs the program requests under callgrind and writes P11.

The start is subtracted: the same program with 1,000 rounds less. Beside P11, what of it is not the
library: the code of the fake device and of the bench itself, by source file. Hard part: none.
"""

import json
import pathlib
import re
import subprocess
import sys

TARGET = 600
ROUNDS = (1000, 3000)
OTHERS = {"fake_dev.c": "fake device", "requests.c": "bench itself"}


def instructions(program, conns, rounds, opened, scratch):
    """Instructions inside turn(), everything it calls included: all, and by source file."""
    out = scratch / f"requests_{conns}_{rounds}_{opened}.callgrind"
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=turn",
         f"--callgrind-out-file={out}", program, str(conns), str(rounds), str(opened)],
        capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        raise SystemExit(f"requests: {run.stdout}{run.stderr}")
    table = subprocess.run(
        ["callgrind_annotate", "--threshold=100", "--auto=no", out],
        capture_output=True, text=True, check=True).stdout
    count = {"all": int(found.group(1))}
    # A line of the table: 231,000 ( 9.43%)  path/file.c:function [program]
    for n, path in re.findall(r"^ *([\d,]+) \([^)]*\)  (\S+):\S+", table, re.MULTILINE):
        name = pathlib.Path(path).name
        count[name] = count.get(name, 0) + int(n.replace(",", ""))
    return count


def per_request(program, conns, opened, scratch):
    few, many = (instructions(program, conns, r, opened, scratch) for r in ROUNDS)
    if few["all"] <= 0 or many["all"] <= few["all"]:
        raise SystemExit("requests: callgrind counted nothing: was turn() inlined?")
    requests = (ROUNDS[1] - ROUNDS[0]) * conns
    return {name: (n - few.get(name, 0)) / requests for name, n in many.items()}


def figure(value, target, conns, opened):
    return {"value": round(value, 1), "unit": "instructions/request", "target": target,
            "parameters": {"bytes": 64, "connections": conns, "open": opened,
                           "requests_per_poll": conns, "window": 65536,
                           "back_end": "fake device, included"}}


def main():
    program, target = sys.argv[1], pathlib.Path(sys.argv[2])
    figures = {}
    for conns, opened, name in ((1, 1, "P11"), (4, 4, "P11 four connections"),
                                (1, 1000, "P11 one busy of 1,000 connections")):
        count = per_request(program, conns, opened, target.parent)
        figures[name] = figure(count["all"], f"<= {TARGET}", conns, opened)
        if name == "P11":
            for file, what in OTHERS.items():
                if not count.get(file):
                    raise SystemExit(f"requests: nothing counted in {file}")
                figures[f"P11, of it {what}"] = figure(count[file], None, conns, opened)
    for name, f in figures.items():
        print(f"{name}: {f['value']}")
    target.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
