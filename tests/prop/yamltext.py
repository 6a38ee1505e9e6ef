# SPDX-License-Identifier: MIT
"""YAML as a person writes it: a tree whose nodes know their style, and the writer of its text.

The random tests need every style that Compose and libyaml read alike, so the writer is told everything: quoting, flow,
anchors, tags, comments above, after and at the foot of a node, blank lines, block scalars.

    root = build({"services": {"web": {"image": "nginx", "ports": ["80:80"]}}})
    write(root, Habits())
"""
import re

TYPED = re.compile(
    r"|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|=|<<"
    r"|[-+]?(0[bB][01_]+|0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)"
    r"|[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*|[0-9][0-9_]*)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*")
PLAIN_BLOCK = re.compile(r"[A-Za-z0-9_./$~^(+][^\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029]*")
PLAIN_FLOW = re.compile(r"[A-Za-z0-9_./$^(+][^\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029,\[\]{}]*")


class Node:
    """What every node may carry besides its content."""
    def __init__(self):
        self.tag = None      # "!reset", "!override", "!!str" ...
        self.anchor = None
        self.above = []      # comment lines above the entry, each (indent or None, text)
        self.blank = 0       # blank lines above those
        self.after = None    # comment at the end of the line
        self.foot = []       # comments after the last entry of a collection

    def props(self):
        return "".join(p + " " for p in (self.anchor and "&" + self.anchor, self.tag) if p)

    def children(self):
        return []


class Scalar(Node):
    """A string (plain=False: the writer quotes where it must) or a typed plain text (plain=True: written as it is)."""
    def __init__(self, text, plain=False, style=None):
        super().__init__()
        self.text, self.plain, self.style = text, plain, style


class Alias(Node):
    def __init__(self, name):
        super().__init__()
        self.name = name


class Collection(Node):
    def __init__(self):
        super().__init__()
        self.flow = None     # None, "line" or "lines"


class Map(Collection):
    def __init__(self, items=()):
        super().__init__()
        self.items = [list(i) for i in items]   # [key, node]; key: str or Node

    def keys(self):
        return [key_text(k) for k, _ in self.items]

    def get(self, key):
        for k, v in self.items:
            if key_text(k) == key:
                return v
        return None

    def set(self, key, node):
        for item in self.items:
            if key_text(item[0]) == key:
                item[1] = node
                return node
        self.items.append([key, node])
        return node

    def drop(self, key):
        self.items = [i for i in self.items if key_text(i[0]) != key]

    def children(self):
        return [v for _, v in self.items]


class Seq(Collection):
    def __init__(self, items=()):
        super().__init__()
        self.items = list(items)

    def children(self):
        return self.items


def key_text(key):
    if isinstance(key, Alias):
        return "*" + key.name
    return key.text if isinstance(key, Scalar) else key


def plain(text):
    """A typed scalar as it stands: plain("0o17")."""
    return Scalar(text, plain=True)


def build(value):
    """Nodes of a Python value; strings are strings, other scalars plain."""
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        return Map((k, build(v)) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return Seq(build(v) for v in value)
    if isinstance(value, str):
        return Scalar(value)
    return plain({None: "", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, (int, float))
                 or isinstance(value, bool) else str(value))


def copy(node):
    """A deep copy without anchors: the content again, at another place."""
    if isinstance(node, Scalar):
        new = Scalar(node.text, node.plain, node.style)
    elif isinstance(node, Alias):
        new = Alias(node.name)
    elif isinstance(node, Map):
        new = Map((k, copy(v)) for k, v in node.items)
        new.flow = node.flow
    else:
        new = Seq(copy(v) for v in node.items)
        new.flow = node.flow
    new.tag = node.tag
    return new


def walk(node):
    yield node
    for child in node.children():
        yield from walk(child)


class Habits:
    """How one author writes."""
    def __init__(self):
        self.indent = 2
        self.dash_indent = 2         # 0: indentless sequences
        self.dash = "- "             # "-   ": wide dashes
        self.quote = '"'
        self.flow_pad = ""           # " " writes { a: 1 }
        self.newline = "\n"
        self.final_newline = True
        self.bom = False
        self.encoding = "utf-8"
        self.start = ""              # "---\n" or a directive and "---\n"
        self.between = "---\n"        # what separates documents
        self.blanks = False          # blanks at the end of some lines
        self.header = []             # comment lines before everything
        self.footer = []


def plain_ok(text, flow):
    """Whether the plain text reads back as this very string, by go-yaml and by libyaml."""
    if not text or text[-1] in " :" or ": " in text or " #" in text or "  " in text or TYPED.fullmatch(text):
        return False
    return bool((PLAIN_FLOW if flow else PLAIN_BLOCK).fullmatch(text))


def double_quoted(text):
    out = []
    for c in text:
        if c in '"\\':
            out.append("\\" + c)
        elif c == "\n":
            out.append("\\n")
        elif c == "\t":
            out.append("\\t")
        elif ord(c) < 32 or 0x7f <= ord(c) < 0xa0 or c == "\ufeff":
            out.append("\\x%02x" % ord(c) if ord(c) < 256 else "\\u%04x" % ord(c))
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


class Writer:
    def __init__(self, habits):
        self.h = habits
        self.lines = []

    def scalar(self, s, flow):
        if s.plain:
            return s.text if s.text or not flow else "null"
        text, style = s.text, s.style
        if style == "double" or "\n" in text or not text.isprintable():
            return double_quoted(text)
        if style == "single":
            return "'" + text.replace("'", "''") + "'"
        if plain_ok(text, flow) and style != "quoted":
            return text
        if self.h.quote == '"' and "\\" not in text and '"' not in text or "'" in text:
            return double_quoted(text)
        return "'" + text.replace("'", "''") + "'"

    def key(self, key, flow):
        if isinstance(key, Alias):
            return "*" + key.name + " "
        if isinstance(key, Scalar):
            return key.props() + self.scalar(key, flow)
        if key == "<<":
            return key
        return self.scalar(Scalar(key), flow)

    # -- flow

    def flow(self, node, indent):
        if isinstance(node, Alias):
            return "*" + node.name + " "
        props = node.props()
        if isinstance(node, Scalar):
            return props + self.scalar(node, True)
        parts = []
        if isinstance(node, Map):
            parts = [self.key(k, True) + ": " + self.flow(v, indent + self.h.indent) for k, v in node.items]
        else:
            parts = [self.flow(v, indent + self.h.indent) for v in node.items]
        ends = "{}" if isinstance(node, Map) else "[]"
        if not parts:
            return props + ends
        if node.flow == "lines":
            pad = "\n" + " " * (indent + self.h.indent)
            text = ends[0]
            for i, (part, child) in enumerate(zip(parts, node.children())):
                for where, comment in child.above:
                    text += pad + comment
                last = i == len(parts) - 1
                text += pad + part.rstrip(" ") + ("" if last and self.h.quote == '"' else ",")
                if child.after:
                    text += " " + child.after
            return props + text + "\n" + " " * indent + ends[1]
        pad = self.h.flow_pad
        return props + ends[0] + pad + ", ".join(p.rstrip(" ") if not p.startswith("*") else p for p in parts) + pad + ends[1]

    # -- block

    def comments(self, node, indent):
        self.lines += [""] * node.blank
        for where, text in node.above:
            self.lines.append(" " * (indent if where is None else where) + text)

    def value(self, head, node, indent):
        """Appends the lines of a value whose first line starts with `head`; indent is that of its parent's entries."""
        after = " " + node.after if node.after else ""
        if isinstance(node, Alias):
            self.lines.append(f"{head} *{node.name}{after}")
            return
        props = node.props()
        if isinstance(node, Scalar):
            self.scalar_lines(head, node, indent, props, after)
            return
        if not node.items or node.flow:
            text = self.flow(node, indent)
            self.lines += f"{head} {text}{after}".split("\n")
            return
        self.lines.append(f"{head} {props}".rstrip(" ") + after)
        if isinstance(node, Map):
            self.map(node, indent + self.h.indent)
        else:
            self.seq(node, indent + self.h.dash_indent)

    def scalar_lines(self, head, node, indent, props, after):
        style = None if node.plain else node.style
        deeper = " " * (indent + self.h.indent)
        if style == "literal" and node.text.strip("\n") and node.text[0] not in " \n\t":
            body = node.text.rstrip("\n")
            extra = len(node.text) - len(body)
            mark = "|" + ("-" if extra == 0 else "" if extra == 1 else "+")
            self.lines.append(f"{head} {props}{mark}{after}")
            self.lines += [deeper + l if l else "" for l in body.split("\n")] + [""] * (extra - 1)
            return
        if style in ("folded", "wrapped") and re.fullmatch(r"[!-~]+( [!-~]+)+", node.text) and not props:
            words = node.text.split(" ")
            lines = [" ".join(words[:len(words) // 2]), " ".join(words[len(words) // 2:])]
            if style == "folded":
                self.lines.append(f"{head} >-{after}")
                self.lines += [deeper + l for l in lines]
                return
            if '"' not in node.text and "\\" not in node.text:
                self.lines += [f'{head} "{lines[0]}', f'{deeper}{lines[1]}"{after}']
                return
        text = self.scalar(node, False)
        self.lines.append((f"{head} {props}{text}".rstrip(" ") if not text else f"{head} {props}{text}") + after)

    def map(self, node, indent):
        for key, value in node.items:
            self.comments(value, indent)
            if isinstance(key, Scalar) and key.style == "explicit":
                self.lines.append(" " * indent + "? " + self.scalar(Scalar(key.text), False))
                self.value(" " * indent + ":", value, indent)
            else:
                self.value(" " * indent + self.key(key, False) + ":", value, indent)
        for where, text in node.foot:
            self.lines.append(" " * (indent if where is None else where) + text)

    def seq(self, node, indent):
        for value in node.items:
            self.comments(value, indent)
            dash = " " * indent + self.h.dash.rstrip(" ")
            step = len(self.h.dash)
            inside = isinstance(value, Collection) and value.items and not value.flow
            if not inside:
                self.value(" " * indent + self.h.dash[:-1], value, indent)
                continue
            first = value.items[0][1] if isinstance(value, Map) else value.items[0]
            bare = bool(first.above or first.blank or value.after or value.props())
            if bare:
                self.lines.append(f"{dash} {value.props()}".rstrip(" ") + (" " + value.after if value.after else ""))
            start = len(self.lines)
            if isinstance(value, Map):
                self.map(value, indent + step)
            else:
                self.seq(value, indent + step)
            if not bare:
                self.lines[start] = " " * indent + self.h.dash + self.lines[start][indent + step:]
        for where, text in node.foot:
            self.lines.append(" " * (indent if where is None else where) + text)


def document(root, habits):
    """The text of one document, with LF line ends."""
    w = Writer(habits)
    if isinstance(root, Map) and root.items and not root.flow:
        w.map(root, 0)
    else:
        w.value("", root, 0)
        w.lines = [l[1:] if i == 0 else l for i, l in enumerate(w.lines)]
    return "\n".join(w.lines) + "\n"


def write(roots, habits):
    """The bytes of a file of one document or several."""
    text = "".join(l + "\n" for l in habits.header) + habits.start
    text += habits.between.join(document(r, habits) for r in roots)
    text += "".join(l + "\n" for l in habits.footer)
    if habits.blanks:
        text = "".join(l + "  " * (i % 2 and l.endswith(":")) + "\n" for i, l in enumerate(text.split("\n")[:-1]))
    if not habits.final_newline:
        text = text.rstrip("\n")
    text = text.replace("\n", habits.newline)
    return (("\ufeff" if habits.bom else "") + text).encode(habits.encoding)
