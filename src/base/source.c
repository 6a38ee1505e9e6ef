/* SPDX-License-Identifier: MIT */

/* Lines as YAML 1.1 breaks them: LF, CR, CR LF, NEL (C2 85), LS and PS (E2 80 A8, E2 80 A9). */

#include "source.h"

size_t cm_break_length(struct cm_str s, size_t i)
{
	if (i >= s.n)
		return 0;
	switch ((unsigned char)s.p[i]) {
	case '\n': return 1;
	case '\r': return i + 1 < s.n && s.p[i + 1] == '\n' ? 2 : 1;
	case 0xC2: return i + 1 < s.n && (unsigned char)s.p[i + 1] == 0x85 ? 2 : 0;
	case 0xE2:
		return i + 2 < s.n && (unsigned char)s.p[i + 1] == 0x80 && ((unsigned char)s.p[i + 2] | 1) == 0xA9 ? 3 : 0;
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

	if (start == 0 && src->has_bom && at >= 3)
		start = 3;
	return at - start;
}
