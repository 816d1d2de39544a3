"""Compares schema objects with what they were: by kind and name, digest, definer and next value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drtool.baseline.database.model import DatabaseBaseline, ObjectKind, SchemaObject
from drtool.baseline.tolerance import Leniency, Tolerances


class Difference(StrEnum):
    """How something differs from the baseline."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class ObjectDifference:
    """How a schema object differs; `what` says more where only a part of it does."""

    kind: ObjectKind
    name: str
    difference: Difference
    what: str = "definition"
    rows: int = 0


def compare_objects(baseline: DatabaseBaseline, seen: DatabaseBaseline, allowed: Tolerances) -> list[ObjectDifference]:
    """Return the objects that differ, of the kinds both sides can see; a missing table stands for all in it."""
    kinds = set(baseline.kinds) & set(seen.kinds)
    before = {(one.kind, one.name): one for one in baseline.objects if one.kind in kinds}
    after = {(one.kind, one.name): one for one in seen.objects if one.kind in kinds}
    rows = {table.qualified: table.rows for table in baseline.tables}
    lost = {name for kind, name in before.keys() - after.keys() if kind is ObjectKind.TABLE}
    gained = {name for kind, name in after.keys() - before.keys() if kind is ObjectKind.TABLE}
    found: list[ObjectDifference] = []
    for (kind, name), was in before.items():
        if (now := after.get((kind, name))) is None:
            ignored = kind is ObjectKind.TABLE and _is_ignored(name, allowed)  # as by mariadb-dump --ignore-table
            if was.table not in lost and not ignored:  # what belongs to a missing table is missing with it
                gone = rows.get(name, 0)
                found.append(ObjectDifference(kind=kind, name=name, difference=Difference.MISSING, rows=gone))
        elif what := _changed(was, now):
            found.append(ObjectDifference(kind=kind, name=name, difference=Difference.CHANGED, what=what))
    for (kind, name), now in after.items():
        ignored = kind is ObjectKind.TABLE and _is_ignored(name, allowed)
        if (kind, name) not in before and now.table not in gained and not ignored:
            found.append(ObjectDifference(kind=kind, name=name, difference=Difference.EXTRA))
    return found


def _is_ignored(table: str, allowed: Tolerances) -> bool:
    database, _, name = table.partition(".")
    tolerance = allowed.for_table(database, name)
    return tolerance is not None and tolerance.leniency is Leniency.IGNORE


def _changed(was: SchemaObject, now: SchemaObject) -> str:
    if was.digest is not None and now.digest is not None and was.digest != now.digest:
        return "definition"
    if was.definer is not None and now.definer is not None and was.definer != now.definer:
        return "definer"
    if was.next_value is not None and now.next_value is not None and now.next_value < was.next_value:
        return "next value"
    return ""
