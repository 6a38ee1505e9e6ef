/* SPDX-License-Identifier: MIT */

/*
 * The base room: memory that jumps when there is none, words, lines, places, and what a message looks like.
 *
 * Line breaks and places are also held against a slow and obvious splitter, on random bytes.
 */

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/base/diag.h"
#include "../../src/base/io.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof(*(a))))
#define BOM "\xEF\xBB\xBF"
#define NEL "\xC2\x85"
#define LS "\xE2\x80\xA8"
#define PS "\xE2\x80\xA9"

Suite *base_suite(void);

static struct cm_recovery recovery;
static struct cm_arena *arena;
static struct cm_project project;

static void setup(void)
{
	arena = cm_arena_new(&recovery);
	project = (struct cm_project){.arena = arena, .limits = cm_default_limits};
	project.last_diag = &project.diags;
}

static void teardown(void)
{
	cm_arena_free(arena);
}

/* The same numbers every run. */
static unsigned next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* --- arena --- */

static bool is_zero(const char *p, size_t n)
{
	while (n && *p == 0)
		p++, n--;
	return n == 0;
}

START_TEST(memory_is_zeroed_aligned_and_its_own)
{
	static const size_t sizes[] = {0, 1, 7, 16, 17, 4000, 4097, 16384, 100000, 1 << 20, 5 << 20};

	for (int round = 0; round < 40; round++) {
		size_t size = sizes[round % COUNT(sizes)];
		char *p = cm_alloc(arena, size), *q = cm_alloc(arena, size);

		ck_assert_ptr_nonnull(p);
		ck_assert_ptr_ne(p, q);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		ck_assert(is_zero(p, size) && is_zero(q, size));
		memset(p, 0xAA, size);
		ck_assert(is_zero(q, size));
	}
	ck_assert_uint_ge(cm_arena_used(arena), 2 * (5u << 20));
}
END_TEST

enum { ASK_HUGE, ASK_PRODUCT, ASK_COPY, ASK_CHILD, ASK_TEXT, GIVE_UP, ASKS };

static void ask_too_much(int how)
{
	switch (how) {
	case ASK_HUGE: cm_alloc(arena, SIZE_MAX - 3); break;
	case ASK_PRODUCT: cm_calloc(arena, SIZE_MAX / 16 + 2, 16); break; /* 16, where it wraps */
	case ASK_COPY: cm_strndup(arena, "", SIZE_MAX); break;
	case ASK_CHILD: cm_alloc(cm_arena_child(cm_arena_child(arena)), SIZE_MAX / 2 + 1); break;
	case ASK_TEXT: cm_buf_fill(cm_buf_new(arena, 0), ' ', SIZE_MAX / 2); break;
	default: cm_arena_give_up(cm_arena_child(arena));
	}
}

START_TEST(no_memory_jumps_to_the_recovery_point)
{
	int jumped = setjmp(recovery.point);

	if (!jumped) {
		ask_too_much(_i);
		ck_abort_msg("it returned");
	}
	ck_assert_int_eq(jumped, _i == GIVE_UP ? 2 : 1);
	ck_assert_ptr_nonnull(cm_alloc(arena, 10));
}
END_TEST

START_TEST(the_recovery_point_can_be_moved)
{
	struct cm_recovery other;
	struct cm_arena *child = cm_arena_child(arena);

	cm_arena_recover(arena, &other);
	if (setjmp(recovery.point))
		ck_abort_msg("the old point");
	if (setjmp(other.point) == 0)
		cm_arena_fail(child);
}
END_TEST

static char calls[16];

static void call(void *letter)
{
	strcat(calls, letter);
}

START_TEST(deferred_calls_run_last_first_and_once)
{
	struct cm_arena *a = cm_arena_new(&recovery), *child;
	char x[] = "x", y[] = "y", z[] = "z", c[] = "c";

	calls[0] = '\0';
	cm_arena_defer(a, call, x);
	child = cm_arena_child(a);
	cm_arena_defer(child, call, c);
	cm_arena_defer(a, call, y);
	cm_arena_undefer(a, y);
	cm_arena_undefer(a, y);
	ck_assert_str_eq(calls, "y");
	cm_arena_defer(a, call, z);
	cm_arena_free(a);
	ck_assert_str_eq(calls, "yzcx");
}
END_TEST

START_TEST(a_child_can_be_freed_before_its_parent)
{
	struct cm_arena *child = cm_arena_child(arena);
	char c[] = "c";

	calls[0] = '\0';
	cm_arena_defer(child, call, c);
	cm_arena_undefer(arena, child);
	ck_assert_str_eq(calls, "c");
	cm_arena_free(NULL);
}
END_TEST

/* --- text --- */

START_TEST(views_are_compared_and_searched)
{
	struct cm_str s = CM_STR("compose.yml");

	ck_assert(cm_str_starts(s, "compose") && cm_str_starts(s, "") && !cm_str_starts(s, "compose.yml2"));
	ck_assert(cm_str_ends(s, ".yml") && cm_str_ends(s, "") && !cm_str_ends(s, "xcompose.yml"));
	ck_assert_uint_eq(cm_str_find(s, 'm', 0), 2);
	ck_assert_uint_eq(cm_str_find(s, 'm', 3), 9);
	ck_assert_uint_eq(cm_str_find(s, 'm', 10), s.n);
	ck_assert_uint_eq(cm_str_find(s, 'm', 99), s.n);
	ck_assert_int_lt(cm_str_cmp(CM_STR("a"), CM_STR("ab")), 0);
	ck_assert_int_gt(cm_str_cmp(CM_STR("b"), CM_STR("ab")), 0);
	ck_assert_int_gt(cm_str_cmp(CM_STR("\xC3"), CM_STR("z")), 0);
	ck_assert_int_eq(cm_str_cmp((struct cm_str){NULL, 0}, CM_STR("")), 0);
	ck_assert(cm_str_eq((struct cm_str){NULL, 0}, CM_STR("")));
}
END_TEST

START_TEST(a_buffer_grows_and_stays_terminated)
{
	struct cm_buf *b = cm_buf_new(arena, (size_t)_i);

	ck_assert_str_eq(b->p, "");
	for (int i = 0; i < 5000; i++) {
		cm_buf_printf(b, "%d,", i);
		ck_assert_uint_eq(strlen(b->p), b->n);
	}
	cm_buf_add(b, NULL, 0);
	cm_buf_fill(b, '-', 3);
	cm_buf_str(b, CM_STR("end"));
	cm_buf_putc(b, '\0');
	ck_assert_uint_eq(b->n, 10 * 2 + 90 * 3 + 900 * 4 + 4000 * 5 + 7);
	ck_assert(cm_str_ends((struct cm_str){b->p, b->n - 1}, "4999,---end"));
	cm_buf_release(b);
}
END_TEST

START_TEST(formatted_text_has_any_length)
{
	struct cm_str s = cm_strf(arena, "%5000s|", "x");

	ck_assert_uint_eq(s.n, 5001);
	ck_assert_uint_eq(strlen(s.p), s.n);
	ck_assert_uint_eq(cm_strf(arena, "%s", "").n, 0);
}
END_TEST

/* --- words --- */

START_TEST(equal_words_have_one_address)
{
	enum { MANY = 20000 };
	struct cm_interner in;
	struct cm_sym **syms = calloc(MANY, sizeof(*syms));
	char word[32];

	cm_interner_init(&in, arena);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			size_t n = (size_t)snprintf(word, sizeof(word), "service-%d", i);
			struct cm_sym *s = cm_intern(&in, word, n);

			if (!syms[i])
				syms[i] = s;
			ck_assert_ptr_eq(s, syms[i]);
			ck_assert_str_eq(s->p, word);
			ck_assert_uint_eq(s->n, n);
		}
		ck_assert_uint_eq(in.count, MANY);
		ck_assert_uint_ge(in.size, 2 * MANY);
	}
	free(syms);
}
END_TEST

/* Every length takes another path through the hash. */
START_TEST(words_of_every_length_differ)
{
	struct cm_interner in;
	char zeros[70] = {0};

	cm_interner_init(&in, arena);
	for (size_t n = 0; n < sizeof(zeros); n++) {
		struct cm_sym *s = cm_intern(&in, zeros, n);

		ck_assert_uint_eq(in.count, n * (n + 1) / 2 + 1);
		for (size_t i = 0; i < n; i++) {
			zeros[i] = 'x';
			ck_assert_ptr_ne(cm_intern(&in, zeros, n), s);
			ck_assert_uint_ne(cm_intern(&in, zeros, n)->hash, s->hash);
			zeros[i] = 0;
		}
		ck_assert_ptr_eq(cm_intern(&in, zeros, n), s);
	}
}
END_TEST

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Changes that cancel out in a hash of one multiplication a step, whatever its seed. */
START_TEST(colliding_words_cannot_be_prepared)
{
	enum { BITS = 12 };
	struct cm_interner in;
	uint64_t word[2 * BITS];
	uint32_t hashes[1 << BITS], same = 0;

	cm_interner_init(&in, arena);
	for (unsigned i = 0; i < 1 << BITS; i++) {
		for (int bit = 0; bit < BITS; bit++) {
			word[2 * bit] = (uint64_t)(i >> bit & 1) << 63;
			word[2 * bit + 1] = i >> bit & 1 ? UINT64_C(1) << 63 | UINT64_C(1) << 34 : 0;
		}
		hashes[i] = cm_intern(&in, (const char *)word, sizeof(word))->hash;
	}
	qsort(hashes, 1 << BITS, sizeof(*hashes), by_value);
	for (unsigned i = 1; i < 1 << BITS; i++)
		same += hashes[i] == hashes[i - 1];
	ck_assert_uint_lt(same, 8);
}
END_TEST

static const struct {
	const char *text;
	size_t width;
} widths[] = {
	{"", 0},
	{"image: nginx", 12},
	{"\tx", 2},
	{"caf\xC3\xA9", 4},
	{"cafe\xCC\x81", 4},
	{"\xE4\xB8\xAD\xE6\x96\x87", 4},
	{"\xEF\xBC\xA1", 2},
	{"\xED\x95\x9C\xEA\xB8\x80", 4},
	{"\xF0\x9F\x98\x80", 2},
	{"\xF0\x9F\x90\xB3 x", 4},
	{"\xC3", 1},
	{"a\xFF" "b", 3},
};

START_TEST(widths_are_those_of_a_terminal)
{
	ck_assert_uint_eq(cm_display_width(cm_str_of(widths[_i].text)), widths[_i].width);
}
END_TEST

static const char *const known[] = {"services", "networks", "volumes", "ports", "build", "merge", "--help", "--file",
	"-f", "compose.yml", "Compose.yml", "web", "api", NULL};

static const struct {
	const char *text, *want;
} near[] = {
	{"service", "services"},
	{"servcies", "services"},
	{"prots", "ports"},
	{"port", "ports"},
	{"network", "networks"},
	{"newtroks", "networks"},
	{"volmes", "volumes"},
	{"PORTS", "ports"},
	{"help", "--help"},
	{"-file", "--file"},
	{"compse.yml", "compose.yml"},
	{"COMPOSE.yml", "Compose.yml"},
	{"compose.yml", "compose.yml"},
	{"wb", "web"},
	{"WEB", "web"},
	{"xyz", NULL},
	{"apple", NULL},
	{"x", NULL},
	{"", NULL},
	{"--", NULL},
	{"nothing-like-it", NULL},
	{"netwoxxs", "networks"},
	{"netwxxxs", NULL},
};

START_TEST(near_words_are_found)
{
	const char *got = cm_nearest(arena, cm_str_of(near[_i].text), known);

	ck_assert_msg((got == NULL) == (near[_i].want == NULL) && (!got || strcmp(got, near[_i].want) == 0),
		"%s: %s, not %s", near[_i].text, got ? got : "nothing", near[_i].want ? near[_i].want : "nothing");
}
END_TEST

START_TEST(long_words_cost_nothing)
{
	char *word = cm_alloc(arena, 1 << 20), *list[] = {word, NULL};

	memset(word, 'a', (1 << 20) - 1);
	ck_assert_ptr_null(cm_nearest(arena, cm_str_of(word), known));
	ck_assert_ptr_null(cm_nearest(arena, CM_STR("ports"), (const char *const *)list));
}
END_TEST

/* --- lines --- */

static const struct {
	const char *text;
	size_t at, start, end, next;
} lines[] = {
	{"", 0, 0, 0, 0},
	{"a", 1, 0, 1, 1},
	{"a\nb", 0, 0, 1, 2},
	{"a\nb", 1, 0, 1, 2},
	{"a\nb", 2, 2, 3, 3},
	{"a\r\nb", 1, 0, 1, 3},
	{"a\r\nb", 2, 0, 2, 3},
	{"a\rb", 2, 2, 3, 3},
	{"a\r", 2, 2, 2, 2},
	{"a" NEL "b", 0, 0, 1, 3},
	{"a" LS "b", 4, 4, 5, 5},
	{"a" PS "b", 0, 0, 1, 4},
	{"\xC3\x85x", 2, 0, 3, 3},
	{"\xE2\x80\xA6x", 3, 0, 4, 4},
	{"\xC2", 0, 0, 1, 1},
	{"\xE2\x80", 0, 0, 2, 2},
	{"\n\n", 1, 1, 1, 2},
};

START_TEST(lines_end_where_yaml_says)
{
	struct cm_str s = cm_str_of(lines[_i].text);

	ck_assert_uint_eq(cm_line_start(s, lines[_i].at), lines[_i].start);
	ck_assert_uint_eq(cm_line_end(s, lines[_i].at), lines[_i].end);
	ck_assert_uint_eq(cm_next_line(s, lines[_i].at), lines[_i].next);
}
END_TEST

static size_t slow_break(struct cm_str s, size_t i)
{
	static const char *const breaks[] = {"\r\n", "\n", "\r", NEL, LS, PS};

	for (int k = 0; k < COUNT(breaks); k++)
		if (cm_str_starts(cm_str_cut(s, i, s.n), breaks[k]))
			return strlen(breaks[k]);
	return 0;
}

/* Random pieces that come close to line breaks: cut ones, and their bytes in other company. */
static struct cm_str random_text(uint32_t *state, size_t pieces)
{
	static const char *const piece[] = {"a", "\xC3\xA9", "\xE4\xB8\xAD", "\n", "\r", "\r\n", NEL, LS, PS, "\xC2", "\x85",
		"\xE2", "\x80", "\xA8"};
	struct cm_buf *b = cm_buf_new(arena, 0);

	while (pieces--)
		cm_buf_puts(b, piece[next_random(state) % COUNT(piece)]);
	return (struct cm_str){b->p, b->n};
}

static void check_lines(struct cm_str s)
{
	size_t start = 0;

	for (size_t i = 0; i < s.n;) {
		size_t n = slow_break(s, i);

		ck_assert_uint_eq(cm_break_length(s, i), n);
		ck_assert_uint_eq(cm_line_start(s, i), start);
		if (n) {
			ck_assert_uint_eq(cm_line_end(s, start), i);
			ck_assert_uint_eq(cm_next_line(s, start), i + n);
			start = i + n;
		}
		i += n ? n : 1;
	}
	ck_assert_uint_eq(cm_line_start(s, s.n), start);
	ck_assert_uint_eq(cm_line_end(s, start), s.n);
	ck_assert_uint_eq(cm_break_length(s, s.n), 0);
}

START_TEST(lines_agree_with_a_slow_splitter)
{
	uint32_t state = (uint32_t)_i;

	for (int round = 0; round < 2000; round++)
		check_lines(random_text(&state, next_random(&state) % 12));
}
END_TEST

/* --- places --- */

static struct cm_source *source(const char *text, size_t n)
{
	return cm_source_add(&project, "a.yml", (struct cm_str){text, n});
}

static const struct {
	const char *text;
	uint32_t at, line, column;
	size_t bytes; /* cm_column */
} places[] = {
	{"", 0, 1, 1, 0},
	{"ab", 0, 1, 1, 0},
	{"ab", 2, 1, 3, 2},
	{"a\nb", 2, 2, 1, 0},
	{"a\nb\n", 4, 2, 2, 0},
	{"a\r\n", 3, 1, 2, 0},
	{"a\n\n", 3, 2, 1, 0},
	{"a" LS "b", 4, 2, 1, 0},
	{"\xE4\xB8\xAD: x", 5, 1, 4, 5},
	{BOM "ab", 0, 1, 1, 0},
	{BOM "ab", 2, 1, 1, 0},
	{BOM "ab", 4, 1, 2, 1},
	{BOM "a\nb", 5, 2, 1, 0},
	{BOM, 3, 1, 1, 0},
};

START_TEST(places_are_counted_in_characters)
{
	struct cm_source *src = source(places[_i].text, strlen(places[_i].text));
	struct cm_place got = cm_place_of(&project, (struct cm_span){src->id, places[_i].at, places[_i].at});

	ck_assert_uint_eq(got.line, places[_i].line);
	ck_assert_uint_eq(got.column, places[_i].column);
	ck_assert_uint_eq(cm_column(src, places[_i].at), places[_i].bytes);
}
END_TEST

START_TEST(places_in_long_lines_agree_with_counting)
{
	uint32_t state = (uint32_t)_i, line = 1, column = 1;
	struct cm_buf *b = cm_buf_new(arena, 0);
	struct cm_source *src;

	for (int i = 0; i < 4; i++) {
		for (unsigned n = next_random(&state) % 6000; n; n--)
			cm_buf_puts(b, next_random(&state) % 3 ? "a" : "\xE4\xB8\xAD");
		cm_buf_putc(b, '\n');
	}
	src = source(b->p, b->n);
	for (size_t at = 0; at < b->n; at++) {
		struct cm_place got = cm_place_at(arena, src, at, NULL);

		if (((unsigned char)b->p[at] & 0xC0) == 0x80)
			continue;
		ck_assert_uint_eq(got.line, line);
		ck_assert_uint_eq(got.column, column);
		column = b->p[at] == '\n' ? 1 : column + 1;
		line += b->p[at] == '\n';
	}
}
END_TEST

START_TEST(no_source_is_no_place)
{
	struct cm_place got = cm_place_of(&project, (struct cm_span){0, 0, 0});

	ck_assert_uint_eq(got.line, 0);
	ck_assert_uint_eq(got.column, 0);
}
END_TEST

/* --- messages --- */

/* Text with the span between « and »; want: what stands below the headline. */
static const struct {
	const char *name, *text, *want;
} excerpts[] = {
	{"plain", "a: 1\nb:   «ports:»  # x\n", "      2 | b:   ports:  # x\n        |      ^~~~~~\n"},
	{"nothing wide", "a: «»1\n", "      1 | a: 1\n        |    ^\n"},
	{"end of the line", "a: 1«»\nb\n", "      1 | a: 1\n        |     ^\n"},
	{"end of the file", "a: [\n«»", "      1 | a: [\n        |     ^\n"},
	{"end without a newline", "a: [«»", "      1 | a: [\n        |     ^\n"},
	{"blank lines at the end", "a: [\n\n«»", "      2 | \n        | ^\n"},
	{"several lines", "a: «{b,  \n  c}»\n", "      1 | a: {b,  \n        |    ^~~\n"},
	{"CRLF", "a: «{b,\r\n  c}»\r\n", "      1 | a: {b,\n        |    ^~~\n"},
	{"CR and NEL", "x\ra: «b" NEL "»c\r", "      2 | a: b\n        |    ^\n"},
	{"BOM", BOM "«a»: 1\n", "      1 | a: 1\n        | ^\n"},
	{"on the BOM", "«" BOM "»a: 1\n", "      1 | a: 1\n        | ^\n"},
	{"BOM inside", "a: " BOM "«b»\n", "      1 | a: ·b\n        |     ^\n"},
	{"tab in front", "\tk:\t«v»\n", "      1 |         k:      v\n        |                 ^\n"},
	{"on a tab", "a:«\t»b\n", "      1 | a:      b\n        |   ^~~~~~\n"},
	{"CJK", "中文: «漢字»: x\n", "      1 | 中文: 漢字: x\n        |       ^~~~\n"},
	{"emoji", "🐳: «🐳»\n", "      1 | 🐳: 🐳\n        |     ^~\n"},
	{"combining", "cafe\xCC\x81: «e\xCC\x81»x\n", "      1 | cafe\xCC\x81: e\xCC\x81x\n        |       ^\n"},
	{"control characters", "a\033[2J\x7f: «\a»b\n", "      1 | a·[2J·: ·b\n        |         ^\n"},
	{"C1 and bidi", "a\xC2\x9B\xE2\x80\xAE«b»\n", "      1 | a··b\n        |    ^\n"},
	{"not UTF-8", "a\xFF: «b»\xE4\xB8\n", "      1 | a\xEF\xBF\xBD: b\xEF\xBF\xBD\xEF\xBF\xBD\n        |     ^\n"},
};

/* Takes the marks out of text; sets the span. */
static struct cm_span unmark(const char *text)
{
	const char *open = strstr(text, "«"), *shut = strstr(text, "»");
	struct cm_buf *b = cm_buf_new(arena, 0);
	uint32_t start = (uint32_t)(open - text), end = (uint32_t)(shut - text) - 2;

	cm_buf_add(b, text, start);
	cm_buf_add(b, open + 2, end - start);
	cm_buf_puts(b, shut + 2);
	return (struct cm_span){source(b->p, b->n)->id, start, end};
}

static const char *printed(const struct cm_diag *d, bool color)
{
	struct cm_buf *b = cm_buf_new(arena, 0);

	cm_diag_text(&project, d, color, b);
	ck_assert_uint_eq(strlen(b->p), b->n);
	return b->p;
}

START_TEST(excerpts_show_the_line_and_the_span)
{
	struct cm_diag *d = cm_error(&project, unmark(excerpts[_i].text), CM_E_SYNTAX, "x");
	const char *got = strchr(printed(d, false), '\n') + 1;

	ck_assert_msg(strcmp(got, excerpts[_i].want) == 0, "%s:\n%snot\n%s", excerpts[_i].name, got, excerpts[_i].want);
}
END_TEST

/* A line of n cells of text, the span at one of them; returns the excerpt. */
static struct cm_str long_line(const char *cell, size_t n, size_t at, size_t cells)
{
	struct cm_buf *b = cm_buf_new(arena, 0);
	size_t size = strlen(cell);
	struct cm_span span;

	for (size_t i = 0; i < n; i++)
		cm_buf_puts(b, i >= at && i < at + cells ? "X" : cell);
	cm_buf_putc(b, '\n');
	span = (struct cm_span){source(b->p, b->n)->id, (uint32_t)(at * size), (uint32_t)(at * size + cells)};
	return cm_str_of(strchr(printed(cm_error(&project, span, CM_E_SYNTAX, "x"), false), '\n') + 1);
}

static const struct {
	const char *cell;
	size_t n, at, cells;
	bool head, tail; /* cut off there? */
} long_lines[] = {
	{"a", 160, 150, 1, false, false},
	{"a", 161, 10, 1, false, true},
	{"a", 1000, 500, 3, true, true},
	{"a", 1000, 0, 1000, false, true},
	{"a", 1000, 500, 500, true, true},
	{"a", 1000, 998, 1, true, false},
	{"\xE4\xB8\xAD", 80, 79, 1, false, false},
	{"\xE4\xB8\xAD", 1000, 500, 1, true, true},
	{"\t", 1000, 500, 1, true, true},
	{"\xCC\x81", 5000, 2500, 1, true, true},
	{"\xFF", 1000, 500, 1, true, true},
};

/* Under the first X of the first line stands the caret, under the others tildes; nothing is too wide. */
START_TEST(long_lines_are_cut_around_the_span)
{
	struct cm_str got = long_line(long_lines[_i].cell, long_lines[_i].n, long_lines[_i].at, long_lines[_i].cells);
	size_t end = cm_str_find(got, '\n', 0), x = cm_str_find(got, 'X', 0), xs = 0;
	struct cm_str line = cm_str_cut(got, 0, end), under = cm_str_cut(got, end + 1, got.n - 1);

	ck_assert_uint_le(cm_display_width(line), 10 + 1 + 160 + 1);
	ck_assert_uint_le(line.n, 10 + 4 * 8 * 160);
	ck_assert(cm_str_starts(cm_str_cut(line, 10, line.n), "…") == long_lines[_i].head);
	ck_assert(cm_str_ends(line, "…") == long_lines[_i].tail);
	ck_assert_uint_eq(cm_str_find(under, '^', 0), cm_display_width(cm_str_cut(line, 0, x)));
	for (size_t i = x; i < line.n && line.p[i] == 'X'; i++)
		xs++;
	ck_assert_uint_eq(under.n - cm_str_find(under, '^', 0), xs);
}
END_TEST

/* One message about each item of a 2 MB line: quadratic work would show as minutes. */
START_TEST(many_messages_on_one_line_are_cheap)
{
	enum { SIZE = 2000000 };
	char *text = cm_alloc(arena, SIZE);
	struct cm_source *src;
	struct cm_buf *b = cm_buf_new(arena, 0);

	memset(text, 'a', SIZE);
	src = source(text, SIZE);
	for (uint32_t at = 0; at < SIZE; at += 100) {
		b->n = 0;
		cm_diag_text(&project, cm_error(&project, (struct cm_span){src->id, at, at + 1}, CM_E_SYNTAX, "x"), false, b);
	}
	ck_assert_uint_eq(project.errors, SIZE / 100);
}
END_TEST

START_TEST(messages_have_notes_and_help)
{
	struct cm_span here = unmark("a:\n  «b»: 1\n"), there = unmark("x: «{y: 1}»\n");
	struct cm_diag *d = cm_error(&project, here, CM_E_KIND_CLASH, "%s is no %s", "b", "list");

	cm_note(&project, d, there, "also set here");
	cm_note(&project, d, there, "and the same place again");
	cm_note(&project, d, here, "this one too");
	cm_note(&project, d, (struct cm_span){0, 0, 0}, "nowhere");
	cm_help(&project, d, "write %d of them", 2);
	ck_assert_str_eq(printed(d, false),
		"a.yml:2:3: error: b is no list [kind-clash]\n"
		"      2 |   b: 1\n"
		"        |   ^\n"
		"a.yml:1:4: note: also set here\n"
		"      1 | x: {y: 1}\n"
		"        |    ^~~~~~\n"
		"a.yml:1:4: note: and the same place again\n"
		"a.yml:2:3: note: this one too\n"
		"composemerge: note: nowhere\n"
		"help: write 2 of them\n");
}
END_TEST

START_TEST(messages_are_kept_in_order_and_counted)
{
	struct cm_span none = {0, 0, 0};
	struct cm_diag *a = cm_error(&project, none, CM_E_EMPTY, "a"), *b = cm_warn(&project, none, CM_E_QUIRK, "b"),
		       *c = cm_error(&project, none, CM_E_ROOT, "c");

	ck_assert(project.diags == a && a->next == b && b->next == c && !c->next);
	ck_assert_uint_eq(project.errors, 2);
	ck_assert_uint_eq(project.warnings, 1);
	ck_assert_str_eq(printed(a, false), "composemerge: error: a [empty]\n");
	ck_assert_str_eq(printed(b, true), "composemerge: \033[1;35mwarning: \033[0mb [quirk]\n");
}
END_TEST

START_TEST(colors_are_where_they_were_asked_for)
{
	struct cm_diag *d = cm_error(&project, unmark("a: «b»\n"), CM_E_SYNTAX, "x");

	cm_note(&project, d, (struct cm_span){d->span.source, 0, 1}, "y");
	ck_assert_str_eq(printed(d, true),
		"\033[1ma.yml:1:4: \033[0m\033[1;31merror: \033[0mx [syntax]\n"
		"      1 | a: b\n"
		"        |    \033[32m^\033[0m\n"
		"\033[1ma.yml:1:1: \033[0m\033[36mnote: \033[0my\n"
		"      1 | a: b\n"
		"        | \033[32m^\033[0m\n");
}
END_TEST

/* Keys and file names are quoted in messages: they must not reach the terminal as commands, nor as lines of their own. */
START_TEST(quoted_words_cannot_act)
{
	struct cm_source *src = cm_source_add(&project, "a\033]0;x\a.yml", CM_STR("k\n"));
	struct cm_diag *d = cm_error(&project, (struct cm_span){src->id, 0, 1}, CM_E_DUPLICATE_KEY, "%s",
		"k\nb.yml:1:1: error\xE2\x80\xAE\xFF");

	cm_help(&project, d, "%s", "\033[2J");
	ck_assert_str_eq(printed(d, false), "a·]0;x·.yml:1:1: error: k·b.yml:1:1: error·\xEF\xBF\xBD [duplicate-key]\n"
		"      1 | k\n        | ^\nhelp: ·[2J\n");
}
END_TEST

static const char *as_json(const struct cm_diag *d)
{
	struct cm_buf *b = cm_buf_new(arena, 0);

	cm_diag_json(&project, d, b);
	return b->p;
}

START_TEST(json_is_one_line_with_every_place)
{
	struct cm_span here = unmark("中: «{b,\n c}»\n");
	struct cm_diag *d = cm_warn(&project, here, CM_E_QUIRK, "say \"%s\"", "\\\t\n\001\xFF\xE4\xB8\xAD");

	ck_assert_str_eq(as_json(d), "{\"severity\":\"warning\",\"code\":\"quirk\","
		"\"message\":\"say \\\"\\\\\\t\\n\\u0001\xEF\xBF\xBD\xE4\xB8\xAD\\\"\","
		"\"file\":\"a.yml\",\"line\":1,\"column\":4,\"end_line\":2,\"end_column\":4,\"notes\":[]}\n");
	cm_help(&project, d, "h");
	cm_note(&project, d, (struct cm_span){0, 0, 0}, "n");
	cm_note(&project, d, (struct cm_span){here.source, 0, 3}, "m");
	ck_assert_ptr_nonnull(strstr(as_json(d), ",\"help\":\"h\",\"notes\":[{\"message\":\"n\"},{\"message\":\"m\","
		"\"file\":\"a.yml\",\"line\":1,\"column\":1,\"end_line\":1,\"end_column\":2}]}\n"));
}
END_TEST

static const struct {
	const char *bytes, *want;
} strings[] = {
	{"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},
	{"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
	{"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
	{"\xE4\xB8", "\xEF\xBF\xBD\xEF\xBF\xBD"},
	{"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
	{"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
	{"\x7f\x1f", "\\u007f\\u001f"},
};

START_TEST(json_strings_are_valid_utf8)
{
	struct cm_buf *b = cm_buf_new(arena, 0);

	cm_json_string(b, cm_str_of(strings[_i].bytes));
	ck_assert_str_eq(b->p, cm_strf(arena, "\"%s\"", strings[_i].want).p);
}
END_TEST

START_TEST(codes_are_words_of_their_own)
{
	for (int i = 0; i < CM_CODE_COUNT; i++) {
		const char *word = cm_code_word((enum cm_code)i);

		ck_assert_uint_eq(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
		ck_assert_uint_gt(strlen(cm_code_help((enum cm_code)i)), 10);
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(word, cm_code_word((enum cm_code)k));
	}
}
END_TEST

/* --- sources --- */

static const struct {
	const char *text, *eol;
	bool has_bom;
} habits[] = {
	{"", "\n", false},
	{"a", "\n", false},
	{"a\nb\r\n", "\n", false},
	{"a\r\nb\n", "\r\n", false},
	{"a\rb", "\r", false},
	{"a\r", "\r", false},
	{"a" NEL "b", "\n", false},
	{BOM "a\r\n", "\r\n", true},
};

START_TEST(sources_know_their_habits)
{
	struct cm_source *src = source(habits[_i].text, strlen(habits[_i].text));

	ck_assert_str_eq(src->eol, habits[_i].eol);
	ck_assert(src->has_bom == habits[_i].has_bom);
}
END_TEST

START_TEST(sources_are_numbered_from_one)
{
	for (uint32_t i = 1; i < 100; i++)
		ck_assert_uint_eq(source("a", 1)->id, i);
	for (uint32_t i = 1; i < 100; i++)
		ck_assert_uint_eq(cm_source_of(&project, i)->id, i);
	ck_assert_ptr_null(cm_source_of(&project, 0));
}
END_TEST

/* --- files --- */

static int read_path(const char *path, uint64_t limit, char **text, size_t *n)
{
	*text = NULL;
	return cm_real_files.read(cm_real_files.arg, path, limit, text, n);
}

/* Around those the reader grows at. */
static const size_t sizes[] = {0, 1, 4095, 4096, 65535, 65536, 65537, 300000};

static void expect_read(const char *path, const char *want, size_t size)
{
	char *text;
	size_t n;

	ck_assert_int_eq(read_path(path, size, &text, &n), 0);
	ck_assert_uint_eq(n, size);
	ck_assert(memcmp(text, want, size) == 0 && text[size] == '\0');
	free(text);
}

START_TEST(files_are_read_whole)
{
	char path[] = "/tmp/cm-base-XXXXXX", *bytes = cm_alloc(arena, sizes[_i]), *text;
	int fd = mkstemp(path);
	size_t n, size = sizes[_i];

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(i * 31);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
	expect_read(path, bytes, size);
	if (size)
		ck_assert_int_eq(read_path(path, size - 1, &text, &n), EFBIG);
	ck_assert_int_eq(cm_real_files.exists(NULL, path), 0);
	unlink(path);
	ck_assert_int_eq(cm_real_files.exists(NULL, path), ENOENT);
	ck_assert_int_eq(read_path(path, size, &text, &n), ENOENT);
	ck_assert_int_eq(read_path("/tmp", size, &text, &n), EISDIR);
}
END_TEST

/* Makes standard input the end of a pipe that another process fills. Returns the old one, and the other's number. */
static int feed(const char *bytes, size_t size, pid_t *writer)
{
	int ends[2], kept = dup(STDIN_FILENO);

	ck_assert_int_eq(pipe(ends), 0);
	*writer = fork();
	ck_assert_int_ge(*writer, 0);
	if (*writer == 0) {
		close(ends[0]);
		_exit(write(ends[1], bytes, size) != (ssize_t)size);
	}
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	return kept;
}

START_TEST(a_dash_is_standard_input)
{
	size_t size = sizes[_i], n = 0;
	char *bytes = cm_alloc(arena, size), *text;
	pid_t writer;
	int kept, failed;

	memset(bytes, 'x', size);
	kept = feed(bytes, size, &writer);
	failed = read_path("-", size, &text, &n);
	dup2(kept, STDIN_FILENO);
	close(kept);
	waitpid(writer, NULL, 0);
	ck_assert_int_eq(failed, 0);
	ck_assert_uint_eq(n, size);
	ck_assert(memcmp(text, bytes, n) == 0 && text[n] == '\0');
	free(text);
}
END_TEST

START_TEST(standard_input_has_a_limit)
{
	pid_t writer;
	int kept = feed("a: 1\n", 5, &writer), failed;
	char *text;
	size_t n;

	failed = read_path("-", 4, &text, &n);
	dup2(kept, STDIN_FILENO);
	close(kept);
	waitpid(writer, NULL, 0);
	ck_assert_int_eq(failed, EFBIG);
	ck_assert_ptr_null(text);
}
END_TEST

START_TEST(the_working_folder_is_absolute)
{
	ck_assert_int_eq(*cm_working_folder(&project), '/');
}
END_TEST

static TCase *with_arena(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	return tc;
}

static TCase *memory_cases(void)
{
	TCase *tc = with_arena("memory");

	tcase_add_test(tc, memory_is_zeroed_aligned_and_its_own);
	tcase_add_loop_test(tc, no_memory_jumps_to_the_recovery_point, 0, ASKS);
	tcase_add_test(tc, the_recovery_point_can_be_moved);
	tcase_add_test(tc, deferred_calls_run_last_first_and_once);
	tcase_add_test(tc, a_child_can_be_freed_before_its_parent);
	return tc;
}

static TCase *text_cases(void)
{
	TCase *tc = with_arena("text");

	tcase_add_test(tc, views_are_compared_and_searched);
	tcase_add_loop_test(tc, a_buffer_grows_and_stays_terminated, 0, 3);
	tcase_add_test(tc, formatted_text_has_any_length);
	tcase_add_test(tc, equal_words_have_one_address);
	tcase_add_test(tc, words_of_every_length_differ);
	tcase_add_test(tc, colliding_words_cannot_be_prepared);
	tcase_add_loop_test(tc, widths_are_those_of_a_terminal, 0, COUNT(widths));
	tcase_add_loop_test(tc, near_words_are_found, 0, COUNT(near));
	tcase_add_test(tc, long_words_cost_nothing);
	return tc;
}

static TCase *place_cases(void)
{
	TCase *tc = with_arena("places");

	tcase_add_loop_test(tc, lines_end_where_yaml_says, 0, COUNT(lines));
	tcase_add_loop_test(tc, lines_agree_with_a_slow_splitter, 0, 3);
	tcase_add_loop_test(tc, places_are_counted_in_characters, 0, COUNT(places));
	tcase_add_loop_test(tc, places_in_long_lines_agree_with_counting, 0, 3);
	tcase_add_test(tc, no_source_is_no_place);
	tcase_add_loop_test(tc, sources_know_their_habits, 0, COUNT(habits));
	tcase_add_test(tc, sources_are_numbered_from_one);
	return tc;
}

static TCase *message_cases(void)
{
	TCase *tc = with_arena("messages");

	tcase_add_loop_test(tc, excerpts_show_the_line_and_the_span, 0, COUNT(excerpts));
	tcase_add_loop_test(tc, long_lines_are_cut_around_the_span, 0, COUNT(long_lines));
	tcase_add_test(tc, many_messages_on_one_line_are_cheap);
	tcase_add_test(tc, messages_have_notes_and_help);
	tcase_add_test(tc, messages_are_kept_in_order_and_counted);
	tcase_add_test(tc, colors_are_where_they_were_asked_for);
	tcase_add_test(tc, quoted_words_cannot_act);
	tcase_add_test(tc, json_is_one_line_with_every_place);
	tcase_add_loop_test(tc, json_strings_are_valid_utf8, 0, COUNT(strings));
	tcase_add_test(tc, codes_are_words_of_their_own);
	return tc;
}

static TCase *file_cases(void)
{
	TCase *tc = with_arena("files");

	tcase_add_loop_test(tc, files_are_read_whole, 0, COUNT(sizes));
	tcase_add_loop_test(tc, a_dash_is_standard_input, 0, COUNT(sizes));
	tcase_add_test(tc, standard_input_has_a_limit);
	tcase_add_test(tc, the_working_folder_is_absolute);
	return tc;
}

Suite *base_suite(void)
{
	Suite *suite = suite_create("base");

	suite_add_tcase(suite, memory_cases());
	suite_add_tcase(suite, text_cases());
	suite_add_tcase(suite, place_cases());
	suite_add_tcase(suite, message_cases());
	suite_add_tcase(suite, file_cases());
	return suite;
}
