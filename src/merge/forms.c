/* SPDX-License-Identifier: MIT */

/*
 * Attributes whose short form stands for a mapping (spec/merge.md 2.2): depends_on, networks,
 * models, build; and the two mappings with rules of their own, logging and ipam.config.
 *
 *   base [db]                                 over {db: {condition: service_healthy}}   ->  {db:
 * {condition: service_healthy}} base {db: {condition: service_healthy}}   over [db] ->  {db:
 * {condition: service_started}}
 */

#include "merge.h"

#include "../base/diag.h"
#include "../spec/names.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"

/* ---- depends_on, networks, models ---- */

static const char opaque_name[] = "a name held by a variable could be any entry";

/* What a bare name stands for: null, or Compose's explicit defaults. */
static const struct cm_node *meaning_of_name(
	struct cm_merger *m, const struct cm_attr *attr, const struct cm_node *name)
{
	struct cm_entries e = {0};

	if (attr->merge != CM_MERGE_DEPENDS)
		return cm_make_raw(m->p, CM_STR(""), name);
	cm_entries_add(m->p, &e,
		cm_make_pair(m->p, CM_STR(CM_NAME_CONDITION), NULL,
			cm_make_scalar(m->p, CM_STR(CM_VALUE_STARTED), CM_PLAIN, NULL)));
	return cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL);
}

static bool names_known(const struct cm_node *seq)
{
	for (uint32_t i = 0; i < seq->count; i++) {
		const struct cm_node *n = cm_deref(seq->items[i]);

		if (n->kind != CM_SCALAR || cm_has_var(cm_text(n)))
			return false;
	}
	return true;
}

static bool says_no_more_than_name(
	struct cm_merger *m, const struct cm_attr *attr, const struct cm_node *value)
{
	struct cm_pairs all;

	value = cm_deref(value);
	if (attr->merge != CM_MERGE_DEPENDS || cm_is_null(value))
		return cm_is_null(value) && attr->merge != CM_MERGE_DEPENDS;
	if (value->kind != CM_MAP || !value->count)
		return false;
	all = cm_pairs_of(m->p, value);
	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_str key = all.at[i].word ? cm_sym_str(all.at[i].word) : CM_STR(""),
			      text = cm_text(cm_deref(all.at[i].value));

		if (!(cm_str_is(key, CM_NAME_CONDITION) && cm_str_is(text, CM_VALUE_STARTED)) &&
			!(cm_str_is(key, CM_NAME_REQUIRED) && cm_str_is(text, "true")))
			return false;
	}
	return true;
}

/* A list of names over a list of names: the union, if no variable can make two of them the same. */
static const struct cm_node *union_of_names(struct cm_merger *m, const struct cm_step *at,
	const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_made *was = cm_made_of(base);
	struct cm_items out = {0};

	if (!cm_comparable(m, base, over))
		return base;
	for (uint32_t i = 0; i < base->count; i++)
		cm_items_add(m->p, &out, base->items[i],
			was && was->slots ? was->slots[i] : base->items[i]);
	for (uint32_t i = 0; i < over->count; i++) {
		const struct cm_node *n = cm_deref(over->items[i]);
		bool held = false;

		if (n->kind != CM_SCALAR)
			return cm_kind_clash(m, at, base, over->items[i]);
		for (uint32_t j = 0; j < out.count && !held; j++) {
			struct cm_str other = cm_text(cm_deref(out.at[j]));

			held = cm_str_eq(other, cm_text(n));
			if (!held && (cm_has_var(other) || cm_has_var(cm_text(n))) &&
				cm_may_equal(other, cm_text(n)))
				return cm_spill(m, at, base, over, opaque_name);
		}
		if (!held)
			cm_items_add(m->p, &out, over->items[i], NULL);
	}
	if (out.count == base->count)
		return base;
	return cm_make_seq(m->p, out.at, out.count, base->style, base, out.slots);
}

static const struct cm_node *names_to_map(
	struct cm_merger *m, const struct cm_attr *attr, const struct cm_node *seq)
{
	struct cm_entries e = {0};

	for (uint32_t i = 0; i < seq->count; i++) {
		const struct cm_node *n = cm_deref(seq->items[i]);

		cm_entries_add(m->p, &e,
			cm_make_pair(m->p, cm_text(n), seq->items[i],
				meaning_of_name(m, attr, seq->items[i])));
	}
	return cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL);
}

/* Names over a mapping: null never overwrites; a depends_on gets the explicit defaults over what it
 * had. */
static const struct cm_node *names_over_map(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	struct cm_entries e = {0};

	if (!names_known(over))
		return cm_spill(m, at, base, over, opaque_name);
	for (uint32_t i = 0; i < over->count; i++) {
		const struct cm_node *item = over->items[i], *n = cm_deref(item);
		const struct cm_pair *held = cm_map_get(m->p, base, cm_sym(m->p, cm_text(n)));
		const struct cm_node *value = meaning_of_name(m, attr, item);

		if (held && attr->merge == CM_MERGE_DEPENDS &&
			cm_deref(held->value)->kind == CM_MAP &&
			cm_map_text(m->p, cm_deref(held->value), CM_NAME_REQUIRED)) {
			struct cm_entries both = {0};

			cm_entries_add(m->p, &both, value->pairs[0]);
			cm_entries_add(m->p, &both,
				cm_make_pair(m->p, CM_STR(CM_NAME_REQUIRED), NULL,
					cm_make_raw(m->p, CM_STR("true"), NULL)));
			value = cm_make_map(m->p, both.at, both.count, CM_BLOCK, NULL);
		}
		cm_entries_add(m->p, &e, cm_make_pair(m->p, cm_text(n), item, value));
	}
	return cm_merge_map(m, at, attr, base, cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL));
}

/* A mapping over names: names stay names where every entry says no more than its name. */
static const struct cm_node *map_over_names(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	struct cm_pairs all = cm_pairs_of(m->p, over);
	struct cm_items names = {0};
	bool short_enough = true;

	for (uint32_t i = 0; i < all.count; i++) {
		short_enough = short_enough && all.at[i].word &&
			says_no_more_than_name(m, attr, all.at[i].value);
		if (!short_enough)
			break;
		cm_items_add(m->p, &names,
			cm_make_scalar(m->p, cm_sym_str(all.at[i].word), CM_PLAIN, all.at[i].key),
			NULL);
	}
	if (short_enough)
		return union_of_names(m, at, base,
			cm_make_seq(m->p, names.at, names.count, CM_BLOCK, NULL, NULL));
	if (!names_known(base))
		return cm_spill(m, at, base, over, opaque_name);
	return cm_merge_map(m, at, attr, names_to_map(m, attr, base), over);
}

/* Compose holds these as mappings, so a tag on one key always finds it (merge.md 4). */
static const struct cm_node *drop_tagged_names(
	struct cm_merger *m, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_made *was = cm_made_of(base);
	struct cm_items kept = {0};

	for (uint32_t i = 0; i < base->count; i++) {
		struct cm_str name = cm_text(cm_deref(base->items[i]));
		bool drop = false;

		for (uint32_t j = 0; j < over->count; j++)
			if (over->pairs[j].word &&
				cm_str_eq(cm_sym_str(over->pairs[j].word), name) &&
				(cm_is_reset(over->pairs[j].value) ||
					cm_is_override(over->pairs[j].value)))
				drop = true;
		if (!drop)
			cm_items_add(m->p, &kept, base->items[i],
				was && was->slots ? was->slots[i] : base->items[i]);
	}
	return kept.count == base->count
		? base
		: cm_make_seq(m->p, kept.at, kept.count, base->style, base, kept.slots);
}

static const struct cm_node *one_item(struct cm_merger *m, const struct cm_node *n)
{
	struct cm_items items = {0};

	cm_items_add(m->p, &items, n, NULL);
	return cm_make_seq(m->p, items.at, items.count, CM_BLOCK, NULL, NULL);
}

const struct cm_node *cm_merge_named(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	if (cm_is_null(over) || (over->kind == CM_SEQ && !over->count))
		return base;
	if (cm_is_null(base))
		return cm_adopt(m, over);
	if (over->kind == CM_SCALAR) {
		cm_quirk(m, over, "Docker Compose reads this text as a list of one name");
		over = one_item(m, over);
	}
	if (base->kind == CM_SCALAR)
		base = one_item(m, base);
	if (base->kind == CM_MAP && over->kind == CM_MAP)
		return cm_merge_map(m, at, attr, base, over);
	if (base->kind == CM_MAP)
		return names_over_map(m, at, attr, base, over);
	if (over->kind == CM_SEQ)
		return union_of_names(
			m, at, base, over->flags & CM_HAS_TAG ? cm_without_tags(m->p, over) : over);
	if (over->flags & CM_HAS_TAG) {
		if (m->hidden)
			m->must_inline = true;
		base = drop_tagged_names(m, base, over);
		over = cm_without_tags(m->p, over);
	}
	return map_over_names(m, at, attr, base, over);
}

/* ---- build ---- */

static const struct cm_node *build_map(
	struct cm_merger *m, const struct cm_node *context, const struct cm_node *value)
{
	struct cm_entries e = {0};

	cm_entries_add(m->p, &e, cm_make_pair(m->p, CM_STR(CM_NAME_CONTEXT), context, value));
	return cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL);
}

const struct cm_node *cm_merge_build(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	if (cm_is_null(over))
		return base;
	if (over->kind == CM_SEQ) {
		cm_quirk(m, over,
			"Docker Compose ignores this list: build takes a text or a mapping");
		return base;
	}
	if (base->kind == CM_SEQ)
		return cm_kind_clash(m, at, base, over);
	if (cm_is_null(base))
		return cm_adopt(m, over);
	if (base->kind == CM_SCALAR && over->kind == CM_SCALAR)
		return cm_equal(m->p, base, over) ? base : cm_adopt(m, over);
	if (base->kind == CM_SCALAR) {
		if (!over->count)
			return base;
		return cm_merge_map(m, at, attr, build_map(m, base, base), over);
	}
	if (over->kind == CM_SCALAR)
		over = build_map(m, over, over);
	return cm_merge_map(m, at, attr, base, over);
}

/* ---- logging ---- */

const struct cm_node *cm_merge_logging(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_node *old, *new;

	if (cm_is_null(over) || (over->kind == CM_MAP && base->kind == CM_MAP && !over->count))
		return base;
	if (cm_is_null(base))
		return cm_adopt(m, over);
	if (base->kind != CM_MAP || over->kind != CM_MAP)
		return cm_kind_clash(m, at, base, over);
	old = cm_map_text(m->p, base, CM_NAME_DRIVER);
	new = cm_map_text(m->p, over, CM_NAME_DRIVER);
	if (new && (cm_is_reset(new) || cm_is_override(new)))
		old = NULL;
	if (m->hidden && new && (!old || !cm_equal(m->p, old, new)))
		m->must_inline = true;
	if (!old || !new || cm_equal(m->p, old, new))
		return cm_merge_map(m, at, attr, base, over);
	if ((cm_has_var_below(old) || cm_has_var_below(new)) &&
		cm_may_equal(cm_text(cm_deref(old)), cm_text(cm_deref(new))))
		return cm_spill(m, at, base, over,
			"the two drivers could be the same under some value of the variables");
	return cm_adopt(m, over);
}

/* ---- ipam.config ---- */

/* Pools as Compose's loop sees them: changed while it runs, seen through every place that holds
 * them. */
struct pool {
	const struct cm_node *map;
};

struct pools {
	struct pool **at;
	uint32_t count;
};

static const struct cm_node *subnet_of(struct cm_merger *m, const struct pool *p)
{
	return cm_map_text(m->p, p->map, CM_NAME_SUBNET);
}

static bool same_subnet(struct cm_merger *m, const struct pool *a, const struct pool *b)
{
	const struct cm_node *x = subnet_of(m, a), *y = subnet_of(m, b);

	return x && y ? cm_equal(m->p, x, y) : !x && !y;
}

static uint32_t find_subnet(struct cm_merger *m, const struct pools *l, const struct pool *p)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (same_subnet(m, l->at[i], p))
			return i;
	return UINT32_MAX;
}

static void lay_pool(struct cm_merger *m, const struct cm_step *at, const struct cm_attr *item,
	struct pools *out, struct pool *right, struct pool *left)
{
	uint32_t i;

	if (!same_subnet(m, left, right) && find_subnet(m, out, left) == UINT32_MAX) {
		out->at[out->count++] = left;
		return;
	}
	right->map = cm_merge_map(m, at, item, right->map, left->map);
	i = find_subnet(m, out, right);
	if (i != UINT32_MAX)
		out->at[i] = right;
	else
		out->at[out->count++] = right;
}

static struct pool *pools_of(struct cm_merger *m, const struct cm_node *seq)
{
	struct pool *l = cm_new_array(m->p->arena, seq->count, struct pool);

	for (uint32_t i = 0; i < seq->count; i++) {
		l[i].map = cm_deref(seq->items[i]);
		if (l[i].map->kind != CM_MAP)
			return NULL;
	}
	return l;
}

static bool subnets_known(struct cm_merger *m, const struct pool *l, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (subnet_of(m, &l[i]) && cm_has_var_below(subnet_of(m, &l[i])))
			return false;
	return true;
}

static const struct cm_node *pools_to_seq(
	struct cm_merger *m, const struct cm_node *base, const struct pools *out)
{
	struct cm_items items = {0};
	bool same = out->count == base->count;
	uint32_t kept = 0, next = 0;

	for (uint32_t i = 0; i < out->count; i++) {
		const struct cm_node *slot = NULL, *map = out->at[i]->map;

		for (uint32_t j = next; j < base->count && !slot; j++)
			if (cm_deref(base->items[j]) == map ||
				(cm_made_of(map) &&
					cm_made_of(map)->orig == cm_deref(base->items[j])))
				slot = base->items[next = j];
		next += slot != NULL;
		kept += slot != NULL;
		same = same && slot == base->items[i] && map == cm_deref(slot);
		cm_items_add(m->p, &items, map, slot);
	}
	if (kept < base->count)
		cm_quirk(m, base,
			"Docker Compose loses address pools of the earlier file here; the result does the same");
	return same ? base
		    : cm_make_seq(m->p, items.at, items.count, base->style, base, items.slots);
}

const struct cm_node *cm_merge_pools(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_attr *item = cm_attr_item(attr);
	struct pool *rights, *lefts;
	struct pools out = {0};

	if (cm_is_null(over) || (over->kind == CM_SEQ && !over->count))
		return base;
	if (cm_is_null(base))
		return cm_adopt(m, over);
	if (base->kind != CM_SEQ || over->kind != CM_SEQ)
		return cm_kind_clash(m, at, base, over);
	if (!base->count)
		return cm_adopt(m, over);
	rights = pools_of(m, base);
	lefts = pools_of(m, over);
	if (!rights || !lefts)
		return cm_kind_clash(m, at, base, over);
	if (!subnets_known(m, rights, base->count) || !subnets_known(m, lefts, over->count) ||
		m->hidden)
		return cm_spill(m, at, base, over,
			"the subnets decide how pools are merged, and a variable holds one");
	out.at = cm_new_array(m->p->arena, (size_t)base->count * over->count + 1, struct pool *);
	for (uint32_t i = 0; i < base->count; i++)
		for (uint32_t j = 0; j < over->count; j++)
			lay_pool(m, at, item, &out, &rights[i], &lefts[j]);
	return pools_to_seq(m, base, &out);
}
