/* SPDX-License-Identifier: MIT */
/*
 * cm_cli_run in process: streams in memory, an environment of the test's own, files in a temporary
 * folder that is the current one. Which files a run uses is read from the note of -v. What the
 * merged text is, others test.
 */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/cli/cli.h"

Suite *cli_suite(void);

static const char service[] = "services:\n  web:\n    image: nginx\n";

/* A run, and what came of it. */
struct run {
	const char *const *env; /* KEY=VALUE; NULL past the last */
	int write_error;        /* of standard output */
	int code;
	char out[32768], err[16384];
	char folder[64], home[1024];
};

static int keep(void *arg, enum cm_stream stream, const char *text, size_t length)
{
	struct run *r = arg;
	char *to = stream == CM_STREAM_OUT ? r->out : r->err;
	size_t size = stream == CM_STREAM_OUT ? sizeof r->out : sizeof r->err, n = strlen(to);

	if (stream == CM_STREAM_OUT && r->write_error)
		return r->write_error;
	if (length > size - n - 1)
		return ENOSPC;
	memcpy(to + n, text, length);
	to[n + length] = '\0';
	return 0;
}

static const char *look_up(void *arg, const char *name)
{
	const struct run *r = arg;
	size_t n = strlen(name);

	for (const char *const *e = r->env; e && *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

static void run_with(struct run *r, int input, char **argv)
{
	struct cm_cli_io io = {.write = keep, .env = look_up, .arg = r, .descriptor = {input, -1, -1}};
	int argc = 0;

	while (argv[argc])
		argc++;
	r->out[0] = r->err[0] = '\0';
	r->code = cm_cli_run(argc, argv, &io);
}

/* Runs the words of one line. */
static void run(struct run *r, const char *line)
{
	char copy[1024], program[] = "composemerge", *argv[64] = {program};
	size_t n = 1;

	snprintf(copy, sizeof copy, "%s", line);
	for (char *word = strtok(copy, " "); word && n < 63; word = strtok(NULL, " "))
		argv[n++] = word;
	run_with(r, -1, argv);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static const char *read_file(const char *path)
{
	static char text[4096];
	FILE *f = fopen(path, "rb");

	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void enter(struct run *r)
{
	*r = (struct run){.code = -1};
	strcpy(r->folder, "/tmp/cm-cli-XXXXXX");
	ck_assert_ptr_nonnull(getcwd(r->home, sizeof r->home));
	ck_assert_ptr_nonnull(mkdtemp(r->folder));
	ck_assert_int_eq(chdir(r->folder), 0);
}

/* rm -r, of what the tests make. */
static void leave(struct run *r)
{
	char command[128];

	ck_assert_int_eq(chdir(r->home), 0);
	snprintf(command, sizeof command, "rm -rf %s", r->folder);
	ck_assert_int_eq(system(command), 0);
}

static void expect_in(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

/* The command line. Every row is a usage error that says part. */

static const struct {
	const char *line, *part;
} wrong[] = {
	{"--ouput x", "unknown option '--ouput': did you mean '--output'?"},
	{"merge --ouput=x", "unknown option '--ouput': did you mean '--output'?"},
	{"--fiel a.yml", "did you mean '--file'?"},
	{"--xyzzy-plugh",
	"unknown option '--xyzzy-plugh': composemerge merge --help lists the options"},
	{"-vx", "unknown option '-x'"},
	{"-\303\251", "unknown option '-\303\251'"},
	{"-output x", "'-output' needs two dashes: --output"},
	{"-file=a.yml", "'-file' needs two dashes: --file=a.yml"},
	{"mrge", "unknown command 'mrge': did you mean 'merge'?"},
	{"version", "did you mean '--version'?"},
	{"-f a.yml prod", "unknown command 'prod'"},
	{"merge prod", "'prod' is no Compose file: write ./prod"},
	{"-- merge", "'merge' is no Compose file"},
	{"-o", "'-o' needs a value: -o FILE"},
	{"-vf", "'-f' needs a value: -f FILE"},
	{"--file", "'--file' needs a value: --file FILE"},
	{"--check=yes", "'--check' takes no value, but 'yes' was given"},
	{"--format ymal", "'--format' takes yaml or json, not 'ymal': did you mean 'yaml'?"},
	{"--color=sometimes", "'--color' takes auto, always or never, not 'sometimes'"},
	{"--limit-depth 10x", "'--limit-depth' takes a whole number"},
	{"--limit-depth -1", "'--limit-depth' takes a whole number"},
	{"--limit-depth 18446744073709551616", "takes a whole number"},
	{"--limit-depth 99999999999999G", "takes a whole number"},
	{"--file= -f b.yml", "the name of a file is empty"},
	{"a.yml,,b.yml", "the name of a file is empty"},
	{"-f - -f -", "standard input can be read only once"},
	{"--check -f a.yml", "--check needs -o FILE"},
	{"--output= -f a.yml", "the name after -o is empty"},
	{"--annotate --format json -f a.yml", "JSON has none"},
};

START_TEST(wrong_command_line)
{
	struct run r;

	enter(&r);
	run(&r, wrong[_i].line);
	ck_assert_int_eq(r.code, 2);
	ck_assert_str_eq(r.out, "");
	expect_in(r.err, wrong[_i].part);
	expect_in(r.err, "[usage]");
	ck_assert_msg(strchr(r.err, '\n')[1] == '\0', "more than a line: %s", r.err);
	leave(&r);
}
END_TEST

/* Command lines that use the files named. */
static const struct {
	const char *line, *files;
} right[] = {
	{"-v -f a.yml", "a.yml"},
	{"-va.yml -fa.yml", NULL},
	{"-vfa.yml", "a.yml"},
	{"-vf a.yml", "a.yml"},
	{"--file=a.yml --verbose", "a.yml"},
	{"--file a.yml -v", "a.yml"},
	{"-f a.yml merge -f b.yml -v", "a.yml, b.yml"},
	{"merge -v -f b.yml -f a.yml", "b.yml, a.yml"},
	{"-v -f a.yml -f a.yml", "a.yml, a.yml"},
	{"--verbose -p x --profile=y --env-file z --all-resources -f a.yml", "a.yml"},
	{"--format yaml merge -v -f a.yml", "a.yml"},
	{"--limit-depth 64K --limit-files=10 -v -f a.yml", "a.yml"},
	{"-v a.yml b.yml", "a.yml, b.yml"},
	{"-v a.yml,b.yml", "a.yml, b.yml"},
	{"merge -v -f a.yml b.yml", "a.yml, b.yml"},
	{"merge ./b.yml -v -f a.yml", "a.yml, ./b.yml"},
	{"-v -f a.yml -- b.yml", "a.yml, b.yml"},
	{"-v -f -x.yml", "-x.yml"},
	{"-v -- -x.yml", "-x.yml"},
	{"-v --color never --color always --color=never -f a.yml", "a.yml"},
};

START_TEST(right_command_line)
{
	struct run r;
	char note[128];

	enter(&r);
	write_file("a.yml", service);
	write_file("b.yml", service);
	write_file("-x.yml", service);
	run(&r, right[_i].line);
	if (right[_i].files) {
		ck_assert_msg(r.code == 0, "%s", r.err);
		snprintf(note, sizeof note, "files: %s", right[_i].files);
		expect_in(r.err, note);
		ck_assert_str_ne(r.out, "");
	} else {
		ck_assert_int_eq(r.code, 2);
	}
	leave(&r);
}
END_TEST

/* One fault is reported, and the message obeys an option that stands behind it. */
START_TEST(faults_obey_later_options)
{
	struct run r;

	enter(&r);
	run(&r, "--nonsense --also-nonsense --messages json");
	ck_assert_int_eq(r.code, 2);
	ck_assert_int_eq(r.err[0], '{');
	ck_assert_ptr_null(strstr(r.err, "also-nonsense"));
	run(&r, "--nonsense --color always");
	expect_in(r.err, "\033[");
	leave(&r);
}
END_TEST

START_TEST(help_fits_80_columns)
{
	struct run r;
	static const char *const lines[] = {"--help", "merge --help", "-h merge", "-f nope.yml -h"};

	enter(&r);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		run(&r, lines[i]);
		ck_assert_int_eq(r.code, 0);
		ck_assert_str_eq(r.err, "");
		ck_assert(strstr(r.out, "Examples:") < strstr(r.out, "Usage:"));
		expect_in(r.out, "--limit-depth N");
		for (char *line = strtok(r.out, "\n"); line; line = strtok(NULL, "\n"))
			ck_assert_msg(strlen(line) <= 80, "%s", line);
	}
	leave(&r);
}
END_TEST

START_TEST(version)
{
	struct run r;

	enter(&r);
	run(&r, "--version");
	ck_assert_int_eq(r.code, 0);
	ck_assert_str_eq(r.out, "composemerge 0.1.0\n");
	leave(&r);
}
END_TEST

START_TEST(no_words_at_all)
{
	struct run r;
	char *argv[] = {NULL};

	enter(&r);
	run_with(&r, -1, argv);
	ck_assert_int_eq(r.code, 2);
	expect_in(r.err, "[no-files]");
	leave(&r);
}
END_TEST

/* Which files, without -f. files: made before; NULL note: trouble with the code in err. */
static const struct {
	const char *files[6];
	const char *dotenv;
	const char *env[4];
	const char *line;
	const char *used, *err;
} searches[] = {
	{{"compose.yml"}, NULL, {NULL}, "-v", "compose.yml", NULL},
	{{"compose.yaml", "compose.yml"}, NULL, {NULL}, "-v", "compose.yaml",
	"'compose.yml' stands here too"},
	{{"compose.yaml", "compose.yml"}, NULL, {NULL}, "-q", NULL, ""},
	{{"docker-compose.yaml"}, NULL, {NULL}, "-v", "docker-compose.yaml", NULL},
	{{"compose.yml", "docker-compose.override.yaml"}, NULL, {NULL}, "-v",
	"compose.yml, docker-compose.override.yaml", NULL},
	{{"compose.yml", "compose.override.yml", "compose.override.yaml"}, NULL, {NULL}, "-v",
		"compose.yml, compose.override.yml", "'compose.override.yaml' stands here too"},
	{{"sub/compose.yml", "sub/compose.override.yml"}, NULL, {NULL},
	"-v --project-directory sub",
		"sub/compose.yml, sub/compose.override.yml", NULL},
	{{"sub/compose.yml", "compose.yml"}, NULL, {NULL}, "-v --project-directory sub/",
	"sub/compose.yml", NULL},
	{{"sub/x", "compose.yml"}, NULL, {NULL}, "-v --project-directory ./sub",
	"./sub/../compose.yml", NULL},
	{{"a.yml", "b.yml", "compose.yml"}, NULL, {"COMPOSE_FILE=a.yml:b.yml"}, "-v",
	"a.yml, b.yml", NULL},
	{{"a.yml", "b.yml"}, NULL, {"COMPOSE_FILE=a.yml,b.yml", "COMPOSE_PATH_SEPARATOR=,"}, "-v",
	"a.yml, b.yml", NULL},
	{{"a.yml", "b.yml"}, NULL, {"COMPOSE_FILE=a.yml:b.yml", "COMPOSE_PATH_SEPARATOR="}, "-v",
	"a.yml, b.yml", NULL},
	{{"a.yml"}, NULL, {"COMPOSE_FILE="}, "-v", NULL, "COMPOSE_FILE holds an empty name"},
	{{"a.yml"}, NULL, {"COMPOSE_FILE=a.yml:"}, "-v", NULL, "COMPOSE_FILE holds an empty name"},
	{{"a.yml"}, NULL, {"COMPOSE_FILE=-:-"}, "-v", NULL, "only once"},
	{{"a.yml"}, NULL, {"COMPOSE_FILE=nope.yml"}, "-v", NULL,
		": nope.yml: cannot read: no such file (COMPOSE_FILE names it)"},
	{{"a.yml", "compose.yml"}, NULL, {"COMPOSE_FILE=compose.yml"}, "-v -f a.yml", "a.yml",
	NULL},
	{{"a.yml", "b.yml"}, "COMPOSE_FILE=a.yml:b.yml\n", {NULL}, "-v", "a.yml, b.yml", NULL},
	{{"a.yml", "b.yml"}, "COMPOSE_FILE=a.yml|b.yml\nCOMPOSE_PATH_SEPARATOR='|'\n", {NULL}, "-v",
	"a.yml, b.yml", NULL},
	{{"a.yml", "b.yml"}, "COMPOSE_FILE=a.yml\n", {"COMPOSE_FILE=b.yml"}, "-v", "b.yml", NULL},
	{{"a.yml", "b.yml"}, "COMPOSE_PATH_SEPARATOR=;", {"COMPOSE_FILE=a.yml;b.yml"}, "-v",
	"a.yml, b.yml", NULL},
	{{"a.yml", "compose.yml"}, "COMPOSE_FILE=a.yml\n", {"COMPOSE_DISABLE_ENV_FILE=true"}, "-v",
	"compose.yml", NULL},
	{{"a.yml", "compose.yml"}, "COMPOSE_FILE=a.yml\n", {"COMPOSE_ENV_FILES=other.env"}, "-v",
	NULL, "other.env: cannot read: no such file"},
	{{"a.yml"},
	"\xEF\xBB\xBF# c\n\n  export COMPOSE_FILE = \"a.yml\" # c\nX='\nCOMPOSE_FILE=b.yml\n'\n",
	{NULL}, "-v", "a.yml", NULL},
	{{"a.yml"}, "COMPOSE_FILE: a.yml   # c\r\nCOMPOSE_FILES=b.yml", {NULL}, "-v", "a.yml",
	NULL},
	{{"a.yml"}, "COMPOSE_FILE=b.yml\nCOMPOSE_FILE=a.yml", {NULL}, "-v", "a.yml", NULL},
	{{"a.yml", "compose.yml"}, "COMPOSE_FILE\nA=a\\\nB", {NULL}, "-v", "compose.yml", NULL},
	{{"a.yml"}, "COMPOSE_FILE=compose.${X}.yml\n", {NULL}, "-v", NULL,
	".env: COMPOSE_FILE holds a variable"},
	{{"a.yml"}, "COMPOSE_FILE=nope.yml", {NULL}, "-v -f a.yml", "a.yml", NULL},
	{{"a.yml", "compose.yml", ".env/x"}, NULL, {NULL}, "-v", "compose.yml", NULL},
	{{"x"}, NULL, {NULL}, "-v", NULL, "[no-files]"},
};

static void make_files(const char *const *names)
{
	char folder[64];

	for (size_t i = 0; names[i]; i++) {
		const char *slash = strchr(names[i], '/');

		if (slash) {
			snprintf(folder, sizeof folder, "%.*s", (int)(slash - names[i]), names[i]);
			mkdir(folder, 0777);
		}
		write_file(names[i], service);
	}
}

START_TEST(search)
{
	struct run r;
	char note[128];

	enter(&r);
	make_files(searches[_i].files);
	if (searches[_i].dotenv)
		write_file(".env", searches[_i].dotenv);
	r.env = searches[_i].env;
	run(&r, searches[_i].line);
	if (searches[_i].used) {
		ck_assert_msg(r.code == 0, "%s", r.err);
		snprintf(note, sizeof note, "files: %s", searches[_i].used);
		expect_in(r.err, note);
	}
	if (searches[_i].err && searches[_i].err[0])
		expect_in(r.err, searches[_i].err);
	else if (searches[_i].err)
		ck_assert_str_eq(r.err, "");
	leave(&r);
}
END_TEST

START_TEST(search_goes_up)
{
	struct run r;

	enter(&r);
	write_file("docker-compose.yml", service);
	write_file("compose.override.yaml", service);
	mkdir("a", 0777);
	mkdir("a/b", 0777);
	ck_assert_int_eq(chdir("a/b"), 0);
	run(&r, "-v");
	ck_assert_msg(r.code == 0, "%s", r.err);
	expect_in(r.err, "files: ../../docker-compose.yml, ../../compose.override.yaml\n");
	ck_assert_int_eq(chdir("../.."), 0);
	leave(&r);
}
END_TEST

/* Behind a symbolic link, the folder above is the one the user came from (PWD), as for Docker
 * Compose. */
START_TEST(search_goes_up_as_pwd_says)
{
	struct run r;
	char pwd[128], note[256];
	const char *env[] = {pwd, NULL};

	enter(&r);
	mkdir("real", 0777);
	mkdir("real/deep", 0777);
	mkdir("home", 0777);
	write_file("home/compose.yml", service);
	write_file("real/compose.yml", service);
	ck_assert_int_eq(symlink("../real/deep", "home/link"), 0);
	ck_assert_int_eq(chdir("home/link"), 0);
	snprintf(pwd, sizeof pwd, "PWD=%s/home/link", r.folder);
	snprintf(note, sizeof note, ": %s/home/compose.yml\n", r.folder);
	r.env = env;
	run(&r, "-v");
	expect_in(r.err, note);
	r.env = NULL;
	run(&r, "-v");
	expect_in(r.err, "files: ../compose.yml\n");
	ck_assert_int_eq(chdir("../.."), 0);
	leave(&r);
}
END_TEST

START_TEST(missing_file_is_suggested)
{
	struct run r;

	enter(&r);
	mkdir("sub", 0777);
	write_file("sub/compose.prod.yml", service);
	run(&r, "-f sub/compse.prod.yml -f also-missing.yml");
	ck_assert_int_eq(r.code, 2);
	expect_in(r.err, "error: sub/compse.prod.yml: cannot read: no such file [cannot-read]");
	expect_in(r.err, "did you mean 'sub/compose.prod.yml'?");
	expect_in(r.err, "error: also-missing.yml: cannot read");
	leave(&r);
}
END_TEST

/* Streams. */

START_TEST(standard_input)
{
	struct run r;
	char program[] = "composemerge", option[] = "-f-", *argv[] = {program, option, NULL};
	int fd;

	enter(&r);
	write_file("in", service);
	fd = open("in", O_RDONLY);
	run_with(&r, fd, argv);
	close(fd);
	ck_assert_msg(r.code == 0, "%s", r.err);
	ck_assert_str_eq(r.out, service);
	run_with(&r, -1, argv);
	ck_assert_int_eq(r.code, 2);
	expect_in(r.err, "error: -: cannot read");
	leave(&r);
}
END_TEST

START_TEST(standard_output_fails)
{
	struct run r;
	static const char *const lines[] = {"a.yml", "--help", "--version"};

	enter(&r);
	write_file("a.yml", service);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		r.write_error = ENOSPC;
		run(&r, lines[i]);
		ck_assert_int_eq(r.code, 2);
		expect_in(r.err, "standard output: the disk is full [cannot-write]");
		r.write_error = EPIPE;
		run(&r, lines[i]);
		ck_assert_int_eq(r.code, 0);
		ck_assert_str_eq(r.err, "");
	}
	leave(&r);
}
END_TEST

/* Redirected into an input: nothing more is written there. */
START_TEST(standard_output_is_an_input)
{
	struct run r;
	struct cm_cli_io io = {.write = keep, .env = look_up, .arg = &r, .descriptor = {-1, -1, -1}};
	char program[] = "composemerge", words[] = "a.yml,b.yml", *argv[] = {program, words, NULL};

	enter(&r);
	write_file("a.yml", service);
	write_file("b.yml", service);
	io.descriptor[CM_STREAM_OUT] = open("b.yml", O_WRONLY | O_APPEND);
	ck_assert_int_eq(cm_cli_run(2, argv, &io), 2);
	ck_assert_str_eq(r.out, "");
	expect_in(r.err, "error: b.yml: the shell sends standard output into this input");
	close(io.descriptor[CM_STREAM_OUT]);
	leave(&r);
}
END_TEST

/* -o */

static unsigned mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(output_is_new)
{
	struct run r;

	enter(&r);
	umask(027);
	write_file("a.yml", service);
	run(&r, "-f a.yml -o out.yml");
	ck_assert_msg(r.code == 0, "%s", r.err);
	ck_assert_str_eq(r.out, "");
	ck_assert_str_eq(r.err, "");
	ck_assert_str_eq(read_file("out.yml"), service);
	ck_assert_uint_eq(mode_of("out.yml"), 0640);
	leave(&r);
}
END_TEST

START_TEST(output_keeps_mode_and_link)
{
	struct run r;
	char link[64] = "";

	enter(&r);
	mkdir("real", 0777);
	write_file("a.yml", service);
	write_file("real/out.yml", "old\n");
	ck_assert_int_eq(chmod("real/out.yml", 0604), 0);
	ck_assert_int_eq(symlink("real/out.yml", "one.yml"), 0);
	ck_assert_int_eq(symlink("one.yml", "two.yml"), 0);
	run(&r, "-f a.yml -o two.yml");
	ck_assert_msg(r.code == 0, "%s", r.err);
	ck_assert_int_gt(readlink("two.yml", link, sizeof link - 1), 0);
	ck_assert_str_eq(link, "one.yml");
	ck_assert_str_eq(read_file("real/out.yml"), service);
	ck_assert_uint_eq(mode_of("real/out.yml"), 0604);
	leave(&r);
}
END_TEST

START_TEST(output_through_dangling_link)
{
	struct run r;

	enter(&r);
	mkdir("real", 0777);
	write_file("a.yml", service);
	ck_assert_int_eq(symlink("real/new.yml", "link.yml"), 0);
	run(&r, "-f a.yml -o link.yml");
	ck_assert_msg(r.code == 0, "%s", r.err);
	ck_assert_str_eq(read_file("real/new.yml"), service);
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	run(&r, "-f a.yml -o loop");
	ck_assert_int_eq(r.code, 2);
	leave(&r);
}
END_TEST

/* Refused: nothing changes. */
static const struct {
	const char *line, *err;
} refused[] = {
	{"-f a.yml -o a.yml", "error: a.yml: this is an input [cannot-write]"},
	{"-f a.yml -o ./a.yml", "error: ./a.yml: this is an input under another name: a.yml"},
	{"-f a.yml -o hard.yml", "error: hard.yml: this is an input under another name: a.yml"},
	{"-f a.yml -o soft.yml", "error: soft.yml: this is an input under another name: a.yml"},
	{"-f soft.yml -o a.yml", "error: a.yml: this is an input under another name: soft.yml"},
	{"-f sub/../a.yml --check -o a.yml", "error: a.yml: this is an input"},
	{"-f a.yml -o sub", "error: sub: cannot write: it is a directory"},
	{"-f a.yml -o new/", "error: new/: cannot write: it is a directory"},
	{"-f a.yml -o sub/none/out.yml", "cannot write: its directory does not exist"},
	{"-f a.yml -o a.yml/out.yml", "cannot write: a part of its path is no directory"},
	{"-f a.yml --check -o sub", "error: sub: cannot write: it is a directory"},
};

START_TEST(output_is_refused)
{
	struct run r;

	enter(&r);
	mkdir("sub", 0777);
	write_file("a.yml", service);
	ck_assert_int_eq(link("a.yml", "hard.yml"), 0);
	ck_assert_int_eq(symlink("a.yml", "soft.yml"), 0);
	run(&r, refused[_i].line);
	ck_assert_int_eq(r.code, 2);
	ck_assert_str_eq(r.out, "");
	expect_in(r.err, refused[_i].err);
	ck_assert_str_eq(read_file("a.yml"), service);
	leave(&r);
}
END_TEST

START_TEST(output_folder_may_not_be_written)
{
	struct run r;

	enter(&r);
	mkdir("sub", 0777);
	write_file("a.yml", service);
	write_file("sub/out.yml", "old\n");
	ck_assert_int_eq(chmod("sub", 0555), 0);
	run(&r, "-f a.yml -o sub/out.yml");
	if (geteuid() != 0) {
		ck_assert_int_eq(r.code, 2);
		ck_assert_str_eq(read_file("sub/out.yml"), "old\n");
	}
	ck_assert_int_eq(chmod("sub", 0755), 0);
	write_file("read-only.yml", "old\n");
	ck_assert_int_eq(chmod("read-only.yml", 0444), 0);
	run(&r, "-f a.yml -o read-only.yml");
	if (geteuid() != 0) {
		ck_assert_int_eq(r.code, 2);
		ck_assert_str_eq(read_file("read-only.yml"), "old\n");
	}
	leave(&r);
}
END_TEST

START_TEST(input_may_not_be_read)
{
	struct run r;

	enter(&r);
	write_file("a.yml", service);
	ck_assert_int_eq(chmod("a.yml", 0), 0);
	run(&r, "-f a.yml");
	if (geteuid() != 0) {
		ck_assert_int_eq(r.code, 2);
		expect_in(r.err, "[cannot-read]");
	}
	leave(&r);
}
END_TEST

START_TEST(output_is_a_device_or_pipe)
{
	struct run r;
	char text[256] = "";
	int fd;

	enter(&r);
	write_file("a.yml", service);
	run(&r, "-f a.yml -o /dev/null");
	ck_assert_msg(r.code == 0, "%s", r.err);
	if (access("/dev/full", W_OK) == 0) {
		run(&r, "-f a.yml -o /dev/full");
		ck_assert_int_eq(r.code, 2);
		expect_in(r.err,
			"error: /dev/full: cannot write: the disk is full "
			"[cannot-write]");
	}
	ck_assert_int_eq(mkfifo("pipe", 0666), 0);
	fd = open("pipe", O_RDWR);
	run(&r, "-f a.yml -o pipe");
	ck_assert_msg(r.code == 0, "%s", r.err);
	ck_assert_int_eq(read(fd, text, sizeof text - 1), (ssize_t)strlen(service));
	ck_assert_str_eq(text, service);
	close(fd);
	leave(&r);
}
END_TEST

/* A bad merge leaves the old output. */
START_TEST(output_stays_when_the_merge_fails)
{
	struct run r;

	enter(&r);
	write_file("a.yml", "services: [\n");
	write_file("out.yml", "old\n");
	run(&r, "-f a.yml -o out.yml");
	ck_assert_int_eq(r.code, 2);
	ck_assert_str_eq(read_file("out.yml"), "old\n");
	leave(&r);
}
END_TEST

/* --check */

START_TEST(check)
{
	struct run r;

	enter(&r);
	write_file("a.yml", service);
	write_file("out.yml", service);
	run(&r, "--check -f a.yml -o out.yml");
	ck_assert_msg(r.code == 0, "%s", r.err);
	ck_assert_str_eq(r.out, "");
	write_file("out.yml", "services:\n  web:\n    image: apache\n");
	run(&r, "--check -f a.yml -o out.yml");
	ck_assert_int_eq(r.code, 1);
	expect_in(r.out, "--- out.yml\n+++ merged\n");
	expect_in(r.out, "-    image: apache\n+    image: nginx\n");
	expect_in(r.err, "error: out.yml: the file is out of date [stale]");
	ck_assert_str_eq(read_file("out.yml"), "services:\n  web:\n    image: apache\n");
	run(&r, "--check -f a.yml -o none/out.yml");
	ck_assert_int_eq(r.code, 1);
	expect_in(r.out, "+services:\n");
	expect_in(r.err, "error: none/out.yml: the file is missing [stale]");
	ck_assert_int_ne(access("none", F_OK), 0);
	leave(&r);
}
END_TEST

/* Relative paths: the note, and when there is none. */
static const struct {
	const char *line;
	bool note;
} elsewhere[] = {
	{"sub/a.yml", true},
	{"sub/a.yml -q", false},
	{"sub/a.yml -o /dev/null", true},
	{"sub/a.yml -o sub/out.yml", false},
	{"sub/a.yml -o out.yml", false},
	{"sub/../a.yml", false},
	{"a.yml", false},
	{"--project-directory sub -f sub/a.yml", false},
	{"sub/plain.yml", false},
};

START_TEST(relative_paths_note)
{
	static const char mount[] = "services:\n  web:\n    image: nginx\n    volumes: "
		"[./data:/data]\n";
	struct run r;

	enter(&r);
	mkdir("sub", 0777);
	write_file("sub/a.yml", mount);
	write_file("a.yml", mount);
	write_file("sub/plain.yml", service);
	run(&r, elsewhere[_i].line);
	ck_assert_msg(r.code == 0, "%s", r.err);
	ck_assert_msg((strstr(r.err, "[relative-paths]") != NULL) == elsewhere[_i].note, "%s",
		r.err);
	leave(&r);
}
END_TEST

START_TEST(paths_are_rewritten_for_another_folder)
{
	static const char mount[] = "name: x\nservices:\n  web:\n    image: nginx\n    volumes: "
		"[./data:/data]\n";
	struct run r;

	enter(&r);
	mkdir("sub", 0777);
	write_file("sub/a.yml", mount);
	run(&r, "sub/a.yml -o out.yml");
	ck_assert_msg(r.code == 0, "%s", r.err);
	expect_in(read_file("out.yml"), "./sub/data:/data");
	run(&r, "sub/a.yml --keep-paths -o out.yml");
	ck_assert_str_eq(read_file("out.yml"), mount);
	run(&r, "--project-directory sub -f sub/a.yml -o out.yml");
	ck_assert_str_eq(read_file("out.yml"), mount);
	run(&r, "sub/a.yml -o sub/../sub/out.yml");
	ck_assert_str_eq(read_file("sub/out.yml"), mount);
	leave(&r);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof *table)

Suite *cli_suite(void)
{
	Suite *s = suite_create("cli");
	TCase *line = tcase_create("command line"), *find = tcase_create("files"),
		*out = tcase_create("output");

	tcase_add_loop_test(line, wrong_command_line, 0, ROWS(wrong));
	tcase_add_loop_test(line, right_command_line, 0, ROWS(right));
	tcase_add_test(line, faults_obey_later_options);
	tcase_add_test(line, help_fits_80_columns);
	tcase_add_test(line, version);
	tcase_add_test(line, no_words_at_all);
	suite_add_tcase(s, line);
	tcase_add_loop_test(find, search, 0, ROWS(searches));
	tcase_add_test(find, search_goes_up);
	tcase_add_test(find, search_goes_up_as_pwd_says);
	tcase_add_test(find, missing_file_is_suggested);
	tcase_add_test(find, standard_input);
	suite_add_tcase(s, find);
	tcase_add_test(out, standard_output_fails);
	tcase_add_test(out, standard_output_is_an_input);
	tcase_add_test(out, output_is_new);
	tcase_add_test(out, output_keeps_mode_and_link);
	tcase_add_test(out, output_through_dangling_link);
	tcase_add_loop_test(out, output_is_refused, 0, ROWS(refused));
	tcase_add_test(out, output_folder_may_not_be_written);
	tcase_add_test(out, input_may_not_be_read);
	tcase_add_test(out, output_is_a_device_or_pipe);
	tcase_add_test(out, output_stays_when_the_merge_fails);
	tcase_add_test(out, check);
	tcase_add_loop_test(out, relative_paths_note, 0, ROWS(elsewhere));
	tcase_add_test(out, paths_are_rewritten_for_another_folder);
	suite_add_tcase(s, out);
	return s;
}
