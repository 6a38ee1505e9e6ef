#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmarks: python3 tests/bench/bench.py build/release [SIZE...]

Prints a table: for files of 1, 100, ... services and for a real project, the user+system time of a merge by composemerge,
next to a bare libyaml parse of the same files (the floor), Docker Compose's config and yq's *+, with peak memory. Every
number is the median of several runs; the tools take turns, so that a busy moment meets all of them. Output goes to
/dev/null. A peer that needs more than a minute, or would at the next size, is left out from there on. yq cannot lay a list over a map: it gets the
override with environment as a map.
"""

import glob
import os
import re
import shutil
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
import generate  # noqa: E402 beside this file

SIZES = [1, 100, 1000, 10000, 100000]
LIMIT = 60      # seconds a peer may take


class Tool:
    def __init__(self, name, command, peer=False, override="prod.yml"):
        self.name, self.command, self.peer, self.override, self.alive = name, command, peer, override, True

    def words(self, files):
        """The command over files; a tool that needs another override gets the one beside it."""
        files = [f.replace("/prod.yml", "/" + self.override) for f in files]
        named = {"{f}": [w for f in files for w in ("-f", f)], "{files}": files}
        return [w for word in self.command for w in named.get(word, [word])]


def tools(folder):
    all_tools = [
        Tool("floor", [folder + "/tests/floor", "{files}"]),
        Tool("composemerge", [folder + "/composemerge", "{f}"]),
        Tool("docker compose", ["build/peers/docker-compose", "{f}", "config", "--no-interpolate"], peer=True),
        Tool("yq", ["build/peers/yq", "eval-all", ". as $i ireduce ({}; . *+ $i)", "{files}"],
             peer=True, override="prod-map.yml"),
    ]
    for tool in all_tools:
        tool.alive = shutil.which(tool.command[0]) is not None
        if not tool.alive and not tool.peer:
            sys.exit(f"bench: {tool.command[0]} is not there: build it first")
    return [t for t in all_tools if t.alive]


def measure(folder, tool, files, runs):
    """The runs of a tool: a list of (user+system, elapsed, KiB, status)."""
    out = subprocess.run([folder + "/tests/measure", str(runs), str(LIMIT)] + tool.words(files),
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    return [(float(cpu), float(wall), int(kib), int(status)) for cpu, wall, kib, status in map(str.split, out.splitlines())]


def rounds_for(size):
    """(rounds, runs a round) for an input of so many bytes."""
    if size < 1_000_000:
        return 10, 20
    return (7, 3) if size < 20_000_000 else (5, 1)


def compare(folder, candidates, files):
    """name -> (median user+system, median peak KiB), taking turns."""
    size = sum(os.path.getsize(f) for f in files)
    rounds, runs = rounds_for(size)
    taken = {t.name: [] for t in candidates}
    for turn in range(rounds):
        for tool in candidates:
            slow = tool.peer and taken[tool.name] and taken[tool.name][0][0] > 1
            if not tool.alive or (slow and turn > 0):
                continue
            got = measure(folder, tool, files, 1 if tool.peer else runs)
            if any(status != 0 for *_, status in got):
                if not tool.peer:
                    sys.exit(f"bench: {' '.join(tool.words(files))} failed")
                tool.alive = False      # too slow, or it cannot merge these files
                taken[tool.name] = []
            taken[tool.name] += [run for run in got if run[3] == 0]
    for tool in candidates:     # the next size is ten times this one
        if tool.peer and taken[tool.name] and taken[tool.name][0][1] * 5 > LIMIT:
            tool.alive = False
    return {name: (statistics.median(r[0] for r in got), statistics.median(r[2] for r in got))
            for name, got in taken.items() if got}


def human(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def row(label, size, result, candidates):
    cells = [f"{label:>14}", f"{size / 1e6:9.3f} MB"]
    floor = result["floor"][0]
    for tool in candidates:
        if tool.name not in result:
            cells.append(f"{'-':>29}")
            continue
        cpu, kib = result[tool.name]
        ratio = "" if tool.name == "floor" else f"{cpu / floor:.2f}x" if cpu < 100 * floor else f"{cpu / floor:.0f}x"
        cells.append(f"{human(cpu):>10} {ratio:>7} {kib / 1024:7.1f} MB")
    print(" |".join(cells), flush=True)


def real_project():
    """(bytes, files, folder) of the largest merge of the real projects kept beside the repository."""
    best = (0, [], "")
    for args in glob.glob("../shared/conformance/projects/*/args"):
        folder = os.path.dirname(args)
        for line in open(args):
            files = [os.path.join(folder, f) for f in re.findall(r"-f (\S+)", line.split("|")[0])]
            if len(set(files)) > 1 and all(os.path.isfile(f) for f in files):
                best = max(best, (sum(map(os.path.getsize, files)), files, folder))
    return best


def targets(results, sizes):
    """What issue 3 asks for, and whether it holds."""
    lines = []
    for n in sizes:
        floor, ours = results[n]["floor"], results[n]["composemerge"]
        if n == 1 or n >= 1000:
            lines.append((f"user+system at {n} services: {ours[0] / floor[0]:.2f} times the floor, at most 1.5",
                          ours[0] <= 1.5 * floor[0]))
        if n >= 1000:
            times = ours[1] * 1024 / results[n]["size"]
            lines.append((f"peak memory at {n} services: {times:.1f} times the input, at most 12", times <= 12))
    if 10000 in results and 100000 in results:
        growth = results[100000]["composemerge"][0] / results[10000]["composemerge"][0]
        lines.append((f"growth from 10000 to 100000 services: {growth:.1f}-fold, at most 11", growth <= 11))
    for line, good in lines:
        print(("ok      " if good else "MISSED  ") + line)


def main():
    folder = sys.argv[1]
    sizes = [int(n) for n in sys.argv[2:]] or SIZES
    candidates = tools(folder)
    print("user+system time, times the floor, peak memory; medians\n")
    print(" |".join([f"{'services':>14}", f"{'input':>12}"] + [f"{t.name:>29}" for t in candidates]))
    results = {}
    for n in sizes:
        data = f"build/bench/{n}"
        files = [data + "/base.yml", data + "/prod.yml"]
        if not all(map(os.path.isfile, files + [data + "/prod-map.yml"])):
            generate.write(n, data)
        results[n] = compare(folder, candidates, files)
        results[n]["size"] = sum(map(os.path.getsize, files))
        row(str(n), results[n]["size"], results[n], candidates)
    size, files, project = real_project()
    if files:
        for tool in candidates:
            tool.alive = True
        row("real project", size, compare(folder, candidates, files), candidates)
        print(f"\nreal project: {' '.join(os.path.relpath(f, project) for f in files)} of {os.path.basename(project)}")
    print()
    targets(results, sizes)


main()
