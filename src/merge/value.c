/* SPDX-License-Identifier: MIT */

/*
 * The default rule and the dispatch to the special ones (spec/merge.md 2.1, 2.2).
 *
 * A mapping is merged entry by entry; the array of pairs is copied at the first change, so that a
 * value nobody touches keeps its node, and with it its text.
 */

#include "merge.h"

#include <stdarg.h>

#include "../base/diag.h"
#include "../spec/names.h"
#include "../yaml/scalar.h"

/* ---- messages ---- */

struct cm_str cm_path_text(struct cm_merger *m, const struct cm_step *at)
{
	struct cm_str up, key;

	if (!at || !at->pair)
		return (struct cm_str){"", 0};
	up = cm_path_text(m, at->up);
	key = at->pair->word ? cm_sym_str(at->pair->word) : CM_STR("?");
	if (!up.n)
		return key;
	return cm_strf(m->p->arena, "%.*s.%.*s", (int)up.n, up.p, (int)key.n, key.p);
}

void cm_quirk(struct cm_merger *m, const struct cm_node *over, const char *fmt, ...)
{
	struct cm_buf *b = cm_buf_new(m->p->arena, 128);
	va_list ap;

	va_start(ap, fmt);
	cm_buf_vprintf(b, fmt, ap);
	va_end(ap);
	cm_warn(m->p, cm_span_of(over), CM_E_QUIRK, "%s", b->p);
	cm_buf_release(b);
}

static const char *kind_name(const struct cm_node *n)
{
	n = cm_deref(n);
	if (cm_is_null(n))
		return "nothing";
	return n->kind == CM_MAP ? "a mapping" : n->kind == CM_SEQ ? "a list" : "a single value";
}

const struct cm_node *cm_kind_clash(struct cm_merger *m, const struct cm_step *at,
	const struct cm_node *base, const struct cm_node *over)
{
	struct cm_str path = cm_path_text(m, at);
	struct cm_diag *d =
		cm_error(m->p, cm_span_of(over), CM_E_KIND_CLASH, "%.*s: %s cannot be laid over %s",
			(int)path.n, path.p, kind_name(over), kind_name(base));

	cm_note(m->p, d, cm_span_of(base), "%s stands here", kind_name(base));
	cm_help(m->p, d,
		"write both the same way, or put !override before the new value to replace the old one");
	return base;
}

/* ---- lists under construction ---- */

void cm_items_add(struct cm_project *p, struct cm_items *l, const struct cm_node *item,
	const struct cm_node *slot)
{
	if (l->count == l->room) {
		uint32_t room = l->room ? l->room * 2 : 8;
		const struct cm_node **at = cm_new_array(p->arena, room, const struct cm_node *);
		const struct cm_node **slots = cm_new_array(p->arena, room, const struct cm_node *);

		if (l->count) {
			memcpy(at, l->at, l->count * sizeof(*at));
			memcpy(slots, l->slots, l->count * sizeof(*slots));
		}
		l->at = at;
		l->slots = slots;
		l->room = room;
	}
	l->at[l->count] = item;
	l->slots[l->count++] = slot;
}

void cm_entries_add(struct cm_project *p, struct cm_entries *l, struct cm_pair pair)
{
	if (l->count == l->room) {
		uint32_t room = l->room ? l->room * 2 : 8;
		struct cm_pair *at = cm_new_array(p->arena, room, struct cm_pair);

		if (l->count)
			memcpy(at, l->at, l->count * sizeof(*at));
		l->at = at;
		l->room = room;
	}
	l->at[l->count++] = pair;
}

bool cm_has_var_below(const struct cm_node *n)
{
	n = cm_deref(n);
	if (n->kind == CM_SCALAR)
		return cm_has_var(cm_text(n));
	for (uint32_t i = 0; i < n->count; i++)
		if (cm_has_var_below(n->kind == CM_MAP ? n->pairs[i].value : n->items[i]))
			return true;
	return false;
}

static bool tags_below(const struct cm_node *n)
{
	for (uint32_t i = 0; n->kind != CM_SCALAR && n->kind != CM_ALIAS && i < n->count; i++)
		if ((n->kind == CM_MAP ? n->pairs[i].value : n->items[i])->flags & CM_HAS_TAG)
			return true;
	return false;
}

const struct cm_node *cm_plain_tag(struct cm_merger *m, const struct cm_node *made)
{
	struct cm_made *n = (struct cm_made *)made;
	struct cm_props *props;

	if (m->hidden || !cm_is_override(made) || tags_below(made))
		return made; /* without it, tags below that it made inert would act */
	props = cm_new(m->p->arena, struct cm_props);
	*props = *made->props;
	props->tag = (struct cm_str){"", 0};
	n->node.props = props;
	return made;
}

/* ---- one mapping over another ---- */

/* The base's pairs, copied at the first change. */
struct pairs {
	struct cm_merger *m;
	const struct cm_node *base;
	struct cm_index index;
	struct cm_entries out;
	bool changed, moved;
	bool top; /* the whole file */
};

static void begin_change(struct pairs *x)
{
	if (x->changed)
		return;
	x->changed = true;
	x->out.room = x->base->count + 4;
	x->out.at = cm_new_array(x->m->p->arena, x->out.room, struct cm_pair);
	if (x->base->count)
		memcpy(x->out.at, x->base->pairs, x->base->count * sizeof(struct cm_pair));
	x->out.count = x->base->count;
}

static void set_value(struct pairs *x, uint32_t i, const struct cm_node *value)
{
	if ((x->changed ? x->out.at[i].value : x->base->pairs[i].value) == value)
		return;
	begin_change(x);
	x->out.at[i].value = value;
}

static void append_pair(struct pairs *x, struct cm_pair pair)
{
	begin_change(x);
	cm_entries_add(x->m->p, &x->out, pair);
}

/* A removed pair keeps its number until the end, as a pair without a value. */
static void remove_pair(struct pairs *x, uint32_t i)
{
	begin_change(x);
	x->out.at[i].value = NULL;
}

static const struct cm_node *finish(struct pairs *x)
{
	uint32_t kept = 0;

	if (!x->changed)
		return x->base;
	for (uint32_t i = 0; i < x->out.count; i++)
		if (x->out.at[i].value)
			x->out.at[kept++] = x->out.at[i];
	return cm_plain_tag(x->m, cm_make_map(x->m->p, x->out.at, kept, x->base->style, x->base));
}

/* Writes out what << brings, so that one of its keys can be removed. */
static void inline_merge_keys(struct pairs *x)
{
	struct cm_pairs all;
	struct cm_entries out = {0};

	if (x->changed)
		x->base = finish(x);
	all = cm_pairs_of(x->m->p, x->base);

	for (uint32_t i = 0; i < all.count; i++)
		cm_entries_add(x->m->p, &out, all.at[i]);
	x->base = cm_make_map(x->m->p, out.at, out.count, x->base->style, x->base);
	x->index = cm_index_of(x->m->p, x->base);
	x->changed = x->moved = false;
	begin_change(x);
}

/* Where the base has key word: its number among the own pairs, or UINT32_MAX with *inherited set
 * when it comes through <<. */
static uint32_t find(struct pairs *x, const struct cm_sym *word, const struct cm_pair **inherited)
{
	uint32_t i = UINT32_MAX;

	*inherited = NULL;
	if (x->moved) { /* pairs changed places: the index no longer fits */
		for (uint32_t j = 0; word && j < x->out.count; j++)
			if (x->out.at[j].word == word && x->out.at[j].value)
				return j;
	} else if (word) {
		i = cm_index_find(&x->index, word);
	}
	if (i != UINT32_MAX && (x->changed ? x->out.at[i].value : x->base->pairs[i].value))
		return i;
	if (i == UINT32_MAX && word && x->base->flags & CM_HAS_ALIAS)
		*inherited = cm_map_get(x->m->p, x->base, word);
	if (*inherited)
		x->m->shared_changed = true;
	return UINT32_MAX;
}

/* The same attribute under its other name (x-develop for develop): what the base wrote. */
static const struct cm_sym *base_word(
	struct pairs *x, const struct cm_attr *child, const struct cm_sym *word)
{
	struct cm_sym *other;
	const struct cm_pair *inherited;

	if (!child || !child->alias || !word)
		return word;
	other = cm_sym(x->m->p, cm_str_of(child->alias));
	if (child->extension_alias) /* the official name is laid over the extension: what comes
				       later belongs there */
		return find(x, other, &inherited) != UINT32_MAX || inherited ? other : word;
	return find(x, word, &inherited) != UINT32_MAX || inherited ||
			find(x, other, &inherited) == UINT32_MAX
		? word
		: other;
}

bool cm_empty_list_is_nothing(const struct cm_attr *row)
{
	return row && row->types & CM_T_LIST && !(row->types & CM_T_MAP) &&
		row->merge != CM_MERGE_REPLACE && !row->keep_empty;
}

/* Puts pair where the pair number `at` stands, which moves behind it. */
static void insert_pair(struct pairs *x, uint32_t at, struct cm_pair pair)
{
	append_pair(x, pair);
	for (uint32_t i = x->out.count - 1; i > at; i--)
		x->out.at[i] = x->out.at[i - 1];
	x->out.at[at] = pair;
	x->index = (struct cm_index){0};
	x->moved = true;
}

static uint32_t merge_key_of(const struct pairs *x)
{
	const struct cm_pair *pairs = x->changed ? x->out.at : x->base->pairs;
	uint32_t count = x->changed ? x->out.count : x->base->count, i = 0;

	while (i < count && !(pairs[i].key->flags & CM_MERGE_KEY))
		i++;
	return i;
}

/* Would a << of the base bring word once its own pair is gone? */
static bool brings(struct pairs *x, const struct cm_sym *word)
{
	struct cm_entries below = {0};

	for (uint32_t i = 0; x->base->flags & CM_HAS_ALIAS && i < x->base->count; i++)
		if (x->base->pairs[i].key->flags & CM_MERGE_KEY)
			cm_entries_add(x->m->p, &below, x->base->pairs[i]);
	return below.count &&
		cm_map_get(
			x->m->p, cm_make_map(x->m->p, below.at, below.count, CM_BLOCK, NULL), word);
}

static void remove_all(struct pairs *x, const struct cm_sym *word)
{
	const struct cm_pair *inherited;
	uint32_t i;

	inline_merge_keys(x); /* own keys win, and the one that is left goes */
	i = find(x, word, &inherited);
	if (i != UINT32_MAX)
		remove_pair(x, i);
}

static void reset_pair(struct pairs *x, const struct cm_attr *attr, const struct cm_pair *pair)
{
	const struct cm_pair *inherited;
	const struct cm_attr *row =
		pair->word && attr ? cm_attr_child(attr, cm_sym_str(pair->word)) : NULL;
	uint32_t i = find(x, base_word(x, row, pair->word), &inherited);

	if (inherited && !x->m->hidden && cm_empty_list_is_nothing(row)) {
		insert_pair(x, merge_key_of(x) + 1,
			(struct cm_pair){pair->word,
				cm_make_scalar(x->m->p, cm_sym_str(pair->word), CM_PLAIN, NULL),
				cm_make_seq(x->m->p, NULL, 0, CM_FLOW, NULL, NULL)});
		return;
	}
	if (inherited) {
		inline_merge_keys(x);
		i = find(x, pair->word, &inherited);
	}
	if (x->m->hidden) {
		if (i != UINT32_MAX)
			set_value(x, i, pair->value);
		else
			append_pair(x, *pair);
	} else if (i != UINT32_MAX && !cm_mutant(x->m->p, "tag-reset")) {
		if (!brings(x, pair->word))
			remove_pair(x, i);
		else if (cm_empty_list_is_nothing(row))
			set_value(x, i, cm_make_seq(x->m->p, NULL, 0, CM_FLOW, NULL, NULL));
		else
			remove_all(x, pair->word);
	}
}

/* New `name`, `include` and x- entries of the file go before the services. */
static bool goes_before_services(const struct cm_pair *pair)
{
	const struct cm_attr *row = pair->word ? cm_attr_child(NULL, cm_sym_str(pair->word)) : NULL;

	if (row)
		return row->role == CM_ROLE_NAME || row->role == CM_ROLE_INCLUDE;
	return pair->word && cm_str_starts(cm_sym_str(pair->word), "x-");
}

void cm_insert_top(struct cm_project *p, struct cm_entries *l, struct cm_pair pair)
{
	uint32_t at = 0;

	while (at < l->count && l->at[at].word != cm_role_word(p, CM_ROLE_SERVICES))
		at++;
	cm_entries_add(p, l, pair);
	if (!goes_before_services(&pair))
		return;
	for (uint32_t i = l->count - 1; i > at; i--)
		l->at[i] = l->at[i - 1];
	l->at[at] = pair;
}

static void put(
	struct pairs *x, const struct cm_pair *pair, uint32_t i, const struct cm_node *value)
{
	struct cm_pair own = *pair;

	own.value = value;
	if (i != UINT32_MAX) {
		set_value(x, i, value);
	} else if (x->top && goes_before_services(pair)) {
		begin_change(x);
		cm_insert_top(x->m->p, &x->out, own);
		x->moved = true;
	} else {
		append_pair(x, own);
	}
}

static void override_pair(struct pairs *x, const struct cm_attr *attr, const struct cm_pair *pair)
{
	const struct cm_pair *inherited;
	const struct cm_attr *row =
		pair->word && attr ? cm_attr_child(attr, cm_sym_str(pair->word)) : NULL;
	uint32_t i = find(x, base_word(x, row, pair->word), &inherited);
	const struct cm_node *value =
		x->m->hidden ? pair->value : cm_without_tags(x->m->p, pair->value);

	put(x, pair, i, value);
}

static bool is_row(const struct cm_attr *child, enum cm_merge_rule rule)
{
	return child && child->merge == rule;
}

const struct cm_node *cm_with_tag(struct cm_merger *m, const struct cm_node *over)
{
	static const struct cm_props props = {{"!override", 9}, NULL, 0};
	const struct cm_node *n = cm_deref(over);
	struct cm_made *made;

	if (n->kind == CM_SCALAR || cm_is_override(n))
		return over;
	made = cm_make(m->p, n->kind, n->style, n);
	made->node.flags |= (uint16_t)(n->flags | CM_HAS_TAG | CM_MADE);
	made->node.props = &props;
	if (cm_made_of(n))
		made->slots = cm_made_of(n)->slots;
	return &made->node;
}

/* A tag stays on what replaces a reset value while something lies beneath. */
static const struct cm_node *over_reset(struct cm_merger *m, const struct cm_node *over)
{
	return m->hidden ? cm_with_tag(m, over) : cm_adopt(m, over);
}

static bool is_collection_of_services(const struct cm_attr *attr)
{
	return attr && (attr->role == CM_ROLE_SERVICES || attr->role == CM_ROLE_JOBS);
}

/* "<<: !reset {...}" acts on the mapping that holds it (merge.md 4). */
static bool resets_itself(const struct cm_node *over)
{
	over = cm_deref(over);
	for (uint32_t i = 0; over->kind == CM_MAP && over->flags & CM_HAS_TAG && i < over->count;
		i++)
		if (over->pairs[i].key->flags & CM_MERGE_KEY && cm_is_reset(over->pairs[i].value))
			return true;
	return false;
}

static void merge_pair(struct pairs *x, const struct cm_step *at, const struct cm_attr *attr,
	const struct cm_pair *pair)
{
	const struct cm_attr *child =
		pair->word && attr ? cm_attr_child(attr, cm_sym_str(pair->word)) : NULL;
	struct cm_step here = cm_step_to(at, pair);
	const struct cm_pair *inherited;
	const struct cm_node *base, *value;
	uint32_t i;

	if (!at && !attr)
		child = pair->word ? cm_attr_child(NULL, cm_sym_str(pair->word)) : NULL;
	if (is_row(child, CM_MERGE_VERSION) || is_row(child, CM_MERGE_INCLUDE))
		return;
	if (is_row(child, CM_MERGE_NAME) &&
		(cm_is_null(pair->value) || cm_text(cm_deref(pair->value)).n == 0))
		return;
	i = find(x, base_word(x, child, pair->word), &inherited);
	base = i != UINT32_MAX ? (x->changed ? x->out.at[i].value : x->base->pairs[i].value)
		: inherited    ? inherited->value
			       : NULL;
	if (cm_spilled(x->m, &here, false) ||
		(x->m->spills && cm_deref(pair->value)->kind != CM_MAP &&
			cm_spilled(x->m, &here, true))) {
		cm_spill(x->m, &here, base, pair->value, NULL);
		return;
	}
	if (base && resets_itself(pair->value)) {
		cm_quirk(x->m, pair->value,
			"!reset behind << removes all that earlier files say here");
		value = cm_without_tags(x->m->p, pair->value);
	} else if (base && cm_is_reset(base) && is_collection_of_services(attr))
		value = cm_merge_service(x->m, &here, child, NULL, pair->value);
	else if (base && cm_is_reset(base))
		value = over_reset(x->m, pair->value);
	else if (base)
		value = cm_merge_value(x->m, &here, child, base, pair->value);
	else if (is_collection_of_services(attr))
		value = cm_merge_service(x->m, &here, child, NULL, pair->value);
	else if (is_collection_of_services(child) && cm_deref(pair->value)->kind == CM_MAP)
		value = cm_merge_value(x->m, &here, child,
			cm_make_map(x->m->p, NULL, 0, CM_BLOCK, NULL), pair->value);
	else
		value = cm_adopt(x->m, pair->value);
	if (value && value != base)
		put(x, pair, i, value);
}

/* The tagged keys a << brings into the override: they act on the base even where an own key hides
 * their value. */
static void replay_merged_tags(struct pairs *x, const struct cm_node *over)
{
	for (uint32_t i = 0; i < over->count; i++) {
		const struct cm_node *value = cm_deref(over->pairs[i].value);

		if (!(over->pairs[i].key->flags & CM_MERGE_KEY) || !(value->flags & CM_HAS_TAG))
			continue;
		if (value->kind == CM_SEQ) {
			cm_quirk(x->m, over->pairs[i].value,
				"tags inside a << list have no effect on what earlier files set");
			continue;
		}
		for (uint32_t j = 0; j < value->count; j++)
			if (cm_is_reset(value->pairs[j].value) ||
				cm_is_override(value->pairs[j].value)) {
				const struct cm_pair *inherited;
				uint32_t own = find(x, value->pairs[j].word, &inherited);

				if (inherited) {
					inline_merge_keys(x);
					own = find(x, value->pairs[j].word, &inherited);
				}
				if (own != UINT32_MAX)
					remove_pair(x, own);
			}
		replay_merged_tags(x, value);
	}
}

/* Did this pair of the expanded override come through a << list? There its tags have no effect
 * (merge.md 4). */
static bool through_merge_list(const struct cm_node *over, const struct cm_pair *pair)
{
	for (uint32_t i = 0; i < over->count; i++)
		if (over->pairs[i].word == pair->word && over->pairs[i].value == pair->value)
			return false;
	for (uint32_t i = 0; i < over->count; i++)
		if (over->pairs[i].key->flags & CM_MERGE_KEY &&
			cm_deref(over->pairs[i].value)->kind == CM_SEQ)
			return true;
	return false;
}

static bool wildcard(struct pairs *x, const struct cm_pair *pair)
{
	if (!pair->word || pair->word->n != 1 || pair->word->p[0] != '*')
		return false;
	cm_quirk(x->m, pair->key, "the key * of a tag stands for every key here");
	for (uint32_t i = 0; i < x->base->count; i++)
		remove_pair(x, i);
	return true;
}

/* What comes through a << list acts without its tags. */
static void merge_inert(struct pairs *x, const struct cm_step *at, const struct cm_attr *attr,
	const struct cm_pair *pair)
{
	struct cm_pair plain = *pair;

	if (cm_is_reset(pair->value))
		return;
	plain.value = cm_without_tags(x->m->p, pair->value);
	merge_pair(x, at, attr, &plain);
}

static void tagged_pair(struct pairs *x, const struct cm_attr *attr, const struct cm_pair *pair)
{
	bool reset = cm_is_reset(pair->value);

	if (wildcard(x, pair) && reset)
		return;
	if (reset)
		reset_pair(x, attr, pair);
	else
		override_pair(x, attr, pair);
}

static bool is_extension_alias(const struct cm_attr *attr, const struct cm_pair *pair)
{
	const struct cm_attr *row;

	if (!attr || !pair->word || !cm_str_starts(cm_sym_str(pair->word), "x-"))
		return false;
	row = cm_attr_child(attr, cm_sym_str(pair->word));
	return row && row->extension_alias;
}

/* An extension and the attribute it stands for, both in one mapping of the override: laid over each
 * other before they meet the base. What a tag of the official one removes is removed from the base
 * alone. */
static const struct cm_node *joined_names(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *row, const struct cm_node *ext, const struct cm_node *own)
{
	struct cm_entries e = {0};
	const struct cm_node *x = cm_deref(ext), *o = cm_deref(own);

	if (cm_is_reset(ext) || (cm_is_null(ext) && !cm_is_override(ext)))
		return cm_is_reset(ext) && !cm_is_reset(own) ? cm_with_tag(m, own) : own;
	if (cm_is_reset(own))
		return cm_with_tag(m, ext);
	if (x->kind != CM_MAP || o->kind != CM_MAP)
		return cm_is_null(own) ? ext : own;
	for (uint32_t i = 0; i < x->count; i++) {
		const struct cm_pair *over =
			x->pairs[i].word ? cm_map_own(o, x->pairs[i].word) : NULL;
		const struct cm_attr *child =
			x->pairs[i].word ? cm_attr_child(row, cm_sym_str(x->pairs[i].word)) : NULL;
		struct cm_pair pair = x->pairs[i];
		struct cm_step here = cm_step_to(at, &pair);

		if (over && cm_is_reset(over->value))
			pair.value = cm_with_tag(m, pair.value);
		else if (over && cm_is_override(over->value))
			pair.value = over->value;
		else if (over)
			pair.value = cm_merge_value(m, &here, child, pair.value, over->value);
		cm_entries_add(m->p, &e, pair);
	}
	for (uint32_t i = 0; i < o->count; i++)
		if (!o->pairs[i].word || !cm_map_own(x, o->pairs[i].word))
			cm_entries_add(m->p, &e, o->pairs[i]);
	own = cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL);
	return cm_is_override(ext) || cm_is_override(o) ? cm_with_tag(m, own) : own;
}

/* A tag on extends or include comes too late: they are followed before tags of later files act
 * (merge.md 4). */
static bool is_resolved_early(
	struct cm_merger *m, const struct cm_attr *attr, const struct cm_pair *pair)
{
	if (!pair->word || !(pair->value->flags & CM_HAS_TAG))
		return false;
	return (attr && pair->word == cm_role_word(m->p, CM_ROLE_EXTENDS)) ||
		(!attr && pair->word == cm_role_word(m->p, CM_ROLE_INCLUDE));
}

static const struct cm_pair *pair_named(struct cm_pairs all, const struct cm_sym *word)
{
	for (uint32_t i = 0; i < all.count; i++)
		if (all.at[i].word == word)
			return &all.at[i];
	return NULL;
}

/* over with x-develop and develop made one; over itself where it has not both. */
static const struct cm_node *one_name_each(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *over)
{
	struct cm_pairs all = attr ? cm_pairs_of(m->p, over) : (struct cm_pairs){NULL, 0};

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_attr *row = is_extension_alias(attr, &all.at[i])
			? cm_attr_child(attr, cm_sym_str(all.at[i].word))
			: NULL;
		const struct cm_sym *word = row ? cm_sym(m->p, cm_str_of(row->alias)) : NULL;
		const struct cm_pair *own = word ? pair_named(all, word) : NULL;
		struct cm_entries e = {0};

		for (uint32_t j = 0; own && j < all.count; j++) {
			if (j == i)
				continue;
			cm_entries_add(m->p, &e, all.at[j]);
			if (all.at[j].word == word)
				e.at[e.count - 1].value =
					joined_names(m, at, cm_attr_child(attr, cm_sym_str(word)),
						all.at[i].value, own->value);
		}
		if (own)
			return cm_make_map(m->p, e.at, e.count, over->style, over);
	}
	return over;
}

/* A key that !reset cuts out no longer hides what << brings under its name: the base loses its
 * value and gets that one. */
static const struct cm_node *uncovered(struct cm_merger *m, const struct cm_node *over)
{
	struct cm_entries below = {0}, out = {0};
	const struct cm_node *merged;
	bool changed = false;

	for (uint32_t i = 0; i < over->count; i++)
		if (over->pairs[i].key->flags & CM_MERGE_KEY)
			cm_entries_add(m->p, &below, over->pairs[i]);
	if (!below.count)
		return over;
	merged = cm_make_map(m->p, below.at, below.count, CM_BLOCK, NULL);
	for (uint32_t i = 0; i < over->count; i++) {
		struct cm_pair pair = over->pairs[i];
		const struct cm_pair *brought = pair.word && cm_is_reset(pair.value)
			? cm_map_get(m->p, merged, pair.word)
			: NULL;

		if (brought) {
			pair.value = cm_with_tag(m, brought->value);
			changed = true;
		}
		cm_entries_add(m->p, &out, pair);
	}
	return changed ? cm_make_map(m->p, out.at, out.count, over->style, over) : over;
}

/* Does the override say anything about an attribute of two names? Then the base shall have one of
 * them only. */
static bool touches_extension(
	struct cm_merger *m, const struct cm_attr *attr, const struct cm_node *over)
{
	struct cm_pairs all = attr ? cm_pairs_of(m->p, over) : (struct cm_pairs){NULL, 0};

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_sym *word = all.at[i].word;

		if (!word || word->n < 4 ||
			(word->p[0] != 'x' && word->p[0] != 'd' && word->p[0] != 'i'))
			continue; /* spares most keys the look-up */
		if (cm_attr_child(attr, cm_sym_str(word)) &&
			cm_attr_child(attr, cm_sym_str(word))->alias)
			return true;
	}
	return false;
}

const struct cm_node *cm_merge_map(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	struct pairs x = {.m = m, .base = base, .top = !at && !attr};
	struct cm_pairs all;

	if (over->flags & CM_HAS_TAG && over->flags & CM_HAS_ALIAS)
		over = uncovered(m, over);
	if (over->flags & CM_HAS_ALIAS || touches_extension(m, attr, over)) {
		over = one_name_each(m, at, attr, over);
		if (touches_extension(m, attr, over))
			x.base = base = one_name_each(m, at, attr, base);
	}
	all = cm_pairs_of(m->p, over);

	x.index = cm_index_of(m->p, base);
	if (over->flags & CM_HAS_TAG && over->flags & CM_HAS_ALIAS)
		replay_merged_tags(&x, over);
	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_step here = cm_step_to(at, &all.at[i]);

		if (is_resolved_early(m, attr, &all.at[i]) || cm_vanishes(all.at[i].value))
			continue;
		if (all.at[i].value->flags & CM_HAS_TAG && through_merge_list(over, &all.at[i])) {
			merge_inert(&x, at, attr, &all.at[i]);
			continue;
		}
		if (!cm_is_reset(all.at[i].value) && !cm_is_override(all.at[i].value))
			merge_pair(&x, at, attr, &all.at[i]);
		else if (m->spills && cm_spilled(m, &here, true))
			cm_spill(m, &here, NULL, all.at[i].value, NULL);
		else
			tagged_pair(&x, attr, &all.at[i]);
	}
	return finish(&x);
}

/* ---- one value over another ---- */

/* gpus: all is a list of one. */
static const struct cm_node *long_gpus(struct cm_merger *m, const struct cm_node *n)
{
	struct cm_entries e = {0};
	struct cm_items items = {0};

	if (n->kind != CM_SCALAR || cm_has_var(cm_text(n)))
		return n;
	cm_entries_add(m->p, &e, cm_make_pair(m->p, CM_STR(CM_NAME_COUNT), n, n));
	cm_items_add(m->p, &items, cm_make_map(m->p, e.at, e.count, CM_FLOW, NULL), NULL);
	return cm_make_seq(m->p, items.at, items.count, CM_BLOCK, NULL, NULL);
}

static const struct cm_node *merge_default(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	if (cm_is_null(over))
		return cm_mutant(m->p, "null-keeps-base") ? cm_adopt(m, over) : base;
	if (attr && attr->short_form == CM_SHORT_GPUS && !m->gpus_as_written) {
		base = long_gpus(m, base);
		over = long_gpus(m, over);
	}
	if (base->kind == CM_SCALAR)
		return cm_equal(m->p, base, over) ? base : cm_adopt(m, over);
	if (attr && attr->short_form == CM_SHORT_SSH &&
		(base->kind == CM_SEQ || over->kind == CM_SEQ))
		return cm_merge_key_value(m, at, attr, base, over);
	if (attr && attr->short_form == CM_SHORT_EXTERNAL && base->kind == CM_MAP)
		return base->count && (over->kind == CM_SCALAR || !over->count)
			? base
			: cm_adopt(m, over); /* {name: n} means true, and names it */
	if (base->kind != over->kind)
		return cm_kind_clash(m, at, base, over);
	if (base->kind == CM_MAP)
		return cm_merge_map(m, at, attr, base, over);
	return cm_merge_list(m, at, attr, base, over);
}

static const struct cm_node *replace(
	struct cm_merger *m, const struct cm_node *base, const struct cm_node *over)
{
	return cm_equal(m->p, base, over) ? base : cm_adopt(m, over);
}

/* Only two mappings are merged; beneath a number, a mapping could meet another one (merge.md 9.2
 * row 5). */
static const struct cm_node *merge_ulimit(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	if (base->kind == CM_MAP && over->kind == CM_MAP)
		return cm_merge_map(m, at, attr, base, over);
	if (m->hidden && over->kind == CM_MAP)
		m->must_inline = true;
	return replace(m, base, over);
}

/* A debug build can switch a rule off by its name. */
static enum cm_merge_rule rule_of(const struct cm_merger *m, const struct cm_attr *attr)
{
	static const char *const names[] = {
		[CM_MERGE_REPLACE] = "replace",
		[CM_MERGE_TEST] = "test",
		[CM_MERGE_KEY_VALUE] = "key-value",
		[CM_MERGE_BUILD] = "build",
		[CM_MERGE_HOSTS] = "hosts",
		[CM_MERGE_STRINGS] = "strings",
		[CM_MERGE_DEPENDS] = "depends",
		[CM_MERGE_NAMES] = "names",
		[CM_MERGE_LOGGING] = "logging",
		[CM_MERGE_ULIMIT] = "ulimit",
		[CM_MERGE_POOLS] = "pools",
	};

	if (!attr)
		return CM_MERGE_DEFAULT;
	if (attr->merge < sizeof(names) / sizeof(*names) && names[attr->merge] &&
		cm_mutant(m->p, names[attr->merge]))
		return CM_MERGE_DEFAULT;
	return attr->merge;
}

static const struct cm_node *merge_by_rule(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	switch (rule_of(m, attr)) {
	case CM_MERGE_REPLACE:
	case CM_MERGE_TEST: return replace(m, base, over);
	case CM_MERGE_KEY_VALUE: return cm_merge_key_value(m, at, attr, base, over);
	case CM_MERGE_BUILD: return cm_merge_build(m, at, attr, base, over);
	case CM_MERGE_HOSTS: return cm_merge_hosts(m, at, attr, base, over);
	case CM_MERGE_STRINGS: return cm_merge_strings(m, at, attr, base, over);
	case CM_MERGE_DEPENDS:
	case CM_MERGE_NAMES: return cm_merge_named(m, at, attr, base, over);
	case CM_MERGE_LOGGING: return cm_merge_logging(m, at, attr, base, over);
	case CM_MERGE_ULIMIT: return merge_ulimit(m, at, attr, base, over);
	case CM_MERGE_POOLS: return cm_merge_pools(m, at, attr, base, over);
	default: return merge_default(m, at, attr, base, over);
	}
}

/* services or jobs as a whole: each member is a service. */
static const struct cm_node *merge_services(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	bool jobs = m->jobs;
	const struct cm_node *n;

	m->jobs = attr->role == CM_ROLE_JOBS;
	n = merge_default(m, at, attr, base, over);
	m->jobs = jobs;
	return n;
}

static bool has_repeats(const struct cm_node *seq)
{
	if (seq->count > 50)
		return true; /* let the list rules find out */
	for (uint32_t i = 0; i < seq->count && seq->count > 1; i++)
		if (cm_has_var_below(seq->items[i]))
			return true;
	for (uint32_t i = 1; i < seq->count; i++)
		for (uint32_t j = 0; j < i; j++)
			if (cm_deref(seq->items[i])->kind != CM_SCALAR ||
						cm_deref(seq->items[j])->kind != CM_SCALAR
					? cm_deref(seq->items[i])->kind ==
						cm_deref(seq->items[j])->kind
					: cm_str_eq(cm_text(cm_deref(seq->items[i])),
						  cm_text(cm_deref(seq->items[j]))))
				return true;
	return false;
}

/* An empty collection takes the override's text as it is, where that alone means the same. */
static bool takes_text_whole(
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	if ((base->kind != CM_MAP && base->kind != CM_SEQ) || base->count ||
		(over->kind != CM_MAP && over->kind != CM_SEQ) || !over->count || cm_tag(base).n ||
		over->flags & CM_HAS_TAG)
		return false;
	if (over->kind == CM_SEQ && has_repeats(over))
		return false; /* appending drops them */
	if (!attr || attr->merge == CM_MERGE_DEFAULT)
		return base->kind == over->kind && !is_collection_of_services(attr);
	return attr->merge == CM_MERGE_DEPENDS || attr->merge == CM_MERGE_NAMES ||
		attr->merge == CM_MERGE_STRINGS ||
		(attr->merge == CM_MERGE_LOGGING && base->kind == over->kind);
}

const struct cm_node *cm_merge_value(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_node *n = cm_deref(base), *o = cm_deref(over), *merged;

	if (n == o && !(attr && attr->merge == CM_MERGE_KEY_VALUE))
		return base;
	if (cm_is_override(n) &&
		tags_below(n)) { /* it made them inert; laid over, it does so no longer */
		n = cm_without_tags(m->p, n);
		n = m->hidden ? cm_with_tag(m, n) : n;
	}
	if (takes_text_whole(attr, n, o))
		return cm_adopt(m, over);
	if (is_collection_of_services(attr))
		merged = merge_services(m, at, attr, n, o);
	else if (at && at->up && attr && attr->name[0] == '*' && at->up->pair && !at->up->up &&
		is_collection_of_services(cm_attr_child(NULL, cm_sym_str(at->up->pair->word))))
		merged = cm_merge_service(m, at, attr, n, o);
	else
		merged = merge_by_rule(m, at, attr, n, o);
	if (merged != n && base->kind == CM_ALIAS)
		m->shared_changed = true;
	return merged == n ? base : merged;
}
