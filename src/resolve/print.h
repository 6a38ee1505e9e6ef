/* SPDX-License-Identifier: MIT */
#ifndef CM_RESOLVE_PRINT_H
#define CM_RESOLVE_PRINT_H

/* What the printers, the decoder and the lists share: text that leaves the room, and the two orders of keys. */

#include "resolve.h"

#include "../yaml/scalar.h"

/* The text a string value stands for: $$ is one $ (as it is under --no-interpolate). */
struct cm_str cm_literal(struct cm_resolve *r, struct cm_str text);
/* The other way: a literal text as a value of the room. */
struct cm_str cm_doubled(struct cm_resolve *r, struct cm_str text);
/* b from byte `from` on with every $ doubled. */
void cm_double_tail(struct cm_buf *b, size_t from);

/* The order of user keys in YAML: config.md 9.1. < 0, 0, > 0. */
int cm_natural_cmp(struct cm_str a, struct cm_str b);
/* Sorts pairs, naturally or bytewise; stable. */
void cm_sort_pairs(struct cm_project *p, struct cm_pair *pairs, uint32_t count, bool natural);

/* print_json.c without layout, without doubling of $: what the hash is taken of. */
void cm_print_json_compact(struct cm_resolve *r, const struct cm_node *n, struct cm_buf *out);
/* s as encoding/json writes a string: < > & and U+2028/9 escaped. */
void cm_go_json_string(struct cm_buf *b, struct cm_str s);
/* A typed scalar as YAML writes it, plain: 1e+06, .inf, 2024-01-01T00:00:00Z. Not for strings. */
struct cm_str cm_yaml_text(struct cm_arena *a, struct cm_value v);
/* One string as YAML, at this column and indentation. */
void cm_print_yaml_text(struct cm_arena *a, struct cm_buf *b, struct cm_str text);

#endif
