/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_FIND_H
#define CM_CLI_FIND_H

/*
 * Which Compose files a run is about.
 *
 *   -f a.yml -f b.yml, and words   these, in order; a word may be several joined by commas
 *   nothing                        COMPOSE_FILE of the environment, else of .env (or --env-file)
 *   nothing, and no COMPOSE_FILE   compose.yaml and its like here, or else in the folders above;
 *                                  and the override file beside it
 *
 * as Docker Compose does (spec/config.md 1.1). Of .env only COMPOSE_FILE and COMPOSE_PATH_SEPARATOR
 * are looked at.
 */

#include "command.h"

/* Fills names. CM_FAILED: reported. */
enum cm_status cm_find_files(struct cm_cli *cli, struct cm_words *names);

/* The folder that relative paths start from: of the first file that is not standard input, else
 * ".". NULL: no memory. */
const char *cm_cli_first_folder(struct cm_cli *cli, const struct cm_words *names);

/* "a/b.yml" -> "a", "/b.yml" -> "/", "b.yml" -> ".". NULL: no memory. */
const char *cm_cli_folder_of(struct cm_cli *cli, const char *path);

#endif
