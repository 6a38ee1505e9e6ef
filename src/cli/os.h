/* SPDX-License-Identifier: MIT */
#ifndef CM_CLI_OS_H
#define CM_CLI_OS_H

/*
 * Where the program meets the operating system: whole files in, whole files out, which file is
 * which.
 *
 * A target is looked at before the work begins, so that a folder or a read-only file is refused at
 * once, and written at the end:
 *
 *   missing, a regular file   a temporary file beside it, renamed over it: whatever fails, the old
 *                             one stays whole. A link stays one; the file behind it keeps its mode
 *   a device, a pipe          written to directly
 *
 * Functions return 0 or an errno value, and own nothing past their return but what they hand out
 * (malloc).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"

/* Which file it is, whatever its name. */
struct cm_os_id {
	uint64_t device, inode;
	bool regular, folder;
};

enum { CM_OS_PATH = 4096 };

struct cm_os_target {
	char real[CM_OS_PATH]; /* symbolic links followed */
	bool exists;
	bool direct; /* no regular file: written as it is */
	struct cm_os_id id;
	unsigned mode, owner, group;
};

/* For main: descriptors 0 to 2 are taken, so that no file becomes one; a closed pipe and a file
 * size limit are write errors, not signals. */
void cm_os_start(void);
/* cm_cli_io.write for the process's own streams. */
int cm_os_stream_write(void *arg, enum cm_stream stream, const char *text, size_t length);

int cm_os_write(int fd, const char *text, size_t length);
/* All bytes until the end, a NUL behind them; EFBIG past limit. */
int cm_os_read(int fd, uint64_t limit, char **text, size_t *length);
/* The same of a file, and which file it was. EISDIR for a folder. */
int cm_os_read_file(const char *path, uint64_t limit, char **text, size_t *length,
	struct cm_os_id *id);

int cm_os_identify(const char *path, struct cm_os_id *id);
int cm_os_identify_descriptor(int fd, struct cm_os_id *id);
bool cm_os_same(const struct cm_os_id *a, const struct cm_os_id *b);
int cm_os_readable(const char *path);
bool cm_os_is_terminal(int fd);
/* The current folder as the user calls it: pwd (the variable PWD, may be NULL) where it names the
 * same folder. */
int cm_os_current_folder(const char *pwd, char *path, size_t size);

/* "no such file": an errno value in the words of the library's own messages. */
const char *cm_os_reason(int error);
/* Calls each with every name in a folder, until it returns false. */
int cm_os_list(const char *folder, bool (*each)(void *arg, const char *name), void *arg);

/* EISDIR for a folder, ENOENT where its folder is missing. */
int cm_os_target(const char *path, struct cm_os_target *t);
int cm_os_target_write(const struct cm_os_target *t, const char *text, size_t length);

#endif
