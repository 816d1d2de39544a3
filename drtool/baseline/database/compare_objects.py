"""Compares schema objects with what they were: by kind and name, digest, definer and next value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from drtool.amounts import count, listed
from drtool.baseline.database.account_objects import EVERYBODY
from drtool.baseline.database.model import DatabaseBaseline, ObjectKind, SchemaObject
from drtool.baseline.tolerance import Leniency, Tolerances
from drtool.mariadb.series import series_of

UNOPENED = "unopened"
"""What is said of a table that the server knows and cannot open."""

COLLATION = "collation"
"""What is said of a table or column that has the default of another series, and else is what it was."""


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


def compare_objects(
    baseline: DatabaseBaseline, seen: DatabaseBaseline, allowed: Tolerances
) -> tuple[list[ObjectDifference], list[str], list[str]]:
    """Return the objects that differ, those of which nobody can tell, and what got the default of another series.

    `PUBLIC` is no account unless it may do something everywhere: servers from 10.11 on have it, dumps of accounts not.
    What is missing or extra counts where the other side's account would have seen it.
    A missing table stands for all in it, and so does one that the server cannot open. The baseline's objects go by
    once, and only those are kept that differ.
    """
    ignored = partial(_is_ignored, allowed=allowed, databases=(*baseline.databases, *seen.databases))
    after = {(one.kind, one.name): one for one in seen.objects if one != EVERYBODY}
    there = {name for (kind, name), one in after.items() if kind is ObjectKind.TABLE and one.digest is not None}
    unopened: set[str] = set()
    missing: dict[str, int] = {}
    found: list[ObjectDifference] = []
    unknown: list[str] = []
    known: set[tuple[ObjectKind, str]] = set()
    another_series = series_of(baseline.server_version) != series_of(seen.server_version)
    collations: dict[tuple[str, str], list[SchemaObject]] = {}
    for was in baseline.objects:
        if was == EVERYBODY:
            continue
        kind, name = was.kind, was.name
        now = after.get((kind, name))
        if was.ends_at and was.ends_at.tzinfo and was.ends_at <= seen.taken_at and (now is None or _changed(was, now)):
            # A server drops an event whose time is over as it is made, or makes it so that it never runs.
            known.add((kind, name))
            unknown.append(f"{kind} {name}, whose time is over")
            continue
        if now is None:
            # What belongs to a missing table is missing with it.
            if kind in seen.kinds and (was.table is None or was.table in there) and not ignored(was):
                missing |= {name: len(found)} if kind is ObjectKind.TABLE else {}
                found.append(ObjectDifference(kind=kind, name=name, difference=Difference.MISSING))
            continue
        known.add((kind, name))
        if kind is ObjectKind.TABLE and was.digest is None:
            unopened.add(name)
        elif kind is ObjectKind.TABLE and name not in there:
            if not ignored(was):
                missing[name] = len(found)
                found.append(ObjectDifference(kind=kind, name=name, difference=Difference.MISSING, what=UNOPENED))
            continue
        if (what := _changed(was, now)) and not ignored(was):
            if now.inherited:
                unknown.append(f"{kind} of {name}")
            elif what == COLLATION and another_series:
                collations.setdefault((str(was.collation), str(now.collation)), []).append(was)
            else:
                found.append(ObjectDifference(kind=kind, name=name, difference=Difference.CHANGED, what=what))
    for table in baseline.tables if missing else ():
        if (place := missing.get(table.qualified)) is not None:
            found[place] = replace(found[place], rows=table.rows)
    gained = {name for kind, name in after.keys() - known if kind is ObjectKind.TABLE} | unopened
    for (kind, name), now in after.items():
        if (kind, name) in known or kind not in baseline.kinds:
            continue
        if now.table not in gained and not ignored(now):
            found.append(ObjectDifference(kind=kind, name=name, difference=Difference.EXTRA))
    return found, unknown, [_in_words(*pair, objects) for pair, objects in collations.items()]


def _in_words(was: str, now: str, objects: list[SchemaObject]) -> str:
    tables = sum(one.kind is ObjectKind.TABLE for one in objects)
    columns = len(objects) - tables
    counts = [count(number, word) for number, word in ((tables, "table"), (columns, "column")) if number]
    names = listed([one.name for one in objects])
    return f"{' and '.join(counts)} came back with the collation {now} instead of {was} ({names})"


def _is_ignored(one: SchemaObject, allowed: Tolerances, databases: Iterable[str]) -> bool:
    """Tell whether it is a table that may differ or be left out (mariadb-dump --ignore-table), or belongs to one."""
    table = one.name if one.kind is ObjectKind.TABLE else one.table
    if table is None:
        return False
    # Either name may have a dot of its own.
    of = [database for database in databases if table.startswith(f"{database}.")]
    tolerances = [allowed.for_table(database, table.removeprefix(f"{database}.")) for database in of]
    return any(one is not None and one.leniency is Leniency.IGNORE for one in tolerances)


def _changed(was: SchemaObject, now: SchemaObject) -> str:
    if was.digest is not None and now.digest is not None and was.digest != now.digest:
        return "definition"
    if was.definer is not None and now.definer is not None and was.definer != now.definer:
        return "definer"
    if was.next_value is not None and now.next_value is not None and now.next_value < was.next_value:
        return "next value"
    if was.collation is not None and now.collation is not None and was.collation != now.collation:
        return COLLATION
    return ""
