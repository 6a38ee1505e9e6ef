/* SPDX-License-Identifier: MIT */
#ifndef CM_YAML_SCALAR_H
#define CM_YAML_SCALAR_H

/*
 * What type a scalar has, as Docker Compose's YAML library reads it (spec/merge.md 7.1).
 *
 *   1_000 -> INT 1000      017 -> INT 15      22:22 -> STRING      2001-01-01 -> TIMESTAMP      "1" -> STRING
 *
 * Pure functions, no memory but the arena given.
 */

#include "node.h"

enum cm_type { CM_NULL, CM_BOOL, CM_INT, CM_FLOAT, CM_TIMESTAMP, CM_STRING, CM_BINARY, CM_BAD };

struct cm_value {
	enum cm_type type;
	bool negative;      /* INT: sign; magnitude in u */
	bool truth;         /* BOOL */
	uint64_t u;         /* INT: magnitude */
	double f;           /* FLOAT */
	struct cm_str s;    /* STRING, BINARY: text; TIMESTAMP: "2001-01-01 00:00:00 +0000 UTC" */
};

/* The type and value of a SCALAR node: its style, its tag, then its text. CM_BAD: the tag does not fit the text.
 * A scalar under any tag that is not !!str, !!int ... is a STRING, "" when empty (merge.md 4). */
struct cm_value cm_scalar_value(struct cm_arena *a, const struct cm_node *n);
/* The same of a plain, untagged text. */
struct cm_value cm_plain_value(struct cm_arena *a, struct cm_str text);
/* True when text written plain reads back as the same string (it would not be another type). */
bool cm_plain_is_string(struct cm_arena *a, struct cm_str text);
/* How Compose turns the value into text where it renders KEY=VALUE (merge.md 7.1, last column): "1e+06", "true". NULL gives "". */
struct cm_str cm_value_text(struct cm_arena *a, struct cm_value v);
/* Equal type and equal value: 1 is not 1.0 and not "1". */
bool cm_value_eq(struct cm_value a, struct cm_value b);

/* Whether text can stand plain at this place: no indicator trouble. flow: inside [ ] or { }; key: before a colon. */
bool cm_plain_safe(struct cm_str text, bool flow);
/* Appends text as a scalar that reads back as exactly that string: plain when safe and not another type, else single
 * quotes, else double quotes with escapes. want is tried first. */
void cm_scalar_write(struct cm_arena *a, struct cm_buf *b, struct cm_str text, enum cm_style want, bool flow);

/* Is there a $ that interpolation would act on (not $$)? merge.md 9.2, config.md 2.2. */
bool cm_has_var(struct cm_str text);

#endif
