/* SPDX-License-Identifier: MIT */

/*
 * One loop over libyaml's events with a stack of open collections. Children wait on one shared
 * stack until their collection closes, then move to an array of the right size: no list is ever
 * grown twice.
 */

#include "load.h"

#include <yaml.h>

#include "../base/diag.h"
#include "scalar.h"

struct frame {
	struct cm_node *node;
	uint32_t first; /* index of its first child on the waiting stack */
	bool quiet; /* inside !reset: duplicate keys do not count (merge.md 1, step 2) */
};

struct anchor {
	const struct cm_sym *name;
	struct cm_node *node;
	struct anchor *next; /* the one defined before: the latest wins */
};

struct loader {
	struct cm_project *p;
	struct cm_source *src;
	yaml_parser_t parser;
	yaml_event_t event; /* here, not on the stack: a jump on no memory still frees it */
	bool ascii;
	size_t bom;
	size_t cursor_byte, cursor_index; /* where the conversion of marks stands */
	uint32_t last_end; /* the end of the last token seen */
	struct frame *frames;
	uint32_t depth, frames_size, flow_depth;
	struct cm_node **waiting;
	uint32_t *heights; /* of the waiting nodes, aliases expanded: nothing walks deeper than
			      limits.depth */
	uint32_t waiting_count, waiting_size;
	struct anchor **anchors; /* hashed by word */
	struct cm_arena *scratch;
	struct cm_file *file;
	uint32_t documents_size;
	char *loose; /* what libyaml is given: the text, or a copy of the same length that it
			accepts */
	bool retry; /* the copy was mended: read again */
	unsigned errors_before, mended;
	bool stop; /* a limit was passed: reading on costs too much */
};

enum { ANCHOR_SLOTS = 64, MAX_ERRORS = 50, MAX_MENDED = 100, MAX_REREAD = 16 * 1024 * 1024 };

static void *grown(struct cm_arena *a, void *old, uint32_t *size, uint32_t first, size_t each)
{
	uint32_t wanted = *size ? *size * 2 : first;
	void *p = cm_calloc(a, wanted, each);

	if (*size)
		memcpy(p, old, *size * each);
	*size = wanted;
	return p;
}

static bool all_ascii(struct cm_str s)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= s.n; i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			return false;
	}
	for (; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

/* A mark's index counts code points behind the BOM. Marks are asked for in order, but for a step
 * back within one event. */
static uint32_t byte_at(struct loader *l, size_t index)
{
	struct cm_str s = l->src->text;

	if (l->ascii)
		return (uint32_t)(index + l->bom < s.n ? index + l->bom : s.n);
	if (index < l->cursor_index) {
		while (l->cursor_index > index && l->cursor_byte > l->bom) {
			do
				l->cursor_byte--;
			while (l->cursor_byte > l->bom && (s.p[l->cursor_byte] & 0xC0) == 0x80);
			l->cursor_index--;
		}
		return (uint32_t)l->cursor_byte;
	}
	while (l->cursor_index < index && l->cursor_byte < s.n) {
		do
			l->cursor_byte++;
		while (l->cursor_byte < s.n && (s.p[l->cursor_byte] & 0xC0) == 0x80);
		l->cursor_index++;
	}
	return (uint32_t)l->cursor_byte;
}

static struct cm_span span_at(struct loader *l, size_t start, size_t end)
{
	return (struct cm_span){l->src->id, (uint32_t)start, (uint32_t)end};
}

/* ---- spans ---- */

/* From a node's first property to its value: over tags, anchors, blanks, comments and breaks. */
static uint32_t skip_properties(struct loader *l, uint32_t at, uint32_t end)
{
	struct cm_str s = l->src->text;
	uint32_t last = at;

	while (at < end) {
		char c = s.p[at];

		if (c == '&' || c == '!') {
			bool verbatim = c == '!' && at + 1 < end && s.p[at + 1] == '<';

			while (at < end && (verbatim || !strchr(" \t\r\n", s.p[at]))) {
				if (verbatim && s.p[at] == '>')
					verbatim = false;
				at++;
			}
			last = at;
		} else if (c == '#') {
			at = (uint32_t)cm_line_end(s, at);
		} else if (c == ' ' || c == '\t' || cm_break_length(s, at)) {
			at++;
		} else {
			return at;
		}
	}
	return last;
}

/* libyaml gives an empty node the place of the next token; it belongs behind the indicator that
 * opened it. */
static uint32_t pull_back(struct loader *l, uint32_t at)
{
	struct cm_str s = l->src->text;
	uint32_t i = l->last_end, found = l->last_end;

	while (i < at) {
		if (s.p[i] == '#') {
			i = (uint32_t)cm_line_end(s, i);
		} else {
			if (s.p[i] == ':' || s.p[i] == '?' || s.p[i] == '-')
				found = i + 1;
			i++;
		}
	}
	return found;
}

static uint32_t leading_spaces(struct cm_str s, size_t at, size_t end)
{
	uint32_t n = 0;

	while (at + n < end && s.p[at + n] == ' ')
		n++;
	return n;
}

/* The tight end of a block scalar [start, end): without the blank lines chomping drops, without the
 * last break. */
static uint32_t block_scalar_end(struct cm_str s, uint32_t start, uint32_t end)
{
	size_t header = cm_line_end(s, start), line = cm_next_line(s, start), last = header;
	struct cm_str indicator = cm_str_cut(s, start, header);
	size_t comment = cm_str_find(indicator, '#', 0);
	bool keep = cm_str_find(cm_str_cut(indicator, 0, comment), '+', 0) < comment;
	uint32_t indent = UINT32_MAX;

	while (line < end) {
		size_t stop = cm_line_end(s, line);
		uint32_t spaces = leading_spaces(s, line, stop);

		if (line + spaces < stop && indent == UINT32_MAX)
			indent = spaces;
		if (keep || line + spaces < stop || (indent != UINT32_MAX && spaces > indent))
			last = stop < end ? stop : end;
		line = cm_next_line(s, line);
	}
	return (uint32_t)last;
}

/* ---- nodes ---- */

static struct cm_node *new_node(
	struct loader *l, enum cm_kind kind, enum cm_style style, uint32_t head)
{
	struct cm_node *n = cm_new(l->p->arena, struct cm_node);

	n->kind = (uint8_t)kind;
	n->style = (uint8_t)style;
	n->source = l->src->id;
	n->head = n->start = n->end = head;
	return n;
}

static const struct cm_sym *sym_of(struct loader *l, const yaml_char_t *text)
{
	return cm_intern(&l->p->syms, (const char *)text, strlen((const char *)text));
}

/* An anchor's or alias's name, as the file spells it: behind its & or *, which stands at or behind
 * `at`. */
static const struct cm_sym *name_at(
	struct loader *l, uint32_t at, char sign, const yaml_char_t *text)
{
	struct cm_str s = l->src->text;
	size_t length = strlen((const char *)text);

	while (at < s.n && s.p[at] != sign)
		at++;
	return at + 1 + length <= s.n ? cm_intern(&l->p->syms, s.p + at + 1, length)
				      : sym_of(l, text);
}

static void set_properties(
	struct loader *l, struct cm_node *n, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct cm_props *props;

	if (!anchor && !tag)
		return;
	props = cm_new(l->p->arena, struct cm_props);
	if (tag) {
		size_t length = strlen((const char *)tag);

		props->tag =
			(struct cm_str){cm_strndup(l->p->arena, (const char *)tag, length), length};
		if (cm_str_is(props->tag, "!reset") || cm_str_is(props->tag, "!override"))
			n->flags |= CM_HAS_TAG;
	}
	n->props = props;
	if (anchor) {
		struct anchor *a = cm_new(l->scratch, struct anchor);

		props->anchor = name_at(l, n->head, '&', anchor);
		a->name = props->anchor;
		a->node = n;
		a->next = l->anchors[props->anchor->hash % ANCHOR_SLOTS];
		l->anchors[props->anchor->hash % ANCHOR_SLOTS] = a;
		n->flags |= CM_HAS_ANCHOR;
	}
}

static void push_waiting(struct loader *l, struct cm_node *n, uint32_t height)
{
	if (l->waiting_count == l->waiting_size) {
		uint32_t size = l->waiting_size;

		l->waiting =
			grown(l->scratch, l->waiting, &l->waiting_size, 256, sizeof(*l->waiting));
		l->heights = grown(l->scratch, l->heights, &size, 256, sizeof(*l->heights));
	}
	l->heights[l->waiting_count] = height;
	l->waiting[l->waiting_count++] = n;
}

static bool expects_key(const struct loader *l)
{
	const struct frame *f;

	if (!l->depth)
		return false;
	f = &l->frames[l->depth - 1];
	return f->node->kind == CM_MAP && (l->waiting_count - f->first) % 2 == 0;
}

/* The decoded text: a view of the source where the bytes are the same. */
static void set_text(struct loader *l, struct cm_node *n, const yaml_event_t *e)
{
	const char *value = (const char *)e->data.scalar.value;
	size_t length = e->data.scalar.length,
	       quote = n->style == CM_SINGLE || n->style == CM_DOUBLE;
	size_t from = n->start + quote;

	n->count = (uint32_t)length;
	if (n->style <= CM_DOUBLE && n->end - n->start == length + 2 * quote &&
		memcmp(l->loose + from, value, length) == 0)
		n->text = l->src->text.p + from;
	else
		n->text = cm_strndup(l->p->arena, value, length);
}

static enum cm_style scalar_style(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE: return CM_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return CM_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE: return CM_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE: return CM_FOLDED;
	default: return CM_PLAIN;
	}
}

static void on_scalar(struct loader *l, const yaml_event_t *e)
{
	uint32_t start = byte_at(l, e->start_mark.index), end;
	const yaml_char_t *anchor = e->data.scalar.anchor, *tag = e->data.scalar.tag;
	enum cm_style style = scalar_style(e->data.scalar.style);
	struct cm_node *n;

	end = byte_at(l, e->end_mark.index);
	if (end == start && !anchor && !tag && (l->flow_depth || start > l->last_end + 1))
		start = end = pull_back(l, start);
	n = new_node(l, CM_SCALAR, style, start);
	n->end = end;
	if (anchor || tag)
		n->start = skip_properties(l, start, end);
	if (style == CM_PLAIN && e->data.scalar.length == 0)
		n->end = n->start;
	else if (style == CM_LITERAL || style == CM_FOLDED)
		n->end = block_scalar_end(l->src->text, n->start, end);
	if (e->end_mark.line != e->start_mark.line && cm_line_end(l->src->text, n->start) < n->end)
		n->flags |= CM_MULTILINE;
	set_properties(l, n, anchor, tag);
	set_text(l, n, e);
	if (expects_key(l) &&
		((!tag && style == CM_PLAIN && cm_str_is(cm_text(n), "<<")) ||
			(tag && strcmp((const char *)tag, "tag:yaml.org,2002:merge") == 0)))
		n->flags |= CM_MERGE_KEY;
	l->last_end = n->end;
	push_waiting(l, n, 0);
}

/* A reported alias stands for an empty mapping from here on: reading goes on, and finds further
 * faults. */
static bool bad_alias(struct loader *l, struct cm_node *n)
{
	n->kind = CM_MAP;
	n->style = CM_FLOW;
	push_waiting(l, n, 1);
	return false;
}

static bool on_alias(struct loader *l, const yaml_event_t *e)
{
	uint32_t start = byte_at(l, e->start_mark.index);
	const struct cm_sym *name = name_at(l, start, '*', e->data.alias.anchor);
	struct anchor *a = l->anchors[name->hash % ANCHOR_SLOTS];
	struct cm_node *n = new_node(l, CM_ALIAS, CM_PLAIN, start);
	struct cm_diag *d;

	n->end = byte_at(l, e->end_mark.index);
	l->last_end = n->end;
	while (a && a->name != name)
		a = a->next;
	if (!a) {
		d = cm_error(l->p, cm_span_of(n), CM_E_UNKNOWN_ALIAS,
			"no anchor &%s stands above this alias", name->p);
		cm_help(l->p, d,
			"anchors are seen only below the place that defines them, and only in their own file");
		return bad_alias(l, n);
	}
	if (a->node->flags & CM_OPEN) {
		d = cm_error(l->p, cm_span_of(n), CM_E_ALIAS_CYCLE,
			"*%s stands inside the node it names", name->p);
		cm_note(l->p, d, span_at(l, a->node->head, a->node->start), "the anchor is here");
		return bad_alias(l, n);
	}
	n->target = a->node;
	n->flags |= CM_HAS_ALIAS | (a->node->flags & CM_HAS_TAG);
	push_waiting(l, n, a->node->props->height);
	return true;
}

static bool limit_reached(
	struct loader *l, uint32_t at, uint64_t limit, const char *what, const char *option)
{
	struct cm_diag *d = cm_error(l->p, span_at(l, at, at + 1), CM_E_LIMIT,
		"%s deeper than %llu", what, (unsigned long long)limit);

	l->stop = true;
	cm_help(l->p, d, "--%s raises this limit", option);
	return false;
}

static bool open_collection(struct loader *l, struct cm_node *n, bool flow)
{
	struct frame *f;

	if (l->depth >= l->p->limits.depth)
		return limit_reached(
			l, n->start, l->p->limits.depth, "collections are nested", "limit-depth");
	if (flow && ++l->flow_depth > l->p->limits.flow_depth)
		return limit_reached(l, n->start, l->p->limits.flow_depth, "[ and { are nested",
			"limit-flow-depth");
	if (l->depth == l->frames_size)
		l->frames = grown(l->scratch, l->frames, &l->frames_size, 32, sizeof(*l->frames));
	f = &l->frames[l->depth++];
	f->node = n;
	f->first = l->waiting_count;
	f->quiet =
		(l->depth > 1 && f[-1].quiet) || (n->props && cm_str_is(n->props->tag, "!reset"));
	n->flags |= CM_OPEN;
	return true;
}

static bool on_start(struct loader *l, const yaml_event_t *e, enum cm_kind kind)
{
	bool map = kind == CM_MAP;
	const yaml_char_t *anchor =
		map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
	const yaml_char_t *tag = map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	bool flow = map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
			: e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	uint32_t head = byte_at(l, e->start_mark.index);
	struct cm_node *n = new_node(l, kind, flow ? CM_FLOW : CM_BLOCK, head);

	if (anchor || tag)
		n->start = skip_properties(l, head, (uint32_t)l->src->text.n);
	set_properties(l, n, anchor, tag);
	l->last_end = n->start + (flow && l->src->text.p[n->start] != '?' ? 1 : 0);
	return open_collection(l, n, flow);
}

/* ---- closing a collection ---- */

static bool duplicate_key(
	struct loader *l, const struct cm_node *first, const struct cm_node *again)
{
	struct cm_str text = cm_text(again);
	struct cm_diag *d = cm_error(l->p, cm_span_of(again), CM_E_DUPLICATE_KEY,
		"the key %.*s stands twice in this mapping", (int)(text.n < 200 ? text.n : 200),
		text.p);

	cm_note(l->p, d, cm_span_of(first), "it stands here too");
	cm_help(l->p, d,
		again->flags & CM_MERGE_KEY ? "write <<: [*a, *b] to merge several mappings"
					    : "keep one of the two");
	return false;
}

static bool unique_keys(struct loader *l, const struct cm_node *map)
{
	struct cm_index ix;
	bool fine = true;

	if (map->count <= 12) {
		for (uint32_t i = 1; i < map->count; i++)
			for (uint32_t j = 0; j < i; j++)
				if (map->pairs[i].word && map->pairs[i].word == map->pairs[j].word)
					fine = duplicate_key(
						l, map->pairs[j].key, map->pairs[i].key);
		return fine;
	}
	ix = cm_index_of(l->p, map); /* finds the first of equal keys */
	for (uint32_t i = 1; i < map->count; i++) {
		uint32_t first = map->pairs[i].word ? cm_index_find(&ix, map->pairs[i].word) : i;

		if (first < i)
			fine = duplicate_key(l, map->pairs[first].key, map->pairs[i].key);
	}
	return fine;
}

static bool good_merge_value(const struct cm_node *value)
{
	const struct cm_node *n = cm_deref(value);

	if (n->kind != CM_SEQ)
		return n->kind == CM_MAP;
	for (uint32_t i = 0; i < n->count; i++)
		if (cm_deref(n->items[i])->kind != CM_MAP)
			return false;
	return true;
}

static bool check_merge_key(struct loader *l, const struct cm_pair *pair)
{
	struct cm_diag *d;

	if (!(pair->key->flags & CM_MERGE_KEY) || good_merge_value(pair->value))
		return true;
	d = cm_error(l->p, cm_span_of(pair->value), CM_E_MERGE_KEY,
		"<< takes a mapping, or a list of mappings");
	cm_help(l->p, d,
		"give it an alias to a mapping (<<: *name), or quote the key where it is not meant as a merge");
	return false;
}

static bool close_map(
	struct loader *l, struct cm_node *n, struct cm_node **children, uint32_t count, bool quiet)
{
	bool fine = true;

	n->count = count / 2;
	n->pairs = cm_new_array(l->p->arena, n->count, struct cm_pair);
	for (uint32_t i = 0; i < n->count; i++) {
		struct cm_node *key = children[2 * i], *value = children[2 * i + 1];
		const struct cm_node *named = cm_deref(key);

		n->pairs[i].key = key;
		n->pairs[i].value = value;
		if (named->kind == CM_SCALAR)
			n->pairs[i].word = cm_intern(&l->p->syms, named->text, named->count);
		n->flags |=
			(key->flags | value->flags) & (CM_HAS_TAG | CM_HAS_ALIAS | CM_HAS_ANCHOR);
		fine = (quiet || check_merge_key(l, &n->pairs[i])) && fine;
	}
	return (quiet || unique_keys(l, n)) && fine;
}

static void close_seq(
	struct loader *l, struct cm_node *n, struct cm_node **children, uint32_t count)
{
	n->count = count;
	n->items = cm_new_array(l->p->arena, count, const struct cm_node *);
	for (uint32_t i = 0; i < count; i++) {
		n->items[i] = children[i];
		n->flags |= children[i]->flags & (CM_HAS_TAG | CM_HAS_ALIAS | CM_HAS_ANCHOR);
	}
}

/* How deep a walk through n goes once aliases are followed. */
static uint32_t height_of(const struct loader *l, uint32_t first)
{
	uint32_t most = 0;

	for (uint32_t i = first; i < l->waiting_count; i++)
		if (l->heights[i] > most)
			most = l->heights[i];
	return most + 1;
}

static bool on_end(struct loader *l, const yaml_event_t *e)
{
	struct frame *f = &l->frames[--l->depth];
	struct cm_node *n = f->node, **children = l->waiting ? l->waiting + f->first : NULL;
	uint32_t count = l->waiting_count - f->first, height = height_of(l, f->first);
	bool fine = true;

	if (height > l->p->limits.depth)
		return limit_reached(
			l, n->start, l->p->limits.depth, "aliases nest collections", "limit-depth");
	if (n->props)
		((struct cm_props *)n->props)->height = height;
	n->flags &= (uint16_t)~CM_OPEN;
	if (n->style == CM_FLOW) {
		l->flow_depth--;
		n->end = byte_at(l, e->end_mark.index);
		if (n->end > n->start && cm_line_end(l->src->text, n->start) < n->end)
			n->flags |= CM_MULTILINE;
	} else {
		n->end = count ? children[count - 1]->end : n->start;
		if (n->kind == CM_SEQ && n->end <= n->start)
			n->end = n->start + 1;
	}
	l->last_end = n->end;
	if (n->kind == CM_MAP)
		fine = close_map(l, n, children, count, f->quiet);
	else
		close_seq(l, n, children, count);
	l->waiting_count = f->first;
	push_waiting(l, n, height);
	return fine;
}

/* ---- documents ---- */

static void on_document_start(struct loader *l, const yaml_event_t *e)
{
	struct cm_document *d;

	if (l->file->count == l->documents_size)
		l->file->documents =
			grown(l->p->arena, l->file->documents, &l->documents_size, 2, sizeof(*d));
	d = &l->file->documents[l->file->count++];
	d->marked = !e->data.document_start.implicit;
	d->start = byte_at(l, e->start_mark.index);
	d->body = byte_at(l, e->end_mark.index);
	l->last_end = d->body;
	l->waiting_count = 0;
}

static void on_document_end(struct loader *l, const yaml_event_t *e)
{
	struct cm_document *d = &l->file->documents[l->file->count - 1];

	d->root = l->waiting[0];
	d->end = e->data.document_end.implicit ? d->root->end : byte_at(l, e->end_mark.index);
}

/* A document's text runs to where the next one's starts: comments between belong to what follows
 * the "---". */
static void bound_documents(struct cm_file *f)
{
	for (uint32_t i = 0; i + 1 < f->count; i++)
		f->documents[i].end = f->documents[i + 1].start;
	if (f->count)
		f->documents[f->count - 1].end = (uint32_t)f->source->text.n;
}

/* ---- errors of libyaml, in a user's words ---- */

static const struct problem {
	const char *problem, *text, *help;
} problems[] = {
	{"found character that cannot start any token", "no value can start with this character",
		"indent with spaces, not tabs; quote a value that starts with @, ` or %"},
	{"found a tab character that violates indentation", "a tab stands where the indentation is",
		"indent with spaces, not tabs"},
	{"mapping values are not allowed in this context", "a key cannot stand here",
		"quote a value that holds \": \", or put the key on a line of its own at its mapping's indentation"},
	{"did not find expected key", "this line fits no mapping above it",
		"align it with the keys it belongs to"},
	{"did not find expected '-' indicator",
		"this line fits neither the list above it nor what holds the list",
		"align it with the dashes, or with the key that holds the list"},
	{"could not find expected ':'", "the line above is a key without a colon",
		"write \"key: value\""},
	{"found unexpected end of stream", "the file ends inside a quoted text", "close the quote"},
	{"did not find expected ',' or ']'", "this [ list is not closed",
		"separate its items with commas and end it with ]"},
	{"did not find expected ',' or '}'", "this { mapping is not closed",
		"separate its entries with commas and end it with }"},
	{"did not find expected <document start>", "text stands behind the end of a document",
		"begin the next document with ---"},
	{"found incompatible YAML document", "this YAML version is not supported",
		"remove the %YAML line"},
	{"found undefined tag handle", "this tag's prefix is not defined", NULL},
};

static void report_reader_error(struct loader *l)
{
	struct cm_str raw = l->src->text;
	size_t at = l->parser.problem_offset;
	struct cm_diag *d;
	bool broken = false;

	if (at >= raw.n)
		at = raw.n ? raw.n - 1 : 0;
	for (size_t i = at > 3 ? at - 3 : 0; i <= at && i < raw.n; i++) {
		size_t length = cm_utf8_length(raw, i);

		if (!length && (i == at || ((unsigned char)raw.p[i] & 0xC0) != 0x80)) {
			at = i; /* libyaml may name the byte after the bad one's start */
			broken = true;
			break;
		}
		i += length ? length - 1 : 0;
	}
	if (broken)
		d = cm_error(l->p, span_at(l, at, at + 1), CM_E_ENCODING, "this byte is not UTF-8");
	else
		d = cm_error(l->p, span_at(l, at, at + 1), CM_E_ENCODING,
			"a control character (0x%02x) cannot stand in YAML",
			(unsigned)l->parser.problem_value);
	cm_help(l->p, d,
		"save the file as UTF-8 text; write such a character as an escape in double quotes");
}

/*
 * Three things Compose's YAML library reads and libyaml refuses (spec/merge.md 7.3), each mended in
 * a copy of the same length, so that every offset stays: a raw 0x7f, a dot in an anchor's name, and
 * "{a:, b: 1}" without a blank behind the colon. Our nodes look at the author's bytes.
 */
static bool mend(struct loader *l)
{
	const yaml_parser_t *y = &l->parser;
	struct cm_str s = l->src->text;
	size_t at = y->error == YAML_READER_ERROR ? y->problem_offset
						  : byte_at(l, y->problem_mark.index);
	char with = 0;

	if (at >= s.n || l->errors_before != l->p->errors || l->mended >= MAX_MENDED ||
		(uint64_t)l->mended * s.n > MAX_REREAD)
		return false;
	if (y->error == YAML_READER_ERROR && s.p[at] == 0x7f)
		with = 'x';
	else if (s.p[at] == '.' && y->problem &&
		strcmp(y->problem, "did not find expected alphabetic or numeric character") == 0)
		with = '_';
	else if (s.p[at] == ':' && y->problem && strcmp(y->problem, "found unexpected ':'") == 0)
		with = ' ';
	if (!with)
		return false;
	if (l->loose == s.p)
		l->loose = cm_strndup(l->p->arena, s.p, s.n);
	l->loose[at] = with;
	l->mended++;
	l->retry = true;
	return true;
}

static bool report_parser_error(struct loader *l)
{
	const yaml_parser_t *y = &l->parser;
	const char *text = y->problem ? y->problem : "not YAML", *help = NULL;
	struct cm_diag *d;
	uint32_t at;

	if (y->error == YAML_MEMORY_ERROR ||
		y->error == YAML_NO_ERROR) /* libyaml forgets to say so in places */
		cm_arena_fail(l->p->arena);
	if (mend(l))
		return false;
	if (y->error == YAML_READER_ERROR) {
		report_reader_error(l);
		return false;
	}
	for (size_t i = 0; i < sizeof(problems) / sizeof(*problems); i++) {
		if (y->problem && strcmp(y->problem, problems[i].problem) == 0) {
			text = problems[i].text;
			help = problems[i].help;
		}
	}
	at = byte_at(l, y->problem_mark.index);
	d = cm_error(
		l->p, span_at(l, at, at < l->src->text.n ? at + 1 : at), CM_E_SYNTAX, "%s", text);
	if (y->context && y->context_mark.index != y->problem_mark.index) {
		at = byte_at(l, y->context_mark.index);
		cm_note(l->p, d, span_at(l, at, at + 1), "%s that starts here", y->context);
	}
	if (help)
		cm_help(l->p, d, "%s", help);
	return false;
}

/* ---- the loop ---- */

static bool on_event(struct loader *l, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT: on_document_start(l, e); return true;
	case YAML_DOCUMENT_END_EVENT: on_document_end(l, e); return true;
	case YAML_SCALAR_EVENT: on_scalar(l, e); return true;
	case YAML_ALIAS_EVENT: return on_alias(l, e);
	case YAML_SEQUENCE_START_EVENT: return on_start(l, e, CM_SEQ);
	case YAML_MAPPING_START_EVENT: return on_start(l, e, CM_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: return on_end(l, e);
	default: return true;
	}
}

static bool run(struct loader *l)
{
	bool fine = true, done = false;

	while (!done && !l->stop && l->p->errors < MAX_ERRORS) {
		if (!yaml_parser_parse(&l->parser, &l->event))
			return report_parser_error(l) && fine;
		done = l->event.type == YAML_STREAM_END_EVENT;
		fine = on_event(l, &l->event) && fine;
		yaml_event_delete(&l->event);
	}
	return fine && !l->stop;
}

static bool few_tag_directives(struct cm_project *p, const struct cm_source *src)
{
	uint64_t count = 0;
	struct cm_diag *d;

	for (size_t at = 0; at < src->text.n; at = cm_next_line(src->text, at)) {
		if (src->text.p[at] != '%')
			continue;
		if (++count > p->limits.tag_directives) {
			d = cm_error(p, (struct cm_span){src->id, (uint32_t)at, (uint32_t)at + 1},
				CM_E_LIMIT, "more than %llu %% directives",
				(unsigned long long)p->limits.tag_directives);
			cm_help(p, d, "--limit-tag-directives raises this limit");
			return false;
		}
	}
	return true;
}

static void delete_parser(void *loader)
{
	struct loader *l = loader;

	yaml_event_delete(&l->event);
	yaml_parser_delete(&l->parser);
}

/* One reading of the whole text; state kept from a reading before: the mended copy. */
static bool read_once(struct loader *l)
{
	bool fine;

	l->cursor_byte = l->bom;
	l->cursor_index = 0;
	l->last_end = (uint32_t)l->bom;
	l->depth = l->flow_depth = l->waiting_count = 0;
	l->retry = l->stop = false;
	l->anchors = cm_new_array(l->scratch, ANCHOR_SLOTS, struct anchor *);
	l->file = cm_new(l->p->arena, struct cm_file);
	l->file->source = l->src;
	l->documents_size = 0;
	if (!yaml_parser_initialize(&l->parser))
		cm_arena_fail(l->p->arena);
	cm_arena_defer(l->p->arena, delete_parser, l);
	yaml_parser_set_input_string(&l->parser, (const unsigned char *)l->loose, l->src->text.n);
	fine = run(l);
	cm_arena_undefer(l->p->arena, l);
	return fine;
}

struct cm_file *cm_load(struct cm_project *p, struct cm_source *source)
{
	struct loader *l = cm_new(p->arena, struct loader);
	bool fine;

	if (memchr(source->text.p, '%', source->text.n) && !few_tag_directives(p, source))
		return NULL;
	l->p = p;
	l->src = source;
	l->bom = source->has_bom ? 3 : 0;
	l->ascii = all_ascii(cm_str_cut(source->text, l->bom, source->text.n));
	l->scratch = cm_arena_child(p->arena);
	l->loose = (char *)source->text.p; /* only ever changed in a copy */
	l->errors_before = p->errors;
	do
		fine = read_once(l);
	while (l->retry);
	cm_arena_undefer(p->arena, l->scratch);
	if (!fine)
		return NULL;
	bound_documents(l->file);
	return l->file;
}
