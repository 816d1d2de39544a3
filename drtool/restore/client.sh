# Loads SQL with MariaDB's own client; streams.sh comes before it.
# Set from outside, where it is not the usual: CLIENT_CHARSET, that the client takes the SQL to be in; RESTORE_AS, the account.
# Of one statement the server keeps 64 warnings if not told otherwise: those of no weight would crowd out the others.
most_warnings=65535 sets_up_client=''

# Of SQL what is wanted (ONLY), as the client can take it. Argument: the database that it goes to where it selects none.
chosen() {
    if [[ -z ${ONLY:-} ]]; then
        perl -e "$for_client_pl"
    else
        ONLY_FACTS=$work/only swallow_rest_of perl -e "$statements_pl$session_pl$promises_pl$chosen_pl; main::chosen(@ARGV)" -- "$@" | perl -e "$for_client_pl"
    fi
}
into_sql() {
    # binary-mode switches off every command of the client (\!, source, tee, ...) but delimiter and charset.
    # What the dump's own SELECTs give is nobody's business, could pass for one of our facts, and must not be held
    # in memory until it ends (--quick): of it only the numbers of the server's warnings are counted, and whether our
    # own statement was carried out, the last of all: a comment that the dump leaves open would have swallowed it. The
    # semicolon ends what the dump has not ended, as the end of the file would. What routines, triggers, events and
    # views have in comments is theirs, and the client drops it if not told otherwise.
    {
        chosen "$@"
        printf '\n;SET @drtool=%s, character_set_results=utf8mb4, max_statement_time=0, sql_select_limit=%s;' "$token" $((1 << 62))
        printf 'SELECT @drtool, @@in_transaction, @@max_error_count <> %s;\n' $most_warnings
    } | swallow_rest_of mariadb --no-defaults --socket=/run/mysqld/mysqld.sock --user="${RESTORE_AS:-root}" --binary-mode --batch --quick --show-warnings --comments --local-infile=0 \
        --default-character-set="${CLIENT_CHARSET:-utf8mb4}" --max-allowed-packet=1G --init-command="SET SESSION max_error_count = $most_warnings$sets_up_client" -- "$@" > "$said"
}
