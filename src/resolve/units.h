/* SPDX-License-Identifier: MIT */
#ifndef CM_RESOLVE_UNITS_H
#define CM_RESOLVE_UNITS_H

/* The little languages inside values: sizes, durations, command lines (config.md 4.7-4.9). Pure; a failure says why in words. */

#include "../base/str.h"

/* "1.5g" -> 1610612736. NULL: done, else the reason. */
const char *cm_size_parse(struct cm_arena *a, struct cm_str text, int64_t *bytes);
/* "1m30s" -> 90000000000. */
const char *cm_duration_parse(struct cm_arena *a, struct cm_str text, int64_t *nanoseconds);
/* 90000000000 -> "1m30s". */
struct cm_str cm_duration_text(struct cm_arena *a, int64_t nanoseconds);
/* The words of a command line, NULL where it is none. */
struct cm_str *cm_words(struct cm_arena *a, struct cm_str text, uint32_t *count);
/* A signed decimal integer of 64 bits and nothing else. */
bool cm_int_parse(struct cm_str text, unsigned base, int64_t *value);
/* A decimal number as strconv.ParseFloat reads it. */
bool cm_float_parse(struct cm_arena *a, struct cm_str text, double *value);

#endif
