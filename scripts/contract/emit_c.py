# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Writes the C header: constants, enumerations, structs of host memory, accessors of records.

Hard part: one header for freestanding C11, hosted C11 and C++17, whose layout the compiler proves.
"""

from contract.c_record import record
from contract.load import ContractError

KEYWORDS = frozenset(
    """alignas alignof asm auto bool break case catch char class const constexpr continue default
    delete do double else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new operator private protected public register restrict return short signed
    sizeof static struct switch template this throw true try typedef typeid typename union unsigned
    using virtual void volatile while""".split()
)

PROLOGUE = """\
#ifndef CHIM_CONTRACT_H
#define CHIM_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CHIM_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define CHIM_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* Little-endian integers of host memory; sparse tells them from plain ones. */
#ifdef __CHECKER__
#define CHIM_BITWISE __attribute__((bitwise))
#define CHIM_FORCE __attribute__((force))
#else
#define CHIM_BITWISE
#define CHIM_FORCE
#endif
typedef uint16_t CHIM_BITWISE chim_le16;
typedef uint32_t CHIM_BITWISE chim_le32;
typedef uint64_t CHIM_BITWISE chim_le64;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define CHIM_SWAP16(x) __builtin_bswap16(x)
#define CHIM_SWAP32(x) __builtin_bswap32(x)
#define CHIM_SWAP64(x) __builtin_bswap64(x)
#else
#define CHIM_SWAP16(x) (x)
#define CHIM_SWAP32(x) (x)
#define CHIM_SWAP64(x) (x)
#endif

static inline uint16_t chim_le16_get(chim_le16 x)
{
	return CHIM_SWAP16((CHIM_FORCE uint16_t)x);
}

static inline uint32_t chim_le32_get(chim_le32 x)
{
	return CHIM_SWAP32((CHIM_FORCE uint32_t)x);
}

static inline uint64_t chim_le64_get(chim_le64 x)
{
	return CHIM_SWAP64((CHIM_FORCE uint64_t)x);
}

static inline chim_le16 chim_le16_of(uint16_t x)
{
	return (CHIM_FORCE chim_le16)CHIM_SWAP16(x);
}

static inline chim_le32 chim_le32_of(uint32_t x)
{
	return (CHIM_FORCE chim_le32)CHIM_SWAP32(x);
}

static inline chim_le64 chim_le64_of(uint64_t x)
{
	return (CHIM_FORCE chim_le64)CHIM_SWAP64(x);
}

/* Field of 1 to 64 bits of a record's image; for places that are known only at run time. */
static inline uint64_t chim_hw_bits_get(const uint32_t *w, unsigned int lsb, unsigned int width)
{
	uint64_t value = 0;
	unsigned int done = 0;

	while (done < width) {
		unsigned int at = lsb + done;
		unsigned int room = 32u - at % 32u;
		unsigned int n = width - done < room ? width - done : room;
		uint64_t part = (w[at / 32u] >> (at % 32u)) & (0xFFFFFFFFu >> (32u - n));

		value |= part << done;
		done += n;
	}
	return value;
}

static inline void chim_hw_bits_set(uint32_t *w, unsigned int lsb, unsigned int width,
				    uint64_t value)
{
	unsigned int done = 0;

	while (done < width) {
		unsigned int at = lsb + done;
		unsigned int room = 32u - at % 32u;
		unsigned int n = width - done < room ? width - done : room;
		uint32_t mask = (0xFFFFFFFFu >> (32u - n)) << (at % 32u);

		w[at / 32u] = (w[at / 32u] & ~mask) |
			      (((uint32_t)(value >> done) << (at % 32u)) & mask);
		done += n;
	}
}

"""


def member(name):
    """The field's name; a reserved word of C or C++ gets an underscore behind it."""
    return name + "_" if name in KEYWORDS else name


def number(value, is_hex=False):
    if value < 0:
        return f"({value})"
    suffix = "u" if value < 2**32 else "ull"
    return f"0x{value:X}{suffix}" if is_hex or value >= 2**24 else f"{value}{suffix}"


def comment(text, indent=""):
    """A block comment of at most 100 columns; a tab counts for 8."""
    text = text.replace("*/", "* /")
    room = 100 - 8 * len(indent) - 6
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    lines.append(line)
    if len(lines) == 1:
        return [f"{indent}/* {lines[0]} */"]
    return [f"{indent}/* {lines[0]}", *[f"{indent} * {x}" for x in lines[1:-1]],
            f"{indent} * {lines[-1]} */"]


def header(contract, head):
    out = [*head, PROLOGUE.rstrip("\n"), ""]
    for const in contract.consts:
        out += comment(f"{const.desc} [{const.source}]")
        out.append(f"#define CHIM_{const.name} {number(const.value, const.is_hex)}")
    for enum in contract.enums:
        out += ["", *enumeration(enum)]
    aligns = {}
    for layout in contract.structs:
        out += ["", *struct(layout, aligns)]
    for layout in contract.records:
        out += ["", *comment(f"{layout.desc} [{layout.source}]"), *record(layout, member, comment)]
    return "\n".join([*out, "", "#endif", ""])


def enumeration(enum):
    prefix = f"CHIM_{enum.name.upper()}_"
    out = [*comment(f"{enum.desc} [{enum.source}]"),
           f"#define CHIM_{enum.name.upper()}_W {enum.width}u"]
    # An enumerator of C11 is an int; numbers beyond it become macros.
    if max(value for _, value, _ in enum.values) > 0x7FFFFFFF:
        for name, value, desc in enum.values:
            out += [*comment(desc), f"#define {prefix}{name} 0x{value:08X}u"]
    else:
        out.append(f"enum chim_hw_{enum.name} {{")
        for name, value, desc in enum.values:
            out += [*comment(desc, "\t"), f"\t{prefix}{name} = {value},"]
        out.append("};")
    out += ["", f"static inline const char *chim_hw_{enum.name}_name(uint32_t value)", "{",
            "\tswitch (value) {"]
    for name, value, _ in enum.values:
        out += [f"\tcase {number(value)}:", f'\t\treturn "{name}";']
    return [*out, "\tdefault:", '\t\treturn "?";', "\t}", "}"]


# Structs of host memory


def wrong(layout, field, text):
    return ContractError(f"{layout.file}: struct '{layout.name}' field '{field.name}': {text}")


def whole(field):
    """A member of its own: a nested struct, an array, or a naturally aligned integer."""
    if field.struct is not None or field.count is not None:
        return True
    return field.width in (8, 16, 32, 64) and field.lsb % field.width == 0


def containers(layout):
    """Integers that hold the bit fields: ascending (lsb, width, fields), none overlapping."""
    units = []
    for field in layout.fields:
        if whole(field):
            continue
        size = next((s for s in (8, 16, 32, 64)
                     if field.lsb // s == (field.lsb + field.width - 1) // s), None)
        if size is None:
            raise wrong(layout, field, "crosses a 64-bit boundary; no integer of C holds it")
        units.append((field.lsb // size * size, size))
    merged = []
    for lsb, size in sorted(units, key=lambda u: (u[0], -u[1])):
        # Aligned powers of two either nest or are apart.
        if not merged or lsb >= merged[-1][0] + merged[-1][1]:
            merged.append((lsb, size))
    found = []
    for lsb, size in merged:
        inside = [f for f in layout.fields if f.lsb < lsb + size and f.msb >= lsb]
        for field in inside:
            if field.struct or field.count or field.lsb < lsb or field.msb >= lsb + size:
                raise wrong(layout, field, f"shares {size // 8} bytes at offset {lsb // 8} with "
                                           "bit fields")
        found.append((lsb, size, inside))
    return found


def integer(width):
    return "uint8_t" if width == 8 else f"chim_le{width}"


def struct(layout, aligns):
    upper, tag = layout.name.upper(), f"chim_hw_{layout.name}"
    boxes = containers(layout)
    boxed = {id(f) for _, _, inside in boxes for f in inside}
    members = []  # (lsb, C declaration, C name, comment)
    align = 1
    for lsb, size, inside in boxes:
        text = "; ".join(f"{f.msb - lsb}:{f.lsb - lsb} {f.name}" for f in inside)
        members.append((lsb, f"{integer(size)} bits_{lsb // 8}", f"bits_{lsb // 8}", text))
        align = max(align, size // 8)
    for field in layout.fields:
        if id(field) in boxed:
            continue
        kind = f"struct chim_hw_{field.struct}" if field.struct else integer(field.width)
        own = aligns[field.struct] if field.struct else field.width // 8
        if field.lsb // 8 % own:
            raise wrong(layout, field, f"offset {field.lsb // 8} is not aligned to {own}")
        align = max(align, own)
        count = "" if field.count is None else f"[{field.count}]"
        unit = f" [{field.unit}]" if field.unit else ""
        name = member(field.name)
        members.append((field.lsb, f"{kind} {name}{count}", name, field.desc + unit))
    if layout.width // 8 % align:
        raise ContractError(f"{layout.file}: struct '{layout.name}': {layout.width // 8} bytes is "
                            f"no multiple of its alignment {align}")
    aligns[layout.name] = align
    members.sort()
    out = [*comment(f"{layout.desc} [{layout.source}]"),
           f"#define CHIM_{upper}_BYTES {layout.width // 8}u", f"struct {tag} {{"]
    for _, declaration, _, text in members:
        out += [*comment(text, "\t"), f"\t{declaration};"]
    out += ["};", f'CHIM_STATIC_ASSERT(sizeof(struct {tag}) == {layout.width // 8}, "{tag}");']
    ends = [lsb for lsb, _, _, _ in members[1:]] + [layout.width]
    for (lsb, _, name, _), end in zip(members, ends):
        out += [f"CHIM_STATIC_ASSERT(offsetof(struct {tag}, {name}) == {lsb // 8} &&",
                f"\t\t   sizeof(((struct {tag} *)0)->{name}) == {(end - lsb) // 8},",
                f'\t\t   "{tag}.{name}");']
    for lsb, size, inside in boxes:
        for field in inside:
            out += bit_field(layout, field, lsb, size)
    out.append("/* X(name, lsb, bits of an element, elements or 0) */")
    rows = [f"\tX({member(f.name)}, {f.lsb}, {f.width}, {f.count or 0})" for f in layout.fields
            if not f.struct]
    return [*out, f"#define CHIM_{upper}_FIELDS(X) \\", " \\\n".join(rows)]


def bit_field(layout, field, lsb, size):
    tag, base = f"chim_hw_{layout.name}", f"CHIM_{layout.name.upper()}_{field.name.upper()}"
    shift, mask = field.lsb - lsb, (2**field.width - 1) << (field.lsb - lsb)
    suffix = "ull" if size == 64 else "u"
    box, plain = f"bits_{lsb // 8}", f"uint{size}_t"
    load = f"p->{box}" if size == 8 else f"chim_le{size}_get(p->{box})"
    value = f"(({plain})v << {base}_SHIFT) & {base}_MASK"
    merged = f"({plain})((old & ~{base}_MASK) | ({value}))"
    store = merged if size == 8 else f"chim_le{size}_of({merged})"
    return [
        f"#define {base}_SHIFT {shift}u", f"#define {base}_MASK 0x{mask:X}{suffix}",
        f"static inline {plain} {tag}_get_{field.name}(const struct {tag} *p)", "{",
        f"\treturn ({plain})(({load} & {base}_MASK) >> {base}_SHIFT);", "}", "",
        f"static inline void {tag}_set_{field.name}(struct {tag} *p, {plain} v)", "{",
        f"\tconst {plain} old = {load};", "", f"\tp->{box} = {store};", "}", "",
    ]
