# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Reads and checks the TOML sources. Every mistake is one line that names the file and the entry.

Hard part: a layout with an overlap, a gap, a wrong size or a name used twice must not get through.
"""

import re
import tomllib

from contract.expr import ExprError, Scope
from contract.model import Const, Contract, Enum, Field, Layout

CONST_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
LOWER_NAME = re.compile(r"[a-z][a-z0-9_]*")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
VALUE_NAME = re.compile(r"[A-Za-z0-9_]+")
SCALARS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}
ARRAY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\[(.+)\]")
RANGE = re.compile(r"(.+):(.+)")

KEYS = {
    "file": {"meta", "const", "enum", "struct", "record"},
    "meta": {"version_major", "version_minor"},
    "const": {"name", "value", "desc", "source", "format"},
    "enum": {"name", "width", "desc", "source", "value"},
    "enum value": {"name", "value", "desc", "source"},
    "struct": {"name", "bytes", "desc", "source", "endian", "field"},
    "struct field": {"name", "at", "off", "type", "unit", "desc", "source", "access", "reset"},
    "record": {"name", "desc", "source", "field"},
    "record field": {"name", "width", "count", "signed", "unit", "desc", "source", "access",
                     "reset"},
}


class ContractError(Exception):
    """One line: file, entry, what is wrong."""


class Loader:
    def __init__(self):
        self.scope = Scope()
        self.version = None
        self.names = {}  # of constants, enums, structs and records, upper case -> where
        self.sizes = {}  # bits of each struct

    def load(self, paths):
        """The checked contract of all files together."""
        documents = [(path.name, self._parse(path)) for path in sorted(paths)]
        if not documents:
            raise ContractError("no TOML file")
        for name, document in documents:
            self._define_consts(name, document)
        if self.version is None:
            raise ContractError(f"{documents[0][0]}: no file has [meta]")
        for name, value in zip(("VERSION_MAJOR", "VERSION_MINOR"), self.version):
            self._claim(name, "[meta]")
            self.scope.define(name, value)
        contract = Contract(self.version, [], [], [], [], [name for name, _ in documents])
        for name, value in zip(("VERSION_MAJOR", "VERSION_MINOR"), self.version):
            desc = f"Contract version, {name[8:].lower()} number"
            contract.consts.append(Const(name, value, desc, "this project", False))
        for name, document in documents:
            self._load_one(name, document, contract)
        return contract

    # Reading

    def _parse(self, path):
        try:
            with path.open("rb") as source:
                document = tomllib.load(source)
        except (OSError, tomllib.TOMLDecodeError) as err:
            raise ContractError(f"{path.name}: {err}") from err
        self._keys("file", document, path.name)
        return document

    def _define_consts(self, file, document):
        for entry in document.get("const", []):
            where = self._where(file, "const", entry)
            self._name(entry, CONST_NAME, where)
            self._claim(entry["name"], where)
            self.scope.define(entry["name"], self._need(entry, "value", where))
        if "meta" in document:
            where = f"{file}: [meta]"
            self._keys("meta", document["meta"], where)
            if self.version is not None:
                raise ContractError(f"{where}: a second [meta]")
            self.version = tuple(
                self._int(self._need(document["meta"], key, where), where, 0, 0xFFFF)
                for key in ("version_major", "version_minor")
            )

    def _load_one(self, file, document, contract):
        for entry in document.get("const", []):
            contract.consts.append(self._const(entry, self._where(file, "const", entry)))
        for entry in document.get("enum", []):
            contract.enums.append(self._enum(entry, self._where(file, "enum", entry)))
        for entry in document.get("struct", []):
            contract.structs.append(self._struct(entry, self._where(file, "struct", entry)))
        for entry in document.get("record", []):
            contract.records.append(self._record(entry, self._where(file, "record", entry)))

    # Entries

    def _const(self, entry, where):
        self._keys("const", entry, where)
        value = self._eval(entry["name"], where)
        if not -(2**31) <= value < 2**64:
            raise ContractError(f"{where}: {value} fits neither 32 bits signed nor 64 unsigned")
        is_hex = entry.get("format", "dec") == "hex"
        if entry.get("format", "dec") not in ("hex", "dec"):
            raise ContractError(f"{where}: format is neither 'hex' nor 'dec'")
        return Const(entry["name"], value, self._desc(entry, where), _source(entry, {}), is_hex)

    def _enum(self, entry, where):
        self._keys("enum", entry, where)
        self._name(entry, LOWER_NAME, where)
        self._claim(entry["name"], where)
        width = self._int(self._need(entry, "width", where), where, 1, 32)
        values, by_number = [], {}
        for item in self._need(entry, "value", where):
            at = f"{where} value '{item.get('name', '?')}'"
            self._keys("enum value", item, at)
            self._name(item, VALUE_NAME, at)
            number = self._int(self._need(item, "value", at), at, 0, 2**width - 1)
            self._claim(f"{entry['name']}_{item['name']}", at)
            if number in by_number:
                raise ContractError(f"{at}: same number as '{by_number[number]}'")
            by_number[number] = item["name"]
            values.append((item["name"], number, self._desc(item, at)))
        if not values:
            raise ContractError(f"{where}: no values")
        return Enum(entry["name"], width, self._desc(entry, where), _source(entry, {}), values)

    def _struct(self, entry, where):
        self._keys("struct", entry, where)
        self._name(entry, LOWER_NAME, where)
        self._claim(entry["name"], where)
        if entry.get("endian", "little") != "little":
            raise ContractError(f"{where}: endian must be 'little'")
        bits = 8 * self._int(self._need(entry, "bytes", where), where, 1, 65536)
        fields = [
            self._struct_field(item, entry, f"{where} field '{item.get('name', '?')}'")
            for item in self._need(entry, "field", where)
        ]
        fields.sort(key=lambda field: field.lsb)
        self._covers(fields, bits, where)
        self.sizes[entry["name"]] = bits
        return Layout(entry["name"], bits, self._desc(entry, where), _source(entry, {}), False,
                      where.split(":")[0], fields)

    def _struct_field(self, item, parent, where):
        self._keys("struct field", item, where)
        self._name(item, FIELD_NAME, where)
        count = struct = None
        if "at" in item:
            if "off" in item or "type" in item:
                raise ContractError(f"{where}: either 'at', or 'off' and 'type'")
            match = RANGE.fullmatch(str(item["at"]))
            high, low = match.groups() if match else (item["at"], item["at"])
            lsb = self._int(low, where, 0, 8 * 65536)
            width = self._int(high, where, 0, 8 * 65536) - lsb + 1
            if width < 1:
                raise ContractError(f"{where}: '{item['at']}' is not 'high:low'")
            if width > 64:
                raise ContractError(f"{where}: more than 64 bits; use an array type")
        else:
            lsb = 8 * self._int(self._need(item, "off", where), where, 0, 65535)
            width, count, struct = self._type(str(self._need(item, "type", where)), where)
            if struct is None and lsb % width:
                raise ContractError(f"{where}: offset {lsb // 8} is not aligned to its type")
        return self._field(item, parent, where, lsb, width, count, struct)

    def _type(self, text, where):
        """(bits of an element, count or None, struct name or None) of 'u8', 'u8[6]', 'key'."""
        count = None
        match = ARRAY.fullmatch(text)
        if match:
            text = match.group(1)
            count = self._int(match.group(2), where, 1, 65536)
        if text in SCALARS:
            return SCALARS[text], count, None
        if text in self.sizes:
            return self.sizes[text], count, text
        raise ContractError(f"{where}: unknown type '{text}' (u8, u16, u32, u64, an array of them "
                            "as u8[6], or a struct defined above)")

    def _record(self, entry, where):
        self._keys("record", entry, where)
        self._name(entry, LOWER_NAME, where)
        self._claim(entry["name"], where)
        fields = []
        for item in self._need(entry, "field", where):
            at = f"{where} field '{item.get('name', '?')}'"
            self._keys("record field", item, at)
            self._name(item, FIELD_NAME, at)
            width = self._int(self._need(item, "width", at), at, 1, 4096)
            count = self._int(item["count"], at, 1, 4096) if "count" in item else None
            if item.get("signed", False) and width > 64:
                raise ContractError(f"{at}: signed and wider than 64 bits")
            fields.append(self._field(item, entry, at, 0, width, count, None))
        if not fields:
            raise ContractError(f"{where}: no fields")
        # The first field is the most significant one.
        lsb = 0
        for field in reversed(fields):
            field.lsb = lsb
            lsb += field.bits
        fields.reverse()
        self._unique(fields, where)
        return Layout(entry["name"], lsb, self._desc(entry, where), _source(entry, {}), True,
                      where.split(":")[0], fields)

    def _field(self, item, parent, where, lsb, width, count, struct):
        for key in ("unit", "access"):
            if not isinstance(item.get(key, ""), str):
                raise ContractError(f"{where}: '{key}' is not a string")
        return Field(item["name"], lsb, width, count, struct, bool(item.get("signed", False)),
                     item.get("unit", ""), self._desc(item, where), _source(item, parent),
                     item.get("access", ""), str(item.get("reset", "")))

    # Checks

    def _covers(self, fields, bits, where):
        """Fields in ascending order, no bit twice, none forgotten."""
        self._unique(fields, where)
        at, before = 0, "the start"
        for field in fields:
            if field.lsb < at:
                raise ContractError(f"{where}: field '{field.name}' overlaps '{before}'")
            if field.lsb > at:
                raise ContractError(f"{where}: gap, bits {field.lsb - 1}:{at} before "
                                    f"'{field.name}' belong to no field")
            at, before = field.msb + 1, field.name
        if at > bits:
            raise ContractError(f"{where}: field '{before}' ends at byte {(at + 7) // 8}, beyond "
                                f"the size of {bits // 8}")
        if at < bits:
            raise ContractError(f"{where}: gap, bits {bits - 1}:{at} at the end belong to no "
                                "field")

    def _unique(self, fields, where):
        seen = {}
        for field in fields:
            key = field.name.upper()
            if key in seen:
                raise ContractError(f"{where}: field '{field.name}' and '{seen[key]}' have one "
                                    "name")
            seen[key] = field.name

    def _claim(self, name, where):
        key = name.upper()
        if key in self.names:
            raise ContractError(f"{where}: name '{name}' is already taken by {self.names[key]}")
        self.names[key] = where

    def _keys(self, kind, table, where):
        if not isinstance(table, dict):
            raise ContractError(f"{where}: not a table")
        for key in table:
            if key not in KEYS[kind]:
                raise ContractError(f"{where}: unknown key '{key}'")

    def _need(self, entry, key, where):
        if key not in entry:
            raise ContractError(f"{where}: '{key}' is missing")
        return entry[key]

    def _desc(self, entry, where):
        desc = self._need(entry, "desc", where)
        if not isinstance(desc, str) or not desc.strip():
            raise ContractError(f"{where}: 'desc' is empty")
        if not desc.isascii() or "\n" in desc:
            raise ContractError(f"{where}: 'desc' must be one line of ASCII")
        return desc.strip()

    def _name(self, entry, form, where):
        name = self._need(entry, "name", where)
        if not isinstance(name, str) or not form.fullmatch(name):
            raise ContractError(f"{where}: '{name}' is not a name ({form.pattern})")

    def _int(self, source, where, low, high):
        value = self._eval(source, where)
        if not low <= value <= high:
            raise ContractError(f"{where}: {value} is outside {low}..{high}")
        return value

    def _eval(self, source, where):
        try:
            return self.scope.evaluate(source)
        except (ExprError, TypeError, ValueError, OverflowError) as err:
            raise ContractError(f"{where}: {err}") from err

    def _where(self, file, kind, entry):
        name = entry.get("name", "?") if isinstance(entry, dict) else "?"
        return f"{file}: {kind} '{name}'"


def _source(item, parent):
    return item.get("source", parent.get("source", "this project"))
