/* SPDX-License-Identifier: MIT */

/*
 * The services the arguments name, with all they depend on, and the resources these use (spec/config.md 7).
 *
 *   config web      services: {web: {depends_on: {db}}, db, other}, networks: {default, unused}   ->   services: {web, db}, networks: {default}
 *
 * Resources of jobs and of hooks count as used, unlike in the reference (config.md 10, row 4).
 */

#include "model.h"

#include <fnmatch.h>

struct selection {
	struct cm_resolve *r;
	struct cm_node services;      /* the section, << expanded */
	struct cm_index index;
	bool *chosen;
	uint32_t *stack, waiting;     /* chosen, their dependencies not followed yet */
	bool failed;
};

/* ---- services ---- */

bool cm_name_matches(struct cm_arena *a, const char *pattern, struct cm_str name)
{
	return fnmatch(pattern, cm_strndup(a, name.p, name.n), 0) == 0;
}

static void choose(struct selection *s, uint32_t i)
{
	if (s->chosen[i])
		return;
	s->chosen[i] = true;
	s->stack[s->waiting++] = i;
}

static const char *const *all_names(struct selection *s)
{
	const char **names = cm_new_array(s->r->p->arena, (size_t)s->services.count + 1, const char *);

	for (uint32_t i = 0; i < s->services.count; i++)
		names[i] = s->services.pairs[i].word->p;
	return names;
}

static void no_such_service(struct selection *s, struct cm_str name, struct cm_span span)
{
	struct cm_diag *d = cm_error(s->r->p, span, CM_E_NO_SUCH_SERVICE, "no such service: %.*s", (int)name.n, name.p);
	const char *near = cm_nearest(s->r->p->arena, name, all_names(s));

	if (near)
		cm_help(s->r->p, d, "did you mean %s?", near);
	s->failed = true;
}

static void choose_matching(struct selection *s, const char *pattern)
{
	bool found = false;

	for (uint32_t i = 0; i < s->services.count; i++)
		if (cm_name_matches(s->r->p->arena, pattern, cm_sym_str(s->services.pairs[i].word))) {
			choose(s, i);
			found = true;
		}
	if (!found)
		no_such_service(s, cm_str_of(pattern), (struct cm_span){0, 0, 0});
}

static bool is_optional(struct cm_project *p, const struct cm_node *dependency)
{
	return cm_member(p, dependency, "required") && !cm_member_true(p, dependency, "required");
}

static void follow(struct selection *s)
{
	struct cm_project *p = s->r->p;

	while (s->waiting) {
		const struct cm_node *service = s->services.pairs[s->stack[--s->waiting]].value;
		struct cm_pairs on = cm_pairs_below(p, cm_member(p, service, "depends_on"));

		for (uint32_t i = 0; i < on.count; i++) {
			uint32_t at = cm_index_find(&s->index, on.at[i].word);

			if (at != UINT32_MAX)
				choose(s, at);
			else if (!is_optional(p, on.at[i].value))
				no_such_service(s, cm_sym_str(on.at[i].word), cm_span_of(on.at[i].key));
		}
	}
}

/* depends_on without what was not chosen. */
static const struct cm_node *without_others(struct selection *s, const struct cm_node *service)
{
	struct cm_project *p = s->r->p;
	const struct cm_node *map = cm_member(p, service, "depends_on");
	struct cm_pairs on = cm_pairs_below(p, map);
	struct cm_entries e = {0};

	for (uint32_t i = 0; i < on.count; i++) {
		uint32_t at = cm_index_find(&s->index, on.at[i].word);

		if (at != UINT32_MAX && s->chosen[at])
			cm_entries_add(p, &e, on.at[i]);
	}
	return e.count == on.count ? service : cm_with(p, service, CM_STR("depends_on"), cm_map_made(p, &e, map));
}

static const struct cm_node *select_services(struct cm_resolve *r, const struct cm_node *root)
{
	struct cm_pairs all = cm_section_pairs(r->p, root, CM_ROLE_SERVICES);
	struct selection s = {.r = r, .services = {.kind = CM_MAP, .count = all.count, .pairs = (struct cm_pair *)all.at}};
	struct cm_entries e = {0};

	s.index = cm_index_of(r->p, &s.services);
	s.chosen = cm_new_array(r->p->arena, (size_t)all.count + 1, bool);
	s.stack = cm_new_array(r->p->arena, (size_t)all.count + 1, uint32_t);
	for (size_t i = 0; r->o->services[i]; i++)
		choose_matching(&s, r->o->services[i]);
	follow(&s);
	for (uint32_t i = 0; i < all.count; i++)
		if (s.chosen[i]) {
			struct cm_pair pair = all.at[i];

			pair.value = without_others(&s, cm_deref(pair.value));
			cm_entries_add(r->p, &e, pair);
		}
	if (s.failed)
		return NULL;
	return cm_with(r->p, root, cm_sym_str(cm_role_word(r->p, CM_ROLE_SERVICES)), cm_make_map(r->p, e.at, e.count, CM_BLOCK, NULL));
}

/* ---- resources ---- */

/* Names in use of one kind; open addressing on interned words. */
struct used {
	const struct cm_sym **words;
	uint32_t size, count;
};

struct uses {
	struct cm_resolve *r;
	struct used of[CM_ROLE_COUNT];
};

static bool find(struct used *u, const struct cm_sym *word, bool add)
{
	uint32_t i = word->hash & (u->size - 1);

	while (u->words[i] && u->words[i] != word)
		i = (i + 1) & (u->size - 1);
	if (u->words[i])
		return true;
	if (add) {
		u->words[i] = word;
		u->count++;
	}
	return false;
}

static void grow(struct cm_project *p, struct used *u)
{
	struct used old = *u;

	u->size = old.size ? old.size * 2 : 16;
	u->words = cm_new_array(p->arena, u->size, const struct cm_sym *);
	u->count = 0;
	for (uint32_t i = 0; i < old.size; i++)
		if (old.words[i])
			find(u, old.words[i], true);
}

static void use(struct uses *x, enum cm_role role, struct cm_str name)
{
	struct used *u = &x->of[role];

	if (!name.p)
		return;
	if (u->count * 2 >= u->size)
		grow(x->r->p, u);
	find(u, cm_sym(x->r->p, name), true);
}

static void use_keys(struct uses *x, enum cm_role role, const struct cm_node *map)
{
	struct cm_pairs all = cm_pairs_below(x->r->p, map);

	for (uint32_t i = 0; i < all.count; i++)
		if (all.at[i].word)
			use(x, role, cm_sym_str(all.at[i].word));
}

static void use_sources(struct uses *x, enum cm_role role, const struct cm_node *list)
{
	for (uint32_t i = 0; i < cm_items_below(list); i++) {
		struct cm_str s = cm_member_text(x->r->p, list->items[i], "source");

		if (s.p)
			use(x, role, cm_literal(x->r, s));
	}
}

static void use_volumes(struct uses *x, const struct cm_node *list)
{
	for (uint32_t i = 0; i < cm_items_below(list); i++) {
		const struct cm_node *mount = list->items[i];
		struct cm_str s = cm_member_text(x->r->p, mount, "source");

		if (s.p && cm_str_is(cm_member_text(x->r->p, mount, "type"), "volume"))
			use(x, CM_ROLE_VOLUMES, cm_literal(x->r, s));
	}
}

/* A service, a job, or a hook. */
static void use_all(struct uses *x, const struct cm_node *n)
{
	struct cm_project *p = x->r->p;
	const struct cm_node *hooks = cm_member(p, n, "pre_start");

	use_keys(x, CM_ROLE_NETWORKS, cm_member(p, n, "networks"));
	use_keys(x, CM_ROLE_MODELS, cm_member(p, n, "models"));
	use_volumes(x, cm_member(p, n, "volumes"));
	use_sources(x, CM_ROLE_SECRETS, cm_member(p, n, "secrets"));
	use_sources(x, CM_ROLE_SECRETS, cm_member(p, cm_member(p, n, "build"), "secrets"));
	use_sources(x, CM_ROLE_CONFIGS, cm_member(p, n, "configs"));
	for (uint32_t i = 0; i < cm_items_below(hooks); i++)
		use_all(x, hooks->items[i]);
}

static const struct cm_node *keep_used(struct cm_resolve *r, const struct cm_pair *entry, void *arg)
{
	struct used *u = arg;

	(void)r;
	return u->size && entry->word && find(u, entry->word, false) ? entry->value : NULL;
}

static const struct cm_node *without_unused(struct cm_resolve *r, const struct cm_node *root)
{
	static const enum cm_role users[] = {CM_ROLE_SERVICES, CM_ROLE_JOBS};
	static const enum cm_role kinds[] = {CM_ROLE_NETWORKS, CM_ROLE_VOLUMES, CM_ROLE_SECRETS, CM_ROLE_CONFIGS, CM_ROLE_MODELS};
	struct uses x = {.r = r};

	for (size_t u = 0; u < sizeof(users) / sizeof(*users); u++) {
		struct cm_pairs all = cm_section_pairs(r->p, root, users[u]);

		for (uint32_t i = 0; i < all.count; i++)
			use_all(&x, all.at[i].value);
	}
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		root = cm_map_section(r, root, kinds[k], keep_used, &x.of[kinds[k]]);
	return root;
}

/* ---- container names ---- */

bool cm_check_names(struct cm_resolve *r, const struct cm_node *root)
{
	struct cm_pairs all = cm_section_pairs(r->p, root, CM_ROLE_SERVICES);
	struct cm_entries names = {0};
	struct cm_node map = {.kind = CM_MAP};
	struct cm_index index;
	bool ok = true;

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_str name = cm_member_text(r->p, all.at[i].value, "container_name");

		if (name.n)
			cm_entries_add(r->p, &names, (struct cm_pair){cm_sym(r->p, name),
				cm_member(r->p, all.at[i].value, "container_name"), all.at[i].key});
	}
	map.pairs = names.at;
	map.count = names.count;
	index = cm_index_of(r->p, &map);
	for (uint32_t i = 0; i < names.count; i++) {
		uint32_t first = cm_index_find(&index, names.at[i].word);
		struct cm_diag *d;

		if (first == i)
			continue;
		d = cm_error(r->p, cm_span_of(names.at[i].key), CM_E_CONFLICT, "services.%.*s: container name \"%s\" is already in use by service \"%.*s\"",
			(int)names.at[i].value->count, names.at[i].value->text, names.at[i].word->p, (int)names.at[first].value->count,
			names.at[first].value->text);
		cm_note(r->p, d, cm_span_of(names.at[first].key), "the first stands here");
		ok = false;
	}
	return ok;
}

const struct cm_node *cm_select(struct cm_resolve *r, const struct cm_node *root)
{
	if (r->o->services && r->o->services[0])
		root = select_services(r, root);
	if (root && !r->o->all_resources)
		root = without_unused(r, root);
	if (root && !r->o->no_consistency && !cm_check_names(r, root))
		return NULL;
	return root;
}
