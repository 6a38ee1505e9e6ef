/* SPDX-License-Identifier: MIT */

/* Variables: a hash table over interned names. */

#include "resolve.h"

#include <stdlib.h>

struct variable {
	const struct cm_sym *name;
	struct cm_str value;
};

struct cm_env {
	struct cm_project *p;
	struct variable *slots;   /* open addressing, a power of two; name NULL: free */
	uint32_t size, count;
};

struct cm_env *cm_env_new(struct cm_project *p)
{
	struct cm_env *e = cm_new(p->arena, struct cm_env);

	e->p = p;
	return e;
}

static struct variable *find(const struct cm_env *e, const struct cm_sym *name)
{
	uint32_t i = name->hash & (e->size - 1);

	while (e->slots[i].name && e->slots[i].name != name)
		i = (i + 1) & (e->size - 1);
	return &e->slots[i];
}

static void grow(struct cm_env *e)
{
	struct variable *old = e->slots;
	uint32_t size = e->size;

	e->size = size ? size * 2 : 64;
	e->slots = cm_new_array(e->p->arena, e->size, struct variable);
	for (uint32_t i = 0; i < size; i++)
		if (old[i].name)
			*find(e, old[i].name) = old[i];
}

void cm_env_set(struct cm_env *e, struct cm_str name, struct cm_str value)
{
	const struct cm_sym *word = cm_sym(e->p, name);
	struct variable *v;

	if ((e->count + 1) * 2 > e->size)
		grow(e);
	v = find(e, word);
	e->count += !v->name;
	*v = (struct variable){word, value};
}

const struct cm_str *cm_env_get(const struct cm_env *e, struct cm_str name)
{
	const struct variable *v = e->count ? find(e, cm_sym(e->p, name)) : NULL;

	return v && v->name ? &v->value : NULL;
}

static int by_name(const void *a, const void *b)
{
	return cm_str_cmp(cm_sym_str(*(const struct cm_sym *const *)a), cm_sym_str(*(const struct cm_sym *const *)b));
}

const struct cm_sym **cm_env_names(const struct cm_env *e, uint32_t *count)
{
	const struct cm_sym **names = cm_new_array(e->p->arena, e->count + 1, const struct cm_sym *);
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->size; i++)
		if (e->slots[i].name)
			names[n++] = e->slots[i].name;
	qsort(names, n, sizeof(*names), by_name);
	*count = n;
	return names;
}

struct cm_env *cm_env_copy(const struct cm_env *e)
{
	struct cm_env *copy = cm_env_new(e->p);

	*copy = *e;
	if (!e->size)
		return copy;
	copy->slots = cm_new_array(e->p->arena, e->size, struct variable);
	memcpy(copy->slots, e->slots, e->size * sizeof(*e->slots));
	return copy;
}
