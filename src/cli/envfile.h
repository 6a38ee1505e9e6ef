/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_ENVFILE_H
#define CM_CLI_ENVFILE_H

/*
 * The two variables of .env that say which files are meant.
 *
 *   COMPOSE_FILE=base.yml|prod.yml
 *   COMPOSE_PATH_SEPARATOR='|'
 *
 * The grammar is spec/config.md 3.1 (comments, export, quotes over several lines), without
 * variables in values.
 */

#include <stdbool.h>
#include <stddef.h>

struct cm_env_value {
	const char *p; /* into the text; NULL: the key does not occur */
	size_t n;
	bool variables; /* holds a $ that Compose would expand */
};

/* The last value of key. */
struct cm_env_value cm_env_file_get(const char *text, size_t length, const char *key);

#endif
