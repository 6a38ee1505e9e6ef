/* SPDX-License-Identifier: MIT */
/* Lines are put together on a page, words wrapped, and the page goes out when it is full. */

#include "help.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, COLUMN = 32, PAGE = 8192 };

struct page {
	struct cm_cli *cli;
	enum cm_status st;
	size_t n;
	size_t column; /* of the line being written */
	char text[PAGE];
};

static void turn(struct page *pg)
{
	if (pg->st == CM_OK)
		pg->st = cm_cli_print(pg->cli, pg->text, pg->n);
	pg->n = 0;
}

static void put(struct page *pg, const char *text, size_t n)
{
	for (; n > 0; n--, text++) {
		if (pg->n == PAGE)
			turn(pg);
		pg->text[pg->n++] = *text;
		pg->column = *text == '\n' ? 0 : pg->column + 1;
	}
}

/* NULL, for want of memory, is nothing: the run fails anyway. */
static void puts_on(struct page *pg, const char *text)
{
	if (text)
		put(pg, text, strlen(text));
}

static void line(struct page *pg, const char *a, const char *b)
{
	puts_on(pg, a);
	puts_on(pg, b);
	puts_on(pg, "\n");
}

static void fill_to(struct page *pg, size_t column)
{
	while (pg->column < column)
		put(pg, " ", 1);
}

/* Words from the given column on, and a line break. */
static void wrap(struct page *pg, size_t column, const char *text)
{
	fill_to(pg, column);
	while (text && *text) {
		size_t n = strcspn(text, " ");

		if (pg->column > column && pg->column + 1 + n > WIDTH) {
			put(pg, "\n", 1);
			fill_to(pg, column);
		} else if (pg->column > column) {
			put(pg, " ", 1);
		}
		put(pg, text, n);
		text += n;
		text += strspn(text, " ");
	}
	put(pg, "\n", 1);
}

/* "  -o, --output FILE", "      --check" */
static void put_names(struct page *pg, const struct cm_option *o)
{
	const char letter[] = {'-', o->letter, ',', ' ', '\0'};

	puts_on(pg, "  ");
	puts_on(pg, o->letter ? letter : "    ");
	puts_on(pg, "--");
	puts_on(pg, o->name);
	if (o->argument) {
		puts_on(pg, " ");
		puts_on(pg, o->argument);
	}
}

/* "color messages (auto, always or never)" */
static const char *help_of(struct cm_cli *cli, const struct cm_option *o)
{
	const char *text = o->help, *before = " (";

	for (size_t i = 0; o->choices && o->choices[i] && text; i++) {
		text = cm_cli_format(cli, "%s%s%s", text, before, o->choices[i]);
		before = o->choices[i + 1] && !o->choices[i + 2] ? " or " : ", ";
	}
	if (o->choices && text)
		text = cm_cli_format(cli, "%s)", text);
	return text;
}

static void put_options(struct page *pg, const struct cm_option *rows)
{
	const char *group = NULL;

	for (const struct cm_option *o = rows; o->name; o++) {
		if (!group || strcmp(group, o->group) != 0)
			line(pg, "\n", cm_cli_format(pg->cli, "%s:", o->group));
		group = o->group;
		put_names(pg, o);
		if (pg->column + 2 > COLUMN)
			put(pg, "\n", 1);
		wrap(pg, COLUMN, help_of(pg->cli, o));
	}
}

static void put_examples(struct page *pg, const struct cm_example *e)
{
	puts_on(pg, "\nExamples:\n");
	for (; e->line; e++) {
		line(pg, "  ", e->line);
		wrap(pg, 6, e->help);
	}
}

static void put_commands(struct page *pg)
{
	puts_on(pg, "\nCommands (composemerge COMMAND --help tells more):\n");
	for (size_t i = 0; cm_commands[i]; i++) {
		puts_on(pg, "  ");
		puts_on(pg, cm_commands[i]->name);
		fill_to(pg, 14);
		wrap(pg, 14, cm_commands[i]->summary);
	}
}

static void put_page(struct page *pg)
{
	const struct cm_command *c = pg->cli->command;
	static const char title[] =
		"composemerge: Docker Compose files merged into one that keeps its author's text";
	bool named = pg->cli->command_named;
	const char *name = named ? c->name : "[COMMAND]";

	line(pg, "", named ? c->title : title);
	put_examples(pg, c->examples);
	puts_on(pg, "\nUsage: composemerge ");
	line(pg, name, cm_cli_format(pg->cli, " [OPTION...] %s", c->words));
	if (!named)
		put_commands(pg);
	for (const struct cm_option_set *set = pg->cli->sets; set->rows; set++)
		put_options(pg, set->rows);
	puts_on(pg, "\n");
	wrap(pg, 0, c->note);
	wrap(pg, 0, cm_cli_format(pg->cli, "Exit status: %s.", c->status));
	puts_on(pg, "Manual: man composemerge\n");
}

enum cm_status cm_help_print(struct cm_cli *cli)
{
	struct page pg = {.cli = cli, .st = CM_OK};

	put_page(&pg);
	turn(&pg);
	return pg.st;
}
