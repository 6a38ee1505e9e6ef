#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What must hold of random files without asking Docker Compose.

usage: properties.py [N] [--seed S] [--program build/release/composemerge] [--only I]

  alone       one file is printed byte for byte
  empty       laid over by an empty file, or by one of comments, it is printed byte for byte
  stable      the merged text, alone, is printed byte for byte
  itself      a file laid over itself means what it means alone
  groups      merge(merge(a, b), c) means merge(a, b, c)
  kept        of the first file's lines few are gone, no comment without the lines around it, and few are new
  comments    taking every comment out of the files changes no value of the result

"itself", "groups" and "kept" are asked of calm files: three without tags, extends and include, that raise no [quirk] warning and fit
one document. Meanings are compared as `--format json` gives them, with the two spellings of an attribute (map or list, text
or list) made one and repeated entries folded. The last line is 'N passed, N failed'.
"""
import argparse
import collections
import difflib
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import attrtable
import generate

ENV = {"PATH": "/usr/bin:/bin", "HOME": "/home/user", **{k: os.environ[k] for k in ("CM_MUTANT", "ASAN_OPTIONS", "UBSAN_OPTIONS") if k in os.environ}}


class Skip(Exception):
    """The property says nothing about these files."""


class Failure(Exception):
    pass


class Runner:
    def __init__(self, program, table):
        self.program, self.table, self.directory = program, table, None
        self.repeats = False     # a list held several entries of one key

    def run(self, files, *options):
        command = [self.program, *(w for f in files for w in ("-f", f)), *options]
        try:
            p = subprocess.run(command, cwd=self.directory, env=ENV, capture_output=True, timeout=30, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise Failure(f"{' '.join(command[1:])}: no end after 30 s")
        error = p.stderr.decode("utf8", "replace")
        if p.returncode not in (0, 2) or p.returncode == 2 and not error.strip():
            raise Failure(f"{' '.join(command[1:])}: exit {p.returncode}: {error[-300:]}")
        return p.returncode, p.stdout, error

    def text(self, files):
        """The merged text; files that cannot be merged are not what the properties are about."""
        code, out, error = self.run(files)
        if code:
            raise Skip("refused")
        return out, error

    def plain(self, files):
        """The merged text of files that raise no quirk and fit one document."""
        out, error = self.text(files)
        for word in ("quirk", "several-documents", "internal"):
            if f"[{word}]" in error:
                raise Skip(word)
        return out

    def meaning(self, files):
        code, out, error = self.run(files, "--format", "json")
        if code:
            raise Skip("no JSON")
        return self.canonical("", json.loads(out))

    def canonical(self, path, value):
        """One spelling for the attributes that have two."""
        row = self.table.row(path)
        rule = row.merge if row else "default"
        if rule == "key-value" and value is not None:
            return key_values(value)
        if rule in ("depends", "names") and isinstance(value, list):
            value = {v: {"condition": "service_started", "required": True} if rule == "depends" else None for v in value}
        if isinstance(value, str) and row and row.short in WRAPPED:
            value = WRAPPED[row.short](value)
        if rule == "hosts" and value is not None:
            return sorted(f"{h}={ip}" for h, ips in value.items() for ip in (ips if isinstance(ips, list) else [ips])) if isinstance(value, dict) else sorted(value)
        if rule == "strings" and isinstance(value, str):
            value = [value]
        if isinstance(value, dict):
            children = [(k, self.table.child(path, k) or "?", v) for k, v in value.items()]
            return {k: self.canonical(child, v) for k, child, v in children if v != [] or child == "?" or self.table.row(child).merge == "replace"}
        if isinstance(value, list):
            kept = folded(value, row.identity if row else "none")
            self.repeats |= len(kept) < len(value)
            value = kept
            return [self.canonical(self.table.item(path) or "?", v) for v in value]
        return value

    def write(self, name, data):
        with open(os.path.join(self.directory, name), "wb") as f:
            f.write(data)
        return name


# Short spellings that stand for one thing only.
WRAPPED = {"build": lambda v: {"context": v}, "gpus": lambda v: [{"count": v}], "cron": lambda v: {"cron": v}}


def folded(items, identity):
    """Entries of one key made one, the last content at the first place; variables are opaque."""
    if identity == "none":
        return items
    out = {}
    for item in items:
        out[entry_key(item, identity)] = item
    return list(out.values())


def entry_key(item, identity):
    if isinstance(item, dict):
        if identity == "port":
            ip = item.get("host_ip") or "0.0.0.0"
            return f"{ip}:{item.get('published', '')}:{item.get('target')}/{item.get('protocol', 'tcp')}"
        name = item.get("target") or item.get("path")
        return name or {"config": "/", "secret": "/run/secrets/"}.get(identity, "") + str(item.get("source"))
    text = str(item)
    if identity == "before-equals":
        return text.partition("=")[0]
    if identity in ("volume", "device"):
        parts = re.split(r":(?![-+?])", text)
        return (parts[1] if len(parts) > 1 else parts[0]).rstrip("/")
    if identity == "port":
        head, _, protocol = text.partition("/")
        parts = re.split(r":(?![-+?])", head)
        ip = ":".join(parts[:-2]).strip("[]") or "0.0.0.0"
        return f"{ip}:{parts[-2] if len(parts) > 1 else ''}:{parts[-1]}/{(protocol or 'tcp').lower()}"
    return {"config": "/", "secret": "/run/secrets/"}.get(identity, "") + text


def key_values(value):
    """KEY=VALUE in either form -> {key: text}; the last of a key counts."""
    if isinstance(value, list):
        pairs = [(t.partition("=")[0], t.partition("=")[2] if "=" in t else None) for t in value if isinstance(t, str)]
    elif isinstance(value, dict):
        pairs = [(k, None if v is None else as_text(v)) for k, v in value.items()]
    else:
        return value
    return dict(pairs)


def as_text(value):
    """A typed scalar as Compose writes it into KEY=VALUE (merge.md 7.1)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value == int(value) and abs(value) < 1e6:
            return str(int(value)) if value or str(value)[0] != "-" else "-0"
        return re.sub(r"e([-+])(\d)$", r"e\g<1>0\2", re.sub(r"\.0e", "e", f"{value!r}" if abs(value) < 1e6 and abs(value) >= 1e-4 else f"{value:.17g}"))
    return str(value)


def first_difference(a, b, path=""):
    if type(a) is not type(b):
        return f"{path or '.'}: {json.dumps(a)[:120]} against {json.dumps(b)[:120]}"
    if isinstance(a, dict):
        for k in sorted(set(a) | set(b)):
            if k not in a or k not in b:
                return f"{path}.{k}: only in the {'second' if k not in a else 'first'}"
            found = first_difference(a[k], b[k], f"{path}.{k}")
            if found:
                return found
        return None
    if isinstance(a, list):
        if len(a) != len(b):
            return f"{path}: {json.dumps(a)[:120]} against {json.dumps(b)[:120]}"
        return next((d for i, (x, y) in enumerate(zip(a, b)) for d in [first_difference(x, y, f"{path}[{i}]")] if d), None)
    return None if a == b else f"{path}: {json.dumps(a)[:120]} against {json.dumps(b)[:120]}"


def same(what, a, b):
    found = first_difference(a, b)
    if found:
        raise Failure(f"{what}: {found}")


def same_bytes(what, got, want):
    if got != want:
        at = next((i for i, (x, y) in enumerate(zip(got, want)) if x != y), min(len(got), len(want)))
        line = want[:at].count(b"\n") + 1
        raise Failure(f"{what}: line {line} differs: {got[max(0, at - 30):at + 40]!r} where {want[max(0, at - 30):at + 40]!r} was")


def alone(r, case, names):
    for name in names:
        out, _ = r.text([name])
        same_bytes(f"merge -f {name}", out, open(os.path.join(r.directory, name), "rb").read())


def empty(r, case, names):
    if 0 in case.documents:
        raise Skip("several documents become one")
    r.text(names[:1])
    for body in (b"", b"# nothing\n", b"{}\n"):
        over, _ = r.text([names[0], r.write("empty.yml", body)])
        same_bytes(f"merge with {body!r}", over, open(os.path.join(r.directory, names[0]), "rb").read())


def stable(r, case, names):
    out, _ = r.text(names)
    again, _ = r.text([r.write("merged.out.yml", out)])
    same_bytes("the merged text merged alone", again, out)


def itself(r, case, names):
    r.plain(names[:1])
    r.plain([names[0], names[0]])
    r.repeats = False
    before = r.meaning(names[:1])
    if r.repeats:
        raise Skip("repeats")   # Compose drops the repeat that equals the base's entry, and the earlier one wins
    same("a laid over itself", r.meaning([names[0], names[0]]), before)


def groups(r, case, names):
    r.plain(names)
    step = r.write("step.yml", r.plain(names[:2]))
    r.plain([step, names[2]])
    same("merge(merge(a, b), c)", r.meaning([step, names[2]]), r.meaning(names))


def kept(r, case, names):
    """An edit is small: at most 2 lines an entry of the overrides (and 5) go, at most 1 (and 5) stand in none of the files."""
    files = [text_of(os.path.join(r.directory, n)) for n in names]
    merged = r.plain(names).decode("utf8").removeprefix("\ufeff").splitlines()
    weight = sum(1 + l.count(",") for f in files[1:] for l in f if l.strip() and not l.strip().startswith("#"))
    gone = 0
    for op, a, b, _, _ in difflib.SequenceMatcher(None, files[0], merged, autojunk=False).get_opcodes():
        if op in ("delete", "replace"):
            part = [l for l in files[0][a:b] if l.strip()]
            gone += len(part)
            if part and all(l.strip().startswith("#") and l not in merged for l in part):
                raise Failure(f"line {a + 1} of {names[0]}, a comment, is gone: {part[0].strip()}")
    if gone > 5 + 2 * weight:
        raise Failure(f"{gone} lines of {names[0]} are gone; the overrides have {weight}")
    bare = re.compile(r"^[ -]+")
    written = {bare.sub("", l) for f in files for l in f}
    new = [l for l in merged if l.strip() and not l.strip().startswith("#") and bare.sub("", l) not in written]
    if len(new) > 5 + weight:
        raise Failure(f"{len(new)} lines stand in none of the files, for example {new[0].strip()}")


def text_of(path):
    data = open(path, "rb").read()
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if wide else "utf-8-sig").splitlines()


def comments(r, case, names):
    before = r.meaning(names)
    case.without_comments()
    for path, body in case.files().items():
        r.write(path, body)
    same("without comments", r.meaning(names), before)


PROPERTIES = [alone, empty, stable, itself, groups, kept, comments]
CALM = (itself, groups, kept)


def ask(index):
    """All properties of case number index -> (held, not asked, failures)"""
    o, r, table = STATE
    held, skipped, failures = [], [], []
    wild = generate.Case(table, f"properties-{o.seed}", index)
    calm = generate.Case(table, f"properties-{o.seed}", index, calm=True)
    for prop in PROPERTIES:
        case = calm if prop in CALM else wild
        r.directory = os.path.join(tempfile.mkdtemp(prefix="cm-prop-"), "project")
        try:
            for path, body in case.files().items():
                os.makedirs(os.path.dirname(os.path.join(r.directory, path)), exist_ok=True)
                r.write(path, body)
            prop(r, case, case.names())
            held.append(prop.__name__)
        except Skip as reason:
            skipped.append(f"{prop.__name__}: {reason}")
        except Failure as why:
            failures.append(f"FAIL {prop.__name__}, case {index}: {why}")
            if o.keep:
                shutil.copytree(r.directory, os.path.join(o.keep, f"{index}-{prop.__name__}"), dirs_exist_ok=True)
        finally:
            shutil.rmtree(os.path.dirname(r.directory))
    return held, skipped, failures


def start(o, program):
    global STATE
    table = attrtable.load(o.table)
    STATE = o, Runner(program, table), table


def main():
    ap = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    ap.add_argument("n", nargs="?", type=int, default=300, metavar="N")
    ap.add_argument("--seed", default="1")
    ap.add_argument("--program", default=os.path.join(ROOT, "build", "release", "composemerge"))
    ap.add_argument("--table", help="the attr_dump program (default: tests/attr_dump beside the program)")
    ap.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    ap.add_argument("--only", type=int, metavar="I", help="ask case I alone")
    ap.add_argument("--keep", metavar="DIR", help="leave the files of failing cases there")
    o = ap.parse_args()
    o.table = o.table or os.path.join(os.path.dirname(os.path.abspath(o.program)), "tests", "attr_dump")
    passed, failures, skipped = collections.Counter(), [], collections.Counter()
    with tempfile.TemporaryDirectory(prefix="cm-program-") as kept_program:
        program = shutil.copy(o.program, kept_program)   # as it is now, should it be built anew meanwhile
        with multiprocessing.Pool(o.jobs, start, (o, program)) as pool:
            for held, not_asked, failed in pool.imap(ask, [o.only] if o.only is not None else range(o.n), chunksize=4):
                passed.update(held)
                skipped.update(not_asked)
                failures += failed
                for line in failed:
                    print(line, flush=True)
    print("held: " + ", ".join(f"{p.__name__} {passed[p.__name__]}" for p in PROPERTIES))
    print("not asked: " + ", ".join(f"{k} {n}" for k, n in sorted(skipped.items())))
    thin = [p.__name__ for p in PROPERTIES if o.only is None and o.n >= 100 and passed[p.__name__] < o.n / (4 if p in CALM else 2)]
    if thin:
        failures.append("thin")
        print(f"FAIL too few files to say anything about: {', '.join(thin)}")
    print(f"{sum(passed.values())} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
