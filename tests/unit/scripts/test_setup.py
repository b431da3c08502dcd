#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Set-up without privileges: it says which command root must run, exits with 2 and changes nothing.

Hard part: the machine that runs the test has everything, so dpkg-query, id and apt-get are played.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

import tap


class SetUp(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bin = pathlib.Path(self.folder.name)

    def play(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="ascii")
        path.chmod(0o755)

    def run_setup(self, *args):
        env = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}
        return subprocess.run([tap.ROOT / "scripts/setup.sh", *args], env=env, capture_output=True,
                              text=True, check=False)

    def play_user_without(self, *missing):
        """An ordinary user's machine where all packages but `missing` are installed."""
        tests = "|".join(missing) or "none-such"
        self.play("id", "echo 1000")
        self.play("apt-get", f"touch {self.bin}/ran")
        self.play("sudo", f"touch {self.bin}/ran")
        self.play("dpkg-query", "shift 2\nfor p; do case $p in " + tests +
                  ') ;; -f|*db:*) ;; *) echo "$p ii" ;; esac; done')

    def test_tells_root_what_to_do(self):
        self.play_user_without("tshark", "nginx")
        run = self.run_setup("demo")
        self.assertEqual(run.returncode, 2)
        self.assertIn("apt-get update && apt-get install -y --no-install-recommends nginx tshark",
                      run.stderr)
        self.assertIn("nginx.service", run.stderr)
        self.assertFalse((self.bin / "ran").exists(), "it ran apt-get or sudo")

    def test_demo_does_not_ask_for_the_rest(self):
        self.play_user_without("qemu-system-x86", "afl++", "verilator")
        run = self.run_setup("demo")
        self.assertEqual(run.returncode, 0, run.stderr)
        run = self.run_setup("all")
        self.assertEqual(run.returncode, 2)
        self.assertIn("afl++ qemu-system-x86", run.stderr)

    def test_nothing_to_do_is_quiet(self):
        if not (tap.ROOT / ".venv/.have-all").exists():
            self.skipTest("make setup has not run: the test would do its work")
        self.play_user_without()
        run = self.run_setup("all")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))

    def test_usage(self):
        self.assertEqual(self.run_setup().returncode, 2)

    def test_wrapper_without_tool(self):
        """A tool that is not there names the command that brings it."""
        tools = self.bin / "scripts/tools"
        tools.mkdir(parents=True)
        (tools / "run").write_bytes((tap.ROOT / "scripts/tools/run").read_bytes())
        (tools / "run").chmod(0o755)
        (tools / "yosys").symlink_to("run")
        run = subprocess.run([tools / "yosys"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 127)
        self.assertIn("make setup", run.stderr)

    def test_wrappers_from_anywhere(self):
        for tool in ("verilator", "z3", "peakrdl"):
            run = subprocess.run([tap.ROOT / "scripts/tools" / tool, "--version"], cwd="/",
                                 capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, f"{tool}: {run.stderr}")

    def test_requirements_are_exact(self):
        for name in ("requirements.txt", "requirements-demo.txt"):
            for line in (tap.ROOT / "scripts" / name).read_text().split("\n"):
                if line and not line.startswith("#"):
                    self.assertRegex(line, r"^[A-Za-z0-9_-]+==[0-9][0-9a-z.]*$")


if __name__ == "__main__":
    tap.main()
