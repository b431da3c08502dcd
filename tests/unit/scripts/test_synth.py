#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Synthesis jobs: cells are counted, budgets judged, a failed step leaves no figures.

Hard part: the tools are scripts that write what the real ones would.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import tap

SYNTH = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "synth.py"

JOB = """
[good]
figure = "P"
top = "top"
files = ["a.sv"]
route = true
freq = 125
fmax = ">= 100"
[good.budget.top]
LUT = 10
DP16KD = 1
[good.budget.u_a]
"""
CELLS = {"u_a.x": "LUT4", "u_a.y": "CCU2C", "u_a.z": "TRELLIS_FF", "u_ab.m": "TRELLIS_DPR16X4",
         "u_ab.r": "DP16KD", "d": "DP16KD", "e": "MULT18X18D"}
REPORT = {"fmax": {"clk_i": {"achieved": 91.987, "constraint": 125}},
          "utilization": {"TRELLIS_COMB": {"used": 12, "available": 83640},
                          "DP16KD": {"used": 2, "available": 208}}}


class Synth(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        for folder in ("scripts/synth", "scripts/tools", "build/synth"):
            (self.path / folder).mkdir(parents=True)
        (self.path / "a.sv").touch()
        netlist = {"modules": {"top": {"cells": {n: {"type": t} for n, t in CELLS.items()}}}}
        self.tool("yosys", "netlist.json", netlist)
        self.tool("nextpnr-ecp5", "report.json", REPORT)
        self.out = self.path / "build/synth/good.json"
        self.out.write_text("old", encoding="utf-8")

    def tool(self, name, output, content):
        text = f"#!/bin/sh\necho '{json.dumps(content)}' > build/synth/good/{output}\n"
        path = self.path / "scripts/tools" / name
        path.write_text(text if content else "#!/bin/sh\necho ERROR: no\nexit 1\n",
                        encoding="utf-8")
        path.chmod(0o755)

    def run_job(self, job=JOB, name="good"):
        (self.path / "scripts/synth/jobs.toml").write_text(job, encoding="utf-8")
        return subprocess.run([sys.executable, SYNTH, name, "Conns=4"], cwd=self.path, text=True,
                              capture_output=True, check=False)

    def refused(self, run, text):
        self.assertEqual(run.returncode, 1)
        self.assertIn(text, run.stderr)
        self.assertFalse(self.out.exists())

    def test_figures(self):
        self.assertEqual(self.run_job().returncode, 0)
        figures = json.loads(self.out.read_text(encoding="utf-8"))
        value = {name: figure["value"] for name, figure in figures.items()}
        self.assertEqual(value["P LUT"], 1 + 2 + 6)
        self.assertEqual(value["P DP16KD"], 2)
        self.assertEqual(value["P MULT"], 1)
        self.assertEqual(value["P u_a LUT"], 3)  # u_ab is another part
        self.assertEqual(value["P u_a DP16KD"], 0)
        self.assertEqual(value["P clock"], 91.99)
        self.assertEqual(figures["P clock"]["target"], ">= 100")
        self.assertEqual(figures["P DP16KD"]["target"], "<= 1")
        self.assertIsNone(figures["P u_a FF"]["target"])
        self.assertEqual(figures["P LUT"]["parameters"], {"Conns": "4"})
        script = (self.path / "build/synth/good/synth.ys").read_text(encoding="utf-8")
        self.assertIn("--top top -G Conns=4 a.sv", script)

    def test_failures_leave_no_figures(self):
        self.tool("yosys", "netlist.json", None)
        self.refused(self.run_job(), "ERROR: no")

    def test_route_fails(self):
        self.tool("nextpnr-ecp5", "report.json", None)
        self.refused(self.run_job(), "nextpnr")

    def test_two_clocks(self):
        clocks = {"a": {"achieved": 1}, "b": {"achieved": 2}}
        self.tool("nextpnr-ecp5", "report.json", REPORT | {"fmax": clocks})
        self.refused(self.run_job(), "2 clocks")

    def test_part_that_is_not_there(self):
        self.refused(self.run_job(JOB + "[good.budget.u_b]\n"), "no cell is in block 'u_b'")

    def test_file_that_is_not_there(self):
        self.refused(self.run_job(JOB.replace("a.sv", "b*.sv")), "0 files match")

    def test_wrong_jobs(self):
        self.assertIn("no job 'other'", self.run_job(name="other").stderr)
        self.assertIn("unknown key 'speed'", self.run_job('[good]\nspeed = 6\n').stderr)
        self.assertIn("unknown resource 'LUTS'",
                      self.run_job(JOB + "[good.budget.u_b]\nLUTS = 1\n").stderr)


if __name__ == "__main__":
    tap.main()
