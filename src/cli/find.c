/* SPDX-License-Identifier: MIT */
/* The search, in Docker Compose's order. */

#include "find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envfile.h"

static const char *join(struct cm_cli *cli, const char *folder, const char *name)
{
	size_t n = strlen(folder);

	if (n == 0 || strcmp(folder, ".") == 0)
		return name;
	return cm_cli_format(cli, "%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", name);
}

const char *cm_cli_folder_of(struct cm_cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : cm_cli_format(cli, "%.*s", (int)(slash - path), path);
}

const char *cm_cli_first_folder(struct cm_cli *cli, const struct cm_words *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->p[i], "-") != 0)
			return cm_cli_folder_of(cli, names->p[i]);
	return ".";
}

/* Named on the command line. */

/* "a.yml,b.yml" */
static enum cm_status add_joined(struct cm_cli *cli, const char *word, struct cm_words *names)
{
	for (const char *end;; word = end + 1) {
		end = word + strcspn(word, ",");
		cm_words_add(cli, names, cm_cli_format(cli, "%.*s", (int)(end - word), word));
		if (*end == '\0')
			return CM_OK;
	}
}

static enum cm_status add_named(struct cm_cli *cli, struct cm_words *names)
{
	for (size_t i = 0; i < cli->set.files.n; i++)
		cm_words_add(cli, names, cli->set.files.p[i]);
	for (size_t i = 0; i < cli->words.n; i++) {
		const char *word = cli->words.p[i];

		if (!cm_word_is_file(word))
			return cm_cli_usage(cli,
				"'%s' is no Compose file: write ./%s for a file of that name",
				word, word);
		add_joined(cli, word, names);
	}
	return CM_OK;
}

/* COMPOSE_FILE. */

enum { FILE_KEY, SEPARATOR_KEY, KEYS };

static const char *const keys[KEYS] = {"COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR"};

static enum cm_status keep_value(struct cm_cli *cli, const char *path, int key,
	struct cm_env_value v, const char *value[KEYS])
{
	if (!v.p)
		return CM_OK;
	if (v.variables) {
		cm_cli_report(cli, CM_ERROR, "cannot-read", path, "name the files with -f",
			"%s holds a variable, which composemerge does not expand", keys[key]);
		return CM_FAILED;
	}
	value[key] = cm_cli_format(cli, "%.*s", (int)v.n, v.p);
	return CM_OK;
}

/* The two keys of one env file. */
static enum cm_status read_env_file(struct cm_cli *cli, const char *path, const char *value[KEYS])
{
	struct cm_os_id id;
	char *text;
	size_t n;
	int error = cm_os_read_file(path, cm_cli_limit(cli, "limit-file-size"), &text, &n, &id);
	enum cm_status st = CM_OK;

	if (error)
		return cm_cli_cannot_read(cli, path, error);
	for (int key = 0; key < KEYS && st == CM_OK; key++)
		st = keep_value(cli, path, key, cm_env_file_get(text, n, keys[key]), value);
	free(text);
	return st;
}

static bool is_true(const char *word)
{
	static const char *const words[] = {"1", "t", "T", "TRUE", "true", "True"};

	for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* The env files that count: --env-file, else COMPOSE_ENV_FILES, else .env where it is a regular
 * file. */
static enum cm_status env_files(struct cm_cli *cli, struct cm_words *paths)
{
	const char *listed = cm_cli_env(cli, "COMPOSE_ENV_FILES");
	const char *folder = cli->set.project_directory ? cli->set.project_directory : ".";
	struct cm_words pieces = {0};
	struct cm_os_id id;
	const char *path;

	if (cli->set.env_files.n > 0) {
		*paths = cli->set.env_files;
		return CM_OK;
	}
	if (listed)
		add_joined(cli, listed, &pieces);
	for (size_t i = 0; i < pieces.n; i++)
		if (pieces.p[i][0])
			cm_words_add(cli, paths, pieces.p[i]);
	if (paths->n > 0 || is_true(cm_cli_env(cli, "COMPOSE_DISABLE_ENV_FILE")))
		return CM_OK;
	path = join(cli, folder, ".env");
	if (path && cm_os_identify(path, &id) == 0 && id.regular)
		cm_words_add(cli, paths, path);
	return CM_OK;
}

static enum cm_status split(struct cm_cli *cli, const char *list, const char *separator,
	struct cm_words *names)
{
	for (const char *end; list; list = end ? end + strlen(separator) : NULL) {
		end = strstr(list, separator);
		if (end == list || *list == '\0') {
			cm_cli_report(cli, CM_ERROR, "cannot-read", NULL,
				"remove the separator too many, or unset COMPOSE_FILE",
				"COMPOSE_FILE holds an empty name, which Docker Compose takes for "
				"the current directory");
			return CM_FAILED;
		}
		cm_words_add(cli, names, cm_cli_format(cli, "%.*s",
			(int)(end ? (size_t)(end - list) : strlen(list)), list));
	}
	return CM_OK;
}

/* Later env files win over earlier ones, the environment over all. */
static enum cm_status add_compose_file(struct cm_cli *cli, struct cm_words *names)
{
	const char *value[KEYS] = {NULL}, *set, *separator;
	struct cm_words paths = {0};
	enum cm_status st = CM_OK;

	if (!cm_cli_env(cli, keys[FILE_KEY]) || !cm_cli_env(cli, keys[SEPARATOR_KEY]))
		st = env_files(cli, &paths);
	for (size_t i = 0; i < paths.n && st == CM_OK; i++)
		st = read_env_file(cli, paths.p[i], value);
	for (int key = 0; key < KEYS; key++)
		if ((set = cm_cli_env(cli, keys[key])))
			value[key] = set;
	if (st != CM_OK || !value[FILE_KEY])
		return st;
	cli->by_environment = true;
	separator = value[SEPARATOR_KEY];
	return split(cli, value[FILE_KEY], separator && *separator ? separator : ":", names);
}

/* The search. */

/* "/a/./b/../c/" -> "/a/c", in place; path is absolute. */
static void clean(char *path)
{
	char *out = path;

	for (const char *in = path; *in;) {
		size_t n;

		in += strspn(in, "/");
		n = strcspn(in, "/");
		if (n == 2 && in[0] == '.' && in[1] == '.') {
			while (out > path && *--out != '/')
				;
		} else if (n > 0 && !(n == 1 && in[0] == '.')) {
			*out++ = '/';
			memmove(out, in, n);
			out += n;
		}
		in += n;
	}
	*out = '\0';
}

/* A folder of the search: absolute, and as it is called from here. */
struct folder {
	char absolute[CM_OS_PATH]; /* "" is the root */
	const char *shown;
};

static enum cm_status start(struct cm_cli *cli, struct folder *f)
{
	const char *given = cli->set.project_directory ? cli->set.project_directory : "";
	int error = 0;

	f->absolute[0] = '\0';
	f->shown = given;
	if (given[0] != '/')
		error = cm_os_current_folder(cm_cli_env(cli, "PWD"), f->absolute,
			sizeof f->absolute);
	if (!error && strlen(f->absolute) + strlen(given) + 2 > sizeof f->absolute)
		error = ENAMETOOLONG;
	if (error)
		return cm_cli_cannot_read(cli, given[0] ? given : ".", error);
	strcat(f->absolute, "/");
	strcat(f->absolute, given);
	clean(f->absolute);
	return CM_OK;
}

/* The folder above; false at the root. Called "../" as long as that is the same folder: behind a
 * symbolic link it need not be. */
static bool go_up(struct cm_cli *cli, struct folder *f)
{
	const char *relative = join(cli, f->shown, "..");
	struct cm_os_id a, b;
	char *slash = strrchr(f->absolute, '/');

	if (!slash || !relative)
		return false;
	*slash = '\0';
	f->shown = f->absolute[0] ? f->absolute : "/";
	if (cm_os_identify(f->shown, &a) == 0 && cm_os_identify(relative, &b) == 0 &&
		cm_os_same(&a, &b))
		f->shown = relative;
	return true;
}

static void warn_several(struct cm_cli *cli, const char *first, const char *second)
{
	cm_cli_report(cli, CM_WARNING, "quirk", first,
		"remove one of them, or name the files with -f",
		"'%s' stands here too and is not used, as in Docker Compose", second);
}

/* Adds the first of the names that exists. */
static bool add_first(struct cm_cli *cli, const char *folder, const char *const *candidates,
	struct cm_words *names)
{
	const char *first = NULL;

	for (size_t i = 0; candidates[i]; i++) {
		const char *path = join(cli, folder, candidates[i]);
		struct cm_os_id id;

		if (!path || cm_os_identify(path, &id) != 0)
			continue;
		if (first) {
			warn_several(cli, first, path);
			break;
		}
		first = path;
		cm_words_add(cli, names, path);
	}
	return first != NULL;
}

static enum cm_status search(struct cm_cli *cli, struct cm_words *names)
{
	struct folder f;
	enum cm_status st = start(cli, &f);

	if (st != CM_OK)
		return st;
	do {
		if (add_first(cli, f.shown, cm_default_names(), names)) {
			add_first(cli, f.shown, cm_default_override_names(), names);
			return CM_OK;
		}
	} while (go_up(cli, &f));
	cm_cli_report(cli, CM_ERROR, "no-files", NULL,
		"name the files: composemerge -f FILE -f FILE",
		"no compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml here or "
		"in a directory above");
	return CM_FAILED;
}

/* All of it together. */

static enum cm_status check_names(struct cm_cli *cli, const struct cm_words *names)
{
	size_t inputs = 0;

	for (size_t i = 0; i < names->n; i++) {
		if (names->p[i][0] == '\0')
			return cm_cli_usage(cli,
				"the name of a file is empty: is a variable of the shell not set?");
		if (strcmp(names->p[i], "-") == 0 && ++inputs == 2)
			return cm_cli_usage(cli,
				"standard input can be read only once: give '-' one time");
	}
	return CM_OK;
}

static void say(struct cm_cli *cli, const char *text, size_t length)
{
	if (length > 0)
		cli->io->write(cli->io->arg, CM_STREAM_ERR, text, length);
}

static void say_json(struct cm_cli *cli, const char *name)
{
	char escape[16];

	say(cli, "\"", 1);
	for (size_t n; *name; name += n) {
		for (n = 0; (unsigned char)name[n] >= 0x20 && !strchr("\"\\", name[n]); n++)
			;
		say(cli, name, n);
		if (name[n])
			snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)name[n++]);
		else
			escape[0] = '\0';
		say(cli, escape, strlen(escape));
	}
	say(cli, "\"", 1);
}

/* At once, not with the messages: a file that takes long to read is named before. */
static void name_used(struct cm_cli *cli, const struct cm_words *names)
{
	static const char *const first[] = {"composemerge: files: ", "{\"files\":["};
	static const char *const last[] = {"\n", "]}\n"};
	bool json = cli->set.messages == CM_PRINT_JSON;

	say(cli, first[json], strlen(first[json]));
	for (size_t i = 0; i < names->n; i++) {
		if (i > 0)
			say(cli, ", ", 2);
		if (json)
			say_json(cli, names->p[i]);
		else
			say(cli, names->p[i], strlen(names->p[i]));
	}
	if (!json && cli->by_environment)
		say(cli, " (COMPOSE_FILE)", 15);
	say(cli, last[json], strlen(last[json]));
}

enum cm_status cm_find_files(struct cm_cli *cli, struct cm_words *names)
{
	enum cm_status st = add_named(cli, names);

	if (st == CM_OK && names->n == 0)
		st = add_compose_file(cli, names);
	if (st == CM_OK && names->n == 0)
		st = search(cli, names);
	if (st == CM_OK)
		st = check_names(cli, names);
	if (st == CM_OK && cli->set.verbose)
		name_used(cli, names);
	return cli->no_memory ? CM_NOMEM : st;
}
