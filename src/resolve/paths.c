/* SPDX-License-Identifier: MIT */

/*
 * Relative paths joined with the project directory (spec/config.md 6); the table says where paths stand.
 *
 *   build: {context: ./app}  of /srv/shop   ->   build: {context: /srv/shop/app}
 *   env_file: [{path: ~/x.env}]             ->   env_file: [{path: /home/me/x.env}]
 *
 * Absolute paths stay as they are written. Values keep their $ doubled, so what is put before them is doubled first.
 */

#include "model.h"

#include <unistd.h>

struct paths {
	struct cm_resolve *r;
	struct cm_str base;       /* the project directory, $ doubled */
};

/* ---- one path ---- */

static bool is_absolute(struct cm_str s)
{
	return s.n && s.p[0] == '/';
}

/* C:\ C:/ \\host\share */
static bool is_windows(struct cm_str s)
{
	bool drive = s.n > 2 && ((s.p[0] | 0x20) >= 'a' && (s.p[0] | 0x20) <= 'z') && s.p[1] == ':';

	return (drive && (s.p[2] == '\\' || s.p[2] == '/')) || (s.n > 2 && s.p[0] == '\\' && s.p[1] == '\\');
}

static struct cm_str with_home(struct paths *x, const struct cm_node *n, struct cm_str s)
{
	const struct cm_str *home = cm_env_get(x->r->env, CM_STR("HOME"));
	struct cm_str base;

	if (!s.n || s.p[0] != '~')
		return s;
	if (!home || !home->n) {
		cm_warn(x->r->p, cm_span_of(n), CM_E_NO_HOME, "cannot expand '~', because the environment lacks HOME");
		return s;
	}
	base = cm_doubled(x->r, *home);
	return cm_path_join(x->r->p->arena, base, cm_str_cut(s, 1, s.n));
}

static struct cm_str absolute(struct paths *x, struct cm_str s)
{
	return is_absolute(s) ? s : cm_path_join(x->r->p->arena, x->base, s);
}

static bool is_remote(struct cm_str s)
{
	static const char *const prefixes[] = {"service:", "github.com/", "git@"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (cm_str_starts(s, prefixes[i]))
			return true;
	for (size_t i = 0; i + 2 < s.n; i++)
		if (!memcmp(s.p + i, "://", 3))
			return true;
	return false;
}

static struct cm_str context_path(struct paths *x, const struct cm_node *n, struct cm_str s)
{
	return !s.n || is_remote(s) ? s : absolute(x, with_home(x, n, s));
}

static struct cm_str env_path(struct paths *x, const struct cm_node *n, struct cm_str s)
{
	return s.n ? absolute(x, with_home(x, n, s)) : s;
}

/* An empty path is the project directory; what Windows calls absolute stays. */
static struct cm_str host_path(struct paths *x, const struct cm_node *n, struct cm_str s)
{
	s = with_home(x, n, s);
	return is_windows(s) ? s : absolute(x, s);
}

/* The first component that is a symbolic link is replaced by its target. */
static struct cm_str follow_link(struct paths *x, struct cm_str s)
{
	struct cm_arena *a = x->r->p->arena;
	struct cm_str plain = cm_literal(x->r, s);
	char target[4096];

	for (size_t end = 1; end <= plain.n; end++) {
		struct cm_str folder, rest;
		ssize_t length;

		end = cm_str_find(plain, '/', end);
		length = readlink(cm_strndup(a, plain.p, end), target, sizeof(target));
		if (length <= 0 || (size_t)length == sizeof(target))
			continue;
		folder = cm_str_cut(plain, 0, end);
		while (folder.n > 1 && folder.p[folder.n - 1] != '/')
			folder.n--;
		rest = cm_str_cut(plain, end, plain.n);
		if (target[0] == '/')
			folder = CM_STR("/");
		folder = cm_path_join(a, folder, (struct cm_str){cm_strndup(a, target, (size_t)length), (size_t)length});
		return cm_doubled(x->r, rest.n ? cm_path_join(a, folder, rest) : folder);
	}
	return s;
}

static struct cm_str watch_path(struct paths *x, const struct cm_node *n, struct cm_str s)
{
	s = with_home(x, n, s);
	return is_absolute(s) ? s : follow_link(x, absolute(x, s));
}

/* ---- where they stand ---- */

static struct cm_str resolved(struct paths *x, const struct cm_at *at, const struct cm_node *n, struct cm_str s)
{
	switch (at->attr->path) {
	case CM_PATH_CONTEXT: return context_path(x, n, s);
	case CM_PATH_ENV_FILE: return env_path(x, n, s);
	case CM_PATH_SSH: return host_path(x, n, s);
	case CM_PATH_WATCH: return watch_path(x, n, s);
	case CM_PATH_PLAIN: return at->word.p ? host_path(x, n, s) : env_path(x, n, s);
	default: return s;
	}
}

static const struct cm_node *resolve_member(struct paths *x, const struct cm_node *map, const char *key)
{
	const struct cm_node *n = cm_member(x->r->p, map, key);
	struct cm_str was, now;

	if (!n || n->kind != CM_SCALAR || cm_is_null(n))
		return map;
	was = n->count ? cm_text(n) : CM_STR("");
	now = host_path(x, n, was);
	return now.p == was.p ? map : cm_with(x->r->p, map, cm_str_of(key), cm_make_scalar(x->r->p, now, CM_PLAIN, n));
}

/* The source of a bind; the device of a volume the local driver binds. */
static const struct cm_node *resolve_map(struct paths *x, const struct cm_at *at, const struct cm_node *n)
{
	struct cm_project *p = x->r->p;
	const struct cm_node *options = cm_member(p, n, "driver_opts");

	if (at->attr->short_form == CM_SHORT_VOLUME)
		return cm_str_is(cm_member_text(p, n, "type"), "bind") ? resolve_member(x, n, "source") : n;
	if (cm_at_depth(at) != 2 || cm_at_role(at) != CM_ROLE_VOLUMES || !options)
		return n;
	if (!cm_str_is(cm_member_text(p, n, "driver"), "local") || !cm_str_is(cm_member_text(p, options, "o"), "bind"))
		return n;
	return cm_with(p, n, CM_STR("driver_opts"), resolve_member(x, options, "device"));
}

static const struct cm_node *resolve_node(struct cm_rewrite *w, const struct cm_at *at, const struct cm_node *n)
{
	struct paths *x = w->arg;
	struct cm_str was, now;

	if (n->kind == CM_MAP)
		return resolve_map(x, at, n);
	if (n->kind != CM_SCALAR || at->attr->path == CM_PATH_NONE || cm_is_null(n))
		return n;
	if (cm_scalar_value(w->r->p->arena, n).type == CM_NULL)
		return n;
	was = n->count ? cm_text(n) : CM_STR("");
	now = resolved(x, at, n, was);
	return now.p == was.p && now.n == was.n ? n : cm_make_scalar(w->r->p, now, CM_PLAIN, n);
}

const struct cm_node *cm_absolute_paths(struct cm_resolve *r, const struct cm_node *root)
{
	struct paths x = {.r = r, .base = cm_doubled(r, cm_str_of(r->project_directory))};
	struct cm_rewrite w = {.r = r, .before = resolve_node, .arg = &x};

	return r->o->no_path_resolution ? root : cm_rewrite(&w, root);
}
