#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Test runner: what passes, fails and skips, what is counted, and that nothing bad comes out as
good.

Hard part: each case runs the real program in a folder of its own, with a makefile of its own.
"""

import pathlib
import re
import subprocess
import tempfile
import time
import unittest

import tap


def alive(pid):
    """Running, and not a dead process that waits for its parent to look."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def record(name, command, prereqs="", options="", stage="unit"):
    return f"{stage} {name}\n{options}\n{command}\n{prereqs}\n\n"


class Runner(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def run_list(self, *records, args=(), makefile="good:\n\ttouch good\n"):
        (self.path / "list").write_text("".join(records), encoding="utf-8")
        (self.path / "Makefile").write_text(makefile, encoding="utf-8")
        run = subprocess.run([tap.ROOT / "scripts/run_tests.py", "--list", "list", *args],
                             cwd=self.path, capture_output=True, text=True, check=False)
        return run.returncode, run.stdout

    def expect(self, result, passed, failed, skipped):
        code, text = result
        self.assertEqual(text.rstrip("\n").split("\n")[-1],
                         f"{passed} passed, {failed} failed, {skipped} skipped", text)
        self.assertEqual(code, 1 if failed else 0)
        return text

    def test_pass(self):
        self.expect(self.run_list(record("a", "true"), record("b", "true")), 2, 0, 0)

    def test_fail_names_the_repeat(self):
        text = self.expect(self.run_list(record("a", "echo why; false")), 0, 1, 0)
        self.assertIn("repeat: make check ONLY=a", text)
        self.assertIn("why", text)

    def test_skip_with_reason(self):
        text = self.expect(self.run_list(record("a", "echo SKIP: no device; exit 77")), 0, 0, 1)
        self.assertIn("skipped: unit/a: no device", text)

    def test_tap_counts(self):
        command = "printf '1..3\\nok 1\\nok 2 # SKIP no moon\\nok 3 - x\\n'"
        text = self.expect(self.run_list(record("a", command)), 2, 0, 1)
        self.assertIn("no moon", text)

    def test_tap_not_ok_although_exit_0(self):
        self.expect(self.run_list(record("a", "printf '1..2\\nok 1\\nnot ok 2 - x\\n'")), 1, 1, 0)

    def test_tap_short_of_its_plan(self):
        text = self.expect(self.run_list(record("a", "printf '1..3\\nok 1\\n'")), 1, 1, 0)
        self.assertIn("planned 3 subtests, ran 1", text)

    def test_tap_without_plan(self):
        self.expect(self.run_list(record("a", "echo ok 1")), 1, 1, 0)

    def test_tap_good_but_exit_code_bad(self):
        self.expect(self.run_list(record("a", "printf '1..1\\nok 1\\n'; exit 3")), 1, 1, 0)

    def test_tap_plan_of_none_is_a_skip(self):
        text = self.expect(self.run_list(record("a", "echo '1..0 # SKIP no KVM'")), 0, 0, 1)
        self.assertIn("no KVM", text)

    def test_timeout_kills_children_too(self):
        start = time.monotonic()
        text = self.expect(self.run_list(
            record("a", "sleep 61.25 & echo child $!; wait", options="timeout=1")), 0, 1, 0)
        self.assertIn("ran out of its 1 s", text)
        self.assertLess(time.monotonic() - start, 20)
        child = re.search(r"child (\d+)", text).group(1)
        self.assertFalse(alive(child), "a child lives on")

    def test_child_left_behind_is_killed(self):
        text = self.expect(self.run_list(record("a", "sleep 61.5 & echo child $!; false")), 0, 1, 0)
        child = re.search(r"child (\d+)", text).group(1)
        time.sleep(0.2)
        self.assertFalse(alive(child), "a child lives on")

    def test_being_ended_ends_the_tests(self):
        (self.path / "list").write_text(record("a", "echo $$ > pid; sleep 62.5; true"))
        proc = subprocess.Popen([tap.ROOT / "scripts/run_tests.py", "--list", "list"],
                                cwd=self.path, stdout=subprocess.DEVNULL)
        pid = self.path / "pid"
        for _ in range(100):
            if pid.exists() and pid.read_text():
                break
            time.sleep(0.1)
        child = pid.read_text().strip()
        proc.terminate()
        self.assertEqual(proc.wait(timeout=10), 128 + 15)
        time.sleep(0.2)
        self.assertFalse(alive(child), "a test lives on")

    def test_crash(self):
        text = self.expect(self.run_list(record("a", "kill -SEGV $$")), 0, 1, 0)
        self.assertIn("SIGSEGV", text)

    def test_missing_program(self):
        self.expect(self.run_list(record("a", "./absent")), 0, 1, 0)

    def test_prerequisite_is_built(self):
        self.expect(self.run_list(record("a", "test -f good", prereqs="good")), 1, 0, 0)

    def test_prerequisite_that_fails(self):
        """Only the test that needs it fails, and it says what to build."""
        makefile = "good:\n\ttouch good\nbad:\n\tfalse\n"
        text = self.expect(self.run_list(
            record("a", "true", prereqs="bad"), record("b", "true", prereqs="good"),
            makefile=makefile), 1, 1, 0)
        self.assertIn("did not build; make bad", text)

    def test_stage_and_only(self):
        tests = [record("aa", "true"), record("ab", "false"), record("c", "false", stage="sys")]
        self.expect(self.run_list(*tests, args=["--only", "aa"]), 1, 0, 0)
        self.expect(self.run_list(*tests, args=["--only", "a*"]), 1, 1, 0)
        self.expect(self.run_list(*tests, args=["--stage", "sys"]), 0, 1, 0)

    def test_nothing_chosen_is_a_failure(self):
        code, text = self.run_list(record("a", "true"), args=["--only", "b"])
        self.assertEqual(code, 1)
        self.assertTrue(text.endswith("0 passed, 1 failed, 0 skipped\n"))

    def test_soak_only_on_request(self):
        tests = [record("a", "true"), record("b", "true", stage="soak")]
        self.expect(self.run_list(*tests), 1, 0, 0)
        self.expect(self.run_list(*tests, args=["--stage", "soak"]), 1, 0, 0)

    def test_alone_runs_alone(self):
        command = "mkdir lock && sleep 0.3 && rmdir lock"
        both = [record(n, command, options="alone") for n in "ab"]
        self.expect(self.run_list(*both), 2, 0, 0)

    def test_unknown_option(self):
        code, _ = self.run_list(record("a", "true", options="fast"))
        self.assertNotEqual(code, 0)


class Registration(unittest.TestCase):
    """The macros, in a make of their own."""

    def make(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "Makefile"
            path.write_text(f"B := build\ninclude {tap.ROOT}/scripts/macros.mk\n{text}\n"
                            "all:\n\t$(info $(CHIM_LIST_tests))@:\n", encoding="utf-8")
            return subprocess.run(["make", "-s", "-f", path], cwd=folder, capture_output=True,
                                  text=True, check=False)

    def test_record(self):
        run = self.make("$(call chim_test,unit,n,cmd --x=1,a b,timeout=3 alone)")
        self.assertEqual(run.stdout, "unit n\ntimeout=3 alone\ncmd --x=1\na b\n\n\n", run.stderr)

    def test_unknown_stage(self):
        run = self.make("$(call chim_test,units,n,cmd,)")
        self.assertIn('no stage "units"', run.stderr)

    def test_name_twice(self):
        run = self.make("$(call chim_test,unit,n,cmd,)\n$(call chim_test,sys,n,cmd,)")
        self.assertIn('"n" registered twice', run.stderr)


if __name__ == "__main__":
    tap.main()
