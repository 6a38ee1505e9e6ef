/* SPDX-License-Identifier: MIT */
#ifndef CM_SPEC_NAMES_H
#define CM_SPEC_NAMES_H

/*
 * Members that the short syntaxes and the special merge rules must name, and the few values they write. Rules ask the attribute
 * table for everything else; no other room spells a name of Compose.
 */

#define CM_NAME_BIND "bind"
#define CM_NAME_CONDITION "condition"
#define CM_NAME_CONTEXT "context"
#define CM_NAME_COUNT "count"
#define CM_NAME_CRON "cron"
#define CM_NAME_DRIVER "driver"
#define CM_NAME_DRIVER_OPTS "driver_opts"
#define CM_NAME_ENV_FILE "env_file"
#define CM_NAME_FILE "file"
#define CM_NAME_HOST_IP "host_ip"
#define CM_NAME_MODE "mode"
#define CM_NAME_O "o"
#define CM_NAME_PATH "path"
#define CM_NAME_PERMISSIONS "permissions"
#define CM_NAME_PROJECT_DIRECTORY "project_directory"
#define CM_NAME_PROTOCOL "protocol"
#define CM_NAME_PUBLISHED "published"
#define CM_NAME_REQUIRED "required"
#define CM_NAME_SERVICE "service"
#define CM_NAME_SOURCE "source"
#define CM_NAME_SUBNET "subnet"
#define CM_NAME_TARGET "target"
#define CM_NAME_TYPE "type"
#define CM_NAME_VOLUME "volume"

#define CM_VALUE_STARTED "service_started"
#define CM_VALUE_INGRESS "ingress"
#define CM_VALUE_TCP "tcp"
#define CM_VALUE_RWM "rwm"
#define CM_VALUE_LOCAL "local"

#endif
