/* SPDX-License-Identifier: MIT */

/*
 * What Compose adds to make a model explicit (spec/config.md 5); --no-normalize leaves it all out.
 *
 *   services: {a: {image: i, links: [b]}}
 *   ->  services: {a: {image: i, links: [b], networks: {default: null}, depends_on: {b: {condition: service_started, ...}}}}
 *       networks: {default: {name: PROJECT_default}}
 */

#include "model.h"

struct normalize {
	struct cm_resolve *r;
	bool uses_default;          /* some service or job joins the network `default` */
};

/* ---- variables without a value ---- */

static const struct cm_node *looked_up(struct cm_resolve *r, struct cm_str key, const struct cm_node *from)
{
	const struct cm_str *value = r->o->no_interpolate ? NULL : cm_env_get(r->env, key);

	return value ? cm_make_scalar(r->p, cm_doubled(r, *value), CM_PLAIN, from) : NULL;
}

/* A KEY=VALUE list or map as a map, keys without value looked up; still none: null, or left out. */
static const struct cm_node *with_values(struct cm_resolve *r, const struct cm_node *n, bool keep_unset)
{
	struct cm_project *p = r->p;
	struct cm_entries e = {0};
	uint32_t count;
	struct cm_key_value *all = cm_key_values(r, n, &count);

	for (uint32_t i = 0; i < count; i++) {
		const struct cm_node *value = n->kind == CM_MAP ? all[i].node : NULL;

		if (!all[i].value.p)
			value = looked_up(r, all[i].key, all[i].node);
		else if (!value)
			value = cm_make_scalar(p, cm_doubled(r, all[i].value), CM_PLAIN, all[i].node);
		if (!value && keep_unset)
			value = cm_make_raw(p, CM_STR("null"), all[i].node);
		if (value)
			cm_entries_add(p, &e, cm_make_pair(p, all[i].key, all[i].node, value));
	}
	return cm_map_made(p, &e, n);
}

static const struct cm_node *with_member_values(struct cm_resolve *r, const struct cm_node *map, const char *key, bool keep_unset)
{
	const struct cm_node *n = cm_member(r->p, map, key);

	if (!n || n->kind == CM_SCALAR)
		return map;
	return cm_with(r->p, map, cm_str_of(key), with_values(r, n, keep_unset));
}

/* ---- build ---- */

static const struct cm_node *complete_build(struct cm_resolve *r, const struct cm_node *service)
{
	struct cm_project *p = r->p;
	const struct cm_node *build = cm_member(p, service, "build");

	if (!build || build->kind != CM_MAP)
		return service;
	if (!cm_member_text(p, build, "dockerfile").n && !cm_member_text(p, build, "dockerfile_inline").n)
		build = cm_with(p, build, CM_STR("dockerfile"), cm_make_scalar(p, CM_STR("Dockerfile"), CM_PLAIN, NULL));
	return cm_with(p, service, CM_STR("build"), with_member_values(r, build, "args", false));
}

/* ---- networks ---- */

static const struct cm_node *join_default(struct normalize *x, const struct cm_node *service)
{
	struct cm_project *p = x->r->p;
	const struct cm_node *networks = cm_member(p, service, "networks");
	struct cm_entries e = {0};

	if (networks && networks->kind != CM_SCALAR && networks->count) {
		x->uses_default = x->uses_default || cm_member(p, networks, "default");
		return service;
	}
	if (cm_has_member(p, service, "provider") || cm_member_text(p, service, "network_mode").n)
		return service;
	x->uses_default = true;
	cm_entries_add(p, &e, cm_make_pair(p, CM_STR("default"), NULL, cm_make_raw(p, CM_STR("null"), NULL)));
	return cm_with(p, service, CM_STR("networks"), cm_make_map(p, e.at, e.count, CM_BLOCK, NULL));
}

/* ---- dependencies that other attributes imply ---- */

struct implied {
	struct cm_resolve *r;
	const struct cm_node *was;   /* depends_on, or NULL */
	struct cm_entries e;
};

static void imply(struct implied *x, struct cm_str name, bool restart, const struct cm_node *from)
{
	struct cm_project *p = x->r->p;
	const struct cm_sym *word = cm_sym(p, name);
	struct cm_entries e = {0};

	for (uint32_t i = 0; i < x->e.count; i++)
		if (x->e.at[i].word == word)
			return;
	cm_put_text(p, &e, "condition", CM_STR("service_started"), NULL);
	if (restart)
		cm_put_raw(p, &e, "restart", CM_STR("true"), NULL);
	cm_put_raw(p, &e, "required", CM_STR("true"), NULL);
	cm_entries_add(p, &x->e, cm_make_pair(p, name, from, cm_make_map(p, e.at, e.count, CM_BLOCK, from)));
}

static void imply_links(struct implied *x, const struct cm_node *links)
{
	for (uint32_t i = 0; i < cm_items_below(links); i++) {
		struct cm_str s = cm_item_text(x->r, links, i);
		size_t colon = s.p ? cm_str_find(s, ':', 0) : 0;

		if (s.p && cm_str_find(s, ':', colon + (colon < s.n)) == s.n)
			s.n = colon;
		if (s.p)
			imply(x, s, true, cm_deref(links->items[i]));
	}
}

static void imply_volumes(struct implied *x, const struct cm_node *from)
{
	for (uint32_t i = 0; i < cm_items_below(from); i++) {
		struct cm_str s = cm_item_text(x->r, from, i);

		if (s.p && !cm_str_starts(s, "container:"))
			imply(x, cm_str_cut(s, 0, cm_str_find(s, ':', 0)), false, cm_deref(from->items[i]));
	}
}

static const struct cm_node *with_implied(struct cm_resolve *r, const struct cm_node *service)
{
	static const char *const spaces[] = {"network_mode", "ipc", "pid", "uts"};
	struct cm_project *p = r->p;
	struct implied x = {.r = r, .was = cm_member(p, service, "depends_on")};
	struct cm_pairs all = cm_pairs_below(p, x.was);

	for (uint32_t i = 0; i < all.count; i++)
		cm_entries_add(p, &x.e, all.at[i]);
	imply_links(&x, cm_member(p, service, "links"));
	for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++) {
		struct cm_str name = cm_service_reference(cm_member_text(p, service, spaces[i]));

		if (name.p)
			imply(&x, cm_literal(r, name), true, cm_member(p, service, spaces[i]));
	}
	imply_volumes(&x, cm_member(p, service, "volumes_from"));
	if (x.e.count == all.count)
		return service;
	return cm_with(p, service, CM_STR("depends_on"), cm_map_made(p, &x.e, x.was));
}

/* ---- hooks ---- */

/* What a service gives its hooks: the container attributes a hook accepts, without volumes. */
static const struct cm_node *for_hooks(struct cm_resolve *r, const struct cm_attr *hook, const struct cm_node *service)
{
	struct cm_pairs all = cm_pairs_below(r->p, service);
	struct cm_entries e = {0};

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_attr *row = all.at[i].word ? cm_attr_child(hook, cm_sym_str(all.at[i].word)) : NULL;

		if (row && !(row->item && row->item->short_form == CM_SHORT_VOLUME))
			cm_entries_add(r->p, &e, all.at[i]);
	}
	return cm_make_map(r->p, e.at, e.count, CM_BLOCK, NULL);
}

static const struct cm_node *complete_hooks(struct cm_resolve *r, const struct cm_node *service)
{
	static const struct cm_merge_options options;
	const struct cm_attr *hook = cm_attr_find("services.*.pre_start[]");
	const struct cm_node *hooks = cm_member(r->p, service, "pre_start"), *base;
	struct cm_merger m = {
		.p = r->p, .scratch = r->scratch, .options = &options, .jobs = true, .folder = "", .root = service, .over_root = service};
	struct cm_items out = {0};

	if (!cm_items_below(hooks))
		return service;
	base = for_hooks(r, hook, service);
	for (uint32_t i = 0; i < hooks->count; i++) {
		struct cm_pair pair = cm_make_pair(r->p, CM_STR("pre_start"), NULL, hooks->items[i]);
		struct cm_step step = cm_step_to(NULL, &pair);

		cm_items_add(r->p, &out, cm_merge_map(&m, &step, hook, base, cm_deref(hooks->items[i])), NULL);
	}
	return cm_with(r->p, service, CM_STR("pre_start"), cm_make_seq(r->p, out.at, out.count, CM_BLOCK, hooks, NULL));
}

/* ---- one service or job ---- */

static const struct cm_node *clean_target(struct cm_resolve *r, const struct cm_node *mount)
{
	const struct cm_node *n = cm_member(r->p, mount, "target");
	struct cm_str now;

	if (!n || n->kind != CM_SCALAR)
		return mount;
	now = cm_path_clean(r->p->arena, cm_text(n));
	if (!n->count || cm_str_eq(now, cm_text(n)))
		return mount;
	return cm_with(r->p, mount, CM_STR("target"), cm_make_scalar(r->p, now, CM_PLAIN, n));
}

static const struct cm_node *clean_targets(struct cm_resolve *r, const struct cm_node *service)
{
	const struct cm_node *volumes = cm_member(r->p, service, "volumes");
	struct cm_items out = {0};
	bool changed = false;

	for (uint32_t i = 0; i < cm_items_below(volumes); i++) {
		const struct cm_node *was = cm_deref(volumes->items[i]), *now = clean_target(r, was);

		changed = changed || now != was;
		cm_items_add(r->p, &out, now, NULL);
	}
	if (!changed)
		return service;
	return cm_with(r->p, service, CM_STR("volumes"), cm_make_seq(r->p, out.at, out.count, CM_BLOCK, volumes, NULL));
}

static const struct cm_node *normalize_service(struct cm_resolve *r, const struct cm_pair *entry, void *arg)
{
	struct cm_project *p = r->p;
	const struct cm_node *service = cm_deref(entry->value);

	if (service->kind != CM_MAP)
		return entry->value;
	if (cm_str_is(cm_member_text(p, service, "pull_policy"), "if_not_present"))
		service = cm_with(p, service, CM_STR("pull_policy"),
			cm_make_scalar(p, CM_STR("missing"), CM_PLAIN, cm_member(p, service, "pull_policy")));
	service = join_default(arg, service);
	service = complete_build(r, service);
	service = with_member_values(r, service, "environment", true);
	service = with_implied(r, service);
	service = clean_targets(r, service);
	return complete_hooks(r, service);
}

/* ---- resources ---- */

static const struct cm_node *named(struct cm_resolve *r, const struct cm_pair *entry, void *arg)
{
	struct cm_project *p = r->p;
	const struct cm_node *n = cm_deref(entry->value);
	struct cm_str key = cm_doubled(r, cm_sym_str(entry->word));

	(void)arg;
	if (n->kind != CM_MAP)
		n = cm_make_map(p, NULL, 0, CM_BLOCK, n);
	if (cm_member(p, n, "name"))
		return n;
	if (!cm_member_true(p, n, "external"))
		key = cm_strf(p->arena, "%.*s_%.*s", (int)r->name.n, r->name.p, (int)key.n, key.p);
	return cm_with(p, n, CM_STR("name"), cm_make_scalar(p, key, CM_PLAIN, entry->key));
}

static const struct cm_node *with_default_network(struct cm_resolve *r, const struct cm_node *root)
{
	struct cm_project *p = r->p;
	struct cm_str section = cm_sym_str(cm_role_word(p, CM_ROLE_NETWORKS));
	const struct cm_node *networks = cm_section(p, root, CM_ROLE_NETWORKS);

	if (cm_entry(p, root, CM_ROLE_NETWORKS, CM_STR("default")))
		return root;
	if (!networks || cm_deref(networks)->kind != CM_MAP)
		networks = cm_make_map(p, NULL, 0, CM_BLOCK, NULL);
	return cm_with(p, root, section,
		cm_with(p, cm_deref(networks), CM_STR("default"), cm_make_raw(p, CM_STR("null"), NULL)));
}

const struct cm_node *cm_normalize(struct cm_resolve *r, const struct cm_node *root)
{
	static const enum cm_role resources[] = {CM_ROLE_NETWORKS, CM_ROLE_VOLUMES, CM_ROLE_SECRETS, CM_ROLE_CONFIGS};
	struct normalize x = {.r = r};

	if (r->o->no_normalize || r->o->compatibility)
		return root;
	root = cm_map_section(r, root, CM_ROLE_SERVICES, normalize_service, &x);
	root = cm_map_section(r, root, CM_ROLE_JOBS, normalize_service, &x);
	if (x.uses_default)
		root = with_default_network(r, root);
	for (size_t i = 0; i < sizeof(resources) / sizeof(*resources); i++)
		root = cm_map_section(r, root, resources[i], named, NULL);
	return root;
}
