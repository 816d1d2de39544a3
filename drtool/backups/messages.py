"""What programs say that write, fetch or ship a backup, where it stands in the backup's place or before it."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

from drtool.backups.statements import is_of_statements, starts_with_statement
from drtool.errors import RestoreFailed

# What a tool, a shell or an engine writes in place of a backup, or before it where its errors go to the same file.
_ERROR_MESSAGE = re.compile(
    r"\s*(?:\[\d\d\] \d{4}-\d\d-\d\d \d\d:|(?P<comment>-- )?(?:Warning: )?(?:[\w./\\:-]*[/\\])?"
    r"(?:mysqldump|mariadb-dump|mysql|mariadb|mariadb-backup|mariabackup|xtrabackup|mydumper|mysqlsh|bash|sh|dash|zsh|perl"
    r"|docker|podman|kubectl|oc|lxc|ssh|sudo|su|stty|tput|mesg|gzip|zstd|pigz|tar|nice|ionice|timeout|env|drush|wp|aws|curl"
    r"|wget|rclone|gpg|openssl|mbind)"
    r"(?:\.exe|\[\d+\])?: |usage: |warning: |error[: ]|Error response from daemon|Enter password: |Permission denied)",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\A[^\n]*(?:not found|no such file|permission denied|access denied|can't connect|connection refused|"
    r"connection timed out|no space left|killed|traceback|is not a tty|is not running|verification failed|"
    r"level=(?:error|fatal)|no such container|fatal error|segmentation fault|unable to)",
    re.IGNORECASE,
)
# They wrote the dump elsewhere, or were asked for something else than a dump.
_ELSEWHERE = re.compile(
    r"(?:\[?(?:success|ok|notice|info)\b\]?:? |(?:[\w./-]*/)?(?:mysqldump|mariadb-dump|mysql|mariadb|mydumper)\s+"
    r"(?:Ver |from \d)|[^\n]{0,300}\b(?:exported|saved|written|dumped|backed up) (?:to|in|into) )",
    re.IGNORECASE,
)
# Where the dump itself begins, as the tools of databases begin one.
_BEGINS = re.compile(
    r"^(?:/\*M?!999999\\- enable the sandbox mode|-- (?:MariaDB|MySQL) dump \d|-- phpMyAdmin SQL Dump|-- Adminer \d"
    r"|-- mysqldump-php |-- Sequel (?:Ace|Pro) |-- -+\r?\n-- (?:Host|Servi?d?or|H[^\n:]*):|/\*\r?\n Navicat "
    r"|# Sequel |/\*!40\d{3} SET )",
    re.MULTILINE,
)
_IN_FIRST_LINE = re.compile(
    r"[^\n;'\"`]{1,80}?(?=(?<!\w)(?:/\*!\d{5} |(?:ALTER|BEGIN|CREATE|DROP|INSERT|LOCK|REPLACE|SET|START|USE)\s))"
)
_PROGRAMS, _ENVELOPE = ("#!", "<?"), "-----BEGIN "
_LINE_ENDS, _FEW_LINES = re.compile(r"\n"), 10
_STATEMENT_ENDS = re.compile(r"(?:;|\*/)$|^(?:use|delimiter)\s+\S+$", re.IGNORECASE)
_COMMENTS = re.compile(r"/\*.*?\*/|^(?:--(?:[ \t][^\n]*)?|#[^\n]*)\r?$", re.MULTILINE | re.DOTALL)
_STREAM = re.compile(
    rb"(?:[\t\x20-\x7e\x80-\xff]*\r?\n){1,200}?(?P<what>XBSTCK01|\x1f\x8b\x08|\x28\xb5\x2f\xfd|\xfd7zXZ\0|BZh[1-9]1AY&SY"
    rb"|[^\n]{257}ustar)"
)
_SAYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "A message of kubectl",
        ("Defaulted container", "Unable to use a TTY", "Defaulting container", "oc: "),
        "Name the container (kubectl exec -c NAME), without -t, and keep its standard error out of the file",
    ),
    (
        "A message of docker",
        ("the input device is not a tty", "WARNING: Error loading config", r'time="[^"]+" level=', "docker|podman"),
        "Call it without -t, and keep its standard error out of the file",
    ),
    (
        "A message of a program that lacks its locale",
        (".*setlocale", ".*Setting locale failed", ".*cannot change locale"),
        "Install the locale or set LC_ALL=C.UTF-8, and keep standard error out of the file",
    ),
    (
        "A message of the login shell",
        ("(?:stty|tput|mesg): ", ".*not a terminal", r".*No value for \$TERM", ".*Inappropriate ioctl"),
        "Let ~/.bashrc and the profile print and set nothing where there is no terminal",
    ),
    (
        "A message of PHP",
        (r"(?:PHP |<b>)?(?:Warning|Notice|Deprecated|Fatal error|Strict Standards)(?:</b>)?:  ", "<br ?/>"),
        "Set display_errors = Off (stderr on the command line) for the program that dumps",
    ),
    (
        "A message of ssh",
        ("Warning: Permanently added", "Pseudo-terminal will not be", "Connection to .* closed", r"\*\*\* ", "ssh: "),
        "Call it with -q and without -t, and have the server's banner go to terminals alone",
    ),
    (
        "A message of the login on the other host",
        ("Welcome to ", "Last login:", ".*authori[sz]ed ", ".*prohibited", ".*updates? can be", ".*System restart"),
        "Call ssh -q with the command, and let login scripts print on terminals alone",
    ),
    (
        "A message of the shell's trace (set -x)",
        (r"\++ ",),
        "Switch set -x off in the job, or keep standard error out of the file",
    ),
    (
        "What an editor or a script put there (a byte-order mark)",
        ("[\ufeff\u200b\u2060]", "\u00ef\u00bb\u00bf"),
        "Let the job write UTF-8 without a byte-order mark, and join no files that have one",
    ),
    (
        "An option of echo, which this shell writes out instead of heeding it,",
        (r"-[neE]{1,3}(?:\s|$)",),
        "Let the job call printf in place of echo -e and echo -n, or run it with bash",
    ),
    (
        "A terminal's prompt",
        (r"(?:\[?[\w.-]+@[^\n]{1,60})?[$%#] \S", "Script started ", r"(?:mysql|MariaDB \[[^\]\n]*\])>(?:\s|$)"),
        "Let the dump tool write the file itself (--result-file), and keep no recorded terminal as a backup",
    ),
    (
        "A message of the dump tool",
        (
            r".{0,80}(?:mysqldump|mariadb-dump|mysql|mariadb|mariabackup|mariadb-backup|xtrabackup|mbind)(?:\.exe)?: ",
            r"\[\d+\] \d{4}-", r"\d{6} \d\d:\d\d:\d\d ", "Enter password", "Warning: ",
        ),
        "",
    ),
)  # fmt: skip
"""Who says what, by the beginnings of lines, and what to do about it."""
_MEND = "Take `2>&1` out of the backup job, so that messages stay out of the backup"
_GIVEN_UP = "Mend what the message names, dump again, and let the job check exit statuses; keep this one until then"
_USABLE = "; to use this one, cut off what stands before it"


# With these the dump tool ends, or it goes on without what it could not read (--force). That it lacks a right on
# tablespaces is no such error, though it says so.
_GAVE_UP = re.compile(
    r"(?:mysqldump|mariadb-dump)(?:\.exe)?: (?:Got err|Couldn't (?:execute|find)|Error \d+:|Can't |Lost connection)",
    re.IGNORECASE,
)


def _behind(said: str, of: str) -> RestoreFailed:
    if _GAVE_UP.search(said):
        what = f"The dump tool says before the {of} that it could not read all: what follows is not the whole of it"
        return RestoreFailed("dump-tool-failed", what, mend=_GIVEN_UP)
    by, mend = next(((who, mend) for who, lines, mend in _SAYS if _says(lines).search(said)), ("", ""))
    what = f"{by or 'Text of a program or a login'} stands in the file before the {of}"
    return RestoreFailed("dump-behind-a-message", what, mend=(mend or _MEND) + _USABLE)


@cache
def _says(lines: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"^(?:{'|'.join(lines)})", re.IGNORECASE | re.MULTILINE)


def message_before_dump(text: str) -> RestoreFailed | None:
    """Return that something else than SQL stands before the dump in a file, where a dump begins in it at all.

    SQL that somebody put before it, to choose a database, ends with semicolons.
    """
    begins = _BEGINS.search(text[:8192])
    if begins is None or begins.start() == 0 or text.startswith(_ENVELOPE):
        return None
    before = _COMMENTS.sub("", text[: begins.start()])
    lines = [line.strip() for line in before.splitlines() if line.strip()]
    if not lines or (_STATEMENT_ENDS.search(lines[-1]) and not _ERROR_MESSAGE.match(lines[0])):
        return None
    return _behind("\n".join(lines[:50]), "dump")


def message_before_statements(text: str) -> RestoreFailed | None:
    """Return that something stands before SQL of no tool's header, in its first line or in a few lines before it.

    All that follows it has to be SQL: a text about SQL is none.
    """
    if text.startswith((*_PROGRAMS, _ENVELOPE)):
        return None
    first = _IN_FIRST_LINE.match(text)
    lines = (found.end() for found in islice(_LINE_ENDS.finditer(text[:8192]), _FEW_LINES))
    begins = next((at for at in lines if starts_with_statement(text[at : at + 8192])), None)
    for at in (first.end() if first else None, begins):
        if at and is_of_statements(text[at:]):
            return _behind(text[:at].strip(), "dump")
    return None


def message_before_stream(content: bytes) -> RestoreFailed | None:
    """Return that text stands before a physical backup's stream, a compressed stream or an archive in a file."""
    found = _STREAM.match(content[: 64 * 1024])
    if found is None:
        return None
    what = "stream" if found["what"] != b"XBSTCK01" else "physical backup"
    of = "archive" if found["what"].endswith(b"ustar") else what
    return _behind(content[: found.start("what")].decode("utf-8", "replace"), of)


def is_of_comments(content: bytes, *, whole: bool) -> bool:
    """Tell whether a file says something in comments of SQL, and nothing else.

    Args:
        content: the first bytes of it.
        whole: whether that is all.
    """
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    return whole and bool(text.strip()) and not _COMMENTS.sub("", text).strip()


def message_in_place(text: str, *, starts_as_sql: bool) -> RestoreFailed | None:
    """Return that a file holds what its tool said, and no backup."""
    said = _ERROR_MESSAGE.match(text)
    if said and said["comment"] and starts_as_sql:
        return None  # whatever it says, the client passes it over
    if said or (not starts_as_sql and _COMPLAINT.match(text.lstrip())):
        what = "The backup begins with an error message of the tool that should have written it"
        return RestoreFailed("backup-is-an-error-message", what)
    if not starts_as_sql and _ELSEWHERE.match(text.lstrip()):
        what = "The file holds what the dump tool says of itself or of its success, and no dump"
        mend = "Let the job keep the file that the tool wrote, and not what it prints; have it dump to standard output"
        return RestoreFailed("backup-is-an-error-message", what, mend=mend)
    return None
