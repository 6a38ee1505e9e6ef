/* SPDX-License-Identifier: MIT */
#ifndef CM_YAML_NODE_H
#define CM_YAML_NODE_H

/*
 * The tree of a YAML document. Every node keeps the byte span it came from.
 *
 *   environment: &e     # a comment        MAP  head at "&e", start at "A", style BLOCK, anchor "e"
 *     A: 1                                 key SCALAR "A", value SCALAR "1" (PLAIN)
 *     B: *x                                ALIAS, target = the node anchored x (NULL: to itself, refused by the loader)
 *
 * Nodes never change once made. A pass that changes something makes a new node (struct cm_made) that shares
 * the children it kept; made->orig says which node it stands for, so origin and span cost nothing.
 * All nodes live in the project's arena.
 */

#include "../base/project.h"

enum cm_kind { CM_SCALAR, CM_SEQ, CM_MAP, CM_ALIAS };
enum cm_style { CM_PLAIN, CM_SINGLE, CM_DOUBLE, CM_LITERAL, CM_FOLDED, CM_BLOCK, CM_FLOW };

enum cm_node_flag {
	CM_KEY = 1,        /* a mapping's scalar key: word is its interned text */
	CM_MADE = 2,       /* the node is the first member of a struct cm_made */
	CM_HAS_TAG = 4,    /* this node or one below carries a tag with an effect (!reset, !override) */
	CM_HAS_ALIAS = 8,  /* this node or one below is an alias, or is anchored */
	CM_MULTILINE = 16, /* a scalar or flow collection over several lines */
	CM_LISTED = 32,    /* Compose holds this KEY=VALUE attribute as a list, however it is written (merge.md 4) */
	CM_MERGE_KEY = 64, /* a key: plain << (or tagged !!merge), the YAML 1.1 merge key */
	CM_HAS_VAR = 128,  /* a scalar holding a $ that is not doubled: its value is known only at run time */
};

struct cm_node;

struct cm_pair {
	const struct cm_node *key, *value; /* value is never NULL: an empty one is a plain scalar "" of no width */
};

/* Tag and anchor, present on few nodes. */
struct cm_props {
	struct cm_str tag;              /* as resolved by libyaml: "!reset", "tag:yaml.org,2002:str"; empty: none */
	const struct cm_sym *anchor;    /* NULL: none */
};

struct cm_node {
	uint8_t kind, style;
	uint16_t flags;
	uint32_t source;         /* id of the source; 0 for text of our own */
	uint32_t head;           /* first byte of the properties; = start where there are none */
	uint32_t start, end;     /* the value's tight span: no trailing blanks, breaks or comments */
	uint32_t count;          /* bytes of text, items, or pairs */
	const struct cm_props *props; /* NULL: neither tag nor anchor */
	union {
		const char *text;             /* SCALAR that is no key; not NUL-terminated */
		const struct cm_sym *word;    /* SCALAR with CM_KEY */
		const struct cm_node **items; /* SEQ */
		struct cm_pair *pairs;        /* MAP, in document order */
		const struct cm_node *target; /* ALIAS */
	};
};

/* A node a pass made. orig: the loaded node whose place and text it continues; NULL: it has none. */
struct cm_made {
	struct cm_node node;
	const struct cm_node *orig;
	/* SEQ: for each item the item of orig whose place it takes, NULL where it is new. NULL: all by identity. */
	const struct cm_node **slots;
};

static inline const struct cm_made *cm_made_of(const struct cm_node *n)
{
	return n->flags & CM_MADE ? (const struct cm_made *)n : NULL;
}

/* The text of a scalar, decoded. */
static inline struct cm_str cm_text(const struct cm_node *n)
{
	if (n->flags & CM_KEY)
		return cm_sym_str(n->word);
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

/* The pair of key word in map's own entries, or NULL. Linear, or hashed for large maps. */
const struct cm_pair *cm_map_own(const struct cm_node *map, const struct cm_sym *word);
/* The same through << (own keys first, then merge keys in order, earlier in a list wins; merge.md 5). */
const struct cm_pair *cm_map_get(const struct cm_node *map, const struct cm_sym *word);

/* Walks the entries a mapping has once << is expanded, each key once. Usage:
 *   struct cm_each it = cm_each(p, map);  const struct cm_pair *e;  while ((e = cm_next(&it))) ... */
struct cm_each {
	struct cm_project *project;
	const struct cm_node *map;
	uint32_t at;
	const struct cm_pair *expanded; /* non-NULL when << had to be expanded */
	uint32_t count;
};
struct cm_each cm_each(struct cm_project *p, const struct cm_node *map);
const struct cm_pair *cm_next(struct cm_each *it);
bool cm_map_has_merge(const struct cm_node *map);

/* Makers, all in the project's arena. */
struct cm_made *cm_make(struct cm_project *p, enum cm_kind kind, enum cm_style style, const struct cm_node *orig);
/* A scalar of our own text; from names the author's node it comes from (may be NULL). The style is a wish: the
 * emitter quotes where a plain text would not read back as a string. */
const struct cm_node *cm_make_scalar(struct cm_project *p, struct cm_str text, enum cm_style style, const struct cm_node *from);
const struct cm_node *cm_make_key(struct cm_project *p, struct cm_str text, const struct cm_node *from);
const struct cm_node *cm_make_null(struct cm_project *p);

#endif
