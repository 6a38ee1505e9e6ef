/* SPDX-License-Identifier: MIT */

/*
 * UTF-16 with a byte order mark becomes UTF-8 before libyaml sees it, so that every offset is an
 * offset into one text (spec/libyaml.md 1). UTF-8 stays where it is.
 */

#include "../base/diag.h"
#include "load.h"

static uint32_t unit_at(struct cm_str s, size_t i, bool big)
{
	unsigned char a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];

	return big ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
}

static void put_utf8(struct cm_buf *b, uint32_t c)
{
	char bytes[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = n; i-- > 1; c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3F));
	bytes[0] = (char)(lead[n] | c);
	cm_buf_add(b, bytes, n);
}

static bool bad_unit(struct cm_project *p, size_t at, const char *name)
{
	struct cm_diag *d = cm_error(p, (struct cm_span){0, 0, 0}, CM_E_ENCODING,
		"%s: the UTF-16 text breaks off or is no text at byte %zu", name, at);

	cm_help(p, d, "save the file as UTF-8");
	return false;
}

bool cm_decode(struct cm_project *p, struct cm_source *source)
{
	struct cm_str raw = source->raw;
	bool big = cm_str_starts(raw, "\xFE\xFF"), little = cm_str_starts(raw, "\xFF\xFE");
	struct cm_buf *b;

	if (!big && !little)
		return true;
	if (raw.n % 2)
		return bad_unit(p, raw.n, source->name);
	b = cm_buf_new(p->arena, raw.n + raw.n / 2 + 16);
	for (size_t i = 2; i < raw.n; i += 2) {
		uint32_t c = unit_at(raw, i, big), low;

		if (c >= 0xD800 && c < 0xE000) {
			low = i + 3 < raw.n ? unit_at(raw, i + 2, big) : 0;
			if (c >= 0xDC00 || low < 0xDC00 || low > 0xDFFF)
				return bad_unit(p, i, source->name);
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i += 2;
		}
		put_utf8(b, c);
	}
	source->text = (struct cm_str){b->p, b->n};
	source->has_bom = false;
	source->eol = memchr(b->p, '\r', b->n) ? "\r\n" : "\n";
	return true;
}
