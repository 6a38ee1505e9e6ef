/* SPDX-License-Identifier: MIT */

/* Views, the growing buffer, interned words, and the two things messages need: widths and near
 * words. */

#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

enum { LONGEST_WORD = 256 }; /* longer ones are nobody's typing error */

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

/* Two multiplications a step: with one, the change of a word's highest bit can be undone in the
 * next word whatever the seed, and a file of colliding keys can be prepared. */
static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9fb21c651e98df25);
	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 29;
}

/* The last bytes are read together with some before them: no word is built byte by byte. */
static uint64_t last_word(const char *p, size_t n)
{
	uint64_t word = 0;
	uint32_t head, tail;

	if (n >= sizeof(word)) {
		memcpy(&word, p + n - sizeof(word), sizeof(word));
	} else if (n >= sizeof(head)) {
		memcpy(&head, p, sizeof(head));
		memcpy(&tail, p + n - sizeof(tail), sizeof(tail));
		word = (uint64_t)head << 32 | tail;
	} else if (n) {
		word = (uint64_t)(unsigned char)p[0] << 16 |
			(uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];
	}
	return word;
}

/* Inputs are hostile: the seed is an address of this run. */
static uint32_t hash_of(const struct cm_interner *in, const char *p, size_t n)
{
	uint64_t h = in->seed + n * UINT64_C(0x9e3779b97f4a7c15), word;

	for (size_t i = 0; i + sizeof(word) < n; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		h = mix(h, word);
	}
	return (uint32_t)mix(h, last_word(p, n));
}

void cm_interner_init(struct cm_interner *in, struct cm_arena *a)
{
	in->arena = a;
	in->size = 256;
	in->seed = (uint64_t)(uintptr_t)in;
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

size_t cm_utf8_length(struct cm_str s, size_t i)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate(
		(const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &c);

	return n > 0 ? (size_t)n : 0;
}

size_t cm_display_width(struct cm_str s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.n;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(
			(const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &c);

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

static char folded(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_letter(char a, char b, bool fold)
{
	return a == b || (fold && folded(a) == folded(b));
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours (optimal string alignment). rows: 3 * (b.n
 * + 1). */
static size_t distance(struct cm_str a, struct cm_str b, bool fold, size_t *rows)
{
	size_t *before = rows, *last = rows + b.n + 1, *now = last + b.n + 1, *spare;

	for (size_t j = 0; j <= b.n; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			now[j] = least_of(last[j - 1] + !same_letter(a.p[i - 1], b.p[j - 1], fold),
				least_of(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && same_letter(a.p[i - 1], b.p[j - 2], fold) &&
				same_letter(a.p[i - 2], b.p[j - 1], fold))
				now[j] = least_of(now[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b.n];
}

/* A third of the letters may be wrong, one always, but never all of them. */
static bool is_meant(size_t wrong, size_t letters)
{
	return wrong == 0 || (wrong <= (letters < 6 ? 1 : letters / 3) && wrong < letters);
}

static struct cm_str without_dashes(struct cm_str s)
{
	while (s.n && *s.p == '-')
		s = cm_str_cut(s, 1, s.n);
	return s;
}

/* Low is near; SIZE_MAX is not meant. Dashes and upper case ("help" for --help) only decide between
 * equals. */
static size_t rank_of(struct cm_str word, struct cm_str text, size_t *rows)
{
	struct cm_str a = without_dashes(word), b = without_dashes(text);
	size_t wrong;

	if (!is_meant(a.n > b.n ? a.n - b.n : b.n - a.n, b.n))
		return SIZE_MAX;
	wrong = distance(a, b, true, rows);
	if (!is_meant(wrong, b.n))
		return SIZE_MAX;
	return wrong * 8 * LONGEST_WORD + distance(word, text, false, rows);
}

const char *cm_nearest(struct cm_arena *a, struct cm_str text, const char *const *list)
{
	const char *best = NULL;
	size_t least = SIZE_MAX, *rows;

	if (text.n > LONGEST_WORD)
		return NULL;
	rows = cm_new_array(a, 3 * (text.n + 1), size_t);
	for (; *list; list++) {
		size_t rank = rank_of(cm_str_of(*list), text, rows);

		if (rank < least) {
			least = rank;
			best = *list;
		}
	}
	return best;
}
