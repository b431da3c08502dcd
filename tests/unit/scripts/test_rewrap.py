#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Comment wrapping: long comments and prose are wrapped, code, tables and examples are not; none
lost and a second run changes nothing.

Hard part: none.
"""

import pathlib
import unittest

import tap

import rewrap

WORD = "word " * 30


class Rewrap(unittest.TestCase):
    def wrap(self, text, name):
        once = rewrap.rewrap(text, pathlib.Path(name))
        self.assertEqual(rewrap.rewrap(once, pathlib.Path(name)), once)
        return once

    def all_short(self, text):
        self.assertTrue(all(len(x.expandtabs(8)) <= 100 for x in text.split("\n")), text)

    def test_line_comment(self):
        out = self.wrap(f"int a;\n  // {WORD}\n  // tail\nint b;\n", "a.sv")
        self.all_short(out)
        words = [w for x in out.split("\n") if "//" in x for w in x.split("//")[1].split()]
        self.assertEqual(words, WORD.split() + ["tail"])
        self.assertTrue(all(x.startswith("  // ") for x in out.split("\n")[1:3]))

    def test_block_comment_and_tabs(self):
        out = self.wrap(f"/*\n\t * {WORD}\n */\n", "a.c")
        self.all_short(out)
        self.assertEqual(out.count("\t * "), 2)

    def test_paragraphs_stay_apart(self):
        out = self.wrap(f"# {WORD}\n#\n# next\n", "a.mk")
        self.assertIn("\n#\n# next\n", out)

    def test_code_is_left_alone(self):
        text = f'char *s = "{WORD}";\n'
        self.assertEqual(self.wrap(text, "a.c"), text)

    def test_drawing_is_left_alone(self):
        text = "//   +" + "-" * 100 + "+ x\n"
        self.assertEqual(self.wrap(text, "a.sv"), text)

    def test_markdown(self):
        text = f"{WORD}\n\n| {WORD} |\n\n```\n{WORD}\n```\n"
        out = self.wrap(text, "a.md")
        self.all_short(out.split("\n\n")[0])
        self.assertEqual(out.split("\n\n")[1:], text.split("\n\n")[1:])

    def test_list_item_hangs(self):
        out = self.wrap(f"- {WORD}\n- other\n", "a.md").split("\n")
        self.assertTrue(out[1].startswith("  word"))
        self.assertEqual(out[2], "- other")

    def test_docstring_but_not_python(self):
        out = self.wrap(f'"""Title.\n\n{WORD}\n"""\nx = "{WORD}"\n', "a.py")
        self.all_short(out.split('"""')[1])
        self.assertIn(f'x = "{WORD}"', out)

    def test_one_long_word(self):
        text = "// " + "x" * 120 + "\n"
        self.assertEqual(self.wrap(text, "a.c"), text)


if __name__ == "__main__":
    tap.main()
