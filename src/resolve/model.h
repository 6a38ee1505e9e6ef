/* SPDX-License-Identifier: MIT */
#ifndef CM_RESOLVE_MODEL_H
#define CM_RESOLVE_MODEL_H

/*
 * What the passes share: where they stand, look-ups that may fail, and one walk that rebuilds only what changed.
 *
 *   cm_rewrite(w, root)    before(services), before(services.web), before(services.web.ports) ... after(services.web.ports) ...
 *
 * A walk follows the attribute table: what has no row (extensions, free values) is not entered and stays as it is.
 */

#include "print.h"
#include "resolve.h"

#include "../base/diag.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"

/* A chain of frames up the C stack. word is empty for an item. */
struct cm_at {
	const struct cm_at *up;
	const struct cm_attr *attr;      /* the row of what stands here; NULL: the root */
	struct cm_str word;
	uint32_t index;
};

/* "services.web.ports[0]". */
struct cm_str cm_at_text(struct cm_project *p, const struct cm_at *at);
/* The top-level section at stands in. */
enum cm_role cm_at_role(const struct cm_at *at);
/* How many steps below the root; a service stands at 2. */
unsigned cm_at_depth(const struct cm_at *at);
struct cm_at cm_at_item(const struct cm_at *up, uint32_t index);
struct cm_at cm_at_key(const struct cm_at *up, struct cm_str word);

struct cm_rewrite {
	struct cm_resolve *r;
	/* What n becomes; n itself: nothing; NULL: it is left out. before its children are visited, and after. May be NULL. */
	const struct cm_node *(*before)(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n);
	const struct cm_node *(*after)(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n);
	bool failed;
	void *arg;
};
const struct cm_node *cm_rewrite(struct cm_rewrite *w, const struct cm_node *root);

/* The member without aliases; NULL where map is NULL or no mapping, or has no such key. */
const struct cm_node *cm_member(struct cm_project *p, const struct cm_node *map, const char *key);
/* Its text where it is a scalar but no null; p is NULL where it is not. */
struct cm_str cm_member_text(struct cm_project *p, const struct cm_node *map, const char *key);
bool cm_member_true(struct cm_project *p, const struct cm_node *map, const char *key);
/* Is there a value that is no null? */
bool cm_has_member(struct cm_project *p, const struct cm_node *map, const char *key);
/* The entries of a mapping; none for NULL and other kinds. */
struct cm_pairs cm_pairs_below(struct cm_project *p, const struct cm_node *map);
/* The items of a list; none for NULL and other kinds. */
uint32_t cm_items_below(const struct cm_node *seq);
/* The text of item i without aliases, as a literal; p NULL: no scalar. */
struct cm_str cm_item_text(struct cm_resolve *r, const struct cm_node *seq, uint32_t i);
/* map with key set to value (replaced in place, else behind); value NULL: without key. */
const struct cm_node *cm_with(struct cm_project *p, const struct cm_node *map, struct cm_str key, const struct cm_node *value);
/* The same where the key is absent only. */
const struct cm_node *cm_with_default(struct cm_project *p, const struct cm_node *map, const char *key, const struct cm_node *value);
/* A new mapping from pairs being made, standing for orig. */
const struct cm_node *cm_map_made(struct cm_project *p, const struct cm_entries *e, const struct cm_node *orig);
/* Adds key: text as a string. */
void cm_put_text(struct cm_project *p, struct cm_entries *e, const char *key, struct cm_str text, const struct cm_node *from);
void cm_put_raw(struct cm_project *p, struct cm_entries *e, const char *key, struct cm_str text, const struct cm_node *from);

/* The entry of a top-level section by literal name; NULL: none. */
const struct cm_pair *cm_entry(struct cm_project *p, const struct cm_node *root, enum cm_role role, struct cm_str name);
struct cm_pairs cm_section_pairs(struct cm_project *p, const struct cm_node *root, enum cm_role role);
/* root with the values of a section mapped by fn; NULL leaves the entry out. */
const struct cm_node *cm_map_section(struct cm_resolve *r, const struct cm_node *root, enum cm_role role,
	const struct cm_node *(*fn)(struct cm_resolve *r, const struct cm_pair *entry, void *arg), void *arg);

/* Spelled-out KEY: VALUE of a KEY=VALUE map or list, literal; value.p NULL: none. */
struct cm_key_value {
	struct cm_str key, value;
	const struct cm_node *node;
};
struct cm_key_value *cm_key_values(struct cm_resolve *r, const struct cm_node *n, uint32_t *count);

/* "x" of "service:x"; p NULL: another text. */
struct cm_str cm_service_reference(struct cm_str text);

/* canonical.c: x-develop and x-initialSync to their official names (config.md 0, step 4): before include, extends and merge. */
const struct cm_node *cm_rename_aliases(struct cm_resolve *r, const struct cm_node *root);
/* profiles.c: a name of the arguments against the enabled services: shell patterns. */
bool cm_name_matches(struct cm_arena *a, const char *pattern, struct cm_str name);
/* After selection: two services with one container name. */
bool cm_check_names(struct cm_resolve *r, const struct cm_node *root);

#endif
