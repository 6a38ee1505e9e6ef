# SPDX-License-Identifier: MIT
"""The constructs of merge.md 9.2 that break a naive tree merge, a function for each row of its table.

A function lays its construct over a case whose layers already hold random services; it may replace attributes there.
"""
from values import KEYS, LEAVES, VARIABLES
from yamltext import Alias, Map, Scalar, Seq, build, copy, plain

ALL = {}
INHERITED = ["user", "environment", "ports", "volumes", "labels", "command", "logging", "ulimits", "healthcheck", "deploy", "cap_add",
             "extra_hosts", "env_file", "dns", "tmpfs", "sysctls", "working_dir", "expose", "secrets"]


def row(number):
    def keep(fn):
        ALL[number] = fn
        return fn
    return keep


def last(c):
    return len(c.layers) - 1


def over(c):
    """A layer above the first."""
    return c.rng.randint(1, last(c))


def attrs(c, low=1, high=3, among=None):
    """A mapping of a few service attributes, valid for any service."""
    keys = [k for k in c.some(among or INHERITED, low, high) if c.allowed(f"services.*.{k}")]
    service, c.service = c.service, LEAVES[-1]
    body = Map([[k, c.gen(f"services.*.{k}")] for k in keys])
    c.service = service
    return body


def put(c, layer, name, body, section="services"):
    """Lays body over what the layer has for the service."""
    into = c.svc(layer, name, section)
    for key, value in build(body).items:
        into.set(key, value)
    return into


def heir(c, layer, name="app", base="b1", form=None, body=None):
    """services: {b1: {image, ...}, app: {extends: b1}} in one layer."""
    put(c, layer, base, {"image": "i"})
    put(c, layer, base, body or attrs(c))
    into = put(c, layer, name, {})
    into.drop("container_name")
    form = form or c.pick(["text", "map", "map null"])
    into.set("extends", Scalar(base) if form == "text" else build({"service": base}) if form == "map" else build({"service": base, "file": None}))
    return into


@row(1)
def base_changed_later(c):
    heir(c, 0, "app", "b1")
    put(c, over(c), "b1", attrs(c))
    if c.chance(0.3):
        put(c, over(c), "app", attrs(c))


@row(2)
def extends_only_in_override(c):
    put(c, 0, "app", attrs(c))
    heir(c, over(c), "app", "b2")
    if c.chance(0.3):
        put(c, 0, "b2", attrs(c, 0, 2)).set("image", Scalar("j"))


@row(3)
def extends_in_both(c):
    heir(c, 0, "app", "b1")
    put(c, 0, "app", attrs(c, 0, 2))
    heir(c, over(c), "app", c.pick(["b2", "b1"]))


@row(4)
def tags_against_inherited(c):
    body = attrs(c, 2, 4)
    heir(c, 0, "app", "b1", body=body)
    for key, value in body.items[:c.rng.randint(1, 2)]:
        if c.chance(0.5):
            new = plain("null")
            new.tag = "!reset"
        else:
            new = c.gen(f"services.*.{key}")
            if isinstance(new, Scalar) and new.plain:
                continue
            new.tag = "!override"
        put(c, over(c), "app", {}).set(key, new)


@row(5)
def three_levels(c):
    base, middle = c.rng.sample([{"driver": "d1", "options": {"x": "1"}}, {"options": {"y": "2"}}, {"driver": "d2", "options": {"x": "2"}}], 2)
    top = c.pick([{"driver": "d2", "options": {"z": "3"}}, {"options": {"z": "3"}}])
    heir(c, 0, "app", "b1", body=build({"logging": base, "ulimits": {"nofile": {"soft": 1, "hard": 2}, "nproc": 5}}))
    put(c, 0, "app", {"logging": middle, "ulimits": {"nofile": c.pick([6, {"soft": 3, "hard": 4}])}})
    put(c, over(c), "app", {"logging": top, "ulimits": {"nofile": c.pick([7, {"soft": 9, "hard": 9}]), "nproc": 6}})


def include(c, layer, path="inc.yml", body=None, form=None, service="inc"):
    """include: [path] in a layer, and the file."""
    body = body if body is not None else attrs(c, 1, 4)
    services = Map([[service, Map([["image", Scalar("i")], *body.items])]])
    if c.chance(0.3):
        services.items.append(["inc-other", build({"image": "k"})])
    c.extra[c.first + path] = Map([["services", services]])
    c.included.add(service)
    entry = build(path if (form or c.pick(["text", "map", "list"])) == "text" else {"path": c.pick([path, [path]])})
    found = c.layers[layer].get("include")
    if isinstance(found, Seq):
        found.items.append(entry)
    else:
        c.layers[layer].set("include", Seq([entry]))
    return body


def include_forms(c, wanted):
    """Include in all its forms, for the rows of the table."""
    include(c, c.rng.randint(0, last(c)))
    entry = {"path": c.pick(["inc.yml", ["inc.yml", "inc2.yml"]])}
    c.extra[c.first + "inc2.yml"] = build({"services": {"inc": {"labels": ["L=2"]}}})
    c.extra[c.first + "inc2.yml"].get("services").get("inc").set("image", Scalar("j"))
    if "env_file" in wanted:
        c.extra[c.first + "x.env"] = b"IV=1\n"
        c.extra[c.first + "y.env"] = b"IV=2\n"
        entry["env_file"] = ["x.env", "y.env"] if "[]" in wanted.replace("include[]", "") else "x.env"
    if "project_directory" in wanted:
        c.extra[c.first + "sub/.keep"] = b""
        entry["project_directory"] = "sub"
        entry["path"] = "inc.yml"
    if wanted.endswith("path[]"):
        entry["path"] = ["inc.yml", "inc2.yml"]
    for layer in c.layers:
        if isinstance(layer.get("include"), Seq):
            layer.get("include").items[0] = build(entry)
    if c.chance(0.5):
        put(c, over(c), "inc", attrs(c, 0, 2))


def extends_forms(c, wanted):
    """Extends in all its forms, for the rows of the table."""
    layer = c.rng.randint(0, last(c))
    if "file" in wanted:
        extends_file(c, layer)
    else:
        heir(c, layer, form="map" if "service" in wanted else None)
    if c.chance(0.5):
        put(c, over(c), "app", attrs(c, 0, 2))


def extends_file(c, layer, path="sub/ext.yml", body=None):
    body = body if body is not None else attrs(c, 1, 4)
    c.extra[c.first + path] = build({"services": {"base": {"image": "i"}}})
    c.extra[c.first + path].get("services").get("base").items += body.items
    if c.chance(0.25):
        c.extra[c.first + path].get("services").get("base").set("extends", Scalar("deeper"))
        c.extra[c.first + path].get("services").set("deeper", Map([["image", Scalar("d")], *attrs(c).items]))
    into = put(c, layer, "app", {})
    into.drop("container_name")
    into.set("extends", build({"service": "base", "file": path}))
    return body


def touch(c, layer, name, body, section="services"):
    """The layer changes the service: mostly attributes it already has."""
    for key in c.some(body.keys(), 1, 2):
        put(c, layer, name, {}, section).set(key, c.gen(f"services.*.{key}"))
    if c.chance(0.3):
        put(c, layer, name, attrs(c, 1, 1), section)


@row(6)
def included_service_removed(c):
    include(c, 0)
    layer = over(c)
    if c.chance(0.5):
        node = plain("null")
        node.tag = "!reset"
    else:
        node = Map([["image", Scalar("other")], *attrs(c, 0, 2).items])
        node.tag = "!override"
    c.top(layer, "services").set("inc", node)


@row(7)
def included_attribute_reset(c):
    body = include(c, 0)
    key = c.pick(body.keys() or ["user"])
    node = plain("null")
    node.tag = "!reset"
    put(c, c.pick([0, over(c), over(c)]), "inc", {}).set(key, node)


@row(8)
def include_in_override(c):
    layer = over(c)
    body = include(c, layer)
    put(c, 0, "inc", {"image": "a"})
    touch(c, 0, "inc", body)
    if c.chance(0.4):
        put(c, layer, "inc", attrs(c, 1, 2))


@row(9)
def include_in_both(c):
    include(c, 0, "inc.yml")
    include(c, over(c), "inc2.yml")


@row(10)
def included_environment(c):
    layer = c.pick([0, 0, over(c)])
    how = c.pick([".env", "env_file", "project_directory"])
    entry = {"path": "sub/inc.yml"}
    c.extra[c.first + "sub/inc.yml"] = build({"services": {"inc": {
        "image": "i:${INCV:-none}", "environment": {"V": "${INCV:-none}"}, "volumes": ["./d:/d"]}}})
    if how == "env_file":
        entry["env_file"] = "sub/x.env"
        c.extra[c.first + "sub/x.env"] = b"INCV=from-x\n"
    else:
        c.extra[c.first + "sub/.env"] = b"INCV=from-dotenv\n"
        if how == "project_directory":
            entry["project_directory"] = "sub"
    c.included.add("inc")
    c.layers[layer].set("include", build([entry if how != ".env" else "sub/inc.yml"]))
    if c.chance(0.6):
        put(c, over(c), "inc", c.pick([{"user": "v"}, {"environment": ["V=2"]}, {"volumes": ["data:/d"]}]))
        c.ref("volumes", "data")
    if c.chance(0.2):
        node = plain("null")
        node.tag = "!reset"
        put(c, over(c), "inc", {}).set("environment", node)


@row(11)
def variable_extends(c):
    name = c.note_variable("svc")
    for leaf in LEAVES:
        put(c, 0, leaf, {"image": "i"}).drop("container_name")
    if c.chance(0.5):
        put(c, 0, "app", {}).set("extends", Scalar("${%s:-db}" % name))
        put(c, 0, "app", {}).drop("container_name")
        if c.chance(0.6):
            touch(c, over(c), c.pick(["app", "db"]), attrs(c))
    else:
        c.extra[c.first + "inc.yml"] = Map([["services", Map([["inc", Map([["image", Scalar("i")], *attrs(c).items])]])]])
        c.included.add("inc")
        c.variables["INCFILE1"] = "word"
        VARIABLES.setdefault("incfile", (["inc.yml"], ["inc.yml"]))
        c.variables["INCFILE1"] = "incfile"
        c.layers[0].set("include", build([c.pick(["${INCFILE1:-inc.yml}", {"path": "${INCFILE1:-inc.yml}"}])]))
        if c.chance(0.5):
            put(c, over(c), "inc", attrs(c, 1, 2))


@row(12)
def extends_file_variable_path(c):
    volumes = ["%s:/data" % c.var("src", "./d", must=True)] + c.some(["./x:/x", "data:/logs"], 0, 2)
    c.ref("volumes", "data"), c.ref("volumes", "logs")
    body = build({"volumes": volumes, "env_file": c.pick(["e.env", ["./e.env"]])})
    c.extra[c.first + "sub/e.env"] = b"E=1\n"
    extends_file(c, 0, body=body)
    choice = c.rng.random()
    if choice < 0.4:
        put(c, over(c), "app", {"volumes": c.pick([["data:/data"], ["./y:/x"]])})
    elif choice < 0.6:
        node = build(["data:/z"])
        node.tag = "!override"
        put(c, over(c), "app", {}).set("volumes", node)
    elif choice < 0.8:
        heir(c, over(c), "app", "b2")


@row(13)
def another_directory(c):
    c.output = c.pick(["out/merged.out.yml", "merged.d/deep/merged.out.yml"])
    put(c, 0, "app", {"build": {"context": "./app"}, "volumes": ["./d:/d", "data:/data"], "env_file": ["a.env"]})
    put(c, over(c), "app", {"volumes": ["../up:/up", "./d2:/d"], "build": {"additional_contexts": {"src": "./src"}}})
    c.ref("volumes", "data")
    if c.chance(0.3):
        extends_file(c, 0, body=build({"volumes": ["./x:/x"]}))
    if c.chance(0.3):
        include(c, 0, body=build({"volumes": ["./x:/x"]}))


@row(14)
def variable_source(c):
    for n in ("data", "logs"):
        c.ref("volumes", n)
    put(c, 0, "app", {"volumes": [c.pick(["%s:/data", "%s:/data:ro", "%s:/logs"]) % c.var("src", "./d", must=True), "data:/data"][:c.rng.randint(1, 2)]})
    put(c, over(c), "app", {"volumes": [c.var("src", "./d", must=True) + ":" + c.pick(["/data", "/logs"])] + c.some(["data:/data", "./y:/logs"], 0, 1)})


@row(15)
def equal_at_run_time(c):
    which = c.rng.randrange(5)
    p = c.var("port", "8080", must=True)
    if which == 0:
        a, b = ["8080:80", "443:443"], c.rng.sample([f"{p}:80", "9090:80", "443:443", f"{c.var('port', '443', must=True)}:443"], 2)
        key = "ports"
    elif which == 1:
        a, b = ["data:/data", "./x:/logs"], [f"logs:{c.var('dst', '/data', must=True)}", "./z:/logs"]
        key = "volumes"
        c.ref("volumes", "data"), c.ref("volumes", "logs")
    elif which == 2:
        a, b = ["token"], [c.var("secret", "token", must=True), c.pick(["token", {"source": "cert", "target": "/run/secrets/token"}])]
        key = "secrets"
        c.ref("secrets", "token"), c.ref("secrets", "cert")
    elif which == 3:
        a, b = ["conf"], [c.var("config", "conf", must=True), c.pick(["inline", {"source": "inline", "target": "/conf"}])]
        key = "configs"
        c.ref("configs", "conf"), c.ref("configs", "inline")
    else:
        a, b = ["a.env", "b.env"], [c.var("envfile", "a.env", must=True), "b.env"]
        key = "env_file"
    if c.chance(0.3):
        a, b = b, a
    put(c, 0, "app", {key: a})
    put(c, over(c), "app", {key: b})


@row(16)
def whole_item(c):
    if c.chance(0.5):
        items = [c.var("spec", "443", must=True), *c.some(["8080:80", "8001:81", "443"], 0, 2)]
        key = "ports"
    else:
        items = [c.var("mount", "data:/data", must=True), *c.some(["logs:/logs", "./z:/data"], 0, 2)]
        key = "volumes"
        c.ref("volumes", "data"), c.ref("volumes", "logs")
    c.rng.shuffle(items)
    put(c, 0, "app", {key: c.pick([["8080:80"], ["8001:81", "443"]]) if key == "ports" else c.pick([["data:/data"], ["./y:/logs", "./y:/etc/app"]])})
    put(c, over(c), "app", {key: items})


@row(17)
def variable_key(c):
    key = c.pick(["environment", "labels", "annotations"])
    item = c.pick(["%s=2" % c.var("key", "FOO", must=True), c.var("item", "FOO"), "%s" % c.var("key", "BAR", must=True)])
    one = c.pick([build({"FOO": 1, "BAR": "b"}), build(["FOO=1", "BAR=b"]), c.key_values("services.*." + key, keys=["FOO", "BAR", "A"])])
    two = build([item, *c.some(["FOO=3", "C=4", "BAR"], 0, 2)])
    if c.chance(0.3):
        one, two = two, one
    put(c, 0, "app", {}).set(key, one)
    put(c, over(c), "app", {}).set(key, two)


@row(18)
def literal_dollar_key(c):
    key = c.pick(["environment", "labels"])
    c.note_variable("key")
    name = [n for n, cls in c.variables.items() if cls == "key"][0]
    one = Map([["${%s}" % name if c.chance(0.6) else "$$" + name, Scalar("lit")], ["B", c.kv_value()]])
    if c.chance(0.5):
        one.items.append(["a$b", Scalar("$$x")])
    two = c.pick([build(["B=2", "C=3"]), build({"B": "2"}), build(["${%s:-B}=2" % name])])
    if c.chance(0.3):
        one, two = two, one
    put(c, 0, "app", {}).set(key, one)
    put(c, over(c), "app", {}).set(key, two)


@row(19)
def typed_values_to_list(c):
    from values import TYPED
    key = c.pick(["environment", "labels", "sysctls", "annotations"])
    one = Map([[k, plain(c.pick(TYPED + ["", "true", "null"]))] for k in ("V", "D", "O", "F")[:c.rng.randint(2, 4)]])
    two = c.pick([build(["B=2"]), build(["${%s:-Q}=2" % c.note_variable("key")]), build({"V": 2}), Map([["O", plain(c.pick(TYPED))]])])
    if c.chance(0.3):
        one, two = two, one
    put(c, 0, "app", {}).set(key, one)
    put(c, over(c), "app", {}).set(key, two)


def lock_networks(c):
    """-> the attribute that this case may use: networks unless it has a network_mode."""
    return c.allowed("services.*.networks")


@row(20)
def short_names_both(c):
    which = c.pick(["networks", "depends_on", "models"] if lock_networks(c) else ["depends_on", "models"])
    cls, names = {"networks": ("net", ["front", "back"]), "depends_on": ("svc", ["db"]), "models": ("model", ["llm"])}[which]
    for n in names:
        c.need_service(n) if which == "depends_on" else c.ref(which, n)
    one, two = build(c.some(names)), build([c.var(cls, names[0], must=c.chance(0.7)), *c.some(names, 0, 1)])
    if c.chance(0.2):
        one, two = two, one
    put(c, 0, "app", {}).set(which, one)
    put(c, over(c), "app", {}).set(which, two)


@row(21)
def short_names_over_map(c):
    which = c.pick(["networks", "depends_on", "models"] if lock_networks(c) else ["depends_on", "models"])
    cls, name = {"networks": ("net", "front"), "depends_on": ("svc", "db"), "models": ("model", "llm")}[which]
    body = {"networks": {"aliases": ["x"]}, "depends_on": {"condition": "service_healthy"}, "models": {"endpoint_var": "E"}}[which]
    c.need_service(name) if which == "depends_on" else c.ref(which, name)
    one, two = build({name: body}), build([c.var(cls, name, must=c.chance(0.7))])
    if c.chance(0.3):
        one, two = two, one
    put(c, 0, "app", {}).set(which, one)
    put(c, over(c), "app", {}).set(which, two)
    if c.chance(0.3) and last(c) > 1:
        put(c, 2, "app", {}).set(which, build({name: body}))


@row(22)
def unique_items_variable(c):
    key, cls, literal = c.pick([("group_add", "group", "10"), ("security_opt", "word", "alpha"), ("external_links", "word", "alpha")])
    put(c, 0, "app", {key: [c.var(cls, literal, must=c.chance(0.5))]})
    put(c, over(c), "app", {key: [literal, *c.some(["other"], 0, 1)]})


@row(23)
def unique_items_plain(c):
    key, pool = c.pick([("security_opt", ["a", "b", "c"]), ("group_add", ["10", "20"]), ("device_cgroup_rules", ["c 1:3 mr", "a 7:* rmw"]),
                        ("cap_add", ["ALL", "CHOWN"]), ("dns", ["8.8.8.8", "1.1.1.1"]), ("external_links", ["a", "b"])])
    put(c, 0, "app", {key: c.some(pool)})
    put(c, over(c), "app", {key: c.some(pool)})


@row(24)
def variable_context_key(c):
    key = c.pick(["additional_contexts", "additional_contexts", "ssh"])
    if key == "ssh":
        one, two = build(["%s=./id" % c.var("key", "k1", must=True)]), build({"k2": "./id2"})
    else:
        one, two = build(["%s=./a" % c.var("ctx", "img", must=True)]), build({c.pick(["img", "src"]): "./b"})
        if c.chance(0.3):
            one, two = two, one
    put(c, 0, "app", {"build": {"context": "."}}).get("build").set(key, one)
    put(c, over(c), "app", {"build": {}}).get("build").set(key, two)


@row(25)
def key_reset_over_layers(c):
    key = c.pick(["environment", "labels", "sysctls"])
    forms = [build({"A": 1, "B": 2}), build(["A=1", "B=2"]), build({"B": 3}), build(["C=4"])]
    put(c, 0, "app", {}).set(key, copy(c.pick(forms)))
    if last(c) > 1:
        put(c, 1, "app", {}).set(key, copy(c.pick(forms)))
    node = plain(c.pick(["null", ""]))
    node.tag = "!reset"
    body = Map([[c.pick(["A", "A", "B", "*"]), node]])
    if c.chance(0.4):
        body.set("D", Scalar("5"))
    put(c, last(c), "app", {}).set(key, body)


@row(26)
def override_scalar_is_text(c):
    node = plain(c.pick(["5", "null", "true", "1.10", "2001-01-01", "017", ""]))
    node.tag = "!override"
    where = c.rng.randrange(4)
    layer = c.rng.randint(0, last(c))
    if where == 0:
        c.layers[layer].set("x-a", node)
    elif where == 1:
        put(c, layer, "app", {"labels": {}}).get("labels").set("FOO", node)
    elif where == 2:
        put(c, layer, "app", {"environment": {}}).get("environment").set("FOO", node)
    else:
        put(c, layer, "app", {}).set(c.pick(["privileged", "read_only", "scale", "command"]), node)
        node.text = {"scale": "1", "command": "null"}.get(c.svc(layer, "app").items[-1][0], "true")
    if layer:
        put(c, 0, "app", c.pick([{"labels": {"FOO": 1}}, {"environment": ["FOO=1"]}, {}]))


@row(27)
def merge_key_hides(c):
    key = c.pick(["labels", "environment", "ports", "volumes", "deploy", "command", "logging", "healthcheck", "cap_add", "sysctls"])
    if not c.allowed(f"services.*.{key}"):
        key = "labels"
    shared = Map([[key, c.gen(f"services.*.{key}")], ["user", Scalar("u")]])
    shared.anchor = "d"
    c.layers[0].items.insert(0, ["x-d", shared])
    c.pinned.add(0)
    into = put(c, 0, "app", {})
    into.drop(key)
    into.drop("<<")
    into.items.insert(c.rng.randint(0, len(into.items)), ["<<", Alias("d")])
    put(c, over(c), "app", {}).set(key, c.gen(f"services.*.{key}"))
    if c.chance(0.4):
        other = put(c, 0, "worker", {})
        other.drop("<<")
        other.items.insert(0, ["<<", Alias("d")])


@row(28)
def anchored_node_overridden(c):
    """The base: app is anchored, worker merges it (or a nested map is shared); an override changes app."""
    services = c.top(0, "services")
    c.pinned.add(0)
    body = Map([["image", Scalar("i")], *attrs(c, 1, 3).items])
    key = c.pick([k for k, _ in body.items if k != "image"] or ["user"])
    if c.chance(0.5):
        body.anchor = "a"
        own = Map([["<<", Alias("a")]])
        if c.chance(0.5):
            own.set("hostname", Scalar("w"))
        services.drop("app"), services.drop("worker")
        services.items = [["app", body], ["worker", own], *services.items]
    else:
        value = body.get(key)
        if value is None:
            value = body.set(key, Scalar("u"))
        if isinstance(value, Scalar) and value.plain and not value.text:
            value = body.set(key, c.gen("services.*.labels"))
            body.set(key, c.gen(f"services.*.{key}"))
            value = body.get(key)
        value.anchor = "v"
        services.drop("app"), services.drop("worker")
        services.items = [["app", body], ["worker", Map([["image", Scalar("j")], [key, Alias("v")]])], *services.items]
    layer = over(c)
    for name in c.some(["app", "worker"], 1, 2):
        put(c, layer, name, {}).set(key, c.gen(f"services.*.{key}"))


@row(29)
def short_over_long_dependency(c):
    c.need_service("db")
    c.need_service("cache")
    long = {"condition": c.pick(["service_healthy", "service_started", "service_completed_successfully"])}
    if c.chance(0.4):
        long["restart"] = True
    if c.chance(0.4):
        long["required"] = False
    put(c, 0, "app", {"depends_on": {"db": long}})
    put(c, over(c), "app", {"depends_on": c.pick([["db"], ["cache", "db"], {"db": {"condition": "service_healthy", "required": False}}])})


@row(30)
def repeated_env_file(c):
    put(c, 0, "app", {"env_file": c.pick([["a.env", "b.env"], [{"path": "a.env"}, "b.env"]])})
    put(c, over(c), "app", {"env_file": c.pick(["a.env", ["a.env"], ["b.env", "a.env"], [{"path": "a.env", "required": False}]])})


@row(31)
def hosts_in_maps(c):
    ips = ["1.1.1.1", "2.2.2.2"]
    put(c, 0, "app", {"extra_hosts": c.pick([{"h1": "1.1.1.1", "h2": ["2.2.2.2", "3.3.3.3"]}, {"h1": c.pick(ips)}, ["h1:1.1.1.1"]])})
    put(c, over(c), "app", {"extra_hosts": c.pick([{"h1": c.pick(ips)}, {"h1": ips, "h3": "::1"}, ["h1=1.1.1.1", "h2=4.4.4.4"]])})


@row(32)
def short_twice(c):
    which = c.rng.randrange(4)
    layer = over(c)
    c.ref("secrets", "token")
    if which == 0:
        body, more = {"build": {"context": ".", "secrets": ["token"]}}, {"build": {"secrets": c.pick([["token"], [{"source": "token"}]])}}
    elif which == 1:
        body, more = {"gpus": c.pick(["all", [{"driver": "nvidia"}]])}, {"gpus": [{"driver": "nvidia"}]}
    elif which == 2:
        item = {"path": "./src", "action": "sync", "target": "/app", "ignore": c.pick(["x", ["x"]])}
        body, more = {"develop": {"watch": [item]}}, {"develop": {"watch": [dict(item)]}}
    else:
        item = {"image": "i", "command": "run", "env_file": c.pick(["a.env", ["a.env"]])}
        body, more = {"pre_start": [item]}, {"pre_start": [dict(item)]}
    put(c, 0, "app", body)
    put(c, layer, "app", more)


@row(33)
def command_cleared(c):
    key = c.pick(["command", "entrypoint"])
    if c.chance(0.6):
        heir(c, 0, "app", "b1", body=build({key: c.pick(["a b", ["a"]])}))
    else:
        put(c, 0, "app", {key: "a b"})
    put(c, over(c), "app", {}).set(key, plain(c.pick(["", "null", "~"])))


@row(34)
def required_variable(c):
    if c.chance(0.6):
        c.required.append("NEEDED")
        put(c, 0, "app", {"user": c.pick(["${NEEDED:?set it}", "${NEEDED?set it}"])})
        put(c, over(c), "app", {"user": "v"})
    else:
        put(c, 0, "app", {"hostname": c.pick(["a", "b"])})
        put(c, over(c), "app", {"hostname": "${UNSETNAME:-c}"})


@row(35)
def doubled_dollar(c):
    put(c, 0, "app", {"command": c.pick(["echo $$A", ["sh", "-c", "echo $$$$B ${WORD1:-x}"]]), "environment": c.pick([{"P": "a$$b"}, ["P=$$b"]]),
                      "labels": {"l": "$$x"}})
    c.variables.setdefault("WORD1", "word")
    put(c, over(c), "app", c.pick([{"command": "echo $$HOME"}, {"environment": {"P": "$$$$", "Q": "$$1"}}, {"labels": ["l=$$y", "$$k=1"]}]))


@row(36)
def names_and_versions(c):
    c.layers[0].set("name", c.gen("name"))
    layer = over(c)
    c.layers[layer].set("name", c.pick([c.gen("name"), plain(""), Scalar("", style="double"), Scalar("${WORD1:-n}")]))
    c.variables.setdefault("WORD1", "word")
    for i in range(len(c.layers)):
        if c.chance(0.5):
            c.layers[i].set("version", Scalar(c.pick(["3", "3.8"]), style="double"))
    put(c, 0, "app", {"profiles": c.some(["dev", "prod"])})
    put(c, layer, "app", {"profiles": c.some(["dev", "debug"], 0, 2)})


@row(37)
def reemitted_scalars(c):
    from values import TYPED
    odd = ["22:22", "yes", "1_000", "1e400", "017", "2001-01-01", "1.10"]
    put(c, 0, "app", {"labels": Map([[k, plain(c.pick(TYPED))] for k in ("p", "q", "r")]), "x-n": plain(c.pick(TYPED))})
    c.svc(0, "app").set("ports", Seq([plain("22:22"), plain("80:80")]))
    layer = over(c)
    put(c, layer, "app", {"labels": Map([[k, plain(c.pick(odd))] for k in c.some(["p", "s"])]), "x-n": plain(c.pick(TYPED))})
    put(c, layer, "app", {"ports": Seq([plain(c.pick(["22:22", "2222:22", "8080:80"]))])})
    c.layers[layer].set("x-odd", build([plain(t) for t in c.some(odd)]))


@row(38)
def yaml_directive(c):
    c.start[0] = "%YAML 1.1\n---\n"
    if c.chance(0.3):
        c.start[over(c)] = "%YAML 1.1\n---\n"


@row(39)
def several_pools(c):
    def pools():
        return [{"subnet": s, "gateway": g} for s, g in c.some([("10.5.0.0/16", "10.5.0.1"), ("10.6.0.0/16", "10.6.0.1"), ("10.6.0.0/16", "10.6.0.9"),
                                                               ("10.7.0.0/16", "10.7.0.1")], 1, 2)]
    c.ref("networks", "front")
    net = c.top(0, "networks")
    if not isinstance(net.get("front"), Map):
        net.set("front", Map())
    net.get("front").set("ipam", build({"config": pools()}))
    net = c.top(over(c), "networks")
    if not isinstance(net.get("front"), Map):
        net.set("front", Map())
    net.get("front").set("ipam", build({"config": pools()}))
