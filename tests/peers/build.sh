#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the programs that composemerge is compared with, into build/peers: docker-compose (the oracle, v5.6.0),
# compose-loop (the same in one process, for the random tests), yq and dyff. `make peers` runs this; what is newer than
# its module stays. The versions stand in compose/go.mod and tools/go.mod; go.sum holds their checksums.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../build/peers

if ! command -v go >/dev/null 2>&1; then
	echo "peers: the go command is missing; install Go (Debian: apt-get install golang-go), then run make peers again" >&2
	echo "peers: without it everything but the comparisons with Docker Compose still builds and runs" >&2
	exit 1
fi
mkdir -p "$out"

# build PROGRAM MODULE PACKAGE [FLAGS]: skips a program that is newer than all files of its module
build() {
	program=$out/$1 module=$here/$2 package=$3
	shift 3
	if [ -x "$program" ] && [ -z "$(find "$module" -type f -newer "$program")" ]; then
		return
	fi
	echo "peers: building ${program##*/}"
	(cd "$module" && CGO_ENABLED=0 go build -mod=readonly -trimpath "$@" -o "$program" "$package")
	touch "$program" # go leaves an unchanged program alone, date and all
}

build docker-compose compose github.com/docker/compose/v5/cmd -ldflags '-X github.com/docker/compose/v5/internal.Version=v5.6.0'
build compose-loop compose ./loop
build yq tools github.com/mikefarah/yq/v4
build dyff tools github.com/homeport/dyff/cmd/dyff

# The oracle is only one if its YAML library is the one that was measured.
library=$(go version -m "$out/docker-compose" | awk '$2 == "go.yaml.in/yaml/v4" { print $3 }')
if [ "$library" != v4.0.0-rc.6 ]; then
	echo "peers: docker-compose was built with go.yaml.in/yaml/v4 $library, not v4.0.0-rc.6; look at compose/go.mod" >&2
	exit 1
fi
