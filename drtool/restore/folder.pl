# Loads files of a folder into the server, one behind the other, as a plan on standard input says; folder_client.pl comes
# before. Of each file it says what streams.sh says of a backup.
# Arguments: the folder; how many lines the plan has; `yes` to go on after a file that fails.
# A line of the plan, with tabs in between and `-` for none, is: how, database, table, file, the character set that it is
# in or the file with the statement for rows, and how those are written.
#
# Small files share one client and its connection, and one program takes all digests: a process a file costs more than
# most of the files of mydumper's. What a file leaves behind in either is put back before the next.
my ($root, $lines, $go_on) = @ARGV;
my @plan = map { my $line = <STDIN>; chomp $line; [split /\t/, $line, -1] } 1 .. $lines;
$0 = "load files";
$| = 1;
$SIG{PIPE} = "IGNORE";
# One that is larger has a client of its own, straight to the server: what that costs is nothing to it then.
my $small = 8 << 20;
my $digests;
my ($done_bytes, $position, $said_at) = (0, sub { 0 }, time);

# Rows in files of their own are in UTC as those of other dumps are, but for --skip-tz-utc, which their definitions tell.
my $for_rows = "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES'" . ($ENV{ROWS_IN_UTC} ? "; SET time_zone = '+00:00'" : "");

sub say_progress {
    return if time == $said_at;
    $said_at = time;
    printf "progress %d\n", $done_bytes + $position->();
}

# One sha256sum for all files: it is told to read two pipes in turn, and opens the next once the one before has ended.
sub start_digests {
    my $files = shift;
    mkfifo("$work/$_", 0600) or die for qw(even odd);
    pipe(my $told, my $to_us) or die;
    run([qw(sha256sum), map { ($work . ($_ % 2 ? "/odd" : "/even")) } 0 .. $files - 1], undef, $to_us, undef);
    close $to_us;
    return $told;
}
my $digest_at = 0;
sub open_digest { sysopen(my $to, $work . ($digest_at++ % 2 ? "/odd" : "/even"), O_WRONLY) or die; return $to }

my @unpacks = (
    [qr/^\x1f\x8b/, qw(gzip -dc)], [qr/^(?:\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/, qw(zstd -dcq --long=31)],
    [qr/^\xfd7zXZ\0/, qw(xz -dcq)], [qr/^BZh/, qw(bzip2 -dc)], [qr/^\x04\x22\x4d\x18/, qw(lz4 -dcq)],
    [qr/^\x5d\0\0/, qw(xz -dcq --format=lzma)], [qr/^PK\x03\x04/, qw(inflate zip)], [qr/^\x78[\x01\x5e\x9c\xda]/, qw(inflate zlib)],
);
# Returns the command that unpacks what a file holds, or nothing where it is not compressed.
sub unpacking {
    my $file = shift;
    sysread $file, my $head, 6;
    sysseek $file, 0, 0;
    my ($found) = grep { $head =~ $_->[0] } @unpacks;
    return if !$found;
    my (undef, @command) = @$found;
    if ($command[0] eq "inflate") {
        return ("bash", "-c", $ENV{INFLATE}, @command) if eval { require Compress::Raw::Zlib; require IO::Uncompress::Unzip };
        $command[0] = "perl (with IO::Uncompress)";
    }
    return @command if grep { -x "$_/$command[0]" } split /:/, $ENV{PATH};
    print "lacks $command[0]\n";
    give_up(67);
}

# xz complains of what follows its stream as if it were the stream's damage.
sub is_followed {
    my ($path, @options) = @_;
    open my $file, "<:raw", $path or return 0;
    waitpid run([qw(xz -tq --single-stream), @options], $file), 0;
    return $? == 0;
}

# Sends a file through its digest and what unpacks it to `$to`, piece by piece; a file that is not unpacked may go to
# nobody but its digest. Returns the statuses of reading and unpacking, and what the latter complains of.
sub send_through {
    my ($file, $unpack, $to) = @_;
    my $digest = open_digest();
    $position = sub { sysseek($file, 0, 1) || 0 };
    my $read = sub {
        my ($from, $sends) = @_;
        while (1) {
            my $got = sysread $from, my $piece, 1 << 18;
            next if !defined $got && $!{EINTR};
            return 1 if !defined $got;
            return 0 if !$got;
            $sends->($piece);
            say_progress();
        }
    };
    if (!@$unpack) {
        my $status = $read->($file, sub { write_all($digest, $_[0]); $to->($_[0]) if $to });
        close $digest;
        return ($status, undef, "");
    }
    pipe(my $packed, my $into) or die;
    pipe(my $unpacked, my $out) or die;
    my $reader = fork // die;
    if (!$reader) {
        close $_ for $packed, $unpacked, $out;
        let_go();
        my $open = 1;
        # The digest is that of the whole file, wherever the program that unpacks it gives up.
        POSIX::_exit($read->($file, sub { write_all($digest, $_[0]); $open &&= write_all($into, $_[0]) }));
    }
    close $_ for $digest, $into;
    my $program = run($unpack, $packed, $out, "$work/decompress.err");
    close $_ for $packed, $out;
    $read->($unpacked, $to);
    return (map({ waitpid($_, 0); status_of($?) } $reader, $program), contents("$work/decompress.err"));
}

# What is done with the pieces of a file before the client gets them, by how it is loaded.
# mydumper's definitions have no DELIMITER: a statement ends where a line ends with a semicolon, and it takes care that
# no line inside a routine does: it puts a blank behind the semicolon there, which is taken away again.
# Before a view stands a table in its place, with its columns alone and, unlike any that the server writes, not indented.
my $stands_in = qr/^CREATE TABLE (?:IF NOT EXISTS )?([`"])((?:(?!\1).|\1\1)+)\1 ?\(\n(?:\1[^\n]*\n)+\) ?(?:ENGINE|;|\z)/m;
sub announced {
    my $name = (shift =~ $stands_in)[1] // return "";
    return "sql count\t1\tannounced\t\t" . Promises::_told($name =~ s/([`"])\1/$1/gr) . "\n";
}
sub by_lines {
    my ($changes, $put, $begin) = @_;
    my $left = "";
    $put->($begin);
    return sub {
        my $piece = shift;
        $left .= $piece // "";
        my $lines = substr $left, 0, defined $piece ? 1 + rindex $left, "\n" : length $left, "";
        $changes->() for $lines;
        $put->($lines);
        $put->(($lines eq "" || $lines =~ /\n\z/ ? "" : "\n") . "DELIMITER ;\n") if !defined $piece;
    };
}
sub changes_of {
    my ($how, $put) = @_;
    my $definitions = sub { s/;$/\/\/drtool\/\//mg; s/; $/;/mg };
    return by_lines($definitions, $put, "DELIMITER //drtool//\n") if $how eq "definitions";
    # The database may be one that every server has.
    return by_lines(sub { s/^CREATE DATABASE `/CREATE DATABASE IF NOT EXISTS `/mg; $definitions->() }, $put, "DELIMITER //drtool//\n")
        if $how eq "create";
    return $put;
}
# What a dump promises, read by a process of its own while it is loaded.
sub start_promises {
    my $charset = shift;
    pipe(my $from_us, my $to) or die;
    my $pid = fork // die;
    if (!$pid) {
        close $to;
        let_go();
        open STDIN, "<&", $from_us;
        open STDOUT, ">", "$work/promises";
        $ENV{CLIENT_CHARSET} = $charset;
        promises();
        close STDOUT;
        POSIX::_exit(0);
    }
    return [$pid, $to];
}
sub promises_of {
    my ($pid, $to) = @{ $_[0] };
    close $to;
    waitpid $pid, 0;
    return contents("$work/promises");
}

# Rows as SELECT INTO OUTFILE writes them. The server reads them from a pipe in the one folder that it may read from, so
# that no file of rows is made and SQL in the backup can reach none. With the statement comes what its lines end with.
sub statement_of_rows {
    my ($how, $table, $extra, $clause) = @_;
    $table =~ s/`/``/g;
    return ("$for_rows; LOAD DATA INFILE '$rows_pipe' INTO TABLE `$table` CHARACTER SET $extra $clause", "\n") if $how eq "rows";
    # A file beside them has the statement, as mydumper --load-data and --csv make it.
    open my $file, "<:raw", "$root/$extra" or give_up(66);
    my ($statement, @unpack) = ("", unpacking($file));
    close $file;
    open my $text, "-|", @unpack ? (@unpack, "$root/$extra") : ("cat", "$root/$extra") or die;
    while (length $statement < 1 << 24) { sysread $text, $statement, 1 << 20, length $statement or last }
    close $text;
    my ($ends) = $statement =~ /\bLINES (?:STARTING BY '(?:[^'\\]|\\.)*' )?TERMINATED BY '((?:[^'\\]|\\.)*)'/s;
    my %escaped = (n => "\n", r => "\r", t => "\t", 0 => "\0");
    $ends = ($ends // "\n") =~ s{\\(.)}{$escaped{$1} // $1}gesr;
    return ($statement =~ s/LOAD DATA LOCAL INFILE '[^']*'/LOAD DATA INFILE '$rows_pipe'/r =~ s/[\s;]*\z//r, $ends);
}

# Loads one file and says how it went.
sub load {
    my ($how, $database, $table, $path, $extra, $clause) = @_;
    # Of a file that is chosen from only what is wanted is carried out.
    my $chosen = $how eq "chosen";
    $how = "sql" if $chosen;
    open my $file, "<:raw", "$root/$path" or give_up(66);
    my @unpack = $how eq "nothing" ? () : unpacking($file);
    my $promises = $how eq "sql" ? start_promises($extra) : undef;
    my $last = "";
    my ($begins, $client, $put, $rows, $ends) = ("");
    if ($how ne "nothing") {
        my $charset = $how =~ /^rows/ ? "utf8mb4" : $extra;
        $client = client_for($database eq "-" ? undef : $database, $charset, -s $file > $small);
        if ($how =~ /^rows/) {
            (my $statement, $ends) = statement_of_rows($how, $table, $extra, $clause eq "-" ? "" : $clause);
            put($client, $statement . end_of_file($client));
            $rows = open_rows($client);
            $put = sub { undef $rows if defined $_[0] && $rows && !write_all($rows, $_[0]) };
        } else {
            start_filter($client, $chosen ? $database =~ s/^-$//r : undef);
            $put = changes_of($how, sub { put($client, $_[0]) if defined $_[0] });
        }
    }
    my ($read, $decompress, $complaint) = send_through($file, \@unpack, $client && sub {
        if ($promises) {
            write_all($promises->[1], $_[0]);
            $client->{other_charset} ||= "$last$_[0]" =~ /^\s*(?:charset\s|\\C)/mi;
        }
        $begins .= $_[0] if $how eq "definitions" && length $begins < 1 << 16;
        $last = length $_[0] > 99 ? substr $_[0], -99 : substr "$last$_[0]", -99;
        $put->($_[0]);
    });
    $put->(undef) if $put;
    end_filter($client) if $client && $how !~ /^rows/;
    close $rows if $rows;
    $complaint = "trailing garbage" if $decompress && $unpack[0] eq "xz" && is_followed("$root/$path", @unpack[2 .. $#unpack]);
    my $ended = $client ? finish($client, $how =~ /^rows/) : {status => 0};
    print promises_of($promises) if $promises;
    print contents("$work/only") if $chosen;
    unlink "$work/only";
    print announced($begins);
    print "sentinel $ended->{sentinel}\n" if $ended->{sentinel};
    print "warned $ended->{warned}{$_} $_\n" for sort keys %{ $ended->{warned} };
    print "read $read\ndecompress ", $decompress // 0, "\nsink $ended->{status}\nbytes ", -s $file, "\n";
    print "sha256 ", scalar(<$digests>) =~ /^\\?(\w{64})/, "\n";
    print map { "decompress.err " . substr($_, 0, 300) . "\n" } splice @{[split /\n/, $complaint]}, 0, 20;
    print "sink.err ", substr($ended->{error}, 0, 300), "\n" if $ended->{error};
    print $last eq "" || $last =~ /\Q$ends\E\z/ ? "end complete\n" : "end inside-line\n" if $how =~ /^rows/;
    print "end unknown\n" if $how !~ /^(?:rows|sql)/;
    $done_bytes += -s $file;
    $position = sub { 0 };
    return $ended->{status};
}

# The pipe that the server reads rows from can be opened once it does. It never does where it has given up before.
sub open_rows {
    my $client = shift;
    while ($client->{out} && !$client->{sentinel}) {
        if (sysopen my $to, $rows_pipe, O_WRONLY | O_NONBLOCK) {
            fcntl $to, F_SETFL, 0;
            return $to;
        }
        hear($client, 0, 0.002);
    }
    return;
}

mkfifo($rows_pipe, 0644) or give_up(1) if grep { $_->[0] =~ /^rows/ } @plan;
start_proxy();
$digests = start_digests(scalar @plan);
my $failed;
for my $line (@plan) {
    my ($how, @rest) = @$line;
    print "file $rest[2]\n";
    my $status = load($failed ? "nothing" : $how, @rest);
    $failed = 1 if $status && $go_on ne "yes";
}
end_client() if $client;
system "rm", "-rf", $work, $rows_pipe;
print "done\n";
