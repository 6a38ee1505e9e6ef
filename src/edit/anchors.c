/* SPDX-License-Identifier: MIT */

/*
 * What anchors mean while the output grows (design.md, "Anchors and << stay").
 *
 * In the merged tree an alias points at the node it meant when its file was read. In the text it is
 * a name, and means whatever stands last above it under that name. The writer therefore keeps, per
 * name, the node the output holds there now, and asks before it lets an alias stand.
 */

#include "walk.h"

/* An anchored node of the base that changed in place. */
struct cm_changed {
	const struct cm_node *old;
	bool aliased, used, dropped;
	struct cm_changed *next;
};

struct cm_binding {
	const struct cm_sym *name;
	const struct cm_node *node;
	struct cm_changed *changed; /* set while node is one */
	bool of_base; /* the base file has an anchor of this name somewhere */
	struct cm_binding *next;
};

enum { SLOTS = 64 };

/* How many aliases of the result stand for a node. Open addressing. */
struct cm_uses {
	const struct cm_node **targets;
	uint32_t *counts;
	const struct cm_node *
		*visited; /* nodes already counted through: an alias bomb has few nodes */
	size_t size, used, visited_size, visited_used;
};

static struct cm_binding *binding_of(struct cm_writer *w, const struct cm_sym *name)
{
	struct cm_binding **slot = &w->bindings[name->hash % SLOTS], *b;

	for (b = *slot; b; b = b->next)
		if (b->name == name)
			return b;
	b = cm_new(w->p->arena, struct cm_binding);
	b->name = name;
	b->next = *slot;
	*slot = b;
	return b;
}

static size_t slot_of(const void *p, size_t size)
{
	return (size_t)(((uint64_t)(uintptr_t)p * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (size - 1);
}

static void grow_uses(struct cm_writer *w, struct cm_uses *u)
{
	struct cm_uses old = *u;

	u->size = old.size ? old.size * 2 : 64;
	u->targets = cm_new_array(w->p->arena, u->size, const struct cm_node *);
	u->counts = cm_new_array(w->p->arena, u->size, uint32_t);
	for (size_t i = 0; i < old.size; i++) {
		size_t at;

		if (!old.targets[i])
			continue;
		for (at = slot_of(old.targets[i], u->size); u->targets[at];
			at = (at + 1) & (u->size - 1))
			;
		u->targets[at] = old.targets[i];
		u->counts[at] = old.counts[i];
	}
}

static uint32_t *count_of(struct cm_writer *w, const struct cm_node *target)
{
	struct cm_uses *u = w->uses;
	size_t at;

	if (u->used * 2 >= u->size)
		grow_uses(w, u);
	for (at = slot_of(target, u->size); u->targets[at]; at = (at + 1) & (u->size - 1))
		if (u->targets[at] == target)
			return &u->counts[at];
	u->targets[at] = target;
	u->used++;
	return &u->counts[at];
}

static void count_uses(struct cm_writer *w, const struct cm_node *n)
{
	if (n->kind == CM_ALIAS) {
		++*count_of(w, n->target);
		return;
	}
	if (!(n->flags & CM_HAS_ALIAS) || n->kind == CM_SCALAR)
		return;
	for (uint32_t i = 0; i < n->count; i++) {
		if (n->kind == CM_MAP && n->pairs[i].key->kind == CM_ALIAS)
			count_uses(w, n->pairs[i].key);
		count_uses(w, n->kind == CM_MAP ? n->pairs[i].value : n->items[i]);
	}
}

static bool aliased_below(const struct cm_node *n, const struct cm_node *target)
{
	if (n->kind == CM_ALIAS)
		return n->target == target;
	for (uint32_t i = 0; n->kind != CM_SCALAR && n->flags & CM_HAS_ALIAS && i < n->count; i++)
		if (aliased_below(n->kind == CM_MAP ? n->pairs[i].value : n->items[i], target))
			return true;
	return false;
}

static void note_base_names(struct cm_writer *w, const struct cm_node *n)
{
	if (cm_anchor(n))
		binding_of(w, cm_anchor(n))->of_base = true;
	if (!(n->flags & CM_HAS_ANCHOR) || n->kind == CM_SCALAR || n->kind == CM_ALIAS)
		return;
	for (uint32_t i = 0; i < n->count; i++) {
		if (n->kind == CM_MAP)
			note_base_names(w, n->pairs[i].key);
		note_base_names(w, n->kind == CM_MAP ? n->pairs[i].value : n->items[i]);
	}
}

/* Did an anchored node of the base change, be it below? Only subtrees with anchors are looked at.
 */
static bool anchored_changed(const struct cm_node *was, const struct cm_node *now)
{
	const struct cm_made *made = cm_made_of(now);
	uint32_t j = 0;

	if (was == now || !(was->flags & CM_HAS_ANCHOR))
		return false;
	if (cm_anchor(was) || was->kind != now->kind || was->kind == CM_SCALAR ||
		was->kind == CM_ALIAS)
		return true;
	for (uint32_t i = 0; was->kind == CM_SEQ && i < was->count; i++) {
		bool stays = j < now->count &&
			(made && made->slots ? made->slots[j] : now->items[j]) == was->items[i];

		if (was->items[i]->flags & CM_HAS_ANCHOR &&
			(!stays || anchored_changed(was->items[i], now->items[j])))
			return true;
		j += stays;
	}
	for (; was->kind == CM_MAP && j < was->count; j++) {
		const struct cm_pair *pair =
			was->pairs[j].word && was->pairs[j].value->flags & CM_HAS_ANCHOR
			? cm_map_own(now, was->pairs[j].word)
			: NULL;

		if (was->pairs[j].value->flags & CM_HAS_ANCHOR &&
			(!pair || anchored_changed(was->pairs[j].value, pair->value)))
			return true;
		if (was->pairs[j].key->flags & CM_HAS_ANCHOR)
			return true;
	}
	return false;
}

/* Do the layers above the base bring aliases or anchors? */
static bool layers_share(const struct cm_writer *w)
{
	for (uint32_t i = 1; i < w->layer_count; i++)
		if (w->layers[i].root->flags & (CM_HAS_ALIAS | CM_HAS_ANCHOR))
			return true;
	return false;
}

void cm_anchors_begin(struct cm_writer *w, const struct cm_node *root, bool shared_changed)
{
	w->bindings = cm_new_array(w->p->arena, SLOTS, struct cm_binding *);
	w->uses = cm_new(w->p->arena, struct cm_uses);
	w->tracking = ((root->flags | w->root->flags) & CM_HAS_ALIAS) &&
		(shared_changed || layers_share(w) || anchored_changed(w->root, root));
	if (w->tracking)
		count_uses(w, root);
	if (cm_text_node(root))
		note_base_names(w, cm_text_node(root));
}

const struct cm_node *cm_bound(struct cm_writer *w, const struct cm_sym *name)
{
	return binding_of(w, name)->node;
}

void cm_bind(struct cm_writer *w, const struct cm_sym *name, const struct cm_node *n)
{
	struct cm_binding *b = binding_of(w, name);

	b->node = n;
	b->changed = NULL;
}

static struct cm_changed *changed_of(struct cm_writer *w, const struct cm_node *old)
{
	struct cm_changed *c = w->changed;

	while (c && c->old != old)
		c = c->next;
	return c;
}

void cm_bind_changed(struct cm_writer *w, const struct cm_sym *name, const struct cm_node *old,
	const struct cm_node *new)
{
	struct cm_changed *c;

	cm_bind(w, name, new);
	if (new == old)
		return;
	c = changed_of(w, old);
	if (!c) {
		c = cm_new(w->p->arena, struct cm_changed);
		c->old = old;
		c->aliased = aliased_below(w->root, old);
		c->next = w->changed;
		w->changed = c;
	}
	if (c->dropped)
		cm_bind(w, name, NULL);
	else
		binding_of(w, name)->changed = c;
}

bool cm_is_dropped(struct cm_writer *w, const struct cm_node *old)
{
	struct cm_changed *c = changed_of(w, old);

	return c && c->dropped;
}

bool cm_anchors_again(struct cm_writer *w)
{
	bool again = false;

	for (struct cm_changed *c = w->changed; c; c = c->next)
		if (c->aliased && !c->used && !c->dropped)
			again = c->dropped = true;
	return again;
}

const struct cm_sym *cm_name_for(struct cm_writer *w, const struct cm_node *alias)
{
	const struct cm_sym *name = cm_alias_name(w, alias);

	if (cm_alias_holds(w, name, alias->target))
		return name;
	if (alias->source == w->base->id)
		return NULL;
	for (unsigned i = 0; i < SLOTS; i++)
		for (struct cm_binding *b = w->bindings[i]; b; b = b->next)
			if (b->node && b->of_base && cm_alias_holds(w, b->name, alias->target))
				return b->name;
	return NULL;
}

bool cm_alias_holds(struct cm_writer *w, const struct cm_sym *name, const struct cm_node *target)
{
	struct cm_binding *b = binding_of(w, name);

	if (!b->node || (b->node != target && !cm_equal(w->p, b->node, target)))
		return false;
	if (b->changed)
		b->changed->used = true;
	return true;
}

void cm_used(struct cm_writer *w, const struct cm_node *target)
{
	uint32_t *count = count_of(w, target);

	if (*count)
		--*count;
}

uint32_t cm_uses_left(struct cm_writer *w, const struct cm_node *target)
{
	return *count_of(w, target);
}

bool cm_name_free(struct cm_writer *w, const struct cm_sym *name)
{
	return !binding_of(w, name)->of_base;
}

const struct cm_sym *cm_alias_name(struct cm_writer *w, const struct cm_node *alias)
{
	const struct cm_source *src = cm_source_of(w->p, alias->source);
	struct cm_str name = cm_str_cut(src->text, alias->start + 1, alias->end);

	return cm_sym(w->p, name);
}

/* ---- aliases of the base that took the same change ---- */

static bool wanted_below(struct cm_writer *w, const struct cm_node *was, const struct cm_node *now,
	const struct cm_node *old, const struct cm_node *new)
{
	const struct cm_made *made;
	uint32_t j = 0;

	if (was->kind == CM_ALIAS)
		return was->target == old && now != was && cm_equal(w->p, now, new);
	if (now == was || now->kind != was->kind || was->kind == CM_SCALAR ||
		!(was->flags & CM_HAS_ALIAS))
		return false;
	made = cm_made_of(now);
	for (uint32_t i = 0; was->kind == CM_SEQ && i < was->count && j < now->count; i++) {
		if ((made && made->slots ? made->slots[j] : now->items[j]) == was->items[i] &&
			wanted_below(w, was->items[i], now->items[j++], old, new))
			return true;
	}
	for (; was->kind == CM_MAP && j < now->count; j++) {
		uint32_t i = cm_place_in(was, now->pairs[j].key);

		if (i != UINT32_MAX &&
			wanted_below(w, was->pairs[i].value, now->pairs[j].value, old, new))
			return true;
	}
	return false;
}

bool cm_wanted(struct cm_writer *w, const struct cm_node *old, const struct cm_node *new)
{
	return wanted_below(w, w->root, w->new_root, old, new);
}
