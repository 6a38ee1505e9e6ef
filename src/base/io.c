/* SPDX-License-Identifier: MIT */

/* Whole files, in one read where the size is known; pipes until they end. */

#include "io.h"

#include "project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end or past limit. size: room made for the first read. */
static int read_all(int fd, size_t size, uint64_t limit, char **text, size_t *length)
{
	char *p = malloc(size + 1), *more;
	size_t n = 0;

	if (!p)
		return ENOMEM;
	for (;;) {
		ssize_t got = read(fd, p + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			int failed = got < 0 ? errno : 0;

			if (failed) {
				free(p);
				return failed;
			}
			break;
		}
		n += (size_t)got;
		if (n > limit) {
			free(p);
			return EFBIG;
		}
		if (n < size)
			continue;
		size *= 2;
		more = realloc(p, size + 1);
		if (!more) {
			free(p);
			return ENOMEM;
		}
		p = more;
	}
	p[n] = '\0';
	*text = p;
	*length = n;
	return 0;
}

static int read_file(void *arg, const char *path, uint64_t limit, char **text, size_t *length)
{
	bool input = strcmp(path, "-") == 0;
	int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), failed;
	size_t room = 64 * 1024;
	struct stat st;

	(void)arg;
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) < 0)
		failed = errno;
	else if (S_ISDIR(st.st_mode))
		failed = EISDIR;
	else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > limit)
		failed = EFBIG;
	else {
		if (S_ISREG(st.st_mode))
			room = (size_t)st.st_size + 1;
		failed = read_all(fd, room, limit, text, length);
	}
	if (!input)
		close(fd);
	return failed;
}

static int file_exists(void *arg, const char *path)
{
	(void)arg;
	return access(path, R_OK) == 0 ? 0 : errno;
}

const struct cm_files cm_real_files = {read_file, file_exists, NULL};

const char *cm_working_folder(struct cm_project *p)
{
	size_t size = 256;

	for (;; size *= 2) {
		char *folder = cm_alloc(p->arena, size);

		if (getcwd(folder, size))
			return folder;
		if (errno != ERANGE)
			return "";
	}
}
