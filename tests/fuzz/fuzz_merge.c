/* SPDX-License-Identifier: MIT */
/* The files of the input merged under the options of its first byte: refused with a message, or a text that loads. */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

const bool fuzz_cuts = true;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in;
	struct cm_merge_options options;
	struct cm_output out;
	struct cm_project *p;
	enum cm_status status = CM_OK;

	if (size == 0)
		return 0;
	options = (struct cm_merge_options){
		.partial = data[0] & 1,
		.single = data[0] & 2,
		.annotate = data[0] & 4,
		.json = data[0] & 8,
		.keep_paths = data[0] & 16,
		.output_folder = data[0] & 32 ? "../elsewhere" : NULL,
	};
	in = fuzz_cut(data + 1, size - 1);
	p = fuzz_project(&in);
	for (size_t i = 0; status == CM_OK && i < in.count; i++) {
		const char name[] = {'f', (char)('0' + i), '.', 'y', 'm', 'l', '\0'};

		status = cm_add_text(p, name, in.files[i].text, in.files[i].length);
	}
	if (status == CM_OK)
		status = cm_merge(p, &options, &out);
	if (status == CM_FAILED && cm_message_count(p, CM_ERROR) == 0)
		abort();
	if (status == CM_OK)
		fuzz_reload(out.text, out.length, false);
	fuzz_messages(p);
	cm_project_free(p);
	return 0;
}
