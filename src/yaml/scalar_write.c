/* SPDX-License-Identifier: MIT */

/*
 * Writing a string so that it reads back as itself.
 *
 * The rules are narrower than YAML's: what this calls safe is plain for libyaml, for Compose's reader and for YAML 1.2
 * readers alike. Words and numbers of YAML 1.1 that Compose takes for strings (yes, 22:22) are quoted too, as Compose
 * itself prints them: other tools read them otherwise.
 */

#include "scalar.h"

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool cm_has_var(struct cm_str text)
{
	for (size_t i = cm_str_find(text, '$', 0); i + 1 < text.n; i = cm_str_find(text, '$', i)) {
		char next = text.p[i + 1];
		if (next == '{' || is_name_start(next))
			return true;
		i += next == '$' ? 2 : 1;
	}
	return false;
}

/* Bytes of the character at p, at most n; 0 where it is no UTF-8. */
static size_t decode(const char *p, size_t n, uint32_t *c)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned char lead = (unsigned char)p[0];
	size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
	if (!size || size > n)
		return 0;
	*c = lead & masks[size];
	for (size_t i = 1; i < size; i++) {
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | ((unsigned char)p[i] & 0x3f);
	}
	return size;
}

/* Characters that may stand anywhere as they are: no controls, no breaks, no byte order mark. */
static bool is_printable(uint32_t c)
{
	if (c < 0x7f)
		return c >= 0x20;
	if (c == 0x2028 || c == 0x2029 || c == 0xfeff)
		return false;
	return (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* Can stand on one line without escapes. */
static bool one_line(struct cm_str text)
{
	for (size_t i = 0, size; i < text.n; i += size) {
		uint32_t c;
		size = decode(text.p + i, text.n - i, &c);
		if (!size || !is_printable(c))
			return false;
	}
	return true;
}

static char byte_at(struct cm_str text, size_t i)
{
	return i < text.n ? text.p[i] : ' ';
}

/* The first character is no indicator, and the line is not taken for the end of a document. */
static bool safe_start(struct cm_str text, bool flow)
{
	char c = byte_at(text, 0), next = byte_at(text, 1);
	if (strchr(",[]{}#&*!|>'\"%@` ", c))
		return false;
	if (strchr("-?:", c) && (flow || next == ' '))
		return c == '-' && next != ' ' && next != '-' && !strchr(",[]{}", next);
	return !cm_str_starts(text, "---") && !cm_str_starts(text, "...");
}

/* A colon that another character must follow, a # that no blank may precede, brackets that would close the flow. */
static bool safe_inside(struct cm_str text, size_t i, bool flow)
{
	char c = text.p[i], next = byte_at(text, i + 1);
	if (c == ':' && next == ' ')
		return false;
	if (c == ' ' && next == '#')
		return false;
	if (!flow)
		return true;
	if (c == ':')
		return is_name_start(next) || is_digit(next) || next == '/' || next == '.';
	return !strchr(",[]{}?", c);
}

bool cm_plain_safe(struct cm_str text, bool flow)
{
	if (!text.n || text.p[text.n - 1] == ' ' || !safe_start(text, flow) || !one_line(text))
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!safe_inside(text, i, flow))
			return false;
	return true;
}

bool cm_plain_is_string(struct cm_arena *a, struct cm_str text)
{
	return !cm_str_is(text, "<<") && cm_plain_value(a, text).type == CM_STRING;
}

static size_t skip_digits(struct cm_str text, size_t i)
{
	while (i < text.n && (is_digit(text.p[i]) || text.p[i] == '_'))
		i++;
	return i;
}

/* [+-]22:22:22.5, a number to base 60 in YAML 1.1; 8080:80 is none. */
static bool base_60(struct cm_str text)
{
	size_t i = text.n && (text.p[0] == '+' || text.p[0] == '-');
	if (!is_digit(byte_at(text, i)))
		return false;
	i = skip_digits(text, i);
	if (byte_at(text, i) != ':')
		return false;
	while (i < text.n && text.p[i] == ':') {
		bool tens = byte_at(text, i + 1) < '6' && is_digit(byte_at(text, i + 2));
		if (!is_digit(byte_at(text, i + 1)))
			return false;
		i += tens ? 3 : 2;
	}
	if (i < text.n && text.p[i] == '.')
		i = skip_digits(text, i + 1);
	return i == text.n;
}

/* A string for Compose, something else for readers of YAML 1.1. */
static bool ambiguous(struct cm_str text)
{
	static const char *const words[] = {"y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO",
		"on", "On", "ON", "off", "Off", "OFF", "="};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (cm_str_is(text, words[i]))
			return true;
	return base_60(text);
}

static void write_single(struct cm_buf *b, struct cm_str text)
{
	cm_buf_putc(b, '\'');
	for (size_t i = 0, quote; i < text.n; i = quote + 1) {
		quote = cm_str_find(text, '\'', i);
		cm_buf_str(b, cm_str_cut(text, i, quote));
		if (quote < text.n)
			cm_buf_puts(b, "''");
	}
	cm_buf_putc(b, '\'');
}

static void write_escape(struct cm_buf *b, uint32_t c)
{
	static const char from[] = "\"\\\n\r\t\033", to[] = "\"\\nrte";
	const char *at = c && c < 0x80 ? strchr(from, (int)c) : NULL;
	if (at)
		cm_buf_printf(b, "\\%c", to[at - from]);
	else if (c < 0x100)
		cm_buf_printf(b, "\\x%02X", (unsigned)c);
	else if (c < 0x10000)
		cm_buf_printf(b, "\\u%04X", (unsigned)c);
	else
		cm_buf_printf(b, "\\U%08X", (unsigned)c);
}

/* Bytes that are no UTF-8 (only !!binary has them) are written as the characters of the same number. */
static void write_double(struct cm_buf *b, struct cm_str text)
{
	cm_buf_putc(b, '"');
	for (size_t i = 0, size; i < text.n; i += size) {
		uint32_t c;
		size = decode(text.p + i, text.n - i, &c);
		if (!size) {
			size = 1;
			c = (unsigned char)text.p[i];
			write_escape(b, c);
		} else if (!is_printable(c) || c == '"' || c == '\\') {
			write_escape(b, c);
		} else {
			cm_buf_add(b, text.p + i, size);
		}
	}
	cm_buf_putc(b, '"');
}

void cm_scalar_write(struct cm_arena *a, struct cm_buf *b, struct cm_str text, enum cm_style want, bool flow)
{
	bool escapes = text.n && (memchr(text.p, '"', text.n) || memchr(text.p, '\\', text.n));

	if (want == CM_DOUBLE || !one_line(text))
		write_double(b, text);
	else if (want != CM_SINGLE && cm_plain_safe(text, flow) && cm_plain_is_string(a, text) && !ambiguous(text))
		cm_buf_str(b, text);
	else if (want != CM_SINGLE && !escapes)
		write_double(b, text); /* as Compose itself prints it */
	else
		write_single(b, text);
}
