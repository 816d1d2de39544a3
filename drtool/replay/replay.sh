# Replays binary logs into the server beside this container: mariadb-binlog | mariadb, with the status of each kept.
# Arguments: where to start in the first log and where to stop in the last, whether to shorten it to that, the only database
# to replay (empty for all), the account, the folder, then the logs' names.
# Prints facts, one a line; never a byte of content.
set -u
start=$1 stop=$2 shorten=$3 database=$4 account=$5 folder=$6
shift 6
cd "$folder" || exit 66
work=$(mktemp -d /tmp/replay.XXXXXX)
mkfifo "$work/sql"

# What was compressed lies here in parts, since its size was not known before its end.
for log in "$@"; do
    [[ -e $log ]] && continue
    for part in "$log".*; do
        cat "$part" >> "$log" && rm "$part" || exit 69
    done
done

# The server listens to its own socket only; a process there passes on what comes over the network that both share, which
# is none but their own.
socat -b 262144 "UNIX-LISTEN:$work/server.sock" ABSTRACT-CONNECT:drtool-replay 2> "$work/bridge.err" &
until [[ -S $work/server.sock ]]; do
    kill -0 $! 2> /dev/null || exit 67
    sleep 0.02
done

# mariadb-binlog looks at one event more than it is asked for, and gives up if that is cut off or damaged. It reads no pipes.
[[ $shorten == no ]] || truncate --size="$stop" "${@: -1}" || exit 68

decoded() {
    # Without the option mariadb-binlog takes damaged events for good. The order of GTIDs is the server's business.
    mariadb-binlog --no-defaults --verify-binlog-checksum --loose-skip-gtid-strict-mode --local-load="$work" \
        ${database:+--database="$database"} --start-position="$start" --stop-position="$stop" -- "$@"
}
report_progress() {
    local fd log name value done
    while true; do
        sleep 0.5 < /dev/null > /dev/null 2>&1
        for fd in "/proc/$decoder/fd/"*; do
            log=$(readlink "$fd") || continue
            [[ $log == "$folder"/* ]] || continue
            while read -r name value; do [[ $name == pos: ]] && break; done < "/proc/$decoder/fdinfo/${fd##*/}"
            done=${value:-0}
            for name in "${logs[@]}"; do
                [[ $folder/$name == "$log" ]] && break
                done=$((done + $(stat --format=%s "$name")))
            done
            echo "progress $done"
        done 2> /dev/null
    done
}

logs=("$@")
decoded "$@" > "$work/sql" 2> "$work/decode.err" &
decoder=$!
report_progress &
progress=$!
# binary-mode switches off every command of the client (\!, source, tee, ...) but delimiter and charset.
mariadb --no-defaults --socket="$work/server.sock" --user="$account" --skip-reconnect --binary-mode --batch --quick --local-infile=0 \
    --default-character-set=utf8mb4 --max-allowed-packet=1G < "$work/sql" > /dev/null 2> "$work/sink.err"
sink=$?
kill "$progress"
wait "$decoder"
echo "decode $?"
echo "sink $sink"
# The client repeats the statement it choked on, with all its rows, before it says why.
grep -a '^ERROR' "$work/sink.err" | tail -n 1 > "$work/why"
if [[ $(cat "$work/why") =~ at\ line\ ([0-9]+) ]]; then
    gtid=$(decoded "$@" 2> /dev/null | head -n "${BASH_REMATCH[1]}" |
        grep -aoE '^#[0-9: ]{15,} server id .*	GTID [0-9]+-[0-9]+-[0-9]+' | tail -n 1)
    echo "gtid ${gtid##* }"
fi
head -n 20 "$work/why" | cut -c 1-300 | sed 's/^/sink.err /'
head -n 20 "$work/decode.err" | cut -c 1-300 | sed 's/^/decode.err /'
rm -rf "$work"
echo "done"
