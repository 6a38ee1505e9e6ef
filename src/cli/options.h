/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_OPTIONS_H
#define CM_CLI_OPTIONS_H

/*
 * The option tables. One row says everything about an option; the parser, --help and the option
 * lists of composemerge(1) read it.
 *
 *   {'o', "output", "FILE", CM_OPTION_TEXT, AT(output), .group = output, .help = "write to FILE"}
 *
 * accepts -o FILE, -oFILE, --output FILE and --output=FILE and puts the text into settings.output.
 * A list may be given several times and keeps the order; of anything else the last one counts.
 * Texts point into argv.
 */

#include <stddef.h>

#include "../../include/composemerge.h"

struct cm_cli;

enum cm_option_kind {
	CM_OPTION_FLAG,   /* bool */
	CM_OPTION_TEXT,   /* const char * */
	CM_OPTION_LIST,   /* struct cm_words */
	CM_OPTION_CHOICE, /* unsigned: the index in choices */
	CM_OPTION_NUMBER, /* uint64_t; 64K, 1M and 2G are understood */
};

struct cm_option {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: takes none */
	enum cm_option_kind kind;
	size_t at; /* where its value goes: offset in the settings */
	const char *const *choices;
	const char *group; /* heading in --help; rows of a group stand together */
	const char *help;
};

/* A table and the struct its offsets mean. Tables end with a row without name. */
struct cm_option_set {
	const struct cm_option *rows;
	void *settings;
};

struct cm_words {
	const char **p;
	size_t n, size;
};

/* Finds the command, fills cli's settings and words. CM_FAILED: reported as a usage error, at
 * most one. What else is on the line is still read, so that the message obeys --messages and
 * --color. */
enum cm_status cm_options_parse(struct cm_cli *cli, int argc, char **argv);

/* A word that can only mean Compose files: it holds '.', '/' or ',', or is "-". */
bool cm_word_is_file(const char *word);

#endif
