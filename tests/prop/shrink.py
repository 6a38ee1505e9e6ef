# SPDX-License-Identifier: MIT
"""Makes a failing set of files small: greedy removal of files, blocks of lines, flow items and comments while it still fails."""
import re
import time


def shrink(files, names, still_fails, seconds=60):
    """files: path -> bytes; names: the -f files, in order. still_fails(files, names) -> bool. -> (files, names)"""
    until = time.time() + seconds
    state = {"files": dict(files), "names": list(names)}

    def attempt(new_files, new_names=None):
        if time.time() > until:
            return False
        new_names = state["names"] if new_names is None else new_names
        if still_fails(new_files, new_names):
            state["files"], state["names"] = new_files, new_names
            return True
        return False

    for name in reversed(list(names[1:])):
        if len(state["names"]) > 2:
            attempt({p: b for p, b in state["files"].items() if p != name}, [n for n in state["names"] if n != name])
    for path in list(state["files"]):
        if path not in state["names"]:
            attempt({p: b for p, b in state["files"].items() if p != path})
    for path in list(state["files"]):
        for change in (as_utf8, lambda b: b.replace(b"\r\n", b"\n"), lambda b: b.rstrip(b"\n") + b"\n", without_comments, without_blank_lines):
            new = change(state["files"][path])
            if new != state["files"][path]:
                attempt({**state["files"], path: new})
    before = None
    while before != state["files"] and time.time() < until:
        before = state["files"]
        for path in sorted(state["files"], key=lambda p: -len(state["files"][p])):
            blocks(path, state, attempt)
            flow_items(path, state, attempt)
            small_things(path, state, attempt)
    return state["files"], state["names"]


def as_utf8(data):
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def without_comments(data):
    return b"".join(l for l in data.splitlines(True) if not l.lstrip().startswith(b"#"))


def without_blank_lines(data):
    return b"".join(l for l in data.splitlines(True) if l.strip())


def indent(line):
    return len(line) - len(line.lstrip(b" ")) if line.strip() else 10 ** 6


def is_dash(line):
    return line.lstrip(b" ").startswith((b"- ", b"-\n"))


def block_end(lines, i):
    """The line after the block that line i opens: deeper lines, and dashes at its own column."""
    end, column = i + 1, indent(lines[i])
    while end < len(lines) and (indent(lines[end]) > column or indent(lines[end]) == column and is_dash(lines[end]) and not is_dash(lines[i])):
        end += 1
    if lines[i].rstrip().endswith((b"[", b"{")) and end < len(lines) and lines[end].lstrip(b" ").startswith((b"]", b"}")):
        end += 1
    return end


def blocks(path, state, attempt):
    """Each line with what it opens: out, the large ones first."""
    data = state["files"][path]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return
    lines, i = data.splitlines(True), 0
    while i < len(lines):
        end = block_end(lines, i)
        tries = [lines[:i] + lines[end:], lines[:i] + lines[i + 1:]]
        if is_dash(lines[i]) and i + 1 < len(lines) and not is_dash(lines[i + 1]):
            dash = lines[i][:len(lines[i]) - len(lines[i].lstrip(b" -"))]
            tries.append(lines[:i] + [dash + lines[i + 1].lstrip(b" ")] + lines[i + 2:])
        for new in tries:
            if attempt({**state["files"], path: b"".join(new)}):
                lines = new
                break
        else:
            i += 1


def flow_items(path, state, attempt):
    """Items of flow collections, where a comma or a bracket ends them."""
    tried = 0
    while tried < 60:
        data = state["files"][path]
        item = rb"(?:[^\[\]{},\n]|\[\]|\{\})"
        spans = [m.span() for m in re.finditer(rb"(?<=[\[{,])%s*,|,%s*(?=[\]}])|(?<=[\[{])%s+(?=[\]}])" % (item, item, item), data)]
        for a, b in spans[::-1]:
            tried += 1
            if attempt({**state["files"], path: data[:a] + data[b:]}):
                break
        else:
            return


def small_things(path, state, attempt):
    """Comments after values, anchors, blanks."""
    for pattern, into in ((rb" +#[^\n]*", b""), (rb"&[\w.-]+ ?", b""), (rb"^---[^\n]*\n", b""), (rb" +$", b"")):
        at = 0
        while True:
            data = state["files"][path]
            m = re.compile(pattern, re.M).search(data, at)
            if not m:
                break
            if not attempt({**state["files"], path: data[:m.start()] + into + data[m.end():]}):
                at = m.end() if m.end() > m.start() else m.end() + 1
