/* SPDX-License-Identifier: MIT */
#ifndef CM_BASE_LIMITS_H
#define CM_BASE_LIMITS_H

/*
 * Named limits against hostile input. Each row: field, option that raises it, default, what it counts.
 * The option table, the manual and the tests read limits.def.
 */

#include <stdint.h>

struct cm_limits {
#define CM_LIMIT(field, option, value, help) uint64_t field;
#include "limits.def"
#undef CM_LIMIT
};

extern const struct cm_limits cm_default_limits;

#endif
