/* SPDX-License-Identifier: MIT */

/* One place that knows what a message looks like. */

#include "diag.h"

#include <utf8proc.h>

/* Columns of a line shown, in front of the span when it is cut, of a tab; bytes, for characters of
 * no width. */
enum { WIDEST = 160, MARGIN = 40, TAB = 8, MOST_BYTES = 8 * WIDEST };

static const struct {
	const char *word, *help;
} codes[] = {
#define CM_DIAG(id, word, help) [CM_E_##id] = {word, help},
#include "diag_codes.def"
#undef CM_DIAG
};

const char *cm_code_word(enum cm_code code)
{
	return codes[code].word;
}

const char *cm_code_help(enum cm_code code)
{
	return codes[code].help;
}

/* ---- collecting ---- */

static struct cm_str formatted(struct cm_project *p, const char *fmt, va_list ap)
{
	struct cm_buf *b = cm_buf_new(p->arena, 0);
	struct cm_str s;

	cm_buf_vprintf(b, fmt, ap);
	s = (struct cm_str){cm_strndup(p->arena, b->p, b->n), b->n};
	cm_buf_release(b);
	return s;
}

static struct cm_diag *report(struct cm_project *p, enum cm_severity severity, struct cm_span span,
	enum cm_code code, const char *fmt, va_list ap)
{
	struct cm_diag *d = cm_new(p->arena, struct cm_diag);

	d->severity = severity;
	d->code = code;
	d->span = span;
	d->text = formatted(p, fmt, ap);
	*p->last_diag = d;
	p->last_diag = &d->next;
	return d;
}

struct cm_diag *cm_error(
	struct cm_project *p, struct cm_span span, enum cm_code code, const char *fmt, ...)
{
	struct cm_diag *d;
	va_list ap;

	va_start(ap, fmt);
	d = report(p, CM_ERROR, span, code, fmt, ap);
	va_end(ap);
	p->errors++;
	return d;
}

struct cm_diag *cm_warn(
	struct cm_project *p, struct cm_span span, enum cm_code code, const char *fmt, ...)
{
	struct cm_diag *d;
	va_list ap;

	va_start(ap, fmt);
	d = report(p, CM_WARNING, span, code, fmt, ap);
	va_end(ap);
	p->warnings++;
	return d;
}

void cm_note(struct cm_project *p, struct cm_diag *d, struct cm_span span, const char *fmt, ...)
{
	struct cm_diag *note = cm_new(p->arena, struct cm_diag), **at = &d->notes;
	va_list ap;

	va_start(ap, fmt);
	note->text = formatted(p, fmt, ap);
	va_end(ap);
	note->severity = CM_NOTE;
	note->code = d->code;
	note->span = span;
	while (*at)
		at = &(*at)->next;
	*at = note;
}

void cm_help(struct cm_project *p, struct cm_diag *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->help = formatted(p, fmt, ap);
	va_end(ap);
}

/* ---- places ---- */

struct cm_place cm_place_of(struct cm_project *p, struct cm_span span)
{
	if (!span.source)
		return (struct cm_place){0, 0};
	return cm_place_at(p->arena, cm_source_of(p, span.source), span.start, NULL);
}

/* ---- text ---- */

static const char *const severities[] = {
	[CM_NOTE] = "note", [CM_WARNING] = "warning", [CM_ERROR] = "error"};
static const char *const colors[] = {
	[CM_NOTE] = "\033[36m", [CM_WARNING] = "\033[1;35m", [CM_ERROR] = "\033[1;31m"};

static void paint(struct cm_buf *b, bool color, const char *sequence)
{
	if (color)
		cm_buf_puts(b, sequence);
}

/* A character as a terminal may have it: what stands in hostile input must not move the cursor or
 * turn the text around. */
struct glyph {
	size_t bytes, width;
	const char *instead; /* NULL: itself */
};

/* Bytes of the character at s.p[i], 0 where it is not UTF-8. */
static size_t decode(struct cm_str s, size_t i, int32_t *c)
{
	size_t left = s.n - i < 4 ? s.n - i : 4;
	utf8proc_ssize_t n =
		utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)left, c);

	return n > 0 ? (size_t)n : 0;
}

/* Controls, line breaks, and format characters but the two joiners that words and emoji need. */
static bool is_unsafe(int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP: return true;
	case UTF8PROC_CATEGORY_CF: return c != 0x200C && c != 0x200D;
	default: return false;
	}
}

static struct glyph glyph_at(struct cm_str s, size_t i)
{
	unsigned char byte = (unsigned char)s.p[i];
	int32_t c;
	size_t n;

	if (byte >= 0x20 && byte < 0x7f)
		return (struct glyph){1, 1, NULL};
	n = decode(s, i, &c);
	if (!n)
		return (struct glyph){1, 1, "\xEF\xBF\xBD"};
	if (is_unsafe(c))
		return (struct glyph){n, 1, "\xC2\xB7"};
	return (struct glyph){n, (size_t)utf8proc_charwidth(c), NULL};
}

static void put_glyph(struct cm_buf *b, struct cm_str s, size_t i, struct glyph g)
{
	if (g.instead)
		cm_buf_puts(b, g.instead);
	else
		cm_buf_add(b, s.p + i, g.bytes);
}

/* Words of a message: they quote keys and file names. */
static void say(struct cm_buf *b, struct cm_str s)
{
	struct glyph g;

	for (size_t i = 0; i < s.n; i += g.bytes) {
		g = glyph_at(s, i);
		put_glyph(b, s, i, g);
	}
}

static size_t width_of(struct cm_str s, size_t i, struct glyph g, size_t column)
{
	return s.p[i] == '\t' ? TAB - column % TAB : g.width;
}

/* Appends the bytes [from, to) of s as they look from column on, tabs as blanks. Returns the column
 * behind them. */
static size_t show(struct cm_buf *b, struct cm_str s, size_t from, size_t to, size_t column)
{
	while (from < to) {
		struct glyph g = glyph_at(s, from);
		size_t width = width_of(s, from, g, column);

		if (s.p[from] == '\t')
			cm_buf_fill(b, ' ', width);
		else
			put_glyph(b, s, from, g);
		column += width;
		from += g.bytes;
	}
	return column;
}

/* The end of the line, or where it gets too long to show. */
static size_t reach(struct cm_str s, size_t from)
{
	size_t at = from, column = 0;

	while (at < s.n && at - from < MOST_BYTES && !cm_break_length(s, at)) {
		struct glyph g = glyph_at(s, at);

		column += width_of(s, at, g, column);
		if (column > WIDEST)
			break;
		at += g.bytes;
	}
	return at;
}

/* About MARGIN columns in front of at, in its line. */
static size_t step_back(struct cm_str s, size_t line, size_t at)
{
	size_t left = MARGIN, least = at - line > MOST_BYTES / 4 ? at - MOST_BYTES / 4 : line;

	while (at > least) {
		size_t before = at - 1, width;

		while (before > least && at - before < 4 &&
			((unsigned char)s.p[before] & 0xC0) == 0x80)
			before--;
		width = width_of(s, before, glyph_at(s, before), 0);
		if (width > left)
			break;
		left -= width;
		at = before;
	}
	return at;
}

static bool is_cut(struct cm_str s, size_t to)
{
	return to < s.n && !cm_break_length(s, to);
}

static void carets(struct cm_buf *b, bool color, size_t before, size_t under)
{
	cm_buf_puts(b, "        | ");
	cm_buf_fill(b, ' ', before);
	paint(b, color, "\033[32m");
	cm_buf_putc(b, '^');
	if (under > 1)
		cm_buf_fill(b, '~', under - 1);
	paint(b, color, "\033[0m");
	cm_buf_putc(b, '\n');
}

/*
 * The line and what of it is meant; of a long line the part around it:
 *
 *   from        at       end    to
 *   …: a, ports: [80:80, 443], x: …
 *                ^~~~~~~~~~~~
 */
static void excerpt(struct cm_project *p, struct cm_span span, bool color, struct cm_buf *b)
{
	struct cm_source *src = cm_source_of(p, span.source);
	struct cm_str s = src->text;
	size_t line, from, to, at, end, before, under;
	struct cm_place place = cm_place_at(p->arena, src, span.start, &line);

	from = line;
	to = reach(s, from);
	if (is_cut(s, to)) {
		from = step_back(s, line, span.start > line ? span.start : line);
		to = reach(s, from);
	}
	at = span.start < from ? from : span.start > to ? to : span.start;
	end = span.end < at ? at : span.end > to ? to : span.end;
	while (end > at && span.end > to && (s.p[end - 1] == ' ' || s.p[end - 1] == '\t'))
		end--;
	cm_buf_printf(b, "%7u | %s", place.line, from > line ? "…" : "");
	before = show(b, s, from, at, from > line ? 1 : 0);
	under = show(b, s, at, end, before) - before;
	show(b, s, end, to, before + under);
	cm_buf_puts(b, is_cut(s, to) ? "…\n" : "\n");
	carets(b, color, before, under);
}

static void headline(struct cm_project *p, const struct cm_diag *d, bool color, struct cm_buf *b)
{
	if (d->span.source) {
		struct cm_place place = cm_place_of(p, d->span);

		paint(b, color, "\033[1m");
		say(b, cm_str_of(cm_source_of(p, d->span.source)->name));
		cm_buf_printf(b, ":%u:%u: ", place.line, place.column);
		paint(b, color, "\033[0m");
	} else {
		cm_buf_puts(b, "composemerge: ");
	}
	paint(b, color, colors[d->severity]);
	cm_buf_printf(b, "%s: ", severities[d->severity]);
	paint(b, color, "\033[0m");
	say(b, d->text);
}

static bool same_place(const struct cm_diag *a, const struct cm_diag *b)
{
	return a->span.source == b->span.source && a->span.start == b->span.start;
}

void cm_diag_text(struct cm_project *p, const struct cm_diag *d, bool color, struct cm_buf *b)
{
	const struct cm_diag *last = d;

	headline(p, d, color, b);
	cm_buf_printf(b, " [%s]\n", cm_code_word(d->code));
	if (d->span.source)
		excerpt(p, d->span, color, b);
	for (const struct cm_diag *note = d->notes; note; note = note->next) {
		headline(p, note, color, b);
		cm_buf_putc(b, '\n');
		if (note->span.source && !same_place(note, d) && !same_place(note, last))
			excerpt(p, note->span, color, b);
		last = note;
	}
	if (d->help.n) {
		cm_buf_puts(b, "help: ");
		say(b, d->help);
		cm_buf_putc(b, '\n');
	}
}

/* ---- JSON ---- */

void cm_json_string(struct cm_buf *b, struct cm_str s)
{
	cm_buf_putc(b, '"');
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		int32_t character;
		size_t n = decode(s, i, &character);

		if (c == '"' || c == '\\')
			cm_buf_printf(b, "\\%c", c);
		else if (c == '\n')
			cm_buf_puts(b, "\\n");
		else if (c == '\t')
			cm_buf_puts(b, "\\t");
		else if (c == '\r')
			cm_buf_puts(b, "\\r");
		else if (c < 0x20 || c == 0x7f)
			cm_buf_printf(b, "\\u%04x", c);
		else if (n)
			cm_buf_add(b, s.p + i, n);
		else
			cm_buf_puts(b, "\xEF\xBF\xBD");
		i += n ? n : 1;
	}
	cm_buf_putc(b, '"');
}

static void json_place(struct cm_project *p, struct cm_span span, struct cm_buf *b)
{
	struct cm_place from, to;

	if (!span.source)
		return;
	from = cm_place_of(p, span);
	to = cm_place_of(p, (struct cm_span){span.source, span.end, span.end});
	cm_buf_puts(b, ",\"file\":");
	cm_json_string(b, cm_str_of(cm_source_of(p, span.source)->name));
	cm_buf_printf(b, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u", from.line,
		from.column, to.line, to.column);
}

void cm_diag_json(struct cm_project *p, const struct cm_diag *d, struct cm_buf *b)
{
	cm_buf_printf(b,
		"{\"severity\":\"%s\",\"code\":\"%s\",\"message\":", severities[d->severity],
		cm_code_word(d->code));
	cm_json_string(b, d->text);
	json_place(p, d->span, b);
	if (d->help.n) {
		cm_buf_puts(b, ",\"help\":");
		cm_json_string(b, d->help);
	}
	cm_buf_puts(b, ",\"notes\":[");
	for (const struct cm_diag *note = d->notes; note; note = note->next) {
		cm_buf_puts(b, note == d->notes ? "{\"message\":" : ",{\"message\":");
		cm_json_string(b, note->text);
		json_place(p, note->span, b);
		cm_buf_putc(b, '}');
	}
	cm_buf_puts(b, "]}\n");
}
