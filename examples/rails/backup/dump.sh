#!/bin/sh
# Dumps the database into /dumps and forgets dumps older than KEEP_DAYS days.
set -eu
file=/dumps/$PGDATABASE-$(date +%Y-%m-%d).dump
pg_dump --format=custom --file="$file.part"
mv "$file.part" "$file"
find /dumps -name '*.dump' -mtime "+$KEEP_DAYS" -delete
echo "dumped $file"
