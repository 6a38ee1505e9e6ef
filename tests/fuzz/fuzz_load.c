/* SPDX-License-Identifier: MIT */
/* Any bytes are loaded or refused with a message that can be printed. */

#include "fuzz.h"

#include <stdlib.h>

const bool fuzz_cuts = false;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cm_project *p = fuzz_project(NULL);
	enum cm_status status = cm_add_text(p, "f0.yml", (const char *)data, size);

	if (status == CM_FAILED && cm_message_count(p, CM_ERROR) == 0)
		abort();
	if (status == CM_OK && cm_message_count(p, CM_ERROR) != 0)
		abort();
	fuzz_messages(p);
	cm_project_free(p);
	return 0;
}
