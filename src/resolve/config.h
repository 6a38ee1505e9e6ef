/* SPDX-License-Identifier: MIT */
#ifndef CM_RESOLVE_CONFIG_H
#define CM_RESOLVE_CONFIG_H

/* The public struct cm_config_request over the passes: which list or model is asked for, and its text. */

#include "resolve.h"

/* False: reported. */
bool cm_config_text(struct cm_project *p, const struct cm_config_request *q, struct cm_buf *out);

#endif
