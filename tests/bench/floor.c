/* SPDX-License-Identifier: MIT */
/* The floor of the benchmarks: libyaml parses each file from memory to its end. Nothing else. */

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

static char *read_file(const char *path, size_t *length)
{
	FILE *f = fopen(path, "rb");
	char *bytes;
	long size;

	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0)
		return NULL;
	bytes = malloc((size_t)size + 1);
	if (bytes)
		*length = fread(bytes, 1, (size_t)size, f);
	fclose(f);
	return bytes;
}

static int parse(const char *bytes, size_t length)
{
	yaml_parser_t parser;
	yaml_event_t event;
	int ok = yaml_parser_initialize(&parser), end = 0;

	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
	while (ok && !end && (ok = yaml_parser_parse(&parser, &event))) {
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ok;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t length = 0;
		char *bytes = read_file(argv[i], &length);

		if (!bytes || !parse(bytes, length)) {
			fprintf(stderr, "floor: %s cannot be parsed\n", argv[i]);
			return 2;
		}
		free(bytes);
	}
	return 0;
}
