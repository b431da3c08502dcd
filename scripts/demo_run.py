#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""The main job of the demo, inside the namespaces that scripts/demo.sh made.

One curl fetches a file and then puts one, through `chimney proxy`, over one connection to nginx.
While each transfer runs the connection is uploaded to the kernel and offloaded again by verbs. Hard
part: each move must lie strictly inside its transfer, and some must meet data on its way.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

from demo_bed import PEER4, PEER6, Bed, BedError, Chimney, VerbError
import demo_judge

PORT = 8080
SOCKET = "/run/nic.sock"  # of the model in a process of its own; /run is this run's own
MIB = 1 << 20
MOVES = 3  # of each transfer; a move is an upload and the offload after it
KERNEL_BYTES = 48 << 10  # that the kernel carries between two moves
BACKLOG = 2048  # bytes that an upload waits for, once unacknowledged and once undelivered
WAIT_FOR = {"unacknowledged": "unacked", "undelivered": "undelivered"}  # the verb's option
TRIES = 8       # of an upload that is to meet a backlog
GATHER_S, GATHER_BYTES = 5, 60_000  # of posted data before a stopped server
GET_RATE = 500_000    # bytes a second: curl's --limit-rate of the download
PUT_RATE = 8_000_000  # of the upload: its send ring is never empty, the model is slower
GUESS_RATE = 400_000  # what the model carries, for the estimate
MOVE_TIMEOUT_MS = 60_000
CLOSE_S = 60
STALL_S = 20  # without a byte: the job is stuck


def options(argv):
    parser = argparse.ArgumentParser(prog="demo.sh")
    parser.add_argument("--size", type=float, default=8, help="MiB each way")
    for name in ("loss", "reorder", "dup", "corrupt", "delay"):
        parser.add_argument("--" + name, help="of the impaired link, e.g. 1%% or 5ms")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("--rate", type=int, default=GET_RATE,
                        help="bytes a second of the download")
    parser.add_argument("--vfio-user", action="store_true",
                        help="the model in a process of its own, as a PCI device")
    parser.add_argument("--device", help="instead of the model, e.g. vfio-user:/path")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/demo"),
                        help="folder of report and capture")
    parser.add_argument("--interface", default="auto", choices=("auto", "tap", "veth"))
    return parser.parse_args(argv)


def impairments(o):
    return {n: getattr(o, n) for n in ("loss", "reorder", "dup", "corrupt", "delay")
            if getattr(o, n)}


def model_options(o):
    options = {"wire": "veth:w0", "pcap": o.out / "wire.pcap", "seed": o.seed, **impairments(o)}
    if impairments(o):
        options["log"] = o.out / "link.log"
    return options


def device_spec(o):
    if o.vfio_user:
        return f"vfio-user:{SOCKET}"
    return o.device or "model:" + ",".join(f"{k}={v}" for k, v in model_options(o).items())


def make_file(path, size, seed):
    path.write_bytes(random.Random(seed).randbytes(size))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"


def estimate(o, size):
    """Seconds the job takes, moves included, about."""
    return size / min(o.rate, GUESS_RATE) + size / GUESS_RATE + 2 * MOVES + 4


class Mover:
    """Moves the connection while the transfers run; each verb's answer is kept."""

    def __init__(self, chimney, number, curl, nginx, say):
        self.chimney = chimney
        self.curl = curl
        self.nginx = nginx
        self.number = number
        self.say = say
        self.moves = []
        self.failed = []

    def verb(self, what, *waits):
        try:
            answer = self.chimney.verb("conn", what, self.number, "--timeout", MOVE_TIMEOUT_MS,
                                       *waits)
        except VerbError as error:
            self.failed.append(str(error))
            self.say(f"{what}: {error}")
            return None
        answer["verb"] = what
        self.moves.append(answer)
        self.say(f"{what}: {answer['unacknowledged']} B unacknowledged, {answer['unsent']} B "
                 f"unsent, {answer['undelivered']} B undelivered, {answer['held_frames']} frames "
                 f"held, {answer['ms']} ms")
        return answer

    def gather(self):
        """Stops the server until much is posted; it goes on while the verb already waits."""
        self.nginx.send_signal(signal.SIGSTOP)
        until = time.monotonic() + GATHER_S
        while time.monotonic() < until and self.chimney.conn(self.number)["posted"] < GATHER_BYTES:
            time.sleep(0.05)
        threading.Timer(0.3, self.nginx.send_signal, (signal.SIGCONT,)).start()

    def there_and_back(self, backlog=None):
        """One move. With a backlog (the verb's name of it), until an upload meets some.

        The verb waits for it, but between its answer and HOLD it may be gone again. So the reader
        at the end of the data stops for a moment: an application that does not read leaves data
        undelivered; a server that does not read shuts its window, and when it goes on, all that has
        gathered before the window is on its way at once.
        """
        wait = ("--wait-" + WAIT_FOR[backlog], BACKLOG) if backlog else ()
        for _ in range(TRIES if backlog else 1):
            if backlog == "undelivered":
                self.curl.send_signal(signal.SIGSTOP)
            elif backlog:
                self.gather()
            answer = self.verb("upload", *wait)
            self.curl.send_signal(signal.SIGCONT)
            if not answer or not self.verb("offload", "--wait-carried", KERNEL_BYTES):
                return
            if not backlog or answer[backlog]:
                return


class Demo:
    def __init__(self, o):
        self.o = o
        self.size = int(o.size * MIB)
        self.bed = Bed(o.out)
        self.chimney = Chimney(os.environ.get("CHIMNEY", "build/host/chimney"), o.out,
                               device_spec(o))
        self.started = time.monotonic()
        self.phases = {}

    def say(self, text):
        print(f"[{time.monotonic() - self.started:6.1f} s] {text}", flush=True)

    def serve_model(self):
        words = ["build/bin/chimney-model", "--listen", SOCKET]
        for name, value in model_options(self.o).items():
            words += ["--" + name, value]
        server = self.bed.start("wire", words)
        for _ in range(200):
            if server.poll() is not None:
                raise BedError("chimney-model ended")
            if pathlib.Path(SOCKET).exists():
                return
            time.sleep(0.05)
        raise BedError("chimney-model does not listen")

    def set_up(self):
        for stale in ("wire.pcap", "link.log", "get.bin"):
            (self.o.out / stale).unlink(missing_ok=True)
        self.bed.make()
        if not impairments(self.o):
            self.bed.patient()
        self.www = self.bed.nginx()
        make_file(self.www / "data.bin", self.size, self.o.seed)
        make_file(self.o.out / "put.bin", self.size, self.o.seed + 1)
        if self.o.vfio_user:
            self.serve_model()
        self.chimney.up("--kind", self.o.interface)
        self.bed.address()
        peer = f"[{PEER6}]:80" if self.o.ipv6 else f"{PEER4}:80"
        self.chimney.verb("proxy", "--listen", f"127.0.0.1:{PORT}", "--connect", peer,
                          namespace="app")

    def curl(self):
        url = f"http://127.0.0.1:{PORT}"
        def common(limit):
            return ["-sS", "--fail", "--limit-rate", limit]

        return self.bed.start("app", [
            "curl", *common(self.o.rate), "-o", self.o.out / "get.bin", f"{url}/data.bin",
            "--next", *common(PUT_RATE),
            "-T", self.o.out / "put.bin", f"{url}/put.bin", "-o", self.o.out / "answer.txt"],
            stderr=subprocess.PIPE, text=True)

    def connection(self, curl):
        """The number of the one connection, once it is there."""
        for _ in range(600):
            conns = self.chimney.verb("conn", "list", "--all")["conns"]
            if conns:
                return conns[0]["id"]
            if curl.poll() is not None:
                raise BedError(f"curl ended before it had a connection: {curl.stderr.read()}")
            time.sleep(0.05)
        raise BedError("curl made no connection")

    def carried(self, number, direction):
        c = self.chimney.conn(number)
        return c["nic_" + direction] + c["kernel_" + direction], c["place"]

    def wait_for(self, curl, number, direction, target):
        """Until so many bytes have gone, with progress. False: the transfer is over."""
        shown, last, moved = 0, -1, time.monotonic()
        while curl.poll() is None:
            done, place = self.carried(number, direction)
            if place == "closed":
                return False
            if done >= target:
                return True
            if done != last:
                last, moved = done, time.monotonic()
            if time.monotonic() - moved > STALL_S:
                raise BedError(f"no byte {direction} for {STALL_S} s, in the {place}")
            if time.monotonic() - shown > 2:
                shown = time.monotonic()
                self.say(f"{direction} {min(done, self.size) * 100 // self.size:3d} %, in the "
                         f"{place}")
            time.sleep(0.05)
        return False

    def transfer(self, curl, mover, direction, backlog):
        """The moves of one transfer, evenly spread over its middle."""
        before = self.carried(mover.number, direction)[0]
        for i in range(MOVES):
            target = before + self.size * (i + 1) // (MOVES + 2)
            if not self.wait_for(curl, mover.number, direction, target):
                mover.failed.append(f"{direction}: the transfer ended before move {i + 1}")
                return
            mover.there_and_back(backlog if i == 1 else None)
            if self.carried(mover.number, direction)[0] >= before + self.size:
                mover.failed.append(f"{direction}: move {i + 1} came after the last byte")

    def wait_closed(self, number):
        until = time.monotonic() + CLOSE_S
        while time.monotonic() < until:
            c = self.chimney.conn(number)
            if c["place"] == "closed":
                return c
            time.sleep(0.1)
        return self.chimney.conn(number)

    def job(self):
        curl = self.curl()
        number = self.connection(curl)
        mover = Mover(self.chimney, number, curl, self.bed.server, self.say)
        self.transfer(curl, mover, "received", "undelivered")
        self.wait_for(curl, number, "received", self.size)
        self.transfer(curl, mover, "sent", "unacknowledged")
        self.wait_for(curl, number, "sent", self.size)
        code = curl.wait(timeout=600)
        error = curl.stderr.read().strip()
        self.say(f"curl: exit {code} {error}".rstrip())
        conn = self.wait_closed(number)
        return {
            "curl_exit": code,
            "moves": mover.moves,
            "failed_moves": mover.failed,
            "conn": conn,
            "sha256": {"get_source": digest(self.www / "data.bin"),
                       "get": digest(self.o.out / "get.bin"),
                       "put_source": digest(self.o.out / "put.bin"),
                       "put": digest(self.www / "put.bin")},
        }

    def post_mortem(self):
        """What the program knows, for whoever looks for the reason."""
        try:
            state = {"conns": self.chimney.verb("conn", "list", "--all")["conns"],
                     "stats": self.chimney.verb("stats", "show", "--all"),
                     "trace": self.chimney.verb("trace", "show")["events"]}
            state["conns"] = [self.chimney.conn(c["id"]) for c in state["conns"]]
        except (VerbError, subprocess.TimeoutExpired) as error:
            state = {"error": str(error)}
        path = self.o.out / "post-mortem.json"
        path.write_text(json.dumps(state, indent=1))
        print(f"demo: its state is in {path}", file=sys.stderr)

    def run(self):
        print(f"demo: {self.size} bytes each way, about {estimate(self.o, self.size):.0f} s",
              flush=True)
        faults = impairments(self.o)
        if faults:
            print("demo: link: " + ", ".join(f"{k} {v}" for k, v in faults.items()), flush=True)
        self.set_up()
        self.say(f"up: {self.chimney.device}")
        start = time.monotonic()
        report = self.job()
        report["wall_s"] = round(time.monotonic() - start, 3)
        report["stats"] = self.chimney.verb("stats", "show", "--all")
        report["trace"] = self.chimney.verb("trace", "show")["events"]
        report["clean_down"] = self.chimney.down()
        report["messages"] = self.chimney.messages()
        report["size"] = self.size
        report["rate"] = self.o.rate
        report["link"] = faults
        report["seed"] = self.o.seed
        report["family"] = 6 if self.o.ipv6 else 4
        report["device"] = self.chimney.device
        return report


def main(argv):
    o = options(argv)
    demo = Demo(o)
    # A deadline of demo.sh kills all; this only keeps a hanging read from hiding the reason.
    watchdog = threading.Timer(1700, lambda: os._exit(1))
    watchdog.daemon = True
    watchdog.start()
    try:
        report = demo.run()
    except (BedError, VerbError, subprocess.TimeoutExpired) as error:
        print(f"demo: {error}", file=sys.stderr)
        print(demo.chimney.messages(), file=sys.stderr, end="")
        demo.post_mortem()
        return 1
    finally:
        demo.bed.close()
    return demo_judge.judge(report, o.out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
