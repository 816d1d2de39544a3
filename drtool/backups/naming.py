"""Dates in the names of backups, as backup jobs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_STAMP = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>[01]\d)[-_.]?(?P<day>[0-3]\d)"
    r"(?:[T_.\- ]?(?P<hour>[0-2]\d)[-_:.hH]?(?P<minute>[0-5]\d)(?:[-_:.mM]?(?P<second>[0-5]\d))?(?!\d)(?P<zone>Z)?)?"
)


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


def stamp_in(location: str) -> Stamp | None:
    """Return the date in the last part of a path or key, such as `db-20261124T030000Z.sql.zst`.

    Dates with and without separators are understood, with or without a time of day; of several the first counts.
    """
    for found in _STAMP.finditer(location.rpartition("/")[2]):
        part = {name: int(text) for name, text in found.groupdict().items() if text and name != "zone"}
        try:
            wall = datetime(**part)  # type: ignore[arg-type]  # noqa: DTZ001 (its zone is what is not known)
        except ValueError:
            continue  # digits that look like a date and are none
        return Stamp(wall=wall, has_time="minute" in part, is_utc=found["zone"] is not None)
    return None
