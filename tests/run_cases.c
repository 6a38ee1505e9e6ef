/* SPDX-License-Identifier: MIT */
/*
 * Runs the golden cases: folders of files, no C.
 *
 *   tests/cases/merge/ports-appended/
 *     cmd                the words after `composemerge`, as in a shell:  merge -f base.yml -f prod.yml
 *     base.yml prod.yml  any other file or folder is there when the program runs
 *     out err code       what must come back, byte for byte; missing: nothing, nothing, 0
 *
 * Also, where a case needs it:
 *
 *   in/                  then only what is inside is there
 *   ../ links            are followed, so that a case can use examples/; other links stay links
 *   files/               what must stand in the folder afterwards, over what was there before. All else must be as it was,
 *                        with nothing left behind
 *   env                  lines KEY=VALUE; the environment is otherwise PATH, HOME, LC_ALL and what sanitizers read
 *   stdin                the bytes of standard input; missing: /dev/null
 *   cmd of more lines    each runs, outputs one after the other; code holds one number a line (missing ones are 0).
 *                        A line that starts with "! " is for sh, where composemerge is in PATH:  ! chmod 400 out.yml
 *
 * The folder is copied to .../<name of the case>/ and the program runs there. --update writes out, err, code and the
 * files of files/ as they came back.
 */

#define _XOPEN_SOURCE 700

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

static const char usage[] =
	"usage: run_cases --program PROGRAM [OPTIONS] CASES_DIR [TEXT...]\n"
	"  TEXT            only the cases with TEXT in their path\n"
	"  --wrapper CMD   run the program under CMD, e.g. 'valgrind -q --error-exitcode=99'\n"
	"  --every N       only every Nth case\n"
	"  --jobs N        at a time (default: the number of processors)\n"
	"  --seconds N     for one run (default 30)\n"
	"  --update        write what came back into the cases\n"
	"  --list          only print the names\n"
	"  -v              name each case\n";

struct options {
	char *program;
	const char *wrapper, *root;
	unsigned every, jobs, seconds;
	bool update, list, verbose;
	char **only;
	struct words env; /* what every case gets */
	char *scratch;
};

/* One case at work. work/: want/{out,err,code,files/<name>}, got/ the same. */
struct run {
	const struct options *o;
	const char *folder, *name;
	char *want, *got;
	struct words env;
};

/* What a case folder holds besides input files. */
static bool is_reserved(const char *name)
{
	static const char *const reserved[] = {"cmd", "out", "err", "code", "files", "env", "stdin", "in", NULL};

	for (size_t i = 0; reserved[i]; i++) {
		if (strcmp(name, reserved[i]) == 0)
			return true;
	}
	return false;
}

static void find_cases(struct words *cases, const char *folder)
{
	struct words names = folder_names(folder);
	char *cmd = text("%s/cmd", folder);

	if (path_exists(cmd)) {
		words_add(cases, text("%s", folder));
		words_free(&names);
	}
	for (size_t i = 0; i < names.count; i++) {
		char *below = text("%s/%s", folder, names.at[i]);

		if (is_folder(below))
			find_cases(cases, below);
		free(below);
	}
	words_free(&names);
	free(cmd);
}

static bool wanted(const struct options *o, const char *folder)
{
	if (!*o->only)
		return true;
	for (char **t = o->only; *t; t++) {
		if (strstr(folder, *t))
			return true;
	}
	return false;
}

static void copy_inputs(const char *folder, const char *to)
{
	char *in = text("%s/in", folder);
	bool has_in = is_folder(in);
	struct words names = folder_names(has_in ? in : folder);

	make_folder(to);
	for (size_t i = 0; i < names.count; i++) {
		char *a = text("%s/%s", has_in ? in : folder, names.at[i]);
		char *b = text("%s/%s", to, names.at[i]);

		if (has_in || !is_reserved(names.at[i]))
			tree_copy(a, b);
		free(a);
		free(b);
	}
	words_free(&names);
	free(in);
}

/* Puts what folder holds under name into the file to; nothing where it is missing. */
static void copy_expected(const struct run *r, const char *name)
{
	char *from = text("%s/%s", r->folder, name);
	char *to = text("%s/%s", r->want, name);
	size_t length = 0;
	char *bytes = file_read(from, &length);

	file_write(to, bytes ? bytes : "", length);
	free(bytes);
	free(from);
	free(to);
}

/* The expected codes, one a line of cmd. */
static void write_codes(const struct run *r, size_t lines)
{
	char *from = text("%s/code", r->folder);
	char *to = text("%s/code", r->want);
	char *codes = file_read(from, NULL);
	FILE *f = fopen(to, "w");
	char *next = codes;

	for (size_t i = 0; f && i < lines; i++)
		fprintf(f, "%ld\n", next ? strtol(next, &next, 10) : 0);
	if (!f || fclose(f) != 0)
		die("%s: cannot be written", to);
	free(codes);
	free(from);
	free(to);
}

static void append_code(const struct run *r, int status)
{
	char *path = text("%s/code", r->got);
	FILE *f = fopen(path, "a");

	if (!f || fprintf(f, "%d\n", status) < 0 || fclose(f) != 0)
		die("%s: cannot be written", path);
	free(path);
}

static int run_line(const struct run *r, const char *line)
{
	struct words argv = {0};
	char *dir = text("%s/files/%s", r->got, r->name), *stdin_path = text("%s/stdin", r->folder);
	char *out = text("%s/out", r->got), *err = text("%s/err", r->got);
	struct process p = {.env = r->env.at, .dir = dir, .out = out, .err = err, .seconds = r->o->seconds};
	int status;

	if (path_exists(stdin_path))
		p.in = stdin_path;
	if (strncmp(line, "! ", 2) == 0) {
		words_add(&argv, text("sh"));
		words_add(&argv, text("-c"));
		words_add(&argv, text("%s", line + 2));
	} else {
		words_add(&argv, text("composemerge"));
		if (!words_split(&argv, line))
			die("%s/cmd: a quote is not closed: %s", r->folder, line);
	}
	p.argv = argv.at;
	status = process_run(&p);
	words_free(&argv);
	free(dir);
	free(stdin_path);
	free(out);
	free(err);
	return status;
}

static struct words lines_of(const char *path)
{
	struct words lines = {0};
	char *bytes = file_read(path, NULL);

	for (char *at = bytes; at && *at;) {
		size_t n = strcspn(at, "\n");

		if (n > 0)
			words_add(&lines, text("%.*s", (int)n, at));
		at += n + (at[n] == '\n');
	}
	free(bytes);
	return lines;
}

static void add_env(struct run *r)
{
	char *path = text("%s/env", r->folder);
	struct words lines = lines_of(path);

	for (size_t i = 0; i < r->o->env.count; i++)
		words_add(&r->env, text("%s", r->o->env.at[i]));
	for (size_t i = 0; i < lines.count; i++)
		words_add(&r->env, text("%s", lines.at[i]));
	words_free(&lines);
	free(path);
}

static void prepare(struct run *r, size_t lines)
{
	char *want = text("%s/files", r->want), *got = text("%s/files", r->got);
	char *want_files = text("%s/%s", want, r->name), *got_files = text("%s/%s", got, r->name);
	char *after = text("%s/files", r->folder), *path;
	static const char *const empty[] = {"out", "err", "code", NULL};

	make_folder(r->want);
	make_folder(r->got);
	make_folder(want);
	make_folder(got);
	copy_inputs(r->folder, want_files);
	copy_inputs(r->folder, got_files);
	if (is_folder(after))
		tree_copy(after, want_files);
	copy_expected(r, "out");
	copy_expected(r, "err");
	write_codes(r, lines);
	for (size_t i = 0; empty[i]; i++) {
		path = text("%s/%s", r->got, empty[i]);
		file_write(path, "", 0);
		free(path);
	}
	add_env(r);
	free(want);
	free(got);
	free(want_files);
	free(got_files);
	free(after);
}

/* True where what came back is what was wanted; else the difference is in the file to. */
static bool compare(const char *work, const char *to)
{
	struct words argv = {0};
	struct process p = {.dir = work, .out = to, .err = to};
	int status;

	words_split(&argv, "diff -r -u --no-dereference want got");
	p.argv = argv.at;
	status = process_run(&p);
	words_free(&argv);
	return status == 0;
}

/* Brings folder/name to bytes; no file where they are what a missing one means. */
static void update_file(const struct run *r, const char *name, bool keep)
{
	char *from = text("%s/%s", r->got, name), *to = text("%s/%s", r->folder, name);
	size_t length = 0;
	char *bytes = file_read(from, &length);

	if (keep && bytes)
		file_write(to, bytes, length);
	else
		remove(to);
	free(bytes);
	free(from);
	free(to);
}

static bool holds(const struct run *r, const char *name, const char *only)
{
	char *path = text("%s/%s", r->got, name);
	char *bytes = file_read(path, NULL);
	bool more = bytes && bytes[strspn(bytes, only)] != '\0';

	free(bytes);
	free(path);
	return more;
}

/* Refreshes every file of the case's files/ from the run. */
static void update_files(const char *kept, const char *from)
{
	struct words names = folder_names(kept);

	for (size_t i = 0; i < names.count; i++) {
		char *a = text("%s/%s", from, names.at[i]), *b = text("%s/%s", kept, names.at[i]);

		if (is_folder(b))
			update_files(b, a);
		else if (path_exists(a))
			tree_copy(a, b);
		free(a);
		free(b);
	}
	words_free(&names);
}

static void update(const struct run *r)
{
	char *kept = text("%s/files", r->folder), *from = text("%s/files/%s", r->got, r->name);

	update_file(r, "out", holds(r, "out", ""));
	update_file(r, "err", holds(r, "err", ""));
	update_file(r, "code", holds(r, "code", "0\n"));
	update_files(kept, from);
	free(kept);
	free(from);
}

/* Runs one case in its own folder of the scratch folder; what it has to say goes to the file report. */
static bool run_case(const struct options *o, const char *folder, const char *work, const char *report)
{
	char *cmd = text("%s/cmd", folder);
	struct words lines = lines_of(cmd);
	struct run r = {.o = o, .folder = folder, .name = strrchr(folder, '/') + 1};
	char *difference = text("%s/difference", work), *title;
	bool passed;
	size_t length;

	make_folder(work);
	r.want = text("%s/want", work);
	r.got = text("%s/got", work);
	prepare(&r, lines.count);
	for (size_t i = 0; i < lines.count; i++)
		append_code(&r, run_line(&r, lines.at[i]));
	passed = lines.count > 0 && compare(work, difference);
	if (!passed && o->update) {
		update(&r);
		title = text("updated %s\n", folder);
		file_write(report, title, strlen(title));
		free(title);
	} else if (!passed) {
		char *bytes = file_read(difference, &length);

		title = text("FAILED %s: composemerge %s\n%s\n", folder, lines.count ? lines.at[0] : "(cmd is empty)",
			bytes ? bytes : "");
		file_write(report, title, strlen(title));
		free(bytes);
		free(title);
	}
	tree_remove(work);
	words_free(&lines);
	words_free(&r.env);
	free(r.want);
	free(r.got);
	free(difference);
	free(cmd);
	return passed || o->update;
}

/* Worker number takes every jobs-th case; each failure leaves a report. */
static void work_off(const struct options *o, const struct words *cases, unsigned number)
{
	for (size_t i = number; i < cases->count; i += o->jobs) {
		char *work = text("%s/%zu", o->scratch, i), *report = text("%s/%zu.report", o->scratch, i);

		if (!run_case(o, cases->at[i], work, report)) {
			char *failed = text("%s/%zu.failed", o->scratch, i);

			file_write(failed, "", 0);
			free(failed);
		}
		free(work);
		free(report);
	}
}

/* Forks the workers and prints what they report, in the order of the cases. The number of failures. */
static size_t run_all(const struct options *o, const struct words *cases)
{
	size_t failed = 0;
	int status;

	fflush(stdout);
	for (unsigned i = 0; i < o->jobs; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("cannot fork");
		if (pid == 0) {
			work_off(o, cases, i);
			_exit(0);
		}
	}
	while (wait(&status) > 0) {
		if (status != 0)
			failed++;
	}
	for (size_t i = 0; i < cases->count; i++) {
		char *report = text("%s/%zu.report", o->scratch, i), *mark = text("%s/%zu.failed", o->scratch, i);
		char *bytes = file_read(report, NULL);

		if (bytes)
			fputs(bytes, stdout);
		else if (o->verbose)
			printf("ok %s\n", cases->at[i]);
		failed += path_exists(mark);
		free(bytes);
		free(report);
		free(mark);
	}
	return failed;
}

/* scratch/bin/composemerge: the program, under its wrapper. */
static void make_program(const struct options *o)
{
	char *bin = text("%s/bin", o->scratch), *path = text("%s/composemerge", bin);
	char *script = text("#!/bin/sh\nexec %s '%s' \"$@\"\n", o->wrapper ? o->wrapper : "", o->program);

	make_folder(bin);
	if (o->wrapper)
		file_write(path, script, strlen(script));
	if (o->wrapper ? chmod(path, 0755) != 0 : symlink(o->program, path) != 0)
		die("%s: cannot be made", path);
	free(script);
	free(bin);
	free(path);
}

static void make_env(struct options *o)
{
	static const char *const kept[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH", "CM_MUTANT", NULL};
	const char *path = getenv("PATH");

	words_add(&o->env, text("PATH=%s/bin:%s", o->scratch, path ? path : "/usr/bin:/bin"));
	words_add(&o->env, text("HOME=%s", o->scratch));
	words_add(&o->env, text("LC_ALL=C.UTF-8"));
	for (size_t i = 0; kept[i]; i++) {
		const char *value = getenv(kept[i]);

		if (value)
			words_add(&o->env, text("%s=%s", kept[i], value));
	}
}

static struct words choose_cases(const struct options *o)
{
	struct words all = {0}, cases = {0};

	find_cases(&all, o->root);
	for (size_t i = 0, n = 0; i < all.count; i++) {
		if (wanted(o, all.at[i]) && n++ % o->every == 0)
			words_add(&cases, text("%s", all.at[i]));
	}
	words_free(&all);
	return cases;
}

static unsigned number(const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (*end || n == 0 || n > UINT_MAX)
		die("run_cases: not a number: %s", word);
	return (unsigned)n;
}

static void parse(struct options *o, char **argv)
{
	for (; *argv && **argv == '-'; argv++) {
		const char *name = *argv;

		if (strcmp(name, "--update") == 0)
			o->update = true;
		else if (strcmp(name, "--list") == 0)
			o->list = true;
		else if (strcmp(name, "-v") == 0)
			o->verbose = true;
		else if (!*++argv)
			die("%s", usage);
		else if (strcmp(name, "--program") == 0)
			o->program = realpath(*argv, NULL);
		else if (strcmp(name, "--wrapper") == 0)
			o->wrapper = **argv ? *argv : NULL;
		else if (strcmp(name, "--every") == 0)
			o->every = number(*argv);
		else if (strcmp(name, "--jobs") == 0)
			o->jobs = number(*argv);
		else if (strcmp(name, "--seconds") == 0)
			o->seconds = number(*argv);
		else
			die("%s", usage);
	}
	if (!*argv || (!o->program && !o->list))
		die("%s", o->program || !*argv ? usage : "run_cases: the program is not there: build it first");
	o->root = *argv;
	o->only = argv + 1;
}

int main(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct options o = {.every = 1, .seconds = 30, .jobs = processors > 0 ? (unsigned)processors : 1};
	char scratch[] = "/tmp/composemerge-cases-XXXXXX";
	struct words cases;
	size_t failed = 0;

	(void)argc;
	parse(&o, argv + 1);
	cases = choose_cases(&o);
	for (size_t i = 0; o.list && i < cases.count; i++)
		puts(cases.at[i]);
	if (o.list)
		goto out;
	if (!(o.scratch = mkdtemp(scratch)))
		die("%s: cannot be made", scratch);
	make_program(&o);
	make_env(&o);
	failed = run_all(&o, &cases);
	tree_remove(o.scratch);
	printf("%zu passed, %zu failed\n", cases.count - failed, failed);
out:
	words_free(&cases);
	words_free(&o.env);
	free(o.program);
	return failed ? 1 : 0;
}
