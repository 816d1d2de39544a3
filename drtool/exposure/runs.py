"""From a store's listing to runs of the backup job: companions set aside, split backups put together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from drtool.backups.companions import is_companion, is_unfinished
from drtool.backups.naming import Stamp, name_of, stamp_in
from drtool.record.exposure import UnusableBackup
from drtool.stores.interface import StoredObject


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run of a backup job left in the store: an object, or the parts of one that was split.

    Attributes:
        location: of the object, or of the first part.
        objects: all of them.
        size_bytes: together.
        modified_at: when the last of them was written, UTC: it takes all parts to restore.
        stamp: the date in the name.
    """

    location: str
    objects: tuple[StoredObject, ...]
    size_bytes: int
    modified_at: datetime
    stamp: Stamp | None

    def unusable(self, why: str) -> UnusableBackup:
        """Return the record of a run that is no recovery point."""
        return UnusableBackup(location=self.location, size_bytes=self.size_bytes, modified_at=self.modified_at, why=why)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What a listing comes to, without the checksums, logs and the like that lie beside backups."""

    runs: tuple[Run, ...]
    unusable: tuple[UnusableBackup, ...]


# The size of a compressed stream with nothing in it, which is what `failing-dump | gzip > file` leaves.
_EMPTY_STREAM_BYTES = {".gz": 20, ".zst": 13, ".xz": 32, ".bz2": 14, ".lz4": 15}

_PART = re.compile(
    r"(?P<stem>.+?)[._-]part[._-]?(?:(?P<number>\d{1,4})(?:[._-]?of[._-]?(?P<total>\d{1,4}))?|(?P<letters>[a-z]{2,3}))"
    r"(?P<rest>(?:\.[a-z][a-z0-9]*)*)$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<number>\d{3})$")
_LETTERED = re.compile(r"(?P<stem>.+)[._-](?P<letters>[a-z]{2,3})$")
# Parts are written one after the other; further apart they are rotated backups (`.001`, `.002`), a run each.
_PARTS_APART = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class _Part:
    found: StoredObject
    stem: str
    number: int
    total: int | None
    by_ending: bool
    """Whether only an ending of letters, such as `.ab`, makes it one: `.gz` is such an ending too."""


def gather(objects: Iterable[StoredObject]) -> Gathered:
    """Put what a listing holds together into runs.

    Zero bytes, an empty compressed stream, an unfinished upload by its name and a split backup with a part missing
    are no recovery points, and this much can be told without reading any of them.
    """
    everything = list(objects)
    locations = {found.location for found in everything}
    backups = [found for found in everything if not is_companion(found.location, locations)]
    groups, single = _split_backups(backups)
    judged = [(_run(tuple(part.found for part in parts)), _incomplete(parts)) for parts in groups]
    judged += [(_run((found,)), _obviously_unusable(found)) for found in single]
    unusable = tuple(run.unusable(why) for run, why in judged if why)
    return Gathered(runs=tuple(run for run, why in judged if not why), unusable=unusable)


def _run(objects: tuple[StoredObject, ...]) -> Run:
    return Run(
        location=objects[0].location,
        objects=objects,
        size_bytes=sum(found.size_bytes for found in objects),
        modified_at=max(found.modified_at for found in objects),
        stamp=_stamp(objects[0].location),
    )


def _stamp(location: str) -> Stamp | None:
    """Return the date in a name, or else in the folders that hold it: `2026-11-12/db.sql`, `2026/11/12/0300/db.sql`."""
    if stamp := stamp_in(location):
        return stamp
    folders = location.split("/")[-5:-1]
    # The deepest folders first: a date further up may be of the day when the store was set up.
    for first in range(len(folders) - 1, -1, -1):
        if stamp := stamp_in("-".join(folders[first:])):
            return stamp
    return None


def _obviously_unusable(found: StoredObject) -> str | None:
    name = name_of(found.location)
    if is_unfinished(name):
        return "by its name an upload that is not finished, or broke off"
    if found.size_bytes == 0:
        return "zero bytes"
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if found.size_bytes <= _EMPTY_STREAM_BYTES.get(suffix, 0):
        return f"{found.size_bytes} bytes: a compressed stream with nothing in it"
    return None


def _split_backups(backups: list[StoredObject]) -> tuple[list[list[_Part]], list[StoredObject]]:
    """Return the groups of parts, and what belongs to none."""
    by_stem: dict[str, list[_Part]] = defaultdict(list)
    for found in backups:
        if part := _part(found):
            by_stem[part.stem].append(part)
    groups = []
    taken: set[str] = set()
    for parts in by_stem.values():
        parts.sort(key=lambda part: part.number)
        by_chance = parts[0].by_ending and parts[0].number != 0
        times = sorted(part.found.modified_at for part in parts)
        apart = max((later - sooner for sooner, later in pairwise(times)), default=timedelta())
        if (len(parts) == 1 and parts[0].total is None) or by_chance or apart > _PARTS_APART:
            continue
        groups.append(parts)
        taken.update(part.found.location for part in parts)
    return groups, [found for found in backups if found.location not in taken]


def _part(found: StoredObject) -> _Part | None:
    folder, slash, name = found.location.rpartition("/")
    named = _PART.match(name) or _NUMBERED.match(name)
    if (match := named or _LETTERED.match(name)) is None:
        return None
    said = match.groupdict()
    letters = said.get("letters")
    number = _count_of(letters) if letters else int(said["number"])
    stem = f"{folder}{slash}{said['stem']}\0{said.get('rest') or ''}\0{len(letters) if letters else 0}"
    total = int(said["total"]) if said.get("total") else None
    return _Part(found=found, stem=stem, number=number, total=total, by_ending=named is None)


def _count_of(letters: str) -> int:
    """Return which part `split` calls so: aa, ab, ... are 0, 1, ..."""
    number = 0
    for letter in letters.lower():
        number = number * 26 + ord(letter) - ord("a")
    return number


def _incomplete(parts: list[_Part]) -> str | None:
    """Return why a split backup cannot be put together again."""
    if any(part.found.size_bytes == 0 for part in parts):
        return f"one of its {len(parts)} parts has zero bytes"
    numbers = [part.number for part in parts]
    first = min(numbers[0], 1)
    total = parts[0].total
    expected = range(first, first + total) if total else range(first, numbers[-1] + 1)
    if missing := set(expected) - set(numbers):
        return f"split into parts, of which {len(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    return None
