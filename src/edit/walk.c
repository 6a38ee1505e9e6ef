/* SPDX-License-Identifier: MIT */

/*
 * One source walked from left to right beside the tree it is to become.
 *
 *   old, from the source     new, from the merge            what happens
 *   the same node            the same node                  copied with everything around it
 *   a mapping                made, continues it             walked: entries changed, deleted,
 * appended anything                 anything else                  the value's bytes are replaced
 *
 * Places follow spec/libyaml.md 5; each recipe there was tried on thousands of files.
 */

#include "walk.h"

/* The row of a place the table does not know: everything below is unknown too. */
static const struct cm_attr unknown = {.name = ""};

const struct cm_attr *cm_row_below(const struct cm_attr *attr, const struct cm_sym *word)
{
	const struct cm_attr *child = word ? cm_attr_child(attr, cm_sym_str(word)) : NULL;

	return child ? child : &unknown;
}

const struct cm_attr *cm_row_of_item(const struct cm_attr *attr)
{
	const struct cm_attr *item = attr ? cm_attr_item(attr) : NULL;

	return item ? item : &unknown;
}

uint32_t cm_place_in(const struct cm_node *map, const struct cm_node *key)
{
	uint32_t low = 0, high = map->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (map->pairs[middle].key == key)
			return middle;
		if (map->pairs[middle].key->head < key->head)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}

static bool needs_visit(
	const struct cm_copier *c, const struct cm_node *old, const struct cm_node *new)
{
	if (new != old)
		return true;
	if (old->kind == CM_SCALAR)
		return c->w->tracking && cm_anchor(old);
	return c->moves || (c->w->tracking && old->flags & (CM_HAS_ALIAS | CM_HAS_ANCHOR));
}

/* ---- replacing one value in a block ---- */

/* Where a value stands: behind its colon or dash. */
struct slot {
	const struct cm_attr *attr;
	size_t behind; /* the first byte behind the indicator */
	size_t oldcol; /* of the entry's key or dash in the source */
	size_t newcol; /* in the output */
	bool in_seq;
};

static bool only_blanks(struct cm_str s, size_t from, size_t to)
{
	while (from < to && (s.p[from] == ' ' || s.p[from] == '\t'))
		from++;
	return from == to;
}

/* The end of what belongs to a value: its trailing comment, and the foot of a block. */
static size_t region_end(const struct cm_source *src, const struct cm_node *old, size_t oldcol)
{
	struct cm_str s = src->text;
	size_t end = old->end + cm_trailing(src, old->end).n, line_end = cm_line_end(s, old->end),
	       point;

	if ((old->kind == CM_MAP || old->kind == CM_SEQ) && old->style == CM_BLOCK) {
		point = cm_behind_feet(src, old->end, oldcol + 1);
		if (point > cm_next_line(s, old->end)) {
			end = point;
			while (end > old->end && (s.p[end - 1] == '\n' || s.p[end - 1] == '\r'))
				end--;
			return end;
		}
	}
	return end == old->end && only_blanks(s, end, line_end) ? line_end : end;
}

/* Below a block scalar a deeper comment or a longer blank line would be content (spec/libyaml.md 5,
 * trap A). */
static bool swallows_what_follows(const struct cm_source *src, size_t end, size_t oldcol)
{
	struct cm_str s = src->text;

	for (size_t line = cm_next_line(s, end); line < s.n; line = cm_next_line(s, line)) {
		size_t stop = cm_line_end(s, line), i = line;

		while (i < stop && s.p[i] == ' ')
			i++;
		if (i < stop && s.p[i] != '#')
			return false;
		if (i - line > oldcol)
			return true;
	}
	return false;
}

static const struct cm_node *safe_here(
	struct cm_copier *c, const struct cm_node *new, size_t end, size_t oldcol)
{
	const struct cm_node *n = cm_deref(new);

	if (n->kind == CM_SCALAR && (n->style == CM_LITERAL || n->style == CM_FOLDED) &&
		swallows_what_follows(c->src, end, oldcol))
		return cm_make_scalar(c->w->p, cm_text(n), CM_DOUBLE, new);
	return new;
}

/* "KEY:   value": blanks the author put in line stay. */
static void keep_alignment(struct cm_copier *c, const struct slot *at, const struct cm_node *old,
	const struct cm_node *new)
{
	size_t i = at->behind;

	if (!cm_is_inline(cm_deref(new)) || old->head == old->end)
		return;
	while (i < old->head && c->src->text.p[i] == ' ')
		i++;
	if (i == old->head && i > at->behind + 1)
		cm_spaces(c->w, i - at->behind - 1);
}

/* An anchor stays on a replaced value while some alias of the base means the new value (design.md,
 * anchors 1). */
static bool anchor_still_meant(
	struct cm_copier *c, const struct cm_node *old, const struct cm_node *new)
{
	return cm_anchor(old) && new->kind != CM_ALIAS &&cm_wanted(c->w, old, new);
}

/* Does a value stand below its key, behind a comment that is about the key? */
static bool stands_below(
	const struct cm_source *src, const struct slot *at, const struct cm_node *old)
{
	return old->kind == CM_SCALAR && old->head > at->behind && old->head < old->end &&
		cm_trailing(src, at->behind).n && cm_line_end(src->text, at->behind) < old->head &&
		src->text.p[old->head - 1] == ' ';
}

static void replace_value(struct cm_copier *c, const struct slot *at, const struct cm_node *old,
	const struct cm_node *new)
{
	size_t end = region_end(c->src, old, at->oldcol);

	new = safe_here(c, new, end, at->oldcol);
	if (stands_below(c->src, at, old) && cm_deref(new)->kind == CM_SCALAR &&
		cm_text(cm_deref(new)).n) {
		cm_copy_to(c, old->head - 1); /* "key: # why", the value on a line of its own */
	} else {
		cm_copy_to(c, at->behind);
		keep_alignment(c, at, old, new);
	}
	cm_skip_to(c, end);
	if (anchor_still_meant(c, old, new)) {
		cm_buf_printf(c->w->out, " &%s", cm_anchor(old)->p);
		cm_bind(c->w, cm_anchor(old), new);
	}
	cm_mark_line(c->w, new, new);
	cm_write_value(c->w, at->attr, new, at->newcol, at->in_seq);
}

/* ---- deciding what happens to one value ---- */

/* Is anything of old's own entries left in new? If not, the value is written anew. */
static bool keeps_something(const struct cm_node *old, const struct cm_node *new)
{
	const struct cm_made *made = cm_made_of(new);

	if (new == old)
		return true;
	for (uint32_t j = 0; j < new->count; j++) {
		if (old->kind == CM_MAP) {
			if (cm_place_in(old, new->pairs[j].key) != UINT32_MAX)
				return true;
		} else if (made && made->slots ? made->slots[j] != NULL : true) {
			return old->count > 0;
		}
	}
	return false;
}

bool cm_must_turn_to_block(
	struct cm_writer *w, const struct cm_node *old, const struct cm_node *new)
{
	const struct cm_made *made = cm_made_of(new);

	for (uint32_t j = 0; j < new->count; j++) {
		const struct cm_node *value = new->kind == CM_MAP ? new->pairs[j].value
								  : new->items[j],
				     *was = NULL;

		if (new->kind == CM_SEQ)
			was = made && made->slots ? made->slots[j] : value;
		if (new->kind == CM_MAP && cm_place_in(old, new->pairs[j].key) != UINT32_MAX)
			was = old->pairs[cm_place_in(old, new->pairs[j].key)].value;
		if (value == was)
			continue;
		if (was && value->kind != CM_SCALAR && value->kind != CM_ALIAS &&
			cm_text_node(value) == was) {
			if (cm_must_turn_to_block(w, was, value))
				return true;
			continue;
		}
		if (!cm_fits_flow(w, value))
			return true;
		if (cm_comes_with_comment(
			    w, new->kind == CM_MAP ? new->pairs[j].key : value, value))
			return true;
	}
	return false;
}

static const struct cm_node *as_block(struct cm_writer *w, const struct cm_node *n)
{
	struct cm_made *m = cm_make(w->p, n->kind, CM_BLOCK, n);

	m->node.flags = (uint16_t)(n->flags | CM_MADE);
	m->node.style = CM_BLOCK;
	if (n->kind == CM_MAP)
		m->node.pairs = n->pairs;
	else
		m->node.items = n->items;
	m->node.count = n->count;
	return &m->node;
}

/* The collection's own trailing comment goes behind the key. */
static void turn_to_block(struct cm_copier *c, const struct slot *at, const struct cm_node *old,
	const struct cm_node *new)
{
	struct cm_str comment = cm_trailing(c->src, old->end);

	cm_copy_to(c, at->behind);
	cm_skip_to(c, region_end(c->src, old, at->oldcol));
	cm_buf_str(c->w->out, comment);
	cm_mark_line(c->w, new, new);
	cm_write_value(c->w, at->attr, as_block(c->w, new), at->newcol, at->in_seq);
}

static bool continues(const struct cm_node *old, const struct cm_node *new)
{
	return new == old ||
		(new->kind != CM_SCALAR &&new->kind != CM_ALIAS &&cm_text_node(new) ==
			old &&new->count);
}

/* Where the entries of a value go in the output. */
static size_t column_below(struct cm_copier *c, const struct slot *at, const struct cm_node *old)
{
	size_t column = cm_column(c->src, old->start);

	if (!c->moves)
		return column;
	if (at->in_seq && !cm_begins_line(c->src, old->start))
		return at->newcol + (column - at->oldcol);
	if (at->in_seq)
		return at->newcol + 2;
	return at->newcol + (old->kind == CM_SEQ ? c->w->habit.dash : c->w->habit.step);
}

/* The anchor or tag that does not come along, or that nobody needs any more, is left out. */
static void drop_props(struct cm_copier *c, const struct cm_node *old, const struct cm_node *new)
{
	size_t end;

	bool drop_anchor = !c->moves && new != old &&cm_anchor(old) && cm_is_dropped(c->w, old);
	bool drop_tag = !c->moves && cm_tag(old).n && !cm_tag(new).n;

	if (!old->props || (!c->moves && !drop_anchor && !drop_tag))
		return;
	end = cm_props_end(c->src, old);
	cm_copy_to(c, old->head);
	if (c->moves)
		cm_write_props(c->w, new);
	else if (!drop_anchor && cm_anchor(old))
		cm_buf_printf(c->w->out, "&%s ", cm_anchor(old)->p);
	else if (!drop_tag && cm_tag(old).n)
		cm_write_tag(c->w, cm_tag(old));
	if (old->kind != CM_SCALAR && old->style == CM_BLOCK && c->w->out->n &&
		c->w->out->p[c->w->out->n - 1] == ' ')
		c->w->out->p[--c->w->out->n] = '\0'; /* the break follows */
	else if (end < old->end && c->src->text.p[end] == ' ')
		end++;
	cm_skip_to(c, end);
}

static void visit(struct cm_copier *c, const struct slot *at, const struct cm_node *old,
	const struct cm_node *new)
{
	if (!needs_visit(c, old, new))
		return;
	if (old->kind == CM_ALIAS && new == old &&
		cm_alias_holds(c->w, cm_alias_name(c->w, old), old->target)) {
		cm_used(c->w, old->target);
		return;
	}
	if (old->kind == CM_ALIAS && new != old) {
		const struct cm_sym *name = cm_alias_name(c->w, old);

		cm_used(c->w, old->target);
		if (!c->moves && cm_alias_holds(c->w, name, new))
			return; /* the anchored node took the same change */
	}
	if (old->kind != CM_ALIAS && continues(old, new) && keeps_something(old, new)) {
		if (old->kind != CM_SCALAR && old->style == CM_FLOW &&
			new != old &&cm_must_turn_to_block(c->w, old, new)) {
			turn_to_block(c, at, old, new);
			return;
		}
		if (c->moves)
			cm_copy_to(c, at->behind);
		drop_props(c, old, new);
		if (old->kind != CM_SCALAR)
			cm_walk(c, at->attr, old, new, column_below(c, at, old));
		if (!c->moves && cm_anchor(old))
			cm_bind_changed(c->w, cm_anchor(old), old, new);
		return;
	}
	if ((new->kind == CM_MAP || new->kind == CM_SEQ) &&
		new->count &&new->style == CM_FLOW &&new->flags & CM_MADE &&
		!cm_fits_flow(c->w, new))
		new = as_block(c->w, new);
	replace_value(c, at, old, new);
}

/* ---- deleting and appending in blocks ---- */

/* Lines [from, to) that go when an entry starting at `start` and ending at `end` does: its comments
 * above and after, the blank lines above. */
static void delete_lines(
	struct cm_copier *c, size_t start, size_t end, size_t column, bool first, size_t next)
{
	struct cm_str s = c->src->text;
	size_t from;

	if (!cm_begins_line(c->src, start)) { /* behind a dash: what follows takes its place */
		cm_copy_to(c, start);
		if (next != SIZE_MAX) {
			size_t lead = cm_leading(c->src, next);

			cm_skip_to(c, lead + column < next ? lead + column : next);
		} else {
			cm_skip_to(c, end);
		}
		return;
	}
	from = cm_leading(c->src, start);
	while (!first && from > 0 && cm_blank_above(c->src, from))
		from = cm_line_start(s, from - 1);
	cm_copy_to(c, from);
	cm_skip_to(c, cm_behind_feet(c->src, end, column + 1));
}

enum { SAMPLE = 8 }; /* entries enough to know a habit by */

/* A blank line that a block scalar keeps is none: it lies before the value's end. */
static bool blank_line_between(struct cm_str s, size_t from, size_t to)
{
	bool empty = false;

	for (; from < to; from++) {
		size_t brk = s.p[from] == ' ' ? 0 : cm_break_length(s, from);

		if (brk && empty)
			return true;
		if (brk)
			empty = true;
		else if (s.p[from] != ' ' && s.p[from] != '\t')
			empty = false;
		from += brk ? brk - 1 : 0;
	}
	return false;
}

/* Does the author put a blank line between entries like these? */
static bool spaced(const struct cm_source *src, const struct cm_node *map)
{
	uint32_t blank = 0, count = map->count < SAMPLE ? map->count : SAMPLE;

	for (uint32_t i = 1; i < count; i++)
		blank += blank_line_between(
			src->text, map->pairs[i - 1].value->end, map->pairs[i].key->head);
	return blank * 2 > count - 1;
}

static bool blank_before_new(struct cm_copier *c, const struct cm_node *old, bool below_root)
{
	const struct cm_node *root = c->w->root;

	if (old->count > 1)
		return spaced(c->src, old);
	if (old == root && old->count && old->pairs[0].value->kind == CM_MAP &&
		old->pairs[0].value->style == CM_BLOCK && old->pairs[0].value->count > 1)
		return spaced(c->src, old->pairs[0].value); /* one section: as its members */
	return below_root && old->pairs[0].value->style == CM_BLOCK && old->pairs[0].value->count &&
		root && root->count > 1 && root->source == c->src->id && spaced(c->src, root);
}

static void begin_append(
	struct cm_copier *c, const struct cm_node *old, size_t last_end, size_t footcol)
{
	size_t point = cm_behind_feet(c->src, last_end, footcol);

	cm_close_open_end(c, old);
	cm_copy_to(c, point);
}

static void append_entries(struct cm_copier *c, const struct cm_attr *attr,
	const struct cm_node *old, const struct cm_pair *pairs, uint32_t count, size_t footcol,
	size_t newcol, bool below_root)
{
	bool blank = blank_before_new(c, old, below_root);

	begin_append(c, old, old->pairs[old->count - 1].value->end, footcol);
	for (uint32_t i = 0; i < count; i++) {
		cm_fresh_line(c->w);
		if (blank)
			cm_break(c->w);
		cm_write_entry(c->w, cm_row_below(attr, pairs[i].word), &pairs[i], newcol);
	}
}

/* ---- << ---- */

/* What a mapping whose << now brings `now` instead of `then` must say itself to stay as it was,
 * written right behind its << (design.md, anchors 3): an empty list for a list that was added, the
 * old text for a value of one line. False: it would take more. */
static bool guards_for(struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *own,
	const struct cm_node *now, const struct cm_node *then, struct cm_entries *out)
{
	struct cm_pairs new = cm_pairs_of(w->p, now), old = cm_pairs_of(w->p, then);

	for (uint32_t i = 0; i < new.count; i++) {
		const struct cm_pair *was =
			new.at[i].word ? cm_map_get(w->p, then, new.at[i].word) : NULL;

		if (cm_map_own(own, new.at[i].word) ||
			(was && cm_equal(w->p, was->value, new.at[i].value)))
			continue;
		if (was && cm_deref(was->value)->kind == CM_SCALAR &&
			!(cm_deref(was->value)->flags & CM_MULTILINE))
			cm_entries_add(w->p, out, *was);
		else if (!was && cm_empty_list_is_nothing(cm_row_below(attr, new.at[i].word)))
			cm_entries_add(w->p, out,
				cm_make_pair(w->p, cm_sym_str(new.at[i].word), NULL,
					cm_empty_guard(w, new.at[i].word)));
		else
			return false;
	}
	for (uint32_t i = 0; i < old.count; i++)
		if (old.at[i].word && !cm_map_get(w->p, now, old.at[i].word) &&
			!cm_map_own(own, old.at[i].word))
			return false;
	return out->count <= 3;
}

/* The pairs of new without those that only say what << brings anyway now. */
static struct cm_entries without_repeats(struct cm_writer *w, const struct cm_node *old,
	const struct cm_node *new, const struct cm_node *now)
{
	struct cm_entries kept = {0};

	for (uint32_t i = 0; i < new->count; i++) {
		const struct cm_pair *pair = &new->pairs[i];
		const struct cm_pair *brought =
			pair->word && old && new != old &&cm_place_in(old, pair->key) == UINT32_MAX
			? cm_map_get(w->p, now, pair->word)
			: NULL;

		if (!brought || !cm_equal(w->p, brought->value, pair->value))
			cm_entries_add(w->p, &kept, *pair);
	}
	return kept;
}

static const struct cm_node *alias_to(
	struct cm_writer *w, const struct cm_node *alias, const struct cm_node *target)
{
	struct cm_made *m = cm_make(w->p, CM_ALIAS, CM_PLAIN, alias);

	m->node.flags = (uint16_t)((alias->flags & CM_HAS_ALIAS) | CM_MADE);
	m->node.target = target;
	return &m->node;
}

/* The alias of map's << that does not mean its node at this point, or NULL. */
static const struct cm_node *stray_merge_alias(struct cm_writer *w, const struct cm_node *map)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct cm_node *value = map->pairs[i].value;

		if (!(map->pairs[i].key->flags & CM_MERGE_KEY))
			continue;
		if (value->kind == CM_ALIAS && !cm_name_for(w, value))
			return value;
		for (uint32_t j = 0; value->kind == CM_SEQ && j < value->count; j++)
			if (value->items[j]->kind == CM_ALIAS && !cm_name_for(w, value->items[j]))
				return value->items[j];
	}
	return NULL;
}

/* A few entries of its own make a mapping mean what it did although its << brings something else
 * now; entries that only repeat what it brings go. NULL: it would take more. */
static const struct cm_node *guarded(struct cm_writer *w, const struct cm_attr *attr,
	const struct cm_node *old, const struct cm_node *new, const struct cm_node *alias)
{
	const struct cm_node *now = cm_bound(w, cm_alias_name(w, alias)), *whole;
	struct cm_entries kept, guards = {0}, out = {0};

	if (!now || cm_deref(now)->kind != CM_MAP)
		return NULL;
	now = cm_deref(now);
	kept = without_repeats(w, old, new, now);
	whole = cm_make_map(w->p, kept.at, kept.count, CM_BLOCK, NULL);
	for (uint32_t i = 0; i < new->count;
		i++) /* what was left out is brought, so it needs no guard */
		if (new->pairs[i].word && !cm_map_own(whole, new->pairs[i].word))
			cm_entries_add(w->p, &out, new->pairs[i]);
	for (uint32_t i = 0; i < kept.count; i++)
		cm_entries_add(w->p, &out, kept.at[i]);
	if (!guards_for(w, attr, cm_make_map(w->p, out.at, out.count, CM_BLOCK, NULL), now,
		    cm_deref(alias), &guards))
		return NULL;
	out = (struct cm_entries){0};
	for (uint32_t i = 0; i < kept.count; i++) {
		struct cm_pair pair = kept.at[i];

		if (pair.value == alias)
			pair.value = alias_to(w, alias, now);
		cm_entries_add(w->p, &out, pair);
		for (uint32_t g = 0; kept.at[i].value == alias && g < guards.count; g++)
			cm_entries_add(w->p, &out, guards.at[g]);
	}
	cm_used(w, alias->target);
	return cm_make_map(w->p, out.at, out.count, new->style, new);
}

/* Every pair << brings written as an own one, in its place. */
static const struct cm_node *expanded(struct cm_writer *w, const struct cm_node *map)
{
	struct cm_pairs all = cm_pairs_of(w->p, map);

	for (uint32_t i = 0; i < map->count; i++)
		if (map->pairs[i].key->flags & CM_MERGE_KEY &&
			map->pairs[i].value->kind == CM_ALIAS)
			cm_used(w, map->pairs[i].value->target);
	cm_count_expansion(w, map, all.count);
	return cm_make_map(w->p, (struct cm_pair *)all.at, all.count, map->style, map);
}

const struct cm_node *cm_settle(struct cm_writer *w, const struct cm_attr *attr,
	const struct cm_node *old, const struct cm_node *new)
{
	const struct cm_node *alias =
		new->kind == CM_MAP &&new->flags &CM_HAS_ALIAS ? stray_merge_alias(w, new) : NULL,
			     *n;

	if (!alias)
		return new;
	n = guarded(w, attr, old, new, alias);
	if (n)
		return n;
	for (uint32_t i = 0; i < new->count; i++)
		if (new->pairs[i].value == alias &&
			alias->source == w->base->id &&cm_uses_left(w, alias->target) > 1)
			return new; /* "<<: &a" and the old content: the next uses find it here */
	return expanded(w, new);
}

/* ---- block mappings ---- */

static void walk_pair(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	uint32_t i, const struct cm_node *value, size_t oldcol, size_t newcol)
{
	const struct cm_pair *pair = &old->pairs[i];
	struct slot at = {NULL, 0, oldcol, newcol, false};

	if (c->moves && c->w->options->annotate) {
		cm_copy_to(c, pair->key->head);
		cm_mark_line(c->w, pair->key, value);
	}
	if (!needs_visit(c, pair->value, value) &&
		!(c->w->tracking && pair->key->flags & (CM_HAS_ALIAS | CM_HAS_ANCHOR)))
		return;
	at.attr = pair->key->flags & CM_MERGE_KEY ? attr : cm_row_below(attr, pair->word);
	at.behind = cm_behind_colon(c->src, pair);
	if (at.behind == SIZE_MAX) { /* "? key" alone */
		if (value != pair->value) {
			cm_copy_to(c, pair->key->end);
			cm_break(c->w);
			cm_spaces(c->w, newcol);
			cm_buf_putc(c->w->out, ':');
			cm_write_value(c->w, at.attr, value, newcol, false);
		}
		return;
	}
	if (cm_anchor(pair->key) && !c->moves)
		cm_bind(c->w, cm_anchor(pair->key), pair->key);
	visit(c, &at, pair->value, value);
}

/* New entries in front of entry `at` of old. */
static void insert_before(struct cm_copier *c, const struct cm_attr *attr,
	const struct cm_node *old, uint32_t at, const struct cm_pair *pairs, uint32_t count,
	size_t newcol)
{
	size_t start = cm_entry_start(c->src, old, at);
	bool own_line = cm_begins_line(c->src, start),
	     blank = old == c->w->root && (old->count == 1 || spaced(c->src, old));

	cm_copy_to(c, own_line ? cm_leading(c->src, start) : start);
	for (uint32_t i = 0; i < count; i++) {
		if (own_line)
			cm_fresh_line(c->w);
		cm_write_entry(c->w, cm_row_below(attr, pairs[i].word), &pairs[i], newcol);
		cm_fresh_line(c->w);
		if (blank)
			cm_break(c->w);
		if (!own_line)
			cm_spaces(c->w, newcol);
	}
}

/* Entries [from, to) of old go; `next` is the one that stays behind them. */
static void delete_entries(
	struct cm_copier *c, const struct cm_node *old, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		delete_lines(c, cm_entry_start(c->src, old, i), old->pairs[i].value->end,
			cm_column(c->src, old->start), i == 0,
			to < old->count ? cm_entry_start(c->src, old, to) : SIZE_MAX);
}

static void walk_map(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	const struct cm_node *new, size_t newcol, size_t footcol)
{
	size_t column = cm_column(c->src, old->start);
	uint32_t done = 0,
		 added = 0; /* entries of old behind us; new ones waiting for their place */

	if (c->w->tracking && new->flags & CM_HAS_ALIAS)
		new = cm_settle(c->w, attr, old, new);
	for (uint32_t j = 0; j < new->count; j++) {
		uint32_t i = new == old ? j : cm_place_in(old, new->pairs[j].key);

		if (i == UINT32_MAX || i < done) {
			added++;
			continue;
		}
		delete_entries(c, old, done, i);
		if (added)
			insert_before(c, attr, old, i, new->pairs + j - added, added, newcol);
		added = 0;
		walk_pair(c, attr, old, i, new->pairs[j].value, column, newcol);
		done = i + 1;
	}
	delete_entries(c, old, done, old->count);
	if (added)
		append_entries(c, attr, old, new->pairs + new->count - added, added, footcol,
			newcol, attr && attr->role != CM_ROLE_NONE);
}

/* ---- block sequences ---- */

static const struct cm_node *slot_at(const struct cm_node *new, uint32_t j)
{
	const struct cm_made *made = cm_made_of(new);

	return made && made->slots ? made->slots[j] : new->items[j];
}

/* Blanks between a list's dashes and its items. */
static size_t dash_gap(const struct cm_source *src, const struct cm_node *seq)
{
	size_t at = seq->start + 1;

	while (at < seq->items[0]->head && src->text.p[at] == ' ')
		at++;
	return at == seq->items[0]->head && at > seq->start + 1 && at < seq->start + 9
		? at - seq->start - 1
		: 1;
}

static void walk_seq(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	const struct cm_node *new, size_t newcol, size_t footcol)
{
	size_t column = cm_column(c->src, old->start);
	uint32_t j = 0;

	for (uint32_t i = 0; i < old->count; i++) {
		size_t dash;

		if (j < new->count && slot_at(new, j) == old->items[i]) {
			const struct cm_node *item = new->items[j++];
			struct slot at = {cm_row_of_item(attr), 0, column, newcol, true};

			if (!needs_visit(c, old->items[i], item) && !c->moves)
				continue;
			at.behind = cm_dash(c->src, old, i) + 1;
			if (c->moves && c->w->options->annotate) {
				cm_copy_to(c, at.behind - 1);
				cm_mark_line(c->w, old->items[i], item);
			}
			visit(c, &at, old->items[i], item);
			continue;
		}
		dash = cm_dash(c->src, old, i);
		delete_lines(c, dash, old->items[i]->end > dash ? old->items[i]->end : dash + 1,
			column, i == 0,
			i + 1 < old->count ? cm_dash(c->src, old, i + 1) : SIZE_MAX);
	}
	if (j == new->count)
		return;
	begin_append(c, old, old->items[old->count - 1]->end, footcol);
	for (; j < new->count; j++) {
		cm_fresh_line(c->w);
		c->w->gap = dash_gap(c->src, old);
		cm_write_item(c->w, cm_row_of_item(attr), new->items[j], newcol);
	}
}

bool cm_is_indentless(const struct cm_source *src, const struct cm_node *seq)
{
	size_t at = cm_line_start(src->text, seq->start), column = seq->start - at, i;

	/* the key above stands at the dashes' column; comments and blank lines may lie between */
	while (at > 0) {
		at = cm_line_start(src->text, at - 1);
		for (i = at; i < src->text.n && src->text.p[i] == ' '; i++)
			;
		if (i < src->text.n && src->text.p[i] != '#' && !cm_break_length(src->text, i))
			return i - at == column && src->text.p[i] != '-';
	}
	return false;
}

void cm_walk(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	const struct cm_node *new, size_t newcol)
{
	long shift = c->shift;
	size_t column = cm_column(c->src, old->start), footcol = column;

	if (old->kind != CM_MAP && old->kind != CM_SEQ)
		return;
	if (old->style == CM_FLOW) {
		cm_walk_flow(c, attr, old, cm_kept_first(c->w->p, old, new));
		return;
	}
	if (old->kind == CM_SEQ && column > 0 && cm_is_indentless(c->src, old))
		footcol++;
	if (c->moves)
		c->shift = (long)newcol - (long)column;
	if (old->kind == CM_MAP)
		walk_map(c, attr, old, new, newcol, footcol);
	else
		walk_seq(c, attr, old, new, newcol, footcol);
	if (c->moves) {
		cm_close_open_end(c, old);
		cm_copy_to(c, old->end);
	}
	c->shift = shift;
}
