#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Proves the modules that the jobs files name, with Yosys, sby and a solver; prints TAP.

usage: formal.py JOBS_FILE JOB. tests/formal/README.md describes the jobs files. Hard part: a proof
of nothing must fail, so the properties found are counted; a cover that cannot be reached fails.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

TOOLS = pathlib.Path("scripts/tools")
OUT = pathlib.Path("build/formal")
KEYS = {"name", "top", "files", "asserts", "assumes", "covers", "bmc", "prove", "cover", "rows",
        "engine", "defines", "script"}
MODES = ("prove", "bmc", "cover")
SBY_PASS, SBY_FAIL, SBY_UNKNOWN = 0, 2, 4
EXIT_REFUTED, EXIT_ERROR = 1, 2


class JobError(Exception):
    """The job cannot be run; the text says why."""


def load(path, name):
    """The job of that name, checked."""
    try:
        jobs = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))["job"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as err:
        raise JobError(f"{path}: {err}") from err
    found = [job for job in jobs if job.get("name") == name]
    if len(found) != 1:
        raise JobError(f"{path}: {len(found)} jobs are called '{name}'")
    job = found[0]
    for key in job:
        if key not in KEYS:
            raise JobError(f"{path}: job '{name}': unknown key '{key}'")
    for key in ("top", "files"):
        if key not in job:
            raise JobError(f"{path}: job '{name}': '{key}' is missing")
    if not any(mode in job for mode in MODES):
        raise JobError(f"{path}: job '{name}': none of {', '.join(MODES)}")
    if ("bmc" in job or "prove" in job) and job.get("asserts", 0) < 1:
        raise JobError(f"{path}: job '{name}': 'asserts' must say how many there are at least")
    if "cover" in job and job.get("covers", 0) < 1:
        raise JobError(f"{path}: job '{name}': 'covers' must say how many there are at least")
    return job


def run(command, log, cwd=None):
    with log.open("w", encoding="utf-8") as out:
        return subprocess.run(command, stdout=out, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, cwd=cwd, check=False).returncode


def prepare(job, row, where):
    """Read the design once; return how many properties of each kind it has."""
    words = ["read_slang", "-j", "1", "-D", "FORMAL", "-I", "rtl/lib", "--top", job["top"]]
    for define in job.get("defines", []):
        words += ["-D", define]
    for key, value in row.items():
        words += ["-G", f"{key}={int(value) if isinstance(value, bool) else value}"]
    for file in job["files"]:
        words += ["-f", file] if file.endswith(".f") else [file]
    counts = where / "counts"
    counts.unlink(missing_ok=True)
    script = [" ".join(words), f"hierarchy -check -top {job['top']}", "proc", "flatten"]
    script += job.get("script", [])
    for kind in ("assert", "assume", "cover"):
        script.append(f"tee -a {counts} select -count t:$check r:FLAVOR={kind} %i")
    script.append(f"write_rtlil {where}/design.il")
    (where / "prepare.ys").write_text("\n".join(script) + "\n", encoding="utf-8")
    if run([TOOLS / "yosys", "-Q", "-s", where / "prepare.ys"], where / "prepare.log") != 0:
        errors = re.findall(r".*ERROR.*", (where / "prepare.log").read_text(encoding="utf-8"))
        raise JobError("Yosys: " + "; ".join(errors[:3]) + f" (see {where}/prepare.log)")
    numbers = re.findall(r"^(\d+) objects", counts.read_text(encoding="utf-8"), re.M)
    return dict(zip(("asserts", "assumes", "covers"), map(int, numbers)))


def prove(job, mode, where):
    """(verdict, remarks) of one mode on the prepared design."""
    engine = job.get("engine", "smtbmc yices")
    (where / f"{mode}.sby").write_text(
        f"[options]\nmode {mode}\ndepth {job[mode]}\nexpect pass\n\n[engines]\n{engine}\n\n"
        f"[script]\nread_rtlil design.il\nprep -top {job['top']}\n\n[files]\ndesign.il\n",
        encoding="utf-8",
    )
    log = where / f"{mode}.log"
    sby = pathlib.Path(TOOLS / "sby").absolute()
    code = run([sby, "-f", f"{mode}.sby"], log, cwd=where)
    if code == SBY_PASS:
        return True, []
    text = log.read_text(encoding="utf-8", errors="replace")
    remarks = re.findall(r"(?:Assert failed|Unreached cover|failed assertion|ERROR).*", text)
    remarks += [f"{where}/{mode}/{trace}" for trace in
                re.findall(r"counterexample trace[^:]*: (\S+)", text)]
    if code == SBY_UNKNOWN:
        remarks.append("not inductive at this depth: a stronger invariant is needed")
    elif code != SBY_FAIL:
        raise JobError(f"sby exit code {code}, see {log}")
    return False, [*remarks, f"log: {log}"]


class Tap:
    """Prints results as they come and remembers whether all were good."""

    def __init__(self):
        self.number, self.good = 0, True

    def point(self, passed, text, remarks=()):
        self.number += 1
        self.good = self.good and passed
        print(f"{'ok' if passed else 'not ok'} {self.number} - {text}")
        for remark in remarks:
            print(f"  # {remark}")
        sys.stdout.flush()


def row_name(row):
    text = "-".join(f"{key}{value}" for key, value in row.items())
    return re.sub(r"[^A-Za-z0-9-]", "_", text) or "default"


def main(argv):
    if len(argv) != 3:
        print("usage: formal.py JOBS_FILE JOB", file=sys.stderr)
        return EXIT_ERROR
    try:
        job = load(argv[1], argv[2])
        rows = job.get("rows", [{}])
        modes = [mode for mode in MODES if mode in job]
        tap = Tap()
        for row in rows:
            where = OUT / job["name"] / row_name(row)
            shutil.rmtree(where, ignore_errors=True)
            where.mkdir(parents=True)
            found = prepare(job, row, where)
            wanted = {key: job.get(key, 0) for key in found}
            enough = all(found[key] >= wanted[key] for key in found)
            told = ", ".join(f"{found[key]} {key}" for key in found)
            short = [] if enough else [f"at least {wanted} expected: was a bind lost?"]
            tap.point(enough, f"{job['name']} {row_name(row)}: {told}", short)
            proved = False
            for mode in modes:
                if mode == "bmc" and proved:
                    continue  # holds at any depth
                passed, remarks = prove(job, mode, where)
                proved = proved or (mode == "prove" and passed)
                tap.point(passed, f"{job['name']} {row_name(row)}: {mode} {job[mode]}", remarks)
                # A mutant is dead at its first failure.
                if not tap.good and os.environ.get("CHIM_FIRST_FAILURE"):
                    return EXIT_REFUTED
    except JobError as err:
        print(f"formal: {err}")
        return EXIT_ERROR
    print(f"1..{tap.number}")
    return 0 if tap.good else EXIT_REFUTED


if __name__ == "__main__":
    sys.exit(main(sys.argv))
