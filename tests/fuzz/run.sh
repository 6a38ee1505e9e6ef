#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes: sh tests/fuzz/run.sh build/fuzz SECONDS TARGET...
# Seeds are the golden cases, examples/ and tests/fuzz/corpus; the dictionary is the attribute table. What is found new
# stays in build/fuzz/corpus; a crash is written to build/fuzz/crash-*: mend it, then keep it in tests/fuzz/corpus/TARGET.
set -u
b=$1 seconds=$2
shift 2

# One key or word a line; libFuzzer wants them quoted.
"$b/tests/attr_dump" | awk -F '\t' 'NR > 1 {n = split($1 "." $9, part, /[.|]/); for (i = 1; i <= n; i++) print part[i]}' |
    grep -E '^[a-z][a-z0-9_-]+$' | sort -u | sed 's/.*/"&:"/' >"$b/attributes.dict"
cat >>"$b/attributes.dict" <<'END'
"!reset"
"!override"
"<<: *"
"&a "
"*a"
"---\x0a"
"...\x0a"
"#--8<--\x0a"
"%YAML 1.1\x0a"
"${A:-b}"
"$$"
": |\x0a"
": >-\x0a"
"? "
"- "
"x-a:"
"\x0d\x0a"
"\xef\xbb\xbf"
"\xff\xfe"
"file: f1.yml"
"80:80/udp"
END

passed=0 failed=0
for target; do
    corpus=$b/corpus/$target
    mkdir -p "$corpus" "tests/fuzz/corpus/$target"
    "$b/tests/replay_$target" --write "$corpus" tests/cases examples "tests/fuzz/corpus/$target" >/dev/null
    if "$b/tests/fuzz_$target" -max_total_time="$seconds" -dict="$b/attributes.dict" -timeout=10 -rss_limit_mb=2048 \
        -max_len=8192 -print_final_stats=1 -artifact_prefix="$b/crash-$target-" "$corpus" "tests/fuzz/corpus/$target"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
