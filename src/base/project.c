/* SPDX-License-Identifier: MIT */

/* Sources and limits of a project. */

#include "project.h"

#include <stdlib.h>

const struct cm_limits cm_default_limits = {
#define CM_LIMIT(field, option, value, help) .field = (value),
#include "limits.def"
#undef CM_LIMIT
};

static const char *habit_of(struct cm_str text)
{
	size_t at = cm_line_end(text, 0);

	if (at + 1 < text.n && text.p[at] == '\r')
		return text.p[at + 1] == '\n' ? "\r\n" : "\r";
	return at < text.n && text.p[at] == '\r' ? "\r" : "\n";
}

struct cm_source *cm_source_add(struct cm_project *p, const char *name, struct cm_str raw)
{
	struct cm_source *s = cm_new(p->arena, struct cm_source);

	if (p->source_count + 1 >= p->source_size) {
		uint32_t size = p->source_size ? p->source_size * 2 : 8;
		struct cm_source **more = cm_new_array(p->arena, size, struct cm_source *);

		if (p->source_count)
			memcpy(more, p->sources, (p->source_count + 1) * sizeof(*more));
		p->sources = more;
		p->source_size = size;
	}
	s->name = name;
	s->raw = s->text = raw;
	s->has_bom = cm_str_starts(raw, "\xEF\xBB\xBF");
	s->eol = habit_of(raw);
	s->id = ++p->source_count;
	p->sources[s->id] = s;
	return s;
}

static void free_text(void *text)
{
	free(text);
}

const char *cm_take_memory(struct cm_project *p, char *text)
{
	cm_arena_defer(p->arena, free_text, text);
	return text;
}

#ifdef CM_DEBUG
bool cm_mutant(const struct cm_project *p, const char *rule)
{
	return p->mutant && strcmp(p->mutant, rule) == 0;
}
#endif
