/* SPDX-License-Identifier: MIT */
#ifndef CM_EDIT_WALK_H
#define CM_EDIT_WALK_H

/* What walk.c and flow.c share: see walk.c for the idea. */

#include "writer.h"

/* The row below, or a row that knows nothing: never NULL. attr NULL: the whole file. */
const struct cm_attr *cm_row_below(const struct cm_attr *attr, const struct cm_sym *word);
const struct cm_attr *cm_row_of_item(const struct cm_attr *attr);
/* The number of the pair of map that has this very key, or UINT32_MAX. map is loaded: its keys
 * stand in order. */
uint32_t cm_place_in(const struct cm_node *map, const struct cm_node *key);
/* Must this flow collection become a block, because something it receives cannot stand on a line?
 */
bool cm_must_turn_to_block(
	struct cm_writer *w, const struct cm_node *old, const struct cm_node *new);
/* The same for a flow collection: everything happens on its line, or below its last item. */
void cm_walk_flow(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	const struct cm_node *new);
/* new with the entries it shares with old in front. */
const struct cm_node *cm_kept_first(
	struct cm_project *p, const struct cm_node *old, const struct cm_node *new);
/* new, a mapping that takes old's place (NULL: none), in a form that means the same although an
 * alias of its << no longer names what it did: with guards, or written out. new itself where
 * nothing is wrong. */
const struct cm_node *cm_settle(struct cm_writer *w, const struct cm_attr *attr,
	const struct cm_node *old, const struct cm_node *new);
/* An empty list that hides one << would bring; remembered for reading back. */
const struct cm_node *cm_empty_guard(struct cm_writer *w, const struct cm_sym *word);
void cm_count_expansion(struct cm_writer *w, const struct cm_node *n, uint64_t nodes);
/* Does an alias of the base, still to come, mean what `new` says where it said `old`? */
bool cm_wanted(struct cm_writer *w, const struct cm_node *old, const struct cm_node *new);
/* Would an entry bring a comment of its own, which a flow collection on one line cannot hold? */
bool cm_comes_with_comment(
	struct cm_writer *w, const struct cm_node *first, const struct cm_node *value);
/* Do a sequence's dashes stand at the column of the key that holds it? */
bool cm_is_indentless(const struct cm_source *src, const struct cm_node *seq);

#endif
