/* SPDX-License-Identifier: MIT */
#ifndef CM_BASE_DIAG_H
#define CM_BASE_DIAG_H

/*
 * Diagnostics: collected where the fault is known, printed in one place.
 *
 *   prod.yml:6:5: error: a mapping cannot be laid over a list [kind-clash]
 *      6 |     ports:
 *        |     ^~~~~
 *   base.yml:4:5: note: the list stands here
 *   help: write ports as a list in both files, or put !override before the new value
 *
 * The pass that knows reports once and goes on; its caller only learns "failed". Codes are stable words,
 * listed in diag_codes.def and in composemerge(1).
 */

#include "../../include/composemerge.h"
#include "project.h"
#include "source.h"



enum cm_code {
#define CM_DIAG(id, word, help) CM_E_##id,
#include "diag_codes.def"
#undef CM_DIAG
	CM_CODE_COUNT
};

struct cm_diag {
	enum cm_severity severity;
	enum cm_code code;
	struct cm_span span;
	struct cm_str text;
	struct cm_str help;      /* what to do; empty: nothing */
	struct cm_diag *notes;   /* more places of the same fault */
	struct cm_diag *next;
};

/* Reports at span (source 0: no place). Returns the diagnostic so that notes and help can be added. */
struct cm_diag *cm_error(struct cm_project *p, struct cm_span span, enum cm_code code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct cm_diag *cm_warn(struct cm_project *p, struct cm_span span, enum cm_code code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "also set here": a further place of d. */
void cm_note(struct cm_project *p, struct cm_diag *d, struct cm_span span, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void cm_help(struct cm_project *p, struct cm_diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The stable word of a code: "kind-clash". */
const char *cm_code_word(enum cm_code code);
/* One line for the manual. */
const char *cm_code_help(enum cm_code code);

/* Writes one diagnostic with its excerpt to b; color with ANSI sequences when asked. */
void cm_diag_text(struct cm_project *p, const struct cm_diag *d, bool color, struct cm_buf *b);
/* The same as one JSON object and a newline. */
void cm_diag_json(struct cm_project *p, const struct cm_diag *d, struct cm_buf *b);

/* s as a JSON string; bytes that are not UTF-8 become U+FFFD. */
void cm_json_string(struct cm_buf *b, struct cm_str s);

struct cm_place cm_place_of(struct cm_project *p, struct cm_span span);

#endif
