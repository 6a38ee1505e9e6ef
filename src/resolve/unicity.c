/* SPDX-License-Identifier: MIT */

/*
 * One entry per identity (spec/merge.md 3): the last entry's content at the first entry's place, in the lists of services.
 *
 *   ports: ["8080:80", "81:81", {target: 80, published: "8080", name: web}]   ->   ports: [{... name: web}, "81:81"]
 */

#include "model.h"

struct unique {
	struct cm_rewrite *w;
	const struct cm_at *at;
	enum cm_identity identity;
};

static struct cm_str fail(struct unique *u, const struct cm_node *n, const char *what)
{
	struct cm_str path = cm_at_text(u->w->r->p, u->at);

	cm_error(u->w->r->p, cm_span_of(n), CM_E_SCHEMA, "%.*s: %s", (int)path.n, path.p, what);
	u->w->failed = true;
	return (struct cm_str){NULL, 0};
}

/* An int published never equals a string one: the key says which it was. */
static struct cm_str port_key(struct unique *u, const struct cm_node *n)
{
	struct cm_project *p = u->w->r->p;
	const struct cm_node *published = cm_member(p, n, "published");
	struct cm_str host = cm_member_text(p, n, "host_ip"), from = cm_member_text(p, n, "published");
	struct cm_str target = cm_member_text(p, n, "target"), protocol = cm_member_text(p, n, "protocol");
	bool number = published && published->kind == CM_SCALAR && cm_scalar_value(p->arena, published).type == CM_INT;

	if (!target.p)
		return fail(u, n, "the port is missing a target port");
	host = host.p ? host : CM_STR("0.0.0.0");
	protocol = protocol.p ? protocol : CM_STR("tcp");
	return cm_strf(p->arena, "%.*s:%s%.*s:%.*s/%.*s", (int)host.n, host.p, number ? "#" : "", (int)from.n, from.p ? from.p : "",
		(int)target.n, target.p, (int)protocol.n, protocol.p);
}

static struct cm_str mount_key(struct unique *u, const struct cm_node *n, const char *folder)
{
	struct cm_project *p = u->w->r->p;
	struct cm_str target = cm_member_text(p, n, "target");
	struct cm_str source = n->kind == CM_SCALAR ? cm_text(n) : cm_member_text(p, n, "source");

	if (n->kind == CM_MAP && target.n)
		return target;
	return cm_strf(p->arena, "%s/%.*s", folder, (int)source.n, source.p ? source.p : "");
}

static struct cm_str required_member(struct unique *u, const struct cm_node *n, const char *key, const char *what)
{
	struct cm_str s = cm_member_text(u->w->r->p, n, key);

	return s.p ? s : fail(u, n, what);
}

/* Schema and canonical form report what is no entry of its syntax: such a text is its own key. */
static struct cm_str parsed(struct cm_entry_key key, struct cm_str text)
{
	return key.known == CM_KNOWN && key.text.p ? key.text : text;
}

static struct cm_str text_key(struct unique *u, const struct cm_node *n)
{
	struct cm_arena *a = u->w->r->p->arena;
	struct cm_value v = cm_scalar_value(a, n);
	struct cm_str text = n->count ? cm_text(n) : CM_STR("");

	switch (u->identity) {
	case CM_ID_BEFORE_EQUALS:
		return v.type == CM_STRING || v.type == CM_BINARY ? cm_str_cut(text, 0, cm_str_find(text, '=', 0)) : fail(u, n, "must be a string");
	case CM_ID_EXPOSE:
		return v.type == CM_STRING || v.type == CM_INT ? cm_value_text(a, v) : fail(u, n, "must be a whole number or a string");
	case CM_ID_PORT:
		return cm_value_text(a, v);
	case CM_ID_VOLUME:
		return parsed(cm_volume_short_key(a, text), text);
	case CM_ID_DEVICE:
		return parsed(cm_device_short_key(a, text), text);
	default:
		return text;
	}
}

static struct cm_str key_of(struct unique *u, const struct cm_node *n)
{
	if (u->identity == CM_ID_CONFIG)
		return mount_key(u, n, "");
	if (u->identity == CM_ID_SECRET)
		return mount_key(u, n, "/run/secrets");
	if (n->kind == CM_SCALAR)
		return text_key(u, n);
	switch (n->kind == CM_MAP ? u->identity : CM_ID_NONE) {
	case CM_ID_PORT: return port_key(u, n);
	case CM_ID_ENV_FILE: return required_member(u, n, "path", "the env file is missing its path");
	case CM_ID_VOLUME: return required_member(u, n, "target", "the volume is missing a mount target");
	case CM_ID_DEVICE: return required_member(u, n, "target", "the device is missing a mount target");
	default: return fail(u, n, n->kind == CM_MAP ? "a mapping cannot stand here" : "a list cannot stand here");
	}
}

/* Keys seen and where they stand in the result; open addressing. */
struct seen {
	const struct cm_sym **words;
	uint32_t *places, mask;
};

static uint32_t *place_of(struct seen *s, const struct cm_sym *word)
{
	uint32_t i = word->hash & s->mask;

	while (s->words[i] && s->words[i] != word)
		i = (i + 1) & s->mask;
	s->words[i] = word;
	return &s->places[i];
}

static struct seen seen_for(struct cm_project *p, uint32_t count)
{
	uint32_t size = 8;

	while (size < count * 2)
		size *= 2;
	return (struct seen){cm_new_array(p->arena, size, const struct cm_sym *), cm_new_array(p->arena, size, uint32_t), size - 1};
}

static const struct cm_node *unique_list(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = w->r->p;
	struct seen seen = seen_for(p, n->count);
	struct cm_items out = {0};

	for (uint32_t i = 0; i < n->count; i++) {
		struct cm_at here = cm_at_item(at, i);
		struct unique u = {w, &here, at->attr->identity};
		struct cm_str key = key_of(&u, cm_deref(n->items[i]));
		uint32_t *place = key.p ? place_of(&seen, cm_sym(p, key)) : NULL;

		if (place && *place) {
			out.at[*place - 1] = n->items[i];
			continue;
		}
		cm_items_add(p, &out, n->items[i], NULL);
		if (place)
			*place = out.count;
	}
	return out.count == n->count ? n : cm_make_seq(p, out.at, out.count, n->style, n, NULL);
}

/* Not below list items (hooks), and not in jobs. */
static bool below_item(const struct cm_at *at)
{
	for (; at; at = at->up)
		if (!at->word.p)
			return true;
	return false;
}

static const struct cm_node *unify(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	if (n->kind != CM_SEQ || at->attr->identity == CM_ID_NONE || n->count == 0)
		return n;
	if (cm_at_role(at) == CM_ROLE_JOBS || below_item(at))
		return n;
	return unique_list(w, at, n);
}

const struct cm_node *cm_unicity(struct cm_resolve *r, const struct cm_node *root)
{
	struct cm_rewrite w = {.r = r, .before = unify};

	root = cm_rewrite(&w, root);
	return w.failed ? NULL : root;
}
