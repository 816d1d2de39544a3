"""Why a restore failed, in words that hold no customer's data.

Messages of the server and of tar quote row values and file names. What leaves this module is reduced to error
codes, line numbers and names of schema objects.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container

from pymysql.constants import CR, ER

from drtool.amounts import count, listed
from drtool.backups.compression import Compression, zip_of_files
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.sql import NO_SPACE, PLUGIN_NOT_LOADED, SQL_ERROR, describe_sql_error
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Promises
from drtool.restore.server_errors import refusal

_CLIENT_ERROR = re.compile(r"ERROR at line (?P<line>\d+)(?P<backslash>: Unknown command '\\)?")
_CUT_SHORT = ("unexpected end", "ends unexpectedly", "unfinished stream", "premature", "truncated")
_NO_SUCH_OWNER = re.compile(r"tar: .*: Cannot change ownership to uid \d+, gid \d+: Invalid argument")
_LAST_WORDS = "tar: Exiting with failure status"
_KILLED = 137
_SWALLOWS = {"comment", "string"}
_NOBODY_READ_ON = 141  # 128 + SIGPIPE: the stage behind it is what failed
_NO_COLLATION = {ER.UNKNOWN_COLLATION, ER.UNKNOWN_CHARACTER_SET}
_OTHER_ENGINE = 1266
_ALTERS = {
    1048: "nothing, where there must be something",
    ER.DUP_ENTRY: "a row whose key was there already, left out",
    ER.WARN_DATA_OUT_OF_RANGE: "a number out of range",
    ER.WARN_DATA_TRUNCATED: "a value cut short",
    _OTHER_ENGINE: "another engine for a table",
    1292: "a value that is none of its column's type",
    1299: "a time that its zone does not have",
    1364: "no value for a column without a default",
    1366: "a value that is none of its column's type or character set",
    1406: "a text too long for its column",
    1369: "a row that a view does not take, left out",
    1452: "a row without its parent, left out",
    1526: "a row for which its table has no partition, left out",
    1748: "a row of another partition, left out",
    4025: "a row that a check of its table forbids, left out",
}
"""The server's warnings that mean it, by their numbers (https://mariadb.com/kb/en/mariadb-error-code-reference/)."""
_LED_ASTRAY = {ER.ACCESS_DENIED_ERROR, CR.CR_CONN_HOST_ERROR, CR.CR_UNKNOWN_HOST}
_IN_DOUBLE_QUOTES = re.compile("near '\"")
_ANSI = (
    "The dump has names in double quotes and sets no sql_mode for them: give the server that of production "
    '(SELECT @@sql_mode), by settings={"sql_mode": "ANSI_QUOTES"} or config='
)
_DOUBLED = "Take one of the two out of the definition: what wrote the dump or edited it put it there twice"
_UNDELIMITED = (
    "Put the delimiter that the line with DELIMITER before it names behind its last END; then dump with another "
    "release of the tool, or with mariadb-dump"
)
_TORN = (
    "Look for the lines with DELIMITER before and behind it: an editor, a filter or a home-made export left them out. "
    "Put them back, or dump with mariadb-dump"
)
_UNBROKEN = (
    "Look at what lost its line ends, or made them a lone carriage return (a conversion, an editor, a clipboard), and "
    "take another copy: where they were lost, nothing tells where comments end"
)
_BREAKS_OFF = "Look at that line of the dump (it may hold personal data); a cut dump often breaks inside a statement"

_UNQUOTED = (
    "Look at the quotes in that statement (it may hold personal data), and at what wrote or edited the dump "
    "(anonymiser, sed, a script): it has to write a quote inside a string as \\' or ''. Of a dump made under "
    "NO_BACKSLASH_ESCAPES set that sql_mode. A command to the client (\\. or \\!) has no place in a dump"
)
_NO_SUCH_FUNCTION = {ER.SP_DOES_NOT_EXIST, 1901}  # 1901: ER_GENERATED_COLUMN_FUNCTION_IS_NOT_ALLOWED
_VARIABLE = re.compile(r"'(?P<name>\w{1,64})'")
_OWN_SCHEMA = re.compile("information_schema|performance_schema", re.IGNORECASE)
_WITHOUT_IT = "Leave that schema out of the backup job; `mariadb-dump --all-databases` does"
_BY_HAND = "Restore into MySQL, or change that definition in production before it is dumped for MariaDB"


def stream_failure(outcome: Outcome, compression: Compression | str) -> DrtoolError | None:
    """Return what went wrong before the content reached the sink: reading or decompressing."""
    if outcome.statuses.get("read") not in {None, 0, _NOBODY_READ_ON}:
        return Unverifiable("backup-unreadable", "Reading the backup failed half way")
    if (status := outcome.statuses.get("decrypt")) == _KILLED:
        return Unverifiable("out-of-memory", "Decrypting was killed for memory")
    if outcome.signature == "bad":
        return RestoreFailed("signature-bad", "The backup is signed, and what is in it is not what was signed")
    if status not in {None, 0, _NOBODY_READ_ON}:  # the key was right, since the content was recognised
        what = "The encrypted backup is damaged or was cut short: its key is right, and it does not decrypt to the end"
        return RestoreFailed("ciphertext-damaged", what)
    status = outcome.statuses.get("decompress")
    complaint = outcome.complaint("decompress").lower()
    # bzip2 is content with what follows its stream, and says so; lz4 is not, and does not say so.
    followed = "trailing garbage" in complaint or (compression == Compression.LZ4 and status == 1 and not complaint)
    if status in {None, 0, _NOBODY_READ_ON} and not followed:
        return None
    if compression == Compression.ZIP and "several files" in complaint:
        return zip_of_files()
    if status == _KILLED or "memory" in complaint:
        what = f"Decompressing ({compression}) needs more memory than the sandbox may use"
        return Unverifiable("out-of-memory", what)
    if any(words in complaint for words in _CUT_SHORT):
        what = f"The {compression} stream breaks off before its end: the backup was cut short"
        return RestoreFailed("stream-truncated", what)
    if followed or "unsupported format" in complaint or "not in gzip" in complaint:
        what = f"Something follows the {compression} stream that does not belong to it"
        return RestoreFailed("stream-trailing-garbage", what)
    what = f"The {compression} stream is damaged: it does not match its own checksum or structure"
    return RestoreFailed("stream-damaged", what)


def sql_failure(outcome: Outcome) -> DrtoolError | None:
    """Return why loading a dump failed, or None when all of it was carried out and kept."""
    if (status := outcome.statuses.get("sink")) is None:
        return None  # it was cut short from outside
    if not status and outcome.promised.unbroken:
        what = "All of the dump stands in one line, which begins as a comment: nothing of it was carried out"
        return RestoreFailed("dump-end-swallowed", what, mend=_UNBROKEN)
    if not status and not outcome.carried_out:
        return _swallowed("comment", outcome.promised)
    if not status and outcome.uncommitted:
        return RestoreFailed("dump-uncommitted", "The dump ends inside a transaction that it does not commit")
    if not status:
        return None
    if outcome.promised.nulls and outcome.promised.dumps_begun:
        return holes("the dump", "it does not load")
    found = SQL_ERROR.search(outcome.complaint("sink"))
    if found is None:
        # What is left open may be too much for the client's memory.
        if _swallows_its_end(outcome) or (status == _KILLED and outcome.promised.open in _SWALLOWS):
            return _swallowed(outcome.promised.open, outcome.promised)
        if status == _KILLED:
            return Unverifiable("out-of-memory", "The client that loads the dump was killed for memory")
        return _refused_by_client(outcome.complaint("sink"), status)
    code, line = int(found["code"]), found["line"]
    where = f"at line {line} of the dump" if line else "while connecting"
    what = describe_sql_error(code, found["text"] or "")
    if not line and code in _LED_ASTRAY:
        lost = "The client that loads the dump did not get into the server in the sandbox"
        mend = "Look what the image sets for MariaDB's clients (option files, variables), or take the official one"
        return Unverifiable("locked-out", lost, why=what, mend=mend)
    if code in {CR.CR_SERVER_GONE_ERROR, ER.NET_PACKET_TOO_LARGE}:
        # The server breaks the connection off when more comes than it takes, and only sometimes says why first;
        # one that has stopped was told apart before it came to this.
        return RestoreFailed(
            "packet-too-large",
            f"A statement of the dump is larger than the server takes, {where}",
            why=what,
            mend='Restore with settings={"max_allowed_packet": "64M"} or more, and write it into the runbook',
        )
    if code in {ER.DISK_FULL, ER.RECORD_FILE_FULL} or NO_SPACE.search(found["text"] or ""):
        return Unverifiable("disk-full", f"The server ran out of disk, {where}", why=what)
    if schema := _of_the_server(code, found["text"] or "", outcome):
        brought = f"The dump brings {schema}, which every server makes itself and takes from no dump, {where}"
        return RestoreFailed("dump-does-not-load", brought, why=what, mend=_WITHOUT_IT)
    if code == ER.TABLE_EXISTS_ERROR and _makes_system_table(outcome, found["text"] or ""):
        brought = f"The dump brings system tables of another series, which this server has in another form, {where}"
        return RestoreFailed("system-tables-differ", brought, why=what)
    if code == ER.PARSE_ERROR and _swallows_its_end(outcome):
        return _swallowed(
            outcome.promised.open, outcome.promised, f"the server refused what came of that {where} ({what})"
        )
    fills = any(table.filled for table in outcome.promised.tables.values()) or "INSERT" in (found["text"] or "")
    if code == ER.BAD_FIELD_ERROR and not fills:
        asks = f"A view, a routine or a trigger of the dump asks for a column that its tables do not have, {where}"
        mend = "Mend it in production or drop it there: it cannot be used there either"
        return RestoreFailed("dump-does-not-load", asks, why=what, mend=mend)
    if code == ER.NO_SUCH_TABLE and not outcome.promised.tables_made:
        asks = "rows" if outcome.promised.tables else "views, triggers or other statements"
        lacking = f"The dump has {asks} and makes no table before them (--no-create-info), {where}"
        mend = "Load the dump of the definitions first: put both into one folder, and restore that; or dump in one run"
        return RestoreFailed("dump-does-not-load", lacking, why=what, mend=mend)
    if code == ER.CANT_CREATE_TABLE and outcome.promised.doubled:
        doubled = f"A table of the dump has two foreign keys of one name, {where}"
        return RestoreFailed("dump-does-not-load", doubled, why=what, mend=_DOUBLED)
    if code == ER.PARSE_ERROR and outcome.promised.undelimited:
        lacks = "A routine, a trigger or an event lacks the delimiter that ends it, and swallows all that follows"
        return RestoreFailed("dump-end-swallowed", f"{lacks}, {where}", why=what, mend=_UNDELIMITED)
    if code == ER.PARSE_ERROR and outcome.promised.torn:
        torn = f"A routine, a trigger or an event of the dump ends at the first semicolon of its block, {where}"
        return RestoreFailed("dump-does-not-load", torn, why=what, mend=_TORN)
    cut = code == ER.PARSE_ERROR and outcome.end == "missing" and outcome.end_detail == "inside-statement"
    ansi = code == ER.PARSE_ERROR and not _takes_quotes(outcome) and _IN_DOUBLE_QUOTES.search(found["text"] or "")
    return refusal(code, found["text"] or "", where, otherwise=_ANSI if ansi else _BREAKS_OFF if cut else "")


def _refused_by_client(complaint: str, status: int) -> RestoreFailed:
    """Return what the client itself refused, before the server saw it: it quotes the dump's own signs."""
    own = _CLIENT_ERROR.search(complaint)
    if own and own["backslash"]:
        where = f"in the statement that begins at line {own['line']} of the dump"
        what = f"A backslash stands outside of any string, {where}: most likely quotes before it were not escaped"
        why = "there the client takes it for a command, and knows none"
        return RestoreFailed("dump-does-not-load", what, why=why, mend=_UNQUOTED)
    return RestoreFailed(
        "dump-does-not-load",
        "The dump does not load: the client refused it" + (f" at line {own['line']} of the dump" if own else ""),
        why=f"client status {status}",
        mend="A statement that breaks off, or a command to the client, which a dump has no business to give",
    )


def holes(dump: str, why: str = "") -> RestoreFailed:
    """Return that zeros stand inside a dump of mysqldump's or mariadb-dump's, which write such bytes as `\\0`."""
    what = f"Bytes that are zero stand inside {dump}, which its tool never writes: something was lost there"
    return RestoreFailed("dump-has-holes", what, why=why)


def _takes_quotes(outcome: Outcome) -> bool:
    """Tell whether the dump itself has the server take double quotes for those of names."""
    return any(mode in modes.upper() for modes in outcome.promised.sql_modes for mode in ("ANSI", "ORACLE", "DB2"))


def _swallows_its_end(outcome: Outcome) -> bool:
    """Tell whether the dump's own end is there, and stands in a comment or a string that nothing closes."""
    return outcome.end == "complete" and outcome.promised.open in _SWALLOWS


def _swallowed(what: str, promised: Promises, why: str = "") -> RestoreFailed:
    left = f"it leaves a {what} open{promised.among_rows}, which swallows all that follows"
    told = f"The dump was not carried out to its end: {left}"
    return RestoreFailed("dump-end-swallowed", told, why=why)


def of_own_schema(database: str | None) -> RestoreFailed | None:
    """Return that a dump that selects no database is of one that no server takes, if it is of such."""
    if not database or not _OWN_SCHEMA.fullmatch(database):
        return None
    what = f"This is a dump of {database}, which every server makes itself and takes from no dump"
    return RestoreFailed("dump-does-not-load", what, mend=_WITHOUT_IT)


def _of_the_server(code: int, text: str, outcome: Outcome) -> str:
    """Return which schema of the server's own a dump was refused for, if for one."""
    if code not in {ER.DBACCESS_DENIED_ERROR, ER.TABLEACCESS_DENIED_ERROR, ER.TABLE_EXISTS_ERROR}:
        return ""
    if found := _OWN_SCHEMA.search(text):
        return found[0]
    named = _VARIABLE.search(text)
    made = outcome.promised.tables_made
    return "performance_schema" if named and ("performance_schema", named["name"]) in made else ""


def _makes_system_table(outcome: Outcome, text: str) -> bool:
    """Tell whether a table that is there already is one of the server's own, which the dump makes."""
    named = _VARIABLE.search(text)
    return named is not None and ("mysql", named["name"]) in outcome.promised.tables_made


def altered(
    outcome: Outcome,
    of: str,
    harmless: Callable[[], Container[tuple[int, str]]],
    tables_with: Callable[[set[str]], list[str]],
    *,
    of_server: bool = False,
    engines_told: bool = False,
) -> RestoreFailed | None:
    """Return what the server changed or dropped while a dump loaded without an error, or None.

    Dumps load in a mode that is not strict: a value that does not fit is cut down to one that does, with a warning that
    nobody reads. A table of an engine that the server does not have becomes one of another.

    Args:
        outcome: how the dump loaded, with the server's warnings.
        of: what was loaded, for people.
        harmless: gives the warnings, by their numbers and columns, that come though nothing changes.
        tables_with: gives the tables with columns of some names that the dump fills.
        of_server: whether the server's own tables are in it, of which every server has rows of its own already: then
            `mariadb-dump --insert-ignore` leaves rows out, as it should.
        engines_told: whether the tables that came in another engine are told by their names.
    """
    changed: Counter[int] = Counter()
    columns: set[str] = set()
    for (code, column), number in outcome.warnings.items():
        if code == ER.TRUNCATED_WRONG_VALUE and not column:
            continue  # of an expression, and not of what is stored
        if code == _OTHER_ENGINE and engines_told:
            continue
        if (
            code in _ALTERS
            and not (of_server and code == ER.DUP_ENTRY)
            and not (column and (code, column) in harmless())
        ):
            changed[code] += number
            columns |= {column} - {""}
    why = ", ".join(f"{_ALTERS[code]} (warning {code}, {count(changed[code], 'time')})" for code in sorted(changed))
    if not why:
        return None
    where = listed([f"`{column}`" for column in sorted(columns)])
    if where and (tables := tables_with(columns)):
        where += f" ({'' if len(tables) == 1 else 'in one or more of '}{listed(tables)})"
    what = f"The server took {of} and changed what is in it" + (f", in {where}" if where else "")
    return RestoreFailed("rows-altered", what, why=why)


def tar_failure(outcome: Outcome) -> DrtoolError | None:
    """Return why unpacking an archive failed, or None when tar was content."""
    complaint = outcome.complaint("sink")
    members = sum("Cannot" in line or "Member name" in line for line in complaint.splitlines())
    # "Not a directory": tar makes links that lead out only at the very end, so what would go through one meets a file.
    # Of an archive all of whose names begin at the root (tar -P) the slash is taken away, as tar does by itself.
    stripped = re.sub("Removing leading `/+' from", "", complaint) if outcome.rooted else complaint
    if "contains '..'" in complaint or "Removing leading" in stripped or "Not a directory" in complaint:
        what = "The archive holds names that lead out of the folder it is restored to (`..`, a leading slash, a link)"
        return RestoreFailed("archive-escapes", what)
    if not (status := outcome.statuses.get("sink")):
        return None
    if "Unexpected EOF" in complaint:
        return RestoreFailed("archive-truncated", "The archive breaks off inside a file: it was cut short")
    if "mknod" in complaint:
        return RestoreFailed("archive-device-nodes", "The archive holds device nodes, which a sandbox does not make")
    if "No space left" in complaint:
        return Unverifiable("disk-full", "The engine's disk filled up while unpacking")
    if all(_NO_SUCH_OWNER.fullmatch(line) for line in complaint.splitlines() if not line.startswith(_LAST_WORDS)):
        what = "The archive has files of owners that this engine has not: it maps user ids (userns-remap, rootless)"
        return Unverifiable("owner-not-mapped", what)
    if "not look like a tar" in complaint or "Skipping to next header" in complaint:
        return RestoreFailed("archive-damaged", "The archive is damaged: a part of it is not in tar's format")
    what = f"tar could not restore everything: status {status}, {members} complaints about members"
    return RestoreFailed("archive-does-not-unpack", what)


def mysql_failure(outcome: Outcome, server_version: str | None) -> RestoreFailed | None:
    """Return what of MySQL's a dump needs and MariaDB lacks, where that is why it did not load.

    Args:
        outcome: how loading it ended.
        server_version: of the server that made it, which is a MySQL.
    """
    found = SQL_ERROR.search(outcome.complaint("sink"))
    if not outcome.statuses.get("sink") or found is None:
        return None
    code, text = int(found["code"]), found["text"] or ""
    if code == ER.PARSE_ERROR and refusal(code, text, "").code not in {"dump-does-not-load", "mysql-feature"}:
        return None  # it has another reason
    named = _VARIABLE.search(text)
    if code in _NO_COLLATION:
        feature, mend = "a collation", "MariaDB 11.4.5 and later know MySQL's utf8mb4_0900 collations: restore into one"
    elif code == ER.UNKNOWN_SYSTEM_VARIABLE:
        feature = f"the variable {named['name']}" if named else "a variable"
        mend = "Dump with --set-gtid-purged=OFF" if named and named["name"].upper() == "GTID_PURGED" else _BY_HAND
    elif code == PLUGIN_NOT_LOADED:
        feature, mend = "a way of logging in", "Dump without the database mysql, and make the accounts anew"
    elif code in _NO_SUCH_FUNCTION:
        feature, mend = "a function", _BY_HAND
    elif code == ER.PARSE_ERROR:
        feature, mend = "a piece of syntax, such as an index on an expression", _BY_HAND
    else:
        return None
    return RestoreFailed(
        "mysql-feature",
        f"The dump was made by MySQL {server_version} and uses {feature} that this MariaDB does not have, "
        f"at line {found['line']} of the dump",
        why=describe_sql_error(code, text),
        mend=mend,
    )
