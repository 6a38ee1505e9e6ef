#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold compose-loop against docker-compose: the same text, or a refusal by both.

usage: loop_check.py [--cases DIR]... [--bin build/peers]

Each case of the given conformance folders is loaded three ways (whole as YAML, normalised as JSON, and with env files
resolved), by both programs. The last line is 'N passed, N failed'.
"""
import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ENV = {"PATH": "/usr/bin:/bin", "HOME": "/home/user"}
WAYS = [
    ({"profiles": ["*"], "all": True, "no_normalize": True, "no_env": True},
     ["--profile", "*", "--all-resources"], ["--no-normalize", "--no-env-resolution", "--format", "yaml"]),
    ({"format": "json"}, [], ["--format", "json"]),
    ({"profiles": ["*"], "all": True, "format": "json"}, ["--profile", "*", "--all-resources"], ["--format", "json"]),
]


def cases(tops):
    for top in tops:
        for folder, dirs, names in sorted(os.walk(top)):
            dirs[:] = [d for d in dirs if d != "expected"]
            if "args" not in names or "stdin" in names or "cwd" in names:
                continue
            env = dict(ENV)
            if "env" in names:
                for line in open(os.path.join(folder, "env"), encoding="utf8"):
                    key, sep, value = line.rstrip("\n").partition("=")
                    if sep and not key.startswith("#"):
                        env[key] = value
            for line in open(os.path.join(folder, "args"), encoding="utf8"):
                line = line.strip()
                if line and not line.startswith("#"):
                    head, sep, tail = line.partition(": ")
                    if sep and not head.startswith("-") and " " not in head:
                        line = tail
                    yield folder, line.partition("|")[0].strip(), env


def request(options):
    """The options as a request, or None where they hold one that the loop does not have."""
    words, req = shlex.split(options), {"files": []}
    plain = {"-p": "name", "--project-name": "name", "--project-directory": "project_directory"}
    many = {"-f": "files", "--file": "files", "--env-file": "env_files", "--profile": "profiles"}
    while words:
        name, sep, value = words.pop(0).partition("=")
        if name == "--all-resources":
            req["all"] = True
            continue
        if name not in plain and name not in many:
            return None
        value = value if sep else words.pop(0)
        if name in plain:
            req[plain[name]] = value
        else:
            req.setdefault(many[name], []).append(value)
    return req


def main():
    ap = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    ap.add_argument("--cases", action="append", default=[])
    ap.add_argument("--bin", default=os.path.join(HERE, "..", "..", "build", "peers"))
    o = ap.parse_args()
    real, loop = (os.path.abspath(os.path.join(o.bin, p)) for p in ("docker-compose", "compose-loop"))
    child = subprocess.Popen([loop], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    passed = failed = models = 0
    for folder, options, env in cases(o.cases):
        req = request(options)
        if req is None:
            continue
        with tempfile.TemporaryDirectory() as tmp:
            here = os.path.join(os.path.realpath(tmp), os.path.basename(folder))
            shutil.copytree(folder, here, symlinks=True)
            for extra, before, after in WAYS:
                p = subprocess.run([real, *before, *shlex.split(options), "config", *after], cwd=here, env=env, capture_output=True)
                ask = {**req, **extra, "dir": here, "env": env}
                ask["profiles"] = req.get("profiles", []) + extra.get("profiles", [])
                child.stdin.write(json.dumps(ask).encode() + b"\n")
                child.stdin.flush()
                got = json.loads(child.stdout.readline())
                same = bool(got.get("error")) if p.returncode else not got.get("error") and got["out"].encode() == p.stdout
                passed, failed, models = passed + same, failed + (not same), models + (p.returncode == 0)
                if not same:
                    said = [l for l in p.stderr.decode("utf8", "replace").splitlines() if not l.startswith("time=")]
                    print(f"FAIL {folder} {options}: exit {p.returncode} {said[-1:]} against {str(got)[:300]}")
    print(f"{models} models; {passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
