/* SPDX-License-Identifier: MIT */

/*
 * Values written fresh: text an override brings, or text of our own, at a new place.
 *
 * A value that continues a text (a loaded node, or a made one whose origin is loaded) is copied by
 * a copier that moves its lines; everything else is put together entry by entry. Both end without a
 * final break: the caller owns it.
 */

#include "walk.h"

#include "../base/diag.h"
#include "../yaml/scalar.h"

const struct cm_node *cm_text_node(const struct cm_node *n)
{
	const struct cm_node *origin = cm_origin(n);

	if (n->kind == CM_SCALAR && n->flags & CM_MADE && n->source == 0)
		return NULL;
	return origin->source && !(origin->flags & CM_MADE) && origin->kind == n->kind ? origin
										       : NULL;
}

static const struct cm_source *source_of(struct cm_writer *w, const struct cm_node *n)
{
	return cm_source_of(w->p, n->source);
}

static bool is_block_scalar(const struct cm_node *n)
{
	return n->kind == CM_SCALAR && (n->style == CM_LITERAL || n->style == CM_FOLDED) &&
		cm_text_node(n);
}

/* A collection that will be written over several lines. */
static bool is_block(const struct cm_node *n)
{
	return (n->kind == CM_MAP || n->kind == CM_SEQ) && n->count && n->style == CM_BLOCK;
}

bool cm_is_inline(const struct cm_node *n)
{
	return !is_block(n);
}

/* ---- scalars ---- */

static struct cm_str scalar_bytes(struct cm_writer *w, const struct cm_node *n)
{
	const struct cm_node *text = cm_text_node(n);

	return cm_str_cut(source_of(w, text)->text, text->start, text->end);
}

/* Our own scalars: numbers as they are, texts quoted where they must be. */
static void write_made_scalar(struct cm_writer *w, const struct cm_node *n, bool flow)
{
	if (n->flags & CM_RAW)
		cm_buf_str(w->out, cm_text(n));
	else
		cm_scalar_write(w->p->arena, w->out, cm_text(n),
			n->style > CM_DOUBLE ? CM_DOUBLE : n->style, flow);
}

/* Does a block scalar say its indentation itself ("|2")? Then only a uniform shift keeps it. */
static bool has_digit(struct cm_str s, const struct cm_node *text)
{
	return text->kind == CM_SCALAR && text->style >= CM_LITERAL && text->start + 1 < s.n &&
		((s.p[text->start + 1] >= '1' && s.p[text->start + 1] <= '9') ||
			(s.p[text->start + 2] >= '1' && s.p[text->start + 2] <= '9'));
}

/* Lines of a scalar or flow collection below its first, moved with the entry that holds it. */
static void write_lines(struct cm_writer *w, const struct cm_node *text, size_t column)
{
	const struct cm_source *src = source_of(w, text);
	struct cm_copier c = {.w = w, .src = src, .pos = text->start, .moves = true};
	size_t line = cm_line_start(src->text, text->start), first = line, least = SIZE_MAX;

	while (first < src->text.n && src->text.p[first] == ' ')
		first++;
	first -= line;
	c.shift = (long)column - (long)first;
	for (line = cm_next_line(src->text, text->start); line < text->end;
		line = cm_next_line(src->text, line)) {
		size_t end = cm_line_end(src->text, line), i = line;

		while (i < end && src->text.p[i] == ' ')
			i++;
		if (i < end && i - line < least)
			least = i - line;
	}
	if (least != SIZE_MAX && least > first && !has_digit(src->text, text)) {
		size_t step = cm_habit_of(w, src).step;

		if (least - first == step)
			c.shift += (long)w->habit.step - (long)step;
	}
	if (least != SIZE_MAX && (long)least + c.shift <= (long)column)
		c.shift = (long)column + 1 - (long)least; /* must stay deeper than what holds it */
	cm_close_open_end(&c, text);
	cm_copy_to(&c, text->end);
}

static void write_scalar(struct cm_writer *w, const struct cm_node *n, size_t column, bool flow)
{
	const struct cm_node *text = cm_text_node(n);
	struct cm_str bytes;

	if (flow && cm_is_null(n) && !cm_text(n).n) {
		cm_buf_puts(w->out, "null");
		return;
	}
	if (!text) {
		write_made_scalar(w, n, flow);
		return;
	}
	bytes = scalar_bytes(w, n);
	if (flow && (is_block_scalar(n) || n->flags & CM_MULTILINE)) {
		cm_scalar_write(w->p->arena, w->out, cm_text(n),
			n->style == CM_PLAIN ? CM_PLAIN : CM_DOUBLE, true);
		return;
	}
	if (flow && n->style == CM_PLAIN && !cm_plain_safe(bytes, true)) {
		cm_scalar_write(w->p->arena, w->out, cm_text(n), CM_PLAIN, true);
		return;
	}
	if (is_block_scalar(n) || n->flags & CM_MULTILINE)
		write_lines(w, text, column);
	else
		cm_buf_str(w->out, bytes);
	if (is_block_scalar(n))
		w->block_end = w->out->n;
}

/* ---- properties ---- */

/* An anchor that comes with an override stays if somebody uses it and its name is free. */
static bool anchor_stays(struct cm_writer *w, const struct cm_node *n)
{
	return cm_anchor(n) && cm_uses_left(w, cm_origin(n)) && cm_name_free(w, cm_anchor(n));
}

void cm_write_tag(struct cm_writer *w, struct cm_str tag)
{
	static const char core[] = "tag:yaml.org,2002:";

	if (cm_str_starts(tag, core)) {
		cm_buf_puts(w->out, "!!");
		tag = cm_str_cut(tag, sizeof(core) - 1, tag.n);
		cm_buf_str(w->out, tag);
	} else if (tag.p[0] == '!') {
		cm_buf_str(w->out, tag);
	} else {
		cm_buf_printf(w->out, "!<%.*s>", (int)tag.n, tag.p);
	}
	cm_buf_putc(w->out, ' ');
}

void cm_write_props(struct cm_writer *w, const struct cm_node *n)
{
	if (cm_tag(n).n)
		cm_write_tag(w, cm_tag(n));
	if (n != w->named && anchor_stays(w, n)) {
		cm_buf_printf(w->out, "&%s ", cm_anchor(n)->p);
		cm_bind(w, cm_anchor(n), n);
	}
}

/* ---- inside flow collections ---- */

bool cm_fits_flow(struct cm_writer *w, const struct cm_node *n)
{
	const struct cm_node *text = cm_text_node(n);

	if (n->kind == CM_ALIAS)
		return true;
	if (n->kind == CM_SCALAR)
		return !is_block_scalar(n) && !(n->flags & CM_MULTILINE);
	if (text && (text->flags & CM_MULTILINE || cm_has_comment(source_of(w, text), text)))
		return false;
	if (n->kind == CM_MAP && cm_map_has_merge(n))
		return false;
	for (uint32_t i = 0; i < n->count; i++)
		if (!cm_fits_flow(w, n->kind == CM_MAP ? n->pairs[i].value : n->items[i]))
			return false;
	return true;
}

static void write_key(struct cm_writer *w, const struct cm_node *key, bool flow);

/* An empty plain key is null, and is written with its indicator. */
static bool is_null_key(const struct cm_node *key)
{
	return key->kind == CM_SCALAR && cm_is_null(key) && !cm_text(key).n;
}

void cm_write_flow_key(struct cm_writer *w, const struct cm_node *key)
{
	write_key(w, key, true);
}

void cm_count_expansion(struct cm_writer *w, const struct cm_node *n, uint64_t nodes)
{
	struct cm_diag *d;

	w->expanded += nodes;
	if (w->expanded <= w->p->limits.expansion)
		return;
	d = cm_error(w->p, cm_span_of(n), CM_E_LIMIT,
		"more than %llu nodes would have to be written out in place of aliases",
		(unsigned long long)w->p->limits.expansion);
	cm_help(w->p, d, "--limit-expansion raises this limit");
	cm_arena_give_up(w->p->arena);
}

void cm_write_flow(struct cm_writer *w, const struct cm_node *n)
{
	struct cm_pairs all;

	if (n->kind == CM_ALIAS) {
		const struct cm_sym *name = cm_name_for(w, n);

		cm_used(w, n->target);
		if (name) {
			cm_buf_printf(w->out, "*%s", name->p);
			return;
		}
		cm_count_expansion(w, n, 1);
		n = cm_deref(n);
	}
	cm_write_props(w, n);
	if (n->kind == CM_SCALAR) {
		write_scalar(w, n, 0, true);
		return;
	}
	cm_buf_putc(w->out, n->kind == CM_MAP ? '{' : '[');
	all = n->kind == CM_MAP ? cm_pairs_of(w->p, n) : (struct cm_pairs){NULL, n->count};
	for (uint32_t i = 0; i < all.count; i++) {
		if (i)
			cm_buf_puts(w->out, ", ");
		if (n->kind == CM_MAP) {
			write_key(w, all.at[i].key, true);
			cm_buf_puts(w->out, ": ");
			if (cm_is_null(all.at[i].value) && !cm_text(cm_deref(all.at[i].value)).n)
				cm_buf_puts(w->out, "null");
			else
				cm_write_flow(w, all.at[i].value);
		} else {
			cm_write_flow(w, n->items[i]);
		}
	}
	cm_buf_putc(w->out, n->kind == CM_MAP ? '}' : ']');
}

/* ---- keys ---- */

static void write_key(struct cm_writer *w, const struct cm_node *key, bool flow)
{
	if (key->kind == CM_ALIAS) {
		const struct cm_sym *name = cm_alias_name(w, key);

		cm_used(w, key->target);
		if (cm_alias_holds(w, name, key->target)) {
			cm_buf_printf(w->out, "*%s ", name->p);
			return;
		}
		key = cm_deref(key);
	}
	if (key->kind != CM_SCALAR) {
		cm_buf_puts(w->out, "? ");
		cm_write_flow(w, key);
		if (flow)
			cm_buf_putc(w->out, ' ');
		return;
	}
	if (is_null_key(key)) {
		cm_buf_puts(w->out, flow ? "? " : "?");
		return;
	}
	cm_write_props(w, key);
	if (cm_text_node(key) && (key->style <= CM_DOUBLE) && !(key->flags & CM_MULTILINE) && !flow)
		cm_buf_str(w->out, scalar_bytes(w, key));
	else
		cm_scalar_write(w->p->arena, w->out, cm_text(key),
			key->style > CM_DOUBLE ? CM_DOUBLE : key->style, flow);
}

/* ---- comments that come along ---- */

/* The loaded node whose line an entry of our own was made from, or the node itself. */
static const struct cm_node *comment_source(const struct cm_node *n)
{
	const struct cm_node *o = cm_origin(n);

	return o->source ? o : NULL;
}

bool cm_comes_with_comment(
	struct cm_writer *w, const struct cm_node *first, const struct cm_node *value)
{
	const struct cm_node *n = comment_source(first), *end = comment_source(value);
	const struct cm_source *src;
	size_t line, at;

	if (!n)
		return false;
	src = source_of(w, n);
	if (end && cm_trailing(source_of(w, end), end->end).n)
		return true;
	line = cm_line_start(src->text, n->head);
	while (line < n->head && src->text.p[line] == ' ')
		line++;
	for (at = line; at < n->head && (src->text.p[at] == ' ' || src->text.p[at] == '-'); at++)
		;
	return at == n->head && cm_leading(src, line) < cm_line_start(src->text, n->head);
}

static void write_leading(
	struct cm_writer *w, const struct cm_node *first, size_t column, bool dash)
{
	const struct cm_node *n = comment_source(first);
	const struct cm_source *src;
	size_t at, line;

	if (!n)
		return;
	src = source_of(w, n);
	line = cm_line_start(src->text, n->head);
	for (at = line; at < src->text.n && (src->text.p[at] == ' ' || (at < 3 && src->has_bom));
		at++)
		;
	if (!dash && at != n->head && src->text.p[at] != '?' && src->text.p[at] != '-')
		return; /* not the first thing on its line */
	cm_copy_comments(w, src, cm_leading(src, at), line, column);
}

/* "  # noisy" behind a one-line value, as the author spaced it. */
static void write_trailing(struct cm_writer *w, const struct cm_node *n)
{
	const struct cm_node *o = comment_source(n);
	struct cm_str comment;
	size_t at;

	if (!o || is_block_scalar(o))
		return;
	at = o->end;
	if (at < source_of(w, o)->text.n && source_of(w, o)->text.p[at] == ':')
		at++; /* o was a key */
	comment = cm_trailing(source_of(w, o), at);
	if (!comment.n)
		return;
	if (comment.p[0] == '#')
		cm_buf_putc(w->out, ' ');
	cm_buf_str(w->out, comment);
}

/* ---- blocks ---- */

/* The column a nested block stands at: below a key, or behind a dash. */
static size_t nested_column(
	struct cm_writer *w, const struct cm_node *n, size_t column, bool in_seq)
{
	if (in_seq)
		return column + 1 + w->gap;
	return column + (n->kind == CM_SEQ ? w->habit.dash : w->habit.step);
}

/* The first line of the block whose first entry is at `start`, comments between its key and it
 * included. */
static size_t block_begin(const struct cm_source *src, size_t start)
{
	return cm_begins_line(src, start) ? cm_leading(src, start) : start;
}

static bool ends_in_block_scalar(const struct cm_node *n)
{
	while ((n->kind == CM_MAP || n->kind == CM_SEQ) && n->count && n->style == CM_BLOCK)
		n = n->kind == CM_MAP ? n->pairs[n->count - 1].value : n->items[n->count - 1];
	return is_block_scalar(n);
}

static void copy_block(struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *text,
	const struct cm_node *n, size_t column)
{
	struct cm_copier c = {.w = w, .src = source_of(w, text), .moves = true};
	size_t end;

	c.pos = cm_out_column(w) == 0 ? block_begin(c.src, text->start) : text->start;
	cm_walk(&c, attr, text, n, column);
	cm_close_open_end(&c, text);
	cm_copy_to(&c, text->end);
	c.shift = (long)column - (long)cm_column(c.src, text->start);
	end = cm_behind_feet(c.src, text->end, cm_column(c.src, text->start));
	if (ends_in_block_scalar(text))
		end = text->end; /* a comment moved below it could become its text */
	else if (end > cm_next_line(c.src->text, text->end))
		while (end > text->end &&
			(c.src->text.p[end - 1] == '\n' || c.src->text.p[end - 1] == '\r'))
			end--;
	else
		end = text->end + cm_trailing(c.src, text->end).n;
	cm_copy_to(&c, end);
	if (ends_in_block_scalar(text))
		w->block_end = w->out->n;
}

const struct cm_node *cm_empty_guard(struct cm_writer *w, const struct cm_sym *word)
{
	struct cm_words *g = &w->guards;

	if (g->count == g->room) {
		uint32_t room = g->room ? g->room * 2 : 8;
		const struct cm_sym **at = cm_new_array(w->p->arena, room, const struct cm_sym *);

		if (g->count)
			memcpy(at, g->at, g->count * sizeof(*at));
		g->at = at;
		g->room = room;
	}
	for (uint32_t i = 0; i < g->count; i++)
		if (g->at[i] == word)
			return cm_make_seq(w->p, NULL, 0, CM_FLOW, NULL, NULL);
	g->at[g->count++] = word;
	return cm_make_seq(w->p, NULL, 0, CM_FLOW, NULL, NULL);
}

void cm_write_block(
	struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *n, size_t column)
{
	n = cm_settle(w, attr, NULL, n);
	for (uint32_t i = 0; i < n->count; i++) {
		if (i)
			cm_fresh_line(w);
		if (n->kind == CM_MAP)
			cm_write_entry(
				w, cm_row_below(attr, n->pairs[i].word), &n->pairs[i], column);
		else
			cm_write_item(w, cm_row_of_item(attr), n->items[i], column);
	}
}

/* The pairs of n that << of `now` does not bring. False: now brings more than n has. */
static bool own_pairs(struct cm_writer *w, const struct cm_node *n, const struct cm_node *now,
	struct cm_entries *own)
{
	struct cm_pairs brought = cm_pairs_of(w->p, now), all = cm_pairs_of(w->p, n);

	for (uint32_t i = 0; i < brought.count; i++)
		if (!brought.at[i].word || !cm_map_get(w->p, n, brought.at[i].word))
			return false;
	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_pair *same =
			all.at[i].word ? cm_map_get(w->p, now, all.at[i].word) : NULL;

		if (!same || !cm_equal(w->p, same->value, all.at[i].value))
			cm_entries_add(w->p, own, all.at[i]);
	}
	return own->count <= brought.count;
}

/* A mapping that changes an anchored one: "<<: *a" and the changed keys (design.md, anchors 2). */
static bool write_by_merge_key(struct cm_writer *w, const struct cm_attr *attr,
	const struct cm_node *n, size_t column, bool in_seq)
{
	const struct cm_node *text = cm_text_node(n), *now;
	const struct cm_sym *name = text ? cm_anchor(text) : NULL;
	size_t at = nested_column(w, n, column, in_seq);
	struct cm_entries own = {0};

	if (!text || text == n || n->kind != CM_MAP || !name)
		return false;
	now = cm_bound(w, name);
	if (!now || cm_deref(now)->kind != CM_MAP || !own_pairs(w, n, cm_deref(now), &own) ||
		!cm_alias_holds(w, name, now))
		return false;
	if (in_seq) {
		cm_buf_putc(w->out, ' ');
	} else {
		cm_break(w);
		cm_spaces(w, at);
	}
	cm_buf_printf(w->out, "<<: *%s", name->p);
	for (uint32_t i = 0; i < own.count; i++) {
		cm_fresh_line(w);
		cm_write_entry(w, cm_row_below(attr, own.at[i].word), &own.at[i], at);
	}
	return true;
}

/* A block scalar below which deeper comments follow would swallow them: only fresh text is written
 * here, so none follow. */
static void write_inline(struct cm_writer *w, const struct cm_node *n, size_t column, bool in_seq)
{
	const struct cm_node *text = cm_text_node(n);

	if (cm_is_null(n) && cm_text(n).n == 0 && (!text || text->start == text->end)) {
		if (cm_anchor(n) && anchor_stays(w, n)) {
			cm_buf_putc(w->out, ' ');
			cm_write_props(w, n);
		}
		return;
	}
	if (w->lead.n)
		cm_buf_str(w->out, w->lead);
	else
		cm_spaces(w, in_seq ? w->gap : 1);
	w->lead.n = 0;
	if (n->kind != CM_SCALAR &&
		!(text && text == n && !(text->flags & (CM_HAS_ALIAS | CM_HAS_ANCHOR)))) {
		cm_write_flow(w, n);
		return;
	}
	cm_write_props(w, n);
	if (n->kind == CM_SCALAR)
		write_scalar(w, n, column, false);
	else if (text->flags & CM_MULTILINE)
		write_lines(w, text, column);
	else
		cm_buf_str(w->out, cm_str_cut(source_of(w, text)->text, text->start, text->end));
}

/* An alias whose name does not mean its node here: the node itself, anchored if more uses follow.
 */
static const struct cm_node *written_out(
	struct cm_writer *w, const struct cm_node *alias, const struct cm_sym **anchor)
{
	const struct cm_sym *name = cm_alias_name(w, alias);
	const struct cm_node *target = cm_deref(alias);

	cm_count_expansion(w, alias, 1);
	*anchor = cm_uses_left(w, target) && (alias->source == w->base->id || cm_name_free(w, name))
		? name
		: NULL;
	return target;
}

void cm_write_value(struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *n,
	size_t column, bool in_seq)
{
	const struct cm_sym *anchor = NULL;
	const struct cm_node *text, *given = n;
	size_t at;

	if (n->kind == CM_ALIAS) {
		const struct cm_sym *name = cm_name_for(w, n);

		cm_used(w, n->target);
		if (name) {
			cm_buf_printf(w->out, " *%s", name->p);
			write_trailing(w, n);
			return;
		}
		n = written_out(w, n, &anchor);
	}
	if (anchor) {
		cm_buf_printf(w->out, " &%s", anchor->p);
		cm_bind(w, anchor, n);
		w->named = n;
	}
	if (write_by_merge_key(w, attr, n, column, in_seq))
		return;
	if (cm_is_inline(n)) {
		write_inline(w, n, column, in_seq);
		write_trailing(w, given);
		return;
	}
	at = nested_column(w, n, column, in_seq);
	if (cm_tag(n).n || (!anchor && anchor_stays(w, n))) {
		cm_buf_putc(w->out, ' ');
		cm_write_props(w, n);
		w->out->n--;
		w->out->p[w->out->n] = '\0';
		anchor = anchor ? anchor : cm_anchor(n);
	}
	if (in_seq && !anchor && !cm_tag(n).n)
		cm_spaces(w, w->gap);
	else
		cm_break(w);
	w->gap = 1;
	text = cm_text_node(n);
	if (text && text->style == CM_BLOCK)
		copy_block(w, attr, text, n, at);
	else
		cm_write_block(w, attr, n, at);
}

/* "cron: # by the clock": the comment behind a key whose value is a block. */
static void write_opening(struct cm_writer *w, const struct cm_pair *pair)
{
	const struct cm_node *key = comment_source(pair->key);
	const struct cm_source *src;
	struct cm_str comment;
	size_t at;

	if (!key)
		return;
	src = source_of(w, key);
	at = cm_skip_gap(src->text, key->end);
	if (at < src->text.n && src->text.p[at] == ':')
		at++;
	else
		at = key->end;
	comment = cm_trailing(src, at);
	if (comment.n && comment.p[0] == '#')
		cm_buf_putc(w->out, ' ');
	cm_buf_str(w->out, comment);
}

/* "image:   shop": blanks the author put between a colon and a value of one line. */
static void write_gap(struct cm_writer *w, const struct cm_pair *pair)
{
	const struct cm_source *src;
	size_t from, to = pair->value->head;

	w->lead.n = 0;
	if (pair->key->flags & CM_MADE || pair->value->source != pair->key->source ||
		!cm_is_inline(pair->value))
		return;
	src = source_of(w, pair->key);
	from = cm_behind_colon(src, pair);
	if (from == SIZE_MAX || to < from || pair->value->head == pair->value->end ||
		pair->value->flags & CM_MADE)
		return;
	for (size_t i = from; i < to; i++)
		if (src->text.p[i] != ' ' && src->text.p[i] != '\t')
			return;
	w->lead = cm_str_cut(src->text, from, to);
}

/* The key of an entry begins a line unless the output stands behind a dash. */
static void begin_entry(struct cm_writer *w, size_t column)
{
	if (cm_out_column(w) == 0)
		cm_spaces(w, column);
}

void cm_write_entry(
	struct cm_writer *w, const struct cm_attr *attr, const struct cm_pair *pair, size_t column)
{
	if (cm_out_column(w) == 0)
		write_leading(w, pair->key, column, false);
	begin_entry(w, column);
	cm_mark_line(w, pair->key, pair->value);
	write_key(w, pair->key, false);
	if (pair->key->kind == CM_MAP || pair->key->kind == CM_SEQ || is_null_key(pair->key)) { /* "? key" and ": value" */
		cm_break(w);
		cm_spaces(w, column);
	}
	cm_buf_putc(w->out, ':');
	write_gap(w, pair);
	if (is_block(pair->value) && !cm_tag(pair->value).n && !cm_anchor(pair->value))
		write_opening(w, pair);
	cm_write_value(w, attr, pair->value, column, false);
}

void cm_write_item(
	struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *item, size_t column)
{
	if (cm_out_column(w) == 0)
		write_leading(w, item, column, true);
	begin_entry(w, column);
	cm_mark_line(w, item, item);
	cm_buf_putc(w->out, '-');
	cm_write_value(w, attr, item, column, true);
}
