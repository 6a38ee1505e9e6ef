/* SPDX-License-Identifier: MIT */
#ifndef CM_BASE_ARENA_H
#define CM_BASE_ARENA_H

/*
 * Memory that lives and dies together.
 *
 * An arena hands out zeroed memory in growing blocks and frees all of it at once. It never returns NULL:
 * when the system has no memory left it jumps to the recovery point of the public call in progress
 * (struct cm_recovery), which reports CM_NOMEM. What must be closed or freed besides memory (a libyaml
 * parser, a FILE) is registered with cm_arena_defer and run, last first, by cm_arena_free or cm_arena_undefer.
 */

#include <setjmp.h>
#include <stddef.h>

/* One per public call; every arena made during the call points at it. */
struct cm_recovery {
	jmp_buf point;
};

struct cm_arena;

/* A new, empty arena, or NULL when there is no memory: the only constructor that can say so. */
struct cm_arena *cm_arena_new(struct cm_recovery *recovery);
/* An arena for a pass, with the recovery point of its parent; freed with it, or before by cm_arena_undefer(parent, child). */
struct cm_arena *cm_arena_child(struct cm_arena *parent);
/* Runs the deferred calls and frees everything. NULL is fine. */
void cm_arena_free(struct cm_arena *a);
/* Says where to jump from now on: a project outlives the public call that made it. */
void cm_arena_recover(struct cm_arena *a, struct cm_recovery *recovery);
/* Gives up the current public call as if memory had run out. */
_Noreturn void cm_arena_fail(struct cm_arena *a);
/* Gives up the current public call for a reason that was reported: it returns CM_FAILED. */
_Noreturn void cm_arena_give_up(struct cm_arena *a);

/* size bytes, zeroed, aligned for any type. size 0 gives a valid pointer. */
void *cm_alloc(struct cm_arena *a, size_t size);
/* count * size bytes, zeroed; an overflow counts as no memory. */
void *cm_calloc(struct cm_arena *a, size_t count, size_t size);
/* A copy of n bytes with a NUL behind them. */
char *cm_strndup(struct cm_arena *a, const char *p, size_t n);

/* Calls fn(ptr) when the arena is freed, or when cm_arena_undefer names ptr; at once, before the jump,
 * where there is no memory to remember it. */
void cm_arena_defer(struct cm_arena *a, void (*fn)(void *), void *ptr);
/* Runs the deferred call of ptr now and forgets it. */
void cm_arena_undefer(struct cm_arena *a, void *ptr);

/* Forgets all that was handed out, keeping the first block: for scratch memory used again and again. Nothing may be deferred on it. */
void cm_arena_reset(struct cm_arena *a);
/* Bytes handed out so far: limits and benchmarks read it. */
size_t cm_arena_used(const struct cm_arena *a);

#define cm_new(arena, type) ((type *)cm_alloc((arena), sizeof(type)))
#define cm_new_array(arena, count, type) ((type *)cm_calloc((arena), (count), sizeof(type)))

#endif
