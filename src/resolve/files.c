/* SPDX-License-Identifier: MIT */

/* Where the project is: its files, its directory, its environment, its name (config.md 1). */

#include "run.h"

#include <errno.h>
#include <stdlib.h>

#include "../base/diag.h"
#include "../base/io.h"
#include "../merge/rebase.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"

static const struct cm_span nowhere = {0, 0, 0};

static const char *text_of(struct cm_project *p, struct cm_str s)
{
	return cm_strndup(p->arena, s.n ? s.p : "", s.n);
}

const char *cm_absolute(struct cm_project *p, const char *base, const char *rel)
{
	return text_of(p, rel[0] == '/' ? cm_path_clean(p->arena, cm_str_of(rel))
			: cm_path_join(p->arena, cm_str_of(base), cm_str_of(rel)));
}

/* A path as it is shown and read: relative where it lies below the current folder. */
static const char *shown(const struct cm_run *run, const char *path)
{
	size_t n = strlen(run->cwd);

	return n > 1 && strncmp(path, run->cwd, n) == 0 && path[n] == '/' && path[n + 1] ? path + n + 1 : path;
}

static const char *reason(int error)
{
	return error == ENOENT || error == ENOTDIR ? "no such file or directory" : error == EISDIR ? "is a directory"
		: error == EACCES ? "permission denied" : error == EFBIG ? "more than --limit-file-size bytes" : "reading failed";
}

int cm_run_read(struct cm_resolve *r, const char *path, struct cm_source **source)
{
	struct cm_project *p = r->p;
	const char *name = shown(r->run, path);
	char *text = NULL;
	size_t length = 0;
	int error = p->files.read(p->files.arg, name, p->limits.file_size, &text, &length);

	if (error == ENOMEM)
		cm_arena_fail(p->arena);
	if (error)
		return error;
	if (length >= UINT32_MAX) {
		free(text);
		return EFBIG;
	}
	*source = cm_source_add(p, name, (struct cm_str){cm_take_memory(p, text), length});
	return 0;
}

static void cannot_open(struct cm_resolve *r, const char *path, int error, struct cm_span span)
{
	if (span.source)
		cm_error(r->p, span, CM_E_CANNOT_READ, "open %s: %s", path, reason(error));
	else if (r->run->by_variable)
		cm_error(r->p, span, CM_E_CANNOT_READ, "compose file \"%s\" set by COMPOSE_FILE environment variable is invalid: %s",
			 shown(r->run, path), reason(error));
	else
		cm_error(r->p, span, CM_E_CANNOT_READ, "compose file \"%s\"%s is invalid: %s", path,
			 r->run->by_search ? " found by default file discovery" : "", reason(error));
}

struct cm_file *cm_run_open(struct cm_resolve *r, const char *path, struct cm_span span)
{
	struct cm_project *p = r->p;
	const struct cm_sym *word = cm_sym(p, cm_str_of(path));
	struct cm_opened *o;
	struct cm_source *source = NULL;
	int error;

	for (o = r->run->opened; o; o = o->next)
		if (o->path == word)
			return o->file;
	o = cm_new(p->arena, struct cm_opened);
	o->path = word;
	o->next = r->run->opened;
	r->run->opened = o;
	if (p->source_count >= p->limits.files) {
		cm_help(p, cm_error(p, span, CM_E_LIMIT, "more than %llu files", (unsigned long long)p->limits.files),
			"--limit-files raises this limit");
		return NULL;
	}
	error = cm_run_read(r, path, &source);
	if (error)
		cannot_open(r, path, error, span);
	else if (cm_decode(p, source))
		o->file = cm_load(p, source);
	if (o->file && !cm_check_yaml(r, o->file))
		o->file = NULL;
	return o->file;
}

bool cm_run_env_file(struct cm_resolve *r, const char *path, bool optional, struct cm_span span, struct cm_env *into,
	const struct cm_env *const *lookup, uint32_t count)
{
	struct cm_source *source = NULL;
	int error = cm_run_read(r, path, &source);

	if (!error)
		return cm_dotenv(r, source, into, lookup, count);
	if (optional)
		return true;
	if (span.source)
		cm_error(r->p, span, CM_E_ENV_FILE, "stat %s: %s", path, reason(error));
	else if (error == EISDIR)
		cm_error(r->p, span, CM_E_ENV_FILE, "%s is a directory", path);
	else
		cm_error(r->p, span, CM_E_ENV_FILE, "couldn't find env file: %s", path);
	return false;
}

/* ---- the environment ---- */

static struct cm_env *process_environment(struct cm_resolve *r)
{
	struct cm_env *e = cm_env_new(r->p);

	for (const char *const *s = r->o->environ; s && *s; s++) {
		const char *equals = strchr(*s, '=');

		if (equals && equals != *s)
			cm_env_set(e, (struct cm_str){*s, (size_t)(equals - *s)}, cm_str_of(equals + 1));
	}
	if (!cm_env_get(e, CM_STR("PWD")))
		cm_env_set(e, CM_STR("PWD"), cm_str_of(r->run->cwd));
	return e;
}

static const char *value_of(struct cm_resolve *r, const struct cm_env *e, const char *name)
{
	const struct cm_str *v = cm_env_get(e, cm_str_of(name));

	return v ? text_of(r->p, *v) : NULL;
}

/* Pieces of list between separators. */
static const char **split(struct cm_project *p, const char *list, const char *separator, uint32_t *count)
{
	size_t n = strlen(separator), room = 2;
	const char **out;

	for (const char *s = strstr(list, separator); s; s = strstr(s + n, separator))
		room++;
	out = cm_new_array(p->arena, room, const char *);
	*count = 0;
	for (const char *end; list; list = end ? end + n : NULL) {
		end = strstr(list, separator);
		out[(*count)++] = cm_strndup(p->arena, list, end ? (size_t)(end - list) : strlen(list));
	}
	return out;
}

/* Variables of `more` that e has not; only those named COMPOSE_ where asked. */
static void add_missing(struct cm_env *e, const struct cm_env *more, bool compose_only)
{
	uint32_t count;
	const struct cm_sym **names = cm_env_names(more, &count);

	for (uint32_t i = 0; i < count; i++) {
		struct cm_str name = cm_sym_str(names[i]);

		if (!cm_env_get(e, name) && (!compose_only || cm_str_starts(name, "COMPOSE_")))
			cm_env_set(e, name, *cm_env_get(more, name));
	}
}

static bool parse_bool(struct cm_resolve *r, const char *text, bool *value)
{
	static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"}, *const no[] = {"0", "f", "F", "FALSE", "false", "False"};

	for (size_t i = 0; i < 6; i++)
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*value = strcmp(text, yes[i]) == 0;
			return true;
		}
	cm_error(r->p, nowhere, CM_E_USAGE, "COMPOSE_DISABLE_ENV_FILE: strconv.ParseBool: parsing \"%s\": invalid syntax", text);
	return false;
}

static bool disabled(struct cm_resolve *r, bool *value)
{
	const char *text = value_of(r, r->env, "COMPOSE_DISABLE_ENV_FILE");

	*value = false;
	return !text || parse_bool(r, text, value);
}

/* --env-file, else COMPOSE_ENV_FILES. */
static bool explicit_env_files(struct cm_resolve *r, bool *any)
{
	const struct cm_env *process = r->env, *lookup[] = {process};
	struct cm_env *found = cm_env_new(r->p);
	const char *const *files = r->o->env_files;
	const char *listed = value_of(r, process, "COMPOSE_ENV_FILES");
	uint32_t count = 0;

	while (files && files[count])
		count++;
	if (!count && listed)
		files = split(r->p, listed, ",", &count);
	for (uint32_t i = 0; i < count; i++) {
		if (!files[i][0])
			continue;
		*any = true;
		if (!cm_run_env_file(r, cm_absolute(r->p, r->run->cwd, files[i]), false, nowhere, found, lookup, 1))
			return false;
	}
	r->env = cm_env_copy(process);
	add_missing(r->env, found, false);
	return true;
}

/* dir/.env under what is set already. */
static bool default_env_file(struct cm_resolve *r, const char *dir, bool is_explicit)
{
	const struct cm_env *lookup[] = {r->env};
	struct cm_env *found;
	bool off;

	if (is_explicit)
		return true;
	if (!disabled(r, &off))
		return false;
	if (off)
		return true;
	found = cm_env_new(r->p);
	if (!cm_run_env_file(r, cm_absolute(r->p, dir, ".env"), true, nowhere, found, lookup, 1))
		return false;
	r->env = cm_env_copy(r->env);
	add_missing(r->env, found, true);
	if (!disabled(r, &off))
		return false;
	if (!off)
		add_missing(r->env, found, false);
	return true;
}

/* ---- files ---- */

static bool exists(struct cm_resolve *r, const char *path)
{
	int error = r->p->files.exists ? r->p->files.exists(r->p->files.arg, shown(r->run, path)) : ENOENT;

	return error == 0 || error == EACCES;
}

static void add_path(struct cm_run *run, const char *path)
{
	run->paths[run->count++] = path;
}

static bool add_first(struct cm_resolve *r, const char *dir, const char *const *names, const char *kind)
{
	const char *first = NULL;

	for (; *names; names++) {
		const char *path = cm_absolute(r->p, dir, *names);

		if (!exists(r, path))
			continue;
		if (first) {
			cm_warn(r->p, nowhere, CM_E_QUIRK, "Found multiple %s files with supported names: %s, %s; using %s", kind, first, path, first);
			break;
		}
		first = path;
		add_path(r->run, path);
	}
	return first != NULL;
}

static bool search(struct cm_resolve *r, const char *dir)
{
	r->run->by_search = true;
	for (;;) {
		const char *slash = strrchr(dir, '/');

		if (add_first(r, dir, cm_default_names(), "config")) {
			add_first(r, dir, cm_default_override_names(), "override");
			return true;
		}
		if (!slash || !dir[1])
			break;
		dir = slash == dir ? "/" : cm_strndup(r->p->arena, dir, (size_t)(slash - dir));
	}
	cm_help(r->p, cm_error(r->p, nowhere, CM_E_NO_FILES, "no configuration file provided: not found"), "name the files: composemerge -f FILE config");
	return false;
}

bool cm_is_remote(struct cm_str path)
{
	if (cm_str_starts(path, "oci://") || cm_str_starts(path, "git@") || cm_str_starts(path, "ssh://") || cm_str_starts(path, "git://") ||
	    cm_str_starts(path, "github.com/"))
		return true;
	if (!cm_str_starts(path, "http://") && !cm_str_starts(path, "https://"))
		return false;
	path.n = cm_str_find(path, '#', 0);
	return cm_str_ends(path, ".git");
}

bool cm_refuse_remote(struct cm_resolve *r, struct cm_str path, struct cm_span span)
{
	struct cm_diag *d;

	if (!cm_is_remote(path))
		return true;
	d = cm_error(r->p, span, CM_E_REMOTE, "failed to access %.*s: composemerge does not use the network", (int)path.n, path.p);
	cm_help(r->p, d, "fetch it first and name the local file");
	return false;
}

static bool take_files(struct cm_resolve *r)
{
	struct cm_run *run = r->run;
	const char *const *files = r->o->files;
	const char *listed = value_of(r, r->env, "COMPOSE_FILE"), *separator = value_of(r, r->env, "COMPOSE_PATH_SEPARATOR");
	const char *const *all = files;
	uint32_t count = 0;

	while (files && files[count])
		count++;
	if (!count && listed) {
		all = split(r->p, listed, separator && *separator ? separator : ":", &count);
		run->by_variable = true;
	}
	run->paths = cm_new_array(r->p->arena, count + 2, const char *);
	for (uint32_t i = 0; i < count; i++) {
		if (!cm_refuse_remote(r, cm_str_of(all[i]), nowhere))
			return false;
		add_path(run, strcmp(all[i], "-") == 0 ? "-" : cm_absolute(r->p, run->cwd, all[i]));
	}
	return count || search(r, r->o->project_directory ? r->project_directory : run->cwd);
}

static const char *folder_of_first(struct cm_resolve *r)
{
	struct cm_run *run = r->run;

	for (uint32_t i = 0; i < run->count; i++)
		if (strcmp(run->paths[i], "-") != 0)
			return cm_dirname(r->p, run->paths[i]);
	return run->cwd;
}

static const char *working_directory(struct cm_resolve *r)
{
	const char *const *files = r->o->files;

	if (r->o->project_directory)
		return cm_absolute(r->p, r->run->cwd, r->o->project_directory);
	for (; files && *files; files++)
		if (strcmp(*files, "-") != 0 && !cm_is_remote(cm_str_of(*files)))
			return cm_dirname(r->p, cm_absolute(r->p, r->run->cwd, *files));
	return r->run->cwd;
}

bool cm_find_project(struct cm_resolve *r)
{
	bool is_explicit = false;

	r->run = cm_new(r->p->arena, struct cm_run);
	r->run->cwd = r->o->working_folder ? r->o->working_folder : cm_working_folder(r->p);
	r->env = process_environment(r);
	r->project_directory = working_directory(r);
	if (!explicit_env_files(r, &is_explicit) || !default_env_file(r, r->project_directory, is_explicit) || !take_files(r))
		return false;
	if (!r->o->project_directory) {
		const char *before = r->project_directory;

		r->project_directory = folder_of_first(r);
		if (strcmp(before, r->project_directory) != 0)
			return default_env_file(r, r->project_directory, is_explicit);
	}
	return true;
}

/* ---- the name ---- */

static struct cm_str normal_name(struct cm_project *p, struct cm_str s)
{
	struct cm_buf *b = cm_buf_new(p->arena, s.n + 1);

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || ((c == '_' || c == '-') && b->n))
			cm_buf_putc(b, c);
	}
	return (struct cm_str){b->n ? b->p : "", b->n};
}

static bool given_name(struct cm_resolve *r, struct cm_str name)
{
	r->name = name;
	if (cm_str_eq(name, normal_name(r->p, name)))
		return true;
	cm_error(r->p, nowhere, CM_E_PROJECT_NAME, "invalid project name \"%.*s\": must consist only of lowercase alphanumeric characters, hyphens, "
		 "and underscores as well as start with a letter or number", (int)name.n, name.p);
	return false;
}

/* The name: of one document, "" where it has none. */
static bool name_in(struct cm_resolve *r, const struct cm_node *root, struct cm_str *name, struct cm_span *span)
{
	const struct cm_pair *pair;
	const struct cm_node *n;
	struct cm_pair one;

	root = cm_deref(root);
	if (root->kind != CM_MAP || !(pair = cm_map_get(r->p, root, cm_role_word(r->p, CM_ROLE_NAME))))
		return true;
	one = *pair;
	n = cm_interpolate(r, cm_make_map(r->p, &one, 1, CM_BLOCK, NULL), r->env);
	if (!n)
		return false;
	n = cm_deref(n->pairs[0].value);
	if (n->kind != CM_SCALAR) {
		cm_error(r->p, cm_span_of(n), CM_E_SCHEMA, "name must be a string");
		return false;
	}
	if (!cm_is_null(n) && n->count && !cm_is_reset(n)) {
		*name = cm_single_dollars(r->p, cm_value_text(r->p->arena, cm_scalar_value(r->p->arena, n)));
		*span = cm_span_of(n);
	}
	return true;
}

static bool name_of_files(struct cm_resolve *r, struct cm_str *name, struct cm_span *span)
{
	bool fine = true;

	for (uint32_t i = 0; i < r->run->count; i++) {
		struct cm_file *f = cm_run_open(r, r->run->paths[i], nowhere);

		fine = fine && f;
		for (uint32_t j = 0; f && j < f->count; j++)
			fine = name_in(r, f->documents[j].root, name, span) && fine;
	}
	return fine;
}

static bool choose_name(struct cm_resolve *r)
{
	const struct cm_str *set = cm_env_get(r->env, CM_STR("COMPOSE_PROJECT_NAME"));
	struct cm_str name = {"", 0}, last;
	struct cm_span span = nowhere;

	if (!name_of_files(r, &name, &span))
		return false;
	if (r->o->project_name && *r->o->project_name)
		return given_name(r, cm_str_of(r->o->project_name));
	if (set && set->n)
		return given_name(r, *set);
	last = cm_str_of(r->project_directory);
	while (cm_str_find(last, '/', 0) < last.n)
		last = cm_str_cut(last, cm_str_find(last, '/', 0) + 1, last.n);
	r->name = normal_name(r->p, name.n ? name : last);
	if (name.n && r->o->no_normalize)
		r->name = name;
	if (!r->name.n) {
		cm_error(r->p, span, CM_E_PROJECT_NAME, "project name must not be empty");
		return false;
	}
	return true;
}

bool cm_name_project(struct cm_resolve *r)
{
	if (!choose_name(r))
		return false;
	r->env = cm_env_copy(r->env);
	cm_env_set(r->env, CM_STR("COMPOSE_PROJECT_NAME"), r->name);
	return true;
}
