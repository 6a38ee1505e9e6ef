/* SPDX-License-Identifier: MIT */

/* Views, the growing buffer, interned words, and the two things messages need: widths and near words. */

#include "str.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

bool cm_str_starts(struct cm_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool cm_str_ends(struct cm_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

size_t cm_str_find(struct cm_str s, char c, size_t from)
{
	const char *found = from < s.n ? memchr(s.p + from, c, s.n - from) : NULL;

	return found ? (size_t)(found - s.p) : s.n;
}

int cm_str_cmp(struct cm_str a, struct cm_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* ---- the buffer ---- */

static void free_bytes(void *buf)
{
	struct cm_buf *b = buf;

	free(b->p);
	b->p = NULL;
	b->n = b->size = 0;
}

static void reserve(struct cm_buf *b, size_t more)
{
	size_t size = b->size ? b->size : 64;
	char *p;

	if (more < b->size - b->n)
		return;
	if (more >= SIZE_MAX / 2 - b->n)
		cm_arena_fail(b->arena);
	while (size <= b->n + more)
		size *= 2;
	p = realloc(b->p, size);
	if (!p)
		cm_arena_fail(b->arena);
	b->p = p;
	b->size = size;
}

struct cm_buf *cm_buf_new(struct cm_arena *a, size_t expected)
{
	struct cm_buf *b = cm_new(a, struct cm_buf);

	b->arena = a;
	cm_arena_defer(a, free_bytes, b);
	if (expected) {
		b->p = malloc(expected + 1);
		if (!b->p)
			cm_arena_fail(a);
		b->size = expected + 1;
		b->p[0] = '\0';
	} else {
		reserve(b, 0);
		b->p[0] = '\0';
	}
	return b;
}

void cm_buf_add(struct cm_buf *b, const char *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void cm_buf_str(struct cm_buf *b, struct cm_str s)
{
	cm_buf_add(b, s.p, s.n);
}

void cm_buf_puts(struct cm_buf *b, const char *s)
{
	cm_buf_add(b, s, strlen(s));
}

void cm_buf_putc(struct cm_buf *b, char c)
{
	cm_buf_add(b, &c, 1);
}

void cm_buf_fill(struct cm_buf *b, char c, size_t count)
{
	reserve(b, count);
	memset(b->p + b->n, c, count);
	b->n += count;
	b->p[b->n] = '\0';
}

void cm_buf_vprintf(struct cm_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		cm_arena_fail(b->arena);
	reserve(b, (size_t)n);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void cm_buf_printf(struct cm_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cm_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void cm_buf_release(struct cm_buf *b)
{
	cm_arena_undefer(b->arena, b);
}

struct cm_str cm_strf(struct cm_arena *a, const char *fmt, ...)
{
	va_list ap, again;
	int n;
	char *p;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		cm_arena_fail(a);
	p = cm_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct cm_str){p, (size_t)n};
}

/* ---- interned words ---- */

/* FNV-1a, eight bytes a step. Inputs can be chosen to collide; the seed is the interner's own address. */
static uint32_t hash_of(const struct cm_interner *in, const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)(uintptr_t)in, word;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9fb21c651e98df25);
		h ^= h >> 29;
	}
	while (n--)
		h = (h ^ (unsigned char)*p++) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	return (uint32_t)(h * UINT64_C(0x9e3779b1) >> 7);
}

void cm_interner_init(struct cm_interner *in, struct cm_arena *a)
{
	in->arena = a;
	in->size = 256;
	in->count = 0;
	in->slots = cm_new_array(a, in->size, struct cm_sym *);
}

static void grow(struct cm_interner *in)
{
	size_t size = in->size * 2;
	struct cm_sym **slots = cm_new_array(in->arena, size, struct cm_sym *);

	for (size_t i = 0; i < in->size; i++) {
		size_t at;

		if (!in->slots[i])
			continue;
		for (at = in->slots[i]->hash & (size - 1); slots[at]; at = (at + 1) & (size - 1))
			;
		slots[at] = in->slots[i];
	}
	in->slots = slots;
	in->size = size;
}

struct cm_sym *cm_intern(struct cm_interner *in, const char *p, size_t n)
{
	uint32_t hash = hash_of(in, p, n);
	size_t at;
	struct cm_sym *s;

	for (at = hash & (in->size - 1); in->slots[at]; at = (at + 1) & (in->size - 1)) {
		s = in->slots[at];
		if (s->hash == hash && s->n == n && memcmp(s->p, p, n) == 0)
			return s;
	}
	s = cm_alloc(in->arena, sizeof(*s) + n + 1);
	s->hash = hash;
	s->n = (uint32_t)n;
	s->p = (char *)(s + 1);
	if (n)
		memcpy((char *)(s + 1), p, n);
	in->slots[at] = s;
	if (++in->count * 2 > in->size)
		grow(in);
	return s;
}

/* ---- for messages ---- */

size_t cm_display_width(struct cm_str s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.n;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &c);

		if (n <= 0) {
			i++;
			width++;
			continue;
		}
		if (c == '\t')
			width++;
		else if (c >= 0x20)
			width += (size_t)utf8proc_charwidth(c);
		i += (size_t)n;
	}
	return width;
}

/* Optimal string alignment: insertions, deletions, changes and swaps of neighbours, three rows at a time. */
static unsigned distance(struct cm_str a, struct cm_str b)
{
	unsigned rows[3][64];

	for (unsigned j = 0; j <= b.n; j++)
		rows[1][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *now = rows[(i + 1) % 3], *last = rows[i % 3], *before = rows[(i + 2) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			int x = tolower((unsigned char)a.p[i - 1]), y = tolower((unsigned char)b.p[j - 1]);
			unsigned best = last[j - 1] + (x != y);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && x == tolower((unsigned char)b.p[j - 2]) &&
			    y == tolower((unsigned char)a.p[i - 2]) && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[(a.n + 1) % 3][b.n];
}

const char *cm_nearest(struct cm_arena *a, struct cm_str text, const char *const *list)
{
	const char *best = NULL;
	unsigned least = 1 + (unsigned)(text.n / 3);

	(void)a;
	if (text.n >= 63)
		return NULL;
	for (; *list; list++) {
		struct cm_str word = cm_str_of(*list);
		unsigned d;

		if (word.n >= 63)
			continue;
		d = distance(text, word);
		if (d < least || (d == least && !best && d < word.n && d < text.n)) {
			least = d;
			best = *list;
		}
	}
	return best;
}
