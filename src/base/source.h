/* SPDX-License-Identifier: MIT */
#ifndef CM_BASE_SOURCE_H
#define CM_BASE_SOURCE_H

/*
 * The bytes of one input file, and places in them.
 *
 * Every place is a byte offset; line and column are found from it when a message needs them. text is UTF-8:
 * a UTF-16 file is transcoded by the loader, raw keeps the original bytes for an output without edits.
 * Line breaks are what YAML 1.1 calls so and libyaml follows: CR LF, CR, LF, NEL, LS, PS (spec: YAML 1.1, 4.1.4).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct cm_source {
	const char *name;    /* as the user wrote it: "-" for standard input */
	struct cm_str text;  /* NUL behind the last byte */
	struct cm_str raw;   /* text, unless transcoded */
	uint32_t id;         /* index in the project's table; 0 is "no file" */
	bool has_bom;        /* text begins with EF BB BF */
	const char *eol;     /* "\n" or "\r\n" or "\r": the habit of the first line */
	uint32_t *lines;     /* offset of each line's first byte, found on first use */
	uint32_t line_count;
	uint32_t *points;    /* characters before every 1024th byte, found when a long line needs them */
};

/* A range of bytes [start, end) of a source. source 0 means "no place". */
struct cm_span {
	uint32_t source;
	uint32_t start, end;
};

/* 1-based line; 1-based column in characters (code points), a leading BOM not counted. */
struct cm_place {
	uint32_t line, column;
};

/* Bytes of the line break at p[i], 0 when there is none. */
size_t cm_break_length(struct cm_str s, size_t i);
/* The offset of the first byte of the line that holds offset at. */
size_t cm_line_start(struct cm_str s, size_t at);
/* The offset of the break (or end of text) that ends the line holding at. */
size_t cm_line_end(struct cm_str s, size_t at);
/* The first byte of the next line, or s.n. */
size_t cm_next_line(struct cm_str s, size_t at);
/* Column in bytes, from 0, BOM not counted. */
size_t cm_column(const struct cm_source *src, size_t at);

/*
 * The line and column of a byte, from tables made in a on first use. Behind the final line break it is the end of
 * the last line. *line_start (may be NULL) becomes the line's first byte, behind a BOM.
 */
struct cm_place cm_place_at(struct cm_arena *a, struct cm_source *src, size_t at, size_t *line_start);

#endif
