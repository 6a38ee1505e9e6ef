/* SPDX-License-Identifier: MIT */

/*
 * Short forms to long ones (spec/config.md 4, merge.md 2.3), after each document has been merged.
 *
 *   build: ./app                   ->  build: {context: ./app}
 *   ports: ["8000-8001:80-81"]     ->  ports: [{mode: ingress, target: 80, published: "8000", protocol: tcp}, {... 81, "8001" ...}]
 *   depends_on: [db]               ->  depends_on: {db: {condition: service_started, required: true}}
 *
 * One function a short form; the attribute table says which attribute has which. What is long already is left as it is. Texts
 * that hold a variable (only under --no-interpolate) are left too where they cannot be taken apart.
 */

#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const struct cm_node *expander(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n);

static bool is_text(struct cm_rewrite *w, const struct cm_node *n)
{
	return n->kind == CM_SCALAR && cm_scalar_value(w->r->p->arena, n).type == CM_STRING;
}

static const struct cm_node *refuse(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n, const char *why)
{
	struct cm_project *p = w->r->p;
	struct cm_str path = cm_at_text(p, at), text = n->kind == CM_SCALAR ? cm_text(n) : CM_STR("");

	cm_error(p, cm_span_of(n), CM_E_SHORT_FORM, "%.*s: \"%.*s\": %s", (int)path.n, path.p, (int)text.n, text.p, why);
	w->failed = true;
	return n;
}

/* {key: n}. */
static const struct cm_node *under_key(struct cm_rewrite *w, const char *key, const struct cm_node *n)
{
	struct cm_entries e = {0};

	cm_entries_add(w->r->p, &e, cm_make_pair(w->r->p, cm_str_of(key), n, n));
	return cm_make_map(w->r->p, e.at, e.count, CM_BLOCK, n);
}

static const struct cm_node *expand_build(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	(void)at;
	return is_text(w, n) ? under_key(w, "context", n) : n;
}

static const struct cm_node *expand_source(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	(void)at;
	return is_text(w, n) ? under_key(w, "source", n) : n;
}

static const struct cm_node *expand_cron(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	(void)at;
	return is_text(w, n) ? under_key(w, "cron", n) : n;
}

static const struct cm_node *boolean(struct cm_rewrite *w, bool truth)
{
	return cm_make_raw(w->r->p, truth ? CM_STR("true") : CM_STR("false"), NULL);
}

static const struct cm_node *expand_env_file(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	(void)at;
	if (is_text(w, n))
		n = under_key(w, "path", n);
	return n->kind == CM_MAP ? cm_with_default(w->r->p, n, "required", boolean(w, true)) : n;
}

/* Only what the merge holds as a list; the others are decoded so. */
static const struct cm_node *expand_one(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_node **items;

	if (!is_text(w, n) || (at->attr->merge != CM_MERGE_STRINGS && cm_at_depth(at) < 6))
		return n;
	items = cm_new_array(w->r->p->arena, 1, const struct cm_node *);
	items[0] = n;
	return cm_make_seq(w->r->p, items, 1, CM_BLOCK, n, NULL);
}

static const struct cm_node *expand_gpus(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_node **items;

	(void)at;
	if (!is_text(w, n))
		return n;
	items = cm_new_array(w->r->p->arena, 1, const struct cm_node *);
	items[0] = under_key(w, "count", n);
	return cm_make_seq(w->r->p, items, 1, CM_BLOCK, n, NULL);
}

/* ---- lists of names ---- */

static const struct cm_node *names_to_map(struct cm_rewrite *w, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	struct cm_entries e = {0};

	for (uint32_t i = 0; i < n->count; i++) {
		const struct cm_node *item = cm_deref(n->items[i]);

		if (item->kind != CM_SCALAR)
			return n;
		cm_entries_add(p, &e, cm_make_pair(p, cm_literal(w->r, cm_text(item)), item, cm_make_raw(p, CM_STR("null"), item)));
	}
	return cm_make_map(p, e.at, e.count, CM_BLOCK, n);
}

static const struct cm_node *expand_names(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	(void)at;
	return n->kind == CM_SEQ ? names_to_map(w, n) : n;
}

static const struct cm_node *dependency(struct cm_rewrite *w, const struct cm_node *value)
{
	struct cm_project *p = w->r->p;

	if (value->kind == CM_SCALAR)
		value = cm_make_map(p, NULL, 0, CM_BLOCK, value);
	value = cm_with_default(p, value, "condition", cm_make_scalar(p, CM_STR("service_started"), CM_PLAIN, NULL));
	return cm_with_default(p, value, "required", boolean(w, true));
}

static const struct cm_node *expand_depends(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_node *map = n->kind == CM_SEQ ? names_to_map(w, n) : n;
	struct cm_pairs all = cm_pairs_below(w->r->p, map);
	struct cm_entries e = {0};
	bool changed = map != n;

	(void)at;
	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_pair pair = all.at[i];

		pair.value = dependency(w, cm_deref(pair.value));
		changed = changed || pair.value != cm_deref(all.at[i].value);
		cm_entries_add(w->r->p, &e, pair);
	}
	return changed ? cm_map_made(w->r->p, &e, n) : n;
}

/* ---- NAME=VALUE ---- */

static const struct cm_node *expand_contexts(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	struct cm_entries e = {0};

	for (uint32_t i = 0; n->kind == CM_SEQ && i < n->count; i++) {
		const struct cm_node *item = cm_deref(n->items[i]);
		size_t equals = item->kind == CM_SCALAR ? cm_str_find(cm_text(item), '=', 0) : 0;

		if (w->r->o->no_interpolate && cm_has_var(cm_text(item)))
			return n;
		if (item->kind != CM_SCALAR || equals == item->count)
			return refuse(w, at, item, "write NAME=VALUE");
		cm_entries_add(p, &e, cm_make_pair(p, cm_literal(w->r, cm_str_cut(cm_text(item), 0, equals)), item,
			cm_make_scalar(p, cm_str_cut(cm_text(item), equals + 1, item->count), CM_PLAIN, item)));
	}
	return n->kind == CM_SEQ ? cm_map_made(p, &e, n) : n;
}

static const struct cm_node *expand_ssh(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	struct cm_entries e = {0};

	for (uint32_t i = 0; n->kind == CM_SEQ && i < n->count; i++) {
		const struct cm_node *item = cm_deref(n->items[i]), *value = cm_make_raw(p, CM_STR("null"), item);
		struct cm_str text = item->kind == CM_SCALAR ? cm_text(item) : CM_STR("");
		size_t equals = cm_str_find(text, '=', 0);

		if (equals == text.n && !cm_str_is(text, "default"))
			return refuse(w, at, item, "write ID=PATH: only the key \"default\" may have no path");
		if (equals < text.n)
			value = cm_make_scalar(p, cm_str_cut(text, equals + 1, text.n), CM_PLAIN, item);
		cm_entries_add(p, &e, cm_make_pair(p, cm_literal(w->r, cm_str_cut(text, 0, equals)), item, value));
	}
	return n->kind == CM_SEQ ? cm_map_made(p, &e, n) : n;
}

/* ---- ports ---- */

struct span_of_ports {
	unsigned first, last;
};

static struct span_of_ports read_ports(struct cm_str s)
{
	struct span_of_ports r = {0, 0};
	size_t dash = cm_str_find(s, '-', 0);

	for (size_t i = 0; i < dash; i++)
		r.first = s.p[i] == '+' ? r.first : r.first * 10 + (unsigned)(s.p[i] - '0');
	r.last = dash == s.n ? r.first : 0;
	for (size_t i = dash + 1; i < s.n; i++)
		r.last = s.p[i] == '+' ? r.last : r.last * 10 + (unsigned)(s.p[i] - '0');
	return r;
}

static struct cm_str lower(struct cm_project *p, struct cm_str s)
{
	char *out = cm_strndup(p->arena, s.n ? s.p : "", s.n);

	for (size_t i = 0; i < s.n; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] | 0x20);
	return (struct cm_str){out, s.n};
}

static const struct cm_node *one_port(struct cm_rewrite *w, const struct cm_node *from, const struct cm_port *port, unsigned target,
	struct cm_str published)
{
	struct cm_project *p = w->r->p;
	struct cm_entries e = {0};

	cm_put_text(p, &e, "mode", CM_STR("ingress"), NULL);
	if (port->host_ip.n)
		cm_put_text(p, &e, "host_ip", port->host_ip, from);
	cm_put_raw(p, &e, "target", cm_strf(p->arena, "%u", target), from);
	if (published.n)
		cm_put_text(p, &e, "published", published, from);
	cm_put_text(p, &e, "protocol", port->protocol.n ? lower(p, port->protocol) : CM_STR("tcp"), from);
	return cm_make_map(p, e.at, e.count, CM_BLOCK, from);
}

/* Entries of one range are in the order of their numbers as text: 10, 8, 9. */
static int by_text(const void *a, const void *b)
{
	char s[16], t[16];

	snprintf(s, sizeof(s), "%u/", *(const unsigned *)a);
	snprintf(t, sizeof(t), "%u/", *(const unsigned *)b);
	return strcmp(s, t);
}

static struct cm_str published_text(struct cm_project *p, struct span_of_ports r)
{
	return r.first == r.last ? cm_strf(p->arena, "%u", r.first) : cm_strf(p->arena, "%u-%u", r.first, r.last);
}

static void add_ports(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *item, struct cm_str text, struct cm_items *out)
{
	struct cm_project *p = w->r->p;
	struct cm_port port = cm_port_parse(text);
	struct span_of_ports target, published = {0, 0};
	unsigned *order, count;

	if (port.error) {
		refuse(w, at, item, port.error);
		return;
	}
	target = read_ports(port.target);
	if (port.published.n)
		published = read_ports(port.published);
	count = target.last - target.first + 1;
	order = cm_new_array(p->arena, count, unsigned);
	for (unsigned i = 0; i < count; i++)
		order[i] = target.first + i;
	qsort(order, count, sizeof(*order), by_text);
	for (unsigned i = 0; i < count; i++) {
		struct span_of_ports here = published;

		if (count > 1)
			here.first = here.last = published.first + order[i] - target.first;
		cm_items_add(p, out, one_port(w, item, &port, order[i], port.published.n ? published_text(p, here) : CM_STR("")), NULL);
	}
}

static bool any_var(const struct cm_node *seq)
{
	for (uint32_t i = 0; i < seq->count; i++) {
		const struct cm_node *n = cm_deref(seq->items[i]);

		if (n->kind == CM_SCALAR && cm_has_var(cm_text(n)))
			return true;
	}
	return false;
}

/* Under --no-interpolate a list with a variable stays as it is written. */
static const struct cm_node *expand_port_list(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_items out = {0};
	bool changed = false;

	if (n->kind != CM_SEQ || (w->r->o->no_interpolate && any_var(n)))
		return n;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct cm_node *item = cm_deref(n->items[i]);
		struct cm_at here = cm_at_item(at, i);
		struct cm_value v;

		if (item->kind != CM_SCALAR) {
			cm_items_add(w->r->p, &out, n->items[i], NULL);
			continue;
		}
		changed = true;
		v = cm_scalar_value(w->r->p->arena, item);
		if (v.type != CM_INT && v.type != CM_STRING)
			refuse(w, &here, item, "a port is a whole number, a text or a mapping");
		else
			add_ports(w, &here, item, v.type == CM_INT ? cm_value_text(w->r->p->arena, v) : cm_text(item), &out);
	}
	return changed ? cm_make_seq(w->r->p, out.at, out.count, n->style, n, NULL) : n;
}

/* ---- volumes ---- */

/* What the options of a short volume say. */
struct mount_options {
	int read_only;             /* -1: not said */
	bool nocopy;
	struct cm_str selinux, propagation;
};

static bool is_propagation(struct cm_str s)
{
	static const char *const words[] = {"rprivate", "private", "rshared", "shared", "rslave", "slave"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (cm_str_is(s, words[i]))
			return true;
	return false;
}

static struct mount_options read_options(struct cm_str s)
{
	struct mount_options o = {.read_only = -1};

	for (size_t at = 0, end; at < s.n; at = end + 1) {
		struct cm_str word;

		end = cm_str_find(s, ',', at);
		word = cm_str_cut(s, at, end);
		if (cm_str_is(word, "ro") || cm_str_is(word, "rw"))
			o.read_only = cm_str_is(word, "ro");
		else if (cm_str_is(word, "nocopy"))
			o.nocopy = true;
		else if (cm_str_is(word, "z") || cm_str_is(word, "Z"))
			o.selinux = word;
		else if (is_propagation(word))
			o.propagation = word;
	}
	return o;
}

static void put_map(struct cm_rewrite *w, struct cm_entries *e, const char *key, const struct cm_entries *below, const struct cm_node *from)
{
	cm_entries_add(w->r->p, e, cm_make_pair(w->r->p, cm_str_of(key), NULL, cm_make_map(w->r->p, below->at, below->count, CM_BLOCK, NULL)));
	(void)from;
}

static void put_mount_options(struct cm_rewrite *w, struct cm_entries *e, const struct cm_volume *v, bool plain, const struct cm_node *from)
{
	struct mount_options o = read_options(v->options);
	struct cm_entries bind = {0}, volume = {0};

	if (o.read_only == 1)
		cm_put_raw(w->r->p, e, "read_only", CM_STR("true"), from);
	if (o.propagation.n)
		cm_put_text(w->r->p, &bind, "propagation", o.propagation, from);
	if (o.selinux.n)
		cm_put_text(w->r->p, &bind, "selinux", o.selinux, from);
	if (o.nocopy)
		cm_put_raw(w->r->p, &volume, "nocopy", CM_STR("true"), from);
	if (v->bind || bind.count)
		put_map(w, e, "bind", &bind, from);
	if ((!v->bind && !plain) || volume.count)
		put_map(w, e, "volume", &volume, from);
}

static const struct cm_node *expand_volume(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	struct cm_entries e = {0};
	struct cm_volume v;

	if (!is_text(w, n))
		return n;
	v = cm_volume_parse(cm_text(n));
	if (v.error)
		return refuse(w, at, n, v.error);
	cm_put_text(p, &e, "type", v.bind ? CM_STR("bind") : CM_STR("volume"), n);
	if (v.source.n)
		cm_put_text(p, &e, "source", v.source, n);
	cm_put_text(p, &e, "target", cm_has_var(v.target) ? v.target : cm_path_clean(p->arena, v.target), n);
	put_mount_options(w, &e, &v, n->count <= 2, n);
	return cm_make_map(p, e.at, e.count, CM_BLOCK, n);
}

/* ---- devices ---- */

static const struct cm_node *expand_device(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	struct cm_entries e = {0};
	struct cm_str parts[3] = {{0}}, text = cm_text(n);
	size_t count = 0, from = 0;

	if (!is_text(w, n) || (w->r->o->no_interpolate && cm_has_var(text)))
		return n;
	for (size_t colon = 0; from <= text.n; from = colon + 1) {
		colon = cm_str_find(text, ':', from);
		if (count == 3)
			return refuse(w, at, n, "a device has at most three parts, SOURCE:TARGET:PERMISSIONS; use the long form");
		parts[count++] = cm_str_cut(text, from, colon);
	}
	cm_put_text(p, &e, "source", parts[0], n);
	cm_put_text(p, &e, "target", parts[1].n ? parts[1] : parts[0], n);
	cm_put_text(p, &e, "permissions", parts[2].n ? parts[2] : CM_STR("rwm"), n);
	return cm_make_map(p, e.at, e.count, CM_BLOCK, n);
}

/* ---- external ---- */

/* {external: {name: X}} of a resource: external: true and the name. */
static const struct cm_node *external_name(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	const struct cm_node *external = cm_member(p, n, "external");
	struct cm_str path = cm_at_text(p, at), name = cm_member_text(p, external, "name"), own = cm_member_text(p, n, "name");

	if (!external || external->kind != CM_MAP)
		return n;
	if (name.p && own.p && !cm_str_eq(name, own)) {
		cm_error(p, cm_span_of(external), CM_E_CONFLICT, "%.*s: name and external.name differ; only use name", (int)path.n, path.p);
		w->failed = true;
		return n;
	}
	if (name.p) {
		cm_warn(p, cm_span_of(external), CM_E_DEPRECATED,
			"%.*s: external.name is deprecated. Please set name and external: true", (int)path.n, path.p);
		n = cm_with(p, n, CM_STR("name"), cm_member(p, external, "name"));
	}
	return cm_with(p, n, CM_STR("external"), boolean(w, true));
}

static const struct cm_attr *external_row(const struct cm_attr *attr)
{
	const struct cm_attr *row = attr->block && !attr->block->any ? cm_attr_child(attr, CM_STR("external")) : NULL;

	return row && row->short_form == CM_SHORT_EXTERNAL ? row : NULL;
}

/* ---- the pass ---- */

static expander *const expanders[] = {
	[CM_SHORT_BUILD] = expand_build, [CM_SHORT_CONTEXTS] = expand_contexts, [CM_SHORT_SSH] = expand_ssh,
	[CM_SHORT_SOURCE] = expand_source, [CM_SHORT_DEPENDS] = expand_depends, [CM_SHORT_NAMES] = expand_names,
	[CM_SHORT_ENV_FILE] = expand_env_file, [CM_SHORT_ONE_OR_LIST] = expand_one, [CM_SHORT_GPUS] = expand_gpus,
	[CM_SHORT_VOLUME] = expand_volume, [CM_SHORT_DEVICE] = expand_device, [CM_SHORT_CRON] = expand_cron,
	[CM_SHORT_EXTENDS] = NULL,
};

/* A boolean where the model holds a text: provenance, sbom. */
static const struct cm_node *as_text(struct cm_rewrite *w, const struct cm_node *n)
{
	struct cm_value v = {.type = CM_STRING};

	if (n->kind == CM_SCALAR)
		v = cm_scalar_value(w->r->p->arena, n);
	return v.type == CM_BOOL ? cm_make_scalar(w->r->p, cm_value_text(w->r->p->arena, v), CM_DOUBLE, n) : n;
}

static const struct cm_node *expand(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_attr *attr = at->attr;

	if (attr->role == CM_ROLE_VERSION)
		return NULL;
	if (attr->item && attr->item->short_form == CM_SHORT_PORT)
		return expand_port_list(w, at, n);
	if (attr->types == (CM_T_STRING | CM_T_BOOL) && attr->canonical && !strcmp(attr->canonical, "string"))
		return as_text(w, n);
	if (n->kind == CM_MAP && external_row(attr))
		return external_name(w, at, n);
	return expanders[attr->short_form] ? expanders[attr->short_form](w, at, n) : n;
}

/* An empty text in a list of name servers is dropped. */
static const struct cm_node *without_blanks(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_items out = {0};

	if (n->kind != CM_SEQ || !cm_str_is(at->word, "dns") || at->attr->merge != CM_MERGE_STRINGS)
		return n;
	for (uint32_t i = 0; i < n->count; i++)
		if (cm_deref(n->items[i])->kind != CM_SCALAR || cm_deref(n->items[i])->count)
			cm_items_add(w->r->p, &out, n->items[i], NULL);
	return out.count == n->count ? n : cm_make_seq(w->r->p, out.at, out.count, n->style, n, NULL);
}

const struct cm_node *cm_canonical(struct cm_resolve *r, const struct cm_node *root)
{
	struct cm_rewrite w = {.r = r, .before = expand, .after = without_blanks};

	root = cm_rewrite(&w, root);
	return w.failed ? NULL : root;
}

/* ---- other spellings ---- */

/* Merges what the other spelling says beneath what the official one does. */
static const struct cm_node *beneath(struct cm_project *p, const struct cm_node *top, const struct cm_node *under)
{
	struct cm_pairs all = cm_pairs_below(p, under);

	if (!top || cm_is_null(top))
		return under;
	for (uint32_t i = 0; i < all.count && top->kind == CM_MAP; i++)
		if (all.at[i].word && !cm_map_get(p, top, all.at[i].word))
			top = cm_with(p, top, cm_sym_str(all.at[i].word), all.at[i].value);
	return top;
}

static const struct cm_node *rename_in(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_pairs all = cm_pairs_below(w->r->p, n);
	const struct cm_node *out = n;

	for (uint32_t i = 0; at->attr->block && i < all.count; i++) {
		const struct cm_attr *row = all.at[i].word ? cm_attr_child(at->attr, cm_sym_str(all.at[i].word)) : NULL;

		if (!row || !row->extension_alias || !row->alias)
			continue;
		out = cm_with(w->r->p, out, cm_sym_str(all.at[i].word), NULL);
		out = cm_with(w->r->p, out, cm_str_of(row->alias),
			beneath(w->r->p, cm_member(w->r->p, n, row->alias), cm_deref(all.at[i].value)));
	}
	return out;
}

const struct cm_node *cm_rename_aliases(struct cm_resolve *r, const struct cm_node *root)
{
	struct cm_rewrite w = {.r = r, .before = rename_in};

	return cm_rewrite(&w, root);
}
