# Loads files of a folder into the server, one by one, as a plan on standard input says; streams.sh and client.sh come before.
# Arguments: the folder; how many lines the plan has; `yes` to go on after a file that fails.
# A line of the plan, with tabs in between and `-` for none, is: how, database, table, file, the character set that it is in
# or the file with the statement for rows, and how those are written.
root=$1 encryption=none inputs=()
mapfile -t -n "$2" plan
go_on=$3 failed=''
sets_up_client=", foreign_key_checks = 0${SESSION:+, $SESSION}"
# Rows in files of their own are in UTC as those of other dumps are, but for --skip-tz-utc, which their definitions tell.
sets_up="SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES'${ROWS_IN_UTC:+; SET time_zone = '+00:00'}"

# mydumper's definitions have no DELIMITER: a statement ends where a line ends with a semicolon, and it takes care that
# no line inside a routine does: it puts a blank behind the semicolon there, which is taken away again.
into_definitions() { { echo 'DELIMITER //drtool//' && sed -e 's|;$|//drtool//|' -e 's|; $|;|'; } | into_sql "$@"; }
# The database may be one that every server has.
into_create() { sed 's/^CREATE DATABASE `/CREATE DATABASE IF NOT EXISTS `/' | into_definitions "$@"; }
# A table's rows as SELECT INTO OUTFILE writes them. The server reads them from a pipe in the one folder that it may
# read from, so that no file of rows is made and SQL in the backup can reach none.
into_rows() {
    local database=$1 table=${2//\`/\`\`} charset=$3 clause=$4
    through_pipe "$database" "$sets_up; LOAD DATA INFILE '$work_pipe' INTO TABLE \`$table\` CHARACTER SET $charset $clause"
}
# The same where a file beside them has the statement, as mydumper --load-data and --csv make it.
into_rows_by() {
    local database=$1 statement
    unpack_with "$(compression_of "$root/$2")"
    statement=$("${unpack[@]}" < "$root/$2" | sed -E "s|LOAD DATA LOCAL INFILE '[^']*'|LOAD DATA INFILE '$work_pipe'|")
    unpack_with "$(compression_of "${inputs[0]}")"
    through_pipe "$database" "$statement"
}
through_pipe() {
    local status writer drain
    mkfifo -m 644 "$work_pipe"
    cat > "$work_pipe" <&0 &
    writer=$!
    printf '%s;\n' "$2" | into_sql "$1"
    status=$?
    # Where the server has given up before it opened the pipe, somebody else must.
    cat "$work_pipe" > /dev/null &
    drain=$!
    wait $writer
    kill $drain 2> /dev/null
    rm -f "$work_pipe"
    cat > /dev/null
    return $status
}
work_pipe=/run/mysqld/${work##*/}
into_nothing() { cat > /dev/null; }
facts_of_rows() { [[ -z $(tail -c 1 "$work/last_bytes" | tr -d '\n') ]] && echo "end complete" || echo "end inside-line"; }
facts_of_rows_by() { facts_of_rows; }
facts_of_definitions() { echo "end unknown"; }
facts_of_create() { echo "end unknown"; }
facts_of_nothing() { echo "end unknown"; }

report_progress &
progress=$!
for line in "${plan[@]}"; do
    IFS=$'\t' read -r how database table file extra clause <<< "$line"
    inputs=("$root/$file")
    if [[ ! -r ${inputs[0]} ]]; then
        kill $progress
        rm -rf "$work"
        exit 66
    fi
    [[ -n $failed ]] && how=nothing
    echo "file $file"
    arguments=()
    [[ $database != - ]] && arguments+=("$database")
    [[ $how == rows ]] && arguments+=("$table" "$extra" "${clause#-}")
    [[ $how == rows_by ]] && arguments+=("$extra")
    [[ $how == @(sql|create|definitions) ]] && export CLIENT_CHARSET=$extra || export CLIENT_CHARSET=utf8mb4
    if [[ $how == nothing ]]; then unpack_with none; else unpack_with "$(compression_of "${inputs[0]}")"; fi
    flow "$how" "${arguments[@]}"
    status=$?
    if ((status)) && [[ $go_on != yes ]]; then failed=$file; fi
    "facts_of_$how"
    done_bytes=$((done_bytes + $(stat --dereference -c %s "${inputs[0]}")))
done
kill $progress
rm -rf "$work"
echo "done"
