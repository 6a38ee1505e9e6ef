/* SPDX-License-Identifier: MIT */
#ifndef CM_EDIT_EMIT_H
#define CM_EDIT_EMIT_H

/*
 * The merged tree as text: the base file's bytes with the smallest edits, read back and compared
 * before anybody sees it.
 *
 *   base  services:\n  web:\n    image: a   # old\n        merged  web.image = b (from prod.yml)
 *   out   services:\n  web:\n    image: b\n
 */

#include "../merge/merge.h"

struct cm_text {
	struct cm_buf *out;
	unsigned documents;
	bool verified; /* false: the text does not mean the tree (a fault of ours); do not use it */
};

/* The base is layers[0]; files with nothing but comments before it stand in front. Errors (limits)
 * are reported. */
struct cm_text cm_emit(struct cm_project *p, const struct cm_merge_options *o,
	const struct cm_layer *layers, uint32_t count, const struct cm_merged *merged);
/* The exact fallback: the layers' own texts, one document after the other (spec/merge.md 9.1). */
struct cm_buf *cm_emit_layers(struct cm_project *p, const struct cm_layer *layers, uint32_t count);
/* The merged tree as JSON, indented by two, keys in the result's order, variables as they are. */
void cm_emit_json(struct cm_project *p, const struct cm_node *root, struct cm_buf *out);

/* True when text, read as YAML, holds the same trees as root and further, but for empty lists under
 * the keys `guards`, which say the same as no entry (verify.c). */
bool cm_verify(struct cm_project *p, struct cm_str text, const struct cm_merged *merged,
	const struct cm_sym *const *guards, uint32_t guard_count);

#endif
