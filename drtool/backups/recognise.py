"""What kind of backup a file is, and what its header says; content decides, a name never does."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from drtool.backups.companions import is_one_of, is_packed_with, shape_of
from drtool.backups.compression import (
    HEAD_BYTES,
    Compression,
    decompressed_head,
    head_needed_bytes,
    is_whole,
    recognise_compression,
    zip_of_files,
)
from drtool.backups.dump_tools import MARIADB_DUMP, DumpHeader, read_header
from drtool.backups.encryption import Encryption, recognise_encryption
from drtool.backups.folder_plan import Folder
from drtool.backups.messages import (
    message_before_dump,
    message_before_statements,
    message_before_stream,
    message_in_place,
)
from drtool.backups.other_kinds import is_web_error, other_kind
from drtool.backups.selecting import database_named_with_tables, database_selected
from drtool.backups.statements import starts_with_statement
from drtool.backups.transfers import is_unfinished, original_of, target_of
from drtool.backups.unmarked import is_noise
from drtool.binlogs.start import BinlogStart, is_of_replica, start_of_dump
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.series import series_of

_CONTENT_BYTES = 64 * 1024


class Format(StrEnum):
    """Kinds of backup that drtool restores."""

    DUMP = "MariaDB dump"
    TAR = "tar archive"
    MBSTREAM = "physical MariaDB backup (mbstream)"
    DUMP_FOLDER = "folder of dumps"
    MYDUMPER_STREAM = "mydumper stream"
    PHYSICAL_FOLDER = "physical MariaDB backup (folder)"
    ENCRYPTED = "encrypted backup"


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What the first bytes of a backup tell.

    Attributes:
        format: what it is.
        compression: how it is compressed.
        server_version: of the server that made it, as its header says it.
        series: `major.minor` of that server where it was a MariaDB.
        database: the one database of a dump that does not select it, by its header or as its tables are named with it.
        selects_database: whether the dump itself selects the databases that it loads into, from its first table on.
        missing_database: the database that it selects though it creates none (mariadb-dump --no-create-db).
        written_by: what the header of a dump says, where it is one of a tool that is known.
        has_header: whether that is mariadb-dump or mysqldump, which begin with comments and so must end with them.
        charset: the character set that a dump names for itself, as far as its first bytes go.
        says_zone: false for a dump that is known not to say in which zone its TIMESTAMP columns are (--skip-tz-utc, and
            tools that never do).
        binlog_start: where in the binary log a dump was taken, where it says so.
        of_replica: whether that is in the log of the primary of the server that it was made of.
        header: what else the header says, for the report.
        encryption: how it is encrypted, if it is; what is said of the rest is then said of what is inside.
        refused: why it is no backup, unless whoever has its key knows that it is encrypted and begins with no mark.
        holds_database: whether an archive begins with files that are backups of databases.
        holds_physical: whether those are a physical backup's.
        folder: how a folder of dumps is restored.
        left_behind: what lies in a folder under names of transfers and editors, and is no part of it.
    """

    format: Format
    compression: Compression = Compression.NONE
    server_version: str | None = None
    series: str | None = None
    database: str | None = None
    selects_database: bool = False
    missing_database: str | None = None
    written_by: DumpHeader | None = None
    has_header: bool = False
    charset: str | None = None
    says_zone: bool = True
    binlog_start: BinlogStart | None = None
    of_replica: bool = False
    header: dict[str, str] = field(default_factory=dict)
    encryption: Encryption | None = None
    refused: DrtoolError | None = None
    holds_database: bool = False
    holds_physical: bool = False
    folder: Folder | None = None
    left_behind: tuple[str, ...] = ()


# In dumps of tools that are not known by their headers, or of which only a part is left.
_SERVER = re.compile(
    r"^-- (?:Server version\s+(?=\S)|[^:\n]{1,60}:[ \t]+(?=\d+\.\d+\.\d+-MariaDB))(?P<version>\S+)", re.MULTILINE
)
# What mariadb-dump writes around a routine that is older than its database's character set: it names the database.
_ALTERS = re.compile(r"^ALTER DATABASE `(?P<database>[^`\n]{1,64})` CHARACTER SET ", re.MULTILINE)
_MYDUMPER_STREAM = re.compile(
    rb"\n*-- (?:metadata(?:\.[\w.]+)?|[\w.@#$%+=~-]+-schema(?:-\w+)?\.sql(?:\.\w+)?)(?: \d+)?\n"
)
# A folder as tar --listed-incremental writes it, then a list: Y for what is in the archive, N for what is not
# (https://www.gnu.org/software/tar/manual/html_node/Dumpdir.html).
_LISTING = b"D"
_MBSTREAM = b"XBSTCK01"
_PACKED = r"(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z))?"
OF_PHYSICAL = re.compile(
    r"(?:ibdata\d|ib_logfile\d|undo\d+|(?:xtrabackup|mariadb_backup)_\w+|backup-my\.cnf|aria_log[^.]*|"
    rf"aria_log\.\d+|.+\.(?:ibd|frm|MAD|MYD)){_PACKED}"
)
_OF_DUMPS = re.compile(rf"metadata|.+\.(?:sql|dat|txt|csv|mbstream|xbstream){_PACKED}")
_OF_ROWS = re.compile(rf".+\.(?:dat|txt|csv){_PACKED}")
_BESIDE_DUMPS = re.compile(r"readme(?:\.\w+)?|.+\.(?:log|md5|sha\d+)|(?:md5|sha\d+)sums?(?:\.txt)?", re.IGNORECASE)
_XML_DUMP = re.compile(r"<mysqldump[\s>]")
_NAMES = re.compile(rb"^(?:/\*!\d+\s*)?SET\s+NAMES\s+['\"]?(\w{1,32})", re.MULTILINE | re.IGNORECASE)
_SAYS_ZONE = re.compile(
    rb"^(?:/\*!\d+ *)?SET\s[^\n]{0,60}?\bTIME_ZONE *= *['\"](?!SYSTEM)", re.MULTILINE | re.IGNORECASE
)
_NOISE = "binary data of no kind that it knows: damaged from its start, or packed or encrypted without a mark"
_WEB = {b"<!doctype": "a web page", b"<html": "a web page"}
_BINARY = {
    b"\xff\xfe": "UTF-16 text (PowerShell's > writes it: let the dump tool write the file itself, with --result-file)",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89PNG": "a PNG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
}


def recognise(stream: BinaryIO) -> Recognised:
    """Tell what a backup is from its first 256 KiB; 4 MiB where its compression gives nothing for less.

    Raises:
        RestoreFailed: it is empty, damaged from the start, or no backup at all.
        Unverifiable: it is a backup of a kind that drtool does not restore.
    """
    return recognise_head(read_head(stream))


def read_head(stream: BinaryIO) -> bytes:
    """Read as many of a backup's first bytes as it takes to recognise it."""
    head = read_fully(stream, HEAD_BYTES)
    return head + read_fully(stream, head_needed_bytes(head) - HEAD_BYTES)


def recognise_head(head: bytes) -> Recognised:
    """Tell what a backup is from its first bytes; see `recognise`."""
    if not head:
        raise RestoreFailed("backup-empty", "The backup is empty: zero bytes")
    if encryption := recognise_encryption(head):
        return Recognised(format=Format.ENCRYPTED, encryption=encryption)
    compression = recognise_compression(head)
    content = decompressed_head(head, compression, _CONTENT_BYTES)
    if not content:
        if not is_whole(head, compression):
            what = f"The {compression} stream breaks off before its end: the backup was cut short"
            raise RestoreFailed("stream-truncated", what)
        raise RestoreFailed("backup-empty", f"The backup is a {compression} stream with nothing in it")
    try:
        return recognise_content(content, compression)
    except DrtoolError as error:
        if compression is Compression.ZIP and error.code in {"not-a-backup", "format-unsupported"}:
            raise zip_of_files() from error
        raise


def recognise_content(content: bytes, compression: Compression) -> Recognised:
    """Tell what a backup is from the first bytes of its content, decompressed; see `recognise`."""
    if content.startswith(_MBSTREAM):
        return Recognised(format=Format.MBSTREAM, compression=compression)
    if _is_tar(content):
        if _is_increment(content):
            what = (
                "The archive is an increment of tar's (--listed-incremental): it lacks the files that had not changed"
            )
            raise RestoreFailed("increment-alone", what)
        physical = any(OF_PHYSICAL.fullmatch(_name(member)) for member, _ in _first_files(content))
        return Recognised(
            format=Format.TAR,
            compression=compression,
            # An archive of a web site has a dump in it sometimes, and stays an archive of files.
            holds_database=physical
            or _are_of_dumps(content)
            or any(held.startswith(_MBSTREAM) for _, held in _first_members(content)),
            holds_physical=physical,
        )
    if _MYDUMPER_STREAM.match(content):
        return Recognised(format=Format.MYDUMPER_STREAM, compression=compression, header={"tool": "mydumper"})
    return _recognise_dump(content, compression)


def read_fully(stream: BinaryIO, wanted: int) -> bytes:
    """Read as much as is wanted, or all that is there: a stream over a network gives less at a time."""
    parts = []
    while wanted > 0 and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _name(member: tarfile.TarInfo) -> str:
    return member.name.rpartition("/")[2]


def _first_files(content: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    """Return the files that an archive's first bytes show, each with what is there of its content."""
    return [(member, held) for member, held in _first_members(content) if member.isreg()]


def _are_of_dumps(content: bytes) -> bool:
    """Tell whether the files that an archive's first bytes show are dumps by name or content, and what lies by such."""
    found = [(one, held) for one, held in _first_files(content) if not _is_beside_dumps(_name(one))]
    others = [member.name for member, _ in found if not _OF_DUMPS.fullmatch(_name(member))]
    dumps = {member.name for member, held in found if _is_dump_of_a_tool(held)} if others else set()
    shapes = {shape_of(name) for name in dumps} - {None}
    if not others and _is_whole(content) and all(_OF_ROWS.fullmatch(_name(member)) for member, _ in found):
        return False  # without a definition of the tables they may be anything
    return bool(found) and all(
        shape_of(name) in shapes or is_one_of(name, dumps) or is_packed_with(name, dumps) for name in others
    )


def _is_beside_dumps(name: str) -> bool:
    of = target_of(name) or original_of(name)
    is_left_behind = _OF_DUMPS.fullmatch(of) if of else is_unfinished(name)
    return bool(_BESIDE_DUMPS.fullmatch(name) or is_left_behind)


def _is_whole(content: bytes) -> bool:
    """Tell whether an archive's first bytes are all of it."""
    return len(content) < _CONTENT_BYTES and not content[-tarfile.BLOCKSIZE :].strip(b"\0")


def _is_dump_of_a_tool(held: bytes) -> bool:
    try:
        content = decompressed_head(held, recognise_compression(held), _CONTENT_BYTES)
        return bool(content) and _recognise_dump(content, Compression.NONE).has_header
    except (RestoreFailed, Unverifiable):
        return False


def _is_increment(content: bytes) -> bool:
    """Tell whether an archive's first bytes list files of a folder that are not in it."""
    lists = (listed for member, listed in _first_members(content) if member.type == _LISTING)
    return any(name.startswith(b"N") for listed in lists for name in listed.split(b"\0"))


def _first_members(content: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """Yield the members that an archive's first bytes show, each with what is there of its content."""
    position = 0
    while position + tarfile.BLOCKSIZE <= len(content):
        block = content[position : position + tarfile.BLOCKSIZE]
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            break
        position += tarfile.BLOCKSIZE
        yield member, content[position : position + member.size]
        position += -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


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
    if encryption := recognise_encryption(content):
        what = f"The backup was encrypted (with {encryption}) and then compressed"
        mend = "Decompress it once, and drill what comes out; let the job compress first and encrypt then"
        raise Unverifiable("backup-encrypted", what, mend=mend)
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    if _XML_DUMP.search(text[:1024]):
        what = "The backup is a dump in XML (--xml), which no client restores: it lacks routines, views and triggers"
        raise Unverifiable("dump-is-xml", what)
    said = read_header(text)
    starts_as_sql = said is not None or starts_with_statement(text)
    behind = message_before_dump(text) or (None if starts_as_sql else message_before_stream(content))
    before = None if starts_as_sql else message_before_statements(text)
    is_sql = starts_as_sql or before is not None
    if refused := behind or other_kind(content, whole=len(content) < _CONTENT_BYTES, starts_as_sql=is_sql):
        raise refused
    looks_like = _no_backup(content)
    if looks_like is None:
        if message := before or message_in_place(text, starts_as_sql=starts_as_sql):
            raise message
        if not starts_as_sql:
            looks_like = _NOISE if is_noise(content) else "text, but no SQL"
            looks_like = "the answer of a web service that refused" if is_web_error(text) else looks_like
    if looks_like is not None:
        raise RestoreFailed("not-a-backup", f"This is no MariaDB dump and no tar archive: it looks like {looks_like}")
    return _dump(content, text, said, compression)


def _dump(content: bytes, text: str, said: DumpHeader | None, compression: Compression) -> Recognised:
    server, altered = _SERVER.search(text[:4096]), _ALTERS.search(text)
    selects, missing = database_selected(text)
    version = (said.server_version if said else None) or (server["version"] if server else None)
    header = {}
    if said:
        header = {"tool": said.tool_named, "host": said.host, "database": said.database}
    start = start_of_dump(text)
    if start:
        header["binary log position"] = str(start)
    return Recognised(
        format=Format.DUMP,
        compression=compression,
        server_version=version,
        series=(said.series if said else None) or series_of(version or ""),
        database=(said.database if said else altered["database"] if altered else None)
        or (None if selects else database_named_with_tables(text)),
        selects_database=selects,
        missing_database=missing,
        written_by=said,
        has_header=said is not None and said.tool.name == MARIADB_DUMP,
        charset=charset_named(content),
        says_zone=said is None or says_zone(content),
        binlog_start=start,
        of_replica=is_of_replica(text),
        header={name: value for name, value in header.items() if value is not None},
    )


def charset_named(content: bytes) -> str | None:
    """Return the character set that a dump says it is in, as far as its first bytes go."""
    found = _NAMES.search(content)
    return found[1].decode().lower() if found else None


def says_zone(content: bytes) -> bool:
    """Tell whether a dump says in which zone its TIMESTAMP columns are: not where it was made with --skip-tz-utc."""
    return _SAYS_ZONE.search(content[:4096]) is not None


def _no_backup(content: bytes) -> str | None:
    """Return what content is that cannot be SQL, and no backup of any other kind, or None.

    Raises:
        Unverifiable: it is a backup in two envelopes.
    """
    start = content.lstrip()
    known = next((name for magic, name in _BINARY.items() if start.startswith(magic)), None)
    if known := known or next((name for magic, name in _WEB.items() if start[:16].lower().startswith(magic)), None):
        return known
    if not content.strip(b"\0"):
        return "zeros, as of a file that was never written"
    inner = recognise_compression(content)
    if inner is not Compression.NONE:
        what = f"There is a {inner} stream inside another: the backup was compressed twice"
        mend = "Decompress it once, and drill what comes out; the restore by hand has to do it twice too"
        raise Unverifiable("compression-unsupported", what, mend=mend)
    if b"\0" in content[:1024]:
        return _NOISE
    return None
