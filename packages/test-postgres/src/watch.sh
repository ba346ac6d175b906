# Runs the server, and stops it once no test process has used it for a while.
# Arguments: the directory with PostgreSQL's programs, the server's own directory, whether it syncs (on or off).
bin=$1
home=$2
sync=$3
cd "$home" || exit 1

"$bin/postgres" -D "$home/data" -k "$home" \
    -c listen_addresses= -c max_connections=400 -c shared_buffers=96MB \
    -c fsync="$sync" -c synchronous_commit="$sync" -c full_page_writes="$sync" \
    -c max_wal_size=512MB -c autovacuum=off \
    >"$home/server.log" 2>&1 &
server=$!

exists() {
    [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1
}

# Each test process leaves a file named after itself before it looks for the server.
in_use() {
    for lease in "$home"/leases/*; do
        [ -e "$lease" ] || continue
        if exists "${lease##*/}"; then return 0; fi
        rm -f "$lease"
    done
    return 1
}

idle=0
while exists "$server"; do
    sleep 1
    if in_use; then idle=0; else idle=$((idle + 1)); fi
    if [ "$idle" -ge 20 ]; then
        # Out of sight first, then look again: a test that comes now either finds no server or is found here.
        mv "$home/ready" "$home/stopping" 2>/dev/null
        if in_use; then
            mv "$home/stopping" "$home/ready" 2>/dev/null
            idle=0
            continue
        fi
        kill -INT "$server"
        wait "$server"
    fi
done
rm -rf "$home"
