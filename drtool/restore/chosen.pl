# Passes on, of a stream of SQL, what belongs to the tables and databases that are wanted; statements.pl and promises.pl
# stand before it. What is left out leaves its line ends behind, so that the client counts lines as the dump has them.
# main::chosen(DATABASE): where statements go that name none before one is selected. ONLY: what is wanted, a line each.
package Chosen;
use strict;
use warnings;

my $PREFIX = qr/(?:OR\s+REPLACE\s+|TEMPORARY\s+|ALGORITHM\s*=\s*\w+\s+|AGGREGATE\s+|UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+|
    DEFINER\s*=\s*(?:$NAME(?:\s*\@\s*$NAME)?|CURRENT_USER(?:\(\))?)\s+|SQL\s+SECURITY\s+\w+\s+|IF\s+(?:NOT\s+)?EXISTS\s+)*/xi;
my $NAMES = qr/$NAMED(\s*,)?/;

sub new {
    my ($class, $database) = @_;
    my @wanted = map [map qr/$_/, split /\t/], split /\n/, $ENV{ONLY};
    return bless { database => $database, wanted => \@wanted, left => {} }, $class;
}

sub touches { my ($self, $of) = @_; return scalar grep $of =~ $_->[0], @{ $self->{wanted} } }
sub takes { my ($self, $of, $name) = @_; return scalar grep $of =~ $_->[0] && $name =~ $_->[1], @{ $self->{wanted} } }
# Whatever a table may be called: no name of one has this byte in it.
sub takes_all_of { my ($self, $of) = @_; return $self->takes($of, "\1") }

sub _of { my ($self, $database) = @_; return defined $database ? Promises::_bare($database) : $self->{database} }
sub _takes { my ($self, $database, $name) = @_; return $self->takes($self->_of($database), Promises::_bare($name)) }

# Whether a statement is to be carried out, by its first KiB.
sub wants {
    my ($self, $head) = @_;
    my $bare = $head =~ s/\/\*M?!\d{0,6} ?/ /gr =~ s/\*\// /gr =~ s/^\s+//r;
    my ($verb, $rest) = $bare =~ /^(\w+)\s*(.*)/s or return 1;
    $verb = uc $verb;
    return 1 if $verb =~ /^(?:SET|COMMIT|BEGIN|START|UNLOCK)$/;
    if ($verb eq 'USE') {
        $self->{database} = Promises::_bare($1) if $rest =~ /^($NAME)/;
        return $self->touches($self->{database});
    }
    return $self->_takes($1, $2) if $verb =~ /^(?:INSERT|REPLACE|DELETE|UPDATE|TRUNCATE|LOAD)$/
        && $rest =~ /^(?:.{0,300}?\b(?:INTO|FROM|TABLE)\s+|(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\s+)*)(?:TABLE\s+)?$NAMED/is;
    return !$3 && $self->_takes($1, $2) if $verb eq 'LOCK' && $rest =~ /^TABLES?\s+$NAMED[^,]*(,)?/i;
    return $self->_takes($1, $2) if $verb =~ /^(?:ANALYZE|OPTIMIZE|CHECK|REPAIR)$/ && $rest =~ /\bTABLES?\s+$NAMED/i;
    return $self->_takes($1, $2) if $verb =~ /^(?:DO|SELECT)$/ && $rest =~ /^SETVAL\s*\(\s*$NAMED/i;
    if ($verb =~ /^(?:CREATE|DROP|ALTER|RENAME)$/ && $rest =~ /^$PREFIX(\w+)(?:\s+BODY)?\s+(.*)/is) {
        my ($kind, $of) = (uc $1, $2 =~ s/^$PREFIX//r);
        if ($kind =~ /^(?:DATABASE|SCHEMA)$/) { return $self->touches($of =~ /^(?!DEFAULT\b|CHARACTER\b|COLLATE\b)($NAME)/i ? Promises::_bare($1) : $self->{database}) }
        return !$3 && $self->_takes($1, $2) if $kind =~ /^(?:TABLES?|VIEW|SEQUENCE)$/ && $of =~ /^$NAMED(?:\s*(,))?/;
        if ($kind eq 'TRIGGER' && $verb eq 'CREATE') { return $of =~ /^(?:$NAME\s*\.\s*)?$NAME\s.{0,80}?\bON\s+$NAMED/is && $self->_takes($1, $2) }
        return $of =~ /\bON\s+$NAMED/is && $self->_takes($1, $2) if $kind eq 'INDEX';
        my $database = $of =~ /^$NAMED/ ? $self->_of($1) : $self->{database};
        if ($kind eq 'TRIGGER') { return $self->touches($database) }
        if ($kind =~ /^(?:PROCEDURE|FUNCTION|PACKAGE|EVENT)$/) {
            return 1 if $self->takes_all_of($database);
            $self->{left}{lc $kind}++ if $verb eq 'CREATE';
            return 0;
        }
    }
    return 1 if $self->takes_all_of($self->{database}) && $verb !~ /^(?:GRANT|REVOKE|INSTALL|UNINSTALL|CHANGE|FLUSH)$/
        && !($verb =~ /^(?:CREATE|DROP|ALTER|RENAME)$/ && $rest =~ /^$PREFIX(?:USER|ROLE|SERVER)\b/i);
    $self->{left}{other}++;
    return 0;
}

sub main::chosen {
    my $said = Chosen->new(shift // '');
    my $wants = 1;
    my $reader;
    $reader = Statements->new(
        statement => sub {
            my $bare = shift =~ s/\/\*M?!\d{0,6} ?/ /gr;
            if ($bare =~ /^\s*SET\b.*\bsql_mode\s*=\s*(['"]|\@)([A-Z_,0-9]{0,400})/is) { $reader->escapes($1 eq '@' || $2 !~ /NO_BACKSLASH_ESCAPES/i) }
        },
        rows => sub { },
        begins => sub { $wants = $said->wants(@_) },
        passes => sub {
            my ($bytes, $inside) = @_;
            $bytes =~ tr/\n//cd if $inside && !$wants;
            print $bytes;
        },
    );
    binmode STDIN;
    binmode STDOUT;
    $reader->read(\*STDIN);
    open my $facts, '>', $ENV{ONLY_FACTS} or return;
    print $facts "only $_ $said->{left}{$_}\n" for sort keys %{ $said->{left} };
}
1;
