/* SPDX-License-Identifier: MIT */

/*
 * Lists: appended, repeats dropped, entries of one identity replaced (spec/merge.md 2.1, 3).
 *
 * Compose lays an authored list over a canonical one, then lets the last entry of each identity
 * take the place of the first. Loading one merged list does only the latter. Three things make both
 * the same:
 *
 *   an entry that could meet a later one of its identity under some value of the variables is
 * appended, never put in place; an exact repeat, which Compose drops before it looks at identities,
 * is left out; where no identity sorts it out when the result is loaded, entries that variables
 * could make equal are spilled.
 */

#include "merge.h"

#include "../base/diag.h"
#include "../spec/names.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"

struct list {
	struct cm_merger *m;
	const struct cm_step *at;
	const struct cm_attr *attr, *item;
	enum cm_identity identity;
	struct cm_items out;
	const struct cm_node *
		*canonical; /* for each of these, what Compose holds: see canonical_item */
	uint32_t before; /* how many items were there before this layer */
	bool changed, spill;
};

/* ---- identities ---- */

static struct cm_str member_text(struct cm_merger *m, const struct cm_node *map, const char *key)
{
	const struct cm_node *n = cm_map_text(m->p, map, key);

	return n && cm_deref(n)->kind == CM_SCALAR ? cm_text(cm_deref(n))
						   : (struct cm_str){NULL, 0};
}

static struct cm_entry_key known_or_opaque(struct cm_str text)
{
	struct cm_entry_key k = {.known = cm_has_var(text) ? CM_OPAQUE : CM_KNOWN, .text = text};

	if (!text.p)
		k.known = CM_INVALID;
	return k;
}

/* An int published never equals a string one (merge.md 8 row 7): the key says which it was. */
static struct cm_entry_key long_port_key(struct cm_merger *m, const struct cm_node *map)
{
	const struct cm_node *published = cm_map_text(m->p, map, CM_NAME_PUBLISHED);
	struct cm_str text = member_text(m, map, CM_NAME_PUBLISHED),
		      target = member_text(m, map, CM_NAME_TARGET);
	struct cm_entry_key k;

	k = cm_port_key(m->p->arena, member_text(m, map, CM_NAME_HOST_IP), text, target,
		member_text(m, map, CM_NAME_PROTOCOL), false);
	if (k.known == CM_KNOWN && published &&
		cm_scalar_value(m->p->arena, cm_deref(published)).type == CM_INT)
		k.text = cm_strf(m->p->arena, "#%.*s", (int)k.text.n, k.text.p);
	return k;
}

static struct cm_entry_key mount_key(
	struct cm_merger *m, const struct cm_node *n, const char *folder)
{
	struct cm_str text = n->kind == CM_SCALAR ? cm_text(n) : member_text(m, n, CM_NAME_TARGET);

	if (n->kind == CM_MAP && text.p)
		return known_or_opaque(text);
	if (n->kind == CM_MAP)
		text = member_text(m, n, CM_NAME_SOURCE);
	if (!text.p)
		return known_or_opaque(text);
	return known_or_opaque(cm_strf(m->p->arena, "%s/%.*s", folder, (int)text.n, text.p));
}

/* Compose compares targets twice, as written and cleaned: a target that is not clean meets others
 * only the second time, so it is never put in place of one. */
static struct cm_entry_key volume_key(struct cm_arena *a, struct cm_str text)
{
	struct cm_entry_key k = cm_volume_short_key(a, text);
	struct cm_volume v = cm_volume_parse(text);

	if (k.known == CM_KNOWN && !cm_str_eq(k.text, v.target))
		k.known = CM_OPAQUE;
	return k;
}

static struct cm_entry_key scalar_key(struct list *l, struct cm_str text)
{
	struct cm_arena *a = l->m->p->arena;

	switch (l->identity) {
	case CM_ID_BEFORE_EQUALS: return cm_before_equals_key(text);
	case CM_ID_PORT: return cm_port_short_key(a, text);
	case CM_ID_VOLUME: return volume_key(a, text);
	case CM_ID_DEVICE: return cm_device_short_key(a, text);
	default: return known_or_opaque(text);
	}
}

static struct cm_entry_key key_of(struct list *l, const struct cm_node *item)
{
	const struct cm_node *n = cm_deref(item);

	if (l->identity == CM_ID_CONFIG)
		return mount_key(l->m, n, "");
	if (l->identity == CM_ID_SECRET)
		return mount_key(l->m, n, "/run/secrets");
	if (n->kind == CM_SCALAR)
		return scalar_key(l, cm_text(n));
	if (n->kind != CM_MAP)
		return (struct cm_entry_key){.known = CM_INVALID};
	switch (l->identity) {
	case CM_ID_PORT: return long_port_key(l->m, n);
	case CM_ID_ENV_FILE: return known_or_opaque(member_text(l->m, n, CM_NAME_PATH));
	case CM_ID_VOLUME:
	case CM_ID_DEVICE: return known_or_opaque(member_text(l->m, n, CM_NAME_TARGET));
	default: return (struct cm_entry_key){.known = CM_INVALID};
	}
}

/* The target number at the end of "0.0.0.0:8080:80/tcp"; 0: none. */
static unsigned target_number(struct cm_str key)
{
	size_t slash = cm_str_find(key, '/', 0), at = slash;
	unsigned n = 0;

	while (at > 0 && key.p[at - 1] >= '0' && key.p[at - 1] <= '9')
		at--;
	for (; at < slash; at++)
		n = n * 10 + (unsigned)(key.p[at] - '0');
	return n;
}

static bool ranges_meet(const struct cm_entry_key *a, const struct cm_entry_key *b)
{
	const struct cm_entry_key *many = a->known == CM_MANY ? a : b, *other = many == a ? b : a;
	unsigned n;

	if (other->known == CM_MANY)
		return many->first_target <= other->last_target &&
			other->first_target <= many->last_target;
	n = other->known == CM_KNOWN ? target_number(other->text) : 0;
	return !n || (n >= many->first_target && n <= many->last_target);
}

/* What the base holds was cleaned when it was laid down. */
static struct cm_entry_key base_key(struct list *l, const struct cm_node *item)
{
	const struct cm_node *n = cm_deref(item);

	if (l->identity == CM_ID_VOLUME && n->kind == CM_SCALAR)
		return cm_volume_short_key(l->m->p->arena, cm_text(n));
	return key_of(l, item);
}

static bool keys_may_meet(const struct cm_entry_key *a, const struct cm_entry_key *b)
{
	if (a->known == CM_INVALID || b->known == CM_INVALID)
		return false;
	if (a->known == CM_KNOWN && b->known == CM_KNOWN)
		return cm_str_eq(a->text, b->text);
	if (a->known == CM_MANY || b->known == CM_MANY)
		return ranges_meet(a, b);
	return !a->text.n || !b->text.n || cm_may_equal(a->text, b->text);
}

/* ---- equality before variables have values ---- */

/* Could a and b be deeply equal under some values of their variables? */
static bool may_equal(struct cm_merger *m, const struct cm_node *a, const struct cm_node *b)
{
	a = cm_deref(a);
	b = cm_deref(b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == CM_SCALAR) {
		if (!cm_has_var(cm_text(a)) && !cm_has_var(cm_text(b)))
			return cm_equal(m->p, a, b);
		return cm_may_equal(cm_text(a), cm_text(b));
	}
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		const struct cm_pair *other;

		if (a->kind == CM_SEQ) {
			if (!may_equal(m, a->items[i], b->items[i]))
				return false;
			continue;
		}
		other = a->pairs[i].word ? cm_map_get(m->p, b, a->pairs[i].word) : NULL;
		if (!other || !may_equal(m, a->pairs[i].value, other->value))
			return false;
	}
	return true;
}

/* Canonical env_file items say `required` themselves. */
static bool lists_every_required(const struct cm_attr *row, const struct cm_node *map)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct cm_attr *child = map->pairs[i].word
			? cm_attr_child(row, cm_sym_str(map->pairs[i].word))
			: NULL;

		if (child && child->cast == CM_CAST_BOOL_AT_DECODE)
			return true;
	}
	return false;
}

/* Does Compose hold this item in another form than it is written? Then an authored item never
 * equals it (merge.md 2.4). */
static bool turns_canonical(const struct cm_attr *row, const struct cm_node *n)
{
	n = cm_deref(n);
	if (!row)
		return false;
	if (n->kind == CM_SCALAR)
		return row->short_form != CM_SHORT_NONE && row->short_form != CM_SHORT_KEY_VALUE;
	if (n->kind == CM_SEQ || !row->block)
		return false;
	if (row->short_form == CM_SHORT_ENV_FILE && !lists_every_required(row, n))
		return true;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct cm_attr *child =
			n->pairs[i].word ? cm_attr_child(row, cm_sym_str(n->pairs[i].word)) : NULL;
		const struct cm_node *value = cm_deref(n->pairs[i].value);

		if (!child)
			continue;
		if (child->listed && value->kind == CM_SCALAR)
			return true;
		if ((child->merge == CM_MERGE_NAMES || child->merge == CM_MERGE_DEPENDS) &&
			value->kind == CM_SEQ)
			return true;
		if ((child->identity == CM_ID_ENV_FILE || child->short_form == CM_SHORT_BUILD ||
			    child->short_form == CM_SHORT_GPUS) &&
			value->kind == CM_SCALAR && !cm_is_null(value))
			return true;
		if (child->item && value->kind == CM_SEQ)
			for (uint32_t j = 0; j < value->count; j++)
				if (turns_canonical(child->item, value->items[j]))
					return true;
	}
	return false;
}

static void canonical_member(
	struct cm_merger *m, struct cm_entries *e, const char *key, struct cm_str text)
{
	cm_entries_add(m->p, e,
		cm_make_pair(
			m->p, cm_str_of(key), NULL, cm_make_scalar(m->p, text, CM_PLAIN, NULL)));
}

static void canonical_device(struct cm_merger *m, struct cm_str text, struct cm_entries *e)
{
	size_t first = cm_str_find(text, ':', 0),
	       second = first < text.n ? cm_str_find(text, ':', first + 1) : text.n;
	struct cm_str source = cm_str_cut(text, 0, first),
		      target = first < text.n ? cm_str_cut(text, first + 1, second) : source;

	canonical_member(m, e, CM_NAME_SOURCE, source);
	canonical_member(m, e, CM_NAME_TARGET, target.n ? target : source);
	canonical_member(m, e, CM_NAME_PERMISSIONS,
		second < text.n ? cm_str_cut(text, second + 1, text.n) : CM_STR(CM_VALUE_RWM));
}

static void canonical_port(struct cm_merger *m, struct cm_str text, struct cm_entries *e)
{
	struct cm_port port = cm_port_parse(text);
	struct cm_buf *protocol = cm_buf_new(m->p->arena, 8);

	if (port.error || cm_str_find(port.target, '-', 0) < port.target.n)
		return;
	for (size_t i = 0; i < port.protocol.n; i++)
		cm_buf_putc(protocol, (char)(port.protocol.p[i] | 0x20));
	canonical_member(m, e, CM_NAME_MODE, CM_STR(CM_VALUE_INGRESS));
	cm_entries_add(m->p, e,
		cm_make_pair(
			m->p, CM_STR(CM_NAME_TARGET), NULL, cm_make_raw(m->p, port.target, NULL)));
	if (port.published.n)
		canonical_member(m, e, CM_NAME_PUBLISHED, port.published);
	if (port.host_ip.n)
		canonical_member(m, e, CM_NAME_HOST_IP, port.host_ip);
	canonical_member(m, e, CM_NAME_PROTOCOL,
		protocol->n ? (struct cm_str){protocol->p, protocol->n} : CM_STR(CM_VALUE_TCP));
}

static void canonical_env_file(struct cm_merger *m, const struct cm_attr *row,
	const struct cm_node *n, struct cm_entries *e)
{
	if (n->kind == CM_SCALAR)
		canonical_member(m, e, CM_NAME_PATH, cm_text(n));
	for (uint32_t i = 0; n->kind == CM_MAP && i < n->count; i++)
		cm_entries_add(m->p, e, n->pairs[i]);
	if (n->kind == CM_SCALAR || !lists_every_required(row, n))
		cm_entries_add(m->p, e,
			cm_make_pair(m->p, CM_STR(CM_NAME_REQUIRED), NULL,
				cm_make_raw(m->p, CM_STR("true"), NULL)));
}

/* A mapping whose single texts stand for lists of one; NULL where it holds short forms of other
 * kinds. */
static const struct cm_node *canonical_members(
	struct cm_merger *m, const struct cm_attr *row, const struct cm_node *n)
{
	struct cm_entries e = {0};

	for (uint32_t i = 0; n->kind == CM_MAP && i < n->count; i++) {
		const struct cm_attr *child =
			n->pairs[i].word ? cm_attr_child(row, cm_sym_str(n->pairs[i].word)) : NULL;
		struct cm_pair pair = n->pairs[i];
		struct cm_items one = {0};

		if (child && child->listed && cm_deref(pair.value)->kind == CM_SCALAR) {
			cm_items_add(m->p, &one, pair.value, NULL);
			pair.value = cm_make_seq(m->p, one.at, 1, CM_BLOCK, NULL, NULL);
		}
		cm_entries_add(m->p, &e, pair);
	}
	n = cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL);
	return turns_canonical(row, n) ? NULL : n;
}

/* What Compose holds for a base item: strings cast where the table says so, short forms long
 * (merge.md 2.3). The item itself where that changes nothing; NULL where it is not known before
 * variables have values. */
static const struct cm_node *canonical_item(
	struct cm_merger *m, const struct cm_attr *row, const struct cm_node *item)
{
	const struct cm_node *n = cm_deref(item);
	struct cm_entries e = {0};

	if (!row)
		return n;
	if (row->short_form == CM_SHORT_ENV_FILE)
		canonical_env_file(m, row, n, &e);
	else if (n->kind != CM_SCALAR)
		return turns_canonical(row, n) ? canonical_members(m, row, n) : n;
	else if (row->short_form == CM_SHORT_DEVICE)
		canonical_device(m, cm_text(n), &e);
	else if (row->short_form == CM_SHORT_PORT)
		canonical_port(m, cm_text(n), &e);
	else if (row->short_form == CM_SHORT_SOURCE)
		canonical_member(m, &e, CM_NAME_SOURCE, cm_text(n));
	else if (row->short_form == CM_SHORT_CRON)
		canonical_member(m, &e, CM_NAME_CRON, cm_text(n));
	else
		return turns_canonical(row, n) ? NULL : n;
	return e.count ? cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL) : NULL;
}

/* Strings that interpolation casts to numbers or booleans, cast: "80" as a port's target is 80 for
 * both files. */
static const struct cm_node *cast_members(
	struct cm_merger *m, const struct cm_attr *row, const struct cm_node *item)
{
	const struct cm_node *n = cm_deref(item);
	struct cm_entries e = {0};
	bool changed = false;

	if (!row || !row->block || n->kind != CM_MAP)
		return item;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct cm_attr *child =
			n->pairs[i].word ? cm_attr_child(row, cm_sym_str(n->pairs[i].word)) : NULL;
		struct cm_pair pair = n->pairs[i];
		const struct cm_node *value = cm_deref(pair.value);

		if (child &&
			(child->cast == CM_CAST_BOOL || child->cast == CM_CAST_INT ||
				child->cast == CM_CAST_FLOAT64) &&
			value->kind == CM_SCALAR && !cm_has_var(cm_text(value)))
			pair.value = cm_make_raw(m->p, cm_text(value), NULL);
		else if (child && value->kind == CM_MAP)
			pair.value = cast_members(m, child, pair.value);
		if (child && child->extension_alias) {
			pair.word = cm_sym(m->p, cm_str_of(child->alias));
			changed = true;
		}
		changed = changed || pair.value != n->pairs[i].value;
		cm_entries_add(m->p, &e, pair);
	}
	return changed ? cm_make_map(m->p, e.at, e.count, CM_BLOCK, NULL) : item;
}

/* Is the override's item what Compose already holds for base item i? */
static bool is_repeat(struct list *l, uint32_t i, const struct cm_node *item)
{
	const struct cm_node *held = l->out.at[i], *canonical;

	if (i >= l->before || l->m->authored)
		return cm_equal(l->m->p, cast_members(l->m, l->item, held),
			cast_members(l->m, l->item, item));
	canonical = l->canonical[i];
	return canonical &&
		cm_equal(l->m->p, cast_members(l->m, l->item, canonical),
			cast_members(l->m, l->item, item));
}

static const struct cm_node *held_by_compose(struct list *l, uint32_t i)
{
	const struct cm_node *held = i < l->before ? l->canonical[i] : NULL;

	return held ? held : l->out.at[i];
}

/* ---- adding one item ---- */

static void append(struct list *l, const struct cm_node *item)
{
	cm_items_add(l->m->p, &l->out, item, NULL);
	l->changed = true;
}

static void member(struct cm_merger *m, const struct cm_node *from, struct cm_entries *e,
	const char *key, struct cm_str text, enum cm_style style)
{
	if (text.n)
		cm_entries_add(m->p, e,
			cm_make_pair(m->p, cm_str_of(key), from,
				cm_make_scalar(m->p, text, style, from)));
}

static bool long_port(struct cm_merger *m, const struct cm_node *n, struct cm_entries *e)
{
	struct cm_port port = cm_port_parse(cm_text(n));

	if (port.error || cm_str_find(port.target, '-', 0) < port.target.n)
		return false;
	cm_entries_add(m->p, e,
		cm_make_pair(m->p, CM_STR(CM_NAME_TARGET), n, cm_make_raw(m->p, port.target, n)));
	member(m, n, e, CM_NAME_PUBLISHED, port.published, CM_DOUBLE);
	member(m, n, e, CM_NAME_HOST_IP, port.host_ip, CM_DOUBLE);
	member(m, n, e, CM_NAME_PROTOCOL, port.protocol, CM_PLAIN);
	return true;
}

static void long_volume(struct cm_merger *m, const struct cm_node *n, struct cm_entries *e)
{
	struct cm_volume v = cm_volume_parse(cm_text(n));

	member(m, n, e, CM_NAME_TYPE, v.bind ? CM_STR(CM_NAME_BIND) : CM_STR(CM_NAME_VOLUME),
		CM_PLAIN);
	member(m, n, e, CM_NAME_SOURCE, v.source, CM_PLAIN);
	member(m, n, e, CM_NAME_TARGET, v.target, CM_PLAIN);
	cm_entries_add(m->p, e,
		cm_make_pair(m->p, v.bind ? CM_STR(CM_NAME_BIND) : CM_STR(CM_NAME_VOLUME), n,
			cm_make_map(m->p, NULL, 0, CM_FLOW, NULL)));
}

/* The long spelling of a short item without variables, for lists whose schema refuses the same text
 * twice; NULL: it has none. */
static const struct cm_node *long_form(struct list *l, const struct cm_node *item)
{
	const struct cm_node *n = cm_deref(item);
	struct cm_entries e = {0};

	if (n->kind != CM_SCALAR || !l->item || cm_has_var(cm_text(n)))
		return NULL;
	switch (l->item->short_form) {
	case CM_SHORT_SOURCE: member(l->m, n, &e, CM_NAME_SOURCE, cm_text(n), CM_PLAIN); break;
	case CM_SHORT_CRON: member(l->m, n, &e, CM_NAME_CRON, cm_text(n), CM_PLAIN); break;
	case CM_SHORT_PORT:
		if (!long_port(l->m, n, &e))
			return NULL;
		break;
	case CM_SHORT_VOLUME:
		if (cm_volume_parse(cm_text(n)).options.n)
			return NULL;
		long_volume(l->m, n, &e);
		break;
	default: return NULL;
	}
	return cm_make_map(l->m->p, e.at, e.count, CM_FLOW, NULL);
}

/* A list without identities: exact repeats are dropped, what may be equal cannot be said in one
 * document. */
static void add_plain(struct list *l, const struct cm_node *over, uint32_t number)
{
	const struct cm_node *item = over->items[number];
	bool same_text = false;

	for (uint32_t i = 0; i < number; i++)
		if (cm_equal(l->m->p, cast_members(l->m, l->item, over->items[i]),
			    cast_members(l->m, l->item, item)))
			return;

	for (uint32_t i = 0; i < l->out.count; i++) {
		if (is_repeat(l, i, item) && !cm_mutant(l->m->p, "append-dedup"))
			return;
		if (cm_equal(l->m->p, l->out.at[i], item))
			same_text = true;
		else if ((cm_has_var_below(item) || cm_has_var_below(l->out.at[i])) &&
			may_equal(l->m, held_by_compose(l, i), item))
			l->spill = true;
	}
	if (same_text && l->attr && l->attr->unique) {
		const struct cm_node *other = long_form(l, item);

		if (!other)
			l->spill = true;
		else
			item = other;
	}
	if (same_text)
		cm_quirk(l->m, item,
			"Docker Compose lists this entry twice: it does not see that the earlier file's short form says the same");
	append(l, item);
}

/* The last item that could have this identity, or UINT32_MAX. */
static uint32_t last_meeting(
	const struct cm_entry_key *keys, uint32_t count, const struct cm_entry_key *key)
{
	for (uint32_t i = count; i-- > 0;)
		if (keys_may_meet(&keys[i], key))
			return i;
	return UINT32_MAX;
}

static void put_in_place(struct list *l, uint32_t i, const struct cm_node *item)
{
	if (cm_equal(l->m->p, l->out.at[i], item))
		return;
	l->out.at[i] = item;
	l->changed = true;
}

/* Is item an exact repeat of an entry of the base that nothing behind it can have replaced? */
static bool dropped(struct list *l, const struct cm_entry_key *keys, const struct cm_entry_key *key,
	const struct cm_node *item)
{
	for (uint32_t i = l->before; i-- > 0;) {
		const struct cm_node *held = l->canonical[i];

		if (held && cm_equal(l->m->p, held, item))
			return true;
		if (keys_may_meet(&keys[i], key))
			return false;
	}
	return false;
}

/* A repeat of a base entry is dropped only if no variable put another in its place; where this layer said something else under
 * that identity before, it then depends on the variable which of the two counts. */
static bool drop_depends(struct list *l, const struct cm_entry_key *keys,
	const struct cm_entry_key *key, const struct cm_node *item)
{
	bool held = false, said = false;

	for (uint32_t i = 0; i < l->before && !held; i++)
		held = l->canonical[i] && cm_equal(l->m->p, l->canonical[i], item);
	for (uint32_t i = l->before; held && i < l->out.count && !said; i++)
		said = keys_may_meet(&keys[i], key);
	return held && said;
}

static void add_by_identity(struct list *l, struct cm_entry_key *keys, const struct cm_node *item)
{
	struct cm_entry_key key = key_of(l, item);
	uint32_t i;

	for (uint32_t j = l->before; j < l->out.count; j++)
		if (cm_equal(l->m->p, l->out.at[j], item))
			return;
	if (dropped(l, keys, &key, item))
		return;
	if (drop_depends(l, keys, &key, item))
		l->spill = true;
	i = last_meeting(keys, l->out.count, &key);
	if (i != UINT32_MAX && key.known == CM_KNOWN && keys[i].known == CM_KNOWN &&
		!cm_mutant(l->m->p, "unicity")) {
		put_in_place(l, i, item);
		return;
	}
	if (i != UINT32_MAX && i < l->before && cm_equal(l->m->p, l->out.at[i], item))
		return;
	append(l, item);
	keys[l->out.count - 1] = key;
}

/* ---- the list ---- */

static void add_all_by_identity(
	struct list *l, const struct cm_node *base, const struct cm_node *over)
{
	struct cm_entry_key *keys = cm_new_array(
		l->m->p->arena, (size_t)base->count + over->count, struct cm_entry_key);

	for (uint32_t i = 0; i < base->count; i++)
		keys[i] = base_key(l, base->items[i]);
	for (uint32_t i = 0; i < over->count; i++)
		if (!cm_vanishes(over->items[i]))
			add_by_identity(l, keys, over->items[i]);
}

bool cm_comparable(struct cm_merger *m, const struct cm_node *base, const struct cm_node *over)
{
	uint64_t limit = m->p->limits.list_items;
	struct cm_diag *d;

	if (base->count <= limit && over->count <= limit)
		return true;
	d = cm_error(m->p, cm_span_of(over), CM_E_LIMIT,
		"more than %llu entries in a list that two files share", (unsigned long long)limit);
	cm_note(m->p, d, cm_span_of(base), "the other list");
	cm_help(m->p, d, "--limit-list-items raises this limit");
	return false;
}

const struct cm_node *cm_merge_list(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	struct list l = {.m = m, .at = at, .attr = attr, .item = attr ? cm_attr_item(attr) : NULL};
	const struct cm_made *made = cm_made_of(base);

	if (over->flags & CM_HAS_TAG)
		over = cm_without_tags(m->p, over);
	if (!over->count || !cm_comparable(m, base, over))
		return base;
	l.identity = attr && !m->jobs ? attr->identity : CM_ID_NONE;
	for (uint32_t i = 0; i < base->count; i++)
		cm_items_add(m->p, &l.out, base->items[i],
			made && made->slots ? made->slots[i] : base->items[i]);
	l.before = base->count;
	l.canonical = cm_new_array(m->p->arena, base->count, const struct cm_node *);
	for (uint32_t i = 0; i < base->count; i++)
		l.canonical[i] = canonical_item(m, l.item, base->items[i]);
	if (l.identity != CM_ID_NONE) {
		add_all_by_identity(&l, base, over);
	} else {
		if (m->inherits && l.item && l.item->short_form != CM_SHORT_NONE)
			m->must_inline = true;
		for (uint32_t i = 0; i < over->count; i++)
			if (!cm_vanishes(over->items[i]))
				add_plain(&l, over, i);
	}
	if (l.spill)
		return cm_spill(m, at, base, over,
			"two entries could be equal under some value of the variables");
	if (!l.changed)
		return base;
	return cm_plain_tag(
		m, cm_make_seq(m->p, l.out.at, l.out.count, base->style, base, l.out.slots));
}

/* ---- one text or a list of texts ---- */

static bool is_string(struct cm_merger *m, const struct cm_node *n)
{
	return n->kind == CM_SCALAR && cm_scalar_value(m->p->arena, n).type == CM_STRING;
}

/* As Compose turns it into a list: a string is one item; a mapping KEY=VALUE texts; anything else
 * nothing. */
static const struct cm_node *as_list(
	struct cm_merger *m, const struct cm_node *n, enum cm_style style)
{
	struct cm_items items = {0};

	if (n->kind == CM_SEQ)
		return n;
	if (is_string(m, n))
		cm_items_add(m->p, &items, n, NULL);
	else if (n->kind == CM_MAP) {
		struct cm_pairs all = cm_pairs_of(m->p, n);

		for (uint32_t i = 0; i < all.count; i++) {
			struct cm_str key = cm_sym_str(all.at[i].word),
				      value = cm_text(cm_deref(all.at[i].value));

			cm_items_add(m->p, &items,
				cm_make_scalar(m->p,
					cm_strf(m->p->arena, "%.*s=%.*s", (int)key.n, key.p,
						(int)value.n, value.p),
					CM_PLAIN, all.at[i].key),
				NULL);
			for (uint32_t j = items.count - 1; j > 0 &&
				cm_str_cmp(cm_text(items.at[j - 1]), cm_text(items.at[j])) > 0;
				j--) {
				const struct cm_node *swap = items.at[j]; /* Compose sorts them */

				items.at[j] = items.at[j - 1];
				items.at[j - 1] = swap;
			}
		}
	}
	return cm_make_seq(m->p, items.at, items.count, style, NULL, NULL);
}

const struct cm_node *cm_merge_strings(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_node *items;

	if (cm_is_null(over))
		return base;
	if (over->kind == CM_MAP)
		cm_quirk(m, over, "Docker Compose reads this mapping as texts KEY=VALUE");
	else if (over->kind == CM_SCALAR && !is_string(m, over))
		cm_quirk(m, over,
			"Docker Compose ignores this value: it is neither a text nor a list");
	items = as_list(m, over, CM_BLOCK);
	if (!items->count)
		return base;
	if (cm_is_null(base))
		return items == over ? over : items;
	if (base->kind == CM_SEQ)
		return cm_merge_list(m, at, attr, base, items);
	if (base->kind == CM_SCALAR && over->kind == CM_SCALAR && cm_equal(m->p, base, over) &&
		!(m->jobs && attr->identity == CM_ID_ENV_FILE))
		return base;
	return cm_merge_list(m, at, attr,
		as_list(m, base, over->kind == CM_SEQ ? over->style : CM_BLOCK), items);
}
