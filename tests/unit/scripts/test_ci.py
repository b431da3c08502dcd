#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Continuous integration's script: the last line and the exit code, whatever make did.

Hard part: make is played; an old summary must not be taken for a new one.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import tap


class Ci(unittest.TestCase):
    def run_ci(self, make):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / ".ci").mkdir()
            (root / "bin").mkdir()
            (root / "build/check").mkdir(parents=True)
            (root / "build/check/summary").write_text("7 passed, 0 failed, 0 skipped\n")
            shutil.copy(tap.ROOT / ".ci/run", root / ".ci/run")
            play = root / "bin/make"
            play.write_text(f"#!/bin/bash\n{make}\n")
            play.chmod(0o755)
            env = {**os.environ, "PATH": f"{root}/bin:{os.environ['PATH']}"}
            run = subprocess.run([root / ".ci/run"], env=env, capture_output=True, text=True,
                                 check=False)
            return run.returncode, run.stdout.rstrip("\n").split("\n")[-1]

    def test_good(self):
        line = "3 passed, 0 failed, 1 skipped"
        make = f"echo {line} > build/check/summary; echo {line}"
        self.assertEqual(self.run_ci(make), (0, line))

    def test_failed(self):
        line = "3 passed, 2 failed, 1 skipped"
        make = f"echo {line} > build/check/summary; echo {line}; echo make: Error 1; exit 2"
        self.assertEqual(self.run_ci(make), (2, line))

    def test_set_up_failed(self):
        self.assertEqual(self.run_ci("exit 2"), (2, "0 passed, 1 failed, 0 skipped"))


if __name__ == "__main__":
    tap.main()
