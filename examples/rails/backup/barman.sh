#!/bin/sh
# Run by the postgres image on its first start: the user that Barman streams as.
set -eu
psql --set=password="$BARMAN_PASSWORD" <<'SQL'
CREATE ROLE barman LOGIN SUPERUSER REPLICATION PASSWORD :'password';
SQL
echo 'host replication barman all scram-sha-256' >>"$PGDATA/pg_hba.conf"
