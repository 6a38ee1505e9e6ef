/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_COMMAND_H
#define CM_CLI_COMMAND_H

/*
 * Commands, and what one run shares.
 *
 * How to add a command: write cmd_NAME.c with its option table and a `const struct cm_command
 * cm_cmd_NAME`, declare it here, and add a row to the table in cli.c. Help, suggestions and the
 * manual follow.
 *
 * Memory: cm_cli_alloc gives zeroed blocks that live until the run ends. NULL is remembered
 * (no_memory), so a caller may simply go back: the run then ends with one line and exit status 2.
 */

#include <stdarg.h>

#include "../../include/composemerge.h"
#include "cli.h"
#include "options.h"
#include "os.h"

struct cm_example {
	const char *line, *help;
};

struct cm_command {
	const char *name;
	const char *title;   /* first line of its --help */
	const char *summary; /* in the list of commands */
	const char *words;   /* what may follow the options: "[FILE...]" */
	const char *note;    /* last words of its --help */
	const char *status;  /* what its exit statuses mean */
	const struct cm_example *examples;
	const struct cm_option *options;
	size_t size; /* of the struct its options fill */
	enum cm_status (*run)(struct cm_cli *cli, const void *settings);
	int failed; /* exit status for CM_FAILED; 0: 2 */
};

extern const struct cm_command cm_cmd_merge, cm_cmd_config;

/* Every command, the default one first; ends with NULL. */
extern const struct cm_command *const cm_commands[];

enum cm_color { CM_COLOR_AUTO, CM_COLOR_ALWAYS, CM_COLOR_NEVER };

/* What the options accepted by every command fill. */
struct cm_globals {
	struct cm_words files;
	const char *project_directory, *project_name;
	struct cm_words profiles, env_files;
	bool all_resources;
	unsigned color, messages; /* enum cm_color, enum cm_print */
	bool verbose, quiet, help, version;
};

extern const struct cm_option cm_file_options[], cm_global_options[];

enum { CM_LIMITS_AT_MOST = 32 };

/* The limits of the library as options. */
struct cm_limit_options {
	struct cm_option rows[CM_LIMITS_AT_MOST + 1];
	uint64_t value[CM_LIMITS_AT_MOST];
	size_t count;
};

/* A regular file that was read: no output may replace it. */
struct cm_input {
	struct cm_os_id id;
	const char *name;
	struct cm_input *next;
};

/* The messages as they will be printed: put together before a file is written, so that a lack of memory comes first. */
struct cm_cli_messages {
	char *text;
	size_t n, size, count;
	bool failed;
};

struct cm_cli {
	struct cm_cli_messages messages;
	const struct cm_cli_io *io;
	struct cm_project *project;
	struct cm_files files;
	struct cm_input *inputs;
	const struct cm_command *command; /* never NULL once parsed */
	bool command_named;
	struct cm_globals set;
	void *own; /* the command's settings */
	struct cm_limit_options limits;
	struct cm_option_set sets[5]; /* files, the command's, global, limits; then rows NULL */
	bool by_environment;          /* COMPOSE_FILE names the files */
	struct cm_words words;        /* what is neither option nor command */
	struct cm_block *blocks;
	bool no_memory;
};

/* Puts the messages so far together. CM_NOMEM: there is no memory for them. */
enum cm_status cm_cli_prepare_messages(struct cm_cli *cli);
/* Frees what the run holds. */
void cm_cli_free(struct cm_cli *cli);

void *cm_cli_alloc(struct cm_cli *cli, size_t size);
char *cm_cli_format(struct cm_cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* False, and nothing added, once there was no memory: word may be what cm_cli_format gave. */
bool cm_words_add(struct cm_cli *cli, struct cm_words *words, const char *word);

/* Adds a message to the project's. file and help may be NULL. */
void cm_cli_report(struct cm_cli *cli, enum cm_severity severity, const char *code,
	const char *file, const char *help, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Reports a wrong command line; returns CM_FAILED. */
enum cm_status cm_cli_usage(struct cm_cli *cli, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Reports a file that could not be read, by its errno value. CM_FAILED, or CM_NOMEM. */
enum cm_status cm_cli_cannot_read(struct cm_cli *cli, const char *path, int error);

/* ": did you mean 'x'?" when a word of the list is near, else otherwise. before stands in front of
 * the suggestion ("--"). */
const char *cm_cli_did_you_mean(struct cm_cli *cli, const char *word, const char *const *list,
	const char *before, const char *otherwise);

/* Writes a result to standard output. A closed pipe is no fault. */
enum cm_status cm_cli_print(struct cm_cli *cli, const char *text, size_t length);
/* An environment variable, or NULL. */
const char *cm_cli_env(const struct cm_cli *cli, const char *name);
/* Fills cli->limits from the library's table. */
void cm_cli_limit_options(struct cm_cli *cli);
/* The limit as the options left it. */
uint64_t cm_cli_limit(const struct cm_cli *cli, const char *name);
/* The name of the input that this file is, or NULL. */
const char *cm_cli_input_name(const struct cm_cli *cli, const struct cm_os_id *id);
/* Remembers a file that was read. 0, or ENOMEM. */
int cm_cli_input_add(struct cm_cli *cli, const struct cm_os_id *id, const char *name);

#endif
