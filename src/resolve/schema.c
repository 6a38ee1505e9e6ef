/* SPDX-License-Identifier: MIT */

/*
 * The model so far against the attribute table (spec/config.md 8.2): types, choices, patterns, bounds, required and unknown keys,
 * equal items. Every violation is reported, in document order, at the author's text:
 *
 *   compose.yml:4:5: error: services.web: unknown key "imgae" [unknown-key]
 *   help: did you mean image?
 */

#include "model.h"

#include <math.h>
#include <stdint.h>
#include <regex.h>
#include <stdlib.h>

enum { MAX_PATTERNS = 16, FEW_ITEMS = 16 };

struct schema {
	struct cm_resolve *r;
	bool failed;
	const char *patterns[MAX_PATTERNS]; /* compiled on first use */
	regex_t *compiled[MAX_PATTERNS];
};

static struct cm_diag *violation(struct schema *s, const struct cm_at *at, const struct cm_node *n, enum cm_code code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static struct cm_diag *violation(struct schema *s, const struct cm_at *at, const struct cm_node *n, enum cm_code code, const char *fmt, ...)
{
	struct cm_str path = cm_at_text(s->r->p, at);
	struct cm_buf *b = cm_buf_new(s->r->p->arena, 128);
	struct cm_diag *d;
	va_list ap;

	va_start(ap, fmt);
	cm_buf_vprintf(b, fmt, ap);
	va_end(ap);
	s->failed = true;
	d = cm_error(s->r->p, cm_span_of(n), code, "%.*s%s%.*s", (int)path.n, path.p, path.n ? " " : "", (int)b->n, b->p);
	cm_buf_release(b);
	return d;
}

/* ---- types ---- */

static const struct {
	unsigned type;
	const char *name;
} type_names[] = {
	{CM_T_STRING, "a string"}, {CM_T_INT, "an integer"}, {CM_T_NUMBER, "a number"}, {CM_T_BOOL, "a boolean"},
	{CM_T_MAP, "a mapping"}, {CM_T_LIST, "a list"}, {CM_T_NULL, "empty"},
};

enum { TYPE_COUNT = sizeof(type_names) / sizeof(*type_names) };

static unsigned float_types(double f)
{
	bool whole = f >= -0x1p53 && f <= 0x1p53 ? f == (double)(int64_t)f : f == f;

	return whole ? CM_T_NUMBER | CM_T_INT : CM_T_NUMBER;
}

/* All the types n counts as. */
static unsigned types_of(struct schema *s, const struct cm_node *n)
{
	struct cm_value v;

	if (n->kind != CM_SCALAR)
		return n->kind == CM_MAP ? CM_T_MAP : CM_T_LIST;
	v = cm_scalar_value(s->r->p->arena, n);
	switch (v.type) {
	case CM_NULL: return CM_T_NULL;
	case CM_BOOL: return CM_T_BOOL;
	case CM_INT: return CM_T_INT | CM_T_NUMBER;
	case CM_FLOAT: return float_types(v.f);
	default: return CM_T_STRING;
	}
}

/* "a string, a list or empty". */
static struct cm_str type_list(struct schema *s, unsigned types)
{
	struct cm_buf *b = cm_buf_new(s->r->p->arena, 64);
	struct cm_str text;
	unsigned left = 0;

	if (types & CM_T_NUMBER)
		types &= ~(unsigned)CM_T_INT;
	for (size_t i = 0; i < TYPE_COUNT; i++)
		left += (types & type_names[i].type) != 0;
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (types & type_names[i].type) {
			left--;
			cm_buf_printf(b, "%s%s", type_names[i].name, left > 1 ? ", " : left ? " or " : "");
		}
	text = cm_strf(s->r->p->arena, "%.*s", (int)b->n, b->n ? b->p : "");
	cm_buf_release(b);
	return text;
}

static bool check_type(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	unsigned types = types_of(s, n), allowed = at->attr->types;
	struct cm_str want, is;

	if (!allowed || types & allowed)
		return true;
	want = type_list(s, allowed);
	is = type_list(s, types);
	violation(s, at, n, CM_E_SCHEMA, "must be %.*s; this is %.*s", (int)want.n, want.p, (int)is.n, is.p);
	return false;
}

/* ---- scalars ---- */

static void free_pattern(void *p)
{
	regfree(p);
}

static const regex_t *pattern_of(struct schema *s, const char *pattern)
{
	size_t i = 0;
	regex_t *re;

	while (s->patterns[i] && s->patterns[i] != pattern)
		i++;
	if (s->compiled[i])
		return s->compiled[i];
	re = cm_new(s->r->p->arena, regex_t);
	if (i == MAX_PATTERNS - 1 || regcomp(re, pattern, REG_EXTENDED | REG_NOSUB))
		cm_arena_fail(s->r->p->arena);
	cm_arena_defer(s->r->p->arena, free_pattern, re);
	s->patterns[i] = pattern;
	return s->compiled[i] = re;
}

static bool matches(struct schema *s, const char *pattern, struct cm_str text)
{
	if (memchr(text.p, 0, text.n))
		return false;
	return regexec(pattern_of(s, pattern), cm_strndup(s->r->p->arena, text.p, text.n), 0, NULL, 0) == 0;
}

static bool is_choice(const char *choices, struct cm_str text)
{
	struct cm_str all = cm_str_of(choices);

	for (size_t at = 0, end; at < all.n; at = end + 1) {
		end = cm_str_find(all, '|', at);
		if (cm_str_eq(cm_str_cut(all, at, end), text))
			return true;
	}
	return false;
}

/* "a", "b" or "c", and the nearest as help. */
static void not_a_choice(struct schema *s, const struct cm_at *at, const struct cm_node *n, struct cm_str text)
{
	struct cm_arena *a = s->r->p->arena;
	struct cm_str all = cm_str_of(at->attr->choices);
	const char **list = cm_new_array(a, all.n + 1, const char *), *near;
	struct cm_buf *b = cm_buf_new(a, 64);
	struct cm_diag *d;
	size_t count = 0;

	for (size_t from = 0, end; from < all.n; from = end + 1) {
		end = cm_str_find(all, '|', from);
		list[count++] = cm_strndup(a, all.p + from, end - from);
		cm_buf_printf(b, "%s%s", count > 1 ? end == all.n ? " or " : ", " : "", list[count - 1]);
	}
	d = violation(s, at, n, CM_E_SCHEMA, "must be %.*s, not \"%.*s\"", (int)b->n, b->p, (int)text.n, text.p);
	near = cm_nearest(a, text, list);
	if (near && count > 1)
		cm_help(s->r->p, d, "did you mean %s?", near);
	cm_buf_release(b);
}

static void check_text(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	const struct cm_attr *attr = at->attr;
	struct cm_str text = n->count ? cm_literal(s->r, cm_text(n)) : CM_STR("");

	if (attr->choices && !is_choice(attr->choices, text))
		not_a_choice(s, at, n, text);
	if (attr->pattern && strcmp(attr->name, "*") && !matches(s, attr->pattern, text))
		violation(s, at, n, CM_E_SCHEMA, "\"%.*s\" does not match the pattern %s", (int)text.n, text.p, attr->pattern);
}

static void check_bounds(struct schema *s, const struct cm_at *at, const struct cm_node *n, double value)
{
	const struct cm_attr *attr = at->attr;

	if (attr->minimum && value < strtod(attr->minimum, NULL))
		violation(s, at, n, CM_E_SCHEMA, "must be greater than or equal to %s", attr->minimum);
	if (attr->maximum && value > strtod(attr->maximum, NULL))
		violation(s, at, n, CM_E_SCHEMA, "must be less than or equal to %s", attr->maximum);
}

static void check_scalar(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_value v = cm_scalar_value(s->r->p->arena, n);

	if (v.type == CM_FLOAT && !isfinite(v.f))
		violation(s, at, n, CM_E_SCHEMA, "must be a finite number");
	else if (!at->attr)
		return;
	else if (v.type == CM_STRING)
		check_text(s, at, n);
	else if (v.type == CM_INT)
		check_bounds(s, at, n, v.negative ? -(double)v.u : (double)v.u);
	else if (v.type == CM_FLOAT)
		check_bounds(s, at, n, v.f);
}

/* ---- mappings ---- */

static void check(struct schema *s, const struct cm_at *at, const struct cm_node *n);

static void unknown_key(struct schema *s, const struct cm_at *up, const struct cm_pair *pair)
{
	struct cm_project *p = s->r->p;
	struct cm_str word = cm_sym_str(pair->word);
	const char *near = cm_nearest(p->arena, word, cm_attr_names(p->arena, up ? up->attr : NULL));
	struct cm_diag *d = violation(s, up, pair->key, CM_E_UNKNOWN_KEY, "%s \"%.*s\"", up ? "has an unknown key" : "unknown top-level key",
		(int)word.n, word.p);

	if (near)
		cm_help(p, d, "did you mean %s?", near);
}

static void check_pair(struct schema *s, const struct cm_at *up, const struct cm_pair *pair)
{
	const struct cm_block *block = up ? up->attr ? up->attr->block : NULL : &cm_top;
	struct cm_at here = cm_at_key(up, pair->word ? cm_sym_str(pair->word) : CM_STR(""));

	if (block && pair->word && !here.attr && !(block->extensions && cm_str_starts(here.word, "x-"))) {
		unknown_key(s, up, pair);
		return;
	}
	if (here.attr && here.attr->pattern && !strcmp(here.attr->name, "*") && !matches(s, here.attr->pattern, here.word)) {
		violation(s, up, pair->key, CM_E_SCHEMA, "cannot hold the name \"%.*s\": it must match %s", (int)here.word.n, here.word.p,
			here.attr->pattern);
		return;
	}
	check(s, &here, cm_deref(pair->value));
}

static void check_required(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	for (const struct cm_block *b = at && at->attr ? at->attr->block : NULL; b; b = b->base)
		for (size_t i = 0; i < b->count; i++)
			if (b->rows[i].required && !cm_member(s->r->p, n, b->rows[i].name))
				violation(s, at, n, CM_E_MISSING_KEY, "is missing the property \"%s\"", b->rows[i].name);
}

static void check_map(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_pairs all = cm_pairs_of(s->r->p, n);

	check_required(s, at, n);
	for (uint32_t i = 0; i < all.count; i++)
		check_pair(s, at, &all.at[i]);
}

/* ---- lists ---- */

static void equal_items(struct schema *s, const struct cm_at *at, const struct cm_node *n, uint32_t a, uint32_t b)
{
	struct cm_diag *d = violation(s, at, n->items[b], CM_E_REPEATED, "items at %u and %u are equal", a, b);

	cm_note(s->r->p, d, cm_span_of(n->items[a]), "the first stands here");
}

struct numbered {
	struct cm_str text;
	uint32_t number;
};

static int by_text(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;
	int order = cm_str_cmp(x->text, y->text);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* Long lists of scalars: equal texts first, then types. */
static void check_many(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	struct numbered *all = cm_new_array(s->r->p->arena, n->count, struct numbered);
	uint32_t count = 0;

	for (uint32_t i = 0; i < n->count; i++)
		if (cm_deref(n->items[i])->kind == CM_SCALAR)
			all[count++] = (struct numbered){cm_text(cm_deref(n->items[i])), i};
	qsort(all, count, sizeof(*all), by_text);
	for (uint32_t i = 1; i < count; i++)
		if (cm_equal(s->r->p, n->items[all[i - 1].number], n->items[all[i].number]))
			equal_items(s, at, n, all[i - 1].number, all[i].number);
}

static void check_unique(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	if (n->count > FEW_ITEMS) {
		check_many(s, at, n);
		return;
	}
	for (uint32_t i = 1; i < n->count; i++)
		for (uint32_t j = 0; j < i; j++)
			if (cm_equal(s->r->p, n->items[j], n->items[i])) {
				equal_items(s, at, n, j, i);
				break;
			}
}

static void check_seq(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	for (uint32_t i = 0; i < n->count; i++) {
		struct cm_at here = cm_at_item(at, i);

		check(s, &here, cm_deref(n->items[i]));
	}
	if (at->attr && at->attr->unique)
		check_unique(s, at, n);
}

/* ---- all ---- */

static void check(struct schema *s, const struct cm_at *at, const struct cm_node *n)
{
	if (at->attr && (at->attr->role == CM_ROLE_INCLUDE || at->attr->role == CM_ROLE_EXTENDS))
		return;
	if (at->attr && !check_type(s, at, n))
		return;
	if (at->attr && at->attr->role == CM_ROLE_VERSION)
		cm_warn(s->r->p, cm_span_of(n), CM_E_DEPRECATED,
			"the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion");
	if (n->kind == CM_SCALAR)
		check_scalar(s, at, n);
	else if (n->kind == CM_MAP)
		check_map(s, at, n);
	else
		check_seq(s, at, n);
}

bool cm_check_schema(struct cm_resolve *r, const struct cm_node *root)
{
	struct schema s = {.r = r};

	check_map(&s, NULL, cm_deref(root));
	return !s.failed;
}
