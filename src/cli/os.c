/* SPDX-License-Identifier: MIT */
/* POSIX calls and their habits: short writes, EINTR, links, and a file that is replaced in one
 * step. */

#include "os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_AT_MOST = 40, NAMES_TRIED = 100, FIRST_READ = 64 * 1024 };

/* A descriptor the caller closed would be given to the next file that is opened, and our
 * messages written into it. /dev/null opened the wrong way round keeps the number taken and
 * still fails with EBADF when used. */
void cm_os_start(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
			(void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	signal(SIGPIPE, SIG_IGN);
#ifdef SIGXFSZ
	signal(SIGXFSZ, SIG_IGN);
#endif
}

int cm_os_stream_write(void *arg, enum cm_stream stream, const char *text, size_t length)
{
	(void)arg;
	return cm_os_write((int)stream, text, length);
}

int cm_os_write(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Room for one more byte than was read, twice as much each time; never for more than limit + 1 and
 * the NUL. */
static int grow(char **text, size_t *size, uint64_t limit)
{
	size_t more = *size ? *size * 2 : FIRST_READ;
	char *p;

	if (limit < SIZE_MAX - 2 && more > limit + 2)
		more = (size_t)limit + 2;
	p = realloc(*text, more);
	if (!p)
		return ENOMEM;
	*text = p;
	*size = more;
	return 0;
}

/* Reads into *text, which has room for *size bytes already (0: none). */
static int read_all(int fd, uint64_t limit, char **text, size_t *length, size_t size)
{
	size_t n = 0;

	for (;;) {
		ssize_t got;

		if (n + 1 >= size && grow(text, &size, limit) != 0)
			return ENOMEM;
		got = read(fd, *text + n, size - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		n += (size_t)got;
		if (n > limit)
			return EFBIG;
		if (got == 0)
			break;
	}
	(*text)[n] = '\0';
	*length = n;
	return 0;
}

int cm_os_read(int fd, uint64_t limit, char **text, size_t *length)
{
	struct stat st;
	size_t size = 0;
	int error;

	*text = NULL;
	if (fstat(fd, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uint64_t)st.st_size > limit)
			return EFBIG;
		size = (size_t)st.st_size + 2; /* a byte more than it has: the end shows */
		*text = malloc(size);
		if (!*text)
			return ENOMEM;
	}
	error = read_all(fd, limit, text, length, size);
	if (error) {
		free(*text);
		*text = NULL;
	}
	return error;
}

int cm_os_read_file(const char *path, uint64_t limit, char **text, size_t *length,
	struct cm_os_id *id)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), error;

	if (fd < 0)
		return errno;
	error = cm_os_identify_descriptor(fd, id);
	if (!error)
		error = cm_os_read(fd, limit, text, length);
	close(fd);
	return error;
}

static struct cm_os_id id_of(const struct stat *st)
{
	return (struct cm_os_id){(uint64_t)st->st_dev, (uint64_t)st->st_ino, S_ISREG(st->st_mode),
		S_ISDIR(st->st_mode)};
}

int cm_os_identify(const char *path, struct cm_os_id *id)
{
	struct stat st;

	*id = (struct cm_os_id){0};
	if (stat(path, &st) != 0)
		return errno;
	*id = id_of(&st);
	return 0;
}

int cm_os_identify_descriptor(int fd, struct cm_os_id *id)
{
	struct stat st;

	*id = (struct cm_os_id){0};
	if (fstat(fd, &st) != 0)
		return errno;
	*id = id_of(&st);
	return 0;
}

bool cm_os_same(const struct cm_os_id *a, const struct cm_os_id *b)
{
	return a->device == b->device && a->inode == b->inode;
}

int cm_os_readable(const char *path)
{
	return access(path, R_OK) == 0 ? 0 : errno;
}

bool cm_os_is_terminal(int fd)
{
	return fd >= 0 && isatty(fd) == 1;
}

int cm_os_current_folder(const char *pwd, char *path, size_t size)
{
	struct cm_os_id here, named;

	if (pwd && pwd[0] == '/' && strlen(pwd) < size && cm_os_identify(".", &here) == 0 &&
	    cm_os_identify(pwd, &named) == 0 && cm_os_same(&here, &named)) {
		strcpy(path, pwd);
		return 0;
	}
	return getcwd(path, size) ? 0 : errno;
}

const char *cm_os_reason(int error)
{
	static const struct {
		int error;
		const char *text;
	} reasons[] = {
		{EISDIR, "it is a directory"},
		{ENOENT, "no such file"},
		{EACCES, "not allowed"},
		{EPERM, "not allowed"},
		{ENOTDIR, "a part of its path is no directory"},
		{ENOSPC, "the disk is full"},
		{EFBIG, "it is too large"},
		{EROFS, "the file system is read-only"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].error == error)
			return reasons[i].text;
	return strerror(error);
}

int cm_os_list(const char *folder, bool (*each)(void *arg, const char *name), void *arg)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (!d)
		return errno;
	while ((e = readdir(d)) && each(arg, e->d_name))
		;
	closedir(d);
	return 0;
}

/* The folder part of path with its slash: "a/b.yml" -> 2 bytes, "b.yml" -> 0. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Replaces path, a symbolic link, by what it points at. */
static int follow_once(char path[CM_OS_PATH])
{
	char link[CM_OS_PATH];
	ssize_t n = readlink(path, link, sizeof link - 1);
	size_t folder = folder_length(path);

	if (n < 0)
		return errno;
	link[n] = '\0';
	if (link[0] == '/')
		folder = 0;
	if (folder + (size_t)n >= CM_OS_PATH)
		return ENAMETOOLONG;
	memcpy(path + folder, link, (size_t)n + 1);
	return 0;
}

/* Follows every link of t->real, dangling ones too. What leads through /proc (/dev/stdout) is
 * some process's descriptor, and has no name that could be renamed over. */
static int follow(struct cm_os_target *t)
{
	struct stat st;
	int error = 0;

	for (int i = 0; lstat(t->real, &st) == 0 && S_ISLNK(st.st_mode); i++) {
		if (i == LINKS_AT_MOST)
			return ELOOP;
		error = follow_once(t->real);
		if (error)
			return error;
		if (strncmp(t->real, "/proc/", 6) == 0) {
			t->direct = true;
			return 0;
		}
	}
	return 0;
}

/* A file that does not exist yet: its folder must. */
static int look_at_folder(const struct cm_os_target *t)
{
	char folder[CM_OS_PATH];
	size_t n = folder_length(t->real);
	struct stat st;

	if (t->real[n] == '\0')
		return EISDIR;
	memcpy(folder, n ? t->real : "./", n ? n : 2);
	folder[n ? n : 2] = '\0';
	return stat(folder, &st) == 0 ? 0 : errno;
}

int cm_os_target(const char *path, struct cm_os_target *t)
{
	struct stat st;
	int error;

	*t = (struct cm_os_target){.exists = stat(path, &st) == 0};
	if (!t->exists && errno != ENOENT)
		return errno;
	if (strlen(path) >= sizeof t->real)
		return ENAMETOOLONG;
	strcpy(t->real, path);
	if (t->exists && !S_ISREG(st.st_mode)) {
		t->id = id_of(&st);
		t->direct = true;
		return S_ISDIR(st.st_mode) ? EISDIR : 0;
	}
	error = follow(t);
	if (error)
		return error;
	if (!t->exists)
		return look_at_folder(t);
	t->id = id_of(&st);
	t->mode = st.st_mode & 07777;
	t->owner = st.st_uid;
	t->group = st.st_gid;
	return access(path, W_OK) == 0 ? 0 : errno;
}

/* Appending does nothing to a device or a pipe, and is right for the file behind /dev/stdout. */
static int write_directly(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY), error;

	if (fd < 0)
		return errno;
	error = cm_os_write(fd, text, length);
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

/* A new file beside the target. Nobody else may read it while the target's own mode is not set. */
static int open_beside(const struct cm_os_target *t, char *name, size_t size)
{
	int folder = (int)folder_length(t->real), fd = -1;

	for (int i = 0; i < NAMES_TRIED && fd < 0; i++) {
		snprintf(name, size, "%.*s.composemerge-%ld-%d.tmp", folder, t->real,
			(long)getpid(), i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, t->exists ? 0600 : 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

/* The owner stays where we may say so; the mode comes last because a new owner clears its set-user
 * bits. */
static int keep_mode(int fd, const struct cm_os_target *t)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	if (st.st_uid != t->owner || st.st_gid != t->group)
		(void)!fchown(fd, t->owner, t->group);
	return fchmod(fd, (mode_t)t->mode) == 0 ? 0 : errno;
}

static int replace(const struct cm_os_target *t, const char *text, size_t length)
{
	char name[CM_OS_PATH + 64];
	int fd = open_beside(t, name, sizeof name), error;

	if (fd < 0)
		return errno;
	error = cm_os_write(fd, text, length);
	if (!error && t->exists)
		error = keep_mode(fd, t);
	if (!error && fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
		error = errno;
	if (close(fd) != 0 && !error)
		error = errno;
	if (!error && rename(name, t->real) != 0)
		error = errno;
	if (error)
		unlink(name);
	return error;
}

/* ^C waits until the temporary file is renamed or gone. */
int cm_os_target_write(const struct cm_os_target *t, const char *text, size_t length)
{
	sigset_t ends, old;
	int error;

	if (t->direct)
		return write_directly(t->real, text, length);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ends, &old);
	error = replace(t, text, length);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return error;
}
