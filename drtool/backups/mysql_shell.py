"""A folder of MySQL Shell's (dumpInstance, dumpSchemas, dumpTables): definitions, rows, and what JSON says of both.

The names are those of mysql-shell's modules/util/dump; rows are read by LOAD DATA as the table's JSON says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from drtool.amounts import listed
from drtool.backups.folder_plan import Folder, Load
from drtool.backups.recognise import Format, Recognised
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.sql import quoted

ABOUT = "@.json"
_DONE = "@.done.json"
_ABOUT_ALL = {ABOUT, _DONE, "@.sql", "@.post.sql", "@.users.sql"}
_CHUNK = re.compile(r"@(?P<last>@?)(?P<number>\d+)")
_DECODES = {"FROM_BASE64", "UNHEX"}
_MEND = "Compare the folder with what MySQL Shell wrote: a copy that was interrupted lacks files"


def recognise_mysql_shell(stems: Mapping[str, str], content_of: Callable[[str], bytes]) -> Recognised:
    """Tell how a folder of MySQL Shell's is restored.

    Args:
        stems: the name of each file in it, without the suffix of its compression, by its path.
        content_of: gives the content of a small one.

    Raises:
        RestoreFailed: the dump was not finished, or lacks files.
        Unverifiable: its JSON is none.
    """
    names = {stem.rpartition("/")[2]: path for path, stem in stems.items()}
    if _DONE not in names:
        raise RestoreFailed("dump-unfinished", f"MySQL Shell did not finish this dump: there is no {_DONE} in it")
    about, done = _said(content_of, names[ABOUT]), _said(content_of, names[_DONE])
    known = {name: _said(content_of, path) for name, path in names.items() if name.endswith(".json") and name[0] != "@"}
    tables = {name[: -len(".json")]: said["options"] for name, said in known.items() if "options" in said}
    schemas = [said for said in known.values() if "schema" in said and "options" not in said]
    charset = str(about.get("defaultCharacterSet", "utf8mb4"))
    rows = [load for base, options in tables.items() for load in _rows(base, options, names, charset)]
    _raise_if_incomplete(about, done, schemas, tables, names)
    definitions, last, views = [], [], []
    database = {base: str(options["schema"]) for base, options in tables.items()}
    called = {
        str(base): (str(said["schema"]), str(name))
        for said in schemas
        for name, base in said.get("basenames", {}).items()
    } | {base: (str(options["schema"]), str(options["table"])) for base, options in tables.items()}
    for name, path in sorted(names.items()):
        if not name.endswith(".sql") or name in _ABOUT_ALL:
            continue
        base = re.sub(r"(?:\.(?:pre|triggers))?\.sql$", "", name)
        of = database.get(base) or _schema_of(base, schemas)
        load = Load(
            how="sql",
            path=path,
            database=of if "@" in base else None,
            charset=charset,
            of=called.get(base, (of or "", "")),
        )
        if name.endswith(".triggers.sql"):
            last.append(load)
        elif "@" in base and base not in tables and not name.endswith(".pre.sql"):
            views.append(load)
        else:
            definitions.append(load)
    return Recognised(
        format=Format.DUMP_FOLDER,
        server_version=str(about.get("serverVersion", "")) or None,
        says_zone=about.get("tzUtc") is not False,
        header={"tool": str(about.get("dumper", "MySQL Shell"))[:80]},
        folder=Folder(
            kind="MySQL Shell",
            definitions=tuple(sorted(definitions, key=lambda load: load.database is not None)),
            rows=tuple(rows),
            last=(*last, *views),
            databases=tuple(sorted({*database.values()})),
            left_out=tuple(names[name] for name in ("@.users.sql",) if name in names),
            started=_wall(about.get("begin")),
            finished=_wall(done.get("end")),
        ),
    )


def _said(content_of: Callable[[str], bytes], path: str) -> dict[str, Any]:
    try:
        said = json.loads(content_of(path))
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise RestoreFailed("folder-incomplete", f"{path} is damaged or was cut short: it is no JSON", mend=_MEND)
    return said


def _wall(said: object) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(str(said)).replace(tzinfo=None)
    return None


def _schema_of(base: str, schemas: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the schema of a view, of which no JSON of its own tells it."""
    for said in schemas:
        if base in said.get("basenames", {}).values():
            return str(said["schema"])
    return base.partition("@")[0] or None


def _rows(base: str, options: Mapping[str, Any], names: Mapping[str, str], charset: str) -> Iterator[Load]:
    files: dict[int, str] = {}
    last: int | None = None
    for name, path in names.items():
        rest = name.removeprefix(base)
        if rest == name or not rest.endswith((".tsv", ".csv", ".txt")):
            continue
        stem = rest.rpartition(".")[0]
        chunk = _CHUNK.fullmatch(stem)
        if stem and not chunk:
            continue  # of another table, whose name begins alike
        number = int(chunk["number"]) if chunk else 0
        files[number] = path
        if not chunk or chunk["last"]:
            last = number
    table = f"{options['schema']}.{options['table']}"
    if last is None:
        what = (
            f"The last file of the rows of {table} is missing ({base}@@...)"
            if files
            else f"The rows of {table} are missing"
        )
        raise RestoreFailed("folder-incomplete", what, mend=_MEND)
    if missing := [str(number) for number in range(last) if number not in files]:
        what = f"Files of the rows of {table} are missing: number {listed(missing)} of 0 to {last}"
        raise RestoreFailed("folder-incomplete", what, mend=_MEND)
    for _, path in sorted(files.items()):
        yield Load(
            how="rows",
            path=path,
            database=str(options["schema"]),
            table=str(options["table"]),
            charset=str(options.get("defaultCharacterSet", charset)),
            clause=_clause(options, table),
            of=(str(options["schema"]), str(options["table"])),
        )


def _clause(options: Mapping[str, Any], table: str) -> str:
    """Return how rows are written, as LOAD DATA takes it; text as numbers, of which none ends a line of the plan."""

    def number(key: str, usual: str) -> str:
        return "0x" + str(options.get(key, usual)).encode().hex() if options.get(key, usual) else "''"

    decodes = {str(column): str(how) for column, how in options.get("decodeColumns", {}).items()}
    columns = [str(column) for column in options.get("columns", [])]
    if set(decodes.values()) - _DECODES or any(re.search(r"[\t\n\r\0]", column) for column in columns):
        what = f"How the rows of {table} are written drtool does not know: {listed(sorted(set(decodes.values())))}"
        raise Unverifiable("format-unsupported", what)
    optionally = "OPTIONALLY " if options.get("fieldsOptionallyEnclosed") else ""
    written = (
        f"FIELDS TERMINATED BY {number('fieldsTerminatedBy', chr(9))} {optionally}ENCLOSED BY "
        f"{number('fieldsEnclosedBy', '')} ESCAPED BY {number('fieldsEscapedBy', chr(92))} "
        f"LINES TERMINATED BY {number('linesTerminatedBy', chr(10))}"
    )
    if not columns:
        return written
    into = ", ".join(f"@c{at}" if column in decodes else quoted(column) for at, column in enumerate(columns))
    sets = ", ".join(f"{quoted(one)} = {decodes[one]}(@c{at})" for at, one in enumerate(columns) if one in decodes)
    return f"{written} ({into})" + (f" SET {sets}" if sets else "")


def _raise_if_incomplete(
    about: Mapping[str, Any],
    done: Mapping[str, Any],
    schemas: Iterable[Mapping[str, Any]],
    tables: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, str],
) -> None:
    there = {(str(options["schema"]), str(options["table"])) for options in tables.values()}
    dumped = {(str(said["schema"]), str(table)) for said in schemas for table in said.get("tables", [])}
    dumped |= {(schema, table) for schema, of in done.get("tableDataBytes", {}).items() for table in of}
    lacking = [f"{schema}.{table}" for schema, table in sorted(dumped - there)]
    lacking += [f"{base}.sql" for base in sorted(tables) if f"{base}.sql" not in names and "@" in base]
    packed = {path.rpartition("/")[2] for path in names.values()}
    lacking += [name for name in sorted(done.get("chunkFileBytes", {})) if name not in packed]
    said = {str(one["schema"]) for one in schemas}
    lacking += [f"{about['basenames'].get(one, one)}.json" for one in about.get("schemas", []) if one not in said]
    if lacking:
        what = f"By what MySQL Shell says of this dump these are missing from it: {listed(lacking)}"
        raise RestoreFailed("folder-incomplete", what, mend=_MEND)
