/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share; see fuzz.h. */

#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t mark_length = sizeof(FUZZ_MARK) - 1;

static const char *find_mark(const char *at, const char *end)
{
	for (; (size_t)(end - at) >= mark_length; at++) {
		at = memchr(at, FUZZ_MARK[0], (size_t)(end - at) - mark_length + 1);
		if (!at)
			return NULL;
		if (memcmp(at, FUZZ_MARK, mark_length) == 0)
			return at;
	}
	return NULL;
}

struct fuzz_input fuzz_cut(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.count = 0};
	const char *at = (const char *)data, *end = at + size, *mark;

	while (in.count < FUZZ_FILES) {
		mark = in.count + 1 < FUZZ_FILES ? find_mark(at, end) : NULL;
		in.files[in.count++] = (struct fuzz_file){at, (size_t)((mark ? mark : end) - at)};
		if (!mark)
			break;
		at = mark + mark_length;
	}
	return in;
}

/* "f3.yml", also below a folder ("./f3.yml"): the file of that number. */
static const struct fuzz_file *find_file(const struct fuzz_input *in, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t number;

	if (!in || name[0] != 'f' || name[1] < '0' || name[1] > '9' || strcmp(name + 2, ".yml") != 0)
		return NULL;
	number = (size_t)(name[1] - '0');
	return number < in->count ? &in->files[number] : NULL;
}

static int read_file(void *arg, const char *path, uint64_t limit, char **text, size_t *length)
{
	const struct fuzz_file *f = find_file(arg, path);

	if (!f)
		return ENOENT;
	if (f->length > limit)
		return EFBIG;
	*text = malloc(f->length + 1);
	if (!*text)
		return ENOMEM;
	memcpy(*text, f->text, f->length);
	(*text)[f->length] = '\0';
	*length = f->length;
	return 0;
}

static int exists(void *arg, const char *path)
{
	return find_file(arg, path) ? 0 : ENOENT;
}

struct cm_project *fuzz_project(struct fuzz_input *in)
{
	const struct cm_files files = {.read = read_file, .exists = exists, .arg = in};
	struct cm_project *p = cm_project_new(&files);

	if (!p)
		abort();
	if (cm_limit_set(p, "limit-expansion", 20000) != CM_OK || cm_limit_set(p, "limit-files", 50) != CM_OK)
		abort();
	return p;
}

static void no_write(void *arg, const char *text, size_t length)
{
	(void)text;
	*(size_t *)arg += length;
}

void fuzz_messages(struct cm_project *p)
{
	struct cm_message m;
	size_t length = 0;

	cm_messages_print(p, CM_PRINT_TEXT, true, CM_NOTE, no_write, &length);
	cm_messages_print(p, CM_PRINT_JSON, false, CM_NOTE, no_write, &length);
	for (size_t i = 0; cm_message_at(p, i, &m); i++) {
		if (strcmp(m.code, "internal") == 0) {
			fprintf(stderr, "internal: %s\n", m.text);
			abort();
		}
	}
}

void fuzz_reload(const char *text, size_t length, bool same)
{
	struct cm_project *p = fuzz_project(NULL);
	struct cm_output out;

	if (cm_add_text(p, "out.yml", text, length) != CM_OK) {
		fprintf(stderr, "the result does not load:\n%.*s\n", (int)length, text);
		abort();
	}
	if (same && (cm_merge(p, NULL, &out) != CM_OK || out.length != length || memcmp(out.text, text, length) != 0)) {
		fprintf(stderr, "the result, merged alone, is not the same:\n%.*s\n", (int)length, text);
		abort();
	}
	cm_project_free(p);
}
