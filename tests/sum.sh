#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs test suites one after the other and adds up their closing lines.
#
#   sh tests/sum.sh unit 'make check-unit' golden 'make check-golden'
#       unit      412 passed, 0 failed   1 s
#       golden    233 passed, 1 failed   4 s
#       645 passed, 1 failed
#
# A suite that closes without 'N passed, N failed' counts as one test, by its exit status; one that says 0 failed and
# exits non-zero as one failure more. What a suite printed is shown where it failed, or with V=1.
set -u

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0

while [ $# -ge 2 ]; do
    name=$1 command=$2
    shift 2
    start=$(date +%s)
    if sh -c "$command" >"$log" 2>&1 </dev/null; then status=0; else status=$?; fi
    counts=$(sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p' "$log" |
        awk '{p += $1; f += $2} END {if (NR) print p, f}')
    [ -n "$counts" ] || counts=$([ $status = 0 ] && echo 1 0 || echo 0 1)
    p=${counts% *} f=${counts#* }
    [ $status = 0 ] || [ "$f" -gt 0 ] || f=1
    [ $status = 0 ] && [ -z "${V:-}" ] || sed 's/^\([0-9]* passed, [0-9]* failed\)$/-- \1/' "$log"
    printf '%-14s %6d passed, %d failed %5d s\n' "$name" "$p" "$f" $(($(date +%s) - start))
    passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
