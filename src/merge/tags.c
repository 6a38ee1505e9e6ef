/* SPDX-License-Identifier: MIT */

/*
 * !reset and !override (spec/merge.md 4): what a tagged value is once its tag has acted.
 *
 *   {A: !reset x, B: !override 5, C: [1, !reset 2]}   ->   {B: "5", C: [1]}
 *
 * Below an !override tags are inert: a tagged scalar there is just a string.
 */

#include "merge.h"

#include "../yaml/scalar.h"

bool cm_is_reset(const struct cm_node *n)
{
	return cm_str_is(cm_tag(n), "!reset") ||
		(n->kind == CM_ALIAS && cm_str_is(cm_tag(cm_deref(n)), "!reset"));
}

bool cm_is_override(const struct cm_node *n)
{
	return cm_str_is(cm_tag(n), "!override") ||
		(n->kind == CM_ALIAS && cm_str_is(cm_tag(cm_deref(n)), "!override"));
}

static bool acts(const struct cm_node *n)
{
	return cm_str_is(cm_tag(n), "!reset") || cm_str_is(cm_tag(n), "!override");
}

static const struct cm_node *cleaned(struct cm_project *p, const struct cm_node *n, bool inert);

/* The node without its own tag; an anchor stays. A scalar under a tag is a string, whatever it
 * looks like. */
static struct cm_made *untagged(struct cm_project *p, const struct cm_node *n)
{
	struct cm_made *m = cm_make(p, n->kind, n->style, n);

	m->node.flags = (uint16_t)((n->flags & ~(CM_HAS_TAG | CM_OPEN)) | CM_MADE);
	m->node.props = NULL;
	if (cm_anchor(n)) {
		struct cm_props *props = cm_new(p->arena, struct cm_props);

		*props = *n->props;
		props->tag = (struct cm_str){"", 0};
		m->node.props = props;
	}
	if (n->kind == CM_SCALAR && n->style == CM_PLAIN) {
		m->node.source = 0; /* quoted only where the text would be another type */
	}
	return m;
}

static void clean_map(struct cm_project *p, struct cm_made *m, const struct cm_node *n, bool inert)
{
	m->node.pairs = cm_new_array(p->arena, n->count, struct cm_pair);
	m->node.count = 0;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct cm_node *value = n->pairs[i].value;

		if (!inert && cm_is_reset(value))
			continue;
		m->node.pairs[m->node.count] = n->pairs[i];
		m->node.pairs[m->node.count++].value = cleaned(p, value, inert);
	}
}

static void clean_seq(struct cm_project *p, struct cm_made *m, const struct cm_node *n, bool inert)
{
	m->node.items = cm_new_array(p->arena, n->count, const struct cm_node *);
	m->slots = cm_new_array(p->arena, n->count, const struct cm_node *);
	m->node.count = 0;
	for (uint32_t i = 0; i < n->count; i++) {
		if (!inert && cm_is_reset(n->items[i]))
			continue;
		m->slots[m->node.count] = n->items[i];
		m->node.items[m->node.count++] = cleaned(p, n->items[i], inert);
	}
}

static const struct cm_node *cleaned(struct cm_project *p, const struct cm_node *n, bool inert)
{
	struct cm_made *m;

	if (!(n->flags & CM_HAS_TAG))
		return n;
	if (n->kind == CM_ALIAS)
		return cleaned(p, n->target, inert);
	inert = inert || acts(n);
	m = untagged(p, n);
	if (n->kind == CM_MAP)
		clean_map(p, m, n, inert);
	else if (n->kind == CM_SEQ)
		clean_seq(p, m, n, inert);
	return &m->node;
}

/* over's tagged nodes alone, each as !reset. NULL: it has none. */
static const struct cm_node *skeleton(struct cm_project *p, const struct cm_node *over)
{
	static const struct cm_props props = {{"!reset", 6}, NULL, 0};
	struct cm_entries e = {0};

	if (!(over->flags & CM_HAS_TAG))
		return NULL;
	if (cm_is_reset(over) || cm_is_override(over)) {
		struct cm_made *m = (struct cm_made *)cm_make_raw(p, CM_STR("null"), over);

		m->node.props = &props;
		m->node.flags |= CM_HAS_TAG;
		return &m->node;
	}
	over = cm_deref(over);
	for (uint32_t i = 0; over->kind == CM_MAP && i < over->count; i++) {
		struct cm_pair pair = over->pairs[i];

		if (pair.word == cm_role_word(p, CM_ROLE_EXTENDS))
			continue;
		pair.value = skeleton(p, pair.value);
		if (pair.value)
			cm_entries_add(p, &e, pair);
	}
	return e.count ? cm_make_map(p, e.at, e.count, CM_BLOCK, NULL) : NULL;
}

const struct cm_node *cm_apply_tags(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over)
{
	const struct cm_node *bones = skeleton(m->p, over);

	return bones && bones->kind == CM_MAP ? cm_merge_map(m, at, attr, base, bones) : base;
}

const struct cm_node *cm_without_tags(struct cm_project *p, const struct cm_node *over)
{
	return cleaned(p, over, false);
}

const struct cm_node *cm_adopt(struct cm_merger *m, const struct cm_node *over)
{
	if (!(over->flags & CM_HAS_TAG) || m->hidden)
		return over;
	return cm_without_tags(m->p, over);
}
