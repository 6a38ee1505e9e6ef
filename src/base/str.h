/* SPDX-License-Identifier: MIT */
#ifndef CM_BASE_STR_H
#define CM_BASE_STR_H

/*
 * Text: views, a growing buffer, and interned words.
 *
 * A struct cm_str points into somebody else's bytes (mostly the source text) and owns nothing; it is not
 * NUL-terminated. A struct cm_buf owns malloc'ed bytes and is closed by its arena. Interned words
 * (struct cm_sym) are compared by pointer: equal text, equal address, within one project.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"

struct cm_str {
	const char *p;
	size_t n;
};

#define CM_STR(literal) ((struct cm_str){(literal), sizeof(literal) - 1})

static inline struct cm_str cm_str_of(const char *s)
{
	return (struct cm_str){s, strlen(s)};
}

static inline bool cm_str_eq(struct cm_str a, struct cm_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool cm_str_is(struct cm_str a, const char *s)
{
	return cm_str_eq(a, cm_str_of(s));
}

bool cm_str_starts(struct cm_str s, const char *prefix);
bool cm_str_ends(struct cm_str s, const char *suffix);
/* The index of the first byte c at or after from, or s.n when there is none. */
size_t cm_str_find(struct cm_str s, char c, size_t from);
/* Bytewise order, a prefix first. */
int cm_str_cmp(struct cm_str a, struct cm_str b);
/* The bytes [from, to) of s. */
static inline struct cm_str cm_str_cut(struct cm_str s, size_t from, size_t to)
{
	return (struct cm_str){s.p + from, to - from};
}

/* A growing text. Invariant: p[n] == 0 once anything was added. */
struct cm_buf {
	char *p;
	size_t n, size;
	struct cm_arena *arena; /* jumped through when memory runs out; frees p */
};

/* The buffer itself lives in the arena, so that its bytes can be freed with it. */
struct cm_buf *cm_buf_new(struct cm_arena *a, size_t expected);
void cm_buf_add(struct cm_buf *b, const char *p, size_t n);
void cm_buf_str(struct cm_buf *b, struct cm_str s);
void cm_buf_puts(struct cm_buf *b, const char *s);
void cm_buf_putc(struct cm_buf *b, char c);
void cm_buf_fill(struct cm_buf *b, char c, size_t count);
void cm_buf_printf(struct cm_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cm_buf_vprintf(struct cm_buf *b, const char *fmt, va_list ap);
/* Frees the bytes early. */
void cm_buf_release(struct cm_buf *b);

/* Text formatted into the arena. */
struct cm_str cm_strf(struct cm_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct cm_sym {
	uint32_t hash;
	uint32_t n;
	const char *p; /* NUL-terminated */
};

struct cm_interner {
	struct cm_arena *arena;
	struct cm_sym **slots; /* open addressing, size a power of two */
	uint64_t seed;         /* colliding words cannot be prepared */
	size_t size, count;
};

void cm_interner_init(struct cm_interner *in, struct cm_arena *a);
struct cm_sym *cm_intern(struct cm_interner *in, const char *p, size_t n);

static inline struct cm_str cm_sym_str(const struct cm_sym *s)
{
	return (struct cm_str){s->p, s->n};
}

/* Bytes of the UTF-8 sequence at s.p[i]; 0 where it is none. */
size_t cm_utf8_length(struct cm_str s, size_t i);
/* How many terminal columns a UTF-8 text takes; tabs count as 1, wide characters 2, combining ones 0. */
size_t cm_display_width(struct cm_str s);
/* The word of the list nearest to text by edits, or NULL when none is near enough to be meant. list ends with NULL. */
const char *cm_nearest(struct cm_arena *a, struct cm_str text, const char *const *list);

#endif
