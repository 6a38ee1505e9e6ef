/* SPDX-License-Identifier: MIT */

/* The merged tree as JSON (RFC 8259): data, not text. Aliases and << are expanded, scalars typed as
 * Compose reads them. */

#include "emit.h"

#include "../base/diag.h"
#include "../yaml/scalar.h"

static void write_json(
	struct cm_project *p, const struct cm_node *n, struct cm_buf *out, size_t indent);

static void write_scalar(struct cm_project *p, const struct cm_node *n, struct cm_buf *out)
{
	struct cm_value v = cm_scalar_value(p->arena, n);

	switch (v.type) {
	case CM_NULL: cm_buf_puts(out, "null"); break;
	case CM_BOOL: cm_buf_puts(out, v.truth ? "true" : "false"); break;
	case CM_INT:
		cm_buf_printf(out, "%s%llu", v.negative ? "-" : "", (unsigned long long)v.u);
		break;
	case CM_FLOAT:
		if (v.f - v.f == 0)
			cm_buf_str(out, cm_value_text(p->arena, v));
		else
			cm_json_string(out, cm_text(n));
		break;
	default: cm_json_string(out, cm_text(n)); break;
	}
}

static void line(struct cm_buf *out, size_t indent)
{
	cm_buf_putc(out, '\n');
	cm_buf_fill(out, ' ', indent);
}

static void write_map(
	struct cm_project *p, const struct cm_node *n, struct cm_buf *out, size_t indent)
{
	struct cm_pairs all = cm_pairs_of(p, n);
	bool first = true;

	cm_buf_putc(out, '{');
	for (uint32_t i = 0; i < all.count; i++) {
		if (!all.at[i].word || cm_str_is(cm_tag(cm_deref(all.at[i].value)), "!reset"))
			continue;
		if (!first)
			cm_buf_putc(out, ',');
		first = false;
		line(out, indent + 2);
		cm_json_string(out, cm_sym_str(all.at[i].word));
		cm_buf_puts(out, ": ");
		write_json(p, all.at[i].value, out, indent + 2);
	}
	if (!first)
		line(out, indent);
	cm_buf_putc(out, '}');
}

static void write_json(
	struct cm_project *p, const struct cm_node *n, struct cm_buf *out, size_t indent)
{
	n = cm_deref(n);
	if (out->n > p->limits.expansion * 64) {
		cm_help(p,
			cm_error(p, cm_span_of(n), CM_E_LIMIT,
				"aliases would grow this JSON past %llu nodes",
				(unsigned long long)p->limits.expansion),
			"--limit-expansion raises this limit");
		cm_arena_give_up(p->arena);
	}
	if (n->kind == CM_SCALAR) {
		write_scalar(p, n, out);
	} else if (n->kind == CM_MAP) {
		write_map(p, n, out, indent);
	} else {
		cm_buf_putc(out, '[');
		for (uint32_t i = 0; i < n->count; i++) {
			if (i)
				cm_buf_putc(out, ',');
			line(out, indent + 2);
			write_json(p, n->items[i], out, indent + 2);
		}
		if (n->count)
			line(out, indent);
		cm_buf_putc(out, ']');
	}
}

void cm_emit_json(struct cm_project *p, const struct cm_node *root, struct cm_buf *out)
{
	write_json(p, root, out, 0);
	cm_buf_putc(out, '\n');
}
