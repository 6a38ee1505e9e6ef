#!/bin/sh
# SPDX-License-Identifier: MIT
# The random tests of make check: sh tests/prop/run.sh build/release/tests. Without the oracle, so without Go and network;
# make differential asks Docker Compose too.
set -eu
exec python3 "$(dirname "$0")/properties.py" "${PROP_CASES:-300}" --program "$1/../composemerge" --table "$1/attr_dump"
