# Passes on, of a physical backup in an mbstream or a tar archive, the files of the tables that are wanted and all that
# belongs to no table: the system tablespace, undo, logs, the server's own tables. What is no such stream passes as it is,
# so that whatever unpacks it says so, and where it breaks off in what is left out it does so behind this too.
# Argument: `mbstream`, `untar`, or `names` for names of files with a zero byte behind each. ONLY: what is wanted, a line each.
use strict;
use warnings;

my @wanted = map [map qr/$_/, split /\t/], split /\n/, $ENV{ONLY};
my $of_table = qr/\.(?:frm|ibd|isl|cfg|MYD|MYI|MAD|MAI|CSV|CSM|ARZ|ARM|MRG|par|TRG|new|del)(?:\.(?:delta|meta|new))?$/;
my $left = '';

# File names stand for what is no letter or digit by @ and four digits, for letters beyond ASCII by @ and two signs,
# which no name that is asked for has (https://mariadb.com/kb/en/identifier-to-file-name-mapping/).
sub decoded { return $_[0] =~ s/@(?:([0-9a-f]{4})|[!-~]{2})/defined $1 ? chr hex $1 : "\x{FFFD}"/ger }

sub is_wanted {
    my ($folder, $file) = $_[0] =~ m{(?:^|/)([^/]+)/([^/]+)$} or return 1;
    return 1 if $folder =~ /^(?:mysql|performance_schema|sys)$/;
    return 1 if $file =~ /\.ren$/; # what a table was renamed to while the backup ran, which may be one that is wanted
    my @of = grep { decoded($folder) =~ $_->[0] } @wanted;
    return scalar @of if $file =~ /^(?:db\.opt|FTS_[0-9a-f]{16}_.*|.*\.TRN)$/;
    my ($table) = $file =~ /^([^.#]+)/ or return 1;
    return 1 if $file !~ $of_table;
    return scalar grep { decoded($table) =~ $_->[1] } @of;
}

sub has { my $count = shift; while (length $left < $count) { sysread STDIN, $left, 1 << 20, length $left or return 0 } return 1 }
sub pass { my ($count, $passes) = @_; print substr $left, 0, $count if $passes; substr $left, 0, $count, ''; return }
# Passes on or leaves out so many bytes, or what there is of them.
sub pass_on {
    my ($count, $passes) = @_;
    while ($count > 0) {
        has(1) or return 0;
        my $here = $count < length $left ? $count : length $left;
        pass($here, $passes);
        $count -= $here;
    }
    return 1;
}
sub pass_rest { do { print $left; $left = '' } while has(1) }

# Chunks of XBSTCK01, flags, a type, the length of the path and the path; behind that of a part its length, place, checksum
# and content (extra/mariabackup/xbstream.h).
sub of_mbstream {
    my $open = '';
    while (has(14)) {
        my ($magic, $type, $length) = unpack 'a8 x a V', $left;
        last if $magic ne 'XBSTCK01' || $type !~ /[PE]/ || $length > 4096 || !has(14 + $length);
        my $passes = is_wanted(substr($left, 14, $length) =~ s{^\./}{}r);
        $open = $passes || $type eq 'E' ? '' : substr $left, 0, 14;
        if ($type eq 'P') {
            last if !has(34 + $length);
            $length += 20 + unpack 'Q<', substr $left, 14 + $length, 8;
        }
        pass_on(14 + $length, $passes) or last;
        $open = '' if $type eq 'E';
    }
    print $open if $left eq '';
    pass_rest();
}

sub of_tar {
    my ($held, $name, $size) = ('');
    while (has(512)) {
        my $head = substr $left, 0, 512;
        last if $head !~ /[^\0]/;
        my $type = substr $head, 156, 1;
        my $written = substr $head, 124, 12;
        my $bytes = ord($written) & 0x80 ? unpack('x4 Q>', $written) : oct($written =~ /([0-7]+)/ ? $1 : 0);
        if ($type =~ /[LKx]/) {
            last if $bytes > 1 << 20 || !has(512 + blocks($bytes));
            my $body = substr $left, 512, $bytes;
            $name = $body =~ s/\0.*//sr if $type eq 'L';
            if ($type eq 'x') {
                $name = $1 if $body =~ /^\d+ path=(.*)$/m;
                $name = $1 if $body =~ /^\d+ GNU\.sparse\.name=(.*)$/m;
                $size = $1 if $body =~ /^\d+ size=(\d+)$/m;
            }
            $held .= substr $left, 0, 512 + blocks($bytes), '';
            next;
        }
        if (!defined $name) {
            my ($short, $prefix) = (unpack('Z100', $head), substr($head, 257, 6) eq "ustar\0" ? unpack('x345 Z155', $head) : '');
            $name = $prefix eq '' ? $short : "$prefix/$short";
        }
        my $passes = $type !~ /[0\0S7]/ || is_wanted($name);
        my $length = $type =~ /[0\0S7]/ ? blocks($size // $bytes) : $type =~ /[1-6]/ ? 0 : blocks($bytes);
        print $held if $passes;
        my $more = $type eq 'S' && ord substr $head, 482, 1;
        pass(512, $passes);
        while ($more) {
            has(512) or last;
            $more = ord substr $left, 504, 1;
            pass(512, $passes);
        }
        ($held, $name, $size) = ('');
        pass_on($length, $passes) or last;
    }
    print $held;
    pass_rest();
}
sub blocks { return int(($_[0] + 511) / 512) * 512 }

binmode STDIN;
binmode STDOUT;
if ($ARGV[0] eq 'names') {
    local $/ = "\0";
    while (<STDIN>) { print if is_wanted(s/\0\z//r) }
} elsif ($ARGV[0] eq 'mbstream') {
    of_mbstream();
} else {
    of_tar();
}
