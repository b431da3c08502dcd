#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Contract generator: every mistake of a source is one line with file and entry; what is right
comes out right. Hard part: the negative cases, one for each rule of the reader.
"""

import pathlib
import subprocess
import tempfile
import unittest

import tap

from contract.expr import ExprError, Scope, clog2
from contract.load import ContractError, Loader
from contract import emit_c, emit_sv
import contract_gen

META = "[meta]\nversion_major = 1\nversion_minor = 2\n"


def load(text, **more):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, content in {"a": META + text, **more}.items():
            path = pathlib.Path(folder) / f"{name}.toml"
            path.write_text(content, encoding="utf-8")
            paths.append(path)
        return Loader().load(paths)


def const(name, value):
    shown = f'"{value}"' if isinstance(value, str) else value
    return f'[[const]]\nname = "{name}"\nvalue = {shown}\ndesc = "d"\n'


def struct(size, *fields, name="s"):
    rows = "".join(f'{{ desc = "d", {f} }},' for f in fields)
    return f'[[struct]]\nname = "{name}"\nbytes = {size}\ndesc = "d"\nfield = [{rows}]\n'


def record(*fields, name="r"):
    rows = "".join(f'{{ desc = "d", {f} }},' for f in fields)
    return f'[[record]]\nname = "{name}"\ndesc = "d"\nfield = [{rows}]\n'


def enum(width, *values, name="e"):
    rows = "".join(f'{{ desc = "d", name = "{n}", value = {v} }},' for n, v in values)
    return f'[[enum]]\nname = "{name}"\nwidth = {width}\ndesc = "d"\nvalue = [{rows}]\n'


U32 = 'name = "a", off = 0, type = "u32"'


class Mistakes(unittest.TestCase):
    def wrong(self, text, *parts, call=load, **more):
        with self.assertRaises(ContractError) as caught:
            call(text, **more)
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        self.assertIn(".toml", message)
        for part in parts:
            self.assertIn(part, message)

    def test_overlap(self):
        self.wrong(struct(4, U32, 'name = "b", off = 2, type = "u16"'), "a.toml: struct 's'",
                   "field 'b' overlaps 'a'")

    def test_gap_between(self):
        self.wrong(struct(8, 'name = "a", off = 0, type = "u16"',
                          'name = "b", off = 4, type = "u32"'), "gap, bits 31:16 before 'b'")

    def test_gap_at_end(self):
        self.wrong(struct(8, U32), "gap, bits 63:32 at the end")

    def test_beyond_size(self):
        self.wrong(struct(4, U32, 'name = "b", off = 4, type = "u8"'), "beyond the size of 4")

    def test_misaligned(self):
        self.wrong(struct(4, 'name = "a", off = 1, type = "u16"'), "field 'a'", "not aligned")

    def test_unknown_type(self):
        self.wrong(struct(4, 'name = "a", off = 0, type = "u24"'), "field 'a'",
                   "unknown type 'u24'")

    def test_unknown_struct(self):
        self.wrong(struct(4, 'name = "a", off = 0, type = "later"'), "unknown type 'later'")

    def test_unknown_key(self):
        self.wrong(struct(4, U32 + ', untis = "bytes"'), "field 'a'", "unknown key 'untis'")

    def test_both_places(self):
        self.wrong(struct(4, U32 + ', at = "31:0"'), "either 'at', or 'off' and 'type'")

    def test_reversed_range(self):
        self.wrong(struct(4, 'name = "a", at = "0:31"'), "not 'high:low'")

    def test_wide_range(self):
        self.wrong(struct(16, 'name = "a", at = "127:0"'), "more than 64 bits")

    def test_no_desc(self):
        self.wrong('[[const]]\nname = "A"\nvalue = 1\n', "const 'A'", "'desc' is missing")

    def test_empty_desc(self):
        self.wrong('[[const]]\nname = "A"\nvalue = 1\ndesc = " "\n', "'desc' is empty")

    def test_duplicate_const(self):
        self.wrong(const("A", 1) + const("A", 2), "name 'A' is already taken by a.toml: const 'A'")

    def test_duplicate_across_files(self):
        self.wrong(const("A", 1), "b.toml: enum 'a'", "already taken",
                   b=enum(1, ("X", 0), name="a"))

    def test_duplicate_field(self):
        self.wrong(record('name = "a", width = 1', 'name = "A", width = 1'), "have one name")

    def test_duplicate_enum_number(self):
        self.wrong(enum(2, ("X", 1), ("Y", 1)), "value 'Y'", "same number as 'X'")

    def test_enum_too_wide(self):
        self.wrong(enum(2, ("X", 4)), "value 'X'", "4 is outside 0..3")

    def test_bad_name(self):
        self.wrong(const("lower", 1), "'lower' is not a name")

    def test_const_circle(self):
        self.wrong(const("A", "B") + const("B", "A"), "constants in a circle: A -> B -> A")

    def test_unknown_const(self):
        self.wrong(record('name = "a", width = "NONE"'), "field 'a'", "unknown constant 'NONE'")

    def test_expression_that_runs_code(self):
        self.wrong(const("A", "__import__('os').getpid()"), "const 'A'", "not allowed")

    def test_division_by_zero(self):
        self.wrong(const("A", "1/0"), "divides by zero")

    def test_no_meta(self):
        with self.assertRaises(ContractError) as caught:
            Loader().load([self.file("x", const("A", 1))])
        self.assertIn("no file has [meta]", str(caught.exception))

    def file(self, name, text):
        folder = tempfile.mkdtemp()
        self.addCleanup(lambda: subprocess.run(["rm", "-r", folder], check=True))
        path = pathlib.Path(folder) / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_second_meta(self):
        self.wrong("", "b.toml", "a second [meta]", b=META)

    def test_toml_syntax(self):
        self.wrong("[[const\n", "a.toml")

    def test_big_endian(self):
        self.wrong(struct(4, U32) + 'endian = "big"\n', "endian must be 'little'")

    def header(self, text):
        return emit_c.header(load(text), [])

    def in_c(self, text, *parts):
        with self.assertRaises(ContractError) as caught:
            self.header(text)
        for part in parts:
            self.assertIn(part, str(caught.exception))
        self.assertIn("a.toml: ", str(caught.exception))

    def test_bit_field_across_64(self):
        self.in_c(struct(16, 'name = "a", at = "59:0"', 'name = "b", at = "67:60"',
                         'name = "c", at = "127:68"'), "field 'b'", "crosses a 64-bit boundary")

    def test_bit_field_beside_array(self):
        self.in_c(struct(4, 'name = "a", off = 0, type = "u8[2]"', 'name = "b", at = "27:16"',
                         'name = "c", at = "31:28"', name="ok") +
                  struct(4, 'name = "a", off = 0, type = "u8[1]"', 'name = "b", at = "27:8"',
                         'name = "c", at = "31:28"'), "struct 's' field 'a'", "shares")

    def test_struct_size_and_alignment(self):
        self.in_c(struct(12, 'name = "a", off = 0, type = "u64"',
                         'name = "b", off = 8, type = "u32"'), "no multiple of its alignment 8")

    def test_program_is_silent_about_outputs(self):
        """A wrong source writes nothing and exits with 1 and one line."""
        path = self.file("x", META + struct(8, U32))
        out = path.parent / "out"
        run = subprocess.run([tap.ROOT / "scripts/contract_gen.py", path.parent, out],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr.count("\n"), 1)
        self.assertIn("x.toml: struct 's': gap", run.stderr)
        self.assertFalse(out.exists())


class Good(unittest.TestCase):
    def test_expressions(self):
        scope = Scope()
        scope.define("B", "A * 4 + 1")
        scope.define("A", 5)
        self.assertEqual(scope.value("B"), 21)
        self.assertEqual(scope.evaluate("clog2(B) + max(1, 2) - min(3, 4)"), 5 + 2 - 3)
        self.assertEqual(scope.evaluate("(1 << A) | 7 % 4"), 35)
        with self.assertRaises(ExprError):
            scope.evaluate("1.5")

    def test_clog2(self):
        self.assertEqual([clog2(n) for n in (1, 2, 3, 4, 5, 1024, 1025)], [0, 1, 2, 2, 3, 10, 11])

    def test_record_places(self):
        contract = load(const("W", 3) + record('name = "top", width = "W * 2"',
                                               'name = "arr", width = 5, count = 3',
                                               'name = "low", width = 33'))
        places = {f.name: (f.msb, f.lsb) for f in contract.records[0].fields}
        self.assertEqual(places, {"top": (53, 48), "arr": (47, 33), "low": (32, 0)})
        self.assertEqual(contract.records[0].words, 2)

    def test_nested_struct(self):
        contract = load(struct(8, 'name = "x", off = 0, type = "u64"', name="in") +
                        struct(24, 'name = "a", off = 0, type = "in[2]"',
                               'name = "b", off = 16, type = "u64"', name="outer"))
        self.assertEqual(contract.structs[1].fields[0].bits, 128)
        self.assertIn("struct chim_hw_in a[2];", emit_c.header(contract, []))
        self.assertIn("in_t [1:0] a;", emit_sv.package(contract, []))

    def test_keywords_are_escaped(self):
        contract = load(record('name = "type", width = 4', 'name = "class", width = 4'))
        self.assertIn("logic [3:0] type_;", emit_sv.package(contract, []))
        self.assertIn("uint8_t class_;", emit_c.header(contract, []))

    def test_large_enum_becomes_macros(self):
        text = emit_c.header(load(enum(32, ("OK", 0), ("BAD", 0xC0000001))), [])
        self.assertIn("#define CHIM_E_BAD 0xC0000001u", text)
        self.assertNotIn("enum chim_hw_e", text)

    def test_first_line(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "a.toml").write_text(META + const("A", 1), encoding="utf-8")
            for text in contract_gen.generate(pathlib.Path(folder)).values():
                first = text.split("\n")[0]
                self.assertIn("Generated by", first)
                self.assertIn("SPDX-License-Identifier: Apache-2.0", first)


if __name__ == "__main__":
    tap.main()
