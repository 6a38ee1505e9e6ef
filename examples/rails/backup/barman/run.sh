#!/bin/sh
# Barman asks to be called every minute; once a day it also takes a full backup.
set -eu
echo "database:*:*:barman:$BARMAN_PASSWORD" >~barman/.pgpass
chown barman: ~barman ~barman/.pgpass
chmod 600 ~barman/.pgpass
while :; do
	su barman -c 'barman --quiet cron'
	[ "$(date +%H:%M)" != 03:30 ] || su barman -c 'barman backup shop' || echo 'backup failed' >&2
	sleep 60
done
