"""A folder of files that together are one backup of databases: which tool made it, in which order it is restored.

Told from the names of its files and what the first bytes of a few of them say:

- mydumper: see mydumper.py. MySQL Shell: see mysql_shell.py.
- `mariadb-dump --tab` (one database) and `--dir` (a folder for each, since 11.6): `orders.sql` with the definition
  beside `orders.txt` with the rows.
- several dumps, of a database each, or of the definitions in one and the rows in another.
- what mariadb-backup left, which is no logical backup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from drtool.amounts import listed as names_of
from drtool.backups.checksums import LIST_BYTES, is_list, listed
from drtool.backups.compression import Compression, decompressed_head, recognise_compression
from drtool.backups.folder_of_dumps import (
    CONTENT_BYTES,
    CREATES_TABLE,
    NAMED_AS_DUMP,
    HeadOf,
    not_restored,
    plan_of_folder,
)
from drtool.backups.folder_plan import Folder, Load
from drtool.backups.left_behind import left_behind_in
from drtool.backups.mydumper import is_of_mydumper, recognise_mydumper
from drtool.backups.mysql_shell import ABOUT, recognise_mysql_shell
from drtool.backups.physical import OF_SERVER, undescribed
from drtool.backups.recognise import Format, Recognised, recognise_content, recognise_head
from drtool.backups.row_format import FirstRows, format_of
from drtool.backups.unmarked import is_noise
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable

_METADATA_BYTES = 8 << 20  # of mydumper's: some hundred bytes a table, and at its end when the dump was finished
_PACKED = re.compile(r"\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z)$")
_OF_PHYSICAL = {f"{prefix}_{name}" for prefix in ("xtrabackup", "mariadb_backup") for name in ("info", "checkpoints")}
_DATA_FILE = re.compile(r"ibdata\d+|aria_log_control|.+\.(?:ibd|frm|MYD|MAD)")
_NOTE = re.compile(r"(?:.*\.(?:log|txt|err|out|cnf|conf|ini|ok|done|pos)|[A-Za-z_-]+)")
_ROWS = re.compile(r"\.(?:sql|dat|csv)$")
_NO_TAB = re.compile(r"[\t\n\r\0]")


def bytes_read_whole(path: str) -> int:
    """Return how many bytes of a file in a folder count as its head, where it takes more than those of a backup."""
    if path.rpartition("/")[2] == "metadata" or path.endswith(".json"):
        return _METADATA_BYTES
    return LIST_BYTES if is_list(path) else 0


def recognise_folder(
    paths: Sequence[str], head_of: HeadOf, *, database: str | None = None, odd: Iterable[str] = ()
) -> Recognised:
    """Tell what a folder of files is.

    Args:
        paths: of all files in it, relative, with slashes.
        head_of: gives the first bytes of one.
        database: where what names no database goes; what the headers say if not given.
        odd: what is in it besides and is no file, such as a link that leads out.

    Raises:
        RestoreFailed: it is no backup, or not a whole one.
        Unverifiable: a name in it cannot be dealt with, or what may be a backup in it cannot be restored from there.
    """
    if any(_NO_TAB.search(path) for path in paths):
        what = "A file in the folder has a tab or a line end in its name"
        raise Unverifiable("name-not-text", what, mend="No backup tool makes such names: look at where it came from")
    if no_file := next(filter(NAMED_AS_DUMP.search, odd), None):
        what = f"{no_file} is called a dump, and is no file of this folder: a link that leads out or nowhere, or a pipe"
        raise Unverifiable("file-not-restored", what)
    left = left_behind_in(paths, head_of)
    try:
        recognised = _recognise([path for path in paths if path not in left.all], head_of, database)
    except RestoreFailed as error:
        if error.code != "not-a-backup" or not left.doubtful:
            raise
        raise not_restored(*left.doubtful[0]) from error
    if (folder := recognised.folder) is None:
        return replace(recognised, left_behind=tuple(sorted(left.all)))
    said = listed({path: head_of(path) for path in paths if is_list(path)}, paths)
    others = tuple(path for path in folder.left_out if path not in said.read)
    folder = replace(folder, listed=said, left_out=others, backups=(*folder.backups, *left.doubtful))
    return replace(recognised, folder=folder, left_behind=left.paths)


def _recognise(paths: Sequence[str], head_of: HeadOf, database: str | None) -> Recognised:
    root = _common_folder(paths)
    names = {path: path.removeprefix(root) for path in paths}
    if any(name in _OF_PHYSICAL for name in names.values()):
        if streams := _streams_described(names, head_of):
            raise streams
        return Recognised(format=Format.PHYSICAL_FOLDER)
    if _is_alone_among_notes(names, head_of):
        return Recognised(format=Format.PHYSICAL_FOLDER)
    if data_files := _data_files(names.values()):
        raise data_files

    def content_of(path: str) -> bytes:
        head = head_of(path)
        return decompressed_head(head, recognise_compression(head), CONTENT_BYTES)

    stems = {path: _PACKED.sub("", name) for path, name in names.items()}
    first: dict[str, str] = {}
    for path, stem in sorted(stems.items()):
        if (other := first.setdefault(stem, path)) != path and _ROWS.search(stem):
            what = f"{other} and {path} are one file of this backup, compressed and not: its rows would come back twice"
            raise Unverifiable("dumps-mixed", what, mend="Remove the one that another run left")
    if any(stem.rpartition("/")[2] == ABOUT for stem in stems.values()):
        return recognise_mysql_shell(stems, head_of)
    if is_of_mydumper(stems, head_of, content_of):
        return recognise_mydumper(stems, head_of, content_of)
    tables = {path for path, stem in stems.items() if stem.endswith(".txt")}
    definitions = {stem: path for path, stem in stems.items() if stem.endswith(".sql")}
    if tables and any(stems[path].removesuffix(".txt") + ".sql" in definitions for path in tables):
        return _tab(stems, sorted(tables), definitions, content_of, database)
    return plan_of_folder(stems, head_of, database)


def _streams_described(names: Mapping[str, str], head_of: HeadOf) -> DrtoolError | None:
    """Return what keeps streams from being restored that lie beside a copy of one's description (`--extra-lsndir`)."""
    if any(_DATA_FILE.fullmatch(name.rpartition("/")[2]) for name in names.values()):
        return None
    others = [path for path, name in names.items() if "/" not in name and name not in _OF_PHYSICAL]
    streams = [path for path in others if _is_stream(head_of(path))]
    if not streams:
        return None
    what = f"This folder holds streams of physical backups beside what --extra-lsndir wrote: {names_of(streams)}"
    mend = "Name the full one by itself, and give the increments of it as increments=[...] in a scenario"
    return Unverifiable("backups-mixed", what, mend=mend)


def _is_stream(head: bytes) -> bool:
    try:
        return recognise_head(head).format in {Format.MBSTREAM, Format.ENCRYPTED}
    except DrtoolError:
        return False


def _is_alone_among_notes(names: Mapping[str, str], head_of: HeadOf) -> bool:
    """Tell whether one physical backup lies here in a folder of its own, and beside it what the job noted."""
    roots = {name.rpartition("/")[0] for name in names.values() if name.rpartition("/")[2] in _OF_PHYSICAL}
    if len(roots) != 1:
        return False
    root = f"{roots.pop()}/"
    beside = {path: name for path, name in names.items() if not name.startswith(root)}
    noted = all(_NOTE.fullmatch(name.rpartition("/")[2]) for name in beside.values())
    return noted and not any(is_noise(head) or _is_backup(head) for head in map(head_of, beside))


def _is_backup(head: bytes) -> bool:
    """Tell whether a file may be one that ought to be restored too; what the tool says looks like its errors."""
    try:
        recognise_head(head)
    except DrtoolError as error:
        return error.code not in {"not-a-backup", "backup-empty", "backup-is-an-error-message"}
    return True


def _data_files(names: Iterable[str]) -> DrtoolError | None:
    """Return what keeps the files of a server, lying in this folder, from being restored as a backup of one."""
    plain = [(name.rpartition("/")[2], _PACKED.sub("", name.rpartition("/")[2])) for name in names]
    described = [packed for packed, one in plain if one in _OF_PHYSICAL]
    if not described and not any(_DATA_FILE.fullmatch(one) for _, one in plain):
        return None
    if any(packed != one for packed, one in plain if one in _OF_PHYSICAL or _DATA_FILE.fullmatch(one)):
        what = "The files of a server's data folder, or of a physical backup, are compressed here one by one"
        return Unverifiable("compression-unsupported", what, mend="Pack the folder as it is: `tar -cf - FOLDER | zstd`")
    if described:
        what = "This folder holds physical backups in folders of their own, or one of them among other files"
        mend = "Name the folder of one of them; give increments as increments=[...]"
        return Unverifiable("backups-mixed", what, mend=mend)
    there = {one for _, one in plain}
    if "ibdata1" in there and not there & OF_SERVER:
        return undescribed("neither xtrabackup_checkpoints nor xtrabackup_info (or their newer names) is in it")
    what = "This is a copy of a server's data folder, or of a part of it, not a backup that mariadb-backup took"
    return Unverifiable("data-folder-copied", what)


def _common_folder(paths: Iterable[str]) -> str:
    """Return the folder, with its slash, that everything lies in, as an archive of a folder has it; often none."""
    folders = {path.rpartition("/")[0] for path in paths}
    common: list[str] = []
    for parts in zip(*(folder.split("/") for folder in folders), strict=False):
        if len(set(parts)) > 1 or not parts[0]:
            break
        common.append(parts[0])
    return "/".join([*common, ""]) if common else ""


def _tab(
    stems: dict[str, str], tables: Sequence[str], definitions: dict[str, str], content_of: HeadOf, database: str | None
) -> Recognised:
    rows = []
    whole: dict[str, Load] = {}
    headers: dict[str, Recognised] = {}
    charsets: dict[str, str | None] = {}
    defined: dict[str, bytes] = {}
    for stem, path in sorted(definitions.items()):
        content = content_of(path)
        headers[path] = recognised = recognise_content(content, Compression.NONE)
        defined[stem] = content
        # The tool's own default, utf8mb4 (utf8 once), stands for rows as they are; any other for rows converted to it.
        charset = recognised.charset
        charsets[stem] = "binary" if charset and charset.startswith("utf8") else charset
        if CREATES_TABLE.search(content) and f"{stem.removesuffix('.sql')}.txt" not in stems.values():
            what = f"The rows of {stem.removesuffix('.sql')} are missing: there is no .txt beside its .sql"
            raise RestoreFailed("folder-incomplete", what)
        whole[stem] = Load(how="sql", path=path, charset=charset, has_end=recognised.has_header)
    first = next((one for one in headers.values() if one.has_header), None)
    in_folder = {
        stem.rpartition("/")[0]: one.database for stem, path in definitions.items() if (one := headers[path]).database
    }

    def target(stem: str) -> str:
        folder = stem.rpartition("/")[0]
        return database or in_folder.get(folder) or folder.rpartition("/")[2] or "restored"

    form = format_of(
        [FirstRows.of(defined[stem], content_of(path)) for path, stem in _beside(tables, stems, definitions)]
    )
    for path in tables:
        stem = stems[path].removesuffix(".txt")
        if f"{stem}.sql" not in definitions:
            what = f"The definition of {stem} is missing from the folder: there is no .sql beside its .txt"
            raise RestoreFailed("folder-incomplete", what)
        table, charset = stem.rpartition("/")[2], charsets[f"{stem}.sql"]
        rows.append(
            Load(
                how="rows",
                path=path,
                database=target(stem),
                table=table,
                charset=charset,
                clause=form.clause,
                of=(target(stem), table),
            )
        )
    defining = {f"{stems[row.path].removesuffix('.txt')}.sql" for row in rows}
    placed = {stem: replace(load, database=target(stem)) for stem, load in whole.items()}
    # What has no rows is a view, or what the tool wrote to its standard output: sequences first, then routines.
    others = [load for stem, load in placed.items() if stem not in defining]
    return Recognised(
        format=Format.DUMP_FOLDER,
        server_version=first.server_version if first else None,
        series=first.series if first else None,
        says_zone=all(one.says_zone for one in headers.values()),
        header=first.header if first else {},
        folder=Folder(
            kind="mariadb-dump " + ("--dir" if any("/" in stem for stem in placed) else "--tab"),
            definitions=(
                *(
                    replace(load, of=(load.database or "", stem.rpartition("/")[2].removesuffix(".sql")))
                    for stem, load in placed.items()
                    if stem in defining
                ),
                *others,
            ),
            rows=tuple(rows),
            databases=tuple(sorted({load.database for load in placed.values() if load.database})),
            rows_format=form.told if form.clause else "",
        ),
    )


def _beside(tables: Iterable[str], stems: dict[str, str], definitions: dict[str, str]) -> Iterator[tuple[str, str]]:
    for path in tables:
        if (stem := stems[path].removesuffix(".txt") + ".sql") in definitions:
            yield path, stem
