"""Names of backups, and the dates in them as backup jobs write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from itertools import pairwise

_STAMP = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>[01]\d)[-_.]?(?P<day>[0-3]\d)"
    r"(?:[T_.\- ]?(?P<hour>[0-2]\d)[-_:.hH]?(?P<minute>[0-5]\d)(?:[-_:.mM]?(?P<second>[0-5]\d))?(?!\d)(?P<zone>Z)?)?"
)

_RUN = re.compile(r"(?<![A-Za-z\d])(?:\d{4,}|(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{6,})(?![A-Za-z\d])", re.IGNORECASE)
"""What tells one run of a job from another besides the date: a number, or the first digits of a digest."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A date in a name.

    Attributes:
        wall: what the name says, without a zone.
        has_time: whether it says an hour and minute too, not the day alone.
        is_utc: whether it ends in `Z`.
    """

    wall: datetime
    has_time: bool
    is_utc: bool

    @property
    def at(self) -> datetime | None:
        """The instant, UTC, where the name says all that it takes; None where its zone or time is left open."""
        return self.wall.replace(tzinfo=UTC) if self.is_utc and self.has_time else None


def folder_and_name(location: str) -> tuple[str, str]:
    """Return the folder that a path or key lies in, with its slash, and its last part, of a folder too: `db-1124/`."""
    folder, slash, name = location.rstrip("/").rpartition("/")
    return folder + slash, name


def name_of(location: str) -> str:
    """Return the last part of a path or key, without the slash that a folder's ends in."""
    return folder_and_name(location)[1]


def stamp_in(location: str) -> Stamp | None:
    """Return the date in the last part of a path or key, such as `db-20261124T030000Z.sql.zst`.

    Dates with and without separators are understood, with or without a time of day; of several the first counts.
    """
    return next((stamp for stamp, _ in _stamps(name_of(location))), None)


def siblings_pattern(location: str) -> str | None:
    """Return a pattern for the backups that were made as this one was, at other times; None where no date tells.

    Whatever is a date in the last part of the path or key becomes `*`, and so do the numbers of a run after it, such as
    `0017` and `9f3a1c`. What stands before the date may name a host or a database, and stays.
    """
    folder, name = folder_and_name(location)
    end = "/" if location.endswith("/") else ""
    spans = [span for _, span in _stamps(name)]
    if not spans:
        return None
    between = [name[end:start] for (_, end), (start, _) in pairwise([*spans, (len(name), len(name))])]
    after = ["*".join(map(escape, _RUN.split(text))) for text in between]
    return escape(folder) + "*".join([escape(name[: spans[0][0]]), *after]) + end


def _stamps(name: str) -> Iterator[tuple[Stamp, tuple[int, int]]]:
    """Yield the dates in a name, each with where it begins and ends."""
    for found in _STAMP.finditer(name):
        part = {name: int(text) for name, text in found.groupdict().items() if text and name != "zone"}
        try:
            wall = datetime(**part)  # type: ignore[arg-type]  # noqa: DTZ001 (its zone is what is not known)
        except ValueError:
            continue  # digits that look like a date and are none
        yield Stamp(wall=wall, has_time="minute" in part, is_utc=found["zone"] is not None), found.span()
