"""What an error of the server means where SQL does not load, and what to do about it: tables by their numbers.

The first row counts that has the number and whose regular expression, where it has one, is found in the message. No
message is repeated, but for names of the schema: it may hold rows. What the numbers mean is in
https://mariadb.com/kb/en/mariadb-error-code-reference/.
"""

from __future__ import annotations

import re

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.sql import describe_sql_error

_Rows = tuple[tuple[set[int], str, str, str, str], ...]
"""Numbers, what the message says, the code, what happened (the line comes behind it), and what to do about it."""

_UNVERIFIED: _Rows = (
    ({1524}, "", "plugin-missing",
     "An account in the dump logs in by a plugin that this server does not have",
     'Load the plugin (settings={"plugin_load_add": ...}) from an image that ships it (--image), or back accounts '
     "up apart"),
    ({1123, 1126, 1127, 1128}, r"^(?!.*'(?:ngram|mecab)')", "plugin-missing",
     "The dump loads a plugin or a function out of a library that this server does not have",
     "Restore into an image with that library in its plugin folder (--image), and put it there first in a "
     "recovery; or dump without --system=plugins,udfs"),
    ({1298}, "", "time-zone-missing",
     "The dump names a time zone by its name", ""),
    ({1}, r"db\.opt", "database-not-made",
     "The dump changes a database that nothing in it makes or selects: what stands before belongs into that one",
     ""),
    ({1064}, r"(?i)near '(?:\[|GO\b|TOP \(|NVARCHAR\(MAX)|near 'dbo\]", "format-unsupported",
     "The dump is in the language of SQL Server", "Run it with SQL Server's sqlcmd"),
    ({1064}, "(?i)near '(?:PRAGMA |AUTOINCREMENT|WITHOUT ROWID|TRANSACTION;)", "format-unsupported",
     "The dump is in the language of SQLite", "Load it with sqlite3"),
    ({1064},
     r"""(?i)near '(?:COPY [\w."]+ |::\w|ONLY [\w."]+|BIGSERIAL|SERIAL NOT|character varying|timestamp with"""
     "|timestamp without|without time zone|EXTENSION )",
     "format-unsupported",
     "The dump is in the language of PostgreSQL", "Restore it with PostgreSQL's psql"),
)  # fmt: skip
"""What the server of the drill lacks, and the recovery's may have; or what is none of MariaDB's dumps."""

_FAILED: _Rows = (
    ({1053, 1927, 2002, 2013}, "", "server-lost",
     "The server broke off the connection while the dump was loaded", ""),
    ({1273}, "utf8mb4_0900_", "collation-unknown",
     "The dump uses a collation of MySQL 8 that this server does not know",
     "Restore into MariaDB 11.4.5 or later, which knows the utf8mb4_0900 collations (version=), or replace them "
     "by utf8mb4_unicode_ci in the dump"),
    ({1273}, "uca1400", "collation-unknown",
     "The dump uses a collation that MariaDB has since 10.10",
     "Restore into 10.10 or later (version=), or replace it by utf8mb4_unicode_ci in the dump"),
    ({1115, 1273}, "utf8mb3", "collation-unknown",
     "The dump calls utf8 by the name that MariaDB uses since 10.6",
     "Restore into 10.6 or later (version=), or replace utf8mb3 by utf8 in the dump"),
    ({1115, 1273}, "", "collation-unknown",
     "The dump uses a character set or collation that this server does not know", ""),
    ({1286}, "", "engine-missing",
     "The dump needs a storage engine that this server does not have", ""),
    ({1911},
     "'(?:TABLE_TYPE|FILE_NAME|TABNAME|OPTION_LIST|CATFUNC|BLOCK_SIZE|DBNAME|SRCDEF|HEADER|LRECL|QCHAR"
     "|SEP_CHAR|SUBTYPE|XFILE_NAME)'",
     "engine-missing",
     "The dump has a table of the engine CONNECT, whose options this server does not know",
     "Restore with config= or settings= that load ha_connect, from an image that ships it (--image); its rows are "
     "in files or servers of their own, which no dump holds"),
    ({1128}, "", "mysql-feature",
     "A table of the dump has a FULLTEXT index with a parser that comes with MySQL",
     "Take WITH PARSER out of the dump's CREATE TABLE: MariaDB then indexes whole words, and finds no parts of words "
     "in Chinese, Japanese or Korean; Mroonga does"),
    ({1911}, "'(?:COMPRESSION|ENCRYPTION|AUTOEXTEND_SIZE|SECONDARY_ENGINE|ENGINE_ATTRIBUTE)'", "mysql-feature",
     "A table of the dump has an option of MySQL's that MariaDB does not have",
     "Take that option out of the dump's CREATE TABLE; MariaDB compresses with PAGE_COMPRESSED=1 and encrypts "
     "with ENCRYPTED=YES"),
    ({1911, 1912}, "", "table-options-refused",
     "A table or column of the dump has an option that this server does not know, such as of an engine that it "
     "lacks",
     "Load the engine's plugin that the option belongs to (settings=, config=), or take the option out of the "
     "dump's CREATE TABLE"),
    ({4161}, "'(?:uuid|inet4|vector|xmltype|inet6)'", "dump-does-not-load",
     "A table of the dump has a column of a type that newer series of MariaDB have",
     "Restore into the series that it was dumped from (version=): UUID is there since 10.7, INET4 since 10.10, "
     "VECTOR since 11.7, XMLTYPE since 12"),
    ({4161}, "", "mysql-feature",
     "A table of the dump has a column of a type that MariaDB does not have", ""),
    ({1193}, "", "dump-does-not-load",
     "",
     "Restore into the series that it was dumped from (version=), or take that line out of the dump: it belongs "
     "to another server or series"),
    ({1231}, "of 'NULL'", "dump-does-not-load",
     "The dump gives back a setting that it has not taken, so what it takes them with at its beginning is missing",
     "Look whether the head of the file was cut off or taken out (an editor, tail, a file that was split), or this "
     "is the last part of a dump; what else stood there is missing too"),
    ({1231}, "", "dump-does-not-load",
     "The dump sets a variable to what this server does not take, such as an sql_mode of another server or series",
     "Restore into the series that it was dumped from (version=), or take that value out of the dump"),
    ({1228, 1229, 1232, 1238, 1621}, "", "dump-does-not-load",
     "The dump sets a variable that cannot be set so while a server runs",
     "Take that line out of the dump; what production has there belongs into the option file (config=)"),
    ({1118}, r"is (?:65535|[0-9]{5,})\.", "row-too-large",
     "A table of the dump has rows larger than any server of MariaDB takes (65,535 bytes without BLOBs)",
     "Make columns of it TEXT or BLOB; perhaps its character set grew, as from utf8 to utf8mb4"),
    ({1118}, "", "row-too-large",
     "A table of the dump may have rows larger than this server takes", ""),
    ({1005}, "errno: 140", "table-options-refused",
     "A table of the dump has options that this server refuses",
     "For a row format (ROW_FORMAT=FIXED, or a KEY_BLOCK_SIZE that does not go with it) restore with "
     'settings={"innodb_strict_mode": "OFF"}, as production most likely runs; if the table is encrypted, name '
     "production's option file, with its keys beside it (config=)"),
    ({1005}, "errno: 168", "data-directory-missing",
     "A table of the dump cannot be made, most likely since its rows are to lie in a folder that is not there "
     "(DATA DIRECTORY)",
     ""),
    ({1, 13}, r"\.(?:MYD|MYI|MAD|MAI|ibd|isl)'", "data-directory-missing",
     "A table of the dump is to lie in a folder that is not there (DATA DIRECTORY, INDEX DIRECTORY)", ""),
    ({1005}, "errno: 150", "dump-does-not-load",
     "A table of the dump has a foreign key to a table that is not there, or whose columns or index do not fit it",
     "Look whether the parent's table is there: dump it too, in the same run, and before the child where "
     "foreign_key_checks stay on. Where it is, both columns need one type and one character set, and each key of the "
     "table a name of its own"),
    ({1005, 1022, 1826}, "errno: 121|[Dd]uplicate", "dump-does-not-load",
     "Two tables of one database have foreign keys or indexes of the same name",
     "Look whether two dumps went into one database, or a table was renamed by hand; rename one of the keys in "
     "the dump"),
    ({1215, 1239}, "", "dump-does-not-load",
     "A table of the dump has a foreign key to a table that is not there, or whose columns or index do not fit it",
     "Look whether the parent's table is there, and dump it too, in the same run. Where it is, both columns need one "
     "type and one character set"),
    ({1071, 1709}, "", "dump-does-not-load",
     "A table of the dump has an index whose columns are longer than its row format takes",
     "Let the table be ROW_FORMAT=DYNAMIC, which takes 3,072 bytes (COMPACT and REDUNDANT 767), or shorten the "
     'index; settings={"innodb_strict_mode": "OFF"} cuts it where it is not unique'),
    ({1060, 1061, 1068}, "", "dump-does-not-load",
     "The dump defines a column, an index or a primary key that its table has already",
     "Look whether the keys of the table stand in it twice, as where two exports are in one file or one was edited: "
     "phpMyAdmin adds them behind all rows (ALTER TABLE). Take one of them out, or dump in one run"),
    ({1075}, "", "dump-does-not-load",
     "A table of the dump has an AUTO_INCREMENT column with which none of its indexes begins",
     "Look whether ENGINE= was changed in the dump: MyISAM and Aria take such a column second in an index, InnoDB does "
     "not; or whether a filter took KEY out, or phpMyAdmin's last section is missing, which adds it"),
    ({1072, 1091}, "", "dump-does-not-load",
     "The dump goes by a column or an index that its table does not have there, as the dump makes it",
     "Look whether lines were taken out of its definition, such as KEY or a column by a filter; or whether this is a "
     "script of changes, made for tables that were there before"),
    ({1074, 1103, 1059, 1117, 1629, 1688}, "", "dump-does-not-load",
     "A name, a column or a comment in the dump is longer than this server takes, or has signs that it does not take",
     "Names are at most 64 characters and end in no blank; a column of utf8mb4 has at most 16,383 characters, where it "
     "had 21,844 in utf8: make it TEXT in production, or leave its character set"),
    ({1031, 1163, 1178, 1214, 1252, 1283, 1464, 1478}, "", "dump-does-not-load",
     "A table of the dump has an index, a column or an option that its engine does not take",
     "Look which engine the dump gives it (ENGINE=): where one was changed in the dump, such as MyISAM to InnoDB or "
     "MEMORY, change it back, and change the table in production first"),
    ({1291, 1367}, "", "dump-does-not-load",
     "A column of the dump (ENUM, SET) has a value in its definition that it cannot have, or has twice",
     "Look whether letters of its definition were lost in another character set (? in place of letters makes two of "
     "them one): dump with --default-character-set=utf8mb4"),
    (set(range(1480, 1510)) | {1563, 1564, 1659}, "", "dump-does-not-load",
     "A table of the dump is partitioned in a way that this server does not take",
     "Restore into the server and series that it was dumped from (version=): MySQL and MariaDB take different "
     "partitioning; every primary and unique key has to hold the columns that it is partitioned by"),
    ({167, 1467, 1690}, "", "dump-does-not-load",
     "A number in the dump, or the next of an AUTO_INCREMENT, does not fit its column",
     "Look at the column's type: the next INSERT in production fails too where AUTO_INCREMENT has come to its end"),
    ({1267, 1270, 1271}, "", "dump-does-not-load",
     "Something in the dump compares text of two collations, such as a view, a generated column or a trigger",
     "Restore with production's option file (config=), whose collations may differ from this server's; or name the "
     "collation in that definition (COLLATE)"),
    ({1442}, "", "dump-does-not-load",
     "A trigger of the dump changes the table that fires it, and fired while the dump was loading",
     "Let triggers stand behind the rows, as mariadb-dump writes them; or mend that trigger in production"),
    ({1170}, "", "dump-does-not-load",
     "", "Give the index a length, such as KEY (`a`(100)): its dump was not written by MariaDB"),
    ({1067}, "", "dump-does-not-load",
     "A table of the dump has a default that this sql_mode forbids, such as the date 0000-00-00",
     "Restore with production's sql_mode (settings={\"sql_mode\": \"\"} or config=), or dump with mariadb-dump, which "
     "sets one that takes it; if it is a TIMESTAMP near 1970 and the dump was made with --skip-tz-utc, restore in "
     "production's time zone (--zone, zone=)"),
    ({1426}, "", "syntax-too-old",
     "The dump writes column types as MySQL before 5.0 did, such as TIMESTAMP(14)", ""),
    ({1253}, "", "dump-does-not-load",
     "A column of the dump has a collation that belongs to another character set",
     "Look whether a script changed one of the two in the dump; both have to be changed together"),
    ({1547, 1548, 1558, 1728}, "", "system-tables-differ",
     "The dump brings system tables of another series, with which this server cannot work", ""),
    ({1396}, "", "accounts-in-the-way",
     "The dump makes accounts that every server has", ""),
    ({1007, 1050, 1304, 1359, 1537}, "", "dump-does-not-load",
     "",
     "The dump makes what is there already: perhaps two dumps are in this file, and both have it. Leave it out of "
     "one (--skip-triggers), or dump all in one run"),
    ({1049, 1146}, "", "dump-does-not-load",
     "",
     "If it is of the dump's own database, which nothing in it makes, name that (database=, --database). Else look "
     "whether the dump makes it before that line, and not only in other letters: servers with "
     'lower_case_table_names=1 take Shop for shop, this one with settings={"lower-case-table-names": "1"}'),
    ({1305, 1356}, "", "dump-does-not-load",
     "",
     "Dump with --routines, and the databases of all routines that it calls; what calls one must stand behind it. In a "
     "dump of several databases look whether each is chosen (USE): else a routine goes into another database than its "
     "own"),
    ({1133, 1449}, "", "dump-does-not-load",
     "", "Back up accounts too (mariadb-dump --system=users), and restore them first"),
    ({1046}, "", "dump-does-not-load",
     "The dump selects no database before it makes tables",
     "Name one (database=, --database), or dump with --databases"),
    ({1100}, "", "dump-does-not-load",
     "The dump reads a table that it has not locked, inside LOCK TABLES: a default that asks a sequence is such a "
     "place",
     "Dump with --skip-add-locks"),
    ({1360}, "", "dump-does-not-load",
     "The dump drops a trigger that is not there",
     "Write DROP TRIGGER IF EXISTS; a dump of another tool may take it for granted that the table was there before"),
    ({1054}, "'0x'", "dump-does-not-load",
     "The dump writes a binary value that is empty as 0x, which the server takes for a name",
     "Write '' in its place in the dump, and dump with mariadb-dump from now on"),
    ({1048}, "", "dump-does-not-load",
     "The dump has NULL for a column that takes none",
     "Production cannot hold that row: what wrote the dump, or a script that edited it, put NULL there. Mend the dump, "
     "and dump with mariadb-dump from now on"),
    ({1054}, "", "dump-does-not-load",
     "",
     "Look at that line. Where it fills a table, its rows were not written for the table as the dump makes it: take "
     "both in one run. Where it makes a view or a trigger, that asks for a column which the tables lack, or was "
     "written wrongly: mend or drop it in production"),
    ({1110, 1136}, "", "dump-does-not-load",
     "",
     "The rows were not written for the table as the dump makes it: take both in one run, after any change to the "
     "schema, or with another tool"),
    ({1264, 1265, 1292, 1364, 1366, 1406}, "", "dump-does-not-load",
     "",
     "The column takes no such value in a strict sql_mode, and the dump sets no other: mend the value in "
     "production, or dump with mariadb-dump, whose dumps do"),
    ({1062}, "", "dump-does-not-load",
     "",
     "The dump has that key twice, or in letters that its collation takes for the same: perhaps it holds rows of "
     "one table twice, or was taken without --single-transaction while they changed. If it is binary, an editor or a "
     "conversion of the file may have changed its bytes (--hex-blob withstands that); if it is empty, what wrote the "
     "dump may have written NULL so"),
    ({1180}, "", "dump-does-not-load",
     "Rows of the dump were refused when they were to be kept, such as for a key that is there twice",
     "A dump that switches unique_checks and foreign_key_checks off hides which: load it with both on, and the server "
     "names it"),
    ({1556}, "", "dump-does-not-load",
     "The dump locks a log table of the server (general_log, slow_log), which it lets nobody do",
     "Dump with --ignore-table=mysql.general_log --ignore-table=mysql.slow_log, or with "
     "--skip-add-locks"),
    ({1216, 1217, 1451, 1452}, "", "dump-does-not-load",
     "A row of the dump has no parent row, or a parent's table is dropped before its child's",
     "Dumps have to switch foreign_key_checks off before they load, as mariadb-dump's do: SET foreign_key_checks "
     "= 0 before it, and look for orphans behind it"),
    ({1526}, "", "dump-does-not-load",
     "A row of the dump fits no partition of its table",
     "Look at the partitions that production has (ALTER TABLE ... ADD PARTITION), and whether definition and rows "
     "are of one run"),
    ({4025}, "", "dump-does-not-load",
     "A row of the dump is forbidden by a check of its own table (CHECK)",
     'Restore with SET check_constraint_checks = 0 before it (settings={"check_constraint_checks": "0"}), and '
     "mend the row in production"),
    ({1906, 3105}, "", "dump-does-not-load",
     "The dump has values for a generated column, which the server reckons itself",
     'Restore with settings={"sql_mode": ""}, which passes over such values: dumps of MariaDB have them, and set such '
     "a mode in their heads, which --compact, scripts and editors leave out; those of MySQL have none"),
    ({1044, 1045, 1142, 1227, 1370, 1410}, "", "dump-does-not-load",
     "The dump is loaded by an account without the right to do that, though it began with all rights",
     "Look whether it changes accounts before that line; restore it as an account with all rights, which definers "
     "of others need (SET USER)"),
    ({1418, 1419}, "", "dump-does-not-load",
     "The dump makes a routine or a trigger that this server does not take while it writes a binary log",
     'Restore with settings={"log_bin_trust_function_creators": "1"}, as production most likely has'),
    ({1290}, "", "dump-does-not-load",
     "A statement of the dump is forbidden by an option that the server runs with, such as --secure-file-priv or "
     "--read-only",
     "Look at what it does: a dump has no business to read or write files of the server"),
    ({1372, 1827}, "", "dump-does-not-load",
     "The dump has an account whose password is in a form that this server does not know",
     "Dump accounts with --system=users --insert-ignore from a server of this series"),
    ({1064}, "near 'TYPE ?= ?[A-Za-z]", "syntax-too-old",
     "The dump is written as MySQL before 5.5 took it: TYPE= in place of ENGINE=", ""),
    ({1064}, r"near '\*/", "dump-does-not-load",
     "Of a comment with a statement in it, such as one that makes a trigger, only the end is left: a filter took the "
     "line that it begins with; or the statement ends with a semicolon before the comment does",
     "Look at what edits the dump line by line (`grep -v DEFINER`, sed): have it take the DEFINER clause out and leave "
     "the line; or take `;` out before `*/`"),
    ({1064}, r"near ' \*/", "dump-does-not-load",
     "A statement inside a comment of the dump ends with a semicolon before the comment does, which breaks it: so "
     "some releases of dump tools write triggers whose bodies end with one",
     "Make that trigger or event anew in production without its last semicolon, and dump again; or take `;` out "
     "before `*/` in the dump"),
    ({1064},
     r"(?i)near '(?:<!-- |<(?:br|b|font|div|p|html|!doctype|table|pre)\b|(?:PHP )?(?:Fatal error|Warning|Notice"
     r"|Deprecated): |(?:[\w./\\-]*[/\\])?(?:mysqldump|mariadb-dump|mysql|mariadb)(?:\.exe)?: |Killed"
     "|Segmentation fault)",
     "dump-tool-failed",
     "A message of the program that wrote the dump stands where a statement should begin", ""),
    ({1064},
     r"(?i)near '(?:the input device is not a tty|stdin: is not a tty|Defaulted container|Unable to use a TTY"
     r"|time=\"|\*\* WARNING: |Last login: |Connection to [^\n]+ closed|(?:ba|z|da)?sh: )", "dump-does-not-load",
     "A message of a program that the dump was called through (docker, kubectl, ssh, a shell) stands where a "
     "statement should begin",
     "Keep its standard error out of the file: no 2>&1, no terminal (-t); to use this dump, take that line out"),
    ({1064}, r"(?i)near '(?:VARCHAR2|NUMBER\(|:=|%TYPE)", "dump-does-not-load",
     "The dump has the syntax of Oracle, which this server takes in another sql_mode alone",
     "Restore with settings={\"sql_mode\": \"ORACLE\"}, if production runs so; a dump of Oracle's needs Oracle"),
    ({1064},
     r"(?i)near '(?:\(+(?:lower|upper|cast|json|coalesce|md5|`)|NOT ENFORCED|ENFORCED|SRID |VISIBLE"
     r"|REPLICATION SOURCE|BINARY LOG STATUS|(?:\w+_ADMIN|ROLE_ADMIN|APPLICATION_PASSWORD\w*"
     r"|SERVICE_CONNECTION\w*)\b|TABLESPACE |LATERAL|MEMBER OF)",
     "mysql-feature",
     "The dump has syntax of MySQL's that MariaDB does not have, such as an index on an expression, NOT ENFORCED, "
     "SRID or rights of MySQL 8",
     ""),
    ({1064}, "(?i)near '(?:VECTOR|WITHOUT OVERLAPS|RETURNS UUID|IGNORED|NOT IGNORED)", "dump-does-not-load",
     "The dump has syntax that newer series of MariaDB have",
     "Restore into the series that it was dumped from (version=)"),
    ({1064}, "(?i)near 'DELIMITER", "dump-does-not-load",
     "DELIMITER stands where the client does not take it for a command, such as behind a statement on the same "
     "line",
     "Let DELIMITER begin a line of its own in the dump"),
    ({1221, 1235}, "", "dump-does-not-load",
     "The dump has a statement that this server does not take in this form: of another series, or of MySQL",
     "Restore into the server and series that it was dumped from (version=), or change that definition in "
     "production"),
    ({1901}, "", "dump-does-not-load",
     "A column of the dump has an expression that this server does not allow there",
     "Restore into the server and series that it was dumped from (version=), or change that definition in "
     "production"),
)  # fmt: skip
"""What a recovery would meet too."""


def refusal(number: int, message: str, where: str, *, otherwise: str = "") -> DrtoolError:
    """Return what it means that a server refuses a statement.

    Args:
        number: of its error.
        message: the server's.
        where: the statement stands, as the end of a sentence.
        otherwise: what to do about it where no row says it; what the register says if not given.
    """
    why = describe_sql_error(number, message)
    usual = f"The dump does not load: the server refused it {where}"
    return (
        _not_of_the_dump(number, message, where, why)
        or _failure(number, message, where, why)
        or RestoreFailed("dump-does-not-load", usual, why=why, mend=otherwise)
    )


def _not_of_the_dump(number: int, message: str, where: str, why: str) -> Unverifiable | None:
    for numbers, says, code, what, mend in _UNVERIFIED:
        if number in numbers and re.search(says, message):
            return Unverifiable(code, f"{what}, {where}", why=why, mend=mend)
    return None


def _failure(number: int, message: str, where: str, why: str) -> RestoreFailed | None:
    for numbers, says, name, what, mend in _FAILED:
        if number in numbers and re.search(says, message):
            happened = f"{what}, {where}" if what else f"The dump does not load: the server refused it {where}"
            return RestoreFailed(name, happened, why=why, mend=mend)
    return None
