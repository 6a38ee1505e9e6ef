#!/bin/sh
# SPDX-License-Identifier: MIT
# What the build and the tests need that is not part of this repository.
#
#   sh tests/deps.sh check build             says what is missing and how to get it; exit 1
#   sh tests/deps.sh install build tests     installs what is missing through apt-get; nothing to do: silent, no network
#
# The groups: build (composemerge itself), tests (make check), ci (what .ci/run runs beside it), fuzz (make fuzz).
set -u

action=$1
shift

compiles() {
    echo '#include <stdio.h>' | ${CC:-cc} -E - >/dev/null 2>&1
}

has_library() {
    ${PKG_CONFIG:-pkg-config} --exists "$1" >/dev/null 2>&1
}

has_command() {
    command -v "$1" >/dev/null 2>&1
}

has_fuzzer() {
    [ -n "$(find "$(clang -print-resource-dir 2>/dev/null)" -name 'libclang_rt.fuzzer*.a' 2>/dev/null)" ]
}

# need WHAT PACKAGE COMMAND...: PACKAGE (of Debian) is missing unless COMMAND succeeds.
names= packages=
need() {
    what=$1 package=$2
    shift 2
    if ! "$@"; then
        names="$names${names:+, }$what"
        packages="$packages $package"
    fi
}

need_group() {
    case $1 in
    build)
        need "a C compiler" gcc has_command "${CC:-cc}"
        need "the C library's headers" libc6-dev compiles
        need pkg-config pkg-config has_command "${PKG_CONFIG:-pkg-config}"
        need "libyaml (yaml-0.1)" libyaml-dev has_library yaml-0.1
        need "utf8proc (libutf8proc)" libutf8proc-dev has_library libutf8proc
        need "libmd" libmd-dev has_library libmd
        ;;
    tests)
        need "Check (check)" check has_library check
        need python3 python3 has_command python3
        need diff diffutils has_command diff
        ;;
    ci)
        need clang clang has_command clang
        need valgrind valgrind has_command valgrind
        # valgrind cannot start a program without the symbols of the dynamic loader
        need "libc's debug symbols" libc6-dbg test -d /usr/lib/debug/.build-id
        need mandoc mandoc has_command mandoc
        ;;
    fuzz)
        need clang clang has_command clang
        need "clang's libFuzzer" libclang-rt-14-dev has_fuzzer
        ;;
    esac
}

for group; do
    need_group "$group"
done
[ -n "$packages" ] || exit 0

echo "composemerge: missing: $names" >&2
if [ "$action" = check ]; then
    how="make deps"
    case " $* " in *" ci "* | *" fuzz "*) how="sh tests/deps.sh install $*" ;; esac
    echo "composemerge: '$how' installs it (on Debian: apt-get install$packages)" >&2
    exit 1
fi
if ! has_command apt-get; then
    echo "composemerge: no apt-get here: install these with your package manager (Debian calls them$packages)" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    if ! has_command sudo; then
        echo "composemerge: become root and run: apt-get install$packages" >&2
        exit 1
    fi
    as_root="sudo"
fi
echo "composemerge: installing with $as_root${as_root:+ }apt-get:$packages" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the lists are words
if ! $as_root apt-get update -qq >&2 || ! $as_root apt-get install -y -qq --no-install-recommends $packages >&2; then
    echo "composemerge: apt-get could not install:$packages" >&2
    exit 1
fi

names= packages=
for group; do
    need_group "$group"
done
if [ -n "$packages" ]; then
    echo "composemerge: installed, yet still missing: $names" >&2
    exit 1
fi
echo "composemerge: all there" >&2
