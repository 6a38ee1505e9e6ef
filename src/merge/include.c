/* SPDX-License-Identifier: MIT */

/*
 * include (spec/merge.md 6.2, 9.2 rows 6-12).
 *
 * An include of the base stays: the result redefines what it brings, as the files do. An include of
 * a later layer may join it only while it brings nothing the result has already, because what a
 * later file includes beats what earlier files say. Where it does, or where a tag removes what an
 * include of the base brings, the include is written out: read, its paths rewritten, laid beneath
 * its own document. That needs its text to see the same variables: not when it has an env file of
 * its own.
 */

#include "merge.h"

#include <errno.h>

#include "../base/diag.h"
#include "../spec/names.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"
#include "rebase.h"

static const enum cm_role sections[] = {
	CM_ROLE_SERVICES,
	CM_ROLE_JOBS,
	CM_ROLE_VOLUMES,
	CM_ROLE_NETWORKS,
	CM_ROLE_SECRETS,
	CM_ROLE_CONFIGS,
	CM_ROLE_MODELS,
};

enum { SECTIONS = sizeof(sections) / sizeof(*sections) };

static const struct cm_node *include_of(struct cm_project *p, const struct cm_node *root)
{
	const struct cm_pair *pair = cm_map_get(p, root, cm_role_word(p, CM_ROLE_INCLUDE));
	const struct cm_node *n = pair ? cm_deref(pair->value) : NULL;

	return n && n->kind == CM_SEQ && n->count && !cm_is_reset(n) ? n : NULL;
}

bool cm_has_include(struct cm_project *p, const struct cm_node *root)
{
	return include_of(p, root) != NULL;
}

/* ---- reading files ---- */

static struct cm_str slurp(struct cm_merger *m, const char *path, bool *found)
{
	char *text = NULL;
	size_t length = 0;
	struct cm_str s = {"", 0};
	int failed =
		m->p->files.read(m->p->files.arg, path, m->p->limits.file_size, &text, &length);

	*found = !failed;
	if (failed == ENOMEM)
		cm_arena_fail(m->p->arena);
	if (failed)
		return s;
	s.p = cm_take_memory(m->p, text);
	s.n = length;
	return s;
}

const struct cm_node *cm_read_model(struct cm_merger *m, const char *path)
{
	bool found;
	struct cm_str text = slurp(m, path, &found);
	struct cm_source *source;
	struct cm_file *file;
	struct cm_merger inner = *m;
	const struct cm_node *root = NULL;

	if (!found || m->p->source_count > m->p->limits.files)
		return NULL;
	source = cm_source_add(m->p, path, text);
	if (!cm_decode(m->p, source))
		return NULL;
	file = cm_load(m->p, source);
	if (!file)
		return NULL;
	inner.spills = NULL;
	inner.hidden = false;
	for (uint32_t i = 0; i < file->count; i++) {
		const struct cm_node *next = cm_deref(file->documents[i].root);

		if (next->kind != CM_MAP)
			return NULL;
		root = root ? cm_merge_map(&inner, NULL, NULL, root, next) : next;
	}
	return inner.spills ? NULL : root;
}

/* ---- one entry of include ---- */

struct entry {
	const struct cm_node *paths[16];
	uint32_t count;
	bool plain; /* no project_directory, no env_file */
};

static bool known_text(const struct cm_node *n)
{
	n = cm_deref(n);
	return n->kind == CM_SCALAR && cm_text(n).n && !cm_has_var(cm_text(n));
}

static bool add_path(struct entry *e, const struct cm_node *n)
{
	if (!known_text(n) || e->count == sizeof(e->paths) / sizeof(*e->paths))
		return false;
	e->paths[e->count++] = cm_deref(n);
	return true;
}

static bool entry_of(struct cm_merger *m, const struct cm_node *item, struct entry *e)
{
	const struct cm_node *n = cm_deref(item), *path;

	*e = (struct entry){.plain = true};
	if (n->kind == CM_SCALAR)
		return add_path(e, n);
	path = n->kind == CM_MAP ? cm_map_text(m->p, n, CM_NAME_PATH) : NULL;
	if (!path)
		return false;
	e->plain = !cm_map_text(m->p, n, CM_NAME_PROJECT_DIRECTORY) &&
		!cm_map_text(m->p, n, CM_NAME_ENV_FILE);
	path = cm_deref(path);
	if (path->kind == CM_SCALAR)
		return add_path(e, path);
	for (uint32_t i = 0; path->kind == CM_SEQ && i < path->count; i++)
		if (!add_path(e, path->items[i]))
			return false;
	return e->count > 0;
}

static const char *entry_file(struct cm_merger *m, const struct cm_node *path, const char *folder)
{
	struct cm_str joined = cm_path_join(m->p->arena, cm_str_of(folder), cm_text(path));

	return cm_strndup(m->p->arena, joined.p, joined.n);
}

/* The files of one entry, later ones over earlier ones, includes of theirs written out. */
static const struct cm_node *read_entry(
	struct cm_merger *m, const struct entry *e, const char *folder, const char **why)
{
	const struct cm_node *root = NULL;
	const char *first = entry_file(m, e->paths[0], folder);
	struct cm_merger inner = *m;

	inner.spills = NULL;
	inner.hidden = inner.included = false;
	for (uint32_t i = 0; i < e->count; i++) {
		const struct cm_node *next = cm_read_model(m, entry_file(m, e->paths[i], folder));

		if (!next) {
			*why = "an included file cannot be read";
			return NULL;
		}
		inner.included = false;
		next = cm_inline_includes(&inner, next, cm_dirname(m->p, first), why);
		if (!next)
			return NULL;
		root = root ? cm_merge_map(&inner, NULL, NULL, root, next) : next;
	}
	if (inner.spills) {
		*why = "the included files need several documents themselves";
		return NULL;
	}
	return root;
}

/* An env file beside the included file gives its variables other values. */
static bool sees_same_variables(
	struct cm_merger *m, const struct entry *e, const char *folder, const struct cm_node *root)
{
	const char *inner = cm_dirname(m->p, entry_file(m, e->paths[0], folder));
	struct cm_str env = cm_path_join(m->p->arena, cm_str_of(inner), CM_STR(".env"));
	const char *path = cm_strndup(m->p->arena, env.p, env.n);

	if (cm_str_eq(cm_path_clean(m->p->arena, cm_str_of(inner)),
		    cm_path_clean(m->p->arena, cm_str_of(m->folder))))
		return true;
	return !cm_has_var_below(root) || m->p->files.exists(m->p->files.arg, path) != 0;
}

/* Services without extends, paths as the including project sees them. */
static const struct cm_node *settled(
	struct cm_merger *m, const struct cm_node *root, const char *inner_folder, const char **why)
{
	struct cm_rebase r = cm_rebase_from(m->p, m->folder, inner_folder);
	struct cm_entries top = {0};

	for (uint32_t i = 0; i < root->count; i++) {
		const struct cm_attr *attr = root->pairs[i].word
			? cm_attr_child(NULL, cm_sym_str(root->pairs[i].word))
			: NULL;
		const struct cm_node *section = cm_deref(root->pairs[i].value);
		struct cm_entries e = {0};

		if (!attr || section->kind != CM_MAP || attr->role < CM_ROLE_SERVICES ||
			attr->role > CM_ROLE_MODELS)
			continue;
		m->jobs = attr->role == CM_ROLE_JOBS;
		for (uint32_t j = 0; j < section->count; j++) {
			struct cm_pair pair = section->pairs[j];
			const struct cm_attr *child =
				pair.word ? cm_attr_child(attr, cm_sym_str(pair.word)) : NULL;

			if (attr->role <= CM_ROLE_JOBS && cm_deref(pair.value)->kind == CM_MAP)
				pair.value =
					cm_inline_extends(m, child, root, pair.value, inner_folder);
			if (!pair.value) {
				*why = "an included service extends one that cannot be read";
				m->jobs = false;
				return NULL;
			}
			if (child)
				pair.value = cm_rebase(&r, child, pair.value);
			cm_entries_add(m->p, &e, pair);
		}
		m->jobs = false;
		cm_entries_add(m->p, &top,
			(struct cm_pair){root->pairs[i].word, root->pairs[i].key,
				cm_make_map(m->p, e.at, e.count, CM_BLOCK,
					section->style == CM_BLOCK ? section : NULL)});
	}
	if (r.refused) {
		*why = "an included path starts with a variable";
		return NULL;
	}
	return cm_make_map(m->p, top.at, top.count, CM_BLOCK, NULL);
}

/* ---- written out ---- */

/* One included service or resource beneath what the document says of it. A tag on the whole of it
 * does nothing to what is included (spec/merge.md 4). */
static const struct cm_node *resource_beneath(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *under, const struct cm_node *over)
{
	const struct cm_node *merged, *u = cm_deref(under), *o = cm_deref(over);

	if (cm_is_reset(over) || cm_is_null(o))
		return under;
	if (cm_is_override(over))
		o = cm_without_tags(m->p, o);
	if (u->kind != CM_MAP || o->kind != CM_MAP)
		return o;
	merged = cm_merge_map(m, at, attr, u, o);
	return cm_without_tags(m->p, cm_beneath(m, merged, o));
}

static const struct cm_node *section_beneath(
	struct cm_merger *m, const struct cm_pair *section, const struct cm_node *over)
{
	const struct cm_attr *attr = cm_attr_child(NULL, cm_sym_str(section->word));
	const struct cm_node *under = cm_deref(section->value);
	struct cm_step here = cm_step_to(NULL, section);
	struct cm_index in_over = cm_index_of(m->p, over);
	struct cm_entries out = {0};

	for (uint32_t i = 0; i < over->count; i++) {
		struct cm_pair pair = over->pairs[i];
		const struct cm_pair *brought =
			pair.word ? cm_map_get(m->p, under, pair.word) : NULL;
		struct cm_step step = cm_step_to(&here, &pair);

		if (brought)
			pair.value = resource_beneath(m, &step,
				cm_attr_child(attr, cm_sym_str(pair.word)), brought->value,
				pair.value);
		cm_entries_add(m->p, &out, pair);
	}
	for (uint32_t i = 0; i < under->count; i++)
		if (under->pairs[i].word &&
			cm_index_find(&in_over, under->pairs[i].word) == UINT32_MAX)
			cm_entries_add(m->p, &out, under->pairs[i]);
	return cm_make_map(m->p, out.at, out.count, over->style, over);
}

/* under's sections beneath root's: names root has keep root's text, the others come behind. */
static const struct cm_node *sections_beneath(
	struct cm_merger *m, const struct cm_node *under, const struct cm_node *root)
{
	struct cm_entries top = {0};

	for (uint32_t i = 0; i < root->count; i++)
		cm_entries_add(m->p, &top, root->pairs[i]);
	for (uint32_t i = 0; i < under->count; i++) {
		const struct cm_pair *pair = &under->pairs[i];
		uint32_t j = 0;

		while (j < top.count && top.at[j].word != pair->word)
			j++;
		if (j == top.count)
			cm_entries_add(m->p, &top, *pair);
		else if (cm_deref(top.at[j].value)->kind != CM_MAP)
			top.at[j].value = pair->value;
		else
			top.at[j].value = section_beneath(m, pair, cm_deref(top.at[j].value));
	}
	return cm_make_map(m->p, top.at, top.count, root->style, root);
}

const struct cm_node *cm_inline_includes(
	struct cm_merger *m, const struct cm_node *root, const char *folder, const char **why)
{
	const struct cm_node *include = include_of(m->p, root);
	struct cm_merger inner = *m;

	if (!include)
		return root;
	if (++m->following > m->p->limits.include_depth) {
		cm_error(m->p, cm_span_of(include), CM_E_INCLUDE,
			"files include one another in a circle, or more than %llu deep",
			(unsigned long long)m->p->limits.include_depth);
		*why = "the include cannot be followed";
		m->following--;
		return NULL;
	}
	inner.hidden = inner.included = false;
	inner.spills = NULL;
	inner.following = m->following;
	root = cm_without_pair(m->p, root, cm_role_word(m->p, CM_ROLE_INCLUDE));
	for (uint32_t i = 0; i < include->count && root; i++) {
		struct entry e;
		const struct cm_node *under = NULL;

		*why = "what an include names is held by a variable, or it has a project directory or env file of its own";
		if (entry_of(m, include->items[i], &e) && e.plain)
			under = read_entry(&inner, &e, folder, why);
		if (under && !sees_same_variables(m, &e, folder, under)) {
			*why = "the included file has an .env of its own";
			under = NULL;
		}
		if (under)
			under = settled(&inner, under,
				cm_dirname(m->p, entry_file(m, e.paths[0], folder)), why);
		root = under ? sections_beneath(&inner, under, root) : NULL;
		if (inner.spills) {
			*why = "what the document says of an included service needs a document of its own";
			root = NULL;
		}
	}
	m->following--;
	return root;
}

/* ---- a layer with an include ---- */

/* What an include brings, by name only: no matter with which variables or paths. */
struct names {
	struct cm_merger *m;
	struct cm_interner seen; /* "services.web" */
	bool unknown; /* a file could not be read, or a variable names it */
	unsigned depth;
};

static void names_of_root(struct names *n, const struct cm_node *root)
{
	for (uint32_t s = 0; s < SECTIONS; s++) {
		const struct cm_node *section = cm_section(n->m->p, root, sections[s]);

		for (uint32_t i = 0; section && i < section->count; i++) {
			struct cm_str word = section->pairs[i].word
				? cm_sym_str(section->pairs[i].word)
				: CM_STR(""),
				      name;

			name = cm_strf(n->m->p->arena, "%u.%.*s", s, (int)word.n, word.p);
			cm_intern(&n->seen, name.p, name.n);
		}
	}
}

static void names_of_include(struct names *n, const struct cm_node *include, const char *folder)
{
	if (++n->depth > n->m->p->limits.include_depth)
		n->unknown = true;
	for (uint32_t i = 0; include && i < include->count && !n->unknown; i++) {
		struct entry e;
		const struct cm_node *item = cm_deref(include->items[i]), *at = NULL;
		const char *inner = NULL;

		if (!entry_of(n->m, item, &e)) {
			n->unknown = true;
			break;
		}
		if (item->kind == CM_MAP)
			at = cm_map_text(n->m->p, item, CM_NAME_PROJECT_DIRECTORY);
		inner = at && known_text(at)
			? entry_file(n->m, cm_deref(at), folder)
			: cm_dirname(n->m->p, entry_file(n->m, e.paths[0], folder));
		for (uint32_t j = 0; j < e.count && !n->unknown; j++) {
			const struct cm_node *root =
				cm_read_model(n->m, entry_file(n->m, e.paths[j], folder));

			if (!root)
				n->unknown = true;
			else {
				names_of_root(n, root);
				names_of_include(n, include_of(n->m->p, root), inner);
			}
		}
	}
	n->depth--;
}

static bool shares_name(struct names *a, const struct names *b)
{
	for (size_t i = 0; i < b->seen.size; i++) {
		size_t before = a->seen.count;

		if (!b->seen.slots[i])
			continue;
		cm_intern(&a->seen, b->seen.slots[i]->p, b->seen.slots[i]->n);
		if (a->seen.count == before)
			return true;
	}
	return false;
}

/* An include the base has already brings nothing new, unless the base itself says more about what
 * it brings. */
static bool is_repeated(struct cm_merger *m, const struct cm_node *item)
{
	const struct cm_node *include = include_of(m->p, m->root), *one[1] = {item};
	struct names own = {.m = m}, brought = {.m = m};
	bool found = false;

	for (uint32_t i = 0; include && i < include->count; i++)
		found = found || cm_equal(m->p, include->items[i], item);
	if (!found)
		return false;
	cm_interner_init(&own.seen, m->p->arena);
	cm_interner_init(&brought.seen, m->p->arena);
	names_of_root(&own, m->root);
	names_of_include(&brought, cm_make_seq(m->p, one, 1, CM_BLOCK, NULL, NULL), m->folder);
	return !brought.unknown && !shares_name(&own, &brought);
}

/* The layer's include without what the base includes already; NULL: nothing is left. */
static const struct cm_node *new_includes(struct cm_merger *m, const struct cm_node *include)
{
	struct cm_items left = {0};

	for (uint32_t i = 0; i < include->count; i++)
		if (!is_repeated(m, include->items[i]))
			cm_items_add(m->p, &left, include->items[i], include->items[i]);
	if (left.count == include->count)
		return include;
	return left.count
		? cm_make_seq(m->p, left.at, left.count, include->style, include, left.slots)
		: NULL;
}

/* Does the layer's include bring nothing that is there already? */
static bool brings_only_new(struct cm_merger *m, const struct cm_node *include)
{
	struct names there = {.m = m}, brought = {.m = m};

	cm_interner_init(&there.seen, m->p->arena);
	cm_interner_init(&brought.seen, m->p->arena);
	names_of_root(&there, m->root);
	names_of_include(&there, include_of(m->p, m->root), m->folder);
	names_of_include(&brought, include, m->folder);
	if (there.unknown || brought.unknown)
		return false;
	return !shares_name(&there, &brought);
}

static const struct cm_node *joined_include(struct cm_merger *m, const struct cm_pair *pair)
{
	const struct cm_pair *old = cm_map_own(m->root, pair->word);
	struct cm_entries top = {0};
	struct cm_items items = {0};
	const struct cm_node *a = old ? cm_deref(old->value) : NULL, *b = cm_deref(pair->value);

	for (uint32_t i = 0; a && i < a->count; i++)
		cm_items_add(m->p, &items, a->items[i],
			cm_made_of(a) && cm_made_of(a)->slots ? cm_made_of(a)->slots[i]
							      : a->items[i]);
	for (uint32_t i = 0; a && i < b->count; i++)
		cm_items_add(m->p, &items, b->items[i], NULL);
	for (uint32_t i = 0; i < m->root->count; i++) {
		cm_entries_add(m->p, &top, m->root->pairs[i]);
		if (m->root->pairs[i].word == pair->word)
			top.at[i].value =
				cm_make_seq(m->p, items.at, items.count, a->style, a, items.slots);
	}
	if (!old)
		cm_insert_top(m->p, &top, *pair);
	return cm_make_map(m->p, top.at, top.count, m->root->style, m->root);
}

/* The base's include can only stay beneath what the layer says if no tag of the layer removes a
 * whole included service. */
static bool resets_included(struct cm_merger *m, const struct cm_node *over)
{
	for (uint32_t s = 0; s < SECTIONS; s++) {
		const struct cm_node *section = cm_section(m->p, over, sections[s]);

		if (cm_map_get(m->p, over, cm_role_word(m->p, sections[s])) &&
			cm_tag(cm_map_get(m->p, over, cm_role_word(m->p, sections[s]))->value).n)
			return true;
		for (uint32_t i = 0; section && i < section->count; i++)
			if (cm_is_reset(section->pairs[i].value) ||
				cm_is_override(section->pairs[i].value))
				return true;
	}
	return false;
}

static void cannot_write_out(
	struct cm_merger *m, const struct cm_node *place, const char *why, bool *rest)
{
	struct cm_diag *d = cm_warn(m->p, cm_span_of(place), CM_E_SEVERAL_DOCUMENTS,
		"the include cannot stay in one document with the other files, and cannot be written out: %s",
		why);

	cm_help(m->p, d, "this layer and all later ones follow in documents of their own");
	*rest = true;
}

const struct cm_node *cm_take_include(struct cm_merger *m, const struct cm_node *over, bool *rest)
{
	const struct cm_node *include = include_of(m->p, over), *under, *whole;
	struct cm_pair joined;
	const char *why = NULL;

	if (m->included && !m->options->partial && over->flags & CM_HAS_TAG &&
		resets_included(m, over)) {
		whole = cm_inline_includes(m, m->root, m->folder, &why);
		if (!whole) {
			cannot_write_out(m, include_of(m->p, m->root), why, rest);
			return over;
		}
		m->root = whole;
		m->included = false;
	}
	if (include)
		include = new_includes(m, include);
	if (!include)
		return over;
	if (!brings_only_new(m, include)) {
		whole = cm_inline_includes(m, over, m->folder, &why);
		if (whole && m->included) {
			under = cm_inline_includes(m, m->root, m->folder, &why);
			m->root = under ? under : m->root;
			m->included = !under;
		}
		if (!whole || m->included) {
			cannot_write_out(m, include, why, rest);
			return over;
		}
		m->root = cm_apply_tags(m, NULL, NULL, m->root, over);
		return whole;
	}
	joined = *cm_map_get(m->p, over, cm_role_word(m->p, CM_ROLE_INCLUDE));
	joined.value = include;
	m->root = joined_include(m, &joined);
	m->included = true;
	return over;
}
