/* SPDX-License-Identifier: MIT */
#ifndef CM_TESTS_PROCESS_H
#define CM_TESTS_PROCESS_H

/*
 * What the test programs share: running a program with its streams in files, whole files, folders.
 *
 *   struct process p = {.argv = argv, .env = env, .dir = "work", .out = "got/out", .err = "got/err", .seconds = 20};
 *   int status = process_run(&p);     0..255, 128 + signal, 124 past the seconds
 *
 * These are tests: what cannot be done (no memory, a full disk) ends the program with a message and status 2.
 */

#include <stdbool.h>
#include <stddef.h>

struct process {
	char *const *argv; /* argv[0] is looked for in PATH of env */
	char *const *env;  /* NULL: this process's own */
	const char *dir;   /* NULL: the current folder. The other paths are seen from the current folder */
	const char *in;    /* NULL: /dev/null */
	const char *out, *err; /* appended to; NULL: this process's own */
	unsigned seconds;  /* 0: no limit */
};

int process_run(const struct process *p);

/* A growing list of strings, NULL behind the last. Owns them. */
struct words {
	char **at;
	size_t count, size;
};

void words_add(struct words *w, char *word);
void words_free(struct words *w);
/* Adds the words of a shell-like line: blanks part them, '...', "..." and \ quote. False: an open quote. */
bool words_split(struct words *w, const char *line);

_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Text formatted into malloc'ed memory. */
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

bool path_exists(const char *path);
bool is_folder(const char *path);
void make_folder(const char *path);
/* The names in a folder, sorted; none where there is no folder. */
struct words folder_names(const char *path);

/* A whole file, NUL behind it; NULL where there is none. */
char *file_read(const char *path, size_t *length);
void file_write(const char *path, const char *bytes, size_t length);
/* Copies a file, link or folder with all below it. A link that leads out of its folder (../) is followed. */
void tree_copy(const char *from, const char *to);
void tree_remove(const char *path);

#endif
