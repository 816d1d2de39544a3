"""Compares what databases are with what they were: pure, and without any value of any row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from drtool.amounts import count, listed
from drtool.baseline.database.compare_objects import Difference, ObjectDifference, compare_objects
from drtool.baseline.database.model import DatabaseBaseline, KeyKind, ObjectKind, Part, Table
from drtool.baseline.tolerance import Leniency, Tolerance, Tolerances

_NOT_COMPARED = "neither its rows nor its definition were compared"
_LEFT_OUT = "it is not in the backup, nor what belongs to it"
_COUNTED_ALONE = "the rows were counted alone: nobody knows the zone of its TIMESTAMP columns"


@dataclass(frozen=True, kw_only=True)
class DifferingRows:
    """Where in a table rows differ, how, and how many at least.

    `column`, `lower` (included) and `upper` (not included) say where, for tables that are divided by a number or a
    time; `bucket` for those that are divided by their key's digest; neither is set where the table is one piece.
    """

    difference: Difference
    rows: int
    column: str | None = None
    lower: str | None = None
    upper: str | None = None
    bucket: int | None = None

    def __str__(self) -> str:
        if self.column is None:
            return "in all of it" if self.bucket is None else f"key bucket {self.bucket}"
        if self.lower is None:
            return f"{self.column} below {self.upper}" if self.upper else "in all of it"
        return f"{self.column} {self.lower} to below {self.upper}" if self.upper else f"{self.column} from {self.lower}"


@dataclass(frozen=True, kw_only=True)
class TableDifference:
    """How the rows of a table differ.

    Attributes:
        table: its name with its database's.
        missing: rows of the baseline that are not there.
        extra: rows that are there and were not.
        changed: rows that are not what they were.
        exact: whether the numbers are exact; else each is the least that it can be.
        places: where.
    """

    table: str
    missing: int
    extra: int
    changed: int
    exact: bool
    places: tuple[DifferingRows, ...]


@dataclass(frozen=True, kw_only=True)
class Tolerated:
    """What was let pass: the table or folder, by which leniency, and why."""

    subject: str
    leniency: Leniency
    reason: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class DatabaseComparison:
    """What a comparison found.

    Attributes:
        tables: how many tables of the baseline were compared.
        rows: how many rows they held.
        differing: the tables whose rows differ.
        objects: the objects that differ.
        tolerated: what was let pass.
        unproved: what could not be compared, in sentences: the comparison says nothing about it.
        unseen: the kinds of objects that one side or both could not see, or not all of, or were not asked for.
        unknown: what may differ since the restore could not know of it, so that it was not compared.
        collations: what has the default of another series for its collation, by sentences.
        notes: what a reader must know.
    """

    tables: int
    rows: int
    differing: tuple[TableDifference, ...]
    objects: tuple[ObjectDifference, ...]
    tolerated: tuple[Tolerated, ...]
    unproved: tuple[str, ...]
    unseen: tuple[ObjectKind, ...]
    unknown: tuple[str, ...]
    collations: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing differs but what is tolerated, and all could be compared."""
        return not (self.differing or self.objects or self.unproved)


def compare_database(
    baseline: DatabaseBaseline,
    observed: DatabaseBaseline,
    tolerances: Tolerances | None = None,
    *,
    renamed: Mapping[str, str] | None = None,
    counters_kept: bool = False,
    history_kept: bool | None = True,
    memory_kept: bool = True,
    zoneless: Iterable[tuple[str, str, str]] = (),
) -> DatabaseComparison:
    """Compare what databases are with what they were.

    Args:
        baseline: what they were.
        observed: what they are, captured like the baseline.
        tolerances: what may differ.
        renamed: names that databases of the baseline have in `observed`, where they differ.
        counters_kept: AUTO_INCREMENT of `observed` is what the server wrote down, as after a restart. What it had set
            aside in memory and not used (https://mariadb.com/kb/en/auto_increment-handling-in-innodb/) is no loss,
            since nobody was given it.
        history_kept: the history of system-versioned tables has to be there, as after a physical restore; False where
            none of it may be, since a dump need not bring it; None where it may be another, since rows of a dump
            are current from the load on, and the history that a replay gives them tells that.
        memory_kept: tables in memory have to have their rows; False where a server was started over files, as after
            any restart.
        zoneless: TIMESTAMP columns of `observed`, by database, table and name, of which nobody knows which instants are
            in them: of their tables the numbers of rows are compared alone, and of them whether they are there.
    """
    allowed = tolerances or Tolerances()
    seen = with_original_names(observed, renamed or {})
    after = {table.qualified: table for table in seen.tables}
    elsewhere = {one.name for one in seen.objects if one.kind is ObjectKind.TABLE and one.digest} - after.keys()
    differing: list[TableDifference] = []
    tolerated: list[Tolerated] = []
    unproved: list[str] = []
    set_aside: list[str] = []
    hours_off = _by_table(zoneless, renamed or {})
    objects, unknown, collations = compare_objects(baseline, seen, allowed)
    objects = [one for one in objects if not _of_zone(one, hours_off, unproved)]
    tables, rows, whole = 0, 0, []
    for was in baseline.tables:
        name = was.qualified
        whole += [name] if was.key_kind is KeyKind.NONE else []
        tolerance = allowed.for_table(was.database, was.name)
        if tolerance is not None and tolerance.leniency is Leniency.IGNORE:
            tolerated.append(_passed(name, tolerance, _NOT_COMPARED if name in after else _LEFT_OUT))
            continue
        if name in elsewhere:
            unproved.append(f"Rows of {name} were not compared, since here it is a table with none of its own")
            continue
        if (now := after.get(name)) is not None:
            if missing := _need_not_be_here(was, now, history_kept=history_kept, memory_kept=memory_kept):
                unknown.append(missing)
                continue
            if (times := hours_off.get((was.database, was.name))) and (was.rows, was.digest) != (now.rows, now.digest):
                now = _counted(was, now, times)
                unproved.append(f"Of {name} {_COUNTED_ALONE}")
            _compare_rows(was, now, tolerance, differing, tolerated, unproved)
            ahead = (now.auto_increment or 0) >= (was.auto_increment or 0)
            if ahead or any(one.table == name for one in differing):
                pass
            elif counters_kept and now.auto_increment is not None:
                set_aside.append(name)
            else:
                kind, changed = ObjectKind.TABLE, Difference.CHANGED
                objects.append(ObjectDifference(kind=kind, name=name, difference=changed, what="AUTO_INCREMENT"))
        tables, rows = tables + 1, rows + was.rows
    unused = allowed.unused((table.database, table.name) for of in (baseline, seen) for table in of.tables)
    if not tables and (tolerated or ObjectKind.TABLE not in baseline.kinds):
        unproved.append("There is no table in it that was to be compared")
    unproved += [f"The tolerance for {pattern!r} names no table" for pattern in unused]
    return DatabaseComparison(
        tables=tables,
        rows=rows,
        differing=tuple(differing),
        objects=tuple(objects),
        tolerated=tuple(tolerated),
        unproved=tuple(unproved),
        unseen=tuple(kind for kind in ObjectKind if kind not in baseline.kinds or kind not in seen.kinds),
        unknown=tuple(unknown),
        collations=tuple(collations),
        notes=(*_notes(baseline, whole), *_counters_note(set_aside)),
    )


def _need_not_be_here(was: Table, now: Table, *, history_kept: bool | None, memory_kept: bool) -> str:
    """Return which rows need not be those of the baseline, so that nothing can be said of them; empty if all do."""
    if not memory_kept and was.engine.upper() == "MEMORY" and was.rows and not now.rows:
        return f"{count(was.rows, 'row')} of {was.qualified}, which was in memory"
    if was.history and not history_kept and now.rows < was.rows and not (now.rows and history_kept is False):
        return f"{count(was.rows - now.rows, 'row')} of {was.qualified}, which the backup does not have"
    if was.history and history_kept is None and (was.rows, was.digest) != (now.rows, now.digest):
        return f"rows of {was.qualified}, which are not all from the backup"
    return ""


def with_original_names(observed: DatabaseBaseline, renamed: Mapping[str, str]) -> DatabaseBaseline:
    """Give databases the names they have in the baseline."""
    original = {new: old for old, new in renamed.items()}
    if not original:
        return observed

    def back(name: str) -> str:
        for new, old in original.items():
            if name == new or name.startswith((f"{new}.", f"{new}:")):
                return old + name[len(new) :]
        return name

    return replace(
        observed,
        databases=tuple(original.get(name, name) for name in observed.databases),
        tables=tuple(replace(one, database=original.get(one.database, one.database)) for one in observed.tables),
        objects=tuple(
            replace(one, name=back(one.name), table=back(one.table) if one.table else None) for one in observed.objects
        ),
    )


def _by_table(
    columns: Iterable[tuple[str, str, str]], renamed: Mapping[str, str]
) -> dict[tuple[str, str], frozenset[str]]:
    """Return the columns of each table, by the names that their databases have in the baseline."""
    original = {new: old for old, new in renamed.items()}
    found: dict[tuple[str, str], frozenset[str]] = {}
    for database, table, column in columns:
        of = (original.get(database, database), table)
        found[of] = found.get(of, frozenset()) | {column}
    return found


def _of_zone(one: ObjectDifference, hours_off: Mapping[tuple[str, str], frozenset[str]], unproved: list[str]) -> bool:
    """Tell whether a difference may be the zone's alone, and enter that: the default of a TIMESTAMP is a local time."""
    if one.kind is not ObjectKind.COLUMN or one.difference is not Difference.CHANGED:
        return False
    names = {f"{database}.{table}.{column}" for (database, table), columns in hours_off.items() for column in columns}
    if one.name not in names:
        return False
    unproved.append(f"The default of {one.name} was not compared: nobody knows the zone of this TIMESTAMP column")
    return True


def _counted(was: Table, now: Table, times: Collection[str]) -> Table:
    """Return a table with the digests that it had wherever it has as many rows, so that numbers alone tell.

    A key with times in it says nothing of where a row was either.
    """
    divided = not was.history and not any(column.name in times for column in was.order)
    parts: tuple[Part, ...] = ()
    if divided and was.key_kind is now.key_kind and len(was.parts) == len(now.parts):
        pairs = zip(was.parts, now.parts, strict=True)
        parts = tuple(replace(two, digest=one.digest) if one.rows == two.rows else two for one, two in pairs)
    same = was.rows == now.rows and all(one.rows == two.rows for one, two in zip(was.parts, parts, strict=False))
    return replace(now, parts=parts, digest=was.digest if same else now.digest)


def _compare_rows(
    was: Table,
    now: Table,
    tolerance: Tolerance | None,
    differing: list[TableDifference],
    tolerated: list[Tolerated],
    unproved: list[str],
) -> None:
    if (was.rows, was.digest) == (now.rows, now.digest) and was.columns == now.columns:
        return
    if set(was.columns) != set(now.columns):
        unproved.append(f"Rows of {was.qualified} were not compared, since it has other columns than the baseline saw")
        return
    append_only = tolerance is not None and tolerance.leniency is Leniency.APPEND_ONLY
    if append_only and not was.key_kind.has_ranges and now.rows >= was.rows:
        unproved.append(
            f"{was.qualified} is to be append-only, and that cannot be proved: its key is neither a number nor a time"
        )
        return
    found = _rows(was, now, append_only=append_only)
    if tolerance is not None and tolerance.leniency is Leniency.DRIFT:
        pairs = zip(*_parts(was, now), strict=True)
        differing_parts = [(one, two) for one, two in pairs if (one.rows, one.digest) != (two.rows, two.digest)]
        at_most = sum(max(one.rows, two.rows) for one, two in differing_parts)
        if at_most <= tolerance.most:
            what = f"{describe(found)}, at most {at_most} of {tolerance.most} that may differ"
            tolerated.append(_passed(was.qualified, tolerance, what))
            return
        if found.missing + found.extra + found.changed <= tolerance.most:
            what = f"{was.qualified} differs in parts with {count(at_most, 'row')}, and {tolerance.most} may differ"
            unproved.append(f"{what}: how many do cannot be told, since the baseline tells no smaller parts apart")
            return
    elif append_only:
        if grown := now.parts[-1].rows if now.parts else 0:
            tolerated.append(_passed(was.qualified, tolerance, f"{grown} rows came after the baseline"))
        if not (found.missing or found.extra or found.changed):
            return
    differing.append(found)


def _rows(was: Table, now: Table, *, append_only: bool) -> TableDifference:
    """Count what differs, part by part: where a count differs so many rows at least, where only a digest does, one."""
    old, new = _parts(was, now)
    column = was.key_column if old is was.parts else None
    places: list[DifferingRows] = []
    exact = True
    for number, (before, after) in enumerate(zip(old, new, strict=True)):
        beyond = column is not None and number == len(old) - 1
        if (before.digest, before.rows) == (after.digest, after.rows) or (append_only and beyond):
            continue
        gained = after.rows - before.rows
        difference = Difference.EXTRA if gained > 0 else Difference.MISSING if gained < 0 else Difference.CHANGED
        # All of a part gone, or a part that was empty: nothing else can have happened in it.
        exact = exact and (after.rows == 0 or before.rows == 0)
        places.append(
            DifferingRows(
                difference=difference,
                rows=abs(gained) or 1,
                column=column,
                lower=before.lower,
                upper=before.upper,
                bucket=before.bucket,
            )
        )
    return difference_of(was.qualified, places, exact=exact)


def _parts(was: Table, now: Table) -> tuple[Sequence[Part], Sequence[Part]]:
    """Return the parts of both, to be held against each other; one with all rows where they were divided otherwise."""
    if was.key_kind is not now.key_kind or len(was.parts) != len(now.parts):
        return (Part(rows=was.rows, digest=was.digest),), (Part(rows=now.rows, digest=now.digest),)
    return was.parts, now.parts


def difference_of(table: str, places: list[DifferingRows], *, exact: bool) -> TableDifference:
    """Return a table's difference from where its rows differ; neighbouring places become one."""
    joined: list[DifferingRows] = []
    for place in places:
        last = joined[-1] if joined else None
        if last and last.column and last.upper and (last.difference, last.upper) == (place.difference, place.lower):
            joined[-1] = replace(last, upper=place.upper, rows=last.rows + place.rows)
        else:
            joined.append(place)
    counts = {kind: sum(one.rows for one in places if one.difference is kind) for kind in Difference}
    return TableDifference(
        table=table,
        missing=counts[Difference.MISSING],
        extra=counts[Difference.EXTRA],
        changed=counts[Difference.CHANGED],
        exact=exact,
        places=tuple(joined),
    )


def describe(found: TableDifference) -> str:
    """Return a table's difference in words: `at least 3 rows missing, 1 changed`."""
    counts = {"missing": found.missing, "extra": found.extra, "changed": found.changed}
    words = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    return words if found.exact or not words else f"at least {words}"


def _counters_note(tables: Sequence[str]) -> tuple[str, ...]:
    said = "AUTO_INCREMENT goes on from what was used, as after any restart; values were only set aside"
    return (f"{said}: {listed(tables)}",) if tables else ()


def _passed(subject: str, tolerance: Tolerance | None, detail: str) -> Tolerated:
    assert tolerance is not None  # noqa: S101 (for the type checker)
    return Tolerated(subject=subject, leniency=tolerance.leniency, reason=tolerance.reason, detail=detail)


def _notes(baseline: DatabaseBaseline, whole: Sequence[str]) -> tuple[str, ...]:
    notes = [f"Baseline: {note}" for note in baseline.notes]
    if whole:
        notes.append(f"Without a primary key, compared as a whole: {listed(whole)}")
    if baseline.sums:
        notes.append(
            "The baseline is of the first version: its sums of digests do not withstand somebody who chooses rows"
        )
    return tuple(notes)
