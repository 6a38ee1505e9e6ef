/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_HELP_H
#define CM_CLI_HELP_H

/*
 * --help from the tables: examples, usage, commands, options by group, exit status, at most 80
 * columns. Without a command, the default command's page with the list of commands.
 */

#include "command.h"

enum cm_status cm_help_print(struct cm_cli *cli);

#endif
