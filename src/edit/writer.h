/* SPDX-License-Identifier: MIT */
#ifndef CM_EDIT_WRITER_H
#define CM_EDIT_WRITER_H

/*
 * The text of the result as it grows, and the copiers that feed it.
 *
 * A copier walks one source from left to right. What nobody asks about is copied; a change is: copy
 * up to here, write this, go on from there. The first copier runs over the base file without moving
 * a byte; the others bring text of overrides, each line moved by `shift` columns and its break
 * turned into the target's.
 */

#include "../merge/merge.h"
#include "gap.h"

/* How the base is written. */
struct cm_habit {
	uint32_t step; /* columns from a mapping to a mapping below it */
	uint32_t dash; /* columns from a key to the dashes of its list: 0 or more */
};

struct cm_origin_line {
	size_t at; /* an offset on the line in the output */
	uint32_t source;
	uint32_t start; /* the offset in the source that says where it came from */
	bool takes_comment;
};

struct cm_binding;

struct cm_writer {
	struct cm_project *p;
	const struct cm_merge_options *options;
	struct cm_buf *out;
	const char *eol;
	struct cm_habit habit;
	const struct cm_source *base;
	const struct cm_node *root; /* of the base's document, loaded */
	const struct cm_node *new_root;
	const struct cm_layer *layers;
	uint32_t layer_count;
	bool tracking; /* there are aliases: every anchor and alias must be met in order */
	struct cm_binding **bindings; /* what each anchor name means at this point of the output */
	struct cm_changed *changed; /* anchored nodes of the base that changed in place */
	struct cm_uses *uses; /* aliases still to come, by what they stand for */
	struct cm_str lead; /* blanks to put before the next value of one line; n 0: one */
	size_t block_end; /* where the last block scalar ends: its last line needs its break */
	const struct cm_node *named; /* its anchor was just written */
	size_t gap; /* blanks behind the next dash: as the list's author spaced them */
	struct cm_habit *habits; /* of the other sources, found on first use: step 0 */
	struct cm_words {
		const struct cm_sym **at;
		uint32_t count, room;
	} guards; /* keys of empty lists written as guards */
	uint64_t expanded; /* nodes written in place of aliases */
	struct cm_origin_line *lines; /* with annotate: the override's lines behind output lines */
	size_t line_count, line_room;
};

struct cm_copier {
	struct cm_writer *w;
	const struct cm_source *src;
	size_t pos; /* everything before was copied or skipped */
	long shift; /* columns added to each line that begins behind pos */
	bool moves; /* not the base: lines are re-indented to the base's habit */
};

/* How a source is written. */
struct cm_habit cm_habit_of(struct cm_writer *w, const struct cm_source *src);

/* The column, from 0, of the output's current end. */
size_t cm_out_column(const struct cm_writer *w);
/* Ends the line unless the output already stands at a line's start. */
void cm_fresh_line(struct cm_writer *w);
void cm_break(struct cm_writer *w);
void cm_spaces(struct cm_writer *w, size_t count);

/* Copies [pos, upto), moved. */
void cm_copy_to(struct cm_copier *c, size_t upto);
void cm_skip_to(struct cm_copier *c, size_t to);
/* Lines [from, to) of src, each re-indented to column: comments above an entry. */
void cm_copy_comments(
	struct cm_writer *w, const struct cm_source *src, size_t from, size_t to, size_t column);
/* Remembers that the current output line says what n's line says and holds value (for --annotate).
 */
void cm_mark_line(struct cm_writer *w, const struct cm_node *n, const struct cm_node *value);

/* ---- anchors (anchors.c) ---- */

void cm_anchors_begin(struct cm_writer *w, const struct cm_node *root, bool shared_changed);
/* What name stands for at this point of the output, or NULL. */
const struct cm_node *cm_bound(struct cm_writer *w, const struct cm_sym *name);
/* A base node that changed in place keeps its anchor; whether anybody still uses it shows when all
 * is written. */
void cm_bind_changed(struct cm_writer *w, const struct cm_sym *name, const struct cm_node *old,
	const struct cm_node *new);
/* Was old's anchor found to be of no use when the text was written before? */
bool cm_is_dropped(struct cm_writer *w, const struct cm_node *old);
/* Forgets what was written. True: anchors were found that nobody uses any more, and the text is
 * worth writing again. */
bool cm_anchors_again(struct cm_writer *w);
/* The name that means alias's target at this point of the output: its own, or another with the same
 * content; NULL: none. */
const struct cm_sym *cm_name_for(struct cm_writer *w, const struct cm_node *alias);
void cm_write_tag(struct cm_writer *w, struct cm_str tag);
void cm_bind(struct cm_writer *w, const struct cm_sym *name, const struct cm_node *n);
/* Does *name here mean what target means? */
bool cm_alias_holds(struct cm_writer *w, const struct cm_sym *name, const struct cm_node *target);
/* An alias to target was written or replaced: one use less. */
void cm_used(struct cm_writer *w, const struct cm_node *target);
uint32_t cm_uses_left(struct cm_writer *w, const struct cm_node *target);
/* May an anchor of an override keep its name: does no anchor of the base have it? */
bool cm_name_free(struct cm_writer *w, const struct cm_sym *name);
/* The name under which a node below is anchored in its own text: the alias's own word. */
const struct cm_sym *cm_alias_name(struct cm_writer *w, const struct cm_node *alias);

/* ---- rendering (render.c) ---- */

/* What follows "key:" or "-" of an entry that stands at column: a blank and a value, or a break and
 * a block. in_seq: behind a dash. */
void cm_write_value(struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *n,
	size_t column, bool in_seq);
/* A whole entry or item on lines of its own, comments above and behind included. */
void cm_write_entry(
	struct cm_writer *w, const struct cm_attr *attr, const struct cm_pair *pair, size_t column);
void cm_write_item(
	struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *item, size_t column);
/* On one line, inside [ ] or { }. */
void cm_write_flow(struct cm_writer *w, const struct cm_node *n);
void cm_write_flow_key(struct cm_writer *w, const struct cm_node *key);
/* Can n stand inside a flow collection as it is, without losing a comment or becoming unreadable?
 */
bool cm_fits_flow(struct cm_writer *w, const struct cm_node *n);
/* The entries of a mapping or sequence as a block at column, each on its line; the output stands at
 * a line's start. */
void cm_write_block(
	struct cm_writer *w, const struct cm_attr *attr, const struct cm_node *n, size_t column);
/* The tags and anchor n is written with, a blank behind each; nothing for most. */
void cm_write_props(struct cm_writer *w, const struct cm_node *n);
/* Is n written on the line of its key or dash? */
bool cm_is_inline(const struct cm_node *n);
/* The text a made node continues: a loaded node of the same kind, or NULL. */
const struct cm_node *cm_text_node(const struct cm_node *n);

/* A block scalar at the end of a file without a final break has none in its value either; text
 * behind it would give it one. Its header says so ("|-") before it is copied. n: the node that ends
 * there. */
void cm_close_open_end(struct cm_copier *c, const struct cm_node *n);

/* ---- walking a source (walk.c) ---- */

/* Copies the value `old` of c's source with the changes that make it `new`; newcol: the column its
 * entries shall stand at. */
void cm_walk(struct cm_copier *c, const struct cm_attr *attr, const struct cm_node *old,
	const struct cm_node *new, size_t newcol);

#endif
