/* SPDX-License-Identifier: MIT */
#ifndef CM_TESTS_FUZZ_H
#define CM_TESTS_FUZZ_H

/*
 * What the fuzz targets share. A target is one file fuzz_NAME.c with LLVMFuzzerTestOneInput; `make fuzz` runs it under
 * libFuzzer, `make fuzz-replay` over the golden cases and tests/fuzz/corpus/NAME without clang.
 *
 * An input of several files, as fuzz_merge reads it: a byte of options, then the files f0.yml, f1.yml ... parted by a
 * line that holds the mark. Files reach one another by these names, in memory: no fuzz target opens anything.
 *
 *   @services: {a: {image: i}}
 *   #--8<--
 *   services: {a: {ports: [80]}}
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/composemerge.h"

#define FUZZ_MARK "#--8<--\n"

enum { FUZZ_FILES = 8 };

struct fuzz_file {
	const char *text;
	size_t length;
};

struct fuzz_input {
	struct fuzz_file files[FUZZ_FILES];
	size_t count;
};

/* Cuts at the marks; what stands behind the last file's mark belongs to it. */
struct fuzz_input fuzz_cut(const uint8_t *data, size_t size);
/* A project that reads in's files only (in may be NULL), with limits low enough that no input takes long. */
struct cm_project *fuzz_project(struct fuzz_input *in);
/* Prints every message, in both forms, into nothing; aborts where one says "internal": a result that was read back with
 * another meaning is a finding. */
void fuzz_messages(struct cm_project *p);
/* Aborts unless text, merged alone, loads, and comes back unchanged where same is set. */
void fuzz_reload(const char *text, size_t length, bool same);

/* Whether the target cuts its input into files: the seeds made from golden cases differ. */
extern const bool fuzz_cuts;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
