/* SPDX-License-Identifier: MIT */

/*
 * Short syntaxes, read without knowing the variables.
 *
 * Compose puts the values of variables in first and splits afterwards. Here the reference itself is the piece: no
 * split inside ${...}, and a value is taken to hold no separator of the syntax around it. What may then stand for
 * any key at all (a target that is a variable) is opaque.
 */

#include <arpa/inet.h>
#include <stdio.h>

#include "short.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(char c)
{
	return is_letter(c) || c == '_' || is_digit(c);
}

/* The last } before the end of the line, or s.n. */
static size_t last_brace(struct cm_str s, size_t at)
{
	size_t found = s.n;
	for (; at < s.n && s.p[at] != '\n'; at++)
		if (s.p[at] == '}')
			found = at;
	return found;
}

/* The } that ends "${name op word": braces are counted, but what stands right behind a { is not
 * looked at. Never balanced: the last one. */
static size_t closing_brace(struct cm_str s, size_t open, size_t last)
{
	int depth = 0;
	for (size_t i = open; i <= last; i++) {
		if (s.p[i] == '}' && --depth == 0)
			return i;
		if (s.p[i] == '{') {
			depth++;
			i++;
		}
	}
	return last;
}

static size_t name_end(struct cm_str s, size_t at)
{
	if (at < s.n && is_digit(s.p[at]))
		return at;
	while (at < s.n && is_name(s.p[at]))
		at++;
	return at;
}

static bool is_operator(struct cm_str s, size_t at)
{
	at += at < s.n && s.p[at] == ':';
	return at < s.n && s.p[at] && strchr("-+?", s.p[at]);
}

/* "${..." that Compose refuses ends behind the brace: the rest is text again. */
static size_t braced_end(struct cm_str s, size_t at)
{
	size_t name = name_end(s, at + 2), last;
	if (name > at + 2 && name < s.n && s.p[name] == '}')
		return name + 1;
	if (name == at + 2 || !is_operator(s, name) || (last = last_brace(s, name)) == s.n)
		return at + 2;
	return closing_brace(s, at + 1, last) + 1;
}

size_t cm_var_end(struct cm_str s, size_t at)
{
	if (at + 1 >= s.n)
		return at + 1;
	if (s.p[at + 1] == '$')
		return at + 2;
	if (s.p[at + 1] == '{')
		return braced_end(s, at);
	return name_end(s, at + 1);
}

/* Past the piece that starts at i: one character, or a whole variable reference. */
static size_t next(struct cm_str s, size_t i)
{
	return s.p[i] == '$' ? cm_var_end(s, i) : i + 1;
}

/* Is the piece at i a variable, not $$ and not a lone $? */
static bool is_var(struct cm_str s, size_t i)
{
	return s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] != '$' && cm_var_end(s, i) > i + 1;
}

/* The first variable in s, or s.n. */
static size_t first_var(struct cm_str s)
{
	size_t i = cm_str_find(s, '$', 0);
	while (i < s.n && !is_var(s, i))
		i = cm_str_find(s, '$', next(s, i));
	return i;
}

static bool has_var(struct cm_str s)
{
	return first_var(s) < s.n;
}

/* The first c outside variables, or s.n. */
static size_t find_outside(struct cm_str s, char c)
{
	size_t i = 0;
	while (i < s.n && s.p[i] != c)
		i = next(s, i);
	return i < s.n ? i : s.n;
}

/* The first n parts of text between the colons outside variables, the last with all that is left.
 * Returns how many. */
static size_t split_colons(struct cm_str text, struct cm_str *parts, size_t n)
{
	size_t count = 0;
	while (count + 1 < n) {
		size_t colon = find_outside(text, ':');
		parts[count++] = cm_str_cut(text, 0, colon);
		if (colon == text.n)
			return count;
		text = cm_str_cut(text, colon + 1, text.n);
	}
	parts[count++] = text;
	return count;
}

static struct cm_entry_key key_known(struct cm_str text)
{
	return (struct cm_entry_key){.known = CM_KNOWN, .text = text};
}

static struct cm_entry_key key_opaque(void)
{
	return (struct cm_entry_key){.known = CM_OPAQUE};
}

static struct cm_entry_key key_invalid(const char *error)
{
	return (struct cm_entry_key){.known = CM_INVALID, .error = error};
}

/* --- ports --- */

struct range {
	unsigned first, last;
};

#define MAX_PORT 65535

/* +80 and 080 are 80. */
static bool read_number(struct cm_str s, unsigned *u)
{
	size_t i = s.n && s.p[0] == '+';
	if (i == s.n)
		return false;
	*u = 0;
	for (; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		*u = *u * 10 + (unsigned)(s.p[i] - '0');
		if (*u > MAX_PORT)
			return false;
	}
	return true;
}

/* 80 or 80-82. */
static bool read_range(struct cm_str s, struct range *r)
{
	size_t dash = cm_str_find(s, '-', 0);
	if (!read_number(cm_str_cut(s, 0, dash), &r->first))
		return false;
	r->last = r->first;
	return dash == s.n || (read_number(cm_str_cut(s, dash + 1, s.n), &r->last) && r->first <= r->last);
}

static bool is_ip(struct cm_str s)
{
	char text[INET6_ADDRSTRLEN + 1], out[sizeof(struct in6_addr)];
	if (s.n >= sizeof(text) || memchr(s.p, 0, s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	return inet_pton(AF_INET, text, out) == 1 || inet_pton(AF_INET6, text, out) == 1;
}

static bool same_word(struct cm_str s, const char *lower)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
		if (!lower[i] || c != lower[i])
			return false;
	}
	return !lower[s.n];
}

static bool is_protocol(struct cm_str s)
{
	return !s.n || same_word(s, "tcp") || same_word(s, "udp") || same_word(s, "sctp");
}

static const char *published_error(struct cm_str published, const struct range *target)
{
	struct range r;
	if (!published.n || has_var(published))
		return NULL;
	if (!read_range(published, &r))
		return "the published port must be a number or a range from 0 to 65535";
	if (target && target->first != target->last && r.last - r.first != target->last - target->first)
		return "the published range and the container range are not of one length";
	return NULL;
}

/* Why the parts are no port, as far as it can be known; NULL: they are. */
static const char *port_error(const struct cm_port *p)
{
	struct range target;
	bool open = has_var(p->target);
	if (!p->target.n)
		return "the container port is missing";
	if (!has_var(p->protocol) && !is_protocol(p->protocol))
		return "the protocol must be tcp, udp or sctp";
	if (p->host_ip.n && !has_var(p->host_ip) && !is_ip(p->host_ip))
		return "the text before the ports is no IP address";
	if (!open && !read_range(p->target, &target))
		return "the container port must be a number or a range from 0 to 65535";
	if (!open && target.first == 0)
		return "the container port cannot be 0";
	return published_error(p->published, open ? NULL : &target);
}

/* Where the last two colons outside variables stand; text.n where there are fewer. */
static void last_colons(struct cm_str text, size_t *before_last, size_t *last)
{
	*before_last = *last = text.n;
	for (size_t i = 0; i < text.n; i = next(text, i))
		if (text.p[i] == ':') {
			*before_last = *last;
			*last = i;
		}
}

/* [::1] without its brackets. */
static struct cm_str strip_brackets(struct cm_str ip)
{
	if (ip.n >= 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']')
		return cm_str_cut(ip, 1, ip.n - 1);
	return ip;
}

struct cm_port cm_port_parse(struct cm_str text)
{
	struct cm_port p = {.target = text};
	size_t before_last, last;
	last_colons(text, &before_last, &last);
	if (last < text.n) {
		size_t from = before_last < text.n ? before_last + 1 : 0;
		p.target = cm_str_cut(text, last + 1, text.n);
		p.published = cm_str_cut(text, from, last);
		if (from)
			p.host_ip = strip_brackets(cm_str_cut(text, 0, before_last));
	}
	size_t slash = find_outside(p.target, '/');
	if (slash < p.target.n) {
		p.protocol = cm_str_cut(p.target, slash + 1, p.target.n);
		p.target = cm_str_cut(p.target, 0, slash);
	}
	p.error = port_error(&p);
	return p;
}

static struct cm_str lower_case(struct cm_arena *a, struct cm_str s)
{
	char *p = cm_strndup(a, s.p ? s.p : "", s.n);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] | 0x20);
	return (struct cm_str){p, s.n};
}

/* A published port of the short form as Compose keeps it: 080 is 80, 80-80 too. */
static struct cm_str plain_range(struct cm_arena *a, struct cm_str s, struct range *r)
{
	if (!read_range(s, r))
		return s;
	return r->first == r->last ? cm_strf(a, "%u", r->first) : cm_strf(a, "%u-%u", r->first, r->last);
}

static struct cm_str port_text(struct cm_arena *a, struct cm_str ip, struct cm_str published,
	unsigned target, struct cm_str protocol)
{
	return cm_strf(a, "%.*s:%.*s:%u/%.*s", (int)ip.n, ip.p, (int)published.n,
		published.n ? published.p : "", target, (int)protocol.n, protocol.p);
}

/* The key of a port whose target is the number or range t. */
static struct cm_entry_key port_range_key(struct cm_arena *a, struct cm_str ip,
	struct cm_str published, struct range t, struct cm_str protocol, bool lower)
{
	struct cm_entry_key key = {.known = CM_KNOWN};
	struct range r = {0, 0};
	if (lower && published.n && !has_var(published))
		published = plain_range(a, published, &r);
	if (t.first != t.last) {
		key = (struct cm_entry_key){CM_MANY, {NULL, 0}, t.first, t.last, r.first, r.last, NULL};
		if (published.n && !has_var(published))
			published = cm_strf(a, "%u", r.first);
	}
	key.text = port_text(a, ip, published, t.first, protocol);
	if (has_var(ip) || has_var(published) || has_var(protocol)) {
		key.known = CM_OPAQUE;
		if (t.first != t.last)
			key.text = CM_STR("");
	}
	return key;
}

struct cm_entry_key cm_port_key(struct cm_arena *a, struct cm_str host_ip, struct cm_str published,
	struct cm_str target, struct cm_str protocol, bool lower)
{
	struct range t;
	if (!target.n)
		return key_invalid("the container port is missing");
	if (has_var(target))
		return key_opaque();
	if (!(lower ? read_range(target, &t) : read_number(target, &t.first)))
		return key_invalid("the container port must be a number from 0 to 65535");
	if (!lower)
		t.last = t.first;
	if (!host_ip.n)
		host_ip = CM_STR("0.0.0.0");
	if (!protocol.n)
		protocol = CM_STR("tcp");
	else if (lower && !has_var(protocol))
		protocol = lower_case(a, protocol);
	return port_range_key(a, host_ip, published, t, protocol, lower);
}

struct cm_entry_key cm_port_short_key(struct cm_arena *a, struct cm_str text)
{
	struct cm_port p = cm_port_parse(text);
	if (p.error)
		return key_invalid(p.error);
	return cm_port_key(a, p.host_ip, p.published, p.target, p.protocol, true);
}

/* --- volumes --- */

/* Bytes of the drive "C:" that s starts with, or 0. Any one letter is a drive, of any script: all
 * characters past ASCII count as letters. */
static size_t drive_length(struct cm_str s)
{
	size_t i = 1;
	if (!s.n || (!is_letter(s.p[0]) && !(s.p[0] & 0x80)))
		return 0;
	while (s.p[0] & 0x80 && i < s.n && (s.p[i] & 0xc0) == 0x80)
		i++;
	return i < s.n && s.p[i] == ':' ? i + 1 : 0;
}

/* The first colon that ends a section: not that of a drive, not inside a variable. */
static size_t section_end(struct cm_str s)
{
	size_t drive = drive_length(s);
	return drive + find_outside(cm_str_cut(s, drive, s.n), ':');
}

static bool is_path(struct cm_str source)
{
	if (!source.n)
		return false;
	return strchr("./~", source.p[0]) || cm_str_starts(source, "\\\\") || drive_length(source);
}

/* v:/data is one section that was meant as two; C:\x:/data and c:/x:/data are two. */
static bool looks_like_name(struct cm_str first, struct cm_str second)
{
	size_t drive = drive_length(first);
	if (!drive || (drive < first.n && first.p[drive] == '\\'))
		return false;
	return !second.n || (second.p[0] != '/' && second.p[0] != '$' && !drive_length(second));
}

/* Cuts text into at most three sections. Returns how many, or 0 with *error. */
static size_t cut_sections(struct cm_str text, struct cm_str parts[3], const char **error)
{
	size_t count = 0;
	for (;;) {
		size_t end = section_end(text);
		if (!end) {
			*error = "a section between the colons is empty";
			return 0;
		}
		if (count == 3) {
			*error = "there are too many colons";
			return 0;
		}
		parts[count++] = cm_str_cut(text, 0, end);
		if (end == text.n)
			return count;
		text = cm_str_cut(text, end + 1, text.n);
	}
}

struct cm_volume cm_volume_parse(struct cm_str text)
{
	struct cm_volume v = {.target = text};
	struct cm_str parts[3] = {{0}};
	if (text.n <= 2) {
		v.error = text.n ? NULL : "the volume is empty";
		return v;
	}
	size_t count = cut_sections(text, parts, &v.error);
	if (!count)
		return v;
	v.one_letter = looks_like_name(parts[0], parts[1]);
	if (count == 1)
		return v;
	v.source = parts[0];
	v.target = parts[1];
	v.options = parts[2];
	v.bind = is_path(v.source);
	return v;
}

struct cm_entry_key cm_volume_short_key(struct cm_arena *a, struct cm_str text)
{
	struct cm_volume v = cm_volume_parse(text);
	if (v.error)
		return key_invalid(v.error);
	if (has_var(v.target))
		return key_opaque();
	return key_known(cm_path_clean(a, v.target));
}

struct cm_entry_key cm_device_short_key(struct cm_arena *a, struct cm_str text)
{
	struct cm_str parts[4];
	size_t count = split_colons(text, parts, 4);
	(void)a;
	if (count == 4)
		return key_invalid("a device has at most three parts");
	struct cm_str target = count > 1 && parts[1].n ? parts[1] : parts[0];
	return has_var(target) ? key_opaque() : key_known(target);
}

/* --- others --- */

struct cm_entry_key cm_before_equals_key(struct cm_str text)
{
	struct cm_str before = cm_str_cut(text, 0, find_outside(text, '='));
	if (!has_var(before))
		return key_known(before);
	struct cm_entry_key key = key_opaque();
	if (before.n < text.n)
		key.text = before;
	return key;
}

/* Drops the last name of the n bytes at p, not below floor. */
static size_t drop_name(const char *p, size_t n, size_t floor)
{
	while (n > floor && p[--n] != '/')
		;
	return n;
}

struct cm_str cm_path_clean(struct cm_arena *a, struct cm_str path)
{
	if (!path.n)
		return CM_STR(".");
	bool rooted = path.p[0] == '/';
	char *out = cm_alloc(a, path.n + 1);
	size_t n = 0, floor = rooted; /* floor: what .. cannot take away */
	if (rooted)
		out[n++] = '/';
	for (size_t i = 0, end; i < path.n; i = end + 1) {
		end = cm_str_find(path, '/', i);
		struct cm_str name = cm_str_cut(path, i, end);
		bool up = cm_str_is(name, "..");
		if (!name.n || cm_str_is(name, "."))
			continue;
		if (up && n > floor) {
			n = drop_name(out, n, floor);
			continue;
		}
		if (up && rooted)
			continue;
		if (n > (size_t)rooted)
			out[n++] = '/';
		memcpy(out + n, name.p, name.n);
		n += name.n;
		if (up)
			floor = n;
	}
	return n ? (struct cm_str){out, n} : CM_STR(".");
}

struct cm_str cm_path_join(struct cm_arena *a, struct cm_str base, struct cm_str rel)
{
	if (!base.n && !rel.n)
		return CM_STR("");
	if (!base.n || !rel.n)
		return cm_path_clean(a, base.n ? base : rel);
	char *p = cm_alloc(a, base.n + rel.n + 2);
	memcpy(p, base.p, base.n);
	p[base.n] = '/';
	memcpy(p + base.n + 1, rel.p, rel.n);
	return cm_path_clean(a, (struct cm_str){p, base.n + rel.n + 1});
}

/* A text with variables: literal head, anything, literal tail. $$ and a lone $ both stand for $. */
struct shape {
	struct cm_str head, tail;
	bool open;
};

static struct shape shape_of(struct cm_str s)
{
	struct shape shape = {s, {s.p + s.n, 0}, false};
	for (size_t i = 0, end; i < s.n; i = end) {
		end = next(s, i);
		if (!is_var(s, i))
			continue;
		if (!shape.open)
			shape.head = cm_str_cut(s, 0, i);
		shape.tail = cm_str_cut(s, end, s.n);
		shape.open = true;
	}
	return shape;
}

/* The literal character at *i, past it. */
static char take(struct cm_str s, size_t *i)
{
	char c = s.p[*i];
	*i = c == '$' ? cm_var_end(s, *i) : *i + 1;
	return c;
}

/* Do a and b agree as far as both go? ended: whether both ended together. */
static bool heads_agree(struct cm_str a, struct cm_str b, bool *a_ended, bool *b_ended)
{
	size_t i = 0, j = 0;
	while (i < a.n && j < b.n)
		if (take(a, &i) != take(b, &j))
			return false;
	*a_ended = i >= a.n;
	*b_ended = j >= b.n;
	return true;
}

static bool tails_agree(struct cm_str a, struct cm_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	a = cm_str_cut(a, a.n - n, a.n);
	b = cm_str_cut(b, b.n - n, b.n);
	if (!n || memchr(a.p, '$', n) || memchr(b.p, '$', n))
		return true;
	return memcmp(a.p, b.p, n) == 0;
}

bool cm_may_equal(struct cm_str a, struct cm_str b)
{
	if (cm_str_eq(a, b))
		return true;
	struct shape x = shape_of(a), y = shape_of(b);
	bool x_ended, y_ended;
	if (!heads_agree(x.head, y.head, &x_ended, &y_ended))
		return false;
	if (!x.open && !y.open)
		return x_ended && y_ended;
	/* A closed text must be long enough for the other's head. */
	if ((!x.open && !y_ended) || (!y.open && !x_ended))
		return false;
	return tails_agree(x.open ? x.tail : a, y.open ? y.tail : b);
}
