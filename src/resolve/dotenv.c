/* SPDX-License-Identifier: MIT */

/*
 * Env files (config.md 3.1, 3.2).
 *
 *   export A = "x ${B:-y}"   # comment   ->  A: "x y"
 *
 * A statement at a time: key, separator, value. The errors stand at their byte of the file.
 */

#include "run.h"

#include <utf8proc.h>

#include "../base/diag.h"

struct reader {
	struct cm_resolve *r;
	struct cm_source *source;
	struct cm_str s;
	size_t i;
	struct cm_env *into;
	const struct cm_env **lookup;
	uint32_t count;
};

/* The character at i; its length in *n (1 for a broken one). */
static int32_t point(struct cm_str s, size_t i, size_t *n)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t got = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &c);

	*n = got > 0 ? (size_t)got : 1;
	return got > 0 ? c : -1;
}

static bool is_blank(int32_t c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == 0x85 || c == 0xa0;
}

static bool is_space(int32_t c)
{
	return is_blank(c) || c == '\n' || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000;
}

static bool in_key(int32_t c)
{
	utf8proc_category_t k;

	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c > 0 && strchr("_.-[]", c));
	k = utf8proc_category(c);
	return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO) || (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO);
}

static void skip_blanks(struct reader *r)
{
	size_t n;

	while (r->i < r->s.n && is_blank(point(r->s, r->i, &n)))
		r->i += n;
}

static struct cm_str trim_right(struct cm_str s)
{
	while (s.n) {
		size_t at = s.n - 1, n;

		while (at > 0 && ((unsigned char)s.p[at] & 0xc0) == 0x80 && s.n - at < 4)
			at--;
		if (!is_space(point(s, at, &n)) || at + n != s.n)
			break;
		s.n = at;
	}
	return s;
}

static struct cm_span span_at(const struct reader *r, size_t from, size_t to)
{
	return (struct cm_span){r->source->id, (uint32_t)from, (uint32_t)(to > from ? to : from + 1)};
}

static bool read_key(struct reader *r, struct cm_str *key, bool *valued)
{
	size_t from, n, end;

	if (r->s.n - r->i > 6 && memcmp(r->s.p + r->i, "export", 6) == 0 && is_blank(point(r->s, r->i + 6, &n))) {
		r->i += 6;
		skip_blanks(r);
	}
	from = r->i;
	end = cm_str_find(r->s, '\n', from);
	for (; r->i < end && r->s.p[r->i] != '=' && r->s.p[r->i] != ':'; r->i += n) {
		int32_t c = point(r->s, r->i, &n);

		if (is_space(c) || in_key(c))
			continue;
		cm_error(r->r->p, span_at(r, r->i, r->i + n), CM_E_ENV_FILE, "unexpected character \"%.*s\" in variable name \"%.*s\"",
			 (int)n, r->s.p + r->i, (int)(end - from), r->s.p + from);
		return false;
	}
	*valued = r->i < end;
	*key = trim_right(cm_str_cut(r->s, from, r->i));
	if (cm_str_find(*key, ' ', 0) < key->n) {
		cm_error(r->r->p, span_at(r, from, from + key->n), CM_E_ENV_FILE, "key cannot contain a space");
		return false;
	}
	if (r->i < r->s.n)
		r->i++;
	return true;
}

static bool expand(struct reader *r, struct cm_str text, size_t from, struct cm_str *value)
{
	struct cm_expand x = {.r = r->r, .lookup = r->lookup, .count = r->count, .span = span_at(r, from, from + text.n)};
	struct cm_buf *b;

	if (cm_str_find(text, '$', 0) == text.n) {
		*value = text;
		return true;
	}
	b = cm_buf_new(r->r->p->arena, text.n + 16);
	if (!cm_expand(&x, text, b)) {
		if (x.fault == CM_EXPAND_REQUIRED)
			cm_error(r->r->p, x.span, CM_E_ENV_FILE, "required variable %.*s is missing a value%s%.*s", (int)x.text.n, x.text.p,
				 x.message.n ? ": " : "", (int)x.message.n, x.message.n ? x.message.p : "");
		else
			cm_error(r->r->p, x.span, CM_E_ENV_FILE, "Invalid template: \"%.*s\"", (int)text.n, text.p);
		return false;
	}
	*value = (struct cm_str){b->n ? b->p : "", b->n};
	return true;
}

/* \" and the escapes of C; \$ stays a literal $ through the expansion. */
static struct cm_str unescape(struct reader *r, struct cm_str s)
{
	static const char from[] = "abfnrtv\\\"", to[] = "\a\b\f\n\r\t\v\\\"";
	struct cm_buf *b = cm_buf_new(r->r->p->arena, s.n + 8);

	for (size_t i = 0; i < s.n; i++) {
		const char *known;
		int value = 0, digits = 0;

		if (s.p[i] != '\\' || i + 1 >= s.n) {
			cm_buf_putc(b, s.p[i]);
			continue;
		}
		i++;
		known = s.p[i] ? strchr(from, s.p[i]) : NULL;
		if (known) {
			cm_buf_putc(b, to[known - from]);
		} else if (s.p[i] == '$') {
			cm_buf_puts(b, "$$");
		} else if (s.p[i] == '0') {
			while (digits < 3 && i + 1 + (size_t)digits < s.n && s.p[i + 1 + digits] >= '0' && s.p[i + 1 + digits] <= '7')
				value = value * 8 + s.p[i + 1 + digits++] - '0';
			if (digits == 3 && value <= 0377) {
				char utf8[4];

				cm_buf_add(b, utf8, (size_t)utf8proc_encode_char(value, (utf8proc_uint8_t *)utf8));
				i += 3;
			} else {
				cm_buf_putc(b, '\\');
			}
		} else {
			cm_buf_putc(b, '\\');
			cm_buf_putc(b, s.p[i]);
		}
	}
	return (struct cm_str){b->n ? b->p : "", b->n};
}

static struct cm_str unquote_single(struct reader *r, struct cm_str s)
{
	struct cm_buf *b;

	if (cm_str_find(s, '\'', 0) == s.n)
		return s;
	b = cm_buf_new(r->r->p->arena, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '\''))
			cm_buf_putc(b, s.p[i]);
	return (struct cm_str){b->p, b->n};
}

static bool read_quoted(struct reader *r, struct cm_str *value)
{
	char quote = r->s.p[r->i];
	size_t from = r->i + 1, i, line;
	bool escaped = false;

	for (i = from; i < r->s.n && (r->s.p[i] != quote || escaped); i++)
		escaped = r->s.p[i] == '\\' && !escaped;
	if (i >= r->s.n) {
		line = cm_str_find(r->s, '\n', r->i);
		cm_error(r->r->p, span_at(r, r->i, line), CM_E_ENV_FILE, "unterminated quoted value %.*s", (int)(line - r->i), r->s.p + r->i);
		return false;
	}
	r->i = i + 1;
	*value = cm_str_cut(r->s, from, i);
	if (quote == '\'') {
		*value = unquote_single(r, *value);
		return true;
	}
	return expand(r, unescape(r, *value), from, value);
}

static bool read_plain(struct reader *r, struct cm_str *value)
{
	size_t from = r->i, end = cm_str_find(r->s, '\n', from);
	struct cm_str text = cm_str_cut(r->s, from, end);

	for (size_t i = 1; i < text.n; i++)
		if (text.p[i] == '#' && text.p[i - 1] == ' ') {
			text.n = i - 1;
			break;
		}
	r->i = end < r->s.n ? end + 1 : end;
	return expand(r, trim_right(text), from, value);
}

static struct reader reader_of(struct cm_resolve *r, struct cm_source *source, struct cm_env *into, const struct cm_env *const *lookup, uint32_t count)
{
	struct reader x = {.r = r, .source = source, .s = source->raw, .into = into, .count = count + 1};

	x.lookup = cm_new_array(r->p->arena, count + 1, const struct cm_env *);
	for (uint32_t i = 0; i < count; i++)
		x.lookup[i] = lookup[i];
	x.lookup[count] = into;
	x.i = source->has_bom ? 3 : 0;
	return x;
}

static void take_inherited(struct reader *r, struct cm_str key)
{
	for (uint32_t i = 0; i < r->count; i++) {
		const struct cm_str *v = r->lookup[i] ? cm_env_get(r->lookup[i], key) : NULL;

		if (v) {
			cm_env_set(r->into, key, *v);
			return;
		}
	}
}

bool cm_dotenv(struct cm_resolve *r, struct cm_source *source, struct cm_env *into, const struct cm_env *const *lookup, uint32_t count)
{
	struct reader x = reader_of(r, source, into, lookup, count);

	for (;;) {
		struct cm_str key, value = {"", 0};
		bool valued, quoted;
		size_t n;

		while (x.i < x.s.n && is_space(point(x.s, x.i, &n)))
			x.i += n;
		if (x.i >= x.s.n)
			return true;
		if (x.s.p[x.i] == '#') {
			x.i = cm_str_find(x.s, '\n', x.i);
			continue;
		}
		if (!read_key(&x, &key, &valued))
			return false;
		if (!valued) {
			take_inherited(&x, key);
			continue;
		}
		skip_blanks(&x);
		quoted = x.i < x.s.n && (x.s.p[x.i] == '"' || x.s.p[x.i] == '\'');
		if (!(quoted ? read_quoted(&x, &value) : read_plain(&x, &value)))
			return false;
		cm_env_set(into, key, value);
	}
}

bool cm_dotenv_raw(struct cm_resolve *r, struct cm_source *source, struct cm_env *into, const struct cm_env *const *lookup, uint32_t count)
{
	struct reader x = reader_of(r, source, into, lookup, count);

	while (x.i < x.s.n) {
		size_t end = cm_str_find(x.s, '\n', x.i), n, equals, from;
		struct cm_str line, key;

		while (x.i < end && is_space(point(x.s, x.i, &n)))
			x.i += n;
		from = x.i;
		line = cm_str_cut(x.s, from, end);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		x.i = end < x.s.n ? end + 1 : end;
		if (!line.n || line.p[0] == '#')
			continue;
		equals = cm_str_find(line, '=', 0);
		key = cm_str_cut(line, 0, equals);
		if (!key.n) {
			cm_error(r->p, span_at(&x, from, from + line.n), CM_E_ENV_FILE, "no variable name on line '%.*s'", (int)line.n, line.p);
			return false;
		}
		for (size_t i = 0; i < line.n; i += n) {
			int32_t c = point(line, i, &n);

			if (c < 0 || (i < key.n && is_space(c))) {
				if (c < 0)
					cm_error(r->p, span_at(&x, from + i, from + i + 1), CM_E_ENV_FILE, "invalid utf8 bytes");
				else
					cm_error(r->p, span_at(&x, from, from + key.n), CM_E_ENV_FILE, "variable '%.*s' contains whitespaces",
						 (int)key.n, key.p);
				return false;
			}
		}
		if (equals == line.n)
			take_inherited(&x, key);
		else
			cm_env_set(into, key, cm_str_cut(line, equals + 1, line.n));
	}
	return true;
}
