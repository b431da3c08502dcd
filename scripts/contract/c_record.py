# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Writes the C form of an on-chip record: places, accessors on an image of 32-bit words, and a
plain struct with pack and unpack.

Hard part: a field may cross words; fields of at most 32 bits compile to shifts without a loop.
"""


def ctype(field):
    """The smallest integer type of C that holds one element; wide fields are arrays of words."""
    if field.width > 64:
        return "uint32_t"
    size = next(s for s in (8, 16, 32, 64) if field.width <= s)
    return f"{'int' if field.signed else 'uint'}{size}_t"


def dims(field):
    text = "" if field.count is None else f"[{field.count}]"
    return text + (f"[{(field.width + 31) // 32}]" if field.width > 64 else "")


def load(field, lsb):
    """Expression for 1..32 bits at a constant place."""
    word, shift = divmod(lsb, 32)
    text = f"w[{word}]" if shift == 0 else f"(w[{word}] >> {shift})"
    if shift + field.width > 32:
        text = f"({text} | (w[{word + 1}] << {32 - shift}))"
    if field.width < 32:
        text = f"({text} & 0x{2**field.width - 1:X}u)"
    return text


def store(field, lsb):
    """Statements that put v, 1..32 bits, at a constant place."""
    word, shift = divmod(lsb, 32)
    first = min(field.width, 32 - shift)
    out = []
    if first == 32:
        return [f"\tw[{word}] = (uint32_t)v;"]
    mask = ((2**first - 1) << shift) & 0xFFFFFFFF
    moved = "(uint32_t)v" if shift == 0 else f"((uint32_t)v << {shift})"
    out.append(f"\tw[{word}] = (w[{word}] & ~0x{mask:X}u) | ({moved} & 0x{mask:X}u);")
    if first < field.width:
        mask = 2 ** (field.width - first) - 1
        out.append(f"\tw[{word + 1}] = (w[{word + 1}] & ~0x{mask:X}u) | "
                   f"(((uint32_t)v >> {first}) & 0x{mask:X}u);")
    return out


def sign_extended(field, text):
    """`text` is unsigned; make it the field's type."""
    kind = ctype(field)
    if not field.signed:
        return f"({kind}){text}"
    size = 64 if field.width > 32 else 32
    top = size - field.width
    # Up and arithmetically down again: defined for two's complement, which C11 compilers have.
    return f"({kind})((int{size}_t)((uint{size}_t){text} << {top}) >> {top})"


def accessors(layout, field):
    tag, base = f"chim_hw_{layout.name}", f"CHIM_{layout.name.upper()}_{field.name.upper()}"
    get, put = f"{tag}_get_{field.name}", f"{tag}_set_{field.name}"
    kind = ctype(field)
    index = "" if field.count is None else ", unsigned int i"
    place = f"{base}_LSB" if field.count is None else f"{base}_LSB + i * {base}_W"
    out = [f"#define {base}_LSB {field.lsb}u", f"#define {base}_W {field.width}u"]
    if field.width > 64:
        words = (field.width + 31) // 32
        return [*out,
                f"static inline void {get}(const uint32_t *w{index}, uint32_t out[{words}])", "{",
                *wide_loop(words, field.width, place, "out[k] = (uint32_t)chim_hw_bits_get({})"),
                "}", "",
                f"static inline void {put}(uint32_t *w{index}, const uint32_t in[{words}])", "{",
                *wide_loop(words, field.width, place, "chim_hw_bits_set({}, in[k])"), "}", ""]
    if field.width <= 32 and field.count is None:
        read, write = load(field, field.lsb), store(field, field.lsb)
    else:
        read = f"chim_hw_bits_get(w, {place}, {base}_W)"
        write = [f"\tchim_hw_bits_set(w, {place}, {base}_W, (uint64_t)v);"]
    return [*out, f"static inline {kind} {get}(const uint32_t *w{index})", "{",
            f"\treturn {sign_extended(field, read)};", "}", "",
            f"static inline void {put}(uint32_t *w{index}, {kind} v)", "{", *write, "}", ""]


def wide_loop(words, width, place, action):
    last = width - 32 * (words - 1)
    piece = f"w, {place} + 32u * k, k + 1 < {words} ? 32u : {last}u"
    return ["\tunsigned int k;", "", f"\tfor (k = 0; k < {words}; k++)",
            f"\t\t{action.format(piece)};"]


def record(layout, member, comment):
    upper, tag = layout.name.upper(), f"chim_hw_{layout.name}"
    out = [f"#define CHIM_{upper}_W {layout.width}u", f"#define CHIM_{upper}_WORDS {layout.words}u",
           f"struct {tag} {{"]
    ordered = list(reversed(layout.fields))
    for field in ordered:
        unit = f" [{field.unit}]" if field.unit else ""
        out += comment(f"{field.msb}:{field.lsb} {field.desc}{unit}", "\t")
        out.append(f"\t{ctype(field)} {member(field.name)}{dims(field)};")
    out += ["};", ""]
    for field in ordered:
        out += accessors(layout, field)
    out += [f"static inline void {tag}_unpack(struct {tag} *s, const uint32_t *w)", "{"]
    out += moves(layout, ordered, member, "unpack")
    out += ["}", "", f"static inline void {tag}_pack(uint32_t *w, const struct {tag} *s)", "{"]
    out += moves(layout, ordered, member, "pack")
    out += ["}", "", "/* X(name, lsb, bits of an element, elements or 0, 1 if signed) */"]
    rows = [f"\tX({member(f.name)}, {f.lsb}, {f.width}, {f.count or 0}, {int(f.signed)})"
            for f in ordered]
    return [*out, f"#define CHIM_{upper}_FIELDS(X) \\", " \\\n".join(rows)]


def moves(layout, fields, member, way):
    tag = f"chim_hw_{layout.name}"
    arrays = [f for f in fields if f.count is not None]
    out = ["\tunsigned int i;", ""] if arrays else []
    if way == "pack":
        # Bits above the last field are zero in every image.
        out += [f"\tw[{layout.words - 1}] = 0;"]
    for field in fields:
        index, slot, pad = ("", "", "\t") if field.count is None else (", i", "[i]", "\t\t")
        if field.count is not None:
            out.append(f"\tfor (i = 0; i < {field.count}; i++)")
        place = f"s->{member(field.name)}{slot}"
        if way == "pack":
            out.append(f"{pad}{tag}_set_{field.name}(w{index}, {place});")
        elif field.width > 64:
            out.append(f"{pad}{tag}_get_{field.name}(w{index}, {place});")
        else:
            out.append(f"{pad}{place} = {tag}_get_{field.name}(w{index});")
    return out
