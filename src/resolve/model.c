/* SPDX-License-Identifier: MIT */

/* The walk over the model by the attribute table, and the look-ups the passes share. */

#include "model.h"

#include <string.h>

/* ---- where ---- */

static void write_at(struct cm_buf *b, const struct cm_at *at)
{
	if (!at)
		return;
	write_at(b, at->up);
	if (!at->word.p)
		cm_buf_printf(b, "[%u]", at->index);
	else
		cm_buf_printf(b, "%s%.*s", b->n ? "." : "", (int)at->word.n, at->word.p);
}

struct cm_str cm_at_text(struct cm_project *p, const struct cm_at *at)
{
	struct cm_buf *b = cm_buf_new(p->arena, 64);
	struct cm_str s;

	write_at(b, at);
	s = cm_strf(p->arena, "%.*s", (int)b->n, b->n ? b->p : "");
	cm_buf_release(b);
	return s;
}

enum cm_role cm_at_role(const struct cm_at *at)
{
	while (at && at->up)
		at = at->up;
	return at && at->attr ? at->attr->role : CM_ROLE_NONE;
}

unsigned cm_at_depth(const struct cm_at *at)
{
	unsigned depth = 0;

	for (; at; at = at->up)
		depth++;
	return depth;
}

struct cm_at cm_at_item(const struct cm_at *up, uint32_t index)
{
	return (struct cm_at){up, up->attr ? cm_attr_item(up->attr) : NULL, {NULL, 0}, index};
}

struct cm_at cm_at_key(const struct cm_at *up, struct cm_str word)
{
	const struct cm_attr *attr = NULL;

	if (!up || (up->attr && up->attr->block))
		attr = cm_attr_child(up ? up->attr : NULL, word);
	return (struct cm_at){up, attr, word, 0};
}

/* ---- the walk ---- */

static const struct cm_node *visit(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n);

static const struct cm_node *visit_map(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_pairs all = cm_pairs_of(w->r->p, n);
	struct cm_entries e = {0};
	bool changed = all.at != n->pairs;

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_pair pair = all.at[i];
		struct cm_at here = cm_at_key(at, pair.word ? cm_sym_str(pair.word) : CM_STR(""));

		if (here.attr)
			pair.value = visit(w, &here, all.at[i].value);
		if (pair.value != all.at[i].value && !changed) {
			for (uint32_t j = 0; j < i; j++)
				cm_entries_add(w->r->p, &e, all.at[j]);
			changed = true;
		}
		if (changed && pair.value)
			cm_entries_add(w->r->p, &e, pair);
	}
	return changed ? cm_map_made(w->r->p, &e, n) : n;
}

static const struct cm_node *visit_seq(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_items out = {0};
	bool changed = false;

	if (!at->attr || !cm_attr_item(at->attr))
		return n;
	for (uint32_t i = 0; i < n->count; i++) {
		struct cm_at here = cm_at_item(at, i);
		const struct cm_node *item = visit(w, &here, n->items[i]);

		if (item != n->items[i] && !changed) {
			for (uint32_t j = 0; j < i; j++)
				cm_items_add(w->r->p, &out, n->items[j], NULL);
			changed = true;
		}
		if (changed && item)
			cm_items_add(w->r->p, &out, item, NULL);
	}
	return changed ? cm_make_seq(w->r->p, out.at, out.count, n->style, n, NULL) : n;
}

static const struct cm_node *visit(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *given)
{
	const struct cm_node *n = cm_deref(given), *was = n;

	if (w->before && at) {
		n = w->before(w, at, n);
		if (!n)
			return NULL;
	}
	if (n->kind == CM_MAP && (!at || (at->attr && at->attr->block)))
		n = visit_map(w, at, n);
	else if (n->kind == CM_SEQ && at)
		n = visit_seq(w, at, n);
	if (w->after && at)
		n = w->after(w, at, n);
	return n == was ? given : n;
}

const struct cm_node *cm_rewrite(struct cm_rewrite *w, const struct cm_node *root)
{
	return visit(w, NULL, root);
}

/* ---- look-ups ---- */

const struct cm_node *cm_member(struct cm_project *p, const struct cm_node *map, const char *key)
{
	const struct cm_node *n;

	if (!map || cm_deref(map)->kind != CM_MAP)
		return NULL;
	n = cm_map_text(p, cm_deref(map), key);
	return n ? cm_deref(n) : NULL;
}

struct cm_str cm_member_text(struct cm_project *p, const struct cm_node *map, const char *key)
{
	const struct cm_node *n = cm_member(p, map, key);

	if (!n || n->kind != CM_SCALAR || cm_is_null(n))
		return (struct cm_str){NULL, 0};
	return n->count ? cm_text(n) : CM_STR("");
}

bool cm_member_true(struct cm_project *p, const struct cm_node *map, const char *key)
{
	const struct cm_node *n = cm_member(p, map, key);
	struct cm_value v;

	if (!n || n->kind != CM_SCALAR)
		return false;
	v = cm_scalar_value(p->arena, n);
	return v.type == CM_BOOL ? v.truth : v.type == CM_STRING && cm_str_is(v.s, "true");
}

bool cm_has_member(struct cm_project *p, const struct cm_node *map, const char *key)
{
	const struct cm_node *n = cm_member(p, map, key);

	return n && !cm_is_null(n);
}

struct cm_pairs cm_pairs_below(struct cm_project *p, const struct cm_node *map)
{
	if (!map || cm_deref(map)->kind != CM_MAP)
		return (struct cm_pairs){NULL, 0};
	return cm_pairs_of(p, cm_deref(map));
}

uint32_t cm_items_below(const struct cm_node *seq)
{
	return seq && cm_deref(seq)->kind == CM_SEQ ? cm_deref(seq)->count : 0;
}

struct cm_str cm_item_text(struct cm_resolve *r, const struct cm_node *seq, uint32_t i)
{
	const struct cm_node *n = cm_deref(cm_deref(seq)->items[i]);

	return n->kind == CM_SCALAR ? cm_literal(r, cm_text(n)) : (struct cm_str){NULL, 0};
}

const struct cm_node *cm_map_made(struct cm_project *p, const struct cm_entries *e, const struct cm_node *orig)
{
	return cm_make_map(p, e->at, e->count, orig && orig->kind == CM_MAP ? (enum cm_style)orig->style : CM_BLOCK, orig);
}

const struct cm_node *cm_with(struct cm_project *p, const struct cm_node *map, struct cm_str key, const struct cm_node *value)
{
	const struct cm_sym *word = cm_sym(p, key);
	struct cm_pairs all = cm_pairs_below(p, map);
	struct cm_entries e = {0};
	bool found = false;

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_pair pair = all.at[i];

		if (pair.word == word) {
			found = true;
			pair.value = value;
		}
		if (pair.value)
			cm_entries_add(p, &e, pair);
	}
	if (!found && value)
		cm_entries_add(p, &e, cm_make_pair(p, key, NULL, value));
	return cm_map_made(p, &e, map);
}

const struct cm_node *cm_with_default(struct cm_project *p, const struct cm_node *map, const char *key, const struct cm_node *value)
{
	return cm_member(p, map, key) ? map : cm_with(p, map, cm_str_of(key), value);
}

void cm_put_text(struct cm_project *p, struct cm_entries *e, const char *key, struct cm_str text, const struct cm_node *from)
{
	cm_entries_add(p, e, cm_make_pair(p, cm_str_of(key), from, cm_make_scalar(p, text, CM_PLAIN, from)));
}

void cm_put_raw(struct cm_project *p, struct cm_entries *e, const char *key, struct cm_str text, const struct cm_node *from)
{
	cm_entries_add(p, e, cm_make_pair(p, cm_str_of(key), from, cm_make_raw(p, text, from)));
}

/* ---- sections ---- */

struct cm_pairs cm_section_pairs(struct cm_project *p, const struct cm_node *root, enum cm_role role)
{
	return cm_pairs_below(p, cm_section(p, root, role));
}

const struct cm_pair *cm_entry(struct cm_project *p, const struct cm_node *root, enum cm_role role, struct cm_str name)
{
	const struct cm_node *section = cm_section(p, root, role);

	if (!section || !name.p || cm_deref(section)->kind != CM_MAP)
		return NULL;
	return cm_map_get(p, cm_deref(section), cm_sym(p, name));
}

const struct cm_node *cm_map_section(struct cm_resolve *r, const struct cm_node *root, enum cm_role role,
	const struct cm_node *(*fn)(struct cm_resolve *r, const struct cm_pair *entry, void *arg), void *arg)
{
	const struct cm_node *section = cm_section(r->p, root, role);
	struct cm_pairs all = cm_pairs_below(r->p, section);
	struct cm_entries e = {0};
	bool changed = false;

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_pair pair = all.at[i];

		pair.value = fn(r, &all.at[i], arg);
		changed = changed || pair.value != all.at[i].value;
		if (pair.value)
			cm_entries_add(r->p, &e, pair);
	}
	if (!changed)
		return root;
	return cm_with(r->p, root, cm_sym_str(cm_role_word(r->p, role)), cm_map_made(r->p, &e, cm_deref(section)));
}

/* ---- texts ---- */

static struct cm_key_value from_text(struct cm_resolve *r, const struct cm_node *n)
{
	struct cm_str s = cm_literal(r, cm_text(n));
	size_t at = cm_str_find(s, '=', 0);
	struct cm_key_value kv = {cm_str_cut(s, 0, at), {NULL, 0}, n};

	if (at < s.n)
		kv.value = cm_str_cut(s, at + 1, s.n);
	return kv;
}

struct cm_key_value *cm_key_values(struct cm_resolve *r, const struct cm_node *n, uint32_t *count)
{
	struct cm_pairs all = cm_pairs_below(r->p, n);
	uint32_t items = cm_items_below(n), used = 0;
	struct cm_key_value *out = cm_new_array(r->p->arena, (size_t)all.count + items + 1, struct cm_key_value);

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *value = cm_deref(all.at[i].value);

		out[used] = (struct cm_key_value){cm_sym_str(all.at[i].word), {NULL, 0}, value};
		if (value->kind == CM_SCALAR && !cm_is_null(value))
			out[used].value = cm_literal(r, cm_text(value));
		used++;
	}
	for (uint32_t i = 0; i < items; i++)
		if (cm_deref(cm_deref(n)->items[i])->kind == CM_SCALAR)
			out[used++] = from_text(r, cm_deref(cm_deref(n)->items[i]));
	*count = used;
	return out;
}

struct cm_str cm_service_reference(struct cm_str text)
{
	if (!text.p || !cm_str_starts(text, "service:"))
		return (struct cm_str){NULL, 0};
	return cm_str_cut(text, sizeof("service:") - 1, text.n);
}
