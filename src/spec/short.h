/* SPDX-License-Identifier: MIT */
#ifndef CM_SPEC_SHORT_H
#define CM_SPEC_SHORT_H

/*
 * The short syntaxes of Compose and the identity of list entries. Pure: text in, views out, no tree, no I/O.
 *
 *   "127.0.0.1:8000-8001:80-81/udp"  host_ip 127.0.0.1, published 8000-8001, target 80-81, protocol udp
 *   "${SRC:-./d}:/data:ro"           source ${SRC:-./d}, target /data, options ro   (no split inside ${...})
 *
 * A part that holds an un-doubled $ is opaque: its value is known only at run time. Sources: spec/merge.md 3, config.md 4.
 */

#include "../base/str.h"

/* How much of a text is known before variables have values. */
enum cm_known {
	CM_KNOWN,      /* the key is this text */
	CM_OPAQUE,     /* holds a variable: any key that cm_may_equal() text; any key at all where text is empty */
	CM_MANY,       /* several keys (a port range); count tells how many */
	CM_INVALID,    /* not of the syntax; error says why in plain words */
};

struct cm_port {
	struct cm_str host_ip, published, target, protocol; /* views; empty where absent; protocol as written */
	const char *error;      /* NULL, or why the text is no port */
};

struct cm_volume {
	struct cm_str source, target, options;  /* views; empty where absent */
	bool bind;              /* source is a path: starts with . / ~ \ or is a drive */
	bool one_letter;        /* a one-letter name was read as a drive (merge.md 8 row 12) */
	const char *error;
};

struct cm_port cm_port_parse(struct cm_str text);
struct cm_volume cm_volume_parse(struct cm_str text);

/* The keys of one entry of a list. */
struct cm_entry_key {
	enum cm_known known;
	struct cm_str text;       /* CM_KNOWN: the key, as written ($$ is kept); CM_MANY: the first of the range; CM_OPAQUE: above */
	unsigned first_target, last_target; /* CM_MANY of ports: the range of targets and of published ports (0,0: none) */
	unsigned first_published, last_published;
	const char *error;        /* CM_INVALID */
};

/* The key of a port entry from its parts, whatever its form (merge.md 3.2): "0.0.0.0:8080:80/tcp". lower: lower-case the protocol (short form). */
struct cm_entry_key cm_port_key(struct cm_arena *a, struct cm_str host_ip, struct cm_str published, struct cm_str target,
	struct cm_str protocol, bool lower);
struct cm_entry_key cm_port_short_key(struct cm_arena *a, struct cm_str text);
/* The cleaned target of a short volume (path.Clean); CM_OPAQUE where the target holds a variable or the whole text is one. */
struct cm_entry_key cm_volume_short_key(struct cm_arena *a, struct cm_str text);
struct cm_entry_key cm_device_short_key(struct cm_arena *a, struct cm_str text);
/* Text before the first =; CM_OPAQUE where a variable stands before it, or stands where no = follows. */
struct cm_entry_key cm_before_equals_key(struct cm_str text);

/* A cleaned slash path, as Go's path.Clean: "/x//y/../" -> "/x", "" -> ".". */
struct cm_str cm_path_clean(struct cm_arena *a, struct cm_str path);
/* base and rel joined and cleaned. */
struct cm_str cm_path_join(struct cm_arena *a, struct cm_str base, struct cm_str rel);

/* The end of the variable reference that starts at s.p[at] == '$' (one past it; at + 1 where it is a lone $, at + 2 for $$). config.md 2.2 */
size_t cm_var_end(struct cm_str s, size_t at);
/* Could the two texts be equal under some values of their variables? Same text: yes. */
bool cm_may_equal(struct cm_str a, struct cm_str b);

#endif
