#!/bin/sh
# SPDX-License-Identifier: MIT
# What make install puts where, and that a program finds it: sh tests/install.sh (with a fresh folder for DESTDIR).
set -u
root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT
passed=0 failed=0

# try NAME COMMAND...
try() {
    name=$1
    shift
    if "$@" >"$root/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s:\n' "$name"
        cat "$root/log"
    fi
}

nothing_left() {
    [ -z "$(find "$root/d" ! -type d)" ]
}

cat >"$root/use.c" <<'END'
#include <composemerge.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
	static const char base[] = "services: {a: {image: i}} # kept\n", over[] = "services: {a: {image: j}}\n";
	struct cm_project *p = cm_project_new(NULL);
	struct cm_output out;
	int bad = !p || cm_add_text(p, "a.yml", base, strlen(base)) != CM_OK || cm_add_text(p, "b.yml", over, strlen(over)) != CM_OK ||
		cm_merge(p, NULL, &out) != CM_OK;
	if (!bad)
		bad = fwrite(out.text, 1, out.length, stdout) != out.length;
	cm_project_free(p);
	return bad;
}
END
expected='services: {a: {image: j}} # kept'

uses() { # uses PKG_CONFIG_OPTIONS: compiles and runs a program against what was installed
    pc="$root/d/opt/cm/lib/pkgconfig"
    # shellcheck disable=SC2046 # words
    ${CC:-cc} -o "$root/use" "$root/use.c" $(PKG_CONFIG_PATH=$pc pkg-config --define-variable=prefix="$root/d/opt/cm" \
        --define-variable=libdir="$root/d/opt/cm/lib" --cflags $1 --libs composemerge) &&
        [ "$(LD_LIBRARY_PATH=$root/d/opt/cm/lib "$root/use")" = "$expected" ]
}

try "make install" make install DESTDIR="$root/d" PREFIX=/opt/cm
try "the program runs" "$root/d/opt/cm/bin/composemerge" --version
try "a program uses the shared library" uses ""
rm -f "$root"/d/opt/cm/lib/*.so*
try "a program uses the static library" uses --static
try "make uninstall" make uninstall DESTDIR="$root/d" PREFIX=/opt/cm
try "nothing is left" nothing_left

echo "$passed passed, $failed failed"
[ $failed = 0 ]
