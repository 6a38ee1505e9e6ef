/* SPDX-License-Identifier: MIT */
#ifndef COMPOSEMERGE_H
#define COMPOSEMERGE_H

/*
 * composemerge: Compose files merged into one that still is the author's text.
 *
 *   struct cm_project *p = cm_project_new(NULL);
 *   struct cm_output out;
 *   if (p && cm_add_file(p, "compose.yml") == CM_OK && cm_add_file(p, "compose.prod.yml") == CM_OK &&
 *       cm_merge(p, NULL, &out) == CM_OK)
 *           fwrite(out.text, 1, out.length, stdout);
 *   cm_messages_print(p, CM_PRINT_TEXT, false, to_stderr, NULL);
 *   cm_project_free(p);
 *
 * A project owns everything it returns: texts and messages stay valid until cm_project_free. One project is used by
 * one thread at a time; different projects are independent. No function exits, aborts or writes anywhere by itself.
 * Every function that can fail returns enum cm_status; the reasons are the project's messages, in order.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CM_API __attribute__((visibility("default")))

#define CM_VERSION_STRING "0.1.0"

enum cm_status {
	CM_OK = 0,      /* done; nothing differs */
	CM_DIFFERS = 1, /* done; something differs, or a finding */
	CM_FAILED = 2,  /* bad input or a limit: see the messages */
	CM_NOMEM = 3,   /* no memory; the project can only be freed */
};

enum cm_severity { CM_NOTE, CM_WARNING, CM_ERROR };

/* How a project reaches files. All functions may be NULL in a zeroed struct: then the real file system is used. */
struct cm_files {
	/* Reads a whole file into malloc'ed memory (freed by the project). 0, or an errno value. limit: bytes at most, EFBIG past it. */
	int (*read)(void *arg, const char *path, uint64_t limit, char **text, size_t *length);
	/* 0 when path exists and can be read, else an errno value. */
	int (*exists)(void *arg, const char *path);
	void *arg;
};

/* A project reading files through files (NULL: the file system). NULL when there is no memory. */
CM_API struct cm_project *cm_project_new(const struct cm_files *files);
CM_API void cm_project_free(struct cm_project *p);

/* Names of the limits, for option tables: name ("limit-depth"), default, help. NULL name past the last. */
struct cm_limit_info {
	const char *name;
	uint64_t value;
	const char *help;
};
CM_API struct cm_limit_info cm_limit_info(size_t index);
/* Sets a limit by name. CM_FAILED: no such limit. */
CM_API enum cm_status cm_limit_set(struct cm_project *p, const char *name, uint64_t value);

/* The names Docker Compose looks for, in order of preference; NULL-terminated (spec/config.md 1.1). */
CM_API const char *const *cm_default_names(void);
CM_API const char *const *cm_default_override_names(void);

/* Adds a Compose file as the next layer; the first is the base. Reads and parses it. A file of several documents is several layers. */
CM_API enum cm_status cm_add_file(struct cm_project *p, const char *path);
/* The same from memory; the bytes are copied. name is for messages ("-" for standard input). */
CM_API enum cm_status cm_add_text(struct cm_project *p, const char *name, const char *text, size_t length);

struct cm_merge_options {
	bool partial;    /* keep tags: the result is itself an override for a base that is not given */
	bool single;     /* the nearest single document, with a warning, where only several could say it exactly */
	bool annotate;   /* "# from prod.yml:7" at each line an override set */
	bool json;       /* the merged tree as JSON instead of the author's text */
	/* Folder of the output, relative to the current one or absolute, when the result will not stand beside the first
	 * file: relative paths are rewritten to keep their meaning and `name` is written. NULL: beside the first file. */
	const char *output_folder;
	bool keep_paths; /* do not rewrite, whatever output_folder says */
	bool no_verify;  /* for measurements: skip reading the result back */
};

struct cm_output {
	const char *text;   /* not NUL-terminated; valid until cm_project_free */
	size_t length;
	unsigned documents; /* how many the text holds */
	bool changed;       /* false: the bytes of the first file as they are */
};

/* Merges the layers. options may be NULL. CM_FAILED leaves *out untouched. */
CM_API enum cm_status cm_merge(struct cm_project *p, const struct cm_merge_options *options, struct cm_output *out);

/* What `docker compose config` is asked: the model of the Compose files, or a list about it. */
enum cm_config_show {
	CM_SHOW_MODEL, CM_SHOW_SERVICES, CM_SHOW_VOLUMES, CM_SHOW_NETWORKS, CM_SHOW_MODELS, CM_SHOW_HASH, CM_SHOW_PROFILES, CM_SHOW_IMAGES,
	CM_SHOW_VARIABLES, CM_SHOW_ENVIRONMENT,
};

/* Lists end with NULL, or are NULL where they are empty; so may be every text. */
struct cm_config_request {
	const char *const *files;       /* none: COMPOSE_FILE, then the search for compose.yaml and its like */
	const char *const *env_files;
	const char *const *profiles;
	const char *const *services;    /* only these and what they depend on */
	const char *const *environ;     /* "KEY=VALUE": the variables of the process */
	const char *project_name, *project_directory;
	const char *working_folder;     /* absolute; NULL: the current one */
	bool no_interpolate, no_normalize, no_path_resolution, no_consistency, no_env_resolution, all_resources, compatibility;
	bool image_digests;             /* refused: needs a registry */
	enum cm_config_show show;
	const char *hash;               /* CM_SHOW_HASH: "*" or "a,b" */
	const char *format;             /* "yaml" or "json"; CM_SHOW_VARIABLES also "table" */
};

/* The canonical model of the files, read through the project's cm_files (cm_add_file has no part in it). CM_FAILED leaves *out
 * untouched. */
CM_API enum cm_status cm_config(struct cm_project *p, const struct cm_config_request *request, struct cm_output *out);

/* The difference between two texts as a unified diff with three lines of context; empty when they are equal. The labels stand
 * behind --- and +++. */
CM_API enum cm_status cm_unified(struct cm_project *p, const char *old_label, const char *old_text, size_t old_length,
	const char *new_label, const char *new_text, size_t new_length, struct cm_output *out);

/* True when the first file's relative paths would mean something else in another folder (for a note on stdout). */
CM_API bool cm_has_relative_paths(struct cm_project *p);

/* A message. file is NULL and line 0 where it has no place. Lines and columns count from 1, columns in characters. */
struct cm_message {
	enum cm_severity severity;
	const char *code;       /* "kind-clash": stable, listed in composemerge(1) */
	const char *text;
	const char *help;       /* what to do, or NULL */
	const char *file;
	uint32_t line, column;
};

enum cm_print { CM_PRINT_TEXT, CM_PRINT_JSON };

/* The message after the first `index` ones; false past the last. Notes of a message are not counted. */
CM_API bool cm_message_at(struct cm_project *p, size_t index, struct cm_message *m);
CM_API size_t cm_message_count(struct cm_project *p, enum cm_severity least);
/* Prints every message, oldest first, in pieces through write. JSON: one object a line. */
CM_API enum cm_status cm_messages_print(struct cm_project *p, enum cm_print form, bool color, enum cm_severity least,
	void (*write)(void *arg, const char *text, size_t length), void *arg);
/* Reports a message of the caller's own with the project's others (a file that cannot be written, say). file may be NULL. */
CM_API enum cm_status cm_message_add(struct cm_project *p, enum cm_severity severity, const char *code, const char *file, const char *text,
	const char *help);

/* Every diagnostic code with its one-line meaning; word NULL past the last. For the manual. */
struct cm_code_info {
	const char *word, *help;
};
CM_API struct cm_code_info cm_code_info(size_t index);

/* "compse.yml" -> "compose.yml": the nearest of a NULL-terminated list, or NULL when none is meant. */
CM_API const char *cm_suggest(struct cm_project *p, const char *word, const char *const *list);

#ifdef __cplusplus
}
#endif

#endif
