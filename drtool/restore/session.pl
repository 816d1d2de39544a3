# Which sql_mode the session of a dump has, as far as its statements tell: what it sets, keeps aside and gives back.
package Session;
use strict;
use warnings;

my $MOST_VARIABLES = 1000;
my $LONGEST = 4096;
my $VALUE = qr/(?:'[^']*'|"[^"]*"|\((?:[^()]|\([^()]*\))*\)|[^,'"(])*/;

sub new { return bless { mode => '', kept => {} }, shift }

# A SET statement: its assignments, in their order.
sub set {
    my ($self, $statement) = @_;
    $statement = substr $statement, 0, $LONGEST;
    while ($statement =~ /(GLOBAL\s+|\@\@GLOBAL\.)?(?<![\w.\@])(\@{0,2}[\w.]{1,80})\s*:?=\s*($VALUE)/gio) {
        my ($global, $name, $value) = ($1, lc $2, $3);
        my $aside = $name =~ /^\@\w/;
        next if $global || !$aside && $name !~ /^(?:\@\@(?:session\.|local\.)?)?sql_mode$/;
        my $mode = $self->_mode_of($value);
        if (!$aside) { $self->{mode} = $mode }
        elsif (exists $self->{kept}{$name} || keys %{ $self->{kept} } < $MOST_VARIABLES) { $self->{kept}{$name} = $mode }
    }
}

# What a value comes to: modes by their names, the one that the session has, what was kept aside, or several of these.
sub _mode_of {
    my ($self, $value) = @_;
    my $mode = join ',', $value =~ /\b([A-Z][A-Z_0-9]{3,40})\b/gi;
    $mode .= ",$self->{mode}" if $value =~ /\@\@(?:session\.|local\.)?sql_mode/i;
    $mode .= ',' . ($self->{kept}{ lc $1 } // '') while $value =~ /(?<!\@)(\@\w+)/g;
    return substr uc $mode, 0, 2000;
}

# Whether the mode has one of that name.
sub has {
    my ($self, $mode) = @_;
    return $self->{mode} =~ /\b$mode\b/;
}
1;
