#!/usr/bin/env bash
# A PostgreSQL for tests, in a folder of its own: `start` prints its DATABASE_URL, `stop` ends it.
# Takes Debian's package, and installs it where it is absent and we may. Loopback only.
set -euo pipefail

data="${POSTGRES_DATA:-${TMPDIR:-/tmp}/workflow-postgres-$(id -u)}"

binaries() {
  # The highest version of /usr/lib/postgresql; commands of the PATH may be wrappers.
  { find /usr/lib/postgresql -maxdepth 3 -name initdb -printf '%h\n' 2>/dev/null || true; } | sort -V | tail -1
}

install() {
  [ -n "$(binaries)" ] && return
  echo "installing postgresql" >&2
  apt-get update -qq >&2
  # No cluster of Debian's own: it would be started as a service.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
}

as_owner() {
  # PostgreSQL refuses to run as root.
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
  install
  local bin port
  bin="$(binaries)"
  if [ -f "$data/pgdata/postmaster.pid" ] && as_owner "$bin/pg_ctl" -D "$data/pgdata" status >/dev/null; then
    port="$(cat "$data/port")"
  else
    rm -rf "$data"
    mkdir -p "$data"
    port="$(free_port)"
    echo "$port" >"$data/port"
    [ "$(id -u)" = 0 ] && chown -R postgres "$data"
    as_owner "$bin/initdb" -D "$data/pgdata" -U workflow --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    # It holds nothing that has to survive the machine.
    as_owner "$bin/pg_ctl" -D "$data/pgdata" -l "$data/log" -w \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off" \
      start >/dev/null
    as_owner "$bin/createdb" -h 127.0.0.1 -p "$port" -U workflow workflow
  fi
  echo "postgresql+asyncpg://workflow@127.0.0.1:$port/workflow"
}

stop() {
  local bin
  bin="$(binaries)"
  [ -d "$data/pgdata" ] || return 0
  as_owner "$bin/pg_ctl" -D "$data/pgdata" -m immediate stop >/dev/null || true
  rm -rf "$data"
}

case "${1:-}" in
  start | stop) "$1" ;;
  *)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
