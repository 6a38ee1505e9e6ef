/* SPDX-License-Identifier: MIT */
#ifndef CM_YAML_LOAD_H
#define CM_YAML_LOAD_H

/*
 * Bytes to trees: libyaml's events, each node with its tight byte span.
 *
 *   in   # head\nservices:\n  web: {image: i}\n
 *   out  one document: MAP[10,37) { "services" -> MAP[22,37) { "web" -> MAP(FLOW)[27,37) } }
 *
 * libyaml counts code points and lets block collections and block scalars end at the next token;
 * both are put right here, once (spec/libyaml.md 1-3). Aliases are resolved, also into earlier
 * documents of the file as Compose does; duplicate keys, unknown aliases and cycles are errors with
 * both places. Everything lives in the project's arena.
 */

#include "node.h"

struct cm_document {
	const struct cm_node *root; /* a null scalar when there is no content */
	uint32_t start; /* the first byte of this document's own text: "---", a directive, or the
			   first token */
	uint32_t body; /* where its content may start: behind the "---" */
	uint32_t end; /* where the next document's text starts, or the end of the file */
	bool marked; /* begins with "---" */
};

struct cm_file {
	const struct cm_source *source;
	struct cm_document *documents;
	uint32_t count; /* 0: nothing but comments and blanks */
};

/* Reads source. NULL: it is no YAML or went past a limit; the reason was reported. */
struct cm_file *cm_load(struct cm_project *p, struct cm_source *source);
/* Makes source->text from source->raw: finds a BOM, turns UTF-16 into UTF-8. False: reported. */
bool cm_decode(struct cm_project *p, struct cm_source *source);

#endif
