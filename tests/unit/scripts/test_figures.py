#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Figures: targets are judged, fragments are checked, old numbers never survive a failed program.

Hard part: none.
"""

import json
import pathlib
import subprocess
import tempfile
import unittest

import tap

import figures


def figure(value, target=None):
    return {"value": value, "unit": "x", "target": target, "parameters": {"n": 1}}


class Figures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def bench(self, **programs):
        """NAME=what it writes (object, text) or None for a program that fails."""
        text = ""
        for name, content in programs.items():
            command = "false"
            if content is not None:
                shown = content if isinstance(content, str) else json.dumps(content)
                (self.path / name).write_text(shown, encoding="utf-8")
                command = f"cp {name} build/bench/{name}.json"
            text += f"bench {name}\n\n{command}\n\n\n"
        (self.path / "list").write_text(text, encoding="utf-8")
        run = subprocess.run([tap.ROOT / "scripts/figures.py", "bench", "--list", "list"],
                             cwd=self.path, capture_output=True, text=True, check=False)
        merged = self.path / "build/bench.json"
        figures_now = json.loads(merged.read_text()) if merged.exists() else None
        return run.returncode, run.stdout, figures_now

    def test_merge(self):
        code, text, merged = self.bench(a={"P1": figure(0.995, ">= 0.99")}, b={"P2": figure(3)})
        self.assertEqual(code, 0)
        self.assertEqual(sorted(merged), ["P1", "P2"])
        self.assertRegex(text, r"P1 +0.995 +x +>= 0.99 +met +n=1")

    def test_below_target_is_shown(self):
        code, text, _ = self.bench(a={"P1": figure(0.9, ">= 0.99")})
        self.assertEqual(code, 0)
        self.assertIn("NOT MET", text)

    def test_at_most(self):
        self.assertTrue(figures.met(figure(8, "<= 8")))
        self.assertFalse(figures.met(figure(8.1, "<= 8")))
        self.assertIsNone(figures.met(figure(8)))

    def test_failed_program_leaves_no_old_number(self):
        self.bench(a={"P1": figure(1)})
        code, text, merged = self.bench(a=None)
        self.assertEqual((code, merged), (1, {}))
        self.assertIn("repeat: make bench ONLY=a", text)

    def test_program_that_writes_nothing(self):
        self.bench(a={"P1": figure(1)})
        (self.path / "list").write_text("bench a\n\ntrue\n\n\n", encoding="utf-8")
        run = subprocess.run([tap.ROOT / "scripts/figures.py", "bench", "--list", "list"],
                             cwd=self.path, capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1)

    def test_bad_fragments(self):
        for bad in ("{", "[]", "{}", {"P1": {"value": 1}}, {"P1": figure("1")},
                    {"P1": figure(True)}, {"P1": figure(1, "> 3")}):
            code, text, _ = self.bench(a=bad)
            self.assertEqual(code, 1, bad)
            self.assertIn("FAIL a:", text)

    def test_same_figure_twice(self):
        code, text, _ = self.bench(a={"P1": figure(1)}, b={"P1": figure(2)})
        self.assertEqual(code, 1)
        self.assertIn("already came from 'a'", text)


if __name__ == "__main__":
    tap.main()
