# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Writes the SystemVerilog package and the module that checks it at elaboration.

Hard part: in a packed struct the first member is the most significant, so fields are listed from
the top down; array element 0 is the least significant, the lowest address of the host's array.
"""

KEYWORDS = frozenset(
    """accept_on alias always always_comb always_ff always_latch and assert assign assume automatic
    before begin bind bins binsof bit break buf byte case cell chandle checker class clocking
    config const constraint context continue cover cross deassign default defparam design
    disable dist do edge else end endcase endclass enum event eventually expect export extends
    extern final first_match for force foreach forever fork forkjoin function generate genvar
    global highz0 highz1 if iff ifnone illegal_bins implements implies import incdir include
    initial inout input inside instance int integer interconnect interface intersect join large
    let liblist library local localparam logic longint macromodule matches medium modport module
    nand negedge nettype new next nexttime nor not notif0 notif1 null or output package packed
    parameter posedge primitive priority program property protected pull0 pull1 pure rand randc
    randcase randsequence real realtime ref reg reject_on release repeat restrict return
    scalared sequence shortint shortreal signed small soft solve specify specparam static string
    strong strong0 strong1 struct super supply0 supply1 table tagged task this throughout time
    timeprecision timeunit tran tri tri0 tri1 triand trior trireg type typedef union unique
    unique0 unsigned until untyped use uwire var vectored virtual void wait wait_order wand weak
    weak0 weak1 while wildcard wire with within wor xnor xor""".split()
)


def member(name):
    """The field's name; a reserved word of SystemVerilog gets an underscore behind it."""
    return name + "_" if name in KEYWORDS else name


def literal(value, is_hex=False):
    if value < 0:
        return str(value)
    width = 32 if value < 2**32 else 64
    if is_hex or value >= 2**24:
        return f"{width}'h{value:0{width // 4}X}"
    return f"{width}'d{value}"


def const_type(value):
    if value < 0:
        return "int"
    return "int unsigned" if value < 2**32 else "longint unsigned"


def element_type(field):
    """(type, dimensions behind it) of a field."""
    base = f"{field.struct}_t" if field.struct else "logic" + (" signed" if field.signed else "")
    width = "" if field.struct or field.width == 1 else f"[{field.width - 1}:0]"
    count = "" if field.count is None else f"[{field.count - 1}:0]"
    return base + (" " if count or width else "") + count + width


def note(field):
    return field.desc + (f" [{field.unit}]" if field.unit else "")


def wrap(text, indent, width=100):
    """The text as // comments of at most `width` columns."""
    lines, line = [], ""
    for word in text.split():
        if line and len(indent) + 3 + len(line) + 1 + len(word) > width:
            lines.append(f"{indent}// {line}")
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, f"{indent}// {line}"]


def package(contract, head):
    out = [*head, "package chim_contract_pkg;", ""]
    for const in contract.consts:
        out += wrap(f"{const.desc} [{const.source}]", "  ")
        value = literal(const.value, const.is_hex)
        out.append(f"  localparam {const_type(const.value)} {const.name} = {value};")
    for enum in contract.enums:
        out += ["", *wrap(f"{enum.desc} [{enum.source}]", "  ")]
        out.append(f"  localparam int unsigned {enum.name.upper()}_W = 32'd{enum.width};")
        out.append(f"  typedef enum logic [{enum.width - 1}:0] {{")
        for i, (name, value, desc) in enumerate(enum.values):
            out += wrap(desc, "    ")
            comma = "," if i + 1 < len(enum.values) else ""
            out.append(f"    {enum.name.upper()}_{name} = {enum.width}'d{value}{comma}")
        out.append(f"  }} {enum.name}_e;")
    for layout in [*contract.structs, *contract.records]:
        out += ["", *wrap(f"{layout.desc} [{layout.source}]", "  ")]
        out.append(f"  localparam int unsigned {layout.name.upper()}_W = 32'd{layout.width};")
        if layout.is_record:
            out.append(
                f"  localparam int unsigned {layout.name.upper()}_WORDS = 32'd{layout.words};")
        out.append("  typedef struct packed {")
        for field in reversed(layout.fields):
            out += wrap(f"{field.msb}:{field.lsb}  {note(field)}", "    ")
            out.append(f"    {element_type(field)} {member(field.name)};")
        out.append(f"  }} {layout.name}_t;")
    return "\n".join([*out, "", "endpackage", ""])


def checks(contract, head):
    """A module without ports: elaborating it proves sizes and the position of every field."""
    out = [*head, "module chim_contract_check", "  import chim_contract_pkg::*;", "();", ""]
    for layout in [*contract.structs, *contract.records]:
        name, upper = layout.name, layout.name.upper()
        out.append(f"  if ($bits({name}_t) != {layout.width}) begin : g_{name}_bits")
        out.append(f'    $error("{name}_t: size is not {layout.width} bits");')
        out.append("  end")
        for field in layout.fields:
            # All ones in the field's place, zeros elsewhere, must read back as all ones.
            probe = f"Probe_{name}_{field.name}"
            out.append(f"  localparam {name}_t {probe} =")
            out.append(f"      {name}_t'({{{field.bits}{{1'b1}}}} << {field.lsb});"
                       if layout.width == field.bits else
                       f"      {name}_t'({upper}_W'({{{field.bits}{{1'b1}}}}) << {field.lsb});")
            out.append(f"  if ({probe}.{member(field.name)} != '1) begin : g_{name}_{field.name}")
            out.append(f'    $error("{name}_t.{field.name}: not at {field.msb}:{field.lsb}");')
            out.append("  end")
    return "\n".join([*out, "", "endmodule", ""])
