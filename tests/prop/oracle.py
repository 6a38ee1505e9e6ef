# SPDX-License-Identifier: MIT
"""Docker Compose as a loop: build/peers/compose-loop (tests/peers) asked through its pipes, started again when it dies."""
import json
import re
import select
import subprocess

WHOLE = {"profiles": ["*"], "all": True, "no_normalize": True, "no_env": True}
CANONICAL = {"profiles": ["*"], "all": True, "format": "json"}


class Oracle:
    def __init__(self, program, patience=20):
        self.program, self.patience, self.child = program, patience, None

    def start(self):
        self.child = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.rest = b""

    def stop(self):
        if self.child:
            self.child.kill()
            self.child.wait()
            self.child = None

    def ask(self, directory, files, env, way=None):
        """-> (text, None) or (None, why it was refused)"""
        if not self.child:
            self.start()
        request = {"dir": directory, "files": files, "env": env, **(way or WHOLE)}
        try:
            self.child.stdin.write(json.dumps(request).encode() + b"\n")
            line = self.line()
        except OSError:
            line = None
        if line is None:
            self.stop()
            return None, "the oracle crashed or hung"
        answer = json.loads(line)
        if answer.get("error"):
            return None, answer["error"]
        return stable(answer["out"]), None

    def line(self):
        """One line of its output, or None when it died or took too long."""
        parts = [self.rest]
        while b"\n" not in parts[-1]:
            ready, _, _ = select.select([self.child.stdout], [], [], self.patience)
            data = self.child.stdout.read(1 << 20) if ready else b""
            if not data:
                return None
            parts.append(data)
        line, _, self.rest = b"".join(parts).partition(b"\n")
        return line


def stable(text):
    """The order of build.ssh in YAML varies from run to run (merge.md 8, row 34): sorted."""
    if "ssh:" not in text:
        return text
    return re.sub(r"^( *)ssh:\n((?:\1 *- .*\n)+)", lambda m: f"{m[1]}ssh:\n" + "".join(sorted(m[2].splitlines(True))), text, flags=re.M)
