/* SPDX-License-Identifier: MIT */

/*
 * Flow collections, edited inside their brackets.
 *
 *   ["a", "b"]  + c   ->  ["a", "b", c]           {A: 1, B: 2}  - B  ->  {A: 1}
 *   [           + c   ->  [
 *     a, # one              a, # one
 *   ]                       c
 *                         ]
 */

#include "walk.h"

static const struct cm_node *value_at(const struct cm_node *n, uint32_t i)
{
	return n->kind == CM_MAP ? n->pairs[i].value : n->items[i];
}

static size_t start_at(struct cm_copier *c, const struct cm_node *n, uint32_t i)
{
	if (n->kind == CM_MAP)
		return cm_entry_start(c->src, n, i);
	return n->items[i]->head;
}

static size_t end_at(const struct cm_node *n, uint32_t i)
{
	const struct cm_node *value = value_at(n, i);

	if (n->kind == CM_MAP && n->pairs[i].key->end > value->end)
		return n->pairs[i].key->end;
	return value->end;
}

/* Is old's entry i the one that stands at place j of new? */
static bool stays(const struct cm_node *old, uint32_t i, const struct cm_node *new, uint32_t j)
{
	const struct cm_made *made = cm_made_of(new);

	if (j >= new->count)
		return false;
	if (old->kind == CM_MAP)
		return old->pairs[i].key == new->pairs[j].key;
	return (made && made->slots ? made->slots[j] : new->items[j]) == old->items[i];
}

static bool any_stays_behind(
	const struct cm_node *old, uint32_t i, const struct cm_node *new, uint32_t j)
{
	for (; i < old->count; i++)
		if (stays(old, i, new, j))
			return true;
	return false;
}

static void change_value(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	uint32_t i, const struct cm_node *new)
{
	const struct cm_node *was = value_at(old, i);

	if (new == was && !(c->w->tracking && was->flags & (CM_HAS_ALIAS | CM_HAS_ANCHOR)))
		return;
	if (was->kind == CM_ALIAS &&
		cm_alias_holds(c->w, cm_alias_name(c->w, was), new == was ? was->target : new)) {
		cm_used(c->w, was->target);
		return;
	}
	if (was->kind != CM_ALIAS && was->kind != CM_SCALAR && was->style == CM_FLOW &&
		was->count && (new == was || cm_text_node(new) == was) && new->count) {
		if (cm_tag(was).n && !cm_tag(new).n && !cm_anchor(was)) { /* a tag that goes */
			cm_copy_to(c, was->head);
			cm_skip_to(c, was->start);
		}
		cm_walk_flow(c, attr, was, cm_kept_first(c->w->p, was, new));
		if (cm_anchor(was))
			cm_bind(c->w, cm_anchor(was), new);
		return;
	}
	if (new == was && was->kind != CM_ALIAS) {
		if (cm_anchor(was))
			cm_bind(c->w, cm_anchor(was), was);
		return;
	}
	if (was->head == was->end) { /* "a" or "a:" */
		size_t behind =
			old->kind == CM_MAP ? cm_behind_colon(c->src, &old->pairs[i]) : was->head;

		cm_copy_to(c, behind == SIZE_MAX ? old->pairs[i].key->end : behind);
		cm_buf_puts(c->w->out, behind == SIZE_MAX ? ": " : " ");
	} else {
		cm_copy_to(c, was->head);
		cm_skip_to(c, was->end);
	}
	cm_write_flow(c->w, new);
}

static void write_new(struct cm_copier *c, const struct cm_node *new, uint32_t j)
{
	const struct cm_pair *pair;

	if (new->kind == CM_SEQ) {
		cm_write_flow(c->w, new->items[j]);
		return;
	}
	pair = &new->pairs[j];
	cm_write_flow_key(c->w, pair->key);
	cm_buf_putc(c->w->out, ':');
	cm_buf_putc(c->w->out, ' ');
	if (cm_is_null(pair->value) && !cm_text(cm_deref(pair->value)).n)
		cm_buf_puts(c->w->out, "null");
	else
		cm_write_flow(c->w, pair->value);
}

/* Is there a comma behind the last entry? Returns the place behind it, or 0. */
static size_t behind_comma(struct cm_copier *c, const struct cm_node *old)
{
	size_t at = cm_skip_gap(c->src->text, end_at(old, old->count - 1));

	return at < c->src->text.n && c->src->text.p[at] == ',' ? at + 1 : 0;
}

static void append_on_lines(struct cm_copier *c, const struct cm_node *old,
	const struct cm_node *new, uint32_t j, size_t comma)
{
	size_t first = start_at(c, old, old->count - 1), line = cm_line_start(c->src->text, first),
	       column = line;

	while (column < first && c->src->text.p[column] == ' ')
		column++;
	column -= line;
	cm_copy_to(c, comma ? comma : end_at(old, old->count - 1));
	if (!comma)
		cm_buf_putc(c->w->out, ',');
	cm_copy_to(c, cm_line_end(c->src->text, c->pos));
	for (; j < new->count; j++) {
		cm_break(c->w);
		cm_spaces(c->w, c->moves && c->shift > 0 ? column + (size_t)c->shift : column);
		write_new(c, new, j);
		if (comma || j + 1 < new->count)
			cm_buf_putc(c->w->out, ',');
	}
}

static void append(struct cm_copier *c, const struct cm_node *old, const struct cm_node *new,
	uint32_t j, bool last_stays, bool any_stays)
{
	size_t comma = last_stays ? behind_comma(c, old) : 0;
	size_t bracket = old->end ? old->end - 1 : 0;

	if (last_stays && old->flags & CM_MULTILINE && cm_begins_line(c->src, bracket)) {
		append_on_lines(c, old, new, j, comma);
		return;
	}
	if (last_stays)
		cm_copy_to(c, comma ? comma : end_at(old, old->count - 1));
	for (bool first = true; j < new->count; j++, first = false) {
		if (!first || any_stays)
			cm_buf_puts(c->w->out, first && comma ? " " : ", ");
		write_new(c, new, j);
	}
	if (comma)
		cm_buf_putc(c->w->out, ',');
}

/* Inside brackets new entries go to the end. */
const struct cm_node *cm_kept_first(
	struct cm_project *p, const struct cm_node *old, const struct cm_node *new)
{
	struct cm_entries kept = {0}, added = {0};
	bool in_order = true;

	if (old->kind != CM_MAP || new == old)
		return new;
	for (uint32_t j = 0; j < new->count; j++) {
		bool stays_in = cm_place_in(old, new->pairs[j].key) != UINT32_MAX;

		in_order = in_order && !(stays_in && added.count);
		cm_entries_add(p, stays_in ? &kept : &added, new->pairs[j]);
	}
	if (in_order)
		return new;
	for (uint32_t j = 0; j < added.count; j++)
		cm_entries_add(p, &kept, added.at[j]);
	return cm_make_map(p, kept.at, kept.count, new->style, new);
}

void cm_walk_flow(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	const struct cm_node *new)
{
	uint32_t j = 0;
	bool last_stays = false, any_stays = false;

	for (uint32_t i = 0; i < old->count; i++) {
		const struct cm_attr *row =
			old->kind == CM_MAP ? cm_row_below(attr, old->pairs[i].word) : attr;

		last_stays = new == old || stays(old, i, new, j);
		any_stays = any_stays || last_stays;
		if (last_stays) {
			change_value(c, row, old, i, value_at(new, j++));
		} else if (any_stays_behind(old, i + 1, new, j)) {
			cm_copy_to(c, start_at(c, old, i));
			cm_skip_to(c, start_at(c, old, i + 1));
		} else { /* the tail goes, with the comma before it */
			cm_copy_to(c, i ? end_at(old, i - 1) : start_at(c, old, 0));
			cm_skip_to(c, end_at(old, old->count - 1));
			break;
		}
	}
	if (j < new->count)
		append(c, old, new, j, last_stays, any_stays);
}
