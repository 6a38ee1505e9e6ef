/* SPDX-License-Identifier: MIT */

/* Output and copiers: bytes in order, lines moved as a whole. */

#include "writer.h"

size_t cm_out_column(const struct cm_writer *w)
{
	size_t at = w->out->n;

	while (at > 0 && w->out->p[at - 1] != '\n' && w->out->p[at - 1] != '\r')
		at--;
	return w->out->n - at;
}

void cm_break(struct cm_writer *w)
{
	cm_buf_puts(w->out, w->eol);
}

void cm_fresh_line(struct cm_writer *w)
{
	if (w->out->n && w->out->p[w->out->n - 1] != '\n' && w->out->p[w->out->n - 1] != '\r')
		cm_break(w);
}

void cm_spaces(struct cm_writer *w, size_t count)
{
	cm_buf_fill(w->out, ' ', count);
}

/* One line's text behind its indentation of n columns, moved. */
static size_t moved_indent(const struct cm_copier *c, size_t n, bool empty)
{
	if (c->shift >= 0)
		return empty && n == 0 ? 0 : n + (size_t)c->shift;
	return n > (size_t)-c->shift ? n - (size_t)-c->shift : 0;
}

static void copy_line(struct cm_copier *c, size_t from, size_t end)
{
	struct cm_str s = c->src->text;
	size_t first = from;

	while (first < end && s.p[first] == ' ')
		first++;
	cm_spaces(c->w, moved_indent(c, first - from, first == end));
	cm_buf_add(c->w->out, s.p + first, end - first);
}

void cm_copy_to(struct cm_copier *c, size_t upto)
{
	struct cm_str s = c->src->text;

	if (upto <= c->pos)
		return;
	if (c->pos > 0 && cm_line_start(s, c->pos) == c->pos)
		cm_fresh_line(c->w); /* what was written instead did not end its line */
	if (!c->moves) {
		cm_buf_add(c->w->out, s.p + c->pos, upto - c->pos);
		c->pos = upto;
		return;
	}
	while (c->pos < upto) {
		size_t end = cm_line_end(s, c->pos), brk;

		if (end >= upto)
			end = upto;
		if (c->pos == cm_line_start(s, c->pos) && cm_out_column(c->w) == 0)
			copy_line(c, c->pos, end);
		else
			cm_buf_add(c->w->out, s.p + c->pos, end - c->pos);
		c->pos = end;
		brk = end < upto ? cm_break_length(s, end) : 0;
		if (brk) {
			cm_break(c->w);
			c->pos = end + brk;
		}
	}
}

void cm_skip_to(struct cm_copier *c, size_t to)
{
	if (to > c->pos)
		c->pos = to;
}

void cm_close_open_end(struct cm_copier *c, const struct cm_node *n)
{
	struct cm_str s = c->src->text;
	size_t at;

	while ((n->kind == CM_MAP || n->kind == CM_SEQ) && n->count && n->style == CM_BLOCK)
		n = n->kind == CM_MAP ? n->pairs[n->count - 1].value : n->items[n->count - 1];
	if (n->kind != CM_SCALAR || n->style < CM_LITERAL || n->end != s.n || n->start < c->pos ||
		cm_break_length(s, s.n - 1))
		return;
	at = n->start + 1;
	while (at < s.n && s.p[at] >= '1' && s.p[at] <= '9')
		at++;
	if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
		return;
	cm_copy_to(c, at);
	cm_buf_putc(c->w->out, '-');
}

void cm_copy_comments(
	struct cm_writer *w, const struct cm_source *src, size_t from, size_t to, size_t column)
{
	struct cm_str s = src->text;

	while (from < to) {
		size_t end = cm_line_end(s, from), first = from;

		while (first < end && (s.p[first] == ' ' || s.p[first] == '\t'))
			first++;
		if (first < end) {
			cm_fresh_line(w);
			cm_spaces(w, column);
			cm_buf_add(w->out, s.p + first, end - first);
			cm_break(w);
		}
		from = cm_next_line(s, from);
	}
}

void cm_mark_line(struct cm_writer *w, const struct cm_node *n, const struct cm_node *value)
{
	struct cm_span span;
	struct cm_origin_line *l;

	if (!w->options->annotate)
		return;
	span = cm_span_of(n);
	if (!span.source || cm_source_of(w->p, span.source) == w->base)
		return;
	if (w->line_count == w->line_room) {
		size_t room = w->line_room ? w->line_room * 2 : 64;
		struct cm_origin_line *more =
			cm_new_array(w->p->arena, room, struct cm_origin_line);

		if (w->line_count)
			memcpy(more, w->lines, w->line_count * sizeof(*more));
		w->lines = more;
		w->line_room = room;
	}
	l = &w->lines[w->line_count++];
	l->at = w->out->n;
	l->source = span.source;
	l->start = span.start;
	value = cm_deref(value);
	l->takes_comment = !(value->kind == CM_SCALAR && value->style <= CM_DOUBLE &&
		value->flags & CM_MULTILINE);
}
