"""A folder of mydumper's: which of its files is what, and what its metadata say has to be in it.

The names are those of https://mydumper.github.io/mydumper/docs/html/files.html: `metadata`, `shop-schema-create.sql`,
`shop.orders-schema.sql`, `shop.orders.00000.sql`, ...; the files may be compressed, each for itself. A run that chooses
its tables by a regular expression (`-x`) may write no `-schema-create.sql`, one with `--no-schemas` no definition at
all; with `--load-data` and `--csv` the rows lie in a `.dat` beside each `.sql`, which has the statement for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from drtool.amounts import listed
from drtool.backups.folder_of_dumps import HeadOf
from drtool.backups.folder_plan import Counted, Folder, Load
from drtool.backups.recognise import Format, Recognised, says_zone
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.selection import Named

KIND = "mydumper"
"""What such a folder is called."""

_DEFINITION = re.compile(
    r"(?P<database>.+?)(?:\.(?P<table>.+?))?-schema(?:-(?P<kind>create|post|triggers|view|sequence))?\.sql"
)
_CHUNK = re.compile(r"(?:\.(?P<number>\d+))?(?:\.\d+)*\.(?P<kind>sql|dat|csv)$")
_NAMED = re.compile(
    r".+\..+\.(?:sql|dat|csv)|.+-schema-(?:create|post|triggers)\.sql|all-schema-create-tablespace\.sql"
)
_BEGINS = b"/*!40101 SET NAMES "
_STARTED = re.compile(r"^(?:# )?Started dump at: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)
_FINISHED = re.compile(r"^(?:# )?Finished dump at: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)
_TABLE = re.compile(r"""^\[([`"])(.+?)\1\.\1(.+)\1\]\n((?:[^\[\n].*\n?)*)""", re.MULTILINE)
_DATABASE = re.compile(r"""^\[([`"])((?:(?!\1).)+)\1\]\n((?:[^\[\n].*\n?)*)""", re.MULTILINE)
_SAID_OF_TABLE = re.compile(r"^(\w+) ?= ?(.*)$", re.MULTILINE)
_SQL_MODE = re.compile(r"^\[myloader_session_variables\]\nSQL_MODE ?= ?'([A-Z_,]*)' /\*!", re.MULTILINE | re.IGNORECASE)
_READS = re.compile(rb"\bLOAD DATA LOCAL INFILE '([^']*)'")
_NAME_IN_PLACE = re.compile(r"mydumper_\d+")  # of a table that no file can be named after


def is_of_mydumper(stems: Mapping[str, str], head_of: HeadOf, content_of: HeadOf) -> bool:
    """Tell whether a folder is mydumper's: by its metadata and by how its files are named and begin.

    Args:
        stems: the name of each file in it, without the suffix of its compression, by its path.
        head_of: gives the first bytes of a file.
        content_of: the same, decompressed.
    """
    names = {path: stem.rpartition("/")[2] for path, stem in stems.items()}
    if any(name.endswith("-schema-create.sql") for name in names.values()):
        return True
    files = {path: name for path, name in names.items() if name.endswith((".sql", ".dat", ".csv"))}
    if not files or not all(map(_NAMED.fullmatch, files.values())):
        return False
    if metadata := next((path for path, name in names.items() if name == "metadata"), None):
        return bool(_STARTED.search(head_of(metadata)[:4096].decode("utf-8", "replace")))
    definition = next((path for path, name in files.items() if name.endswith("-schema.sql")), None)
    return definition is not None and content_of(definition).startswith(_BEGINS)


def recognise_mydumper(stems: Mapping[str, str], head_of: HeadOf, content_of: HeadOf) -> Recognised:
    """Tell how a folder of mydumper's is restored.

    Args:
        stems: the name of each file in it, without the suffix of its compression, by its path.
        head_of: gives the first bytes of a file, of the metadata all of them.
        content_of: gives the first bytes of a file, decompressed.

    Raises:
        RestoreFailed: the dump was not finished, or lacks files.
        Unverifiable: several runs of the same tables are there.
    """
    names = {path: stem.rpartition("/")[2] for path, stem in stems.items()}
    runs = _runs(names, head_of)
    oldest = runs[0]
    created = {
        name.removesuffix("-schema-create.sql") for name in names.values() if name.endswith("-schema-create.sql")
    }
    counted = (
        *(one for said in runs for one in (*_counted(said), *_kinds_written(said, set(names.values())))),
        *_counted_apart(names, created, head_of),
    )
    real = {(one.database, one.file): one.table for one in counted}

    def of(database: str, file: str) -> Named:
        table = file.removeprefix(f"{database}.")
        return database, "" if table == database else real.get((database, table), table)

    kinds: dict[str, list[Load]] = {}
    for path, name in sorted(names.items()):
        if (found := _DEFINITION.fullmatch(name)) is None:
            continue
        database = _database_of(name, created, found["database"])
        how, target = ("create", None) if found["kind"] == "create" else ("definitions", database)
        load = Load(how=how, path=path, database=target, of=of(database, name.rpartition("-schema")[0]))
        kinds.setdefault(found["kind"] or "table", []).append(load)
    found_rows, numbers = _rows(names, created, content_of)
    rows = [replace(load, of=of(load.database or "", load.table or "")) for load in found_rows]
    _raise_if_undefined(names.values(), [names[load.path] for load in rows])
    statements = (content_of(load.statement or load.path) for load in rows)
    first = next(filter(None, statements), b"")  # all are written alike; a table without rows may have an empty file
    loads = [load for of_kind in kinds.values() for load in of_kind]
    by_name = {load.database for load in (*loads, *rows) if load.database} - created
    return Recognised(
        format=Format.DUMP_FOLDER,
        says_zone=not first or says_zone(first),
        header={"tool": "mydumper"},
        folder=Folder(
            kind=KIND,
            definitions=(*kinds.get("create", ()), *kinds.get("sequence", ()), *kinds.get("table", ())),
            rows=tuple(rows),
            last=(*kinds.get("triggers", ()), *kinds.get("view", ()), *kinds.get("post", ())),
            databases=tuple(sorted(by_name)),
            started=_wall(_STARTED.search(oldest)),
            finished=_wall(_FINISHED.search(oldest)),
            counted=counted,
            # Since its metadata begin with a hash the numbers say how often a table was halved, and have gaps.
            gaps=tuple(one for one, found in numbers.items() if not oldest.startswith("#") and _has_gap(found)),
            session=_session_of_myloader(oldest),
        ),
    )


def _runs(names: Mapping[str, str], head_of: HeadOf) -> list[str]:
    """Return the metadata of each run in a folder, the oldest first: a run for each database may have its own.

    Raises:
        RestoreFailed: one was not finished.
        Unverifiable: two have files of the same names.
    """
    paths = sorted(path for path, name in names.items() if name == "metadata")
    runs = [head_of(path).decode("utf-8", "replace") for path in paths] or [""]
    for said in runs:
        if not _FINISHED.search(said):
            what = "mydumper did not finish this dump: its metadata does not say when it was finished"
            raise RestoreFailed("dump-unfinished", what)
    definitions = Counter(name for name in names.values() if _DEFINITION.fullmatch(name))
    if twice := next((name for name, times in definitions.items() if times > 1), None):
        what = f"Several runs of mydumper are in this folder ({len(paths)}), and are not one backup: two have {twice}"
        raise Unverifiable("dumps-mixed", what, mend=f"Name the folder of one of them: {', '.join(paths[-3:])}")
    of_runs = {path.rpartition("/")[0] for path in paths}
    for path, name in sorted(names.items()):
        if _DEFINITION.fullmatch(name) and paths and of_runs.isdisjoint(_folders_above(path)):
            what = f"mydumper did not finish one of the runs in this folder: no metadata lie beside {path}"
            raise RestoreFailed("dump-unfinished", what)
    return sorted(runs, key=lambda said: found[1] if (found := _STARTED.search(said)) else "")


def _folders_above(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path


def _rows(
    names: Mapping[str, str], created: Iterable[str], content_of: HeadOf
) -> tuple[list[Load], dict[str, set[int]]]:
    """Return what loads the rows, and the numbers of the files of each table.

    Raises:
        RestoreFailed: a file of rows is missing, or the statement that reads it.
    """
    rows, beside = [], {name: path for path, name in names.items()}
    numbers: dict[str, set[int]] = {}
    with_files = {name.rpartition(".")[0] for name in beside if name.endswith((".dat", ".csv"))}
    apart = bool(with_files)
    for path, name in sorted(names.items()):
        chunk, stem = _CHUNK.search(name), name.rpartition(".")[0]
        if chunk is None or _DEFINITION.fullmatch(name) or (chunk["kind"] == "sql" and stem in with_files):
            continue
        database = _database_of(name, created, name.partition(".")[0])
        table = name[: chunk.start()]
        numbers.setdefault(table, set()).add(int(chunk["number"] or 0))
        if chunk["kind"] != "sql":
            if not (statement := beside.get(f"{stem}.sql")):
                what = f"{stem}.sql is missing from the folder: it has the statement that reads the rows in {name}"
                raise RestoreFailed("folder-incomplete", what)
            rows.append(Load(how="rows_by", path=path, database=database, table=table, statement=statement))
            continue
        load = Load(how="sql", path=path, database=database, table=table)
        if (apart or not rows) and (reads := _READS.search(content_of(path))):
            what = f"{reads[1].decode('utf-8', 'replace')} is missing from the folder: {name} reads its rows from there"
            raise RestoreFailed("folder-incomplete", what)
        rows.append(load)
    return rows, numbers


def _raise_if_undefined(names: Iterable[str], filled: Iterable[str]) -> None:
    """Raise `RestoreFailed` where there are rows of tables whose definitions are not there."""
    defined = {name.removesuffix("-schema.sql") for name in names if name.endswith("-schema.sql")}

    def is_defined(name: str) -> bool:
        parts = name.split(".")
        return any(".".join(parts[:end]) in defined for end in range(1, len(parts)))

    missing = sorted({_CHUNK.sub("", name) for name in filled if "." in _CHUNK.sub("", name) and not is_defined(name)})
    if not missing:
        return
    if defined:
        what = f"The definitions of tables whose rows are there are missing from the folder: {listed(missing)}"
        mend = f"Look for {missing[0]}-schema.sql where the folder was copied from"
    else:
        what = "mydumper wrote rows into this folder and no definitions, so that nothing makes the tables they go into"
        mend = "Dump without --no-schemas; rows alone need the definitions of the same instant beside them"
    raise RestoreFailed("folder-incomplete", what, mend=mend)


def _counted(said: str) -> Iterator[Counted]:
    """Return what newer metadata say of each table: https://mydumper.github.io/mydumper/docs/html/files.html."""
    for _, database, file_name, body in _TABLE.findall(said):
        known = {key.lower(): value for key, value in _SAID_OF_TABLE.findall(body)}
        table = known.get("real_table_name") or file_name
        if "real_table_name" not in known and _NAME_IN_PLACE.fullmatch(table):
            continue
        kind = "view" if known.get("is_view") == "1" else "sequence" if known.get("is_sequence") == "1" else "table"
        rows = known.get("rows", "")
        if kind != "table" or rows.isdecimal():
            number = int(rows) if rows.isdecimal() else 0
            yield Counted(database=database, table=table, file=file_name, kind=kind, rows=number)


def _kinds_written(said: str, files: set[str]) -> Iterator[Counted]:
    """Return of which databases there are triggers and routines: there is a checksum of all, which is 0 of none.

    With `--events` alone one is taken of routines that are not dumped: where the file for both is there it is no sign.
    """
    for _, database, body in _DATABASE.findall(said):
        known = dict(_SAID_OF_TABLE.findall(body))
        for kind, key in (("triggers", "triggers_checksum"), ("routines", "post_checksum")):
            told = kind == "triggers" or f"{database}-schema-post.sql" not in files
            if told and known.get(key, "0").strip("0 "):
                yield Counted(database=database, table="", file="", kind=kind, rows=0)


def _counted_apart(names: Mapping[str, str], created: Iterable[str], head_of: HeadOf) -> Iterator[Counted]:
    """Return how many rows releases from 0.10.7 to 0.13 say that they wrote of each table, in a file for each."""
    for path, name in sorted(names.items()):
        if not name.endswith("-metadata") or "." not in name:
            continue
        database = _database_of(name, created, name.partition(".")[0])
        table = name.removesuffix("-metadata")[len(database) + 1 :]
        if (rows := head_of(path)[:40].strip()).isdigit() and not _NAME_IN_PLACE.fullmatch(table):
            yield Counted(database=database, table=table, file=table, kind="table", rows=int(rows))


def _session_of_myloader(said: str) -> str:
    """Return what myloader sets its session to before it loads rows, of the releases that write such metadata.

    Up to 0.13 it is always the same. From 0.15.3 on mydumper writes down for it what its server's sql_mode was, less
    what is strict. In between, myloader leaves the sql_mode to the server (v0.13.1-1:src/myloader_jobs_manager.c,
    v0.14.5-3:src/myloader.c, v1.0.1-3:src/mydumper/mydumper_start_dump.c).
    """
    if not said.startswith("#"):
        return "NAMES binary, sql_mode = 'NO_AUTO_VALUE_ON_ZERO', unique_checks = 0"
    return "NAMES binary" + (f", sql_mode = '{mode[1]}'" if (mode := _SQL_MODE.search(said)) else "")


def _has_gap(numbers: set[int]) -> bool:
    return len(numbers) <= max(numbers) - min(numbers)  # those of --rows begin with 0, those of --chunk-filesize with 1


def _database_of(name: str, created: Iterable[str], otherwise: str) -> str:
    """Return the database of a file: a name may have dots, so what mydumper made databases of decides."""
    return max((one for one in created if name.startswith((f"{one}.", f"{one}-"))), key=len, default=otherwise)


def _wall(found: re.Match[str] | None) -> datetime | None:
    try:
        return datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
