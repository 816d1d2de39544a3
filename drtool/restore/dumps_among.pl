# Finds dumps among restored files, by name and by how each file begins, and shows how they begin; called_dumps.pl stands
# before it. Arguments: the folder, how many dumps at the most, how much of the content of each. Prints a line each:
#   archive PATH                    one of the first few, in hex
#   archives COUNT                  of all
#   dumps COUNT                     of all, those that are not shown too
#   unopened COUNT                  of packed files that nobody looked into, since there are so many
#   newest SECONDS                  when the youngest of all files was written
#   file HOW PATH SECONDS BYTES     in hex, then when it was written and its size; HOW says why it is shown: it is
#                                   `called` a dump, `begins` as one, or lies `beside` one and is very small
#   head FAILED CONTENT             of that one, decompressed, in base64, and whether decompressing it gave out
use strict;
use warnings;
use MIME::Base64 "encode_base64";

my ($folder, $at_most, $shown) = @ARGV;
our $called_dump;
my $archive = qr/\.(?:(?:tar|mb|mbstream|xbstream|xb)(?:\.\w+)?|tgz|tbz2?|txz|tzst|wpress)$/i;
my ($LOOKED_AT, $SMALL, $MOST_SMALL) = (4096, 4096, 50_000);
my @unpack = (
    [qr/^\x1f\x8b/, "gzip", "-dc"],
    [qr/^(?:\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/, "zstd", "-dcq", "--long=31"],
    [qr/^\xfd7zXZ\0/, "xz", "-dcq"],
    [qr/^BZh[1-9]/, "bzip2", "-dc"],
    [qr/^\x04\x22\x4d\x18/, "lz4", "-dcq"],
    [qr/^\x5d\0\0/, "xz", "-dcq", "--format=lzma"],
);
my $in_process = eval { require Compress::Raw::Zlib; 1 };
# A comment of SQL or a statement; then, since other languages have such comments, what only SQL or a dump tool writes.
my $starts = qr/^(?:\xef\xbb\xbf)?\s*(?:--[\s-]|\/\*|#[\s-]|(?:CREATE|DROP|INSERT|REPLACE|SET|USE|LOCK|START|DELIMITER|ALTER|GRANT)\s)/;
my $says = qr/^(?:\/\*M?!\d{5,6}|-- (?:MariaDB|MySQL) dump |(?:CREATE|DROP|INSERT|REPLACE|SET|USE|LOCK|START|ALTER|GRANT)\s)/m;

sub begins_as_dump { return $_[0] =~ $starts && substr($_[0], 0, $LOOKED_AT) =~ $says }

sub how_packed {
    my $first = shift;
    return (grep { $first =~ $$_[0] } @unpack)[0];
}

sub gunzipped {
    my ($z) = Compress::Raw::Zlib::Inflate->new(-WindowBits => 31, -LimitOutput => 1, -Bufsize => $LOOKED_AT);
    my ($packed, $content) = (shift, "");
    $z->inflate($packed, $content) if $z;
    return $content;
}

# The first bytes of a packed file, and whether unpacking gave out before there were as many.
sub unpacked {
    my ($file, $how, $wanted) = @_;
    my $head = "";
    seek $file, 0, 0;
    if (my $unpacker = open my $content, "-|") {
        binmode $content;
        my $more = read $content, $head, $wanted;
        my $rest = defined $more && $more == $wanted;
        return ($head, close $content ? 0 : !$rest);
    }
    open STDIN, "<&", $file;
    open STDERR, ">", "/dev/null";
    my (undef, @command) = @$how;
    exec @command or exit 127;
}

my ($newest, $archives, $dumps, @found, @packed, @small) = (0, 0, 0);

sub note {
    my ($how, $path, $time, $size) = @_;
    $dumps++;
    push @found, [$path, $time, $size, $how];
    # What an application changes its tables with are many small ones: the largest are kept.
    @found = (sort { $b->[2] <=> $a->[2] } @found)[0 .. $at_most - 1] if @found >= 2 * $at_most;
}

sub pass {
    my ($path, $time, $size, $content) = @_;
    if ($path =~ $archive || $content =~ /^(?:XBSTCK01|.{257}ustar)/s) {
        print "archive ", unpack("H*", $path), "\n" if $archives++ < 5;
    }
    elsif ($size <= $SMALL && @small < $MOST_SMALL) { push @small, [$path, $time, $size, "beside"] }
}

sub sort_in {
    my ($path, $time, $size, $content) = @_;
    if (begins_as_dump($content)) { note("begins", $path, $time, $size) }
    else { pass($path, $time, $size, $content) }
}

chdir $folder or exit 1;
open my $files, "-|", "find", ".", "-type", "f", "-printf", '%T@ %s %P\0' or exit 1;
{
    local $/ = "\0";
    while (my $line = <$files>) {
        chomp $line;
        my ($time, $size, $path) = $line =~ /^(-?\d+)\S* (\d+) (.*)$/s or next;
        $newest = $time if $time > $newest;
        if ($path =~ $called_dump) { note("called", $path, $time, $size); next }
        my $first = "";
        if ($size && open my $file, "<:raw", $path) {
            sysread $file, $first, $LOOKED_AT;
            if (my $how = how_packed($first)) {
                if ($in_process && $$how[1] eq "gzip") { $first = gunzipped($first) }
                else { push @packed, [$path, $time, $size, $how]; next }
            }
        }
        sort_in($path, $time, $size, $first);
    }
}
@packed = sort { $b->[2] <=> $a->[2] } @packed;
for (splice @packed, 0, $at_most) {
    my ($path, $time, $size, $how) = @$_;
    open my $file, "<:raw", $path or next;
    my ($content) = unpacked($file, $how, $LOOKED_AT);
    sort_in($path, $time, $size, $content);
}
my $unopened = 0;
for (@packed) { if ($$_[0] =~ $archive) { pass(@$_[0 .. 2], "") } else { $unopened++ } }
@found = (sort { $b->[2] <=> $a->[2] } @found)[0 .. $at_most - 1] if @found > $at_most;
print "archives $archives\ndumps $dumps\nunopened $unopened\nnewest $newest\n";
my %with_dumps = map { ($$_[0] =~ s{[^/]*\z}{}sr, 1) } @found;
my @beside = grep { $with_dumps{ $$_[0] =~ s{[^/]*\z}{}sr } } @small;
splice @beside, $at_most if @beside > $at_most;
for (sort { $a->[0] cmp $b->[0] } @found, @beside) {
    my ($path, $time, $size, $why) = @$_;
    my ($head, $status) = ("", 0);
    open my $file, "<:raw", $path or next;
    read $file, $head, $shown;
    if (my $how = how_packed($head)) { ($head, $status) = unpacked($file, $how, $shown) }
    print "file $why ", unpack("H*", $path), " $time $size\nhead ", $status ? 1 : 0, " ", encode_base64($head, ""), "\n";
}
