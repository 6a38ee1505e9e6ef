/* SPDX-License-Identifier: MIT */

/* Lines as YAML 1.1 breaks them: LF, CR, CR LF, NEL (C2 85), LS and PS (E2 80 A8, E2 80 A9). */

#include "source.h"

enum { STRIDE = 1024 };

size_t cm_break_length(struct cm_str s, size_t i)
{
	if (i >= s.n)
		return 0;
	switch ((unsigned char)s.p[i]) {
	case '\n': return 1;
	case '\r': return i + 1 < s.n && s.p[i + 1] == '\n' ? 2 : 1;
	case 0xC2: return i + 1 < s.n && (unsigned char)s.p[i + 1] == 0x85 ? 2 : 0;
	case 0xE2:
		return i + 2 < s.n && (unsigned char)s.p[i + 1] == 0x80 &&
		       ((unsigned char)s.p[i + 2] | 1) == 0xA9 ? 3 : 0;
	default: return 0;
	}
}

/* Does a break end right before at? */
static bool after_break(struct cm_str s, size_t at)
{
	unsigned char c = (unsigned char)s.p[at - 1];

	if (c == '\n')
		return true;
	if (c == '\r')
		return at >= s.n || s.p[at] != '\n';
	if (c == 0x85)
		return at >= 2 && cm_break_length(s, at - 2) == 2;
	return (c | 1) == 0xA9 && at >= 3 && cm_break_length(s, at - 3) == 3;
}

size_t cm_line_start(struct cm_str s, size_t at)
{
	if (at > s.n)
		at = s.n;
	while (at > 0 && !after_break(s, at))
		at--;
	return at;
}

size_t cm_line_end(struct cm_str s, size_t at)
{
	while (at < s.n) {
		unsigned char c = (unsigned char)s.p[at];

		if ((c < 0x10 || c >= 0x80) && cm_break_length(s, at))
			break;
		at++;
	}
	return at;
}

size_t cm_next_line(struct cm_str s, size_t at)
{
	at = cm_line_end(s, at);
	return at + cm_break_length(s, at);
}

size_t cm_column(const struct cm_source *src, size_t at)
{
	size_t start = cm_line_start(src->text, at);

	if (start == 0 && src->has_bom)
		start = 3;
	return at > start ? at - start : 0;
}

/* ---- places ---- */

static uint32_t characters(struct cm_str s, size_t from, size_t to)
{
	uint32_t n = 0;

	for (; from < to; from++)
		n += ((unsigned char)s.p[from] & 0xC0) != 0x80;
	return n;
}

static void find_lines(struct cm_arena *a, struct cm_source *src)
{
	struct cm_str s = src->text;
	uint32_t count = 1, *lines;

	for (size_t at = cm_next_line(s, 0); at < s.n; at = cm_next_line(s, at))
		count++;
	lines = cm_new_array(a, count, uint32_t);
	count = 1;
	for (size_t at = cm_next_line(s, 0); at < s.n; at = cm_next_line(s, at))
		lines[count++] = (uint32_t)at;
	src->lines = lines;
	src->line_count = count;
}

/* The characters in front of every STRIDE-th byte: a 100 MB line costs a message no more than a short one. */
static void find_points(struct cm_arena *a, struct cm_source *src)
{
	uint32_t *points = cm_new_array(a, src->text.n / STRIDE + 1, uint32_t);

	for (size_t i = 1; i <= src->text.n / STRIDE; i++)
		points[i] = points[i - 1] + characters(src->text, (i - 1) * STRIDE, i * STRIDE);
	src->points = points;
}

static uint32_t line_of(const struct cm_source *src, size_t at)
{
	uint32_t low = 0, high = src->line_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (src->lines[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Behind the final line break there is no line to show: the place is the end of the last one. */
static size_t before_final_break(struct cm_str s)
{
	for (size_t n = 3; n > 0; n--)
		if (s.n >= n && cm_break_length(s, s.n - n) == n)
			return s.n - n;
	return s.n;
}

struct cm_place cm_place_at(struct cm_arena *a, struct cm_source *src, size_t at, size_t *line_start)
{
	uint32_t line, column;
	size_t start;

	if (!src->lines)
		find_lines(a, src);
	if (at >= src->text.n)
		at = before_final_break(src->text);
	line = line_of(src, at);
	start = src->lines[line];
	if (start == 0 && src->has_bom)
		start = 3;
	if (line_start)
		*line_start = start;
	if (at <= start + 2 * STRIDE)
		return (struct cm_place){line + 1, characters(src->text, start, at) + 1};
	if (!src->points)
		find_points(a, src);
	column = src->points[at / STRIDE] - src->points[start / STRIDE];
	column += characters(src->text, at / STRIDE * STRIDE, at);
	column -= characters(src->text, start / STRIDE * STRIDE, start);
	return (struct cm_place){line + 1, column + 1};
}
