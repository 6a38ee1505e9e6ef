/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_LOAD_H
#define CM_CLI_LOAD_H

/* The files of a run into its project, in order. */

#include "command.h"

/* "-" is standard input. All of them are tried, so that every fault is reported. */
enum cm_status cm_load_files(struct cm_cli *cli, const struct cm_words *names);

#endif
