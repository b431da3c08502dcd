# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Integer expressions of the contract: constants, + - * / % << >> | & **, clog2(), min(), max().

Hard part: constants may refer to each other in any order, but not in a circle.
"""

import ast
import operator

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.Pow: operator.pow,
}


class ExprError(Exception):
    """The expression cannot be evaluated; the text says why."""


def clog2(value):
    """Bits that number `value` things: $clog2 of SystemVerilog."""
    return max(0, (value - 1).bit_length())


FUNCTIONS = {"clog2": clog2, "min": min, "max": max}


class Scope:
    """Named constants with lazy evaluation."""

    def __init__(self):
        self._sources = {}
        self._values = {}
        self._active = []

    def define(self, name, value):
        self._sources[name] = value

    def __contains__(self, name):
        return name in self._sources

    def value(self, name):
        if name not in self._sources:
            raise ExprError(f"unknown constant '{name}'")
        if name in self._active:
            raise ExprError(f"constants in a circle: {' -> '.join([*self._active, name])}")
        if name not in self._values:
            self._active.append(name)
            try:
                self._values[name] = self.evaluate(self._sources[name])
            finally:
                self._active.pop()
        return self._values[name]

    def evaluate(self, source):
        """The value of an int, or of a string that holds an expression."""
        if isinstance(source, bool) or not isinstance(source, (int, str)):
            raise ExprError(f"'{source}' is neither a number nor an expression")
        if isinstance(source, int):
            return source
        try:
            tree = ast.parse(source, mode="eval")
        except SyntaxError as err:
            raise ExprError(f"'{source}' is not an expression") from err
        try:
            return self._walk(tree.body)
        except ZeroDivisionError as err:
            raise ExprError(f"'{source}' divides by zero") from err

    def _walk(self, node):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return node.value
        if isinstance(node, ast.Name):
            return self.value(node.id)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](self._walk(node.left), self._walk(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._walk(node.operand)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in FUNCTIONS
            and not node.keywords
        ):
            return FUNCTIONS[node.func.id](*[self._walk(a) for a in node.args])
        raise ExprError(f"'{ast.unparse(node)}' is not allowed in an expression")
