/* SPDX-License-Identifier: MIT */
#ifndef CM_TESTS_FAILMALLOC_H
#define CM_TESTS_FAILMALLOC_H

/*
 * An allocator that runs out of memory when told to. Linked into a program, or preloaded into one (failmalloc.so),
 * it stands before malloc, calloc, realloc, aligned_alloc and posix_memalign.
 *
 *   CM_FAIL_AT=7            the 7th allocation returns NULL
 *   CM_FAIL_MODE=after      and every one behind it (default: that one only)
 *   CM_FAIL_COUNT=FILE      the number of allocations made is written to FILE when the program ends
 */

#include <stdbool.h>
#include <stddef.h>

/* For a program it is linked into: counting starts again from 1. at 0: none fails. */
void failmalloc_set(size_t at, bool after);
/* Allocations since then, and whether one failed. */
size_t failmalloc_count(void);
bool failmalloc_failed(void);
/* Pointers handed out and not freed, since the program began. */
long failmalloc_live(void);

#endif
