/* SPDX-License-Identifier: MIT */

/*
 * Does the model of the enabled services hold together (spec/config.md 8.4)? All that does not is reported, service by service.
 *
 *   services: {a: {image: i, volumes: ["data:/d"]}}    ->   error: service "a" refers to undefined volume data
 *   help: declare it under volumes
 */

#include "model.h"
#include "units.h"

#include <stdlib.h>

struct consistency {
	struct cm_resolve *r;
	struct cm_node sections[CM_ROLE_COUNT];   /* << expanded; services and jobs: enabled ones */
	struct cm_index index[CM_ROLE_COUNT];
	const struct cm_node *all;                /* disabled ones too */
	bool failed;
};

struct subject {
	struct consistency *c;
	struct cm_str name;
	const struct cm_node *key, *node;
	bool job;
};

static struct cm_diag *report(struct consistency *c, const struct cm_node *n, enum cm_code code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static struct cm_diag *report(struct consistency *c, const struct cm_node *n, enum cm_code code, const char *fmt, ...)
{
	struct cm_buf *b = cm_buf_new(c->r->p->arena, 128);
	struct cm_diag *d;
	va_list ap;

	va_start(ap, fmt);
	cm_buf_vprintf(b, fmt, ap);
	va_end(ap);
	d = cm_error(c->r->p, cm_span_of(n), code, "%.*s", (int)b->n, b->p);
	cm_buf_release(b);
	c->failed = true;
	return d;
}

#define TEXT(s) (int)(s).n, (s).p

static bool defined(struct consistency *c, enum cm_role role, struct cm_str name)
{
	return cm_index_find(&c->index[role], cm_sym(c->r->p, name)) != UINT32_MAX;
}

static const char *nearest_in(struct consistency *c, enum cm_role role, struct cm_str name)
{
	const struct cm_node *section = &c->sections[role];
	const char **names = cm_new_array(c->r->p->arena, (size_t)section->count + 1, const char *);

	for (uint32_t i = 0; i < section->count; i++)
		names[i] = section->pairs[i].word ? section->pairs[i].word->p : "";
	return cm_nearest(c->r->p->arena, name, names);
}

static void suggest(struct consistency *c, struct cm_diag *d, enum cm_role role, struct cm_str name)
{
	const char *near = nearest_in(c, role, name);

	if (near)
		cm_help(c->r->p, d, "did you mean %s?", near);
}

/* ---- what a service names ---- */

static void refer(struct subject *s, enum cm_role role, struct cm_str name, const struct cm_node *from, const char *kind)
{
	if (!name.p || defined(s->c, role, name))
		return;
	suggest(s->c, report(s->c, from, CM_E_UNDEFINED, "%s \"%.*s\" refers to undefined %s %.*s", s->job ? "job" : "service",
		TEXT(s->name), kind, TEXT(name)), role, name);
}

static void refer_keys(struct subject *s, enum cm_role role, const struct cm_node *map, const char *kind)
{
	struct cm_pairs all = cm_pairs_below(s->c->r->p, map);

	for (uint32_t i = 0; i < all.count; i++)
		refer(s, role, cm_sym_str(all.at[i].word), all.at[i].key, kind);
}

static void refer_sources(struct subject *s, enum cm_role role, const struct cm_node *list, const char *kind)
{
	struct cm_project *p = s->c->r->p;

	for (uint32_t i = 0; i < cm_items_below(list); i++) {
		const struct cm_node *item = cm_deref(list->items[i]), *source = cm_member(p, item, "source");
		struct cm_str name = cm_member_text(p, item, "source");

		refer(s, role, name.p ? cm_literal(s->c->r, name) : CM_STR(""), source ? source : item, kind);
	}
}

static void refer_volumes(struct subject *s, const struct cm_node *list)
{
	struct cm_project *p = s->c->r->p;

	for (uint32_t i = 0; i < cm_items_below(list); i++) {
		const struct cm_node *item = cm_deref(list->items[i]);
		struct cm_str name = cm_member_text(p, item, "source");

		if (name.n && cm_str_is(cm_member_text(p, item, "type"), "volume"))
			refer(s, CM_ROLE_VOLUMES, cm_literal(s->c->r, name), cm_member(p, item, "source"), "volume");
	}
}

static void check_references(struct subject *s)
{
	struct cm_project *p = s->c->r->p;

	refer_keys(s, CM_ROLE_NETWORKS, cm_member(p, s->node, "networks"), "network");
	refer_volumes(s, cm_member(p, s->node, "volumes"));
	refer_sources(s, CM_ROLE_SECRETS, cm_member(p, cm_member(p, s->node, "build"), "secrets"), "build secret");
	refer_sources(s, CM_ROLE_CONFIGS, cm_member(p, s->node, "configs"), "config");
	refer_keys(s, CM_ROLE_MODELS, cm_member(p, s->node, "models"), "model");
	refer_sources(s, CM_ROLE_SECRETS, cm_member(p, s->node, "secrets"), "secret");
}

/* ---- image and build ---- */

static void check_contexts(struct subject *s, const struct cm_node *build)
{
	struct consistency *c = s->c;
	struct cm_pairs all = cm_pairs_below(c->r->p, cm_member(c->r->p, build, "additional_contexts"));

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *value = cm_deref(all.at[i].value);
		struct cm_str name = value->kind == CM_SCALAR ? cm_service_reference(cm_literal(c->r, cm_text(value))) : CM_STR("");
		struct cm_str context = cm_sym_str(all.at[i].word);
		const struct cm_pair *service = name.n ? cm_entry(c->r->p, c->all, CM_ROLE_SERVICES, name) : NULL;

		if (!name.p || !name.n)
			continue;
		if (!service)
			suggest(c, report(c, value, CM_E_UNDEFINED, "service \"%.*s\" declares unknown service \"%.*s\" as additional contexts %.*s",
				TEXT(s->name), TEXT(name), TEXT(context)), CM_ROLE_SERVICES, name);
		else if (!cm_has_member(c->r->p, service->value, "build"))
			report(c, value, CM_E_UNDEFINED, "service \"%.*s\" declares non-buildable service \"%.*s\" as additional contexts %.*s",
				TEXT(s->name), TEXT(name), TEXT(context));
	}
}

static void check_platform(struct subject *s, const struct cm_node *build)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *platforms = cm_member(p, build, "platforms");
	struct cm_str platform = cm_member_text(p, s->node, "platform");

	if (!platform.n || !cm_items_below(platforms))
		return;
	for (uint32_t i = 0; i < platforms->count; i++)
		if (cm_str_eq(cm_text(cm_deref(platforms->items[i])), platform))
			return;
	report(s->c, cm_member(p, s->node, "platform"), CM_E_CONFLICT, "service \"%.*s\": build.platforms must include platform \"%.*s\"", TEXT(s->name),
		TEXT(platform));
}

static void check_image(struct subject *s)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *build = cm_member(p, s->node, "build");

	if (!cm_member_text(p, s->node, "image").n && !build && !cm_member(p, s->node, "provider"))
		cm_help(p, report(s->c, s->key, CM_E_MISSING_KEY, "service \"%.*s\" has neither an image nor a build context specified",
			TEXT(s->name)), "add image: NAME or build: FOLDER");
	if (!build)
		return;
	if (cm_member_text(p, build, "dockerfile").n && cm_member_text(p, build, "dockerfile_inline").n)
		report(s->c, cm_member(p, build, "dockerfile_inline"), CM_E_CONFLICT,
			"service \"%.*s\" declares mutually exclusive dockerfile and dockerfile_inline", TEXT(s->name));
	check_contexts(s, build);
	check_platform(s, build);
}

/* ---- networks, healthcheck ---- */

static void check_network_mode(struct subject *s)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *networks = cm_member(p, s->node, "networks");
	struct cm_str mode = cm_member_text(p, s->node, "network_mode"), other = cm_service_reference(mode);

	if (mode.n && networks && networks->kind != CM_SCALAR && networks->count)
		report(s->c, cm_member(p, s->node, "network_mode"), CM_E_CONFLICT,
			"service %.*s declares mutually exclusive `network_mode` and `networks`", TEXT(s->name));
	if (other.p && s->c->r->o->no_normalize && !defined(s->c, CM_ROLE_SERVICES, cm_literal(s->c->r, other)))
		report(s->c, cm_member(p, s->node, "network_mode"), CM_E_UNDEFINED, "service \"%.*s\" not found for network_mode '%.*s'", TEXT(other),
			TEXT(mode));
}

static void check_healthcheck(struct subject *s)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *test = cm_member(p, cm_member(p, s->node, "healthcheck"), "test");
	struct cm_str first;

	if (!cm_items_below(test))
		return;
	first = cm_item_text(s->c->r, test, 0);
	if (!first.p || (!cm_str_is(first, "CMD") && !cm_str_is(first, "CMD-SHELL") && !cm_str_is(first, "NONE")))
		report(s->c, test->items[0], CM_E_SCHEMA, "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"");
}

/* ---- dependencies ---- */

static void check_dependency(struct subject *s, struct cm_str name, const struct cm_pair *pair)
{
	struct consistency *c = s->c;
	bool required = !cm_member(c->r->p, pair->value, "required") || cm_member_true(c->r->p, pair->value, "required");
	struct cm_diag *d;

	if (defined(c, CM_ROLE_SERVICES, name) || (s->job && defined(c, CM_ROLE_JOBS, name)))
		return;
	if (!required && (cm_entry(c->r->p, c->all, CM_ROLE_SERVICES, name) ||
	    (s->job && cm_entry(c->r->p, c->all, CM_ROLE_JOBS, name))))
		return;
	if (s->job) {
		d = report(c, pair->key, CM_E_UNDEFINED, "job \"%.*s\" depends on undefined service or job \"%.*s\"", TEXT(s->name), TEXT(name));
	} else if (defined(c, CM_ROLE_JOBS, name)) {
		report(c, pair->key, CM_E_UNDEFINED, "service \"%.*s\" cannot depend on job \"%.*s\": services can only depend on other services",
			TEXT(s->name), TEXT(name));
		return;
	} else {
		d = report(c, pair->key, CM_E_UNDEFINED, "service \"%.*s\" depends on undefined service \"%.*s\"", TEXT(s->name), TEXT(name));
	}
	if (cm_entry(c->r->p, c->all, CM_ROLE_SERVICES, name))
		cm_help(c->r->p, d, "no active profile enables %.*s: see --profile", TEXT(name));
	else
		suggest(c, d, CM_ROLE_SERVICES, name);
}

static void check_dependencies(struct subject *s)
{
	struct cm_pairs all = cm_pairs_below(s->c->r->p, cm_member(s->c->r->p, s->node, "depends_on"));

	for (uint32_t i = 0; i < all.count; i++)
		check_dependency(s, cm_sym_str(all.at[i].word), &all.at[i]);
}

/* ---- numbers said twice ---- */

static bool number_of(struct cm_arena *a, const struct cm_node *n, double *f)
{
	struct cm_value v;
	int64_t bytes;

	if (!n || n->kind != CM_SCALAR)
		return false;
	v = cm_scalar_value(a, n);
	*f = v.type == CM_FLOAT ? v.f : v.negative ? -(double)v.u : (double)v.u;
	if (v.type == CM_FLOAT || v.type == CM_INT)
		return true;
	if (v.type != CM_STRING || cm_size_parse(a, v.s, &bytes))
		return false;
	*f = (double)bytes;
	return true;
}

static bool plain_number(struct cm_arena *a, const struct cm_node *n, double *f)
{
	if (n && n->kind == CM_SCALAR && cm_scalar_value(a, n).type == CM_STRING)
		return cm_float_parse(a, cm_text(n), f);
	return number_of(a, n, f);
}

static const struct {
	const char *key, *section, *other;
	bool size;
} twice[] = {
	{"cpus", "limits", "cpus", false}, {"mem_limit", "limits", "memory", true}, {"mem_reservation", "reservations", "memory", true},
	{"pids_limit", "limits", "pids", false},
};

static void check_twice(struct subject *s, size_t i, const struct cm_node *resources)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *section = cm_member(p, resources, twice[i].section), *own = cm_member(p, s->node, twice[i].key);
	bool (*read)(struct cm_arena *a, const struct cm_node *n, double *f) = twice[i].size ? number_of : plain_number;
	double a = 0, b = 0;

	if (!section || section->kind != CM_MAP || !own || !read(p->arena, own, &a) || a == 0)
		return;
	read(p->arena, cm_member(p, section, twice[i].other), &b);
	if ((float)a != (float)b)
		report(s->c, own, CM_E_CONFLICT, "services.%.*s: can't set distinct values on '%s' and 'deploy.resources.%s.%s'", TEXT(s->name),
			twice[i].key, twice[i].section, twice[i].other);
}

static void check_scale(struct subject *s)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *scale = cm_member(p, s->node, "scale"), *replicas = cm_member(p, cm_member(p, s->node, "deploy"), "replicas");
	double a = 0, b = 0;
	bool scaled = plain_number(p->arena, scale, &a), replicated = plain_number(p->arena, replicas, &b);

	if (scaled && replicated && a != b)
		report(s->c, scale, CM_E_CONFLICT, "services.%.*s: can't set distinct values on 'scale' and 'deploy.replicas'", TEXT(s->name));
	if (scaled && a < 0)
		report(s->c, scale, CM_E_SCHEMA, "services.%.*s.scale: must be greater than or equal to 0", TEXT(s->name));
	if (replicated && b < 0)
		report(s->c, replicas, CM_E_SCHEMA, "services.%.*s.deploy.replicas: must be greater than or equal to 0", TEXT(s->name));
	if (cm_member_text(p, s->node, "container_name").n && (a > 1 || b > 1))
		report(s->c, cm_member(p, s->node, "container_name"), CM_E_CONFLICT,
			"services.%.*s: a container_name and more than one container exclude each other: the name must be unique", TEXT(s->name));
}

/* ---- watch, mounts ---- */

static void check_watch(struct subject *s)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *watch = cm_member(p, cm_member(p, s->node, "develop"), "watch");

	for (uint32_t i = 0; i < cm_items_below(watch); i++)
		if (cm_str_starts(cm_member_text(p, watch->items[i], "action").p ? cm_member_text(p, watch->items[i], "action") : CM_STR(""),
		    "sync") && !cm_member_text(p, watch->items[i], "target").n)
			report(s->c, watch->items[i], CM_E_MISSING_KEY,
				"services.%.*s.develop.watch[%u]: target is required for non-rebuild actions", TEXT(s->name), i);
}

static void mount(struct subject *s, struct cm_entries *seen, struct cm_str target, const struct cm_node *n)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_sym *word = cm_sym(p, target);

	for (uint32_t i = 0; i < seen->count; i++)
		if (seen->at[i].word == word) {
			struct cm_diag *d = report(s->c, n, CM_E_CONFLICT, "services.%.*s: target %.*s is mounted twice", TEXT(s->name), TEXT(target));

			cm_note(p, d, cm_span_of(seen->at[i].value), "the first stands here");
			return;
		}
	cm_entries_add(p, seen, (struct cm_pair){word, n, n});
}

static void check_mounts(struct subject *s)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *tmpfs = cm_member(p, s->node, "tmpfs"), *volumes = cm_member(p, s->node, "volumes");
	struct cm_entries seen = {0};

	for (uint32_t i = 0; i < cm_items_below(tmpfs); i++) {
		struct cm_str text = cm_item_text(s->c->r, tmpfs, i);

		if (text.p)
			mount(s, &seen, cm_str_cut(text, 0, cm_str_find(text, ':', 0)), cm_deref(tmpfs->items[i]));
	}
	for (uint32_t i = 0; i < cm_items_below(volumes); i++) {
		struct cm_str target = cm_member_text(p, volumes->items[i], "target");

		if (target.p)
			mount(s, &seen, target, cm_deref(volumes->items[i]));
	}
}

/* ---- cycles ---- */

struct cycles {
	struct consistency *c;
	enum cm_role role;
	uint8_t *state;           /* 1: on the way, 2: done */
	uint32_t *way, *next, depth;
};

/* "a -> b -> a", from the first service of the loop. */
static void report_cycle(struct cycles *x, uint32_t again, const struct cm_node *from)
{
	struct cm_node *all = &x->c->sections[x->role];
	struct cm_buf *b = cm_buf_new(x->c->r->p->arena, 64);
	uint32_t i = 0;

	while (x->way[i] != again)
		i++;
	for (; i < x->depth; i++)
		cm_buf_printf(b, "%s -> ", all->pairs[x->way[i]].word->p);
	report(x->c, from, CM_E_DEPENDENCY_CYCLE, "dependency cycle detected: %.*s%s", (int)b->n, b->p, all->pairs[again].word->p);
	cm_buf_release(b);
}

static void enter(struct cycles *x, uint32_t i)
{
	x->state[i] = 1;
	x->next[x->depth] = 0;
	x->way[x->depth++] = i;
}

static void walk_from(struct cycles *x, uint32_t start)
{
	struct cm_project *p = x->c->r->p;
	struct cm_node *all = &x->c->sections[x->role];

	enter(x, start);
	while (x->depth) {
		uint32_t here = x->way[x->depth - 1], i = x->next[x->depth - 1]++, to;
		struct cm_pairs on = cm_pairs_below(p, cm_member(p, all->pairs[here].value, "depends_on"));

		if (i >= on.count) {
			x->state[here] = 2;
			x->depth--;
			continue;
		}
		to = cm_index_find(&x->c->index[x->role], on.at[i].word);
		if (to != UINT32_MAX && x->state[to] == 1)
			report_cycle(x, to, on.at[i].key);
		else if (to != UINT32_MAX && !x->state[to])
			enter(x, to);
	}
}

static void check_cycles(struct consistency *c, enum cm_role role)
{
	uint32_t count = c->sections[role].count;
	struct cycles x = {c, role, NULL, NULL, NULL, 0};

	x.state = cm_new_array(c->r->p->arena, (size_t)count + 1, uint8_t);
	x.way = cm_new_array(c->r->p->arena, (size_t)count + 1, uint32_t);
	x.next = cm_new_array(c->r->p->arena, (size_t)count + 1, uint32_t);
	for (uint32_t i = 0; i < count; i++)
		if (!x.state[i])
			walk_from(&x, i);
}

/* ---- all ---- */

static void check_service(struct subject *s)
{
	struct cm_project *p = s->c->r->p;
	const struct cm_node *resources = cm_member(p, cm_member(p, s->node, "deploy"), "resources");

	check_image(s);
	check_network_mode(s);
	check_healthcheck(s);
	check_dependencies(s);
	check_references(s);
	check_scale(s);
	for (size_t i = 0; i < sizeof(twice) / sizeof(*twice); i++)
		check_twice(s, i, resources);
	check_watch(s);
	check_mounts(s);
}

static void check_job(struct consistency *c, const struct cm_pair *pair)
{
	struct subject s = {c, cm_sym_str(pair->word), pair->key, cm_deref(pair->value), true};

	if (defined(c, CM_ROLE_SERVICES, s.name))
		report(c, pair->key, CM_E_CONFLICT, "\"%.*s\" is declared both as a service and a job: service and job names must be unique",
			TEXT(s.name));
	check_dependencies(&s);
}

static void check_secret(struct consistency *c, const struct cm_pair *pair)
{
	struct cm_project *p = c->r->p;
	const struct cm_node *n = cm_deref(pair->value);
	struct cm_str name = cm_sym_str(pair->word);

	if (!cm_member_true(p, n, "external") && !cm_member_text(p, n, "file").n && !cm_member_text(p, n, "environment").n)
		report(c, pair->key, CM_E_MISSING_KEY, "secret \"%.*s\" must declare either `file` or `environment`", TEXT(name));
}

static void each(struct consistency *c, enum cm_role role, void (*fn)(struct consistency *c, const struct cm_pair *pair))
{
	for (uint32_t i = 0; i < c->sections[role].count; i++)
		if (c->sections[role].pairs[i].word)
			fn(c, &c->sections[role].pairs[i]);
}

static void check_service_pair(struct consistency *c, const struct cm_pair *pair)
{
	struct subject s = {c, cm_sym_str(pair->word), pair->key, cm_deref(pair->value), false};

	check_service(&s);
}

bool cm_check_consistency(struct cm_resolve *r, const struct cm_node *enabled, const struct cm_node *all)
{
	struct consistency *c = cm_new(r->p->arena, struct consistency);

	if (r->o->no_consistency)
		return true;
	c->r = r;
	c->all = all;
	for (int role = CM_ROLE_SERVICES; role <= CM_ROLE_MODELS; role++) {
		struct cm_pairs pairs = cm_section_pairs(r->p, enabled, (enum cm_role)role);

		c->sections[role] = (struct cm_node){.kind = CM_MAP, .count = pairs.count, .pairs = (struct cm_pair *)pairs.at};
		c->index[role] = cm_index_of(r->p, &c->sections[role]);
	}
	each(c, CM_ROLE_SERVICES, check_service_pair);
	each(c, CM_ROLE_JOBS, check_job);
	each(c, CM_ROLE_SECRETS, check_secret);
	check_cycles(c, CM_ROLE_SERVICES);
	check_cycles(c, CM_ROLE_JOBS);
	return !c->failed;
}
