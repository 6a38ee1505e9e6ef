/* SPDX-License-Identifier: MIT */

/*
 * The public header over the rooms. Every call sets the recovery point that a lack of memory jumps
 * to; nothing else in the library catches it.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/io.h"
#include "edit/emit.h"
#include "edit/unified.h"
#include "merge/rebase.h"
#include "resolve/config.h"
#include "spec/short.h"

/* What the public calls remember between them. */
struct session {
	struct cm_project p; /* first: the opaque pointer is this */
	struct cm_recovery recovery;
	struct cm_file **files;
	uint32_t file_count, file_size;
	bool no_memory;
};

/* Runs the block; yields CM_NOMEM or CM_FAILED when it is given up. */
#define GUARD(s)                                                                                   \
	do {                                                                                       \
		int given_up;                                                                      \
                                                                                                   \
		if ((s)->no_memory)                                                                \
			return CM_NOMEM;                                                           \
		given_up = setjmp((s)->recovery.point);                                            \
		if (given_up == 1)                                                                 \
			(s)->no_memory = true;                                                     \
		if (given_up)                                                                      \
			return given_up == 1 ? CM_NOMEM : CM_FAILED;                               \
	} while (0)

static struct session *session_of(struct cm_project *p)
{
	return (struct session *)p;
}

struct cm_project *cm_project_new(const struct cm_files *files)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->p.arena = cm_arena_new(&s->recovery);
	if (!s->p.arena || setjmp(s->recovery.point)) {
		cm_arena_free(s->p.arena);
		free(s);
		return NULL;
	}
	cm_interner_init(&s->p.syms, s->p.arena);
	s->p.last_diag = &s->p.diags;
	s->p.limits = cm_default_limits;
	s->p.files = files && files->read ? *files : cm_real_files;
#ifdef CM_DEBUG
	s->p.mutant = getenv("CM_MUTANT");
#endif
	return &s->p;
}

void cm_project_free(struct cm_project *p)
{
	struct session *s = session_of(p);

	if (!p)
		return;
	cm_arena_free(p->arena);
	free(s);
}

/* ---- limits ---- */

struct cm_limit_info cm_limit_info(size_t index)
{
	static const struct cm_limit_info rows[] = {
#define CM_LIMIT(field, option, value, help) {option, value, help},
#include "base/limits.def"
#undef CM_LIMIT
	};

	return index < sizeof(rows) / sizeof(*rows) ? rows[index]
						    : (struct cm_limit_info){NULL, 0, NULL};
}

enum cm_status cm_limit_set(struct cm_project *p, const char *name, uint64_t value)
{
#define CM_LIMIT(field, option, fallback, help)                                                    \
	if (strcmp(name, option) == 0) {                                                           \
		p->limits.field = value;                                                           \
		return CM_OK;                                                                      \
	}
#include "base/limits.def"
#undef CM_LIMIT
	return CM_FAILED;
}

/* ---- files ---- */

const char *const *cm_default_names(void)
{
	static const char *const names[] = {
		"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", NULL};

	return names;
}

const char *const *cm_default_override_names(void)
{
	static const char *const names[] = {"compose.override.yml", "compose.override.yaml",
		"docker-compose.override.yml", "docker-compose.override.yaml", NULL};

	return names;
}

static enum cm_status add(struct session *s, const char *name, const char *text, size_t length)
{
	struct cm_str raw = {text, length};
	struct cm_source *source;
	struct cm_file *file, **more;

	if (raw.n >= UINT32_MAX) {
		cm_error(&s->p, (struct cm_span){0, 0, 0}, CM_E_LIMIT,
			"%s: files of 4 GiB and more cannot be read", name);
		return CM_FAILED;
	}
	source = cm_source_add(&s->p, cm_strndup(s->p.arena, name, strlen(name)), raw);
	if (!cm_decode(&s->p, source))
		return CM_FAILED;
	file = cm_load(&s->p, source);
	if (!file)
		return CM_FAILED;
	if (s->file_count == s->file_size) {
		s->file_size = s->file_size ? s->file_size * 2 : 4;
		more = cm_new_array(s->p.arena, s->file_size, struct cm_file *);
		if (s->file_count)
			memcpy(more, s->files, s->file_count * sizeof(*more));
		s->files = more;
	}
	s->files[s->file_count++] = file;
	return CM_OK;
}

static enum cm_status cannot_read(struct session *s, const char *path, int failed)
{
	struct cm_diag *d;

	if (failed == ENOMEM)
		cm_arena_fail(s->p.arena);
	if (failed == EFBIG) {
		d = cm_error(&s->p, (struct cm_span){0, 0, 0}, CM_E_LIMIT,
			"%s: more than %llu bytes", path,
			(unsigned long long)s->p.limits.file_size);
		cm_help(&s->p, d, "--limit-file-size raises this limit");
	} else {
		cm_error(&s->p, (struct cm_span){0, 0, 0}, CM_E_CANNOT_READ, "%s: cannot read: %s",
			path,
			failed == EISDIR           ? "it is a directory"
				: failed == ENOENT ? "no such file"
				: failed == EACCES ? "not allowed"
						   : "reading failed");
	}
	return CM_FAILED;
}

enum cm_status cm_add_file(struct cm_project *p, const char *path)
{
	struct session *s = session_of(p);
	char *text = NULL;
	size_t length = 0;
	int failed;

	GUARD(s);
	if (s->file_count >= p->limits.files) {
		cm_help(p,
			cm_error(p, (struct cm_span){0, 0, 0}, CM_E_LIMIT, "more than %llu files",
				(unsigned long long)p->limits.files),
			"--limit-files raises this limit");
		return CM_FAILED;
	}
	failed = p->files.read(p->files.arg, path, p->limits.file_size, &text, &length);
	if (failed)
		return cannot_read(s, path, failed);
	return add(s, path, cm_take_memory(p, text), length);
}

enum cm_status cm_add_text(struct cm_project *p, const char *name, const char *text, size_t length)
{
	struct session *s = session_of(p);

	GUARD(s);
	return add(s, name, cm_strndup(p->arena, text, length), length);
}

/* ---- merging ---- */

/* A "---" at the very end opens a document nobody wrote; Compose refuses it, we ignore it
 * (spec/merge.md 8 row 32). */
static bool is_trailing_separator(const struct cm_file *f, uint32_t i)
{
	const struct cm_node *root = f->documents[i].root;

	return i > 0 && i + 1 == f->count && root->kind == CM_SCALAR && root->start == root->end &&
		!root->props;
}

static uint32_t collect_layers(struct session *s, struct cm_layer **layers)
{
	uint32_t count = 0, room = 0;

	for (uint32_t i = 0; i < s->file_count; i++)
		room += s->files[i]->count;
	*layers = cm_new_array(s->p.arena, room, struct cm_layer);
	for (uint32_t i = 0; i < s->file_count; i++)
		for (uint32_t j = 0; j < s->files[i]->count; j++)
			if (!is_trailing_separator(s->files[i], j))
				(*layers)[count++] = (struct cm_layer){s->files[i],
					&s->files[i]->documents[j], s->files[i]->documents[j].root};
	return count;
}

static void set_output(struct cm_output *out, struct cm_str text, unsigned documents, bool changed)
{
	out->text = text.p;
	out->length = text.n;
	out->documents = documents;
	out->changed = changed;
}

static enum cm_status nothing_there(struct session *s, struct cm_output *out)
{
	struct cm_diag *d;

	if (s->file_count == 1) { /* nothing to merge, and nothing lost: the file as it is */
		d = cm_warn(&s->p, (struct cm_span){0, 0, 0}, CM_E_EMPTY,
			"%s holds nothing but comments", s->files[0]->source->name);
		cm_help(&s->p, d, "a Compose file has at least \"services:\"");
		set_output(out, s->files[0]->source->raw, 0, false);
		return CM_OK;
	}
	d = cm_error(&s->p, (struct cm_span){0, 0, 0}, CM_E_EMPTY,
		s->file_count > 1 ? "none of the files holds anything but comments"
				  : "the file holds nothing but comments");

	cm_help(&s->p, d, "a Compose file has at least \"services:\"");
	return CM_FAILED;
}

static enum cm_status as_json(
	struct session *s, const struct cm_merged *merged, struct cm_output *out)
{
	struct cm_buf *b;

	if (merged->further_count) {
		struct cm_diag *d =
			cm_error(&s->p, (struct cm_span){0, 0, 0}, CM_E_SEVERAL_DOCUMENTS,
				"the result needs several documents, and JSON holds one");

		cm_help(&s->p, d,
			"print it as YAML, or ask for the nearest single document with --single");
		return CM_FAILED;
	}
	b = cm_buf_new(s->p.arena, 4096);
	cm_emit_json(&s->p, merged->root, b);
	set_output(out, (struct cm_str){b->p, b->n}, 1, true);
	return CM_OK;
}

/* Comments of files in front of the first that says anything. */
static struct cm_str with_prefix(struct session *s, const struct cm_file *first, struct cm_str text)
{
	struct cm_buf *b;

	if (s->files[0] == first)
		return text;
	b = cm_buf_new(s->p.arena, text.n + 1024);
	for (uint32_t i = 0; i < s->file_count && s->files[i] != first; i++) {
		cm_buf_str(b, s->files[i]->source->text);
		if (b->n && b->p[b->n - 1] != '\n')
			cm_buf_puts(b, first->source->eol);
	}
	cm_buf_str(b, text);
	return (struct cm_str){b->p, b->n};
}

static void note_transcoding(struct session *s, const struct cm_source *src)
{
	if (src->text.p != src->raw.p)
		cm_warn(&s->p, (struct cm_span){src->id, 0, 0}, CM_E_TRANSCODED,
			"%s is UTF-16; the edited result is written as UTF-8", src->name);
}

static enum cm_status as_text(struct session *s, const struct cm_merge_options *o,
	const struct cm_layer *layers, uint32_t count, const struct cm_merged *merged,
	struct cm_output *out)
{
	struct cm_text text = cm_emit(&s->p, o, layers, count, merged);
	struct cm_str result;

	if (!text.verified && o->output_folder && !o->keep_paths) {
		cm_error(&s->p, (struct cm_span){0, 0, 0}, CM_E_INTERNAL,
			"the result did not read back as what was meant");
		return CM_FAILED;
	}
	if (!text.verified) {
		struct cm_diag *d = cm_warn(&s->p, (struct cm_span){0, 0, 0}, CM_E_INTERNAL,
			"the result did not read back as what was meant; here are the files as documents of one");

		cm_help(&s->p, d, "it means the same to Docker Compose; please report the files");
		text.out = cm_emit_layers(&s->p, layers, count);
		text.documents = count;
	}
	note_transcoding(s, layers[0].file->source);
	result = with_prefix(s, layers[0].file, (struct cm_str){text.out->p, text.out->n});
	set_output(out, result, text.documents, true);
	return CM_OK;
}

/* The project name Compose takes from a folder: config.md 1.6. */
static struct cm_str name_of_folder(struct cm_project *p, const char *folder)
{
	struct cm_str path = cm_str_of(folder);
	struct cm_buf *b = cm_buf_new(p->arena, 64);

	if (!path.n || path.p[0] != '/') {
		const char *here = cm_working_folder(p);

		path = cm_strf(p->arena, "%s/%s", here, folder);
	}
	path = cm_path_clean(p->arena, path);
	while (cm_str_find(path, '/', 0) < path.n)
		path = cm_str_cut(path, cm_str_find(path, '/', 0) + 1, path.n);
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			((c == '_' || c == '-') && b->n))
			cm_buf_putc(b, c);
	}
	return (struct cm_str){b->p, b->n};
}

/* The result elsewhere: relative paths keep their meaning, the name from the folder is written
 * down. */
static bool move_to(struct session *s, const struct cm_merge_options *o,
	const struct cm_layer *layers, struct cm_merged *merged)
{
	const char *folder = cm_dirname(&s->p, layers[0].file->source->name);
	struct cm_rebase r = cm_rebase_from(&s->p, o->output_folder, folder);
	const struct cm_sym *word = cm_role_word(&s->p, CM_ROLE_NAME);
	bool named = false;

	if (!r.prefix.n)
		return true;
	r.elsewhere = true;
	merged->root = cm_rebase_root(&r, merged->root);
	named = cm_map_get(&s->p, merged->root, word) != NULL;
	for (uint32_t i = 0; i < merged->further_count; i++) {
		merged->further[i] = cm_rebase_root(&r, merged->further[i]);
		named = named || cm_map_get(&s->p, merged->further[i], word);
	}
	if (!named && !r.refused && !o->partial) {
		struct cm_entries e = {0};

		for (uint32_t i = 0; i < merged->root->count; i++)
			cm_entries_add(&s->p, &e, merged->root->pairs[i]);
		cm_insert_top(&s->p, &e,
			cm_make_pair(&s->p, cm_sym_str(word), NULL,
				cm_make_scalar(
					&s->p, name_of_folder(&s->p, folder), CM_PLAIN, NULL)));
		merged->root = cm_make_map(&s->p, e.at, e.count, merged->root->style, merged->root);
	}
	return !r.refused;
}

static enum cm_status merge(
	struct session *s, const struct cm_merge_options *o, struct cm_output *out)
{
	struct cm_merged merged = {0};
	struct cm_layer *layers = NULL;
	uint32_t count = collect_layers(s, &layers);

	if (!count)
		return nothing_there(s, out);
	if (!cm_check_roots(&s->p, layers, count))
		return CM_FAILED;
	if (s->file_count == 1 && !o->json && (!o->output_folder || o->keep_paths)) {
		set_output(out, s->files[0]->source->raw, s->files[0]->count, false);
		return CM_OK;
	}
	if (!cm_merge_layers(&s->p, o, layers, count, &merged))
		return CM_FAILED;
	if (o->output_folder && !o->keep_paths && !move_to(s, o, layers, &merged))
		return CM_FAILED;
	if (o->json)
		return as_json(s, &merged, out);
	if (merged.root == cm_deref(layers[0].root) && !merged.further_count &&
		s->files[0] == layers[0].file && s->files[0]->count == 1) {
		set_output(out, s->files[0]->source->raw, 1, false);
		return CM_OK;
	}
	return as_text(s, o, layers, count, &merged, out);
}

enum cm_status cm_merge(
	struct cm_project *p, const struct cm_merge_options *options, struct cm_output *out)
{
	static const struct cm_merge_options none = {0};

	GUARD(session_of(p));
	return merge(session_of(p), options ? options : &none, out);
}

static enum cm_status config(
	struct cm_project *p, const struct cm_config_request *request, struct cm_output *out)
{
	struct cm_buf *b = cm_buf_new(p->arena, 4096);

	if (!cm_config_text(p, request, b))
		return CM_FAILED;
	set_output(out, (struct cm_str){b->n ? b->p : "", b->n}, 1, true);
	return CM_OK;
}

enum cm_status cm_config(
	struct cm_project *p, const struct cm_config_request *request, struct cm_output *out)
{
	GUARD(session_of(p));
	return config(p, request, out);
}

static void unified(struct cm_project *p, const char *old_label, const char *old_text,
	size_t old_length, const char *new_label, const char *new_text, size_t new_length,
	struct cm_output *out)
{
	struct cm_buf *b = cm_buf_new(p->arena, 1024);

	cm_unified_diff(p, old_label, (struct cm_str){old_text, old_length}, new_label,
		(struct cm_str){new_text, new_length}, b);
	set_output(out, (struct cm_str){b->p, b->n}, 0, b->n > 0);
}

enum cm_status cm_unified(struct cm_project *p, const char *old_label, const char *old_text,
	size_t old_length, const char *new_label, const char *new_text, size_t new_length,
	struct cm_output *out)
{
	GUARD(session_of(p));
	unified(p, old_label, old_text, old_length, new_label, new_text, new_length, out);
	return CM_OK;
}

bool cm_has_relative_paths(struct cm_project *p)
{
	struct session *s = session_of(p);
	struct cm_rebase r = {.p = p, .prefix = CM_STR("x"), .quiet = true};

	if (s->no_memory || setjmp(s->recovery.point))
		return false;
	for (uint32_t i = 0; i < s->file_count && !r.found; i++)
		for (uint32_t j = 0; j < s->files[i]->count && !r.found; j++)
			if (cm_deref(s->files[i]->documents[j].root)->kind == CM_MAP)
				cm_rebase_root(&r, cm_deref(s->files[i]->documents[j].root));
	return r.found;
}

/* ---- messages ---- */

static bool message_at(struct cm_project *p, size_t index, struct cm_message *m)
{
	const struct cm_diag *d = p->diags;
	struct cm_place place;

	while (d && index--)
		d = d->next;
	if (!d)
		return false;
	place = cm_place_of(p, d->span);
	*m = (struct cm_message){d->severity, cm_code_word(d->code), d->text.p,
		d->help.n ? d->help.p : NULL,
		d->span.source ? cm_source_of(p, d->span.source)->name : NULL, place.line,
		place.column};
	return true;
}

bool cm_message_at(struct cm_project *p, size_t index, struct cm_message *m)
{
	if (session_of(p)->no_memory || setjmp(session_of(p)->recovery.point))
		return false;
	return message_at(p, index, m);
}

size_t cm_message_count(struct cm_project *p, enum cm_severity least)
{
	size_t count = 0;

	for (const struct cm_diag *d = p->diags; d; d = d->next)
		count += d->severity >= least;
	return count;
}

static void print_messages(struct cm_project *p, enum cm_print form, bool color,
	enum cm_severity least, void (*write)(void *arg, const char *text, size_t length),
	void *arg)
{
	struct cm_buf *b = cm_buf_new(p->arena, 512);

	for (const struct cm_diag *d = p->diags; d; d = d->next) {
		if (d->severity < least)
			continue;
		b->n = 0;
		if (form == CM_PRINT_JSON)
			cm_diag_json(p, d, b);
		else
			cm_diag_text(p, d, color, b);
		write(arg, b->p, b->n);
	}
	cm_buf_release(b);
}

enum cm_status cm_messages_print(struct cm_project *p, enum cm_print form, bool color,
	enum cm_severity least, void (*write)(void *arg, const char *text, size_t length),
	void *arg)
{
	GUARD(session_of(p));
	print_messages(p, form, color, least, write, arg);
	return CM_OK;
}

static void add_message(struct cm_project *p, enum cm_severity severity, const char *code,
	const char *file, const char *text, const char *help)
{
	struct cm_diag *d;
	int row = 0;

	while (row + 1 < CM_CODE_COUNT && strcmp(cm_code_word((enum cm_code)row), code) != 0)
		row++;
	if (severity == CM_ERROR)
		d = cm_error(p, (struct cm_span){0, 0, 0}, (enum cm_code)row, "%s%s%s",
			file ? file : "", file ? ": " : "", text);
	else
		d = cm_warn(p, (struct cm_span){0, 0, 0}, (enum cm_code)row, "%s%s%s",
			file ? file : "", file ? ": " : "", text);
	d->severity = severity;
	if (help)
		cm_help(p, d, "%s", help);
}

enum cm_status cm_message_add(struct cm_project *p, enum cm_severity severity, const char *code,
	const char *file, const char *text, const char *help)
{
	GUARD(session_of(p));
	add_message(p, severity, code, file, text, help);
	return CM_OK;
}

struct cm_code_info cm_code_info(size_t index)
{
	if (index >= CM_CODE_COUNT)
		return (struct cm_code_info){NULL, NULL};
	return (struct cm_code_info){
		cm_code_word((enum cm_code)index), cm_code_help((enum cm_code)index)};
}

const char *cm_suggest(struct cm_project *p, const char *word, const char *const *list)
{
	return cm_nearest(p->arena, cm_str_of(word), list);
}
