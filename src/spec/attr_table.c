/* SPDX-License-Identifier: MIT */

/*
 * The table of attributes: what a Compose file may hold, and what is special about each.
 *
 * Blocks stand before the rows that use them, so the file is read from the bottom: cm_top, then what it
 * names. To add an attribute, add a row to its block at its place in the alphabet; tests/unit/test_spec.c
 * checks order and reach. A field left out says: nothing special.
 *
 *   service, job -> workload -> container <- init_hook (pre_start)
 *
 * What holds for services only, and not below list items: see attr.h.
 */

#include "attr.h"

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

/* The block of id##_rows. */
#define BLOCK(id, label, ...) \
	static const struct cm_block id##_block = { \
		.name = label, .rows = id##_rows, .count = COUNT(id##_rows), __VA_ARGS__ \
	}

/* A mapping whose keys the user chooses; the values are of row value. */
#define MAP_OF(id, label, value) \
	static const struct cm_block id##_block = {.name = label, .any = &value}

/* Of the keys that name services, networks ... */
#define NAME_PATTERN "^[a-zA-Z0-9._-]+$"

#define PULL_PATTERN \
	"^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$"

/* --- values, lists and maps of many attributes --- */

static const struct cm_attr string_item =
	{.name = "[]", .types = CM_T_STRING, .help = "One entry."};

static const struct cm_attr name_item =
	{.name = "[]", .types = CM_T_STRING,
	 .help = "A name; stands for its entry in the mapping form."};

static const struct cm_attr key_value_item =
	{.name = "[]", .types = CM_T_STRING, .help = "KEY=VALUE, or KEY alone."};

static const struct cm_attr any_value =
	{.name = "*", .help = "Anything: Compose passes it on."};

static const struct cm_attr scalar_value =
	{.name = "*", .types = CM_T_STRING | CM_T_NUMBER | CM_T_BOOL | CM_T_NULL,
	 .help = "The value of the key."};

MAP_OF(key_values, "key-values", scalar_value);

static const struct cm_attr text_value =
	{.name = "*", .types = CM_T_STRING, .help = "The value of the key."};

MAP_OF(texts, "texts", text_value);

static const struct cm_attr option_value =
	{.name = "*", .types = CM_T_STRING | CM_T_NUMBER, .canonical = "string",
	 .help = "The value of the option."};

MAP_OF(driver_options, "driver options", option_value);

/* --- parts of containers --- */

static const struct cm_attr throttle_rows[] = {
	{.name = "path", .types = CM_T_STRING, .emit = 1, .keep_empty = "always",
	 .help = "The device to hold back."},
	{.name = "rate", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_BYTES,
	 .canonical = "bytes", .emit = 2, .keep_empty = "always",
	 .help = "How much a second: bytes or operations."},
};

BLOCK(throttle, "throttle", .extensions = false);

static const struct cm_attr throttle_item =
	{.name = "[]", .block = &throttle_block, .types = CM_T_MAP,
	 .help = "A device and its limit."};

static const struct cm_attr weight_device_rows[] = {
	{.name = "path", .types = CM_T_STRING, .emit = 1, .keep_empty = "always",
	 .help = "The device."},
	{.name = "weight", .types = CM_T_INT | CM_T_STRING, .canonical = "integer", .emit = 2,
	 .keep_empty = "always", .help = "Its share, from 10 to 1000."},
};

BLOCK(weight_device, "weight of a device", .extensions = false);

static const struct cm_attr weight_device_item =
	{.name = "[]", .block = &weight_device_block, .types = CM_T_MAP,
	 .help = "A device and its share."};

static const struct cm_attr blkio_rows[] = {
	{.name = "device_read_bps", .item = &throttle_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 3, .help = "Most bytes a second to read from a device."},
	{.name = "device_read_iops", .item = &throttle_item, .types = CM_T_LIST,
	 .unordered = true, .emit = 4, .help = "Most reads a second from a device."},
	{.name = "device_write_bps", .item = &throttle_item, .types = CM_T_LIST,
	 .unordered = true, .emit = 5, .help = "Most bytes a second to write to a device."},
	{.name = "device_write_iops", .item = &throttle_item, .types = CM_T_LIST,
	 .unordered = true, .emit = 6, .help = "Most writes a second to a device."},
	{.name = "weight", .types = CM_T_INT | CM_T_STRING, .canonical = "integer", .emit = 1,
	 .help = "Share of block I/O among containers, from 10 to 1000."},
	{.name = "weight_device", .item = &weight_device_item, .types = CM_T_LIST,
	 .unordered = true, .emit = 2, .help = "Shares for single devices."},
};

BLOCK(blkio, "block I/O", .extensions = false);

static const struct cm_attr file_mount_rows[] = {
	{.name = "gid", .types = CM_T_STRING, .emit = 4,
	 .help = "Group that owns the mounted file."},
	{.name = "mode", .types = CM_T_NUMBER | CM_T_STRING, .canonical = "octal", .emit = 5,
	 .keep_empty = "zero", .help = "Permissions of the mounted file, octal."},
	{.name = "source", .types = CM_T_STRING, .emit = 1,
	 .help = "Name of the config or secret at the top level."},
	{.name = "target", .types = CM_T_STRING, .emit = 2,
	 .help = "Where the file appears in the container."},
	{.name = "uid", .types = CM_T_STRING, .emit = 3,
	 .help = "User that owns the mounted file."},
};

BLOCK(file_mount, "mounted file", .extensions = true);

static const struct cm_attr config_item =
	{.name = "[]", .block = &file_mount_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_SOURCE, .canonical = "map",
	 .help = "A config by name, or with its place in the container."};

static const struct cm_attr secret_mount_rows[] = {
	{.name = "target", .types = CM_T_STRING, .fallback = "/run/secrets/SOURCE", .emit = 2,
	 .help = "File in the container; a bare name lies in /run/secrets."},
};

BLOCK(secret_mount, "mounted secret", .base = &file_mount_block, .extensions = true);

static const struct cm_attr secret_item =
	{.name = "[]", .block = &secret_mount_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_SOURCE, .canonical = "map",
	 .help = "A secret by name, or with its place in the container."};

static const struct cm_attr build_secret_item =
	{.name = "[]", .block = &file_mount_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_SOURCE, .canonical = "map",
	 .help = "A secret by name, or with its place during the build."};

static const struct cm_attr credential_spec_rows[] = {
	{.name = "config", .types = CM_T_STRING, .emit = 1,
	 .help = "Name of a config that holds the credential spec."},
	{.name = "file", .types = CM_T_STRING, .emit = 2,
	 .help = "File that holds the credential spec."},
	{.name = "registry", .types = CM_T_STRING, .emit = 3,
	 .help = "Windows registry value that holds the credential spec."},
};

BLOCK(credential_spec, "credential spec", .extensions = true);

static const struct cm_attr device_rows[] = {
	{.name = "permissions", .types = CM_T_STRING, .fallback = "rwm", .emit = 3,
	 .help = "Any of r, w and m (make nodes)."},
	{.name = "source", .types = CM_T_STRING, .required = true, .emit = 1,
	 .help = "The device on the host."},
	{.name = "target", .types = CM_T_STRING, .fallback = "SOURCE", .emit = 2,
	 .help = "The device in the container."},
};

BLOCK(device, "device", .extensions = true);

static const struct cm_attr device_item =
	{.name = "[]", .block = &device_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_DEVICE, .canonical = "map",
	 .help = "HOST[:CONTAINER[:PERMISSIONS]], or its parts."};

static const struct cm_attr env_file_rows[] = {
	{.name = "format", .types = CM_T_STRING, .emit = 3,
	 .help = "How the file is written: empty for the usual syntax, or raw."},
	{.name = "path", .types = CM_T_STRING, .path = CM_PATH_ENV_FILE, .required = true,
	 .emit = 1, .help = "The file, from the project directory."},
	{.name = "required", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .fallback = "true", .emit = 2, .keep_empty = "false",
	 .help = "Whether a missing file is an error."},
};

BLOCK(env_file, "env file", .extensions = false);

static const struct cm_attr env_file_item =
	{.name = "[]", .block = &env_file_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_ENV_FILE, .path = CM_PATH_ENV_FILE, .canonical = "map",
	 .help = "A file, or its path and whether it must exist."};

static const struct cm_attr host_address_item =
	{.name = "[]", .types = CM_T_STRING, .help = "One address of the host."};

static const struct cm_attr host_value =
	{.name = "*", .item = &host_address_item, .types = CM_T_STRING | CM_T_LIST,
	 .help = "Address or addresses of the host."};

MAP_OF(hosts, "hosts", host_value);

static const struct cm_attr host_item =
	{.name = "[]", .types = CM_T_STRING, .help = "HOST=ADDRESS or HOST:ADDRESS."};

static const struct cm_attr device_request_rows[] = {
	{.name = "count", .types = CM_T_STRING | CM_T_INT, .fallback = "-1",
	 .canonical = "integer", .emit = 3, .help = "How many devices, or all."},
	{.name = "driver", .types = CM_T_STRING, .emit = 2,
	 .help = "Driver that provides the devices."},
};

BLOCK(device_request, "device request", .extensions = true);

static const struct cm_attr gpu_rows[] = {
	{.name = "capabilities", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .emit = 1, .help = "What the devices must be able to do."},
	{.name = "device_ids", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .emit = 4, .help = "The devices by their ids."},
	{.name = "options", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 5,
	 .help = "Options of the driver."},
};

BLOCK(gpu, "gpu", .base = &device_request_block, .any = &any_value, .extensions = true);

static const struct cm_attr gpu_item =
	{.name = "[]", .block = &gpu_block, .types = CM_T_MAP, .help = "A request for GPUs."};

static const struct cm_attr label_file_item =
	{.name = "[]", .types = CM_T_STRING, .path = CM_PATH_PLAIN,
	 .help = "A file of labels, from the project directory."};

static const struct cm_attr logging_value =
	{.name = "*", .types = CM_T_STRING | CM_T_NUMBER | CM_T_NULL, .canonical = "string",
	 .help = "The value of the option."};

MAP_OF(logging_options, "logging options", logging_value);

static const struct cm_attr logging_rows[] = {
	{.name = "driver", .types = CM_T_STRING, .emit = 1, .help = "The logging driver."},
	{.name = "options", .block = &logging_options_block, .types = CM_T_MAP, .emit = 2,
	 .help = "Options of the driver."},
};

BLOCK(logging, "logging", .extensions = true);

static const struct cm_attr model_use_rows[] = {
	{.name = "endpoint_var", .types = CM_T_STRING, .emit = 1,
	 .help = "Environment variable that receives the address of the model."},
	{.name = "model_var", .types = CM_T_STRING, .emit = 2,
	 .help = "Environment variable that receives the name of the model."},
};

BLOCK(model_use, "model of a service", .extensions = true);

static const struct cm_attr model_use_any =
	{.name = "*", .block = &model_use_block, .types = CM_T_MAP | CM_T_NULL,
	 .pattern = NAME_PATTERN, .keep_empty = "null {}",
	 .help = "One model the container uses."};

MAP_OF(model_uses, "models of a service", model_use_any);

static const struct cm_attr attachment_rows[] = {
	{.name = "aliases", .item = &string_item, .types = CM_T_LIST,
	 .identity = CM_ID_BEFORE_EQUALS, .unique = true, .unordered = true, .emit = 1,
	 .help = "More host names on this network."},
	{.name = "driver_opts", .block = &driver_options_block, .types = CM_T_MAP, .emit = 2,
	 .help = "Options of the network driver for this container."},
	{.name = "gw_priority", .types = CM_T_NUMBER, .canonical = "integer", .emit = 3,
	 .help = "The network with the highest value gives the default gateway."},
	{.name = "interface_name", .types = CM_T_STRING, .emit = 4,
	 .help = "Name of the network interface in the container."},
	{.name = "ipv4_address", .types = CM_T_STRING, .emit = 5, .help = "Fixed IPv4 address."},
	{.name = "ipv6_address", .types = CM_T_STRING, .emit = 6, .help = "Fixed IPv6 address."},
	{.name = "link_local_ips", .item = &string_item, .types = CM_T_LIST,
	 .identity = CM_ID_BEFORE_EQUALS, .unique = true, .unordered = true, .emit = 7,
	 .help = "Link-local addresses."},
	{.name = "mac_address", .types = CM_T_STRING, .emit = 8,
	 .help = "Fixed hardware address on this network."},
	{.name = "priority", .types = CM_T_NUMBER, .canonical = "integer", .emit = 9,
	 .help = "Networks are joined from the highest value down."},
};

BLOCK(attachment, "network of a service", .extensions = true);

static const struct cm_attr attachment_any =
	{.name = "*", .block = &attachment_block, .types = CM_T_MAP | CM_T_NULL,
	 .pattern = NAME_PATTERN, .canonical = "map or null", .keep_empty = "null {}",
	 .help = "One network the container joins; may be empty."};

MAP_OF(attachments, "networks of a service", attachment_any);

static const struct cm_attr ulimit_rows[] = {
	{.name = "hard", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT, .required = true,
	 .emit = 2, .help = "The limit that cannot be raised."},
	{.name = "soft", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT, .required = true,
	 .emit = 1, .help = "The limit in force."},
};

BLOCK(ulimit, "ulimit", .extensions = true);

static const struct cm_attr ulimit_any =
	{.name = "*", .block = &ulimit_block, .types = CM_T_INT | CM_T_STRING | CM_T_MAP,
	 .merge = CM_MERGE_ULIMIT, .short_form = CM_SHORT_ULIMIT, .cast = CM_CAST_INT,
	 .pattern = "^[a-z]+$", .canonical = "integer or map",
	 .help = "One limit: a number for both, or soft and hard."};

MAP_OF(ulimits, "ulimits", ulimit_any);

static const struct cm_attr build_ulimit_rows[] = {
	{.name = "hard", .types = CM_T_INT | CM_T_STRING, .required = true, .emit = 2,
	 .help = "The limit that cannot be raised."},
	{.name = "soft", .types = CM_T_INT | CM_T_STRING, .required = true, .emit = 1,
	 .help = "The limit in force."},
};

BLOCK(build_ulimit, "ulimit", .extensions = true);

static const struct cm_attr build_ulimit_any =
	{.name = "*", .block = &build_ulimit_block, .types = CM_T_INT | CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_ULIMIT, .pattern = "^[a-z]+$", .canonical = "integer or map",
	 .help = "One limit: a number for both, or soft and hard."};

MAP_OF(build_ulimits, "ulimits", build_ulimit_any);

static const struct cm_attr bind_options_rows[] = {
	{.name = "create_host_path", .types = CM_T_BOOL | CM_T_STRING,
	 .cast = CM_CAST_BOOL_AT_DECODE, .fallback = "true", .emit = 3, .keep_empty = "false",
	 .help = "Make the directory on the host where it is missing."},
	{.name = "propagation", .types = CM_T_STRING, .emit = 2,
	 .help = "How mounts spread: rprivate, rshared ..."},
	{.name = "recursive", .types = CM_T_STRING,
	 .choices = "enabled|disabled|writable|readonly", .emit = 4,
	 .help = "What happens to mounts below the source."},
	{.name = "selinux", .types = CM_T_STRING, .choices = "z|Z", .emit = 1,
	 .help = "SELinux label: z shared, Z private."},
};

BLOCK(bind_options, "bind options", .extensions = true);

static const struct cm_attr image_options_rows[] = {
	{.name = "subpath", .types = CM_T_STRING, .emit = 1,
	 .help = "Path inside the image to mount."},
};

BLOCK(image_options, "image mount options", .extensions = true);

static const struct cm_attr tmpfs_options_rows[] = {
	{.name = "mode", .types = CM_T_NUMBER | CM_T_STRING, .canonical = "integer", .emit = 2,
	 .help = "Permissions of the mounted directory."},
	{.name = "size", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_BYTES, .minimum = "0",
	 .canonical = "bytes", .emit = 1, .help = "Most bytes it may hold."},
};

BLOCK(tmpfs_options, "tmpfs options", .extensions = true);

static const struct cm_attr volume_options_rows[] = {
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 1,
	 .help = "Labels of the volume."},
	{.name = "nocopy", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 2,
	 .help = "Do not copy what the image has at the target."},
	{.name = "subpath", .types = CM_T_STRING, .emit = 3,
	 .help = "Path inside the volume to mount."},
};

BLOCK(volume_options, "volume mount options", .extensions = true);

static const struct cm_attr volume_mount_rows[] = {
	{.name = "bind", .block = &bind_options_block, .types = CM_T_MAP, .emit = 6,
	 .keep_empty = "{}", .help = "Options of a bind mount."},
	{.name = "consistency", .types = CM_T_STRING, .emit = 5,
	 .help = "Consistency the platform should keep."},
	{.name = "image", .block = &image_options_block, .types = CM_T_MAP, .emit = 9,
	 .keep_empty = "{}", .help = "Options of an image mount."},
	{.name = "read_only", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 4,
	 .help = "Mount it read-only."},
	{.name = "source", .types = CM_T_STRING, .path = CM_PATH_VOLUME, .emit = 2,
	 .help = "Directory on the host, volume or image to mount."},
	{.name = "target", .types = CM_T_STRING, .canonical = "clean path", .emit = 3,
	 .help = "Path in the container."},
	{.name = "tmpfs", .block = &tmpfs_options_block, .types = CM_T_MAP, .emit = 8,
	 .keep_empty = "{}", .help = "Options of a tmpfs mount."},
	{.name = "type", .types = CM_T_STRING, .required = true,
	 .choices = "bind|volume|tmpfs|cluster|npipe|image", .emit = 1,
	 .help = "What is mounted."},
	{.name = "volume", .block = &volume_options_block, .types = CM_T_MAP, .emit = 7,
	 .keep_empty = "{}", .help = "Options of a volume mount."},
};

BLOCK(volume_mount, "volume mount", .extensions = true);

static const struct cm_attr volume_mount_item =
	{.name = "[]", .block = &volume_mount_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_VOLUME, .path = CM_PATH_VOLUME, .canonical = "map",
	 .help = "[SOURCE:]TARGET[:OPTIONS], or its parts."};

/* --- what services, jobs and pre_start hooks share --- */

static const struct cm_attr number_item =
	{.name = "[]", .types = CM_T_STRING | CM_T_NUMBER, .help = "One entry; a number will do."};

static const struct cm_attr container_rows[] = {
	{.name = "annotations", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 14,
	 .help = "Annotations of the container."},
	{.name = "blkio_config", .block = &blkio_block, .types = CM_T_MAP, .emit = 15,
	 .keep_empty = "{}", .help = "Limits on block I/O."},
	{.name = "cap_add", .item = &string_item, .types = CM_T_LIST,
	 .identity = CM_ID_BEFORE_EQUALS, .unique = true, .unordered = true, .emit = 16,
	 .help = "Kernel capabilities to add."},
	{.name = "cap_drop", .item = &string_item, .types = CM_T_LIST,
	 .identity = CM_ID_BEFORE_EQUALS, .unique = true, .unordered = true, .emit = 17,
	 .help = "Kernel capabilities to take away."},
	{.name = "cgroup", .types = CM_T_STRING, .choices = "host|private", .emit = 19,
	 .help = "Control group namespace: of the host, or its own."},
	{.name = "cgroup_parent", .types = CM_T_STRING, .emit = 18,
	 .help = "Control group to run under."},
	{.name = "command", .item = &string_item, .types = CM_T_NULL | CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_REPLACE, .short_form = CM_SHORT_COMMAND,
	 .canonical = "list of strings", .emit = 29, .keep_empty = "[]",
	 .help = "Command that replaces the default of the image."},
	{.name = "configs", .item = &config_item, .types = CM_T_LIST, .identity = CM_ID_CONFIG,
	 .unordered = true, .emit = 30, .help = "Configs the container may read."},
	{.name = "cpu_count", .types = CM_T_STRING | CM_T_INT, .cast = CM_CAST_INT64,
	 .minimum = "0", .canonical = "integer", .emit = 20, .help = "Number of CPUs (Windows)."},
	{.name = "cpu_percent", .types = CM_T_STRING | CM_T_INT, .cast = CM_CAST_FLOAT64,
	 .minimum = "0", .maximum = "100", .canonical = "float32", .emit = 21,
	 .help = "Share of the available CPUs in percent (Windows)."},
	{.name = "cpu_period", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT64,
	 .canonical = "integer", .emit = 22,
	 .help = "Length of a CPU scheduling period in microseconds."},
	{.name = "cpu_quota", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT64,
	 .canonical = "integer", .emit = 23, .help = "CPU time in each period in microseconds."},
	{.name = "cpu_rt_period", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT64,
	 .canonical = "integer", .emit = 24,
	 .help = "Length of a real-time scheduling period in microseconds."},
	{.name = "cpu_rt_runtime", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT64,
	 .canonical = "integer", .emit = 25,
	 .help = "Real-time CPU time in each period in microseconds."},
	{.name = "cpu_shares", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT64,
	 .canonical = "integer", .emit = 28, .help = "CPU weight against other containers."},
	{.name = "cpus", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_FLOAT32,
	 .canonical = "float32", .emit = 26, .help = "Number of CPUs, with fractions."},
	{.name = "cpuset", .types = CM_T_STRING, .emit = 27,
	 .help = "CPUs the container may run on, as 0-3 or 0,1."},
	{.name = "credential_spec", .block = &credential_spec_block, .types = CM_T_MAP,
	 .emit = 31, .keep_empty = "{}", .help = "Windows credentials of the container."},
	{.name = "device_cgroup_rules", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .emit = 32, .help = "Rules of the devices control group."},
	{.name = "devices", .item = &device_item, .types = CM_T_LIST, .identity = CM_ID_DEVICE,
	 .unordered = true, .emit = 33, .help = "Host devices the container may use."},
	{.name = "dns", .listed = true, .item = &string_item, .types = CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_STRINGS, .identity = CM_ID_BEFORE_EQUALS,
	 .short_form = CM_SHORT_ONE_OR_LIST, .unique = true, .canonical = "list", .emit = 34,
	 .help = "Name servers."},
	{.name = "dns_opt", .item = &string_item, .types = CM_T_LIST, .merge = CM_MERGE_STRINGS,
	 .identity = CM_ID_BEFORE_EQUALS, .unique = true, .unordered = true, .emit = 35,
	 .help = "Options of the name resolver."},
	{.name = "dns_search", .item = &string_item, .types = CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_STRINGS, .identity = CM_ID_BEFORE_EQUALS,
	 .short_form = CM_SHORT_ONE_OR_LIST, .unique = true, .canonical = "list", .emit = 36,
	 .help = "Domains in which short names are looked up."},
	{.name = "domainname", .types = CM_T_STRING, .emit = 37,
	 .help = "Domain name of the container."},
	{.name = "entrypoint", .item = &string_item, .types = CM_T_NULL | CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_REPLACE, .short_form = CM_SHORT_COMMAND,
	 .canonical = "list of strings", .emit = 38, .keep_empty = "[]",
	 .help = "Entry point that replaces the one of the image."},
	{.name = "env_file", .item = &env_file_item, .types = CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_STRINGS, .identity = CM_ID_ENV_FILE,
	 .short_form = CM_SHORT_ONE_OR_LIST, .path = CM_PATH_ENV_FILE, .canonical = "list",
	 .emit = 40, .help = "Files that set environment variables; later ones win."},
	{.name = "environment", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true, .looks_up = true,
	 .unordered = true, .canonical = "map of strings or null", .emit = 39,
	 .help = "Environment variables; without a value: taken from the shell."},
	{.name = "extra_hosts", .block = &hosts_block, .list_item = &host_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_HOSTS, .short_form = CM_SHORT_HOSTS,
	 .unique = true, .unordered = true, .canonical = "sorted list", .emit = 41,
	 .help = "Host names and addresses to add to the hosts file."},
	{.name = "gpus", .item = &gpu_item, .types = CM_T_STRING | CM_T_LIST,
	 .short_form = CM_SHORT_GPUS, .choices = "all", .canonical = "list of maps", .emit = 43,
	 .help = "GPUs the container may use."},
	{.name = "group_add", .item = &number_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .canonical = "list of strings", .emit = 42,
	 .help = "More groups of the user in the container."},
	{.name = "hostname", .types = CM_T_STRING, .emit = 44,
	 .help = "Host name of the container."},
	{.name = "image", .types = CM_T_STRING, .emit = 45,
	 .help = "Image the container starts from."},
	{.name = "init", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 46,
	 .keep_empty = "zero",
	 .help = "Run an init process that passes on signals and collects children."},
	{.name = "ipc", .types = CM_T_STRING, .emit = 47,
	 .help = "Namespace for shared memory and semaphores."},
	{.name = "isolation", .types = CM_T_STRING, .emit = 48,
	 .help = "Isolation technology of the platform."},
	{.name = "label_file", .listed = true, .item = &label_file_item, .types = CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_STRINGS, .short_form = CM_SHORT_ONE_OR_LIST, .path = CM_PATH_PLAIN,
	 .canonical = "list", .emit = 50, .help = "Files of labels."},
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 49,
	 .help = "Labels of the container."},
	{.name = "logging", .block = &logging_block, .types = CM_T_MAP, .merge = CM_MERGE_LOGGING,
	 .emit = 51, .keep_empty = "{}", .help = "Where the output goes."},
	{.name = "mac_address", .types = CM_T_STRING, .emit = 56,
	 .help = "Hardware address of the container."},
	{.name = "mem_limit", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_BYTES,
	 .canonical = "bytes", .emit = 52, .help = "Most memory the container may use."},
	{.name = "mem_reservation", .types = CM_T_STRING | CM_T_INT, .cast = CM_CAST_BYTES,
	 .canonical = "bytes", .emit = 53, .help = "Memory kept for the container."},
	{.name = "mem_swappiness", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_BYTES,
	 .canonical = "bytes", .emit = 55, .help = "How readily memory is swapped out, 0 to 100."},
	{.name = "memswap_limit", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_BYTES,
	 .canonical = "bytes", .emit = 54, .help = "Most memory and swap together."},
	{.name = "models", .block = &model_uses_block, .list_item = &name_item,
	 .types = CM_T_LIST | CM_T_MAP, .merge = CM_MERGE_NAMES, .short_form = CM_SHORT_NAMES,
	 .unique = true, .unordered = true, .canonical = "map", .emit = 57,
	 .help = "AI models the container uses."},
	{.name = "network_mode", .types = CM_T_STRING, .emit = 58,
	 .help = "Networking as a whole: none, host, service:NAME ..."},
	{.name = "networks", .block = &attachments_block, .list_item = &name_item,
	 .types = CM_T_LIST | CM_T_MAP, .merge = CM_MERGE_NAMES, .short_form = CM_SHORT_NAMES,
	 .unique = true, .unordered = true, .fallback = "{default: null}", .canonical = "map",
	 .emit = 59, .help = "Networks the container joins."},
	{.name = "oom_kill_disable", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL,
	 .emit = 60, .help = "Do not kill the container when memory runs out."},
	{.name = "oom_score_adj", .types = CM_T_STRING | CM_T_INT, .cast = CM_CAST_INT64,
	 .minimum = "-1000", .maximum = "1000", .canonical = "integer", .emit = 61,
	 .help = "How likely the container is killed when memory runs out."},
	{.name = "pid", .types = CM_T_STRING | CM_T_NULL, .emit = 62,
	 .help = "Process namespace: host, service:NAME ..."},
	{.name = "pids_limit", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT64,
	 .canonical = "integer", .emit = 63, .help = "Most processes; -1 for no limit."},
	{.name = "platform", .types = CM_T_STRING, .emit = 64,
	 .help = "Platform of the image, as linux/arm64."},
	{.name = "privileged", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 65,
	 .help = "Give the container the rights of the host."},
	{.name = "pull_policy", .types = CM_T_STRING,
	 .pattern = PULL_PATTERN,
	 .canonical = "missing for if_not_present", .emit = 66,
	 .help = "When the image is pulled."},
	{.name = "pull_refresh_after", .types = CM_T_STRING, .emit = 67,
	 .help = "After how long an image is pulled again."},
	{.name = "read_only", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 68,
	 .help = "Make the file system of the container read-only."},
	{.name = "runtime", .types = CM_T_STRING, .emit = 69,
	 .help = "Runtime that starts the container."},
	{.name = "secrets", .item = &secret_item, .types = CM_T_LIST, .identity = CM_ID_SECRET,
	 .unordered = true, .emit = 70, .help = "Secrets the container may read."},
	{.name = "security_opt", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .emit = 71, .help = "Options of the security modules."},
	{.name = "shm_size", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_BYTES,
	 .canonical = "bytes", .emit = 72, .help = "Size of /dev/shm."},
	{.name = "stop_grace_period", .types = CM_T_STRING, .cast = CM_CAST_DURATION,
	 .canonical = "duration", .emit = 73, .keep_empty = "zero",
	 .help = "Time between the stop signal and the kill."},
	{.name = "stop_signal", .types = CM_T_STRING, .emit = 74,
	 .help = "Signal that stops the container."},
	{.name = "storage_opt", .types = CM_T_MAP, .canonical = "map of strings", .emit = 75,
	 .help = "Options of the storage driver."},
	{.name = "sysctls", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 76,
	 .help = "Kernel parameters."},
	{.name = "tmpfs", .item = &string_item, .types = CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_STRINGS, .identity = CM_ID_BEFORE_EQUALS,
	 .short_form = CM_SHORT_ONE_OR_LIST, .unique = true, .unordered = true,
	 .canonical = "list", .emit = 77, .help = "Directories kept in memory."},
	{.name = "ulimits", .block = &ulimits_block, .types = CM_T_MAP, .emit = 78,
	 .help = "Limits of the processes."},
	{.name = "use_api_socket", .types = CM_T_BOOL, .emit = 79,
	 .help = "Let the container use the engine of the host."},
	{.name = "user", .types = CM_T_STRING, .emit = 80, .help = "User the process runs as."},
	{.name = "userns_mode", .types = CM_T_STRING, .emit = 81, .help = "User namespace."},
	{.name = "uts", .types = CM_T_STRING, .emit = 82, .help = "Host name namespace."},
	{.name = "volumes", .item = &volume_mount_item, .types = CM_T_LIST,
	 .identity = CM_ID_VOLUME, .unique = true, .unordered = true, .emit = 83,
	 .help = "Directories, volumes and images mounted into the container."},
	{.name = "volumes_from", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .emit = 84, .help = "Containers whose volumes are mounted too."},
	{.name = "working_dir", .types = CM_T_STRING, .emit = 85,
	 .help = "Directory the command starts in."},
};

BLOCK(container, "container", .extensions = true);

/* --- build --- */

static const struct cm_attr context_value =
	{.name = "*", .types = CM_T_STRING | CM_T_NUMBER | CM_T_BOOL | CM_T_NULL,
	 .path = CM_PATH_CONTEXT, .help = "Directory, URL, image or service the name stands for."};

MAP_OF(contexts, "build contexts", context_value);

static const struct cm_attr context_item =
	{.name = "[]", .types = CM_T_STRING, .path = CM_PATH_CONTEXT, .help = "NAME=VALUE."};

static const struct cm_attr ssh_value =
	{.name = "*", .types = CM_T_STRING | CM_T_NUMBER | CM_T_BOOL | CM_T_NULL,
	 .path = CM_PATH_SSH, .help = "Key file or agent socket."};

MAP_OF(ssh, "ssh keys", ssh_value);

static const struct cm_attr ssh_item =
	{.name = "[]", .types = CM_T_STRING, .path = CM_PATH_SSH, .help = "ID=PATH, or default."};

static const struct cm_attr build_rows[] = {
	{.name = "additional_contexts", .block = &contexts_block, .list_item = &context_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_CONTEXTS, .unique = true,
	 .unordered = true, .canonical = "map", .emit = 14,
	 .help = "Named contexts a Dockerfile may copy from."},
	{.name = "args", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings or null", .emit = 5,
	 .help = "Build arguments; without a value: taken from the shell."},
	{.name = "cache_from", .item = &string_item, .types = CM_T_LIST, .emit = 10,
	 .help = "Where cached layers are read, best first."},
	{.name = "cache_to", .item = &string_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 11, .help = "Where the cache is written."},
	{.name = "context", .types = CM_T_STRING, .path = CM_PATH_CONTEXT, .fallback = ".",
	 .emit = 1, .help = "Directory or URL to build from."},
	{.name = "dockerfile", .types = CM_T_STRING, .fallback = "Dockerfile", .emit = 2,
	 .help = "Dockerfile, from the context."},
	{.name = "dockerfile_inline", .types = CM_T_STRING, .emit = 3,
	 .help = "The Dockerfile itself."},
	{.name = "entitlements", .item = &string_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 4, .help = "Extra rights of the build."},
	{.name = "extra_hosts", .block = &hosts_block, .list_item = &host_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_HOSTS, .short_form = CM_SHORT_HOSTS,
	 .unique = true, .unordered = true, .canonical = "sorted list", .emit = 16,
	 .help = "Host names known during the build."},
	{.name = "isolation", .types = CM_T_STRING, .emit = 17,
	 .help = "Isolation technology of the build."},
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 9,
	 .help = "Labels of the image."},
	{.name = "network", .types = CM_T_STRING, .emit = 18,
	 .help = "Network of the build steps."},
	{.name = "no_cache", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .emit = 12, .help = "Do not use the cache."},
	{.name = "no_cache_filter", .item = &string_item, .types = CM_T_STRING | CM_T_LIST,
	 .short_form = CM_SHORT_ONE_OR_LIST, .unique = true, .unordered = true,
	 .canonical = "list", .emit = 13, .help = "Stages that do not use the cache."},
	{.name = "platforms", .item = &string_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 24, .help = "Platforms to build for."},
	{.name = "privileged", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .emit = 25, .help = "Give the build the rights of the host."},
	{.name = "provenance", .types = CM_T_STRING | CM_T_BOOL, .canonical = "string", .emit = 6,
	 .help = "Provenance statement to add."},
	{.name = "pull", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .emit = 15, .help = "Always look for newer base images."},
	{.name = "sbom", .types = CM_T_STRING | CM_T_BOOL, .canonical = "string", .emit = 7,
	 .help = "Bill of materials to add."},
	{.name = "secrets", .item = &build_secret_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 20, .help = "Secrets the build may read."},
	{.name = "shm_size", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_BYTES,
	 .canonical = "bytes", .emit = 21, .help = "Size of /dev/shm during the build."},
	{.name = "ssh", .block = &ssh_block, .list_item = &ssh_item,
	 .types = CM_T_MAP | CM_T_LIST, .short_form = CM_SHORT_SSH, .unique = true,
	 .unordered = true, .canonical = "sorted list", .emit = 8,
	 .help = "SSH keys and agents the build may use."},
	{.name = "tags", .item = &string_item, .types = CM_T_LIST,
	 .identity = CM_ID_BEFORE_EQUALS, .unordered = true, .emit = 22,
	 .help = "More tags of the image."},
	{.name = "target", .types = CM_T_STRING, .emit = 19, .help = "Stage to build."},
	{.name = "ulimits", .block = &build_ulimits_block, .types = CM_T_MAP, .emit = 23,
	 .help = "Limits of the processes of the build."},
};

BLOCK(build, "build", .extensions = true);

/* --- what services and jobs share --- */

static const struct cm_attr dependency_rows[] = {
	{.name = "condition", .types = CM_T_STRING, .required = true,
	 .choices = "service_started|service_healthy|service_completed_successfully",
	 .fallback = "service_started", .emit = 1, .help = "What to wait for."},
	{.name = "required", .types = CM_T_BOOL, .cast = CM_CAST_BOOL, .fallback = "true",
	 .emit = 3, .keep_empty = "always", .help = "Whether a missing service is an error."},
	{.name = "restart", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL,
	 .fallback = "false", .emit = 2,
	 .help = "Restart this service after the other was changed."},
};

BLOCK(dependency, "dependency", .extensions = true);

static const struct cm_attr dependency_any =
	{.name = "*", .block = &dependency_block, .types = CM_T_MAP, .pattern = NAME_PATTERN,
	 .help = "A service that starts first."};

MAP_OF(dependencies, "dependencies", dependency_any);

static const struct cm_attr healthcheck_rows[] = {
	{.name = "disable", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 7,
	 .help = "Switch off the check of the image."},
	{.name = "interval", .types = CM_T_STRING, .cast = CM_CAST_DURATION,
	 .canonical = "duration", .emit = 3, .keep_empty = "zero",
	 .help = "Time between two checks."},
	{.name = "retries", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT,
	 .canonical = "integer", .emit = 4, .keep_empty = "zero",
	 .help = "Failures after which the container is unhealthy."},
	{.name = "start_interval", .types = CM_T_STRING, .cast = CM_CAST_DURATION,
	 .canonical = "duration", .emit = 6, .keep_empty = "zero",
	 .help = "Time between checks while starting."},
	{.name = "start_period", .types = CM_T_STRING, .cast = CM_CAST_DURATION,
	 .canonical = "duration", .emit = 5, .keep_empty = "zero",
	 .help = "Time to start in, when failures do not count."},
	{.name = "test", .item = &string_item, .types = CM_T_STRING | CM_T_LIST,
	 .merge = CM_MERGE_TEST, .short_form = CM_SHORT_TEST, .canonical = "list", .emit = 1,
	 .help = "Command that tells the health."},
	{.name = "timeout", .types = CM_T_STRING, .cast = CM_CAST_DURATION,
	 .canonical = "duration", .emit = 2, .keep_empty = "zero",
	 .help = "Time after which a check has failed."},
};

BLOCK(healthcheck, "healthcheck", .extensions = true);

static const struct cm_attr port_rows[] = {
	{.name = "app_protocol", .types = CM_T_STRING, .emit = 7,
	 .help = "Protocol spoken on the port, as http."},
	{.name = "host_ip", .types = CM_T_STRING, .emit = 3,
	 .help = "Address of the host to listen on."},
	{.name = "mode", .types = CM_T_STRING, .fallback = "ingress", .emit = 2,
	 .help = "host, or ingress for load balancing."},
	{.name = "name", .types = CM_T_STRING, .emit = 1, .help = "A name for people to read."},
	{.name = "protocol", .types = CM_T_STRING, .fallback = "tcp", .emit = 6,
	 .help = "tcp, udp or sctp."},
	{.name = "published", .types = CM_T_STRING | CM_T_INT, .canonical = "string", .emit = 5,
	 .help = "Port or range of the host."},
	{.name = "target", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT,
	 .canonical = "integer", .emit = 4, .help = "Port of the container."},
};

BLOCK(port, "port", .extensions = true);

static const struct cm_attr port_item =
	{.name = "[]", .block = &port_block, .types = CM_T_NUMBER | CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_PORT, .canonical = "map",
	 .help = "[[IP:]HOST:]CONTAINER[/PROTOCOL], or its parts."};

static const struct cm_attr workload_rows[] = {
	{.name = "build", .block = &build_block, .types = CM_T_STRING | CM_T_MAP,
	 .merge = CM_MERGE_BUILD, .short_form = CM_SHORT_BUILD, .path = CM_PATH_CONTEXT,
	 .canonical = "map", .emit = 86, .keep_empty = "{}", .help = "How the image is built."},
	{.name = "depends_on", .block = &dependencies_block, .list_item = &name_item,
	 .types = CM_T_LIST | CM_T_MAP, .merge = CM_MERGE_DEPENDS, .short_form = CM_SHORT_DEPENDS,
	 .unique = true, .unordered = true, .canonical = "map", .emit = 87,
	 .help = "What must start before."},
	{.name = "expose", .item = &number_item, .types = CM_T_LIST, .identity = CM_ID_EXPOSE,
	 .unique = true, .unordered = true, .canonical = "list of strings", .emit = 88,
	 .help = "Ports open to other containers only."},
	{.name = "healthcheck", .block = &healthcheck_block, .types = CM_T_MAP, .emit = 89,
	 .keep_empty = "{}", .help = "How the health is found out."},
	{.name = "ports", .item = &port_item, .types = CM_T_LIST, .identity = CM_ID_PORT,
	 .unique = true, .unordered = true, .emit = 90, .help = "Ports open to the host."},
	{.name = "profiles", .item = &string_item, .types = CM_T_LIST,
	 .identity = CM_ID_BEFORE_EQUALS, .unique = true, .unordered = true, .emit = 1,
	 .help = "Profiles that switch it on; none: always on."},
	{.name = "stdin_open", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 91,
	 .help = "Keep the standard input open."},
	{.name = "tty", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 92,
	 .help = "Give it a terminal."},
};

BLOCK(workload, "workload", .base = &container_block, .extensions = true);

/* --- jobs --- */

static const struct cm_attr schedule_rows[] = {
	{.name = "concurrency", .types = CM_T_STRING, .choices = "forbid|queue", .emit = 3,
	 .help = "What to do when the last run still goes on."},
	{.name = "cron", .types = CM_T_STRING, .required = true, .emit = 1,
	 .help = "When to run, in five fields."},
	{.name = "missed_fires", .types = CM_T_STRING, .choices = "one|skip", .emit = 4,
	 .help = "What to do about runs that were missed."},
	{.name = "timezone", .types = CM_T_STRING, .emit = 2, .help = "Time zone of the fields."},
};

BLOCK(schedule, "schedule", .extensions = true);

static const struct cm_attr schedule_item =
	{.name = "[]", .block = &schedule_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_CRON, .canonical = "map",
	 .help = "Five cron fields, or its parts."};

static const struct cm_attr triggers_rows[] = {
	{.name = "manual", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .emit = 1, .keep_empty = "zero", .help = "Whether it may be started by hand."},
	{.name = "schedule", .item = &schedule_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 2, .help = "When it starts by itself."},
};

BLOCK(triggers, "triggers", .extensions = true);

static const struct cm_attr job_rows[] = {
	{.name = "triggers", .block = &triggers_block, .types = CM_T_MAP, .required = true,
	 .emit = 13, .help = "What starts the job."},
};

BLOCK(job, "job", .base = &workload_block, .extensions = true);

static const struct cm_attr job_any =
	{.name = "*", .block = &job_block, .types = CM_T_MAP, .pattern = NAME_PATTERN,
	 .help = "One job."};

MAP_OF(jobs, "names of jobs", job_any);

/* --- services --- */

static const struct cm_attr placement_preference_rows[] = {
	{.name = "spread", .types = CM_T_STRING, .emit = 1,
	 .help = "Label over whose values tasks are spread evenly."},
};

BLOCK(placement_preference, "placement preference", .extensions = true);

static const struct cm_attr placement_preference_item =
	{.name = "[]", .block = &placement_preference_block, .types = CM_T_MAP,
	 .help = "One preference, most important first."};

static const struct cm_attr placement_rows[] = {
	{.name = "constraints", .item = &string_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 1, .help = "Conditions a node must meet."},
	{.name = "max_replicas_per_node", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT,
	 .canonical = "integer", .emit = 3, .help = "Most replicas on one node."},
	{.name = "preferences", .item = &placement_preference_item, .types = CM_T_LIST, .emit = 2,
	 .help = "How tasks are spread over the nodes."},
};

BLOCK(placement, "placement", .extensions = true);

static const struct cm_attr generic_resource_spec_rows[] = {
	{.name = "kind", .types = CM_T_STRING, .emit = 1, .keep_empty = "always",
	 .help = "Name of the resource."},
	{.name = "value", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_INT64_AT_DECODE,
	 .emit = 2, .keep_empty = "always", .help = "How many."},
};

BLOCK(generic_resource_spec, "generic resource spec", .extensions = true);

static const struct cm_attr generic_resource_rows[] = {
	{.name = "discrete_resource_spec", .block = &generic_resource_spec_block,
	 .types = CM_T_MAP, .emit = 1, .help = "A resource that is counted."},
};

BLOCK(generic_resource, "generic resource", .extensions = true);

static const struct cm_attr generic_resource_item =
	{.name = "[]", .block = &generic_resource_block, .types = CM_T_MAP,
	 .help = "One resource."};

static const struct cm_attr reserved_device_rows[] = {
	{.name = "capabilities", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .required = true, .emit = 1,
	 .help = "What the devices must be able to do."},
	{.name = "device_ids", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .emit = 5, .help = "The devices by their ids."},
	{.name = "options", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 4,
	 .help = "Options of the driver."},
};

BLOCK(reserved_device, "reserved device", .base = &device_request_block, .extensions = true);

static const struct cm_attr reserved_device_item =
	{.name = "[]", .block = &reserved_device_block, .types = CM_T_MAP,
	 .help = "A request for devices."};

static const struct cm_attr limits_rows[] = {
	{.name = "cpus", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_FLOAT32_AT_DECODE,
	 .canonical = "float32", .emit = 1, .help = "Most CPUs, with fractions."},
	{.name = "memory", .types = CM_T_STRING, .cast = CM_CAST_BYTES, .canonical = "bytes",
	 .emit = 2, .help = "Most memory."},
	{.name = "pids", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT64_AT_DECODE,
	 .emit = 3, .help = "Most processes."},
};

BLOCK(limits, "resource limits", .extensions = true);

static const struct cm_attr reservations_rows[] = {
	{.name = "cpus", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_FLOAT32_AT_DECODE,
	 .canonical = "float32", .emit = 1, .help = "CPUs kept free, with fractions."},
	{.name = "devices", .item = &reserved_device_item, .types = CM_T_LIST, .unordered = true,
	 .emit = 3, .help = "Devices kept free."},
	{.name = "generic_resources", .item = &generic_resource_item, .types = CM_T_LIST,
	 .unordered = true, .emit = 4, .help = "Resources of other kinds."},
	{.name = "memory", .types = CM_T_STRING, .cast = CM_CAST_BYTES, .canonical = "bytes",
	 .emit = 2, .help = "Memory kept free."},
};

BLOCK(reservations, "resource reservations", .extensions = true);

static const struct cm_attr resources_rows[] = {
	{.name = "limits", .block = &limits_block, .types = CM_T_MAP, .emit = 1,
	 .keep_empty = "{}", .help = "What the service may use at most."},
	{.name = "reservations", .block = &reservations_block, .types = CM_T_MAP, .emit = 2,
	 .keep_empty = "{}", .help = "What the service can count on."},
};

BLOCK(resources, "resources", .extensions = true);

static const struct cm_attr restart_policy_rows[] = {
	{.name = "condition", .types = CM_T_STRING, .emit = 1, .help = "none, on-failure or any."},
	{.name = "delay", .types = CM_T_STRING, .cast = CM_CAST_DURATION, .canonical = "duration",
	 .emit = 2, .keep_empty = "zero", .help = "Time between two attempts."},
	{.name = "max_attempts", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT, .emit = 3,
	 .keep_empty = "zero", .help = "Attempts before giving up."},
	{.name = "window", .types = CM_T_STRING, .cast = CM_CAST_DURATION,
	 .canonical = "duration", .emit = 4, .keep_empty = "zero",
	 .help = "Time after which a start has succeeded."},
};

BLOCK(restart_policy, "restart policy", .extensions = true);

static const struct cm_attr update_config_rows[] = {
	{.name = "delay", .types = CM_T_STRING, .cast = CM_CAST_DURATION, .canonical = "duration",
	 .emit = 2, .help = "Time between two groups of containers."},
	{.name = "failure_action", .types = CM_T_STRING, .emit = 3,
	 .help = "What to do when an update fails."},
	{.name = "max_failure_ratio", .types = CM_T_NUMBER | CM_T_STRING, .cast = CM_CAST_FLOAT64,
	 .emit = 5, .help = "Share of failures to put up with."},
	{.name = "monitor", .types = CM_T_STRING, .cast = CM_CAST_DURATION,
	 .canonical = "duration", .emit = 4,
	 .help = "How long a new task is watched for failure."},
	{.name = "order", .types = CM_T_STRING, .choices = "start-first|stop-first", .emit = 6,
	 .help = "Whether the new task starts before the old one stops."},
	{.name = "parallelism", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT, .emit = 1,
	 .keep_empty = "zero", .help = "Containers changed at a time; 0 for all."},
};

BLOCK(update_config, "update config", .extensions = true);

static const struct cm_attr deploy_rows[] = {
	{.name = "endpoint_mode", .types = CM_T_STRING, .emit = 9,
	 .help = "How clients find the service: vip or dnsrr."},
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 3,
	 .help = "Labels of the service, not of its containers."},
	{.name = "mode", .types = CM_T_STRING, .emit = 1, .help = "replicated, global or a job."},
	{.name = "placement", .block = &placement_block, .types = CM_T_MAP, .emit = 8,
	 .keep_empty = "{} in JSON", .help = "Where tasks may run."},
	{.name = "replicas", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT, .emit = 2,
	 .keep_empty = "zero", .help = "Number of containers."},
	{.name = "resources", .block = &resources_block, .types = CM_T_MAP, .emit = 6,
	 .keep_empty = "{} in JSON", .help = "Limits and reservations."},
	{.name = "restart_policy", .block = &restart_policy_block, .types = CM_T_MAP, .emit = 7,
	 .keep_empty = "{}", .help = "When containers are started again."},
	{.name = "rollback_config", .block = &update_config_block, .types = CM_T_MAP, .emit = 5,
	 .keep_empty = "{}", .help = "How a failed update is taken back."},
	{.name = "update_config", .block = &update_config_block, .types = CM_T_MAP, .emit = 4,
	 .keep_empty = "{}", .help = "How the service is updated."},
};

BLOCK(deploy, "deploy", .extensions = true);

static const struct cm_attr hook_rows[] = {
	{.name = "command", .item = &string_item, .types = CM_T_NULL | CM_T_STRING | CM_T_LIST,
	 .short_form = CM_SHORT_COMMAND, .required = true, .canonical = "list of strings",
	 .emit = 1, .help = "The command to run."},
	{.name = "environment", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings or null", .emit = 5,
	 .help = "Environment variables of the command."},
	{.name = "privileged", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .emit = 3, .help = "Give the command the rights of the host."},
	{.name = "user", .types = CM_T_STRING, .emit = 2, .help = "User the command runs as."},
	{.name = "working_dir", .types = CM_T_STRING, .emit = 4,
	 .help = "Directory the command starts in."},
};

BLOCK(hook, "hook", .extensions = true);

static const struct cm_attr hook_item =
	{.name = "[]", .block = &hook_block, .types = CM_T_MAP,
	 .help = "One command run in the container."};

static const struct cm_attr init_hook_rows[] = {
	{.name = "per_replica", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .emit = 93, .help = "Run it for each container, not once."},
};

BLOCK(init_hook, "init hook", .base = &container_block, .extensions = true);

static const struct cm_attr init_hook_item =
	{.name = "[]", .block = &init_hook_block, .types = CM_T_MAP,
	 .canonical = "completed from the service",
	 .help = "One container run before the service."};

static const struct cm_attr watch_rows[] = {
	{.name = "action", .types = CM_T_STRING, .required = true,
	 .choices = "rebuild|sync|restart|sync+restart|sync+exec", .emit = 2,
	 .keep_empty = "always", .help = "What to do when a file changes."},
	{.name = "exec", .block = &hook_block, .types = CM_T_MAP, .emit = 4,
	 .keep_empty = "{} in JSON", .help = "Command to run in the container."},
	{.name = "ignore", .listed = true, .item = &string_item, .types = CM_T_STRING | CM_T_LIST,
	 .short_form = CM_SHORT_ONE_OR_LIST, .unique = true, .canonical = "list", .emit = 6,
	 .help = "Patterns of files not to watch."},
	{.name = "include", .listed = true, .item = &string_item, .types = CM_T_STRING | CM_T_LIST,
	 .short_form = CM_SHORT_ONE_OR_LIST, .unique = true, .canonical = "list", .emit = 5,
	 .help = "Patterns of files to watch."},
	{.name = "initial_sync", .alias = "x-initialSync", .types = CM_T_BOOL, .emit = 7,
	 .help = "Copy all files at the start."},
	{.name = "path", .types = CM_T_STRING, .path = CM_PATH_WATCH, .required = true, .emit = 1,
	 .keep_empty = "always", .help = "Directory or file to watch."},
	{.name = "target", .types = CM_T_STRING, .emit = 3,
	 .help = "Where files are copied to in the container."},
	{.name = "x-initialSync", .types = CM_T_BOOL, .extension_alias = true,
	 .alias = "initial_sync", .help = "Older spelling of initial_sync."},
};

BLOCK(watch, "watch rule", .extensions = true);

static const struct cm_attr watch_item =
	{.name = "[]", .block = &watch_block, .types = CM_T_MAP, .help = "One rule."};

static const struct cm_attr develop_rows[] = {
	{.name = "watch", .item = &watch_item, .types = CM_T_LIST, .emit = 1,
	 .help = "What happens when files change."},
};

BLOCK(develop, "develop", .extensions = true);

static const struct cm_attr extends_rows[] = {
	{.name = "file", .types = CM_T_STRING, .path = CM_PATH_EXTENDS,
	 .help = "File that holds the service; none: this one."},
	{.name = "service", .types = CM_T_STRING, .required = true,
	 .help = "The service to start from."},
};

BLOCK(extends, "extends", .extensions = false);

static const struct cm_attr provider_item =
	{.name = "[]", .types = CM_T_STRING | CM_T_NUMBER | CM_T_BOOL, .help = "One value."};

static const struct cm_attr provider_value =
	{.name = "*", .item = &provider_item,
	 .types = CM_T_STRING | CM_T_NUMBER | CM_T_BOOL | CM_T_LIST,
	 .short_form = CM_SHORT_ONE_OR_LIST, .canonical = "list of strings",
	 .help = "Value or values of the option."};

MAP_OF(provider_options, "provider options", provider_value);

static const struct cm_attr provider_rows[] = {
	{.name = "options", .block = &provider_options_block, .types = CM_T_MAP, .emit = 2,
	 .help = "Options of the provider."},
	{.name = "type", .types = CM_T_STRING, .required = true, .emit = 1,
	 .help = "Program that provides the service."},
};

BLOCK(provider, "provider", .extensions = true);

static const struct cm_attr service_rows[] = {
	{.name = "attach", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL_AT_DECODE,
	 .emit = 6, .keep_empty = "zero", .help = "Whether up shows its output."},
	{.name = "container_name", .types = CM_T_STRING, .pattern = "[a-zA-Z0-9][a-zA-Z0-9_.-]+",
	 .emit = 7, .help = "Name of the container; then there can be only one."},
	{.name = "deploy", .block = &deploy_block, .types = CM_T_MAP | CM_T_NULL, .emit = 2,
	 .keep_empty = "{}", .help = "How the service runs: replicas, resources, updates."},
	{.name = "develop", .alias = "x-develop", .block = &develop_block, .types = CM_T_MAP | CM_T_NULL, .emit = 3,
	 .keep_empty = "{}", .help = "How a container follows changes of the sources."},
	{.name = "extends", .block = &extends_block, .types = CM_T_STRING | CM_T_MAP,
	 .merge = CM_MERGE_EXTENDS, .short_form = CM_SHORT_EXTENDS, .role = CM_ROLE_EXTENDS,
	 .help = "A service whose attributes come first."},
	{.name = "external_links", .item = &string_item, .types = CM_T_LIST, .unique = true,
	 .unordered = true, .emit = 9, .help = "Links to containers outside of this project."},
	{.name = "links", .item = &string_item, .types = CM_T_LIST,
	 .identity = CM_ID_BEFORE_EQUALS, .unique = true, .unordered = true, .emit = 10,
	 .help = "Links to other services."},
	{.name = "post_start", .item = &hook_item, .types = CM_T_LIST, .emit = 12,
	 .help = "Commands run after a container has started."},
	{.name = "pre_start", .item = &init_hook_item, .types = CM_T_LIST, .emit = 11,
	 .help = "Containers run before the service starts."},
	{.name = "pre_stop", .item = &hook_item, .types = CM_T_LIST, .emit = 13,
	 .help = "Commands run before a container is stopped."},
	{.name = "provider", .block = &provider_block, .types = CM_T_MAP, .emit = 8,
	 .help = "Program that provides the service instead of a container."},
	{.name = "restart", .types = CM_T_STRING, .emit = 4,
	 .help = "When the container is started again."},
	{.name = "scale", .types = CM_T_INT | CM_T_STRING, .cast = CM_CAST_INT, .emit = 5,
	 .keep_empty = "zero", .help = "Number of containers."},
	{.name = "x-develop", .block = &develop_block, .types = CM_T_MAP | CM_T_NULL,
	 .extension_alias = true, .alias = "develop", .keep_empty = "{}",
	 .help = "Older spelling of develop."},
};

BLOCK(service, "service", .base = &workload_block, .extensions = true);

static const struct cm_attr service_any =
	{.name = "*", .block = &service_block, .types = CM_T_MAP, .pattern = NAME_PATTERN,
	 .help = "One service."};

MAP_OF(services, "names of services", service_any);

/* --- resources at the top level --- */

static const struct cm_attr external_rows[] = {
	{.name = "name", .types = CM_T_STRING, .help = "Name of the resource outside."},
};

BLOCK(external, "external", .extensions = true);

static const struct cm_attr external_open_rows[] = {
	{.name = "name", .types = CM_T_STRING, .help = "Name of the resource outside."},
};

BLOCK(external_open, "external", .any = &any_value, .extensions = true);

static const struct cm_attr config_rows[] = {
	{.name = "content", .types = CM_T_STRING, .emit = 2, .help = "The content itself."},
	{.name = "environment", .types = CM_T_STRING, .emit = 5,
	 .help = "Environment variable that holds the content."},
	{.name = "external", .block = &external_open_block,
	 .types = CM_T_BOOL | CM_T_STRING | CM_T_MAP, .short_form = CM_SHORT_EXTERNAL,
	 .cast = CM_CAST_BOOL, .canonical = "true", .emit = 4,
	 .help = "It exists already and is not made."},
	{.name = "file", .types = CM_T_STRING, .path = CM_PATH_PLAIN, .emit = 3,
	 .help = "File that holds the content."},
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .short_form = CM_SHORT_KEY_VALUE, .unique = true, .unordered = true,
	 .canonical = "map of strings", .emit = 6, .help = "Labels of the config."},
	{.name = "name", .types = CM_T_STRING, .fallback = "PROJECT_KEY", .emit = 1,
	 .help = "Its name, where the key will not do."},
	{.name = "template_driver", .types = CM_T_STRING, .emit = 7,
	 .help = "Driver that fills in the content."},
};

BLOCK(config, "config", .extensions = true);

static const struct cm_attr config_any =
	{.name = "*", .block = &config_block, .types = CM_T_MAP, .pattern = NAME_PATTERN,
	 .help = "One config."};

MAP_OF(configs, "names of configs", config_any);

static const struct cm_attr secret_rows[] = {
	{.name = "driver", .types = CM_T_STRING, .emit = 6,
	 .help = "Driver that keeps the secret."},
	{.name = "driver_opts", .block = &driver_options_block, .types = CM_T_MAP, .emit = 7,
	 .help = "Options of the driver."},
	{.name = "environment", .types = CM_T_STRING, .emit = 2,
	 .help = "Environment variable that holds the secret."},
	{.name = "external", .block = &external_open_block,
	 .types = CM_T_BOOL | CM_T_STRING | CM_T_MAP, .short_form = CM_SHORT_EXTERNAL,
	 .cast = CM_CAST_BOOL, .canonical = "true", .emit = 4,
	 .help = "It exists already and is not made."},
	{.name = "file", .types = CM_T_STRING, .path = CM_PATH_PLAIN, .emit = 3,
	 .help = "File that holds the secret."},
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .short_form = CM_SHORT_KEY_VALUE, .unique = true, .unordered = true,
	 .canonical = "map of strings", .emit = 5, .help = "Labels of the secret."},
	{.name = "name", .types = CM_T_STRING, .fallback = "PROJECT_KEY", .emit = 1,
	 .help = "Its name, where the key will not do."},
	{.name = "template_driver", .types = CM_T_STRING, .emit = 8,
	 .help = "Driver that fills in the content."},
};

BLOCK(secret, "secret", .extensions = true);

static const struct cm_attr secret_any =
	{.name = "*", .block = &secret_block, .types = CM_T_MAP, .pattern = NAME_PATTERN,
	 .help = "One secret."};

MAP_OF(secrets, "names of secrets", secret_any);

static const struct cm_attr volume_driver_options_rows[] = {
	{.name = "device", .types = CM_T_STRING | CM_T_NUMBER, .path = CM_PATH_DEVICE_OPT,
	 .canonical = "string",
	 .help = "Device or directory to mount; a path with driver local and o bind."},
};

BLOCK(volume_driver_options, "volume driver options", .any = &option_value, .extensions = false);

static const struct cm_attr volume_rows[] = {
	{.name = "driver", .types = CM_T_STRING, .emit = 2,
	 .help = "Driver that provides the volume."},
	{.name = "driver_opts", .block = &volume_driver_options_block, .types = CM_T_MAP,
	 .emit = 3, .help = "Options of the driver."},
	{.name = "external", .block = &external_block,
	 .types = CM_T_BOOL | CM_T_STRING | CM_T_MAP, .short_form = CM_SHORT_EXTERNAL,
	 .cast = CM_CAST_BOOL, .canonical = "true", .emit = 5,
	 .help = "It exists already and is not made."},
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .short_form = CM_SHORT_KEY_VALUE, .unique = true, .unordered = true,
	 .canonical = "map of strings", .emit = 4, .help = "Labels of the volume."},
	{.name = "name", .types = CM_T_STRING, .fallback = "PROJECT_KEY", .emit = 1,
	 .help = "Its name, where the key will not do."},
};

BLOCK(volume, "volume", .extensions = true);

static const struct cm_attr volume_any =
	{.name = "*", .block = &volume_block, .types = CM_T_MAP | CM_T_NULL,
	 .pattern = NAME_PATTERN, .canonical = "map", .help = "One volume; may be empty."};

MAP_OF(volumes, "names of volumes", volume_any);

static const struct cm_attr pool_rows[] = {
	{.name = "aux_addresses", .block = &texts_block, .types = CM_T_MAP, .emit = 4,
	 .help = "Addresses not to give out, by host name."},
	{.name = "gateway", .types = CM_T_STRING, .emit = 2, .help = "Address of the gateway."},
	{.name = "ip_range", .types = CM_T_STRING, .emit = 3, .help = "Addresses to give out."},
	{.name = "subnet", .types = CM_T_STRING, .emit = 1,
	 .help = "The addresses of the network, as 10.0.0.0/16."},
};

BLOCK(pool, "address pool", .extensions = true);

static const struct cm_attr pool_item =
	{.name = "[]", .block = &pool_block, .types = CM_T_MAP, .help = "One pool."};

static const struct cm_attr ipam_rows[] = {
	{.name = "config", .item = &pool_item, .types = CM_T_LIST, .merge = CM_MERGE_POOLS,
	 .emit = 2, .help = "The pools."},
	{.name = "driver", .types = CM_T_STRING, .emit = 1,
	 .help = "Driver that gives out the addresses."},
	{.name = "options", .block = &texts_block, .types = CM_T_MAP, .emit = 3,
	 .help = "Options of the driver."},
};

BLOCK(ipam, "address management", .extensions = true);

static const struct cm_attr network_rows[] = {
	{.name = "attachable", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 7,
	 .help = "Let other containers join."},
	{.name = "driver", .types = CM_T_STRING, .emit = 2,
	 .help = "Driver that provides the network."},
	{.name = "driver_opts", .block = &driver_options_block, .types = CM_T_MAP, .emit = 3,
	 .help = "Options of the driver."},
	{.name = "enable_ipv4", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 9,
	 .keep_empty = "zero", .help = "Give out IPv4 addresses."},
	{.name = "enable_ipv6", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL,
	 .emit = 10, .keep_empty = "zero", .help = "Give out IPv6 addresses."},
	{.name = "external", .block = &external_block,
	 .types = CM_T_BOOL | CM_T_STRING | CM_T_MAP, .short_form = CM_SHORT_EXTERNAL,
	 .cast = CM_CAST_BOOL, .canonical = "true", .emit = 5,
	 .help = "It exists already and is not made."},
	{.name = "internal", .types = CM_T_BOOL | CM_T_STRING, .cast = CM_CAST_BOOL, .emit = 6,
	 .help = "Cut it off from the outside."},
	{.name = "ipam", .block = &ipam_block, .types = CM_T_MAP, .emit = 4,
	 .keep_empty = "{} in JSON", .help = "How addresses are given out."},
	{.name = "labels", .block = &key_values_block, .list_item = &key_value_item,
	 .types = CM_T_MAP | CM_T_LIST, .merge = CM_MERGE_KEY_VALUE,
	 .identity = CM_ID_BEFORE_EQUALS, .short_form = CM_SHORT_KEY_VALUE, .unique = true,
	 .unordered = true, .canonical = "map of strings", .emit = 8,
	 .help = "Labels of the network."},
	{.name = "name", .types = CM_T_STRING, .fallback = "PROJECT_KEY", .emit = 1,
	 .help = "Its name, where the key will not do."},
};

BLOCK(network, "network", .extensions = true);

static const struct cm_attr network_any =
	{.name = "*", .block = &network_block, .types = CM_T_MAP | CM_T_NULL,
	 .pattern = NAME_PATTERN, .canonical = "map", .help = "One network; may be empty."};

MAP_OF(networks, "names of networks", network_any);

static const struct cm_attr model_rows[] = {
	{.name = "context_size", .types = CM_T_INT, .emit = 3, .help = "Tokens of context."},
	{.name = "model", .types = CM_T_STRING, .required = true, .emit = 2,
	 .help = "The model to run."},
	{.name = "name", .types = CM_T_STRING, .emit = 1, .help = "A name for people to read."},
	{.name = "runtime_flags", .item = &string_item, .types = CM_T_LIST, .emit = 4,
	 .help = "Flags of the program that runs the model."},
};

BLOCK(model, "model", .extensions = true);

static const struct cm_attr model_any =
	{.name = "*", .block = &model_block, .types = CM_T_MAP, .pattern = NAME_PATTERN,
	 .help = "One model."};

MAP_OF(models, "names of models", model_any);

static const struct cm_attr include_path_item =
	{.name = "[]", .types = CM_T_STRING, .path = CM_PATH_INCLUDE,
	 .help = "One file; later ones lie over earlier ones."};

static const struct cm_attr include_rows[] = {
	{.name = "env_file", .item = &include_path_item, .types = CM_T_STRING | CM_T_LIST,
	 .path = CM_PATH_INCLUDE, .unique = true,
	 .help = "Files of variables for the included ones."},
	{.name = "path", .item = &include_path_item, .types = CM_T_STRING | CM_T_LIST,
	 .path = CM_PATH_INCLUDE, .unique = true, .help = "The file or files."},
	{.name = "project_directory", .types = CM_T_STRING, .path = CM_PATH_INCLUDE,
	 .help = "Where relative paths of the included files start."},
};

BLOCK(include, "include", .extensions = false);

static const struct cm_attr include_item =
	{.name = "[]", .block = &include_block, .types = CM_T_STRING | CM_T_MAP,
	 .short_form = CM_SHORT_INCLUDE, .path = CM_PATH_INCLUDE,
	 .help = "A file, or files with their own directory and variables."};

/* --- the file --- */

static const struct cm_attr cm_top_rows[] = {
	{.name = "configs", .block = &configs_block, .types = CM_T_MAP, .role = CM_ROLE_CONFIGS,
	 .emit = 7, .help = "Texts given to containers as files."},
	{.name = "include", .item = &include_item, .types = CM_T_LIST, .merge = CM_MERGE_INCLUDE,
	 .role = CM_ROLE_INCLUDE, .help = "Other Compose files that belong to this one."},
	{.name = "jobs", .block = &jobs_block, .types = CM_T_MAP, .role = CM_ROLE_JOBS, .emit = 3,
	 .help = "Containers that run to an end."},
	{.name = "models", .block = &models_block, .types = CM_T_MAP, .role = CM_ROLE_MODELS,
	 .emit = 8, .help = "AI models."},
	{.name = "name", .types = CM_T_STRING, .merge = CM_MERGE_NAME, .role = CM_ROLE_NAME,
	 .fallback = "DIRECTORY", .canonical = "project name", .emit = 1,
	 .help = "Name of the project."},
	{.name = "networks", .block = &networks_block, .types = CM_T_MAP,
	 .role = CM_ROLE_NETWORKS, .emit = 4, .help = "Networks the containers join."},
	{.name = "secrets", .block = &secrets_block, .types = CM_T_MAP, .role = CM_ROLE_SECRETS,
	 .emit = 6, .help = "Secret texts given to containers as files."},
	{.name = "services", .block = &services_block, .types = CM_T_MAP,
	 .role = CM_ROLE_SERVICES, .fallback = "{}", .emit = 2, .keep_empty = "always",
	 .help = "The containers of the application."},
	{.name = "version", .types = CM_T_STRING, .merge = CM_MERGE_VERSION,
	 .role = CM_ROLE_VERSION, .help = "Obsolete; Compose ignores it."},
	{.name = "volumes", .block = &volumes_block, .types = CM_T_MAP, .role = CM_ROLE_VOLUMES,
	 .emit = 5, .help = "Storage that outlives containers."},
};

const struct cm_block cm_top = {
	.name = "top", .rows = cm_top_rows, .count = COUNT(cm_top_rows), .extensions = true,
};
