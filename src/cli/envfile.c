/* SPDX-License-Identifier: MIT */
/* A statement at a time: key, separator, value. What is no statement is skipped: only two keys
 * matter here. */

#include "envfile.h"

#include <string.h>

struct reader {
	const char *p, *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
}

static void skip_line(struct reader *r)
{
	while (r->p < r->end && *r->p != '\n')
		r->p++;
}

/* White space and comment lines between statements. */
static void skip_to_key(struct reader *r)
{
	while (r->p < r->end && (is_blank(*r->p) || *r->p == '\n' || *r->p == '#')) {
		if (*r->p == '#')
			skip_line(r);
		else
			r->p++;
	}
}

static struct cm_env_value read_key(struct reader *r)
{
	static const char export[] = "export";
	size_t n = sizeof export - 1;
	struct cm_env_value key;

	if ((size_t)(r->end - r->p) > n && memcmp(r->p, export, n) == 0 && r->p[n] != '=' &&
		r->p[n] != ':') {
		r->p += n;
		skip_blanks(r);
	}
	key = (struct cm_env_value){.p = r->p};
	while (r->p < r->end && *r->p != '=' && *r->p != ':' && *r->p != '\n')
		r->p++;
	key.n = (size_t)(r->p - key.p);
	while (key.n > 0 && is_blank(key.p[key.n - 1]))
		key.n--;
	return key;
}

/* Up to the same quote without a backslash before it; an open quote takes the rest. */
static struct cm_env_value read_quoted(struct reader *r)
{
	char quote = *r->p++;
	struct cm_env_value v = {.p = r->p};

	for (; r->p < r->end && *r->p != quote; r->p++) {
		if (*r->p == '\\' && r->p + 1 < r->end)
			r->p++;
		else if (*r->p == '$')
			v.variables = quote == '"';
	}
	v.n = (size_t)(r->p - v.p);
	if (r->p < r->end)
		r->p++;
	return v;
}

/* To the end of the line, or to a # after a space; blanks at the end do not count. */
static struct cm_env_value read_plain(struct reader *r)
{
	struct cm_env_value v = {.p = r->p};

	skip_line(r);
	for (const char *c = v.p; c < r->p; c++) {
		if (*c == '#' && c > v.p && c[-1] == ' ')
			break;
		v.variables |= *c == '$';
		v.n = (size_t)(c - v.p) + 1;
	}
	while (v.n > 0 && is_blank(v.p[v.n - 1]))
		v.n--;
	return v;
}

static struct cm_env_value read_value(struct reader *r)
{
	skip_blanks(r);
	if (r->p < r->end && (*r->p == '"' || *r->p == '\''))
		return read_quoted(r);
	return read_plain(r);
}

struct cm_env_value cm_env_file_get(const char *text, size_t length, const char *key)
{
	struct reader r = {text, text + length};
	struct cm_env_value found = {0};

	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		r.p += 3;
	for (skip_to_key(&r); r.p < r.end; skip_to_key(&r)) {
		struct cm_env_value name = read_key(&r), value;

		if (r.p == r.end || *r.p == '\n')
			continue;
		r.p++;
		value = read_value(&r);
		if (name.n == strlen(key) && memcmp(name.p, key, name.n) == 0)
			found = value;
	}
	return found;
}
