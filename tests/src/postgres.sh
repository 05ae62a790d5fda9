# Runs a PostgreSQL server in a new folder until standard input is closed, which the system does when the test has ended, in whatever
# way. Says "ready" when it can be connected to; a line before that says what is wrong.
# Arguments: the folder of the server's programs, if they are not in PATH; the port.
PATH=${1:+$1:}$PATH
port=$2
folder=$(mktemp -d) || exit
server=

end() {
    # At once, since there is nothing to save. Its processes write into the folder until they have all ended.
    if [ -n "$server" ]; then
        kill -QUIT "$server"
        wait "$server"
    fi
    cd / && rm -rf "$folder"
}
trap end EXIT

cd "$folder" &&
initdb --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync >log 2>&1 &&
    cat >>data/postgresql.conf <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = off
SETTINGS
[ $? -eq 0 ] || { tr '\n' ' ' <log; exit 1; }

postgres -D data >>log 2>&1 </dev/null &
server=$!
until pg_isready --quiet --host=127.0.0.1 --port="$port"; do
    kill -0 "$server" 2>/dev/null || { server=; tr '\n' ' ' <log; exit 1; }
    sleep 0.05
done
echo ready
read -r _
