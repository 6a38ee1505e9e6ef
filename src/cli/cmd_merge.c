/* SPDX-License-Identifier: MIT */
/*
 * merge: the files laid over one another, as the first one's text. The output is looked at before
 * the work, so that a folder or a read-only file is refused at once; it is written when everything
 * else went well.
 */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "find.h"
#include "load.h"

struct settings {
	const char *output;
	unsigned format;
	bool annotate, check, partial, single, keep_paths;
};

/* One run of the command. */
struct merge {
	struct cm_cli *cli;
	const struct settings *set;
	struct cm_words names;      /* the files, in order */
	struct cm_os_target target; /* of -o */
	const char *folder;         /* where relative paths of the first file count from */
};

enum { FORMAT_YAML, FORMAT_JSON };

static const char *const formats[] = {"yaml", "json", NULL};

#define AT(member) offsetof(struct settings, member)

static const char output[] = "Output", merging[] = "Merging";

static const struct cm_option options[] = {
	{'o', "output", "FILE", CM_OPTION_TEXT, AT(output), .group = output,
		.help = "write to FILE, in one step, instead of to standard output; in another "
			"directory than the first file's, relative paths are rewritten to fit"},
	{0, "check", NULL, CM_OPTION_FLAG, AT(check), .group = output,
		.help = "write nothing; exit 1 and print the difference when the FILE of -o is "
			"missing or out of date"},
	{0, "keep-paths", NULL, CM_OPTION_FLAG, AT(keep_paths), .group = output,
		.help = "leave relative paths as they are, whatever directory -o names"},
	{0, "format", "FORMAT", CM_OPTION_CHOICE, AT(format), formats, .group = output,
		.help = "the first file's text, edited, or the merged tree as JSON"},
	{0, "annotate", NULL, CM_OPTION_FLAG, AT(annotate), .group = output,
		.help = "say '# from prod.yml:7' at each line that an override set"},
	{0, "partial", NULL, CM_OPTION_FLAG, AT(partial), .group = merging,
		.help = "merge overrides without their base: !reset and !override stay, and the "
			"base + the result = the base + each of them"},
	{0, "single", NULL, CM_OPTION_FLAG, AT(single), .group = merging,
		.help = "the nearest single document where only several could say it exactly"},
	{.name = NULL},
};

static const struct cm_example examples[] = {
	{"composemerge -f compose.yml -f compose.prod.yml > out.yml",
		"compose.yml with the smallest edits that make it mean both"},
	{"composemerge compose.yml compose.prod.yml -o build/compose.yml",
		"the same into another directory: relative paths are rewritten to fit"},
	{"composemerge --annotate",
		"the files docker compose would find, merged; what an override set is marked"},
	{"composemerge -f compose.yml -f compose.prod.yml --check -o out.yml",
		"in CI: is out.yml still what the two files say?"},
	{"curl -s https://example.org/compose.yml | composemerge -f - -f mine.yml",
		"a base from standard input"},
	{NULL, NULL},
};

static enum cm_status check_settings(const struct merge *m)
{
	if (m->set->output && !m->set->output[0])
		return cm_cli_usage(m->cli,
			"the name after -o is empty: is a variable of the shell not set?");
	if (m->set->check && !m->set->output)
		return cm_cli_usage(m->cli,
			"--check needs -o FILE: the file to hold against the merged text");
	if (m->set->annotate && m->set->format == FORMAT_JSON)
		return cm_cli_usage(m->cli,
			"--annotate writes comments, and JSON has none: leave out one of the two");
	return CM_OK;
}

static enum cm_status cannot_write(const struct merge *m, int error)
{
	const char *output_name = m->set->output;
	const char *reason = error == ENOENT ? "its directory does not exist" : cm_os_reason(error);
	const char *help = NULL;

	if (error == EISDIR)
		help = cm_cli_format(m->cli, "name a file in it: -o %s/compose.yml", output_name);
	cm_cli_report(m->cli, CM_ERROR, "cannot-write", output_name, help, "cannot write: %s",
		reason);
	return CM_FAILED;
}

static enum cm_status look_at_output(struct merge *m)
{
	int error = m->set->output ? cm_os_target(m->set->output, &m->target) : 0;

	if (error && m->set->check && error != EISDIR)
		error = 0; /* nothing will be written: a missing folder is a missing file */
	return error ? cannot_write(m, error) : CM_OK;
}

static bool same_folder(const char *a, const char *b)
{
	struct cm_os_id x, y;

	return cm_os_identify(a, &x) == 0 && cm_os_identify(b, &y) == 0 && cm_os_same(&x, &y);
}

/* The folder to rewrite paths for; NULL: none. With --project-directory they count from there,
 * wherever the file is. */
static const char *folder_of_output(const struct merge *m)
{
	const char *folder;

	if (!m->set->output || m->target.direct || m->cli->set.project_directory)
		return NULL;
	folder = cm_cli_folder_of(m->cli, m->set->output);
	return folder && same_folder(folder, m->folder) ? NULL : folder;
}

/* The shell opened it before we began: with > it is empty by now. */
static enum cm_status refuse_redirection(struct merge *m)
{
	int fd = m->cli->io->descriptor[CM_STREAM_OUT];
	struct cm_os_id id;
	const char *name = NULL;

	if (cm_os_identify_descriptor(fd, &id) == 0 && id.regular)
		name = cm_cli_input_name(m->cli, &id);
	if (!name)
		return CM_OK;
	cm_cli_report(m->cli, CM_ERROR, "cannot-write", name, "write to another file",
		"the shell sends standard output into this input; with > it was emptied before "
		"composemerge began");
	return CM_FAILED;
}

/* After the merge, because it may read more files than were named: no input is ever replaced. */
static enum cm_status refuse_input(struct merge *m)
{
	const char *name = NULL;
	bool same;

	if (!m->set->output)
		return refuse_redirection(m);
	if (m->target.exists && !m->target.direct)
		name = cm_cli_input_name(m->cli, &m->target.id);
	if (!name)
		return CM_OK;
	same = strcmp(name, m->set->output) == 0;
	cm_cli_report(m->cli, CM_ERROR, "cannot-write", m->set->output, "give -o another name",
		"this is an input%s%s", same ? "" : " under another name: ", same ? "" : name);
	return CM_FAILED;
}

/* On standard output nobody knows where the text will stand. */
static void note_relative_paths(struct merge *m)
{
	bool elsewhere = !same_folder(m->folder, ".");

	if (!elsewhere || m->cli->set.project_directory || !cm_has_relative_paths(m->cli->project))
		return;
	cm_cli_report(m->cli, CM_NOTE, "relative-paths", NULL,
		"-o FILE rewrites them for the directory of FILE",
		"the result holds relative paths and means the same only in '%s'", m->folder);
}

static enum cm_status write_file(struct merge *m, const struct cm_output *out)
{
	int error = cm_os_target_write(&m->target, out->text, out->length);

	return error && error != EPIPE ? cannot_write(m, error) : CM_OK;
}

/* --check */

static enum cm_status report_stale(struct merge *m, bool missing, const char *text, size_t length,
	const struct cm_output *out)
{
	struct cm_output diff;
	enum cm_status st = cm_unified(m->cli->project, m->set->output, text, length, "merged",
		out->text, out->length, &diff);

	if (st == CM_OK || st == CM_DIFFERS)
		st = cm_cli_print(m->cli, diff.text, diff.length);
	if (st != CM_OK)
		return st;
	cm_cli_report(m->cli, CM_ERROR, "stale", m->set->output,
		"run the same command without --check",
		missing ? "the file is missing" : "the file is out of date");
	return CM_DIFFERS;
}

static enum cm_status check_file(struct merge *m, const struct cm_output *out)
{
	struct cm_os_id id;
	char *text = NULL;
	size_t length = 0;
	uint64_t limit = cm_cli_limit(m->cli, "limit-file-size");
	int error = cm_os_read_file(m->set->output, limit, &text, &length, &id);
	bool missing = error == ENOENT || error == ENOTDIR;
	enum cm_status st = CM_OK;

	if (error && !missing)
		return cm_cli_cannot_read(m->cli, m->set->output, error);
	if (missing || length != out->length || memcmp(text, out->text, length) != 0)
		st = report_stale(m, missing, text ? text : "", length, out);
	free(text);
	return st;
}

static enum cm_status deliver(struct merge *m, const struct cm_output *out)
{
	if (m->set->check)
		return check_file(m, out);
	if (m->set->output && !m->target.direct)
		return write_file(m, out);
	note_relative_paths(m);
	return m->set->output ? write_file(m, out) : cm_cli_print(m->cli, out->text, out->length);
}

static enum cm_status run_merge(struct merge *m)
{
	const struct cm_merge_options how = {
		.partial = m->set->partial,
		.single = m->set->single,
		.annotate = m->set->annotate,
		.json = m->set->format == FORMAT_JSON,
		.output_folder = folder_of_output(m),
		.keep_paths = m->set->keep_paths,
	};
	struct cm_output out;
	enum cm_status st = cm_merge(m->cli->project, &how, &out);

	if (st != CM_OK)
		return st;
	st = refuse_input(m);
	if (st == CM_OK)
		st = cm_cli_prepare_messages(m->cli);
	return st == CM_OK ? deliver(m, &out) : st;
}

static enum cm_status run(struct cm_cli *cli, const void *settings)
{
	struct merge m = {.cli = cli, .set = settings};
	enum cm_status st = check_settings(&m);

	if (st == CM_OK)
		st = look_at_output(&m);
	if (st == CM_OK)
		st = cm_find_files(cli, &m.names);
	if (st == CM_OK)
		st = cm_load_files(cli, &m.names);
	if (st != CM_OK)
		return st;
	m.folder = cm_cli_first_folder(cli, &m.names);
	return m.folder ? run_merge(&m) : CM_NOMEM;
}

const struct cm_command cm_cmd_merge = {
	.name = "merge",
	.title = "composemerge merge: print the merged file",
	.summary = "print the merged file; also what runs without a command",
	.words = "[FILE...]",
	.note = "The files' text is printed as it is, secrets too, by --check as well.",
	.status = "0 done, 1 --check found FILE out of date, 2 trouble",
	.examples = examples,
	.options = options,
	.size = sizeof(struct settings),
	.run = run,
};
