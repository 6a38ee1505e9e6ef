/* SPDX-License-Identifier: MIT */

/*
 * The fold: layer after layer over the base, strictly left to right (spec/merge.md 1, 2.1).
 *
 * What cannot be said in one document is spilled: from the first layer that cannot be merged at a
 * path, this and all later layers' values at that path go to further documents, one a layer, in
 * order. Loading those is exactly what Compose does with the files themselves (merge.md 9.1).
 */

#include "merge.h"

#include "../base/diag.h"
#include "rebase.h"

/* ---- spills ---- */

struct spill {
	struct spill *next;
	uint32_t layer;
	const struct cm_pair *
		path; /* depth pairs from the root down; the last one's value is what was spilled */
	uint32_t depth;
};

enum { AT = 2, ABOVE = 1 };

struct cm_spills {
	struct spill *first, **last;
	struct {
		uint64_t hash;
		int mark;
	} * set; /* hashes of the spilled paths and of all their prefixes */
	size_t size, used;
};

struct cm_step cm_step_to(const struct cm_step *up, const struct cm_pair *pair)
{
	uint64_t hash =
		(up ? up->hash : UINT64_C(0x9e3779b97f4a7c15)) ^ (uint64_t)(uintptr_t)pair->word;

	hash *= UINT64_C(0xff51afd7ed558ccd);
	return (struct cm_step){up, pair, hash ^ hash >> 32};
}

static void mark(struct cm_project *p, struct cm_spills *s, uint64_t hash, int how)
{
	size_t i;

	if (s->used * 2 >= s->size) {
		size_t old = s->size;
		void *set = s->set;
		struct {
			uint64_t hash;
			int mark;
		} *from = set;

		s->size = old ? old * 2 : 32;
		s->set = cm_calloc(p->arena, s->size, sizeof(*s->set));
		s->used = 0;
		for (size_t j = 0; j < old; j++)
			if (from[j].mark)
				mark(p, s, from[j].hash, from[j].mark);
	}
	for (i = hash & (s->size - 1); s->set[i].mark; i = (i + 1) & (s->size - 1)) {
		if (s->set[i].hash == hash) {
			s->set[i].mark |= how;
			return;
		}
	}
	s->set[i].hash = hash;
	s->set[i].mark = how;
	s->used++;
}

bool cm_spilled(const struct cm_merger *m, const struct cm_step *at, bool below)
{
	const struct cm_spills *s = m->spills;

	if (!s)
		return false;
	for (size_t i = at->hash & (s->size - 1); s->set[i].mark; i = (i + 1) & (s->size - 1))
		if (s->set[i].hash == at->hash)
			return below || s->set[i].mark & AT;
	return false;
}

static void record_spill(struct cm_merger *m, const struct cm_step *at, const struct cm_node *over)
{
	struct spill *s = cm_new(m->p->arena, struct spill);
	struct cm_pair *path;
	const struct cm_step *step;
	uint32_t depth = 0;

	if (!m->spills) {
		m->spills = cm_new(m->p->arena, struct cm_spills);
		m->spills->last = &m->spills->first;
	}
	for (step = at; step; step = step->up)
		depth++;
	path = cm_new_array(m->p->arena, depth, struct cm_pair);
	s->depth = depth;
	for (step = at; step; step = step->up) {
		path[--depth] = *step->pair;
		mark(m->p, m->spills, step->hash, step == at ? AT : ABOVE);
	}
	path[s->depth - 1].value = over;
	s->path = path;
	s->layer = m->layer;
	*m->spills->last = s;
	m->spills->last = &s->next;
}

void *cm_spills_mark(struct cm_merger *m)
{
	return m->spills ? (void *)m->spills->last : NULL;
}

void cm_spills_reset(struct cm_merger *m, void *mark)
{
	if (!m->spills)
		return;
	m->spills->last = mark ? mark : (void *)&m->spills->first;
	*m->spills->last = NULL;
}

/* The nearest one document can come: both lists' entries, or the base as it was. */
static const struct cm_node *nearest(
	struct cm_merger *m, const struct cm_node *base, const struct cm_node *over)
{
	struct cm_items out = {0};

	if (!base || base->kind != CM_SEQ || cm_deref(over)->kind != CM_SEQ)
		return base;
	for (uint32_t i = 0; i < base->count; i++)
		cm_items_add(m->p, &out, base->items[i], base->items[i]);
	for (uint32_t i = 0; i < cm_deref(over)->count; i++) {
		bool held = false;

		for (uint32_t j = 0; j < out.count && !held; j++)
			held = cm_equal(m->p, out.at[j], cm_deref(over)->items[i]);
		if (!held)
			cm_items_add(m->p, &out, cm_deref(over)->items[i], NULL);
	}
	return cm_make_seq(m->p, out.at, out.count, base->style, base, out.slots);
}

const struct cm_node *cm_spill(struct cm_merger *m, const struct cm_step *at,
	const struct cm_node *base, const struct cm_node *over, const char *why)
{
	struct cm_diag *d = NULL;

	if (why) {
		d = cm_warn(m->p, cm_span_of(over), CM_E_SEVERAL_DOCUMENTS,
			"no single document can say this for every value of the variables: %s",
			why);
		if (base)
			cm_note(m->p, d, cm_span_of(base), "it is laid over this");
	}
	if (m->options->single) {
		if (d)
			cm_help(m->p, d,
				"--single was given: the result is the nearest single document");
		return nearest(m, base, over);
	}
	if (d)
		cm_help(m->p, d,
			"the value follows in a document of its own, which Docker Compose merges when it loads the result");
	record_spill(m, at, over);
	return base;
}

/* A tree of one layer's spilled values, as mappings of our own. */
static const struct cm_node *plant(struct cm_project *p, const struct cm_node *tree,
	const struct cm_pair *path, uint32_t depth)
{
	struct cm_entries e = {0};
	struct cm_pair pair = path[0];
	bool found = false;

	for (uint32_t i = 0; tree && i < tree->count; i++) {
		cm_entries_add(p, &e, tree->pairs[i]);
		if (tree->pairs[i].word == pair.word && depth > 1) {
			e.at[i].value = plant(p, tree->pairs[i].value, path + 1, depth - 1);
			found = true;
		}
	}
	if (!found) {
		if (depth > 1)
			pair.value = plant(p, NULL, path + 1, depth - 1);
		cm_entries_add(p, &e, pair);
	}
	return cm_make_map(p, e.at, e.count, CM_BLOCK, NULL);
}

static void collect_spills(struct cm_merger *m, struct cm_merged *out)
{
	const struct spill *s = m->spills ? m->spills->first : NULL;

	out->further = cm_new_array(m->p->arena, (size_t)m->layer + 1, const struct cm_node *);
	while (s) {
		const struct cm_node *tree = NULL;
		uint32_t layer = s->layer;

		for (; s && s->layer == layer; s = s->next)
			tree = plant(m->p, tree, s->path, s->depth);
		out->further[out->further_count++] = tree;
	}
}

/* ---- sections ---- */

const struct cm_sym *cm_role_word(struct cm_project *p, enum cm_role role)
{
	if (!p->role_words)
		p->role_words = cm_new_array(p->arena, CM_ROLE_COUNT, const struct cm_sym *);
	if (!p->role_words[role] && cm_attr_role(role))
		p->role_words[role] = cm_sym(p, cm_str_of(cm_attr_role(role)->name));
	return p->role_words[role];
}

const struct cm_node *cm_section(
	struct cm_project *p, const struct cm_node *root, enum cm_role role)
{
	const struct cm_pair *pair = cm_map_get(p, root, cm_role_word(p, role));

	return pair && cm_deref(pair->value)->kind == CM_MAP ? cm_deref(pair->value) : NULL;
}

const struct cm_node *cm_without_pair(
	struct cm_project *p, const struct cm_node *map, const struct cm_sym *word)
{
	struct cm_entries kept = {0};

	if (!cm_map_own(map, word))
		return map;
	for (uint32_t i = 0; i < map->count; i++)
		if (map->pairs[i].word != word)
			cm_entries_add(p, &kept, map->pairs[i]);
	return cm_make_map(p, kept.at, kept.count, map->style, map);
}

/* ---- the fold ---- */

static bool is_mapping(struct cm_project *p, const struct cm_layer *layer)
{
	struct cm_diag *d;

	if (cm_deref(layer->root)->kind == CM_MAP)
		return true;
	d = cm_error(p, cm_span_of(layer->root), CM_E_ROOT,
		"a Compose file is a mapping; this is %s",
		cm_is_null(layer->root)                         ? "empty"
			: cm_deref(layer->root)->kind == CM_SEQ ? "a list"
								: "a single value");
	cm_help(p, d, "the top level holds keys such as \"services:\"");
	return false;
}

bool cm_check_roots(struct cm_project *p, const struct cm_layer *layers, uint32_t count)
{
	bool fine = true;

	for (uint32_t i = 0; i < count; i++)
		fine = is_mapping(p, &layers[i]) && fine;
	return fine;
}

/* From this layer on everything goes to documents of its own. */
static void spill_layer(struct cm_merger *m, const struct cm_node *over)
{
	struct cm_pairs all = cm_pairs_of(m->p, over);

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_step here = cm_step_to(NULL, &all.at[i]);
		const struct cm_attr *attr =
			all.at[i].word ? cm_attr_child(NULL, cm_sym_str(all.at[i].word)) : NULL;

		if (attr && attr->merge == CM_MERGE_VERSION)
			continue;
		record_spill(m, &here, all.at[i].value);
	}
}

static void warn_whole_layer(struct cm_merger *m, const struct cm_node *over)
{
	struct cm_diag *d = cm_warn(m->p, cm_span_of(over), CM_E_SEVERAL_DOCUMENTS,
		"this file cannot share a document with the earlier ones: a service extends what cannot be written out");

	cm_help(m->p, d, "it follows as a document of its own, as do all later files");
}

bool cm_merge_layers(struct cm_project *p, const struct cm_merge_options *o,
	const struct cm_layer *layers, uint32_t count, struct cm_merged *out)
{
	struct cm_merger m = {.p = p, .options = o, .hidden = o->partial, .folder = ""};
	bool rest = false;
	void *mark;
	unsigned errors = p->errors;
	uint32_t sources = p->source_count;

	m.scratch = cm_arena_child(p->arena);
	m.folder = cm_dirname(p, layers[0].file->source->name);
	m.root = cm_deref(layers[0].root);
	m.included = cm_has_include(p, m.root);
	for (m.layer = 1; m.layer < count; m.layer++) {
		const struct cm_node *over = cm_deref(layers[m.layer].root), *merged;

		m.over_root = over;
		if (!rest)
			over = cm_take_include(&m, over, &rest);
		if (rest) {
			spill_layer(&m, over);
			continue;
		}
		m.over_root = over;
		m.hidden = o->partial || m.included;
		cm_find_open_heirs(&m);
		m.whole_layer = false;
		mark = cm_spills_mark(&m);
		merged = cm_merge_map(&m, NULL, NULL, m.root, over);
		merged = cm_keep_heirs(&m, m.root, merged);
		if (!m.whole_layer || o->single) {
			m.root = merged;
			continue;
		}
		cm_spills_reset(&m, mark);
		warn_whole_layer(&m, over);
		rest = true;
		spill_layer(&m, over);
	}
	cm_arena_undefer(p->arena, m.scratch);
	out->shared_changed = m.shared_changed ||
		p->source_count > sources; /* text of other files brings aliases, too */
	out->root = m.root;
	m.layer = count;
	collect_spills(&m, out);
	return p->errors == errors;
}
