/* SPDX-License-Identifier: MIT */

/*
 * The short syntaxes, and the attribute table: its order, its reach, and the rules that merging stands on.
 *
 * Where the measured table shared/spec/attributes.tsv lies beside the sources, every path of it must be found.
 */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/spec/attr.h"
#include "../../src/spec/short.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof(*(a))))

Suite *spec_suite(void);

static struct cm_recovery recovery;
static struct cm_arena *arena;

static void setup(void)
{
	arena = cm_arena_new(&recovery);
}

static void teardown(void)
{
	cm_arena_free(arena);
}

/* key is what is known: the text, "?" + text when opaque, "+" + text for several, "!" when invalid. */
static void check_key(const char *in, struct cm_entry_key key, const char *want)
{
	static const char *const marks[] = {"", "?", "+", "!"};
	struct cm_str got = cm_strf(arena, "%s%.*s", marks[key.known], (int)key.text.n, key.text.n ? key.text.p : "");
	ck_assert_msg(cm_str_is(got, want), "%s: %s, not %s", in, got.p, want);
	ck_assert((key.known == CM_INVALID) == (key.error != NULL));
}

/* --- ports --- */

static const struct {
	const char *text, *key;
} ports[] = {
	{"80", "0.0.0.0::80/tcp"},
	{":80", "0.0.0.0::80/tcp"},
	{"::80", "0.0.0.0::80/tcp"},
	{"080", "0.0.0.0::80/tcp"},
	{"+80", "0.0.0.0::80/tcp"},
	{"80-80", "0.0.0.0::80/tcp"},
	{"80/", "0.0.0.0::80/tcp"},
	{"8080:80", "0.0.0.0:8080:80/tcp"},
	{"08080:80", "0.0.0.0:8080:80/tcp"},
	{"8080:80/UDP", "0.0.0.0:8080:80/udp"},
	{"8080:80/$P", "?0.0.0.0:8080:80/$P"},
	{"127.0.0.1::80", "127.0.0.1::80/tcp"},
	{"0.0.0.0:8080:80", "0.0.0.0:8080:80/tcp"},
	{"[::1]:8080:80", "::1:8080:80/tcp"},
	{"::1:8080:80", "::1:8080:80/tcp"},
	{"3000-3002", "+0.0.0.0::3000/tcp"},
	{"3000-3001:4000-4001", "+0.0.0.0:3000:4000/tcp"},
	{"3000-3002:80", "0.0.0.0:3000-3002:80/tcp"},
	{"${P}:80", "?0.0.0.0:${P}:80/tcp"},
	{"${P:-8080}:80", "?0.0.0.0:${P:-8080}:80/tcp"},
	{"$IP:8080:80", "?$IP:8080:80/tcp"},
	{"${P}:3000-3002", "?"},
	{"8080:${T}", "?"},
	{"80$T", "?"},
	{"${SPEC}", "?"},
	{"80/foo", "!"},
	{"65536", "!"},
	{"80-79", "!"},
	{"x", "!"},
	{" 80", "!"},
	{"-1", "!"},
	{"0", "!"},
	{"", "!"},
	{"8080:", "!"},
	{"99999:80", "!"},
	{"127.0.0.1:80", "!"},
	{"localhost:80:80", "!"},
	{"a:b:c:d", "!"},
	{"[::1:80:80", "!"},
	{"3000-3001:4000-4002", "!"},
};

START_TEST(ports_have_keys)
{
	check_key(ports[_i].text, cm_port_short_key(arena, cm_str_of(ports[_i].text)), ports[_i].key);
}
END_TEST

START_TEST(a_range_tells_its_bounds)
{
	struct cm_entry_key key = cm_port_short_key(arena, CM_STR("3000-3001:4000-4001"));
	ck_assert_uint_eq(key.first_target, 4000);
	ck_assert_uint_eq(key.last_target, 4001);
	ck_assert_uint_eq(key.first_published, 3000);
	ck_assert_uint_eq(key.last_published, 3001);
	key = cm_port_short_key(arena, CM_STR("80-82"));
	ck_assert_uint_eq(key.last_target, 82);
	ck_assert_uint_eq(key.first_published, 0);
	ck_assert_uint_eq(key.last_published, 0);
}
END_TEST

static const struct {
	const char *ip, *published, *target, *protocol, *key;
} long_ports[] = {
	{"", "8080", "80", "", "0.0.0.0:8080:80/tcp"},
	{"", "", "80", "", "0.0.0.0::80/tcp"},
	{"", "08080", "080", "", "0.0.0.0:08080:80/tcp"},
	{"::1", "8000-8002", "80", "TCP", "::1:8000-8002:80/TCP"},
	{"", "x", "80", "", "0.0.0.0:x:80/tcp"},
	{"", "${P}", "80", "", "?0.0.0.0:${P}:80/tcp"},
	{"", "8080", "$T", "", "?"},
	{"", "8080", "80-82", "", "!"},
	{"", "8080", "", "", "!"},
};

START_TEST(long_ports_keep_their_text)
{
	struct cm_entry_key key = cm_port_key(arena, cm_str_of(long_ports[_i].ip), cm_str_of(long_ports[_i].published),
		cm_str_of(long_ports[_i].target), cm_str_of(long_ports[_i].protocol), false);
	check_key(long_ports[_i].key, key, long_ports[_i].key);
}
END_TEST

/* --- volumes --- */

static const struct {
	const char *text, *source, *target, *options;
	bool bind, one_letter;
	const char *key;
} volumes[] = {
	{"/data", "", "/data", "", false, false, "/data"},
	{"x/y", "", "x/y", "", false, false, "x/y"},
	{"/d", "", "/d", "", false, false, "/d"},
	{"ab", "", "ab", "", false, false, "ab"},
	{"vol:/data", "vol", "/data", "", false, false, "/data"},
	{"vol/x:/a", "vol/x", "/a", "", false, false, "/a"},
	{"vol:/data/", "vol", "/data/", "", false, false, "/data"},
	{"vol:/a/../b/", "vol", "/a/../b/", "", false, false, "/b"},
	{"./d:/data:ro,z", "./d", "/data", "ro,z", true, false, "/data"},
	{"~/d:/data", "~/d", "/data", "", true, false, "/data"},
	{"\\\\.\\pipe:/p", "\\\\.\\pipe", "/p", "", true, false, "/p"},
	{"v:/data", "", "v:/data", "", false, true, "v:/data"},
	{"v:/data:ro", "v:/data", "ro", "", true, true, "ro"},
	{"\xc3\xa9:/data", "", "\xc3\xa9:/data", "", false, true, "\xc3\xa9:/data"},
	{"C:\\x:/a:ro", "C:\\x", "/a", "ro", true, false, "/a"},
	{"c:/x:/a", "c:/x", "/a", "", true, false, "/a"},
	{"C:\\x:D:\\y", "C:\\x", "D:\\y", "", true, false, "D:\\y"},
	{"vol:C:\\d", "vol", "C:\\d", "", false, false, "C:\\d"},
	{"${SRC}:/data", "${SRC}", "/data", "", false, false, "/data"},
	{"${SRC:-./d}:/data:ro", "${SRC:-./d}", "/data", "ro", false, false, "/data"},
	{"./d:${T:-/x}", "./d", "${T:-/x}", "", true, false, "?"},
	{"${SPEC}", "", "${SPEC}", "", false, false, "?"},
	{"$S", "", "$S", "", false, false, "?"},
	{"$$S:/data", "$$S", "/data", "", false, false, "/data"},
	{"", "", "", "", false, false, "!"},
	{"vol:", NULL, NULL, NULL, false, false, "!"},
	{":/a", NULL, NULL, NULL, false, false, "!"},
	{"/x::ro", NULL, NULL, NULL, false, false, "!"},
	{"vol:/a:", NULL, NULL, NULL, false, false, "!"},
	{"/a:/b:ro:z", NULL, NULL, NULL, false, false, "!"},
};

START_TEST(volumes_are_cut)
{
	struct cm_volume v = cm_volume_parse(cm_str_of(volumes[_i].text));
	check_key(volumes[_i].text, cm_volume_short_key(arena, cm_str_of(volumes[_i].text)), volumes[_i].key);
	ck_assert((v.error != NULL) == (*volumes[_i].key == '!'));
	if (v.error)
		return;
	ck_assert(cm_str_is(v.source, volumes[_i].source));
	ck_assert(cm_str_is(v.target, volumes[_i].target));
	ck_assert(cm_str_is(v.options, volumes[_i].options));
	ck_assert(v.bind == volumes[_i].bind);
	ck_assert_msg(v.one_letter == volumes[_i].one_letter, "%s", volumes[_i].text);
}
END_TEST

static const struct {
	const char *text, *key;
} devices[] = {
	{"/dev/a", "/dev/a"}, {"/dev/a:/dev/b", "/dev/b"}, {"/dev/a:/dev/b:r", "/dev/b"}, {"/dev/a::r", "/dev/a"},
	{"$A:/dev/b", "/dev/b"}, {"/dev/a:$B", "?"}, {"$A", "?"}, {"${A:-x:y}:/dev/b", "/dev/b"}, {"a:b:c:d", "!"},
};

START_TEST(devices_have_keys)
{
	check_key(devices[_i].text, cm_device_short_key(arena, cm_str_of(devices[_i].text)), devices[_i].key);
}
END_TEST

static const struct {
	const char *text, *key;
} assignments[] = {
	{"A", "A"}, {"A=", "A"}, {"A=1", "A"}, {"A=1=2", "A"}, {"=1", ""}, {"", ""}, {"A=$V", "A"}, {"$K=1", "?$K"},
	{"A${K:-=}=1", "?A${K:-=}"}, {"$KV", "?"}, {"A$X", "?"}, {"$$A=1", "$$A"}, {"$1=2", "$1"},
};

START_TEST(a_key_ends_at_the_equals_sign)
{
	check_key(assignments[_i].text, cm_before_equals_key(cm_str_of(assignments[_i].text)), assignments[_i].key);
}
END_TEST

/* --- paths --- */

static const struct {
	const char *path, *clean;
} cleaned[] = {
	{"", "."}, {"/", "/"}, {"//", "/"}, {".", "."}, {"a", "a"}, {"a/", "a"}, {"./a", "a"}, {"/x//y/../", "/x"},
	{"a/..", "."}, {"..", ".."}, {"../..", "../.."}, {"../a/..", ".."}, {"a/../..", ".."}, {"/..", "/"}, {"/../a", "/a"},
	{"/a/./b", "/a/b"}, {"...", "..."}, {"a/b/../../c", "c"},
};

START_TEST(paths_are_cleaned)
{
	struct cm_str got = cm_path_clean(arena, cm_str_of(cleaned[_i].path));
	ck_assert_msg(cm_str_is(got, cleaned[_i].clean), "%s: %.*s", cleaned[_i].path, (int)got.n, got.p);
}
END_TEST

START_TEST(paths_are_joined)
{
	ck_assert(cm_str_is(cm_path_join(arena, CM_STR("a/b"), CM_STR("../c")), "a/c"));
	ck_assert(cm_str_is(cm_path_join(arena, CM_STR(""), CM_STR("./c")), "c"));
	ck_assert(cm_str_is(cm_path_join(arena, CM_STR("a/"), CM_STR("")), "a"));
	ck_assert(cm_str_is(cm_path_join(arena, CM_STR(""), CM_STR("")), ""));
	ck_assert(cm_str_is(cm_path_join(arena, CM_STR("/"), CM_STR("a")), "/a"));
}
END_TEST

/* --- variables --- */

static const struct {
	const char *text;
	size_t at, end;
} references[] = {
	{"$A.b", 0, 2}, {"$_a1-", 0, 4}, {"$$A", 0, 2}, {"$", 0, 1}, {"$1", 0, 1}, {"$ a", 0, 1}, {"x${A}y", 1, 5},
	{"${A:-b}c${B:-d}e", 0, 7}, {"${A:-{\"x\":1}}", 0, 13}, {"${A:-{}}", 0, 8}, {"${A:-a{b}", 0, 9}, {"${A:-}}}", 0, 6},
	{"${A-b}c}", 0, 6}, {"${A:-${B:-c}}d", 0, 13}, {"${A:-x\ny}", 0, 2}, {"${", 0, 2}, {"${}", 0, 2}, {"${A", 0, 2},
	{"${1}", 0, 2}, {"${A }", 0, 2}, {"${A!}", 0, 2}, {"${A:=x}", 0, 2}, {"${A:}", 0, 2}, {"${A?m}", 0, 6}, {"${A:+w}", 0, 7},
};

START_TEST(variables_end)
{
	ck_assert_msg(cm_var_end(cm_str_of(references[_i].text), references[_i].at) == references[_i].end, "%s",
		references[_i].text);
}
END_TEST

static const struct {
	const char *a, *b;
	bool may;
} texts[] = {
	{"a", "a", true}, {"a", "b", false}, {"$A", "b", true}, {"$A", "$B", true}, {"x$A", "y", false}, {"x$A", "xy", true},
	{"x$A", "x", true}, {"xx$A", "x", false}, {"$A.b", "c.b", true}, {"$A.b", "c.c", false}, {"x${A}y", "x${B}z", false},
	{"x${A}y", "${B}y", true}, {"$$A", "$A", true}, {"$$A", "b", false}, {"$1", "$$1", true}, {"", "$A", true}, {"", "a", false},
};

START_TEST(texts_may_be_equal)
{
	struct cm_str a = cm_str_of(texts[_i].a), b = cm_str_of(texts[_i].b);
	ck_assert_msg(cm_may_equal(a, b) == texts[_i].may, "%s, %s", texts[_i].a, texts[_i].b);
	ck_assert(cm_may_equal(b, a) == texts[_i].may);
}
END_TEST

/* --- the table --- */

static void check_block(const struct cm_block *block)
{
	for (; block; block = block->base)
		for (size_t i = 1; i < block->count; i++)
			ck_assert_msg(strcmp(block->rows[i - 1].name, block->rows[i].name) < 0, "%s: %s", block->name,
				block->rows[i].name);
}

static void check_row(const char *path, const struct cm_attr *attr, void *count)
{
	++*(int *)count;
	ck_assert_msg(cm_attr_find(path) == attr, "%s is not found", path);
	ck_assert_msg(attr->help && attr->help[0] && strlen(attr->help) < 90, "%s has no line of help", path);
	ck_assert_msg(attr->alias || !attr->extension_alias, "%s", path);
	ck_assert_msg(!attr->required || strchr(path, '.'), "%s", path);
	if (attr->merge == CM_MERGE_KEY_VALUE)
		ck_assert_msg(attr->list_item && attr->block, "%s has not both forms", path);
	check_block(attr->block);
}

START_TEST(rows_are_sorted_and_found)
{
	int count = 0;
	cm_attr_walk(check_row, &count);
	ck_assert_int_gt(count, 900);
	check_block(&cm_top);
}
END_TEST

/* Keys below keys: the ranks among siblings are unique. */
static void check_ranks(const char *path, const struct cm_attr *attr, void *arg)
{
	const struct cm_attr *seen[256] = {NULL};
	const char *const *names = attr->block ? cm_attr_names(arena, attr) : NULL;
	(void)arg;
	for (size_t i = 0; names && names[i]; i++) {
		const struct cm_attr *row = cm_attr_child(attr, cm_str_of(names[i]));
		ck_assert_msg(!row->emit || !seen[row->emit], "%s: %s", path, names[i]);
		seen[row->emit] = row;
	}
}

START_TEST(ranks_are_unique)
{
	cm_attr_walk(check_ranks, NULL);
}
END_TEST

START_TEST(measured_paths_are_found)
{
	static const char *const places[] = {"../shared/spec/attributes.tsv", "../../shared/spec/attributes.tsv"};
	FILE *file = NULL;
	char line[2048];
	for (int i = 0; i < COUNT(places) && !file; i++)
		file = fopen(places[i], "r");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\t\n")] = 0;
		if (line[0] != '#' && strcmp(line, "path") != 0)
			ck_assert_msg(cm_attr_find(line), "%s is not in the table", line);
	}
	if (file)
		fclose(file);
}
END_TEST

static const struct {
	const char *path;
	enum cm_merge_rule merge;
	enum cm_identity identity;
} rules[] = {
	{"services.*.image", CM_MERGE_DEFAULT, CM_ID_NONE},
	{"services.*.command", CM_MERGE_REPLACE, CM_ID_NONE},
	{"services.*.healthcheck.test", CM_MERGE_TEST, CM_ID_NONE},
	{"services.*.environment", CM_MERGE_KEY_VALUE, CM_ID_BEFORE_EQUALS},
	{"jobs.*.environment", CM_MERGE_KEY_VALUE, CM_ID_BEFORE_EQUALS},
	{"services.*.build", CM_MERGE_BUILD, CM_ID_NONE},
	{"services.*.build.additional_contexts", CM_MERGE_KEY_VALUE, CM_ID_BEFORE_EQUALS},
	{"services.*.build.tags", CM_MERGE_DEFAULT, CM_ID_BEFORE_EQUALS},
	{"services.*.build.extra_hosts", CM_MERGE_HOSTS, CM_ID_NONE},
	{"services.*.build.ulimits.*", CM_MERGE_DEFAULT, CM_ID_NONE},
	{"services.*.build.secrets", CM_MERGE_DEFAULT, CM_ID_NONE},
	{"services.*.ulimits.*", CM_MERGE_ULIMIT, CM_ID_NONE},
	{"services.*.deploy.labels", CM_MERGE_KEY_VALUE, CM_ID_BEFORE_EQUALS},
	{"services.*.depends_on", CM_MERGE_DEPENDS, CM_ID_NONE},
	{"services.*.networks", CM_MERGE_NAMES, CM_ID_NONE},
	{"services.*.networks.*.aliases", CM_MERGE_DEFAULT, CM_ID_BEFORE_EQUALS},
	{"services.*.logging", CM_MERGE_LOGGING, CM_ID_NONE},
	{"services.*.dns_opt", CM_MERGE_STRINGS, CM_ID_BEFORE_EQUALS},
	{"services.*.label_file", CM_MERGE_STRINGS, CM_ID_NONE},
	{"services.*.env_file", CM_MERGE_STRINGS, CM_ID_ENV_FILE},
	{"services.*.ports", CM_MERGE_DEFAULT, CM_ID_PORT},
	{"services.*.expose", CM_MERGE_DEFAULT, CM_ID_EXPOSE},
	{"services.*.volumes", CM_MERGE_DEFAULT, CM_ID_VOLUME},
	{"services.*.devices", CM_MERGE_DEFAULT, CM_ID_DEVICE},
	{"services.*.configs", CM_MERGE_DEFAULT, CM_ID_CONFIG},
	{"services.*.secrets", CM_MERGE_DEFAULT, CM_ID_SECRET},
	{"services.*.group_add", CM_MERGE_DEFAULT, CM_ID_NONE},
	{"networks.*.labels", CM_MERGE_KEY_VALUE, CM_ID_BEFORE_EQUALS},
	{"volumes.*.labels", CM_MERGE_KEY_VALUE, CM_ID_NONE},
	{"networks.*.ipam.config", CM_MERGE_POOLS, CM_ID_NONE},
	{"name", CM_MERGE_NAME, CM_ID_NONE},
	{"version", CM_MERGE_VERSION, CM_ID_NONE},
	{"services.*.extends", CM_MERGE_EXTENDS, CM_ID_NONE},
};

START_TEST(attributes_have_their_rules)
{
	const struct cm_attr *attr = cm_attr_find(rules[_i].path);
	ck_assert_msg(attr && attr->merge == rules[_i].merge && attr->identity == rules[_i].identity, "%s", rules[_i].path);
}
END_TEST

START_TEST(what_is_shared_stands_once)
{
	const struct cm_attr *image = cm_attr_find("services.*.image");
	ck_assert_ptr_eq(image, cm_attr_find("jobs.*.image"));
	ck_assert_ptr_eq(image, cm_attr_find("services.*.pre_start[].image"));
	ck_assert_ptr_null(cm_attr_find("jobs.*.deploy"));
	ck_assert_ptr_null(cm_attr_find("services.*.pre_start[].ports"));
	ck_assert_ptr_null(cm_attr_find("services.*.post_start[].image"));
	ck_assert_ptr_null(cm_attr_find("services.*.triggers"));
}
END_TEST

START_TEST(extensions_have_no_row)
{
	const struct cm_attr *service = cm_attr_find("services.*"), *env = cm_attr_find("services.*.environment");
	ck_assert_ptr_null(cm_attr_child(service, CM_STR("x-mine")));
	ck_assert_ptr_null(cm_attr_child(NULL, CM_STR("x-mine")));
	ck_assert_ptr_null(cm_attr_child(service, CM_STR("imag")));
	ck_assert_str_eq(cm_attr_child(service, CM_STR("x-develop"))->alias, "develop");
	/* Keys of the user's own are no extensions. */
	ck_assert_ptr_eq(cm_attr_child(env, CM_STR("x-e")), env->block->any);
	ck_assert_ptr_eq(cm_attr_child(cm_attr_find("services"), CM_STR("x-web")), service);
}
END_TEST

START_TEST(roles_find_their_rows)
{
	for (int role = CM_ROLE_NONE + 1; role < CM_ROLE_COUNT; role++)
		ck_assert_msg(cm_attr_role((enum cm_role)role) != NULL, "role %d", role);
	ck_assert_ptr_eq(cm_attr_role(CM_ROLE_JOBS), cm_attr_find("jobs"));
	ck_assert_ptr_eq(cm_attr_role(CM_ROLE_EXTENDS), cm_attr_find("services.*.extends"));
}
END_TEST

START_TEST(names_are_listed_once)
{
	const struct cm_attr *service = cm_attr_find("services.*");
	const char *const *names = cm_attr_names(arena, service);
	size_t n = 0, images = 0;
	for (; names[n]; n++) {
		ck_assert_ptr_nonnull(cm_attr_child(service, cm_str_of(names[n])));
		images += strcmp(names[n], "image") == 0;
	}
	ck_assert_uint_gt(n, 80);
	ck_assert_uint_eq(images, 1);
	ck_assert_str_eq(cm_attr_names(arena, NULL)[0], "configs");
}
END_TEST

static TCase *short_cases(void)
{
	TCase *tc = tcase_create("short");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, ports_have_keys, 0, COUNT(ports));
	tcase_add_test(tc, a_range_tells_its_bounds);
	tcase_add_loop_test(tc, long_ports_keep_their_text, 0, COUNT(long_ports));
	tcase_add_loop_test(tc, volumes_are_cut, 0, COUNT(volumes));
	tcase_add_loop_test(tc, devices_have_keys, 0, COUNT(devices));
	tcase_add_loop_test(tc, a_key_ends_at_the_equals_sign, 0, COUNT(assignments));
	tcase_add_loop_test(tc, paths_are_cleaned, 0, COUNT(cleaned));
	tcase_add_test(tc, paths_are_joined);
	tcase_add_loop_test(tc, variables_end, 0, COUNT(references));
	tcase_add_loop_test(tc, texts_may_be_equal, 0, COUNT(texts));
	return tc;
}

static TCase *table_cases(void)
{
	TCase *tc = tcase_create("attributes");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rows_are_sorted_and_found);
	tcase_add_test(tc, ranks_are_unique);
	tcase_add_test(tc, measured_paths_are_found);
	tcase_add_loop_test(tc, attributes_have_their_rules, 0, COUNT(rules));
	tcase_add_test(tc, what_is_shared_stands_once);
	tcase_add_test(tc, extensions_have_no_row);
	tcase_add_test(tc, roles_find_their_rows);
	tcase_add_test(tc, names_are_listed_once);
	return tc;
}

Suite *spec_suite(void)
{
	Suite *suite = suite_create("spec");
	suite_add_tcase(suite, short_cases());
	suite_add_tcase(suite, table_cases());
	return suite;
}
