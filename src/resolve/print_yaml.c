/* SPDX-License-Identifier: MIT */

/*
 * YAML with the bytes of Docker Compose (config.md 9.1, 9.2).
 *
 *   {A: "1", 'n': "a\nb"}   ->   A: "1"
 *                                'n': |-
 *                                  a
 *                                  b
 *
 * Two questions choose a style. The type: a text that would read back as a number is double quoted, one of YAML 1.1's further
 * words single quoted, one of several lines a literal block. The characters: a style that cannot hold the text gives way to
 * single, then double quotes. Lines are broken at a space once they are past column 80; `$` is doubled afterwards.
 */

#include <math.h>

#include <utf8proc.h>

#include "print.h"

#define WIDTH 80
#define LONGEST_SIMPLE_KEY 128

struct printer {
	struct cm_resolve *r;
	struct cm_arena *a;
	struct cm_buf *b;
	uint32_t column;      /* in characters */
	uint32_t indent;      /* of the collection being written */
	bool blank;           /* what stands before ends in a space, or nothing does */
	bool fresh;           /* only blanks and indicators on this line */
};

/* What a text holds, for the choice of its style. */
struct traits {
	bool several_lines, plain, single, block;
};

/* ---- shared with the other printers ---- */

struct cm_str cm_literal(struct cm_resolve *r, struct cm_str s)
{
	char *p;
	size_t n = 0;

	if (r->o->no_interpolate || !s.n || !memchr(s.p, '$', s.n))
		return s;
	p = cm_alloc(r->p->arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		p[n++] = s.p[i];
		if (s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '$')
			i++;
	}
	return (struct cm_str){p, n};
}

struct cm_str cm_doubled(struct cm_resolve *r, struct cm_str s)
{
	char *p;
	size_t n = 0;

	if (r->o->no_interpolate || !s.n || !memchr(s.p, '$', s.n))
		return s;
	p = cm_alloc(r->p->arena, 2 * s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		p[n++] = s.p[i];
		if (s.p[i] == '$')
			p[n++] = '$';
	}
	return (struct cm_str){p, n};
}

void cm_double_tail(struct cm_buf *b, size_t from)
{
	size_t dollars = 0, old = b->n, to;

	for (size_t i = from; i < old; i++)
		dollars += b->p[i] == '$';
	if (!dollars)
		return;
	cm_buf_fill(b, '$', dollars);
	to = b->n;
	for (size_t i = old; i-- > from;) {
		b->p[--to] = b->p[i];
		if (b->p[i] == '$')
			b->p[--to] = '$';
	}
}

/* ---- order ---- */

/* The character at *i, which moves behind it; bytes that are no UTF-8 count as U+FFFD each, as Go has it. */
static int32_t next_character(struct cm_str s, size_t *i)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p + *i, (utf8proc_ssize_t)(s.n - *i), &c);

	if (n <= 0) {
		++*i;
		return 0xFFFD;
	}
	*i += (size_t)n;
	return c;
}

static bool is_letter(int32_t c)
{
	utf8proc_category_t k = utf8proc_category(c);

	return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LL || k == UTF8PROC_CATEGORY_LT || k == UTF8PROC_CATEGORY_LM ||
		k == UTF8PROC_CATEGORY_LO;
}

static bool is_digit(int32_t c)
{
	return utf8proc_category(c) == UTF8PROC_CATEGORY_ND;
}

/* The value of the digits from at on, behind `value` read before them; *length their count. */
static int64_t run_value(struct cm_str s, size_t at, uint64_t value, uint32_t *length)
{
	*length = 0;
	while (at < s.n) {
		int32_t c = next_character(s, &at);

		if (!is_digit(c))
			break;
		value = value * 10 + (uint64_t)(int64_t)(c - '0');
		++*length;
	}
	return (int64_t)value;
}

int cm_natural_cmp(struct cm_str a, struct cm_str b)
{
	size_t i = 0, j = 0;
	bool digits = false, nonzero = false; /* the equal text before ends in digits, one of them not 0 */

	while (i < a.n && j < b.n) {
		size_t at = i, bt = j;
		int32_t x = next_character(a, &i), y = next_character(b, &j);

		if (x == y) {
			digits = is_digit(x);
			nonzero = digits && (nonzero || x != '0');
			continue;
		}
		bool xl = is_letter(x), yl = is_letter(y);
		if (xl && yl)
			return x < y ? -1 : 1;
		if (xl || yl)
			return (digits ? xl : yl) ? -1 : 1;

		uint64_t before = nonzero && (x == '0' || y == '0');
		uint32_t an, bn;
		int64_t av = run_value(a, at, before, &an), bv = run_value(b, bt, before, &bn);

		if (av != bv)
			return av < bv ? -1 : 1;
		if (an != bn)
			return an < bn ? -1 : 1;
		return x < y ? -1 : 1;
	}
	return i < a.n ? 1 : j < b.n ? -1 : 0;
}

void cm_sort_pairs(struct cm_project *p, struct cm_pair *pairs, uint32_t count, bool natural)
{
	struct cm_pair *spare;
	uint32_t sorted = 1;

	while (sorted < count && (natural ? cm_natural_cmp : cm_str_cmp)(cm_sym_str(pairs[sorted - 1].word),
		cm_sym_str(pairs[sorted].word)) <= 0)
		sorted++;
	if (sorted >= count)
		return;
	spare = cm_new_array(p->arena, count, struct cm_pair);
	for (uint32_t width = 1; width < count; width *= 2) {
		for (uint32_t from = 0; from < count; from += 2 * width) {
			uint32_t mid = from + width < count ? from + width : count;
			uint32_t end = mid + width < count ? mid + width : count;
			uint32_t i = from, j = mid, k = from;

			while (i < mid || j < end) {
				bool second = i == mid || (j < end && (natural ? cm_natural_cmp : cm_str_cmp)(
					cm_sym_str(pairs[j].word), cm_sym_str(pairs[i].word)) < 0);
				spare[k++] = second ? pairs[j++] : pairs[i++];
			}
		}
		memcpy(pairs, spare, count * sizeof(*pairs));
	}
}

/* ---- characters ---- */

static uint32_t width_of(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

static bool is_break(const unsigned char *s)
{
	return *s == '\r' || *s == '\n' || (*s == 0xC2 && s[1] == 0x85) || (*s == 0xE2 && s[1] == 0x80 && (s[2] == 0xA8 || s[2] == 0xA9));
}

static bool is_printable(const unsigned char *s)
{
	return *s == '\n' || (*s >= 0x20 && *s <= 0x7E) || (*s == 0xC2 && s[1] >= 0xA0) || (*s > 0xC2 && *s < 0xED) ||
		(*s == 0xED && s[1] < 0xA0) || *s == 0xEE ||
		(*s == 0xEF && !(s[1] == 0xBB && s[2] == 0xBF) && !(s[1] == 0xBF && (s[2] == 0xBE || s[2] == 0xBF)));
}

static bool ends_word(struct cm_str s, size_t i)
{
	return i >= s.n || s.p[i] == ' ' || s.p[i] == '\t';
}

/* s: UTF-8, a NUL behind it. */
static struct traits traits_of(struct cm_str s)
{
	struct traits t = {false, true, true, true};
	bool after_space = false, after_break = false, space_before = true;

	if (!s.n) {
		t.block = false;
		return t;
	}
	if (cm_str_starts(s, "---") || cm_str_starts(s, "..."))
		t.plain = false;
	for (size_t i = 0; i < s.n;) {
		const unsigned char *at = (const unsigned char *)s.p + i;
		size_t next = i + width_of(*at);
		bool lone = ends_word(s, next);

		if (i == 0 && (strchr("#,[]{}&*!|>'\"%@`", *at) || (strchr("?:-", *at) && lone)))
			t.plain = *at == 0 && t.plain;
		if (i && ((*at == ':' && lone) || (*at == '#' && space_before)))
			t.plain = false;
		if (*at == '\t')
			t.plain = t.single = false;
		else if (!is_printable(at))
			t.plain = t.single = t.block = false;
		if (*at == ' ') {
			if (i == 0 || next == s.n)
				t.plain = false;
			if (next == s.n)
				t.block = false;
			if (after_break)
				t.plain = t.single = false;
			after_space = true;
			after_break = false;
		} else if (is_break(at)) {
			t.several_lines = true;
			t.plain = false;
			if (after_space)
				t.single = t.block = false;
			after_space = false;
			after_break = true;
		} else {
			after_space = after_break = false;
		}
		space_before = *at == ' ' || *at == '\t' || *at == 0 || is_break(at);
		i = next;
	}
	return t;
}

/* ---- words that YAML 1.1 takes for something else ---- */

static bool is_old_word(struct cm_str s)
{
	static const char *const words[] = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO",
		"off", "Off", "OFF", "<<"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (cm_str_is(s, words[i]))
			return true;
	return false;
}

static bool digit_at(struct cm_str s, size_t i, char most)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= most;
}

/* [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)? */
static bool is_base_60(struct cm_str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	bool colons = false;

	if (!digit_at(s, i, '9'))
		return false;
	while (digit_at(s, i, '9') || (i < s.n && s.p[i] == '_'))
		i++;
	for (; i < s.n && s.p[i] == ':'; colons = true) {
		if (digit_at(s, i + 1, '5') && digit_at(s, i + 2, '9'))
			i += 3;
		else if (digit_at(s, i + 1, '9'))
			i += 2;
		else
			return false;
	}
	if (i < s.n && s.p[i] == '.')
		for (i++; digit_at(s, i, '9') || (i < s.n && s.p[i] == '_');)
			i++;
	return colons && i == s.n;
}

/* Is any character of several lines more than white space? */
static bool worth_a_block(struct cm_str s)
{
	for (size_t i = 0; i < s.n;) {
		int32_t c = next_character(s, &i);

		if (!(c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS ||
			c == 0x2028 || c == 0x2029))
			return true;
	}
	return false;
}

/* ---- writing ---- */

static void put(struct printer *o, const char *p, size_t n)
{
	cm_buf_add(o->b, p, n);
	o->column++;
}

static void indicator(struct printer *o, const char *text)
{
	if (!o->blank)
		put(o, " ", 1);
	cm_buf_puts(o->b, text);
	o->column += (uint32_t)strlen(text);
	o->blank = false;
}

static void break_line(struct printer *o)
{
	cm_buf_putc(o->b, '\n');
	o->column = 0;
	o->fresh = true;
}

/* To column `indent`: of this line where nothing stands there yet, else of the next. */
static void to_indent(struct printer *o, uint32_t indent)
{
	if (!o->fresh || o->column > indent || (o->column == indent && !o->blank))
		break_line(o);
	if (o->column < indent) {
		cm_buf_fill(o->b, ' ', indent - o->column);
		o->column = indent;
	}
	o->blank = true;
}

static void write_break(struct printer *o, struct cm_str s, size_t *i)
{
	uint32_t n = width_of((unsigned char)s.p[*i]);

	if (s.p[*i] == '\n') {
		break_line(o);
	} else {
		cm_buf_add(o->b, s.p + *i, n);
		o->column = 0;
		o->fresh = true;
	}
	*i += n;
}

/* Plain or in single quotes. */
static void write_flat(struct printer *o, struct cm_str s, uint32_t indent, bool quoted, bool may_break)
{
	bool after_space = false, after_break = false;

	if (quoted) {
		indicator(o, "'");
		o->fresh = false;
	} else if (s.n && !o->blank) {
		put(o, " ", 1);
	}
	for (size_t i = 0; i < s.n;) {
		uint32_t n = width_of((unsigned char)s.p[i]);

		if (s.p[i] == ' ') {
			bool inside = !quoted || (i > 0 && i + 1 < s.n);

			if (may_break && !after_space && o->column > WIDTH && inside && (i + 1 >= s.n || s.p[i + 1] != ' '))
				to_indent(o, indent);
			else
				put(o, " ", 1);
			i++;
			after_space = true;
		} else if (is_break((const unsigned char *)s.p + i)) {
			if (!after_break && s.p[i] == '\n')
				break_line(o);
			write_break(o, s, &i);
			after_break = true;
		} else {
			if (after_break)
				to_indent(o, indent);
			if (quoted && s.p[i] == '\'')
				put(o, "'", 1);
			put(o, s.p + i, n);
			i += n;
			o->fresh = after_space = after_break = false;
		}
	}
	if (quoted)
		put(o, "'", 1);
	o->blank = o->fresh = false;
}

static void write_escape(struct printer *o, int32_t c)
{
	static const char names[][2] = {{0, '0'}, {7, 'a'}, {8, 'b'}, {9, 't'}, {10, 'n'}, {11, 'v'}, {12, 'f'}, {13, 'r'}, {27, 'e'},
		{'"', '"'}, {'\\', '\\'}};
	size_t before = o->b->n;
	char name = c == 0x85 ? 'N' : c == 0xA0 ? '_' : c == 0x2028 ? 'L' : c == 0x2029 ? 'P' : 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i][0] == c)
			name = names[i][1];
	if (name)
		cm_buf_printf(o->b, "\\%c", name);
	else if (c <= 0xFF)
		cm_buf_printf(o->b, "\\x%02X", (unsigned)c);
	else if (c <= 0xFFFF)
		cm_buf_printf(o->b, "\\u%04X", (unsigned)c);
	else
		cm_buf_printf(o->b, "\\U%08X", (unsigned)c);
	o->column += (uint32_t)(o->b->n - before);
}

static void write_double(struct printer *o, struct cm_str s, uint32_t indent, bool may_break)
{
	bool after_space = false, all = cm_str_starts(s, "\xEF\xBB\xBF"); /* behind a BOM every character is escaped */

	indicator(o, "\"");
	o->fresh = false;
	for (size_t i = 0; i < s.n;) {
		const unsigned char *at = (const unsigned char *)s.p + i;
		uint32_t n = width_of(*at);

		if (all || !is_printable(at) || is_break(at) || *at == '"' || *at == '\\') {
			write_escape(o, next_character(s, &i));
			after_space = false;
		} else if (*at == ' ') {
			if (may_break && !after_space && o->column > WIDTH && i > 0 && i + 1 < s.n) {
				to_indent(o, indent);
				if (s.p[i + 1] == ' ')
					put(o, "\\", 1);
			} else {
				put(o, " ", 1);
			}
			i++;
			after_space = true;
		} else {
			put(o, s.p + i, n);
			i += n;
			after_space = false;
		}
		o->fresh = false;
	}
	put(o, "\"", 1);
	o->blank = o->fresh = false;
}

static void write_literal(struct printer *o, struct cm_str s, uint32_t indent)
{
	bool after_break = true;
	size_t end = s.n;

	indicator(o, "|");
	if (s.p[0] == ' ')
		cm_buf_putc(o->b, '2');
	while (end && (s.p[end - 1] == '\n' || s.p[end - 1] == '\r'))
		end--;
	if (end == s.n)
		cm_buf_putc(o->b, '-');
	else if (s.n - end > 1 || end == 0)
		cm_buf_putc(o->b, '+');
	break_line(o);
	o->blank = true;
	for (size_t i = 0; i < s.n;) {
		if (is_break((const unsigned char *)s.p + i)) {
			write_break(o, s, &i);
			after_break = true;
		} else {
			uint32_t n = width_of((unsigned char)s.p[i]);

			if (after_break)
				to_indent(o, indent);
			put(o, s.p + i, n);
			i += n;
			o->fresh = after_break = false;
		}
	}
}

static struct cm_str base64(struct cm_arena *a, struct cm_str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0, line = 0, all = (s.n + 2) / 3 * 4;
	char *p = cm_alloc(a, all + all / 70 + 2);

	for (size_t i = 0; i < s.n; i += 3) {
		const unsigned char *at = (const unsigned char *)s.p + i;
		size_t left = s.n - i;
		unsigned long bits = (unsigned long)at[0] << 16 | (left > 1 ? (unsigned long)at[1] << 8 : 0) | (left > 2 ? at[2] : 0);

		for (int k = 0; k < 4; k++) {
			p[n++] = (size_t)k > left ? '=' : digits[bits >> (18 - 6 * k) & 63];
			if (all > 70 && ++line == 70) {
				p[n++] = '\n';
				line = 0;
			}
		}
	}
	if (line)
		p[n++] = '\n';
	p[n] = 0;
	return (struct cm_str){p, n};
}

static bool is_utf8(struct cm_str s)
{
	for (size_t i = 0; i < s.n;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &c);

		if (n <= 0)
			return false;
		i += (size_t)n;
	}
	return true;
}

/* A string. Returns whether it could be, and as a key was, a simple key. */
static void write_string(struct printer *o, struct cm_str s, bool simple_key)
{
	struct traits t;
	enum cm_style style = CM_PLAIN;
	bool binary = !is_utf8(s);

	/* a NUL behind it: traits_of looks ahead */
	s = binary ? base64(o->a, s) : (struct cm_str){cm_strndup(o->a, s.p, s.n), s.n};
	t = traits_of(s);
	if (memchr(s.p, '\n', s.n + 1))
		style = s.n >= 2 && worth_a_block(s) ? CM_LITERAL : CM_DOUBLE;
	else if (!binary && (is_old_word(s) || is_base_60(s)))
		style = CM_SINGLE;
	else if (!binary && !cm_plain_is_string(o->a, s))
		style = CM_DOUBLE;
	if (style == CM_PLAIN && !t.plain)
		style = CM_SINGLE;
	if (style == CM_SINGLE && !t.single)
		style = CM_DOUBLE;
	if (style == CM_LITERAL && (!t.block || simple_key))
		style = CM_DOUBLE;
	if (binary) {
		indicator(o, "!!binary");
		o->fresh = false;
	}
	if (style == CM_LITERAL)
		write_literal(o, s, o->indent + 2);
	else if (style == CM_DOUBLE)
		write_double(o, s, o->indent + 2, !simple_key);
	else
		write_flat(o, s, o->indent + 2, style == CM_SINGLE, !simple_key);
}

void cm_print_yaml_text(struct cm_arena *a, struct cm_buf *b, struct cm_str text)
{
	struct printer o = {NULL, a, b, 0, 0, true, true};

	write_string(&o, text, false);
}

/* ---- the tree ---- */

struct cm_str cm_yaml_text(struct cm_arena *a, struct cm_value v)
{
	struct cm_str s;

	if (v.type == CM_NULL)
		return CM_STR("null");
	if (v.type == CM_FLOAT && isnan(v.f))
		return CM_STR(".nan");
	if (v.type == CM_FLOAT && isinf(v.f))
		return v.f < 0 ? CM_STR("-.inf") : CM_STR(".inf");
	s = cm_value_text(a, v);
	if (v.type == CM_TIMESTAMP && s.n > 20) {
		/* 2001-01-01 00:00:00.5 +0200 +0200 */
		size_t zone = cm_str_find(s, ' ', 11);

		if (zone + 6 > s.n)
			return s;
		bool utc = !memcmp(s.p + zone + 2, "0000", 4);
		return cm_strf(a, "%.10sT%.*s%s%.*s%s%.*s", s.p, (int)(zone - 11), s.p + 11, utc ? "Z" : "", utc ? 0 : 3, s.p + zone + 1,
			utc ? "" : ":", utc ? 0 : 2, s.p + zone + 4);
	}
	return s;
}

static void write_node(struct printer *o, const struct cm_node *n, uint32_t indent);

static void write_key(struct printer *o, const struct cm_pair *pair)
{
	struct cm_str key = cm_sym_str(pair->word);
	struct cm_str copy = {cm_strndup(o->a, key.p, key.n), key.n};
	bool utf8 = is_utf8(key);
	bool simple = utf8 ? !traits_of(copy).several_lines && key.n <= LONGEST_SIMPLE_KEY : key.n <= 48;

	if (simple) {
		write_string(o, key, true);
		cm_buf_putc(o->b, ':');
		o->column++;
		o->blank = o->fresh = false;
	} else {
		uint32_t indent = o->indent;

		indicator(o, "?");
		write_string(o, key, false);
		to_indent(o, indent);
		indicator(o, ":");
	}
}

static void write_map(struct printer *o, const struct cm_node *n, uint32_t indent)
{
	for (uint32_t i = 0; i < n->count; i++) {
		o->indent = indent;
		to_indent(o, indent);
		write_key(o, &n->pairs[i]);
		o->indent = indent;
		write_node(o, n->pairs[i].value, indent);
	}
}

/* n as the value of something in the collection that stands at indent. */
static void write_node(struct printer *o, const struct cm_node *n, uint32_t indent)
{
	struct cm_value v;

	n = cm_deref(n);
	if (n->kind != CM_SCALAR && n->count == 0) {
		indicator(o, n->kind == CM_SEQ ? "[]" : "{}");
		o->fresh = false;
	} else if (n->kind == CM_MAP) {
		write_map(o, n, indent + 2);
	} else if (n->kind == CM_SEQ) {
		for (uint32_t i = 0; i < n->count; i++) {
			to_indent(o, indent + 2);
			indicator(o, "-");
			o->indent = indent + 2;
			write_node(o, n->items[i], indent + 2);
		}
	} else {
		v = cm_scalar_value(o->a, n);
		if (v.type == CM_STRING || v.type == CM_BINARY || v.type == CM_BAD)
			write_string(o, cm_literal(o->r, v.type == CM_BAD ? cm_text(n) : v.s), false);
		else
			write_flat(o, cm_yaml_text(o->a, v), indent, false, false);
	}
}

void cm_print_yaml(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out)
{
	struct printer o = {.r = r, .a = r->p->arena, .b = out, .blank = true, .fresh = true};
	size_t from = out->n;

	root = cm_deref(root);
	if (root->kind == CM_MAP && root->count)
		write_map(&o, root, 0);
	else
		cm_buf_puts(out, "{}");
	if (out->n == from || out->p[out->n - 1] != '\n' || !o.fresh)
		cm_buf_putc(out, '\n');
	if (!r->o->no_interpolate)
		cm_double_tail(out, from);
}
