/* SPDX-License-Identifier: MIT */

/*
 * Variables in texts and env files, in the environment A=1 E= NAME=B B=2 D=$A. Golden cases in tests/cases/config show them in files.
 */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/diag.h"
#include "../../src/resolve/run.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof(*(a))))

Suite *resolve_suite(void);

static struct cm_recovery recovery;
static struct cm_arena *arena;
static struct cm_project project;
static struct cm_config_options options;
static struct cm_run shared;
static struct cm_resolve run;

static void setup(void)
{
	arena = cm_arena_new(&recovery);
	project = (struct cm_project){.limits = cm_default_limits};
	project.arena = arena;
	project.last_diag = &project.diags;
	cm_interner_init(&project.syms, arena);
	cm_source_add(&project, "first", CM_STR(""));
	shared = (struct cm_run){.cwd = "/"};
	run = (struct cm_resolve){.p = &project, .o = &options, .run = &shared, .env = cm_env_new(&project), .project_directory = "/"};
	cm_env_set(run.env, CM_STR("A"), CM_STR("1"));
	cm_env_set(run.env, CM_STR("E"), CM_STR(""));
	cm_env_set(run.env, CM_STR("NAME"), CM_STR("B"));
	cm_env_set(run.env, CM_STR("B"), CM_STR("2"));
	cm_env_set(run.env, CM_STR("D"), CM_STR("$A"));
}

static void teardown(void)
{
	cm_arena_free(arena);
}

/* ---- interpolation ---- */

/* want NULL: malformed; "?TEXT": TEXT is why a variable is required. */
static const struct {
	const char *text, *want;
	unsigned unset;
} texts[] = {
	{"", "", 0},
	{"plain", "plain", 0},
	{"$A", "1", 0},
	{"${A}", "1", 0},
	{"x${A}y$B", "x1y2", 0},
	{"$A.$B", "1.2", 0},
	{"$$A", "$A", 0},
	{"$$$A", "$1", 0},
	{"$D", "$A", 0}, /* a value is not expanded again */
	{"$U", "", 1},
	{"${U}", "", 1},
	{"$U$U", "", 1},
	{"$U$V", "", 2},
	{"${U:-d}", "d", 0},
	{"${U-d}", "d", 0},
	{"${E:-d}", "d", 0},
	{"${E-d}", "", 0},
	{"${A:-d}", "1", 0},
	{"${U:-}", "", 0},
	{"${U:-$A}", "1", 0},
	{"${U:-${V:-${B}}}", "2", 0},
	{"${U:-a b:c}", "a b:c", 0},
	{"${A:+set}", "set", 0},
	{"${E:+set}", "", 0},
	{"${E+set}", "set", 0},
	{"${U+set}", "", 0},
	{"${A:?why}", "1", 0},
	{"${U:?why}", "?why", 0},
	{"${E:?why}", "?why", 0},
	{"${E?why}", "", 0},
	{"${U?why}", "?why", 0},
	{"${", NULL, 0},
	{"${}", NULL, 0},
	{"${A", NULL, 0},
	{"${1}", NULL, 0},
	{"a$", "a$", 0}, /* only a name, a brace or a $ makes it a reference */
	{"$ A", "$ A", 0},
	{"${A B}", NULL, 0},
};

START_TEST(texts_are_expanded)
{
	const struct cm_env *lookup[] = {run.env};
	struct cm_expand x = {.r = &run, .lookup = lookup, .count = 1};
	struct cm_buf *b = cm_buf_new(arena, 16);
	const char *text = texts[_i].text, *want = texts[_i].want;
	bool fine = cm_expand(&x, cm_str_of(text), b);
	struct cm_str got = {b->n ? b->p : "", b->n};

	if (!want) {
		ck_assert_msg(!fine && x.fault == CM_EXPAND_INVALID, "%s: not refused", text);
	} else if (want[0] == '?') {
		ck_assert_msg(!fine && x.fault == CM_EXPAND_REQUIRED, "%s: not required", text);
		ck_assert_msg(cm_str_is(x.message, want + 1), "%s: %.*s", text, (int)x.message.n, x.message.p);
	} else {
		ck_assert_msg(fine && cm_str_is(got, want), "%s: %.*s, not %s", text, (int)got.n, got.p, want);
		ck_assert_msg(project.warnings == texts[_i].unset, "%s: %u warnings", text, project.warnings);
	}
}
END_TEST

/* ---- env files ---- */

/* want: NAME=VALUE; of all that is set, in order of the names. NULL: refused. */
static const struct {
	const char *text, *want;
} files[] = {
	{"", ""},
	{"\n\n# a comment\n  # another\n", ""},
	{"A=x", "A=x;"},
	{"A=x\nB=y\n", "A=x;B=y;"},
	{"A=x\r\nB=y\r\n", "A=x;B=y;"},
	{"A=x\nA=y\n", "A=y;"},
	{"export A=x\n", "A=x;"},
	{"A = x\n", "A=x;"},
	{"A: x\n", "A=x;"},
	{"A=\n", "A=;"},
	{"A=x # why\n", "A=x;"},
	{"A=x#y\n", "A=x#y;"},
	{"A=\"x # y\" # why\n", "A=x # y;"},
	{"A='x'\n", "A=x;"},
	{"A=\"a\\nb\"\n", "A=a\nb;"},
	{"A='a\\nb'\n", "A=a\\nb;"},
	{"A=\"a\nb\"\n", "A=a\nb;"},
	{"C=${NAME}-$B\n", "C=B-2;"},
	{"C='${NAME}'\n", "C=${NAME};"},
	{"C=${U:-d}\n", "C=d;"},
	{"X=1\nY=${X}2\n", "X=1;Y=12;"},
	{"B\n", "B=2;"}, /* inherited */
	{"UNKNOWN\n", ""},
	{"A B\n", NULL},
	{"A=\"x\n", NULL},
	{"A='x\n", NULL},
	{"C=${U:?no}\n", NULL},
};

START_TEST(env_files_are_read)
{
	const struct cm_env *lookup[] = {run.env};
	struct cm_env *into = cm_env_new(&project);
	struct cm_source *source = cm_source_add(&project, "a.env", cm_str_of(files[_i].text));
	const char *text = files[_i].text, *want = files[_i].want;
	struct cm_buf *b = cm_buf_new(arena, 16);
	const struct cm_sym **names;
	uint32_t count;
	bool fine;

	ck_assert(cm_decode(&project, source));
	fine = cm_dotenv(&run, source, into, lookup, 1);
	ck_assert_msg(fine == (want != NULL), "%s: %s", text, fine ? "read" : "refused");
	if (!fine) {
		ck_assert_msg(project.errors > 0, "%s: refused without a word", text);
		return;
	}
	names = cm_env_names(into, &count);
	for (uint32_t i = 0; i < count; i++) {
		const struct cm_str *value = cm_env_get(into, cm_sym_str(names[i]));

		cm_buf_printf(b, "%s=%.*s;", names[i]->p, (int)value->n, value->p);
	}
	ck_assert_msg(cm_str_is((struct cm_str){b->n ? b->p : "", b->n}, want), "%s: %.*s, not %s", text, (int)b->n, b->p, want);
}
END_TEST

Suite *resolve_suite(void)
{
	Suite *s = suite_create("resolve");
	TCase *t = tcase_create("texts");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, texts_are_expanded, 0, COUNT(texts));
	suite_add_tcase(s, t);
	t = tcase_create("env files");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, env_files_are_read, 0, COUNT(files));
	suite_add_tcase(s, t);
	return s;
}
