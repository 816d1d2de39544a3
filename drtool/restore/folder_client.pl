# The client that folder.pl loads files with. It may take many files on one connection: between two of them the server
# is told to forget what the session has set, locked, begun and made, as for somebody who connects anew
# (COM_RESET_CONNECTION, https://mariadb.com/kb/en/com_reset_connection/). The client itself has no command for that
# that a dump may not give as well, so it goes to the server through a process of ours, which does.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use Fcntl qw(F_SETFL F_SETPIPE_SZ O_NONBLOCK O_WRONLY);
use POSIX qw(mkfifo WNOHANG);
use Socket;

my $work = `mktemp -d /tmp/restore.XXXXXX`;
chomp $work;
my $server = "/run/mysqld/mysqld.sock";
my $rows_pipe = "/run/mysqld/" . $work =~ s{.*/}{}r;
my ($client, $proxy);
# Of one statement the server keeps 64 warnings if not told otherwise: those of no weight would crowd out the others.
my $most_warnings = 65535;
my $most_kinds = 1000;
my $sets_up = "SET SESSION max_error_count = $most_warnings, foreign_key_checks = 0" . ($ENV{SESSION} ? ", $ENV{SESSION}" : "");

sub give_up { system "rm", "-rf", $work, $rows_pipe; POSIX::_exit(shift) }
sub contents { open my $file, "<:raw", shift or return ""; local $/; return <$file> // "" }
sub status_of { my $status = shift; return $status & 127 ? 128 + ($status & 127) : $status >> 8 }
sub write_all {
    my ($to, $at) = ($_[0], 0);
    while ($at < length $_[1]) {
        my $put = syswrite $to, $_[1], 1 << 20, $at;
        next if !defined $put && $!{EINTR};
        return 0 if !defined $put;
        $at += $put;
    }
    return 1;
}
# Starts a program; what is not given leads nowhere.
sub run {
    my ($command, $in, $out, $err) = @_;
    my $pid = fork // die;
    return $pid if $pid;
    open my $nowhere, "+<", "/dev/null";
    open STDIN, "<&", $in // $nowhere;
    open STDOUT, ">&", $out // $nowhere;
    open STDERR, ">", $err // "/dev/null";
    $SIG{PIPE} = "DEFAULT";
    exec { $command->[0] } @$command or POSIX::_exit(127);
}
# For a process of ours: it holds nothing open that somebody waits for the end of.
sub let_go {
    my $keeps_output = shift;
    close $_ for grep { ref } $client ? @$client{qw(in out filter)} : (), $proxy;
    open STDOUT, ">", "/dev/null" if !$keeps_output;
}

# It comes before all others, since it outlives them and must hold nothing open that one of them waits for the end of.
sub start_proxy {
    socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0) or die;
    socket(my $listening, AF_UNIX, SOCK_STREAM, 0) or die;
    bind($listening, pack_sockaddr_un("$work/server")) && listen($listening, 1) or die;
    my $pid = fork // die;
    if ($pid) { $proxy = $ours; return }
    close $ours;
    let_go();
    pass_on($theirs, $listening);
    POSIX::_exit(0);
}
# Passes on what a client and the server say to each other, one client after the other.
sub pass_on {
    my ($asked, $listening) = @_;
    my ($from, $to);
    while (1) {
        my $wanted = "";
        vec($wanted, fileno $_, 1) = 1 for $asked, $to ? ($from, $to) : $listening;
        select($wanted, undef, undef, undef) < 0 and next;
        my $ready = sub { vec($wanted, fileno $_[0], 1) };
        if (!$to && $ready->($listening)) {
            accept($from, $listening) or next;
            socket($to, AF_UNIX, SOCK_STREAM, 0) && connect($to, pack_sockaddr_un($server)) or undef $to;
            undef $from if !$to;
        } elsif ($ready->($asked)) {
            sysread($asked, my $what, 1) or return;
            syswrite $asked, $to && is_reset($to) ? "y" : "n";
        } elsif ($to) {
            for my $pair ([$from, $to], [$to, $from]) {
                my ($one, $other) = @$pair;
                next if !$ready->($one);
                my $got = sysread $one, my $piece, 1 << 18;
                next if $got && (write_all($other, $piece) || $one == $from);
                ($from, $to) = ();
                last;
            }
        }
    }
}
# Has the server forget the session, and tells whether it has: 0 begins the packet that says so.
sub is_reset {
    my ($to, $said) = (shift, "");
    write_all($to, "\x01\0\0\0\x1f") or return 0;
    while (length $said < 4 || length $said < 4 + unpack "V", substr($said, 0, 3) . "\0") {
        sysread $to, $said, 1 << 10, length $said or return 0;
    }
    return substr($said, 4, 1) eq "\0";
}

# Returns the client for the next file, connected as for nobody before it. One without a database of its own must not
# find that of another selected.
sub client_for {
    my ($database, $charset, $alone) = @_;
    end_client() if $client && ($alone || !defined $database || !$client->{fresh} || $client->{charset} ne $charset);
    start_client($charset, $alone) if !$client;
    my $names = $client->{collation} ? "SET NAMES $charset COLLATE $client->{collation};" : "";
    my $use = defined $database ? "USE `" . $database =~ s/`/``/gr . "`;" : "";
    $client->{$_} = undef for qw(sentinel error);
    $client->{warned} = {};
    $client->{fresh} = 0;
    put($client, "${names}SELECT '$client->{token} ', \@\@collation_connection;$sets_up;$use\n");
    $client->{before} = $client->{lines};
    return $client;
}
sub start_client {
    my ($charset, $alone) = @_;
    pipe(my $from_us, my $in) or die;
    pipe(my $out, my $to_us) or die;
    my $socket = $alone ? $server : "$work/server";
    # binary-mode switches off every command of the client (\!, source, tee, ...) but delimiter and charset.
    # What the dump's own SELECTs give is nobody's business, could pass for one of our facts, and must not be held in
    # memory until it ends (--quick).
    my @command = (qw(mariadb --no-defaults --binary-mode --batch --quick --show-warnings --comments --unbuffered),
        qw(--local-infile=0 --skip-ssl --max-allowed-packet=1G --default-character-set), $charset, "--socket=$socket",
        "--user=" . ($ENV{RESTORE_AS} // "root"));
    my $pid = run(\@command, $from_us, $to_us, "$work/sink.err");
    fcntl($in, F_SETPIPE_SZ, 1 << 20);
    fcntl($in, F_SETFL, O_NONBLOCK);
    open my $random, "<:raw", "/dev/urandom" or die;
    sysread $random, my $token, 8;
    $client = {pid => $pid, in => $in, out => $out, alone => $alone, lines => 0, left => "", fresh => 1, charset => $charset,
        token => unpack "Q", $token};
}
sub end_client {
    close $client->{in} if $client->{in};
    hear($client) while $client->{out};
    waitpid $client->{pid}, 0;
    my $status = status_of($?);
    undef $client;
    return $status;
}

# Gives the client something, by way of its filter if it has one, and hears what it says meanwhile, which it may have to
# say before it takes more.
sub put {
    my ($client, $piece, $at) = (@_, 0);
    my $to = $client->{filter} ? "filter" : "in";
    $client->{lines} += $piece =~ tr/\n//;
    while ($client->{$to} && $at < length $piece) {
        my $put = syswrite $client->{$to}, $piece, length($piece) - $at, $at;
        if (defined $put) { $at += $put }
        elsif ($!{EAGAIN}) { hear($client, $client->{$to}) }
        elsif (!$!{EINTR}) { close delete $client->{$to} } # it has given up
    }
}
# Has what the client is given pass through for_client.pl, which writes to it directly; where some of it alone is wanted,
# through what chooses that first.
sub start_filter {
    my ($client, $chosen_into) = @_;
    pipe(my $from_us, $client->{filter}) or die;
    my $pid = fork // die;
    if (!$pid) {
        # What is shared does not wait until the client takes more; what is opened anew does.
        open STDIN, "<&", $from_us;
        open STDOUT, ">:raw", "/proc/self/fd/" . fileno $client->{in} or POSIX::_exit(1);
        close delete $client->{filter};
        let_go(1);
        start_choosing($chosen_into) if defined $chosen_into;
        for_client();
        POSIX::_exit(0);
    }
    fcntl($client->{filter}, F_SETFL, O_NONBLOCK);
    $client->{filtering} = $pid;
}
# Puts before what reads its standard input now what lets only that of it pass which is wanted.
sub start_choosing {
    my $database = shift;
    pipe(my $wanted, my $to) or die;
    my $pid = fork // die;
    if (!$pid) {
        open STDOUT, ">&", $to;
        close $_ for $wanted, $to;
        $ENV{ONLY_FACTS} = "$work/only";
        chosen($database);
        close STDOUT;
        POSIX::_exit(0);
    }
    close $to;
    open STDIN, "<&", $wanted;
}
sub end_filter {
    my $client = shift;
    close delete $client->{filter} if $client->{filter};
    hear($client, undef, 0.002) while !waitpid $client->{filtering}, WNOHANG;
}
# Waits until the client says something or, where that is asked for too, takes more.
sub hear {
    my ($client, $taker, $seconds) = @_;
    my ($says, $takes) = ("", "");
    vec($says, fileno $client->{out}, 1) = 1 if $client->{out};
    vec($takes, fileno $taker, 1) = 1 if $taker;
    my $found = select($says, $takes, undef, $seconds // 0.5);
    say_progress();
    return if $found <= 0 || !$client->{out} || !vec($says, fileno $client->{out}, 1);
    my $got = sysread $client->{out}, $client->{left}, 1 << 16, length $client->{left};
    return if !defined $got && $!{EINTR};
    if (!$got) { close delete $client->{out}; $client->{left} .= "\n" }
    # Of a line that is longer than any of those that are meant the rest is not held in memory.
    while ($client->{left} =~ s/^[^\n]{0,1024}\K([^\n]*)\n//) { note($client, substr $client->{left}, 0, $-[1], "") }
    substr $client->{left}, 1024, length($client->{left}), "" if $client->{left} !~ /\n/ && length $client->{left} > 1024;
}
sub note {
    my ($client, $line) = @_;
    my $token = $client->{token};
    if ($line =~ /^Warning \(Code (\d+)\)(?:.{0,200}column .{0,140}?([^'`\n]{1,64})['`] at row)?/) {
        my $what = join " ", grep defined, $1, $2;
        $what = $1 if !exists $client->{warned}{$what} && keys %{ $client->{warned} } >= $most_kinds;
        $client->{warned}{$what}++;
    } elsif ($line =~ /^$token\t([01])\t([01])$/) {
        $client->{sentinel} = "$1 $2";
    } elsif ($line =~ /^$token \t(\w+)$/) {
        $client->{collation} //= $1;
    }
}

# What follows a file: only whether our own statement was carried out tells that all before it was; a comment that the
# file leaves open would have swallowed it. The semicolon ends what the file has not ended, as its end would.
sub end_of_file {
    my $token = shift->{token};
    my $unlimited = "character_set_results=utf8mb4, max_statement_time=0, sql_select_limit=" . (1 << 62);
    return "\n;SET \@drtool=$token, $unlimited;SELECT \@drtool, \@\@in_transaction, \@\@max_error_count <> $most_warnings;\n";
}
# Ends a file. The client goes on where that is known to be all: else it is told so by the end of what it is given.
# Returns how it went.
sub finish {
    my ($of, $is_told) = @_;
    put($of, end_of_file($of)) if !$is_told;
    my $until = time + 2;
    hear($of) while $of->{out} && !$of->{sentinel} && !$of->{alone} && time < $until;
    my $status = 0;
    if ($of->{sentinel} && $of->{out} && !$of->{alone} && !$of->{other_charset} && is_forgotten()) {
        $of->{fresh} = 1;
    } else {
        $status = end_client();
    }
    my ($token, $before) = @$of{qw(token before)};
    my $complaint = $status ? contents("$work/sink.err") : "";
    if ($complaint =~ /near ';SET \@drtool=${token}[^']*' at line 1$/m) {
        # The file has left another delimiter: ours reached the server as a statement that begins with its semicolon;
        # one that the file has not ended stands on lines before it.
        $of->{sentinel} = "0 0";
        $status = 0;
    }
    if ($status) {
        # The client repeats the statement it choked on, with all its rows, before it says why.
        my ($error) = reverse grep { /^ERROR/ } split /\n/, $complaint;
        $of->{error} = ($error // "") =~ s{^ERROR[^:]* at line \K(\d+)}{$1 > $before ? $1 - $before : 1}er;
    }
    return {%$of{qw(sentinel warned error)}, status => $status};
}
sub is_forgotten {
    syswrite $proxy, "r";
    sysread $proxy, my $answer, 1;
    return ($answer // "") eq "y";
}
