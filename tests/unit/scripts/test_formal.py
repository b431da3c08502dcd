#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Proof runner and mutant runner: what is false, unreachable, lost or alive must not come out as
good.

Hard part: none; each case is a module of a few lines under build/.
"""

import pathlib
import subprocess
import tempfile
import unittest

import tap

MODULE = """module t (input logic clk_i, input logic rst_ni, input logic en, output logic [2:0] n);
  always_ff @(posedge clk_i) begin
    if (en && n != 3'd5) n <= n + 3'd1;
    if (!rst_ni) n <= '0;
  end
endmodule
"""
PROPS = """module t_props (input logic clk_i, input logic rst_ni, input logic [2:0] n);
  logic past_q = 1'b0;
  always_ff @(posedge clk_i) begin
    past_q <= 1'b1;
    if (!past_q) asm_reset : assume (!rst_ni);
    if (past_q && rst_ni) begin
      ast_n : assert (n <= 3'd5);
      cov_n : cover (n == 3'd5);
    end
  end
endmodule
bind t t_props u_props (.*);
"""


class Runner(unittest.TestCase):
    def setUp(self):
        parent = tap.ROOT / "build/formal"
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = tempfile.TemporaryDirectory(dir=parent)
        self.addCleanup(self.folder.cleanup)
        self.where = pathlib.Path(self.folder.name).relative_to(tap.ROOT)

    def formal(self, module=MODULE, props=PROPS, **keys):
        root = tap.ROOT / self.where
        (root / "t.sv").write_text(module, encoding="ascii")
        (root / "p.sv").write_text(props, encoding="ascii")
        job = {"asserts": 1, "covers": 1, "bmc": 8, "prove": 2, "cover": 8, **keys}
        name = "test_" + root.name
        lines = ["[[job]]", f'name = "{name}"', 'top = "t"',
                 f'files = ["{self.where}/t.sv", "{self.where}/p.sv"]']
        lines += [f"{k} = {v}" for k, v in job.items() if v is not None]
        (root / "jobs.toml").write_text("\n".join(lines) + "\n", encoding="ascii")
        self.addCleanup(lambda: subprocess.run(["rm", "-rf", parent_of(name)], check=True))
        run = subprocess.run(["scripts/formal.py", self.where / "jobs.toml", name], cwd=tap.ROOT,
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout

    def test_good(self):
        code, text = self.formal()
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"(?s)\Aok 1 - .*\nok 2 - .*prove.*\nok 3 - .*cover.*\n1\.\.3\n\Z")

    def test_false_assertion(self):
        code, text = self.formal(props=PROPS.replace("n <= 3'd5)", "n <= 3'd4)"),
                                 prove=None, cover=None)
        self.assertEqual(code, 1)
        self.assertRegex(text, r"not ok \d+ - .*bmc")
        self.assertIn("u_props.ast_n", text)
        self.assertIn("trace.vcd", text)

    def test_not_inductive(self):
        code, text = self.formal(props=PROPS.replace("n <= 3'd5)", "n != 3'd7)"), cover=None)
        self.assertEqual(code, 1)
        self.assertIn("not inductive", text)
        self.assertRegex(text, r"(?m)^ok \d+ - .*bmc")

    def test_unreachable_cover(self):
        code, text = self.formal(props=PROPS.replace("n == 3'd5)", "n == 3'd6)"),
                                 bmc=None, prove=None)
        self.assertEqual(code, 1)
        self.assertRegex(text, r"not ok \d+ - .*cover")

    def test_lost_bind(self):
        code, text = self.formal(props=PROPS[:PROPS.index("bind")])
        self.assertEqual(code, 1)
        self.assertIn("0 asserts", text)
        self.assertIn("was a bind lost?", text)

    def test_broken_source(self):
        code, text = self.formal(module=MODULE.replace("endmodule", ""))
        self.assertEqual(code, 2, text)

    def test_job_must_state_its_number(self):
        code, text = self.formal(asserts=None)
        self.assertEqual(code, 2)
        self.assertIn("'asserts' must say", text)

    def test_unknown_key(self):
        code, text = self.formal(depth=3)
        self.assertEqual(code, 2)
        self.assertIn("unknown key 'depth'", text)


def parent_of(name):
    return tap.ROOT / "build/formal" / name


class Mutants(unittest.TestCase):
    """A harmless patch, one that does not build, one that does not apply, one without a killer."""

    def mutant(self, old, new, killers="Killed-by: formal-chim_pkg"):
        source = (tap.ROOT / "rtl/lib/chim_pkg.sv").read_text(encoding="ascii").split("\n")
        at = next(i for i, line in enumerate(source) if old in line)
        hunk = [f"@@ -{at + 1} +{at + 1} @@", "-" + source[at], "+" + source[at].replace(old, new)]
        return self.run_patch(hunk, killers)

    def run_patch(self, hunk, killers):
        parent = tap.ROOT / "build/mutants"
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=parent, suffix=".patch") as patch:
            name = pathlib.Path(patch.name).stem
            patch.write("\n".join([f"Mutant: {name}", killers, "", "--- a/rtl/lib/chim_pkg.sv",
                                   "+++ b/rtl/lib/chim_pkg.sv", *hunk, ""]))
            patch.flush()
            run = subprocess.run(["scripts/mutants.py", patch.name], cwd=tap.ROOT,
                                 capture_output=True, text=True, check=False)
            subprocess.run(["rm", "-rf", parent / name], check=True)
        return run.returncode, run.stdout

    def test_killed(self):
        code, text = self.mutant("return seq_lt(b, a);", "return seq_lt(a, b);")
        self.assertEqual(code, 0, text)

    def test_survivor(self):
        code, text = self.mutant("return a == b || seq_lt(a, b);", "return !seq_lt(b, a);")
        # The same but at the antipode, where no promise is made.
        self.assertEqual(code, 1, text)
        self.assertIn("not ok", text)

    def test_not_built_is_no_kill(self):
        code, text = self.mutant("return seq_lt(b, a);", "return seq_lt(b a);")
        self.assertEqual(code, 1, text)
        self.assertIn("not ok", text)

    def test_does_not_apply(self):
        code, text = self.run_patch(["@@ -3 +3 @@", "-no such line", "+x"],
                                    "Killed-by: formal-chim_pkg")
        self.assertEqual(code, 2)
        self.assertIn("does not apply", text)

    def test_no_killer_named(self):
        code, text = self.run_patch(["@@ -3 +3 @@", "-a", "+b"], "")
        self.assertEqual(code, 2)
        self.assertIn("Killed-by", text)

    def test_killer_that_does_not_exist(self):
        code, text = self.mutant("return seq_lt(b, a);", "return seq_lt(a, b);",
                                 "Killed-by: formal-chim_pkg no-such-test")
        self.assertEqual(code, 1)
        self.assertIn("no such test", text)


if __name__ == "__main__":
    tap.main()
