/* SPDX-License-Identifier: MIT */
/* What one run shares: memory, messages, the streams, the files read. */

#include "command.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cm_block {
	struct cm_block *next;
	max_align_t data[];
};

void *cm_cli_alloc(struct cm_cli *cli, size_t size)
{
	struct cm_block *b = size <= SIZE_MAX - sizeof *b ? calloc(1, sizeof *b + size) : NULL;

	if (!b) {
		cli->no_memory = true;
		return NULL;
	}
	b->next = cli->blocks;
	cli->blocks = b;
	return b->data;
}

static char *format(struct cm_cli *cli, const char *fmt, va_list ap)
{
	va_list again;
	char *text = NULL;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0)
		text = cm_cli_alloc(cli, (size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return text;
}

char *cm_cli_format(struct cm_cli *cli, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format(cli, fmt, ap);
	va_end(ap);
	return text;
}

bool cm_words_add(struct cm_cli *cli, struct cm_words *words, const char *word)
{
	if (cli->no_memory)
		return false;
	if (words->n == words->size) {
		size_t size = words->size ? words->size * 2 : 8;
		const char **p = cm_cli_alloc(cli, size * sizeof *p);

		if (!p)
			return false;
		if (words->n)
			memcpy(p, words->p, words->n * sizeof *p);
		words->p = p;
		words->size = size;
	}
	words->p[words->n++] = word;
	return true;
}

/* Messages. */

static void report(struct cm_cli *cli, enum cm_severity severity, const char *code,
	const char *file, const char *help, const char *text)
{
	if (!text || cm_message_add(cli->project, severity, code, file, text, help) == CM_NOMEM)
		cli->no_memory = true;
}

void cm_cli_report(struct cm_cli *cli, enum cm_severity severity, const char *code,
	const char *file, const char *help, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(cli, severity, code, file, help, format(cli, fmt, ap));
	va_end(ap);
}

enum cm_status cm_cli_usage(struct cm_cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(cli, CM_ERROR, "usage", NULL, NULL, format(cli, fmt, ap));
	va_end(ap);
	return CM_FAILED;
}

enum cm_status cm_cli_cannot_read(struct cm_cli *cli, const char *path, int error)
{
	static const char option[] = "limit-file-size";

	if (error == ENOMEM)
		return CM_NOMEM;
	if (error == EFBIG)
		cm_cli_report(cli, CM_ERROR, "limit", path, "--limit-file-size raises this limit",
			"more than %llu bytes", (unsigned long long)cm_cli_limit(cli, option));
	else
		cm_cli_report(cli, CM_ERROR, "cannot-read", path, NULL, "cannot read: %s",
			cm_os_reason(error));
	return CM_FAILED;
}

const char *cm_cli_did_you_mean(struct cm_cli *cli, const char *word, const char *const *list,
	const char *before, const char *otherwise)
{
	const char *near = cm_suggest(cli->project, word, list);

	return near ? cm_cli_format(cli, ": did you mean '%s%s'?", before, near) : otherwise;
}

enum cm_status cm_cli_print(struct cm_cli *cli, const char *text, size_t length)
{
	int error = length > 0 ? cli->io->write(cli->io->arg, CM_STREAM_OUT, text, length) : 0;

	if (!error || error == EPIPE)
		return CM_OK;
	cm_cli_report(cli, CM_ERROR, "cannot-write", NULL, NULL,
		"cannot write to standard output: %s", cm_os_reason(error));
	return CM_FAILED;
}

const char *cm_cli_env(const struct cm_cli *cli, const char *name)
{
	return cli->io->env ? cli->io->env(cli->io->arg, name) : NULL;
}

uint64_t cm_cli_limit(const struct cm_cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->limits.count; i++)
		if (strcmp(cli->limits.rows[i].name, name) == 0)
			return cli->limits.value[i];
	return UINT64_MAX;
}

const char *cm_cli_input_name(const struct cm_cli *cli, const struct cm_os_id *id)
{
	for (const struct cm_input *in = cli->inputs; in; in = in->next)
		if (cm_os_same(&in->id, id))
			return in->name;
	return NULL;
}

int cm_cli_input_add(struct cm_cli *cli, const struct cm_os_id *id, const char *name)
{
	struct cm_input *in;

	if (!id->regular)
		return 0;
	in = cm_cli_alloc(cli, sizeof *in);
	if (!in)
		return ENOMEM;
	*in = (struct cm_input){*id, cm_cli_format(cli, "%s", name), cli->inputs};
	cli->inputs = in;
	return in->name ? 0 : ENOMEM;
}

void cm_cli_free(struct cm_cli *cli)
{
	cm_project_free(cli->project);
	free(cli->messages.text);
	for (struct cm_block *b = cli->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
}
