/* SPDX-License-Identifier: MIT */

/* What `config` prints (config.md 9.5): the first flag that is given, in this order, else the model. */

#include "config.h"

#include "../base/diag.h"
#include "lists.h"

static bool print_model(struct cm_resolve *r, const struct cm_config_request *q, struct cm_buf *out)
{
	const char *format = q->format ? q->format : "yaml";
	bool json = strcmp(format, "json") == 0;
	const struct cm_node *root = cm_resolve_model(r);

	if (!root)
		return false;
	if (!json && strcmp(format, "yaml") != 0) {
		cm_error(r->p, (struct cm_span){0, 0, 0}, CM_E_USAGE, "unsupported format \"%s\"", format);
		return false;
	}
	root = cm_decode_model(r, root, json);
	if (!root)
		return false;
	if (json)
		cm_print_json(r, root, out);
	else
		cm_print_yaml(r, root, out);
	return true;
}

static bool refuse_digests(struct cm_resolve *r)
{
	struct cm_diag *d = cm_error(r->p, (struct cm_span){0, 0, 0}, CM_E_REMOTE,
				     "image digests come from a registry, and composemerge does not use the network");

	cm_help(r->p, d, "docker compose config --resolve-image-digests asks the registry");
	return false;
}

bool cm_config_text(struct cm_project *p, const struct cm_config_request *q, struct cm_buf *out)
{
	struct cm_config_options o = {
		.files = q->files, .env_files = q->env_files, .profiles = q->profiles, .services = q->services, .environ = q->environ,
		.project_name = q->project_name, .project_directory = q->project_directory, .working_folder = q->working_folder,
		.no_interpolate = q->no_interpolate, .no_normalize = q->no_normalize, .no_path_resolution = q->no_path_resolution,
		.no_consistency = q->no_consistency, .no_env_resolution = q->no_env_resolution, .all_resources = q->all_resources,
		.compatibility = q->compatibility,
	};
	struct cm_resolve r = {.p = p, .scratch = cm_arena_child(p->arena), .o = &o};
	const char *const none[] = {NULL};
	const struct cm_node *root;

	if (q->show == CM_SHOW_MODEL)
		return q->image_digests ? refuse_digests(&r) : print_model(&r, q, out);
	if (q->show == CM_SHOW_ENVIRONMENT)
		return cm_resolve_prepare(&r) && cm_list_environment(&r, out);
	if (q->show == CM_SHOW_VARIABLES) {
		root = cm_resolve_raw(&r);
		return root && cm_list_variables(&r, &root, 1, q->format ? q->format : "", out);
	}
	if (q->show == CM_SHOW_SERVICES)
		o.services = none;
	if (q->show <= CM_SHOW_MODELS)
		o.no_env_resolution = true;
	o.no_interpolate = false;
	root = cm_resolve_model(&r);
	if (!root)
		return false;
	switch (q->show) {
	case CM_SHOW_SERVICES:
		return cm_list_services(&r, root, out);
	case CM_SHOW_VOLUMES:
		return cm_list_keys(&r, root, CM_ROLE_VOLUMES, out);
	case CM_SHOW_NETWORKS:
		return cm_list_keys(&r, root, CM_ROLE_NETWORKS, out);
	case CM_SHOW_MODELS:
		return cm_list_models(&r, root, out);
	case CM_SHOW_HASH:
		return cm_list_hashes(&r, root, q->hash, out);
	case CM_SHOW_PROFILES:
		return cm_list_profiles(&r, r.all, out);
	default:
		return cm_list_images(&r, root, out);
	}
}
