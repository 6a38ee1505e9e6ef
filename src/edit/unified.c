/* SPDX-License-Identifier: MIT */

/*
 * Two texts as a unified diff: common ends cut off, then Myers' greedy search over interned lines
 * ("An O(ND) difference algorithm and its variations", 1986). Past a bound of differences what is
 * left counts as replaced whole: a patch must be right, not shortest.
 */

#include "unified.h"

enum { CONTEXT = 3, BOUND = 1500 };

struct lines {
	struct cm_str *at; /* each with its break */
	const struct cm_sym **word;
	size_t count;
};

static struct lines lines_of(struct cm_project *p, struct cm_arena *a, struct cm_str s)
{
	struct lines l = {0};
	size_t i = 0;

	for (size_t at = 0; at < s.n; at = cm_next_line(s, at))
		l.count++;
	l.at = cm_new_array(a, l.count, struct cm_str);
	l.word = cm_new_array(a, l.count, const struct cm_sym *);
	for (size_t at = 0; at < s.n; i++) {
		size_t next = cm_next_line(s, at);

		l.at[i] = cm_str_cut(s, at, next);
		l.word[i] = cm_sym(p, l.at[i]);
		at = next;
	}
	return l;
}

/* Which lines are only in one of the two. */
struct marks {
	bool *old, *new;
};

static void mark_all(struct marks *m, size_t a, size_t a_end, size_t b, size_t b_end)
{
	while (a < a_end)
		m->old[a++] = true;
	while (b < b_end)
		m->new[b++] = true;
}

/* Walks back through the saved frontiers. */
static void trace(const long *saved, long d, long x, long y, struct marks *m, size_t a, size_t b)
{
	for (; d > 0; d--) {
		const long *v = saved + (d - 1) * (2 * BOUND + 3) + BOUND + 1;
		long k = x - y, before = k == -d || (k != d && v[k - 1] < v[k + 1]) ? k + 1 : k - 1;
		long px = v[before], py = px - before;

		while (x > px && y > py) {
			x--;
			y--;
		}
		if (x > px)
			m->old[a + (size_t)--x] = true;
		else
			m->new[b + (size_t)--y] = true;
	}
}

static void compare(struct cm_arena *a, const struct lines *old, const struct lines *new, size_t i,
	size_t i_end, size_t j, size_t j_end, struct marks *m)
{
	long n = (long)(i_end - i), k_n = (long)(j_end - j), width = 2 * BOUND + 3;
	long most = n + k_n < BOUND ? n + k_n : BOUND;
	long *saved = cm_new_array(a, (size_t)((most + 2) * width), long);
	long *v = cm_new_array(a, (size_t)width, long), *at = v + BOUND + 1;

	for (long d = 0; d <= most; d++) {
		for (long k = -d; k <= d; k += 2) {
			long x = k == -d || (k != d && at[k - 1] < at[k + 1]) ? at[k + 1]
									      : at[k - 1] + 1,
			     y = x - k;

			while (x < n && y < k_n &&
				old->word[i + (size_t)x] == new->word[j + (size_t)y]) {
				x++;
				y++;
			}
			at[k] = x;
			if (x >= n && y >= k_n) {
				trace(saved, d, n, k_n, m, i, j);
				return;
			}
		}
		memcpy(saved + d * width, v, (size_t)width * sizeof(long));
	}
	mark_all(m, i, i_end, j, j_end);
}

/* ---- printing ---- */

static void put_line(struct cm_buf *out, char sign, struct cm_str line)
{
	cm_buf_putc(out, sign);
	cm_buf_str(out, line);
	if (!line.n || !cm_break_length(line, line.n - 1))
		cm_buf_puts(out, "\n\\ No newline at end of file\n");
}

static void put_range(struct cm_buf *out, char sign, size_t from, size_t count)
{
	cm_buf_printf(out, "%c%zu", sign, count ? from + 1 : from);
	if (count != 1)
		cm_buf_printf(out, ",%zu", count);
}

/* The end of the hunk that starts at the change (i, j): until more than twice the context is equal.
 */
static void hunk_end(const struct lines *old, const struct lines *new, const struct marks *m,
	size_t *i, size_t *j)
{
	size_t equal = 0, a = *i, b = *j;

	while (a < old->count || b < new->count) {
		if (a < old->count && m->old[a]) {
			a++;
		} else if (b < new->count && m->new[b]) {
			b++;
		} else {
			if (++equal > 2 * CONTEXT)
				break;
			a++;
			b++;
			continue;
		}
		equal = 0;
		*i = a;
		*j = b;
	}
}

static void put_hunk(struct cm_buf *out, const struct lines *old, const struct lines *new,
	const struct marks *m, size_t *i, size_t *j)
{
	size_t before = *i < CONTEXT ? *i : CONTEXT, a = *i - before, b = *j - before, a_end = *i,
	       b_end = *j, after;

	hunk_end(old, new, m, &a_end, &b_end);
	after = old->count - a_end < CONTEXT ? old->count - a_end : CONTEXT;
	cm_buf_puts(out, "@@ ");
	put_range(out, '-', a, a_end + after - a);
	cm_buf_putc(out, ' ');
	put_range(out, '+', b, b_end + after - b);
	cm_buf_puts(out, " @@\n");
	while (a < a_end + after || b < b_end + after) {
		if (a < a_end && m->old[a]) {
			put_line(out, '-', old->at[a++]);
		} else if (b < b_end && m->new[b]) {
			put_line(out, '+', new->at[b++]);
		} else {
			put_line(out, ' ', old->at[a++]);
			b++;
		}
	}
	*i = a;
	*j = b;
}

void cm_unified_diff(struct cm_project *p, const char *old_label, struct cm_str old_text,
	const char *new_label, struct cm_str new_text, struct cm_buf *out)
{
	struct cm_arena *a = cm_arena_child(p->arena);
	struct lines old = lines_of(p, a, old_text), new = lines_of(p, a, new_text);
	struct marks m = {
		cm_new_array(a, old.count + 1, bool), cm_new_array(a, new.count + 1, bool)};
	size_t head = 0, tail = 0, i, j;

	while (head < old.count && head < new.count &&old.word[head] == new.word[head])
		head++;
	while (tail < old.count - head &&
		tail < new.count - head &&old.word[old.count - 1 - tail] ==
			new.word[new.count - 1 - tail])
		tail++;
	if (head < old.count - tail || head < new.count - tail) {
		compare(a, &old, &new, head, old.count - tail, head, new.count - tail, &m);
		cm_buf_printf(out, "--- %s\n+++ %s\n", old_label, new_label);
	}
	for (i = j = head; i < old.count || j < new.count;) {
		if ((i < old.count && m.old[i]) || (j < new.count &&m.new[j])) {
			put_hunk(out, &old, &new, &m, &i, &j);
		} else {
			i++;
			j++;
		}
	}
	cm_arena_undefer(p->arena, a);
}
