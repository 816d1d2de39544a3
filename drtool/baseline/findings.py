"""What comparisons mean for a drill: its losses, and findings with stable codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drtool.amounts import listed
from drtool.baseline.database.compare_database import DatabaseComparison, TableDifference
from drtool.baseline.database.compare_objects import COLLATION, UNOPENED, Difference, ObjectDifference
from drtool.baseline.database.model import ON_REQUEST, ObjectKind
from drtool.baseline.files.compare_files import FilesComparison
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.record.verdicts import Loss

_PLACES_AT_MOST = 3


def database_losses(comparison: DatabaseComparison, resource: str) -> tuple[Loss, ...]:
    """Return what was lost, table by table; numbers are the least they can be where `exact` is false."""
    whole = [one for one in comparison.objects if one.kind is ObjectKind.TABLE and one.difference is Difference.MISSING]
    return (
        *(Loss(resource=resource, subject=one.name, missing=one.rows, extra=0, changed=0) for one in whole),
        *(
            Loss(resource=resource, subject=one.table, missing=one.missing, extra=one.extra, changed=one.changed)
            for one in comparison.differing
        ),
    )


def database_findings(comparison: DatabaseComparison) -> tuple[DrtoolError, ...]:
    """Return a finding for each way in which databases differ, with the tables and objects that do."""
    found: list[DrtoolError] = []
    by_code: dict[str, list[str]] = {code: [] for code in _OBJECT_SENTENCES}
    for one in comparison.objects:
        by_code[_code(one)].append(_named(one))
    for code, sentence in _OBJECT_SENTENCES.items():
        if names := by_code[code]:
            found.append(RestoreFailed(code, f"{sentence}: {listed(names)}"))
    for difference, code in _ROW_CODES.items():
        if names := [_places(one, difference) for one in comparison.differing if getattr(one, difference.value)]:
            found.append(RestoreFailed(code, f"Rows are {difference}: {listed(names, '; ')}"))
    if comparison.unproved:
        found.append(_unproved(comparison.unproved))
    return tuple(found)


def file_losses(comparison: FilesComparison, resource: str) -> tuple[Loss, ...]:
    """Return what was lost, folder by folder; `changed` counts contents only."""
    return tuple(
        Loss(resource=resource, subject=one.folder, missing=one.missing, extra=one.extra, changed=one.changed)
        for one in comparison.differing
        if one.missing or one.extra or one.changed
    )


def files_findings(comparison: FilesComparison) -> tuple[DrtoolError, ...]:
    """Return a finding for each way in which files differ, with the folders in which they do."""
    found: list[DrtoolError] = []
    for field, (code, sentence) in _FILE_SENTENCES.items():
        counts = [(getattr(one, field), one.folder) for one in comparison.differing if getattr(one, field)]
        if names := [f"{count} in {folder}" for count, folder in sorted(counts, reverse=True)]:
            found.append(RestoreFailed(code, f"{sentence}: {listed(names)}"))
    if comparison.unproved:
        found.append(_unproved(comparison.unproved))
    return tuple(found)


_OBJECT_SENTENCES = {
    "table-missing": "Tables are missing",
    "table-unreadable": "The server cannot open tables, so none of their rows can be read",
    "table-extra": "There are tables that the baseline does not know",
    "object-missing": "Schema objects are missing",
    "object-changed": "Schema objects are not what they were",
    "object-extra": "There are schema objects that the baseline does not know",
    "account-missing": "Accounts are missing",
    "account-changed": "Accounts may not do what they might",
    "account-extra": "There are accounts that the baseline does not know",
    "grant-missing": "Grants are missing",
    "grant-changed": "Grants are not what they were",
    "grant-extra": "There are grants that the baseline does not know",
    "auto-increment-behind": "AUTO_INCREMENT is behind what it was",
    "sequence-behind": "Sequences are behind where they were",
}
_ROW_CODES = {Difference.MISSING: "rows-missing", Difference.EXTRA: "rows-extra", Difference.CHANGED: "rows-changed"}


def _code(one: ObjectDifference) -> str:
    if one.what == "AUTO_INCREMENT":
        return "auto-increment-behind"
    if one.what == "next value":
        return "sequence-behind"
    if one.what == UNOPENED:
        return "table-unreadable"
    if one.kind in ON_REQUEST:
        return f"{'account' if one.kind is ObjectKind.ACCOUNT else 'grant'}-{one.difference}"
    whole_table = one.kind is ObjectKind.TABLE and one.difference is not Difference.CHANGED
    return f"{'table' if whole_table else 'object'}-{one.difference}"


def _named(one: ObjectDifference) -> str:
    name = one.name if one.kind in {ObjectKind.TABLE, *ON_REQUEST} else f"{one.kind} {one.name}"
    return f"{name} ({one.what})" if one.what in {"definer", COLLATION} else name


def _places(one: TableDifference, difference: Difference) -> str:
    places = [str(place) for place in one.places if place.difference is difference]
    where = listed(places, at_most=_PLACES_AT_MOST) + (" ranges" if len(places) > _PLACES_AT_MOST else "")
    return f"{'' if one.exact else 'at least '}{getattr(one, difference.value)} in {one.table} ({where})"


_FILE_SENTENCES = {
    "missing": ("file-missing", "Files are missing"),
    "extra": ("file-extra", "There are files that the baseline does not know"),
    "changed": ("file-changed", "Files have other content than they had"),
    "mode": ("file-mode-changed", "Files have other permissions than they had"),
    "owner": ("file-owner-changed", "Files have other owners than they had"),
    "link": ("file-link-changed", "Links are not what they were"),
    "attributes": ("file-attributes-changed", "Files have other extended attributes than they had"),
}


def _unproved(why: Sequence[str]) -> Unverifiable:
    return Unverifiable("baseline-unproved", "Not all could be compared with the baseline", why=listed(why, "; "))


def total(losses: Iterable[Loss]) -> Loss:
    """Return all losses in one."""
    every = list(losses)
    return Loss(
        resource="",
        subject="all",
        missing=sum(one.missing for one in every),
        extra=sum(one.extra for one in every),
        changed=sum(one.changed for one in every),
    )
