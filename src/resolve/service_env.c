/* SPDX-License-Identifier: MIT */

/*
 * env_file into environment, label_file into labels, of every service (config.md 3.2, 3.3, 3.5).
 *
 *   environment: [A, B=1]  env_file: [{path: /p/e.env}]  e.env: "B=2\nC=${B}"   ->   environment: {A: null, B: "1", C: "1"}
 *
 * What environment says wins, also where it says nothing. Texts from files are literal: they enter the room with $ doubled.
 */

#include <errno.h>
#include <string.h>

#include "print.h"

#include "../base/diag.h"

/* One run over one service. */
struct folding {
	struct cm_resolve *r;
	struct cm_project *p;
	bool failed;
};

static struct cm_str text_of(struct folding *f, const struct cm_node *n)
{
	struct cm_value v = cm_scalar_value(f->p->arena, n);

	return v.type == CM_STRING ? cm_literal(f->r, v.s) : v.type == CM_BAD ? cm_text(n) : cm_value_text(f->p->arena, v);
}

static void complain(struct folding *f, const struct cm_node *n, enum cm_code code, const char *text)
{
	cm_error(f->p, cm_span_of(cm_origin(n)), code, "%s", text);
	f->failed = true;
}

/* The file at path, NULL where there is none (reported unless it may be missing). */
static struct cm_source *read_file(struct folding *f, struct cm_str path, const struct cm_node *n, const char *what, bool required)
{
	const char *name = cm_strndup(f->p->arena, path.p, path.n);
	char *text = NULL;
	size_t length = 0;
	int failed = f->p->files.read(f->p->files.arg, name, f->p->limits.file_size, &text, &length);

	if (!failed)
		return cm_source_add(f->p, name, (struct cm_str){cm_take_memory(f->p, text), length});
	if (failed == ENOENT || failed == ENOTDIR) {
		if (required)
			complain(f, n, CM_E_CANNOT_READ, cm_strf(f->p->arena, "%s file %s not found: stat %s: no such file or directory",
				what, name, name).p);
	} else if (failed == EISDIR) {
		complain(f, n, CM_E_CANNOT_READ, cm_strf(f->p->arena, "failed to read %s: read %s: is a directory", name, name).p);
	} else {
		complain(f, n, CM_E_CANNOT_READ, cm_strf(f->p->arena, "failed to read %s: %s", name, strerror(failed)).p);
	}
	return NULL;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* One fault of a raw file, at its line. */
static void raw_fault(struct folding *f, struct cm_source *s, size_t from, size_t end, const char *what, struct cm_str name)
{
	cm_error(f->p, (struct cm_span){s->id, (uint32_t)from, (uint32_t)end}, CM_E_SYNTAX, "failed to parse env_file %s: %s '%.*s'%s",
		s->name, what, (int)name.n, name.p, *what == 'v' ? " contains whitespaces" : "");
	f->failed = true;
}

/* format: raw. A line is KEY=VALUE to its end, or KEY. */
static void read_raw(struct folding *f, struct cm_source *s, struct cm_env *into)
{
	struct cm_str t = s->raw;
	size_t at = cm_str_starts(t, "\xEF\xBB\xBF") ? 3 : 0;

	s->text = t;
	while (at < t.n) {
		size_t end = cm_str_find(t, '\n', at), next = end + 1, cut;
		struct cm_str line, name;

		if (end > at && t.p[end - 1] == '\r')
			end--;
		while (at < end && is_space(t.p[at]))
			at++;
		line = cm_str_cut(t, at, end);
		if (!line.n || line.p[0] == '#') {
			at = next;
			continue;
		}
		cut = cm_str_find(line, '=', 0);
		name = cm_str_cut(line, 0, cut);
		if (!name.n)
			raw_fault(f, s, at, end, "no variable name on line", line);
		else if (cm_str_find(name, ' ', 0) < name.n || cm_str_find(name, '\t', 0) < name.n)
			raw_fault(f, s, at, end, "variable", name);
		else if (cut < line.n)
			cm_env_set(into, name, cm_str_cut(line, cut + 1, line.n));
		else if (f->r->env && cm_env_get(f->r->env, name))
			cm_env_set(into, name, *cm_env_get(f->r->env, name));
		at = next;
	}
}

/* One entry of env_file: a text or {path, required, format}. */
static void read_env_file(struct folding *f, const struct cm_node *item, const struct cm_env *own, struct cm_env *into)
{
	const struct cm_node *path = item, *format = NULL, *required = NULL;
	const struct cm_env *lookup[3];
	uint32_t lookups = 0;
	struct cm_source *source;
	struct cm_str form = {"", 0};
	bool needed = true;

	if (item->kind == CM_MAP) {
		path = cm_map_text(f->p, item, "path");
		format = cm_map_text(f->p, item, "format");
		required = cm_map_text(f->p, item, "required");
	}
	if (!path || cm_deref(path)->kind != CM_SCALAR)
		return;
	path = cm_deref(path);
	if (required) {
		struct cm_str s = text_of(f, cm_deref(required));

		needed = !s.n || !(cm_str_is(s, "false") || ((s.p[0] | 32) == 'n') || (s.n == 3 && (s.p[0] | 32) == 'o') ||
			(s.n == 5 && (s.p[0] | 32) == 'f'));
	}
	if (format)
		form = text_of(f, cm_deref(format));
	source = read_file(f, text_of(f, path), path, "env", needed);
	if (!source)
		return;
	if (cm_str_is(form, "raw")) {
		read_raw(f, source, into);
		return;
	}
	if (form.n && !cm_str_is(form, ".env")) {
		complain(f, cm_deref(format), CM_E_BAD_VALUE, cm_strf(f->p->arena, "unsupported env_file format \"%.*s\"",
			(int)form.n, form.p).p);
		return;
	}
	if (f->r->env)
		lookup[lookups++] = f->r->env;
	lookup[lookups++] = own;
	lookup[lookups++] = into;
	if (!cm_dotenv(f->r, source, into, lookup, lookups))
		f->failed = true;
}

/* Calls fn for a node or each item of a list. */
static uint32_t items_of(const struct cm_node *n, const struct cm_node *const **items, const struct cm_node **one)
{
	*one = cm_deref(n);
	if ((*one)->kind == CM_SEQ) {
		*items = (*one)->items;
		return (*one)->count;
	}
	*items = one;
	return cm_is_null(*one) ? 0 : 1;
}

/* KEY=VALUE entries, either form, as pairs; value a null node where there is none. */
static void entries_of(struct folding *f, const struct cm_node *n, struct cm_entries *out)
{
	n = n ? cm_deref(n) : NULL;
	if (n && n->kind == CM_MAP) {
		struct cm_pairs all = cm_pairs_of(f->p, n);

		for (uint32_t i = 0; i < all.count; i++)
			cm_entries_add(f->p, out, all.at[i]);
	} else if (n && n->kind == CM_SEQ) {
		for (uint32_t i = 0; i < n->count; i++) {
			const struct cm_node *item = cm_deref(n->items[i]);
			struct cm_str s = text_of(f, item);
			size_t cut = cm_str_find(s, '=', 0);

			cm_entries_add(f->p, out, cm_make_pair(f->p, cm_str_cut(s, 0, cut), item, cut == s.n ?
				cm_make_raw(f->p, CM_STR("null"), item) :
				cm_make_scalar(f->p, cm_doubled(f->r, cm_str_cut(s, cut + 1, s.n)), CM_PLAIN, item)));
		}
	}
}

static bool is_null(struct folding *f, const struct cm_node *n)
{
	n = cm_deref(n);
	return n->kind == CM_SCALAR && cm_scalar_value(f->p->arena, n).type == CM_NULL;
}

/* Does a list item end its key in a space? Then it is left to the decoder, which says so. */
static bool has_bad_key(const struct cm_entries *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (l->at[i].word->n && is_space(l->at[i].word->p[l->at[i].word->n - 1]))
			return true;
	return false;
}

/* own with the variables of files it does not name; a name: its pair in the index is found by its word. */
static const struct cm_node *with_files(struct folding *f, struct cm_entries *own, const struct cm_env *files, const struct cm_node *from)
{
	uint32_t count;
	const struct cm_sym **names = cm_env_names(files, &count);
	struct cm_index index = cm_index_of(f->p, cm_make_map(f->p, own->at, own->count, CM_BLOCK, NULL));

	for (uint32_t i = 0; i < count; i++)
		if (cm_index_find(&index, names[i]) == UINT32_MAX)
			cm_entries_add(f->p, own, cm_make_pair(f->p, cm_sym_str(names[i]), from,
				cm_make_scalar(f->p, cm_doubled(f->r, *cm_env_get(files, cm_sym_str(names[i]))), CM_PLAIN, from)));
	return cm_make_map(f->p, own->at, own->count, CM_BLOCK, from);
}

static const struct cm_node *fold_environment(struct folding *f, const struct cm_node *environment, const struct cm_node *env_file)
{
	struct cm_entries own = {NULL, 0, 0};
	struct cm_env *valued = cm_env_new(f->p), *files = cm_env_new(f->p);
	const struct cm_node *const *items, *one;

	entries_of(f, environment, &own);
	if (environment && cm_deref(environment)->kind == CM_SEQ && has_bad_key(&own))
		return environment;
	for (uint32_t i = 0; i < own.count; i++) {
		struct cm_str key = cm_sym_str(own.at[i].word);
		const struct cm_node *value = cm_deref(own.at[i].value);

		if (!is_null(f, value)) {
			if (value->kind == CM_SCALAR)
				cm_env_set(valued, key, text_of(f, value));
		} else if (f->r->env && cm_env_get(f->r->env, key)) {
			own.at[i].value = cm_make_scalar(f->p, cm_doubled(f->r, *cm_env_get(f->r->env, key)), CM_PLAIN, value);
		}
	}
	if (env_file) {
		uint32_t count = items_of(env_file, &items, &one);

		for (uint32_t i = 0; i < count; i++)
			read_env_file(f, cm_deref(items[i]), valued, files);
	}
	return with_files(f, &own, files, environment ? environment : env_file);
}

static const struct cm_node *fold_labels(struct folding *f, const struct cm_node *labels, const struct cm_node *label_file)
{
	struct cm_entries own = {NULL, 0, 0};
	struct cm_env *files = cm_env_new(f->p);
	const struct cm_env *lookup[] = {files};
	const struct cm_node *const *items, *one;
	uint32_t count = items_of(label_file, &items, &one);

	entries_of(f, labels, &own);
	for (uint32_t i = 0; i < count; i++) {
		const struct cm_node *path = cm_deref(items[i]);
		struct cm_source *source = path->kind == CM_SCALAR ? read_file(f, text_of(f, path), path, "label", true) : NULL;

		if (source && !cm_dotenv(f->r, source, files, lookup, 1))
			f->failed = true;
	}
	return with_files(f, &own, files, labels ? labels : label_file);
}

static const struct cm_node *fold_service(struct folding *f, const struct cm_node *service)
{
	const struct cm_node *environment = cm_map_text(f->p, service, "environment"), *env_file = cm_map_text(f->p, service, "env_file");
	const struct cm_node *labels = cm_map_text(f->p, service, "labels"), *label_file = cm_map_text(f->p, service, "label_file");
	struct cm_entries out = {NULL, 0, 0};
	struct cm_pairs all;
	bool environment_done = false, labels_done = false;

	if (f->r->o->no_env_resolution)
		env_file = NULL;
	if (!environment && !env_file && !label_file)
		return service;
	if (environment || env_file)
		environment = fold_environment(f, environment, env_file);
	if (label_file)
		labels = fold_labels(f, labels, label_file);
	all = cm_pairs_of(f->p, service);
	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_pair pair = all.at[i];
		struct cm_str key = cm_sym_str(pair.word);

		if (cm_str_is(key, "environment")) {
			pair.value = environment;
			environment_done = true;
		} else if (cm_str_is(key, "labels") && label_file) {
			pair.value = labels;
			labels_done = true;
		} else if (cm_str_is(key, "env_file") && env_file) {
			continue;
		}
		cm_entries_add(f->p, &out, pair);
	}
	if (environment && !environment_done)
		cm_entries_add(f->p, &out, cm_make_pair(f->p, CM_STR("environment"), env_file, environment));
	if (label_file && !labels_done)
		cm_entries_add(f->p, &out, cm_make_pair(f->p, CM_STR("labels"), label_file, labels));
	return cm_make_map(f->p, out.at, out.count, CM_BLOCK, service);
}

const struct cm_node *cm_service_environment(struct cm_resolve *r, const struct cm_node *root)
{
	struct folding f = {r, r->p, false};
	const struct cm_sym *word = cm_role_word(r->p, CM_ROLE_SERVICES);
	struct cm_entries top = {NULL, 0, 0};
	struct cm_pairs all = cm_pairs_of(r->p, cm_deref(root));

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_pair pair = all.at[i];
		const struct cm_node *services = cm_deref(pair.value);

		if (pair.word == word && services->kind == CM_MAP) {
			struct cm_pairs list = cm_pairs_of(r->p, services);
			struct cm_entries out = {NULL, 0, 0};

			for (uint32_t k = 0; k < list.count; k++) {
				struct cm_pair service = list.at[k];

				if (cm_deref(service.value)->kind == CM_MAP)
					service.value = fold_service(&f, cm_deref(service.value));
				cm_entries_add(r->p, &out, service);
			}
			pair.value = cm_make_map(r->p, out.at, out.count, CM_BLOCK, services);
		}
		cm_entries_add(r->p, &top, pair);
	}
	return f.failed ? NULL : cm_make_map(r->p, top.at, top.count, CM_BLOCK, root);
}
