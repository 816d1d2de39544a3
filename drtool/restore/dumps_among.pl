# Finds what is called a dump or an archive among restored files, and shows how each dump begins, behind called_dumps.pl.
# Arguments: the folder, how many dumps at the most, how much of the content of each. Prints a line each:
#   archive PATH                 one of the first few, in hex
#   archives COUNT               of all
#   dumps COUNT                  of all, those that are not shown too
#   newest SECONDS               when the youngest of all files was written
#   dump PATH SECONDS BYTES      in hex, then when it was written and its size
#   head FAILED CONTENT          of that one, decompressed, in base64, and whether decompressing it gave out
use strict;
use warnings;
use MIME::Base64 "encode_base64";

my ($folder, $at_most, $shown) = @ARGV;
our $called_dump;
my $archive = qr/\.(?:(?:tar|mb|mbstream|xbstream|xb)(?:\.\w+)?|tgz|tbz2?|txz|tzst|wpress)$/i;
my %unpack = (
    "\x1f\x8b" => ["gzip", "-dc"],
    "\x28\xb5\x2f\xfd" => ["zstd", "-dcq", "--long=31"],
    "\xfd7zXZ\0" => ["xz", "-dcq"],
    "BZh" => ["bzip2", "-dc"],
    "\x04\x22\x4d\x18" => ["lz4", "-dcq"],
);
my ($newest, $archives, $dumps, @found) = (0, 0, 0);

chdir $folder or exit 1;
open my $files, "-|", "find", ".", "-type", "f", "-printf", '%T@ %s %P\0' or exit 1;
{
    local $/ = "\0";
    while (my $line = <$files>) {
        chomp $line;
        my ($time, $size, $path) = $line =~ /^(-?\d+)\S* (\d+) (.*)$/s or next;
        $newest = $time if $time > $newest;
        if ($path =~ $called_dump) {
            $dumps++;
            push @found, [$path, $time, $size];
            # What an application changes its tables with are many small ones: the largest are kept.
            @found = (sort { $b->[2] <=> $a->[2] } @found)[0 .. $at_most - 1] if @found >= 2 * $at_most;
        }
        elsif ($path =~ $archive) { print "archive ", unpack("H*", $path), "\n" if $archives++ < 5 }
    }
}
@found = (sort { $b->[2] <=> $a->[2] } @found)[0 .. $at_most - 1] if @found > $at_most;
print "archives $archives\ndumps $dumps\nnewest $newest\n";
for (sort { $a->[0] cmp $b->[0] } @found) {
    my ($path, $time, $size) = @$_;
    my ($head, $status) = ("", 0);
    open my $file, "<:raw", $path or next;
    read $file, $head, $shown;
    my ($how) = grep { index($head, $_) == 0 } keys %unpack;
    if (defined $how) {
        $head = "";
        seek $file, 0, 0;
        if (my $unpacker = open my $content, "-|") {
            binmode $content;
            my $more = read $content, $head, $shown;
            my $rest = defined $more && $more == $shown;
            $status = close $content ? 0 : !$rest;
        } else {
            open STDIN, "<&", $file;
            open STDERR, ">", "/dev/null";
            exec @{ $unpack{$how} } or exit 127;
        }
    }
    print "dump ", unpack("H*", $path), " $time $size\nhead ", $status ? 1 : 0, " ", encode_base64($head, ""), "\n";
}
