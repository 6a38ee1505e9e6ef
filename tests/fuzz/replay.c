/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over stored inputs, without clang.
 *
 *   replay_merge PATH...             each file under PATH is an input; a golden case (a folder with cmd) gives the seeds
 *                                    its -f files make. Each is also tried cut short at a few places
 *   replay_merge --write DIR PATH... writes the seeds into DIR, to start a fuzzer from
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "fuzz.h"

enum { CUTS = 8 };

static struct {
	const char *write;
	const char *now; /* the input at work, for the message when the target dies */
	size_t inputs;
} replay;

static void died(int signal_number)
{
	const char *const parts[] = {"FAILED ", replay.now, "\n"};

	for (size_t i = 0; i < 3; i++) {
		if (write(2, parts[i], strlen(parts[i])) < 0)
			break;
	}
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* Gives the target its own copy, so that reading past the end is seen by sanitizers and valgrind. */
static void run(const char *bytes, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	if (!copy)
		die("replay: no memory");
	memcpy(copy, bytes, length);
	LLVMFuzzerTestOneInput(copy, length);
	free(copy);
	replay.inputs++;
}

static void take(const char *name, const char *bytes, size_t length)
{
	char *path;

	replay.now = name;
	if (replay.write) {
		path = text("%s/seed-%zu", replay.write, replay.inputs++);
		file_write(path, bytes, length);
		free(path);
		return;
	}
	run(bytes, length);
	for (size_t i = 1; i < CUTS; i++)
		run(bytes, length * i / CUTS);
}

/* Adds length bytes to a growing text. */
static void append(char **all, size_t *size, const char *bytes, size_t length)
{
	*all = realloc(*all, *size + length + 1);
	if (!*all)
		die("replay: no memory");
	memcpy(*all + *size, bytes, length);
	*size += length;
}

/* The seeds of a golden case: its -f files one by one, or all of them as one input. */
static void take_case(const char *folder, const char *cmd)
{
	struct words words = {0};
	char *in = text("%s/in", folder), *all = NULL;
	size_t size = 0;

	append(&all, &size, "@", 1);
	words_split(&words, cmd);
	for (size_t i = 0; i + 1 < words.count; i++) {
		char *path = text("%s/%s", is_folder(in) ? in : folder, words.at[i + 1]);
		size_t length;
		char *bytes = strcmp(words.at[i], "-f") == 0 && !is_folder(path) ? file_read(path, &length) : NULL;

		if (bytes && fuzz_cuts) {
			append(&all, &size, FUZZ_MARK, size > 1 ? sizeof(FUZZ_MARK) - 1 : 0);
			append(&all, &size, bytes, length);
		} else if (bytes) {
			take(path, bytes, length);
		}
		free(bytes);
		free(path);
	}
	if (size > 1)
		take(folder, all, size);
	free(all);
	free(in);
	words_free(&words);
}

static void walk(const char *path)
{
	struct words names = folder_names(path);
	char *cmd_path = text("%s/cmd", path), *cmd = file_read(cmd_path, NULL), *bytes;
	size_t length;

	if (cmd) {
		take_case(path, cmd);
	} else if (is_folder(path)) {
		for (size_t i = 0; i < names.count; i++) {
			char *below = text("%s/%s", path, names.at[i]);

			walk(below);
			free(below);
		}
	} else if ((bytes = file_read(path, &length))) {
		take(path, bytes, length);
		free(bytes);
	}
	free(cmd);
	free(cmd_path);
	words_free(&names);
}

int main(int argc, char **argv)
{
	static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM};
	int i = 1;

	for (size_t s = 0; s < sizeof(deadly) / sizeof(*deadly); s++)
		signal(deadly[s], died);
	if (i + 1 < argc && strcmp(argv[i], "--write") == 0) {
		replay.write = argv[i + 1];
		i += 2;
	}
	for (; i < argc; i++)
		walk(argv[i]);
	printf("%zu passed, 0 failed\n", replay.inputs);
	return replay.inputs ? 0 : 1;
}
