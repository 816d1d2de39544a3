"""A folder of dumps that a client loads as they are: which of its files are dumps, and what the others are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from drtool.amounts import count
from drtool.backups.companions import is_one_of, shape_of
from drtool.backups.compression import decompressed_head, names_in_zip, recognise_compression
from drtool.backups.messages import is_of_comments
from drtool.backups.named_dumps import Dump, plan_of_dumps
from drtool.backups.recognise import Format, Recognised, recognise_head
from drtool.backups.repositories import repository_in
from drtool.backups.unmarked import told_by_name
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.stores.whole import begins_as_backup, named_as_parts

HeadOf = Callable[[str], bytes]
"""Gives the first bytes of the file at a path in the folder."""

FOLDER_OF_DUMPS = "folder of dumps"
"""What a folder of several dumps is called."""

CONTENT_BYTES = 64 * 1024
"""How much of a file, decompressed, is looked at."""
NAMED_AS_DUMP = re.compile(r"\.(?:sql|dump)(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z|gpg|pgp|asc|age|enc))*$", re.IGNORECASE)
CREATES_TABLE = re.compile(rb"^CREATE TABLE (?:IF NOT EXISTS )?`?([^`( ]*)", re.MULTILINE)

_NAMED_AS_ROWS = re.compile(
    r"\.(?:csv|tsv|psv|tab|txt|dat|data|out|xml|parquet)(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z))*$", re.IGNORECASE
)
_OF_A_DUMP = re.compile(r"sql|dump|\.(?:ibd|frm)$", re.IGNORECASE)
_HAS_ROWS = re.compile(rb"^(?:INSERT|REPLACE|LOCK TABLES) ", re.MULTILINE)
_NAMES_TABLE = re.compile(
    rb"^(?:/\*!\d+ )?(?:CREATE TABLE (?:IF NOT EXISTS )?|(?:CREATE )?VIEW |(?:INSERT|REPLACE) (?:IGNORE )?INTO "
    rb"|LOCK TABLES )`?([^`( ]+)",
    re.MULTILINE,
)
_CREATES = re.compile(rb"^(?:/\*!\d+ )?CREATE ", re.MULTILINE)
_ACCOUNTS = re.compile(rb"^(?:/\*M?!\d* ?)?(?:CREATE (?:OR REPLACE )?USER|GRANT) |^USE `?mysql`?;", re.MULTILINE)
_MESSAGES = {"backup-is-an-error-message", "dump-behind-a-message", "dump-tool-failed"}
_BACKUPS_THEMSELVES = {Format.MBSTREAM, Format.MYDUMPER_STREAM}
# Holland's (holland/lib/mysql, --exclude-invalid-views).
_INVALID_VIEWS = re.compile(rb"^-- DDL of Invalid Views\s*$", re.MULTILINE)


@dataclass
class _Files:
    """The files of a folder, as far as they have been looked at."""

    dumps: dict[str, Dump] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    named_as_rows: dict[str, str] = field(default_factory=dict)
    failed: dict[str, DrtoolError] = field(default_factory=dict)
    backups: dict[str, Format] = field(default_factory=dict)
    apart: dict[str, Format] = field(default_factory=dict)
    first: Recognised | None = None
    refused: DrtoolError | None = None
    are_files: bool = True

    def look_at(self, path: str, head: bytes, *, named_as_dump: bool) -> None:
        """Sort a file in by its first bytes.

        Raises:
            RestoreFailed: it is called a dump, and is none.
            Unverifiable: it is a dump that cannot be restored with the others.
        """
        content = b""
        try:
            content = decompressed_head(head, recognise_compression(head), CONTENT_BYTES)
            recognised = recognise_head(head)
        except DrtoolError as error:
            if not named_as_dump and _is_zip_of_others(head):
                self.left_out.append(path)
                self.refused, self.are_files = self.refused or _at(path, error), False
                return
            self._not_recognised(path, content, error, told_by_name(error, head, path), named_as_dump=named_as_dump)
            return
        self.are_files = False
        if recognised.format is not Format.DUMP:
            if named_as_dump or recognised.holds_database or recognised.format in _BACKUPS_THEMSELVES:
                self.backups[path] = recognised.format
            else:
                self.left_out.append(path)
                self.apart[path] = recognised.format
            return
        self.dumps[path] = Dump(
            recognised=recognised,
            tables=tuple(dict.fromkeys(CREATES_TABLE.findall(content))),
            names=frozenset(name.decode("utf-8", "replace") for name in _NAMES_TABLE.findall(content)),
            of_accounts=bool(_ACCOUNTS.search(content)) and not CREATES_TABLE.search(content),
            of_rows=bool(_HAS_ROWS.search(content)) and not _CREATES.search(content),
            of_definitions=bool(CREATES_TABLE.search(content)) and not _HAS_ROWS.search(content),
            of_invalid_views=bool(_INVALID_VIEWS.search(content[:1024])),
        )
        if self.first is None or (recognised.series and not self.first.series):
            self.first = recognised

    def _not_recognised(
        self, path: str, content: bytes, error: DrtoolError, told: DrtoolError, *, named_as_dump: bool
    ) -> None:
        of_another = error.code == "format-unsupported"
        says_nothing = error.code == "not-a-backup" and is_of_comments(content, whole=len(content) < CONTENT_BYTES)
        doubtful = (named_as_dump and not says_nothing) or isinstance(error, Unverifiable)
        if doubtful and not of_another:  # what is in it does not come back
            raise _at(path, told) from error
        if not of_another and (not content.strip(b"\0") or error.code in _MESSAGES):
            self.failed[path] = error
        if self.refused is None or (is_of_stream(error) and not isinstance(self.refused, Unverifiable)):
            self.refused = _at(path, told)
        self.are_files = self.are_files and (of_another or error.code == "not-a-backup")
        self.left_out.append(path)
        if content.strip() and (ending := _NAMED_AS_ROWS.search(path)):
            self.named_as_rows[path] = path[: ending.start()].rpartition("/")[2]


def plan_of_folder(stems: Mapping[str, str], head_of: HeadOf, database: str | None) -> Recognised:
    """Tell which files of a folder are dumps, and how they are restored together.

    Args:
        stems: the path of each, without what packed it, by its path.
        head_of: gives the first bytes of one.
        database: where what names no database goes.

    Raises:
        RestoreFailed: there is no dump, or one is broken from its start.
        Unverifiable: one of them cannot be restored.
    """
    if not any(map(NAMED_AS_DUMP.search, stems)) and (repository := repository_in(stems)):
        raise repository
    _refuse_parts(stems, head_of)
    files = _Files()
    for path, stem in sorted(stems.items()):
        if stem.rpartition("/")[2].startswith(".") or stem.endswith((".json", ".md5", ".sha256", ".log")):
            files.left_out.append(path)
            continue
        files.look_at(path, head_of(path), named_as_dump=len(stems) > 1 and NAMED_AS_DUMP.search(path) is not None)
    shapes = {shape_of(path) for path in files.dumps} - {None}
    for path, failure in files.failed.items():  # of what the same job names as it does its dumps
        if shape_of(path) in shapes or is_one_of(path, files.dumps):
            raise _at(path, failure)
    if (first := files.first) is None:
        refused = files.refused
        if files.backups:
            raise not_restored(*next(iter(files.backups.items())))
        if files.are_files and len(stems) > 1 and not any(map(_OF_A_DUMP.search, stems.values())):
            raise Unverifiable("files-not-packed", "This is a folder of files, and no backup of a database")
        if refused and (
            isinstance(refused, Unverifiable)
            or is_of_stream(refused)
            or (len(stems) == 1 and refused.code != "not-a-backup")
        ):
            raise refused
        if files.apart and not files.failed:
            raise not_restored(*next(iter(files.apart.items())))
        what = "There is no backup of a database in it that drtool knows"
        raise RestoreFailed("not-a-backup", what, why=refused.what if refused else "")
    return Recognised(
        format=Format.DUMP_FOLDER,
        server_version=first.server_version,
        series=first.series,
        header=first.header,
        says_zone=all(dump.recognised.says_zone for dump in files.dumps.values()),
        folder=replace(
            plan_of_dumps(
                files.dumps,
                files.left_out,
                database,
                kind=FOLDER_OF_DUMPS if len(stems) > 1 else "one dump in a folder",
            ),
            backups=tuple(files.backups.items()),
            named_as_rows=tuple(files.named_as_rows.items()),
        ),
    )


def _refuse_parts(paths: Iterable[str], head_of: HeadOf) -> None:
    """Refuse a folder in which a backup lies that was split: its parts are put together where the first is named.

    Raises:
        Unverifiable: naming the first part.
    """
    for first, *others in named_as_parts(paths):
        # Of many parts one may begin by chance as a backup does.
        if begins_as_backup(head_of(first)) and not begins_as_backup(head_of(others[0])):
            what = (
                f"{count(1 + len(others), 'file is a part', 'files are parts')} of one backup that was split: {first}"
            )
            mend = "Drill it by its first part, and not by the folder: drtool puts the parts together then"
            raise Unverifiable("file-not-restored", f"{what} and what follows it", mend=mend)


def _is_zip_of_others(head: bytes) -> bool:
    """Tell whether a file is a zip of files of which none that can be seen is called as dumps and tables are."""
    names = [*names_in_zip(head)]
    return bool(names) and not any(map(_OF_A_DUMP.search, names))


def not_restored(path: str, kind: str) -> Unverifiable:
    """Return that a file among dumps is a backup of its own, which is not restored from there."""
    what = f"{path}, which lies in a folder or an archive, is a backup of its own and was not restored: {kind}"
    of_key = ", with its key" if kind == Format.ENCRYPTED else ""
    return Unverifiable("file-not-restored", what, mend=f"Drill that file by itself{of_key}")


def is_of_stream(error: DrtoolError) -> bool:
    """Tell whether a compressed stream is cut or damaged: that says more than that a text is no backup."""
    return error.code in {"stream-damaged", "stream-trailing-garbage", "stream-truncated"}


def _at(path: str, error: DrtoolError) -> DrtoolError:
    return type(error)(error.code, f"{path}: {error.what}", why=error.why, mend=error.mend)
