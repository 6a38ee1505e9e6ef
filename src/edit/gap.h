/* SPDX-License-Identifier: MIT */
#ifndef CM_EDIT_GAP_H
#define CM_EDIT_GAP_H

/*
 * What stands between nodes: indicators, comments, blank lines. Found again from the bytes, because
 * between two spans there is nothing else (spec/libyaml.md 4).
 *
 *     image: x   # trailing of x
 *
 *     # leading of ports          <- a block of own-line comments that touches the next entry at
 * its column ports: [] # foot of ports           <- deeper than what follows: goes with the entry
 * above
 */

#include "../yaml/load.h"

/* The first byte at or behind at that is neither blank, break nor comment. */
size_t cm_skip_gap(struct cm_str s, size_t at);
/* Where entry i of a block or flow mapping starts: its key's first property, or its "?". */
size_t cm_entry_start(const struct cm_source *src, const struct cm_node *map, uint32_t i);
/* Where item i of a block sequence has its dash. */
size_t cm_dash(const struct cm_source *src, const struct cm_node *seq, uint32_t i);
/* Behind the colon of a pair, or SIZE_MAX where it has none. */
size_t cm_behind_colon(const struct cm_source *src, const struct cm_pair *pair);
/* The start of the line of the first comment that leads the entry at `at`; the entry's own line
 * start without one. */
size_t cm_leading(const struct cm_source *src, size_t at);
/* The trailing comment behind a value that ends at `at`, blanks before it included; empty: none. */
struct cm_str cm_trailing(const struct cm_source *src, size_t at);
/* Behind the foot comments (column >= column) that follow the line of `at`: the start of the line
 * where new text of that collection goes; at the end of a file without a final break, the end. */
size_t cm_behind_feet(const struct cm_source *src, size_t at, size_t column);
/* True when only blanks stand before at on its line. */
bool cm_begins_line(const struct cm_source *src, size_t at);
/* True when the line before the one holding at is blank. */
bool cm_blank_above(const struct cm_source *src, size_t at);
/* Behind the last property of a node: its tag and anchor end here. */
size_t cm_props_end(const struct cm_source *src, const struct cm_node *n);
/* Does a comment stand in [from, to), outside scalars of the node n that covers it? */
bool cm_has_comment(const struct cm_source *src, const struct cm_node *n);

#endif
