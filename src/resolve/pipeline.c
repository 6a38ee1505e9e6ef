/* SPDX-License-Identifier: MIT */

/*
 * The order of work (config.md 0, merge.md 1).
 *
 *   file -> documents -> each: variables, x-develop, include, extends, laid over the model so far, checked, made canonical
 *   model -> defaults, checks, paths, normal form, profiles, env files, selection
 *
 * Extends and include are followed here, document by document, as Compose does: when a document is laid over the model so far, it
 * holds neither. Tags that act on the model so far are put back on the result of the two (keep_tags).
 */

#include "model.h"
#include "run.h"

#include "../base/diag.h"
#include "../merge/rebase.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"

static const struct cm_span nowhere = {0, 0, 0};
static const struct cm_merge_options plain_options;

/* What is being loaded: the project, an included model, or the file of an extends. */
struct load {
	struct cm_resolve *r;           /* its own directory and environment */
	const struct load *up;
	const char *file;               /* absolute, being read */
	bool bare;                      /* of an extends: only services count, no schema, extends stay */
	bool raw;                       /* for --variables: no interpolation, no schema */
};

static struct cm_merger merger_of(struct load *l, const struct cm_node *root, const struct cm_node *over)
{
	return (struct cm_merger){.p = l->r->p, .scratch = l->r->scratch, .options = &plain_options, .root = root, .over_root = over, .folder = l->r->project_directory};
}

static const char *text_of(struct cm_resolve *r, const struct cm_node *n)
{
	struct cm_str s = cm_single_dollars(r->p, cm_text(cm_deref(n)));

	return cm_strndup(r->p->arena, s.n ? s.p : "", s.n);
}

static bool is_text(const struct cm_node *n)
{
	return cm_deref(n)->kind == CM_SCALAR && !cm_is_null(n);
}

/* map with word's value replaced, or added behind. */
static const struct cm_node *with_pair(struct cm_project *p, const struct cm_node *map, const struct cm_sym *word, const struct cm_node *value)
{
	struct cm_pair *pairs = cm_new_array(p->arena, map->count + 1, struct cm_pair);
	uint32_t count = map->count, i = 0;

	if (map->count)
		memcpy(pairs, map->pairs, count * sizeof(*pairs));
	while (i < count && pairs[i].word != word)
		i++;
	if (i == count)
		pairs[count++] = cm_make_pair(p, cm_sym_str(word), value, value);
	pairs[i].value = value;
	return cm_make_map(p, pairs, count, (enum cm_style)map->style, map);
}

/* ---- tags ---- */

/* Tags of own, put back where the merged value stands now: what they name in the model beneath goes, the merged value stays. */
static const struct cm_node *keep_tags(struct cm_project *p, const struct cm_node *own, const struct cm_node *merged)
{
	struct cm_index in;
	struct cm_entries out = {0};

	if (!(own->flags & CM_HAS_TAG) || own->kind != CM_MAP || merged->kind != CM_MAP)
		return merged;
	for (uint32_t i = 0; i < merged->count; i++)
		cm_entries_add(p, &out, merged->pairs[i]);
	in = cm_index_of(p, merged);
	for (uint32_t i = 0; i < own->count; i++) {
		const struct cm_node *value = own->pairs[i].value;
		uint32_t j = own->pairs[i].word ? cm_index_find(&in, own->pairs[i].word) : UINT32_MAX;

		if (!(value->flags & CM_HAS_TAG))
			continue;
		if (j == UINT32_MAX) {
			if (cm_is_reset(value))
				cm_entries_add(p, &out, own->pairs[i]);
		} else if (cm_is_reset(out.at[j].value)) {
			continue;
		} else if (cm_is_reset(value) || cm_is_override(value)) {
			const struct cm_node *now = cm_deref(out.at[j].value);
			struct cm_made *m = cm_make(p, (enum cm_kind)now->kind, (enum cm_style)now->style, now);
			struct cm_props *props = cm_new(p->arena, struct cm_props);

			props->tag = CM_STR("!override");
			m->node.props = props;
			m->node.flags |= CM_HAS_TAG;
			out.at[j].value = &m->node;
		} else {
			out.at[j].value = keep_tags(p, value, out.at[j].value);
		}
	}
	return cm_make_map(p, out.at, out.count, (enum cm_style)merged->style, merged);
}

/* ---- one over the other ---- */

/* Under --no-interpolate texts keep their variables, and only the merge must not see them: its $ are doubled around it. */
static const struct cm_node *dollars(struct cm_project *p, const struct cm_node *n, struct cm_str (*fn)(struct cm_project *p, struct cm_str s))
{
	struct cm_made *m;
	struct cm_str text;

	if (n->kind == CM_SCALAR) {
		if (!memchr(n->text, '$', n->count) || cm_is_reset(n))
			return n;
		text = fn(p, cm_text(n));
		m = (struct cm_made *)cm_make_scalar(p, text, n->style == CM_PLAIN ? CM_DOUBLE : (enum cm_style)n->style, n);
		m->node.props = n->props;
		m->node.flags |= n->flags & CM_HAS_TAG;
		return &m->node;
	}
	m = cm_make(p, (enum cm_kind)n->kind, (enum cm_style)n->style, n);
	m->node.flags |= n->flags & (CM_HAS_TAG | CM_HAS_ANCHOR);
	if (n->kind == CM_MAP) {
		m->node.pairs = cm_new_array(p->arena, n->count, struct cm_pair);
		for (uint32_t i = 0; i < n->count; i++) {
			m->node.pairs[i] = n->pairs[i];
			m->node.pairs[i].value = dollars(p, n->pairs[i].value, fn);
		}
	} else {
		m->node.items = cm_new_array(p->arena, n->count, const struct cm_node *);
		for (uint32_t i = 0; i < n->count; i++)
			m->node.items[i] = dollars(p, n->items[i], fn);
	}
	return &m->node;
}

static const struct cm_node *lay_over(struct cm_merger *m, const struct load *l, const struct cm_attr *attr, const struct cm_node *base,
	const struct cm_node *over)
{
	const struct cm_node *merged;

	if (!l->r->o->no_interpolate)
		return cm_merge_map(m, NULL, attr, base, over);
	merged = cm_merge_map(m, NULL, attr, dollars(m->p, base, cm_double_dollars), dollars(m->p, over, cm_double_dollars));
	return dollars(m->p, merged, cm_single_dollars);
}

/* ---- extends ---- */

/* The services of one document, or of the file an extends names, while their extends are followed. */
struct services {
	struct load *l;
	enum cm_role role;
	const struct cm_node *section;        /* NULL: none */
	const struct cm_node *own;            /* the document's own section, without what it includes; NULL: all is canonical */
	const struct cm_node **done;          /* by index; NULL: not yet */
	unsigned char *open;
	struct cm_index index;
	const char *folder;                   /* of extends.file */
	const char *file;                     /* absolute, for messages */
};

struct cm_extended {
	const struct cm_sym *path;
	const struct cm_env *env;
	struct services services, jobs;
	bool fine;
	struct cm_extended *next;
};

static void begin_services(struct services *s, struct load *l, const struct cm_node *root, enum cm_role role, const char *folder, const char *file)
{
	*s = (struct services){.l = l, .role = role, .section = cm_section(l->r->p, root, role), .folder = folder, .file = file};
	if (!s->section)
		return;
	s->done = cm_new_array(l->r->p->arena, s->section->count, const struct cm_node *);
	s->open = cm_new_array(l->r->p->arena, s->section->count, unsigned char);
	s->index = cm_index_of(l->r->p, s->section);
}

static const struct cm_node *load_documents(struct load *l, const struct cm_node *root, struct cm_file *file);

static struct cm_extended *extended_file(struct load *l, const char *path, struct cm_span span)
{
	struct cm_resolve *r = l->r;
	const struct cm_sym *word = cm_sym(r->p, cm_str_of(path));
	struct cm_extended *e = r->run->extended;
	struct cm_file *file;
	struct load *inner;
	const struct cm_node *root;

	while (e && (e->path != word || e->env != r->env))
		e = e->next;
	if (e)
		return e->fine ? e : NULL;
	e = cm_new(r->p->arena, struct cm_extended);
	e->path = word;
	e->env = r->env;
	e->next = r->run->extended;
	r->run->extended = e;
	file = cm_run_open(r, path, span);
	if (!file)
		return NULL;
	inner = cm_new(r->p->arena, struct load);
	*inner = (struct load){.r = r, .up = l, .file = path, .bare = true};
	root = load_documents(inner, NULL, file);
	if (!root)
		return NULL;
	begin_services(&e->services, inner, root, CM_ROLE_SERVICES, cm_dirname(r->p, path), path);
	begin_services(&e->jobs, inner, root, CM_ROLE_JOBS, cm_dirname(r->p, path), path);
	e->fine = true;
	return e;
}

static const struct cm_node *extend(struct services *s, uint32_t i);

static const struct cm_node *cannot_extend(struct services *s, const struct cm_node *extends, struct cm_str heir, const char *why, const char *name,
	const char *in)
{
	struct cm_diag *d = cm_error(s->l->r->p, cm_span_of(extends), CM_E_EXTENDS, "cannot extend service \"%.*s\" in %s: %s%s%s%s", (int)heir.n,
				     heir.p, s->file, why, name, name[0] ? "\" not found" : "", in);
	const char **names;

	if (!s->section || in[0])
		return NULL;
	names = cm_new_array(s->l->r->p->arena, s->section->count + 1, const char *);
	for (uint32_t i = 0; i < s->section->count; i++)
		names[i] = s->section->pairs[i].word->p;
	if ((in = cm_nearest(s->l->r->p->arena, cm_str_of(name), names)))
		cm_help(s->l->r->p, d, "did you mean '%s'?", in);
	return NULL;
}

static const struct cm_node *from_here(struct services *s, const struct cm_node *extends, struct cm_str heir, const char *name)
{
	uint32_t i = s->section ? cm_index_find(&s->index, cm_sym(s->l->r->p, cm_str_of(name))) : UINT32_MAX;

	if (!s->section)
		return cannot_extend(s, extends, heir, "no services section", "", "");
	if (i == UINT32_MAX || s->section->pairs[i].value->kind != CM_MAP)
		return cannot_extend(s, extends, heir, "service \"", name, "");
	if (s->open[i]) {
		cm_error(s->l->r->p, cm_span_of(extends), CM_E_EXTENDS, "Circular reference: %.*s in %s extends %s", (int)heir.n, heir.p, s->file, name);
		return NULL;
	}
	return extend(s, i);
}

static const struct cm_node *from_file(struct services *s, const struct cm_node *extends, struct cm_str heir, const char *name, const char *path)
{
	struct cm_resolve *r = s->l->r;
	struct cm_extended *e;
	struct services *in;
	const struct cm_node *under;
	struct cm_rebase base;
	uint32_t i;

	if (!cm_refuse_remote(r, cm_str_of(path), cm_span_of(extends)))
		return NULL;
	path = cm_absolute(r->p, s->folder, path);
	if (strcmp(path, s->file) == 0 && s->l->bare)
		return from_here(s, extends, heir, name);
	e = extended_file(s->l, path, cm_span_of(extends));
	if (!e) {
		if (!r->p->errors)
			cm_error(r->p, cm_span_of(extends), CM_E_EXTENDS, "cannot read %s", path);
		return NULL;
	}
	in = s->role == CM_ROLE_JOBS ? &e->jobs : &e->services;
	i = in->section ? cm_index_find(&in->index, cm_sym(r->p, cm_str_of(name))) : UINT32_MAX;
	if (i == UINT32_MAX || in->section->pairs[i].value->kind != CM_MAP)
		return cannot_extend(s, extends, heir, "service \"", name, cm_strf(r->p->arena, " in %s", path).p);
	if (in->open[i]) {
		cm_error(r->p, cm_span_of(extends), CM_E_EXTENDS, "Circular reference: %.*s in %s extends %s in %s", (int)heir.n, heir.p, s->file, name, path);
		return NULL;
	}
	under = extend(in, i);
	if (!under)
		return NULL;
	base = cm_rebase_from(r->p, s->l->bare ? s->folder : r->project_directory, in->folder);
	return cm_rebase(&base, cm_attr_child(cm_attr_role(s->role), CM_STR("any")), under);
}

static const struct cm_node *follow(struct services *s, uint32_t i, const struct cm_node *extends)
{
	struct cm_resolve *r = s->l->r;
	const struct cm_node *service = s->section->pairs[i].value, *name = extends, *file = NULL, *under, *own, *merged;
	struct cm_str heir = cm_sym_str(s->section->pairs[i].word);
	struct cm_merger m;

	if (extends->kind == CM_MAP) {
		name = cm_map_text(r->p, extends, "service");
		file = cm_map_text(r->p, extends, "file");
	}
	if (!name || !is_text(name)) {
		cm_error(r->p, cm_span_of(extends), CM_E_EXTENDS, "extends.%.*s.service is required", (int)heir.n, heir.p);
		return NULL;
	}
	if (r->run->depth >= r->p->limits.include_depth) {
		cm_help(r->p, cm_error(r->p, cm_span_of(extends), CM_E_EXTENDS, "services extend one another more than %llu deep",
				       (unsigned long long)r->p->limits.include_depth), "--limit-include-depth raises this limit");
		return NULL;
	}
	r->run->depth++;
	if (file && is_text(file) && cm_deref(file)->count)
		under = from_file(s, extends, heir, text_of(r, name), text_of(r, file));
	else
		under = from_here(s, extends, heir, text_of(r, name));
	r->run->depth--;
	if (!under)
		return NULL;
	own = cm_without_pair(r->p, service, cm_role_word(r->p, CM_ROLE_EXTENDS));
	m = merger_of(s->l, s->section, s->section);
	m.jobs = s->role == CM_ROLE_JOBS;
	m.gpus_as_written = true;
	m.authored = !(file && is_text(file)) && s->own && cm_map_own(s->own, cm_sym(r->p, cm_str_of(text_of(r, name))));
	merged = lay_over(&m, s->l, cm_attr_child(cm_attr_role(s->role), CM_STR("any")), cm_without_tags(r->p, under), own);
	return keep_tags(r->p, own, merged);
}

static const struct cm_node *extend(struct services *s, uint32_t i)
{
	const struct cm_node *service = s->section->pairs[i].value, *extends;

	if (s->done[i])
		return s->done[i];
	extends = service->kind == CM_MAP && !cm_is_reset(service) ? cm_extends_of(s->l->r->p, service) : NULL;
	if (!extends) {
		s->done[i] = service->kind == CM_MAP ? cm_without_pair(s->l->r->p, service, cm_role_word(s->l->r->p, CM_ROLE_EXTENDS)) : service;
		if (s->done[i] != service)
			s->done[i] = keep_tags(s->l->r->p, service, s->done[i]);
		return s->done[i];
	}
	s->open[i] = true;
	service = follow(s, i, extends);
	s->open[i] = false;
	s->done[i] = service;
	return service;
}

static const struct cm_node *with_extends(struct load *l, const struct cm_node *root, const struct cm_node *own_root)
{
	static const enum cm_role roles[] = {CM_ROLE_SERVICES, CM_ROLE_JOBS};
	struct cm_project *p = l->r->p;
	bool fine = true;

	for (size_t k = 0; k < 2; k++) {
		struct services s;
		struct cm_pair *pairs;
		bool changed = false;

		begin_services(&s, l, root, roles[k], l->r->project_directory, l->file);
		if (!s.section)
			continue;
		s.own = cm_section(p, own_root, roles[k]);
		pairs = cm_new_array(p->arena, s.section->count, struct cm_pair);
		if (s.section->count)
			memcpy(pairs, s.section->pairs, s.section->count * sizeof(*pairs));
		for (uint32_t i = 0; i < s.section->count; i++) {
			const struct cm_node *tagged = pairs[i].value, *now = extend(&s, i);

			fine = fine && now;
			if (!now || now == tagged)
				continue;
			changed = true;
			if (cm_is_override(tagged) && !cm_is_override(now)) {
				struct cm_made *m = cm_make(p, CM_MAP, (enum cm_style)now->style, now);

				m->node.flags |= CM_HAS_TAG;
				m->node.props = tagged->props;
				now = &m->node;
			}
			pairs[i].value = now;
		}
		if (changed)
			root = with_pair(p, root, cm_role_word(p, roles[k]), cm_make_map(p, pairs, s.section->count, (enum cm_style)s.section->style, s.section));
	}
	return fine ? root : NULL;
}

/* ---- include ---- */

static const struct cm_node *load_model(struct load *l, const char **paths, uint32_t count, struct cm_span span);
static const struct cm_node *settle(struct cm_resolve *r, const struct cm_node *root);

struct entry {
	const char **paths;
	uint32_t count;
	const char *directory;          /* NULL: of the first path */
	const char **env_files;
	uint32_t env_count;
	struct cm_span span;
};

static bool texts(struct cm_resolve *r, const struct cm_node *n, const char *what, const char ***out, uint32_t *count)
{
	n = cm_deref(n);
	*count = 0;
	if (cm_is_null(n))
		return true;
	*out = cm_new_array(r->p->arena, n->kind == CM_SEQ ? n->count + 1 : 1, const char *);
	if (n->kind == CM_SCALAR)
		(*out)[(*count)++] = text_of(r, n);
	for (uint32_t i = 0; n->kind == CM_SEQ && i < n->count; i++)
		if (is_text(n->items[i]))
			(*out)[(*count)++] = text_of(r, n->items[i]);
	if (n->kind != CM_MAP)
		return true;
	cm_error(r->p, cm_span_of(n), CM_E_INCLUDE, "include.%s must be a string or a list of strings", what);
	return false;
}

static bool entry_of(struct cm_resolve *r, const struct cm_node *item, struct entry *e)
{
	const struct cm_node *n = cm_deref(item), *path, *directory, *env;

	*e = (struct entry){.span = cm_span_of(item)};
	if (n->kind == CM_SCALAR)
		return texts(r, n, "path", &e->paths, &e->count);
	if (n->kind != CM_MAP) {
		cm_error(r->p, e->span, CM_E_INCLUDE, "an entry of include must be a string or a mapping");
		return false;
	}
	path = cm_map_text(r->p, n, "path");
	directory = cm_map_text(r->p, n, "project_directory");
	env = cm_map_text(r->p, n, "env_file");
	if (directory && is_text(directory))
		e->directory = text_of(r, directory);
	return (!path || texts(r, path, "path", &e->paths, &e->count)) && (!env || texts(r, env, "env_file", &e->env_files, &e->env_count));
}

/* What the including project has wins over the entry's env files. */
static bool included_environment(struct cm_resolve *inner, struct cm_resolve *outer, const struct entry *e)
{
	const struct cm_env *lookup[] = {outer->env};
	struct cm_env *found = cm_env_new(outer->p);
	const struct cm_sym **names;
	uint32_t count;

	if (!e->env_count && !cm_run_env_file(outer, cm_absolute(outer->p, inner->project_directory, ".env"), true, e->span, found, lookup, 1))
		return false;
	for (uint32_t i = 0; i < e->env_count; i++)
		if (strcmp(e->env_files[i], "/dev/null") != 0 &&
		    !cm_run_env_file(outer, cm_absolute(outer->p, outer->project_directory, e->env_files[i]), false, e->span, found, lookup, 1))
			return false;
	names = cm_env_names(outer->env, &count);
	for (uint32_t i = 0; i < count; i++)
		cm_env_set(found, cm_sym_str(names[i]), *cm_env_get(outer->env, cm_sym_str(names[i])));
	inner->env = found;
	return true;
}

static bool in_cycle(struct load *l, const char *path, struct cm_span span)
{
	for (const struct load *up = l; up; up = up->up)
		if (strcmp(up->file, path) == 0) {
			cm_error(l->r->p, span, CM_E_INCLUDE, "include cycle detected: %s includes %s", l->file, path);
			return true;
		}
	return false;
}

static const struct cm_node *load_entry(struct load *l, struct entry *e)
{
	struct cm_resolve *r = l->r, *inner = cm_new(r->p->arena, struct cm_resolve);
	struct load next = {.r = inner, .up = l, .raw = l->raw};
	const struct cm_node *root;

	*inner = *r;
	for (uint32_t i = 0; i < e->count; i++) {
		if (!cm_refuse_remote(r, cm_str_of(e->paths[i]), e->span))
			return NULL;
		e->paths[i] = cm_absolute(r->p, r->project_directory, e->paths[i]);
		if (in_cycle(l, e->paths[i], e->span))
			return NULL;
	}
	inner->project_directory = cm_dirname(r->p, e->paths[0]);
	if (e->directory) {
		inner->project_directory = cm_absolute(r->p, r->project_directory, e->directory);
		if (r->p->files.exists && r->p->files.exists(r->p->files.arg, inner->project_directory) != 0)
			inner->project_directory = cm_dirname(r->p, inner->project_directory);
	}
	if (!included_environment(inner, r, e))
		return NULL;
	root = load_model(&next, e->paths, e->count, e->span);
	return root && !l->raw ? settle(inner, root) : root;
}

/* Only the sections that are imported, without what root has word for word. */
static const struct cm_node *imported(struct cm_project *p, const struct cm_node *under, const struct cm_node *root)
{
	static const enum cm_role roles[] = {
		CM_ROLE_SERVICES, CM_ROLE_JOBS, CM_ROLE_VOLUMES, CM_ROLE_NETWORKS, CM_ROLE_SECRETS, CM_ROLE_CONFIGS, CM_ROLE_MODELS,
	};
	struct cm_entries top = {0};

	for (size_t k = 0; k < sizeof(roles) / sizeof(*roles); k++) {
		const struct cm_node *from = cm_section(p, under, roles[k]), *to = cm_section(p, root, roles[k]);
		struct cm_entries e = {0};

		for (uint32_t i = 0; from && i < from->count; i++) {
			const struct cm_pair *held = to ? cm_map_own(to, from->pairs[i].word) : NULL;

			if (!held || !cm_equal(p, held->value, from->pairs[i].value))
				cm_entries_add(p, &e, from->pairs[i]);
		}
		if (e.count)
			cm_entries_add(p, &top, cm_make_pair(p, cm_sym_str(cm_role_word(p, roles[k])), from,
				cm_make_map(p, e.at, e.count, CM_BLOCK, from)));
	}
	return cm_make_map(p, top.at, top.count, CM_BLOCK, NULL);
}

/* root without tags on whole sections and their entries: those do not act on what is included. */
static const struct cm_node *open_tags(struct cm_project *p, const struct cm_node *root)
{
	struct cm_entries top = {0};

	if (!(root->flags & CM_HAS_TAG))
		return root;
	for (uint32_t i = 0; i < root->count; i++) {
		struct cm_pair pair = root->pairs[i];
		struct cm_entries e = {0};

		if (cm_is_reset(pair.value))
			continue;
		if (cm_is_override(pair.value) || pair.value->kind != CM_MAP) {
			pair.value = cm_without_tags(p, pair.value);
			cm_entries_add(p, &top, pair);
			continue;
		}
		for (uint32_t j = 0; j < pair.value->count; j++) {
			struct cm_pair entry = pair.value->pairs[j];

			if (cm_is_reset(entry.value))
				continue;
			if (cm_is_override(entry.value))
				entry.value = cm_without_tags(p, entry.value);
			cm_entries_add(p, &e, entry);
		}
		pair.value = cm_make_map(p, e.at, e.count, (enum cm_style)pair.value->style, pair.value);
		cm_entries_add(p, &top, pair);
	}
	return cm_make_map(p, top.at, top.count, (enum cm_style)root->style, root);
}

/* Services without their extends, which must not be followed while includes are laid beneath; from: with those of from again. */
static const struct cm_node *move_extends(struct cm_project *p, const struct cm_node *root, const struct cm_node *from)
{
	static const enum cm_role roles[] = {CM_ROLE_SERVICES, CM_ROLE_JOBS};
	const struct cm_sym *word = cm_role_word(p, CM_ROLE_EXTENDS);

	for (size_t k = 0; k < 2; k++) {
		const struct cm_node *section = cm_section(p, root, roles[k]), *old = from ? cm_section(p, from, roles[k]) : NULL;
		struct cm_pair *pairs;

		if (!section || (from && !old))
			continue;
		pairs = cm_new_array(p->arena, section->count, struct cm_pair);
		if (section->count)
			memcpy(pairs, section->pairs, section->count * sizeof(*pairs));
		for (uint32_t i = 0; i < section->count; i++) {
			const struct cm_pair *was = old ? cm_map_own(old, pairs[i].word) : NULL, *extends;

			if (pairs[i].value->kind != CM_MAP)
				continue;
			if (!from)
				pairs[i].value = cm_without_pair(p, pairs[i].value, word);
			extends = was && was->value->kind == CM_MAP ? cm_map_own(was->value, word) : NULL;
			if (extends)
				pairs[i].value = with_pair(p, pairs[i].value, word, extends->value);
		}
		root = with_pair(p, root, cm_role_word(p, roles[k]),
			cm_make_map(p, pairs, section->count, (enum cm_style)section->style, section));
	}
	return root;
}

/* Compose does not escape names where it lays a file over what it includes: a service a.command there is the command of a service
 * a, and below a.b no rule holds (merge.md 8 row 25). Such services are merged here; root with the results, *under without them. */
static const struct cm_node *merge_dotted(struct cm_merger *m, const struct cm_node **under, const struct cm_node *root)
{
	struct cm_project *p = m->p;
	const struct cm_node *services = cm_section(p, root, CM_ROLE_SERVICES), *below = cm_section(p, *under, CM_ROLE_SERVICES);
	const struct cm_attr *any = cm_attr_child(cm_attr_role(CM_ROLE_SERVICES), CM_STR("any"));
	const struct cm_node *over = services, *left = below;

	for (uint32_t i = 0; services && below && i < services->count; i++) {
		const struct cm_pair *pair = &services->pairs[i], *base = pair->word ? cm_map_own(below, pair->word) : NULL;
		struct cm_str name = base ? cm_sym_str(pair->word) : CM_STR("");
		size_t dot = cm_str_find(name, '.', 0);
		const struct cm_node *value, *merged;
		const struct cm_attr *row;
		struct cm_step step;

		if (!base || dot >= name.n || cm_is_reset(pair->value) || cm_is_override(pair->value))
			continue;
		value = cm_deref(pair->value);
		if (value->kind != CM_MAP || cm_deref(base->value)->kind != CM_MAP)
			continue;
		row = cm_attr_child(any, cm_str_cut(name, dot + 1, name.n));
		step = cm_step_to(NULL, pair);
		merged = row && row->merge == CM_MERGE_REPLACE ? value : cm_merge_map(m, &step, NULL, cm_deref(base->value), value);
		over = cm_with(p, over, name, merged);
		left = cm_without_pair(p, left, pair->word);
	}
	if (over == services)
		return root;
	*under = with_pair(p, *under, cm_role_word(p, CM_ROLE_SERVICES), left);
	return with_pair(p, root, cm_role_word(p, CM_ROLE_SERVICES), over);
}

static const struct cm_node *with_includes(struct load *l, const struct cm_node *root)
{
	struct cm_resolve *r = l->r;
	const struct cm_pair *pair = cm_map_own(root, cm_role_word(r->p, CM_ROLE_INCLUDE));
	const struct cm_node *list = pair && !cm_is_reset(pair->value) ? cm_deref(pair->value) : NULL, *own, *before;
	bool fine = true;

	before = root = cm_without_pair(r->p, root, cm_role_word(r->p, CM_ROLE_INCLUDE));
	if (!list || l->bare || cm_is_null(list))
		return root;
	if (list->kind != CM_SEQ) {
		cm_error(r->p, cm_span_of(list), CM_E_INCLUDE, "`include` must be a list, got %.*s",
			 list->kind == CM_SCALAR ? (int)list->count : 9, list->kind == CM_SCALAR ? list->text : "a mapping");
		return NULL;
	}
	if (r->run->depth >= r->p->limits.include_depth) {
		cm_help(r->p, cm_error(r->p, cm_span_of(list), CM_E_INCLUDE, "files include one another more than %llu deep",
				       (unsigned long long)r->p->limits.include_depth), "--limit-include-depth raises this limit");
		return NULL;
	}
	r->run->depth++;
	own = root = move_extends(r->p, open_tags(r->p, root), NULL);
	for (uint32_t i = 0; i < list->count; i++) {
		struct cm_merger m = merger_of(l, NULL, NULL);
		const struct cm_node *under, *top;
		struct entry e;

		if (!entry_of(r, list->items[i], &e)) {
			fine = false;
			continue;
		}
		if (!e.count)
			continue;
		under = load_entry(l, &e);
		top = under ? merge_dotted(&m, &under, root) : root;
		fine = fine && under;
		if (under)
			root = keep_tags(r->p, own, lay_over(&m, l, NULL, imported(r->p, under, top), top));
	}
	r->run->depth--;
	return fine ? keep_tags(r->p, before, move_extends(r->p, root, before)) : NULL;
}

/* ---- documents ---- */

static const struct cm_node *without_version(struct load *l, const struct cm_node *root)
{
	const struct cm_sym *word = cm_role_word(l->r->p, CM_ROLE_VERSION);
	const struct cm_pair *pair = cm_map_own(root, word);

	return pair ? cm_without_pair(l->r->p, root, word) : root;
}

static const struct cm_node *canonical(struct load *l, const struct cm_node *root)
{
	struct cm_resolve *r = l->r;

	if (l->raw)
		return root;
	root = cm_unicity(r, root);
	r->file = cm_source_of(r->p, r->p->source_count)->name;
	if (!root || (!l->bare && !cm_check_schema(r, root)))
		return NULL;
	root = cm_canonical(r, without_version(l, root));
	return root ? cm_unicity(r, root) : NULL;
}

/* Before anything is merged: the services are a mapping. */
static bool check_sections(struct cm_resolve *r, const struct cm_node *root)
{
	const struct cm_pair *pair = cm_map_get(r->p, root, cm_role_word(r->p, CM_ROLE_SERVICES));

	if (!pair || cm_is_reset(pair->value) || cm_deref(pair->value)->kind == CM_MAP)
		return true;
	cm_error(r->p, cm_span_of(cm_is_null(pair->value) ? pair->key : pair->value), CM_E_SCHEMA, "services must be a mapping");
	return false;
}

/* One document over the model so far. */
static const struct cm_node *add_document(struct load *l, const struct cm_node *model, const struct cm_node *document)
{
	struct cm_resolve *r = l->r;
	struct cm_merger m;
	const struct cm_node *own;
	unsigned errors = r->p->errors;

	document = cm_deref(document);
	if (document->kind == CM_MAP && !check_sections(r, document))
		return NULL;
	if (document->kind != CM_MAP) {
		struct cm_diag *d = cm_error(r->p, cm_span_of(document), CM_E_ROOT, "top-level object must be a mapping");

		cm_help(r->p, d, "the top level holds keys such as \"services:\"");
		return NULL;
	}
	document = cm_interpolate(r, document, r->env);
	if (!document)
		return NULL;
	if (!l->raw)
		document = cm_rename_aliases(r, document);
	own = document;
	document = with_includes(l, document);
	if (document && !l->bare)
		document = with_extends(l, document, own);
	if (!document)
		return NULL;
	m = merger_of(l, model, document);
	model = model ? lay_over(&m, l, NULL, model, document) : cm_without_tags(r->p, document);
	if (m.spills)
		cm_error(r->p, cm_span_of(document), CM_E_INTERNAL, "a value without variables could not be merged");
	return r->p->errors == errors ? canonical(l, model) : NULL;
}

static const struct cm_node *load_documents(struct load *l, const struct cm_node *root, struct cm_file *file)
{
	for (uint32_t i = 0; i < file->count; i++) {
		root = add_document(l, root, file->documents[i].root);
		if (!root)
			return NULL;
	}
	return root ? root : l->bare ? cm_make_map(l->r->p, NULL, 0, CM_BLOCK, NULL) : NULL;
}

static const struct cm_node *load_model(struct load *l, const char **paths, uint32_t count, struct cm_span span)
{
	const struct cm_node *root = NULL;

	for (uint32_t i = 0; i < count; i++) {
		struct cm_file *file = cm_run_open(l->r, paths[i], span);

		if (!file)
			return NULL;
		l->file = paths[i];
		l->r->file = file->source->name;
		if (!file->count)
			continue;
		root = load_documents(l, root, file);
		if (!root)
			return NULL;
	}
	if (!root || !root->count) {
		cm_help(l->r->p, cm_error(l->r->p, span, CM_E_EMPTY, "empty compose file"), "a Compose file has at least \"services:\"");
		return NULL;
	}
	return root;
}

/* environment items without a value take it from the model's own environment (step 8). */
static const struct cm_node *look_up_items(struct cm_resolve *r, const struct cm_pair *entry, void *arg)
{
	const struct cm_node *list = cm_member(r->p, entry->value, "environment"), **items;

	(void)arg;
	if (!list || list->kind != CM_SEQ)
		return entry->value;
	items = cm_new_array(r->p->arena, list->count, const struct cm_node *);
	for (uint32_t i = 0; i < list->count; i++) {
		const struct cm_node *n = cm_deref(list->items[i]);
		struct cm_str text = n->kind == CM_SCALAR ? cm_text(n) : CM_STR("=");
		const struct cm_str *value = cm_str_find(text, '=', 0) == text.n ? cm_env_get(r->env, cm_single_dollars(r->p, text)) : NULL;

		items[i] = list->items[i];
		text.n = cm_str_find(text, '=', 0);
		if (text.n && strchr(" \t\n\v\f\r", text.p[text.n - 1]))
			cm_error(r->p, cm_span_of(n), CM_E_SHORT_FORM, "environment variable '%.*s' is declared with a trailing space", (int)text.n, text.p);
		if (value) {
			struct cm_str doubled = cm_double_dollars(r->p, *value);

			items[i] = cm_make_scalar(r->p, cm_strf(r->p->arena, "%.*s=%.*s", (int)text.n, text.p, (int)doubled.n, doubled.p), CM_PLAIN, n);
		}
	}
	return cm_with(r->p, entry->value, CM_STR("environment"), cm_make_seq(r->p, items, list->count, (enum cm_style)list->style, list, NULL));
}

/* Steps 5 to 8: once a model. */
static const struct cm_node *settle(struct cm_resolve *r, const struct cm_node *root)
{
	unsigned errors;

	root = cm_defaults(r, root);
	if (!root || !cm_check_model(r, root))
		return NULL;
	if (!r->o->no_path_resolution)
		root = cm_absolute_paths(r, root);
	if (!root || r->o->no_interpolate)
		return root;
	errors = r->p->errors;
	root = cm_map_section(r, root, CM_ROLE_SERVICES, look_up_items, NULL);
	root = cm_map_section(r, root, CM_ROLE_JOBS, look_up_items, NULL);
	return r->p->errors == errors ? root : NULL;
}

bool cm_resolve_prepare(struct cm_resolve *r)
{
	return r->run || (cm_find_project(r) && cm_name_project(r));
}

const struct cm_node *cm_resolve_raw(struct cm_resolve *r)
{
	struct cm_config_options o = *r->o;
	struct load l = {.raw = true};
	struct cm_resolve raw;

	if (!cm_resolve_prepare(r))
		return NULL;
	o.no_interpolate = true;
	raw = *r;
	raw.o = &o;
	l.r = &raw;
	return load_model(&l, r->run->paths, r->run->count, nowhere);
}

static const struct cm_node *with_name(struct cm_resolve *r, const struct cm_node *root)
{
	const struct cm_sym *word = cm_role_word(r->p, CM_ROLE_NAME);
	const struct cm_pair *pair = cm_map_own(root, word);

	if (r->o->no_interpolate && r->o->no_normalize && !pair)
		return root;
	return with_pair(r->p, root, word, cm_make_scalar(r->p, cm_double_dollars(r->p, r->name), CM_PLAIN, pair ? pair->value : NULL));
}

const struct cm_node *cm_resolve_model(struct cm_resolve *r)
{
	const struct cm_config_options *o = r->o;
	const struct cm_node *root, *all;
	struct load l = {.r = r};

	if (!cm_resolve_prepare(r))
		return NULL;
	if (o->no_interpolate) /* later steps see no variables */
		r->env = cm_env_new(r->p);
	root = load_model(&l, r->run->paths, r->run->count, nowhere);
	root = root ? settle(r, root) : NULL;
	if (!root)
		return NULL;
	root = with_name(r, root);
	if (!o->no_normalize && !o->compatibility)
		root = cm_normalize(r, root);
	if (!root || o->no_interpolate)
		return root;
	all = root;
	r->all = all;
	root = r->enabled = cm_enabled(r, all);
	if (!root || (!o->no_consistency && !cm_check_consistency(r, root, all)))
		return NULL;
	root = cm_service_environment(r, root);
	root = root ? cm_select(r, root) : NULL;
	return root && (o->no_consistency || cm_check_names(r, root)) ? root : NULL;
}
