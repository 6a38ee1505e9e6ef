/* SPDX-License-Identifier: MIT */

/*
 * From merged tree to text: the base's document is walked with its changes, everything around it is
 * copied, further documents follow behind ---.
 */

#include "emit.h"

#include "../base/diag.h"
#include "walk.h"

enum { VERIFY_ALL = 256 * 1024 }; /* results up to this size are always read back whole */

/* ---- the base's habits ---- */

static void learn(const struct cm_source *src, const struct cm_node *n, struct cm_habit *habit,
	bool *step, bool *dash, unsigned *budget)
{
	if (n->kind != CM_MAP || n->style != CM_BLOCK || (*step && *dash) || !*budget)
		return;
	for (uint32_t i = 0; i < n->count && *budget; i++, --*budget) {
		const struct cm_node *value = n->pairs[i].value;
		size_t column = cm_column(src, n->start);

		if (value->style != CM_BLOCK || !value->count ||
			(value->kind != CM_MAP && value->kind != CM_SEQ))
			continue;
		if (value->kind == CM_MAP && !*step) {
			habit->step = (uint32_t)(cm_column(src, value->start) - column);
			*step = true;
		}
		if (value->kind == CM_SEQ && !*dash) {
			habit->dash = (uint32_t)(cm_column(src, value->start) - column);
			*dash = true;
		}
		learn(src, value, habit, step, dash, budget);
	}
}

/* How a source indents; where it gives no example, two columns, lists as deep as mappings. */
static struct cm_habit habit_from(const struct cm_source *src, const struct cm_node *root)
{
	struct cm_habit habit = {2, 2};
	bool step = false, dash = false;
	unsigned budget = 1000;

	if (src->text.n)
		learn(src, root, &habit, &step, &dash, &budget);
	if (!habit.step)
		habit.step = 2;
	if (!dash)
		habit.dash = habit.step;
	return habit;
}

struct cm_habit cm_habit_of(struct cm_writer *w, const struct cm_source *src)
{
	if (!w->habits)
		w->habits = cm_new_array(w->p->arena, w->p->source_count + 1, struct cm_habit);
	if (!w->habits[src->id].step) {
		struct cm_habit habit = {2, 2};

		for (uint32_t i = 0; i < w->layer_count; i++)
			if (w->layers[i].file->source == src)
				habit = habit_from(src, cm_deref(w->layers[i].root));
		w->habits[src->id] = habit;
	}
	return w->habits[src->id];
}

/* ---- annotations ---- */

/* Merged once more, a line keeps the note it has. */
static bool has_note(struct cm_str s, size_t start, size_t end)
{
	static const char note[] = "  # from ";

	for (size_t i = start; i + sizeof(note) <= end; i++)
		if (memcmp(s.p + i, note, sizeof(note) - 1) == 0)
			return true;
	return false;
}

static void annotate(struct cm_writer *w, struct cm_buf *to)
{
	struct cm_str s = {w->out->p, w->out->n};
	size_t at = 0;

	for (size_t i = 0; i < w->line_count; i++) {
		const struct cm_origin_line *l = &w->lines[i];
		size_t start = cm_line_start(s, l->at), end;
		struct cm_span span = {l->source, l->start, l->start};
		const char *name = cm_source_of(w->p, l->source)->name;

		if (start < at)
			continue; /* this line has its note */
		end = cm_line_end(s, l->at);
		if (has_note(s, start, end))
			continue;
		cm_buf_add(to, s.p + at, start - at);
		if (l->takes_comment) {
			cm_buf_add(to, s.p + start, end - start);
			cm_buf_printf(to, "  # from %s:%u", name, cm_place_of(w->p, span).line);
		} else {
			size_t first = start;

			while (first < end && s.p[first] == ' ')
				first++;
			cm_buf_add(to, s.p + start, first - start);
			cm_buf_printf(
				to, "# from %s:%u%s", name, cm_place_of(w->p, span).line, w->eol);
			cm_buf_add(to, s.p + start, end - start);
		}
		at = end;
	}
	cm_buf_add(to, s.p + at, s.n - at);
}

/* ---- documents ---- */

static bool ends_line(struct cm_str s)
{
	return s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r');
}

/* A mapping with nothing in it yet: the new entries are its whole text. */
static void write_into_empty(
	struct cm_copier *c, const struct cm_node *old, const struct cm_node *new)
{
	struct cm_writer *w = c->w;
	size_t end = old->end + cm_trailing(c->src, old->end).n;

	cm_copy_to(c, old->head);
	cm_skip_to(c, end > old->end ? end : cm_line_end(c->src->text, old->end));
	cm_fresh_line(w);
	cm_write_block(w, NULL, new, 0);
}

static void write_base(struct cm_writer *w, const struct cm_layer *base, const struct cm_node *new)
{
	struct cm_copier c = {.w = w, .src = base->file->source};
	const struct cm_node *old = cm_deref(base->root);

	c.pos = 0;
	if (new != old && (!old->count || (cm_made_of(new) && !new->count))) {
		if (new->count)
			write_into_empty(&c, old, new);
		else {
			cm_copy_to(&c, old->start);
			cm_skip_to(&c, old->end);
			cm_buf_puts(w->out, "{}");
		}
	} else if (new != old && old->style == CM_FLOW &&cm_must_turn_to_block(w, old, new)) {
		cm_copy_to(&c, old->head);
		cm_skip_to(&c, old->end);
		cm_write_block(w, NULL, new, 0);
	} else {
		cm_walk(&c, NULL, old, new, cm_column(c.src, old->start));
	}
	cm_copy_to(&c, base->document->end);
	if (ends_line(c.src->text) || w->block_end == w->out->n)
		cm_fresh_line(w);
}

static void write_further(struct cm_writer *w, const struct cm_node *root)
{
	cm_fresh_line(w);
	cm_buf_puts(w->out, "---");
	cm_break(w);
	cm_write_block(w, NULL, root, 0);
	cm_fresh_line(w);
}

static size_t expected_size(const struct cm_layer *layers, uint32_t count)
{
	size_t size = 1024;

	for (uint32_t i = 0; i < count; i++)
		if (i == 0 || layers[i].file != layers[i - 1].file)
			size += layers[i].file->source->text.n;
	return size;
}

struct cm_text cm_emit(struct cm_project *p, const struct cm_merge_options *o,
	const struct cm_layer *layers, uint32_t count, const struct cm_merged *merged)
{
	struct cm_writer *w = cm_new(p->arena, struct cm_writer);
	struct cm_text text = {.documents = 1 + merged->further_count};

	w->p = p;
	w->options = o;
	w->base = layers[0].file->source;
	w->root = cm_deref(layers[0].root);
	w->new_root = merged->root;
	w->eol = w->base->eol;
	w->gap = 1;
	w->habit = habit_from(w->base, w->root);
	w->layers = layers;
	w->layer_count = count;
	w->out = cm_buf_new(p->arena, expected_size(layers, count));
	do { /* again where an anchor of the base turned out to have lost its last alias */
		w->out->n = 0;
		w->line_count = 0;
		cm_anchors_begin(w, merged->root, merged->shared_changed);
		write_base(w, &layers[0], merged->root);
	} while (cm_anchors_again(w));
	for (uint32_t i = 0; i < merged->further_count; i++) {
		cm_anchors_begin(w, merged->further[i], true);
		write_further(w, merged->further[i]);
	}
	text.out = w->out;
	text.verified = o->no_verify || cm_mutant(p, "verify") || w->out->n > VERIFY_ALL ||
		cm_verify(p, (struct cm_str){w->out->p, w->out->n}, merged, w->guards.at,
			w->guards.count);
	if (o->annotate && text.verified) {
		text.out = cm_buf_new(p->arena, w->out->n + 64 * w->line_count);
		annotate(w, text.out);
	}
	return text;
}

struct cm_buf *cm_emit_layers(struct cm_project *p, const struct cm_layer *layers, uint32_t count)
{
	struct cm_buf *out = cm_buf_new(p->arena, expected_size(layers, count) + 8);
	const char *eol = layers[0].file->source->eol;

	for (uint32_t i = 0; i < count; i++) {
		struct cm_str s = layers[i].file->source->text;
		const struct cm_document *d = layers[i].document;
		size_t from = i && layers[i].file->source->has_bom && d->start == 3 ? 3
			: d == layers[i].file->documents                            ? 0
										    : d->start;

		if (i) {
			if (out->n && !ends_line((struct cm_str){out->p, out->n}))
				cm_buf_puts(out, eol);
			if (!d->marked) {
				cm_buf_puts(out, "---");
				cm_buf_puts(out, eol);
			}
		}
		cm_buf_add(out, s.p + from, d->end - from);
	}
	return out;
}
