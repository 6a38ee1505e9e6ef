/* SPDX-License-Identifier: MIT */

/*
 * Looking things up in the attribute table (attr_table.c).
 *
 * A mounted block is searched after the rows of the block itself: a job's "image" is found in job, workload,
 * container, three binary searches.
 */

#include <stdlib.h>

#include "attr.h"

static int compare_name(const void *key, const void *row)
{
	return cm_str_cmp(*(const struct cm_str *)key, cm_str_of(((const struct cm_attr *)row)->name));
}

static const struct cm_attr *find_row(const struct cm_block *block, struct cm_str key)
{
	for (; block; block = block->base) {
		const struct cm_attr *row = NULL;
		if (block->count)
			row = bsearch(&key, block->rows, block->count, sizeof(*block->rows), compare_name);
		if (row)
			return row;
	}
	return NULL;
}

static const struct cm_block *block_of(const struct cm_attr *attr)
{
	return attr ? attr->block : &cm_top;
}

const struct cm_attr *cm_attr_child(const struct cm_attr *attr, struct cm_str key)
{
	const struct cm_block *block = block_of(attr);
	if (!block)
		return NULL;
	const struct cm_attr *row = find_row(block, key);
	if (row || (block->extensions && cm_str_starts(key, "x-")))
		return row;
	return block->any;
}

const struct cm_attr *cm_attr_item(const struct cm_attr *attr)
{
	return attr->item ? attr->item : attr->list_item;
}

/* Cuts the next step off a path: "ports[].target" -> "ports", "[]", "target". */
static struct cm_str next_step(struct cm_str *path)
{
	if (cm_str_starts(*path, "[]")) {
		struct cm_str step = cm_str_cut(*path, 0, 2);
		*path = cm_str_cut(*path, 2 + (path->n > 2 && path->p[2] == '.'), path->n);
		return step;
	}
	size_t end = 0;
	while (end < path->n && path->p[end] != '.' && path->p[end] != '[')
		end++;
	struct cm_str step = cm_str_cut(*path, 0, end);
	*path = cm_str_cut(*path, end + (end < path->n && path->p[end] == '.'), path->n);
	return step;
}

const struct cm_attr *cm_attr_find(const char *path)
{
	const struct cm_attr *attr = NULL;
	struct cm_str rest = cm_str_of(path);
	do {
		struct cm_str step = next_step(&rest);
		if (!step.n)
			return NULL;
		if (cm_str_is(step, "[]"))
			attr = attr ? cm_attr_item(attr) : NULL;
		else
			attr = cm_attr_child(attr, step);
	} while (attr && rest.n);
	return attr;
}

/* Roles stand on top-level rows, and on rows of what these name (extends, in a service). */
static const struct cm_attr *find_role(const struct cm_block *block, enum cm_role role, int levels)
{
	for (; block; block = block->base)
		for (size_t i = 0; i < block->count; i++) {
			const struct cm_attr *row = &block->rows[i], *found = NULL;
			if (row->role == role)
				return row;
			if (levels && row->block && row->block->any)
				found = find_role(row->block->any->block, role, levels - 1);
			if (found)
				return found;
		}
	return NULL;
}

const struct cm_attr *cm_attr_role(enum cm_role role)
{
	return role == CM_ROLE_NONE ? NULL : find_role(&cm_top, role, 1);
}

#define PATH_SIZE 256

struct walk {
	char path[PATH_SIZE];
	void (*fn)(const char *path, const struct cm_attr *attr, void *arg);
	void *arg;
};

static void walk_block(struct walk *w, size_t n, const struct cm_block *block);

/* The row at path, whose first n bytes are its parent's, and all below. */
static void walk_row(struct walk *w, size_t n, const struct cm_attr *row)
{
	bool item = cm_str_is(cm_str_of(row->name), "[]");
	size_t name = strlen(row->name), dot = n && !item;
	if (n + dot + name >= PATH_SIZE)
		return;
	if (dot)
		w->path[n] = '.';
	memcpy(w->path + n + dot, row->name, name + 1);
	n += dot + name;
	w->fn(w->path, row, w->arg);
	walk_block(w, n, row->block);
	if (cm_attr_item(row))
		walk_row(w, n, cm_attr_item(row));
	w->path[n] = 0;
}

/* A mounted row is skipped where a row above it has its name. */
static void walk_block(struct walk *w, size_t n, const struct cm_block *block)
{
	const struct cm_block *top = block;
	for (; block; block = block->base)
		for (size_t i = 0; i < block->count; i++)
			if (find_row(top, cm_str_of(block->rows[i].name)) == &block->rows[i])
				walk_row(w, n, &block->rows[i]);
	if (top && top->any)
		walk_row(w, n, top->any);
}

void cm_attr_walk(void (*fn)(const char *path, const struct cm_attr *attr, void *arg), void *arg)
{
	struct walk w = {.fn = fn, .arg = arg};
	walk_block(&w, 0, &cm_top);
}

const char *const *cm_attr_names(struct cm_arena *a, const struct cm_attr *attr)
{
	const struct cm_block *top = block_of(attr);
	size_t most = 0, n = 0;
	for (const struct cm_block *b = top; b; b = b->base)
		most += b->count;
	const char **names = cm_new_array(a, most + 1, const char *);
	for (const struct cm_block *b = top; b; b = b->base)
		for (size_t i = 0; i < b->count; i++)
			if (find_row(top, cm_str_of(b->rows[i].name)) == &b->rows[i])
				names[n++] = b->rows[i].name;
	return names;
}
