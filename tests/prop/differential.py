#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random Compose files, merged by composemerge and loaded by Docker Compose: load(merge(A, B)) must be load(A, B).

usage: differential.py [N] [--seed S] [--program build/release/composemerge] [--jobs 2] [--only I] [--construct ROW]

N pairs (70%) and triples (30%). Each case is loaded under three assignments of its variables (unset, colliding with
literals, distinct), whole: all profiles and resources, not normalised, no env files; one case in ten also as normalised
JSON. A case whose files Docker Compose refuses under every assignment counts as refused; one that it loads and
composemerge refuses, or that loads differently, fails, and so does one where composemerge crashes, hangs, or says that
it found its own result wrong. Failures are made small and kept in build/differential/SEED-I/. Needs make peers.
"""
import argparse
import collections
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import attrtable
import constructs
import generate
import oracle
from shrink import shrink
from yamltext import Alias, Map, Scalar, Seq, key_text, walk

ENV = {"PATH": "/usr/bin:/bin", "HOME": "/home/user"}
OURS = {**ENV, **{k: os.environ[k] for k in ("CM_MUTANT", "ASAN_OPTIONS", "UBSAN_OPTIONS") if k in os.environ}}
# Refusals of files that Docker Compose loads which are promised: name -> what the message says.
ALLOWED = {"limit": r"\[limit\]", "path that starts with a variable, written elsewhere": r"\[rebase\]"}
FAILURES = ("different", "refused by us", "crash", "internal")


class Verdict:
    def __init__(self, kind, detail="", want="", got="", merged=b"", error="", accepted=False):
        self.kind, self.detail, self.want, self.got, self.merged, self.error = kind, detail, want, got, merged, error
        self.accepted = accepted

    def placed(self):
        self.detail += ": " + where(self.want, self.got)
        return self


class Judge:
    def __init__(self, program, peer):
        self.program, self.oracle = program, oracle.Oracle(peer)

    def merge(self, directory, names, output):
        command = [self.program] + [w for n in names for w in ("-f", n)] + (["-o", output] if output else [])
        if output:
            os.makedirs(os.path.join(directory, os.path.dirname(output)), exist_ok=True)
        try:
            p = subprocess.run(command, cwd=directory, env=OURS, capture_output=True, timeout=20, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return 124, b"", "timed out after 20 s"
        return p.returncode, p.stdout, p.stderr.decode("utf8", "replace")

    def judge(self, files, names, assignments, output=None, ways=(oracle.WHOLE,)):
        """What becomes of the files: a Verdict."""
        directory = os.path.join(tempfile.mkdtemp(prefix="cm-diff-"), "project")
        try:
            for path, body in files.items():
                full = os.path.join(directory, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "wb") as f:
                    f.write(body)
            return self.verdict(directory, names, assignments, output, ways)
        finally:
            shutil.rmtree(os.path.dirname(directory))

    def verdict(self, directory, names, assignments, output, ways):
        code, merged, error = self.merge(directory, names, output)
        place = output or os.path.join(os.path.dirname(names[0]), "merged.out.yml")
        if code == 0 and not output:
            with open(os.path.join(directory, place), "wb") as f:
                f.write(merged)
        elif code == 0:
            merged = open(os.path.join(directory, place), "rb").read()
        known = dict(merged=merged, error=error)
        if code not in (0, 2) or code == 2 and not error.strip():
            return Verdict("crash", f"exit {code}", **known)
        if "[internal]" in error:
            accepted = any(self.oracle.ask(directory, names, env)[0] is not None for _, env in assignments)
            return Verdict("internal", ("it fell back to documents of one each" if code == 0 else "it gave up") +
                           ("" if accepted else ", on files that Compose refuses"), accepted=accepted, **known)
        refusal = ""
        accepted = False
        for label, env in assignments:
            for way in ways:
                want, why = self.oracle.ask(directory, names, env, way)
                if want is None:
                    refusal = refusal or why
                    continue
                accepted = True
                if code == 2:
                    allowed = [a for a, pattern in ALLOWED.items() if re.search(pattern, error)]
                    if allowed:
                        return Verdict("allowed", allowed[0], accepted=True, **known)
                    return Verdict("refused by us", f"variables {label}: " + first_error(error), want, accepted=True, **known)
                got, why = self.oracle.ask(directory, [place], env, way)
                if got != want:
                    return Verdict("different", f"variables {label}, {'normalised' if way is oracle.CANONICAL else 'whole'}", want,
                                   got if got is not None else "refused: " + why, accepted=True, **known).placed()
        if accepted:
            return Verdict("equal", accepted=True, **known)
        return Verdict("refused by both" if code == 2 else "refused by Compose", refusal, **known)


def first_error(text):
    return next((l for l in text.splitlines() if " error: " in l or l.startswith("error: ")), text.split("\n")[0])


# -- coverage

def resolve(node, anchors):
    while isinstance(node, Alias):
        node = anchors.get(node.name)
    return node


def entries(node, anchors):
    """The key-value pairs of a mapping, those of << included."""
    for key, value in node.items:
        value = resolve(value, anchors)
        if key == "<<":
            for source in ([value] if isinstance(value, Map) else [resolve(v, anchors) for v in value.items] if isinstance(value, Seq) else []):
                if isinstance(source, Map):
                    yield from entries(source, anchors)
                elif isinstance(source, Seq):
                    for v in source.items:
                        if isinstance(resolve(v, anchors), Map):
                            yield from entries(resolve(v, anchors), anchors)
        elif value is not None:
            yield key_text(key), value


def rows_of(table, roots):
    """{(actual path, row)} met in the documents of one layer."""
    found = set()

    def visit(path, actual, node, anchors, depth):
        if depth > 14:
            return
        if isinstance(node, Map):
            for key, value in entries(node, anchors):
                child = table.child(path, key)
                if child:
                    found.add((f"{actual}.{key}", child))
                    visit(child, f"{actual}.{key}", value, anchors, depth + 1)
        elif isinstance(node, Seq):
            child = table.item(path)
            if child and node.items:
                found.add((actual + "[]", child))
                for value in node.items:
                    visit(child, actual + "[]", resolve(value, anchors), anchors, depth + 1)
    for root in roots:
        anchors = {n.anchor: n for r in roots for n in walk(r) if n.anchor}
        visit("", "", root, anchors, 0)
    return found


def coverage(case):
    """-> (rows, merge rules that had something to combine)"""
    layers = [rows_of(case.table, [l, *case.documents.get(i, [])]) for i, l in enumerate(case.layers)]
    rows = {row for layer in layers for _, row in layer}
    for body in case.extra.values():
        if isinstance(body, Map):
            rows |= {row for _, row in rows_of(case.table, [body])}
    rules = set()
    seen = set()
    for layer in layers:
        for path, row in layer:
            if path in seen:
                rules.add(case.table.row(row).merge)
                if case.table.row(row).identity != "none":
                    rules.add("by " + case.table.row(row).identity)
        seen |= {p for p, _ in layer}
    return rows, rules


# -- the run

SEEN = collections.Counter()   # failures of each group, in this process


def worker(settings):
    global STATE
    table = attrtable.load(settings.table)
    STATE = settings, table, Judge(settings.program, os.path.join(settings.peers, "compose-loop"))


def ways_of(index):
    return (oracle.WHOLE, oracle.CANONICAL) if index % 10 == 0 else (oracle.WHOLE,)


def run(index):
    settings, table, judge = STATE
    case = generate.Case(table, settings.seed, index, construct=settings.construct)
    files, names, assignments = case.files(), case.names(), case.assignments()
    verdict = judge.judge(files, names, assignments, case.output, ways_of(index))
    rows, rules = coverage(case) if verdict.accepted else ((), ())
    result = dict(index=index, kind=verdict.kind, detail=verdict.detail, layers=len(case.layers), constructs=case.constructs, marks=sorted(case.marks),
                  rows=sorted(rows), rules=sorted(rules), several=several(verdict.error), quirk="[quirk]" in verdict.error, place=None)
    if verdict.kind in FAILURES:
        result["place"] = keep(settings, judge, index, case, verdict, files, names, assignments)
    return result


def signature(verdict):
    """What makes two failures the same while shrinking: another refusal is another story."""
    return verdict.kind, verdict.accepted, verdict.got.startswith("refused:"), re.sub(r"^[^\n]*?(\[[\w-]+\])?[^\n]*$", r"\1", verdict.error.split("\n")[0])


def where(want, got):
    """The place of the first difference between two models, for a reader who looks for a pattern: services.app.ports"""
    if got.startswith("refused:"):
        return re.sub(r"/tmp/\S*/", "", got.split("\n")[0])
    a, b = want.splitlines(), got.splitlines()
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    lines = a if at < len(a) else b
    path, column = [], 10 ** 6
    for line in reversed(lines[:at + 1]):
        indent = len(line) - len(line.lstrip(" -"))
        if indent < column and line.strip():
            path.insert(0, re.sub(r'"?:( .*)?,?$', "", line.strip(" -")).strip('"'))
            column = indent
    return ".".join(path)[:150]


def keep(settings, judge, index, case, verdict, files, names, assignments):
    """Saves a failure, made small."""
    place = os.path.join(settings.out, f"{settings.seed}-{index}")
    shutil.rmtree(place, ignore_errors=True)
    original = dict(files)
    SEEN[group(dict(kind=verdict.kind, detail=verdict.detail))] += 1
    if settings.shrink and SEEN[group(dict(kind=verdict.kind, detail=verdict.detail))] <= settings.each:
        ways = (oracle.CANONICAL,) if "normalised" in verdict.detail else (oracle.WHOLE,)
        which = [a for a in assignments if f"variables {a[0]}" in verdict.detail] or assignments

        def still_fails(new_files, new_names):
            again = judge.judge(new_files, new_names, which, case.output, ways)
            return signature(again) == signature(verdict)
        if still_fails(files, names):
            files, names = shrink(files, names, still_fails, settings.shrink)
            verdict = judge.judge(files, names, which, case.output, ways)
            assignments = which
    for folder, content in (("", files), ("original", original)):
        for path, body in content.items():
            full = os.path.join(place, folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            open(full, "wb").write(body)
    variables = {k: v for _, env in assignments for k, v in env.items() if k not in ENV}
    story = [f"{verdict.kind}: {verdict.detail}", "composemerge " + " ".join(f"-f {n}" for n in names) + (f" -o {case.output}" if case.output else ""),
             f"constructs of merge.md 9.2: {case.constructs}; {', '.join(sorted(case.marks))}", f"variables: {variables}", "", verdict.error]
    for name, body in (("story", "\n".join(story)), ("want", verdict.want), ("got", verdict.got)):
        open(os.path.join(place, name), "w", encoding="utf8").write(body)
    open(os.path.join(place, "merged.out.yml"), "wb").write(verdict.merged)
    return place


def group(result):
    """What a failure is about, without the names of files and services."""
    about = re.sub(r"^variables \w+(, \w+)?:? ?|[\w./-]+:\d+:\d+: ", "", result["detail"])
    about = re.sub(r"\b(services|jobs)\.[\w-]+", r"\1.*", re.sub(r"\.\d+\b", "[]", about))
    return f"{result['kind']}: {about}"


def several(error):
    """Why an answer has several documents, or ""."""
    found = re.search(r"warning: (.*) \[several-documents\]", error)
    return found[1].removeprefix("no single document can say this for every value of the variables: ")[:150] if found else ""


def report(settings, table, results, seconds):
    kinds = collections.Counter(r["kind"] for r in results)
    accepted = sum(1 for r in results if r["kind"] in ("equal", "allowed", "different", "refused by us"))
    rows, rules, rows9, marks = (collections.Counter() for _ in range(4))
    for r in results:
        rows.update(r["rows"])
        rules.update(r["rules"])
        marks.update(r["marks"])
        rows9.update(r["constructs"] if r["rows"] else [])
    os.makedirs(settings.out, exist_ok=True)
    with open(os.path.join(settings.out, "coverage.tsv"), "w", encoding="utf8") as f:
        for path in table.rows:
            f.write(f"{rows[path]}\t{path}\n")
    enough = 50 * settings.n / 20000
    print(f"\n{'merge rule met by two files':<44}{'construct of merge.md 9.2'}")
    left = [f"{rules[r]:7}  {r}" for r in sorted({x.merge for x in table.rows.values()} | {"by " + x.identity for x in table.rows.values() if x.identity != "none"})]
    right = [f"{rows9[n]:7}  row {n}: {constructs.ALL[n].__name__.replace('_', ' ')}" for n in sorted(constructs.ALL)]
    left += [""] + [f"{marks[m]:7}  {m}" for m in sorted(marks)]
    for i in range(max(len(left), len(right))):
        print(f"{left[i] if i < len(left) else '':<44}{right[i] if i < len(right) else ''}")
    rare = sorted((rows[p], p) for p in table.rows if rows[p] < enough)
    counts = sorted(rows[p] for p in table.rows)
    print(f"\nattribute rows: {len(counts)}, met {counts[0]} to {counts[-1]} times, half of them at least {counts[len(counts) // 2]} times "
          f"({os.path.join(settings.out, 'coverage.tsv')})")
    for n, path in rare[:60]:
        print(f"{n:7}  {path}  (fewer than {enough:g})")
    few = [n for n in constructs.ALL if rows9[n] < enough]
    if few:
        print(f"constructs met fewer than {enough:g} times: {few}")
    print(f"\n{len(results)} cases, {sum(r['layers'] > 2 for r in results)} of them triples, in {seconds:.0f} s; "
          f"Compose loads {accepted} ({100 * accepted / max(1, len(results)):.0f}%)")
    print(f"{kinds['equal']} equal, {kinds['different']} different, {kinds['refused by us']} refused by us only, "
          f"{kinds['allowed']} refused by us as promised, {kinds['refused by both']} refused by both, "
          f"{kinds['refused by Compose']} refused by Compose only, {kinds['crash']} crashes, {kinds['internal']} internal errors")
    reasons = collections.Counter(r["several"] for r in results if r["several"])
    for why, n in reasons.most_common(12):
        print(f"{n:7}  several documents: {why}")
    print(f"{sum(reasons.values())} answers of several documents, {sum(r['quirk'] for r in results)} with a [quirk] warning")
    failed = sum(kinds[k] for k in FAILURES)
    groups = collections.Counter(group(r) for r in results if r["kind"] in FAILURES)
    for what, n in groups.most_common(25):
        print(f"{n:7}  {what}")
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    ap = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    ap.add_argument("count", nargs="?", type=int, metavar="N")
    ap.add_argument("--n", type=int, default=20000)
    ap.add_argument("--seed", default="1")
    ap.add_argument("--first", type=int, default=0, metavar="I", help="start at case I")
    ap.add_argument("--program", default=os.path.join(ROOT, "build", "release", "composemerge"))
    ap.add_argument("--table", help="the attr_dump program (default: tests/attr_dump beside the program)")
    ap.add_argument("--peers", default=os.path.join(ROOT, "build", "peers"))
    ap.add_argument("--out", default=os.path.join(ROOT, "build", "differential"))
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--shrink", type=float, default=30, metavar="SECONDS", help="time to make one failure small (0: as it is)")
    ap.add_argument("--each", type=int, default=2, metavar="K", help="make the first K failures of a kind small, in each process")
    ap.add_argument("--stop", type=int, default=200, metavar="K", help="end after K failures (0: never)")
    ap.add_argument("--only", type=int, metavar="I", help="run case I alone")
    ap.add_argument("--construct", type=int, metavar="ROW", help="lay this construct of merge.md 9.2 over every case")
    o = ap.parse_args()
    o.n = o.count if o.count is not None else o.n
    o.program, o.peers, o.out = os.path.abspath(o.program), os.path.abspath(o.peers), os.path.abspath(o.out)
    o.table = o.table or os.path.join(os.path.dirname(o.program), "tests", "attr_dump")
    for needed, how in ((o.program, "make"), (o.table, "make differential"), (os.path.join(o.peers, "compose-loop"), "make peers")):
        if not os.path.exists(needed):
            sys.exit(f"differential: {needed} is missing: {how}")
    indices = [o.only] if o.only is not None else range(o.first, o.first + o.n)
    with tempfile.TemporaryDirectory(prefix="cm-program-") as kept:
        return go(o, indices, kept)


def go(o, indices, kept):
    # the program as it is now: it may be built anew meanwhile
    o.program = shutil.copy(o.program, kept)
    start, results, failed = time.time(), [], 0
    with multiprocessing.Pool(min(o.jobs, len(indices)), worker, (o,)) as pool:
        for result in pool.imap_unordered(run, indices, chunksize=1 if len(indices) < 100 else 10):
            results.append(result)
            if result["kind"] in FAILURES:
                failed += 1
                print(f"FAIL {result['kind']}: case {result['index']}, {result['detail'][:120]}  {os.path.relpath(result['place'])}", flush=True)
                if o.stop and failed >= o.stop:
                    print(f"stopped after {failed} failures")
                    pool.terminate()
                    break
            elif o.only is not None:
                print(result["kind"], result["detail"])
    results.sort(key=lambda r: r["index"])
    return report(o, attrtable.load(o.table), results, time.time() - start)


if __name__ == "__main__":
    sys.exit(main())
