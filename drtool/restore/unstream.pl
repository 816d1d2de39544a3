# Splits what `mydumper --stream` wrote into the files that it was made of, in the folder given.
# Each file is announced by a line "-- NAME SIZE" after a line end (mydumper 0.12 and later). Earlier versions give no
# size: a file then ends where the next one is announced.
use strict;
use warnings;
my $folder = shift;
binmode STDIN;
my $names = 0;
my $out;

sub create {
    my $name = shift;
    if ($name =~ m{/} || $name =~ /^\.+$/ || -e "$folder/$name") {
        print STDERR "bad name\n";
        exit 3;
    }
    open($out, '>:raw', "$folder/$name") or do { print STDERR "cannot write: $!\n"; exit 4 };
    $names++;
}
sub put {
    print {$out} $_[0] or do { print STDERR "cannot write: $!\n"; exit 4 };
}
my $pending = '';
while (defined(my $line = <STDIN>)) {
    my ($name, $left) = $line =~ /^-- ([\w.@#\$%+=~-]+?)(?: (\d+))?\n$/;
    if (defined $name && (defined $left || $name =~ /^metadata|\.(?:sql|dat|csv)(?:\.\w+)?$/)) {
        $pending = '';    # the line end before the announcement is no part of the file before it
        create($name);
        next unless defined $left;
        while ($left > 0) {
            my $got = read(STDIN, my $data, $left > 1048576 ? 1048576 : $left);
            if (!$got) {
                print STDERR "unexpected end\n";
                exit 5;
            }
            put($data);
            $left -= $got;
        }
        close($out) or exit 4;
        undef $out;
        next;
    }
    if (!defined $out) {
        next if $line eq "\n";
        print STDERR "not announced\n";
        exit 6;
    }
    put($pending);
    $pending = $line =~ s/(\n)\z// ? $1 : '';
    put($line);
}
put($pending) if defined $out;
exit($names ? 0 : 6);
