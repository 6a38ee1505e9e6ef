/* SPDX-License-Identifier: MIT */

/*
 * What the model says even where the author does not, normalised or not (spec/config.md 0.5, 4, 5):
 *
 *   build: {}                  ->  build: {context: .}
 *   ports: [{target: 80}]      ->  ports: [{target: 80, mode: ingress, protocol: tcp}]
 *   secrets: [{source: s}]     ->  secrets: [{source: s, target: /run/secrets/s}]
 *   gpus: [{driver: d}]        ->  gpus: [{driver: d, count: -1}]
 *
 * The values are the fallbacks of the table; hooks (pre_start) take no default of secrets and gpus.
 */

#include "model.h"

static bool in_hook(const struct cm_at *at)
{
	unsigned items = 0;

	for (; at; at = at->up)
		items += !at->word.p;
	return items > 1;
}

static const char *fallback_of(const struct cm_at *at, const char *key)
{
	const struct cm_attr *row = cm_attr_child(at->attr, cm_str_of(key));

	return row && row->fallback ? row->fallback : "";
}

/* An empty text counts as nothing said. */
static const struct cm_node *fill(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n, const char *key)
{
	struct cm_project *p = w->r->p;

	if (cm_member_text(p, n, key).n)
		return n;
	return cm_with(p, n, cm_str_of(key), cm_make_scalar(p, cm_str_of(fallback_of(at, key)), CM_PLAIN, NULL));
}

static const struct cm_node *fill_port(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	return fill(w, at, fill(w, at, n, "mode"), "protocol");
}

static const struct cm_node *fill_build(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	return cm_with_default(w->r->p, n, "context", cm_make_scalar(w->r->p, cm_str_of(fallback_of(at, "context")), CM_PLAIN, NULL));
}

static const struct cm_node *fill_secret(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	struct cm_str source = cm_member_text(p, n, "source");

	if (in_hook(at) || !source.p || cm_member_text(p, n, "target").n || !cm_attr_child(at->attr, CM_STR("target"))->fallback)
		return n;
	return cm_with(p, n, CM_STR("target"),
		cm_make_scalar(p, cm_strf(p->arena, "/run/secrets/%.*s", (int)source.n, source.p), CM_PLAIN, cm_member(p, n, "source")));
}

static const struct cm_node *fill_request(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;

	if (in_hook(at) || cm_member(p, n, "count") || cm_member(p, n, "device_ids"))
		return n;
	return cm_with(p, n, CM_STR("count"), cm_make_raw(p, cm_str_of(fallback_of(at, "count")), NULL));
}

static const struct cm_node *fill_bind(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	return cm_with_default(w->r->p, n, "create_host_path", cm_make_raw(w->r->p, cm_str_of(fallback_of(at, "create_host_path")), NULL));
}

/* Which mapping takes which defaults: known by its short form, or by a key with a fallback in its block. */
static const struct {
	enum cm_short short_form;
	const char *key;
	const struct cm_node *(*fill)(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n);
} fills[] = {
	{CM_SHORT_PORT, "mode", fill_port},
	{CM_SHORT_BUILD, "context", fill_build},
	{CM_SHORT_SOURCE, "target", fill_secret},
	{CM_SHORT_NONE, "count", fill_request},
	{CM_SHORT_NONE, "create_host_path", fill_bind},
};

static const struct cm_node *fill_map(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	if (n->kind != CM_MAP || !at->attr->block)
		return n;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
		const struct cm_attr *row;

		if (at->attr->short_form != fills[i].short_form)
			continue;
		row = cm_attr_child(at->attr, cm_str_of(fills[i].key));
		if (row && row->fallback && strcmp(row->name, "*"))
			return fills[i].fill(w, at, n);
	}
	return n;
}

/* One text where a list is meant. */
static const struct cm_node *fill_value(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_node **items;

	if (n->kind == CM_MAP)
		return fill_map(w, at, n);
	if (n->kind != CM_SCALAR || at->attr->short_form != CM_SHORT_ONE_OR_LIST || cm_is_null(n) || w->r->o->no_interpolate)
		return n;
	items = cm_new_array(w->r->p->arena, 1, const struct cm_node *);
	items[0] = n;
	return cm_make_seq(w->r->p, items, 1, CM_BLOCK, n, NULL);
}

const struct cm_node *cm_defaults(struct cm_resolve *r, const struct cm_node *root)
{
	struct cm_rewrite w = {.r = r, .before = fill_value};

	return cm_rewrite(&w, root);
}
