/* SPDX-License-Identifier: MIT */

/*
 * What libyaml reads and Compose's own YAML library does not. A file's text is kept as it is, so the merge need not mind; config must.
 *
 *   "a\/b"            found unknown escape character
 *   {A: !reset, B: 2}  the comma belongs to the tag
 *   ---
 *   BOM x: 1           a byte order mark is read as part of the key, behind the start of the file
 */

#include "run.h"

#include "../base/diag.h"

struct strict {
	struct cm_project *p;
	const struct cm_source *source;
	bool fine;
};

static void refuse(struct strict *s, size_t from, size_t to, const char *why, const char *help)
{
	struct cm_span span = {s->source->id, (uint32_t)from, (uint32_t)to};

	cm_help(s->p, cm_error(s->p, span, CM_E_SYNTAX, "%s", why), "%s", help);
	s->fine = false;
}

static void check_escapes(struct strict *s, const struct cm_node *n)
{
	struct cm_str text = s->source->text;

	for (size_t i = n->start; i + 1 < n->end; i++) {
		if (text.p[i] != '\\')
			continue;
		if (text.p[i + 1] == '/')
			refuse(s, i, i + 2, "Docker Compose does not know the escape \\/", "a / needs no escape");
		i++;
	}
}

/* As it is written: libyaml ends a tag at the comma. */
static void check_tag(struct strict *s, const struct cm_node *n)
{
	struct cm_str text = s->source->text;
	size_t i = n->head, from;

	if (!cm_tag(n).n || n->flags & CM_MADE)
		return;
	if (i < text.n && text.p[i] == '&') /* the anchor stands first */
		while (i < text.n && text.p[i] != '!')
			i++;
	for (from = i; i < text.n && !strchr(" \t\r\n", text.p[i]); i++) {
		if (text.p[i] == '<' && i == from + 1)
			return;
		if (!strchr(",[]{}", text.p[i]))
			continue;
		refuse(s, i, i + 1, cm_strf(s->p->arena, "%c is not allowed in a YAML tag", text.p[i]).p, "put a blank behind the tag");
		return;
	}
}

static void check(struct strict *s, const struct cm_node *n)
{
	check_tag(s, n);
	if (n->kind == CM_SCALAR && n->style == CM_DOUBLE && !(n->flags & CM_MADE))
		check_escapes(s, n);
	for (uint32_t i = 0; n->kind == CM_SEQ && i < n->count; i++)
		check(s, n->items[i]);
	for (uint32_t i = 0; n->kind == CM_MAP && i < n->count; i++) {
		check(s, n->pairs[i].key);
		check(s, n->pairs[i].value);
	}
}

bool cm_check_yaml(struct cm_resolve *r, const struct cm_file *file)
{
	struct strict s = {r->p, file->source, true};
	struct cm_str text = file->source->text;

	for (uint32_t i = 0; i < file->count; i++) {
		const struct cm_node *root = file->documents[i].root;
		size_t at = root->head;

		if (at >= 3 && memcmp(text.p + at - 3, "\xEF\xBB\xBF", 3) == 0)
			at -= 3;
		if (i && at + 3 <= text.n && memcmp(text.p + at, "\xEF\xBB\xBF", 3) == 0)
			refuse(&s, at, at + 3, "a byte order mark inside a file is part of the text", "remove it");
		check(&s, root);
	}
	return s.fine;
}
