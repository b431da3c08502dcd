# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Runs the unittest cases of the calling module and prints TAP; each script's test ends with
tap.main().

Hard part: none.
"""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True


class TapResult(unittest.TestResult):
    number = 0

    def _point(self, word, test, more=""):
        self.number += 1
        print(f"{word} {self.number} - {test._testMethodName}{more}", flush=True)

    def addSuccess(self, test):
        self._point("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._point("not ok", test)
        print(self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._point("not ok", test)
        print(self.errors[-1][1])

    def addSkip(self, test, reason):
        self._point("ok", test, f" # SKIP {reason}")


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    print(f"1..{suite.countTestCases()}", flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
