# Splits a stream of SQL into statements, as MariaDB's client does, while it flows: whatever is between two of them, and
# however large they are, a few MiB are held at a time. Stands for itself; what reads dumps is built on it.
#
#     Statements->new(statement => sub { my ($text, $whole) = @_; ... }, ...)->read($handle);
#
# What it tells, by the names of the subroutines it is given; all but `statement` and `rows` may be left out:
#
#     comment    a comment between two statements, its first 4 KiB
#     statement  the first MiB of a statement that is no list of rows, without its delimiter; whether it ended
#     rows       what stands before the rows of an INSERT or REPLACE, how many there are, the first KiB of what follows
#                them, whether it ended, how the first of them begins
#     delimits   another delimiter
#     passes     every byte of the stream, in its order: bytes, whether they belong to a statement. What they belong to has been announced
#                by `begins`, which is given the statement's first KiB
#     fills      each part of the stream as it was read
package Statements;
use strict;
use warnings;
no warnings 'regexp';    # of repetitions that are more than a regular expression counts: the loops around them go on

my $PART = 1 << 20;
my $ROW = 1 << 18;        # a row that is not whole in so many bytes is taken piece by piece
my $HEAD = 1 << 17;       # holds all that stands before the rows of an INSERT
my $TEXT = 1 << 20;
my $IDENTIFIER = qr/`(?:[^`]|``)+`|"(?:[^"]|"")+"|[^\s`"'().,;=*\/\\]+/;
my $INTO = qr/\G(?:INSERT|REPLACE)\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|INTO)\s+)*+
    $IDENTIFIER(?:\s*\.\s*$IDENTIFIER)?\s*(?:PARTITION\s*\([^)]*+\)\s*)?(?:\((?:`[^`]*+`|[^`)])*+\)\s*)?VALUES?\s*(?=\()/xi;

# Character sets in which the second byte of a letter may be a backslash.
my %LETTERS = (
    (map { $_ => '[\x81-\xfe][\x40-\x7e\x80-\xfe]' } qw(big5 gbk)),
    (map { $_ => '[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]' } qw(cp932 sjis)),
);

# No statement, and nothing ends it: the line with which mariadb-dump forbids the client to carry out commands.
my $TO_CLIENT = qr/\/\*M?!999999\\-/;

sub new {
    my ($class, %tells) = @_;
    my $self = bless { %tells, left => '', delimiter => ';', escapes => 1, letters => '', over => 0, passed => 0 }, $class;
    $self->_compile;
    return $self;
}

# Whether a backslash escapes what follows it in strings: not after SET sql_mode='NO_BACKSLASH_ESCAPES'.
sub escapes {
    my ($self, $escapes) = @_;
    return if $self->{escapes} == $escapes;
    $self->{escapes} = $escapes;
    $self->_compile;
}

# In which character set strings are: SET NAMES.
sub letters {
    my ($self, $charset) = @_;
    my $letters = $LETTERS{ lc $charset } // '';
    return if $self->{letters} eq $letters;
    $self->{letters} = $letters;
    $self->_compile;
}

sub _compile {
    my $self = shift;
    my $ends = quotemeta substr $self->{delimiter}, 0, 1;
    my $escape = $self->{escapes} ? '\\\\' : '';
    my ($single, $double) = map { "$_\[^$_$escape]*+" . ($escape && "(?:\\\\.[^$_\\\\]*+)*+") . $_ } q{'}, q{"};
    my $letter = $self->{letters} && "$self->{letters}|[\x80-\xff](?!\\z)";
    ($single, $double) = map { "$_(?:[^$_$escape\x80-\xff]++|$letter" . ($escape && '|\\\\.') . ")*+$_" } q{'}, q{"} if $letter;
    my $plain = qr/[^'"`()\\\/#;-]++|$single|$double|`[^`]*+`|-(?!-)|\/(?!\*)/s;
    my $behind = qr/\)\s*+(?:,|(?=\Q$self->{delimiter}\E)|(?=[^,\s]))/;
    # Nearly all rows are of the first kind, which is the faster one.
    $self->{one_row} = qr/\([^'"`()\\\/#;-]*+(?:$single[^'"`()\\\/#;-]*+)*+\)/s;
    $self->{alike} = {};
    $self->{row} = qr/\G\s*+\([^'"`()\\\/#;-]*+(?:$single[^'"`()\\\/#;-]*+)*+$behind/s;
    $self->{odd_row} = qr/\G\s*+\((?:$plain|\((?:$plain|\((?:$plain)*+\))*+\))*+$behind/s;
    $self->{at_end} = qr/\G\Q$self->{delimiter}\E/;
    $self->{quiet} = qr/\G[^'"`\\\/\-#()$ends]++/;
    $self->{string} = { map { $_ => $escape && $_ ne '`' ? qr/\G(?:[^$_\\]++|\\.)*+/s : qr/\G[^$_]*+/s } q{'}, q{"}, '`' };
    $self->{string}{$_} = $escape ? qr/\G(?:[^$_\\\x80-\xff]++|$letter|\\.)*+/s : qr/\G(?:[^$_\x80-\xff]++|$letter)*+/s
        for $letter ? (q{'}, q{"}) : ();
    $self->{escaped} = length $escape;
    # Under others rows are told as any statement: a delimiter may be whatever somebody likes.
    $self->{lists_rows} = $self->{delimiter} =~ /^;/;
}

# Takes more of the stream behind what is left from pos on, or from the beginning of what is kept to be told; all else
# is done with. Tells whether there was more.
sub _more {
    my $self = shift;
    return 0 if $self->{over};
    my $at = pos($self->{left}) // 0;
    if (defined $self->{keep} && $at - $self->{keep} > $TEXT) {
        $self->{text} = substr $self->{left}, $self->{keep}, $TEXT;
        undef $self->{keep};
    }
    my $done = $self->{keep} // $at;
    $self->_let_pass($done);
    my $length = length $self->{left};
    my $got = $self->{part}->($self->{left}, $length);
    pos($self->{left}) = $at - $done;
    $self->{over} = 1 if !$got;
    $self->{fills}->($self->{left}, $length) if $got && $self->{fills};
    return !$self->{over};
}

# Tells what has passed, up to a place in what is left. It is not taken away there: Perl copies a string whose beginning
# was cut off each time that it is matched.
sub _passed_to {
    my ($self, $to) = @_;
    return if !$self->{passes} || $to <= $self->{passed};
    $self->{passes}->(substr($self->{left}, $self->{passed}, $to - $self->{passed}), $self->{inside});
    $self->{passed} = $to;
}

sub _let_pass {
    my ($self, $count) = @_;
    return if !$count;
    $self->_passed_to($count);
    $self->{passed} -= $count if $self->{passes};
    substr($self->{left}, 0, $count, '');
    $self->{keep} -= $count if defined $self->{keep};
}

# Sees to it that so many bytes stand behind pos, or all that there are.
sub _holds {
    my ($self, $count) = @_;
    while (length($self->{left}) - (pos($self->{left}) // 0) < $count) { $self->_more or return }
}

# A pipe gives little at a time, and to begin anew with each little costs more than all the rest.
sub _fill {
    my ($from, undef, $at) = @_;
    my $filled = 0;
    while ($filled < $PART) {
        my $got = sysread $from, $_[1], $PART - $filled, $at + $filled;
        last if !$got;
        $filled += $got;
    }
    return $filled;
}

# Reads all of a stream of bytes, from a handle or from a subroutine that adds the next part to its first argument, and
# tells how long that is.
sub read {
    my ($self, $from) = @_;
    $self->{part} = ref $from eq 'CODE' ? $from : sub { _fill($from, @_) };
    $self->_more;
    $self->{left} =~ /\G\xEF\xBB\xBF/gc;
    while (1) {
        $self->{left} =~ /\G\s+/gc;
        $self->_holds(16) if length($self->{left}) - (pos($self->{left}) // 0) < 16;
        next if $self->{left} =~ /\G\s+/gc;
        last if (pos($self->{left}) // 0) >= length $self->{left};
        if ($self->{left} =~ /\G(?=#|--)/gc) { $self->_line_comment }
        elsif ($self->{left} =~ /\G(?=\/\*(?!M?!)|$TO_CLIENT)/gc) { $self->_comment }
        elsif ($self->{left} =~ /\G(?=delimiter[ \t])/gci) { $self->_delimiter }
        else { $self->_statement }
    }
    $self->_passed_to(length $self->{left});
}

sub _line_comment {
    my $self = shift;
    $self->_holds(4096);
    $self->{left} =~ /\G([^\n]{0,4095})/gc;
    my $text = $1;
    $self->{comment}->($text) if $self->{comment};
    while ($self->{left} !~ /\G[^\n]*+\n/gc) {
        pos($self->{left}) = length $self->{left};
        $self->_more or return;
    }
}

sub _comment {
    my $self = shift;
    $self->_holds(4096);
    $self->{left} =~ /\G(\/\*.{0,4093}?(?:\*\/|\z))/gcs || $self->{left} =~ /\G(\/\*.{0,4000})/gcs;
    my $text = $1;
    if ($text !~ /\*\/\z/) { $self->_past('*/') or $self->{open} = 'comment' }
    $self->{comment}->($text) if $self->{comment};
}

# Goes on behind the next occurrence of a few bytes.
sub _past {
    my ($self, $bytes) = @_;
    while (1) {
        my $found = index $self->{left}, $bytes, pos($self->{left}) // 0;
        if ($found >= 0) { return pos($self->{left}) = $found + length $bytes }
        my $keep = length($self->{left}) - length($bytes) + 1;
        pos($self->{left}) = $keep if $keep > (pos($self->{left}) // 0);
        if (!$self->_more) { pos($self->{left}) = length $self->{left}; return 0 }
    }
}

sub _delimiter {
    my $self = shift;
    $self->_holds(1024);
    $self->{left} =~ /\Gdelimiter[ \t]+([^\s]{0,16})[^\n]*+/gci;
    return if !length $1;
    $self->{delimiter} = $1;
    $self->{delimits}->($1) if $self->{delimits};
    $self->_compile;
}

sub _statement {
    my $self = shift;
    my $from = pos($self->{left}) // 0;
    if (length($self->{left}) - $from < $HEAD) {
        $self->_holds($HEAD);
        $from = pos($self->{left}) // 0;
    }
    $self->{begins}->(substr $self->{left}, $from, 1024) if $self->{begins};
    $self->_passed_to($from);
    $self->{inside} = 1;
    my ($head, $first, $rows);
    if ($self->{lists_rows} && $self->{left} =~ /$INTO/gc) {
        $head = substr $self->{left}, $from, pos($self->{left}) - $from;
        $first = substr $self->{left}, pos $self->{left}, 16;
        $rows = $self->_rows;
        $from = pos $self->{left};
        if (!$self->{passes} && $self->{left} =~ /$self->{at_end}/gc) {
            $self->{inside} = 0;
            $rows += $self->_alike($head) if ($self->{before} // '') eq $head;
            $self->{before} = $head;
            $self->{rows}->($head, $rows, '', 1, $first);
            return;
        }
    }
    @$self{qw(keep text)} = ($from, undef);
    my $ended = $self->_to_delimiter;
    my $to = pos($self->{left}) // 0;
    my $text = $self->{text} // substr $self->{left}, $self->{keep}, $to - $self->{keep} - ($ended && length $self->{delimiter});
    undef $self->{keep};
    $self->{open} //= 'statement' if !$ended;
    $self->_passed_to($to);
    $self->{inside} = 0;
    if (!$rows) { $self->{statement}->(substr($text, 0, $TEXT), $ended) }
    else { $self->{rows}->($head, $rows, substr($text, 0, 1024), $ended, $first) }
}

# Where each row is a statement of its own, the same words stand before it as before the one that was read last: goes on
# behind all that are so, and tells how many.
sub _alike {
    my ($self, $head) = @_;
    %{ $self->{alike} } = () if !$self->{alike}{$head};
    my $alike = $self->{alike}{$head} //= qr/\G\s*+\Q$head\E$self->{one_row}\s*+\Q$self->{delimiter}\E/s;
    my $rows = 0;
    $rows++ while $self->{left} =~ /$alike/gc;
    return $rows;
}

# Counts rows up to the last one; where one is too long to be seen whole, or odd, it is taken in pieces.
sub _rows {
    my $self = shift;
    my ($rows, $row, $odd_row) = (0, @$self{qw(row odd_row)});
    while (1) {
        do { $rows++ while $self->{left} =~ /$row/gc } while $self->{left} =~ /$odd_row/gc && ++$rows;
        my $left = length($self->{left}) - pos $self->{left};
        if ($left < $ROW && !$self->{over}) { $self->_more; next }
        return $rows if $self->{left} !~ /\G\s*+\(/gc;
        $rows++;
        my $depth = 1;
        while ($depth > 0) {
            my $token = $self->_token;
            return $rows if !length $token;
            if ($token eq '(') { $depth++ }
            elsif ($token eq ')') { $depth-- }
            elsif ($token eq $self->{delimiter}) { pos($self->{left}) -= length $token; return $rows }
        }
        $self->_holds(64);
        $self->{left} =~ /\G\s*+,/gc;
    }
}

# Goes on behind what comes next and cannot be split: a parenthesis, the delimiter, a string or a comment, of which
# only the first byte is told, or a run of anything else (told as a blank); nothing is told at the end.
sub _token {
    my $self = shift;
    return ' ' if $self->{left} =~ /$self->{quiet}/gc;
    $self->_holds(32);
    my $at = pos($self->{left}) // 0;
    return ' ' if $self->{left} =~ /$self->{quiet}/gc;
    return '' if $at >= length $self->{left};
    my $byte = substr $self->{left}, $at, 1;
    my $string = $self->{string}{$byte};
    if (substr($self->{left}, $at, length $self->{delimiter}) eq $self->{delimiter}) {
        pos($self->{left}) = $at + length $self->{delimiter};
        return $self->{delimiter};
    }
    pos($self->{left}) = $at + 1;
    if ($string) { $self->_string($byte, $string) }
    elsif ($byte eq '/') {
        if ($self->{left} =~ /\G\*(?!M?!)/gc) { $self->_past('*/') or $self->{open} = 'comment' }
    }
    elsif ($byte eq '#' || ($byte eq '-' && $self->{left} =~ /\G-(?=\s|\z)/gc)) { $self->_past("\n") }
    elsif ($byte eq '\\' && $self->{escaped}) { $self->{left} =~ /\G./gcs }
    return $byte;
}

sub _string {
    my ($self, $quote, $inside) = @_;
    while (1) {
        $self->{left} =~ /$inside/gc;
        my $at = pos $self->{left};
        my $behind = length($self->{left}) - $at;
        if ($behind && substr($self->{left}, $at, 1) eq $quote) { pos($self->{left}) = $at + 1; return }
        next if $behind > 1;    # so long that the repetition ended
        next if $self->_more;
        pos($self->{left}) = length $self->{left};
        $self->{open} = 'string';
        return;
    }
}

# Goes on behind the end of a statement, and tells whether its delimiter ends it.
sub _to_delimiter {
    my $self = shift;
    while (1) {
        my $token = $self->_token;
        return 0 if !length $token;
        return 1 if $token eq $self->{delimiter};
    }
}
1;
