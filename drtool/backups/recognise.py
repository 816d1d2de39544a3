"""What kind of backup a file is, and what its header says; content decides, a name never does."""

from __future__ import annotations

import re
import tarfile
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from drtool.backups.compression import Compression, decompressed_head, is_whole, recognise_compression
from drtool.errors import RestoreFailed, Unverifiable

HEAD_BYTES = 256 * 1024
_CONTENT_BYTES = 64 * 1024


class Format(StrEnum):
    """Kinds of backup that drtool restores."""

    DUMP = "MariaDB dump"
    TAR = "tar archive"


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What the first bytes of a backup tell.

    Attributes:
        format: what it is.
        compression: how it is compressed.
        server_version: of the server that made it, as its header says it.
        series: `major.minor` of that server where it was a MariaDB.
        database: the one database of a dump that names it in its header only.
        selects_database: whether the dump itself creates or selects the databases that it loads into.
        missing_database: the database that it selects though it creates none (mariadb-dump --no-create-db).
        has_header: whether a dump begins with its tool's comments, and so must end with them.
        header: what else the header says, for the report.
    """

    format: Format
    compression: Compression
    server_version: str | None = None
    series: str | None = None
    database: str | None = None
    selects_database: bool = False
    missing_database: str | None = None
    has_header: bool = False
    header: dict[str, str] = field(default_factory=dict)


_TOOL = re.compile(r"^-- (?P<tool>(?:MariaDB|MySQL) dump [^\n,]*)", re.MULTILINE)
_HOST = re.compile(r"^-- Host: (?P<host>\S*)\s+Database: ?(?P<database>[^\n]*?)\s*$", re.MULTILINE)
_SERVER = re.compile(r"^-- Server version\s+(?P<version>\S+)", re.MULTILINE)
# MariaDB Enterprise writes 10.6.14-9-MariaDB, a server that stands in for MySQL 5.5.5-10.11.3-MariaDB
_MARIADB_SERIES = re.compile(r"(\d+)\.(\d+)\.\d+(?:-\d+)?-MariaDB")
# The whole statement: a routine in a dump may well have a line that begins with USE INDEX. No \s at the start: over a
# file of nothing but line ends that takes minutes.
_SELECTS = re.compile(
    r"^[ \t]*(?:/\*!\d+\s*)?(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:DATABASE|SCHEMA)\s"
    r"|USE\s+(?P<used>`[^`\n]+`|[\w$]+)\s*;)",
    re.MULTILINE | re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*(?:--(?:[ \t][^\n]*|\r?)(?:\n|$)|#[^\n]*(?:\n|$)|/\*(?!M?!).*?\*/)", re.DOTALL)
_STATEMENT = re.compile(
    r"\s*(?:/\*M?!|(?:ALTER|ANALYZE|BEGIN|CALL|COMMIT|CREATE|DELETE|DELIMITER|DROP|FLUSH|GRANT|INSERT|LOAD|LOCK|RENAME"
    r"|REPLACE|REVOKE|SELECT|SET|START|TRUNCATE|UNLOCK|UPDATE|USE|WITH|XA)\b)",
    re.IGNORECASE,
)
# What a tool, a shell or an engine writes in place of a backup, or before it where its errors go to the same file.
_ERROR_MESSAGE = re.compile(
    r"\s*(?:(?:-- )?(?:Warning: )?(?:[\w./\\:-]*[/\\])?"
    r"(?:mysqldump|mariadb-dump|mysql|mariadb|mariadb-backup|mariabackup|bash|sh|dash|zsh|docker|podman|kubectl|ssh|sudo)"
    r"(?:\.exe|\[\d+\])?: |usage: |warning: |error[: ]|Error response from daemon|Enter password: |Permission denied)",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\A[^\n]*(?:not found|no such file|permission denied|access denied|can't connect|connection refused|"
    r"connection timed out|no space left|killed|traceback)",
    re.IGNORECASE,
)
_POSTGRES = re.compile(r"^-- PostgreSQL database (?:cluster )?dump", re.MULTILINE)
_WEB = {b"<!doctype": "a web page", b"<html": "a web page", b"<?xml": "an XML document"}
_BINARY = {
    b"\xff\xfe": "UTF-16 text (PowerShell's > writes it: let the dump tool write the file itself, with --result-file)",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89PNG": "a PNG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"SQLite format 3": "an SQLite database",
    b"PGDMP": "a PostgreSQL dump",
}


def recognise(stream: BinaryIO) -> Recognised:
    """Tell what a backup is from its first 256 KiB.

    Raises:
        RestoreFailed: it is empty, damaged from the start, or no backup at all.
        Unverifiable: it is a backup of a kind that drtool does not restore.
    """
    head = stream.read(HEAD_BYTES)
    if not head:
        raise RestoreFailed("backup-empty", "The backup is empty: zero bytes", mend="Look at the backup job's log")
    compression = recognise_compression(head)
    content = decompressed_head(head, compression, _CONTENT_BYTES)
    if not content:
        if not is_whole(head, compression):
            raise RestoreFailed(
                "stream-truncated",
                f"The {compression} stream breaks off before its end: the backup was cut short",
                mend="Look whether the backup job or its upload was interrupted, or ran out of disk",
            )
        raise RestoreFailed(
            "backup-empty",
            f"The backup is a {compression} stream with nothing in it",
            mend="The dump tool wrote nothing into the compressor: look at the backup job's log",
        )
    if content.startswith(b"XBSTCK01"):
        raise Unverifiable(
            "format-unsupported", "The backup is a mariadb-backup stream (mbstream), which drtool does not restore"
        )
    if _is_tar(content):
        return Recognised(format=Format.TAR, compression=compression)
    return _recognise_dump(content, compression)


def _is_tar(content: bytes) -> bool:
    block = content[: tarfile.BLOCKSIZE]
    if not block.strip(b"\0"):
        # The end mark alone is an archive of nothing; more zeros than fill a record are a file that was never written.
        return 2 * tarfile.BLOCKSIZE <= len(content) < _CONTENT_BYTES and not content.strip(b"\0")
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _recognise_dump(content: bytes, compression: Compression) -> Recognised:
    looks_like = _other_kind(content)
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    if looks_like is None and _ERROR_MESSAGE.match(text):
        raise _error_message()
    tool = _TOOL.search(text[:4096])
    if looks_like is None and tool is None and not _starts_with_statement(text):
        if _COMPLAINT.match(text.lstrip()):
            raise _error_message()
        looks_like = "text, but no SQL"
    if looks_like is not None:
        raise RestoreFailed(
            "not-a-backup",
            f"This is no MariaDB dump and no tar archive: it looks like {looks_like}",
            mend="Check which file the backup job writes, or the pattern that chose it",
        )
    host, server, selects = _HOST.search(text[:4096]), _SERVER.search(text[:4096]), _SELECTS.search(text)
    version = server["version"] if server else None
    series = _MARIADB_SERIES.search(version or "")
    header = {"tool": tool["tool"].strip()} if tool else {}
    if host:
        header |= {"host": host["host"], "database": host["database"]}
    return Recognised(
        format=Format.DUMP,
        compression=compression,
        server_version=version,
        series=f"{series[1]}.{series[2]}" if series else None,
        database=(host["database"] or None) if host else None,
        selects_database=selects is not None,
        missing_database=selects["used"].strip("`") if selects and selects["used"] else None,
        has_header=tool is not None,
        header=header,
    )


def _other_kind(content: bytes) -> str | None:
    """Return what content is that cannot be SQL, or None."""
    start = content.lstrip()
    known = next((name for magic, name in _BINARY.items() if start.startswith(magic)), None)
    known = known or next((name for magic, name in _WEB.items() if start[:16].lower().startswith(magic)), None)
    if known:
        return known
    if _POSTGRES.search(content[:4096].decode("utf-8", "replace")):
        return "a PostgreSQL dump"
    if not content.strip(b"\0"):
        return "zeros, as of a file that was never written"
    try:
        inner = recognise_compression(content)
    except Unverifiable:
        return "compressed or encrypted data inside a compressed stream"
    if inner is not Compression.NONE:
        return f"a {inner} stream inside another: it was compressed twice"
    return "binary data" if b"\0" in content[:1024] else None


def _error_message() -> RestoreFailed:
    return RestoreFailed(
        "backup-is-an-error-message",
        "The backup begins with an error message of the tool that should have written it",
        mend="The backup job saved the tool's errors as the backup: fix the job, and let it check exit statuses",
    )


def _starts_with_statement(text: str) -> bool:
    position = 0
    while comment := _COMMENT.match(text, position):
        position = comment.end()
    return _STATEMENT.match(text, position) is not None
