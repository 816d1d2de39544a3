"""Backups that are much smaller than those before them.

The rule: a backup is doubtful if it is smaller than half of the median of its last seven predecessors of the same
kind, none of which was doubtful itself.

- The median, since one odd size among seven does not move it; seven, so that a week of daily backups with its quiet
  weekend is in it; undoubted ones, so that one bad backup does not make the next one look right.
- Half, since old rows that are deleted seldom take half of a backup away from one run to the next. A dump that broke
  off later than that is not told by its size; a drill tells it. Growth is never doubtful.
- Where the seven vary by themselves (full and incremental backups under like names), half becomes less by as much as
  they vary, the smallest and the largest left out.
- Small backups that come back among the others, three times at least, belong to the rhythm (a quiet Sunday). Those
  below a tenth do so only if they are a fifth of all, and have a kilobyte: a dump that fails now and then is no rhythm.
- If seven in a row stay at a new size, and that is more than a tenth of the old one, data was removed for good: it is
  reported as a warning and no longer doubted. Below a tenth it is doubted for as long as it lasts, for hardly anybody
  removes nine tenths of their data, while a dump that fails at its first table goes on failing so.
- With two predecessors only, a tenth of their median is the limit; with fewer there is nothing to compare with.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from math import log2
from statistics import median

from drtool.amounts import count, format_size
from drtool.exposure.series import shape
from drtool.exposure.timing import PlacedRun
from drtool.times import written

WINDOW = 7
HALF, TENTH = 0.5, 0.1
_TIMES = 3
_FIFTH = 0.2
_TINY_BYTES = 1024


@dataclass
class _Kind:
    """What has been seen of one kind of backup so far."""

    sizes: list[int] = field(default_factory=list)
    usual: deque[int] = field(default_factory=lambda: deque(maxlen=WINDOW))
    row: list[int] = field(default_factory=list)
    """Indices of the small ones in a row up to now."""
    rows: list[list[int]] = field(default_factory=list)
    """The same of each row before that ended with a return to normal."""


def doubt(points: Sequence[PlacedRun]) -> tuple[list[PlacedRun], list[str]]:
    """Return the points with a doubt on those that are much too small, and warnings.

    Args:
        points: in the order in which they became restorable.
    """
    result = list(points)
    warnings: list[str] = []
    kinds: dict[str, _Kind] = defaultdict(_Kind)
    usual_then: dict[int, float] = {}
    for at, point in enumerate(points):
        kind = kinds[shape(point.run.location)]
        size = point.run.size_bytes
        kind.sizes.append(size)
        if size >= _limit(kind.usual):
            if kind.row:
                kind.rows.append(kind.row)
                kind.row = []
            kind.usual.append(size)
            continue
        kind.row.append(at)
        usual_then[at] = usual = median(kind.usual)
        result[at] = replace(point, doubt=f"{format_size(size)}, where {format_size(usual)} was usual")
        row = [points[one].run.size_bytes for one in kind.row]
        if len(row) >= WINDOW and median(row) >= TENTH * usual and min(row) >= HALF * median(row):
            for one in kind.row:
                result[one] = points[one]
            warnings.append(
                f"Since {written(points[kind.row[0]].recovery_point)} backups are about {format_size(median(row))}, "
                f"where {format_size(usual)} was usual before; {count(len(row), 'backup')} in a row, so that was taken "
                f"for meant"
            )
            kind.usual, kind.row = deque(row, maxlen=WINDOW), []
    for kind in kinds.values():
        recurring = _Recurring(kind.sizes)
        for row in [*kind.rows, kind.row]:
            for at in row:
                size = points[at].run.size_bytes
                if recurring.covers(size, len(row), severe=size < TENTH * usual_then[at]):
                    result[at] = points[at]
    return result, warnings


class _Recurring:
    """Knows which small sizes come back among the others of a kind."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._octaves = [self._octave(size) for size in sizes]
        self._rows = cache(self._rows_like)

    def covers(self, size: int, row_length: int, *, severe: bool) -> bool:
        """Return whether backups of this size, so many in a row, belong to the rhythm."""
        rows = self._rows(self._octave(size))
        if size < _TINY_BYTES or len(rows) < _TIMES or (severe and sum(rows) < _FIFTH * len(self._octaves)):
            return False
        return row_length <= (rows[1] if row_length >= rows[0] else rows[0])

    def _rows_like(self, octave: float) -> list[int]:
        """Return the lengths of the rows of backups that are like in size, to a factor of two, longest first."""
        alike = (abs(one - octave) <= 1 for one in self._octaves)
        return sorted((len(list(row)) for is_like, row in groupby(alike) if is_like), reverse=True)

    @staticmethod
    def _octave(size: int) -> float:
        return round(4 * log2(size + 1)) / 4  # in quarters, so that there are not many of them to remember


def _limit(usual: Sequence[int]) -> float:
    """Return the size below which a backup is doubtful."""
    if len(usual) < 2:
        return 0.0
    if len(usual) < 3:
        return TENTH * median(usual)
    ordered = sorted(usual)
    inner = ordered[1:-1] if len(ordered) >= 5 else ordered
    return HALF * median(usual) * max(1, inner[0]) / max(1, inner[-1])
