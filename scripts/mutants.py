#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Applies one wrong patch to a copy of the tree and expects the named tests to fail there.

usage: mutants.py PATCH, or mutants.py --dry-run PATCH...: do they all apply?
tests/mutants/README.md describes the patches. Hard part: a mutant that does not apply or does not
build proves nothing, so it is an error and not a kill.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

COPIES = pathlib.Path("build/mutants")
NOT_A_KILL = re.compile(r"did not build|build failed|exit code (2|126|127)\b")


def copy_tree(to):
    """The sources as they are now, with the tools linked in and no build products."""
    shutil.rmtree(to, ignore_errors=True)
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"],
                             capture_output=True, check=True).stdout
    for name in filter(None, listing.decode().split("\0")):
        source, target = pathlib.Path(name), to / name
        if not source.is_symlink() and not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    (to / ".venv").symlink_to(pathlib.Path(".venv").resolve())


def apply(patch, options):
    """What `patch` says if it does not apply, else nothing."""
    done = subprocess.run(["patch", "-p1", "--fuzz=0", "-s", *options, "-i", patch.resolve()],
                          text=True, capture_output=True, check=False)
    if done.returncode == 0:
        return ""
    return f"{patch}: does not apply any more:\n{done.stdout}{done.stderr}"


def clean_environment():
    """Nothing of the make that runs us: its variables would choose the tests of the copy."""
    gone = {"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "STAGE", "ONLY", "JOBS",
            "CCACHE_BASEDIR"}
    kept = {key: value for key, value in os.environ.items() if key not in gone}
    return {**kept, "CHIM_FIRST_FAILURE": "1"}


def main(argv):
    if argv[1:2] == ["--dry-run"]:
        stale = [said for name in argv[2:] if (said := apply(pathlib.Path(name), ["--dry-run"]))]
        print("\n".join(stale))
        return 1 if stale else 0
    if len(argv) != 2:
        print("usage: mutants.py PATCH | --dry-run PATCH...", file=sys.stderr)
        return 2
    patch = pathlib.Path(argv[1])
    text = patch.read_text(encoding="utf-8")
    killers = re.search(r"^Killed-by: *(.+)$", text, re.M)
    if not killers:
        print(f"{patch}: no line 'Killed-by: TEST ...'")
        return 2
    names = killers.group(1).split()
    copy = COPIES / patch.stem
    copy_tree(copy)
    stale = apply(patch, ["-d", copy])
    if stale:
        print(stale)
        return 2
    run = subprocess.run(["make", "run-check", f"ONLY={','.join(names)}", "JOBS=1"], cwd=copy,
                         env=clean_environment(), capture_output=True, text=True, check=False)
    try:
        report = json.loads((copy / "build/check/report.json").read_text(encoding="utf-8"))
    except OSError:
        print(f"{patch}: the tests did not run:\n{run.stdout}{run.stderr}")
        return 2
    print(f"1..{len(names)}")
    alive = 0
    for i, name in enumerate(names, 1):
        result = report.get(name, {"failed": 0, "why": "no such test"})
        killed = result["failed"] > 0 and not NOT_A_KILL.search(result["why"])
        alive += not killed
        what = f"{name} kills {patch.stem}"
        print(f"ok {i} - {what}: {result['why']}" if killed else
              f"not ok {i} - {what}: {result['why'] or 'it passed'}; tree: {copy}")
    if alive == 0:
        shutil.rmtree(copy)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
