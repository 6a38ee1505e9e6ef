/* SPDX-License-Identifier: MIT */

/* Reading trees: look-ups, merge keys expanded, equality as Compose sees it, and the makers of new
 * nodes. */

#include "node.h"

#include "scalar.h"

enum { LINEAR = 12 }; /* entries up to which a search beats a hash */

struct cm_str cm_tag(const struct cm_node *n)
{
	return n->props ? n->props->tag : (struct cm_str){"", 0};
}

const struct cm_sym *cm_anchor(const struct cm_node *n)
{
	return n->props ? n->props->anchor : NULL;
}

const struct cm_node *cm_origin(const struct cm_node *n)
{
	while (n->flags & CM_MADE && ((const struct cm_made *)n)->orig)
		n = ((const struct cm_made *)n)->orig;
	return n;
}

struct cm_span cm_span_of(const struct cm_node *n)
{
	n = cm_origin(n);
	return (struct cm_span){n->source, n->start, n->end};
}

bool cm_vanishes(const struct cm_node *n)
{
	return n->kind == CM_SCALAR && n->style == CM_PLAIN && !(n->flags & CM_MADE) &&
		!cm_tag(n).n && cm_str_is(cm_text(n), "<<");
}

bool cm_is_null(const struct cm_node *n)
{
	struct cm_str s;

	n = cm_deref(n);
	if (n->kind != CM_SCALAR || n->style != CM_PLAIN || cm_tag(n).n ||
		(n->flags & (CM_MADE | CM_RAW)) == CM_MADE)
		return false;
	s = cm_text(n);
	return s.n == 0 || cm_str_is(s, "~") || cm_str_is(s, "null") || cm_str_is(s, "Null") ||
		cm_str_is(s, "NULL");
}

/* ---- look-ups ---- */

const struct cm_pair *cm_map_own(const struct cm_node *map, const struct cm_sym *word)
{
	for (uint32_t i = 0; i < map->count; i++)
		if (map->pairs[i].word == word)
			return &map->pairs[i];
	return NULL;
}

bool cm_map_has_merge(const struct cm_node *map)
{
	for (uint32_t i = 0; i < map->count; i++)
		if (map->pairs[i].key->flags & CM_MERGE_KEY)
			return true;
	return false;
}

const struct cm_pair *cm_map_get(
	struct cm_project *p, const struct cm_node *map, const struct cm_sym *word)
{
	const struct cm_pair *own = cm_map_own(map, word);
	struct cm_pairs all;

	if (own || !(map->flags & CM_HAS_ALIAS) || !cm_map_has_merge(map))
		return own;
	all = cm_pairs_of(p, map);
	for (uint32_t i = 0; i < all.count; i++)
		if (all.at[i].word == word)
			return &all.at[i];
	return NULL;
}

const struct cm_node *cm_map_text(struct cm_project *p, const struct cm_node *map, const char *key)
{
	const struct cm_pair *pair = cm_map_get(p, map, cm_sym(p, cm_str_of(key)));

	return pair ? pair->value : NULL;
}

/* A set of words or nodes; open addressing, made for count members at most. */
struct set {
	const void **slots;
	size_t mask;
};

static struct set set_for(struct cm_arena *a, size_t count)
{
	size_t size = 16;

	while (size < count * 2)
		size *= 2;
	return (struct set){cm_new_array(a, size, const void *), size - 1};
}

static size_t pointer_hash(const void *p)
{
	uint64_t x = (uint64_t)(uintptr_t)p;

	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	return (size_t)(x ^ x >> 33);
}

/* True when member was not in the set yet. */
static bool set_add(struct set *s, const void *member)
{
	size_t i = pointer_hash(member) & s->mask;

	while (s->slots[i] && s->slots[i] != member)
		i = (i + 1) & s->mask;
	if (s->slots[i])
		return false;
	s->slots[i] = member;
	return true;
}

struct cm_index cm_index_of(struct cm_project *p, const struct cm_node *map)
{
	struct cm_index ix = {map, NULL, 0};
	uint32_t size = 16;

	if (map->count <= LINEAR)
		return ix;
	while (size < map->count * 2)
		size *= 2;
	ix.slots = cm_new_array(p->arena, size, uint32_t);
	ix.mask = size - 1;
	for (uint32_t i = 0; i < map->count; i++) {
		const struct cm_sym *word = map->pairs[i].word;
		uint32_t at;

		if (!word)
			continue;
		at = word->hash & ix.mask;
		while (ix.slots[at] && map->pairs[ix.slots[at] - 1].word != word)
			at = (at + 1) & ix.mask;
		if (!ix.slots[at])
			ix.slots[at] = i + 1;
	}
	return ix;
}

uint32_t cm_index_find(const struct cm_index *ix, const struct cm_sym *word)
{
	uint32_t at;

	if (!ix->slots) {
		for (uint32_t i = 0; i < ix->map->count; i++)
			if (ix->map->pairs[i].word == word)
				return i;
		return UINT32_MAX;
	}
	for (at = word->hash & ix->mask; ix->slots[at]; at = (at + 1) & ix->mask)
		if (ix->map->pairs[ix->slots[at] - 1].word == word)
			return ix->slots[at] - 1;
	return UINT32_MAX;
}

/* ---- << expanded ---- */

struct expansion {
	struct cm_project *p;
	struct cm_arena *scratch;
	const void **seen; /* words taken and maps visited, doubling */
	size_t size, used;
	struct cm_pair *pairs;
	uint32_t count, room;
};

/* Sets that grow: a file can merge any number of maps. */
static bool see(struct expansion *x, const void *member)
{
	struct set s = {x->seen, x->size - 1};

	if (x->used * 2 >= x->size) {
		struct set bigger = set_for(x->scratch, x->size * 2);

		for (size_t i = 0; i < x->size; i++)
			if (x->seen[i])
				set_add(&bigger, x->seen[i]);
		x->seen = bigger.slots;
		x->size = bigger.mask + 1;
		s = bigger;
	}
	if (!set_add(&s, member))
		return false;
	x->used++;
	return true;
}

static void take(struct expansion *x, const struct cm_pair *pair)
{
	if (x->count == x->room) {
		struct cm_pair *more = cm_new_array(x->p->arena, x->room * 2, struct cm_pair);

		memcpy(more, x->pairs, x->count * sizeof(*more));
		x->pairs = more;
		x->room *= 2;
	}
	x->pairs[x->count++] = *pair;
}

/* Own keys beat merged ones wherever << stands, but each keeps its place. */
static void expand(struct expansion *x, const struct cm_node *map)
{
	bool *fresh;

	if (!see(x, map))
		return; /* a second visit can add no key */
	fresh = cm_new_array(x->scratch, map->count, bool);
	for (uint32_t i = 0; i < map->count; i++)
		fresh[i] = !(map->pairs[i].key->flags & CM_MERGE_KEY) &&
			(!map->pairs[i].word || see(x, map->pairs[i].word));
	for (uint32_t i = 0; i < map->count; i++) {
		const struct cm_node *value = cm_deref(map->pairs[i].value);

		if (fresh[i])
			take(x, &map->pairs[i]);
		if (!(map->pairs[i].key->flags & CM_MERGE_KEY))
			continue;
		if (value->kind == CM_MAP)
			expand(x, value);
		for (uint32_t j = 0; value->kind == CM_SEQ && j < value->count; j++)
			if (cm_deref(value->items[j])->kind == CM_MAP)
				expand(x, cm_deref(value->items[j]));
	}
}

struct cm_pairs cm_pairs_of(struct cm_project *p, const struct cm_node *map)
{
	struct expansion x = {.p = p};

	if (!cm_map_has_merge(map))
		return (struct cm_pairs){map->pairs, map->count};
	x.scratch = cm_arena_child(p->arena);
	x.size = 64;
	x.seen = cm_new_array(x.scratch, x.size, const void *);
	x.room = 16;
	x.pairs = cm_new_array(p->arena, x.room, struct cm_pair);
	expand(&x, map);
	cm_arena_undefer(p->arena, x.scratch);
	return (struct cm_pairs){x.pairs, x.count};
}

/* ---- equality ---- */

struct comparison {
	struct cm_project *p;
	struct cm_arena *scratch;
	const struct cm_node *(
		*seen)[2]; /* pairs of nodes found equal, where aliases could make it costly */
	size_t size, used;
	const struct cm_sym *const *words; /* keys whose empty sequences count as absent */
	uint32_t word_count;
};

static bool same_scalar(struct comparison *c, const struct cm_node *a, const struct cm_node *b)
{
	struct cm_str s = cm_text(a), t = cm_text(b);
	struct cm_value v, w;

	if (a->style != CM_PLAIN && b->style != CM_PLAIN && !cm_tag(a).n && !cm_tag(b).n)
		return cm_str_eq(s, t);
	if (a->style == b->style &&
		(a->flags & (CM_MADE | CM_RAW)) == (b->flags & (CM_MADE | CM_RAW)) &&
		cm_str_eq(s, t) && cm_str_eq(cm_tag(a), cm_tag(b)))
		return true;
	v = cm_scalar_value(c->p->arena, a);
	w = cm_scalar_value(c->p->arena, b);
	return cm_value_eq(v, w);
}

static bool same(struct comparison *c, const struct cm_node *a, const struct cm_node *b);

static bool same_seq(struct comparison *c, const struct cm_node *a, const struct cm_node *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!same(c, a->items[i], b->items[i]))
			return false;
	return true;
}

/* a's pairs without the empty sequences that b need not have. */
static struct cm_pairs without_guards(
	struct comparison *c, struct cm_pairs x, const struct cm_node *b)
{
	struct cm_pair *kept = cm_new_array(c->p->arena, x.count, struct cm_pair);
	uint32_t count = 0;

	for (uint32_t i = 0; i < x.count; i++) {
		const struct cm_node *value = cm_deref(x.at[i].value);
		bool guard = false;

		for (uint32_t k = 0; k < c->word_count && value->kind == CM_SEQ && !value->count;
			k++)
			guard = guard || c->words[k] == x.at[i].word;
		if (!guard || cm_map_get(c->p, b, x.at[i].word))
			kept[count++] = x.at[i];
	}
	return (struct cm_pairs){kept, count};
}

static bool same_map(struct comparison *c, const struct cm_node *a, const struct cm_node *b)
{
	struct cm_pairs x = cm_pairs_of(c->p, a), y = cm_pairs_of(c->p, b);
	struct cm_node whole = {.kind = CM_MAP};
	struct cm_index ix;

	if (c->word_count && x.count > y.count)
		x = without_guards(c, x, b);
	if (x.count != y.count)
		return false;
	whole.count = y.count;
	whole.pairs = (struct cm_pair *)y.at;
	ix = cm_index_of(c->p, &whole);
	for (uint32_t i = 0; i < x.count; i++) {
		/* the same key mostly stands at the same place */
		uint32_t j = i < y.count && y.at[i].word == x.at[i].word ? i : UINT32_MAX;

		if (!x.at[i].word) {
			j = i;
			if (y.at[j].word || !same(c, x.at[i].key, y.at[j].key))
				return false;
		} else if (j == UINT32_MAX) {
			j = cm_index_find(&ix, x.at[i].word);
		}
		if (j == UINT32_MAX || !same(c, x.at[i].value, y.at[j].value))
			return false;
	}
	return true;
}

/* True when the two were found equal before; else remembers that they are being compared. Equal so
 * far is enough: trees without cycles cannot come back to a pair that is still open. */
static bool met(struct comparison *c, const struct cm_node *a, const struct cm_node *b)
{
	size_t i;

	if (c->used * 2 >= c->size) {
		const struct cm_node *(*old)[2] = c->seen;
		size_t old_size = c->size;

		if (!c->scratch)
			c->scratch = cm_arena_child(c->p->arena);
		c->size = old_size ? old_size * 2 : 64;
		c->seen = cm_calloc(c->scratch, c->size, sizeof(*c->seen));
		c->used = 0;
		for (size_t j = 0; j < old_size; j++)
			if (old[j][0])
				met(c, old[j][0], old[j][1]);
	}
	for (i = (pointer_hash(a) * 31 + pointer_hash(b)) & (c->size - 1); c->seen[i][0];
		i = (i + 1) & (c->size - 1))
		if (c->seen[i][0] == a && c->seen[i][1] == b)
			return true;
	c->seen[i][0] = a;
	c->seen[i][1] = b;
	c->used++;
	return false;
}

static bool same(struct comparison *c, const struct cm_node *a, const struct cm_node *b)
{
	a = cm_deref(a);
	b = cm_deref(b);
	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	if (a->kind == CM_SCALAR)
		return same_scalar(c, a, b);
	if (((a->flags | b->flags) & (CM_HAS_ALIAS | CM_HAS_ANCHOR)) && met(c, a, b))
		return true;
	return a->kind == CM_SEQ ? same_seq(c, a, b) : same_map(c, a, b);
}

bool cm_equal(struct cm_project *p, const struct cm_node *a, const struct cm_node *b)
{
	return cm_equal_but(p, a, b, NULL, 0);
}

bool cm_equal_but(struct cm_project *p, const struct cm_node *a, const struct cm_node *b,
	const struct cm_sym *const *words, uint32_t count)
{
	struct comparison c = {.p = p, .words = words, .word_count = count};
	bool equal = same(&c, a, b);

	if (c.scratch)
		cm_arena_undefer(p->arena, c.scratch);
	return equal;
}

/* ---- makers ---- */

struct cm_made *cm_make(
	struct cm_project *p, enum cm_kind kind, enum cm_style style, const struct cm_node *orig)
{
	struct cm_made *m = cm_new(p->arena, struct cm_made);

	if (orig) {
		m->node = *orig;
		m->node.flags &= (uint16_t)(CM_MULTILINE | CM_LISTED | CM_MERGE_KEY);
	}
	m->node.kind = (uint8_t)kind;
	m->node.style = (uint8_t)style;
	m->node.flags |= CM_MADE;
	m->orig = orig;
	return m;
}

const struct cm_node *cm_make_scalar(
	struct cm_project *p, struct cm_str text, enum cm_style style, const struct cm_node *from)
{
	struct cm_made *m = cm_make(p, CM_SCALAR, style, NULL);

	m->node.text = text.p;
	m->node.count = (uint32_t)text.n;
	m->node.source = 0;
	m->orig = from;
	return &m->node;
}

const struct cm_node *cm_make_raw(
	struct cm_project *p, struct cm_str text, const struct cm_node *from)
{
	struct cm_made *m = (struct cm_made *)cm_make_scalar(p, text, CM_PLAIN, from);

	m->node.flags |= CM_RAW;
	return &m->node;
}

static uint16_t flags_below(const struct cm_node *n)
{
	return n->flags & (CM_HAS_TAG | CM_HAS_ALIAS | CM_HAS_ANCHOR);
}

const struct cm_node *cm_make_seq(struct cm_project *p, const struct cm_node **items,
	uint32_t count, enum cm_style style, const struct cm_node *orig,
	const struct cm_node **slots)
{
	struct cm_made *m = cm_make(p, CM_SEQ, style, orig);

	m->node.items = items;
	m->node.count = count;
	m->slots = slots;
	for (uint32_t i = 0; i < count; i++)
		m->node.flags |= flags_below(items[i]);
	return &m->node;
}

const struct cm_node *cm_make_map(struct cm_project *p, struct cm_pair *pairs, uint32_t count,
	enum cm_style style, const struct cm_node *orig)
{
	struct cm_made *m = cm_make(p, CM_MAP, style, orig);

	m->node.pairs = pairs;
	m->node.count = count;
	for (uint32_t i = 0; i < count; i++)
		m->node.flags |= flags_below(pairs[i].value);
	return &m->node;
}

struct cm_pair cm_make_pair(struct cm_project *p, struct cm_str key, const struct cm_node *from,
	const struct cm_node *value)
{
	return (struct cm_pair){cm_sym(p, key), cm_make_scalar(p, key, CM_PLAIN, from), value};
}
