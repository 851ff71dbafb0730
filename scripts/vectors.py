#!/usr/bin/env python3
"""Runs vector files through `gatewright eval --vectors`, with a list of vectors that are known to fail and may only shrink.

    vectors.py FOLDER --gatewright target/debug/gatewright [--update]

The tool answers every line; this script reads its verdicts, compares them with scripts/vectors-expected.txt, and says which
answers are new failures and which listed ones pass now.
"""
import argparse
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "vectors-expected.txt")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder of *.jsonl vector files")
    parser.add_argument("--gatewright", required=True, help="the built command-line tool")
    parser.add_argument("--update", action="store_true", help="rewrite the list of expected failures")
    options = parser.parse_args()
    expected = set()
    if os.path.exists(LIST):
        with open(LIST, encoding="utf-8") as lines:
            expected = {line.split("#")[0].strip() for line in lines} - {""}
    failed, answered = {}, set()
    for path in sorted(glob.glob(os.path.join(options.folder, "*.jsonl"))):
        done = subprocess.run([options.gatewright, "eval", "--vectors", path], capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines()
        if done.returncode not in (0, 1) or not lines:
            sys.exit(f"{path}: eval ended with {done.returncode}: {done.stderr[-2000:]}")
        for line in lines:
            if line.startswith("{"):
                answer = json.loads(line)
                answered.add(answer["id"])
                if answer.get("passed") is False:
                    failed[answer["id"]] = answer.get("message") or answer.get("status")
        print(f"{os.path.basename(path):<28}{lines[-1]}", flush=True)
    if options.update:
        with open(LIST, "w", encoding="utf-8") as out:
            out.write("# Vectors that fail today. This list may only shrink.\n")
            out.writelines(f"{i}  # {str(failed[i])[:100]}\n".replace("\r", " ") for i in sorted(failed))
        return 0
    new, healed = sorted(set(failed) - expected), sorted((expected & answered) - set(failed))
    for i in new:
        print(f"  FAIL {i}: {failed[i]}")
    for i in healed:
        print(f"  {i} passes now: take it off {os.path.relpath(LIST)}")
    print(f"vectors: {len(answered) - len(failed)} of {len(answered)} pass")
    print(f"{len(answered) - len(new) - len(healed)} passed, {len(new) + len(healed)} failed")
    return 1 if new or healed else 0


if __name__ == "__main__":
    sys.exit(main())
