#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random pairs and triples of Compose files, the same for the same seed.

usage: generate.py --table build/release/tests/attr_dump --seed S --index I [--out DIR]    writes or prints one case

A case is made in steps: each layer gets services, jobs and resources with a few random attributes and some that this
case is about (so that every row of the table has its turn); constructs of merge.md 9.2 are laid over (constructs.py);
what is referred to gets declared; then layers are dressed: nulls, tags, anchors and aliases, comments, styles, line ends.
"""
import argparse
import os
import random
import re

import attrtable
import constructs
import values
from values import JOBS, LEAVES, RESOURCES, SERVICES, VARIABLES, Values
from yamltext import Alias, Collection, Habits, Map, Scalar, Seq, build, copy, key_text, plain, walk, write

# Attributes whose alternatives exclude one another in a valid model: the first one met in a case wins.
EXCLUSIVE = {
    "S.network_mode": ("net", 1), "S.networks": ("net", 2), "S.scale": ("count", 1), "S.deploy.replicas": ("count", 2),
    "S.container_name": ("count", 3), "S.cpus": ("res", 1), "S.mem_limit": ("res", 1), "S.pids_limit": ("res", 1),
    "S.mem_reservation": ("res", 1), "S.deploy.resources": ("res", 2), "S.build.dockerfile": ("file", 1),
    "S.build.dockerfile_inline": ("file", 2), "S.gpus[].count": ("gpu", 1), "S.gpus[].device_ids": ("gpu", 2),
    "S.deploy.resources.reservations.devices[].count": ("gpu2", 1), "S.deploy.resources.reservations.devices[].device_ids": ("gpu2", 2),
}
POPULAR = ["image", "ports", "volumes", "environment", "depends_on", "networks", "labels", "command", "healthcheck", "logging", "deploy",
           "build", "env_file", "secrets", "configs", "extra_hosts", "ulimits", "cap_add", "restart", "user", "profiles", "expose", "tmpfs",
           "dns", "entrypoint", "working_dir", "hostname", "privileged", "mem_limit", "links", "develop", "sysctls", "group_add", "devices"]
COMMENTS = ["# why this is so", "#no blank", "# TODO: raise it", "#", "# - \"80:80\"", "# image: old", "# \u00fcber", "## part", "# see README: 4", "# } ] {"]
LAYER_FILES = ["a.yml", "b.yml", "c.yml"]


class Case(Values):
    def __init__(self, table, seed, index, tags=True, construct=None, calm=False):
        """calm: three files without tags, extends, include, odd forms and constructs, about fewer rows."""
        self.rng = random.Random(f"{seed}-{index}")
        self.table, self.seed, self.index = table, seed, index
        self.with_tags, self.calm = tags and not calm, calm
        self.refs, self.locks, self.variables = {}, {}, {}
        self.extra = {}            # further files: path -> Map, or bytes
        self.constructs = []       # numbers of merge.md 9.2 that were laid over
        self.marks = set()         # other things worth counting
        self.service, self.resource_name = SERVICES[0], ""
        self.remark_count = 0
        self.included, self.pinned = set(), set()
        self.first = "sub/" if self.chance(0.02) else ""   # folder of the first file
        self.output = None         # where C goes when not beside the first file
        self.required = []         # variables with ${X:?}
        self.layers = [Map() for _ in range(3 if self.chance(0.3) or calm else 2)]
        self.documents = {}        # layer -> list of roots after the first
        self.start = {}            # layer -> directive
        self.layer = 0
        self.fill()
        if not calm:
            self.lay_constructs(construct)
        self.finish_services()
        self.declare()
        self.dress()
        self.layer_habits = [self.habits() for _ in self.layers]
        self.extra_habits = {path: self.habits() for path in self.extra}

    # -- what values.py asks for

    def allowed(self, path):
        if self.calm and path.startswith("services.*.x-develop"):
            return False
        rule = EXCLUSIVE.get(attrtable.container(path))
        return not rule or self.locks.setdefault(rule[0], rule[1]) == rule[1]

    def note_variable(self, cls):
        name = cls.upper() + self.pick("12")
        self.variables[name] = cls
        if cls == "net":
            for n in VARIABLES["net"][0] + VARIABLES["net"][1]:
                self.ref("networks", n)
        if cls == "model":
            self.ref("models", "llm"), self.ref("models", "embed")
        if cls == "svc":
            for n in LEAVES:
                self.need_service(n)
        return name

    def need_service(self, name):
        self.refs.setdefault("services", {})[name] = True
        return name

    # -- trees

    def top(self, layer, key):
        root = self.layers[layer]
        found = root.get(key)
        return found if isinstance(found, Map) else root.set(key, Map())

    def svc(self, layer, name, kind="services"):
        """The mapping of a service in a layer, made when missing."""
        services = self.top(layer, kind)
        found = services.get(name)
        return found if isinstance(found, Map) else services.set(name, Map())

    # -- step 1: attributes

    def fill(self):
        rows = self.turn()
        main = self.pick(SERVICES[:3])
        other = self.pick([s for s in SERVICES if s != main])
        job = self.pick(JOBS)
        wants = [{} for _ in self.layers]   # layer -> (section, name) -> rows
        named = {}
        dotted = self.chance(0.03)
        for row in rows:
            section = re.split(r"[.\[]", row)[0]
            if section in ("services", "jobs"):
                entity = (section, job if section == "jobs" else main)
            elif section in RESOURCES:
                key = (re.split(r"[.\[]", row) + ["", "", ""])[2]
                names = [n for n, only in RESOURCES[section].items() if (key in only if only and key else only is None or not key) and (only or key != "external")]
                entity = (section, named.setdefault((section, row.split(".")[2] if row.count(".") > 1 else ""), self.pick(names or list(RESOURCES[section]))))
                self.ref(section, entity[1])
            else:
                self.want_top(row)
                continue
            places = [i for i in range(len(self.layers)) if self.chance(0.75)] or [self.rng.randrange(len(self.layers))]
            for i in places:
                wants[i].setdefault(entity, []).append(row)
        for i, want in enumerate(wants):
            self.layer = i
            want.setdefault(("services", main), [])
            if self.chance(0.5):
                want.setdefault(("services", other), [])
            if dotted and self.chance(0.7):
                want[("services", "my.svc")] = []
            for entity in self.rng.sample(list(want), len(want)):
                self.entity(i, *entity, want[entity])
        if self.chance(0.5):
            self.layers[0].set("name", self.gen("name"))
        if self.chance(0.1):
            self.layers[-1].set("name", self.gen("name"))

    def turn(self):
        """The rows this case is about: each row of the table has its turn."""
        rows = list(self.table.rows)
        order = random.Random(f"{self.seed}-rows-{self.index // 100}")
        order.shuffle(rows)
        count = 3 if self.calm else 10
        start = self.index % 100 * count
        return [rows[(start + k) % len(rows)] for k in range(count)]

    def want_top(self, row):
        if row == "name":
            self.layers[self.rng.randrange(len(self.layers))].set("name", self.gen("name"))
        elif row == "version":
            self.layers[self.rng.randrange(len(self.layers))].set("version", self.gen("version"))
        elif row.startswith("include"):
            self.constructs.append(("include", row))

    def entity(self, layer, section, name, rows):
        path = f"{section}.*"
        self.service = name if section == "services" else LEAVES[0]
        inner = [r for r in rows if r.startswith(path + ".") and not r.startswith(path + ".extends")]
        if any(r.startswith(path + ".extends") for r in rows):
            self.constructs.append(("extends", [r for r in rows if ".extends" in r][0]))
        old = self.top(layer, section).get(name)
        only = RESOURCES[section][name] if section in RESOURCES else None
        self.resource_name = name
        if section in RESOURCES:
            node = self.gen_map(path, inner, only=only, extra=self.rng.randint(0, 1))
            if only and not any(isinstance(l.get(section), Map) and isinstance(l.get(section).get(name), Map) and l.get(section).get(name).get(only[0])
                                for l in self.layers[:layer + 1]):
                node.set(only[0], self.gen(f"{path}.{only[0]}"))
        else:
            popular = [a for a in POPULAR if f"{path}.{a}" in self.table.rows]
            inner += [f"{path}.{a}" for a in self.some(popular, 1, 4)]
            node = self.gen_map(path, inner, extra=self.rng.choices([0, 1], [80, 20])[0])
            if self.chance(0.12):
                node.set("x-note", self.extension(kind="scalar"))
        if isinstance(old, Map):
            for key, value in old.items:
                node.set(key, value)
        self.top(layer, section).set(name, node)

    def extension(self, depth=0, kind=None):
        """A value of an x- key; one kind a key, so that layers do not clash."""
        r = {"scalar": self.rng.random() * 0.5, "list": 0.6, "map": 0.8, None: self.rng.random()}[kind]
        if r < 0.35:
            return self.styled(self.pick(values.TEXTS + values.WORDS))
        if r < 0.5:
            return plain(self.pick(values.TYPED))
        if r < 0.65 and depth < 3:
            return Seq(self.extension(depth + 1) for _ in range(self.rng.randint(0, 3)))
        if r < 0.9 and depth < 3:
            return Map((k, self.extension(depth + 1)) for k in self.some(["a", "b", "c d", "x-e", "", "k.1"], 0, 3)) if kind is None else \
                Map((k, self.extension(depth + 1, kind=k)) for k in self.some(["scalar", "list", "map"], 0, 3))
        return self.styled(self.inside("", "word", "", default="d"))

    # -- step 2

    def lay_constructs(self, forced):
        numbers = []
        for kind in self.constructs:
            numbers.append(kind)
        self.constructs = []
        every = list(constructs.ALL)
        if forced:
            numbers.append((forced, None))
        elif self.chance(0.6):
            numbers.append((every[self.index % len(every)] if self.chance(0.9) else self.pick(every), None))
        for number, row in numbers:
            self.service = SERVICES[0]
            if number == "include":
                constructs.include_forms(self, row)
            elif number == "extends":
                constructs.extends_forms(self, row)
            else:
                constructs.ALL[number](self)
                self.constructs.append(number)

    def finish_services(self):
        """Every service gets an image or a build, in the layer that first names it (or, rarely, later)."""
        for name in list(self.refs.get("services", {})):
            if not any(name in (l.get("services").keys() if isinstance(l.get("services"), Map) else []) for l in self.layers):
                layer = 0 if self.chance(0.8) else self.rng.randrange(len(self.layers))
                self.svc(layer, name).set("image", self.gen("services.*.image"))
        for section in ("services", "jobs"):
            seen = {}
            for i, layer in enumerate(self.layers):
                found = layer.get(section)
                for name, body in (found.items if isinstance(found, Map) else []):
                    name = key_text(name)
                    seen.setdefault(name, []).append(i)
            for name, where in seen.items():
                bodies = [self.layers[i].get(section).get(name) for i in where]
                if any(isinstance(b, Map) and (b.get("image") or b.get("build") or b.get("extends") or b.get("provider")) for b in bodies) or name in self.included:
                    continue
                at = where[-1] if self.chance(0.1) else where[0]
                body = self.svc(at, name, section)
                body.items.insert(self.rng.randint(0, len(body.items)), ["image", self.gen("services.*.image")])

    def declare(self):
        """Top-level entries for what is referred to and not declared."""
        for kind, names in self.refs.items():
            if kind == "services":
                continue
            for name in names:
                only = RESOURCES.get(kind, {}).get(name)
                bodies = [l.get(kind).get(name) for l in self.layers if isinstance(l.get(kind), Map) and name in l.get(kind).keys()]
                main = only[0] if only else "model" if kind == "models" else None
                if bodies and (not main or any(isinstance(b, Map) and b.get(main) for b in bodies)):
                    continue
                layer = 0 if self.chance(0.8) or main else self.rng.randrange(len(self.layers))
                if main:
                    first = next((i for i, l in enumerate(self.layers) if isinstance(l.get(kind), Map) and name in l.get(kind).keys()), layer)
                    body = self.top(min(first, layer), kind).get(name)
                    if not isinstance(body, Map):
                        body = self.top(min(first, layer), kind).set(name, Map())
                    self.resource_name = name
                    body.items.insert(0, [main, self.gen(f"{kind}.*.{main}")])
                else:
                    self.top(layer, kind).set(name, self.pick([plain(""), plain(""), Map()]))

    # -- step 3

    def dress(self):
        for i, root in enumerate(self.layers):
            if self.chance(0.25):
                kind = self.pick(["map", "list", "scalar"])
                root.set("x-" + kind, self.extension(kind=kind))
            if i in self.pinned:
                continue
            self.rng.shuffle(root.items)
            for section in ("services", "jobs", *RESOURCES):
                body = root.get(section)
                if isinstance(body, Map):
                    self.rng.shuffle(body.items)
                    if not body.items and section in ("services", "jobs") and i == 0:
                        root.drop(section)
        for i in range(1, len(self.layers)):
            if self.chance(0.2):
                self.nulls(i)
            if self.chance(0.12) and not self.calm:
                self.odd_forms(i)
            if self.chance(0.15):
                self.empties(i)
            if self.chance(0.15):
                self.repeat_base(i)
        if self.with_tags:
            for i in range(len(self.layers)):
                if self.chance(0.3 if i else 0.04):
                    self.tags(i)
        for i, root in enumerate(self.layers):
            if i not in self.documents and self.chance(0.05) and not self.calm:
                self.split_documents(i)
        roots = [r for i, l in enumerate(self.layers) for r in [l, *self.documents.get(i, [])]] + [f for f in self.extra.values() if isinstance(f, Map)]
        for root in roots:
            if self.chance(0.35):
                self.anchors(root)
            self.flows(root)
            if self.chance(0.6):
                self.remarks(root)

    def base_attrs(self, layer):
        """(section, name, body below the layer, attribute) of what lower layers have."""
        for i in range(layer):
            for section in ("services", "jobs", *RESOURCES):
                found = self.layers[i].get(section)
                for name, body in (found.items if isinstance(found, Map) else []):
                    if isinstance(body, Map):
                        for key, value in body.items:
                            yield section, key_text(name), key_text(key), value

    def nulls(self, layer):
        found = [f for f in self.base_attrs(layer) if f[2] not in ("logging", "healthcheck", "extends", "ulimits", "<<", "external")]
        for section, name, key, _ in self.rng.sample(found, min(len(found), self.rng.randint(1, 2))):
            body = self.svc(layer, name, section)
            if body.get(key) is None:
                body.set(key, plain(self.pick(["", "null", "~"])))
                self.marks.add("null over a value")

    def empties(self, layer):
        found = [f for f in self.base_attrs(layer) if isinstance(f[3], (Map, Seq)) and f[2] not in ("build", "<<", "ipam", "logging", "credential_spec", "provider", "extends", "triggers")]
        for section, name, key, value in self.rng.sample(found, min(len(found), 1)):
            body = self.svc(layer, name, section)
            if body.get(key) is None:
                body.set(key, type(value)())
                self.marks.add("empty over a value")

    def repeat_base(self, layer):
        """The override says again what the base says."""
        found = list(self.base_attrs(layer))
        for section, name, key, value in self.rng.sample(found, min(len(found), self.rng.randint(1, 3))):
            body = self.svc(layer, name, section)
            if body.get(key) is None and key not in ("extends", "<<"):
                body.set(key, copy(value))
                self.marks.add("repeated value")

    def odd_forms(self, layer):
        """Forms that Compose refuses alone but takes in an override (merge.md 8, rows 13-15)."""
        found = list(self.base_attrs(layer))
        self.rng.shuffle(found)
        for section, name, key, value in found:
            path = f"{section}.*.{key}"
            row = self.table.row(path)
            body = self.svc(layer, name, section) if row else None
            if not row or body.get(key) is not None:
                continue
            if row.merge == "key-value":
                body.set(key, self.pick([Scalar("FOO=odd"), plain("5"), plain("true")]))
            elif row.merge == "depends" and self.refs.get("services"):
                body.set(key, Scalar(self.need_service("cache")))
            elif row.merge == "names" and key == "networks":
                body.set(key, Scalar("front"))
                self.ref("networks", "front")
                self.declare()
            elif row.merge == "strings" and key != "env_file":
                body.set(key, plain("5"))
            else:
                continue
            self.marks.add("odd form")
            return

    # -- tags

    def tags(self, layer):
        for _ in range(self.rng.randint(1, 2)):
            places = list(self.places(self.layers[layer], ""))
            base = [p for i in range(layer) for p in self.places(self.layers[i], "")]
            if base and self.chance(0.5):
                self.tag_base(layer, self.pick(base))
            elif places:
                path, keys, node = self.pick(places)
                self.tag_node(path, node)

    def places(self, node, path, keys=()):
        """(pattern, keys, node) of nodes worth a tag; top-level sections rarely."""
        if isinstance(node, Map):
            for key, value in node.items:
                if isinstance(key, str) and key != "<<" and len(keys) < 6:
                    child = self.table.child(path, key) or ""
                    here = (*keys, key)
                    if len(here) > 2 or len(here) == 2 and self.chance(0.4) or key.startswith("x-") or self.chance(0.02):
                        if key not in ("image", "build", "extends", "include", "name", "version", "file", "environment", "content", "external", "triggers", "model") \
                                and not (keys and keys[0] in RESOURCES and len(here) == 2) or key == "environment" and keys[0] in ("services", "jobs"):
                            yield child, here, value
                    yield from self.places(value, child, here)

    def tag_base(self, layer, place):
        path, keys, node = place
        body = self.layers[layer]
        for key in keys[:-1]:
            found = body.get(key)
            if found is None:
                found = body.set(key, Map())
            if not isinstance(found, Map):
                return
            body = found
        if body.get(keys[-1]) is not None:
            return
        if self.chance(0.6):
            new = self.pick([plain("null"), plain(""), plain("null"), Seq(), Map()])
            new.tag = "!reset"
            self.marks.add("!reset")
        else:
            new = copy(node)
            self.untag(new)
            if isinstance(new, (Map, Seq)) and new.items and self.chance(0.4):
                new.items = new.items[:len(new.items) // 2]
            self.tag_override(path, new)
        body.set(keys[-1], new)

    def untag(self, node):
        for n in walk(node):
            n.tag = n.anchor = None

    def tag_override(self, path, node):
        if isinstance(node, Alias) or isinstance(node, Scalar) and node.tag:
            return
        if isinstance(node, Scalar):
            row = self.table.row(path)
            if node.plain and (not row or "string" not in row.types or row.cast == "none"):
                return
        node.tag = "!override"
        self.marks.add("!override")

    def tag_node(self, path, node):
        if isinstance(node, Alias) or node.tag:
            return
        if self.chance(0.35):
            node.tag = "!reset"
            self.marks.add("!reset")
        else:
            self.tag_override(path, node)

    # -- documents

    def split_documents(self, layer):
        root = self.layers[layer]
        services = root.get("services")
        if not isinstance(services, Map) or len(services.items) < 1 or any(i[0] == "include" for i in root.items):
            return
        if any(isinstance(b, Map) and (b.get("extends") or b.get("<<")) for _, b in services.items):
            return
        second = Map()
        moved = Map()
        name, body = services.items[0]
        if isinstance(body, Map) and len(body.items) > 2 and not any(isinstance(n, Alias) for n in walk(body)):
            half = [i for i in body.items if i[0] not in ("image", "build", "x-develop")]
            half = half[len(half) // 2:]
            if any(n.anchor for _, v in half for n in walk(v)):
                return
            body.items = [i for i in body.items if i not in half]
            moved.items = half
            second.items = [["services", Map([[name, moved]])]]
            if half:
                self.documents[layer] = [second]
                self.marks.add("several documents")

    # -- anchors and aliases

    def anchors(self, root):
        services = root.get("services")
        if not isinstance(services, Map):
            return
        bodies = [(key_text(k), b) for k, b in services.items if isinstance(b, Map) and b.items and not b.tag]
        if not bodies:
            return
        for _ in range(self.rng.randint(1, 2)):
            self.pick([self.share_keys, self.share_keys, self.share_value, self.share_map_entries, self.merge_service])(root, services, bodies)

    def fresh_anchor(self, root, base):
        used = {n.anchor for n in walk(root) if n.anchor}
        return next(a for a in [base, base + "2", base + "3", base + "-4", base + "5", base + "6", base + "7", base + "8", base + "9"] if a not in used)

    def share_keys(self, root, services, bodies):
        """x-common: &common {some keys of a service}; the service merges them."""
        name, body = self.pick(bodies)
        if body.get("<<") is not None:
            return
        free = [i for i in body.items if isinstance(i[0], str) and i[0] not in ("image", "extends", "build")
                and not any(isinstance(n, Alias) or n.anchor for n in walk(i[1]))]
        moved = self.rng.sample(free, min(len(free), self.rng.randint(1, 3)))
        if not moved:
            return
        body.items = [i for i in body.items if i not in moved]
        key = "x-common" + str(len(root.items))
        anchor = self.fresh_anchor(root, "common")
        shared = Map(moved)
        shared.anchor = anchor
        merge = Alias(anchor)
        entries = [[key, shared]]            # in the order of definition
        if self.chance(0.3):
            inner = Map()
            form = self.pick(["list", "nested", "alias list"])
            inner.anchor = self.fresh_anchor(root, "both" if form == "alias list" else "base")
            inner.items = [list(shared.items[0])] if self.chance(0.5) and not any(n.tag for n in walk(shared.items[0][1])) else [["x-from", self.styled("base")]]
            inner.items = [[k, copy(v)] for k, v in inner.items]
            if form == "list":
                merge = Seq(self.rng.sample([Alias(anchor), Alias(inner.anchor)], 2))
                merge.flow = "line"
                entries.insert(0, [key + "b", inner])
            elif form == "nested":
                shared.items.insert(self.rng.randint(0, len(shared.items)), ["<<", Alias(inner.anchor)])
                entries.insert(0, [key + "b", inner])
            else:
                both = Seq([Alias(anchor)])
                both.anchor = inner.anchor
                entries.append([key + "l", both])
                merge = Alias(both.anchor)
            self.marks.add("<< " + form)
        root.items[0:0] = entries
        self.merge_key(body, merge)
        if self.chance(0.4):
            for other, other_body in bodies:
                if other_body is not body and other_body.get("<<") is None and other_body.get("extends") is None:
                    if not any(k in ("container_name", "depends_on", "links", "volumes_from", "network_mode", "pid", "ipc") for k, _ in moved):
                        self.merge_key(other_body, Alias(anchor))
                        self.marks.add("<< shared")
        self.marks.add("<<")

    def merge_key(self, body, merge):
        body.items.insert(self.pick([0, 0, len(body.items), self.rng.randint(0, len(body.items))]), ["<<", merge])

    def share_value(self, root, services, bodies):
        """The value of an attribute is anchored and used by the same attribute of another service."""
        if len(bodies) < 2:
            return
        (one, a), (two, b) = self.rng.sample(bodies, 2)
        order = [key_text(k) for k, _ in services.items]
        if order.index(one) > order.index(two):
            one, a, two, b = two, b, one, a
        for key, value in self.rng.sample(a.items, len(a.items)):
            if not isinstance(key, str) or isinstance(value, Alias) or value.anchor or key in ("<<", "container_name", "extends", "depends_on", "links", "volumes_from",
                                                                                             "network_mode", "pid", "ipc", "build", "scale"):
                continue
            if b.get(key) is not None and self.chance(0.5) or f"services.*.{key}" not in self.table.rows:
                continue
            if any(n.tag or isinstance(n, Alias) for n in walk(value)) or b.get("<<") is not None or any(n.anchor for n in walk(value)):
                continue
            if isinstance(value, Scalar) and value.plain and not value.text:
                continue
            value.anchor = self.fresh_anchor(root, re.sub(r"\W", "", key))
            b.set(key, Alias(value.anchor))
            self.marks.add("alias of a value")
            return

    def share_map_entries(self, root, services, bodies):
        """environment: {<<: *env, MORE: x}"""
        for name, body in bodies:
            for key in ("environment", "labels", "sysctls"):
                value = body.get(key)
                if isinstance(value, Map) and value.items and not value.tag and value.get("<<") is None and not value.anchor:
                    if any(n.tag or n.anchor for n in walk(value)):
                        continue
                    moved = value.items[:self.rng.randint(1, len(value.items))]
                    value.items = value.items[len(moved):]
                    shared = Map(moved)
                    shared.anchor = self.fresh_anchor(root, "env")
                    root.items.insert(0, ["x-shared" + str(len(root.items)), shared])
                    self.merge_key(value, Alias(shared.anchor))
                    self.marks.add("<< in a map")
                    return

    def merge_service(self, root, services, bodies):
        """other: {<<: *app}"""
        if len(bodies) < 2:
            return
        (one, a), (two, b) = self.rng.sample(bodies, 2)
        order = [key_text(k) for k, _ in services.items]
        if order.index(one) > order.index(two):
            one, a, two, b = two, b, one, a
        if SERVICES.index(one) < SERVICES.index(two) if one in SERVICES and two in SERVICES else True:
            if any(a.get(k) is not None for k in ("depends_on", "links", "volumes_from", "network_mode", "pid", "ipc", "<<")):
                return
        if b.get("<<") is not None or a.anchor or a.get("container_name") is not None or a.get("extends") is not None or a.get("<<") is not None:
            return
        if any(n.tag for n in walk(a)):
            return
        a.anchor = self.fresh_anchor(root, one.replace(".", "-"))
        self.merge_key(b, Alias(a.anchor))
        self.marks.add("<< of a service")

    # -- styles

    def flows(self, root):
        level = self.pick([0.0, 0.1, 0.3, 0.5])

        def visit(node, depth, inside):
            if isinstance(node, Collection):
                simple = len(node.items) <= 4 and depth > 2
                if not inside and depth > 0 and node.flow is None and self.chance(level if simple else level * 0.1):
                    node.flow = self.pick(["line", "line", "line", "lines"])
                    inside = True
                elif inside:
                    node.flow = "line" if node.flow is None else node.flow
                if isinstance(node, Map) and not inside and self.chance(0.01) and node.items:
                    item = self.pick(node.items)
                    if isinstance(item[0], str) and item[0] != "<<":
                        item[0] = Scalar(item[0], style=self.pick(["double", "single", "explicit"]))
            for child in node.children():
                visit(child, depth + 1, inside)
        visit(root, 0, False)

    def remarks(self, root):
        density = self.pick([0.03, 0.1, 0.25])

        def remark():
            self.remark_count += 1
            return f"{self.pick(COMMENTS)} {self.remark_count}"

        def visit(node, depth, inside):
            for child in node.children():
                if not inside:
                    if self.chance(density):
                        for _ in range(self.rng.randint(1, 2)):
                            child.above.append((self.pick([None, None, None, None, 0, 1]), remark()))
                    if self.chance(density * (1 if depth < 2 else 0.3)):
                        child.blank = self.rng.randint(1, 2)
                    multi = isinstance(child, Scalar) and (child.style in ("wrapped",) or "\n" in child.text and child.style != "literal")
                    if self.chance(density) and not multi:
                        child.after = self.pick(["", " ", "  "]) + remark()
                    if isinstance(child, Collection) and not child.flow and self.chance(density * 0.5):
                        child.foot.append((self.pick([None, None, 0]), remark()))
                elif isinstance(node, Collection) and node.flow == "lines" and self.chance(density):
                    child.after = remark()
                visit(child, depth + 1, inside or isinstance(child, Collection) and bool(child.flow))
        visit(root, 0, bool(getattr(root, "flow", None)))

    def habits(self):
        h = Habits()
        h.indent = self.rng.choices([2, 4, 3], [75, 20, 5])[0]
        h.dash_indent = self.pick([0, h.indent, 2])
        if self.chance(0.05):
            h.dash = "-   "
        h.blanks = self.chance(0.03)
        h.between = self.pick(["---\n", "---\n", "--- # next\n", "...\n---\n"])
        h.quote = self.pick(['"', "'"])
        h.flow_pad = self.pick(["", "", " "])
        h.newline = "\r\n" if self.chance(0.06) else "\n"
        h.final_newline = not self.chance(0.08)
        h.bom = self.chance(0.03)
        if h.bom and self.chance(0.15):
            h.encoding = self.pick(["utf-16-le", "utf-16-be"])
        if self.chance(0.1):
            h.start = self.pick(["---\n", "---\n", "%YAML 1.1\n---\n", "--- # first\n"])
        if self.chance(0.2):
            h.header = ["# " + self.pick(["The services of the shop", "Copyright someone"]), ""][:self.rng.randint(1, 2)]
        if self.chance(0.1):
            h.footer = ["# the end"] * self.rng.randint(1, 2)
        return h

    # -- step 4: what the tests use

    def without_comments(self):
        """Takes the comments out; everything else stays as it is."""
        roots = [r for i, l in enumerate(self.layers) for r in [l, *self.documents.get(i, [])]] + [f for f in self.extra.values() if isinstance(f, Map)]
        for node in (n for root in roots for n in walk(root)):
            node.above, node.after, node.foot = [], None, []
        for h in [*self.layer_habits, *self.extra_habits.values()]:
            h.header = h.footer = []
            h.start, h.between = h.start.replace(" # first", ""), h.between.replace(" # next", "")

    def names(self):
        files = [n for n in LAYER_FILES[:len(self.layers)]]
        files[0] = self.first + files[0]
        return files

    def files(self):
        """path -> bytes of every file of the case."""
        out = {}
        for i, name in enumerate(self.names()):
            h = self.layer_habits[i]
            if self.start.get(i):
                h.start = self.start[i]
            out[name] = write([self.layers[i], *self.documents.get(i, [])], h)
        for path, body in self.extra.items():
            out[path] = body if isinstance(body, bytes) else write([body], self.extra_habits[path])
        text = b"".join(out.values())
        for path, body in {"a.env": b"FOO=from-a\nA_ONLY=1\n", "b.env": b"FOO=from-b\nB='q w'\n", "conf/c.env": b"C=$FOO\n",
                           "app.labels": b"com.example.file=1\n", "conf/b.labels": b"com.example.b=2\n", "token.txt": b"secret\n"}.items():
            if path.encode().split(b"/")[-1] in text or b"ENVFILE" in text:
                out.setdefault(self.first + path, body)
        return out

    def assignments(self):
        """Three environments: variables unset, values that collide with literals, distinct values."""
        base = {"PATH": "/usr/bin:/bin", "HOME": "/home/user"}
        collide, fresh = dict(base), dict(base)
        for n, (name, cls) in enumerate(sorted(self.variables.items())):
            collide[name] = self.pick(VARIABLES[cls][0])
            value = self.pick(VARIABLES[cls][1])
            fresh[name] = value % n if "%" in value else value
        for name in self.required:
            collide[name], fresh[name] = "given", "given2"
        if not self.variables and not self.required:
            return [("unset", base)]
        return [("unset", base), ("colliding", collide), ("distinct", fresh)]


def main():
    ap = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    ap.add_argument("--table", required=True)
    ap.add_argument("--seed", default="1")
    ap.add_argument("--index", type=int, default=0)
    ap.add_argument("--construct", type=int)
    ap.add_argument("--out")
    o = ap.parse_args()
    case = Case(attrtable.load(o.table), o.seed, o.index, construct=o.construct)
    for path, body in case.files().items():
        if o.out:
            os.makedirs(os.path.dirname(os.path.join(o.out, path)) or ".", exist_ok=True)
            open(os.path.join(o.out, path), "wb").write(body)
        else:
            wide = body[:2] in (b"\xff\xfe", b"\xfe\xff")
            print(f"### {path}", body.decode("utf-16" if wide else "utf-8"), sep="\n")
    print("#", case.names(), case.assignments(), case.constructs, sorted(case.marks))


if __name__ == "__main__":
    main()
