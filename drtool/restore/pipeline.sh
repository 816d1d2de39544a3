# Restores one backup inside a sandbox container: read | decompress | sink, with every stage's status kept.
# Arguments: the backup, its compression, the sink (`sql` or `tar`), the folder it fills, then the sink's own.
# Prints facts, one a line; never a byte of content.
#
# Every stage swallows the rest of its input when its program gives up. So the digest is always that of the
# whole file, a damaged stream is told apart from bad content, and no stage dies of another's closed pipe.
set -u
input=$1 compression=$2 sink=$3 target=$4
shift 4
exec 9< "$input" || exit 66
work=$(mktemp -d /tmp/restore.XXXXXX)
mkfifo "$work/digest" "$work/end" "$work/members" "$work/never"

swallow_rest_of() {
    "$@"
    local status=$?
    cat > /dev/null
    return $status
}
case $compression in
    none) unpack=(cat) ;;
    gzip) unpack=(gzip -dc) ;;
    zstd) unpack=(zstd -dcq --long=31) ;;
    xz) unpack=(xz -dcq) ;;
esac
decompress() { swallow_rest_of "${unpack[@]}"; }
into_sql() {
    # Dumps since 2024 begin with a command to the client, which clients older than that refuse. It forbids less than
    # binary-mode does, so it is passed over; the line that it stands on is not, for the sake of line numbers.
    local marker='/*M!999999\- enable the sandbox mode */'
    if [[ $("${unpack[@]}" < "$input" 2> /dev/null | head -c "${#marker}") == "$marker" ]]; then
        head -c "${#marker}" > /dev/null
    fi
    # binary-mode switches off every command of the client (\!, source, tee, ...) but delimiter and charset.
    # What the dump's own SELECTs give is nobody's business, could pass for one of our facts, and must not be held
    # in memory until it ends (--quick).
    swallow_rest_of mariadb --no-defaults --socket=/run/mysqld/mysqld.sock --user=root --binary-mode --batch --quick \
        --default-character-set=utf8mb4 --max-allowed-packet=1G -- "$@" > /dev/null
}
into_tar() {
    tar --extract --file=- --directory="$target" --same-owner --same-permissions --numeric-owner \
        --xattrs --xattrs-include='user.*' --acls --delay-directory-restore \
        --block-number --verbose --quoting-style=escape > "$work/members"
    local status=$?
    # Behind its end mark tar looks at nothing; zeros fill up the last block, anything else is somebody else's.
    tr -d '\0' | wc -c > "$work/behind"
    return $status
}
report_progress() {
    local name value free
    while true; do
        # A wait of our own making: a sleep would outlive us, and what it holds open would hold everything up.
        read -r -t 0.5 _ <> "$work/never"
        while read -r name value; do [[ $name == pos: ]] && break; done < "/proc/$$/fdinfo/9"
        free=$(df --output=avail -k "$target" 2> /dev/null | tail -n 1)
        echo "progress ${value:-0} ${free:-0}"
    done
}
facts_of_sql() {
    # Only whether the tool's closing comment ends the dump: the line before it may be customers' data.
    local closing='^-- Dump completed( on [0-9: -]+)?[[:space:]]*$' last
    last=$(grep -av '^[[:space:]]*$' "$work/last_bytes" | tail -n 1)
    if [[ $last =~ $closing ]]; then
        echo "end complete $last"
    elif grep -aq '^-- Dump completed' "$work/last_bytes"; then
        echo "end followed"
    elif grep -aEq '^([^ :]*/)?(mysqldump|mariadb-dump)(\.exe)?: ' "$work/last_bytes"; then
        echo "end error"
    else
        echo "end missing"
    fi
}
facts_of_tar() {
    # -R prints a line for the end mark: an archive cut between two members shows nowhere else.
    if [[ $(cat "$work/last_member") != *'** Block of NULs **' ]]; then
        echo "end missing"
    elif (($(cat "$work/behind") > 0)); then
        echo "end followed"
    else
        echo "end complete"
    fi
}

sha256sum < "$work/digest" > "$work/sha256" &
tail -c 4096 < "$work/end" > "$work/last_bytes" &
tail -n 1 < "$work/members" > "$work/last_member" &
exec 8> "$work/members" # so that the reader of member names ends even where no archive is read
helpers=$(jobs -p)
report_progress 8>&- &
progress=$!

tee "$work/digest" <&9 2> "$work/read.err" |
    decompress 2> "$work/decompress.err" |
    tee "$work/end" |
    "into_$sink" "$@" 2> "$work/sink.err" 8>&-
statuses=("${PIPESTATUS[@]}")

exec 8>&-
kill "$progress"
# shellcheck disable=SC2086
wait $helpers
echo "read ${statuses[0]}"
echo "decompress ${statuses[1]}"
echo "sink ${statuses[3]}"
echo "sha256 $(cut -c 1-64 "$work/sha256")"
"facts_of_$sink"
if [[ $sink == sql ]]; then
    # The client repeats the statement it choked on, with all its rows, before it says why.
    grep -a '^ERROR' "$work/sink.err" | tail -n 1 > "$work/why" && mv "$work/why" "$work/sink.err"
fi
if [[ $compression == xz ]] && ((statuses[1])) && xz -tq --single-stream < "$input" 2> /dev/null; then
    # xz complains of what follows its stream as if it were the stream's damage.
    echo "trailing garbage" > "$work/decompress.err"
fi
for stage in read decompress sink; do
    head -n 20 "$work/$stage.err" | cut -c 1-300 | sed "s/^/$stage.err /"
done
rm -rf "$work"
echo "done"
