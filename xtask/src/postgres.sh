# A throw-away PostgreSQL that lives as long as its standard input: when `cargo dev` ends, however it
# ends (Ctrl-C and SIGKILL included), the pipe closes, the cluster stops and its folder goes.
# Arguments: folder, the programs' folder, port, user to run as ("" for our own).
# The password comes as the first line of standard input. Prints "ready" once connections are accepted.
set -eu
dir=$1 bin=$2 port=$3 user=$4
trap '' INT TERM HUP
as_user() { if [ -n "$user" ]; then runuser -u "$user" -- "$@"; else "$@"; fi; }
# Out of the repository, which the other user may not be allowed to enter.
cd "$dir"
finish() {
    as_user "$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --wait stop >/dev/null 2>&1 || true
    cd /
    rm -rf "$dir"
}
trap finish EXIT
IFS= read -r password
(umask 077 && printf '%s\n' "$password" >"$dir/password")
if [ -n "$user" ]; then chown -R "$user" "$dir"; fi
as_user "$bin/initdb" --pgdata="$dir/data" --username=sportello --pwfile="$dir/password" \
    --auth=scram-sha-256 --encoding=UTF8 --no-locale >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
as_user "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/server.log" --wait --timeout=60 \
    --options="-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories=$dir -c max_connections=200 -c log_min_messages=fatal" \
    start >"$dir/start.log" 2>&1 || { cat "$dir/start.log" "$dir/server.log" >&2; exit 1; }
echo ready
cat >/dev/null
