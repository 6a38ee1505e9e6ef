/* SPDX-License-Identifier: MIT */

#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise */

/* Whole files, in one read where the size is known; pipes until they end. */

#include "io.h"

#include "project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAST_ROOM = 64 * 1024 };

/* At least one byte behind n, and one for the NUL. */
static bool make_room(char **p, size_t n, size_t *room)
{
	char *more;

	if (*p && n < *room)
		return true;
	if (*p)
		*room *= 2;
	more = realloc(*p, *room + 1);
	if (more)
		*p = more;
	return more != NULL;
}

/* Reads until the end or past limit. room: for how many bytes the first read asks. */
static int read_all(int fd, size_t room, uint64_t limit, char **text, size_t *length)
{
	char *p = NULL;
	size_t n = 0;
	int failed = 0;

	while (!failed) {
		ssize_t got;

		if (!make_room(&p, n, &room)) {
			failed = ENOMEM;
			break;
		}
		got = read(fd, p + n, room - n);
		if (got == 0)
			break;
		if (got < 0)
			failed = errno == EINTR ? 0 : errno;
		else if ((n += (size_t)got) > limit)
			failed = EFBIG;
	}
	if (failed) {
		free(p);
		return failed;
	}
	p[n] = '\0';
	*text = p;
	*length = n;
	return 0;
}

static int read_descriptor(int fd, uint64_t limit, char **text, size_t *length)
{
	size_t room = LEAST_ROOM;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uint64_t)st.st_size > limit || (uint64_t)st.st_size > SIZE_MAX / 4)
			return EFBIG;
		room = (size_t)st.st_size + 1; /* one more than it has: the next read says it has ended */
	}
	return read_all(fd, room, limit, text, length);
}

static int read_file(void *arg, const char *path, uint64_t limit, char **text, size_t *length)
{
	int fd, failed;

	(void)arg;
	if (strcmp(path, "-") == 0)
		return read_descriptor(STDIN_FILENO, limit, text, length);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno;
	failed = read_descriptor(fd, limit, text, length);
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

enum { HUGE_PAGE = 2 * 1024 * 1024, PAGE = 64 * 1024 /* a multiple of every system's page */ };

/* Asks for one huge page more and gives back what lies before and behind an aligned start. */
static size_t whole_pages(size_t size)
{
	return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

void *cm_pages_new(size_t size)
{
	char *p = mmap(NULL, whole_pages(size) + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t skip;

	if (p == MAP_FAILED)
		return NULL;
	skip = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE;
	if (skip)
		munmap(p, skip);
	if (HUGE_PAGE - skip)
		munmap(p + skip + whole_pages(size), HUGE_PAGE - skip);
#ifdef MADV_HUGEPAGE
	madvise(p + skip, size, MADV_HUGEPAGE);
#endif
	return p + skip;
}

void cm_pages_free(void *p, size_t size)
{
	munmap(p, whole_pages(size));
}
