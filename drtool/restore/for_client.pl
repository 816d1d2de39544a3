# Passes SQL on as the client can take it: what it must not see becomes a remark of the same length, on the same lines.
# - Dumps since 2024 begin with a command to the client, which binary-mode and clients older than that refuse. It forbids
#   less than binary-mode does. Some releases write it with an M, some without; in a file of several dumps each has one.
# - With --comments the client takes no DELIMITER that stands behind an empty line (CRLF) or a comment in /* */, nor our
#   own statement at the end. The tools whose headers are known write no such thing before one, so in their dumps, rows
#   and all, none is looked for.
my ($left, $more, $judged, $ahead, $mode, $tool) = ("", 1, 0, 32 << 10, "\\- enable the sandbox mode */");
sub remark {
    my ($from, $to) = @_;
    substr($left, $from, $to - $from) =~ s/^[^\n]+/"#" . " " x (length($&) - 1)/gem;
}
sub empty_before { # the lines before one that begin no statement
    my $start = shift;
    while ($start > 0) {
        my $before = rindex($left, "\n", $start - 2) + 1;
        $before = 0 if $start == 1;
        my $line = substr $left, $before, $start - 1 - $before;
        if ($line =~ m{\*/\s*\z}) {
            my $comment = rindex $left, "/*", $start - 2;
            last if $comment < 0 || substr($left, $comment, 4) =~ m{^/\*M?!};
            $before = rindex($left, "\n", $comment) + 1;
            my $alone = substr($left, $before, $comment - $before) !~ /\S/;
            remark($alone ? $before : $comment, $start - 1);
            last if !$alone;
        } elsif ($line =~ /^\s*(?:--|#|\z)/) {
            remark($before, $start - 1) if $line !~ /^(?:--|#)/;
        } else {
            last;
        }
        $start = $before;
    }
}
while ($more) {
    $more = sysread STDIN, $left, 1 << 20, length $left;
    my $known = length($left) - ($more ? $ahead : 0);
    next if $more && $known <= 0;
    $tool //= $left =~ /\A.{0,4096}?^-- (?:MariaDB|MySQL) dump \d/ms ? 1 : 0;
    for (my $at = $judged; ($at = index $left, $mode, $at) >= 0 && $at < $known; $at++) {
        my $line = $at < 40 ? 0 : $at - 40;
        substr($left, $line, $at - $line) =~ m{(?:\A(?:\xef\xbb\xbf)?|\n)([ \t]*/\*M?!\d{5,6})\z}
            and remark($at - length $1, $at + length $mode);
    }
    for my $word ($tool ? () : ("ELIMITER ", "elimiter ")) {
        for (my $at = $judged; ($at = index $left, $word, $at) >= 0 && $at < $known; $at++) {
            my $line = rindex($left, "\n", $at) + 1;
            empty_before($line) if $line && substr($left, $line, $at - $line) =~ /^\s*D\z/i;
        }
    }
    empty_before(1 + length $left) if !$more;
    my $out = $more ? $known - $ahead : length $left;
    $judged = $known;
    next if $out <= 0;
    syswrite STDOUT, $left, $out;
    substr($left, 0, $out, "");
    $judged -= $out;
}
