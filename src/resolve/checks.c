/* SPDX-License-Identifier: MIT */

/*
 * Settings that exclude each other, whatever is enabled and also with --no-consistency (spec/config.md 8.3).
 *
 *   secrets: {s: {file: f, environment: E}}   ->   error: secrets.s: file and environment exclude each other
 */

#include "model.h"

#include <arpa/inet.h>

struct checks {
	struct cm_resolve *r;
	bool failed;
};

static void conflict(struct checks *c, const struct cm_at *at, const struct cm_node *n, const char *what)
{
	struct cm_str path = cm_at_text(c->r->p, at);

	cm_error(c->r->p, cm_span_of(n), CM_E_CONFLICT, "%.*s: %s", (int)path.n, path.p, what);
	c->failed = true;
}

/* ---- resources ---- */

/* The ways to say where the content comes from. */
static const char *const sources_of[][4] = {
	{"file", "environment", NULL},
	{"file", "environment", "content", NULL},
};

static struct cm_str source_names(struct cm_project *p, const char *const *keys)
{
	struct cm_str s = cm_str_of(keys[0]);

	for (size_t i = 1; keys[i]; i++)
		s = cm_strf(p->arena, "%.*s|%s", (int)s.n, s.p, keys[i]);
	return s;
}

static void check_sources(struct checks *c, const struct cm_at *at, const struct cm_node *n, const char *const *keys)
{
	struct cm_project *p = c->r->p;
	struct cm_str names = source_names(p, keys);
	unsigned given = 0;

	for (size_t i = 0; keys[i]; i++)
		given += cm_member(p, n, keys[i]) != NULL;
	if (given > 1)
		conflict(c, at, n, cm_strf(p->arena, "%.*s attributes are mutually exclusive", (int)names.n, names.p).p);
	if (!given && !cm_member(p, n, "driver") && !cm_member(p, n, "external"))
		conflict(c, at, n, cm_strf(p->arena, "one of %.*s must be set", (int)names.n, names.p).p);
}

static void check_external(struct checks *c, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_pairs all = cm_pairs_below(c->r->p, n);

	if (!cm_member_true(c->r->p, n, "external"))
		return;
	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_str key = all.at[i].word ? cm_sym_str(all.at[i].word) : CM_STR("");

		if (!cm_str_is(key, "name") && !cm_str_is(key, "external") && !cm_str_starts(key, "x-"))
			conflict(c, at, all.at[i].key, cm_strf(c->r->p->arena, "conflicting parameters \"external\" and \"%.*s\" specified",
				(int)key.n, key.p).p);
	}
}

/* ---- in services ---- */

static void check_port(struct checks *c, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_node *host = cm_member(c->r->p, n, "host_ip");
	char out[sizeof(struct in6_addr)], *text;

	if (!host || host->kind != CM_SCALAR || cm_has_var(cm_text(host)))
		return;
	text = cm_strndup(c->r->p->arena, host->count ? host->text : "", host->count);
	if (inet_pton(AF_INET, text, out) != 1 && inet_pton(AF_INET6, text, out) != 1)
		conflict(c, at, host, cm_strf(c->r->p->arena, "invalid ip address: %s", text).p);
}

static void check_request(struct checks *c, const struct cm_at *at, const struct cm_node *n)
{
	if (cm_member(c->r->p, n, "count") && cm_member(c->r->p, n, "device_ids"))
		conflict(c, at, cm_member(c->r->p, n, "device_ids"), "\"count\" and \"device_ids\" attributes are exclusive");
}

static void check_watch(struct checks *c, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_node *path = cm_member(c->r->p, n, "path");

	if (path && path->kind == CM_SCALAR && !path->count)
		conflict(c, at, path, "the path cannot be blank");
}

/* "type: bind" without a source. */
static void check_bind(struct checks *c, const struct cm_at *at, const struct cm_node *n)
{
	if (cm_str_eq(cm_member_text(c->r->p, n, "type"), CM_STR("bind")) && !cm_member(c->r->p, n, "source"))
		conflict(c, at, n, "a bind mount needs a source");
}

static bool has_row(const struct cm_attr *attr, const char *key)
{
	const struct cm_attr *row = attr->block ? cm_attr_child(attr, cm_str_of(key)) : NULL;

	return row && strcmp(row->name, "*") != 0;
}

static void check_item(struct checks *c, const struct cm_at *at, const struct cm_node *n)
{
	if (at->attr->short_form == CM_SHORT_PORT)
		check_port(c, at, n);
	else if (at->attr->short_form == CM_SHORT_VOLUME)
		check_bind(c, at, n);
	else if (has_row(at->attr, "device_ids"))
		check_request(c, at, n);
	else if (has_row(at->attr, "action"))
		check_watch(c, at, n);
}

static const struct cm_node *check_node(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct checks *c = w->arg;
	bool resource = cm_at_depth(at) == 2;

	if (n->kind != CM_MAP)
		return n;
	if (resource && cm_at_role(at) == CM_ROLE_VOLUMES)
		check_external(c, at, n);
	else if (resource && cm_at_role(at) == CM_ROLE_SECRETS)
		check_sources(c, at, n, sources_of[0]);
	else if (resource && cm_at_role(at) == CM_ROLE_CONFIGS)
		check_sources(c, at, n, sources_of[1]);
	else if (!at->word.p)
		check_item(c, at, n);
	return n;
}

bool cm_check_model(struct cm_resolve *r, const struct cm_node *root)
{
	struct checks c = {.r = r};
	struct cm_rewrite w = {.r = r, .before = check_node, .arg = &c};

	cm_rewrite(&w, root);
	return !c.failed;
}
