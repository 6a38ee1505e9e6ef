/* SPDX-License-Identifier: MIT */
/*
 * Prints what composemerge(1) must say, from the program's own tables: a row a line, fields parted
 * by tabs.
 *
 *   version  0.1.0
 *   command  merge  summary
 *   option   where  group  letter  name  argument  choices  help    (where: global, or a command)
 *   code     word   help
 *
 * tests/man/check.py reads it. Linked with the objects of src/cli but main, and the library.
 */

#include <stdio.h>

#include "../../src/cli/command.h"

static const char *or_none(const char *text)
{
	return text ? text : "";
}

static void print_options(const char *where, const struct cm_option *rows)
{
	for (const struct cm_option *o = rows; o->name; o++) {
		printf("option\t%s\t%s\t%.1s\t%s\t%s\t", where, o->group, &o->letter, o->name,
			or_none(o->argument));
		for (size_t i = 0; o->choices && o->choices[i]; i++)
			printf("%s%s", i ? " " : "", o->choices[i]);
		printf("\t%s\n", o->help);
	}
}

int main(void)
{
	struct cm_cli cli = {.io = NULL};
	struct cm_code_info code;

	cm_cli_limit_options(&cli);
	printf("version\t%s\n", CM_VERSION_STRING);
	for (size_t i = 0; cm_commands[i]; i++) {
		printf("command\t%s\t%s\n", cm_commands[i]->name, cm_commands[i]->summary);
		print_options(cm_commands[i]->name, cm_commands[i]->options);
	}
	print_options("global", cm_file_options);
	print_options("global", cm_global_options);
	print_options("global", cli.limits.rows);
	for (size_t i = 0; (code = cm_code_info(i)).word; i++)
		printf("code\t%s\t%s\n", code.word, code.help);
	cm_cli_free(&cli);
	return 0;
}
