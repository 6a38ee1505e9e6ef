/* SPDX-License-Identifier: MIT */
#ifndef CM_BASE_PROJECT_H
#define CM_BASE_PROJECT_H

/*
 * What everything shares: one arena, the interned keys, the sources read, the diagnostics, the limits.
 * Owned by the public API (api.c); every function takes it first.
 */

#include "../../include/composemerge.h"
#include "arena.h"
#include "limits.h"
#include "source.h"
#include "str.h"

struct cm_diag;


struct cm_project {
	struct cm_arena *arena;
	struct cm_interner syms;
	struct cm_source **sources; /* sources[0] is NULL: "no file" */
	uint32_t source_count, source_size;
	struct cm_diag *diags, **last_diag;
	unsigned errors, warnings;
	struct cm_limits limits;
	struct cm_files files;          /* how files are read */
	const struct cm_sym **role_words; /* merge/layers.c: the table's roles, interned on first use */
	const char *mutant;             /* debug builds: the merge rule to switch off, or NULL */
};

/* Registers text (which must live as long as the project) under name. Owns nothing. */
struct cm_source *cm_source_add(struct cm_project *p, const char *name, struct cm_str raw);

/* Memory from cm_files.read, freed with the project. */
const char *cm_take_memory(struct cm_project *p, char *text);

static inline struct cm_source *cm_source_of(const struct cm_project *p, uint32_t id)
{
	return p->sources[id];
}

static inline struct cm_sym *cm_sym(struct cm_project *p, struct cm_str s)
{
	return cm_intern(&p->syms, s.p, s.n);
}

/* True in debug builds where CM_MUTANT names this rule: make mutants switches rules off one at a time. */
#ifdef CM_DEBUG
bool cm_mutant(const struct cm_project *p, const char *rule);
#else
#define cm_mutant(p, rule) ((void)(p), false)
#endif

#endif
