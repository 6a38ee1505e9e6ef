/* SPDX-License-Identifier: MIT */
/* What the test programs share; see process.h. */

#define _XOPEN_SOURCE 700

#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

char *text(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	s = malloc((size_t)n + 1);
	if (!s)
		die("no memory");
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void words_add(struct words *w, char *word)
{
	if (w->count + 1 >= w->size) {
		w->size = w->size ? w->size * 2 : 16;
		w->at = realloc(w->at, w->size * sizeof(*w->at));
		if (!w->at)
			die("no memory");
	}
	w->at[w->count++] = word;
	w->at[w->count] = NULL;
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->at[i]);
	free(w->at);
	*w = (struct words){0};
}

/* Copies the word that starts at s to word (large enough) without its quotes; what follows it, or NULL. */
static const char *unquote(const char *s, char *word)
{
	char quote = 0;

	for (; *s && (quote || !strchr(" \t", *s)); s++) {
		if (quote ? *s == quote : *s == '\'' || *s == '"')
			quote = quote ? 0 : *s;
		else if (*s == '\\' && quote != '\'' && s[1])
			*word++ = *++s;
		else
			*word++ = *s;
	}
	*word = '\0';
	return quote ? NULL : s;
}

bool words_split(struct words *w, const char *line)
{
	while (*(line += strspn(line, " \t"))) {
		char *word = text("%s", line);

		line = unquote(line, word);
		words_add(w, word);
		if (!line)
			return false;
	}
	return true;
}

static void redirect(int fd, const char *path, int flags)
{
	int file;

	if (!path)
		return;
	file = open(path, flags, 0644);
	if (file < 0 || dup2(file, fd) < 0)
		die("%s: %s", path, strerror(errno));
	close(file);
}

_Noreturn static void child(const struct process *p)
{
	extern char **environ;

	setpgid(0, 0);
	redirect(0, p->in ? p->in : "/dev/null", O_RDONLY);
	redirect(1, p->out, O_WRONLY | O_CREAT | O_APPEND);
	redirect(2, p->err, O_WRONLY | O_CREAT | O_APPEND);
	if (p->env)
		environ = (char **)p->env;
	if (p->dir && chdir(p->dir) != 0)
		die("%s: %s", p->dir, strerror(errno));
	execvp(p->argv[0], p->argv);
	die("%s: %s", p->argv[0], strerror(errno));
}

/* Waits for pid, at most seconds; then kills its whole group. */
static int wait_for(pid_t pid, unsigned seconds)
{
	const struct timespec pause = {0, 1000000};
	int status;
	pid_t got = 0;

	if (!seconds)
		got = waitpid(pid, &status, 0);
	for (unsigned long tick = 0; seconds && tick < seconds * 1000ul; tick++) {
		got = waitpid(pid, &status, WNOHANG);
		if (got != 0)
			break;
		nanosleep(&pause, NULL);
	}
	if (got == 0) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		return 124;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_run(const struct process *p)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0)
		child(p);
	return wait_for(pid, p->seconds);
}

bool path_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void make_folder(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct words folder_names(const char *path)
{
	struct words names = {0};
	const struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			words_add(&names, text("%s", entry->d_name));
	}
	if (dir)
		closedir(dir);
	if (names.count)
		qsort(names.at, names.count, sizeof(*names.at), by_name);
	return names;
}

char *file_read(const char *path, size_t *length)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	char *bytes;
	size_t n;

	if (!f)
		return NULL;
	if (fstat(fileno(f), &st) != 0 || !(bytes = malloc((size_t)st.st_size + 1)))
		die("%s: cannot be read", path);
	n = fread(bytes, 1, (size_t)st.st_size, f);
	fclose(f);
	bytes[n] = '\0';
	if (length)
		*length = n;
	return bytes;
}

void file_write(const char *path, const char *bytes, size_t length)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, length, f) != length || fclose(f) != 0)
		die("%s: %s", path, strerror(errno));
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
	size_t length;
	char *bytes = file_read(from, &length);

	if (!bytes)
		die("%s: %s", from, strerror(errno));
	file_write(to, bytes, length);
	chmod(to, mode & 0777);
	free(bytes);
}

static bool copy_link(const char *from, const char *to)
{
	char target[4096];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	if (strncmp(target, "../", 3) == 0)
		return false;
	if (symlink(target, to) != 0)
		die("%s: %s", to, strerror(errno));
	return true;
}

void tree_copy(const char *from, const char *to)
{
	struct words names;
	struct stat st;

	if (copy_link(from, to))
		return;
	if (stat(from, &st) != 0)
		die("%s: %s", from, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		copy_file(from, to, st.st_mode);
		return;
	}
	make_folder(to);
	names = folder_names(from);
	for (size_t i = 0; i < names.count; i++) {
		char *a = text("%s/%s", from, names.at[i]);
		char *b = text("%s/%s", to, names.at[i]);

		tree_copy(a, b);
		free(a);
		free(b);
	}
	words_free(&names);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tree_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
