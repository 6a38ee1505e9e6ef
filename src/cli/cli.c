/* SPDX-License-Identifier: MIT */
/* One run: the project, the options, the command, the messages, the exit status. */

#include "cli.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "help.h"

#define AT(member) offsetof(struct cm_globals, member)

static const char *const when_words[] = {"auto", "always", "never", NULL};
static const char *const form_words[] = {"text", "json", NULL};

static const char files[] = "Files", messages[] = "Messages";
static const char compose[] = "Options of docker compose, without effect on the merged file";

const struct cm_option cm_file_options[] = {
	{'f', "file", "FILE", CM_OPTION_LIST, AT(files), .group = files,
		.help = "a Compose file; may be given several times: the first is the base, each "
			"later one lies over it; - is standard input"},
	{0, "project-directory", "DIR", CM_OPTION_TEXT, AT(project_directory), .group = files,
		.help = "search for files from here; relative paths count from DIR and are not "
			"rewritten"},
	{0, "env-file", "FILE", CM_OPTION_LIST, AT(env_files), .group = files,
		.help = "look for COMPOSE_FILE here instead of in .env; may be given several "
			"times"},
	{.name = NULL},
};

const struct cm_option cm_global_options[] = {
	{'v', "verbose", NULL, CM_OPTION_FLAG, AT(verbose), .group = messages,
		.help = "name the files used"},
	{'q', "quiet", NULL, CM_OPTION_FLAG, AT(quiet), .group = messages,
		.help = "hide notes and warnings"},
	{0, "messages", "FORM", CM_OPTION_CHOICE, AT(messages), form_words, .group = messages,
		.help = "for people, or one JSON object a line"},
	{0, "color", "WHEN", CM_OPTION_CHOICE, AT(color), when_words, .group = messages,
		.help = "color messages"},
	{'h', "help", NULL, CM_OPTION_FLAG, AT(help), .group = messages, .help = "show this help"},
	{0, "version", NULL, CM_OPTION_FLAG, AT(version), .group = messages,
		.help = "show the version"},
	{'p', "project-name", "NAME", CM_OPTION_TEXT, AT(project_name), .group = compose,
		.help = "the project's name"},
	{0, "profile", "NAME", CM_OPTION_LIST, AT(profiles), .group = compose,
		.help = "a profile; may be given several times"},
	{0, "all-resources", NULL, CM_OPTION_FLAG, AT(all_resources), .group = compose,
		.help = "unused networks, volumes, secrets and configs too"},
	{.name = NULL},
};

const struct cm_command *const cm_commands[] = {&cm_cmd_merge, &cm_cmd_config, NULL};

/* struct cm_files: how the library reaches files. What it reads is remembered, includes too. */

static int read_file(void *arg, const char *path, uint64_t limit, char **text, size_t *length)
{
	struct cm_cli *cli = arg;
	struct cm_os_id id;
	int error;

	if (strcmp(path, "-") == 0)
		return cm_os_read(cli->io->descriptor[CM_STREAM_IN], limit, text, length);
	error = cm_os_read_file(path, limit, text, length, &id);

	if (!error && cm_cli_input_add(cli, &id, path) != 0) {
		free(*text);
		error = ENOMEM;
	}
	return error;
}

static int can_read(void *arg, const char *path)
{
	(void)arg;
	return cm_os_readable(path);
}

/* The limits of the library become options. */

static const char *amount(struct cm_cli *cli, uint64_t n)
{
	static const char units[] = "KMG";
	size_t unit = 0;

	while (unit < 3 && n > 0 && n % 1024 == 0) {
		n /= 1024;
		unit++;
	}
	return cm_cli_format(cli, "%llu%.*s", (unsigned long long)n, unit ? 1 : 0,
		units + (unit ? unit - 1 : 0));
}

void cm_cli_limit_options(struct cm_cli *cli)
{
	struct cm_limit_options *limits = &cli->limits;

	for (size_t i = 0; i < CM_LIMITS_AT_MOST; i++) {
		struct cm_limit_info info = cm_limit_info(i);

		if (!info.name)
			break;
		limits->value[i] = info.value;
		limits->rows[i] = (struct cm_option){
			.name = info.name,
			.argument = "N",
			.kind = CM_OPTION_NUMBER,
			.at = i * sizeof limits->value[0],
			.group = "Limits against hostile input",
			.help = cm_cli_format(cli, "%s (%s)", info.help, amount(cli, info.value)),
		};
		limits->count = i + 1;
	}
}

static void set_limits(struct cm_cli *cli)
{
	for (size_t i = 0; i < cli->limits.count; i++)
		cm_limit_set(cli->project, cli->limits.rows[i].name, cli->limits.value[i]);
}

/* Messages. */

/* Adds to the messages' text, which is written at once. */
static void pour(void *arg, const char *text, size_t length)
{
	struct cm_cli_messages *m = arg;
	size_t size = m->size ? m->size : 4096;
	char *more;

	while (size < m->n + length)
		size *= 2;
	more = m->failed || size == m->size ? m->text : realloc(m->text, size);
	m->failed = m->failed || !more;
	if (m->failed)
		return;
	m->text = more;
	m->size = size;
	memcpy(m->text + m->n, text, length);
	m->n += length;
}

static bool is_set(const char *value)
{
	return value && *value;
}

static bool in_color(const struct cm_cli *cli)
{
	const char *force = cm_cli_env(cli, "CLICOLOR_FORCE"), *term = cm_cli_env(cli, "TERM");

	if (cli->set.color != CM_COLOR_AUTO)
		return cli->set.color == CM_COLOR_ALWAYS;
	if (is_set(cm_cli_env(cli, "NO_COLOR")))
		return false;
	if (is_set(force) && strcmp(force, "0") != 0)
		return true;
	return term && strcmp(term, "dumb") != 0 &&
		cm_os_is_terminal(cli->io->descriptor[CM_STREAM_ERR]);
}

enum cm_status cm_cli_prepare_messages(struct cm_cli *cli)
{
	enum cm_severity least = cli->set.quiet ? CM_ERROR : CM_NOTE;
	struct cm_cli_messages *m = &cli->messages;
	size_t count = cm_message_count(cli->project, least);
	enum cm_status st;

	if (count == m->count)
		return CM_OK;
	m->n = 0;
	st = cm_messages_print(cli->project, (enum cm_print)cli->set.messages, in_color(cli), least,
		pour, m);
	if (st != CM_OK || m->failed)
		return CM_NOMEM;
	m->count = count;
	return CM_OK;
}

static enum cm_status print_messages(struct cm_cli *cli)
{
	enum cm_status st = cm_cli_prepare_messages(cli);

	if (st == CM_OK && cli->messages.n)
		cli->io->write(cli->io->arg, CM_STREAM_ERR, cli->messages.text, cli->messages.n);
	return st;
}

/* Needs no memory itself. */
static void print_no_memory(const struct cm_cli *cli)
{
	static const char text[] = "composemerge: error: memory ran out [no-memory]\n";
	static const char json[] =
		"{\"severity\":\"error\",\"code\":\"no-memory\",\"message\":\"memory ran out\","
		"\"notes\":[]}\n";

	if (cli->set.messages == CM_PRINT_JSON)
		cli->io->write(cli->io->arg, CM_STREAM_ERR, json, sizeof json - 1);
	else
		cli->io->write(cli->io->arg, CM_STREAM_ERR, text, sizeof text - 1);
}

/* One run. */

static enum cm_status run(struct cm_cli *cli, int argc, char **argv)
{
	static const char version[] = "composemerge " CM_VERSION_STRING "\n";
	enum cm_status st;

	cli->project = cm_project_new(&cli->files);
	if (!cli->project)
		return CM_NOMEM;
	cm_cli_limit_options(cli);
	st = cm_options_parse(cli, argc, argv);
	if (st != CM_OK)
		return st;
	if (cli->set.help)
		return cm_help_print(cli);
	if (cli->set.version)
		return cm_cli_print(cli, version, sizeof version - 1);
	set_limits(cli);
	if (!is_set(cli->set.project_directory))
		cli->set.project_directory = NULL;
	return cli->command->run(cli, cli->own);
}

int cm_cli_run(int argc, char **argv, const struct cm_cli_io *io)
{
	struct cm_cli cli = {.io = io, .files = {.read = read_file, .exists = can_read}};
	enum cm_status st;

	cli.files.arg = &cli;
	st = run(&cli, argc, argv);
	if (cli.no_memory || st == CM_NOMEM || print_messages(&cli) == CM_NOMEM) {
		print_no_memory(&cli);
		st = CM_FAILED;
	}
	if (st == CM_FAILED && cli.command && cli.command->failed)
		st = (enum cm_status)cli.command->failed;
	cm_cli_free(&cli);
	return (int)st;
}
