#!/bin/sh
# SPDX-License-Identifier: MIT
# The library's names: sh tests/symbols.sh libcomposemerge.a libcomposemerge.so
# Every external symbol starts cm_; the shared library exports what the public header marks CM_API, and nothing else.
set -u
passed=0 failed=0

# verdict NAME OUTPUT: passed when OUTPUT is empty
verdict() {
    if [ -z "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s:\n%s\n' "$1" "$2"
    fi
}

verdict "external symbols of $1 that do not start cm_" \
    "$(nm -g --defined-only "$1" | awk 'NF == 3 && $3 !~ /^cm_/ {print "  " $3}')"

marked=$(grep '^CM_API' include/composemerge.h | sed 's/^\([^(]*\)(.*/\1/; s/.*[ *]//' | sort)
exported=$(nm -D --defined-only "$2" | awk '{print $3}' | sort)
verdict "the header marks it CM_API (<), $2 exports it (>)" \
    "$(printf '%s\n' "$marked" >"$2.marked"; printf '%s\n' "$exported" | diff "$2.marked" - | grep '^[<>]'; rm -f "$2.marked")"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
