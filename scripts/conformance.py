#!/usr/bin/env python3
"""Runs the conformance suite against this build, with a list of cases that are known to fail and may only shrink.

    conformance.py SUITE --gatewright target/debug/gatewright [--files p1-jwt ...] [--filter GLOB ...] [--update]

A case that is not on the list must pass. A case on the list runs alone, in a folder of its own (so that a policy that is not
supported yet does not take its neighbours with it), and must still fail: one that passes has to leave the list.
`--update` rewrites the list from what happened and prints what changed; the reasons are the first words of each problem.
"""
import argparse
import fnmatch
import glob
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "conformance-expected.txt")


def read_list():
    """Case id -> reason."""
    if not os.path.exists(LIST):
        return {}
    with open(LIST, encoding="utf-8") as lines:
        rows = [line.split("#", 1) for line in lines if line.strip() and not line.startswith("#")]
    return {row[0].strip(): row[1].strip() if len(row) > 1 else "" for row in rows}


def write_list(reasons):
    with open(LIST, "w", encoding="utf-8") as out:
        out.write("# Conformance cases that fail today, each with what it waits for. This list may only shrink.\n")
        out.writelines(f"{case_id}  # {reason}\n" for case_id, reason in sorted(reasons.items()))


def reason_of(problems):
    text = " ".join(problems)
    refused = re.search(r"error\[GW\d+\]: ([^\n]{0,110})", text)
    return re.sub(r"\s+", " ", refused.group(1) if refused else text)[:120].strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", help="folder of the conformance suite")
    parser.add_argument("--gatewright", required=True, help="the built command-line tool")
    parser.add_argument("--files", nargs="*", help="only these case files (names without .toml)")
    parser.add_argument("--filter", action="append", default=[], help="only case ids matching this glob")
    parser.add_argument("--jobs", type=int, default=4, help="cases run at a time")
    parser.add_argument("--update", action="store_true", help="rewrite the list of expected failures")
    options = parser.parse_args()
    sys.path.insert(0, options.suite)
    sys.dont_write_bytecode = True
    import run  # the suite's own runner

    expected = read_list()
    paths = sorted(glob.glob(os.path.join(options.suite, "cases", "*.toml")))
    if options.files:
        paths = [p for p in paths if os.path.basename(p)[:-5] in options.files]
    start = f"{os.path.abspath(options.gatewright)} dev {{folder}} --listen 127.0.0.1:{{port}}"
    outcome, known = {}, 0
    for path in paths:
        [(name, suite, cases)] = run.load([path])
        chosen = [c for c in cases if not options.filter or any(fnmatch.fnmatch(c["id"], f) for f in options.filter)]
        sound = [c for c in chosen if c["id"] not in expected]
        listed = [c for c in chosen if c["id"] in expected]
        runner = run.Runner(start, options.jobs)
        found = {}
        if suite.get("refused"):
            with ThreadPoolExecutor(options.jobs) as pool:
                for case, problems in zip(chosen, pool.map(lambda c: runner.run_refusal(name, suite, c), chosen)):
                    found[case["id"]] = problems
        else:
            if sound:
                found = runner.run_file(name, suite, sound, sound)
            if options.update and sound and all(found.values()) and all("did not become ready" in p[0] for p in found.values()):
                listed, found = chosen, {}      # one refused case hides all others: run each alone
            with ThreadPoolExecutor(options.jobs) as pool:
                alone = pool.map(lambda c: runner.run_file(f"{name}/{c['id']}", suite, [c], [c])[c["id"]], listed)
                found |= {case["id"]: problems for case, problems in zip(listed, alone)}
        outcome |= found
        failed = sum(bool(p) for p in found.values())
        known += failed
        print(f"{name:<32}{len(found) - failed:>6} passed{failed:>6} failed", flush=True)
        for case_id, problems in found.items():
            if problems and case_id not in expected and not options.update:
                print(f"  FAIL {case_id}\n" + "\n".join("       " + p for p in problems), flush=True)

    if options.update:
        rest = {i: r for i, r in expected.items() if i not in outcome}
        write_list(rest | {i: expected.get(i) or reason_of(p) for i, p in outcome.items() if p})
        return 0
    new = [i for i, p in outcome.items() if p and i not in expected]
    healed = [i for i, p in outcome.items() if not p and i in expected]
    for case_id in healed:
        print(f"  {case_id} passes now: take it off {os.path.relpath(LIST)}")
    print(f"conformance: {len(outcome) - known} of {len(outcome)} cases pass; {known - len(new)} are expected to fail")
    print(f"{len(outcome) - len(new) - len(healed)} passed, {len(new) + len(healed)} failed")
    return 1 if new or healed else 0


if __name__ == "__main__":
    sys.exit(main())
