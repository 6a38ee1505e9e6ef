/* SPDX-License-Identifier: MIT */

/*
 * Services and what they extend (spec/merge.md 6.1, 9.2 rows 1-5).
 *
 * Compose resolves extends inside each file before files are merged, so an extends may stay in the
 * result only where it would find the same service there:
 *
 *   a new service keeps it while what it extends is new too, or stands in another file;
 *   a service the base has already gets the inherited values written out, because they beat the
 *   base's;
 *   a service of the base keeps its own while the service it extends stays as it is; else it takes
 *   over what that one was.
 */

#include "merge.h"

#include "../base/diag.h"
#include "../spec/names.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"
#include "rebase.h"

static const struct cm_sym *extends_word(struct cm_project *p)
{
	return cm_role_word(p, CM_ROLE_EXTENDS);
}

const struct cm_node *cm_extends_of(struct cm_project *p, const struct cm_node *service)
{
	const struct cm_pair *pair;

	service = cm_deref(service);
	if (service->kind != CM_MAP)
		return NULL;
	pair = cm_map_get(p, service, extends_word(p));
	return pair && !cm_is_reset(pair->value) && !cm_is_null(pair->value) ? cm_deref(pair->value)
									     : NULL;
}

/* What an extends names. */
struct target {
	struct cm_str service, file; /* file.n == 0: the same document */
	bool known; /* false: a variable, or not of the form */
};

static struct target target_of(struct cm_project *p, const struct cm_node *extends)
{
	struct target t = {.known = false};
	const struct cm_node *service = extends, *file = NULL;

	if (extends->kind == CM_MAP) {
		service = cm_map_text(p, extends, CM_NAME_SERVICE);
		file = cm_map_text(p, extends, CM_NAME_FILE);
	}
	if (!service || cm_deref(service)->kind != CM_SCALAR)
		return t;
	t.service = cm_text(cm_deref(service));
	if (file && !cm_is_null(file) && cm_deref(file)->kind == CM_SCALAR)
		t.file = cm_text(cm_deref(file));
	t.known = !cm_has_var(t.service) && !cm_has_var(t.file) && t.service.n;
	return t;
}

/* The service called name in the section that holds the services or the jobs. */
static const struct cm_node *find_service(
	struct cm_merger *m, const struct cm_node *root, struct cm_str name)
{
	const struct cm_node *section =
		cm_section(m->p, root, m->jobs ? CM_ROLE_JOBS : CM_ROLE_SERVICES);
	const struct cm_pair *pair = section ? cm_map_get(m->p, section, cm_sym(m->p, name)) : NULL;

	return pair && cm_deref(pair->value)->kind == CM_MAP ? cm_deref(pair->value) : NULL;
}

/* ---- keeping the text of the one on top ---- */

/* What only the merged mapping has, the pairs that top does not bring. */
static void add_inherited(struct cm_merger *m, const struct cm_node *merged,
	const struct cm_node *top, struct cm_entries *out)
{
	struct cm_index in_top = cm_index_of(m->p, top);
	bool inherits = top->flags & CM_HAS_ALIAS && cm_map_has_merge(top);

	for (uint32_t i = 0; i < merged->count; i++) {
		const struct cm_pair *pair = &merged->pairs[i], *held;

		if (!pair->word || cm_index_find(&in_top, pair->word) != UINT32_MAX ||
			pair->key->flags & CM_MERGE_KEY || pair->word == extends_word(m->p))
			continue;
		held = inherits ? cm_map_get(m->p, top, pair->word) : NULL;
		if (!held || held->value != pair->value)
			cm_entries_add(m->p, out, *pair);
	}
}

/* Entries of top keep their place and order, with the merged values; what only the merged mapping
 * has stands where top has its extends, else behind. */
const struct cm_node *cm_beneath(
	struct cm_merger *m, const struct cm_node *merged, const struct cm_node *top)
{
	struct cm_entries out = {0};
	struct cm_pairs all = cm_pairs_of(m->p, merged);
	struct cm_index in_merged;
	bool added = false;

	merged = cm_make_map(m->p, (struct cm_pair *)all.at, all.count, merged->style, merged);
	in_merged = cm_index_of(m->p, merged);
	for (uint32_t i = 0; i < top->count; i++) {
		struct cm_pair pair = top->pairs[i];
		uint32_t j = pair.word ? cm_index_find(&in_merged, pair.word) : UINT32_MAX;

		if (pair.word == extends_word(m->p)) {
			add_inherited(m, merged, top, &out);
			added = true;
		} else if (pair.key->flags & CM_MERGE_KEY) {
			cm_entries_add(m->p, &out, pair);
		} else if (j != UINT32_MAX) {
			pair.value = merged->pairs[j].value;
			cm_entries_add(m->p, &out, pair);
		}
	}
	if (!added)
		add_inherited(m, merged, top, &out);
	return cm_make_map(m->p, out.at, out.count, top->style, top);
}

/* ---- writing an extends out ---- */

static const struct cm_node *cannot_extend(
	struct cm_merger *m, const struct cm_node *extends, const char *what, struct cm_str name)
{
	struct cm_diag *d = cm_error(
		m->p, cm_span_of(extends), CM_E_EXTENDS, "%s %.*s", what, (int)name.n, name.p);

	cm_help(m->p, d, "extends looks in its own file, or in the one that file: names");
	return NULL;
}

static const struct cm_node *from_other_file(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *extends, struct target t, const char *folder)
{
	struct cm_str path =
		t.file.p[0] == '/' ? t.file : cm_path_join(m->p->arena, cm_str_of(folder), t.file);
	const char *name = cm_strndup(m->p->arena, path.p, path.n);
	const struct cm_node *root = cm_read_model(m, name), *service;
	struct cm_rebase r;

	if (!root)
		return cannot_extend(
			m, extends, "cannot read the file that holds the extended service:", path);
	service = find_service(m, root, t.service);
	if (!service)
		return cannot_extend(m, extends, "the other file has no service", t.service);
	service = cm_inline_extends(m, attr, root, service, cm_dirname(m->p, name));
	if (!service)
		return NULL;
	r = cm_rebase_from(m->p, m->folder, cm_dirname(m->p, name));
	service = cm_rebase(&r, attr, service);
	return r.refused ? NULL : service;
}

static const struct cm_node *in_same_file(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *root, const struct cm_node *extends, struct target t,
	const char *folder)
{
	const struct cm_node *service = find_service(m, root, t.service);

	if (!service) {
		if (!m->included)
			cannot_extend(m, extends, "there is no service", t.service);
		return NULL;
	}
	return cm_inline_extends(m, attr, root, service, folder);
}

const struct cm_node *cm_inline_extends(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *root, const struct cm_node *service, const char *folder)
{
	const struct cm_node *extends = cm_extends_of(m->p, service), *under, *own, *merged;
	struct cm_merger inner = *m;
	struct target t;

	service = cm_deref(service);
	if (!extends)
		return cm_without_tags(m->p, service);
	t = target_of(m->p, extends);
	if (!t.known)
		return NULL;
	if (++m->following > m->p->limits.include_depth) {
		struct cm_diag *d = cm_error(m->p, cm_span_of(extends), CM_E_EXTENDS,
			"services extend one another in a circle, or more than %llu deep",
			(unsigned long long)m->p->limits.include_depth);

		cm_help(m->p, d, "--limit-include-depth raises this limit");
		m->following--;
		return NULL;
	}
	under = t.file.n ? from_other_file(m, attr, extends, t, folder)
			 : in_same_file(m, attr, root, extends, t, folder);
	m->following--;
	if (!under)
		return NULL;
	own = cm_without_pair(m->p, service, extends_word(m->p));
	inner.hidden = false;
	inner.authored = !t.file.n;
	inner.spills = NULL;
	merged = cm_merge_map(&inner, NULL, attr, under, own);
	if (inner.spills)
		return NULL;
	return cm_without_tags(
		m->p, cm_beneath(m, cm_without_pair(m->p, merged, extends_word(m->p)), service));
}

/* ---- one service over another ---- */

/* May a new service keep its extends? Only if the result will have the same service under that
 * name. */
static bool finds_the_same(struct cm_merger *m, const struct cm_node *extends)
{
	struct target t = target_of(m->p, extends);
	unsigned depth = 0;

	while (t.known && !t.file.n) {
		const struct cm_node *next;

		if (find_service(m, m->root, t.service))
			return false;
		next = find_service(m, m->over_root, t.service);
		extends = next ? cm_extends_of(m->p, next) : NULL;
		if (!extends || ++depth > m->p->limits.include_depth)
			return true;
		t = target_of(m->p, extends);
	}
	return true;
}

static const struct cm_node *merge_with(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over,
	bool hidden)
{
	bool was = m->hidden;
	const struct cm_node *merged;

	m->hidden = was || hidden;
	m->inherits = hidden;
	m->must_inline = false;
	merged = cm_merge_map(m, at, attr, base, over);
	m->hidden = was;
	m->inherits = false;
	return merged;
}

static const struct cm_node *new_service(
	struct cm_merger *m, const struct cm_attr *attr, const struct cm_node *over)
{
	const struct cm_node *extends = cm_extends_of(m->p, over), *whole;

	if (!extends)
		return cm_adopt(m, over);
	if (finds_the_same(m, extends))
		return over;
	whole = cm_inline_extends(m, attr, m->over_root, over, m->folder);
	return whole ? whole : over;
}

/* Services of the result whose extends is held by a variable: what it may name must not change
 * under them. */
struct cm_heirs {
	const struct cm_sym *heir;
	struct cm_str target;
	struct cm_heirs *next;
};

void cm_find_open_heirs(struct cm_merger *m)
{
	static const enum cm_role roles[] = {CM_ROLE_SERVICES, CM_ROLE_JOBS};

	m->open_heirs = NULL;
	for (int r = 0; r < 2; r++) {
		const struct cm_node *section = cm_section(m->p, m->root, roles[r]);

		for (uint32_t i = 0; section && i < section->count; i++) {
			const struct cm_node *extends =
				cm_extends_of(m->p, section->pairs[i].value);
			struct target t = {.known = true};
			struct cm_heirs *h;

			if (extends)
				t = target_of(m->p, extends);
			if (t.known || t.file.n || !t.service.n)
				continue;
			h = cm_new(m->p->arena, struct cm_heirs);
			*h = (struct cm_heirs){section->pairs[i].word, t.service, m->open_heirs};
			m->open_heirs = h;
		}
	}
}

static bool may_be_extended(const struct cm_merger *m, const struct cm_step *at)
{
	for (const struct cm_heirs *h = m->open_heirs; h; h = h->next)
		if (h->heir != at->pair->word &&
			cm_may_equal(h->target, cm_sym_str(at->pair->word)))
			return true;
	return false;
}

const struct cm_node *cm_merge_service(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_node *o = cm_deref(over), *extends, *merged, *whole;
	void *before;
	bool inherits;

	if (!base)
		return o->kind == CM_MAP ? new_service(m, attr, over) : cm_adopt(m, over);
	if (cm_is_null(o))
		return base;
	if (cm_is_null(base))
		return new_service(m, attr, over);
	if (base->kind != CM_MAP || o->kind != CM_MAP)
		return cm_kind_clash(m, at, base, over);
	if (may_be_extended(m, at))
		return cm_spill(m, at, base, over,
			"a variable names the service that another one extends, and it could be this one");
	extends = cm_extends_of(m->p, o);
	if (extends) {
		if (o->flags & CM_HAS_TAG &&
			cm_extends_of(
				m->p, base)) { /* its tags act on what the base inherits, too */
			whole = cm_inline_extends(m, attr, m->root, base, m->folder);
			base = whole ? whole : base;
		}
		base = cm_apply_tags(m, at, attr, base, o);
		o = cm_inline_extends(m, attr, m->over_root, o, m->folder);
		if (!o) {
			m->whole_layer = true; /* what it extends must stand in its own document */
			return base;
		}
	}
	inherits = cm_extends_of(m->p, base) != NULL;
	before = cm_spills_mark(m);
	merged = merge_with(m, at, attr, base, o, inherits);
	if (!m->must_inline || !(inherits || m->included))
		return merged;
	whole = inherits ? cm_inline_extends(m, attr, m->root, base, m->folder) : NULL;
	m->must_inline = false;
	cm_spills_reset(m, before);
	if (!whole)
		return cm_spill(m, at, base, over,
			"what it is laid on is only known when the extended or included file is read");
	return merge_with(m, at, attr, whole, o, false);
}

/* ---- heirs ---- */

static bool is_one_line(const struct cm_node *n)
{
	return cm_deref(n)->kind == CM_SCALAR && !(cm_deref(n)->flags & CM_MULTILINE) &&
		cm_deref(n)->style <= CM_DOUBLE;
}

/* A heir whose extended service only changed in values of one line says the old ones itself, right
 * behind its extends. NULL: that is not enough. */
static const struct cm_node *guarded_heir(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *before, const struct cm_node *after, const struct cm_node *heir,
	struct target t)
{
	const struct cm_node *was = find_service(m, before, t.service),
			     *now = find_service(m, after, t.service);
	struct cm_entries out = {0}, guards = {0};
	struct cm_pairs old, new;

	if (!was || !now || heir->kind != CM_MAP || !cm_map_own(heir, extends_word(m->p)))
		return NULL;
	old = cm_pairs_of(m->p, was);
	new = cm_pairs_of(m->p, now);
	for (uint32_t i = 0; i < new.count; i++)
		if (new.at[i].word && !cm_map_get(m->p, was, new.at[i].word))
			return NULL;
	for (uint32_t i = 0; i < old.count; i++) {
		const struct cm_pair *held =
			old.at[i].word ? cm_map_get(m->p, now, old.at[i].word) : NULL;
		const struct cm_attr *row =
			old.at[i].word ? cm_attr_child(attr, cm_sym_str(old.at[i].word)) : NULL;

		if (held &&
			(held->value == old.at[i].value ||
				cm_equal(m->p, held->value, old.at[i].value)))
			continue;
		if (!held || !row || row->merge != CM_MERGE_DEFAULT || !is_one_line(held->value) ||
			!is_one_line(old.at[i].value) || cm_is_null(old.at[i].value))
			return NULL;
		if (!cm_map_get(m->p, heir, old.at[i].word))
			cm_entries_add(m->p, &guards, old.at[i]);
	}
	for (uint32_t i = 0; i < heir->count; i++) {
		cm_entries_add(m->p, &out, heir->pairs[i]);
		for (uint32_t g = 0; heir->pairs[i].word == extends_word(m->p) && g < guards.count;
			g++)
			cm_entries_add(m->p, &out, guards.at[g]);
	}
	return guards.count <= 3 ? cm_make_map(m->p, out.at, out.count, heir->style, heir) : NULL;
}

static const struct cm_node *keep_heirs_of(struct cm_merger *m, enum cm_role role,
	const struct cm_node *before, const struct cm_node *after)
{
	const struct cm_node *old = cm_section(m->p, before, role),
			     *new = cm_section(m->p, after, role);
	const struct cm_attr *attr = cm_attr_child(cm_attr_role(role), CM_STR("any"));
	struct cm_pair *pairs = NULL;
	struct cm_entries top = {0};

	if (!old || !new || old == new)
		return after;
	m->jobs = role == CM_ROLE_JOBS;
	for (uint32_t i = 0; i < new->count; i++) {
		const struct cm_node *extends = cm_extends_of(m->p, new->pairs[i].value), *whole;
		const struct cm_pair *was =
			extends ? cm_map_get(m->p, old, new->pairs[i].word) : NULL;
		struct target t;

		if (!was || !cm_extends_of(m->p, was->value))
			continue;
		t = target_of(m->p, extends);
		if (!t.known || t.file.n ||
			find_service(m, before, t.service) == find_service(m, after, t.service))
			continue;
		whole = guarded_heir(m, attr, before, after, cm_deref(new->pairs[i].value), t);
		if (!whole)
			whole = !find_service(m, before, t.service)
				? NULL
				: cm_inline_extends(
					  m, attr, before, new->pairs[i].value, m->folder);
		if (!whole) {
			m->whole_layer = true;
			continue;
		}
		if (!pairs) {
			pairs = cm_new_array(m->p->arena, new->count, struct cm_pair);
			memcpy(pairs, new->pairs, new->count * sizeof(*pairs));
		}
		pairs[i].value = whole;
	}
	m->jobs = false;
	if (!pairs)
		return after;
	for (uint32_t i = 0; i < after->count; i++) {
		cm_entries_add(m->p, &top, after->pairs[i]);
		if (after->pairs[i].word == cm_role_word(m->p, role))
			top.at[i].value = cm_make_map(m->p, pairs, new->count, new->style, new);
	}
	return cm_make_map(m->p, top.at, top.count, after->style, after);
}

const struct cm_node *cm_keep_heirs(
	struct cm_merger *m, const struct cm_node *before, const struct cm_node *after)
{
	if (before == after)
		return after;
	after = keep_heirs_of(m, CM_ROLE_SERVICES, before, after);
	return keep_heirs_of(m, CM_ROLE_JOBS, before, after);
}
