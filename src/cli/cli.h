/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_CLI_H
#define CM_CLI_CLI_H

/*
 * The composemerge program as a function, so that tests run it in process.
 *
 *   char *argv[] = {"composemerge", "-f", "base.yml", "-f", "prod.yml", NULL};
 *   int exit_code = cm_cli_run(5, argv, &io);    0 fine, 1 differences, 2 trouble
 *
 * Results go to CM_STREAM_OUT, messages to CM_STREAM_ERR. Everything it allocates is freed when it
 * returns; it never exits, and keeps nothing between two calls. Files are reached through the
 * operating system (os.h).
 */

#include <stddef.h>

enum cm_stream { CM_STREAM_IN, CM_STREAM_OUT, CM_STREAM_ERR };

struct cm_cli_io {
	/* Writes all of text. 0, or an errno value; EPIPE, the reader has gone, is no fault. */
	int (*write)(void *arg, enum cm_stream stream, const char *text, size_t length);
	/* The value of an environment variable, or NULL. */
	const char *(*env)(void *arg, const char *name);
	/* All of them, "KEY=VALUE", ended by NULL; may be NULL. */
	const char *const *environ;
	void *arg;
	/* What only a descriptor tells: the bytes of `-f -`, whether messages go to a terminal,
	 * whether the shell sends the result into an input file. -1: none. */
	int descriptor[3];
};

int cm_cli_run(int argc, char **argv, const struct cm_cli_io *io);

#endif
