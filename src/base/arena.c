/* SPDX-License-Identifier: MIT */

/*
 * Blocks double from 16 KiB to 4 MiB. The large ones are huge pages where the system has them:
 * touching fresh memory page by page costs more than building the tree in it (spec/libyaml.md 7).
 * calloc gives the large ones as untouched pages of the system: memory that is asked for but never
 * written costs nothing, and nothing is cleared twice.
 */

#include "arena.h"

#include "io.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_BLOCK = 16 * 1024,
	LARGEST_BLOCK = 4 * 1024 * 1024,
	HUGE_PAGE = 2 * 1024 * 1024,
	ALIGN = 8 /* all that pointers, 64-bit numbers and doubles need */
};

struct block {
	struct block *next;
	size_t pages; /* its size where it came from cm_pages_new, else 0 */
	alignas(8) char bytes[];
};

struct deferred {
	void (*fn)(void *);
	void *ptr;
	struct deferred *next;
};

struct cm_arena {
	struct cm_recovery *recovery;
	struct block *blocks;
	struct deferred *deferred;
	struct deferred *spare; /* undeferred records, used again */
	char *at, *end;
	size_t next_size, first_size, used;
	struct cm_arena *parent;
};

static void free_block(struct block *b)
{
	if (b->pages)
		cm_pages_free(b, b->pages);
	else
		free(b);
}

struct cm_arena *cm_arena_new(struct cm_recovery *recovery)
{
	struct cm_arena *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->recovery = recovery;
	a->next_size = FIRST_BLOCK;
	return a;
}

void cm_arena_free(struct cm_arena *a)
{
	if (!a)
		return;
	while (a->deferred) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->fn(d->ptr);
	}
	while (a->blocks) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		free_block(b);
	}
	free(a);
}

static void free_child(void *child)
{
	cm_arena_free(child);
}

struct cm_arena *cm_arena_child(struct cm_arena *parent)
{
	struct cm_arena *a = cm_arena_new(parent->recovery);

	if (!a)
		cm_arena_fail(parent);
	a->parent = parent;
	cm_arena_defer(parent, free_child, a);
	return a;
}

void cm_arena_recover(struct cm_arena *a, struct cm_recovery *recovery)
{
	a->recovery = recovery;
}

_Noreturn void cm_arena_fail(struct cm_arena *a)
{
	while (a->parent)
		a = a->parent;
	longjmp(a->recovery->point, 1);
}

_Noreturn void cm_arena_give_up(struct cm_arena *a)
{
	while (a->parent)
		a = a->parent;
	longjmp(a->recovery->point, 2);
}

static bool add_block(struct cm_arena *a, size_t size)
{
	bool pages = size >= HUGE_PAGE;
	struct block *b = pages ? cm_pages_new(size) : calloc(1, sizeof(*b) + size);

	if (!b)
		return false;
	if (pages)
		size -= sizeof(*b);
	b->pages = pages ? size + sizeof(*b) : 0;
	if (!a->blocks)
		a->first_size = size;
	b->next = a->blocks;
	a->blocks = b;
	a->at = b->bytes;
	a->end = b->bytes + size;
	return true;
}

/* A request that would waste most of a block gets one of its own, behind the current one. */
static void *own_block(struct cm_arena *a, size_t size)
{
	char *at = a->at, *end = a->end, *p;

	if (!add_block(a, size + (size >= HUGE_PAGE ? sizeof(struct block) + ALIGN : 0)))
		return NULL;
	p = a->at;
	a->at = at;
	a->end = end;
	return p;
}

/* cm_alloc, but NULL when there is no memory. */
static void *take(struct cm_arena *a, size_t size)
{
	char *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = size ? (size + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
	a->used += size;
	if (!a->at || size > (size_t)(a->end - a->at)) {
		if (size > a->next_size / 4)
			return own_block(a, size);
		if (!add_block(a, a->next_size))
			return NULL;
		if (a->next_size < LARGEST_BLOCK)
			a->next_size *= 2;
	}
	p = a->at;
	a->at += size;
	return p;
}

void *cm_alloc(struct cm_arena *a, size_t size)
{
	void *p = take(a, size);

	if (!p)
		cm_arena_fail(a);
	return p;
}

void *cm_calloc(struct cm_arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		cm_arena_fail(a);
	return cm_alloc(a, count * size);
}

char *cm_strndup(struct cm_arena *a, const char *p, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		cm_arena_fail(a);
	copy = cm_alloc(a, n + 1);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

void cm_arena_defer(struct cm_arena *a, void (*fn)(void *), void *ptr)
{
	struct deferred *d = a->spare;

	if (d)
		a->spare = d->next;
	else
		d = take(a, sizeof(*d));
	if (!d) {
		fn(ptr); /* nobody else would */
		cm_arena_fail(a);
	}
	*d = (struct deferred){fn, ptr, a->deferred};
	a->deferred = d;
}

void cm_arena_undefer(struct cm_arena *a, void *ptr)
{
	for (struct deferred **at = &a->deferred; *at; at = &(*at)->next) {
		struct deferred *d = *at;

		if (d->ptr != ptr)
			continue;
		*at = d->next;
		d->next = a->spare;
		a->spare = d;
		d->fn(ptr);
		return;
	}
}

void cm_arena_reset(struct cm_arena *a)
{
	while (a->blocks && a->blocks->next) { /* the oldest block stays */
		struct block *b = a->blocks;

		a->blocks = b->next;
		free_block(b);
		a->at = NULL;
	}
	if (!a->blocks)
		return;
	memset(a->blocks->bytes, 0, a->at ? (size_t)(a->at - a->blocks->bytes) : a->first_size);
	a->at = a->blocks->bytes;
	a->end = a->blocks->bytes + a->first_size;
	a->next_size = FIRST_BLOCK;
	a->spare = NULL;
}

size_t cm_arena_used(const struct cm_arena *a)
{
	return a->used;
}
