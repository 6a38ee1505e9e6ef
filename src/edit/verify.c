/* SPDX-License-Identifier: MIT */

/*
 * The last gate: the text is read like any file and compared with the tree it should mean. A wrong indent can change values
 * without an error (spec/libyaml.md 5, trap J); nothing else would notice.
 */

#include "emit.h"

/* The names in a document's mapping that a null or empty section would add are compared like everything else. */
static bool same_document(struct cm_project *p, const struct cm_node *read, const struct cm_node *meant)
{
	read = cm_deref(read);
	if (read->kind != CM_MAP)
		return false;
	return cm_equal(p, read, meant);
}

bool cm_verify(struct cm_project *p, struct cm_str text, const struct cm_merged *merged)
{
	struct cm_project quiet = *p; /* its messages are not the user's */
	struct cm_diag *diags = NULL;
	struct cm_source *source;
	struct cm_file *file;
	bool same;

	quiet.diags = NULL;
	quiet.last_diag = &diags;
	quiet.errors = 0;
	quiet.limits.depth *= 2;
	quiet.limits.flow_depth *= 2;
	source = cm_source_add(&quiet, "the result", text);
	file = cm_load(&quiet, source);
	same = file && file->count == 1 + merged->further_count && same_document(p, file->documents[0].root, merged->root);
	for (uint32_t i = 0; same && i < merged->further_count; i++)
		same = same_document(p, file->documents[i + 1].root, merged->further[i]);
	p->syms = quiet.syms;
	p->sources = quiet.sources;
	p->source_count = quiet.source_count;
	p->source_size = quiet.source_size;
	return same;
}
