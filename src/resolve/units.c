/* SPDX-License-Identifier: MIT */

#include "units.h"

#include <inttypes.h>
#include <math.h>

#include "../yaml/scalar.h"

#define SECOND INT64_C(1000000000)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *reason(struct cm_arena *a, const char *before, struct cm_str text, const char *after)
{
	return cm_strf(a, "%s%.*s%s", before, (int)text.n, text.p, after).p;
}

bool cm_int_parse(struct cm_str s, unsigned base, int64_t *value)
{
	bool negative = s.n && s.p[0] == '-';
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	uint64_t most = negative ? UINT64_C(1) << 63 : (uint64_t)INT64_MAX, u = 0;

	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		unsigned d = (unsigned)(s.p[i] - '0');

		if (!is_digit(s.p[i]) || d >= base || u > (most - d) / base)
			return false;
		u = u * base + d;
	}
	*value = negative ? (int64_t)(0 - u) : (int64_t)u;
	return true;
}

bool cm_float_parse(struct cm_arena *a, struct cm_str s, double *value)
{
	char *p = cm_alloc(a, s.n + 2);
	size_t n = 0, i = 0, digits = 0;
	bool point = false, exponent = false;
	struct cm_value v;

	if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
		p[n++] = s.p[i++];
	for (; i < s.n; i++) {
		char c = s.p[i];

		if (c == '_') {
			if (!i || !is_digit(s.p[i - 1]) || i + 1 == s.n || !is_digit(s.p[i + 1]))
				return false;
			continue;
		}
		if (c == '.' && !point && !exponent) {
			point = true;
		} else if ((c == 'e' || c == 'E') && !exponent && digits) {
			exponent = true;
			p[n++] = c;
			if (i + 1 < s.n && (s.p[i + 1] == '-' || s.p[i + 1] == '+'))
				p[n++] = s.p[++i];
			if (i + 1 == s.n)
				return false;
			continue;
		} else if (!is_digit(c)) {
			return false;
		}
		digits += is_digit(c);
		p[n++] = c;
	}
	if (!digits)
		return false;
	if (!point && !exponent)
		p[n++] = '.'; /* never an octal integer */
	v = cm_plain_value(a, (struct cm_str){p, n});
	if (v.type != CM_FLOAT && v.type != CM_INT)
		return false;
	*value = v.type == CM_FLOAT ? v.f : v.negative ? -(double)v.u : (double)v.u;
	return true;
}

const char *cm_size_parse(struct cm_arena *a, struct cm_str s, int64_t *bytes)
{
	static const char units[] = "kmgtp";
	size_t sep = s.n;
	struct cm_str number, suffix;
	const char *unit = NULL;
	double size;

	if (cm_int_parse(s, 10, bytes))
		return NULL;
	while (sep && !is_digit(s.p[sep - 1]) && s.p[sep - 1] != '.' && s.p[sep - 1] != ' ')
		sep--;
	if (!sep)
		return reason(a, "invalid size: '", s, "'");
	number = cm_str_cut(s, 0, s.p[sep - 1] == ' ' ? sep - 1 : sep);
	suffix = cm_str_cut(s, sep, s.n);
	if (!cm_float_parse(a, number, &size))
		return reason(a, "strconv.ParseFloat: parsing \"", number, "\": invalid syntax");
	if (size < 0)
		return reason(a, "invalid size: '", s, "'");
	if (suffix.n) {
		char low[3] = {0};

		for (size_t i = 0; i < suffix.n && i < 3; i++)
			low[i] = suffix.p[i] >= 'A' && suffix.p[i] <= 'Z' ? (char)(suffix.p[i] + 32) : suffix.p[i];
		if (low[0])
			unit = strchr(units, low[0]);
		if (suffix.n > 3 || (low[0] == 'b' ? suffix.n > 1 : !unit || (suffix.n == 2 && low[1] != 'b') ||
			(suffix.n == 3 && (low[1] != 'i' || low[2] != 'b'))))
			return reason(a, "invalid suffix: '", suffix, "'");
	}
	if (unit)
		size = ldexp(size, 10 * (int)(unit - units + 1));
	if (!(size < 9223372036854775808.0))
		return reason(a, "invalid size: '", s, "' is more than 64 bits hold");
	*bytes = (int64_t)size;
	return NULL;
}

static int64_t unit_of(struct cm_str s)
{
	static const struct {
		const char *name;
		int64_t length;
	} units[] = {{"ns", 1}, {"us", 1000}, {"\xC2\xB5s", 1000}, {"\xCE\xBCs", 1000}, {"ms", 1000000}, {"s", SECOND},
		{"m", 60 * SECOND}, {"h", 3600 * SECOND}, {"d", 24 * 3600 * SECOND}, {"w", 7 * 24 * 3600 * SECOND}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (cm_str_is(s, units[i].name))
			return units[i].length;
	return 0;
}

const char *cm_duration_parse(struct cm_arena *a, struct cm_str s, int64_t *out)
{
	bool negative = s.n && s.p[0] == '-';
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	const char *invalid = reason(a, "time: invalid duration \"", s, "\"");
	uint64_t sum = 0;

	if (i == s.n)
		return invalid;
	*out = 0;
	if (s.n == i + 1 && s.p[i] == '0')
		return NULL;
	while (i < s.n) {
		uint64_t whole = 0, part = 0, unit;
		double scale = 1;
		bool full = false;
		size_t from = i, digits;

		for (; i < s.n && is_digit(s.p[i]); i++) {
			if (whole > (UINT64_C(1) << 63) / 10)
				return invalid;
			whole = whole * 10 + (uint64_t)(s.p[i] - '0');
		}
		digits = i - from;
		if (i < s.n && s.p[i] == '.')
			for (i++; i < s.n && is_digit(s.p[i]); i++, digits++) {
				uint64_t next = part * 10 + (uint64_t)(s.p[i] - '0');

				full = full || part > (uint64_t)INT64_MAX / 10 || next > (uint64_t)INT64_MAX;
				if (!full) {
					part = next;
					scale *= 10;
				}
			}
		if (!digits)
			return invalid;
		from = i;
		while (i < s.n && s.p[i] != '.' && !is_digit(s.p[i]))
			i++;
		if (i == from)
			return reason(a, "time: missing unit in duration \"", s, "\"");
		unit = (uint64_t)unit_of(cm_str_cut(s, from, i));
		if (!unit)
			return cm_strf(a, "time: unknown unit \"%.*s\" in duration \"%.*s\"", (int)(i - from), s.p + from, (int)s.n, s.p).p;
		if (whole > (UINT64_C(1) << 63) / unit)
			return invalid;
		whole *= unit;
		if (part)
			whole += (uint64_t)((double)part * ((double)unit / scale));
		sum += whole;
		if (whole > UINT64_C(1) << 63 || sum > UINT64_C(1) << 63)
			return invalid;
	}
	if (!negative && sum > (uint64_t)INT64_MAX)
		return invalid;
	*out = negative ? (int64_t)(0 - sum) : (int64_t)sum;
	return NULL;
}

/* u / 10^places with up to that many decimals. */
static void add_decimal(struct cm_buf *b, uint64_t u, unsigned places)
{
	char digits[24];
	uint64_t unit = 1;

	for (unsigned i = 0; i < places; i++)
		unit *= 10;
	cm_buf_printf(b, "%" PRIu64, u / unit);
	u %= unit;
	if (!u)
		return;
	for (unsigned i = places; i-- > 0; u /= 10)
		digits[i] = (char)('0' + u % 10);
	while (digits[places - 1] == '0')
		places--;
	cm_buf_putc(b, '.');
	cm_buf_add(b, digits, places);
}

struct cm_str cm_duration_text(struct cm_arena *a, int64_t d)
{
	struct cm_buf *b = cm_buf_new(a, 32);
	uint64_t u = d < 0 ? 0 - (uint64_t)d : (uint64_t)d, s = u / (uint64_t)SECOND;

	if (d < 0)
		cm_buf_putc(b, '-');
	if (u == 0) {
		cm_buf_puts(b, "0s");
	} else if (u < (uint64_t)SECOND) {
		unsigned places = u < 1000 ? 0 : u < 1000000 ? 3 : 6;

		add_decimal(b, u, places);
		cm_buf_puts(b, places == 0 ? "ns" : places == 3 ? "\xC2\xB5s" : "ms");
	} else {
		if (s >= 3600)
			cm_buf_printf(b, "%" PRIu64 "h", s / 3600);
		if (s >= 60)
			cm_buf_printf(b, "%" PRIu64 "m", s / 60 % 60);
		add_decimal(b, u % (60 * (uint64_t)SECOND), 9);
		cm_buf_putc(b, 's');
	}
	return (struct cm_str){b->p, b->n};
}

struct cm_str *cm_words(struct cm_arena *a, struct cm_str s, uint32_t *count)
{
	struct cm_str *words = cm_new_array(a, s.n / 2 + 2, struct cm_str);
	char *text = cm_alloc(a, s.n + 1);
	size_t from = 0, n = 0;
	bool escaped = false, single = false, twice = false, back = false, dollar = false, some = false;

	*count = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool bare = !single && !twice && !back;

		if (escaped) {
			text[n++] = c == 't' ? '\t' : c == 'n' ? '\n' : c;
			escaped = false;
			some = true;
			continue;
		}
		if (c == '\\' && !single) {
			escaped = true;
			continue;
		}
		if (c == '\\') {
			text[n++] = c;
			continue;
		}
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			if (!bare || dollar) {
				text[n++] = c;
			} else if (some) {
				words[(*count)++] = (struct cm_str){text + from, n - from};
				from = n;
				some = false;
			}
			continue;
		}
		if (c == '`' && !single && !twice && !dollar)
			back = !back;
		if (c == ')' && bare)
			dollar = !dollar;
		if (c == '(' && bare) {
			if (dollar || n == from || text[n - 1] != '$')
				return NULL;
			dollar = true;
			text[n++] = c;
			continue;
		}
		if (c == '"' && !single && !dollar) {
			some = some || twice;
			twice = !twice;
			continue;
		}
		if (c == '\'' && !twice && !dollar) {
			some = some || single;
			single = !single;
			continue;
		}
		if (strchr(";&|<>", c) && c && bare && !dollar) {
			if (c == '>' && n > from && is_digit(text[from]))
				some = false;
			break;
		}
		some = true;
		text[n++] = c;
	}
	if (escaped || single || twice || back || dollar)
		return NULL;
	if (some)
		words[(*count)++] = (struct cm_str){text + from, n - from};
	return words;
}
