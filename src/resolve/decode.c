/* SPDX-License-Identifier: MIT */

/*
 * The model as it is printed (config.md 4, 9.3, 9.4).
 *
 *   mem_limit: 1.5g        ->  mem_limit: "1610612736"        stop_grace_period: 90s  ->  stop_grace_period: 1m30s
 *   environment: [B=1, A]  ->  environment: {A: null, B: "1"} command: echo "a b"     ->  command: [echo, a b]
 *   tty: false             ->  (nothing)
 *
 * One walk along the attribute table: the row says what a value becomes, whether it stays when it is empty, and where it is
 * printed. All that cannot be read is reported; below x- and under --no-interpolate values stay as they were read.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"
#include "print.h"
#include "units.h"

#include "../base/diag.h"

struct decoder {
	struct cm_resolve *r;
	struct cm_project *p;
	struct cm_arena *a;
	bool json, failed;
};

/* Where a value stands: services[web].ports[0].target */
struct place {
	const struct place *up;
	struct cm_str word;       /* a field or a key */
	uint32_t index;
	enum { FIELD, KEY, ITEM } how;
};

struct row_pair {
	struct cm_pair pair;
	unsigned rank;
};

#define LAST_RANK 1000u

static void add_place(struct cm_buf *b, const struct place *at)
{
	if (!at)
		return;
	add_place(b, at->up);
	if (at->how == ITEM)
		cm_buf_printf(b, "[%u]", at->index);
	else if (at->how == KEY)
		cm_buf_printf(b, "[%.*s]", (int)at->word.n, at->word.p);
	else
		cm_buf_printf(b, "%s%.*s", at->up ? "." : "", (int)at->word.n, at->word.p);
}

static void complain(struct decoder *d, const struct place *at, const struct cm_node *n, const char *why)
{
	struct cm_buf *b = cm_buf_new(d->a, 64);

	add_place(b, at);
	cm_error(d->p, cm_span_of(cm_origin(n)), CM_E_BAD_VALUE, "%s: %s", b->p ? b->p : "", why);
	d->failed = true;
}

/* ---- makers ---- */

static const struct cm_node *null_node(struct decoder *d, const struct cm_node *from)
{
	return cm_make_raw(d->p, CM_STR("null"), from);
}

static const struct cm_node *bool_node(struct decoder *d, bool b, const struct cm_node *from)
{
	return cm_make_raw(d->p, b ? CM_STR("true") : CM_STR("false"), from);
}

static const struct cm_node *int_node(struct decoder *d, int64_t i, const struct cm_node *from)
{
	return cm_make_raw(d->p, cm_strf(d->a, "%" PRId64, i), from);
}

/* text is literal. */
static const struct cm_node *text_node(struct decoder *d, struct cm_str text, const struct cm_node *from)
{
	return cm_make_scalar(d->p, cm_doubled(d->r, text), CM_PLAIN, from);
}

static const struct cm_node *map_of(struct decoder *d, struct cm_pair *pairs, uint32_t count, const struct cm_node *from)
{
	return cm_make_map(d->p, pairs, count, CM_BLOCK, from);
}

static const struct cm_node *empty_map(struct decoder *d, const struct cm_node *from)
{
	return map_of(d, NULL, 0, from);
}

static const struct cm_node *list_of(struct decoder *d, const struct cm_node **items, uint32_t count, const struct cm_node *from)
{
	return cm_make_seq(d->p, items, count, CM_BLOCK, from, NULL);
}

static struct cm_value value_of(struct decoder *d, const struct cm_node *n)
{
	struct cm_value v = cm_scalar_value(d->a, n);

	if (v.type == CM_BINARY || v.type == CM_BAD) {
		v.s = v.type == CM_BAD ? cm_text(n) : v.s;
		v.type = CM_STRING;
	}
	return v;
}

/* The literal text of a scalar of any type; null is "". */
static struct cm_str text_of(struct decoder *d, const struct cm_node *n)
{
	struct cm_value v = value_of(d, n);

	return v.type == CM_STRING ? cm_literal(d->r, v.s) : cm_value_text(d->a, v);
}

static const struct cm_node *as_text(struct decoder *d, const struct cm_node *n)
{
	struct cm_value v = value_of(d, n);

	return v.type == CM_STRING ? n : text_node(d, cm_value_text(d->a, v), n);
}

/* ---- as it was read ---- */

static const struct cm_node *verbatim(struct decoder *d, const struct cm_node *n)
{
	n = cm_deref(n);
	if (n->kind == CM_SEQ) {
		const struct cm_node **items = cm_new_array(d->a, n->count, const struct cm_node *);

		for (uint32_t i = 0; i < n->count; i++)
			items[i] = verbatim(d, n->items[i]);
		return list_of(d, items, n->count, n);
	}
	if (n->kind == CM_MAP) {
		struct cm_pairs all = cm_pairs_of(d->p, n);
		struct cm_pair *pairs = cm_new_array(d->a, all.count, struct cm_pair);

		for (uint32_t i = 0; i < all.count; i++) {
			pairs[i] = all.at[i];
			pairs[i].value = verbatim(d, all.at[i].value);
		}
		cm_sort_pairs(d->p, pairs, all.count, !d->json);
		return map_of(d, pairs, all.count, n);
	}
	return n;
}

/* ---- scalars ---- */

static const char *const type_names[] = {"nil", "bool", "int", "float64", "time.Time", "string", "string", "string"};

static const struct cm_node *decode_size(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	struct cm_value v = value_of(d, n);
	int64_t bytes = 0;
	const char *why = NULL;

	if (v.type == CM_INT && v.u <= (uint64_t)INT64_MAX)
		bytes = v.negative ? -(int64_t)v.u : (int64_t)v.u;
	else if (v.type == CM_STRING)
		why = cm_size_parse(d->a, cm_literal(d->r, v.s), &bytes);
	else
		why = v.type == CM_INT ? "a size of more than 64 bits" : "a size is an integer or a text such as 1.5g";
	if (why) {
		complain(d, at, n, why);
		return NULL;
	}
	return cm_make_scalar(d->p, cm_strf(d->a, "%" PRId64, bytes), CM_DOUBLE, n);
}

static const struct cm_node *decode_duration(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	int64_t ns;
	const char *why = cm_duration_parse(d->a, text_of(d, n), &ns);

	if (why) {
		complain(d, at, n, why);
		return NULL;
	}
	return cm_make_scalar(d->p, cm_duration_text(d->a, ns), CM_PLAIN, n);
}

static const struct cm_node *decode_int(struct decoder *d, const struct place *at, const struct cm_attr *attr, const struct cm_node *n)
{
	struct cm_value v = value_of(d, n);
	struct cm_str s;
	int64_t i;

	if (v.type == CM_INT && (!v.negative || v.u <= UINT64_C(1) << 63))
		return cm_make_raw(d->p, cm_value_text(d->a, v), n);
	if (v.type == CM_FLOAT && v.f > -9.2e18 && v.f < 9.2e18)
		return int_node(d, (int64_t)v.f, n);
	if (v.type == CM_STRING) {
		s = cm_literal(d->r, v.s);
		if (attr->fallback && s.n == 3 && (s.p[0] | 32) == 'a' && (s.p[1] | 32) == 'l' && (s.p[2] | 32) == 'l')
			return int_node(d, -1, n);
		if (attr->canonical && !attr->cast && !attr->fallback) {
			complain(d, at, n, "a text where an integer must stand");
			return NULL;
		}
		if (cm_int_parse(s, 10, &i))
			return int_node(d, i, n);
		complain(d, at, n, cm_strf(d->a, attr->fallback ? "invalid value \"%.*s\", the only value allowed is 'all' or a number" :
			"strconv.ParseInt: parsing \"%.*s\": invalid syntax", (int)s.n, s.p).p);
		return NULL;
	}
	complain(d, at, n, cm_strf(d->a, "expected type 'int', got unconvertible type '%s'", type_names[v.type]).p);
	return NULL;
}

static const struct cm_node *decode_float(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	struct cm_value v = value_of(d, n);
	double f = v.f;
	struct cm_str text;

	if (v.type == CM_STRING) {
		struct cm_str s = cm_literal(d->r, v.s);

		if (!cm_float_parse(d->a, s, &f)) {
			complain(d, at, n, cm_strf(d->a, "strconv.ParseFloat: parsing \"%.*s\": invalid syntax", (int)s.n, s.p).p);
			return NULL;
		}
	} else if (v.type == CM_INT) {
		f = v.negative ? -(double)v.u : (double)v.u;
	} else if (v.type != CM_FLOAT) {
		complain(d, at, n, "a number must stand here");
		return NULL;
	}
	/* the shortest text that 32 bits read back */
	float want = (float)f;
	for (int digits = 1; digits <= 9; digits++) {
		char form[64];
		double back;

		snprintf(form, sizeof(form), "%.*e", digits - 1, (double)want);
		for (char *c = form; *c; c++)
			if (*c == ',')
				*c = '.';
		if (!cm_float_parse(d->a, cm_str_of(form), &back) || (float)back != want)
			continue;
		f = back;
		break;
	}
	text = cm_value_text(d->a, (struct cm_value){.type = CM_FLOAT, .f = f});
	return cm_make_raw(d->p, cm_str_find(text, '.', 0) == text.n && cm_str_find(text, 'e', 0) == text.n ?
		cm_strf(d->a, "%.*s.0", (int)text.n, text.p) : text, n);
}

static const struct cm_node *decode_octal(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	struct cm_value v = value_of(d, n);
	int64_t i = 0;

	if (v.type == CM_INT) {
		i = v.negative ? -(int64_t)v.u : (int64_t)v.u;
	} else if (v.type == CM_STRING) {
		struct cm_str s = cm_literal(d->r, v.s);

		if (!cm_int_parse(s, 8, &i)) {
			complain(d, at, n, cm_strf(d->a, "strconv.ParseInt: parsing \"%.*s\": invalid syntax", (int)s.n, s.p).p);
			return NULL;
		}
	} else {
		complain(d, at, n, cm_strf(d->a, "unexpected value type %s for mode", type_names[v.type]).p);
		return NULL;
	}
	return cm_make_scalar(d->p, cm_strf(d->a, i < 0 ? "0-%" PRIo64 : "0%" PRIo64, i < 0 ? -i : i), CM_DOUBLE, n);
}

static const struct cm_node *decode_bool(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	static const char *const words[] = {"false", "true", "no", "yes", "n", "y", "off", "on"};
	struct cm_value v = value_of(d, n);
	struct cm_str s;

	if (v.type == CM_BOOL)
		return n;
	s = text_of(d, n);
	for (size_t w = 0; v.type == CM_STRING && w < sizeof(words) / sizeof(*words); w++) {
		size_t i = 0;

		while (i < s.n && words[w][i] && (s.p[i] | 32) == words[w][i])
			i++;
		if (i == s.n && !words[w][i])
			return bool_node(d, w % 2, n);
	}
	complain(d, at, n, cm_strf(d->a, "invalid boolean: %.*s", (int)s.n, s.p).p);
	return NULL;
}

static const struct cm_node *decode_scalar(struct decoder *d, const struct place *at, const struct cm_attr *attr,
	const struct cm_node *n)
{
	const char *form = attr->canonical ? attr->canonical : "";
	enum cm_type type = value_of(d, n).type;
	bool number = attr->types & (CM_T_INT | CM_T_NUMBER), boolean = attr->types & CM_T_BOOL;

	if (!strcmp(form, "bytes"))
		return decode_size(d, at, n);
	if (!strcmp(form, "duration"))
		return decode_duration(d, at, n);
	if (!strcmp(form, "float32") || attr->cast == CM_CAST_FLOAT64)
		return decode_float(d, at, n);
	if (!strcmp(form, "octal"))
		return decode_octal(d, at, n);
	if (!strcmp(form, "string"))
		return as_text(d, n);
	if (!strcmp(form, "integer") || attr->short_form == CM_SHORT_ULIMIT || (number && attr->types != CM_T_ANY && type != CM_STRING &&
		!(attr->types & CM_T_NUMBER)))
		return type == CM_BOOL && boolean ? n : decode_int(d, at, attr, n);
	if (boolean && !number && (attr->cast || type == CM_BOOL))
		return decode_bool(d, at, n);
	if (number && attr->cast && type == CM_STRING)
		return decode_int(d, at, attr, n);
	if (attr->types == CM_T_STRING || (attr->types == (CM_T_STRING | CM_T_NULL)))
		return as_text(d, n);
	if (number && (attr->types & CM_T_NUMBER) && !(attr->types & CM_T_STRING) && type == CM_FLOAT)
		return decode_int(d, at, attr, n);
	return n;
}

/* ---- lists and maps of texts ---- */

/* KEY=VALUE as a list or a mapping: a mapping of texts. */
static const struct cm_node *decode_key_values(struct decoder *d, const struct place *at, const struct cm_attr *attr,
	const struct cm_node *n)
{
	bool nulls = (attr->canonical && strstr(attr->canonical, "null"));
	bool map = n->kind == CM_MAP;
	struct cm_pairs all = map ? cm_pairs_of(d->p, n) : (struct cm_pairs){NULL, n->count};
	struct cm_pair *pairs = cm_new_array(d->a, all.count, struct cm_pair);
	uint32_t count = 0;

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *item = cm_deref(map ? all.at[i].value : n->items[i]);
		struct cm_pair *out = &pairs[count];

		if (map) {
			*out = all.at[i];
			if (value_of(d, item).type == CM_NULL)
				out->value = nulls ? null_node(d, item) : text_node(d, CM_STR(""), item);
			else
				out->value = item->kind == CM_SCALAR ? as_text(d, item) : item;
		} else {
			struct cm_str s = text_of(d, item), key;
			size_t cut = cm_str_find(s, '=', 0);

			key = cm_str_cut(s, 0, cut);
			if (nulls && key.n && strchr(" \t\n\v\f\r", key.p[key.n - 1])) {
				complain(d, at, item, cm_strf(d->a, "environment variable %.*s is declared with a trailing space",
					(int)key.n, key.p).p);
				continue;
			}
			*out = cm_make_pair(d->p, key, item, cut < s.n ? text_node(d, cm_str_cut(s, cut + 1, s.n), item) :
				nulls ? null_node(d, item) : text_node(d, CM_STR(""), item));
		}
		count++;
	}
	cm_sort_pairs(d->p, pairs, count, !d->json);
	uint32_t kept = 0; /* the last of equal keys */
	for (uint32_t i = 0; i < count; i++) {
		if (kept && pairs[kept - 1].word == pairs[i].word)
			kept--;
		pairs[kept++] = pairs[i];
	}
	return map_of(d, pairs, kept, n);
}

/* Compose takes keys that start with x- for extensions, even where keys are the user's (config.md 10 row 1):
 * {x-e: 1, B: 2} is {"#extensions": "map[x-e:1]", B: 2}. A list is safe. */
static const struct cm_node *gather_extensions(struct decoder *d, const struct cm_node *n)
{
	struct cm_pairs all = cm_pairs_of(d->p, n);
	struct cm_pair *pairs = cm_new_array(d->a, all.count, struct cm_pair), *kept = cm_new_array(d->a, all.count + 1, struct cm_pair);
	uint32_t count = 0, gathered = 0;
	struct cm_buf *b;

	if (n->flags & CM_LISTED || cm_deref(cm_origin(n))->kind == CM_SEQ)
		return n;
	for (uint32_t i = 0; i < all.count; i++) {
		if (cm_str_starts(cm_sym_str(all.at[i].word), "x-") && cm_deref(all.at[i].value)->kind == CM_SCALAR)
			pairs[gathered++] = all.at[i];
		else
			kept[count++] = all.at[i];
	}
	if (!gathered)
		return n;
	cm_sort_pairs(d->p, pairs, gathered, false);
	b = cm_buf_new(d->a, 64);
	cm_buf_puts(b, "map[");
	for (uint32_t i = 0; i < gathered; i++) {
		const struct cm_node *value = cm_deref(pairs[i].value);
		struct cm_str key = cm_sym_str(pairs[i].word), text = value_of(d, value).type == CM_NULL ? CM_STR("<nil>") : text_of(d, value);

		cm_warn(d->p, cm_span_of(cm_origin(pairs[i].key)), CM_E_QUIRK,
			"Docker Compose takes %.*s for an extension, not for a key of this mapping; written as a list item it is safe",
			(int)key.n, key.p);
		cm_buf_printf(b, "%s%.*s:%.*s", i ? " " : "", (int)key.n, key.p, (int)text.n, text.p);
	}
	cm_buf_puts(b, "]");
	kept[count++] = cm_make_pair(d->p, CM_STR("#extensions"), n, text_node(d, (struct cm_str){b->p, b->n}, n));
	return map_of(d, kept, count, n);
}

static int by_text(const void *a, const void *b)
{
	return cm_str_cmp(*(const struct cm_str *)a, *(const struct cm_str *)b);
}

static const struct cm_node *sorted_list(struct decoder *d, struct cm_str *at, uint32_t count, const struct cm_node *from)
{
	const struct cm_node **items = cm_new_array(d->a, count, const struct cm_node *);

	if (count > 1)
		qsort(at, count, sizeof(*at), by_text);
	for (uint32_t i = 0; i < count; i++)
		items[i] = text_node(d, at[i], from);
	return list_of(d, items, count, from);
}

struct texts {
	struct cm_str *at;
	uint32_t count, room;
};

static void add_text(struct decoder *d, struct texts *l, struct cm_str s)
{
	if (l->count == l->room) {
		struct cm_str *at = cm_new_array(d->a, l->room = l->room ? 2 * l->room : 8, struct cm_str);

		if (l->count)
			memcpy(at, l->at, l->count * sizeof(*at));
		l->at = at;
	}
	l->at[l->count++] = s;
}

static void add_host(struct decoder *d, struct texts *l, struct cm_str host, struct cm_str ip)
{
	if (ip.n > 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']')
		ip = cm_str_cut(ip, 1, ip.n - 1);
	add_text(d, l, cm_strf(d->a, "%.*s=%.*s", (int)host.n, host.p, (int)ip.n, ip.p));
}

static bool good_host(struct decoder *d, const struct place *at, struct cm_str host, const struct cm_node *n)
{
	if (host.n && cm_str_find(host, ':', 0) == host.n && cm_str_find(host, '=', 0) == host.n)
		return true;
	complain(d, at, n, cm_strf(d->a, "bad host name '%.*s'", (int)host.n, host.p).p);
	return false;
}

static const struct cm_node *decode_hosts(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	struct texts l = {NULL, 0, 0};
	struct cm_pairs all = n->kind == CM_MAP ? cm_pairs_of(d->p, n) : (struct cm_pairs){NULL, n->count};

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *item = cm_deref(n->kind == CM_MAP ? all.at[i].value : n->items[i]);

		if (n->kind == CM_MAP) {
			struct cm_str host = cm_sym_str(all.at[i].word);

			if (!good_host(d, at, host, all.at[i].key ? all.at[i].key : item))
				continue;
			if (item->kind == CM_SEQ)
				for (uint32_t j = 0; j < item->count; j++)
					add_host(d, &l, host, text_of(d, cm_deref(item->items[j])));
			else
				add_host(d, &l, host, text_of(d, item));
		} else {
			struct cm_str s = text_of(d, item), host;
			size_t cut = cm_str_find(s, '=', 0);

			if (cut == s.n)
				cut = cm_str_find(s, ':', 0);
			host = cm_str_cut(s, 0, cut);
			if (cut == s.n) {
				complain(d, at, item, cm_strf(d->a, "invalid additional host, missing IP: %.*s", (int)s.n, s.p).p);
				continue;
			}
			if (!good_host(d, at, host, item))
				continue;
			for (size_t from = cut + 1; from <= s.n;) {
				size_t end = cm_str_find(s, ',', from);

				add_host(d, &l, host, cm_str_cut(s, from, end));
				from = end + 1;
			}
		}
	}
	return sorted_list(d, l.at, l.count, n);
}

static const struct cm_node *decode_ssh(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	struct texts l = {NULL, 0, 0};
	struct cm_pairs all = n->kind == CM_MAP ? cm_pairs_of(d->p, n) : (struct cm_pairs){NULL, n->count};

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_str id, path = {"", 0};

		if (n->kind == CM_MAP) {
			id = cm_sym_str(all.at[i].word);
			path = text_of(d, cm_deref(all.at[i].value));
		} else {
			struct cm_str s = text_of(d, cm_deref(n->items[i]));
			size_t cut = cm_str_find(s, '=', 0);

			id = cm_str_cut(s, 0, cut);
			if (cut < s.n)
				path = cm_str_cut(s, cut + 1, s.n);
		}
		if (path.n && d->json)
			complain(d, at, n->kind == CM_MAP ? cm_deref(all.at[i].value) : cm_deref(n->items[i]),
				"Docker Compose has no JSON for the path of an ssh key; --format yaml can print it");
		add_text(d, &l, path.n ? cm_strf(d->a, "%.*s: %.*s", (int)id.n, id.p, (int)path.n, path.p) : id);
	}
	return sorted_list(d, l.at, l.count, n);
}

static const struct cm_node *decode_command(struct decoder *d, const struct place *at, const struct cm_node *n)
{
	struct cm_str text = text_of(d, n), *words;
	const struct cm_node **items;
	uint32_t count;

	if (value_of(d, n).type == CM_NULL)
		return null_node(d, n);
	words = cm_words(d->a, text, &count);
	if (!words) {
		complain(d, at, n, "invalid command line string");
		return NULL;
	}
	items = cm_new_array(d->a, count, const struct cm_node *);
	for (uint32_t i = 0; i < count; i++)
		items[i] = text_node(d, words[i], n);
	return list_of(d, items, count, n);
}

/* ---- the walk ---- */

static const struct cm_node *decode(struct decoder *d, const struct place *at, const struct cm_attr *attr, const struct cm_node *n);

static bool is_empty(struct decoder *d, const struct cm_attr *attr, const struct cm_node *n)
{
	struct cm_value v;

	if (n->kind != CM_SCALAR)
		return n->count == 0;
	v = value_of(d, n);
	switch (v.type) {
	case CM_NULL:
		return true;
	case CM_BOOL:
		return !v.truth;
	case CM_INT:
		return v.u == 0;
	case CM_FLOAT:
		return v.f == 0;
	case CM_STRING:
		return v.s.n == 0 || (attr->canonical && ((cm_str_is(v.s, "0") && !strcmp(attr->canonical, "bytes")) ||
			(cm_str_is(v.s, "0s") && !strcmp(attr->canonical, "duration"))));
	default:
		return false;
	}
}

/* Is n printed, as the value of a fixed key? */
static bool is_kept(struct decoder *d, const struct cm_attr *attr, const struct cm_node *n)
{
	const char *keep = attr->keep_empty ? attr->keep_empty : "";
	enum cm_type type = n->kind == CM_SCALAR ? value_of(d, n).type : CM_STRING;

	if (d->json && attr->short_form == CM_SHORT_COMMAND)
		return true;
	if (!strcmp(keep, "false"))
		return type == CM_BOOL && is_empty(d, attr, n);
	if (!is_empty(d, attr, n) || !strcmp(keep, "always"))
		return true;
	if (!strcmp(keep, "zero"))
		return n->kind == CM_SCALAR && type != CM_NULL && n->count > 0;
	if (!strcmp(keep, "{}"))
		return n->kind == CM_MAP;
	if (!strcmp(keep, "{} in JSON"))
		return n->kind == CM_MAP && d->json;
	if (!strcmp(keep, "[]"))
		return n->kind == CM_SEQ;
	return !strcmp(keep, "null {}");
}

/* What is printed of a row that is absent; NULL: nothing. */
static const struct cm_node *absent(struct decoder *d, const struct place *at, const struct cm_attr *row)
{
	if (d->json && row->short_form == CM_SHORT_COMMAND)
		return null_node(d, NULL);
	if (!row->keep_empty || (strcmp(row->keep_empty, "always") && (!d->json || strcmp(row->keep_empty, "{} in JSON"))))
		return NULL;
	if (row->types & CM_T_MAP)
		return decode(d, at, row, empty_map(d, NULL));
	if (row->canonical && !strcmp(row->canonical, "bytes"))
		return cm_make_scalar(d->p, CM_STR("0"), CM_DOUBLE, NULL);
	if (row->types & CM_T_BOOL)
		return bool_node(d, row->fallback && !strcmp(row->fallback, "true"), NULL);
	return row->types & CM_T_INT ? int_node(d, 0, NULL) : text_node(d, CM_STR(""), NULL);
}

static bool row_before(const struct row_pair *a, const struct row_pair *b, bool natural)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return (natural ? cm_natural_cmp : cm_str_cmp)(cm_sym_str(a->pair.word), cm_sym_str(b->pair.word)) < 0;
}

static void add_row(struct decoder *d, struct row_pair *rows, uint32_t *count, struct cm_pair pair, unsigned rank)
{
	struct row_pair r = {pair, rank};
	uint32_t i = *count;

	for (; i > 0 && row_before(&r, &rows[i - 1], !d->json); i--)
		rows[i] = rows[i - 1];
	rows[i] = r;
	++*count;
}

/* A mapping with fixed keys. attr NULL: the whole model. */
static const struct cm_node *decode_fields(struct decoder *d, const struct place *at, const struct cm_attr *attr,
	const struct cm_node *n)
{
	const struct cm_block *block = attr ? attr->block : &cm_top;
	struct cm_pairs all = n->kind == CM_MAP ? cm_pairs_of(d->p, n) : (struct cm_pairs){NULL, 0};
	bool capitals = d->json && attr && !block->extensions && block->rows == attr->block->rows && block->count == 2 &&
		block->rows[0].keep_empty && !strcmp(block->rows[0].keep_empty, "always");
	struct row_pair *rows;
	struct cm_pair *pairs;
	uint32_t count = 0, room = all.count;

	for (const struct cm_block *b = block; b; b = b->base)
		room += (uint32_t)b->count;
	rows = cm_new_array(d->a, room, struct row_pair);
	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_str key = cm_sym_str(all.at[i].word);
		const struct cm_attr *row = cm_attr_child(attr, key);
		struct place here = {at, key, 0, FIELD};
		struct cm_pair pair = all.at[i];

		if (cm_str_starts(key, "x-") && (!row || row->extension_alias || row == block->any)) {
			if (!(d->json && attr) && attr && attr->short_form == CM_SHORT_ULIMIT)
				continue;
			pair.value = verbatim(d, pair.value);
			if (!d->json || !attr)
				add_row(d, rows, &count, pair, attr || !d->json ? LAST_RANK : 0);
			continue;
		}
		if (!row || (row == block->any && block->rows))
			continue;
		if (!attr && (row->role == CM_ROLE_VERSION || row->role == CM_ROLE_INCLUDE || (d->json && row->role == CM_ROLE_MODELS)))
			continue;
		pair.value = decode(d, &here, row, pair.value);
		if (pair.value && is_kept(d, row, pair.value))
			add_row(d, rows, &count, pair, d->json && !attr ? 0 : row->emit);
	}
	for (const struct cm_block *b = block; b; b = b->base)
		for (size_t i = 0; i < b->count; i++) {
			const struct cm_attr *row = &b->rows[i];
			struct place here = {at, cm_str_of(row->name), 0, FIELD};
			const struct cm_sym *word = cm_sym(d->p, cm_str_of(row->name));
			const struct cm_node *made;
			bool there = false;

			if ((!row->keep_empty && !d->json) || row != cm_attr_child(attr, cm_str_of(row->name)))
				continue;
			for (uint32_t k = 0; k < count && !there; k++)
				there = rows[k].pair.word == word;
			made = there ? NULL : absent(d, &here, row);
			if (made)
				add_row(d, rows, &count, cm_make_pair(d->p, cm_str_of(row->name), n, made), d->json && !attr ? 0 : row->emit);
		}
	pairs = cm_new_array(d->a, count, struct cm_pair);
	for (uint32_t i = 0; i < count; i++) {
		pairs[i] = rows[i].pair;
		if (capitals) {
			char *name = cm_strndup(d->a, pairs[i].word->p, pairs[i].word->n);

			name[0] = (char)(name[0] - 32);
			pairs[i].word = cm_sym(d->p, cm_str_of(name));
		}
	}
	return map_of(d, pairs, count, n);
}

/* A mapping whose keys the user chose. */
static const struct cm_node *decode_entries(struct decoder *d, const struct place *at, const struct cm_attr *attr,
	const struct cm_node *n)
{
	struct cm_pairs all = cm_pairs_of(d->p, n);
	struct cm_pair *pairs = cm_new_array(d->a, all.count, struct cm_pair);
	uint32_t count = 0;

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_str key = cm_sym_str(all.at[i].word);
		const struct cm_attr *row = cm_attr_child(attr, key);
		struct place here = {at, key, 0, KEY};
		struct cm_pair pair = all.at[i];
		const struct cm_node *value = cm_deref(pair.value);

		pair.value = row ? decode(d, &here, row, value) : verbatim(d, value);
		if (!pair.value)
			continue;
		if (attr->canonical && !strcmp(attr->canonical, "map of strings") && pair.value->kind == CM_SCALAR) {
			enum cm_type type = value_of(d, value).type;

			if (type == CM_FLOAT || type == CM_BOOL)
				complain(d, &here, value, cm_strf(d->a, "expected type 'string', got unconvertible type '%s'", type_names[type]).p);
			pair.value = as_text(d, pair.value);
		}
		pairs[count++] = pair;
	}
	cm_sort_pairs(d->p, pairs, count, !d->json);
	return map_of(d, pairs, count, n);
}

static const struct cm_node *decode_ulimit(struct decoder *d, const struct place *at, const struct cm_attr *attr,
	const struct cm_node *n)
{
	static const char *const names[] = {"soft", "hard"};
	struct cm_pair *pairs = cm_new_array(d->a, 2, struct cm_pair);
	const struct cm_node *both = NULL;
	uint32_t count = 0;

	if (n->kind == CM_SCALAR) {
		both = decode_int(d, at, attr, n);
		if (!both || !is_empty(d, attr, both))
			return both;
	}
	for (int i = 0; i < 2; i++) {
		const struct cm_node *one = both ? both : cm_map_text(d->p, n, names[i]);
		const struct cm_attr *row = cm_attr_child(attr, cm_str_of(names[i]));
		struct place here = {at, cm_str_of(names[i]), 0, FIELD};

		one = one && row ? decode_int(d, &here, row, cm_deref(one)) : int_node(d, 0, n);
		if (!one)
			return NULL;
		if (!d->json || !is_empty(d, attr, one)) /* 0 is left out of JSON only */
			pairs[count++] = cm_make_pair(d->p, cm_str_of(names[i]), n, one);
	}
	return map_of(d, pairs, count, n);
}

static const struct cm_node *decode_list(struct decoder *d, const struct place *at, const struct cm_attr *attr, const struct cm_node *n)
{
	const struct cm_attr *row = cm_attr_item(attr);
	const struct cm_node **items = cm_new_array(d->a, n->count, const struct cm_node *);
	bool texts = attr->canonical && !strcmp(attr->canonical, "list of strings");
	uint32_t count = 0;

	for (uint32_t i = 0; i < n->count; i++) {
		struct place here = {at, {"", 0}, i, ITEM};
		const struct cm_node *item = cm_deref(n->items[i]);

		if (texts && item->kind == CM_SCALAR)
			item = as_text(d, item);
		else
			item = row ? decode(d, &here, row, item) : verbatim(d, item);
		if (item)
			items[count++] = item;
	}
	return list_of(d, items, count, n);
}

/* n as printed; NULL: reported. attr: its row. */
static const struct cm_node *decode(struct decoder *d, const struct place *at, const struct cm_attr *attr, const struct cm_node *n)
{
	n = cm_deref(n);
	if (n->kind == CM_SCALAR && value_of(d, n).type == CM_NULL) {
		bool entry = attr->block && attr->name[0] == '*' && attr->canonical && !strcmp(attr->canonical, "map");

		if (attr->name[0] == '*' && (attr->types & CM_T_STRING) && !attr->block) /* a mapping of texts */
			return text_node(d, CM_STR(""), n);
		return entry ? decode_fields(d, at, attr, n) : null_node(d, n);
	}
	switch (attr->short_form) {
	case CM_SHORT_HOSTS:
		return n->kind == CM_SCALAR ? n : decode_hosts(d, at, n);
	case CM_SHORT_SSH:
		return n->kind == CM_SCALAR ? n : decode_ssh(d, at, n);
	case CM_SHORT_ULIMIT:
		return decode_ulimit(d, at, attr, n);
	case CM_SHORT_KEY_VALUE:
	case CM_SHORT_CONTEXTS:
		if (n->kind == CM_MAP && attr->short_form == CM_SHORT_KEY_VALUE)
			n = gather_extensions(d, n);
		return n->kind == CM_SCALAR ? n : decode_key_values(d, at, attr, n);
	case CM_SHORT_COMMAND:
		return n->kind == CM_SCALAR ? decode_command(d, at, n) : decode_list(d, at, attr, n);
	case CM_SHORT_TEST:
		if (n->kind == CM_SCALAR) {
			const struct cm_node **items = cm_new_array(d->a, 2, const struct cm_node *);

			items[0] = text_node(d, CM_STR("CMD-SHELL"), n);
			items[1] = as_text(d, n);
			return list_of(d, items, 2, n);
		}
		break;
	case CM_SHORT_ONE_OR_LIST:
		if (n->kind == CM_SCALAR) {
			const struct cm_node **items = cm_new_array(d->a, 1, const struct cm_node *);

			items[0] = as_text(d, n);
			return list_of(d, items, 1, n);
		}
		break;
	case CM_SHORT_EXTERNAL:
		if (n->kind == CM_MAP)
			return bool_node(d, true, n);
		break;
	default:
		break;
	}
	if (n->kind == CM_SEQ)
		return decode_list(d, at, attr, n);
	if (n->kind == CM_SCALAR)
		return decode_scalar(d, at, attr, n);
	if (!attr->block && attr->canonical && !strcmp(attr->canonical, "map of strings"))
		return decode_entries(d, at, attr, n);
	if (!attr->block)
		return verbatim(d, n);
	/* driver_opts knows some keys, but they are the user's all the same */
	return attr->block->any && !attr->block->extensions ? decode_entries(d, at, attr, n) : decode_fields(d, at, attr, n);
}

/* The YAML of a job says its name (config.md 10 row 5). */
static const struct cm_node *with_name(struct cm_resolve *r, const struct cm_pair *entry, void *arg)
{
	struct decoder *d = arg;
	struct cm_entries e = {0};

	cm_entries_add(r->p, &e, cm_make_pair(r->p, CM_STR("name"), entry->value, text_node(d, cm_sym_str(entry->word), entry->key)));
	for (uint32_t i = 0; i < entry->value->count; i++)
		cm_entries_add(r->p, &e, entry->value->pairs[i]);
	return map_of(d, e.at, e.count, entry->value);
}

const struct cm_node *cm_decode_model(struct cm_resolve *r, const struct cm_node *root, bool for_json)
{
	struct decoder d = {r, r->p, r->p->arena, for_json, false};

	if (r->o->no_interpolate)
		return verbatim(&d, root);
	root = decode_fields(&d, NULL, NULL, cm_deref(root));
	if (d.failed)
		return NULL;
	return for_json ? root : cm_map_section(r, root, CM_ROLE_JOBS, with_name, &d);
}
