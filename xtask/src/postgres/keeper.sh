# Keeps one private PostgreSQL cluster for as long as somebody holds the other end of its standard input.
#
#   sh keeper.sh FOLDER BINARIES SETTINGS [COMMAND THAT CHANGES THE USER...]
#
# Prints one line: `ready`, or `failed: why` followed by the end of the log. When standard input closes, whether
# its holder finished, panicked or was killed outright, the server is stopped and FOLDER removed. That is also
# why this is a process of its own, deaf to the signals that end its holder.
folder=$1
binaries=$2
settings=$3
shift 3
server=

trap '' HUP INT PIPE TERM
cd "$folder" || exit 1

finish() {
    if [ -n "$server" ]; then
        kill -QUIT "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    cd /
    rm -rf -- "$folder"
}

fail() {
    echo "failed: $1"
    tail -n 20 log 2>/dev/null
    finish
    exit 1
}

# Trust is safe here: the only way in is a socket in a folder that nobody else may enter.
"$@" "$binaries/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
    </dev/null >log 2>&1 || fail "initdb did not succeed"

# The settings are words without quotes of their own.
"$@" "$binaries/postgres" -D "$folder/data" -k "$folder" -c port=5432 -c listen_addresses='' \
    $settings -c max_connections=200 \
    </dev/null >>log 2>&1 &
server=$!

# The eighth line of postmaster.pid is the server's own word on whether it takes connections.
waited=0
while [ "$(sed -n '8s/ *$//p' data/postmaster.pid 2>/dev/null)" != ready ]; do
    kill -0 "$server" 2>/dev/null || fail "the server ended while starting"
    [ "$waited" -lt 600 ] || fail "the server was not ready after a minute"
    waited=$((waited + 1))
    sleep 0.1
done
echo ready

cat >/dev/null
finish
