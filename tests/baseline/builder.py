"""Small baselines to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from drtool.baseline.database.model import DatabaseBaseline, KeyKind, ObjectKind, Part, SchemaObject, Snapshot, Table
from drtool.baseline.files.file_list import Entry, EntryType

TAKEN_AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def a_table(name: str = "orders", *, parts: Sequence[Part] | None = None, **changes: object) -> Table:
    """Return a table of 300 rows in three ranges, and an empty one beyond its greatest key."""
    divided = parts or (
        Part(rows=100, digest="a1", upper="100"),
        Part(rows=100, digest="a2", lower="100", upper="200"),
        Part(rows=100, digest="a3", lower="200", upper="300"),
        Part(rows=0, digest="0", lower="300"),
    )
    fields: dict[str, object] = {
        "database": "shop",
        "name": name,
        "engine": "InnoDB",
        "transactional": True,
        "columns": ("id", "note"),
        "rows": sum(part.rows for part in divided),
        "digest": f"{sum(int(part.digest, 16) for part in divided):x}",
        "key_kind": KeyKind.INTEGER,
        "key_column": "id",
        "parts": tuple(divided),
        "newest": (),
        "auto_increment": 300,
    }
    return Table(**fields | changes)  # type: ignore[arg-type]


def an_object(kind: ObjectKind, name: str, digest: str = "d", table: str | None = None, **more: object) -> SchemaObject:
    """Return a schema object."""
    return SchemaObject(kind=kind, name=name, digest=digest, table=table, **more)  # type: ignore[arg-type]


def a_baseline(
    tables: Sequence[Table] = (), objects: Sequence[SchemaObject] = (), **changes: object
) -> DatabaseBaseline:
    """Return a baseline; each of its tables is an object too."""
    fields: dict[str, object] = {
        "drtool_version": "0.1.0",
        "server": "db1",
        "server_version": "10.11.18-MariaDB",
        "taken_at": TAKEN_AT,
        "snapshot": Snapshot.SAME_POSITION,
        "position": None,
        "databases": ("shop",),
        "kinds": tuple(ObjectKind),
        "tables": tuple(tables),
        "objects": (*(an_object(ObjectKind.TABLE, table.qualified) for table in tables), *objects),
    }
    return DatabaseBaseline(**fields | changes)  # type: ignore[arg-type]


def a_file(path: str | bytes, content: str = "c0ffee", **changes: object) -> Entry:
    """Return a regular file."""
    fields: dict[str, object] = {
        "path": path.encode() if isinstance(path, str) else path,
        "type": EntryType.FILE,
        "size_bytes": 6,
        "mode": 0o644,
        "uid": 33,
        "gid": 33,
        "modified_ns": 1_700_000_000_000_000_000,
        "sha256": content,
    }
    return Entry(**fields | changes)  # type: ignore[arg-type]
