/* SPDX-License-Identifier: MIT */
#ifndef CM_EDIT_UNIFIED_H
#define CM_EDIT_UNIFIED_H

#include "../base/project.h"

/* Appends the unified diff of two texts, three lines of context, usable by patch(1); nothing where
 * they are equal. */
void cm_unified_diff(struct cm_project *p, const char *old_label, struct cm_str old_text,
	const char *new_label, struct cm_str new_text, struct cm_buf *out);

#endif
