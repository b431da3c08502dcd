#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Runs the registered figure programs, merges what they measured and prints one table.

`figures.py bench` and `figures.py synth` differ only in names. Hard part: a program that fails, or
writes no figures, must not leave an old number in the table.
"""

import argparse
import fnmatch
import json
import pathlib
import re
import shlex
import subprocess
import sys

BUILD = pathlib.Path("build")
REQUIRED = ("value", "unit", "target", "parameters")
COMPARISONS = {
    ">=": lambda value, bound: value >= bound,
    "<=": lambda value, bound: value <= bound,
}


def read_list(path):
    """Records of scripts/macros.mk: 'KIND NAME', options, command, prerequisites, empty line."""
    lines = path.read_text(encoding="utf-8").split("\n")
    jobs = []
    for i in range(0, len(lines) - 4, 5):
        timeout_s = 1800.0
        for option in lines[i + 1].split():
            if not option.startswith("timeout="):
                raise SystemExit(f"figures: {lines[i]}: unknown option '{option}'")
            timeout_s = float(option.removeprefix("timeout="))
        jobs.append((lines[i].split()[1], lines[i + 2].strip(), lines[i + 3].split(), timeout_s))
    return jobs


def met(figure):
    """True or False against the target, None when the figure has no target."""
    target = figure["target"]
    if target is None:
        return None
    match = re.fullmatch(r"(>=|<=)\s*([0-9.]+)", target)
    if not match:
        raise ValueError(f"target '{target}' is neither null nor '>= number' nor '<= number'")
    return COMPARISONS[match.group(1)](figure["value"], float(match.group(2)))


def check(name, fragment):
    """Return the figures of one fragment, or raise ValueError with the entry that is wrong."""
    if not isinstance(fragment, dict) or not fragment:
        raise ValueError("no figures in it")
    for key, figure in fragment.items():
        for field in REQUIRED:
            if field not in figure:
                raise ValueError(f"figure '{key}' has no '{field}'")
        if not isinstance(figure["value"], (int, float)) or isinstance(figure["value"], bool):
            raise ValueError(f"figure '{key}': value is not a number")
        try:
            met(figure)
        except ValueError as err:
            raise ValueError(f"figure '{key}': {err}") from err
        figure["program"] = name
    return fragment


def measure(kind, job, jobs):
    """Build and run one program; return its figures or raise RuntimeError with the cause."""
    name, command, prereqs, timeout_s = job
    out = BUILD / kind / f"{name}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    if prereqs and subprocess.run(["make", f"-j{jobs}", *prereqs], check=False).returncode != 0:
        raise RuntimeError(f"did not build; repeat: make {' '.join(map(shlex.quote, prereqs))}")
    print(f"{kind} {name}: {command}", flush=True)
    try:
        code = subprocess.run(["bash", "-c", command], timeout=timeout_s, check=False).returncode
    except subprocess.TimeoutExpired as err:
        raise RuntimeError(f"ran out of its {timeout_s:g} s") from err
    if code != 0:
        raise RuntimeError(f"exit code {code}")
    try:
        return check(name, json.loads(out.read_text(encoding="utf-8")))
    except (OSError, ValueError) as err:
        raise RuntimeError(f"{out}: {err}") from err


def table(figures):
    rows = [("figure", "value", "unit", "target", "", "parameters")]
    for key in sorted(figures, key=natural):
        figure = figures[key]
        verdict = {True: "met", False: "NOT MET", None: ""}[met(figure)]
        parameters = figure["parameters"]
        if isinstance(parameters, dict):
            parameters = " ".join(f"{k}={v}" for k, v in parameters.items())
        rows.append((key, f"{figure['value']:.6g}", figure["unit"], figure["target"] or "-",
                     verdict, str(parameters)))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths)) + "  " + row[5]
                     for row in rows)


def natural(text):
    return [int(t) if t.isdigit() else t for t in re.split(r"(\d+)", text)]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("kind", choices=("bench", "synth"))
    parser.add_argument("--list", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args(argv)

    wanted = re.split(r"[,\s]+", args.only.strip()) if args.only.strip() else ["*"]
    jobs = [j for j in read_list(args.list) if any(fnmatch.fnmatchcase(j[0], w) for w in wanted)]
    if not jobs:
        print(f"make {args.kind}: no program is registered under '{args.only or '*'}'")
        return 1
    figures, failures = {}, []
    for job in jobs:
        try:
            new = measure(args.kind, job, args.jobs)
            twice = sorted(set(new) & set(figures))
            if twice:
                raise RuntimeError(f"figure '{twice[0]}' already came from "
                                   f"'{figures[twice[0]]['program']}'")
            figures.update(new)
        except RuntimeError as err:
            failures.append(f"{job[0]}: {err}; repeat: make {args.kind} ONLY={job[0]}")
    BUILD.mkdir(exist_ok=True)
    out = BUILD / f"{args.kind}.json"
    out.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(table(figures))
    missed = [k for k, f in figures.items() if met(f) is False]
    for failure in failures:
        print(f"FAIL {failure}")
    print(f"{len(figures)} figures in {out}, {len(missed)} below target, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
