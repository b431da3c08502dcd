#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""The demo's judge: a good report passes, and each thing that must hold fails when it does not.

Also captures made here, with one RST, one retransmission and one segment out of order, which tshark
must find. Hard part: a judge that never failed is no judge.
"""

import copy
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import demo_judge  # noqa: E402

SIZE = 8 << 20
GOOD = {
    "curl_exit": 0, "size": SIZE, "link": {}, "failed_moves": [], "clean_down": True,
    "wall_s": 20.0, "link_log": {}, "device": "model:wire=veth:w0",
    "moves": [{"verb": "upload", "unacknowledged": 0, "undelivered": 3000},
              {"verb": "offload", "unacknowledged": 0, "undelivered": 0},
              {"verb": "upload", "unacknowledged": 5000, "undelivered": 0}],
    "sha256": {"get": "a", "get_source": "a", "put": "b", "put_source": "b"},
    "conn": {"offloads": 7, "uploads": 7, "place": "closed", "last_upload": "end of file",
             "nic_received": SIZE - 300000, "kernel_received": 300000,
             "nic_sent": SIZE - 300000, "kernel_sent": 300000},
    "stats": {"path": {"interface_dropped": 0, "to_kernel_failed": 0},
              "backend": {"wire_rx_lost": 0, "wire_rx_refused": 0, "wire_tx_lost": 0,
                          "link_overflow": 0, "device_ms": 1000},
              "device": {"CYCLES": 1000000, "RX_NO_BUFFER": 0, "RX_BUFFER_FULL": 0,
                         "RX_HOLD_FULL": 0}},
}
FRAMES = {"frames": 12000, "rst": 0, "retransmission": 0, "fast_retransmission": 0,
          "out_of_order": 0}

# (change, words of the verdict that must fail)
BAD = [
    (lambda r, f: r.update(curl_exit=56), "curl"),
    (lambda r, f: r["sha256"].update(get="x"), "download"),
    (lambda r, f: r["sha256"].update(put="missing"), "upload"),
    (lambda r, f: r["failed_moves"].append("late"), "every move"),
    (lambda r, f: r["conn"].update(offloads=6, uploads=7), "at least 7"),
    (lambda r, f: r["moves"].pop(), "unacknowledged"),
    (lambda r, f: r["moves"].pop(0), "undelivered"),
    (lambda r, f: r["conn"].update(place="nic"), "FIN"),
    (lambda r, f: r["conn"].update(last_upload="asked by a verb"), "FIN"),
    (lambda r, f: r["conn"].update(nic_received=SIZE // 2, kernel_received=SIZE // 2),
     "NIC carried >= 80% of what was received"),
    (lambda r, f: r["conn"].update(nic_sent=SIZE // 2, kernel_sent=SIZE // 2),
     "NIC carried >= 80% of what was sent"),
    (lambda r, f: r["conn"].update(nic_sent=SIZE - 100, kernel_sent=100),
     "64 KiB of what was sent"),
    (lambda r, f: r["conn"].update(nic_received=SIZE - 100, kernel_received=100),
     "64 KiB of what was received"),
    (lambda r, f: r["conn"].update(nic_sent=SIZE - 400000), "sent bytes are accounted"),
    (lambda r, f: r["stats"]["path"].update(interface_dropped=1), "lost outside"),
    (lambda r, f: r["stats"]["path"].update(to_kernel_failed=1), "lost outside"),
    (lambda r, f: r["stats"]["device"].update(RX_NO_BUFFER=3), "lost outside"),
    (lambda r, f: r["stats"]["backend"].update(wire_rx_lost=1), "lost outside"),
    (lambda r, f: r["stats"].pop("backend"), "lost outside"),
    (lambda r, f: r["stats"]["device"].pop("RX_BUFFER_FULL"), "lost outside"),
    (lambda r, f: r.update(clean_down=False), "ended by itself"),
    (lambda r, f: f.update(rst=1), "no RST"),
    (lambda r, f: f.update(retransmission=1), "no retransmission"),
    (lambda r, f: f.update(fast_retransmission=1), "no fast retransmission"),
    (lambda r, f: f.update(out_of_order=1), "no out of order"),
    (lambda r, f: f.update(frames=0), "capture holds"),
]

count = failures = 0


def check(ok, what):
    global count, failures
    count += 1
    failures += not ok
    print(f"{'' if ok else 'not '}ok {count} - {what}", flush=True)


def failed(report, frames):
    return [what for what, holds, _ in demo_judge.verdicts(report, frames) if not holds]


def segment(src, dst, sport, dport, seq, ack, flags, payload=b""):
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 5 << 4, flags, 65000, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0,
                     bytes(src), bytes(dst))
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + ip + tcp


def pcap(path, frames, step_us=100):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, frame in enumerate(frames):
            at = i * step_us
            f.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(frame), len(frame)))
            f.write(frame)


def conversation(order, rst=False):
    a, b = (10, 0, 0, 1), (10, 0, 0, 2)
    frames = [segment(a, b, 4000, 80, 99, 0, 2), segment(b, a, 80, 4000, 199, 100, 18),
              segment(a, b, 4000, 80, 100, 200, 16)]
    for i in order:
        frames.append(segment(a, b, 4000, 80, 100 + 100 * i, 200, 24, b"x" * 100))
    frames.append(segment(b, a, 80, 4000, 200, 100 + 100 * (max(order) + 1), 16))
    if rst:
        frames.append(segment(b, a, 80, 4000, 200, 0, 4))
    return frames


def test_captures(folder):
    cases = (("clean", conversation(range(20)), {}),
             ("a reset", conversation(range(20), True), {"rst": 1}),
             ("a retransmission", conversation([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 3]),
              {"retransmission": 1}),
             ("out of order", conversation([0, 1, 3, 2, 4, 5]), {"out_of_order": 1}))
    for name, frames, expected in cases:
        path = folder / "x.pcap"
        # A repeated segment counts as out of order if it comes within 3 ms.
        pcap(path, frames, 100000 if "retransmission" in expected else 100)
        counts = demo_judge.tshark_counts(path)
        want = dict.fromkeys(("rst", "retransmission", "out_of_order"), 0) | expected
        check(counts is not None and all(counts[k] == v for k, v in want.items()),
              f"tshark on {name}: {counts}")
    check(demo_judge.tshark_counts(folder / "missing.pcap") is None, "no capture: no counts")
    (folder / "x.pcap").write_bytes(b"not a capture at all, but long enough to be looked at")
    check(demo_judge.tshark_counts(folder / "x.pcap") is None, "not a capture: no counts")


def test_judge(folder):
    report = copy.deepcopy(GOOD)
    check(demo_judge.judge(report, folder) == 1, "without a capture the whole fails")
    check((folder / "report.json").exists(), "and is reported")
    pcap(folder / "wire.pcap", conversation(range(200)))
    check(demo_judge.judge(copy.deepcopy(GOOD), folder) == 0, "with one it passes")
    report = copy.deepcopy(GOOD)
    report["sha256"]["get"] = "x"
    check(demo_judge.judge(report, folder) == 1, "a wrong digest fails the whole")


def main():
    check(failed(GOOD, FRAMES) == [], f"a good report: {failed(GOOD, FRAMES)}")
    for change, words in BAD:
        report, frames = copy.deepcopy(GOOD), dict(FRAMES)
        change(report, frames)
        bad = failed(report, frames)
        check(any(words in b for b in bad), f"must fail: {words}: {bad}")
    lossy = dict(copy.deepcopy(GOOD), link={"loss": "1%"})
    frames = dict(FRAMES, retransmission=40, out_of_order=3, fast_retransmission=5)
    check(failed(lossy, frames) == [], "an impaired link may cost retransmissions")
    check(failed(lossy, dict(frames, rst=1)) != [], "but no RST")
    check(failed(GOOD, None) != [], "a capture that cannot be read fails")
    try:
        subprocess.run(["tshark", "-v"], capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        print(f"ok {count + 1} # SKIP no tshark\n1..{count + 1}")
        return 1 if failures else 0
    with tempfile.TemporaryDirectory(prefix="chimney-") as folder:
        test_captures(pathlib.Path(folder))
        test_judge(pathlib.Path(folder))
    print(f"1..{count}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
