"""Which incremental backups lead from a full one to the newest, told by the LSNs that they begin and end at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drtool.backups.physical import Physical
from drtool.errors import RestoreFailed


@dataclass(frozen=True, kw_only=True)
class Link:
    """A backup in a chain: its place among those that were given, what it is called, and what it says of itself."""

    number: int
    name: str
    physical: Physical


def chain(full: Link, increments: Sequence[Link]) -> list[Link]:
    """Return the increments that lead from a full backup to the newest of them, in the order they are applied in.

    An increment builds on the backup whose `to_lsn` is its own `from_lsn`. It goes from the newest back, so that of
    increments that were all taken against the full backup only the newest is applied. One that goes on beyond the
    newest by their times is newer: the times of a copy say nothing.

    Args:
        full: what everything builds on.
        increments: oldest first.

    Raises:
        RestoreFailed: a link is missing, or what was given does not belong together.
    """
    if full.physical.incremental:
        what = f"{full.name} is an incremental backup and cannot be restored by itself"
        raise RestoreFailed("increment-alone", what, why=f"it holds what changed since LSN {full.physical.from_lsn}")
    if not increments:
        return []
    newest = _newest(full, increments)
    found, rest = [newest], [one for one in increments if one is not newest]
    _must_belong(full, found[0])
    while found[0].physical.from_lsn != full.physical.to_lsn:
        before = next((one for one in reversed(rest) if one.physical.to_lsn == found[0].physical.from_lsn), None)
        if before is None:
            raise _missing(full, increments, found[0])
        _must_belong(full, before)
        found.insert(0, before)
        rest.remove(before)
    return found


def _newest(full: Link, increments: Sequence[Link]) -> Link:
    """Return the increment that goes furthest of those that lead on from the full backup, or else the last given."""
    reached, leading = {full.physical.to_lsn}, list[Link]()
    for one in sorted(increments, key=lambda one: (one.physical.to_lsn, one.physical.from_lsn)):
        if one.physical.incremental and one.physical.from_lsn in reached:
            reached.add(one.physical.to_lsn)
            leading.append(one)
    last = increments[-1]
    return max(leading, key=lambda one: (one.physical.to_lsn, one is last)) if last in leading else last


def _must_belong(full: Link, increment: Link) -> None:
    if not increment.physical.incremental:
        raise RestoreFailed("increment-is-full", f"{increment.name} was given as an increment and is a full backup")
    if increment.physical.series != full.physical.series:
        made_by = f"that was made by MariaDB {full.physical.series}, it by {increment.physical.series}"
        raise RestoreFailed("increment-foreign", f"{increment.name} does not belong to {full.name}: {made_by}")


def _missing(full: Link, increments: Sequence[Link], dangling: Link) -> RestoreFailed:
    begins = dangling.physical.from_lsn
    spans = [f"{one.name} from LSN {one.physical.from_lsn} to {one.physical.to_lsn}" for one in increments]
    there = "; ".join([f"{full.name} to LSN {full.physical.to_lsn}", *spans[-9:]])
    what = f"A link of the chain is missing: {dangling.name} builds on one that ends at LSN {begins}, and there is none"
    return RestoreFailed("increment-missing", what, why=f"found: {there}")
