/* SPDX-License-Identifier: MIT */

/*
 * The last gate: the text is read like any file and compared with the tree it should mean. A wrong
 * indent can change values without an error (spec/libyaml.md 5, trap J); nothing else would notice.
 */

#include "emit.h"

static bool same_document(struct cm_project *p, const struct cm_node *read,
	const struct cm_node *meant, const struct cm_sym *const *guards, uint32_t guard_count)
{
	read = cm_deref(read);
	return read->kind == CM_MAP && cm_equal_but(p, read, meant, guards, guard_count);
}

/* p with what reading added to the shared tables, without its messages. */
static struct cm_project saved(const struct cm_project *p, const struct cm_project *quiet)
{
	struct cm_project both = *p;

	both.syms = quiet->syms;
	both.sources = quiet->sources;
	both.source_count = quiet->source_count;
	both.source_size = quiet->source_size;
	return both;
}

bool cm_verify(struct cm_project *p, struct cm_str text, const struct cm_merged *merged,
	const struct cm_sym *const *guards, uint32_t guard_count)
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
	*p = saved(p, &quiet);
	same = file && file->count == 1 + merged->further_count &&
		same_document(p, file->documents[0].root, merged->root, guards, guard_count);
	for (uint32_t i = 0; same && i < merged->further_count; i++)
		same = same_document(
			p, file->documents[i + 1].root, merged->further[i], guards, guard_count);
	return same;
}
