# SPDX-License-Identifier: MIT
"""Valid values for every attribute, drawn from small pools so that a base and its override meet on the same keys,
ports, targets and hosts.

`Values.gen(path, wants)` makes the value of the attribute at a table path: by a function registered here with @of for
that path, else from the row's types. `wants` are table paths below it that must occur in the value.
"""
from attrtable import container
from yamltext import Map, Scalar, Seq, build, plain

SERVICES = ["app", "web", "worker", "db", "cache"]     # one may need only later ones
LEAVES = ["db", "cache"]                               # need no other: a variable may name them
JOBS = ["migrate", "backup"]
KEYS = ["FOO", "BAR", "DEBUG", "LOG_LEVEL", "A", "app.kind", "B"]
HOSTS = ["api.local", "h1", "h2"]
WORDS = ["alpha", "beta", "gamma", "delta-1", "nginx", "prod"]
# kind -> name -> the attributes that name may have (the first one is what makes it valid), or None: any but external
RESOURCES = {
    "networks": {"front": None, "back": None, "mesh": None, "outer": ["external", "name"]},
    "volumes": {"data": None, "logs": None, "disk": None, "shared": ["external", "name"]},
    "secrets": {"token": ["file", "labels", "name", "template_driver"], "cert": ["environment", "labels", "name"],
                "vault": ["external", "name"], "drv": ["file", "driver", "driver_opts", "labels", "name", "template_driver"]},
    "configs": {"conf": ["file", "labels", "name", "template_driver"], "inline": ["content", "labels", "name"],
                "envc": ["environment", "labels", "name"], "extc": ["external", "name"]},
    "models": {"llm": None, "embed": None},
}
# Variables by what they stand for: (values that collide with literals, distinct values), none with a separator of the
# short syntax around it.
VARIABLES = {
    "word": (WORDS, ["w%d"]), "tag": (["1.27", "latest"], ["v%d"]), "port": (["80", "8080", "443"], ["3100%d"]),
    "key": (["FOO", "BAR", "A"], ["FRESH_%d"]), "src": (["data", "logs", "./src"], ["./fresh%d"]),
    "path": (["./src", "/srv/x"], ["./fresh%d"]), "dst": (["/data", "/logs", "/etc/app"], ["/fresh%d"]),
    "net": (["front", "back"], ["mesh"]), "svc": (LEAVES, LEAVES), "host": (HOSTS, ["fresh%d.local"]),
    "ip": (["10.0.0.1", "10.0.0.2"], ["10.9.0.%d"]), "bool": (["true", "false"], ["true"]), "int": (["1", "2", "3"], ["4%d"]),
    "dur": (["5s", "1m30s"], ["%ds"]), "size": (["64m", "1g"], ["%dm"]), "cap": (["NET_ADMIN", "SYS_TIME"], ["CAP_%d"]),
    "group": (["10", "video"], ["g%d"]), "envfile": (["a.env", "b.env"], ["conf/c.env"]), "secret": (["token", "cert"], ["token"]),
    "config": (["conf", "inline"], ["conf"]), "model": (["llm"], ["embed"]), "ctx": (["img", "src"], ["fresh%d"]),
    # whole items
    "spec": (["8080:80", "8000-8002:80-82", "443"], ["4000-4001:5000-5001"]), "mount": (["data:/data", "./src:/etc/app:ro"], ["logs:/w%d"]),
    "item": (["FOO=2", "BAR"], ["W%d=w"]), "hostip": (["h1=10.0.0.1"], ["w%d=10.0.0.3"]),
}
TYPED = ["1.10", "1.0", "017", "0o17", "0x1f", "1_000", "2001-01-01", "1e6", "1e3", "22:22", "yes", "off", "y", ".5", "-0", "1e400",
         "0b11", "08", "+5", "1.5e3", "1000000.0", "0.00001", "18446744073709551615", "123456789.5", "1.", "12:30:45",
         "2001-12-14t21:59:43.10-05:00", "nULL", "0", "5432", "100000.0", "1__0", "-0x1f", "tRUE", "1.2.3", "1e-3", "inf"]
TEXTS = ["a=b", "x: y", "#h", "it's", 'say "hi"', "a, b", "[x]", "{x}", "$$HOME", "\u00fc\u00f1 \u2713", "a\tb", "-", "- x", "*star", "&amp", "!t", "%p", "@at",
         "`b`", "null", "true", "5", "1.10", "a #b", "ends:", " lead", "trail ", "l1\nl2", "l1\nl2\n", "l1\n\nl2\n", "a b c d e f", "\\d+", "\U0001f600",
         "postgres://u:p@db:5432/x", "x" * 90 + " y", "C:\\dir", "||", ">", "?", ":", "~", "=", "0x1f", "2001-01-01", "yes"]
TABLE = {}


def of(*paths):
    """Registers the generator of the values at some container paths."""
    def keep(fn):
        for path in paths:
            TABLE[path] = fn
        return fn
    return keep


class Values:
    """Needs from the case: rng, table, refs, locks, layer, need_service(), note_variable()."""

    # -- small helpers

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, options):
        return self.rng.choice(options)

    def text(self, value, cls=None, must=False, p=0.07):
        """A string scalar in some style; now and then a variable of class cls, with a default where unset would be wrong."""
        if cls and self.chance(p):
            return self.styled(self.var(cls, value, must))
        return self.styled(value)

    def styled(self, value):
        if "\n" in value:
            return Scalar(value, style=self.pick(["literal", "double"]))
        return Scalar(value, style=self.rng.choices([None, "double", "single", "folded", "wrapped", "literal"], [70, 12, 10, 3, 3, 2])[0])

    def var(self, cls, default=None, must=False):
        """The text of a reference to a variable of the class."""
        name = self.note_variable(cls)
        forms = ["${%s:-%s}", "${%s-%s}"] if default and "}" not in default and "\n" not in default else []
        if must and forms:
            return forms[0] % (name, default)
        if must:
            raise ValueError("a variable without a default")
        form = self.pick(["${%s}", "${%s}", "$%s"] + forms)
        return form % ((name, default) if form in forms else name)

    def inside(self, before, cls, after, must=False, default=None):
        ref = self.var(cls, default, must)
        if not ref.startswith("${") and after[:1].isalnum() or after[:1] == "_":
            ref = "${" + ref[1:] + "}" if not ref.startswith("${") else ref
        return before + ref + after

    def some(self, options, low=1, high=3):
        return self.rng.sample(options, min(len(options), self.rng.randint(low, high)))

    def ref(self, kind, name):
        self.refs.setdefault(kind, {})[name] = True
        return name

    def resource(self, kind, allow=None):
        return self.ref(kind, self.pick(allow or list(RESOURCES[kind])))

    def later(self, service=None):
        """A service that the current one may need, or None."""
        service = service or self.service
        names = SERVICES[SERVICES.index(service) + 1:] if service in SERVICES else LEAVES
        return self.need_service(self.pick(names)) if names else None

    # -- the generic generator

    def gen(self, path, wants=(), depth=0):
        special = TABLE.get(container(path)) or TABLE.get(path)
        if special:
            node = special(self, path, wants)
        else:
            node = self.by_types(path, wants, depth)
        row = self.table.row(path)
        if row and row.unique and isinstance(node, Seq):
            self.distinct(node)
        return node

    def distinct(self, seq):
        seen, kept = set(), []
        for item in seq.items:
            text = content(item)
            if text not in seen:
                seen.add(text)
                kept.append(item)
        seq.items = kept

    def by_types(self, path, wants, depth):
        row = self.table.row(path)
        kinds = [k for k in row.types if k != "null"] or ["string"]
        in_list = [w for w in wants if w.startswith(path + "[]")]
        in_map = [w for w in wants if w.startswith(path + ".")]
        if in_list and "list" in kinds:
            kind = "list"
        elif in_map and "mapping" in kinds:
            kind = "mapping"
        else:
            kind = self.pick(kinds)
        if kind == "mapping":
            return self.gen_map(path, wants, depth)
        if kind == "list":
            return self.gen_list(path, wants, depth)
        return self.scalar(row, kind, path)

    def gen_list(self, path, wants=(), depth=0):
        item = path + "[]"
        if item not in self.table.rows:
            return Seq([self.styled(self.pick(WORDS))])
        inner = [w for w in wants if w.startswith(item)]
        nodes = [self.gen(item, inner if i == 0 else (), depth + 1) for i in range(self.rng.choices([0, 1, 2, 3], [2, 10, 8, 3])[0] if not inner
                 else self.rng.randint(1, 2))]
        return Seq(nodes)

    def gen_map(self, path, wants=(), depth=0, only=None, extra=None):
        """A mapping of the attributes below path: the required and wanted ones, and some more."""
        keys = self.table.keys(path)
        wanted = {}
        for w in wants:
            if w.startswith(path + ".") or not path:
                key = (w[len(path) + 1:] if path else w).split(".")[0].replace("[]", "")
                wanted.setdefault(key, []).append(w)
        chosen = {}
        if "*" in keys:
            for key in self.map_keys(path):
                chosen[key] = "*"
            if "*" in wanted and not chosen:
                chosen["FOO"] = "*"
        free = [k for k in keys if k != "*" and k not in ("extends",)]
        for k in free:
            if self.table.row(f"{path}.{k}").required or k in wanted:
                chosen[k] = k
        more = self.rng.choices([0, 1, 2, 3], [30, 35, 20, 15])[0] if extra is None else extra
        for k in self.rng.sample(free, min(more, len(free))):
            chosen.setdefault(k, k)
        result = Map()
        first_star = True
        for key in self.rng.sample(list(chosen), len(chosen)):
            step = chosen[key]
            child = f"{path}.{step}"
            if only is not None and step != "*" and step not in only or not self.allowed(child):
                continue
            if only is None and step == "external":
                continue
            inner = wanted.get(step, []) if step != "*" or first_star else []
            first_star = first_star and step != "*"
            result.items.append([key, self.gen(child, inner, depth + 1)])
        return result

    def map_keys(self, path):
        return self.some(MAP_KEYS.get(path.rpartition(".")[2], KEYS[:4]), 1, 2)

    def scalar(self, row, kind, path):
        cast = row.cast
        if kind == "boolean" or kind == "string" and cast.startswith("bool"):
            return self.boolean("string" in row.types and cast != "none")
        if kind in ("integer", "number"):
            value = self.number(row)
            return value
        if cast in ("int", "int64"):
            return self.text(str(self.pick([1, 2, 3])), "int", must=True, p=0.4) if self.chance(0.8) else plain(str(self.pick([1, 2])))
        if cast.startswith("int64") or cast.startswith("float"):
            return Scalar(str(self.pick([1, 2, 0.5] if cast.startswith("float") and "integer" not in row.types else [1, 2])), style="quoted")
        if cast == "bytes":
            return self.text(self.pick(["64m", "1g", "512k", "1.5g", "1024"]), "size", must=True, p=0.15)
        if cast == "duration":
            return self.text(self.pick(["5s", "1m30s", "1h", "90s", "500ms"]), "dur", must=True, p=0.15)
        if row.choices:
            return self.styled(self.pick(row.choices))
        return self.text(self.pick(WORDS), "word", p=0.12)

    def number(self, row):
        low = row.minimum if row.minimum is not None else 0
        high = row.maximum if row.maximum is not None else 64
        return plain(str(self.pick([low, low + 1, high, 3, 10])))

    def boolean(self, may_be_text):
        if may_be_text and self.chance(0.35):
            if self.chance(0.5):
                return self.styled(self.var("bool", self.pick(["true", "false"]), must=True))
            return Scalar(self.pick(["true", "false", "yes", "no", "on", "off"]), style=self.pick(["double", "single"]))
        return plain(self.pick(["true", "false", "true", "false", "True"]))

    def one_kind(self, path, wants):
        """Whether this case writes the attribute as a list: the default rule cannot lay a list over a scalar."""
        return self.locks.setdefault(path, any(w.startswith(path + "[]") for w in wants) or self.chance(0.5))

    # -- KEY=VALUE attributes

    def kv_value(self):
        r = self.rng.random()
        if r < 0.002:
            return plain("<<")
        if r < 0.35:
            return self.styled(self.pick(WORDS))
        if r < 0.52:
            return plain(self.pick(TYPED))
        if r < 0.60:
            return self.styled(self.pick(["1", "0", "80", "true", "1.10", "null", ""]))
        if r < 0.72:
            return self.styled(self.inside(self.pick(["", "", "x-"]), "word", self.pick(["", "", "/y"]), default=self.pick(WORDS)))
        if r < 0.78:
            return plain(self.pick(["", "null", "~"]))
        if r < 0.84:
            return plain(self.pick(["true", "false", "5", "80", "-5"]))
        return self.styled(self.pick(TEXTS))

    def kv_item(self, keys):
        key = self.pick(keys)
        r = self.rng.random()
        if r < 0.12:
            return self.styled(key)
        if r < 0.20:
            return self.styled(self.inside(key + "=", "word", "", default=self.pick(WORDS)))
        if r < 0.23:
            return self.styled(self.inside("", "key", "=" + self.pick(WORDS), must=True, default=key))
        if r < 0.245:
            return self.styled(self.var("item", "FOO", must=self.chance(0.5)))
        if r < 0.55:
            return self.styled(key + "=" + self.pick(WORDS))
        if r < 0.75:
            return self.styled(key + "=" + self.pick(TYPED + ["", "true", "null"]))
        return self.styled(key + "=" + self.pick([t for t in TEXTS if "\n" not in t and "\t" not in t]))

    def key_values(self, path, wants=(), keys=None, nulls=True):
        keys = keys or MAP_KEYS.get(path.rpartition(".")[2], KEYS)
        as_list = any(w.startswith(path + "[]") for w in wants) or not any(w.startswith(path + ".") for w in wants) and self.chance(0.45)
        if as_list:
            return Seq(self.kv_item(keys) for _ in range(self.rng.randint(1, 3)))
        node = Map((k, self.kv_value()) for k in self.some(keys))
        if self.chance(0.005):
            node.items.append(["x-key", self.kv_value()])
        if self.chance(0.015):
            node.items.append(["${%s}" % self.note_variable("key"), self.styled("lit")])
        return node


def content(node):
    """The content of a node as text, to find equal ones."""
    if isinstance(node, Scalar):
        return ("p" if node.plain else "s") + node.text
    if isinstance(node, Map):
        return "{" + ",".join(sorted(f"{k if isinstance(k, str) else k.text}:{content(v)}" for k, v in node.items)) + "}"
    if isinstance(node, Seq):
        return "[" + ",".join(content(v) for v in node.items) + "]"
    return "*" + node.name


MAP_KEYS = {
    "driver_opts": ["opt1", "opt2", "com.example.x"], "options": ["max-size", "max-file", "tag"], "storage_opt": ["size", "a"],
    "sysctls": ["net.core.somaxconn", "net.ipv4.tcp_syncookies"], "ulimits": ["nofile", "nproc", "core"],
    "aux_addresses": ["host1", "host2"], "labels": ["com.example.a", "com.example.b", "traefik.enable", "FOO", "app.kind"],
    "annotations": ["com.example.a", "note", "FOO"], "args": ["VERSION", "FOO", "TARGETARCH"], "extra_hosts": HOSTS,
    "external": ["name"],
}


@of("S.environment", "S.annotations", "S.labels", "S.sysctls", "S.build.args", "S.build.labels", "S.deploy.labels",
    "networks.*.labels", "volumes.*.labels", "secrets.*.labels", "configs.*.labels", "S.volumes[].volume.labels",
    "S.gpus[].options", "S.deploy.resources.reservations.devices[].options", "S.develop.watch[].exec.environment",
    "S.post_start[].environment", "S.pre_stop[].environment")
def key_value_map(c, path, wants):
    return c.key_values(path, wants)


@of("S.image")
def image(c, path, wants):
    name = c.pick(["nginx", "redis", "postgres:16", "registry.example.com:5000/team/app"])
    if c.chance(0.25):
        return c.styled(c.inside(name.split(":")[0] + ":", "tag", "", must=True, default="1.27"))
    return c.text(name + c.pick(["", ":latest", ":1.27"]) if ":" not in name else name, "word", must=True)


@of("S.container_name")
def container_name(c, path, wants):
    return c.styled(c.service + "-" + c.pick(["one", "two"]))


@of("S.command", "S.entrypoint", "S.develop.watch[].exec.command", "S.post_start[].command", "S.pre_stop[].command")
def command(c, path, wants):
    words = ["run", "--port", "8080", "echo $$HOME", "a b", "it's", "-c"]
    if any(w.startswith(path + "[]") for w in wants) or c.chance(0.5):
        return Seq(c.text(w, "word") for w in c.some(words, 0 if not wants else 1, 4))
    if path.count("[]") == 0 and c.chance(0.06):
        return plain(c.pick(["", "null"]))
    return c.text(c.pick(["run --port 8080", "sh -c 'echo hi'", "npm start", "echo $$A", "bundle exec \"puma -C x\"", "-v"]), "word")


@of("S.healthcheck.test")
def health_test(c, path, wants):
    if any("[]" in w for w in wants) or c.chance(0.6):
        kind = c.pick(["CMD", "CMD", "CMD-SHELL", "NONE"])
        words = {"CMD": ["curl", "-f", c.pick(["http://localhost", "http://localhost:80"])], "CMD-SHELL": ["exit 0"], "NONE": []}[kind]
        return Seq([c.styled(kind)] + [c.styled(w) for w in words])
    return c.styled(c.pick(["curl -f localhost", "pg_isready", "true"]))


@of("S.network_mode")
def network_mode(c, path, wants):
    later = c.later() if c.chance(0.25) else None
    return c.styled("service:" + later if later else c.pick(["host", "none", "bridge"]))


@of("S.ipc", "S.pid")
def ipc(c, path, wants):
    later = c.later() if c.chance(0.2) else None
    return c.styled("service:" + later if later else "host")


@of("S.uts", "S.userns_mode")
def uts(c, path, wants):
    return c.styled("host")


@of("S.mac_address", "S.networks.*.mac_address")
def mac(c, path, wants):
    return c.styled(c.pick(["02:42:ac:11:65:43", "02:42:ac:11:65:44"]))


@of("S.user", "S.pre_stop[].user", "S.post_start[].user", "S.develop.watch[].exec.user")
def user(c, path, wants):
    if c.chance(0.1):
        return c.styled(c.inside("", "int", ":1000", must=True, default="1000"))
    return c.text(c.pick(["root", "1000:1000", "1000"]), "word")


@of("S.restart")
def restart(c, path, wants):
    return c.text(c.pick(["always", "no", "on-failure:3", "unless-stopped"]), "word", must=True)


@of("S.stop_signal")
def signal(c, path, wants):
    return c.styled(c.pick(["SIGTERM", "SIGINT"]))


@of("S.platform")
def platform(c, path, wants):
    return c.styled("linux/amd64")


@of("S.build.platforms")
def platforms(c, path, wants):
    return Seq([c.styled("linux/amd64")] + [c.styled("linux/arm64")] * c.rng.randint(0, 1))


@of("S.pull_policy")
def pull_policy(c, path, wants):
    return c.styled(c.pick(["always", "never", "missing", "if_not_present", "daily", "every_2d"]))


@of("S.pull_refresh_after")
def refresh(c, path, wants):
    return c.styled("24h")


@of("S.cpus", "S.deploy.resources.limits.cpus", "S.deploy.resources.reservations.cpus")
def cpus(c, path, wants):
    return c.pick([plain("0.5"), plain("2"), Scalar("1.5", style="double"), Scalar("0.25", style="single")])


@of("S.mem_limit", "S.mem_reservation", "S.memswap_limit", "S.shm_size", "S.build.shm_size")
def memory(c, path, wants):
    if c.chance(0.2):
        return plain(c.pick(["1048576", "0x100000", "1_000_000"]))
    return c.text(c.pick(["64m", "1g", "512k", "1.5g"]), "size", must=True)


@of("S.mem_swappiness")
def swappiness(c, path, wants):
    return plain(c.pick(["10", "60"]))


@of("S.blkio_config.weight", "S.blkio_config.weight_device[].weight")
def weight(c, path, wants):
    return plain(c.pick(["100", "300", "500"]))


@of("S.blkio_config.device_read_bps[].path", "S.blkio_config.device_read_iops[].path", "S.blkio_config.device_write_bps[].path",
    "S.blkio_config.device_write_iops[].path", "S.blkio_config.weight_device[].path")
def block_device(c, path, wants):
    return c.styled(c.pick(["/dev/sda", "/dev/sdb"]))


@of("S.cap_add", "S.cap_drop")
def caps(c, path, wants):
    return Seq(c.text(w, "cap") for w in c.some(["NET_ADMIN", "SYS_TIME", "ALL", "CHOWN"]))


@of("S.security_opt", "S.device_cgroup_rules", "S.external_links", "S.group_add")
def unique_list(c, path, wants):
    pool = {"security_opt": ["no-new-privileges:true", "seccomp:unconfined", "label=disable"],
            "device_cgroup_rules": ["c 1:3 mr", "a 7:* rmw"], "external_links": ["redis_1", "db_1:mysql"],
            "group_add": ["10", "video", "audio"]}[path.rpartition(".")[2]]
    items = [c.text(w, "group" if path.endswith("group_add") else None, p=0.05) for w in c.some(pool)]
    if path.endswith("group_add") and c.chance(0.3):
        items.append(plain("10"))
    return Seq(items)


@of("S.expose")
def expose(c, path, wants):
    return Seq(c.pick([c.text(v, "port", p=0.1), plain(v) if v.isdigit() else c.styled(v)]) for v in c.some(["80", "443", "9000-9002", "80/udp"]))


@of("S.dns", "S.dns_search", "S.tmpfs", "S.label_file", "S.dns_opt", "S.develop.watch[].ignore", "S.develop.watch[].include",
    "S.build.no_cache_filter")
def strings(c, path, wants):
    attr = path.rpartition(".")[2]
    pool = {"dns": ["8.8.8.8", "1.1.1.1", "9.9.9.9"], "dns_search": ["example.com", "dc1.example.com"], "tmpfs": ["/run", "/tmp", "/scratch"],
            "label_file": ["app.labels", "conf/b.labels"], "dns_opt": ["use-vc", "no-tld-query", "ndots:2"],
            "ignore": ["node_modules/", "*.log"], "include": ["src/", "lib/"], "no_cache_filter": ["stage1", "stage2"]}[attr]
    if attr == "tmpfs" and c.chance(0.15):
        pool = ["/run:size=1m,mode=755", "/tmp:size=64m"]
    if attr == "label_file" and "pre_start" in path:
        pool = pool[:1]
    if c.table.row(path).merge == "default" and not c.one_kind(path, wants):
        return c.styled(pool[0])
    may_be_one = "string" in c.table.row(path).types and not any(w.startswith(path + "[]") for w in wants)
    cls = {"dns": "ip", "dns_search": "host"}.get(attr)
    if may_be_one and c.table.row(path).merge != "default" and c.chance(0.4):
        return c.text(c.pick(pool), cls)
    return Seq(c.text(w, cls) for w in c.some(pool))


@of("S.env_file")
def env_file(c, path, wants):
    inner = [w for w in wants if w.startswith(path + "[]")]
    if not inner and c.chance(0.35):
        return env_path(c)
    items = [c.gen_map(path + "[]", inner) if inner else env_item(c, path + "[]") for _ in range(c.rng.randint(1, 3))]
    return Seq(items)


def env_path(c):
    name = c.pick(["a.env", "b.env", "./a.env", "conf/c.env"])
    return c.text(name, "envfile", must=True)


def env_item(c, path):
    if c.chance(0.25):
        return c.gen_map(path)
    return env_path(c)


@of("S.env_file[].path")
def env_file_path(c, path, wants):
    return env_path(c)


@of("S.env_file[].format")
def env_format(c, path, wants):
    return c.styled("raw")


@of("S.extra_hosts", "S.build.extra_hosts")
def extra_hosts(c, path, wants):
    ips = ["10.0.0.1", "10.0.0.2", "::1"]
    if any(w.startswith(path + "[]") for w in wants) or not wants and c.chance(0.5):
        return Seq(c.text(h + c.pick(["=", ":"]) + c.pick(ips[:2]), "hostip" if c.chance(0.2) else None, must=True) for h in c.some(HOSTS))
    many = any("[]" in w for w in wants)
    return Map((h, Seq(c.styled(i) for i in c.some(ips)) if many or c.chance(0.2) else c.text(c.pick(ips), "ip", must=True)) for h in c.some(HOSTS))


@of("S.depends_on")
def depends_on(c, path, wants):
    names = []
    for _ in range(c.rng.randint(1, 2)):
        later = c.later()
        if later and later not in names:
            names.append(later)
    if not names:
        return Map()
    if any(w.startswith(path + "[]") for w in wants) or not wants and c.chance(0.45):
        return Seq(c.styled(n) for n in names)
    return Map((n, c.gen_map(path + ".*", [w for w in wants if w.startswith(path + ".*.")])) for n in names)


@of("S.networks", "S.models")
def names(c, path, wants):
    kind = path.rpartition(".")[2]
    chosen = []
    for _ in range(c.rng.randint(1, 2)):
        name = c.resource(kind)
        if name not in chosen:
            chosen.append(name)
    inner = [w for w in wants if w.startswith(path + ".*.")]
    if any(w.startswith(path + "[]") for w in wants) or not wants and c.chance(0.45):
        items = [c.styled(n) for n in chosen]
        return Seq(items)
    node = Map()
    for i, name in enumerate(chosen):
        child = plain("") if not inner and c.chance(0.4) else c.gen_map(path + ".*", inner if i == 0 else [])
        if isinstance(child, Map) and not child.items:
            child = plain("")
        node.items.append([name, child])
    return node


@of("S.networks.*.aliases")
def aliases(c, path, wants):
    return Seq(c.text(w, "word") for w in c.some(["api", "www", "x=1", "x=2"]))


@of("S.networks.*.ipv4_address", "S.networks.*.ipv6_address", "S.networks.*.link_local_ips[]")
def address(c, path, wants):
    return c.text(c.pick(["10.5.0.5", "10.5.0.6"]) if "6" not in path else "fd00::5", "ip", must=True)


@of("S.networks.*.priority", "S.networks.*.gw_priority")
def priority(c, path, wants):
    return plain(c.pick(["0", "10", "1000"]))


@of("S.networks.*.interface_name")
def interface(c, path, wants):
    return c.styled(c.pick(["eth0", "eth1"]))


@of("S.links")
def links(c, path, wants):
    out = []
    for _ in range(2):
        later = c.later()
        if later:
            out.append(c.styled(later + c.pick(["", ":alias"])))
    return Seq(out)


@of("S.volumes_from")
def volumes_from(c, path, wants):
    later = c.later()
    return Seq([c.styled("container:other")] + ([c.styled(later + c.pick(["", ":ro"]))] if later else []))


@of("S.ports[]")
def port(c, path, wants):
    if any(w.startswith(path + ".") for w in wants) or c.chance(0.22):
        return c.gen_map(path, list(wants) + [path + ".target"], extra=c.rng.randint(0, 2))
    r = c.rng.random()
    if r < 0.08:
        return plain(c.pick(["80", "443"]))
    if r < 0.12:
        return c.styled(c.var("spec", "443", must=c.chance(0.6)))
    if r < 0.24:
        host, target = c.pick(["8080:", "", "127.0.0.1:8080:"]), c.pick(["80", "443"])
        if c.chance(0.5):
            return c.styled(c.inside("", "port", ":" + target, default=c.pick(["8080", "8443"])))
        return c.styled(c.inside(host, "port", c.pick(["", "", "/udp"]), must=True, default=target))
    host = c.pick(["8080:", "8080:", "8443:", "80:", "", "", "127.0.0.1:8080:", "0.0.0.0:8080:", "[::1]:80:", "8000-8002:"])
    if c.chance(0.08):
        return c.styled(c.pick(["8000-8002:80-82", "3000-3001", "9-10:9-10"]))
    return c.styled(host + c.pick(["80", "80", "443", "5432"]) + c.pick(["", "", "", "/udp", "/tcp", "/TCP"]))


@of("S.ports[].target")
def port_target(c, path, wants):
    return c.pick([plain("80"), plain("443"), Scalar("80", style="double"), c.text("80", "port", must=True, p=0.5)])


@of("S.ports[].published")
def port_published(c, path, wants):
    return c.pick([plain("8080"), Scalar("8080", style="double"), Scalar("8000-8002", style=None), c.text("8443", "port", must=True, p=0.5)])


@of("S.ports[].host_ip")
def port_ip(c, path, wants):
    return c.styled(c.pick(["127.0.0.1", "0.0.0.0", "::1"]))


@of("S.ports[].protocol")
def port_protocol(c, path, wants):
    return c.styled(c.pick(["tcp", "udp", "TCP"]))


@of("S.ports[].mode")
def port_mode(c, path, wants):
    return c.styled(c.pick(["host", "ingress"]))


TARGETS = ["/data", "/logs", "/etc/app", "/var/lib/x"]


def mount_source(c):
    if c.chance(0.5):
        return c.resource("volumes")
    return c.pick(["./src", "/srv/x", "~/cfg", "../up", "."])


@of("S.volumes[]")
def volume(c, path, wants):
    inner = [w for w in wants if w.startswith(path + ".")]
    if inner or c.chance(0.22):
        return volume_map(c, path, inner)
    r = c.rng.random()
    if r < 0.05:
        return c.styled("/anon" + c.pick(["", "2"]))
    if r < 0.08:
        c.ref("volumes", "data"), c.ref("volumes", "logs")
        return c.styled(c.var("mount", "data:/data", must=True))
    if r < 0.17:
        c.ref("volumes", "data"), c.ref("volumes", "logs")
        return c.styled(c.inside("", "src", ":" + c.pick(TARGETS), must=True, default=c.pick(["./src", "data", "/srv/x"])))
    if r < 0.24:
        return c.styled(c.inside(mount_source(c) + ":", "dst", c.pick(["", ":ro"]), must=True, default=c.pick(TARGETS)))
    target = c.pick(TARGETS) + c.pick(["", "", "", "", "/"])
    return c.styled(mount_source(c) + ":" + target + c.pick(["", "", "", ":ro", ":rw", ":z", ":nocopy", ":ro,z", ":cached"]))


def volume_map(c, path, wants):
    kind = c.pick(["bind", "volume", "volume", "tmpfs", "image"])
    for part in ("bind", "volume", "tmpfs", "image"):
        if any(w.startswith(f"{path}.{part}") for w in wants):
            kind = part
    node = c.gen_map(path, list(wants) + [path + ".target"], extra=c.rng.randint(0, 2))
    for part in ("bind", "volume", "tmpfs", "image"):
        if part != kind:
            node.drop(part)
    node.set("type", c.styled(kind))
    if kind == "tmpfs":
        node.drop("source")
        node.set("target", c.styled("/shm"))
    elif kind == "volume":
        node.set("source", c.styled(c.resource("volumes")))
    else:
        node.set("source", c.styled(c.pick(["./src", "/srv/x"]) if kind == "bind" else "alpine"))
    return node


@of("S.volumes[].target")
def volume_target(c, path, wants):
    return c.text(c.pick(TARGETS), "dst", must=True)


@of("S.volumes[].bind.propagation")
def propagation(c, path, wants):
    return c.styled(c.pick(["rprivate", "shared"]))


@of("S.volumes[].consistency")
def consistency(c, path, wants):
    return c.styled(c.pick(["cached", "delegated"]))


@of("S.volumes[].tmpfs.mode")
def tmpfs_mode(c, path, wants):
    return plain(c.pick(["755", "0o755", "0755"]))


@of("S.volumes[].tmpfs.size")
def tmpfs_size(c, path, wants):
    return c.pick([plain("1048576"), Scalar("64m", style="double")])


@of("S.devices[]")
def device(c, path, wants):
    if any(w.startswith(path + ".") for w in wants) or c.chance(0.2):
        return c.gen_map(path, list(wants) + [path + ".target"])
    return c.styled(c.pick(["/dev/a", "/dev/b"]) + c.pick(["", ":/dev/a", ":/dev/c:r", ":/dev/c"]))


@of("S.devices[].source", "S.devices[].target")
def device_path(c, path, wants):
    return c.styled(c.pick(["/dev/a", "/dev/c"]))


@of("S.devices[].permissions")
def device_permissions(c, path, wants):
    return c.styled(c.pick(["r", "rwm"]))


@of("S.configs[]", "S.secrets[]", "S.build.secrets[]")
def source_item(c, path, wants):
    kind = path[:-2].rpartition(".")[2]
    if any(w.startswith(path + ".") for w in wants) or c.chance(0.3):
        return c.gen_map(path, list(wants) + [path + ".source"])
    name = c.resource(kind)
    if c.chance(0.08) and "build" not in path:
        for n in {"configs": ["conf", "inline"], "secrets": ["token", "cert"]}[kind]:
            c.ref(kind, n)
        return c.styled(c.var(kind[:-1], {"configs": "conf", "secrets": "token"}[kind], must=True))
    return c.styled(name)


@of("S.configs[].source", "S.secrets[].source", "S.build.secrets[].source")
def source_name(c, path, wants):
    return c.styled(c.resource("configs" if "configs" in path else "secrets"))


@of("S.configs[].target", "S.secrets[].target", "S.build.secrets[].target")
def source_target(c, path, wants):
    return c.styled(c.pick(["/token", "/conf", "/run/secrets/token", "token"]))


@of("S.configs[].mode", "S.secrets[].mode", "S.build.secrets[].mode")
def source_mode(c, path, wants):
    return c.pick([plain("0440"), plain("0o400"), Scalar("0440", style="double")])


@of("S.configs[].uid", "S.configs[].gid", "S.secrets[].uid", "S.secrets[].gid", "S.build.secrets[].uid", "S.build.secrets[].gid")
def source_id(c, path, wants):
    return Scalar(c.pick(["103", "0"]), style="double")


@of("S.ulimits.*", "S.build.ulimits.*")
def ulimit(c, path, wants):
    if "build" in path and c.locks.setdefault(path, any(w.startswith(path + ".") for w in wants) or c.chance(0.5)) or \
            "build" not in path and (any(w.startswith(path + ".") for w in wants) or c.chance(0.4)):
        return build({"soft": c.pick([1, 1024]), "hard": c.pick([2048, 4096])})
    if "build" not in path and c.chance(0.2):
        return c.text("1024", "int", must=True, p=0.6)
    return plain(c.pick(["1024", "65535", "-1"]))


@of("S.gpus")
def gpus(c, path, wants):
    if not any("[]" in w for w in wants) and c.chance(0.4) and (c.layer == 0 or c.chance(0.05)):
        return c.styled("all")
    return Seq([c.gen_map(path + "[]", [w for w in wants if w.startswith(path + "[]")])])


@of("S.gpus[].*")
def gpu_any(c, path, wants):
    return c.styled("x")


@of("S.gpus[].count", "S.deploy.resources.reservations.devices[].count")
def count(c, path, wants):
    return c.pick([plain("1"), plain("2"), c.styled("all"), Scalar("2", style="double")])


@of("S.gpus[].capabilities", "S.deploy.resources.reservations.devices[].capabilities")
def capabilities(c, path, wants):
    return Seq(c.styled(w) for w in c.some(["gpu", "compute", "utility"]))


@of("S.build")
def build_attr(c, path, wants):
    if not any(w.startswith(path + ".") for w in wants) and c.chance(0.4):
        return c.text(c.pick([".", "./app", "./img", "https://github.com/o/r.git#main"]), "path", must=True)
    node = c.gen_map(path, wants)
    if not node.items:
        return c.styled("./app")
    return node


@of("S.build.context")
def build_context(c, path, wants):
    return c.text(c.pick([".", "./app", "../up", "https://github.com/o/r.git#main"]), "path", must=True, p=0.15)


@of("S.build.additional_contexts")
def contexts(c, path, wants):
    values = ["./ctx", "../ctx", "docker-image://alpine", "https://github.com/o/x.git"]
    if any(w.startswith(path + "[]") for w in wants) or not wants and c.chance(0.5):
        return Seq(c.styled(k + "=" + c.pick(values)) for k in c.some(["img", "src", "base"]))
    return Map((k, c.text(c.pick(values), "path", must=True)) for k in c.some(["img", "src", "base"]))


@of("S.build.additional_contexts.*")
def context_value(c, path, wants):
    return c.styled("./ctx")


@of("S.build.ssh")
def ssh(c, path, wants):
    if c.layer == 0 and (any(w.startswith(path + "[]") for w in wants) or c.chance(0.5)) or c.chance(0.03):
        return Seq([c.styled(c.pick(["default", "key1=./id_rsa"]))])
    return Map([[c.pick(["key1", "key2"]), c.styled("./id_rsa")]])


@of("S.build.cache_from", "S.build.cache_to", "S.build.tags", "S.build.entitlements")
def build_lists(c, path, wants):
    pool = {"cache_from": ["type=local,src=./c", "alpine"], "cache_to": ["type=local,dest=./c", "user/app"], "tags": ["app:1", "app:2", "r=1", "r=2"],
            "entitlements": ["network.host", "security.insecure"]}[path.rpartition(".")[2]]
    return Seq(c.text(w, "tag" if path.endswith("tags") else None) for w in c.some(pool))


@of("S.develop.watch[]")
def watch(c, path, wants):
    return c.gen_map(path, list(wants) + [path + ".target"], extra=c.rng.randint(0, 1))


@of("S.develop.watch[].path")
def watch_path(c, path, wants):
    return c.styled(c.pick(["./src", "lib", "."]))


@of("S.develop.watch[].target")
def watch_target(c, path, wants):
    return c.styled("/app")


@of("S.credential_spec")
def credential(c, path, wants):
    key = c.pick(["file", "registry", "config"])
    for w in wants:
        key = w.rpartition(".")[2] if w != path else key
    return build({key: "file.json" if key == "file" else c.ref("configs", "conf") if key == "config" else "reg"})


@of("S.deploy.placement.constraints")
def constraints(c, path, wants):
    return Seq(c.styled(w) for w in c.some(["node.role==manager", "node.labels.x == y"]))


@of("S.storage_opt")
def storage(c, path, wants):
    return Map((k, c.styled(c.pick(["1G", "120G"]))) for k in c.some(MAP_KEYS["storage_opt"]))


@of("S.provider.options.*")
def provider_option(c, path, wants):
    if c.one_kind(path, wants):
        return Seq([c.styled("x"), plain("5")])
    return c.pick([c.styled("mysql"), plain("5"), plain("true")])


@of("S.triggers")
def triggers(c, path, wants):
    wants = [w for w in wants if w != path] or [path + "." + c.pick(["manual", "schedule"])]
    return c.gen_map(path, wants, extra=c.rng.randint(0, 1))


@of("S.triggers.schedule[]")
def schedule(c, path, wants):
    if any(w.startswith(path + ".") for w in wants) or c.chance(0.4):
        return c.gen_map(path, list(wants) + [path + ".cron"])
    return c.styled(c.pick(["0 * * * *", "@daily"]))


@of("S.triggers.schedule[].cron")
def cron(c, path, wants):
    return c.styled(c.pick(["0 * * * *", "5 4 * * *"]))


@of("S.triggers.schedule[].concurrency", "S.triggers.schedule[].missed_fires", "S.triggers.schedule[].timezone")
def trigger_word(c, path, wants):
    row = c.table.row(path)
    return c.styled(c.pick(row.choices)) if row.choices else c.styled({"timezone": "Europe/Berlin"}.get(path.rpartition(".")[2], "forbid"))


# -- top-level resources

@of("networks.*.external", "volumes.*.external", "secrets.*.external", "configs.*.external")
def external(c, path, wants):
    if any(w.endswith("external.*") for w in wants):
        return build({"name": "real", c.pick(["note", "other"]): "x"})
    if any(w.startswith(path + ".") for w in wants) and any(w.endswith(".name") for w in wants) or c.chance(0.1):
        return build({"name": "real"})
    return plain("true")


@of("volumes.*.driver_opts")
def volume_opts(c, path, wants):
    if wants and any("device" in w for w in wants) or c.chance(0.5):
        return build({"type": "none", "o": c.pick(["bind", "bind", "bind,ro"]), "device": c.text(c.pick(["./d", "/srv/d"]), "path", must=True)})
    return Map((k, c.pick([c.styled("x"), plain("5"), plain("1.10")])) for k in c.some(MAP_KEYS["driver_opts"]))


@of("volumes.*.driver")
def volume_driver(c, path, wants):
    return c.styled(c.pick(["local", "nfs"]))


@of("networks.*.driver_opts", "secrets.*.driver_opts", "S.networks.*.driver_opts")
def driver_opts(c, path, wants):
    if path.startswith("secrets"):
        return Map((k, c.text("x", "word")) for k in c.some(MAP_KEYS["driver_opts"]))
    return Map((k, c.pick([c.text("x", "word"), plain("5"), plain("1.10"), Scalar("1", style="double")])) for k in c.some(MAP_KEYS["driver_opts"]))


@of("S.logging")
def logging(c, path, wants):
    return c.gen_map(path, list(wants) + [path + ".driver"] * (c.chance(0.6)), extra=1)


@of("S.logging.driver")
def logging_driver(c, path, wants):
    return c.text(c.pick(["json-file", "syslog", "json-file"]), "word", must=True, p=0.03)


@of("S.logging.options")
def logging_options(c, path, wants):
    return Map((k, c.pick([c.styled("10m"), plain("3"), Scalar("5", style="double"), plain("1.10"), c.text("x", "word", p=0.3)])) for k in c.some(MAP_KEYS["options"]))


@of("networks.*.ipam.config")
def pools(c, path, wants):
    count = 1 if c.chance(0.75) else 2
    out = []
    for subnet in c.rng.sample(["10.5.0.0/16", "10.6.0.0/16", "10.7.0.0/16"][:2 if c.chance(0.7) else 3], count):
        inner = [w for w in wants if w.startswith(path + "[]")]
        pool = c.gen_map(path + "[]", inner, extra=c.rng.randint(0, 2))
        pool.set("subnet", c.styled(subnet))
        out.append(pool)
    return Seq(out)


@of("networks.*.ipam.config[].gateway", "networks.*.ipam.config[].ip_range", "networks.*.ipam.config[].subnet",
    "networks.*.ipam.config[].aux_addresses.*")
def pool_text(c, path, wants):
    return c.styled(c.pick(["10.5.0.1", "10.5.0.2"]) + ("/24" if path.endswith("range") or path.endswith("subnet") else ""))


@of("networks.*.ipam.options")
def ipam_options(c, path, wants):
    return Map((k, c.text("x", "word")) for k in c.some(["foo", "bar"]))


@of("secrets.*.file", "configs.*.file")
def resource_file(c, path, wants):
    return c.text(c.pick(["./token.txt", "conf/x.conf", "/etc/x"]), "path", must=True)


@of("secrets.*.environment", "configs.*.environment")
def resource_environment(c, path, wants):
    return c.styled(c.pick(["HOME", "TOKEN"]))


@of("configs.*.content")
def resource_content(c, path, wants):
    return c.styled(c.pick(["a=1\nb=2\n", "x", '{"a": [1]}', "k: ${%s:-v}\n" % c.note_variable("word")]))


@of("networks.*.name", "volumes.*.name", "secrets.*.name", "configs.*.name", "models.*.name")
def resource_name(c, path, wants):
    if c.resource_name in ("outer", "shared", "vault", "extc"):
        return c.styled("real")
    return c.text(c.pick(["real", "real2"]), "word", must=True)


@of("models.*.model")
def model_name(c, path, wants):
    return c.styled(c.pick(["ai/smollm2", "ai/qwen"]))


@of("models.*.context_size")
def context_size(c, path, wants):
    return plain(c.pick(["1024", "4096"]))


@of("name")
def project_name(c, path, wants):
    return c.styled(c.pick(["t", "proj", "My App"]))


@of("version")
def version(c, path, wants):
    return Scalar(c.pick(["3.8", "2"]), style="double")
