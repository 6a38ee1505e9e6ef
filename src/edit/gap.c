/* SPDX-License-Identifier: MIT */

/* Every function here walks forward over one gap, or back over whole lines: the cost is the gap,
 * never the file. */

#include "gap.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t cm_skip_gap(struct cm_str s, size_t at)
{
	while (at < s.n) {
		size_t brk;

		if (s.p[at] == '#')
			at = cm_line_end(s, at);
		else if (blank(s.p[at]))
			at++;
		else if ((brk = cm_break_length(s, at)))
			at += brk;
		else
			break;
	}
	return at;
}

size_t cm_entry_start(const struct cm_source *src, const struct cm_node *map, uint32_t i)
{
	size_t at;

	if (i == 0)
		return map->style == CM_FLOW && map->end > map->start &&
				src->text.p[map->start] == '{'
			? cm_skip_gap(src->text, map->start + 1)
			: map->start;
	at = cm_skip_gap(src->text, map->pairs[i - 1].value->end);
	if (map->style == CM_FLOW && at < src->text.n && src->text.p[at] == ',')
		at = cm_skip_gap(src->text, at + 1);
	return at < map->pairs[i].key->head ? at : map->pairs[i].key->head;
}

size_t cm_dash(const struct cm_source *src, const struct cm_node *seq, uint32_t i)
{
	return i == 0 ? seq->start : cm_skip_gap(src->text, seq->items[i - 1]->end);
}

size_t cm_behind_colon(const struct cm_source *src, const struct cm_pair *pair)
{
	size_t at = cm_skip_gap(src->text, pair->key->end);

	return at < src->text.n && src->text.p[at] == ':' ? at + 1 : SIZE_MAX;
}

bool cm_begins_line(const struct cm_source *src, size_t at)
{
	for (size_t i = cm_line_start(src->text, at); i < at; i++)
		if (src->text.p[i] != ' ' && !(i < 3 && src->has_bom))
			return false;
	return true;
}

/* The line above the one that starts at `start`, as [from, to); false: there is none. */
static bool line_above(const struct cm_source *src, size_t start, size_t *from, size_t *to)
{
	if (start == 0)
		return false;
	*from = cm_line_start(src->text, start - 1);
	*to = cm_line_end(src->text, *from);
	return true;
}

size_t cm_leading(const struct cm_source *src, size_t at)
{
	size_t start = cm_line_start(src->text, at), column = at - start, from, to;

	while (line_above(src, start, &from, &to)) {
		size_t first = from;

		while (first < to && src->text.p[first] == ' ')
			first++;
		if (first == to || src->text.p[first] != '#' || first - from != column)
			break;
		start = from;
	}
	return start == 0 && src->has_bom ? 3 : start;
}

bool cm_blank_above(const struct cm_source *src, size_t at)
{
	size_t from, to;

	if (!line_above(src, cm_line_start(src->text, at), &from, &to))
		return false;
	while (from < to && blank(src->text.p[from]))
		from++;
	return from == to;
}

struct cm_str cm_trailing(const struct cm_source *src, size_t at)
{
	size_t end = cm_line_end(src->text, at), i = at;

	while (i < end && blank(src->text.p[i]))
		i++;
	if (i == end || src->text.p[i] != '#')
		return (struct cm_str){"", 0};
	return cm_str_cut(src->text, at, end);
}

size_t cm_behind_feet(const struct cm_source *src, size_t at, size_t column)
{
	struct cm_str s = src->text;
	size_t point = cm_next_line(s, at), line = point;

	while (line < s.n) {
		size_t end = cm_line_end(s, line), i = line;

		while (i < end && blank(s.p[i]))
			i++;
		if (i < end && (s.p[i] != '#' || i - line < column))
			break;
		line = cm_next_line(s, line);
		if (i < end)
			point = line;
	}
	return point;
}

size_t cm_props_end(const struct cm_source *src, const struct cm_node *n)
{
	struct cm_str s = src->text;
	size_t at = n->head, last = n->head;

	while (at < n->start) {
		bool verbatim = s.p[at] == '!' && at + 1 < s.n && s.p[at + 1] == '<';

		if (s.p[at] != '&' && s.p[at] != '!') {
			at = s.p[at] == '#' ? cm_line_end(s, at) : at + 1;
			continue;
		}
		while (at < n->start &&
			(verbatim || (!blank(s.p[at]) && !cm_break_length(s, at)))) {
			verbatim = verbatim && s.p[at] != '>';
			at++;
		}
		last = at;
	}
	return last;
}

static bool comment_between(struct cm_str s, size_t from, size_t to)
{
	while (from < to) {
		if (s.p[from] == '#')
			return true;
		from++;
	}
	return false;
}

bool cm_has_comment(const struct cm_source *src, const struct cm_node *n)
{
	size_t at = n->start;
	uint32_t count = n->kind == CM_MAP || n->kind == CM_SEQ ? n->count : 0;

	if (n->kind == CM_SCALAR && (n->style == CM_LITERAL || n->style == CM_FOLDED))
		return comment_between(src->text, n->start, cm_line_end(src->text, n->start));
	for (uint32_t i = 0; i < count; i++) {
		const struct cm_node *value = n->kind == CM_MAP ? n->pairs[i].value : n->items[i];

		if (n->kind == CM_MAP) {
			if (comment_between(src->text, at, n->pairs[i].key->head))
				return true;
			at = n->pairs[i].key->end;
		}
		if (comment_between(src->text, at, value->head) ||
			comment_between(src->text, value->head, value->start) ||
			cm_has_comment(src, value))
			return true;
		at = value->end;
	}
	if (n->style == CM_FLOW && count)
		return comment_between(src->text, at, n->end);
	return false;
}
