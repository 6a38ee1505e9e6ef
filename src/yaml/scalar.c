/* SPDX-License-Identifier: MIT */

/*
 * The type of a scalar.
 *
 * A plain text is tried in this order: one of a few fixed words, a time, an integer, a float; else it is a string.
 * Its first character decides whether that is worth trying at all, so that most texts cost one look. A tag asks
 * for one type and is refused when the text is of another.
 *
 * Numbers are read and printed here rather than by the C library's format rules, so that the locale of the program
 * that uses the library has no say.
 */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "scalar.h"

struct word {
	const char *text;
	enum cm_type type;
	bool truth;
	double f;
};

static const struct word words[] = {
	{"", CM_NULL, false, 0},
	{"~", CM_NULL, false, 0},
	{"null", CM_NULL, false, 0},
	{"Null", CM_NULL, false, 0},
	{"NULL", CM_NULL, false, 0},
	{"true", CM_BOOL, true, 0},
	{"True", CM_BOOL, true, 0},
	{"TRUE", CM_BOOL, true, 0},
	{"false", CM_BOOL, false, 0},
	{"False", CM_BOOL, false, 0},
	{"FALSE", CM_BOOL, false, 0},
	{".nan", CM_FLOAT, false, NAN},
	{".NaN", CM_FLOAT, false, NAN},
	{".NAN", CM_FLOAT, false, NAN},
	{".inf", CM_FLOAT, false, INFINITY},
	{".Inf", CM_FLOAT, false, INFINITY},
	{".INF", CM_FLOAT, false, INFINITY},
	{"+.inf", CM_FLOAT, false, INFINITY},
	{"+.Inf", CM_FLOAT, false, INFINITY},
	{"+.INF", CM_FLOAT, false, INFINITY},
	{"-.inf", CM_FLOAT, false, -INFINITY},
	{"-.Inf", CM_FLOAT, false, -INFINITY},
	{"-.INF", CM_FLOAT, false, -INFINITY},
	{"-0", CM_FLOAT, false, -0.0},
	{"-0.0", CM_FLOAT, false, -0.0},
};

#define LONGEST_WORD 5

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool find_word(struct cm_str text, struct cm_value *v)
{
	if (text.n > LONGEST_WORD)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (cm_str_is(text, words[i].text)) {
			*v = (struct cm_value){.type = words[i].type, .truth = words[i].truth, .f = words[i].f};
			return true;
		}
	return false;
}

/* Text without its underscores: 1_000 counts as 1000. */
static struct cm_str drop_underscores(struct cm_arena *a, struct cm_str text)
{
	if (!text.n || !memchr(text.p, '_', text.n))
		return text;
	char *p = cm_alloc(a, text.n);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '_')
			p[n++] = text.p[i];
	return (struct cm_str){p, n};
}

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* 0x1f, 0b11, 0o17, 017 or 42. False: no number, or more than 64 bits. */
static bool read_magnitude(struct cm_str t, uint64_t *u)
{
	unsigned base = 10;
	size_t i = 0;
	if (t.n >= 3 && t.p[0] == '0' && t.p[1] && strchr("xXbBoO", t.p[1])) {
		char c = (char)(t.p[1] | 0x20);
		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		i = 2;
	} else if (t.n >= 2 && t.p[0] == '0') {
		base = 8;
		i = 1;
	}
	if (i == t.n)
		return false;
	*u = 0;
	for (; i < t.n; i++) {
		unsigned d = digit_value(t.p[i]);
		if (d >= base || *u > (UINT64_MAX - d) / base)
			return false;
		*u = *u * base + d;
	}
	return true;
}

/* Only an unsigned text may go past the signed range: -9223372036854775809 and
 * +9223372036854775808 are floats. */
static bool read_int(struct cm_str t, struct cm_value *v)
{
	bool sign = t.n && (t.p[0] == '-' || t.p[0] == '+');
	bool negative = sign && t.p[0] == '-';
	uint64_t u;
	if (!read_magnitude(cm_str_cut(t, sign, t.n), &u))
		return false;
	if (sign && u > (uint64_t)INT64_MAX + negative)
		return false;
	*v = (struct cm_value){.type = CM_INT, .negative = negative && u, .u = u};
	return true;
}

/* A decimal as its digits and the power of ten of the last one: -1.50e3 is "-150", 1. */
struct decimal {
	struct cm_buf *digits;
	int64_t exponent;
};

#define EXPONENT_BOUND 100000000000 /* past any float, whatever the number of digits */

static bool read_exponent(struct cm_str t, size_t *i, int64_t *exponent)
{
	bool negative = *i < t.n && t.p[*i] == '-';
	if (*i < t.n && (negative || t.p[*i] == '+'))
		++*i;
	if (*i == t.n)
		return false;
	int64_t e = 0;
	for (; *i < t.n && is_digit(t.p[*i]); ++*i)
		if (e < EXPONENT_BOUND)
			e = e * 10 + (t.p[*i] - '0');
	*exponent += negative ? -e : e;
	return *i == t.n;
}

/* [+-](.digits | digits[.digits])[e[+-]digits] and nothing else. */
static bool read_decimal(struct cm_str t, struct decimal *d)
{
	size_t i = 0, whole = 0, part = 0;
	if (t.n && (t.p[0] == '+' || t.p[0] == '-'))
		cm_buf_putc(d->digits, t.p[i++]);
	for (; i < t.n && is_digit(t.p[i]); i++, whole++)
		cm_buf_putc(d->digits, t.p[i]);
	if (i < t.n && t.p[i] == '.')
		for (i++; i < t.n && is_digit(t.p[i]); i++, part++)
			cm_buf_putc(d->digits, t.p[i]);
	if (!whole && !part)
		return false;
	d->exponent = -(int64_t)part;
	if (i == t.n)
		return true;
	if (t.p[i++] != 'e' && t.p[i - 1] != 'E')
		return false;
	return read_exponent(t, &i, &d->exponent);
}

/* A cheap look that keeps 1.2.3 and 22:22 from costing a buffer. */
static bool may_be_decimal(struct cm_str t)
{
	for (size_t i = 0; i < t.n; i++)
		if (!is_digit(t.p[i]) && !strchr("+-.eE", t.p[i]))
			return false;
	return t.n > 0;
}

static bool read_float(struct cm_arena *a, struct cm_str t, struct cm_value *v)
{
	if (!may_be_decimal(t))
		return false;
	struct decimal d = {cm_buf_new(a, t.n + 16), 0};
	bool ok = read_decimal(t, &d);
	if (ok) {
		cm_buf_printf(d.digits, "e%" PRId64, d.exponent);
		double f = strtod(d.digits->p, NULL);
		ok = !isinf(f); /* 1e400 is a string */
		if (ok)
			*v = (struct cm_value){.type = CM_FLOAT, .f = f};
	}
	cm_buf_release(d.digits);
	return ok;
}

/* .2_6: behind a leading point an underscore must stand between digits; elsewhere it may stand anywhere. */
static bool underscores_between_digits(struct cm_str t)
{
	for (size_t i = cm_str_find(t, '_', 0); i < t.n; i = cm_str_find(t, '_', i + 1))
		if (!i || i + 1 == t.n || !is_digit(t.p[i - 1]) || !is_digit(t.p[i + 1]))
			return false;
	return true;
}

/* A time as it is written; the fields are printed back, so no calendar arithmetic is needed. */
struct moment {
	unsigned year, month, day, hour, minute, second;
	struct cm_str fraction; /* digits behind the point */
	bool west;
	unsigned offset;        /* minutes from UTC */
};

struct cursor {
	const char *p, *end;
};

static bool eat(struct cursor *c, char want)
{
	if (c->p == c->end || *c->p != want)
		return false;
	c->p++;
	return true;
}

/* least to most digits. */
static bool eat_number(struct cursor *c, int least, int most, unsigned *u)
{
	int n = 0;
	*u = 0;
	for (; n < most && c->p < c->end && is_digit(*c->p); n++)
		*u = *u * 10 + (unsigned)(*c->p++ - '0');
	return n >= least;
}

static unsigned days_in(unsigned month, unsigned year)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

/* 2001-1-31: four digits, then one or two. */
static bool eat_date(struct cursor *c, struct moment *m)
{
	return eat_number(c, 4, 4, &m->year) && eat(c, '-') && eat_number(c, 1, 2, &m->month) && eat(c, '-') &&
		eat_number(c, 1, 2, &m->day) && m->month >= 1 && m->month <= 12 && m->day >= 1 &&
		m->day <= days_in(m->month, m->year);
}

/* 9:5:0.25; a comma does for the point. */
static bool eat_clock(struct cursor *c, struct moment *m)
{
	if (!eat_number(c, 1, 2, &m->hour) || !eat(c, ':') || !eat_number(c, 1, 2, &m->minute) ||
		!eat(c, ':') || !eat_number(c, 1, 2, &m->second) || m->hour > 23 || m->minute > 59 ||
		m->second > 59)
		return false;
	if (c->end - c->p < 2 || (*c->p != '.' && *c->p != ',') || !is_digit(c->p[1]))
		return true;
	m->fraction.p = ++c->p;
	while (c->p < c->end && is_digit(*c->p))
		c->p++;
	m->fraction.n = (size_t)(c->p - m->fraction.p);
	return true;
}

/* Z or +02:00. */
static bool eat_zone(struct cursor *c, struct moment *m)
{
	if (eat(c, 'Z'))
		return true;
	m->west = eat(c, '-');
	unsigned hours, minutes;
	if ((!m->west && !eat(c, '+')) || !eat_number(c, 2, 2, &hours) || !eat(c, ':') ||
		!eat_number(c, 2, 2, &minutes))
		return false;
	m->offset = hours * 60 + minutes;
	return hours <= 24 && minutes <= 60;
}

/* Date alone; date T clock zone; date blanks clock. */
static bool read_moment(struct cm_str text, struct moment *m)
{
	struct cursor c = {text.p, text.p + text.n};
	if (text.n < 8 || text.p[4] != '-' || !eat_date(&c, m))
		return false;
	if (c.p == c.end)
		return true;
	if (eat(&c, 'T') || eat(&c, 't'))
		return eat_clock(&c, m) && eat_zone(&c, m) && c.p == c.end;
	if (!eat(&c, ' '))
		return false;
	while (eat(&c, ' '))
		;
	return eat_clock(&c, m) && c.p == c.end;
}

#define NANOSECOND_DIGITS 9

static struct cm_str print_moment(struct cm_arena *a, const struct moment *m)
{
	int n = m->fraction.n > NANOSECOND_DIGITS ? NANOSECOND_DIGITS : (int)m->fraction.n;
	while (n && m->fraction.p[n - 1] == '0')
		n--;
	char zone[16] = "+0000 UTC";
	if (m->offset) {
		char one[8];
		snprintf(one, sizeof(one), "%c%02u%02u", m->west ? '-' : '+', m->offset / 60 % 100, m->offset % 60);
		snprintf(zone, sizeof(zone), "%s %s", one, one);
	}
	return cm_strf(a, "%04u-%02u-%02u %02u:%02u:%02u%s%.*s %s", m->year, m->month, m->day, m->hour,
		m->minute, m->second, n ? "." : "", n, n ? m->fraction.p : "", zone);
}

static bool read_time(struct cm_arena *a, struct cm_str text, struct cm_value *v)
{
	struct moment m = {0};
	if (!read_moment(text, &m))
		return false;
	*v = (struct cm_value){.type = CM_TIMESTAMP, .s = print_moment(a, &m)};
	return true;
}

/* The type a text has by itself. times: 2001-01-01 may be one. */
static struct cm_value resolve(struct cm_arena *a, struct cm_str text, bool times)
{
	struct cm_value v = {.type = CM_STRING, .s = text};
	char c = text.n ? text.p[0] : '~';
	if (!strchr("nNtTfF~.+-0123456789", c) || !c)
		return v;
	if (find_word(text, &v))
		return v;
	if (c == '.') {
		if (underscores_between_digits(text))
			read_float(a, drop_underscores(a, text), &v);
	} else if (is_digit(c) || c == '+' || c == '-') {
		if (times && read_time(a, text, &v))
			return v;
		struct cm_str plain = drop_underscores(a, text);
		if (!read_int(plain, &v))
			read_float(a, plain, &v);
	}
	return v;
}

struct cm_value cm_plain_value(struct cm_arena *a, struct cm_str text)
{
	return resolve(a, text, true);
}

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Groups of four with = padding; line breaks are skipped. */
static struct cm_value decode_base64(struct cm_arena *a, struct cm_str text)
{
	struct cm_value v = {.type = CM_BINARY}, bad = {.type = CM_BAD, .s = text};
	char *out = cm_alloc(a, text.n + 1);
	unsigned bits = 0, digits = 0, padding = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '\n' || c == '\r')
			continue;
		int d = c == '=' ? 0 : base64_digit(c);
		padding += c == '=';
		if (d < 0 || (padding && c != '=') || (padding && digits % 4 < 2))
			return bad;
		bits = bits << 6 | (unsigned)d;
		if (++digits % 4)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			out[v.s.n++] = (char)(bits >> shift & 0xff);
	}
	if (digits % 4 || padding > 2)
		return bad;
	v.s = (struct cm_str){out, v.s.n - padding};
	return v;
}

#define YAML_TAG "tag:yaml.org,2002:"

static const struct {
	const char *tag;
	enum cm_type type;
} typed_tags[] = {
	{YAML_TAG "str", CM_STRING},
	{YAML_TAG "int", CM_INT},
	{YAML_TAG "float", CM_FLOAT},
	{YAML_TAG "bool", CM_BOOL},
	{YAML_TAG "null", CM_NULL},
	{YAML_TAG "timestamp", CM_TIMESTAMP},
	{YAML_TAG "binary", CM_BINARY},
};

/* The text under a tag that asks for type want. */
static struct cm_value tagged_value(struct cm_arena *a, struct cm_str text, enum cm_type want)
{
	if (want == CM_STRING)
		return (struct cm_value){.type = CM_STRING, .s = text};
	if (want == CM_BINARY)
		return decode_base64(a, text);
	struct cm_value v = resolve(a, text, want == CM_TIMESTAMP);
	if (want == CM_FLOAT && v.type == CM_INT && v.u <= (uint64_t)INT64_MAX + v.negative)
		v = (struct cm_value){.type = CM_FLOAT, .f = v.negative ? -(double)v.u : (double)v.u};
	if (v.type != want)
		v = (struct cm_value){.type = CM_BAD, .s = text};
	return v;
}

struct cm_value cm_scalar_value(struct cm_arena *a, const struct cm_node *n)
{
	struct cm_str text = cm_text(n), tag = cm_tag(n);
	struct cm_value string = {.type = CM_STRING, .s = text};

	if ((n->flags & (CM_MADE | CM_RAW)) == CM_MADE && n->source == 0)
		return string; /* of our own: the emitter quotes it where it must */
	if (!tag.n)
		return n->style == CM_PLAIN ? resolve(a, text, true) : string;
	for (size_t i = 0; i < sizeof(typed_tags) / sizeof(*typed_tags); i++)
		if (cm_str_is(tag, typed_tags[i].tag))
			return tagged_value(a, text, typed_tags[i].type);
	return string;
}

#define DOUBLE_DIGITS 17 /* always enough to read the same float back */

/* Does text, or text with its last digit one higher, read as f? Powers of two lie so that only the
 * higher one may. */
static bool reads_as(char *text, double f)
{
	if (strtod(text, NULL) == f)
		return true;
	char *last = strchr(text, 'e') - 1;
	if (*last == '9')
		return false;
	++*last;
	return strtod(text, NULL) == f;
}

/* The fewest digits that read back as f (finite, not negative), and the power of ten of the first. */
static int shortest_digits(double f, char *digits, int *exponent)
{
	char text[DOUBLE_DIGITS + 16];
	int n = 0;
	for (int count = 1; count <= DOUBLE_DIGITS; count++) {
		snprintf(text, sizeof(text), "%.*e", count - 1, f);
		if (reads_as(text, f))
			break;
	}
	char *e = strchr(text, 'e');
	for (char *p = text; p < e; p++)
		if (is_digit(*p))
			digits[n++] = *p;
	*exponent = atoi(e + 1);
	return n;
}

/* As Go prints a float: 1e+06, 1.5e-05, 100000, 0.5. */
static struct cm_str float_text(struct cm_arena *a, double f)
{
	if (isnan(f))
		return CM_STR("NaN");
	if (isinf(f))
		return f < 0 ? CM_STR("-Inf") : CM_STR("+Inf");
	const char *sign = signbit(f) ? "-" : "";
	char d[DOUBLE_DIGITS + 16];
	int e, n = shortest_digits(fabs(f), d, &e);
	if (e < -4 || e >= 6)
		return cm_strf(a, "%s%c%s%.*se%c%02d", sign, d[0], n > 1 ? "." : "", n - 1, d + 1,
			e < 0 ? '-' : '+', abs(e));
	if (e < 0)
		return cm_strf(a, "%s0.%.*s%.*s", sign, -e - 1, "0000", n, d);
	if (n <= e + 1)
		return cm_strf(a, "%s%.*s%.*s", sign, n, d, e + 1 - n, "000000");
	return cm_strf(a, "%s%.*s.%.*s", sign, e + 1, d, n - e - 1, d + e + 1);
}

struct cm_str cm_value_text(struct cm_arena *a, struct cm_value v)
{
	switch (v.type) {
	case CM_NULL:
		return CM_STR("");
	case CM_BOOL:
		return v.truth ? CM_STR("true") : CM_STR("false");
	case CM_INT:
		return cm_strf(a, "%s%" PRIu64, v.negative ? "-" : "", v.u);
	case CM_FLOAT:
		return float_text(a, v.f);
	default:
		return v.s;
	}
}

bool cm_value_eq(struct cm_value a, struct cm_value b)
{
	/* Decoded !!binary is a string like any other. */
	enum cm_type at = a.type == CM_BINARY ? CM_STRING : a.type;
	enum cm_type bt = b.type == CM_BINARY ? CM_STRING : b.type;
	if (at != bt)
		return false;
	switch (at) {
	case CM_NULL:
		return true;
	case CM_BOOL:
		return a.truth == b.truth;
	case CM_INT:
		return a.negative == b.negative && a.u == b.u;
	case CM_FLOAT:
		return a.f == b.f;
	default:
		return cm_str_eq(a.s, b.s);
	}
}
