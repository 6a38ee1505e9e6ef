/* SPDX-License-Identifier: MIT */

/* What scalars mean, and that what is written reads back: through libyaml, at every place a scalar can stand. */

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "../../src/yaml/scalar.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof(*(a))))

Suite *scalar_suite(void);

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

static const char *type_name(enum cm_type type)
{
	static const char *const names[] = {"null", "bool", "int", "float", "time", "string", "binary", "bad"};
	return names[type];
}

/* --- types of plain texts --- */

static const struct {
	const char *text;
	enum cm_type type;
	const char *as; /* what KEY=VALUE shows */
} plain[] = {
	{"true", CM_BOOL, "true"},
	{"FALSE", CM_BOOL, "false"},
	{"tRUE", CM_STRING, "tRUE"},
	{"yes", CM_STRING, "yes"},
	{"Off", CM_STRING, "Off"},
	{"n", CM_STRING, "n"},
	{"", CM_NULL, ""},
	{"~", CM_NULL, ""},
	{"NULL", CM_NULL, ""},
	{"nULL", CM_STRING, "nULL"},
	{"123", CM_INT, "123"},
	{"+5", CM_INT, "5"},
	{"-5", CM_INT, "-5"},
	{"0", CM_INT, "0"},
	{"-00", CM_INT, "0"},
	{"0o17", CM_INT, "15"},
	{"0O17", CM_INT, "15"},
	{"017", CM_INT, "15"},
	{"0777", CM_INT, "511"},
	{"08", CM_FLOAT, "8"},
	{"09", CM_FLOAT, "9"},
	{"0x1f", CM_INT, "31"},
	{"0X1F", CM_INT, "31"},
	{"-0x1f", CM_INT, "-31"},
	{"0b11", CM_INT, "3"},
	{"0x", CM_STRING, "0x"},
	{"0o8", CM_STRING, "0o8"},
	{"1_000", CM_INT, "1000"},
	{"1__0", CM_INT, "10"},
	{"1_", CM_INT, "1"},
	{"0x_1f", CM_INT, "31"},
	{"_1", CM_STRING, "_1"},
	{"9223372036854775807", CM_INT, "9223372036854775807"},
	{"-9223372036854775808", CM_INT, "-9223372036854775808"},
	{"-9223372036854775809", CM_FLOAT, "-9.223372036854776e+18"},
	{"18446744073709551615", CM_INT, "18446744073709551615"},
	{"+18446744073709551615", CM_FLOAT, "1.8446744073709552e+19"},
	{"18446744073709551616", CM_FLOAT, "1.8446744073709552e+19"},
	{"0xffffffffffffffff", CM_INT, "18446744073709551615"},
	{"0x10000000000000000", CM_STRING, "0x10000000000000000"},
	{"1.10", CM_FLOAT, "1.1"},
	{"1.0", CM_FLOAT, "1"},
	{"1.", CM_FLOAT, "1"},
	{".5", CM_FLOAT, "0.5"},
	{"+.5", CM_FLOAT, "0.5"},
	{"1_000.5", CM_FLOAT, "1000.5"},
	{".2_6", CM_FLOAT, "0.26"},
	{"._2", CM_STRING, "._2"},
	{"1e3", CM_FLOAT, "1000"},
	{"1E+3", CM_FLOAT, "1000"},
	{"1.5e3", CM_FLOAT, "1500"},
	{"1e-3", CM_FLOAT, "0.001"},
	{"1e6", CM_FLOAT, "1e+06"},
	{"1000000.0", CM_FLOAT, "1e+06"},
	{"100000.0", CM_FLOAT, "100000"},
	{"123456789.5", CM_FLOAT, "1.234567895e+08"},
	{"0.0001", CM_FLOAT, "0.0001"},
	{"0.00001", CM_FLOAT, "1e-05"},
	{"1.5e-300", CM_FLOAT, "1.5e-300"},
	{"5e-324", CM_FLOAT, "5e-324"},
	{"1e-400", CM_FLOAT, "0"},
	{"1e400", CM_STRING, "1e400"},
	{"1e", CM_STRING, "1e"},
	{"1e+", CM_STRING, "1e+"},
	{"e3", CM_STRING, "e3"},
	{"1.2.3", CM_STRING, "1.2.3"},
	{"1,000", CM_STRING, "1,000"},
	{"inf", CM_STRING, "inf"},
	{"nan", CM_STRING, "nan"},
	{"-0", CM_FLOAT, "-0"},
	{"-0.0", CM_FLOAT, "-0"},
	{".inf", CM_FLOAT, "+Inf"},
	{"-.INF", CM_FLOAT, "-Inf"},
	{"+.Inf", CM_FLOAT, "+Inf"},
	{".NaN", CM_FLOAT, "NaN"},
	{"+", CM_STRING, "+"},
	{"-", CM_STRING, "-"},
	{".", CM_STRING, "."},
	{"12:30:45", CM_STRING, "12:30:45"},
	{"22:22", CM_STRING, "22:22"},
	{"190:20:30.15", CM_STRING, "190:20:30.15"},
	{"2001-01-01", CM_TIMESTAMP, "2001-01-01 00:00:00 +0000 UTC"},
	{"2001-1-1", CM_TIMESTAMP, "2001-01-01 00:00:00 +0000 UTC"},
	{"2001-12-14t21:59:43.10-05:00", CM_TIMESTAMP, "2001-12-14 21:59:43.1 -0500 -0500"},
	{"2001-12-14T1:2:3Z", CM_TIMESTAMP, "2001-12-14 01:02:03 +0000 UTC"},
	{"2001-12-14T1:2:3", CM_STRING, "2001-12-14T1:2:3"},
	{"2001-01-01 10:10:10", CM_TIMESTAMP, "2001-01-01 10:10:10 +0000 UTC"},
	{"2001-01-01   10:10:10,5", CM_TIMESTAMP, "2001-01-01 10:10:10.5 +0000 UTC"},
	{"2001-01-01 24:00:00", CM_STRING, "2001-01-01 24:00:00"},
	{"2001-12-14 21:59:43.10 -5", CM_STRING, "2001-12-14 21:59:43.10 -5"},
	{"2001-13-01", CM_STRING, "2001-13-01"},
	{"2001-02-29", CM_STRING, "2001-02-29"},
	{"2000-02-29", CM_TIMESTAMP, "2000-02-29 00:00:00 +0000 UTC"},
	{"1900-02-29", CM_STRING, "1900-02-29"},
	{"=", CM_STRING, "="},
	{"<<", CM_STRING, "<<"},
	{"nginx:1.25", CM_STRING, "nginx:1.25"},
};

START_TEST(plain_texts_have_types)
{
	struct cm_value v = cm_plain_value(arena, cm_str_of(plain[_i].text));
	struct cm_str as = cm_value_text(arena, v);
	ck_assert_msg(v.type == plain[_i].type, "%s is a %s", plain[_i].text, type_name(v.type));
	ck_assert_msg(cm_str_is(as, plain[_i].as), "%s shows as %.*s", plain[_i].text, (int)as.n, as.p);
}
END_TEST

/* --- tags and styles --- */

#define YAML "tag:yaml.org,2002:"

static const struct {
	const char *tag, *text;
	enum cm_style style;
	enum cm_type type;
	const char *as;
} tagged[] = {
	{"", "5", CM_SINGLE, CM_STRING, "5"},
	{"", "", CM_DOUBLE, CM_STRING, ""},
	{"", "5", CM_LITERAL, CM_STRING, "5"},
	{YAML "str", "5", CM_PLAIN, CM_STRING, "5"},
	{YAML "str", "", CM_PLAIN, CM_STRING, ""},
	{YAML "int", "0x10", CM_DOUBLE, CM_INT, "16"},
	{YAML "int", "5.0", CM_PLAIN, CM_BAD, NULL},
	{YAML "int", "", CM_PLAIN, CM_BAD, NULL},
	{YAML "float", "5", CM_PLAIN, CM_FLOAT, "5"},
	{YAML "float", "18446744073709551615", CM_PLAIN, CM_BAD, NULL},
	{YAML "bool", "true", CM_DOUBLE, CM_BOOL, "true"},
	{YAML "bool", "yes", CM_PLAIN, CM_BAD, NULL},
	{YAML "null", "", CM_DOUBLE, CM_NULL, ""},
	{YAML "null", "x", CM_PLAIN, CM_BAD, NULL},
	{YAML "timestamp", "2001-01-01", CM_DOUBLE, CM_TIMESTAMP, "2001-01-01 00:00:00 +0000 UTC"},
	{YAML "int", "2001-01-01", CM_PLAIN, CM_BAD, NULL},
	{YAML "binary", "aGVsbG8=", CM_PLAIN, CM_BINARY, "hello"},
	{YAML "binary", "aGVs\nbG8=\n", CM_LITERAL, CM_BINARY, "hello"},
	{YAML "binary", "aGVsbG8", CM_PLAIN, CM_BAD, NULL},
	{YAML "binary", "a=Vs", CM_PLAIN, CM_BAD, NULL},
	{YAML "binary", "====", CM_PLAIN, CM_BAD, NULL},
	{"!override", "5", CM_PLAIN, CM_STRING, "5"},
	{"!override", "null", CM_PLAIN, CM_STRING, "null"},
	{"!reset", "", CM_PLAIN, CM_STRING, ""},
};

START_TEST(tags_ask_for_types)
{
	struct cm_props props = {.tag = cm_str_of(tagged[_i].tag)};
	struct cm_node node = {.kind = CM_SCALAR, .style = (uint8_t)tagged[_i].style,
		.count = (uint32_t)strlen(tagged[_i].text), .props = *tagged[_i].tag ? &props : NULL};
	node.text = tagged[_i].text;
	struct cm_value v = cm_scalar_value(arena, &node);
	ck_assert_msg(v.type == tagged[_i].type, "%s %s is a %s", tagged[_i].tag, tagged[_i].text, type_name(v.type));
	if (tagged[_i].as)
		ck_assert(cm_str_is(cm_value_text(arena, v), tagged[_i].as));
}
END_TEST

/* --- equality --- */

static const struct {
	const char *a, *b;
	bool equal;
} pairs[] = {
	{"1", "1", true}, {"1", "0x1", true}, {"1", "1.0", false}, {"1.0", "1.00", true}, {"1", "-1", false},
	{"true", "TRUE", true}, {"true", "yes", false}, {"~", "", true}, {"a", "a", true}, {"a", "b", false},
	{".nan", ".nan", false}, {"-0", "0.0", true}, {"2001-1-1", "2001-01-01", true}, {"null", "0", false},
};

START_TEST(values_compare_by_type_and_content)
{
	struct cm_value a = cm_plain_value(arena, cm_str_of(pairs[_i].a));
	struct cm_value b = cm_plain_value(arena, cm_str_of(pairs[_i].b));
	ck_assert_msg(cm_value_eq(a, b) == pairs[_i].equal, "%s, %s", pairs[_i].a, pairs[_i].b);
	ck_assert(cm_value_eq(b, a) == pairs[_i].equal);
}
END_TEST

START_TEST(a_quoted_number_is_no_number)
{
	struct cm_value one = cm_plain_value(arena, CM_STR("1"));
	struct cm_value quoted = {.type = CM_STRING, .s = CM_STR("1")};
	struct cm_value binary = {.type = CM_BINARY, .s = CM_STR("1")};
	ck_assert(!cm_value_eq(one, quoted));
	ck_assert(cm_value_eq(quoted, binary));
}
END_TEST

/* --- writing --- */

static const struct {
	const char *text;
	enum cm_style want;
	bool flow;
	const char *written;
} written[] = {
	{"nginx:1.25", CM_PLAIN, false, "nginx:1.25"},
	{"nginx", CM_SINGLE, false, "'nginx'"},
	{"nginx", CM_DOUBLE, false, "\"nginx\""},
	{"it's", CM_SINGLE, false, "'it''s'"},
	{"5", CM_PLAIN, false, "\"5\""},
	{"", CM_PLAIN, false, "\"\""},
	{"true", CM_PLAIN, false, "\"true\""},
	{"yes", CM_PLAIN, false, "\"yes\""},
	{"22:22", CM_PLAIN, false, "\"22:22\""},
	{"8080:80", CM_PLAIN, false, "8080:80"},
	{"1:2:3", CM_PLAIN, false, "\"1:2:3\""},
	{"127.0.0.1:80:80", CM_PLAIN, false, "127.0.0.1:80:80"},
	{"2001-01-01", CM_PLAIN, false, "\"2001-01-01\""},
	{"<<", CM_PLAIN, false, "\"<<\""},
	{"a: b", CM_PLAIN, false, "\"a: b\""},
	{"a #b", CM_PLAIN, false, "\"a #b\""},
	{"a#b", CM_PLAIN, false, "a#b"},
	{"a:", CM_PLAIN, false, "\"a:\""},
	{"-x", CM_PLAIN, false, "-x"},
	{"- x", CM_PLAIN, false, "\"- x\""},
	{"---", CM_PLAIN, false, "\"---\""},
	{"[x", CM_PLAIN, false, "\"[x\""},
	{"x[0]", CM_PLAIN, false, "x[0]"},
	{"x[0]", CM_PLAIN, true, "\"x[0]\""},
	{"./a:/b", CM_PLAIN, true, "./a:/b"},
	{"A=1", CM_PLAIN, true, "A=1"},
	{"${A}", CM_PLAIN, false, "${A}"},
	{"${A}", CM_PLAIN, true, "\"${A}\""},
	{"a\tb", CM_PLAIN, false, "\"a\\tb\""},
	{"a\nb", CM_SINGLE, false, "\"a\\nb\""},
	{"a\nb", CM_LITERAL, false, "\"a\\nb\""},
	{"\\\"", CM_DOUBLE, false, "\"\\\\\\\"\""},
	{"\xc3\xa9", CM_PLAIN, false, "\xc3\xa9"},
	{"\xc2\x85", CM_PLAIN, false, "\"\\x85\""},
	{"\xe2\x80\xa8", CM_PLAIN, false, "\"\\u2028\""},
	{"\xf0\x9f\x98\x80", CM_PLAIN, false, "\xf0\x9f\x98\x80"},
	{"\033[0m", CM_PLAIN, false, "\"\\e[0m\""},
};

static const char *write_scalar(struct cm_str text, enum cm_style want, bool flow)
{
	struct cm_buf *b = cm_buf_new(arena, text.n + 8);
	cm_scalar_write(arena, b, text, want, flow);
	return b->p;
}

START_TEST(strings_are_quoted_where_they_must_be)
{
	ck_assert_str_eq(write_scalar(cm_str_of(written[_i].text), written[_i].want, written[_i].flow), written[_i].written);
}
END_TEST

static const struct {
	const char *before, *after;
	bool flow;
	int index; /* which scalar of the document it is */
} places[] = {
	{"", "\n", false, 0},
	{"- ", "\n- z\n", false, 0},
	{"k: ", " # comment\n", false, 1},
	{"", ": v\n", false, 0},
	{"- k:\n    ", ": v\n", false, 1},
	{"k: [", ", z]\n", true, 1},
	{"[", "]\n", true, 0},
	{"{k: ", ", l: z}\n", true, 1},
	{"{", ": v}\n", true, 0},
};

/* The index-th scalar of the document, or false. */
static bool read_scalar(const char *document, int index, yaml_event_t *found)
{
	yaml_parser_t parser;
	bool ok = false, end = false;
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)document, strlen(document));
	while (!end && yaml_parser_parse(&parser, found)) {
		end = found->type == YAML_STREAM_END_EVENT;
		if (found->type == YAML_SCALAR_EVENT && index-- == 0) {
			ok = true;
			break;
		}
		yaml_event_delete(found);
	}
	yaml_parser_delete(&parser);
	return ok;
}

static void check_place(struct cm_str text, enum cm_style want, int i)
{
	yaml_event_t event;
	const char *scalar = write_scalar(text, want, places[i].flow);
	struct cm_str document = cm_strf(arena, "%s%s%s", places[i].before, scalar, places[i].after);
	ck_assert_msg(read_scalar(document.p, places[i].index, &event), "unreadable: %s", document.p);
	struct cm_str back = {(char *)event.data.scalar.value, event.data.scalar.length};
	ck_assert_msg(cm_str_eq(text, back), "%s reads as %.*s", document.p, (int)back.n, back.p);
	if (event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		ck_assert_msg(cm_plain_is_string(arena, back), "%s is no string", document.p);
	yaml_event_delete(&event);
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

/* Texts of pieces that mean something to YAML, at all places in all styles. */
START_TEST(what_is_written_reads_back)
{
	static const char *const pieces[] = {"a", "1", " ", "  ", ":", "-", "?", "#", "&", "*", "!", "|", ">", "'", "\"", "%", "@",
		"`", "{", "}", "[", "]", ",", "\t", "\n", "\r", "\\", "=", "~", "<<", "---", "...", "null", "true", "0x1", ".5",
		"2001-01-01", "$", "${", "/", "\xc3\xa9", "\xc2\x85", "\xc2\xa0", "\xe2\x80\xa9", "\xef\xbb\xbf",
		"\xf0\x9f\x98\x80", "\033", "\x7f", "yes", "22:22"};
	static const enum cm_style wants[] = {CM_PLAIN, CM_SINGLE, CM_DOUBLE, CM_LITERAL};
	unsigned seed = (unsigned)_i + 1;
	char text[64] = "";
	for (unsigned n = next_random(&seed) % 6; n > 0; n--)
		strcat(text, pieces[next_random(&seed) % (unsigned)COUNT(pieces)]);
	for (int want = 0; want < COUNT(wants); want++)
		for (int place = 0; place < COUNT(places); place++)
			check_place(cm_str_of(text), wants[want], place);
}
END_TEST

/* --- variables --- */

static const struct {
	const char *text;
	bool has;
} variables[] = {
	{"", false}, {"a", false}, {"$", false}, {"$$", false}, {"$$A", false}, {"$1", false}, {"a$ b", false}, {"$A", true},
	{"$_", true}, {"${A}", true}, {"${", true}, {"$$$A", true}, {"$$${A}", true}, {"$.$A", true}, {"x$", false},
};

START_TEST(variables_are_found)
{
	ck_assert_msg(cm_has_var(cm_str_of(variables[_i].text)) == variables[_i].has, "%s", variables[_i].text);
}
END_TEST

Suite *scalar_suite(void)
{
	Suite *suite = suite_create("scalar");
	TCase *tc = tcase_create("scalar");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, plain_texts_have_types, 0, COUNT(plain));
	tcase_add_loop_test(tc, tags_ask_for_types, 0, COUNT(tagged));
	tcase_add_loop_test(tc, values_compare_by_type_and_content, 0, COUNT(pairs));
	tcase_add_test(tc, a_quoted_number_is_no_number);
	tcase_add_loop_test(tc, strings_are_quoted_where_they_must_be, 0, COUNT(written));
	tcase_add_loop_test(tc, what_is_written_reads_back, 0, 500);
	tcase_add_loop_test(tc, variables_are_found, 0, COUNT(variables));
	suite_add_tcase(suite, tc);
	return suite;
}
