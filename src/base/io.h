/* SPDX-License-Identifier: MIT */
#ifndef CM_BASE_IO_H
#define CM_BASE_IO_H

/* The operating system: the default way a project reads files. The only file of the library that meets it is io.c. */

#include "../../include/composemerge.h"

/* Reads whole files; "-" is standard input. */
extern const struct cm_files cm_real_files;

struct cm_project;

/* size bytes of zeroed memory straight from the system, on huge pages where it has them; NULL: none. */
void *cm_pages_new(size_t size);
void cm_pages_free(void *p, size_t size);
/* The current folder, absolute; "" where the system does not tell. */
const char *cm_working_folder(struct cm_project *p);

#endif
