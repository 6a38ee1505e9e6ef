/* SPDX-License-Identifier: MIT */

/*
 * Services and jobs whose profiles are not active left out (spec/config.md 7).
 *
 *   --profile dev      services: {a: {profiles: [dev]}, b: {profiles: [ops]}, c: {}}   ->   services: {a, c}
 *
 * A disabled service that is named by an argument is enabled too.
 */

#include "model.h"

struct profiles {
	struct cm_str *names;
	uint32_t count;
	bool all;
};

static struct cm_str trimmed(struct cm_str s)
{
	while (s.n && strchr(" \t\r\n\v\f", s.p[0]))
		s = cm_str_cut(s, 1, s.n);
	while (s.n && strchr(" \t\r\n\v\f", s.p[s.n - 1]))
		s.n--;
	return s;
}

static void add(struct cm_resolve *r, struct profiles *x, struct cm_str name)
{
	struct cm_str *more = cm_new_array(r->p->arena, x->count + 1, struct cm_str);

	if (x->count)
		memcpy(more, x->names, x->count * sizeof(*more));
	more[x->count++] = name;
	x->names = more;
	x->all = x->all || cm_str_is(name, "*");
}

/* --profile, else COMPOSE_PROFILES; nothing at all is the one profile "". */
static struct profiles active_profiles(struct cm_resolve *r)
{
	const struct cm_str *variable = r->env ? cm_env_get(r->env, CM_STR("COMPOSE_PROFILES")) : NULL;
	struct cm_str s = variable ? *variable : CM_STR("");
	struct profiles x = {0};

	for (size_t i = 0; r->o->profiles && r->o->profiles[i]; i++)
		add(r, &x, cm_str_of(r->o->profiles[i]));
	if (x.count)
		return x;
	for (size_t from = 0, end; from <= s.n; from = end + 1) {
		end = cm_str_find(s, ',', from);
		add(r, &x, trimmed(cm_str_cut(s, from, end)));
	}
	return x;
}

static bool is_named(struct cm_resolve *r, struct cm_str name)
{
	for (size_t i = 0; r->o->services && r->o->services[i]; i++)
		if (cm_str_is(name, r->o->services[i]))
			return true;
	return false;
}

static bool is_enabled(struct cm_resolve *r, const struct profiles *x, const struct cm_node *service)
{
	const struct cm_node *own = cm_member(r->p, service, "profiles");
	uint32_t count = cm_items_below(own);

	if (!count || x->all)
		return true;
	for (uint32_t i = 0; i < count; i++) {
		struct cm_str name = cm_item_text(r, own, i);

		for (uint32_t j = 0; name.p && j < x->count; j++)
			if (cm_str_eq(name, x->names[j]))
				return true;
	}
	return false;
}

/* scale stands for deploy.replicas as well, where both can be said. */
static const struct cm_node *with_replicas(struct cm_resolve *r, const struct cm_node *service)
{
	const struct cm_node *scale = cm_member(r->p, service, "scale"), *deploy = cm_member(r->p, service, "deploy");

	if (!scale || !deploy || deploy->kind != CM_MAP || cm_member(r->p, deploy, "replicas"))
		return service;
	return cm_with(r->p, service, CM_STR("deploy"), cm_with(r->p, deploy, CM_STR("replicas"), scale));
}

static const struct cm_node *keep_service(struct cm_resolve *r, const struct cm_pair *entry, void *arg)
{
	const struct cm_node *n = cm_deref(entry->value), *now;

	if (!is_enabled(r, arg, n) && !is_named(r, cm_sym_str(entry->word)))
		return NULL;
	now = r->o->no_consistency ? n : with_replicas(r, n);
	return now == n ? entry->value : now;
}

static const struct cm_node *keep_job(struct cm_resolve *r, const struct cm_pair *entry, void *arg)
{
	return is_enabled(r, arg, cm_deref(entry->value)) ? entry->value : NULL;
}

/* A named service activates its own profiles. */
static void activate_named(struct cm_resolve *r, const struct cm_node *root, struct profiles *x)
{
	for (size_t i = 0; r->o->services && r->o->services[i]; i++) {
		const struct cm_pair *entry = cm_entry(r->p, root, CM_ROLE_SERVICES, cm_str_of(r->o->services[i]));
		const struct cm_node *own = entry ? cm_member(r->p, entry->value, "profiles") : NULL;

		if (!entry || is_enabled(r, x, entry->value))
			continue;
		for (uint32_t j = 0; j < cm_items_below(own); j++)
			add(r, x, cm_item_text(r, own, j));
	}
}

const struct cm_node *cm_enabled(struct cm_resolve *r, const struct cm_node *root)
{
	struct profiles x = active_profiles(r), named;

	root = cm_map_section(r, root, CM_ROLE_JOBS, keep_job, &x);
	named = x;
	activate_named(r, root, &named);
	return cm_map_section(r, root, CM_ROLE_SERVICES, keep_service, &named);
}
