# SPDX-License-Identifier: MIT
"""The attribute table of the program under test, as build/VARIANT/tests/attr_dump prints it."""
import csv
import re
import subprocess


class Row:
    def __init__(self, fields):
        self.path, self.merge, self.identity = fields["path"], fields["merge"], fields["identity"]
        self.short, self.cast = fields["short"], fields["cast"]
        self.types = [] if fields["types"] == "-" else fields["types"].split("|")
        self.unique, self.required = fields["unique"] == "yes", fields["required"] == "yes"
        self.choices = [] if fields["choices"] == "-" else fields["choices"].split("|")
        self.minimum = None if fields["minimum"] == "-" else int(fields["minimum"])
        self.maximum = None if fields["maximum"] == "-" else int(fields["maximum"])


class Table:
    def __init__(self, lines):
        self.rows, self.below = {}, {}
        for fields in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            row = Row(fields)
            self.rows[row.path] = row
        for path in self.rows:
            parent, key = split(path)
            self.below.setdefault(parent, []).append(key)

    def keys(self, path):
        """The keys that a mapping at path may have; "*" for keys of the user's choice."""
        return [k for k in self.below.get(path, []) if k != "[]"]

    def row(self, path):
        return self.rows.get(path)

    def child(self, path, key):
        """The pattern of a key below the pattern `path`, or None where the table says nothing."""
        direct = f"{path}.{key}" if path else key
        if direct in self.rows:
            return direct
        star = f"{path}.*" if path else "*"
        return star if star in self.rows and not key.startswith("x-") else None

    def item(self, path):
        return path + "[]" if path + "[]" in self.rows else None


def split(path):
    """-> (parent, last step): "a.b[]" -> ("a.b", "[]"), "a.b" -> ("a", "b")"""
    if path.endswith("[]"):
        return path[:-2], "[]"
    head, _, last = path.rpartition(".")
    return head, last


def load(program):
    """The table from a dump program, or from a file that holds what it printed."""
    if program.endswith(".tsv"):
        return Table(open(program, encoding="utf8").read().splitlines())
    return Table(subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines())


def container(path):
    """The path with services, jobs and pre_start hooks folded into one: "S.ports[]"."""
    path = re.sub(r"^(services|jobs)\.\*\.", "S.", path)
    path = re.sub(r"^S\.pre_start\[\]\.", "S.", path)
    return path.replace("S.x-develop", "S.develop").replace("watch[].x-initialSync", "watch[].initial_sync")
