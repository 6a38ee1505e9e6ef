/* SPDX-License-Identifier: MIT */
/* Files to the project; for one that is missing, the neighbour that was probably meant. */

#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "find.h"

static enum cm_status load_input(struct cm_cli *cli)
{
	int fd = cli->io->descriptor[CM_STREAM_IN];
	uint64_t limit = cm_cli_limit(cli, "limit-file-size");
	struct cm_os_id id;
	char *text;
	size_t n;
	int error = cm_os_read(fd, limit, &text, &n);
	enum cm_status st;

	if (error)
		return cm_cli_cannot_read(cli, "-", error);
	if (cm_os_identify_descriptor(fd, &id) == 0 && cm_cli_input_add(cli, &id, "-") != 0)
		st = CM_NOMEM;
	else
		st = cm_add_text(cli->project, "-", text, n);
	free(text);
	return st;
}

enum { NEIGHBOURS = 200 };

/* The YAML files of a folder, to suggest one: compared without their endings, so that "b.yml" does
 * not seem near "a.yml". */
struct neighbours {
	struct cm_cli *cli;
	struct cm_words names, stems;
};

static const char *stem(struct cm_cli *cli, const char *name)
{
	const char *dot = strrchr(name, '.');

	return cm_cli_format(cli, "%.*s", dot ? (int)(dot - name) : (int)strlen(name), name);
}

static bool add_neighbour(void *arg, const char *name)
{
	struct neighbours *nb = arg;
	const char *dot = strrchr(name, '.');

	if (!dot || (strcmp(dot, ".yml") != 0 && strcmp(dot, ".yaml") != 0))
		return true;
	cm_words_add(nb->cli, &nb->names, cm_cli_format(nb->cli, "%s", name));
	return cm_words_add(nb->cli, &nb->stems, stem(nb->cli, name)) && nb->names.n < NEIGHBOURS;
}

/* The file in the folder that was probably meant by name, or NULL. */
static const char *nearest_file(struct cm_cli *cli, const char *folder, const char *name)
{
	struct neighbours nb = {.cli = cli};
	const char *word = stem(cli, name), *near;
	int error = folder ? cm_os_list(folder, add_neighbour, &nb) : ENOMEM;

	if (error == ENOMEM)
		cli->no_memory = true;
	if (error || !word || !cm_words_add(cli, &nb.stems, NULL))
		return NULL;
	near = cm_suggest(cli->project, word, nb.stems.p);
	for (size_t i = 0; near && i < nb.names.n; i++)
		if (strcmp(nb.stems.p[i], near) == 0)
			return nb.names.p[i];
	return NULL;
}

static enum cm_status report_missing(struct cm_cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/'), *near, *help = NULL;
	size_t before = slash ? (size_t)(slash - path) + 1 : 0;

	near = nearest_file(cli, cm_cli_folder_of(cli, path), path + before);
	if (near)
		help = cm_cli_format(cli, "did you mean '%.*s%s'?", (int)before, path, near);
	cm_cli_report(cli, CM_ERROR, "cannot-read", path, help, "cannot read: %s%s",
		cm_os_reason(ENOENT), cli->by_environment ? " (COMPOSE_FILE names it)" : "");
	return CM_FAILED;
}

static enum cm_status load_file(struct cm_cli *cli, const char *path)
{
	struct cm_os_id id;

	if (strcmp(path, "-") == 0)
		return load_input(cli);
	if (cm_os_identify(path, &id) == ENOENT)
		return report_missing(cli, path);
	return cm_add_file(cli->project, path);
}

enum cm_status cm_load_files(struct cm_cli *cli, const struct cm_words *names)
{
	enum cm_status all = CM_OK, st = CM_OK;

	for (size_t i = 0; i < names->n && st != CM_NOMEM; i++) {
		st = load_file(cli, names->p[i]);
		if (st != CM_OK)
			all = st;
	}
	return cli->no_memory ? CM_NOMEM : all;
}
