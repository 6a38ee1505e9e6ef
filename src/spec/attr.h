/* SPDX-License-Identifier: MIT */
#ifndef CM_SPEC_ATTR_H
#define CM_SPEC_ATTR_H

/*
 * What a Compose file contains: one table, a row per attribute.
 *
 *   services:            block "top",       row services, block -> "names of services"
 *     web:               block "services",  row *,        block -> "service"
 *       ports:           block "service" -> mounts block "container", row ports, item -> row of one port
 *         - "80:80"      the item row
 *
 * A block is the set of keys a mapping may have, sorted by name; the row "*" stands for any other key. What services,
 * jobs and hooks share stands in one block and is mounted (block->base). A key that starts with x- is an extension
 * wherever block->extensions says so: it has no row. Sources: Compose specification; spec/attributes.tsv as measured.
 *
 * What no field says:
 * - identity holds for services and the top level, not below CM_ROLE_JOBS, though both mount the same rows;
 * - what lies below a list item (ports[].target, a pre_start hook) is never merged: its merge and identity are not asked.
 *
 * Nothing outside this room spells an attribute's name: code asks for rules, and names the few rows it must know
 * through enum cm_role.
 */

#include "../base/str.h"

/* How two values of an attribute are combined (spec/merge.md 2.2; anything else: CM_MERGE_DEFAULT, 2.1). */
enum cm_merge_rule {
	CM_MERGE_DEFAULT,
	CM_MERGE_REPLACE,      /* command, entrypoint: the override as a whole; null clears */
	CM_MERGE_TEST,         /* healthcheck.test: the override as a whole; null is an error */
	CM_MERGE_KEY_VALUE,    /* environment, labels ...: map or list KEY=VALUE, one entry a key */
	CM_MERGE_BUILD,        /* a string is {context: string} */
	CM_MERGE_HOSTS,        /* extra_hosts: map or list HOST=IP, no key */
	CM_MERGE_STRINGS,      /* dns, tmpfs, env_file ...: string or list, appended */
	CM_MERGE_DEPENDS,      /* depends_on: a name stands for explicit defaults */
	CM_MERGE_NAMES,        /* networks, models of a service: a name stands for null */
	CM_MERGE_LOGGING,      /* another driver replaces everything */
	CM_MERGE_ULIMIT,       /* one of ulimits: only two maps are merged */
	CM_MERGE_POOLS,        /* ipam.config: by subnet, with the quirks of merge.md 8 rows 1-3 */
	CM_MERGE_VERSION,      /* never added or changed */
	CM_MERGE_NAME,         /* project name: empty and null change nothing */
	CM_MERGE_INCLUDE,      /* resolved, not merged */
	CM_MERGE_EXTENDS,      /* resolved, not merged */
};

/* What makes two entries of a list the same (spec/merge.md 3.1). Lists of jobs have none. */
enum cm_identity {
	CM_ID_NONE,            /* no key: only exact repeats are dropped while appending */
	CM_ID_BEFORE_EQUALS,   /* the text before the first = */
	CM_ID_EXPOSE,
	CM_ID_ENV_FILE,        /* the string, or path */
	CM_ID_PORT,            /* host_ip:published:target/protocol */
	CM_ID_VOLUME,          /* target */
	CM_ID_DEVICE,          /* target */
	CM_ID_CONFIG,          /* target, else /source */
	CM_ID_SECRET,          /* target, else /run/secrets/source */
};

/* YAML types the schema accepts. */
enum cm_types {
	CM_T_ANY = 0, CM_T_STRING = 1, CM_T_INT = 2, CM_T_NUMBER = 4, CM_T_BOOL = 8, CM_T_NULL = 16, CM_T_MAP = 32, CM_T_LIST = 64,
};

/* What a string scalar becomes (attributes.tsv, column cast). AT_DECODE: only when the model is built. */
enum cm_cast {
	CM_CAST_NONE, CM_CAST_BOOL, CM_CAST_INT, CM_CAST_INT64, CM_CAST_FLOAT32, CM_CAST_FLOAT64,
	CM_CAST_BOOL_AT_DECODE, CM_CAST_FLOAT32_AT_DECODE, CM_CAST_INT64_AT_DECODE, CM_CAST_BYTES, CM_CAST_DURATION,
};

/* The short or alternative syntax (attributes.tsv, column short_form; config.md 4). */
enum cm_short {
	CM_SHORT_NONE, CM_SHORT_BUILD, CM_SHORT_KEY_VALUE, CM_SHORT_CONTEXTS, CM_SHORT_SSH, CM_SHORT_SOURCE, CM_SHORT_DEPENDS,
	CM_SHORT_NAMES, CM_SHORT_ENV_FILE, CM_SHORT_ONE_OR_LIST, CM_SHORT_GPUS, CM_SHORT_PORT, CM_SHORT_VOLUME, CM_SHORT_DEVICE,
	CM_SHORT_EXTERNAL, CM_SHORT_CRON, CM_SHORT_HOSTS, CM_SHORT_COMMAND, CM_SHORT_TEST, CM_SHORT_ULIMIT, CM_SHORT_INCLUDE,
	CM_SHORT_EXTENDS,
};

/* Which relative paths it holds (merge.md 6.3, config.md 6.1). */
enum cm_path {
	CM_PATH_NONE,
	CM_PATH_PLAIN,        /* joined with the project directory unless absolute: secrets.file, configs.file, label_file */
	CM_PATH_CONTEXT,      /* build.context, additional_contexts: not URLs, not service: */
	CM_PATH_SSH,          /* build.ssh values */
	CM_PATH_ENV_FILE,     /* env_file items: the string or path */
	CM_PATH_VOLUME,       /* service volumes: the source of a bind, short or long */
	CM_PATH_WATCH,        /* develop.watch[].path */
	CM_PATH_DEVICE_OPT,   /* volumes.*.driver_opts.device where driver is local and o is bind */
	CM_PATH_EXTENDS,      /* extends.file */
	CM_PATH_INCLUDE,      /* include: path, env_file, project_directory */
};

/* Rows that code must find by itself. */
enum cm_role {
	CM_ROLE_NONE, CM_ROLE_SERVICES, CM_ROLE_JOBS, CM_ROLE_NETWORKS, CM_ROLE_VOLUMES, CM_ROLE_SECRETS, CM_ROLE_CONFIGS, CM_ROLE_MODELS,
	CM_ROLE_INCLUDE, CM_ROLE_EXTENDS, CM_ROLE_NAME, CM_ROLE_VERSION,
	CM_ROLE_COUNT
};

struct cm_block;

struct cm_attr {
	const char *name;              /* a key, or "*" (any key), or "[]" (a list item) */
	const struct cm_block *block;  /* the keys of its mapping form; NULL: any value below, merged by the default rule */
	const struct cm_attr *item;    /* the row of its list items; NULL: plain strings or anything */
	const struct cm_attr *list_item; /* the item row where the list form is only another spelling of the map (KEY=VALUE); else NULL */
	unsigned types;                /* enum cm_types, or-ed; 0: any */
	enum cm_merge_rule merge;
	enum cm_identity identity;     /* of its list items */
	enum cm_short short_form;
	enum cm_cast cast;
	enum cm_path path;             /* what a scalar of this row holds; in a KEY=VALUE item, what stands behind the = */
	enum cm_role role;
	bool unique;                   /* the schema refuses equal items in its list form */
	bool unordered;                /* the order of its list has no meaning to Compose */
	bool listed;                   /* Compose holds a single text as a list of one before it merges (merge.md 2.3) */
	bool looks_up;                 /* a list entry without a value takes it from the project's environment when files are read */
	bool required;                 /* the enclosing mapping must declare it (by the schema; what identity needs, services must too) */
	bool extension_alias;          /* x-develop: another spelling of the row `alias` names */
	const char *alias;             /* the other name, in both rows */
	const char *choices;           /* "a|b|c", or NULL */
	const char *pattern;           /* regular expression of the schema, or NULL; of a "*" row: for the key */
	const char *minimum, *maximum; /* bounds as text, or NULL */
	const char *fallback;          /* the default added by normalisation, as text, or NULL */
	const char *canonical;         /* what the canonical model prints, in a word; NULL: as given */
	unsigned char emit;            /* rank among siblings in canonical output; 0: natural key order or not printed */
	const char *keep_empty;        /* empty values still printed: "always", "zero" (0, false, 0s), "{}", "[]", "null {}",
	                                  "false", "{} in JSON"; NULL: none */
	const char *help;              /* one line: what the attribute is for */
};

struct cm_block {
	const char *name;              /* "service", "container", "port" ... */
	const struct cm_attr *rows;    /* sorted bytewise by name, unique */
	size_t count;
	const struct cm_block *base;   /* rows mounted under these, or NULL; a row here wins */
	const struct cm_attr *any;     /* the row "*" of user-chosen keys, or NULL */
	bool extensions;               /* accepts x- keys */
};

/* The whole file. */
extern const struct cm_block cm_top;

/* The row of key inside a mapping of attr (or of cm_top where attr is NULL); NULL: unknown, or an extension, or below one. */
const struct cm_attr *cm_attr_child(const struct cm_attr *attr, struct cm_str key);
/* The row of one item of attr's list form; NULL: none. */
const struct cm_attr *cm_attr_item(const struct cm_attr *attr);
/* Finds a row by its dotted pattern, "services.*.ports[]"; NULL: no such row. For tests, rules and the manual. */
const struct cm_attr *cm_attr_find(const char *path);
/* The top-level row with this role. */
const struct cm_attr *cm_attr_role(enum cm_role role);
/* Calls fn for every row reachable, with its path; what is mounted is visited at each place. */
void cm_attr_walk(void (*fn)(const char *path, const struct cm_attr *attr, void *arg), void *arg);
/* The names an attribute's mapping accepts, for "did you mean"; NULL-terminated, in the arena. */
const char *const *cm_attr_names(struct cm_arena *a, const struct cm_attr *attr);

#endif
