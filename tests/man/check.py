#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold man/composemerge.1 against the program.

usage: check.py [--update] [-v] --program PROGRAM --tables PROGRAM MANUAL

1. Between the lines `.\\" generated: NAME` and `.\\" end` stands what the tables say (the output of tests/man/tables.c):
   the option lists, the commands, the diagnostic codes, the version. --update writes them.
2. Every example under EXAMPLES is run. A display holds commands (`$ ...`) and what they print, both streams together:

       $ cat base.yml                          the first time: makes base.yml, with the lines below it
       $ composemerge -f base.yml -f prod.yml  runs; the lines below it must come back

   All examples run one after the other in one empty folder; a file is there from the example that shows it on.

The last line printed is 'N passed, N failed'; exits 1 where something failed.
"""
import argparse, difflib, os, re, subprocess, sys, tempfile, textwrap

COMMAND = "composemerge"


def escape(text):
    """Text as one mdoc text line's content."""
    text = text.replace("\\", "\\e")
    return "\\&" + text if text[:1] in (".", "'") else text


def paragraph(text):
    """A help text as mdoc source: a sentence begins on a line of its own, no line is too long."""
    text = text[0].upper() + text[1:]
    if text[-1] not in ".?!":
        text += "."
    lines = []
    for sentence in re.split(r"(?<=[.?!]) (?=[A-Z])", text):
        lines += textwrap.wrap(sentence, 76, break_long_words=False, break_on_hyphens=False)
    return [escape(line) for line in lines]


class Tables:
    def __init__(self, program):
        rows = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        self.rows = [row.split("\t") for row in rows]

    def of(self, kind):
        return [row[1:] for row in self.rows if row[0] == kind]

    def options(self, where):
        """A subsection for each group."""
        lines, group = [], None
        for place, heading, letter, name, argument, choices, help_text in self.of("option"):
            if place != where:
                continue
            if heading != group:
                lines += [".El"] if group else []
                lines += [".Ss " + heading, ".Bl -tag -width Ds"]
                group = heading
            flag = (f"Fl {letter} , " if letter else "") + "Fl -" + name
            lines.append(".It " + flag + (f" Ar {argument}" if argument else ""))
            words = choices.split()
            if words:
                help_text += " (" + ", ".join(words[:-1]) + " or " + words[-1] + ")"
            lines += paragraph(help_text)
        return lines + [".El"]

    def generated(self, name):
        if name.startswith("options of "):
            return self.options(name[len("options of "):])
        if name == "commands":
            lines = [".Bl -tag -width Ds"]
            for word, summary in self.of("command"):
                lines += [".It Cm " + word] + paragraph(summary)
            return lines + [".El"]
        if name == "codes":
            lines = [".Bl -tag -width Ds"]
            for word, help_text in self.of("code"):
                lines += [".It Li " + word] + paragraph(help_text)
            return lines + [".El"]
        raise SystemExit(f"check.py: nothing is called '{name}'")


def parts(lines):
    """(name, first, end) of each generated part: lines[first:end] lies between the marks."""
    start = None
    for i, line in enumerate(lines):
        if line.startswith('.\\" generated: '):
            name, start = line[len('.\\" generated: '):], i + 1
        elif line == '.\\" end' and start is not None:
            yield name, start, i
            start = None
    if start is not None:
        raise SystemExit(f"check.py: '{name}' has no end")


def update(path, tables):
    lines = open(path, encoding="utf8").read().split("\n")
    for name, first, end in reversed(list(parts(lines))):
        lines[first:end] = tables.generated(name)
    open(path, "w", encoding="utf8").write("\n".join(lines))


class Report:
    def __init__(self, verbose):
        self.passed = self.failed = 0
        self.verbose = verbose

    def compare(self, what, want, got):
        if want == got:
            self.passed += 1
            if self.verbose:
                print("ok", what)
            return
        self.failed += 1
        print("FAILED", what)
        print("\n".join(difflib.unified_diff(want, got, "manual", "program", lineterm="")))


def check_tables(lines, tables, report):
    names = set()
    for name, first, end in parts(lines):
        names.add(name)
        report.compare(name, lines[first:end], tables.generated(name))
    wanted = {"commands", "codes", "options of global"}
    wanted |= {"options of " + row[0] for row in tables.of("command")}
    report.compare("generated parts", sorted(names), sorted(wanted))
    shown = [line for line in lines if line.startswith(".Os ")]
    report.compare("version", shown, [f".Os {COMMAND} {tables.of('version')[0][0]}"])


def plain(line):
    """What a line of a literal display shows."""
    return line.replace("\\&", "").replace("\\-", "-").replace("\\(dq", '"').replace("\\e", "\\")


def examples(lines):
    """(command, lines it prints) of the section EXAMPLES."""
    section, display, found = None, False, []
    for line in lines:
        if line.startswith(".Sh "):
            section = line[4:]
        elif section == "EXAMPLES" and line.startswith(".Bd"):
            display = True
        elif line == ".Ed":
            display = False
        elif display and line.startswith("$ "):
            found.append((plain(line[2:]), []))
        elif display and found:
            found[-1][1].append(plain(line))
    for _, printed in found:  # the blank line before the next command is layout
        while printed and not printed[-1]:
            printed.pop()
    return found


def run_examples(lines, program, report):
    with tempfile.TemporaryDirectory() as scratch:
        folder, bin_folder = os.path.join(scratch, "work"), os.path.join(scratch, "bin")
        os.mkdir(folder)
        os.mkdir(bin_folder)
        os.symlink(os.path.abspath(program), os.path.join(bin_folder, COMMAND))
        env = {"PATH": bin_folder + ":/usr/bin:/bin", "HOME": scratch, "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                env[name] = os.environ[name]
        for command, wanted in examples(lines):
            shown = re.fullmatch(r"cat ([\w./-]+)", command)
            path = os.path.join(folder, shown.group(1)) if shown else None
            if path and not os.path.exists(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                open(path, "w", encoding="utf8").write("".join(line + "\n" for line in wanted))
                continue
            got = subprocess.run(["sh", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
            report.compare("$ " + command, wanted, got.stdout.decode("utf8", "replace").splitlines())


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1][7:], description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("-v", dest="verbose", action="store_true")
    parser.add_argument("--program", required=True)
    parser.add_argument("--tables", required=True)
    parser.add_argument("manual")
    args = parser.parse_args()
    tables, report = Tables(args.tables), Report(args.verbose)
    if args.update:
        update(args.manual, tables)
    lines = open(args.manual, encoding="utf8").read().split("\n")
    check_tables(lines, tables, report)
    run_examples(lines, args.program, report)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
