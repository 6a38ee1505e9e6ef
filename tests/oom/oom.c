/* SPDX-License-Identifier: MIT */
/*
 * Every allocation fails once: oom PROGRAM failmalloc.so CASES_DIR
 *
 * In process, over every golden case that merges files: the Nth allocation fails, for N = 1 until none is left to fail;
 * once alone, once with all that follow. The merge must answer CM_NOMEM, or be as good as if nothing had failed; and
 * everything it allocated must be freed. Then the program itself, over a few cases, with -o: exit status 2, one line
 * on stderr that holds [no-memory], nothing on stdout, the target as it was and nothing beside it.
 */

#define _XOPEN_SOURCE 700

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/composemerge.h"
#include "../process.h"
#include "failmalloc.h"

enum { PROGRAM_CASES = 12 };

/* What a merge gives when nothing fails. */
struct result {
	enum cm_status status;
	char *bytes;
	size_t length;
};

static size_t passed, failed;

static void verdict(bool good, const char *folder, size_t at, bool after, const char *what)
{
	if (good) {
		passed++;
		return;
	}
	failed++;
	printf("FAILED %s: allocation %zu%s fails: %s\n", folder, at, after ? " and all that follow" : "", what);
}

/* The -f files of a case of one simple line; none for other cases. */
static struct words case_files(const char *folder)
{
	struct words files = {0}, words = {0};
	char *cmd = text("%s/cmd", folder), *line = file_read(cmd, NULL);

	if (line && line[strcspn(line, "\n")])
		line[strcspn(line, "\n")] = '\0';
	if (line && line[0] != '!')
		words_split(&words, line);
	for (size_t i = 0; i + 1 < words.count; i++) {
		if ((strcmp(words.at[i], "-f") == 0 || strcmp(words.at[i], "--file") == 0) && strcmp(words.at[i + 1], "-") != 0)
			words_add(&files, text("%s", words.at[i + 1]));
	}
	words_free(&words);
	free(line);
	free(cmd);
	return files;
}

/* Where the input files of a case are. */
static char *input_folder(const char *folder)
{
	char *in = text("%s/in", folder);

	if (is_folder(in))
		return in;
	free(in);
	return text("%s", folder);
}

static void find_cases(struct words *cases, const char *folder)
{
	struct words names = folder_names(folder), files = case_files(folder);

	if (files.count)
		words_add(cases, text("%s", folder));
	for (size_t i = 0; i < names.count; i++) {
		char *below = text("%s/%s", folder, names.at[i]);

		if (is_folder(below))
			find_cases(cases, below);
		free(below);
	}
	words_free(&files);
	words_free(&names);
}

static void no_write(void *arg, const char *bytes, size_t length)
{
	(void)arg;
	(void)bytes;
	(void)length;
}

/* Loads and merges files, prints the messages into nothing. CM_NOMEM where any of it had no memory. */
static enum cm_status merge(struct cm_project *p, const struct words *files, struct cm_output *out)
{
	enum cm_status status = CM_OK, printed;

	for (size_t i = 0; status == CM_OK && i < files->count; i++)
		status = cm_add_file(p, files->at[i]);
	if (status == CM_OK)
		status = cm_merge(p, NULL, out);
	if (status == CM_NOMEM)
		return status;
	printed = cm_messages_print(p, CM_PRINT_TEXT, false, CM_NOTE, no_write, NULL);
	return printed == CM_NOMEM ? CM_NOMEM : status;
}

static struct result good_merge(const struct words *files)
{
	struct cm_project *p = cm_project_new(NULL);
	struct cm_output out = {.text = ""};
	struct result r = {0};

	if (!p)
		die("oom: no memory");
	r.status = merge(p, files, &out);
	r.length = out.length;
	r.bytes = malloc(out.length + 1);
	if (!r.bytes)
		die("oom: no memory");
	memcpy(r.bytes, out.text, out.length);
	cm_project_free(p);
	return r;
}

/* A merge whose allocation number at fails. False: there were fewer. */
static bool bad_merge(const char *folder, const struct words *files, const struct result *good, size_t at, bool after)
{
	struct cm_output out = {.text = ""};
	enum cm_status status = CM_NOMEM;
	long live = failmalloc_live();
	char first[256] = "";
	struct cm_message m;
	struct cm_project *p;
	bool same, met, freed;

	failmalloc_set(at, after);
	p = cm_project_new(NULL);
	if (p)
		status = merge(p, files, &out);
	if (status == CM_FAILED && cm_message_at(p, 0, &m))
		snprintf(first, sizeof(first), "CM_FAILED: %s [%s]", m.text, m.code);
	same = status == good->status && out.length == good->length && memcmp(out.text, good->bytes, out.length) == 0;
	cm_project_free(p);
	freed = failmalloc_live() == live;
	met = failmalloc_failed();
	failmalloc_set(0, false);
	if (!met)
		return false;
	verdict(status == CM_NOMEM || same, folder, at, after, *first ? first : "not the right result");
	verdict(freed, folder, at, after, "something was not freed");
	return true;
}

static struct {
	size_t at;
	bool after;
} now; /* for the message when the merge dies */

static void died(int signal_number)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "the merge dies when allocation %zu%s fails\n", now.at,
		now.after ? " and all that follow" : "");

	if (write(1, line, (size_t)n) == n)
		signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void try_library(const char *folder)
{
	struct words files = case_files(folder);
	char *in = input_folder(folder), here[4096];
	struct result good;

	if (!getcwd(here, sizeof(here)) || chdir(in) != 0)
		die("oom: %s: cannot go there", folder);
	good = good_merge(&files);
	for (int after = 0; after < 2; after++) {
		now.after = after;
		now.at = 1;
		while (bad_merge(folder, &files, &good, now.at, after))
			now.at++;
	}
	if (chdir(here) != 0)
		die("oom: %s: cannot go there", here);
	free(good.bytes);
	free(in);
	words_free(&files);
}

/* try_library in a process of its own, which may die. */
static void try_library_apart(const char *folder)
{
	size_t counts[2] = {0, 1};
	int ends[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe(ends) != 0 || (pid = fork()) < 0)
		die("oom: cannot fork");
	if (pid == 0) {
		passed = failed = 0;
		signal(SIGSEGV, died);
		signal(SIGABRT, died);
		try_library(folder);
		counts[0] = passed;
		counts[1] = failed;
		fflush(stdout);
		_exit(write(ends[1], counts, sizeof(counts)) != sizeof(counts));
	}
	close(ends[1]);
	if (waitpid(pid, &status, 0) < 0 || read(ends[0], counts, sizeof(counts)) != sizeof(counts))
		printf("FAILED %s: see above\n", folder);
	close(ends[0]);
	passed += counts[0];
	failed += counts[1];
}

/* The program over one case, in a copy of its folder, writing to target. */
struct program_run {
	const char *program, *shim, *scratch;
	const char *folder;
	struct words argv;
	char *inputs, *work, *out, *err, *target;
};

static int run_program(const struct program_run *r, size_t at, bool after)
{
	struct words env = {0};
	struct process p = {.argv = r->argv.at, .dir = r->work, .out = r->out, .err = r->err, .seconds = 20};
	int status;

	file_write(r->out, "", 0);
	file_write(r->err, "", 0);
	file_write(r->target, "as it was\n", 10);
	words_add(&env, text("PATH=/nonexistent"));
	words_add(&env, text("LD_PRELOAD=%s", r->shim));
	words_add(&env, text("CM_FAIL_AT=%zu", at));
	words_add(&env, text("CM_FAIL_MODE=%s", after ? "after" : "once"));
	words_add(&env, text("CM_FAIL_COUNT=%s/count", r->scratch));
	p.env = env.at;
	status = process_run(&p);
	words_free(&env);
	return status;
}

static size_t count_of(const struct program_run *r)
{
	char *path = text("%s/count", r->scratch), *bytes = file_read(path, NULL);
	size_t count = bytes ? strtoul(bytes, NULL, 10) : 0;

	free(bytes);
	free(path);
	return count;
}

static bool one_line_no_memory(const char *bytes)
{
	const char *end = strchr(bytes, '\n');

	return end && !end[1] && strstr(bytes, "[no-memory]");
}

static void judge_program(const struct program_run *r, int status, const char *good, size_t at, bool after)
{
	char *out = file_read(r->out, NULL), *err = file_read(r->err, NULL), *target = file_read(r->target, NULL);
	struct words names = folder_names(r->work), before = folder_names(r->inputs);
	const char *what = NULL;

	if (status == 0 && strcmp(target, good) == 0 && !*out)
		what = NULL;
	else if (status != 2)
		what = "the exit status is not 2";
	else if (*out)
		what = "there is something on stdout";
	else if (!one_line_no_memory(err))
		what = "stderr is not one line with [no-memory]";
	else if (strcmp(target, "as it was\n") != 0)
		what = "the target of -o is not as it was";
	if (names.count != before.count + 1)
		what = "something is left beside the target";
	verdict(!what, r->folder, at, after, what ? what : "");
	if (what)
		printf("  exit status %d, stderr: %s\n", status, err);
	free(out);
	free(err);
	free(target);
	words_free(&names);
	words_free(&before);
}

static void try_program(struct program_run *r)
{
	struct words files = case_files(r->folder);
	char *good;
	size_t count;

	r->inputs = input_folder(r->folder);
	r->work = text("%s/work", r->scratch);
	r->out = text("%s/out", r->scratch);
	r->err = text("%s/err", r->scratch);
	r->target = text("%s/merged.yml", r->work);
	tree_copy(r->inputs, r->work);
	words_add(&r->argv, text("%s", r->program));
	for (size_t i = 0; i < files.count; i++) {
		words_add(&r->argv, text("-f"));
		words_add(&r->argv, text("%s", files.at[i]));
	}
	words_add(&r->argv, text("-o"));
	words_add(&r->argv, text("merged.yml"));
	if (run_program(r, 0, false) == 0) {
		good = file_read(r->target, NULL);
		count = count_of(r);
		verdict(count > 0, r->folder, 0, false, "failmalloc.so counted nothing: is it preloaded?");
		for (size_t i = 0; i < 2 * count; i++)
			judge_program(r, run_program(r, i / 2 + 1, i % 2), good, i / 2 + 1, i % 2);
		free(good);
	}
	tree_remove(r->work);
	words_free(&r->argv);
	words_free(&files);
	free(r->inputs);
	free(r->work);
	free(r->out);
	free(r->err);
	free(r->target);
}

int main(int argc, char **argv)
{
	char scratch[] = "/tmp/composemerge-oom-XXXXXX";
	struct words cases = {0};
	struct program_run r = {.scratch = scratch};
	size_t step;

	if (argc != 4 || !mkdtemp(scratch))
		die("usage: oom PROGRAM failmalloc.so CASES_DIR");
	r.program = realpath(argv[1], NULL);
	r.shim = realpath(argv[2], NULL);
	if (!r.program || !r.shim)
		die("oom: build %s and %s first", argv[1], argv[2]);
	find_cases(&cases, argv[3]);
	for (size_t i = 0; i < cases.count; i++)
		try_library_apart(cases.at[i]);
	step = cases.count / PROGRAM_CASES + 1;
	for (size_t i = 0; i < cases.count; i += step) {
		r.folder = cases.at[i];
		try_program(&r);
	}
	tree_remove(scratch);
	words_free(&cases);
	printf("%zu passed, %zu failed\n", passed, failed);
	return failed || !passed;
}
