/* SPDX-License-Identifier: MIT */
/* config: what Docker Compose sees, with the options and the exit status of `docker compose config`. */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "command.h"

struct settings {
	const char *output, *format, *hash, *ansi, *progress, *parallel, *workdir;
	bool services, volumes, networks, models, profiles, images, variables, environment;
	bool no_interpolate, no_normalize, no_path_resolution, no_consistency, no_env_resolution;
	bool resolve_digests, lock_digests, compatibility, dry_run;
};

#define AT(member) offsetof(struct settings, member)

static const char output[] = "Output", lists[] = "Lists instead of the model", steps[] = "Steps left out";
static const char others[] = "Options of docker compose, without effect here";

static const struct cm_option options[] = {
	{0, "format", "FORMAT", CM_OPTION_TEXT, AT(format), .group = output, .help = "yaml or json"},
	{'o', "output", "FILE", CM_OPTION_TEXT, AT(output), .group = output,
		.help = "write the model to FILE instead of to standard output"},
	{0, "compatibility", NULL, CM_OPTION_FLAG, AT(compatibility), .group = output,
		.help = "image names with _, no normalisation, as Compose V1"},
	{0, "resolve-image-digests", NULL, CM_OPTION_FLAG, AT(resolve_digests), .group = output,
		.help = "refused: needs a registry"},
	{0, "lock-image-digests", NULL, CM_OPTION_FLAG, AT(lock_digests), .group = output,
		.help = "refused: needs a registry"},
	{0, "services", NULL, CM_OPTION_FLAG, AT(services), .group = lists,
		.help = "the enabled services, dependencies first"},
	{0, "volumes", NULL, CM_OPTION_FLAG, AT(volumes), .group = lists, .help = "the volumes"},
	{0, "networks", NULL, CM_OPTION_FLAG, AT(networks), .group = lists, .help = "the networks"},
	{0, "models", NULL, CM_OPTION_FLAG, AT(models), .group = lists, .help = "the models"},
	{0, "hash", "NAMES", CM_OPTION_TEXT, AT(hash), .group = lists,
		.help = "the configuration hash of these services; * is all"},
	{0, "profiles", NULL, CM_OPTION_FLAG, AT(profiles), .group = lists, .help = "the profiles"},
	{0, "images", NULL, CM_OPTION_FLAG, AT(images), .group = lists, .help = "the images"},
	{0, "variables", NULL, CM_OPTION_FLAG, AT(variables), .group = lists,
		.help = "the variables and their defaults"},
	{0, "environment", NULL, CM_OPTION_FLAG, AT(environment), .group = lists,
		.help = "the environment that variables are looked up in"},
	{0, "no-interpolate", NULL, CM_OPTION_FLAG, AT(no_interpolate), .group = steps,
		.help = "leave variables as they are"},
	{0, "no-normalize", NULL, CM_OPTION_FLAG, AT(no_normalize), .group = steps,
		.help = "add no default network, names or dependencies"},
	{0, "no-path-resolution", NULL, CM_OPTION_FLAG, AT(no_path_resolution), .group = steps,
		.help = "leave relative paths as they are"},
	{0, "no-consistency", NULL, CM_OPTION_FLAG, AT(no_consistency), .group = steps,
		.help = "do not check that what is used is defined"},
	{0, "no-env-resolution", NULL, CM_OPTION_FLAG, AT(no_env_resolution), .group = steps,
		.help = "do not read the env files of services"},
	{0, "ansi", "WHEN", CM_OPTION_TEXT, AT(ansi), .group = others, .help = "see --color"},
	{0, "progress", "FORM", CM_OPTION_TEXT, AT(progress), .group = others,
		.help = "see --messages"},
	{0, "parallel", "N", CM_OPTION_TEXT, AT(parallel), .group = others, .help = "accepted"},
	{0, "dry-run", NULL, CM_OPTION_FLAG, AT(dry_run), .group = others, .help = "accepted"},
	{0, "workdir", "DIR", CM_OPTION_TEXT, AT(workdir), .group = others,
		.help = "the old name of --project-directory"},
	{.name = NULL},
};

static const struct cm_example examples[] = {
	{"composemerge -f compose.yml -f compose.prod.yml config",
		"what Docker Compose makes of the two files"},
	{"composemerge config --format json | jq .services", "the same as JSON"},
	{"composemerge config --services", "the names of the services, dependencies first"},
	{NULL, NULL},
};

/* The first in Docker Compose's order. */
static enum cm_config_show what_to_show(const struct settings *s)
{
	const struct {
		bool given;
		enum cm_config_show show;
	} rows[] = {
		{s->services, CM_SHOW_SERVICES},
		{s->volumes, CM_SHOW_VOLUMES},
		{s->networks, CM_SHOW_NETWORKS},
		{s->models, CM_SHOW_MODELS},
		{s->hash && *s->hash, CM_SHOW_HASH},
		{s->profiles, CM_SHOW_PROFILES},
		{s->images, CM_SHOW_IMAGES},
		{s->variables, CM_SHOW_VARIABLES},
		{s->environment, CM_SHOW_ENVIRONMENT},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].given)
			return rows[i].show;
	return CM_SHOW_MODEL;
}

static enum cm_status cannot_write(struct cm_cli *cli, const char *path, int error)
{
	cm_cli_report(cli, CM_ERROR, "cannot-write", path, NULL, "cannot write: %s",
		error == ENOENT ? "its directory does not exist" : cm_os_reason(error));
	return CM_FAILED;
}

static enum cm_status write_file(struct cm_cli *cli, const char *path, const struct cm_output *out)
{
	struct cm_os_target target;
	int error = cm_os_target(path, &target);
	const char *input;

	if (error)
		return cannot_write(cli, path, error);
	input = target.exists && !target.direct ? cm_cli_input_name(cli, &target.id) : NULL;
	if (input) {
		cm_cli_report(cli, CM_ERROR, "cannot-write", path, "give -o another name",
			"this is an input");
		return CM_FAILED;
	}
	error = cm_os_target_write(&target, out->text, out->length);
	return error && error != EPIPE ? cannot_write(cli, path, error) : CM_OK;
}

static const char *const *list_of(struct cm_cli *cli, struct cm_words *words)
{
	return cm_words_add(cli, words, NULL) ? words->p : NULL;
}

static enum cm_status run(struct cm_cli *cli, const void *settings)
{
	const struct settings *s = settings;
	struct cm_config_request q = {
		.files = list_of(cli, &cli->set.files),
		.env_files = list_of(cli, &cli->set.env_files),
		.profiles = list_of(cli, &cli->set.profiles),
		.services = list_of(cli, &cli->words),
		.environ = cli->io->environ,
		.project_name = cli->set.project_name,
		.project_directory = cli->set.project_directory ? cli->set.project_directory : s->workdir,
		.no_interpolate = s->no_interpolate,
		.no_normalize = s->no_normalize,
		.no_path_resolution = s->no_path_resolution,
		.no_consistency = s->no_consistency,
		.no_env_resolution = s->no_env_resolution,
		.all_resources = cli->set.all_resources,
		.compatibility = s->compatibility,
		.image_digests = s->resolve_digests || s->lock_digests,
		.show = what_to_show(s),
		.hash = s->hash,
		.format = s->format,
	};
	char here[CM_OS_PATH];
	struct cm_output out;
	enum cm_status st;
	bool model = q.show == CM_SHOW_MODEL;

	if (cli->no_memory)
		return CM_NOMEM;
	if (cm_os_current_folder(cm_cli_env(cli, "PWD"), here, sizeof here) == 0)
		q.working_folder = here;
	st = cm_config(cli->project, &q, &out);
	if (st != CM_OK || (model && cli->set.quiet))
		return st;
	return model && s->output ? write_file(cli, s->output, &out)
				  : cm_cli_print(cli, out.text, out.length);
}

const struct cm_command cm_cmd_config = {
	.name = "config",
	.title = "composemerge config: print the model Docker Compose sees",
	.summary = "print the canonical model, as docker compose config",
	.words = "[SERVICE...]",
	.note = "Nothing is fetched: git and OCI references and image digests are refused.",
	.status = "0 done, 1 an error in a file or on the command line, as docker compose config",
	.examples = examples,
	.options = options,
	.size = sizeof(struct settings),
	.run = run,
	.failed = 1,
};
