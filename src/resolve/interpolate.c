/* SPDX-License-Identifier: MIT */

/*
 * Variables in values (config.md 2), and the walk over a document that gives every string its value.
 *
 *   image: shop:${TAG:-1}     ->  image: shop:1
 *   cpu_count: "${N}"         ->  cpu_count: 2        (the table says it is a number)
 *
 * The walk also writes out aliases and <<: what follows sees a plain tree. Nodes without a variable, alias or cast stay the same.
 */

#include "run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "../base/diag.h"
#include "../merge/merge.h"
#include "../yaml/scalar.h"

/* ---- texts ---- */

struct cm_str cm_double_dollars(struct cm_project *p, struct cm_str text)
{
	struct cm_buf *b;

	if (cm_str_find(text, '$', 0) == text.n)
		return text;
	b = cm_buf_new(p->arena, text.n + 8);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$')
			cm_buf_putc(b, '$');
		cm_buf_putc(b, text.p[i]);
	}
	return (struct cm_str){b->p, b->n};
}

struct cm_str cm_single_dollars(struct cm_project *p, struct cm_str text)
{
	struct cm_buf *b;

	if (cm_str_find(text, '$', 0) == text.n)
		return text;
	b = cm_buf_new(p->arena, text.n);
	for (size_t i = 0; i < text.n; i++) {
		cm_buf_putc(b, text.p[i]);
		if (text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] == '$')
			i++;
	}
	return (struct cm_str){b->p, b->n};
}

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t name_end(struct cm_str s, size_t i)
{
	while (i < s.n && (starts_name(s.p[i]) || (s.p[i] >= '0' && s.p[i] <= '9')))
		i++;
	return i;
}

static const struct cm_str *look_up(const struct cm_expand *x, struct cm_str name)
{
	for (uint32_t i = 0; i < x->count; i++) {
		const struct cm_str *v = x->lookup[i] ? cm_env_get(x->lookup[i], name) : NULL;

		if (v)
			return v;
	}
	return NULL;
}

/* One warning a variable, with a note for each further place. */
static void warn_unset(struct cm_expand *x, struct cm_str name)
{
	struct cm_project *p = x->r->p;
	const struct cm_sym *word = cm_sym(p, name);
	struct cm_unset *u = x->r->run->unset;

	while (u && u->name != word)
		u = u->next;
	if (!u) {
		u = cm_new(p->arena, struct cm_unset);
		u->name = word;
		u->diag = cm_warn(p, x->span, CM_E_UNSET_VARIABLE, "The \"%.*s\" variable is not set. Defaulting to a blank string.",
				  (int)name.n, name.p);
		u->next = x->r->run->unset;
		x->r->run->unset = u;
	} else if (x->span.source && (x->span.source != u->last.source || x->span.start > u->last.start)) {
		cm_note(p, u->diag, x->span, "and here");
	}
	u->last = x->span;
}

static bool invalid(struct cm_expand *x, struct cm_str text)
{
	x->fault = CM_EXPAND_INVALID;
	x->text = text;
	return false;
}

/* "${name" ends at i, an operator follows; *op its letter, *empty_too whether a colon stands before it. */
static bool read_operator(struct cm_str s, size_t *i, char *op, bool *empty_too)
{
	size_t at = *i;

	*empty_too = at < s.n && s.p[at] == ':';
	at += *empty_too;
	if (at >= s.n || !strchr("-?+", s.p[at]) || !s.p[at])
		return false;
	*op = s.p[at];
	*i = at + 1;
	return true;
}

/* Where the reference whose { is at `open` ends, one past its }; last: the last } of its line. */
static size_t reference_end(struct cm_str s, size_t open, size_t last)
{
	size_t depth = 0;

	for (size_t i = open; i <= last; i++) {
		if (s.p[i] == '{') {
			depth++;
			i++;
		} else if (s.p[i] == '}' && --depth == 0) {
			return i + 1;
		}
	}
	return last + 1;
}

static bool apply(struct cm_expand *x, struct cm_str name, char op, bool empty_too, struct cm_str word, struct cm_buf *out)
{
	const struct cm_str *value = look_up(x, name);
	bool counts = value && (!empty_too || value->n);
	struct cm_buf *b;

	if (op == '+')
		return counts ? cm_expand(x, word, out) : true;
	if (counts) {
		cm_buf_str(out, *value);
		return true;
	}
	if (op == '-')
		return cm_expand(x, word, out);
	b = cm_buf_new(x->r->p->arena, word.n + 1);
	if (!cm_expand(x, word, b))
		return false;
	x->fault = CM_EXPAND_REQUIRED;
	x->text = name;
	x->message = (struct cm_str){b->p, b->n};
	return false;
}

/* The last } of the line that holds at; SIZE_MAX: none. *end: of the line, so that it is found once a line. */
static size_t last_brace(struct cm_str s, size_t at, size_t *end)
{
	size_t i = *end = cm_str_find(s, '\n', at);

	while (i > at)
		if (s.p[--i] == '}')
			return i;
	return SIZE_MAX;
}

bool cm_expand(struct cm_expand *x, struct cm_str s, struct cm_buf *out)
{
	size_t i = 0, line_end = 0, last = SIZE_MAX;

	if (++x->depth > x->r->p->limits.depth)
		return invalid(x, s);
	while (i < s.n) {
		size_t from = i, end;
		struct cm_str name;
		char op = 0;
		bool empty_too = false, braced;

		i = cm_str_find(s, '$', i);
		cm_buf_str(out, cm_str_cut(s, from, i));
		if (i >= s.n)
			break;
		braced = i + 1 < s.n && s.p[i + 1] == '{';
		if (i + 1 < s.n && s.p[i + 1] == '$') {
			cm_buf_putc(out, '$');
			i += 2;
			continue;
		}
		if (!braced && (i + 1 >= s.n || !starts_name(s.p[i + 1]))) {
			cm_buf_putc(out, '$');
			i++;
			continue;
		}
		from = i + 1 + braced;
		end = from < s.n && starts_name(s.p[from]) ? name_end(s, from) : from;
		name = cm_str_cut(s, from, end);
		if (braced && !name.n) {
			x->at = i;
			return invalid(x, s);
		}
		if (!braced || (end < s.n && s.p[end] == '}')) {
			const struct cm_str *value = look_up(x, name);

			if (value)
				cm_buf_str(out, *value);
			else
				warn_unset(x, name);
			i = end + braced;
			continue;
		}
		if (!read_operator(s, &end, &op, &empty_too)) {
			x->at = i;
			return invalid(x, s);
		}
		if (i >= line_end)
			last = last_brace(s, i, &line_end);
		if (last == SIZE_MAX || last < end) {
			x->at = i;
			return invalid(x, s);
		}
		i = reference_end(s, from - 1, last);
		if (i < end + 1)
			i = last + 1;
		if (!apply(x, name, op, empty_too, cm_str_cut(s, end, i - 1), out))
			return false;
	}
	x->depth--;
	return true;
}

/* ---- casts ---- */

static struct cm_str quoted(struct cm_project *p, struct cm_str s)
{
	struct cm_buf *b = cm_buf_new(p->arena, s.n + 2);

	cm_json_string(b, s);
	return (struct cm_str){b->p, b->n};
}

static bool cast_integer(struct cm_project *p, struct cm_str s, const char *function, struct cm_str *out, struct cm_str *why)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	const char *z = cm_strndup(p->arena, s.p, s.n);
	long long n;

	if (i == s.n)
		i = SIZE_MAX;
	for (; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9') {
			i = SIZE_MAX;
			break;
		}
	if (i == SIZE_MAX) {
		struct cm_str q = quoted(p, s);

		*why = cm_strf(p->arena, "strconv.%s: parsing %.*s: invalid syntax", function, (int)q.n, q.p);
		return false;
	}
	errno = 0;
	n = strtoll(z, NULL, 10);
	if (errno == ERANGE) {
		*why = cm_strf(p->arena, "strconv.%s: parsing \"%s\": value out of range", function, z);
		return false;
	}
	*out = cm_strf(p->arena, "%lld", n);
	return true;
}

static bool cast_float(struct cm_project *p, struct cm_str s, struct cm_str *out, struct cm_str *why)
{
	const char *z = cm_strndup(p->arena, s.p, s.n);
	char *end;
	double f;
	bool word = s.n && strspn(z, "+-") < 2 && (strcasecmp(z + strspn(z, "+-"), "inf") == 0 ||
		strcasecmp(z + strspn(z, "+-"), "infinity") == 0 || strcasecmp(z, "nan") == 0);

	f = strtod(z, &end);
	if (!word && (!s.n || *end || strlen(z) != s.n || !strchr("+-.0123456789", z[0]) || strspn(z, "+-.0123456789eExXpPabcdefABCDEF") != s.n)) {
		struct cm_str q = quoted(p, s);

		*why = cm_strf(p->arena, "strconv.ParseFloat: parsing %.*s: invalid syntax", (int)q.n, q.p);
		return false;
	}
	if (isnan(f))
		*out = CM_STR(".nan");
	else if (isinf(f))
		*out = f < 0 ? CM_STR("-.inf") : CM_STR(".inf");
	else {
		*out = cm_strf(p->arena, "%.15g", f);
		if (strtod(out->p, NULL) != f)
			*out = cm_strf(p->arena, "%.17g", f);
		if (!strpbrk(out->p, ".e"))
			*out = cm_strf(p->arena, "%s.0", out->p);
	}
	return true;
}

static bool cast_bool(struct cm_expand *x, struct cm_str s, struct cm_str *out, struct cm_str *why)
{
	static const struct { const char *word; bool value, old; } words[] = {
		{"true", true, false}, {"false", false, false}, {"y", true, true}, {"yes", true, true}, {"on", true, true},
		{"n", false, true}, {"no", false, true}, {"off", false, true},
	};
	struct cm_project *p = x->r->p;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strlen(words[i].word) != s.n || strncasecmp(words[i].word, s.p, s.n) != 0)
			continue;
		if (words[i].old)
			cm_warn(p, x->span, CM_E_DEPRECATED, "\"%.*s\" for boolean is not supported by YAML 1.2, please use `%s`",
				(int)s.n, s.p, words[i].value ? "true" : "false");
		*out = words[i].value ? CM_STR("true") : CM_STR("false");
		return true;
	}
	*why = cm_strf(p->arena, "invalid boolean: %.*s", (int)s.n, s.p);
	return false;
}

/* *out stays as it was where the row has no cast. */
static bool cast(struct cm_expand *x, enum cm_cast kind, struct cm_str s, struct cm_str *out, struct cm_str *why)
{
	switch (kind) {
	case CM_CAST_BOOL:
		return cast_bool(x, s, out, why);
	case CM_CAST_INT:
		return cast_integer(x->r->p, s, "Atoi", out, why);
	case CM_CAST_INT64:
		return cast_integer(x->r->p, s, "ParseInt", out, why);
	case CM_CAST_FLOAT32:
	case CM_CAST_FLOAT64:
		return cast_float(x->r->p, s, out, why);
	default:
		return true;
	}
}

static bool is_cast(const struct cm_attr *attr)
{
	return attr && attr->cast >= CM_CAST_BOOL && attr->cast <= CM_CAST_FLOAT64;
}

/* ---- the walk ---- */

static const struct cm_props *override_tag(struct cm_project *p)
{
	struct cm_props *props = cm_new(p->arena, struct cm_props);

	props->tag = CM_STR("!override");
	return props;
}

struct place {
	const struct place *up;
	const struct cm_sym *word;      /* NULL: a list item */
	const struct cm_attr *attr;     /* NULL: unknown, except at the top */
};

struct walk {
	struct cm_resolve *r;
	const struct cm_env *env;
	bool failed;
	unsigned depth;
};

static void add_path(struct cm_buf *b, const struct place *at)
{
	if (!at || !at->up)
		return;
	add_path(b, at->up);
	if (b->n)
		cm_buf_putc(b, '.');
	if (at->word)
		cm_buf_str(b, cm_sym_str(at->word));
	else
		cm_buf_puts(b, "[]");
}

static struct cm_str path_of(struct walk *w, const struct place *at)
{
	struct cm_buf *b = cm_buf_new(w->r->p->arena, 64);

	add_path(b, at);
	return (struct cm_str){b->n ? b->p : "", b->n};
}

/* Where byte `at` of a scalar's text stands, when it is written as it is read. */
static struct cm_span exact(struct cm_project *p, const struct cm_node *n, struct cm_span span, struct cm_expand *x, struct cm_str whole)
{
	uint32_t quote = n->style == CM_SINGLE || n->style == CM_DOUBLE;

	if (n->kind != CM_SCALAR || !span.source || span.end - span.start != whole.n + 2 * quote || n->style == CM_LITERAL ||
	    x->text.p < whole.p || x->text.p > whole.p + whole.n ||
	    memcmp(cm_source_of(p, span.source)->text.p + span.start + quote, whole.p, whole.n) != 0)
		return span;
	span.start += quote + (uint32_t)(x->text.p - whole.p) + (x->fault == CM_EXPAND_INVALID ? (uint32_t)x->at : 0);
	return span;
}

static void report(struct walk *w, struct cm_expand *x, const struct place *at, const struct cm_node *n, struct cm_str whole)
{
	struct cm_project *p = w->r->p;
	struct cm_str path = path_of(w, at);
	struct cm_span span = exact(p, n, x->span, x, whole);
	struct cm_diag *d;

	w->failed = true;
	if (x->fault == CM_EXPAND_INVALID) {
		d = cm_error(p, span, CM_E_INTERPOLATION, "invalid interpolation format for %.*s: %.*s", (int)path.n, path.p, (int)x->text.n, x->text.p);
		cm_help(p, d, "you may need to escape any $ with another $");
		return;
	}
	cm_error(p, span, CM_E_INTERPOLATION, "error while interpolating %.*s: required variable %.*s is missing a value%s%.*s", (int)path.n, path.p,
		 (int)x->text.n, x->text.p, x->message.n ? ": " : "", (int)x->message.n, x->message.n ? x->message.p : "");
}

/* A string under a tag with an effect keeps it. */
static const struct cm_node *made(struct cm_project *p, const struct cm_node *n, struct cm_str text)
{
	struct cm_made *m = (struct cm_made *)cm_make_scalar(p, text, n->style == CM_PLAIN ? CM_DOUBLE : (enum cm_style)n->style, n);

	if (n->flags & CM_HAS_TAG) {
		m->node.props = n->props;
		m->node.flags |= CM_HAS_TAG;
	}
	return &m->node;
}

static const struct cm_node *scalar(struct walk *w, const struct place *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	bool has = memchr(n->text, '$', n->count) != NULL, casts = is_cast(at->attr);
	struct cm_expand x = {.r = w->r, .lookup = &w->env, .count = 1, .span = cm_span_of(n)};
	struct cm_value v;
	struct cm_str text, raw = {NULL, 0}, why;
	struct cm_buf *b;

	if (cm_tag(n).n && cm_scalar_value(p->arena, n).type == CM_BAD) {
		w->failed = true;
		cm_error(p, cm_span_of(n), CM_E_BAD_VALUE, "'%.*s' is not of the type its tag says", (int)n->count, n->text);
		return n;
	}
	if ((!has && !casts) || w->r->o->no_interpolate)
		return n;
	v = cm_scalar_value(p->arena, n);
	if (v.type != CM_STRING)
		return n;
	text = v.s;
	if (has) {
		b = cm_buf_new(p->arena, text.n + 16);
		if (!cm_expand(&x, text, b)) {
			report(w, &x, at, n, text);
			return n;
		}
		text = (struct cm_str){b->n ? b->p : "", b->n};
	}
	if (casts && !cast(&x, at->attr->cast, text, &raw, &why)) {
		struct cm_str path = path_of(w, at);

		w->failed = true;
		cm_error(p, x.span, CM_E_INTERPOLATION, "error while interpolating %.*s: failed to cast to expected type: %.*s",
			 (int)path.n, path.p, (int)why.n, why.p);
		return n;
	}
	if (raw.p)
		return cm_make_raw(p, raw, n);
	if (!has)
		return n;
	text = cm_double_dollars(p, text);
	return cm_str_eq(text, cm_text(n)) && !cm_tag(n).n ? n : made(p, n, text);
}

static const struct cm_node *walk(struct walk *w, const struct place *at, const struct cm_node *n);

static const struct cm_node *keep_tag(const struct cm_node *made, const struct cm_node *n)
{
	if (made != n && cm_tag(n).n && n->props) {
		((struct cm_made *)made)->node.props = n->props;
		((struct cm_made *)made)->node.flags |= n->flags & CM_HAS_TAG;
	}
	return made;
}

static bool check_key(struct walk *w, const struct place *at, const struct cm_pair *pair)
{
	struct cm_project *p = w->r->p;
	struct cm_str path;
	struct cm_value v;

	if (pair->key->kind == CM_ALIAS) {
		struct cm_pair plain = {pair->word, cm_deref(pair->key), pair->value};

		return check_key(w, at, &plain);
	}
	if (pair->word && pair->key->kind == CM_SCALAR) {
		if (pair->key->style != CM_PLAIN || (pair->key->count && (starts_name(pair->key->text[0]) && !strchr("tTfFyYnNoO", pair->key->text[0]))))
			return true;
		v = cm_scalar_value(p->arena, pair->key);
		if (v.type == CM_STRING)
			return true;
	}
	w->failed = true;
	path = path_of(w, at);
	cm_error(p, cm_span_of(pair->key), CM_E_NON_STRING_KEY, "non-string key %s%.*s: %.*s", path.n ? "in " : "at top level", (int)path.n, path.p,
		 pair->key->kind == CM_SCALAR ? (int)pair->key->count : 0, pair->key->kind == CM_SCALAR ? pair->key->text : "");
	return false;
}

/* n as it acts on the model beneath once its << are expanded (merge.md 4, with anchors): a reset << replaces the whole mapping, tags
 * in a list of << do nothing, a tagged member that an own key shadows makes that one an override. */
static const struct cm_node *with_merge_tags(struct cm_project *p, const struct cm_node *n, bool *replaces)
{
	struct cm_entries out = {0};

	for (uint32_t i = 0; i < n->count; i++) {
		struct cm_pair pair = n->pairs[i];
		const struct cm_node *value = cm_deref(pair.value);

		if (pair.key->flags & CM_MERGE_KEY && cm_is_reset(pair.value)) {
			*replaces = true;
			continue;
		}
		if (pair.key->flags & CM_MERGE_KEY && value->kind == CM_SEQ && value->flags & CM_HAS_TAG) {
			const struct cm_node **items = cm_new_array(p->arena, value->count, const struct cm_node *);

			for (uint32_t j = 0; j < value->count; j++)
				items[j] = cm_without_tags(p, cm_deref(value->items[j]));
			pair.value = cm_make_seq(p, items, value->count, CM_FLOW, value, NULL);
		}
		for (uint32_t j = 0; !(pair.key->flags & CM_MERGE_KEY) && !cm_tag(pair.value).n && j < n->count; j++) {
			const struct cm_node *merged = cm_deref(n->pairs[j].value);
			const struct cm_pair *under = n->pairs[j].key->flags & CM_MERGE_KEY && merged->kind == CM_MAP ? cm_map_own(merged, pair.word) : NULL;

			if (under && (cm_is_reset(under->value) || cm_is_override(under->value))) {
				struct cm_made *m = cm_make(p, (enum cm_kind)value->kind, (enum cm_style)value->style, value);

				m->node.props = override_tag(p);
				m->node.flags |= CM_HAS_TAG;
				pair.value = &m->node;
			}
		}
		cm_entries_add(p, &out, pair);
	}
	return cm_make_map(p, out.at, out.count, (enum cm_style)n->style, n);
}

static const struct cm_node *map(struct walk *w, const struct place *at, const struct cm_node *written)
{
	bool replaces = false, tags = written->flags & CM_HAS_TAG && cm_map_has_merge(written);
	const struct cm_node *n = tags ? with_merge_tags(w->r->p, written, &replaces) : written;
	struct cm_project *p = w->r->p;
	struct cm_pairs all = cm_pairs_of(p, n);
	struct cm_pair *out = NULL;
	bool below = !at->up || at->attr;

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_pair *pair = &all.at[i];
		struct place here = {at, pair->word, NULL};
		const struct cm_node *value;

		if (!check_key(w, at, pair))
			continue;
		if (below)
			here.attr = cm_attr_child(at->attr, cm_sym_str(pair->word));
		value = walk(w, &here, pair->value);
		if (value != pair->value && !out) {
			out = cm_new_array(p->arena, all.count, struct cm_pair);
			memcpy(out, all.at, all.count * sizeof(*out));
		}
		if (out)
			out[i].value = value;
	}
	if (!out && all.at == n->pairs && !replaces)
		return n;
	n = keep_tag(cm_make_map(p, out ? out : (struct cm_pair *)all.at, all.count, (enum cm_style)n->style, n), written);
	if (replaces && !cm_tag(n).n) {
		((struct cm_made *)n)->node.props = override_tag(p);
		((struct cm_made *)n)->node.flags |= CM_HAS_TAG;
	}
	return n;
}

static const struct cm_node *seq(struct walk *w, const struct place *at, const struct cm_node *n)
{
	struct place here = {at, NULL, at->attr ? cm_attr_item(at->attr) : NULL};
	const struct cm_node **out = NULL;

	for (uint32_t i = 0; i < n->count; i++) {
		const struct cm_node *item = walk(w, &here, n->items[i]);

		if (item != n->items[i] && !out) {
			out = cm_new_array(w->r->p->arena, n->count, const struct cm_node *);
			memcpy(out, n->items, n->count * sizeof(*out));
		}
		if (out)
			out[i] = item;
	}
	return out ? keep_tag(cm_make_seq(w->r->p, out, n->count, (enum cm_style)n->style, n, NULL), n) : n;
}

static const struct cm_node *walk(struct walk *w, const struct place *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	bool alias = n->kind == CM_ALIAS;

	if (cm_str_is(cm_tag(n), "!reset"))
		return n;
	if (alias) {
		n = cm_deref(n);
		if (cm_str_is(cm_tag(n), "!reset"))
			return n;
	}
	if (n->flags & CM_HAS_ANCHOR && ++w->r->run->expanded > p->limits.expansion) {
		if (w->r->run->expanded == p->limits.expansion + 1)
			cm_help(p, cm_error(p, cm_span_of(n), CM_E_LIMIT, "more than %llu nodes when aliases are written out",
					    (unsigned long long)p->limits.expansion), "--limit-expansion raises this limit");
		w->failed = true;
		return n;
	}
	if (alias) { /* the nodes below count too */
		n = n->kind == CM_MAP ? map(w, at, n) : n->kind == CM_SEQ ? seq(w, at, n) : scalar(w, at, n);
		w->r->run->expanded += n->kind == CM_SCALAR ? 1 : n->count;
		return n;
	}
	return n->kind == CM_MAP ? map(w, at, n) : n->kind == CM_SEQ ? seq(w, at, n) : scalar(w, at, n);
}

const struct cm_node *cm_interpolate(struct cm_resolve *r, const struct cm_node *root, const struct cm_env *env)
{
	struct walk w = {.r = r, .env = env};
	struct place top = {NULL, NULL, NULL};

	root = walk(&w, &top, root);
	return w.failed ? NULL : root;
}
