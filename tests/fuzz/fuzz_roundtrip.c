/* SPDX-License-Identifier: MIT */
/* One file merged with nothing: its own bytes, or, where tags acted or it holds several documents, a text that is. */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

const bool fuzz_cuts = false;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cm_project *p = fuzz_project(NULL);
	struct cm_output out;

	if (cm_add_text(p, "f0.yml", (const char *)data, size) == CM_OK && cm_merge(p, NULL, &out) == CM_OK) {
		if (!out.changed && (out.length != size || memcmp(out.text, data, size) != 0))
			abort();
		if (out.changed)
			fuzz_reload(out.text, out.length, out.documents == 1);
	}
	fuzz_messages(p);
	cm_project_free(p);
	return 0;
}
