/* SPDX-License-Identifier: MIT */

/* One place that knows what a message looks like. */

#include "diag.h"

enum { WIDEST = 160, MARGIN = 40 };

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

static struct cm_diag *report(struct cm_project *p, enum cm_severity severity, struct cm_span span, enum cm_code code, const char *fmt,
	va_list ap)
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

struct cm_diag *cm_error(struct cm_project *p, struct cm_span span, enum cm_code code, const char *fmt, ...)
{
	struct cm_diag *d;
	va_list ap;

	va_start(ap, fmt);
	d = report(p, CM_ERROR, span, code, fmt, ap);
	va_end(ap);
	p->errors++;
	return d;
}

struct cm_diag *cm_warn(struct cm_project *p, struct cm_span span, enum cm_code code, const char *fmt, ...)
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

static void find_lines(struct cm_project *p, struct cm_source *s)
{
	uint32_t count = 1;

	if (s->lines)
		return;
	for (size_t at = cm_next_line(s->text, 0); at < s->text.n; at = cm_next_line(s->text, at))
		count++;
	s->lines = cm_new_array(p->arena, count, uint32_t);
	s->line_count = count;
	count = 1;
	for (size_t at = cm_next_line(s->text, 0); at < s->text.n; at = cm_next_line(s->text, at))
		s->lines[count++] = (uint32_t)at;
}

static uint32_t line_of(const struct cm_source *s, uint32_t at)
{
	uint32_t low = 0, high = s->line_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (s->lines[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static uint32_t characters(struct cm_str s, size_t from, size_t to)
{
	uint32_t n = 0;

	for (; from < to && from < s.n; from++)
		n += ((unsigned char)s.p[from] & 0xC0) != 0x80;
	return n;
}

static struct cm_place place_at(struct cm_project *p, struct cm_source *s, uint32_t at)
{
	struct cm_place place;
	uint32_t line, start;

	find_lines(p, s);
	line = line_of(s, at);
	start = s->lines[line];
	if (start == 0 && s->has_bom && at >= 3)
		start = 3;
	place.line = line + 1;
	place.column = characters(s->text, start, at) + 1;
	return place;
}

struct cm_place cm_place_of(struct cm_project *p, struct cm_span span)
{
	if (!span.source)
		return (struct cm_place){0, 0};
	return place_at(p, cm_source_of(p, span.source), span.start);
}

/* ---- text ---- */

static const char *const severities[] = {[CM_NOTE] = "note", [CM_WARNING] = "warning", [CM_ERROR] = "error"};
static const char *const colors[] = {[CM_NOTE] = "\033[36m", [CM_WARNING] = "\033[1;35m", [CM_ERROR] = "\033[1;31m"};

static void paint(struct cm_buf *b, bool color, const char *sequence)
{
	if (color)
		cm_buf_puts(b, sequence);
}

/* The line's bytes: tabs as one blank, control characters visible. Returns the width. */
static size_t show(struct cm_buf *b, struct cm_str s)
{
	size_t start = b->n;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\t')
			cm_buf_putc(b, ' ');
		else if (c < 0x20 || c == 0x7f)
			cm_buf_puts(b, "\xC2\xB7");
		else
			cm_buf_putc(b, (char)c);
	}
	return cm_display_width((struct cm_str){b->p + start, b->n - start});
}

/* The part of a long line worth showing, around [at, to). */
static void window(struct cm_str line, size_t at, size_t *from, size_t *to)
{
	*from = 0;
	*to = line.n;
	if (line.n <= WIDEST)
		return;
	if (at > MARGIN)
		*from = at - MARGIN;
	if (*to > *from + WIDEST)
		*to = *from + WIDEST;
	while (*from < line.n && ((unsigned char)line.p[*from] & 0xC0) == 0x80)
		++*from;
	while (*to < line.n && ((unsigned char)line.p[*to] & 0xC0) == 0x80)
		++*to;
}

static void excerpt(struct cm_project *p, struct cm_span span, bool color, struct cm_buf *b)
{
	struct cm_source *src = cm_source_of(p, span.source);
	size_t start = cm_line_start(src->text, span.start), end = cm_line_end(src->text, span.start), from, to, before, under;
	uint32_t number = cm_place_of(p, span).line;
	struct cm_str line;
	size_t skip = start == 0 && src->has_bom ? 3 : 0, at;

	line = cm_str_cut(src->text, start + skip, end > start + skip ? end : start + skip);
	at = span.start > start + skip ? span.start - start - skip : 0;
	window(line, at, &from, &to);
	cm_buf_printf(b, "%7u | %s", number, from ? "…" : "");
	before = (from ? 1 : 0) + show(b, cm_str_cut(line, from, at > to ? to : at));
	under = span.end > start + skip + to ? to : span.end - start - skip;
	if (under < at)
		under = at;
	under = show(b, cm_str_cut(line, at > to ? to : at, under > to ? to : under));
	if (span.end < start + skip + to && span.end >= span.start)
		show(b, cm_str_cut(line, span.end - start - skip, to));
	cm_buf_puts(b, to < line.n ? "…\n" : "\n");
	cm_buf_puts(b, "        | ");
	cm_buf_fill(b, ' ', before);
	paint(b, color, "\033[32m");
	cm_buf_putc(b, '^');
	if (under > 1)
		cm_buf_fill(b, '~', under - 1);
	paint(b, color, "\033[0m");
	cm_buf_putc(b, '\n');
}

static void headline(struct cm_project *p, const struct cm_diag *d, bool color, struct cm_buf *b)
{
	if (d->span.source) {
		struct cm_place place = cm_place_of(p, d->span);

		paint(b, color, "\033[1m");
		cm_buf_printf(b, "%s:%u:%u: ", cm_source_of(p, d->span.source)->name, place.line, place.column);
		paint(b, color, "\033[0m");
	} else {
		cm_buf_puts(b, "composemerge: ");
	}
	paint(b, color, colors[d->severity]);
	cm_buf_printf(b, "%s: ", severities[d->severity]);
	paint(b, color, "\033[0m");
	cm_buf_str(b, d->text);
}

void cm_diag_text(struct cm_project *p, const struct cm_diag *d, bool color, struct cm_buf *b)
{
	headline(p, d, color, b);
	cm_buf_printf(b, " [%s]\n", cm_code_word(d->code));
	if (d->span.source)
		excerpt(p, d->span, color, b);
	for (const struct cm_diag *note = d->notes; note; note = note->next) {
		headline(p, note, color, b);
		cm_buf_putc(b, '\n');
		if (note->span.source && (note->span.source != d->span.source || note->span.start != d->span.start))
			excerpt(p, note->span, color, b);
	}
	if (d->help.n)
		cm_buf_printf(b, "help: %.*s\n", (int)d->help.n, d->help.p);
}

/* ---- JSON ---- */

/* Bytes of the UTF-8 sequence at s.p[i], 0 where it is none. */
static size_t utf8_length(struct cm_str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];
	size_t n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;

	if (!n || i + n > s.n)
		return 0;
	for (size_t k = 1; k < n; k++)
		if (((unsigned char)s.p[i + k] & 0xC0) != 0x80)
			return 0;
	if ((c == 0xE0 && (unsigned char)s.p[i + 1] < 0xA0) || (c == 0xED && (unsigned char)s.p[i + 1] > 0x9F) ||
	    (c == 0xF0 && (unsigned char)s.p[i + 1] < 0x90) || (c == 0xF4 && (unsigned char)s.p[i + 1] > 0x8F))
		return 0;
	return n;
}

void cm_json_string(struct cm_buf *b, struct cm_str s)
{
	cm_buf_putc(b, '"');
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = utf8_length(s, i);

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
	cm_buf_printf(b, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u", from.line, from.column, to.line, to.column);
}

void cm_diag_json(struct cm_project *p, const struct cm_diag *d, struct cm_buf *b)
{
	cm_buf_printf(b, "{\"severity\":\"%s\",\"code\":\"%s\",\"message\":", severities[d->severity], cm_code_word(d->code));
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
