#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""The C header against the SystemVerilog package, for a made-up contract of awkward layouts and for
the project's own: a C program fills every field with random bits through the accessors, Verilator
says at elaboration what it finds in the packed image. Hard part: the two must share nothing but the
image.
"""

import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import tap

import contract_gen
from contract.c_record import ctype
from contract.emit_sv import member as sv_member
from contract.load import Loader

AWKWARD = """
[meta]
version_major = 9
version_minor = 8
[[struct]]
name = "bits"
bytes = 16
desc = "Bit fields in all sizes of container"
field = [
  { name = "a", at = "2:0", desc = "d" }, { name = "b", at = "7:3", desc = "d" },
  { name = "c", off = 1, type = "u8", desc = "d" },
  { name = "d", at = "27:16", desc = "d" }, { name = "e", at = "31:28", desc = "d" },
  { name = "f", off = 4, type = "u32", desc = "d" },
  { name = "g", at = "104:64", desc = "d" }, { name = "h", at = "127:105", desc = "d" },
]
[[record]]
name = "odd"
desc = "Fields that cross words, signs, arrays, wide ones, reserved words"
field = [
  { name = "type", width = 3, desc = "d" }, { name = "Neg", width = 13, signed = true, desc = "d" },
  { name = "cross", width = 32, desc = "d" }, { name = "one", width = 1, desc = "d" },
  { name = "wide", width = 133, desc = "d" }, { name = "arr", width = 7, count = 9, desc = "d" },
  { name = "sarr", width = 5, count = 3, signed = true, desc = "d" },
  { name = "long", width = 47, desc = "d" },
  { name = "slong", width = 64, signed = true, desc = "d" },
  { name = "warr", width = 65, count = 2, desc = "d" },
]
"""


def elements(layout):
    """(field, index or None, lsb) of every scalar of a record."""
    for field in layout.fields:
        for i in range(field.count or 1):
            yield field, None if field.count is None else i, field.lsb + i * field.width


def c_program(contract, rng):
    """Prints one image per record, filled by the setters from random values it also checks."""
    out = ['#include <stdio.h>', '#include <string.h>', '#include "chim_contract.h"',
           'static int bad;',
           'static void same(int good, const char *what)',
           '{ if (!good) { bad = 1; printf("BAD %s\\n", what); } }', 'int main(void) {']
    values = {}
    for layout in contract.records:
        tag = f"chim_hw_{layout.name}"
        out += ["{", f"uint32_t w[{layout.words}], again[{layout.words}]; struct {tag} s;",
                f"memset(w, 0, sizeof(w)); memset(again, 0xA5, sizeof(again));"]
        for field, index, lsb in elements(layout):
            value = rng.getrandbits(field.width)
            values[layout.name, lsb] = (field, index, value)
            at = "" if index is None else f", {index}"
            what = f'"{layout.name}.{field.name}{at}"'
            if field.width > 64:
                words = (field.width + 31) // 32
                text = ", ".join(f"0x{value >> 32 * k & 0xFFFFFFFF:x}u" for k in range(words))
                out.append(f"{{ const uint32_t v[] = {{{text}}}; uint32_t got[{words}];"
                           f" {tag}_set_{field.name}(w{at}, v); {tag}_get_{field.name}(w{at}, got);"
                           f" same(!memcmp(v, got, sizeof(v)), {what}); }}")
                continue
            negative = field.signed and value >> field.width - 1
            signed = value - (1 << field.width) if negative else value
            shown = f"{signed}{'ll' if field.signed else 'ull'}"
            if signed == -(1 << 63):
                shown = "INT64_MIN"
            shown = f"({ctype(field)})({shown})"
            # The setter must keep to its bits whatever lies above them in the argument.
            out.append(f"{tag}_set_{field.name}(w{at}, {shown});"
                       f" same({tag}_get_{field.name}(w{at}) == {shown}, {what});")
        out += [f"{tag}_unpack(&s, w); {tag}_pack(again, &s);",
                f'same(!memcmp(w, again, sizeof(w)), "{layout.name}: pack(unpack)");',
                f'printf("{layout.name} ");',
                f'for (int k = {layout.words - 1}; k >= 0; k--) printf("%08x", w[k]);',
                'printf("\\n");', "}"]
    for layout in contract.structs:
        boxes = [f for f in layout.fields if f"chim_hw_{layout.name}_set_{f.name}(" in
                 c_program.header]
        if not boxes:
            continue
        tag = f"chim_hw_{layout.name}"
        out += ["{", f"struct {tag} s; memset(&s, 0, sizeof(s));"]
        for field in boxes:
            value = rng.getrandbits(field.width)
            values[layout.name, field.lsb] = (field, None, value)
            out.append(f"{tag}_set_{field.name}(&s, {value}ull);"
                       f" same({tag}_get_{field.name}(&s) == {value}ull, \"{field.name}\");")
        out += [f'printf("{layout.name} ");',
                "for (int k = (int)sizeof(s) - 1; k >= 0; k--)",
                'printf("%02x", ((const unsigned char *)&s)[k]);', 'printf("\\n");', "}"]
    return "\n".join([*out, "return bad; }", ""]), values


def sv_program(contract, images, values):
    """A module that stops elaboration where a field of an image is not the value that was set."""
    out = ["module t;", "import chim_contract_pkg::*;"]
    for layout in [*contract.structs, *contract.records]:
        if layout.name not in images:
            continue
        out.append(f"localparam {layout.name}_t {layout.name}_v = "
                   f"{layout.name}_t'({layout.words * 32}'h{images[layout.name]});")
        for (name, _), (field, index, value) in values.items():
            if name != layout.name:
                continue
            at = "" if index is None else f"[{index}]"
            path = f"{name}_v.{sv_member(field.name)}{at}"
            out.append(f"if ({path} != {field.width}'h{value:x}) $error(\"BAD {path}\");")
    return "\n".join([*out, '$info("GOOD");', "endmodule", ""])


class Layouts(unittest.TestCase):
    def compare(self, source_dir, seed):
        rng = random.Random(seed)
        contract = Loader().load(list(source_dir.glob("*.toml")))
        # Yosys and Verilator see no path outside the project: work inside build/.
        work_parent = tap.ROOT / "build/contract"
        work_parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=work_parent) as folder:
            work = pathlib.Path(folder)
            outputs = contract_gen.generate(source_dir)
            for name, text in outputs.items():
                (work / name).write_text(text, encoding="ascii")
            c_program.header = outputs["chim_contract.h"]
            program, values = c_program(contract, rng)
            (work / "t.c").write_text(program, encoding="ascii")
            self.run_ok(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1",
                         "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                         "-o", work / "t", work / "t.c"])
            text = self.run_ok([work / "t"])
            images = dict(re.findall(r"^(\w+) ([0-9a-f]+)$", text, re.M))
            self.assertEqual(set(images) >= {r.name for r in contract.records}, True)
            for layout in contract.records:
                spare = int(images[layout.name], 16) >> layout.width
                self.assertEqual(spare, 0, f"{layout.name}: bits above the record are not zero")
            (work / "t.sv").write_text(sv_program(contract, images, values), encoding="ascii")
            said = self.run_ok([tap.ROOT / "scripts/tools/verilator", "--lint-only", "-Wno-fatal",
                                "-Werror-USERERROR", "--top-module", "t",
                                work / "chim_contract_pkg.sv", work / "t.sv"])
            self.assertIn("GOOD", said)

    def run_ok(self, command):
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, f"{command[0]}: {(run.stdout + run.stderr)[-3000:]}")
        return run.stdout + run.stderr

    def test_awkward_layouts(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "a.toml").write_text(AWKWARD, encoding="utf-8")
            self.compare(pathlib.Path(folder), 1)

    def test_own_contract(self):
        self.compare(tap.ROOT / "rtl/contract", 2)


if __name__ == "__main__":
    tap.main()
