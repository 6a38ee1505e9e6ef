/* SPDX-License-Identifier: MIT */
#ifndef CM_RESOLVE_RUN_H
#define CM_RESOLVE_RUN_H

/*
 * What the files of one run share behind cm_resolve: files read once, the variables warned of, the expansion of texts.
 *
 *   cm_run_open(r, "sub/c.yml", span)  ->  its documents; a second time the same ones
 *   cm_expand: "a${B:-c}"  ->  "ac"
 */

#include "resolve.h"

struct cm_opened {
	const struct cm_sym *path;      /* absolute and cleaned, or "-" */
	struct cm_file *file;           /* NULL: could not be read, reported */
	struct cm_opened *next;
};

struct cm_unset {
	const struct cm_sym *name;
	struct cm_diag *diag;
	struct cm_span last;
	struct cm_unset *next;
};

struct cm_run {
	struct cm_opened *opened;
	struct cm_unset *unset;
	const char **paths;             /* the Compose files, as read */
	uint32_t count;
	bool by_variable;               /* COMPOSE_FILE names them */
	bool by_search;
	const char *cwd;
	unsigned depth;                 /* files that include or extend one another */
	uint64_t expanded;              /* nodes written out in place of aliases */
	struct cm_extended *extended;   /* models that extends.file names */
};

/* ---- interpolate.c: texts ---- */

enum cm_expand_fault { CM_EXPAND_OK, CM_EXPAND_INVALID, CM_EXPAND_REQUIRED };

struct cm_expand {
	struct cm_resolve *r;
	const struct cm_env *const *lookup; /* first hit wins */
	uint32_t count;
	struct cm_span span;                /* for warnings */
	bool direct;                        /* the text's bytes stand at span.start as they are: places can be exact */
	/* of a fault: */
	enum cm_expand_fault fault;
	struct cm_str text;                 /* INVALID: what was being expanded; REQUIRED: the variable */
	struct cm_str message;              /* REQUIRED */
	size_t at;                          /* where in the text, when direct */
	unsigned depth;
};

/* text with its references replaced, $$ as $. False: x->fault. */
bool cm_expand(struct cm_expand *x, struct cm_str text, struct cm_buf *out);
/* Every $ doubled; the text itself where it has none. */
struct cm_str cm_double_dollars(struct cm_project *p, struct cm_str text);
/* $$ as $: what a string value inside the room says. */
struct cm_str cm_single_dollars(struct cm_project *p, struct cm_str text);

/* strict.c: is it YAML for Compose's library too? */
bool cm_check_yaml(struct cm_resolve *r, const struct cm_file *file);

/* ---- files.c ---- */

/* base and rel joined and cleaned, NUL-terminated; an absolute rel is cleaned alone. */
const char *cm_absolute(struct cm_project *p, const char *base, const char *rel);
/* The documents of a file; span: where it is named, for the message. NULL: reported. */
struct cm_file *cm_run_open(struct cm_resolve *r, const char *path, struct cm_span span);
/* Reads a whole file. An errno value. */
int cm_run_read(struct cm_resolve *r, const char *path, struct cm_source **source);
/* An env file into env. optional: missing or a folder is no fault. */
bool cm_run_env_file(struct cm_resolve *r, const char *path, bool optional, struct cm_span span, struct cm_env *into,
	const struct cm_env *const *lookup, uint32_t count);
/* 1.1-1.5: the environment, the files, the directory. */
bool cm_find_project(struct cm_resolve *r);
/* 1.6, after the files were found. */
bool cm_name_project(struct cm_resolve *r);
/* Is it a git or OCI reference (6.4)? */
bool cm_is_remote(struct cm_str path);
bool cm_refuse_remote(struct cm_resolve *r, struct cm_str path, struct cm_span span);

#endif
