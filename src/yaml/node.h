/* SPDX-License-Identifier: MIT */
#ifndef CM_YAML_NODE_H
#define CM_YAML_NODE_H

/*
 * The tree of a YAML document. Every node keeps the byte span it came from.
 *
 *   environment: &e     # a comment        MAP  head at "&e", start at "A", style BLOCK, anchor "e"
 *     A: 1                                 key SCALAR "A", value SCALAR "1" (PLAIN)
 *     B: *x                                ALIAS, target = the node anchored x (NULL: to itself,
 * refused by the loader)
 *
 * Nodes never change once made. A pass that changes something makes a new node (struct cm_made)
 * that shares the children it kept; made->orig says which node it stands for, so origin and span
 * cost nothing. All nodes live in the project's arena.
 */

#include "../base/project.h"

enum cm_kind { CM_SCALAR, CM_SEQ, CM_MAP, CM_ALIAS };
enum cm_style { CM_PLAIN, CM_SINGLE, CM_DOUBLE, CM_LITERAL, CM_FOLDED, CM_BLOCK, CM_FLOW };

enum cm_node_flag {
	CM_MADE = 1, /* the node is the first member of a struct cm_made */
	CM_HAS_TAG =
		2, /* this node or one below carries a tag with an effect (!reset, !override) */
	CM_HAS_ALIAS = 4, /* this node or one below is an alias */
	CM_HAS_ANCHOR = 8, /* this node or one below is anchored */
	CM_MULTILINE = 16, /* a scalar or flow collection over several lines */
	CM_LISTED = 32, /* Compose holds this KEY=VALUE attribute as a list, however it is written
			   (merge.md 4) */
	CM_MERGE_KEY = 64, /* a key: plain << (or tagged !!merge), the YAML 1.1 merge key */
	CM_OPEN = 128, /* the loader is still inside this collection */
	CM_RAW = 256, /* a scalar of our own that is written as it is: a number, a boolean, null */
};

struct cm_node;

struct cm_pair {
	const struct cm_sym
		*word; /* the key's text, interned; NULL where the key is a collection */
	const struct cm_node *key,
		*value; /* value is never NULL: an empty one is a plain scalar "" of no width */
};

/* Tag and anchor, present on few nodes. */
struct cm_props {
	struct cm_str
		tag; /* as resolved by libyaml: "!reset", "tag:yaml.org,2002:str"; empty: none */
	const struct cm_sym *anchor; /* NULL: none */
	uint32_t height; /* levels below, aliases followed */
};

struct cm_node {
	uint8_t kind, style;
	uint16_t flags;
	uint32_t source; /* id of the source; 0 for text of our own */
	uint32_t head; /* first byte of the properties; = start where there are none */
	uint32_t start, end; /* the value's tight span: no trailing blanks, breaks or comments */
	uint32_t count; /* bytes of text, items, or pairs */
	const struct cm_props *props; /* NULL: neither tag nor anchor */
	union {
		const char *text; /* SCALAR, decoded; not NUL-terminated */
		const struct cm_node **items; /* SEQ */
		struct cm_pair *pairs; /* MAP, in document order */
		const struct cm_node *target; /* ALIAS */
	};
};

/* A node a pass made. orig: the loaded node whose place and text it continues; NULL: it has none.
 */
struct cm_made {
	struct cm_node node;
	const struct cm_node *orig;
	/* SEQ: for each item the item of orig whose place it takes, NULL where it is new. NULL: all
	 * by identity. */
	const struct cm_node **slots;
};

static inline const struct cm_made *cm_made_of(const struct cm_node *n)
{
	return n->flags & CM_MADE ? (const struct cm_made *)n : NULL;
}

/* The text of a scalar, decoded. */
static inline struct cm_str cm_text(const struct cm_node *n)
{
	return (struct cm_str){n->text, n->count};
}

/* Follows aliases: never an ALIAS. */
static inline const struct cm_node *cm_deref(const struct cm_node *n)
{
	while (n->kind == CM_ALIAS)
		n = n->target;
	return n;
}

struct cm_str cm_tag(const struct cm_node *n);
const struct cm_sym *cm_anchor(const struct cm_node *n);
struct cm_span cm_span_of(const struct cm_node *n);
/* The loaded node behind a made one (itself when loaded), for places in messages. */
const struct cm_node *cm_origin(const struct cm_node *n);

/* The pair of key word in map's own entries, or NULL. Linear: for one look-up. */
const struct cm_pair *cm_map_own(const struct cm_node *map, const struct cm_sym *word);
/* The same through << (own keys first, then merge keys in order, earlier in a list wins; merge.md
 * 5). */
const struct cm_pair *cm_map_get(
	struct cm_project *p, const struct cm_node *map, const struct cm_sym *word);
/* By text, for the few keys the tables name. */
const struct cm_node *cm_map_text(struct cm_project *p, const struct cm_node *map, const char *key);

/* An index of a mapping's own keys, for many look-ups: hashed past a few entries. */
struct cm_index {
	const struct cm_node *map;
	uint32_t *slots; /* pair number + 1, 0 empty; NULL: search linearly */
	uint32_t mask;
};
struct cm_index cm_index_of(struct cm_project *p, const struct cm_node *map);
/* The number of word's pair, or UINT32_MAX. */
uint32_t cm_index_find(const struct cm_index *ix, const struct cm_sym *word);

/* The entries a mapping has once << is expanded, each key once, in document order: the map's own
 * array where it has no <<. */
struct cm_pairs {
	const struct cm_pair *at;
	uint32_t count;
};
struct cm_pairs cm_pairs_of(struct cm_project *p, const struct cm_node *map);
bool cm_map_has_merge(const struct cm_node *map);

/* Makers, all in the project's arena. */
struct cm_made *cm_make(
	struct cm_project *p, enum cm_kind kind, enum cm_style style, const struct cm_node *orig);
/* A scalar of our own text; from names the author's node it comes from (may be NULL). The style is
 * a wish: the emitter quotes where a plain text would not read back as a string. */
const struct cm_node *cm_make_scalar(
	struct cm_project *p, struct cm_str text, enum cm_style style, const struct cm_node *from);
/* A number, a boolean, a null: written plain, read back as that type. */
const struct cm_node *cm_make_raw(
	struct cm_project *p, struct cm_str text, const struct cm_node *from);
const struct cm_node *cm_make_seq(struct cm_project *p, const struct cm_node **items,
	uint32_t count, enum cm_style style, const struct cm_node *orig,
	const struct cm_node **slots);
const struct cm_node *cm_make_map(struct cm_project *p, struct cm_pair *pairs, uint32_t count,
	enum cm_style style, const struct cm_node *orig);
/* A pair with a key of our own text. */
struct cm_pair cm_make_pair(struct cm_project *p, struct cm_str key, const struct cm_node *from,
	const struct cm_node *value);

/* Is it a plain << where a value stands? Compose's YAML library lets its key, or its list item,
 * vanish (merge.md 7.1). */
bool cm_vanishes(const struct cm_node *n);
/* Is it a plain, untagged null (empty, ~, null)? Through aliases. */
bool cm_is_null(const struct cm_node *n);
/* The same type, structure and typed scalars, aliases and << expanded: what Compose's deep equality
 * sees. Scalars with a variable are equal to the same text only. */
bool cm_equal(struct cm_project *p, const struct cm_node *a, const struct cm_node *b);
/* The same, but a may hold more: empty sequences under one of the words, where b has no such key.
 */
bool cm_equal_but(struct cm_project *p, const struct cm_node *a, const struct cm_node *b,
	const struct cm_sym *const *words, uint32_t count);

#endif
