/* SPDX-License-Identifier: MIT */

/*
 * One source walked from left to right beside the tree it is to become.
 *
 *   old, from the source     new, from the merge            what happens
 *   the same node            the same node                  copied with everything around it
 *   a mapping                made, continues it             walked: entries changed, deleted, appended
 *   anything                 anything else                  the value's bytes are replaced
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

static const struct cm_attr *row_of_item(const struct cm_attr *attr)
{
	const struct cm_attr *item = attr ? cm_attr_item(attr) : NULL;

	return item ? item : &unknown;
}

static bool needs_visit(const struct cm_copier *c, const struct cm_node *old, const struct cm_node *new)
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
	size_t behind;     /* the first byte behind the indicator */
	size_t oldcol;     /* of the entry's key or dash in the source */
	size_t newcol;     /* in the output */
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
	size_t end = old->end + cm_trailing(src, old->end).n, line_end = cm_line_end(s, old->end), point;

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

/* Below a block scalar a deeper comment or a longer blank line would be content (spec/libyaml.md 5, trap A). */
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

static const struct cm_node *safe_here(struct cm_copier *c, const struct cm_node *new, size_t end, size_t oldcol)
{
	const struct cm_node *n = cm_deref(new);

	if (n->kind == CM_SCALAR && (n->style == CM_LITERAL || n->style == CM_FOLDED) && swallows_what_follows(c->src, end, oldcol))
		return cm_make_scalar(c->w->p, cm_text(n), CM_DOUBLE, new);
	return new;
}

/* "KEY:   value": blanks the author put in line stay. */
static void keep_alignment(struct cm_copier *c, const struct slot *at, const struct cm_node *old, const struct cm_node *new)
{
	size_t i = at->behind;

	if (!cm_is_inline(cm_deref(new)) || old->head == old->end)
		return;
	while (i < old->head && c->src->text.p[i] == ' ')
		i++;
	if (i == old->head && i > at->behind + 1)
		cm_spaces(c->w, i - at->behind - 1);
}

/* An anchor stays on a replaced value while some alias of the base means the new value (design.md, anchors 1). */
static bool anchor_still_meant(struct cm_copier *c, const struct cm_node *old, const struct cm_node *new)
{
	return cm_anchor(old) && new->kind != CM_ALIAS && cm_wanted(c->w, old, new);
}

static void replace_value(struct cm_copier *c, const struct slot *at, const struct cm_node *old, const struct cm_node *new)
{
	size_t end = region_end(c->src, old, at->oldcol);

	cm_copy_to(c, at->behind);
	new = safe_here(c, new, end, at->oldcol);
	keep_alignment(c, at, old, new);
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
			for (uint32_t i = 0; i < old->count; i++)
				if (old->pairs[i].key == new->pairs[j].key)
					return true;
		} else if (made && made->slots ? made->slots[j] != NULL : true) {
			return old->count > 0;
		}
	}
	return false;
}

static bool changed_child_fits(struct cm_writer *w, const struct cm_node *child, const struct cm_node *was)
{
	return child == was || cm_fits_flow(w, child);
}

/* Must this flow collection become a block, because something it receives cannot stand on a line? */
static bool must_turn_to_block(struct cm_writer *w, const struct cm_node *old, const struct cm_node *new)
{
	const struct cm_made *made = cm_made_of(new);

	for (uint32_t j = 0; j < new->count; j++) {
		const struct cm_node *value = new->kind == CM_MAP ? new->pairs[j].value : new->items[j], *was = NULL;

		if (new->kind == CM_SEQ)
			was = made && made->slots ? made->slots[j] : value;
		for (uint32_t i = 0; new->kind == CM_MAP && i < old->count && !was; i++)
			if (old->pairs[i].key == new->pairs[j].key)
				was = old->pairs[i].value;
		if (!changed_child_fits(w, value, was))
			return true;
		if (!was && cm_comes_with_comment(w, new->kind == CM_MAP ? new->pairs[j].key : value, value))
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

static bool continues(const struct cm_node *old, const struct cm_node *new)
{
	return new == old || (new->kind != CM_SCALAR && new->kind != CM_ALIAS && cm_text_node(new) == old && new->count);
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

/* The anchor or tag of a copied node that does not come along is left out. */
static void drop_props(struct cm_copier *c, const struct cm_node *old, const struct cm_node *new)
{
	size_t end;

	if (!c->moves || !old->props)
		return;
	end = cm_props_end(c->src, old);
	cm_copy_to(c, old->head);
	cm_write_props(c->w, new);
	if (old->kind != CM_SCALAR && old->style == CM_BLOCK && c->w->out->n && c->w->out->p[c->w->out->n - 1] == ' ')
		c->w->out->p[--c->w->out->n] = '\0'; /* the break follows */
	else if (end < old->end && c->src->text.p[end] == ' ')
		end++;
	cm_skip_to(c, end);
}

static void visit(struct cm_copier *c, const struct slot *at, const struct cm_node *old, const struct cm_node *new)
{
	if (!needs_visit(c, old, new))
		return;
	if (old->kind == CM_ALIAS && new == old && cm_alias_holds(c->w, cm_alias_name(c->w, old), old->target)) {
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
		if (old->kind != CM_SCALAR && old->style == CM_FLOW && new != old && must_turn_to_block(c->w, old, new)) {
			replace_value(c, at, old, as_block(c->w, new));
			return;
		}
		drop_props(c, old, new);
		if (old->kind != CM_SCALAR)
			cm_walk(c, at->attr, old, new, column_below(c, at, old));
		if (!c->moves && cm_anchor(old))
			cm_bind(c->w, cm_anchor(old), new);
		return;
	}
	if ((new->kind == CM_MAP || new->kind == CM_SEQ) && new->count && new->style == CM_FLOW && new->flags & CM_MADE && new != old &&
	    (!old->count || must_turn_to_block(c->w, old, new)))
		new = as_block(c->w, new);
	replace_value(c, at, old, new);
}

/* ---- deleting and appending in blocks ---- */

/* Lines [from, to) that go when an entry starting at `start` and ending at `end` does: its comments above and after, the blank
 * lines above. */
static void delete_lines(struct cm_copier *c, size_t start, size_t end, size_t column, bool first, size_t next)
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

/* Does the author put a blank line between entries like these? */
static bool spaced(const struct cm_source *src, const struct cm_node *map)
{
	uint32_t blank = 0;

	for (uint32_t i = 1; i < map->count; i++)
		blank += cm_blank_above(src, cm_leading(src, cm_entry_start(src, map, i)));
	return blank * 2 > map->count - 1;
}

static bool blank_before_new(struct cm_copier *c, const struct cm_node *old, bool below_root)
{
	const struct cm_node *root = c->w->root;

	if (old->count > 1)
		return spaced(c->src, old);
	return below_root && root && root->count > 1 && root->source == c->src->id && spaced(c->src, root);
}

static void begin_append(struct cm_copier *c, size_t last_end, size_t footcol)
{
	size_t point = cm_behind_feet(c->src, last_end, footcol);

	cm_copy_to(c, point);
}

static void append_entries(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old, const struct cm_pair *pairs,
	uint32_t count, size_t footcol, size_t newcol, bool below_root)
{
	bool blank = blank_before_new(c, old, below_root);

	begin_append(c, old->pairs[old->count - 1].value->end, footcol);
	for (uint32_t i = 0; i < count; i++) {
		cm_fresh_line(c->w);
		if (blank)
			cm_break(c->w);
		cm_write_entry(c->w, cm_row_below(attr, pairs[i].word), &pairs[i], newcol);
	}
}

/* ---- << ---- */

/* What a use of a changed anchored mapping must say itself to stay as it was, written right behind its << (design.md,
 * anchors 3): an empty list for a list that was added, the old text for a value of one line. */
static bool guards_for(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *own, const struct cm_node *now,
	const struct cm_node *then, struct cm_entries *out)
{
	struct cm_pairs new = cm_pairs_of(c->w->p, now), old = cm_pairs_of(c->w->p, then);
	static const char empty[] = "[]";

	for (uint32_t i = 0; i < new.count; i++) {
		const struct cm_pair *was = new.at[i].word ? cm_map_get(c->w->p, then, new.at[i].word) : NULL;
		const struct cm_attr *row = cm_row_below(attr, new.at[i].word);

		if (cm_map_own(own, new.at[i].word) || (was && cm_equal(c->w->p, was->value, new.at[i].value)))
			continue;
		if (was && cm_deref(was->value)->kind == CM_SCALAR && !(cm_deref(was->value)->flags & CM_MULTILINE))
			cm_entries_add(c->w->p, out, *was);
		else if (!was && row->types & CM_T_LIST && row->merge != CM_MERGE_REPLACE && !(row->types & CM_T_MAP))
			cm_entries_add(c->w->p, out, (struct cm_pair){new.at[i].word, new.at[i].key,
				cm_make_raw(c->w->p, cm_str_of(empty), NULL)});
		else
			return false;
	}
	for (uint32_t i = 0; i < old.count; i++)
		if (old.at[i].word && !cm_map_get(c->w->p, now, old.at[i].word) && !cm_map_own(own, old.at[i].word))
			return false;
	return out->count <= 3;
}

static void write_guards(struct cm_copier *c, const struct cm_entries *guards, size_t newcol)
{
	for (uint32_t i = 0; i < guards->count; i++) {
		cm_break(c->w);
		cm_spaces(c->w, newcol);
		cm_buf_printf(c->w->out, "%s: ", guards->at[i].word->p);
		cm_write_flow(c->w, guards->at[i].value);
	}
}

/* The pair << of a mapping whose alias no longer means what it did. True: dealt with. */
static bool mend_merge_key(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *map, const struct cm_pair *pair,
	size_t oldcol, size_t newcol)
{
	const struct cm_node *alias = pair->value, *now;
	struct cm_entries guards = {0};
	size_t line_end;

	if (alias->kind != CM_ALIAS || cm_alias_holds(c->w, cm_alias_name(c->w, alias), alias->target))
		return false;
	now = cm_bound(c->w, cm_alias_name(c->w, alias));
	if (now && cm_deref(now)->kind == CM_MAP && guards_for(c, attr, map, cm_deref(now), cm_deref(alias), &guards)) {
		line_end = alias->end + cm_trailing(c->src, alias->end).n;
		cm_copy_to(c, line_end);
		cm_used(c->w, alias->target);
		write_guards(c, &guards, newcol);
		return true;
	}
	if (cm_uses_left(c->w, alias->target) > 1)
		return false; /* the next uses find it here: "<<: &a" and the old content */
	cm_copy_to(c, pair->key->head);
	cm_skip_to(c, region_end(c->src, alias, oldcol));
	cm_write_entry(c->w, attr, pair, newcol);
	return true;
}

/* ---- block mappings ---- */

static bool goes_before_services(const struct cm_pair *pair)
{
	const struct cm_attr *row = pair->word ? cm_attr_child(NULL, cm_sym_str(pair->word)) : NULL;

	if (row)
		return row->role == CM_ROLE_NAME || row->role == CM_ROLE_INCLUDE;
	return pair->word && cm_str_starts(cm_sym_str(pair->word), "x-");
}

/* New `name`, `include` and x- entries go before the services; the rest stays to be appended. Returns how many stay. */
static uint32_t insert_before_services(struct cm_copier *c, const struct cm_node *old, uint32_t at, struct cm_pair *pairs, uint32_t count)
{
	size_t point = cm_leading(c->src, cm_entry_start(c->src, old, at));
	uint32_t kept = 0;
	bool blank = old->count > 1 && spaced(c->src, old), moved = false;

	for (uint32_t i = 0; i < count; i++) {
		if (!goes_before_services(&pairs[i])) {
			pairs[kept++] = pairs[i];
			continue;
		}
		if (!moved)
			cm_copy_to(c, point);
		else if (blank)
			cm_break(c->w);
		moved = true;
		cm_write_entry(c->w, cm_row_below(NULL, pairs[i].word), &pairs[i], 0);
		cm_fresh_line(c->w);
	}
	if (moved && (blank || old->count == 1))
		cm_break(c->w);
	return kept;
}

static bool is_services(const struct cm_pair *pair)
{
	const struct cm_attr *row = pair->word ? cm_attr_child(NULL, cm_sym_str(pair->word)) : NULL;

	return row && row->role == CM_ROLE_SERVICES;
}

static void walk_pair(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old, uint32_t i, const struct cm_node *value,
	size_t oldcol, size_t newcol)
{
	const struct cm_pair *pair = &old->pairs[i];
	struct slot at = {cm_row_below(attr, pair->word), 0, oldcol, newcol, false};

	if (c->moves && c->w->options->annotate) {
		cm_copy_to(c, pair->key->head);
		cm_mark_line(c->w, pair->key, value);
	}
	if (!needs_visit(c, pair->value, value) && !(c->w->tracking && pair->key->flags & (CM_HAS_ALIAS | CM_HAS_ANCHOR)))
		return;
	if (pair->key->flags & CM_MERGE_KEY && value == pair->value && mend_merge_key(c, attr, old, pair, oldcol, newcol))
		return;
	if (pair->key->flags & CM_MERGE_KEY)
		at.attr = attr;
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

static size_t start_of_next_kept(struct cm_copier *c, const struct cm_node *old, uint32_t i, const struct cm_node *new, uint32_t j)
{
	for (uint32_t k = i + 1; j < new->count && k < old->count; k++)
		if (old->pairs[k].key == new->pairs[j].key)
			return cm_entry_start(c->src, old, k);
	return SIZE_MAX;
}

/* The pairs of new that old does not have. Kept ones come first, in old's order. */
static uint32_t count_kept(const struct cm_node *old, const struct cm_node *new)
{
	uint32_t j = 0;

	if (new == old)
		return old->count;
	for (uint32_t i = 0; i < old->count && j < new->count; i++)
		if (old->pairs[i].key == new->pairs[j].key)
			j++;
	return j;
}

static void walk_map(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old, const struct cm_node *new, size_t newcol,
	size_t footcol)
{
	size_t column = cm_column(c->src, old->start);
	uint32_t j = 0, kept = count_kept(old, new), more = new->count - kept;
	struct cm_pair *added = NULL;
	bool root = old == c->w->root && !c->moves;

	if (more) {
		added = cm_new_array(c->w->p->arena, more, struct cm_pair);
		memcpy(added, new->pairs + kept, more * sizeof(*added));
	}
	for (uint32_t i = 0; i < old->count; i++) {
		bool stays = j < kept && new->pairs[j].key == old->pairs[i].key;

		if (root && more && stays && is_services(&old->pairs[i]))
			more = insert_before_services(c, old, i, added, more);
		if (stays)
			walk_pair(c, attr, old, i, new->pairs[j++].value, column, newcol);
		else
			delete_lines(c, cm_entry_start(c->src, old, i), old->pairs[i].value->end, column, i == 0,
				     start_of_next_kept(c, old, i, new, j));
	}
	if (more)
		append_entries(c, attr, old, added, more, footcol, newcol, c->w->root && column > 0 && attr && attr->role != CM_ROLE_NONE);
}

/* ---- block sequences ---- */

static const struct cm_node *slot_at(const struct cm_node *new, uint32_t j)
{
	const struct cm_made *made = cm_made_of(new);

	return made && made->slots ? made->slots[j] : new->items[j];
}

static void walk_seq(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old, const struct cm_node *new, size_t newcol,
	size_t footcol)
{
	size_t column = cm_column(c->src, old->start);
	uint32_t j = 0;

	for (uint32_t i = 0; i < old->count; i++) {
		size_t dash;

		if (j < new->count && slot_at(new, j) == old->items[i]) {
			const struct cm_node *item = new->items[j++];
			struct slot at = {row_of_item(attr), 0, column, newcol, true};

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
		delete_lines(c, dash, old->items[i]->end > dash ? old->items[i]->end : dash + 1, column, i == 0,
			     i + 1 < old->count ? cm_dash(c->src, old, i + 1) : SIZE_MAX);
	}
	if (j == new->count)
		return;
	begin_append(c, old->items[old->count - 1]->end, footcol);
	for (; j < new->count; j++) {
		cm_fresh_line(c->w);
		cm_write_item(c->w, row_of_item(attr), new->items[j], newcol);
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

void cm_walk(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old, const struct cm_node *new, size_t newcol)
{
	long shift = c->shift;
	size_t column = cm_column(c->src, old->start), footcol = column;

	if (old->kind != CM_MAP && old->kind != CM_SEQ)
		return;
	if (old->style == CM_FLOW) {
		cm_walk_flow(c, attr, old, new);
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
	if (c->moves)
		cm_copy_to(c, old->end);
	c->shift = shift;
}
