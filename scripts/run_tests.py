#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Runs the tests that the rules.mk files registered, in parallel, with a time limit for each.

A test is an executable: exit 0 pass, 77 skip with its reason in the output, else fail. TAP output
is counted by subtest. Hard part: a test that could not be built, ran out of time or broke its own
plan must come out as failed, with the command that repeats it.
"""

import argparse
import concurrent.futures
import dataclasses
import fnmatch
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import threading
import time

SKIP_EXIT = 77
DEFAULT_TIMEOUT_S = 60
OUT_DIR = pathlib.Path("build/check")
# Stages whose tests wait until asked for by --stage.
ON_REQUEST = {"soak"}
TAIL_LINES = 25

_print_lock = threading.Lock()
_running = set()  # process groups of tests, to be killed when we are


@dataclasses.dataclass
class Test:
    stage: str
    name: str
    command: str
    prereqs: list
    timeout_s: float = DEFAULT_TIMEOUT_S
    alone: bool = False


@dataclasses.dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    why: str = ""  # of the failure
    skips: list = dataclasses.field(default_factory=list)  # reasons
    seconds: float = 0.0


def read_list(path):
    """Read the records that scripts/macros.mk writes: 'STAGE NAME', options, command, prereqs."""
    tests = []
    lines = path.read_text(encoding="utf-8").split("\n")
    for i in range(0, len(lines) - 4, 5):
        stage, name = lines[i].split()
        test = Test(stage, name, lines[i + 2].strip(), lines[i + 3].split())
        for option in lines[i + 1].split():
            if option == "alone":
                test.alone = True
            elif option.startswith("timeout="):
                test.timeout_s = float(option.removeprefix("timeout="))
            else:
                raise SystemExit(f"run_tests: {name}: unknown option '{option}'")
        tests.append(test)
    return tests


def choose(tests, stages, patterns):
    """The tests of the wanted stages whose name matches a pattern (shell wildcards)."""
    chosen = []
    for test in tests:
        named = any(fnmatch.fnmatchcase(test.name, p) for p in patterns)
        if patterns and not named:
            continue
        if stages and test.stage not in stages:
            continue
        if test.stage in ON_REQUEST and test.stage not in stages and not named:
            continue
        chosen.append(test)
    return chosen


def say(text):
    with _print_lock:
        print(text, flush=True)


def build(tests, jobs):
    """Build all prerequisites at once; return the names of tests whose prerequisites failed."""
    wanted = sorted({p for t in tests for p in t.prereqs})
    if not wanted:
        return {}
    say(f"building {len(wanted)} prerequisites with {jobs} jobs")
    log = OUT_DIR / "build.log"
    start = time.monotonic()
    with log.open("w", encoding="utf-8") as out:
        proc = subprocess.Popen(
            ["make", "-k", f"-j{jobs}", "--output-sync=target", *wanted],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )
        _running.add(proc.pid)
        code = proc.wait()
        _running.discard(proc.pid)
    say(f"built in {time.monotonic() - start:.0f} s")
    if code == 0:
        return {}
    broken = {}
    state = {}
    for prereq in wanted:
        state[prereq] = subprocess.run(
            ["make", "-q", prereq], capture_output=True, check=False
        ).returncode
    for test in tests:
        bad = [p for p in test.prereqs if state[p] != 0]
        if bad:
            broken[test.name] = f"did not build; make {' '.join(bad)}"
    if not broken:  # a rule that always runs failed: blame every test that names it
        for test in tests:
            if test.prereqs:
                broken[test.name] = f"build failed, see {log}"
    print(tail(log.read_text(encoding="utf-8", errors="replace"), 2 * TAIL_LINES))
    return broken


def tail(text, lines=TAIL_LINES):
    return "\n".join("    " + line for line in text.rstrip().split("\n")[-lines:])


def stop_all(number, _frame):
    """Being ended ends every test too; they have sessions of their own and would live on."""
    for group in list(_running):
        kill_group(group)
    # No clean-up of threads: they wait for processes that are gone, or start new ones.
    os._exit(128 + number)


def kill_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_command(test, log):
    """Run to completion or to the limit; return the exit code, or None when time ran out."""
    with log.open("w", encoding="utf-8") as out:
        proc = subprocess.Popen(
            ["bash", "-c", test.command], stdout=out, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )
        _running.add(proc.pid)
        try:
            return proc.wait(timeout=test.timeout_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # The group may outlive its leader: nothing a test started stays behind.
            kill_group(proc.pid)
            proc.wait()
            _running.discard(proc.pid)


def judge(code, text, timeout_s):
    """Turn exit code and output into counts. TAP counts only when there is a plan or a result."""
    if code is None:
        return Result(failed=1, why=f"ran out of its {timeout_s:g} s")
    plan = re.search(r"^1\.\.(\d+)(?:\s*#\s*(.*))?$", text, re.M)
    points = re.findall(r"^(ok|not ok)\b[ \t]*(.*)$", text, re.M)
    if code == SKIP_EXIT:
        return Result(skipped=1, skips=[skip_reason(text, plan)])
    if not plan and not points:
        if code == 0:
            return Result(passed=1)
        return Result(failed=1, why=exit_text(code))
    result = Result()
    for status, rest in points:
        skip = re.search(r"#\s*skip\b[:\s]*(.*)", rest, re.I)
        if status == "not ok":
            result.failed += 1
            result.why = result.why or "not ok " + rest
        elif skip:
            result.skipped += 1
            what = rest.split("#")[0].strip()
            result.skips.append(f"{what}: {skip.group(1) or 'no reason given'}")
        else:
            result.passed += 1
    if plan and int(plan.group(1)) == 0 and not points and code == 0:
        return Result(skipped=1, skips=[skip_reason(text, plan)])
    if plan and int(plan.group(1)) != len(points):
        result.failed += 1
        result.why = result.why or (f"planned {plan.group(1)} subtests, ran {len(points)}, "
                                    f"{exit_text(code)}")
    if not plan:
        result.failed += 1
        result.why = result.why or "TAP without a plan: it may have stopped half-way"
    if code != 0 and result.failed == 0:
        result.failed = 1
        result.why = exit_text(code)
    return result


def skip_reason(text, plan):
    if plan and plan.group(2):
        return re.sub(r"^skip\b[:\s]*", "", plan.group(2), flags=re.I) or "no reason given"
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    marked = [line for line in lines if line.lower().startswith("skip")]
    reason = (marked or lines or ["no reason given"])[-1]
    return re.sub(r"^skip(ped)?\b[:\s]*", "", reason, flags=re.I)


def exit_text(code):
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def run_one(test, broken):
    log = OUT_DIR / test.stage / f"{test.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    if test.name in broken:
        result = Result(failed=1, why=broken[test.name])
        log.unlink(missing_ok=True)
    else:
        code = run_command(test, log)
        text = log.read_text(encoding="utf-8", errors="replace")
        result = judge(code, text, test.timeout_s)
    result.seconds = time.monotonic() - start
    report(test, result, log)
    return result


def report(test, result, log):
    seed = f" SEED={shlex.quote(os.environ['SEED'])}" if os.environ.get("SEED") else ""
    if result.failed:
        text = f"FAIL {test.stage}/{test.name}: {result.why} ({result.seconds:.1f} s)"
        if log.exists():
            text += "\n" + tail(log.read_text(encoding="utf-8", errors="replace"))
        text += f"\n  repeat: make check ONLY={test.name}{seed}\n  command: {test.command}"
        say(text)
        return
    word = "skip" if result.skipped and not result.passed else "ok  "
    count = f" {result.passed} subtests" if result.passed > 1 else ""
    text = f"{word} {test.stage}/{test.name}{count} ({result.seconds:.1f} s)"
    for reason in result.skips:
        text += f"\n     skipped: {reason}"
    say(text)


def run_all(tests, jobs, broken):
    results = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(run_one, t, broken): t for t in tests if not t.alone}
        for future in concurrent.futures.as_completed(waiting):
            results[waiting[future].name] = future.result()
    for test in tests:
        if test.alone:
            results[test.name] = run_one(test, broken)
    return results


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--list", type=pathlib.Path, required=True, help="build/tests.list")
    parser.add_argument("--stage", default="", help="stages to run, separated by commas or blanks")
    parser.add_argument("--only", default="", help="names or patterns, separated likewise")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args(argv)

    OUT_DIR.mkdir(parents=True, exist_ok=True)
    patterns = re.split(r"[,\s]+", args.only.strip()) if args.only.strip() else []
    stages = re.split(r"[,\s]+", args.stage.strip()) if args.stage.strip() else []
    tests = choose(read_list(args.list), stages, patterns)
    if not tests:
        print(f"run_tests: no test matches stage '{args.stage}' name '{args.only}'")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop_all)
    start = time.monotonic()
    results = run_all(tests, args.jobs, build(tests, args.jobs))
    passed = sum(r.passed for r in results.values())
    failed = sum(r.failed for r in results.values())
    skipped = sum(r.skipped for r in results.values())
    (OUT_DIR / "report.json").write_text(
        json.dumps({n: dataclasses.asdict(r) for n, r in sorted(results.items())}, indent=1) + "\n",
        encoding="utf-8",
    )
    for test in tests:
        if results[test.name].failed:
            say(f"failed: {test.stage}/{test.name}: {results[test.name].why}"
                f"; repeat: make check ONLY={test.name}")
    for test in tests:
        for reason in results[test.name].skips:
            say(f"skipped: {test.stage}/{test.name}: {reason}")
    say(f"{len(tests)} tests in {time.monotonic() - start:.0f} s; logs in {OUT_DIR}")
    summary = f"{passed} passed, {failed} failed, {skipped} skipped"
    (OUT_DIR / "summary").write_text(summary + "\n", encoding="utf-8")
    print(summary, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
