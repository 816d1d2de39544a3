"""Binary logs that lie beside the dumps of a folder: what a drill of the dumps alone does not bring back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from drtool.amounts import listed
from drtool.binlogs.log_name import LogName, log_name

_BASE = re.compile(r"(?:.*[-_.])?bin(?:-?log)?", re.IGNORECASE)
_INDEX = re.compile(r"(?P<base>[^/]+)\.(?:index|idx)")


def logs_among(paths: Iterable[str]) -> tuple[str, ...]:
    """Return those that are named as binary logs, and the indexes of such."""
    there = sorted(paths)
    logs = [path for path in there if (name := log_name(path)) and _BASE.fullmatch(name.base)]
    bases = {name.base for path in logs if (name := log_name(path))}
    indexes = [path for path in there if (of := _INDEX.fullmatch(path.rpartition("/")[2])) and of["base"] in bases]
    return (*logs, *indexes)


def what_is_not_replayed(name: str, logs: Sequence[str]) -> str:
    """Return what a finding says of them, with the numbers that are missing between the first and the last."""
    lacks = _lacking([found for path in logs if (found := log_name(path))])
    gap = f"; between them there is a gap that no replay goes beyond: no {listed(lacks)}" if lacks else ""
    return f"{name}: binary logs lie among the dumps, and restoring these does not replay them: {listed(logs)}{gap}"


def _lacking(logs: Sequence[LogName]) -> list[str]:
    """Return the first log that is missing behind each one that has others of its base after it."""
    numbers: dict[str, set[int]] = {}
    for log in logs:
        numbers.setdefault(log.base, set()).add(log.number)
    return [
        str(LogName(base=base, number=number + 1))
        for base, there in sorted(numbers.items())
        for number in sorted(there)
        if number != max(there) and number + 1 not in there
    ]
