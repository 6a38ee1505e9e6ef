/* SPDX-License-Identifier: MIT */

/*
 * Prints the attribute table, a row a line, for the random tests: the generator reads what a Compose file may hold from
 * the program's own table, so that a new row is generated, and missed in the coverage report, from the day it exists.
 *
 *   path                 merge    identity  short  types        unique  required  cast  choices  pattern  minimum  maximum
 *   services.*.ports     default  port      none   list         yes     no        none  -        -        -        -
 */

#include <stdio.h>

#include "../../src/spec/attr.h"

static const char *const merge_names[] = {
	[CM_MERGE_DEFAULT] = "default",   [CM_MERGE_REPLACE] = "replace", [CM_MERGE_TEST] = "test",
	[CM_MERGE_KEY_VALUE] = "key-value", [CM_MERGE_BUILD] = "build",   [CM_MERGE_HOSTS] = "hosts",
	[CM_MERGE_STRINGS] = "strings",   [CM_MERGE_DEPENDS] = "depends", [CM_MERGE_NAMES] = "names",
	[CM_MERGE_LOGGING] = "logging",   [CM_MERGE_ULIMIT] = "ulimit",   [CM_MERGE_POOLS] = "pools",
	[CM_MERGE_VERSION] = "version",   [CM_MERGE_NAME] = "name",       [CM_MERGE_INCLUDE] = "include",
	[CM_MERGE_EXTENDS] = "extends",
};

static const char *const identity_names[] = {
	[CM_ID_NONE] = "none",     [CM_ID_BEFORE_EQUALS] = "before-equals", [CM_ID_EXPOSE] = "expose",
	[CM_ID_ENV_FILE] = "env-file", [CM_ID_PORT] = "port",               [CM_ID_VOLUME] = "volume",
	[CM_ID_DEVICE] = "device", [CM_ID_CONFIG] = "config",               [CM_ID_SECRET] = "secret",
};

static const char *const short_names[] = {
	[CM_SHORT_NONE] = "none",         [CM_SHORT_BUILD] = "build",       [CM_SHORT_KEY_VALUE] = "key-value",
	[CM_SHORT_CONTEXTS] = "contexts", [CM_SHORT_SSH] = "ssh",           [CM_SHORT_SOURCE] = "source",
	[CM_SHORT_DEPENDS] = "depends",   [CM_SHORT_NAMES] = "names",       [CM_SHORT_ENV_FILE] = "env-file",
	[CM_SHORT_ONE_OR_LIST] = "one-or-list", [CM_SHORT_GPUS] = "gpus",   [CM_SHORT_PORT] = "port",
	[CM_SHORT_VOLUME] = "volume",     [CM_SHORT_DEVICE] = "device",     [CM_SHORT_EXTERNAL] = "external",
	[CM_SHORT_CRON] = "cron",         [CM_SHORT_HOSTS] = "hosts",       [CM_SHORT_COMMAND] = "command",
	[CM_SHORT_TEST] = "test",         [CM_SHORT_ULIMIT] = "ulimit",     [CM_SHORT_INCLUDE] = "include",
	[CM_SHORT_EXTENDS] = "extends",
};

static const char *const cast_names[] = {
	[CM_CAST_NONE] = "none",       [CM_CAST_BOOL] = "bool",       [CM_CAST_INT] = "int",
	[CM_CAST_INT64] = "int64",     [CM_CAST_FLOAT32] = "float32", [CM_CAST_FLOAT64] = "float64",
	[CM_CAST_BOOL_AT_DECODE] = "bool-late", [CM_CAST_FLOAT32_AT_DECODE] = "float32-late",
	[CM_CAST_INT64_AT_DECODE] = "int64-late", [CM_CAST_BYTES] = "bytes", [CM_CAST_DURATION] = "duration",
};

static void print_types(unsigned types)
{
	static const struct { unsigned bit; const char *name; } names[] = {
		{ CM_T_STRING, "string" }, { CM_T_INT, "integer" }, { CM_T_NUMBER, "number" }, { CM_T_BOOL, "boolean" },
		{ CM_T_NULL, "null" }, { CM_T_MAP, "mapping" }, { CM_T_LIST, "list" },
	};
	const char *between = "";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (types & names[i].bit) {
			printf("%s%s", between, names[i].name);
			between = "|";
		}
	if (!*between)
		putchar('-');
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static void print_row(const char *path, const struct cm_attr *attr, void *arg)
{
	(void)arg;
	printf("%s\t%s\t%s\t%s\t", path, merge_names[attr->merge], identity_names[attr->identity], short_names[attr->short_form]);
	print_types(attr->types);
	printf("\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", attr->unique ? "yes" : "no", attr->required ? "yes" : "no", cast_names[attr->cast],
		or_dash(attr->choices), or_dash(attr->pattern), or_dash(attr->minimum), or_dash(attr->maximum));
}

int main(void)
{
	puts("path\tmerge\tidentity\tshort\ttypes\tunique\trequired\tcast\tchoices\tpattern\tminimum\tmaximum");
	cm_attr_walk(print_row, NULL);
	return fflush(stdout) == 0 ? 0 : 1;
}
