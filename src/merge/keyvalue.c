/* SPDX-License-Identifier: MIT */

/*
 * KEY=VALUE attributes: environment, labels, build.args ... (spec/merge.md 2.2).
 *
 *   base {A: 1, B: b}  over [B=2, C]      Compose: the list [A=1, B=2, C]      here: {A: 1, B: "2",
 * C: } base [A=1]         over {B: 017}                                           here: [A=1, B=15]
 *   base {A: 1}        over ["${K}=2"]    a key of a mapping is never interpolated: [A=1, "${K}=2"]
 *
 * Compose holds the result as a list whatever it was; the flag CM_LISTED remembers that, because a
 * later key-level !reset has no effect on a list (merge.md 4).
 */

#include "merge.h"

#include "../base/diag.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"

/* One entry on its way from one form to the other. */
struct entry {
	struct cm_str key; /* as it is at run time: no doubled $; opaque: unknown */
	struct cm_str text; /* the whole item as a list writes it; NULL: not put together yet */
	const struct cm_node *value; /* in a mapping: what to write; NULL: no value */
	const struct cm_node *node; /* the author's item, or value */
	const struct cm_node *from; /* the author's key; NULL: it was an item */
	bool opaque;
};

struct entries {
	struct entry *at;
	uint32_t count, room;
};

static void add_entry(struct cm_merger *m, struct entries *l, struct entry e)
{
	if (l->count == l->room) {
		uint32_t room = l->room ? l->room * 2 : 8;
		struct entry *at = cm_new_array(m->scratch, room, struct entry);

		if (l->count)
			memcpy(at, l->at, l->count * sizeof(*at));
		l->at = at;
		l->room = room;
	}
	l->at[l->count++] = e;
}

/* "a$b" as interpolated text must be written to stay "a$b". */
static struct cm_str doubled(struct cm_merger *m, struct cm_str s)
{
	struct cm_buf *b;
	struct cm_str out;

	if (!s.n || !memchr(s.p, '$', s.n))
		return s;
	b = cm_buf_new(m->p->arena, s.n + 8);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '$')
			cm_buf_putc(b, '$');
		cm_buf_putc(b, s.p[i]);
	}
	out = (struct cm_str){b->p, b->n};
	return out;
}

static struct cm_str undoubled(struct cm_merger *m, struct cm_str s)
{
	struct cm_buf *b;

	if (!s.n || !memchr(s.p, '$', s.n))
		return s;
	b = cm_buf_new(m->p->arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '$')
			i++;
		cm_buf_putc(b, s.p[i]);
	}
	return (struct cm_str){b->p, b->n};
}

/* How Go prints a value inside text: "map[c:1]", "[x y]". */
static void go_text(struct cm_merger *m, const struct cm_node *n, struct cm_buf *b)
{
	n = cm_deref(n);
	if (n->kind == CM_SCALAR) {
		if (cm_is_null(n))
			cm_buf_puts(b, "<nil>");
		else
			cm_buf_str(b, cm_value_text(m->p->arena, cm_scalar_value(m->p->arena, n)));
		return;
	}
	cm_buf_puts(b, n->kind == CM_MAP ? "map[" : "[");
	for (uint32_t i = 0; i < n->count; i++) {
		if (i)
			cm_buf_putc(b, ' ');
		if (n->kind == CM_MAP && n->pairs[i].word) {
			cm_buf_str(b, cm_sym_str(n->pairs[i].word));
			cm_buf_putc(b, ':');
		}
		go_text(m, n->kind == CM_MAP ? n->pairs[i].value : n->items[i], b);
	}
	cm_buf_putc(b, ']');
}

static struct cm_str text_of_value(struct cm_merger *m, const struct cm_node *n)
{
	struct cm_buf *b;

	n = cm_deref(n);
	if (n->kind == CM_SCALAR && (n->style != CM_PLAIN || n->flags & CM_MADE))
		return cm_text(n);
	b = cm_buf_new(m->p->arena, 32);
	go_text(m, n, b);
	return (struct cm_str){b->n ? b->p : "", b->n};
}

static struct entry entry_of_pair(const struct cm_pair *pair, const struct cm_node *value)
{
	struct entry e = {.node = pair->key, .from = pair->key, .value = value};

	if (value && cm_origin(value)->source && value->kind != CM_ALIAS)
		e.node = cm_origin(value); /* its line has the comments, before and behind */
	e.key = pair->word ? cm_sym_str(pair->word) : CM_STR("");
	return e;
}

/* The item that says the same in a list; put together only when a list is written. */
static struct cm_str item_text(struct cm_merger *m, struct entry *e)
{
	struct cm_str key, text;

	if (e->text.p)
		return e->text;
	key = doubled(m, e->key);
	if (!e->value || cm_is_null(e->value)) {
		e->text = key;
	} else {
		text = text_of_value(m, e->value);
		e->text = cm_strf(m->p->arena, "%.*s=%.*s", (int)key.n, key.p, (int)text.n, text.p);
	}
	return e->text;
}

/* The entries of a mapping. A list as a value stands for its last item, an empty one for nothing.
 */
static void entries_of_map(struct cm_merger *m, const struct cm_node *map, struct entries *out)
{
	struct cm_pairs all = cm_pairs_of(m->p, map);

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *value = cm_deref(all.at[i].value);

		if (cm_vanishes(all.at[i].value) || cm_is_reset(all.at[i].value))
			continue;
		if (value->kind == CM_SCALAR) {
			add_entry(m, out, entry_of_pair(&all.at[i], all.at[i].value));
			continue;
		}
		cm_quirk(m, all.at[i].value, "Docker Compose turns this collection into a text");
		if (value->kind == CM_SEQ && !value->count)
			continue;
		if (value->kind == CM_SEQ)
			value = value->items[value->count - 1];
		add_entry(m, out,
			entry_of_pair(&all.at[i],
				cm_make_scalar(
					m->p, text_of_value(m, value), CM_PLAIN, all.at[i].value)));
	}
}

static void entry_of_item(struct cm_merger *m, const struct cm_node *item, struct entries *out)
{
	const struct cm_node *n = cm_deref(item);
	struct cm_str text = cm_text(n);
	struct cm_entry_key key = cm_before_equals_key(text);
	struct entry e = {.node = item, .text = text, .opaque = key.known != CM_KNOWN};
	size_t equals = cm_str_find(text, '=', 0);

	e.key = e.opaque ? text : undoubled(m, key.text);
	if (!e.opaque && equals < text.n)
		e.value =
			cm_make_scalar(m->p, cm_str_cut(text, equals + 1, text.n), CM_PLAIN, item);
	add_entry(m, out, e);
}

static void entries_of(struct cm_merger *m, const struct cm_node *n, struct entries *out)
{
	if (n->kind == CM_MAP)
		entries_of_map(m, n, out);
	else if (n->kind == CM_SEQ)
		for (uint32_t i = 0; i < n->count; i++) {
			if (cm_deref(n->items[i])->kind == CM_SCALAR && !cm_vanishes(n->items[i]))
				entry_of_item(m, n->items[i], out);
		}
	else if (!cm_is_null(n) && cm_scalar_value(m->p->arena, n).type == CM_STRING)
		entry_of_item(m, n, out);
}

/* ---- which form can say it ---- */

static bool has_value(const struct entry *e)
{
	return e->value && !cm_is_null(e->value);
}

static bool fits_mapping(const struct entry *e)
{
	return !e->opaque && e->key.n && !cm_str_starts(e->key, "x-") &&
		cm_str_find(e->key, '=', 0) == e->key.n;
}

static bool all_fit_mapping(const struct entries *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (!fits_mapping(&l->at[i]))
			return false;
	return true;
}

/* Does the override take a value away, so that the shell's counts? In a list `config
 * --no-normalize` shows the shell's value, in a mapping it shows null (merge.md 1, step 18): the
 * list says what Compose would. */
static bool takes_value_away(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *base, const struct entries *new)
{
	if (!attr->looks_up || base->kind != CM_MAP || cm_map_has_merge(base) ||
		base->count > 2 * new->count + 2)
		return false; /* not worth rewriting a long or a shared mapping: only config
				 --no-normalize tells the difference */
	for (uint32_t i = 0; i < new->count; i++) {
		const struct cm_pair *held = has_value(&new->at[i])
			? NULL
			: cm_map_get(m->p, base, cm_sym(m->p, new->at[i].key));

		if (held && !cm_is_null(held->value))
			return true;
	}
	return false;
}

/* ---- mapping form ---- */

static bool same_value(struct cm_merger *m, const struct cm_node *a, const struct cm_node *b)
{
	bool none = cm_is_null(a), other = !b || cm_is_null(b);

	if (none || other)
		return none == other;
	if (cm_deref(a)->kind != CM_SCALAR || cm_deref(b)->kind != CM_SCALAR)
		return false;
	return cm_str_eq(text_of_value(m, a), text_of_value(m, b));
}

static const struct cm_node *value_to_write(struct cm_merger *m, const struct entry *e)
{
	return e->value ? e->value : cm_make_raw(m->p, CM_STR(""), e->node);
}

static const struct cm_node *lay_over_map(
	struct cm_merger *m, const struct cm_node *base, const struct entries *over, bool from_map)
{
	struct cm_index ix = cm_index_of(m->p, base);
	struct cm_entries out = {0};
	bool inherits = base->flags & CM_HAS_ALIAS && cm_map_has_merge(base);
	struct cm_made *made;

	m->shared_changed = m->shared_changed || inherits;
	out.room = base->count + over->count;
	out.at = cm_new_array(m->p->arena, out.room, struct cm_pair);
	if (base->count)
		memcpy(out.at, base->pairs, base->count * sizeof(struct cm_pair));
	out.count = base->count;
	for (uint32_t i = 0; i < over->count; i++) {
		const struct entry *e = &over->at[i];
		const struct cm_sym *word = cm_sym(m->p, e->key);
		uint32_t j = cm_index_find(&ix, word);
		const struct cm_pair *inherited =
			j == UINT32_MAX && inherits ? cm_map_get(m->p, base, word) : NULL;
		const struct cm_node *current = j != UINT32_MAX ? out.at[j].value
			: inherited                             ? inherited->value
								: NULL;

		for (uint32_t k = base->count; !from_map && !current && k < out.count; k++)
			if (out.at[k].word == word)
				j = k, current = out.at[k].value;
		if (current && !cm_is_reset(current) && same_value(m, current, e->value))
			continue;
		if (j != UINT32_MAX)
			out.at[j].value = value_to_write(m, e);
		else
			cm_entries_add(m->p, &out,
				(struct cm_pair){word,
					e->from ? e->from
						: cm_make_scalar(m->p, e->key, CM_PLAIN, e->node),
					value_to_write(m, e)});
	}
	made = (struct cm_made *)cm_make_map(m->p, out.at, out.count, base->style, base);
	made->node.flags |= CM_LISTED;
	return &made->node;
}

/* ---- list form ---- */

static const struct cm_node *item_of(struct cm_merger *m, struct entry *e, bool from_list)
{
	return from_list ? e->node : cm_make_scalar(m->p, item_text(m, e), CM_PLAIN, e->node);
}

/* The base's mapping as a list, each item where its entry stood. */
static const struct cm_node *as_list(struct cm_merger *m, const struct cm_node *base)
{
	struct entries all = {0};
	struct cm_items items = {0};

	if (base->kind == CM_SEQ)
		return base;
	entries_of(m, base, &all);
	for (uint32_t i = 0; i < all.count; i++)
		cm_items_add(m->p, &items, item_of(m, &all.at[i], base->kind != CM_MAP), NULL);
	return cm_make_seq(m->p, items.at, items.count, CM_BLOCK, NULL, NULL);
}

/* The last item that could have e's key, or UINT32_MAX. */
static uint32_t last_meeting(struct cm_merger *m, const struct cm_items *out, struct entry *e)
{
	for (uint32_t i = out->count; i-- > 0;) {
		struct cm_entry_key key;

		if (cm_deref(out->at[i])->kind != CM_SCALAR)
			continue;
		key = cm_before_equals_key(cm_text(cm_deref(out->at[i])));
		if (key.known != CM_KNOWN || e->opaque)
			return i;
		if (cm_str_eq(key.text, cm_before_equals_key(item_text(m, e)).text))
			return i;
	}
	return UINT32_MAX;
}

/* Does loading the result keep one entry a key? Not for jobs, nor for labels outside services and
 * networks (merge.md 3). */
static bool sorted_out(const struct cm_merger *m, const struct cm_attr *attr)
{
	return !m->jobs && attr->identity != CM_ID_NONE;
}

static void remove_same_key(struct cm_merger *m, struct cm_items *out, struct entry *e)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < out->count; i++) {
		struct cm_entry_key key = cm_before_equals_key(cm_text(cm_deref(out->at[i])));

		if (!e->opaque && key.known == CM_KNOWN &&
			cm_str_eq(key.text, cm_before_equals_key(item_text(m, e)).text))
			continue;
		out->at[kept] = out->at[i];
		out->slots[kept++] = out->slots[i];
	}
	out->count = kept;
}

static void lay_over_item(struct cm_merger *m, const struct cm_attr *attr, struct cm_items *out,
	struct entry *e, bool from_list)
{
	uint32_t i = last_meeting(m, out, e);
	const struct cm_node *held = i != UINT32_MAX ? cm_deref(out->at[i]) : NULL;

	if (held && cm_str_eq(cm_text(held), item_text(m, e)))
		return;
	if (!sorted_out(m, attr) &&
		!(held && !e->opaque && cm_before_equals_key(cm_text(held)).known == CM_KNOWN))
		remove_same_key(m, out, e); /* nothing sorts repeats out when the result is loaded:
					       the last one must stand last */
	if (!held || e->opaque || cm_before_equals_key(cm_text(held)).known != CM_KNOWN) {
		cm_items_add(m->p, out, item_of(m, e, from_list), NULL);
		return;
	}
	out->at[i] = item_of(m, e, from_list);
}

/* A key repeated in the base keeps its first place and its last value; for services loading the
 * result does that. */
static void collapse_last(struct cm_items *out)
{
	uint32_t last = out->count - 1;
	struct cm_entry_key key = cm_before_equals_key(cm_text(cm_deref(out->at[last])));

	for (uint32_t i = 0; i < last && key.known == CM_KNOWN; i++) {
		struct cm_entry_key other = cm_before_equals_key(cm_text(cm_deref(out->at[i])));

		if (other.known != CM_KNOWN || !cm_str_eq(other.text, key.text))
			continue;
		out->at[i] = out->at[last];
		out->count--;
		return;
	}
}

static const struct cm_node *lay_over_list(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *base, struct entries *over, bool from_list)
{
	struct cm_items out = {0};
	const struct cm_made *was = cm_made_of(base);
	struct cm_made *made;
	bool fresh = was && !was->orig;

	for (uint32_t i = 0; i < base->count; i++) {
		cm_items_add(m->p, &out, base->items[i],
			fresh                       ? NULL
				: was && was->slots ? was->slots[i]
						    : base->items[i]);
		if (!sorted_out(m, attr))
			collapse_last(&out);
	}
	for (uint32_t i = 0; i < over->count; i++)
		lay_over_item(m, attr, &out, &over->at[i], from_list);
	made = (struct cm_made *)cm_make_seq(m->p, out.at, out.count, base->style, base, out.slots);
	made->node.flags |= CM_LISTED;
	return &made->node;
}

/* ---- tags on single keys ---- */

static bool is_tagged(const struct cm_pair *pair)
{
	return cm_is_reset(pair->value) || cm_is_override(pair->value);
}

/* The key * of a tag stands for every key (merge.md 8 row 18). */
static bool is_wildcard(const struct cm_sym *word)
{
	return word->n == 1 && word->p[0] == '*';
}

static const struct cm_node *without_key(
	struct cm_merger *m, const struct cm_node *base, const struct cm_sym *word)
{
	struct cm_pairs all = cm_pairs_of(m->p, base);
	struct cm_entries kept = {0};

	for (uint32_t i = 0; i < all.count; i++)
		if (all.at[i].word != word && !is_wildcard(word))
			cm_entries_add(m->p, &kept, all.at[i]);
	return kept.count == all.count ? base
				       : cm_make_map(m->p, kept.at, kept.count, base->style, base);
}

static const struct cm_node *without_item(
	struct cm_merger *m, const struct cm_node *base, const struct cm_sym *word)
{
	const struct cm_made *was = cm_made_of(base);
	struct cm_items kept = {0};

	for (uint32_t i = 0; i < base->count; i++) {
		struct cm_entry_key key = cm_before_equals_key(cm_text(cm_deref(base->items[i])));

		if (!is_wildcard(word) &&
			(key.known != CM_KNOWN ||
				!cm_str_eq(undoubled(m, key.text), cm_sym_str(word))))
			cm_items_add(m->p, &kept, base->items[i],
				was && was->slots ? was->slots[i] : base->items[i]);
	}
	return kept.count == base->count
		? base
		: cm_make_seq(m->p, kept.at, kept.count, base->style, base, kept.slots);
}

/* Acts on the base for every tagged key of over. A list has no such path: nothing happens, as in
 * Compose. */
static const struct cm_node *apply_key_tags(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *base, const struct cm_node *over)
{
	bool canonical_map = attr->short_form == CM_SHORT_CONTEXTS;

	for (uint32_t i = 0; i < over->count; i++) {
		const struct cm_pair *pair = &over->pairs[i];

		if (!is_tagged(pair) || !pair->word)
			continue;
		if (m->hidden && !(base->flags & CM_LISTED))
			m->must_inline = true;
		if (base->kind == CM_MAP && (canonical_map || !(base->flags & CM_LISTED)))
			base = without_key(m, base, pair->word);
		else if (base->kind == CM_SEQ && canonical_map)
			base = without_item(m, base, pair->word);
		else
			cm_quirk(m, pair->value,
				"this tag has no effect: Docker Compose holds the earlier files' entries as a list by now");
	}
	return base;
}

static const struct cm_node *listed(struct cm_merger *m, const struct cm_node *base)
{
	struct cm_made *made;

	if (base->flags & CM_LISTED || base->kind == CM_SCALAR)
		return base;
	made = cm_make(m->p, base->kind, base->style, base);
	made->node.flags |= base->flags | CM_LISTED;
	if (cm_made_of(base))
		made->slots = cm_made_of(base)->slots;
	return &made->node;
}

/* Nothing sorts out equal entries of a job when the result is loaded, and the schema refuses them.
 */
static bool repeats_by_variable(const struct cm_node *seq)
{
	for (uint32_t i = 1; i < seq->count && seq->count < 1000; i++)
		for (uint32_t j = 0; j < i; j++) {
			struct cm_str a = cm_text(cm_deref(seq->items[i])),
				      b = cm_text(cm_deref(seq->items[j]));

			if ((cm_has_var(a) || cm_has_var(b)) && cm_may_equal(a, b))
				return true;
		}
	return false;
}

static const struct cm_node *merge_key_value(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	struct entries old = {0}, new = {0};
	bool from_list = over->kind != CM_MAP, as_map;
	const struct cm_node *merged;

	if (over->kind == CM_SCALAR && !cm_is_null(over))
		cm_quirk(m, over,
			cm_scalar_value(m->p->arena, over).type == CM_STRING
				? "Docker Compose reads this text as a list of one KEY=VALUE"
				: "Docker Compose ignores this value: it is neither a mapping nor a list");
	if (over->flags & CM_HAS_TAG) {
		if (over->kind == CM_MAP)
			base = apply_key_tags(m, attr, base, over);
		over = cm_without_tags(m->p, over);
	}
	entries_of(m, base, &old);
	entries_of(m, over, &new);
	as_map = all_fit_mapping(&old) && all_fit_mapping(&new) &&
		!takes_value_away(m, attr, base, &new);
	if (cm_is_null(base) || (base->kind == CM_SCALAR && !old.count) ||
		(!cm_tag(base).n && base->kind != CM_SCALAR && !base->count))
		return (over->kind == CM_MAP && !as_map) ? as_list(m, over)
			: new.count                      ? listed(m, over)
							 : base;
	if (base->kind == CM_MAP && as_map)
		return new.count ? lay_over_map(m, base, &new, !from_list) : listed(m, base);
	if (!new.count && base->kind == CM_SEQ)
		return listed(m, base);
	if (!cm_comparable(m, as_list(m, base), over))
		return base;
	merged = lay_over_list(m, attr, as_list(m, base), &new, from_list);
	if (!sorted_out(m, attr) && attr->unique && repeats_by_variable(merged))
		return cm_spill(m, at, base, over,
			"two entries could be equal under some value of the variables");
	return merged;
}

const struct cm_node *cm_merge_key_value(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_node *merged = merge_key_value(m, at, attr, base, over);

	cm_arena_reset(m->scratch);
	return merged;
}

/* ---- extra_hosts: no key, every address counts ---- */

static struct cm_str host_of(struct cm_str text)
{
	size_t cut = cm_str_find(text, '=', 0);

	if (cut == text.n)
		cut = cm_str_find(text, ':', 0);
	return cm_str_cut(text, 0, cut);
}

/* HOST=IP texts; from a mapping each address is one. */
static const struct cm_node *host_list(struct cm_merger *m, const struct cm_node *n)
{
	struct cm_items items = {0};
	struct cm_pairs all;

	if (n->kind == CM_SEQ)
		return n;
	if (n->kind == CM_SCALAR) {
		if (!cm_is_null(n))
			cm_items_add(m->p, &items, n, NULL);
		return cm_make_seq(m->p, items.at, items.count, CM_BLOCK, NULL, NULL);
	}
	all = cm_pairs_of(m->p, n);
	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *value = cm_deref(all.at[i].value);
		uint32_t count = cm_is_reset(value) ? 0 : value->kind == CM_SEQ ? value->count : 1;

		for (uint32_t j = 0; j < count; j++) {
			struct entry e = entry_of_pair(
				&all.at[i], value->kind == CM_SEQ ? value->items[j] : value);

			cm_items_add(m->p, &items,
				cm_make_scalar(m->p, item_text(m, &e), CM_PLAIN, e.node), NULL);
		}
	}
	return cm_make_seq(m->p, items.at, items.count, CM_BLOCK, NULL, NULL);
}

/* Two mappings stay one where no host and no x- key meets: then an entry is an entry. */
static const struct cm_node *disjoint_hosts(
	struct cm_merger *m, const struct cm_node *base, const struct cm_node *over)
{
	struct cm_entries out = {0};
	struct cm_pairs old = cm_pairs_of(m->p, base), all = cm_pairs_of(m->p, over);

	for (uint32_t i = 0; i < old.count; i++)
		if (!old.at[i].word || cm_str_starts(cm_sym_str(old.at[i].word), "x-"))
			return NULL;
	for (uint32_t i = 0; i < base->count; i++)
		cm_entries_add(m->p, &out, base->pairs[i]);
	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_pair *held =
			all.at[i].word ? cm_map_get(m->p, base, all.at[i].word) : NULL;

		if (!all.at[i].word || cm_str_starts(cm_sym_str(all.at[i].word), "x-"))
			return NULL;
		if (held &&
			(cm_is_reset(held->value) || !cm_equal(m->p, held->value, all.at[i].value)))
			return NULL;
		if (held && cm_has_var_below(held->value) &&
			cm_deref(held->value)->kind != CM_SCALAR)
			return NULL;
		if (!held)
			cm_entries_add(m->p, &out, all.at[i]);
	}
	return out.count == base->count ? base
					: cm_make_map(m->p, out.at, out.count, base->style, base);
}

/* A list of new hosts over a mapping: the mapping takes them. */
static const struct cm_node *hosts_into_map(
	struct cm_merger *m, const struct cm_node *base, const struct cm_node *over)
{
	struct cm_entries out = {0};

	for (uint32_t i = 0; i < over->count; i++) {
		const struct cm_node *n = cm_deref(over->items[i]);
		struct cm_str text = n->kind == CM_SCALAR ? cm_text(n) : (struct cm_str){"", 0},
			      host = host_of(text);

		if (!host.n || host.n == text.n || cm_map_get(m->p, base, cm_sym(m->p, host)) ||
			cm_has_var(host) || cm_str_find(text, ',', 0) < text.n ||
			cm_str_find(text, '[', 0) < text.n || memchr(host.p, '$', host.n))
			return NULL;
		cm_entries_add(m->p, &out,
			cm_make_pair(m->p, host, over->items[i],
				cm_make_scalar(m->p, cm_str_cut(text, host.n + 1, text.n), CM_PLAIN,
					over->items[i])));
		for (uint32_t j = 0; j + 1 < out.count; j++)
			if (out.at[j].word == out.at[out.count - 1].word)
				return NULL;
	}
	return disjoint_hosts(m, base, cm_make_map(m->p, out.at, out.count, CM_BLOCK, NULL));
}

static bool has_extension(const struct cm_node *n)
{
	for (uint32_t i = 0; n->kind == CM_MAP && i < n->count; i++)
		if (!n->pairs[i].word || cm_str_starts(cm_sym_str(n->pairs[i].word), "x-"))
			return true;
	return false;
}

const struct cm_node *cm_merge_hosts(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_node *merged = NULL;

	if (over->flags & CM_HAS_TAG) {
		if (over->kind == CM_MAP)
			base = apply_key_tags(m, attr, base, over);
		over = cm_without_tags(m->p, over);
	}
	if (cm_is_null(over) || (over->kind != CM_SCALAR && !over->count))
		return listed(m, base);
	if (cm_is_null(base) || (base->kind != CM_SCALAR && !base->count && !has_extension(over)))
		return listed(m, over);
	if (base->kind == CM_MAP && over->kind == CM_MAP)
		merged = disjoint_hosts(m, base, over);
	else if (base->kind == CM_MAP && over->kind == CM_SEQ)
		merged = hosts_into_map(m, base, over);
	if (!merged)
		merged = cm_merge_list(m, at, attr, host_list(m, base), host_list(m, over));
	return listed(m, merged);
}
