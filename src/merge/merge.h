/* SPDX-License-Identifier: MIT */
#ifndef CM_MERGE_MERGE_H
#define CM_MERGE_MERGE_H

/*
 * Two trees to one, as Docker Compose would, without giving variables values (spec/merge.md 2-6,
 * 9).
 *
 *   base   ports: ["80:80"]        MAP from base.yml
 *   over   ports: ["81:81"]        MAP from prod.yml
 *   out    MAP made, orig = the base's; its "ports" a SEQ made, orig = the base's list,
 *          items: base's "80:80" (the same node), prod's "81:81" (slot NULL: new)
 *
 * The result shares every node that did not change: "same pointer" means "same text". Neither input
 * changes. A value that no single document can say for every value of the variables is spilled: it
 * stays as it is in the result, and a further document carries the override's value (design.md,
 * last-but-two rule of the text-preserving merge).
 */

#include "../spec/attr.h"
#include "../yaml/load.h"

/* One document of one input file. */
struct cm_layer {
	const struct cm_file *file;
	const struct cm_document *document;
	const struct cm_node *root; /* NULL: the document says nothing */
};

/* What follows the first document: root mappings, each to be laid over all before it. */
struct cm_merged {
	const struct cm_node
		*root; /* of the first document; = the base's own root when nothing changed */
	bool shared_changed; /* a value got through an alias or << was changed somewhere */
	const struct cm_node **further;
	uint32_t further_count;
};

/* Where a merge stands: a chain of frames up the C stack. */
struct cm_step {
	const struct cm_step *up;
	const struct cm_pair *pair; /* of the override: its key and place */
	uint64_t hash; /* of the words from the root to here */
};

struct cm_step cm_step_to(const struct cm_step *up, const struct cm_pair *pair);

struct cm_merger {
	struct cm_project *p;
	const struct cm_merge_options *options;
	bool jobs; /* below jobs: lists have no identity (merge.md 3) */
	bool hidden; /* something is or may be beneath the base: extends, include, --partial. Tags
			must stay */
	bool inherits; /* the service at hand extends another, in the result too */
	bool gpus_as_written; /* gpus: all is a text and no list: config, within an extends */
	bool authored; /* the base is as written, not canonical: extends within one document
			  (merge.md 2.4) */
	bool shared_changed; /* set: see struct cm_merged */
	bool whole_layer; /* set: this layer cannot share a document with what is there */
	bool must_inline; /* set: this needs to know what is beneath */
	struct cm_heirs *open_heirs; /* services of the result that extend what a variable names */
	bool included; /* the result keeps an include */
	const struct cm_node
		*root; /* the result so far: where services that are extended are found */
	const struct cm_node *over_root; /* the layer being laid over it */
	const char *folder; /* the project's folder: of the first file; "" for the current one */
	unsigned following; /* files that extend or include one another, this deep */
	struct cm_arena *scratch; /* for one attribute at a time */
	struct cm_spills *spills; /* NULL: nothing was left to a further document yet */
	uint32_t layer;
};

/* Is every layer a mapping? False: reported. */
bool cm_check_roots(struct cm_project *p, const struct cm_layer *layers, uint32_t count);
/* Folds the layers, all of them mappings. False: reported. */
bool cm_merge_layers(struct cm_project *p, const struct cm_merge_options *o,
	const struct cm_layer *layers, uint32_t count, struct cm_merged *out);

/* ---- for the files of this room ---- */

/* The value of one attribute: base and over both present, over without a tag of effect. attr may be
 * NULL. */
const struct cm_node *cm_merge_value(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
/* Entries of over laid over base, both mappings. */
const struct cm_node *cm_merge_map(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
/* The list rules: append, drop repeats, replace by identity. */
const struct cm_node *cm_merge_list(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
const struct cm_node *cm_merge_key_value(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
const struct cm_node *cm_merge_hosts(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
const struct cm_node *cm_merge_strings(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
/* depends_on, networks, models, build: a short form stands for a mapping. */
const struct cm_node *cm_merge_named(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
const struct cm_node *cm_merge_build(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
const struct cm_node *cm_merge_logging(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
const struct cm_node *cm_merge_pools(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
/* Looks for services of the result that extend what a variable names; before each layer. */
void cm_find_open_heirs(struct cm_merger *m);
/* One service or job, extends and all. base NULL: new. */
const struct cm_node *cm_merge_service(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);

/* service without its extends: the extended service beneath it, in service's own text and order.
 * root: where its document's services stand; folder: what its extends.file is relative to. NULL: it
 * cannot be followed (a variable, a missing file). */
const struct cm_node *cm_inline_extends(struct cm_merger *m, const struct cm_attr *attr,
	const struct cm_node *root, const struct cm_node *service, const char *folder);
/* The extends of a service, or NULL. */
const struct cm_node *cm_extends_of(struct cm_project *p, const struct cm_node *service);
/* After a layer: services whose extended service changed take what it was (merge.md 9.2 row 1). */
const struct cm_node *cm_keep_heirs(
	struct cm_merger *m, const struct cm_node *before, const struct cm_node *after);
/* The include of a layer: kept beside the result's, or written out into over. *rest: the layer must
 * start a document of its own. */
const struct cm_node *cm_take_include(struct cm_merger *m, const struct cm_node *over, bool *rest);
/* root with what it includes written out. NULL: it cannot be (reported as a reason in *why). */
const struct cm_node *cm_inline_includes(
	struct cm_merger *m, const struct cm_node *root, const char *folder, const char **why);
bool cm_has_include(struct cm_project *p, const struct cm_node *root);
/* top laid over under, keeping top's text and order: top's entries in place, under's further ones
 * behind. */
const struct cm_node *cm_beneath(
	struct cm_merger *m, const struct cm_node *under_merged, const struct cm_node *top);
/* A whole file: its documents folded. NULL: reported or missing. */
const struct cm_node *cm_read_model(struct cm_merger *m, const char *path);

/* The override's value where the base has none: as it is, tags acted on. */
const struct cm_node *cm_adopt(struct cm_merger *m, const struct cm_node *over);
/* over without tags: !reset members gone, !override scalars strings. NULL: over itself is reset. */
const struct cm_node *cm_without_tags(struct cm_project *p, const struct cm_node *over);
bool cm_is_reset(const struct cm_node *n);
bool cm_is_override(const struct cm_node *n);

/* over, a collection, tagged !override. Scalars stay as they are. */
const struct cm_node *cm_with_tag(struct cm_merger *m, const struct cm_node *over);
/* base as the tags of over leave it: step 9 of spec/merge.md 1, before over is resolved and merged.
 */
const struct cm_node *cm_apply_tags(struct cm_merger *m, const struct cm_step *at,
	const struct cm_attr *attr, const struct cm_node *base, const struct cm_node *over);
/* In the first file !override does nothing unless something lies beneath: a changed node goes
 * without it. */
const struct cm_node *cm_plain_tag(struct cm_merger *m, const struct cm_node *made);

/* Leaves over to a further document. why: what cannot be said, for the warning. Returns base. */
const struct cm_node *cm_spill(struct cm_merger *m, const struct cm_step *at,
	const struct cm_node *base, const struct cm_node *over, const char *why);
/* The spills so far, and back to them: what a second try makes void. */
void *cm_spills_mark(struct cm_merger *m);
void cm_spills_reset(struct cm_merger *m, void *mark);
/* True when an earlier layer spilled at this place or below: what comes later must follow it. */
bool cm_spilled(const struct cm_merger *m, const struct cm_step *at, bool below);

/* Are two lists short enough to compare each entry with each? False: reported. */
bool cm_comparable(struct cm_merger *m, const struct cm_node *base, const struct cm_node *over);
/* A [quirk] warning at over. */
void cm_quirk(struct cm_merger *m, const struct cm_node *over, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Reports that base and over are of kinds that cannot be combined; returns base. */
const struct cm_node *cm_kind_clash(struct cm_merger *m, const struct cm_step *at,
	const struct cm_node *base, const struct cm_node *over);
/* "services.web.ports", for messages. */
struct cm_str cm_path_text(struct cm_merger *m, const struct cm_step *at);
/* The top-level key of a role, interned; the roots' section of that role, or NULL. */
const struct cm_sym *cm_role_word(struct cm_project *p, enum cm_role role);
const struct cm_node *cm_section(
	struct cm_project *p, const struct cm_node *root, enum cm_role role);
/* map without its own pair word. */
const struct cm_node *cm_without_pair(
	struct cm_project *p, const struct cm_node *map, const struct cm_sym *word);

/* A list of items being made, with the base item each replaces. */
struct cm_items {
	const struct cm_node **at, **slots;
	uint32_t count, room;
};
void cm_items_add(struct cm_project *p, struct cm_items *l, const struct cm_node *item,
	const struct cm_node *slot);

/* Entries of a mapping being made. */
struct cm_entries {
	struct cm_pair *at;
	uint32_t count, room;
};
void cm_entries_add(struct cm_project *p, struct cm_entries *l, struct cm_pair pair);

/* Does an empty list under this row say the same as no entry? Then it can hide a list that <<
 * brings. */
bool cm_empty_list_is_nothing(const struct cm_attr *row);
/* Adds a top-level entry where it belongs: name, include and x- before the services. */
void cm_insert_top(struct cm_project *p, struct cm_entries *l, struct cm_pair pair);
/* Is any scalar below n interpolated? */
bool cm_has_var_below(const struct cm_node *n);

#endif
