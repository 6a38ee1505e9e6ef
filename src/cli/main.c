/* SPDX-License-Identifier: MIT */
/* The program: the process's own streams and environment around cm_cli_run. */

#include <stdlib.h>

#include "cli.h"
#include "os.h"

extern char **environ;

static const char *environment(void *arg, const char *name)
{
	(void)arg;
	return getenv(name);
}

int main(int argc, char **argv)
{
	const struct cm_cli_io io = {
		.write = cm_os_stream_write,
		.env = environment,
		.environ = (const char *const *)environ,
		.descriptor = {0, 1, 2},
	};

	cm_os_start();
	return cm_cli_run(argc, argv, &io);
}
