# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Judges what a demo run brought: table, verdicts, report.json. Pure but for tshark on the capture.

Hard part: a verdict that cannot be reached (no capture, no counter) is a failure, never a pass.
"""

import collections
import json
import subprocess

NIC_SHARE = 0.80
KERNEL_LEAST = 64 << 10
MOVES_LEAST = 7

FLAGS = {
    "rst": "tcp.flags.reset==1",
    "retransmission": "tcp.analysis.retransmission",
    "fast_retransmission": "tcp.analysis.fast_retransmission",
    "out_of_order": "tcp.analysis.out_of_order",
}


def tshark_counts(pcap):
    """Frames of each kind in the capture; None: it cannot be read."""
    counts = {}
    for name, expression in {"frames": "tcp", **FLAGS}.items():
        try:
            done = subprocess.run(["tshark", "-n", "-r", str(pcap), "-Y", expression, "-T",
                                   "fields", "-e", "frame.number"], capture_output=True, text=True,
                                  timeout=300, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode:
            return None
        counts[name] = len(done.stdout.split())
    return counts


def link_counts(log):
    """What the impaired link did, by the first word of kind in each line of its log."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    kinds = ("loss", "lost", "drop", "reorder", "dup", "corrupt", "delay")
    found = collections.Counter()
    for line in lines:
        word = next((w for w in line.replace(",", " ").replace("=", " ").split()
                     if w.lower().startswith(kinds)), None)
        if word:
            found[word.lower()] += 1
    return dict(found)


def verdicts(report, frames):
    """[(what must hold, does it, how it came out)]"""
    conn, moves = report["conn"], report["moves"]
    # A slow device in a process of its own may hold a flow for longer than the peer's time-out.
    sha, clean = report["sha256"], not report["link"] and report["device"].startswith("model")
    out = [
        ("curl ended well", report["curl_exit"] == 0, f"exit {report['curl_exit']}"),
        ("SHA-256 of the download", sha["get"] == sha["get_source"], sha["get"][:16]),
        ("SHA-256 of the upload", sha["put"] == sha["put_source"], sha["put"][:16]),
        ("every move was made", not report["failed_moves"], "; ".join(report["failed_moves"])),
        (f"at least {MOVES_LEAST} offloads and uploads",
         min(conn["offloads"], conn["uploads"]) >= MOVES_LEAST,
         f"{conn['offloads']} and {conn['uploads']}"),
        ("an upload with unacknowledged send data",
         any(m["verb"] == "upload" and m["unacknowledged"] for m in moves), ""),
        ("an upload with undelivered receive data",
         any(m["verb"] == "upload" and m["undelivered"] for m in moves), ""),
        ("closed by the kernel with FIN", conn["place"] == "closed" and
         conn["last_upload"] == "end of file", f"{conn['place']}, {conn['last_upload']}"),
    ]
    for direction in ("received", "sent"):
        nic, kernel = conn["nic_" + direction], conn["kernel_" + direction]
        share = nic / (nic + kernel) if nic + kernel else 0
        out.append((f"the NIC carried >= {NIC_SHARE:.0%} of what was {direction}",
                    share >= NIC_SHARE, f"{share:.1%}"))
        out.append((f"the kernel carried >= 64 KiB of what was {direction}",
                    kernel >= KERNEL_LEAST, f"{kernel} B"))
        out.append((f"all {direction} bytes are accounted for", nic + kernel >= report["size"],
                    f"{nic + kernel} B"))
    out.append(losses(report["stats"], report["device"]))
    out.append(("the program ended by itself", report["clean_down"], ""))
    if frames is None:
        out.append(("the capture can be read", False, "tshark"))
        return out
    out.append(("the capture holds the connection", frames["frames"] > 100,
                f"{frames['frames']} segments"))
    out.append(("no RST", frames["rst"] == 0, f"{frames['rst']}"))
    if clean:
        for name in ("retransmission", "fast_retransmission", "out_of_order"):
            out.append((f"no {name.replace('_', ' ')}", frames[name] == 0, f"{frames[name]}"))
    return out


# Where a frame can vanish without a fault of the link: part of `stats show`, count.
LOSSES = (("path", "interface_dropped"), ("path", "to_kernel_failed"),
          ("backend", "wire_rx_lost"), ("backend", "wire_rx_refused"), ("backend", "wire_tx_lost"),
          ("backend", "link_overflow"), ("device", "RX_NO_BUFFER"), ("device", "RX_BUFFER_FULL"),
          ("device", "RX_HOLD_FULL"))


def losses(stats, device):
    """The verdict that no frame was lost. A count that is not there is a failure.

    Only the model in this process tells what its wire lost; a device elsewhere counts its own.
    """
    gone = {f"{part} {name}": stats.get(part, {}).get(name) for part, name in LOSSES
            if part != "backend" or device.startswith("model")}
    how = ", ".join(f"{name} {'missing' if n is None else n}" for name, n in gone.items() if n != 0)
    return "no frame was lost outside the link", not how, how or "0"


def table(report, frames):
    conn, counters = report["conn"], report["stats"].get("device", {})
    counter = {name.upper(): value for name, value in counters.items()}

    def of(name):
        return counter.get(name, "-")

    cycles = counter.get("CYCLES", 0)
    rows = [
        ("bytes received by NIC / kernel", f"{conn['nic_received']} / {conn['kernel_received']}"),
        ("bytes sent by NIC / kernel", f"{conn['nic_sent']} / {conn['kernel_sent']}"),
        ("NIC segments sent / received", f"{of('TX_SEGS')} / {of('SEG_IN')}"),
        ("NIC retransmissions / fast / time-outs",
         f"{of('TX_RETRANSMITS')} / {of('TX_FAST_RETRANSMITS')} / {of('TX_TIMEOUTS')}"),
        ("NIC pure ACKs", of("TX_ACKS")),
        ("offloads / uploads", f"{conn['offloads']} / {conn['uploads']}"),
        ("cycles in HOLD", of("HOLD_CYCLES")),
        ("engine cycles", cycles or "-"),
        ("device time", f"{report['stats'].get('backend', {}).get('device_ms', '-')} ms"),
        ("wall time", f"{report['wall_s']} s"),
    ]
    if cycles and report["wall_s"]:
        rows.append(("model speed", f"{cycles / report['wall_s']:.0f} cycles/s"))
    if frames:
        rows.append(("capture: segments, retransmissions",
                     f"{frames['frames']}, {frames['retransmission']}"))
    for kind, count in sorted(report["link_log"].items()):
        rows.append((f"link's log: {kind}", count))
    return rows


def judge(report, folder):
    """Print table and verdicts, write report.json. Return: exit code."""
    frames = tshark_counts(folder / "wire.pcap")
    report["capture"] = frames
    report["link_log"] = link_counts(folder / "link.log") if report["link"] else {}
    counters = {k.upper(): v for k, v in report["stats"].get("device", {}).items()}
    report["engine_cycles"] = counters.get("CYCLES", 0)
    print()
    for name, value in table(report, frames):
        print(f"  {name:<42} {value}")
    print()
    ok = True
    report["verdicts"] = []
    for what, holds, how in verdicts(report, frames):
        ok &= bool(holds)
        report["verdicts"].append({"what": what, "holds": bool(holds), "how": how})
        print(f"  {'ok  ' if holds else 'FAIL'} {what}{': ' + how if how else ''}")
    report["passed"] = ok
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    print(f"\n{'passed' if ok else 'FAILED'}; {folder}/report.json, {folder}/wire.pcap")
    return 0 if ok else 1
