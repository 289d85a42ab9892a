#!/bin/sh
# Captures a login and pgbench's transactions of a real PostgreSQL on loopback,
# and lists who said what: round-trips.sh DIR (a new folder). Run as root, with
# postgresql and tshark. round-trips.csv was made from what it printed.
set -e
top=$1
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
port=5999
as_postgres() { runuser -u postgres -- "$@"; }

mkdir "$top" "$top/data" "$top/captures"
chmod 755 "$top"
chmod 777 "$top/captures"
echo secret > "$top/password"
chown -R postgres "$top/data" "$top/password"
as_postgres "$bin/initdb" -D "$top/data" -U bench --auth=scram-sha-256 \
    --pwfile="$top/password" > /dev/null
as_postgres "$bin/pg_ctl" -D "$top/data" -l "$top/data/log" -w start \
    -o "-p $port -k $top/data -c listen_addresses=127.0.0.1" > /dev/null
export PGPASSWORD=secret PGHOST=127.0.0.1 PGPORT=$port PGUSER=bench
"$bin/pgbench" -i -s 1 postgres > /dev/null 2>&1

capture() { # NAME COMMAND...
    tshark -q -i lo -f "tcp port $port" -w "$top/captures/$1" 2> /dev/null &
    tshark=$!
    sleep 2
    name=$1
    shift
    "$@" > /dev/null 2>&1
    sleep 1
    kill "$tshark"
    wait "$tshark" || true
    echo "== $name"
    tshark -r "$top/captures/$name" -d "tcp.port==$port,pgsql" -Y "tcp.len>0" \
        -T fields -e tcp.stream -e tcp.srcport -e tcp.len -e pgsql.type
}

capture disable env PGSSLMODE=disable psql -c "" postgres
capture prefer env PGSSLMODE=prefer PGGSSENCMODE=disable psql -c "" postgres
for mode in simple extended prepared; do
    capture "$mode" env PGSSLMODE=disable "$bin/pgbench" -n -M "$mode" -t 3 \
        postgres
done
as_postgres "$bin/pg_ctl" -D "$top/data" -w stop > /dev/null
