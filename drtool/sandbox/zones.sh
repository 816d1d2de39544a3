# Time zones by their names, as the official image's entrypoint brings them into an empty server, out of the image's own
# files: writes their rows into a folder, and SQL that loads them from there; nothing where the image has none.
zones_into() {
    local files=/usr/share/zoneinfo
    [ -d $files ] && command -v mariadb-tzinfo-to-sql > /dev/null || return 0
    # What MariaDB's tool writes are 7,000 statements, which take a second or more. Of its three copies of each zone,
    # those that count leap seconds and those that say that they do not are left out.
    mariadb-tzinfo-to-sql $files 2> /dev/null | perl -e '
        my ($folder, $id, $kept, $table, %rows) = (shift, 0);
        while (<STDIN>) {
            if (/^INSERT INTO time_zone_name .*VALUES \(\x27(.*)\x27, \@time_zone_id\);/) {
                $kept = $1 !~ /^(?:posix|right)\// or next;
                $id++;
                $rows{time_zone} .= "$id\tN\n";
                $rows{time_zone_name} .= "$1\t$id\n";
            } elsif (/^INSERT INTO (time_zone_transition(?:_type)?) /) {
                $table = $1;
            } elsif ($kept && /^[ ,]\(\@time_zone_id, (.*)\)$/) {
                $rows{$table} .= join("\t", $id, map s/^\x27|\x27$//gr, split /, /, $1) . "\n";
            }
        }
        for my $table (sort keys %rows) {
            open my $file, ">", "$folder/$table" or exit 1;
            print $file $rows{$table};
            print "LOAD DATA INFILE \x27$folder/$table\x27 INTO TABLE mysql.$table;\n";
        }' "$1" > "$1/zones.sql"
}
