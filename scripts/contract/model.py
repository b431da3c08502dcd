# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""What a contract consists of, after checking: plain data that the writers walk.

Hard part: none; bit numbers count from the least significant bit of the little-endian whole.
"""

import dataclasses


@dataclasses.dataclass
class Const:
    name: str
    value: int
    desc: str
    source: str
    is_hex: bool


@dataclasses.dataclass
class Enum:
    name: str
    width: int
    desc: str
    source: str
    values: list  # of (name, value, desc)


@dataclasses.dataclass
class Field:
    name: str
    lsb: int
    width: int  # bits of one element
    count: int | None  # elements of an array, None for a scalar
    struct: str | None  # name of the nested struct, else None
    signed: bool
    unit: str
    desc: str
    source: str
    access: str
    reset: str

    @property
    def bits(self):
        return self.width * (self.count or 1)

    @property
    def msb(self):
        return self.lsb + self.bits - 1


@dataclasses.dataclass
class Layout:
    """A struct in host memory (is_record False) or a packed record on chip (True)."""

    name: str
    width: int  # bits
    desc: str
    source: str
    is_record: bool
    file: str  # name of its source
    fields: list  # ascending by lsb

    @property
    def words(self):
        return (self.width + 31) // 32


@dataclasses.dataclass
class Contract:
    version: tuple  # (major, minor)
    consts: list
    enums: list
    structs: list
    records: list
    files: list  # names of the sources
