/* SPDX-License-Identifier: MIT */
#ifndef CM_RESOLVE_RESOLVE_H
#define CM_RESOLVE_RESOLVE_H

/*
 * From Compose files to the canonical model, as `docker compose config` (spec/config.md; section 0 is the order of work).
 *
 *   image: shop:${TAG:-1}            ->  image: shop:1
 *   ports: ["8080:80"]               ->  ports: [{mode: ingress, target: 80, published: "8080", protocol: tcp}]
 *
 * A model is a tree of cm_node like any other; passes never change their input, they return new nodes that share what they kept,
 * and cm_origin of a node is the author's, so every message points at his line.
 *
 * After interpolation no text is opaque any more, but it may hold a literal $. Inside the room every string VALUE keeps its $
 * doubled ("a$$b" means a$b; keys are literal): so the one merge engine sees no variable, and treats keys and items alike. The
 * printers undo or keep the doubling. Strings a pass made are cm_make_scalar (always a string); numbers, booleans and null of our
 * own are cm_make_raw. cm_scalar_value tells the type of any scalar.
 */

#include "../../include/composemerge.h"
#include "../merge/merge.h"

/* Variables, in the order they were set; the last of a name counts. */
struct cm_env;
struct cm_env *cm_env_new(struct cm_project *p);
void cm_env_set(struct cm_env *e, struct cm_str name, struct cm_str value);
/* NULL: not set. */
const struct cm_str *cm_env_get(const struct cm_env *e, struct cm_str name);
/* Names sorted bytewise. */
const struct cm_sym **cm_env_names(const struct cm_env *e, uint32_t *count);
struct cm_env *cm_env_copy(const struct cm_env *e);

/* What the command line and the process say (config.md 1, 7, 9.5). */
struct cm_config_options {
	const char *const *files;          /* -f, NULL-terminated, may be empty: COMPOSE_FILE, then discovery */
	const char *const *env_files;
	const char *const *profiles;
	const char *const *services;       /* arguments */
	const char *const *environ;        /* "KEY=VALUE" of the process, NULL-terminated */
	const char *project_name, *project_directory, *working_folder;
	bool no_interpolate, no_normalize, no_path_resolution, no_consistency, no_env_resolution, all_resources, compatibility;
};

/* One run. Passes read it; only the pipeline changes it. */
struct cm_run;
struct cm_resolve {
	struct cm_project *p;
	struct cm_arena *scratch;          /* of the merger (merge.h) */
	struct cm_run *run;                /* run.h: files read, variables warned of; shared by the included models */
	const struct cm_config_options *o;
	struct cm_env *env;                /* the project environment (1.4) */
	const char *project_directory;     /* absolute */
	struct cm_str name;                /* of the project (1.6) */
	const char *file;                  /* the file being validated, for "validating FILE" */
	const struct cm_node *all, *enabled; /* the model before profiles, and without what is not enabled: for the list flags */
};

/* ---- passes, each in a file of its own; NULL or false: reported ---- */

/* interpolate.c: every string value of root substituted and cast (2). With no_interpolate only what 2.5 says. */
const struct cm_node *cm_interpolate(struct cm_resolve *r, const struct cm_node *root, const struct cm_env *env);
/* dotenv.c: the grammar of 3.1 into env; lookup gives values for expansion, first hit wins. */
bool cm_dotenv(struct cm_resolve *r, struct cm_source *source, struct cm_env *into, const struct cm_env *const *lookup, uint32_t count);
/* The raw format of 3.2. */
bool cm_dotenv_raw(struct cm_resolve *r, struct cm_source *source, struct cm_env *into, const struct cm_env *const *lookup, uint32_t count);

/* schema.c: all violations of the accumulated model against the attribute table, in document order (8.2). */
bool cm_check_schema(struct cm_resolve *r, const struct cm_node *root);
/* canonical.c: short forms to long ones (4, merge.md 2.3); in and out idempotent. */
const struct cm_node *cm_canonical(struct cm_resolve *r, const struct cm_node *root);
/* unicity.c: one entry per identity (merge.md 3), on the whole model. */
const struct cm_node *cm_unicity(struct cm_resolve *r, const struct cm_node *root);
/* defaults.c (0.5, 4, 5), checks.c (8.3), paths.c (6), normalize.c (5). */
const struct cm_node *cm_defaults(struct cm_resolve *r, const struct cm_node *root);
bool cm_check_model(struct cm_resolve *r, const struct cm_node *root);
const struct cm_node *cm_absolute_paths(struct cm_resolve *r, const struct cm_node *root);
const struct cm_node *cm_normalize(struct cm_resolve *r, const struct cm_node *root);
/* profiles.c: services and jobs that are not enabled left out (7); consistency.c (8.4); select.c: arguments and unused resources (7). */
const struct cm_node *cm_enabled(struct cm_resolve *r, const struct cm_node *root);
bool cm_check_consistency(struct cm_resolve *r, const struct cm_node *enabled, const struct cm_node *all);
const struct cm_node *cm_select(struct cm_resolve *r, const struct cm_node *root);
/* env_file and label_file folded in (3.3, 3.5). */
const struct cm_node *cm_service_environment(struct cm_resolve *r, const struct cm_node *root);
/* decode.c: values as they are printed: sizes, durations, commands, booleans and numbers, what is dropped when empty (4.7-4.9, 9.3).
 * Keys ordered by the table's emit rank, user keys in natural order (9.1). for_json: the differences of 9.4. */
const struct cm_node *cm_decode_model(struct cm_resolve *r, const struct cm_node *root, bool for_json);
/* print_yaml.c, print_json.c: bytes as 9.1, 9.2, 9.4. */
void cm_print_yaml(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out);
void cm_print_json(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out);

/* pipeline.c: where the project is, its environment and name (1): what the other two begin with; for --environment. */
bool cm_resolve_prepare(struct cm_resolve *r);
/* The merged files before interpolation and schema, for --variables. */
const struct cm_node *cm_resolve_raw(struct cm_resolve *r);
/* The whole, up to and without cm_decode_model. */
const struct cm_node *cm_resolve_model(struct cm_resolve *r);

#endif
