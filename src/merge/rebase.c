/* SPDX-License-Identifier: MIT */

/* The walk follows the attribute table: only rows that hold paths are touched, everything else
 * keeps its node. */

#include "rebase.h"

#include "../base/diag.h"
#include "../spec/names.h"
#include "../spec/short.h"
#include "../yaml/scalar.h"

const char *cm_dirname(struct cm_project *p, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return "";
	return slash == path ? "/" : cm_strndup(p->arena, path, (size_t)(slash - path));
}

/* How to get from folder new to folder old. */
static struct cm_str way(struct cm_project *p, struct cm_str new, struct cm_str old)
{
	struct cm_buf *b = cm_buf_new(p->arena, 64);
	size_t i = 0, same = 0;

	if (cm_str_eq(new, old))
		return (struct cm_str){"", 0};
	if (old.n && old.p[0] == '/' && !(new.n &&new.p[0] == '/'))
		return old;
	while (i <= new.n && i <= old.n) {
		bool end_new = i == new.n || new.p[i] == '/',
		     end_old = i == old.n || old.p[i] == '/';

		if (end_new && end_old)
			same = i + 1;
		else if (end_new != end_old || new.p[i] != old.p[i])
			break;
		i++;
	}
	if (!new.n || !old.n)
		same = 0;
	for (i = same; i < new.n;) {
		cm_buf_puts(b, b->n ? "/.." : "..");
		i = cm_str_find(new, '/', i) + 1;
	}
	if (same < old.n) {
		if (b->n)
			cm_buf_putc(b, '/');
		cm_buf_add(b, old.p + same, old.n - same);
	}
	return (struct cm_str){b->n ? b->p : "", b->n};
}

static struct cm_str cleaned(struct cm_project *p, const char *folder)
{
	struct cm_str s = cm_path_clean(p->arena, cm_str_of(folder));

	return cm_str_is(s, ".") ? (struct cm_str){"", 0} : s;
}

struct cm_rebase cm_rebase_from(struct cm_project *p, const char *new, const char *old)
{
	return (struct cm_rebase){.p = p, .prefix = way(p, cleaned(p, new), cleaned(p, old))};
}

/* ---- one path ---- */

static void refuse(struct cm_rebase *r, const struct cm_node *n, struct cm_str path)
{
	struct cm_diag *d;

	r->refused = true;
	if (r->quiet)
		return;
	d = cm_error(r->p, cm_span_of(n), CM_E_REBASE,
		"the path %.*s starts with a variable: it may be relative or not", (int)path.n,
		path.p);
	cm_help(r->p, d,
		"write the result beside the first file, or use --keep-paths to leave every path as it is");
}

static bool is_relative(struct cm_str path)
{
	return path.n && path.p[0] != '/' && path.p[0] != '~' &&
		!(path.n > 2 && path.p[1] == ':' && (path.p[2] == '\\' || path.p[2] == '/')) &&
		!cm_str_starts(path, "\\\\");
}

static bool is_context_url(struct cm_str s)
{
	if (s.n && s.p[0] == '$' && cm_has_var(s))
		return false; /* whatever it defaults to, its value may be a path */
	for (size_t i = 0; i + 2 < s.n; i++)
		if (s.p[i] == ':' && s.p[i + 1] == '/' && s.p[i + 2] == '/')
			return true;
	return cm_str_starts(s, "service:") || cm_str_starts(s, "github.com/") ||
		cm_str_starts(s, "git@");
}

/* The path from the other folder; ok false where it stays as it is. */
static struct cm_str moved(
	struct cm_rebase *r, const struct cm_node *n, struct cm_str path, bool dotted, bool *ok)
{
	struct cm_str joined;

	*ok = false;
	if (!path.n || !is_relative(path))
		return path;
	if (path.p[0] == '$' && cm_has_var(path)) {
		r->found = true;
		refuse(r, n, path);
		return path;
	}
	r->found = true;
	if (!r->prefix.n)
		return path;
	joined = cm_path_join(r->p->arena, r->prefix, path);
	if (r->keep_dot && cm_str_starts(path, "./"))
		joined = cm_strf(r->p->arena, "%.*s/%.*s", (int)r->prefix.n, r->prefix.p,
			(int)path.n, path.p);
	if (joined.p[0] != '/' && joined.p[0] != '.' && dotted)
		joined = cm_strf(r->p->arena, "./%.*s", (int)joined.n, joined.p);
	*ok = !cm_str_eq(joined, path);
	return joined;
}

static const struct cm_node *with_text(
	struct cm_rebase *r, const struct cm_node *n, struct cm_str text)
{
	return cm_make_scalar(r->p, text, n->style, n);
}

static const struct cm_node *move_scalar(struct cm_rebase *r, const struct cm_node *n, bool dotted)
{
	bool ok;
	struct cm_str path = moved(r, n, cm_text(n), dotted, &ok);

	return ok ? with_text(r, n, path) : n;
}

/* ---- the rows ---- */

static const struct cm_node *move_volume(struct cm_rebase *r, const struct cm_node *n)
{
	struct cm_volume v = cm_volume_parse(cm_text(n));
	struct cm_str text = cm_text(n), path;
	bool ok;

	if (!v.source.n && text.n && text.p[0] == '$' &&
		cm_has_var(text)) { /* one variable that is the whole of it */
		r->found = true;
		refuse(r, n, text);
		return n;
	}
	if (v.error || !v.source.n)
		return n;
	if (v.source.p[0] == '$' && cm_has_var(v.source)) {
		r->found = true;
		refuse(r, n, v.source);
		return n;
	}
	if (!v.bind)
		return n;
	path = moved(r, n, v.source, true, &ok);
	if (!ok)
		return n;
	return with_text(r, n,
		cm_strf(r->p->arena, "%.*s%.*s", (int)path.n, path.p, (int)(text.n - v.source.n),
			text.p + v.source.n));
}

/* KEY=PATH */
static const struct cm_node *move_after_equals(
	struct cm_rebase *r, const struct cm_node *n, bool url)
{
	struct cm_str text = cm_text(n), path;
	size_t at = cm_str_find(text, '=', 0);
	bool ok;

	if (at >= text.n)
		return n;
	path = cm_str_cut(text, at + 1, text.n);
	if (url && is_context_url(path))
		return n;
	path = moved(r, n, path, false, &ok);
	return ok ? with_text(r, n,
			    cm_strf(r->p->arena, "%.*s%.*s", (int)at + 1, text.p, (int)path.n,
				    path.p))
		  : n;
}

static const struct cm_node *move_by_row(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *n, bool in_list)
{
	bool key_value = in_list && attr->short_form != CM_SHORT_NONE &&
		(attr->short_form == CM_SHORT_CONTEXTS || attr->short_form == CM_SHORT_SSH);

	switch (attr->path) {
	case CM_PATH_CONTEXT:
		if (key_value)
			return move_after_equals(r, n, true);
		return is_context_url(cm_text(n)) ? n : move_scalar(r, n, false);
	case CM_PATH_SSH:
		return in_list ? move_after_equals(r, n, false) : move_scalar(r, n, false);
	case CM_PATH_VOLUME: return in_list ? move_volume(r, n) : move_scalar(r, n, false);
	case CM_PATH_NONE: return n;
	case CM_PATH_ENV_FILE: {
		struct cm_rebase exact = *r;
		const struct cm_node *moved_node;

		exact.keep_dot = r->elsewhere;
		moved_node = move_scalar(&exact, n, false);
		r->found = exact.found;
		r->refused = exact.refused;
		return moved_node;
	}
	default: return move_scalar(r, n, false);
	}
}

static const struct cm_node *walk(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *n, bool in_list);

static bool is_bind(struct cm_project *p, const struct cm_node *map)
{
	const struct cm_node *type = cm_map_text(p, map, CM_NAME_TYPE);

	return type && cm_deref(type)->kind == CM_SCALAR &&
		cm_str_is(cm_text(cm_deref(type)), CM_NAME_BIND);
}

static bool is_local_bind(struct cm_project *p, const struct cm_node *volume)
{
	const struct cm_node *driver = cm_map_text(p, volume, CM_NAME_DRIVER),
			     *opts = cm_map_text(p, volume, CM_NAME_DRIVER_OPTS), *o;

	if (!driver || !opts || cm_deref(opts)->kind != CM_MAP ||
		!cm_str_is(cm_text(cm_deref(driver)), CM_VALUE_LOCAL))
		return false;
	o = cm_map_text(p, cm_deref(opts), CM_NAME_O);
	return o && cm_deref(o)->kind == CM_SCALAR && cm_str_is(cm_text(cm_deref(o)), CM_NAME_BIND);
}

/* Some rows hold a path only beside the right sibling. */
static bool applies(struct cm_rebase *r, const struct cm_attr *child, const struct cm_node *map)
{
	if (child->path == CM_PATH_VOLUME && cm_str_is(cm_str_of(child->name), CM_NAME_SOURCE))
		return is_bind(r->p, map);
	if (child->name[0] == 'd' && cm_str_is(cm_str_of(child->name), CM_NAME_DRIVER_OPTS) &&
		child->block)
		return is_local_bind(r->p, map) || child->path != CM_PATH_NONE;
	return true;
}

/* The value of one entry with its paths moved. */
static const struct cm_node *walk_pair(struct cm_rebase *r, const struct cm_attr *attr,
	const struct cm_node *map, const struct cm_pair *pair)
{
	const struct cm_attr *child =
		pair->word ? cm_attr_child(attr, cm_sym_str(pair->word)) : NULL;

	if (!child || cm_is_reset(pair->value) || !applies(r, child, map))
		return pair->value;
	return walk(r, child, pair->value, false);
}

/* What << brings and has paths becomes an own entry: the shared text means the old folder's paths
 * to nobody but its users. */
static void move_inherited(struct cm_rebase *r, const struct cm_attr *attr,
	const struct cm_node *map, struct cm_entries *out)
{
	struct cm_pairs all = cm_pairs_of(r->p, map);

	for (uint32_t i = 0; i < all.count; i++) {
		struct cm_pair pair = all.at[i];

		if (!pair.word || cm_map_own(map, pair.word))
			continue;
		pair.value = walk_pair(r, attr, map, &all.at[i]);
		if (pair.value != all.at[i].value)
			cm_entries_add(r->p, out, pair);
	}
}

static const struct cm_node *walk_map(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *n)
{
	struct cm_entries out = {0};
	bool keep = r->keep_defaults, changed = false;

	if (r->quiet && r->found)
		return n; /* all that was asked */
	r->keep_defaults = keep || cm_extends_of(r->p, n) != NULL;
	for (uint32_t i = 0; i < n->count; i++) {
		struct cm_pair pair = n->pairs[i];

		if (!(pair.key->flags & CM_MERGE_KEY))
			pair.value = walk_pair(r, attr, n, &pair);
		changed = changed || pair.value != n->pairs[i].value;
		if (!r->quiet)
			cm_entries_add(r->p, &out, pair);
	}
	if (n->flags & CM_HAS_ALIAS && cm_map_has_merge(n))
		move_inherited(r, attr, n, &out);
	r->keep_defaults = keep;
	return changed || out.count > n->count ? cm_make_map(r->p, out.at, out.count, n->style, n)
					       : n;
}

static const struct cm_node *walk_seq(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *n)
{
	const struct cm_made *was = cm_made_of(n);
	const struct cm_attr *item = cm_attr_item(attr);
	const struct cm_node **items = NULL, **slots = NULL;

	for (uint32_t i = 0; i < n->count; i++) {
		bool key_value =
			attr->short_form == CM_SHORT_CONTEXTS || attr->short_form == CM_SHORT_SSH;
		const struct cm_attr *row =
			item && !key_value && (item->path != CM_PATH_NONE || item->block) ? item
											  : attr;
		const struct cm_node *value = cm_deref(n->items[i]);
		const struct cm_node *changed = key_value && value->kind == CM_SCALAR
			? move_after_equals(r, value, attr->short_form == CM_SHORT_CONTEXTS)
			: walk(r, row, n->items[i], true);

		if (key_value && changed == value)
			continue;

		if (changed == n->items[i])
			continue;
		if (!items) {
			items = cm_new_array(r->p->arena, n->count, const struct cm_node *);
			slots = cm_new_array(r->p->arena, n->count, const struct cm_node *);
			memcpy(items, n->items, n->count * sizeof(*items));
			memcpy(slots, was && was->slots ? was->slots : n->items,
				n->count * sizeof(*slots));
		}
		items[i] = changed;
	}
	return items ? cm_make_seq(r->p, items, n->count, n->style, n, slots) : n;
}

/* A build without a context is built in the project's folder: moved, it must say so. */
static const struct cm_node *with_context(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *map)
{
	struct cm_entries e = {0};
	const struct cm_node *context;

	context = attr && attr->merge == CM_MERGE_BUILD ? cm_map_text(r->p, map, CM_NAME_CONTEXT)
							: NULL;
	if (!attr || attr->merge != CM_MERGE_BUILD || (context && !cm_is_reset(context)) ||
		r->keep_defaults)
		return map;
	r->found = true;
	if (!r->prefix.n)
		return map;
	cm_entries_add(r->p, &e,
		cm_make_pair(r->p, CM_STR(CM_NAME_CONTEXT), NULL,
			cm_make_scalar(r->p, r->prefix, CM_PLAIN, NULL)));
	for (uint32_t i = 0; i < map->count; i++)
		if (map->pairs[i].value != context)
			cm_entries_add(r->p, &e, map->pairs[i]);
	return cm_make_map(r->p, e.at, e.count, map->style, map);
}

static const struct cm_node *walk(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *n, bool in_list)
{
	const struct cm_node *value = cm_deref(n), *changed;

	if (value->kind == CM_MAP)
		changed = with_context(r, attr, walk_map(r, attr, value));
	else if (value->kind == CM_SEQ)
		changed = walk_seq(r, attr, value);
	else
		changed = cm_is_null(value) ? value : move_by_row(r, attr, value, in_list);
	return changed == value ? n : changed;
}

const struct cm_node *cm_rebase(
	struct cm_rebase *r, const struct cm_attr *attr, const struct cm_node *n)
{
	return attr ? walk(r, attr, n, false) : n;
}

const struct cm_node *cm_rebase_root(struct cm_rebase *r, const struct cm_node *root)
{
	return walk_map(r, NULL, root);
}
