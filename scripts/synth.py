#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Synthesises one job of scripts/synth/jobs.toml for ECP5, places and routes it, writes figures.

usage: synth.py JOB [NAME=VALUE ...]. NAME=VALUE: parameters of the top module. The figures go to
build/synth/JOB.json, logs and reports into build/synth/JOB/; scripts/synth/README.md describes the
keys of a job. Hard part: a figure must not come from an older or another netlist, so the folder is
emptied first and nothing is written unless every step succeeded.
"""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

TOOLS = pathlib.Path("scripts/tools")
JOBS = pathlib.Path("scripts/synth/jobs.toml")
OUT = pathlib.Path("build/synth")
DEVICE = ["--um5g-85k", "--speed", "8", "--package", "CABGA756"]
SEED = 1
KEYS = {"figure", "top", "files", "budget", "route", "freq", "fmax"}
RESOURCES = ("LUT", "FF", "DP16KD", "MULT")
# LUT4s that a cell takes: a carry cell is two, a 16 x 4 memory six (four, and two for its port).
LUTS = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6}


class SynthError(Exception):
    """The job cannot be run or failed; the text says why."""


def load(name):
    try:
        jobs = tomllib.loads(JOBS.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as err:
        raise SynthError(f"{JOBS}: {err}") from err
    if name not in jobs:
        raise SynthError(f"{JOBS}: no job '{name}'")
    job = jobs[name]
    for key in job:
        if key not in KEYS:
            raise SynthError(f"{JOBS}: {name}: unknown key '{key}'")
    for block, budget in job.get("budget", {}).items():
        for resource in budget:
            if resource not in RESOURCES:
                raise SynthError(f"{JOBS}: {name}: {block}: unknown resource '{resource}'")
    return job


def run(command, log):
    with log.open("w", encoding="utf-8") as out:
        code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, check=False).returncode
    if code != 0:
        errors = re.findall(r"^.*ERROR.*$", log.read_text(encoding="utf-8", errors="replace"), re.M)
        raise SynthError("; ".join([f"{command[0]}: exit code {code}, see {log}", *errors[:3]]))


def synthesise(job, parameters, where):
    """Type of each cell of the job's netlist."""
    words = ["read_slang", "-j", "1", "-I", "rtl/lib", "--top", job["top"]]
    for key, value in parameters.items():
        words += ["-G", f"{key}={value}"]
    for pattern in job["files"]:
        found = [str(path) for path in pathlib.Path().glob(pattern)]
        if len(found) != 1:
            raise SynthError(f"{pattern}: {len(found)} files match")
        words += ["-f", *found] if pattern.endswith(".f") else found
    script = [" ".join(words), f"hierarchy -check -top {job['top']}"]
    script.append(f"synth_ecp5 -abc9 -top {job['top']} -json {where}/netlist.json")
    (where / "synth.ys").write_text("\n".join(script) + "\n", encoding="utf-8")
    run([TOOLS / "yosys", "-Q", "-s", where / "synth.ys"], where / "yosys.log")
    netlist = json.loads((where / "netlist.json").read_text(encoding="utf-8"))
    return {name: cell["type"] for name, cell in netlist["modules"][job["top"]]["cells"].items()}


def count(kinds):
    """The four resources of some cells, given their types."""
    number = collections.Counter(kinds)
    return {
        "LUT": sum(number[kind] * luts for kind, luts in LUTS.items()),
        "FF": number["TRELLIS_FF"],
        "DP16KD": number["DP16KD"],
        "MULT": number["MULT18X18D"],
    }


def route(job, where):
    """nextpnr's report."""
    run([TOOLS / "nextpnr-ecp5", *DEVICE, "--out-of-context", "--timing-allow-fail", "--seed",
         str(SEED), "--freq", str(job["freq"]), "--json", where / "netlist.json",
         "--detailed-timing-report", "--report", where / "report.json"], where / "nextpnr.log")
    return json.loads((where / "report.json").read_text(encoding="utf-8"))


def area_figures(job, cells, parameters):
    """Resources against their budgets: of the whole, and of each block by its cells' names."""
    figures = {}
    for block, budget in job["budget"].items():
        whole = block == job["top"]
        kinds = [kind for name, kind in cells.items() if whole or name.startswith(block + ".")]
        if not kinds:
            raise SynthError(f"no cell is in block '{block}'")
        for resource, used in count(kinds).items():
            limit = budget.get(resource)
            figures[f"{job['figure']} {'' if whole else block + ' '}{resource}"] = {
                "value": used, "unit": "cells",
                "target": None if limit is None else f"<= {limit}",
                "parameters": parameters}
    return figures


def clock_figures(job, report, parameters):
    if len(report["fmax"]) != 1:
        raise SynthError(f"{len(report['fmax'])} clocks in the report")
    achieved = next(iter(report["fmax"].values()))["achieved"]
    parameters = parameters | {"device": "LFE5UM5G-85F", "speed": 8, "seed": SEED}
    figures = {f"{job['figure']} clock": {"value": round(achieved, 2), "unit": "MHz",
                                          "target": job["fmax"], "parameters": parameters}}
    for cell, name in (("TRELLIS_COMB", "LUT placed"), ("DP16KD", "DP16KD placed")):
        use = report["utilization"][cell]
        figures[f"{job['figure']} {name}"] = {
            "value": use["used"], "unit": "cells", "target": f"<= {use['available']}",
            "parameters": parameters}
    return figures


def main(argv):
    try:
        if not argv or not all("=" in word for word in argv[1:]):
            raise SynthError("usage: synth.py JOB [NAME=VALUE ...]")
        name, parameters = argv[0], dict(word.split("=", 1) for word in argv[1:])
        job = load(name)
        where = OUT / name
        shutil.rmtree(where, ignore_errors=True)
        where.mkdir(parents=True)
        fragment = OUT / f"{name}.json"
        fragment.unlink(missing_ok=True)
        figures = area_figures(job, synthesise(job, parameters, where), parameters)
        if job.get("route", False):
            figures |= clock_figures(job, route(job, where), parameters)
        fragment.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    except SynthError as err:
        print(f"synth: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
