/* SPDX-License-Identifier: MIT */

/* JSON as Go's encoding/json writes it (config.md 9.4): two spaces a level, no final newline, < > & escaped. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "print.h"

struct json {
	struct cm_resolve *r;
	struct cm_buf *b;
	bool compact;
};

void cm_go_json_string(struct cm_buf *b, struct cm_str s)
{
	cm_buf_putc(b, '"');
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		utf8proc_int32_t character;
		utf8proc_ssize_t n;

		if (c < 0x80) {
			if (c && strchr("\"\\\b\f\n\r\t", c)) {
				char letter = c == '\b' ? 'b' : c == '\f' ? 'f' : c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : (char)c;

				cm_buf_putc(b, '\\');
				cm_buf_putc(b, letter);
			} else if (c < 0x20 || c == '<' || c == '>' || c == '&') {
				cm_buf_printf(b, "\\u%04x", c);
			} else {
				cm_buf_putc(b, (char)c);
			}
			i++;
			continue;
		}
		n = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &character);
		if (n <= 0) {
			cm_buf_puts(b, "\\ufffd");
			i++;
		} else {
			if (character == 0x2028 || character == 0x2029)
				cm_buf_printf(b, "\\u%04x", (unsigned)character);
			else
				cm_buf_add(b, s.p + i, (size_t)n);
			i += (size_t)n;
		}
	}
	cm_buf_putc(b, '"');
}

/* The shortest text that reads back as f: 0.1, 100000000000000000000, 1e+21, 1e-7. */
static void write_float(struct json *o, double f)
{
	struct cm_str s = cm_value_text(o->r->p->arena, (struct cm_value){.type = CM_FLOAT, .f = f});
	char digits[32];
	int n = 0, exponent = 0, point = 0;
	bool behind = false, negative = s.p[0] == '-';
	size_t i = negative;

	if (isnan(f) || isinf(f)) {
		cm_buf_puts(o->b, "null");
		return;
	}
	for (; i < s.n && s.p[i] != 'e'; i++) {
		if (s.p[i] == '.') {
			behind = true;
			continue;
		}
		if (!behind)
			point++;
		if (n < (int)sizeof(digits))
			digits[n++] = s.p[i];
	}
	if (i < s.n)
		exponent = atoi(s.p + i + 1);
	int lead = 0;
	while (lead < n - 1 && digits[lead] == '0')
		lead++;
	while (n > lead + 1 && digits[n - 1] == '0')
		n--;
	point += exponent - lead; /* 0.d1d2d3 * 10^point */
	n -= lead;
	if (negative)
		cm_buf_putc(o->b, '-');
	if (f == 0) {
		cm_buf_putc(o->b, '0');
	} else if (point - 1 >= 21 || point - 1 < -6) {
		int e = point - 1;

		cm_buf_putc(o->b, digits[lead]);
		if (n > 1) {
			cm_buf_putc(o->b, '.');
			cm_buf_add(o->b, digits + lead + 1, (size_t)n - 1);
		}
		cm_buf_printf(o->b, "e%c%d", e < 0 ? '-' : '+', abs(e));
	} else if (point <= 0) {
		cm_buf_puts(o->b, "0.");
		cm_buf_fill(o->b, '0', (size_t)-point);
		cm_buf_add(o->b, digits + lead, (size_t)n);
	} else {
		for (int k = 0; k < point || k < n; k++) {
			if (k == point)
				cm_buf_putc(o->b, '.');
			cm_buf_putc(o->b, k < n ? digits[lead + k] : '0');
		}
	}
}

static void write_scalar(struct json *o, const struct cm_node *n)
{
	struct cm_value v = cm_scalar_value(o->r->p->arena, n);

	switch (v.type) {
	case CM_NULL:
		cm_buf_puts(o->b, "null");
		break;
	case CM_BOOL:
	case CM_INT:
		cm_buf_str(o->b, cm_value_text(o->r->p->arena, v));
		break;
	case CM_FLOAT:
		write_float(o, v.f);
		break;
	case CM_TIMESTAMP:
		cm_go_json_string(o->b, cm_yaml_text(o->r->p->arena, v));
		break;
	default:
		cm_go_json_string(o->b, cm_literal(o->r, v.type == CM_BAD ? cm_text(n) : v.s));
	}
}

static void new_line(struct json *o, uint32_t depth)
{
	if (o->compact)
		return;
	cm_buf_putc(o->b, '\n');
	cm_buf_fill(o->b, ' ', 2 * (size_t)depth);
}

static void write_node(struct json *o, const struct cm_node *n, uint32_t depth)
{
	n = cm_deref(n);
	if (n->kind == CM_SCALAR) {
		write_scalar(o, n);
		return;
	}
	cm_buf_putc(o->b, n->kind == CM_MAP ? '{' : '[');
	for (uint32_t i = 0; i < n->count; i++) {
		if (i)
			cm_buf_putc(o->b, ',');
		new_line(o, depth + 1);
		if (n->kind == CM_MAP) {
			cm_go_json_string(o->b, cm_sym_str(n->pairs[i].word));
			cm_buf_puts(o->b, o->compact ? ":" : ": ");
		}
		write_node(o, n->kind == CM_MAP ? n->pairs[i].value : n->items[i], depth + 1);
	}
	if (n->count)
		new_line(o, depth);
	cm_buf_putc(o->b, n->kind == CM_MAP ? '}' : ']');
}

void cm_print_json_compact(struct cm_resolve *r, const struct cm_node *n, struct cm_buf *out)
{
	struct json o = {r, out, true};

	write_node(&o, n, 0);
}

void cm_print_json(struct cm_resolve *r, const struct cm_node *root, struct cm_buf *out)
{
	struct json o = {r, out, false};
	size_t from = out->n;

	write_node(&o, root, 0);
	if (!r->o->no_interpolate)
		cm_double_tail(out, from);
}
