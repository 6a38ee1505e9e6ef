/* SPDX-License-Identifier: MIT */
/*
 * Runs every unit suite. tests/unit/test_NAME.c defines `Suite *NAME_suite(void)` and is met here by its file name
 * alone: the Makefile writes suites.def, one line SUITE(NAME) a file. CK_RUN_SUITE and CK_FORK work as Check says.
 */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define SUITE(name) Suite *name##_suite(void);
#include "suites.def"
#undef SUITE

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int run, failed;

#define SUITE(name) srunner_add_suite(runner, name##_suite());
#include "suites.def"
#undef SUITE
	srunner_run_all(runner, CK_ENV);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	printf("%d passed, %d failed\n", run - failed, failed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
