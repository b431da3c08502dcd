#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""`chimney up` with the NIC double: real kernel connections through proxy, relay and hand-off.

The double keeps an offloaded connection without carrying a byte of it, so every move in must be
followed by a move out; all data must arrive, no RST may be sent. Hard part: the failures of a
hand-off, each of which must leave the connection working in the kernel.

usage: program_test.py BINARY [user] [CASE...]
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from demo_bed import PEER4, PEER6, Bed, Chimney, VerbError, in_ns, run  # noqa: E402

PEER_PORT = 7000
SIZE = 3 << 20

# What runs in the peer's namespace: echoes the digest of what it got, after sending what it has.
PEER = """
import hashlib, socket, sys, threading
size, seed = int(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], 7000)); s.listen(8); print("listening", flush=True)
import random
data = random.Random(seed).randbytes(size)
def serve(c):
    out = threading.Thread(target=c.sendall, args=(data,)); out.start()
    h, n = hashlib.sha256(), 0
    while True:
        b = c.recv(65536)
        if not b: break
        h.update(b); n += len(b)
    out.join()
    print(n, h.hexdigest(), flush=True); c.close()
while True:
    c, _ = s.accept(); threading.Thread(target=serve, args=(c,), daemon=True).start()
"""

# What runs in the application's namespace: sends and receives at a bounded rate, until SIGUSR1.
APP = """
import hashlib, random, signal, socket, sys, threading, time
hurry = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: hurry.set())
def pace(until):
    hurry.wait(max(0, until - time.monotonic()))
where, size, seed, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
if where.startswith("unix:"):
    s = socket.socket(socket.AF_UNIX); s.connect(where[5:])
else:
    s = socket.create_connection((where, 8080))
data = random.Random(seed).randbytes(size)
def send():
    t = time.monotonic()
    for i in range(0, size, 8192):
        s.sendall(data[i:i + 8192])
        pace(t + (i + 8192) / rate)
    s.shutdown(socket.SHUT_WR)
out = threading.Thread(target=send); out.start()
h, n, t = hashlib.sha256(), 0, time.monotonic()
while True:
    b = s.recv(16384)
    if not b: break
    h.update(b); n += len(b)
    pace(t + n / rate)
out.join(); print(n, h.hexdigest(), flush=True)
"""


def digest(seed, size):
    import random
    return hashlib.sha256(random.Random(seed).randbytes(size)).hexdigest()


class Lines:
    """Lines of a child's output, read by a thread so that a wait can be bounded."""

    def __init__(self, child):
        self.lines = []
        self.thread = threading.Thread(target=self.read, args=(child.stdout,), daemon=True)
        self.thread.start()

    def read(self, stream):
        for line in stream:
            self.lines.append(line.strip())

    def wait(self, count, seconds):
        until = time.monotonic() + seconds
        while len(self.lines) < count and time.monotonic() < until:
            time.sleep(0.01)
        return len(self.lines) >= count


class Case:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.bed = Bed(folder)
        self.bed.make()

    def up(self, device="double:w0", listen="127.0.0.1:8080", ipv6=False, proxy=("--manual",)):
        self.chimney = Chimney(self.binary, self.folder, device)
        self.chimney.up()
        self.bed.address()
        peer = f"[{PEER6}]:7000" if ipv6 else f"{PEER4}:7000"
        self.listen = listen
        self.peer = self.bed.start("peer", [sys.executable, "-c", PEER, PEER6 if ipv6 else PEER4,
                                            SIZE, 2], stdout=subprocess.PIPE, text=True)
        self.peer_lines = Lines(self.peer)
        assert self.peer_lines.wait(1, 10), "the peer does not listen"
        self.chimney.verb("trace", "pcap", self.folder / "plain.pcap")
        return self.chimney.verb("proxy", "--listen", listen, "--connect", peer, *proxy,
                                 namespace="app")

    def app(self, rate=1e5, size=SIZE):
        where = self.listen if self.listen.startswith("unix:") else self.listen.rsplit(":", 1)[0]
        child = self.bed.start("app", [sys.executable, "-c", APP, where, size, 1, rate],
                               stdout=subprocess.PIPE, text=True)
        return child, Lines(child)

    def conn(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            conns = self.chimney.verb("conn", "list")["conns"]
            if conns and conns[0]["place"] == "kernel":
                return conns[0]["id"]
            time.sleep(0.02)
        raise AssertionError("no connection")

    def finish(self, app, lines):
        """The rest at full speed. Both ends got every byte, no RST was sent, all given back."""
        if app.poll() is None:
            app.send_signal(signal.SIGUSR1)
        assert lines.wait(1, 60), "the application did not get its end of file"
        assert self.peer_lines.wait(2, 20), "the peer did not get its end of file"
        assert lines.lines[0] == f"{SIZE} {digest(2, SIZE)}", lines.lines
        assert self.peer_lines.lines[1] == f"{SIZE} {digest(1, SIZE)}", self.peer_lines.lines
        app.wait(10)
        self.wait_closed()
        self.check_quiet()

    def wait_closed(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if not self.chimney.verb("conn", "list")["conns"]:
                return
            time.sleep(0.05)
        raise AssertionError("the connection was not closed")

    def check_quiet(self, resets=0):
        stats = self.chimney.verb("stats", "show")
        router = stats["router"]
        assert not any(k.startswith("target") or k in ("null", "handle", "loop", "layer", "header")
                       for k in router), router
        assert stats["path"]["interface_dropped"] == 0, stats["path"]
        capture = self.chimney.verb("trace", "pcap")
        assert capture["frames"] > 10, capture
        found = self.tshark("tcp.flags.reset==1")
        assert len(found) == resets, found
        assert self.chimney.down(), "the program did not end"
        text = self.chimney.messages()
        assert "Sanitizer" not in text and "runtime error" not in text, text
        return stats

    def tshark(self, expression):
        return run(["tshark", "-n", "-r", self.folder / "plain.pcap", "-Y", expression],
                   timeout=60).splitlines()

    def close(self):
        self.bed.close()


def moves(case, count, pause=0.01, accept=(0,)):
    """Offload, wait a little, upload, while the transfer runs. Return: all answers."""
    number, answers, failures = case.conn(), [], 0
    for _ in range(count):
        try:
            answers.append(case.chimney.verb("conn", "offload", number, "--wait-carried", 20000))
        except VerbError as error:
            failures += 1
            assert 1 in accept, str(error)
            continue
        time.sleep(pause)
        answers.append(case.chimney.verb("conn", "upload", number))
    return answers, failures


def moves_until(case, seen, most=100):
    """Moves until `seen` says so of an answer; how often it takes is up to the two kernels."""
    for _ in range(most):
        if any(seen(answer) for answer in moves(case, 1)[0]):
            return
    raise AssertionError(f"never seen in {most} moves")


def check_totals(case, number):
    conn = case.chimney.conn(number)
    for direction in ("sent", "received"):
        total = conn["kernel_" + direction] + conn["nic_" + direction]
        assert total == SIZE, f"{direction}: {total} of {SIZE} bytes accounted for"


def test_moves(case):
    """Moves in the middle of both directions, with data of every kind on its way."""
    case.up()
    app, lines = case.app()
    answers, _ = moves(case, 20)
    moves_until(case, lambda answer: answer["unacknowledged"])
    moves_until(case, lambda answer: answer["undelivered"])
    moves_until(case, lambda answer: answer.get("held_frames"))
    conn = case.chimney.conn(1)
    assert len(answers) == 40 and conn["offloads"] == conn["uploads"] >= 23, conn
    app.send_signal(signal.SIGUSR1)
    assert lines.wait(1, 60)
    case.wait_closed()
    check_totals(case, 1)
    case.finish(app, lines)


def test_ipv6(case):
    case.up(ipv6=True)
    app, lines = case.app()
    answers, _ = moves(case, 10)
    assert len(answers) == 20
    case.finish(app, lines)


def test_unix_listener(case):
    case.up(listen=f"unix:{case.folder}/app.sock")
    app, lines = case.app()
    answers, _ = moves(case, 6)
    assert len(answers) == 12
    case.finish(app, lines)


def test_ways_of_giving_back(case):
    """Sends by completion or in the chain, buffered data indicated or returned, marker first."""
    case.up("double:w0,sends-by-completion=2,indicate=2,marker-first=2")
    app, lines = case.app()
    answers, _ = moves(case, 16)
    assert len(answers) == 32
    case.finish(app, lines)


def test_failures(case):
    """HOLD refused or expired, initiate refused, LIVE never reached: the kernel has it again."""
    case.up("double:w0,hold-fails=3,hold-expires=4,initiate-fails=5,live-fails=4")
    app, lines = case.app()
    _, failures = moves(case, 24, accept=(0, 1))
    conn = case.chimney.conn(1)
    assert failures >= 8 and conn["offloads"] >= 5, (failures, conn)
    case.finish(app, lines)


def test_lost_state(case):
    """A target that loses the state: the application sees a reset, the program goes on."""
    case.up("double:w0,lose-state=1")
    app, lines = case.app()
    number = case.conn()
    case.chimney.verb("conn", "offload", number, "--wait-carried", 20000)
    try:
        case.chimney.verb("conn", "upload", number)
        raise AssertionError("the upload of a lost state succeeded")
    except VerbError as error:
        assert error.code == 1, error
    assert case.chimney.conn(number)["place"] == "closed"
    app.wait(20)
    assert lines.lines != [f"{SIZE} {digest(2, SIZE)}"], "it got everything?"
    app, lines = case.app(rate=2e6)
    assert lines.wait(1, 60), "a new connection works"
    assert lines.lines[0] == f"{SIZE} {digest(2, SIZE)}"
    case.wait_closed()
    # The peer's half of the lost connection sends on, and the kernel refuses it.
    text = case.chimney.messages()
    assert "lost its state" in text, text
    case.chimney.down(force=True)


def test_policy(case):
    """An automatic offload after so many bytes; at the end of file it comes back by itself."""
    case.up(proxy=("--after", 100000))
    app, lines = case.app(size=200000, rate=4e5)
    for _ in range(400):
        conns = case.chimney.verb("conn", "list")["conns"]
        if conns and conns[0]["place"] == "nic":
            break
        time.sleep(0.02)
    conn = case.chimney.conn(1)
    assert conn["place"] == "nic" and conn["kernel_sent"] + conn["kernel_received"] >= 100000, conn
    # The application writes until our side is full, then its end of file waits for room.
    time.sleep(1.0)
    case.chimney.verb("conn", "upload", 1)
    assert case.peer_lines.wait(2, 30), "end of file"
    assert case.peer_lines.lines[1] == f"200000 {hashlib_prefix(200000)}", case.peer_lines.lines
    assert lines.wait(1, 60)
    assert case.chimney.conn(1)["uploads"] == 1


def hashlib_prefix(size):
    import random
    return hashlib.sha256(random.Random(1).randbytes(size)).hexdigest()


def test_query_and_backlog(case):
    case.up()
    app, lines = case.app(rate=3e5)
    number = case.conn()
    answer = case.chimney.verb("conn", "offload", number, "--wait-undelivered", 3000)
    assert answer["undelivered"] >= 3000, answer
    conn = case.chimney.verb("conn", "show", number, "--query")
    assert conn["place"] == "nic", conn
    assert conn["query"]["RcvNxt"] == conn["nic"]["RcvPlaced"], conn
    assert conn["undelivered"] >= 3000, conn
    try:
        case.chimney.verb("conn", "upload", number, "--wait-unacked", "100M", "--timeout", 200)
        raise AssertionError("a backlog of 100 MiB")
    except VerbError as error:
        assert error.code == 1 and "backlog" in str(error), error
    try:
        case.chimney.verb("conn", "offload", number)
        raise AssertionError("offloaded twice")
    except VerbError as error:
        assert "it is in the NIC" in str(error), error
    answer = case.chimney.verb("conn", "upload", number)
    assert answer["undelivered"] >= 3000, answer
    case.finish(app, lines)


def raw(path, data, wait=2.0):
    """Send bytes to the control socket as they are. Return: the answer."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(wait)
    s.connect(path)
    out = b""
    try:
        s.sendall(data)
        while not out.endswith(b"\n"):
            part = s.recv(65536)
            if not part:
                break
            out += part
    except (TimeoutError, ConnectionError):
        pass
    s.close()
    return out


def test_bad_input(case):
    """Nonsense on the control socket and the command line: an answer, and nothing else changes."""
    case.up()
    path = "/run/chimney.sock"
    for bad in (b"\n", b"{\n", b"[]\n", b"{}\n", b'{"verb": 5}\n', b'{"verb":"conn upload"}\n',
                b'{"verb":"conn show","id":-1}\n', b'{"verb":"proxy add"}\n',
                b'{"verb":"reg get","reg":"0x3"}\n', b'{"verb":"reg set","reg":"ctrl"}\n',
                b'{"verb":"trace pcap","file":"/nowhere/x"}\n', b"[" * 60000 + b"\n",
                b'{"verb":"status","x":"' + b"\\u0000" + b'"}\n'):
        answer = raw(path, bad)
        assert answer and json.loads(answer)["ok"] is False, (bad[:40], answer)
    assert raw(path, b"x" * 70000, 1.0) == b"", "a line without end is cut"
    two = raw(path, b'{"verb":"status"}\n{"verb":"status"}\n')
    assert two.count(b"\n") >= 1
    # One who leaves while his request waits.
    app, lines = case.app()
    number = case.conn()
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    s.sendall(b'{"verb":"conn offload","id":%d,"wait_carried":100000000}\n' % number)
    s.close()
    cases = (("conn", "show", "99"), ("conn", "upload", "1"), ("reg", "get", "nothing"),
             ("proxy", "remove", "7"), ("up", "-d", "double:w0"), ("down",))
    for words in cases:
        try:
            case.chimney.verb(*words)
            raise AssertionError(words)
        except VerbError as error:
            assert error.code == 1 and str(error).startswith("chimney: "), (words, error)
    for words in (("conn",), ("conn", "show"), ("conn", "show", "x"), ("bla",),
                  ("up", "-d", "double:w0", "--mtu", "9"),
                  ("status", "--bla"), ("up", "-d", "double:w0", "--rcv-bytes", "1000")):
        try:
            case.chimney.verb(*words)
            raise AssertionError(words)
        except VerbError as error:
            assert error.code == 2, (words, error)
    case.finish(app, lines)


def test_half_close(case):
    """The application closes its sending half first, with the connection in the NIC."""
    case.up(proxy=())
    app, lines = case.app(size=1000, rate=1e6)
    # In the NIC at once; the end of file brings it back, the kernel sends the FIN, all arrives.
    assert lines.wait(1, 60), "everything from the peer"
    assert lines.lines[0] == f"{SIZE} {digest(2, SIZE)}", lines.lines
    assert case.peer_lines.wait(2, 10)
    case.wait_closed()
    conn = case.chimney.conn(1)
    assert conn["uploads"] >= 1 or conn["offloads"] == 0, conn


CASES = {name[5:]: fn for name, fn in list(globals().items()) if name.startswith("test_")}


def in_namespaces(argv):
    """Run again inside namespaces of our own."""
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
    if "user" in argv or os.getuid() != 0:
        command += ["--user", "--map-root-user"]
    if subprocess.run([*command, "true"], check=False).returncode:
        print("1..0 # SKIP namespaces are not allowed here")
        return 77
    script = 'mount -t tmpfs tmpfs /run; mount -t proc proc /proc 2>/dev/null; exec "$@"'
    env = dict(os.environ, CHIMNEY_TEST_INSIDE="1")
    names = [a for a in argv[1:] if a in CASES] or list(CASES)

    def run(name):
        return subprocess.run([*command, "bash", "-c", script, "case", sys.executable, __file__,
                               argv[0], name], env=env, timeout=170, check=False,
                              capture_output=True, text=True)

    # A case each in fresh namespaces: what one leaves behind cannot help the next. They mostly
    # wait, so several run at once.
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for i, (name, done) in enumerate(zip(names, pool.map(run, names)), 1):
            ok = done.returncode == 0
            failed += not ok
            print(f"{'' if ok else 'not '}ok {i} - {name}\n{done.stdout}", end="", flush=True)
            print(done.stderr, end="", file=sys.stderr, flush=True)
    print(f"1..{len(names)}")
    return 1 if failed else 0


def one(binary, name):
    with tempfile.TemporaryDirectory(prefix="chimney-") as folder:
        case = Case(str(pathlib.Path(binary).resolve()), pathlib.Path(folder))
        try:
            CASES[name](case)
            return 0
        except Exception as error:  # pylint: disable=broad-except
            print(f"# {name}: {type(error).__name__}: {error}")
            if hasattr(case, "chimney"):
                for line in case.chimney.messages().splitlines()[-30:]:
                    print("#   " + line)
            return 1
        finally:
            case.close()


if __name__ == "__main__":
    if os.environ.get("CHIMNEY_TEST_INSIDE"):
        sys.exit(one(sys.argv[1], sys.argv[2]))
    sys.exit(in_namespaces(sys.argv[1:]))
