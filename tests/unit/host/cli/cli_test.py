#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""The command line without a program behind it: help, usage, exit codes, messages.

usage: cli_test.py CHIMNEY. Hard part: none.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading

count = failures = 0


def check(ok, what):
    global count, failures
    count += 1
    failures += not ok
    print(f"{'' if ok else 'not '}ok {count} - {what}", flush=True)


def chimney(*words, env=None):
    done = subprocess.run([sys.argv[1], *words], capture_output=True, text=True, timeout=20,
                          check=False, env=dict(os.environ, **(env or {})))
    return done.returncode, done.stdout, done.stderr


def verbs():
    """Every "noun verb" that the help lists."""
    lines = chimney("help")[1].split("Options of every verb")[0].splitlines()
    return [line[2:18].split() for line in lines if line.startswith("  ")]


def test_help():
    for words in (("--help",), ("-h",), ("help",)):
        code, out, err = chimney(*words)
        check(code == 0 and "conn upload" in out and not err, f"{words}: all verbs")
    check(chimney()[0] == 2, "no verb: usage")
    for words in verbs():
        code, out, _ = chimney(*words, "--help")
        check(code == 0 and out.startswith("") and "Example: chimney" in out,
              f"{' '.join(words)} --help")
    code, out, _ = chimney("conn", "--help")
    check(code == 0 and "conn list" in out and "proxy" not in out, "conn --help: its verbs")
    check(chimney("conn")[0] == 2, "a noun alone is no call")


def test_usage(socket_path):
    env = {"CHIMNEY_SOCKET": socket_path}
    for words, part in ((("bla",), "bla: no such verb"),
                        (("conn", "bla"), "conn bla: no such verb"),
                        (("conn", "show"), "ID is missing"),
                        (("conn", "show", "x"), "'x' is not a number"),
                        (("conn", "show", "1", "2"), "one word too many"),
                        (("conn", "show", "1", "--bla"), "--bla: no such option"),
                        (("status", "--json=1"), "--json: takes no value"),
                        (("status", "-j", "-j"), "given twice"),
                        (("conn", "upload", "1", "--timeout"), "is not a number"),
                        (("conn", "upload", "1", "--timeout", "-5"), "is not a number"),
                        (("conn", "upload", "1", "--timeout", "99999999999999999M"),
                         "is not a number"),
                        (("up",), "--device is missing"),
                        (("up", "-d", "x", "--kind", "y"), "--kind"),
                        (("up", "-d", "x", "--mac", "01:00:00:00:00:00"), "--mac"),
                        (("up", "-d", "x", "--mtu", "10"), "--mtu"),
                        (("up", "-d", "x", "--rcv-bytes", "100000"), "--rcv-bytes"),
                        (("proxy", "--listen", "a:1"), "--connect is missing"),
                        (("proxy", "--listen", "127.0.0.1:0", "--connect", "nowhere"),
                         "--connect"),
                        (("proxy", "--listen", "nowhere", "--connect", "127.0.0.1:1"),
                         "--listen"),
                        (("dev", "reset"), "--device is missing")):
        code, out, err = chimney(*words, env=env)
        check(code == 2 and part in err and err.startswith("chimney: ") and not out
              and err.count("\n") == 1 and "--help" in err, f"{words}: {err.strip()}")


def test_nobody_up(socket_path):
    env = {"CHIMNEY_SOCKET": socket_path}
    for words in (("status",), ("conn", "list"), ("stats", "show", "--json"), ("down",),
                  ("proxy", "--listen", "127.0.0.1:0", "--connect", "127.0.0.1:1")):
        code, out, err = chimney(*words, env=env)
        check(code == 1 and not out and "no program is up" in err and err.count("\n") == 1,
              f"{words}: {err.strip()}")
    code, _, err = chimney("dev", "info", "-d", "nonsense:1", env=env)
    check(code == 1 and err.startswith("chimney: dev info: nonsense:1: "), err.strip())
    code, _, err = chimney("up", "-d", "nonsense:1", env=env)
    check(code == 1 and err.startswith("chimney: up: nonsense:1: not the name of a device"),
          err.strip())
    code, _, err = chimney("status", "--socket", "/" + "x" * 200)
    check(code == 1 and err.count("\n") == 1, "a name too long: " + err.strip()[:60])


def serve(path, answers):
    """A program that answers what it is told to; None: says nothing and hangs up."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(4)

    def run():
        for answer in answers:
            conn, _ = listener.accept()
            conn.recv(65536)
            if answer is not None:
                conn.sendall(answer)
            conn.close()
        listener.close()
    threading.Thread(target=run, daemon=True).start()


def test_bad_program(folder):
    path = folder + "/bad.sock"
    answers = [None, b"nonsense\n", b'{"ok":true}\n', b'{"ok":false,"errno":16,"cause":"why"}\n',
               b'{"ok":false}\n', b'{"schema":1,"ok":true,"data":{"a":[{"b":1}]}}\n',
               b'{"schema":1,"ok":true,"data":{"a":1}}\n']
    serve(path, answers)
    results = [chimney("status", *(["--json"] if i == 6 else []), env={"CHIMNEY_SOCKET": path})
               for i in range(len(answers))]
    check(all(r[0] == 1 for r in results[:2]), "a program that hangs up, or talks nonsense")
    check(results[2][0] == 0, "one that has nothing to say")
    check(results[3] == (1, "", "chimney: status: why: Device or resource busy\n"),
          results[3][2].strip())
    check(results[4][0] == 1 and "failed" in results[4][2], "an error without a reason")
    check(results[5][1] == "a\n  b\n  1\n", "a table")
    check(results[6][1] == '{"schema":1,"a":1}\n', "the same as JSON, with its schema")


def main():
    with tempfile.TemporaryDirectory(prefix="chimney-") as folder:
        test_help()
        test_usage(folder + "/none.sock")
        test_nobody_up(folder + "/none.sock")
        test_bad_program(folder)
    print(f"1..{count}")
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main())
