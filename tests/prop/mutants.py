#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Switches one merge rule off at a time and looks whether the tests notice.

usage: mutants.py [--check CMD] [--program build/debug/composemerge] [--rule RULE]...

A debug build reads CM_MUTANT=RULE from the environment; the rules are those that src/ asks for as cm_mutant(p, "RULE"), or
as cm_mutant(p, names[...]) with a table of names above. Each is first shown to the golden cases (--check, run from the
top of the tree), and where these do not notice, to the differential test with N cases. A rule is noticed when more fails than
without it. Exits 1 when a rule survives both. The last line is 'N passed, N failed': rules noticed, rules that survived.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Switching these off changes no answer of a correct program: they guard against its own mistakes.
GUARDS = {"verify"}


def rules():
    found = {}
    for folder, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in sorted(n for n in names if n.endswith(".c")):
            path = os.path.join(folder, name)
            text = open(path, encoding="utf8").read()
            for m in re.finditer(r'\bcm_mutant\s*\(\s*[^(),]+,\s*(?:"([\w-]+)"|(\w+)\s*\[)', text):
                place = f"{os.path.relpath(path, ROOT)}:{text.count(chr(10), 0, m.start()) + 1}"
                if m[1]:
                    found.setdefault(m[1], place)
                else:
                    table = list(re.finditer(r"\b%s\[\]\s*=\s*\{(.*?)\};" % m[2], text[:m.start()], re.S))
                    for word in re.findall(r'"([\w-]+)"', table[-1][1]) if table else []:
                        found.setdefault(word, place)
    return found


def failures(command, rule, timeout):
    """How many tests fail with the rule off; a command that does not say counts its exit status."""
    env = {k: v for k, v in os.environ.items() if k != "CM_MUTANT"}
    if rule:
        env["CM_MUTANT"] = rule
    try:
        p = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, errors="replace", timeout=timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return 10 ** 9
    said = re.findall(r"^(\d+) passed, (\d+) failed$", p.stdout + p.stderr, re.M)
    if said and int(said[-1][0]) + int(said[-1][1]) == 0:
        sys.exit(f"mutants: {shlex.join(command)} ran no test")
    return int(said[-1][1]) if said else (p.returncode != 0) * 10 ** 6


def main():
    ap = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    ap.add_argument("--program", default="build/debug/composemerge")
    ap.add_argument("--check", help="runs the golden cases (default: tests/run_cases of the program's build)")
    ap.add_argument("--n", type=int, default=2000, help="cases of the differential test; 0: the golden cases only")
    ap.add_argument("--seed", default="mutants")
    ap.add_argument("--rule", action="append", help="try only this rule")
    o = ap.parse_args()
    tests = os.path.join(os.path.dirname(o.program), "tests")
    check = shlex.split(o.check) if o.check else [os.path.join(tests, "run_cases"), "--program", o.program, "tests/cases"]
    differential = [sys.executable, os.path.join(HERE, "differential.py"), str(o.n), "--seed", o.seed, "--program", o.program,
                    "--shrink", "0", "--out", os.path.join("build", "differential", "mutants")]
    every = rules()
    if not every:
        sys.exit('mutants: src/ asks for no cm_mutant(p, "rule")')
    unknown = [r for r in o.rule or [] if r not in every]
    if unknown:
        sys.exit(f"mutants: no such rule: {', '.join(unknown)}; there are {', '.join(sorted(every))}")
    golden = failures(check, None, 600)
    print(f"without a mutant: golden cases {golden} failed", flush=True)
    random, survived, noticed = None, [], 0
    for rule, place in sorted(every.items()):
        if o.rule and rule not in o.rule:
            continue
        if rule in GUARDS and not o.rule:
            print(f"  guard     {rule:18} {place}: not asked, off it changes nothing by itself")
            continue
        more = failures(check, rule, 600) - golden
        if more > 0:
            print(f"  killed    {rule:18} {place}: golden cases, {more} more failed", flush=True)
            noticed += 1
            continue
        if o.n:
            if random is None:
                random = failures(differential + ["--stop", "0"], None, 3600)
                print(f"without a mutant: differential {random} failed", flush=True)
            more = failures(differential + ["--stop", str(random + 1)], rule, 3600) - random
        if more > 0:
            print(f"  killed    {rule:18} {place}: differential only; a golden case is missing", flush=True)
            noticed += 1
        else:
            print(f"  SURVIVED  {rule:18} {place}", flush=True)
            survived.append(rule)
    print(f"{noticed} passed, {len(survived)} failed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
