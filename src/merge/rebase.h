/* SPDX-License-Identifier: MIT */
#ifndef CM_MERGE_REBASE_H
#define CM_MERGE_REBASE_H

/*
 * Relative paths kept pointing at the same files when text moves to another folder
 * (spec/merge.md 6.3).
 *
 *   from sub/other.yml into compose.yml      volumes: ["./d:/d"]  ->  ["./sub/d:/d"]      env_file:
 * e.env  ->  sub/e.env
 *
 * A path that starts with a variable may be absolute or not: it cannot be rewritten and is refused
 * by name.
 */

#include "merge.h"

struct cm_rebase {
	struct cm_project *p;
	struct cm_str prefix; /* what a relative path gets in front: "sub", "..", "/abs/dir"; empty:
				 nothing changes */
	bool refused; /* set: a path starts with a variable */
	bool found; /* set: there was a relative path at all */
	bool keep_defaults; /* below a service that extends another: what is missing may be
			       inherited */
	bool elsewhere; /* the whole result moves, not one file's text into another's */
	bool keep_dot; /* "./x" and "x" stay different texts: Compose tells env files apart by them
			*/
	bool quiet; /* look only: report nothing */
};

/* The folder part of a path as written: "sub/x.yml" -> "sub", "x.yml" and "-" -> "". */
const char *cm_dirname(struct cm_project *p, const char *path);
/* Paths relative to folder `old` are to mean the same relative to folder `new` (both relative to
 * the current folder, or absolute). */
struct cm_rebase cm_rebase_from(struct cm_project *p, const char *new, const char *old);
/* The value of an attribute with its paths rewritten; the same node where it holds none. */
const struct cm_node *cm_rebase(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *n);
/* A whole document. */
const struct cm_node *cm_rebase_root(struct cm_rebase *r, const struct cm_node *root);

#endif
