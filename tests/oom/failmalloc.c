/* SPDX-License-Identifier: MIT */
/* An allocator that fails when told to; see failmalloc.h. */

#define _GNU_SOURCE

#include "failmalloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static struct {
	size_t fail_at, count;
	bool after, failed, ready, looking;
	long live;
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void *(*aligned_alloc)(size_t, size_t);
	void (*free)(void *);
} state;

/* dlsym may allocate before it has found malloc. */
static char early[4096];
static size_t early_used;

void failmalloc_set(size_t at, bool after)
{
	state.fail_at = at;
	state.after = after;
	state.count = 0;
	state.failed = false;
}

size_t failmalloc_count(void)
{
	return state.count;
}

bool failmalloc_failed(void)
{
	return state.failed;
}

long failmalloc_live(void)
{
	return state.live;
}

static void write_count(void)
{
	const char *path = getenv("CM_FAIL_COUNT");
	char digits[32];
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
	int n = snprintf(digits, sizeof(digits), "%zu\n", state.count);

	if (fd >= 0 && write(fd, digits, (size_t)n) == n)
		close(fd);
}

__attribute__((destructor)) static void finish(void)
{
	write_count();
}

/* ISO C has no cast from void * to a function; POSIX asks for this. */
static void look_up(void *function, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

static void start(void)
{
	const char *at, *mode;

	if (state.ready || state.looking)
		return;
	state.looking = true;
	look_up(&state.malloc, "malloc");
	look_up(&state.calloc, "calloc");
	look_up(&state.realloc, "realloc");
	look_up(&state.aligned_alloc, "aligned_alloc");
	look_up(&state.free, "free");
	at = getenv("CM_FAIL_AT");
	mode = getenv("CM_FAIL_MODE");
	if (at)
		state.fail_at = strtoul(at, NULL, 10);
	state.after = mode && strcmp(mode, "after") == 0;
	state.looking = false;
	state.ready = true;
}

/* Counts an allocation; true when this one is to fail. */
static bool fails(void)
{
	start();
	if (!state.ready)
		return false;
	state.count++;
	if (!state.fail_at || (state.after ? state.count < state.fail_at : state.count != state.fail_at))
		return false;
	state.failed = true;
	errno = ENOMEM;
	return true;
}

static void *counted(void *p)
{
	state.live += p != NULL;
	return p;
}

static void *take_early(size_t size)
{
	char *p = early + early_used;

	early_used += (size + 15) / 16 * 16;
	return early_used <= sizeof(early) ? p : NULL;
}

static bool is_early(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)early && (uintptr_t)p < (uintptr_t)early + sizeof(early);
}

EXPORT void *malloc(size_t size)
{
	if (fails())
		return NULL;
	return state.ready ? counted(state.malloc(size)) : take_early(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
	if (fails())
		return NULL;
	return state.ready ? counted(state.calloc(count, size)) : take_early(count * size);
}

EXPORT void *realloc(void *old, size_t size)
{
	void *p;

	if (fails())
		return NULL;
	if (is_early(old)) {
		size_t most = (size_t)(early + sizeof(early) - (char *)old);

		p = malloc(size);
		return p ? memcpy(p, old, size < most ? size : most) : NULL;
	}
	p = state.realloc(old, size);
	if (p && !old)
		state.live++;
	else if (!p && old && size == 0)
		state.live--;
	return p;
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : counted(state.aligned_alloc(alignment, size));
}

EXPORT int posix_memalign(void **p, size_t alignment, size_t size)
{
	*p = aligned_alloc(alignment, size);
	return *p ? 0 : ENOMEM;
}

EXPORT void free(void *p)
{
	if (!p || is_early(p))
		return;
	start();
	state.live--;
	state.free(p);
}
