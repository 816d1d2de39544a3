# What a stream of SQL promises, told by its statements and by what its tool writes between them: statements.pl stands
# before it. Prints facts, one a line, with tabs in between; names of schema objects, never a value.
package Promises;
use strict;
use warnings;

my $MOST_TABLES = 200_000;
my $MOST_OF_A_KIND = 1000;
my $NAME = qr/`(?:[^`]|``)+`|"(?:[^"]|"")+"|[^\s`"'().,;=*\/]+/;
my $NAMED = qr/(?:($NAME)\s*\.\s*)?($NAME)/;
my $COMPLETED = qr/Dump completed(?: on \d[0-9: -]{16,18})?/;
# With these other tools end their dumps.
my $CLOSES = qr{--[ ](?:Dump|Backup)[ ]completed(?:[ ]on:?[ ][\w:+,. -]{10,40})?|--[ ]Dump[ ]end[ ]time:[ ][\w: ]{20,30}|--[ ]THE[ ]END|
    --[ ]\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d(?:[ ]UTC)?|/\*[ ]DUPLICATOR_MYSQLDUMP_EOF[ ]\*/|--[ ]EOB|[#][ ]Done}x;
my $HEADER = qr{-- (?:mysqldump-php https?:|Go SQL Dump |Dump created by MySQL pump |Adminer(?:Evo)? \d|Backup with BackWPup |Created at .{1,40} using David Grudl|Status:\d+:\d+:MP_0:)|# Database dump of tables in `};
my $TOOLS = qr{(?:--|\#|/\*)\s*(?:mysqldump-php|Go\ SQL\ Dump|phpMyAdmin\ SQL\ Dump|Adminer(?:Evo)?\ \d|HeidiSQL|MySqlBackup\.NET|Sequel\ (?:Ace|Pro)|
    SQLyog|Navicat|TablePlus|Backup\ with\ BackWPup|Dump\ created\ by\ MySQL\ pump)}xi;
my $MESSAGE = qr{(?:[^\s:'"]{0,200}[/\\])?(?:mysqldump|mariadb-dump)(?:\.exe)?: |(?:PHP |<b>)?(?:Fatal|Parse) error(?:</b>)?: |<!-- PMA-SQL-ERROR};
my $GIVES = qr/^(?:\/\*M?!\d{5,6} )?SET\s[^;]*=\s*(?:IFNULL\(|IF\()?\s*\@OLD_/i;
# Statements that leave the rows of tables as they are.
my $HARMLESS = qr/^(?:SET|USE|LOCK|UNLOCK|CREATE|GRANT|REVOKE|FLUSH|COMMIT|BEGIN|START|SELECT|DO|ANALYZE|CHECK|OPTIMIZE|
    SHOW|EXPLAIN|CHANGE|STOP|RESET|INSTALL|UNINSTALL|DROP\s+(?:VIEW|TRIGGER|FUNCTION|PROCEDURE|PACKAGE|EVENT|INDEX|USER|
    ROLE|SEQUENCE|SERVER|TEMPORARY)|ALTER\s+(?:DATABASE|SCHEMA|VIEW|EVENT|USER|SEQUENCE|FUNCTION|PROCEDURE|SERVER|
    ALGORITHM)|SAVEPOINT|ROLLBACK|RELEASE|PURGE|SIGNAL|KILL)\b/xi;
# What else begins statements, where it has to be told from a text that is none; and what may be one of a row of its kind, of
# which nothing tells where it ends.
my $VERB = qr/^(?:ALTER|CALL|DEALLOCATE|DELETE|DROP|EXECUTE|INSERT|LOAD|PREPARE|RENAME|REPLACE|TRUNCATE|UPDATE|XA)\b/i;
my $BRINGS = qr/^(?:CREATE|GRANT|INSERT|LOAD|REPLACE)\b/i;
my $KEEPS_ROWS = qr/\s(?:ADD|DISABLE|ENABLE|MODIFY|CHANGE|ALTER|AUTO_INCREMENT|ENGINE|COMMENT|CONVERT|CHARACTER|DEFAULT|
    ROW_FORMAT|FORCE|DROP\s+(?!PARTITION))/xi;

# What MariaDB passes over of a table, since it is for MySQL 5.7 to 9, and what of it makes the table another one.
my $FOR_MYSQL = qr/\/\*!(?:507|50[89]|5[1-9]\d|[6-9]\d\d)\d\d /;
my $OTHERWISE = qr/$FOR_MYSQL(INVISIBLE|NOT ENFORCED|SRID|ENCRYPTION=Y)\b/;

my $OBJECT = qr/(PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE(?:\s+BODY)?)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?$NAMED/i;
# A definition whose body is a block.
my $PROGRAM = qr/(?:\/\*!\d{5,6}\s*)?CREATE\b(?:[^'"`(;]|'[^']*'|"[^"]*"|`[^`]*`){0,60}?\b(?:PROCEDURE|FUNCTION|TRIGGER|EVENT)\b.{1,4000}?\bBEGIN\b/is;

sub new {
    return bless { database => '', tables => {}, counts => {}, begun => {}, header => '', last => '', own => '', selects => 0, into => {}, latest => '', kept => {},
        framed => {}, dropped => {}, retired => {}, no_view => {}, session => Session->new }, shift;
}

sub _bare {
    my $name = shift // '';
    return $name =~ s/^`(.*)`$/$1/sr =~ s/``/`/gr if $name =~ /^`/;
    return $name =~ s/^"(.*)"$/$1/sr =~ s/""/"/gr;
}

# A name as it is told: bytes that are no text are written as a number, as is what stands between names.
sub _told {
    my $name = shift;
    my $is_text = utf8::decode(my $copy = $name);
    return $name =~ s/([\\\t\n\r\0])/sprintf '\\x%02x', ord $1/ger if $is_text;
    return $name =~ s/([\\\t\n\r\0\x80-\xff])/sprintf '\\x%02x', ord $1/ger;
}

# The key of a table by its name in a statement.
sub _table {
    my ($self, $database, $table) = @_;
    return _told(defined $database ? _bare($database) : $self->{database}) . "\t" . _told(_bare($table));
}

sub _count {
    my ($self, $what) = @_;
    return if $what =~ /\t/ && !exists $self->{counts}{$what} && keys %{ $self->{counts} } >= $MOST_OF_A_KIND;
    $self->{counts}{$what}++;
}

# A table as it is known so far; nothing where there are too many of them.
sub _known {
    my ($self, $table) = @_;
    return $self->{tables}{$table} if $self->{tables}{$table};
    if (keys %{ $self->{tables} } >= $MOST_TABLES) { $self->{uncounted} = 1; return {} }
    return $self->{tables}{$table} = { made => 0, rows => 0, engine => '' };
}

sub comment {
    my ($self, $text) = @_;
    $text =~ s/\s+\z//;
    return if $text =~ /^(?:--|#)?$|^\/\*M?!/;
    $self->{unbroken} = 1 if $text =~ /^(?:--|#)/ && ($text =~ /\r/ || length $text > 1000 && $text =~ /;.*\b(?:SET \@OLD_|CREATE TABLE|INSERT INTO)/s);
    $self->{by_tool} = 1 if $text =~ /^$TOOLS/o;
    $self->{closed} = $text =~ /^$CLOSES$/o;
    $self->_count("closing\t$text") if $self->{closed};
    $self->_ends('closing') if $self->{closed} && !$self->{settled};
    delete $self->{behind_end} if $text =~ /^$HEADER|^-- (?:MariaDB|MySQL) dump \d/o;
    my $dump = $self->{header} =~ /dump$/;
    if ($text =~ /^-- ((?:MariaDB|MySQL) dump) \d/) {
        $self->_count('begun');
        @$self{qw(own selects)} = ('', 0);
        $self->_count('cut') if $dump;
        $self->{header} = $1;
        @$self{qw(settled behind)} = (0, 1);
    }
    elsif ($dump && $text =~ /^-- Current Database: (`(?:[^`]|``){1,64}`|"(?:[^"]|""){1,64}")/) { @$self{qw(own selects)} = (_told(_bare($1)), 0) }
    elsif ($text =~ /^-- Host: .{0,300}? Database: (\S{1,64})/) { $self->{own} = _told($1) }
    elsif ($text =~ /^-- ($COMPLETED)$/o) {
        $self->_count('ended');
        $self->_count("completed\t$1");
        $self->{header} = 'completed';
        @$self{qw(settled closing)} = (1, $text);
        $self->{behind} = 0;
        $self->_ends('closing');
        return;
    }
    elsif ($text =~ /^-- insufficient privileges to SHOW CREATE [A-Z ]+[`"]/) { $self->_count('denied') }
    elsif ($text =~ /^-- WHERE:  /) { $self->_count('filtered') if $self->{told} =~ /^-- Dumping data for table / }
    elsif ($text =~ /^$HEADER/o) { $self->_count('header') }
    elsif ($text =~ /^-- phpMyAdmin /) { $self->{php} = 1 }
    elsif ($text =~ /^-- Grants for '/) { $self->{announced} = 1 }
    elsif ($text =~ /^# Sequel (?:Pro|Ace) SQL dump/) { $self->{sequel} = 1 }
    elsif ($text =~ /^# Error: / && $self->{sequel}) { $self->_count('complaint') }
    elsif ($text =~ /^-- .{1,200}[:(] ?#\d{4} - / && $self->{php} && $self->{reader}{delimiter} eq ';') { $self->_count('complaint') }
    elsif ($text =~ /^-- (Temporary|Final) (?:table|view) structure for view (.{1,200})$/) {
        $self->_count(join "\t", $1 eq 'Final' ? 'view' : 'announced', $self->_called($2));
    }
    elsif ($text =~ /^(?:# Dump of view |\/\*View structure for view `?)([^`\r\n]{1,200}?)`?(?:\s*\*\/)?$/) { $self->_count("announced\t" . $self->_called($1)) }
    elsif ($text =~ /^(?:-- )?SET GLOBAL gtid_slave_pos='([0-9,-]*)'/) { $self->{gtid} = $1 }
    $self->{told} = $text;
}

# The key of a table by its name alone, quoted or not.
sub _called {
    my ($self, $name) = @_;
    return $self->_table(undef, $name =~ /^(?:`.+`|".+")$/ ? $name : "`" . $name =~ s/`/``/gr . "`");
}

# A dump may end here, by what tools end theirs with: what follows is counted.
sub _ends {
    my ($self, $by) = @_;
    $self->{behind_end} = { by => $by, last => $self->{last}, map { $_ => 0 } qw(statements brings changes) };
}

# A statement behind the end of a dump.
sub _follows {
    my ($self, $bare) = @_;
    my $behind = $self->{behind_end};
    $behind->{statements}++;
    $behind->{brings}++ if $bare =~ /^$BRINGS/o;
    return if $bare =~ /^$HARMLESS/o;
    $behind->{changes}++;
    $behind->{no_sql} = 1 if $bare !~ /^$VERB/o;
}

# Tells whether all that follows the end of a dump are statements, each of them whole.
sub _is_followed_by_statements {
    my $self = shift;
    my $behind = $self->{behind_end} or return 0;
    return 0 if !$behind->{statements} || $behind->{no_sql} || $self->{reader}{open} || $self->{said_last};
    return !%{ $self->{kept} };    # else a second dump has begun
}

# The last statement of the dump itself, where those that follow it bring nothing that may be cut.
sub _last_of_dump {
    my $self = shift;
    my $is_followed = $self->_is_followed_by_statements && !$self->{behind_end}{brings};
    return $is_followed ? $self->{behind_end}{last} : $self->{last};
}

# Tells whether a statement commits or switches on again what a tool began or switched off itself before its first table,
# right behind the settings that it gives back.
sub _undoes_own {
    my ($self, $text) = @_;
    my $behind = $self->{behind_end} or return 0;
    return 0 if $behind->{by} ne 'settings' || $behind->{statements};
    return delete $self->{begins} if $text =~ /^COMMIT\s*$/i;
    return $text =~ /^SET\s+(AUTOCOMMIT|FOREIGN_KEY_CHECKS)\s*=\s*1\s*$/i && delete $self->{off}{ uc $1 };
}

sub statement {
    my ($self, $text, $ended) = @_;
    $self->_count('undelimited') if !$ended && $text =~ /^delimiter\s+;\s*$/mi;
    $self->_count('torn') if $ended && $self->{reader}{delimiter} eq ';' && $text =~ /^$PROGRAM/o && $text !~ /\bEND\b[^;]{0,80}\z/i;
    if ($self->_undoes_own($text)) { @$self{qw(behind closed)} = (1, 0); return }
    @$self{qw(behind closed last same)} = (1, 0, substr($text, 0, 300), undef);
    if ($text =~ /^$MESSAGE/o) { $self->_count('message'); $self->{said_last} = 1; return }
    $self->{said_last} = 0;
    $self->_follows($text =~ s/\/\*M?!\d{0,6} ?/ /gr =~ s/^\s+//r) if $self->{behind_end};
    # The server of MySQL's that a part is for; MariaDB passes over what is for those from 5.7 to 9.
    if ($text =~ /^\/\*!(\d{5,6})/ && $1 >= 50700 && $1 < 100000) { return }
    my $bare = $text =~ s/\/\*M?!\d{0,6} ?/ /gr =~ s/\*\// /gr =~ s/^\s+//r;
    my ($verb) = $bare =~ /^(\w+)/ or return;
    $verb = uc $verb;
    $self->{announced} = 0 if $verb eq 'GRANT' && $self->{announced};
    $self->{makes} = 1 if $verb eq 'CREATE' && defined $self->{makes};
    if ($verb eq 'SET') { $self->_set($bare) }
    elsif ($verb eq 'START') { $self->_begins_transaction if $bare =~ /^START\s+TRANSACTION\b/i }
    elsif ($verb eq 'COMMIT') { $self->{begins} = 0 }
    elsif ($verb eq 'BEGIN') { $self->{begins} = 1 if !%{ $self->{tables} } }
    elsif ($verb eq 'USE') {
        if ($bare =~ /^USE\s+($NAME)\s*$/i) { @$self{qw(database selects)} = (_bare($1), 1) }
    }
    elsif ($verb eq 'CREATE') {
        $self->_create($bare, $text !~ /^\//);
        $self->_passed_over($text) if $text =~ /$FOR_MYSQL/o;
    }
    elsif ($verb eq 'DROP') { $self->_drop($bare) }
    elsif ($verb eq 'LOCK') {
        if ($self->{header} && $bare =~ /^LOCK\s+TABLES?\s+$NAMED\s+WRITE\s*$/i) { $self->_begin($self->{now} = $self->_table($1, $2)) }
    }
    elsif ($verb eq 'UNLOCK') { delete $self->{begun}{ $self->{now} // '' } }
    elsif ($verb eq 'ALTER' && $bare =~ /^ALTER\s+TABLE\s+$NAMED(.*)/is) {
        my ($table, $rest) = ($self->_table($1, $2), $3);
        if ($rest =~ /^\s+DISABLE\s+KEYS/i) { $self->_begin($self->{now} = $table) }
        elsif ($rest =~ /^\s+ENABLE\s+KEYS/i) { delete $self->{begun}{$table} }
        elsif ($rest !~ /^$KEEPS_ROWS/o || $rest =~ /\b(?:RENAME\s+(?:TO|AS|=)|PARTITION)\b/i) { $self->_no_count($table) }
        $self->_known($table)->{keyed} = 1 if $rest =~ /\sADD\s+(?:CONSTRAINT\s+\S+\s+)?(?:PRIMARY|UNIQUE)\s/i;
        $self->_known($table)->{engine} = $1 if $rest =~ /^\s+ENGINE\s*=?\s*(\w{1,64})/i;
        $self->_count("keys\t$table") if $rest =~ /^\s+ADD\s/i && $self->{php};
    }
    elsif ($verb =~ /^(?:INSERT|REPLACE|DELETE|UPDATE|TRUNCATE|LOAD)$/) {
        my $table = $bare =~ /^(?:INSERT|REPLACE|DELETE|UPDATE|TRUNCATE|LOAD)\b.{0,300}?\b(?:INTO|FROM|TABLE)\s+(?:TABLE\s+)?$NAMED/is
            ? $self->_table($1, $2) : undef;
        if (defined $table) { $self->_no_count($table) } else { $self->{uncounted} = 1 }
    }
    elsif ($bare !~ $HARMLESS) { $self->{uncounted} = 1 }
}

sub _begin {
    my ($self, $table) = @_;
    $self->{begun}{$table} = 1 if keys %{ $self->{begun} } < $MOST_OF_A_KIND;
}

sub _no_count {
    my ($self, $table) = @_;
    $self->_known($table)->{rows} = undef;
}

sub _begins_transaction {
    my $self = shift;
    $self->_count('transaction');
    $self->{begins} = 1 if !%{ $self->{tables} };
}

# Counts that a setting is kept aside, or given back. What is kept aside before the first table is so around all of them; but
# mariadb-dump does that with AUTOCOMMIT around the rows of each table, of which the first may be the first thing in a dump.
sub _takes {
    my ($self, $name, $more) = @_;
    $self->_count(($more > 0 ? 'took' : 'gave') . "\t$name");
    $self->{framed}{$name} = 1 if $more > 0 && $name ne 'AUTOCOMMIT' && !%{ $self->{tables} } && keys %{ $self->{framed} } < $MOST_OF_A_KIND;
    my $kept = $self->{kept};
    return if !exists $kept->{$name} && keys %$kept >= $MOST_OF_A_KIND;
    $kept->{$name} += $more;
    delete $kept->{$name} if !$kept->{$name};
}

sub _set {
    my ($self, $bare) = @_;
    while ($bare =~ /\@OLD_(\w{1,40})\s*=/g) { $self->_takes(uc $1, 1) }
    my $gives;
    while ($bare =~ /=\s*(?:IFNULL\(|IF\()?\s*\@OLD_(\w{1,40})/gi) {
        $self->_takes(uc $1, -1);
        $gives = 1;
    }
    $self->_ends('settings') if $gives && !%{ $self->{kept} };
    $self->{begins} = 1 if $bare =~ /\bautocommit\s*=\s*0/i && !%{ $self->{tables} };
    $self->{off}{ uc $1 } = 1 if $bare =~ /^SET\s+(AUTOCOMMIT|FOREIGN_KEY_CHECKS)\s*=\s*0\s*$/i && !%{ $self->{tables} };
    if ($bare =~ /^SET\s+FOREIGN_KEY_CHECKS( ?= ?([01]))\s*$/i) {
        $self->_count("checks\t$1");
        $self->_ends('checks') if $2 && ($self->{behind_end}{by} // 'checks') eq 'checks';
    }
    $self->_count('max_error_count') if $bare =~ /\bmax_error_count\b/i;
    if ($bare =~ /^SET\s+(?:NAMES|CHARACTER\s+SET)\s+['"]?(\w{1,32})/i) {
        $self->_count("names\t$1");
        $self->{named} = 1;
        $self->{reader}->letters($1) if $self->{reader};
    }
    $self->{gtid} = $1 if $bare =~ /^SET\s+GLOBAL\s+gtid_slave_pos\s*=\s*'([0-9,-]*)'/i;
    return if $bare !~ /sql_mode/i;
    $self->_count("sql_mode\t" . uc $1) if $bare =~ /\bsql_mode\s*=\s*['"]([A-Z_,0-9]{0,400})['"]/i;
    $self->{session}->set($bare);
    $self->{reader}->escapes(!$self->{session}->has('NO_BACKSLASH_ESCAPES')) if $self->{reader};
}

# A routine, a trigger or an event, which dumps drop before they make it.
sub _object {
    my ($self, $kind, $database, $name) = @_;
    return join "\t", uc($kind =~ s/\s+/ /gr), $self->_table($database, $name);
}

# Tells whether a tool has written what is here: what it begins it ends, which people may not.
sub _is_by_tool {
    my $self = shift;
    return $self->{by_tool} || $self->{header} =~ /dump$/;
}

# Tools set another delimiter for a definition: where there is none, nor rows by hand, somebody took its lines away.
sub delimits {
    my ($self, $delimiter) = @_;
    $self->_count('hollow') if $delimiter eq ';' && defined $self->{makes} && !$self->{makes} && $self->_is_by_tool;
    $self->{makes} = $delimiter eq ';' ? undef : 0;
}

sub _create {
    my ($self, $bare, $plain) = @_;
    delete $self->{dropped}{ $self->_object($1, $2, $3) }
        if %{ $self->{dropped} } && $bare =~ /^CREATE\s(?:[^'"`(]|'[^']*'|"[^"]*"|`[^`]*`){0,60}?\b$OBJECT/io;
    if ($bare =~ /^CREATE\b(?:[^'"`(]|'[^']*'|"[^"]*"|`[^`]*`){0,60}?\bVIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?$NAMED/i) { delete $self->{retired}{ $self->_table($1, $2) } }
    $bare =~ /^CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?$NAMED\s*(.*)/is or return;
    my ($table, $rest) = ($self->_table($1, $2), $3);
    delete $self->{retired}{$table};
    # Where a view of that name is dropped first, or phpMyAdmin writes the columns so, a table stands in for a view.
    $self->_count("announced\t$table") if delete $self->{no_view}{$table} || $self->{php} && $rest =~ /^\(\r?\n`/ && $self->{told} !~ /^-- Table structure for table /;
    my ($known, %named) = $self->_known($table);
    $self->_note_database($table);
    $self->_count('doubled') if grep { $named{lc $_}++ } $rest =~ /\bCONSTRAINT\s+($NAME)\s+FOREIGN\b/gi;
    $known->{made}++ if $plain;    # else it is a stand-in for a view
    # Tools that write rows in parts may make their table before each of these: so do not two dumps of it.
    $known->{again} = 1 if $known->{filled} && $bare !~ /^CREATE\s+OR\s/i && ($self->{latest} ne $table || ($self->{counts}{begun} // 0) > 1 || $self->{behind_end});
    @$known{qw(rows filled)} = (0, 0) if !$known->{there} || $bare =~ /^CREATE\s+OR\s+REPLACE/i;
    $known->{there} = 1;
    return if $rest !~ /^\(/;
    $rest =~ s/'(?:[^'\\]++|\\.|'')*+'|"(?:[^"\\]++|\\.)*+"|`[^`]*+`//gs;
    $known->{bare} = $rest !~ /\b(?:KEY|INDEX|UNIQUE|CONSTRAINT)\b/i;
    $known->{keyed} = 1 if $rest =~ /\b(?:PRIMARY|UNIQUE)\b/i;
    $rest =~ s/^(\((?:[^()]++|(?1))*+\))//;
    $known->{engine} = $rest =~ /\b(?:ENGINE|TYPE)\s*=?\s*(\w{1,64})/i ? $1 : '';
    $known->{versioned} = 1 if $rest =~ /\bWITH\s+SYSTEM\s+VERSIONING\b/i;
    $known->{rows} = undef if $rest =~ /\b(?:SELECT|LIKE)\b/i;
}

# Enters what MariaDB passes over in a statement that makes a table.
sub _passed_over {
    my ($self, $text) = @_;
    $text =~ s/\bENCRYPTION='Y'/ENCRYPTION=Y/g;
    $text =~ s/'(?:[^'\\]++|\\.|'')*+'//gs;
    $text =~ /^CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?$NAMED/io or return;
    my $table = $self->_table($1, $2);
    while ($text =~ /$OTHERWISE/go) { $self->_count("passed_over\t$1\t$table") }
}

# Of a dump that selects no database its tables go into the one that was selected last, whatever its header says.
sub _note_database {
    my ($self, $table) = @_;
    return if !length $self->{own} && !$self->{selects};
    my ($database) = split /\t/, $table;
    my $of = $self->{selects} ? $database : $self->{own};
    my $into = $self->{into}{$database} //= {};
    $into->{$of} = 1 if keys %$into < $MOST_OF_A_KIND;
}

sub _drop {
    my ($self, $bare) = @_;
    if ($bare =~ /^DROP\s+TABLES?\s+(IF\s+EXISTS\s+)?(.*)/is) {
        my ($if_there, $all) = ($1, $2);
        while ($all =~ /\G\s*,?\s*$NAMED/gc) {
            my $table = $self->_table($1, $2);
            $self->_retire($table) if $if_there && !length $self->{header};
            $self->_forget($table);
        }
    }
    elsif ($bare =~ /^DROP\s+VIEW\s+(?:IF\s+EXISTS\s+)?$NAMED\s*$/i) {
        $self->{no_view}{ $self->_table($1, $2) } = 1 if keys %{ $self->{no_view} } < $MOST_OF_A_KIND;
    }
    elsif ($bare =~ /^DROP\s+(?:DATABASE|SCHEMA)\s+(?:IF\s+EXISTS\s+)?($NAME)/i) {
        my $of = $self->_table($1, '');
        $self->_forget($_) for grep { index($_, $of) == 0 } keys %{ $self->{tables} };
    }
    elsif ($bare !~ $HARMLESS) { $self->{uncounted} = 1 }
    elsif ($self->_is_by_tool && $bare =~ /^DROP\s+\w+(?:\s+BODY)?\s+IF\s+EXISTS\s/i && $bare =~ /^DROP\s+$OBJECT/io) {
        $self->{dropped}{ $self->_object($1, $2, $3) } = 1 if keys %{ $self->{dropped} } < $MOST_OF_A_KIND;
    }
}

# A table that a tool drops again, never filled and without a key, stood in for a view, which should follow: mariadb-dump
# has words for that.
sub _retire {
    my ($self, $table) = @_;
    my $known = $self->{tables}{$table};
    $self->{retired}{$table} = 1 if $known && $known->{there} && $known->{bare} && !$known->{filled} && keys %{ $self->{retired} } < $MOST_OF_A_KIND;
}

sub _forget {
    my ($self, $table) = @_;
    my $known = $self->{tables}{$table} or return;
    @$known{qw(rows there engine filled again doubled keyed)} = (0, 0, '', 0, 0, 0, 0);
}

sub rows {
    my ($self, $head, $rows, $behind, $ended, $first) = @_;
    $self->{makes} = 1 if defined $self->{makes};
    @$self{qw(behind closed last said_last)} = (1, 0, '', 0);
    if (my $of = $self->{behind_end}) { $of->{$_}++ for qw(statements brings changes) }
    # Where each row is a statement, the same words stand before all of them.
    if ($self->{same} && $head eq $self->{same} && $ended && $behind eq '') {
        $self->{filled}{rows} += $rows;
        return;
    }
    undef $self->{same};
    my ($words, $database, $table) = $head =~ /^(\w+\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|INTO)\s+)*+)$NAMED/i;
    my $known = $self->_known(my $key = $self->_table($database, $table));
    $self->{filling} = $key if !$ended;
    $self->_note_database($key);
    # Where the server chooses among rows, all those that a tool writes in one go are different ones. What comes to them
    # later, or in other words, may be the same rows again.
    my $updates = $behind =~ /^\s*ON\s+DUPLICATE\s+KEY\s/i ? 'updates' : '';
    my $chosen = $updates || $words =~ /^REPLACE|\bIGNORE\b/i ? lc($words) . $updates : '';
    undef $known->{rows} if $behind =~ /\S/ && !$updates;
    undef $known->{rows} if $known->{filled} && ($chosen || $known->{chosen}) && ($chosen ne $known->{chosen} || $self->{latest} ne $key);
    $known->{doubled} = 1 if $known->{again} && $known->{filled};
    @$known{qw(filled chosen)} = (1, $chosen);
    $self->{latest} = $key;
    # The rows of a dump are in the order of their keys.
    $known->{zero} = 1 if $first =~ /^\(\s*'?0'?\s*[,)]/ && !$self->{session}->has('NO_AUTO_VALUE_ON_ZERO');
    if (defined $known->{rows}) {
        $known->{rows} += $rows;
        @$self{qw(same filled)} = ($head, $known) if $ended && $behind !~ /\S/;
    }
}

# A tool's message that came between two bytes of its own dump: those write no line end as it is in a string.
sub fills {
    my ($self, $left, $from) = @_;
    $self->{bottom} = substr $left, length $left > 256 ? -256 : 0;
    $self->_wide(substr $left, $from) if !$self->{named} && !$self->{hides};
    # Those at the end of a file are what a tape or a disk fills its last block with.
    if (!$self->{nulls} && ($self->{null_last} || index($left, "\0", $from) >= 0)) {
        my $part = ($self->{null_last} ? "\0" : '') . substr $left, $from;
        $self->{nulls} = $part =~ /\0[^\0\s]/;
        $self->{null_last} = $part =~ /\0\s*\z/;
    }
    for my $tool ('mysqldump: ', 'mariadb-dump: ') {
        my $at = index $left, $tool, $from > 12 ? $from - 12 : 0;
        if ($at >= 0 && substr($left, $at, 400) =~ /^\S+: (?:Got error|Couldn't|Error)[^\n\\]{0,300}(?:[^\s\\;,)]|\(\d+\))\r?\n/) { $self->_count('in_between') }
    }
}

# Text that is not of ASCII alone, and whether it is in a character set in which a backslash may be the second byte of a
# letter: it is no UTF-8, though it is where blobs stand, and letters in it end in one.
sub _wide {
    my ($self, $part) = @_;
    return if $part !~ /[^\0-\x7f]/;
    $self->{wide} = 1;
    return if $part !~ /[\x81-\xfe]\\/ || $part =~ /\b_binary '/;
    $part =~ s/\A[\x80-\xbf]{1,3}//;
    $part =~ s/[\xc0-\xff][\x80-\xbf]{0,2}\z//;
    $self->{hides} = !utf8::decode($part);
}

sub end {
    my $self = shift;
    return 'complete ' . $self->{closing} if $self->{settled} && (!$self->{behind} || $self->_is_followed_by_statements);
    # What leaves a comment or a string open swallows even its own end.
    if ($self->{reader}{open} && ($self->{reader}{open} ne 'statement' || $self->{counts}{undelimited})) {
        return "complete $1" if $self->{bottom} =~ /\n(-- $COMPLETED)\s*\z/o;
        return 'complete' if $self->{bottom} =~ /\n\/\*!\d{5,6} SET [^\n;]*=\s*\@OLD_\w+ ?\*\/;\s*\z/;
    }
    return 'error' if $self->{said_last};
    return 'followed' if $self->{settled};
    return 'missing inside-statement' if $self->{reader}{open};
    # Tools that write no closing comment, and those told to write none, give settings back that they took. Those that
    # begin with the comment of a tool that closes with one have to end with that.
    return $self->_is_framed && !$self->{counts}{begun} ? 'complete' : 'missing';
}

# Tells whether settings are kept aside before all tables, and every one of them is given back behind them.
sub _is_framed {
    my $self = shift;
    return %{ $self->{framed} } && !(grep { $_ > 0 } values %{ $self->{kept} }) && $self->_last_of_dump =~ /$GIVES/o;
}

# What stands last, where that is something with which tools end their dumps.
sub last {
    my $self = shift;
    return if $self->{reader}{open};
    my $last = $self->_last_of_dump;
    return 'closing' if $self->{closed} || $self->_is_followed_by_statements && $self->{behind_end}{by} eq 'closing';
    return 'settings' if $last =~ /$GIVES/o;
    return 'checks' if $last =~ /^SET\s+FOREIGN_KEY_CHECKS ?= ?1\s*$/i;
    return 'grants' if $self->{last} =~ /^(?:GRANT|SET|ALTER)\s/i && defined $self->{announced} && !$self->{announced};
    return 'commit' if $self->{last} =~ /^COMMIT\s*$/i;
    return;
}

sub tell {
    my $self = shift;
    print "sql end ", $self->end, "\n";
    print "sql last\t$_\n" for $self->last;
    print join("\t", 'sql behind', @{ $self->{behind_end} }{qw(statements brings changes)}), "\n" if $self->_is_followed_by_statements;
    if ($self->{reader}{open}) { print join("\t", 'sql open', $self->{reader}{open}, $self->{filling} // ()), "\n" }
    print "sql gtid\t$self->{gtid}\n" if defined $self->{gtid};
    print "sql uncounted\n" if $self->{uncounted};
    print "sql wide\n" if $self->{wide};
    print "sql hides\n" if $self->{hides};
    print "sql nulls\n" if $self->{nulls};
    print "sql unbroken\n" if $self->{unbroken} && !%{ $self->{tables} } && !length $self->{last};
    $self->_count("announced\t$_") for grep { !$self->{tables}{$_}{there} } keys %{ $self->{retired} };
    print "sql count\t$self->{counts}{$_}\t$_\n" for sort keys %{ $self->{counts} };
    print "sql mixed\t$_\n" for sort map { keys %$_ } grep { keys %$_ > 1 } values %{ $self->{into} };
    print "sql gone\t$_\n" for sort keys %{ $self->{dropped} };
    print "sql unfinished\t$_\n" for sort keys %{ $self->{begun} };
    for my $table (sort keys %{ $self->{tables} }) {
        my $known = $self->{tables}{$table};
        my $flags = join '', $known->{there} ? 'd' : '', $known->{filled} ? 'f' : '', $known->{versioned} ? 'v' : '', $known->{chosen} ? 'c' : '', $known->{zero} ? 'z' : '', $known->{doubled} && !$known->{keyed} ? 't' : '';
        print join("\t", 'sql table', $known->{made}, $known->{rows} // '-', $known->{engine} || '-', $flags || '-', $table), "\n";
    }
}

sub main::promises {
    my $said = Promises->new;
    $said->{told} = '';
    $said->{reader} = Statements->new(
        comment => sub { $said->comment(@_) },
        statement => sub { $said->statement(@_) },
        rows => sub { $said->rows(@_) },
        fills => sub { $said->fills(@_) },
        delimits => sub { $said->delimits(@_) },
    );
    binmode STDIN;
    $said->{reader}->letters($ENV{CLIENT_CHARSET} // '');
    $said->{reader}->read(\*STDIN);
    $said->tell;
}
1;
