# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Writes the tables of the manual: one row per constant, value and field.

Hard part: none; a bar in a text is escaped, so that it does not end its cell.
"""


def cell(text):
    return str(text).replace("|", "\\|") or "-"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell(c) for c in row) + " |" for row in rows]
    return lines


def number(const):
    if const.value >= 2**24 or const.is_hex:
        return f"0x{const.value:X}"
    return const.value


def shape(field):
    base = field.struct or ("s" if field.signed else "u") + str(field.width)
    return base if field.count is None else f"{base}[{field.count}]"


def place(layout, field):
    if layout.is_record or field.lsb % 8 or field.bits % 8:
        return f"{field.msb}:{field.lsb}"
    return f"+{field.lsb // 8}"


def manual(contract, head):
    major, minor = contract.version
    out = [*head, f"# Contract {major}.{minor}: constants, enumerations, layouts", ""]
    out += ["## Constants", ""]
    out += table(("Name", "Value", "Meaning", "Source"),
                 [(c.name, number(c), c.desc, c.source) for c in contract.consts])
    out += ["", "## Enumerations", ""]
    for enum in contract.enums:
        out += [f"### {enum.name}", ""]
        out += [f"{enum.desc}. {enum.width} bits. Source: {enum.source}.", ""]
        out += table(("Value", "Name", "Meaning"), [(v, n, d) for n, v, d in enum.values]) + [""]
    out += ["## Host memory layouts", "",
            "Little endian. Place: +byte offset, or high:low bit of the whole.", ""]
    for layout in contract.structs:
        out += [f"### {layout.name}: {layout.width // 8} bytes", ""] + fields(layout)
    out += ["## On-chip records", "",
            "Place: high:low bit; 32-bit word i of an image holds bits 32 i + 31 : 32 i.", ""]
    for layout in contract.records:
        out += [f"### {layout.name}: {layout.width} bits, {layout.words} words", ""]
        out += fields(layout)
    return "\n".join(out).rstrip() + "\n"


def fields(layout):
    access = any(f.access for f in layout.fields)
    reset = any(f.reset for f in layout.fields)
    head = ["Place", "Name", "Type", "Unit", "Meaning", "Source"]
    head += ["Access"] * access + ["Reset"] * reset
    rows = []
    # A record is written down from the top, as in the package; a struct from its first byte.
    for field in reversed(layout.fields) if layout.is_record else layout.fields:
        row = [place(layout, field), field.name, shape(field), field.unit, field.desc, field.source]
        rows.append(row + [field.access] * access + [field.reset] * reset)
    return [f"{layout.desc}. Source: {layout.source}.", "", *table(head, rows), ""]
