/* SPDX-License-Identifier: MIT */
#ifndef CM_RESOLVE_LISTS_H
#define CM_RESOLVE_LISTS_H

/*
 * What the flags of `config` print instead of the model (config.md 9.5): names, one a line, as they are ($ is not doubled).
 * root: the resolved model, before cm_decode_model, of the services the flag is about. False: reported.
 */

#include "resolve.h"

/* Enabled services, dependencies first. */
bool cm_list_services(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out);
/* The keys of a top-level section: CM_ROLE_VOLUMES, CM_ROLE_NETWORKS. */
bool cm_list_keys(struct cm_resolve *r, const struct cm_node *root, enum cm_role section, struct cm_buf *out);
/* The model of each entry of models. */
bool cm_list_models(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out);
/* all: every service, enabled or not. */
bool cm_list_profiles(struct cm_resolve *r, const struct cm_node *all, struct cm_buf *out);
bool cm_list_images(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out);
/* which: "*" or names with commas between them. */
bool cm_list_hashes(struct cm_resolve *r, const struct cm_node *root, const char *which, struct cm_buf *out);
/* documents as loaded. format: "", "table", "json", "yaml". */
bool cm_list_variables(struct cm_resolve *r, const struct cm_node *const *documents, uint32_t count, const char *format, struct cm_buf *out);
bool cm_list_environment(struct cm_resolve *r, struct cm_buf *out);

#endif
