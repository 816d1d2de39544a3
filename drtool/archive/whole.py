"""Brings an archive up with everything in a reports folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drtool.archive.keeping import Added, Archive
from drtool.archive.layout import Location
from drtool.archive.retention import Mode
from drtool.errors import DrtoolError, Unverifiable
from drtool.evidence.ledger import Ledger
from drtool.host.plain import visible

_OF_ONE_DRILL = {"evidence-changed", "archive-occupied"}


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What an archive got.

    Attributes:
        drills: how many drills that are over are in the archive with all that they left.
        left_out: folders that are not, because no drill that is over left them.
        problems: why others are not.
    """

    archive: str
    reports: str
    drills: int
    files_added: int
    entries_added: int
    left_out: tuple[str, ...]
    problems: tuple[str, ...]


def keep_all(location: Location, reports: Path, *, mode: Mode | None, period: timedelta | None) -> Brought:
    """Add to an archive what it lacks of every drill that is over, and of the ledger.

    Args:
        location: the archive.
        reports: the folder.
        mode: as for `Archive.prepared`.
        period: likewise.

    Raises:
        Unverifiable: the archive does not take it, or stopped taking it; or there is nothing to archive.
        WrongUse: nobody says for how long objects are to be kept.
    """
    ends = {entry.drill_id: entry for entry in Ledger(reports).entries() if entry.event == "end"}
    if not ends:
        raise Unverifiable("no-evidence", f"There is no drill that is over in {reports}")
    archive = Archive.prepared(location, reports, mode=mode, period=period)
    known = archive.sizes()
    kept, problems = Added(), []
    for end in ends.values():
        try:
            kept += archive.keep_folder(reports, end, known)
        except DrtoolError as error:
            if error.code not in _OF_ONE_DRILL:
                raise
            problems.append(str(error))
    kept += archive.keep_ledger(reports)
    with os.scandir(reports) as found:
        folders = [one.name for one in found if one.is_dir(follow_symlinks=False) and not one.name.startswith(".")]
    return Brought(
        archive=str(location),
        reports=str(reports),
        drills=len(ends) - len(problems),
        files_added=kept.files,
        entries_added=kept.entries,
        left_out=tuple(sorted(visible(name) for name in folders if name not in ends)),
        problems=tuple(problems),
    )
