/* SPDX-License-Identifier: MIT */

#include "lists.h"

#include <sha2.h>
#include <stdlib.h>

#include "print.h"

#include "../base/diag.h"
#include "../spec/short.h"

static void add_line(struct cm_buf *out, struct cm_str s)
{
	cm_buf_str(out, s);
	cm_buf_putc(out, '\n');
}

static struct cm_str text_of(struct cm_resolve *r, const struct cm_node *n)
{
	struct cm_value v;

	n = cm_deref(n);
	if (n->kind != CM_SCALAR)
		return (struct cm_str){"", 0};
	v = cm_scalar_value(r->p->arena, n);
	return v.type == CM_STRING ? cm_literal(r, v.s) : v.type == CM_BAD ? cm_text(n) : cm_value_text(r->p->arena, v);
}

/* The entries of a section by name, sorted bytewise. */
static struct cm_pairs sorted_section(struct cm_resolve *r, const struct cm_node *root, enum cm_role role)
{
	const struct cm_node *n = cm_section(r->p, root, role);
	struct cm_pairs all = {NULL, 0};
	struct cm_pair *pairs;

	if (n)
		n = cm_deref(n);
	if (!n || n->kind != CM_MAP)
		return all;
	all = cm_pairs_of(r->p, n);
	pairs = cm_new_array(r->p->arena, all.count, struct cm_pair);
	if (all.count)
		memcpy(pairs, all.at, all.count * sizeof(*pairs));
	cm_sort_pairs(r->p, pairs, all.count, false);
	return (struct cm_pairs){pairs, all.count};
}

/* ---- services ---- */

struct visit {
	struct cm_resolve *r;
	struct cm_buf *out;
	const struct cm_pair *services;
	uint32_t count;
	bool *seen;
	uint32_t *stack; /* what is being visited: no recursion, a chain may be long */
};

static uint32_t find_pair(const struct cm_pair *pairs, uint32_t count, struct cm_str word)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int c = cm_str_cmp(cm_sym_str(pairs[mid].word), word);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return UINT32_MAX;
}

/* The next service that this one needs and that was not visited; by name. */
static uint32_t next_dependency(struct visit *v, const struct cm_node *service)
{
	const struct cm_node *depends = cm_deref(service)->kind == CM_MAP ? cm_map_text(v->r->p, cm_deref(service), "depends_on") : NULL;
	uint32_t best = UINT32_MAX;

	if (!depends)
		return best;
	depends = cm_deref(depends);
	if (depends->kind == CM_MAP) {
		struct cm_pairs all = cm_pairs_of(v->r->p, depends);

		for (uint32_t i = 0; i < all.count; i++) {
			uint32_t k = find_pair(v->services, v->count, cm_sym_str(all.at[i].word));

			if (k < best && !v->seen[k])
				best = k;
		}
	} else if (depends->kind == CM_SEQ) {
		for (uint32_t i = 0; i < depends->count; i++) {
			uint32_t k = find_pair(v->services, v->count, text_of(v->r, depends->items[i]));

			if (k < best && !v->seen[k])
				best = k;
		}
	}
	return best;
}

bool cm_list_services(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out)
{
	struct cm_pairs services = sorted_section(r, root, CM_ROLE_SERVICES);
	struct visit v = {r, out, services.at, services.count, NULL, NULL};

	v.seen = cm_new_array(r->p->arena, services.count, bool);
	v.stack = cm_new_array(r->p->arena, services.count, uint32_t);
	for (uint32_t i = 0; i < services.count; i++) {
		uint32_t depth = 0;

		if (v.seen[i])
			continue;
		v.seen[i] = true;
		v.stack[depth++] = i;
		while (depth) {
			uint32_t next = next_dependency(&v, services.at[v.stack[depth - 1]].value);

			if (next == UINT32_MAX) {
				add_line(out, cm_sym_str(services.at[v.stack[--depth]].word));
			} else {
				v.seen[next] = true;
				v.stack[depth++] = next;
			}
		}
	}
	return true;
}

/* ---- names ---- */

bool cm_list_keys(struct cm_resolve *r, const struct cm_node *root, enum cm_role section, struct cm_buf *out)
{
	struct cm_pairs all = sorted_section(r, root, section);

	for (uint32_t i = 0; i < all.count; i++)
		add_line(out, cm_sym_str(all.at[i].word));
	return true;
}

bool cm_list_models(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out)
{
	struct cm_pairs all = sorted_section(r, root, CM_ROLE_MODELS);

	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *n = cm_deref(all.at[i].value);
		const struct cm_node *model = n->kind == CM_MAP ? cm_map_text(r->p, n, "model") : NULL;

		if (model)
			add_line(out, text_of(r, model));
	}
	return true;
}

bool cm_list_profiles(struct cm_resolve *r, const struct cm_node *all, struct cm_buf *out)
{
	struct cm_pairs services = sorted_section(r, all, CM_ROLE_SERVICES);
	struct cm_entries found = {NULL, 0, 0};

	for (uint32_t i = 0; i < services.count; i++) {
		const struct cm_node *n = cm_deref(services.at[i].value);
		const struct cm_node *list = n->kind == CM_MAP ? cm_map_text(r->p, n, "profiles") : NULL;

		list = list ? cm_deref(list) : NULL;
		for (uint32_t k = 0; list && list->kind == CM_SEQ && k < list->count; k++)
			cm_entries_add(r->p, &found, cm_make_pair(r->p, text_of(r, list->items[k]), NULL, n));
	}
	cm_sort_pairs(r->p, found.at, found.count, false);
	for (uint32_t i = 0; i < found.count; i++)
		if (!i || found.at[i].word != found.at[i - 1].word)
			add_line(out, cm_sym_str(found.at[i].word));
	return true;
}

static void add_images(struct cm_resolve *r, struct cm_pairs all, struct cm_buf *out)
{
	for (uint32_t i = 0; i < all.count; i++) {
		const struct cm_node *n = cm_deref(all.at[i].value);
		const struct cm_node *image = n->kind == CM_MAP ? cm_map_text(r->p, n, "image") : NULL;
		const struct cm_node *hooks = n->kind == CM_MAP ? cm_map_text(r->p, n, "pre_start") : NULL;
		struct cm_str name = image ? text_of(r, image) : (struct cm_str){"", 0};

		if (!name.n)
			name = cm_strf(r->p->arena, "%.*s%c%s", (int)r->name.n, r->name.p, r->o->compatibility ? '_' : '-', all.at[i].word->p);
		add_line(out, name);
		hooks = hooks ? cm_deref(hooks) : NULL;
		for (uint32_t k = 0; hooks && hooks->kind == CM_SEQ && k < hooks->count; k++) {
			const struct cm_node *hook = cm_deref(hooks->items[k]);
			const struct cm_node *other = hook->kind == CM_MAP ? cm_map_text(r->p, hook, "image") : NULL;
			struct cm_str text = other ? text_of(r, other) : (struct cm_str){"", 0};

			if (text.n && !cm_str_eq(text, name))
				add_line(out, text);
		}
	}
}

bool cm_list_images(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out)
{
	add_images(r, sorted_section(r, root, CM_ROLE_SERVICES), out);
	add_images(r, sorted_section(r, root, CM_ROLE_JOBS), out);
	return true;
}

/* ---- hashes ---- */

/* What the hash of a service is taken of, in this order. */
static const char *const hashed[] = {"annotations", "attach", "develop", "blkio_config", "cap_add", "cap_drop", "cgroup_parent",
	"cgroup", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpus", "cpuset",
	"cpu_shares", "command", "configs", "container_name", "credential_spec", "deploy", "device_cgroup_rules", "devices", "dns",
	"dns_opt", "dns_search", "dockerfile", "domainname", "entrypoint", "provider", "environment", "env_file", "expose", "extends",
	"external_links", "extra_hosts", "group_add", "gpus", "hostname", "healthcheck", "image", "init", "ipc", "isolation", "labels",
	"label_file", "links", "logging", "log_driver", "log_opt", "mem_limit", "mem_reservation", "memswap_limit", "mem_swappiness",
	"mac_address", "models", "net", "network_mode", "networks", "oom_kill_disable", "oom_score_adj", "pid", "pids_limit", "platform",
	"ports", "privileged", "read_only", "restart", "runtime", "secrets", "security_opt", "shm_size", "stdin_open",
	"stop_grace_period", "stop_signal", "storage_opt", "sysctls", "tmpfs", "tty", "ulimits", "use_api_socket", "user", "userns_mode",
	"uts", "volume_driver", "volumes", "volumes_from", "working_dir", "pre_start", "post_start", "pre_stop", "pull_refresh_after"};
/* What it is not taken of. */
static const char *const passed_over[] = {"build", "pull_policy", "scale", "depends_on", "profiles"};

static bool is_among(const char *const *words, size_t count, struct cm_str s)
{
	for (size_t i = 0; i < count; i++)
		if (cm_str_is(s, words[i]))
			return true;
	return false;
}

static const struct cm_node *hashed_service(struct cm_resolve *r, const struct cm_node *service)
{
	struct cm_pair *pairs = cm_new_array(r->p->arena, service->count, struct cm_pair);
	uint32_t count = 0, known;

	for (size_t i = 0; i < sizeof(hashed) / sizeof(*hashed); i++) {
		const struct cm_pair *pair = cm_map_own(service, cm_sym(r->p, cm_str_of(hashed[i])));

		if (!pair)
			continue;
		pairs[count] = *pair;
		if (!strcmp(hashed[i], "deploy") && cm_deref(pair->value)->kind == CM_MAP)
			pairs[count].value = cm_without_pair(r->p, cm_deref(pair->value), cm_sym(r->p, CM_STR("replicas")));
		count++;
	}
	known = count;
	for (uint32_t i = 0; i < service->count; i++) {
		struct cm_str key = cm_sym_str(service->pairs[i].word);

		if (!is_among(hashed, sizeof(hashed) / sizeof(*hashed), key) &&
			!is_among(passed_over, sizeof(passed_over) / sizeof(*passed_over), key))
			pairs[count++] = service->pairs[i];
	}
	cm_sort_pairs(r->p, pairs + known, count - known, false);
	return cm_make_map(r->p, pairs, count, CM_BLOCK, service);
}

static void add_hash(struct cm_resolve *r, const struct cm_pair *service, struct cm_buf *out)
{
	struct cm_buf *json = cm_buf_new(r->p->arena, 1024);
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX state;

	cm_print_json_compact(r, hashed_service(r, cm_deref(service->value)), json);
	SHA256Init(&state);
	SHA256Update(&state, (const uint8_t *)json->p, json->n);
	SHA256Final(digest, &state);
	cm_buf_release(json);
	cm_buf_str(out, cm_sym_str(service->word));
	cm_buf_putc(out, ' ');
	for (size_t i = 0; i < sizeof(digest); i++)
		cm_buf_printf(out, "%02x", digest[i]);
	cm_buf_putc(out, '\n');
}

bool cm_list_hashes(struct cm_resolve *r, const struct cm_node *root, const char *which, struct cm_buf *out)
{
	const struct cm_node *model = cm_decode_model(r, root, true);
	struct cm_str names = cm_str_of(which);
	struct cm_pairs all;
	struct cm_entries found = {NULL, 0, 0};
	bool failed = false;

	if (!model)
		return false;
	all = sorted_section(r, model, CM_ROLE_SERVICES);
	if (cm_str_is(names, "*")) {
		for (uint32_t i = 0; i < all.count; i++)
			add_hash(r, &all.at[i], out);
		return true;
	}
	for (size_t at = 0; at <= names.n;) {
		size_t end = cm_str_find(names, ',', at);
		struct cm_str name = cm_str_cut(names, at, end);
		uint32_t i = find_pair(all.at, all.count, name);

		if (i == UINT32_MAX) {
			struct cm_diag *d = cm_error(r->p, (struct cm_span){0, 0, 0}, CM_E_USAGE, "no such service: %.*s", (int)name.n, name.p);
			const char **near = cm_new_array(r->p->arena, all.count + 1, const char *);

			for (uint32_t k = 0; k < all.count; k++)
				near[k] = all.at[k].word->p;
			if (cm_nearest(r->p->arena, name, near))
				cm_help(r->p, d, "did you mean %s?", cm_nearest(r->p->arena, name, near));
			failed = true;
		} else {
			cm_entries_add(r->p, &found, all.at[i]);
		}
		at = end + 1;
	}
	if (failed)
		return false;
	cm_sort_pairs(r->p, found.at, found.count, false);
	for (uint32_t i = 0; i < found.count; i++)
		if (!i || found.at[i].word != found.at[i - 1].word)
			add_hash(r, &found.at[i], out);
	return true;
}

/* ---- variables ---- */

struct variable {
	const struct cm_sym *name;
	struct cm_str fallback, presence;
	bool required;
};

struct variables {
	struct cm_resolve *r;
	struct variable *at;
	uint32_t count, room;
	uint32_t *slots, mask; /* by name, open addressing */
};

static struct variable *variable_of(struct variables *l, struct cm_str name)
{
	const struct cm_sym *word = cm_sym(l->r->p, name);
	uint32_t i;

	if (l->count == l->room) {
		struct variable *at = cm_new_array(l->r->p->arena, l->room = l->room ? 2 * l->room : 16, struct variable);

		if (l->count)
			memcpy(at, l->at, l->count * sizeof(*at));
		l->at = at;
		l->mask = 4 * l->room - 1;
		l->slots = cm_new_array(l->r->p->arena, l->mask + 1, uint32_t);
		for (uint32_t k = 0; k < l->count; k++) {
			for (i = at[k].name->hash & l->mask; l->slots[i]; i = (i + 1) & l->mask)
				;
			l->slots[i] = k + 1;
		}
	}
	for (i = word->hash & l->mask; l->slots[i]; i = (i + 1) & l->mask)
		if (l->at[l->slots[i] - 1].name == word)
			return &l->at[l->slots[i] - 1];
	l->at[l->count] = (struct variable){word, {"", 0}, {"", 0}, false};
	l->slots[i] = ++l->count;
	return &l->at[l->count - 1];
}

static bool is_name(char c, bool first)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (!first && c >= '0' && c <= '9');
}

/* The references of s, and those inside them. */
static void find_variables(struct variables *l, struct cm_str s)
{
	for (size_t at = cm_str_find(s, '$', 0); at < s.n; at = cm_str_find(s, '$', at)) {
		size_t end = cm_var_end(s, at), from = at + 1, to;
		bool braces = from < s.n && s.p[from] == '{';
		struct variable *v;

		if (end <= at)
			break;
		from += braces;
		for (to = from; to < end && is_name(s.p[to], to == from); to++)
			;
		if (to == from) {
			at = end;
			continue;
		}
		v = variable_of(l, cm_str_cut(s, from, to));
		if (braces && s.p[end - 1] == '}' && to < end - 1) {
			size_t colon = s.p[to] == ':';
			char how = to + colon < end - 1 ? s.p[to + colon] : 0;
			struct cm_str rest = how ? cm_str_cut(s, to + colon + 1, end - 1) : (struct cm_str){"", 0};

			if (how == '-' && !v->fallback.n)
				v->fallback = rest;
			if (how == '+' && !v->presence.n)
				v->presence = rest;
			if (how == '?')
				v->required = true;
			if (how)
				find_variables(l, rest);
		}
		at = end;
	}
}

static void find_below(struct variables *l, const struct cm_node *n)
{
	n = cm_deref(n);
	if (n->kind == CM_SCALAR)
		find_variables(l, cm_text(n));
	for (uint32_t i = 0; n->kind != CM_SCALAR && i < n->count; i++)
		find_below(l, n->kind == CM_MAP ? n->pairs[i].value : n->items[i]);
}

static int by_name(const void *a, const void *b)
{
	return cm_str_cmp(cm_sym_str(((const struct variable *)a)->name), cm_sym_str(((const struct variable *)b)->name));
}

static void add_cell(struct cm_buf *out, struct cm_str s, size_t width, bool last)
{
	size_t shown = 0;

	cm_buf_str(out, s);
	for (size_t i = 0; i < s.n; i++)
		shown += (s.p[i] & 0xC0) != 0x80;
	if (!last)
		cm_buf_fill(out, ' ', width - shown);
	else
		cm_buf_putc(out, '\n');
}

static void add_table(struct variables *l, struct cm_buf *out)
{
	static const char *const heads[] = {"NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"};
	size_t width[3] = {20, 20, 20};

	for (uint32_t i = 0; i < l->count; i++) {
		size_t n = 0, d = 0;

		for (size_t k = 0; k < l->at[i].name->n; k++)
			n += (l->at[i].name->p[k] & 0xC0) != 0x80;
		for (size_t k = 0; k < l->at[i].fallback.n; k++)
			d += (l->at[i].fallback.p[k] & 0xC0) != 0x80;
		width[0] = n + 3 > width[0] ? n + 3 : width[0];
		width[2] = d + 3 > width[2] ? d + 3 : width[2];
	}
	for (int i = 0; i < 4; i++)
		add_cell(out, cm_str_of(heads[i]), i < 3 ? width[i] : 0, i == 3);
	for (uint32_t i = 0; i < l->count; i++) {
		add_cell(out, cm_sym_str(l->at[i].name), width[0], false);
		add_cell(out, l->at[i].required ? CM_STR("true") : CM_STR("false"), width[1], false);
		add_cell(out, l->at[i].fallback, width[2], false);
		add_cell(out, l->at[i].presence, 0, true);
	}
}

static void add_json(struct variables *l, struct cm_buf *out)
{
	cm_buf_putc(out, '{');
	for (uint32_t i = 0; i < l->count; i++) {
		struct variable *v = &l->at[i];

		cm_buf_puts(out, i ? ",\n    " : "\n    ");
		cm_go_json_string(out, cm_sym_str(v->name));
		cm_buf_puts(out, ": {\n        \"Name\": ");
		cm_go_json_string(out, cm_sym_str(v->name));
		cm_buf_puts(out, ",\n        \"DefaultValue\": ");
		cm_go_json_string(out, v->fallback);
		cm_buf_puts(out, ",\n        \"PresenceValue\": ");
		cm_go_json_string(out, v->presence);
		cm_buf_printf(out, ",\n        \"Required\": %s\n    }", v->required ? "true" : "false");
	}
	cm_buf_puts(out, l->count ? "\n}\n\n" : "}\n\n");
}

static void add_yaml(struct variables *l, struct cm_buf *out)
{
	struct cm_arena *a = l->r->p->arena;

	if (!l->count)
		cm_buf_puts(out, "{}\n");
	for (uint32_t i = 0; i < l->count; i++) {
		struct variable *v = &l->at[i];

		cm_print_yaml_text(a, out, cm_sym_str(v->name));
		cm_buf_puts(out, ":\n    name: ");
		cm_print_yaml_text(a, out, cm_sym_str(v->name));
		cm_buf_puts(out, "\n    defaultvalue: ");
		cm_print_yaml_text(a, out, v->fallback);
		cm_buf_puts(out, "\n    presencevalue: ");
		cm_print_yaml_text(a, out, v->presence);
		cm_buf_printf(out, "\n    required: %s\n", v->required ? "true" : "false");
	}
}

bool cm_list_variables(struct cm_resolve *r, const struct cm_node *const *documents, uint32_t count, const char *format, struct cm_buf *out)
{
	struct variables l = {.r = r};

	for (uint32_t i = 0; i < count; i++)
		find_below(&l, documents[i]);
	if (l.count > 1)
		qsort(l.at, l.count, sizeof(*l.at), by_name);
	if (!format || !*format || !strcmp(format, "table")) {
		add_table(&l, out);
	} else if (!strcmp(format, "json")) {
		add_json(&l, out);
	} else if (!strcmp(format, "yaml")) {
		add_yaml(&l, out);
	} else {
		cm_error(r->p, (struct cm_span){0, 0, 0}, CM_E_USAGE, "format value \"%s\" could not be parsed: parsing failed", format);
		return false;
	}
	return true;
}

bool cm_list_environment(struct cm_resolve *r, struct cm_buf *out)
{
	uint32_t count;
	const struct cm_sym **names = cm_env_names(r->env, &count);

	for (uint32_t i = 0; i < count; i++) {
		cm_buf_str(out, cm_sym_str(names[i]));
		cm_buf_putc(out, '=');
		add_line(out, *cm_env_get(r->env, cm_sym_str(names[i])));
	}
	return true;
}
