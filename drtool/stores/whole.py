"""A store in which a backup that was split into parts is one object, and is read as one stream.

`db.sql.zst.001`, `.002` and so on are one, and so are those that `split` and others name by letters or with `part`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count, islice, pairwise, product, takewhile
from string import ascii_lowercase
from typing import BinaryIO, cast

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.stores.interface import Store, StoredObject, combined
from drtool.stores.pattern import matches
from drtool.stores.stream import stream_of

_CHUNK_BYTES = 64 * 1024
_PARTS_APART = timedelta(hours=2)
_PARTS_OF_ANY_SIZE_APART = timedelta(minutes=10)
# What a backup begins with, and no later part of one: gzip, zstd, xz, bzip2, lz4, GnuPG, age, openssl, zip, a dump.
_BEGINNINGS = (
    b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zX", b"BZh", b"\x04\x22\x4d\x18", b"\x84", b"\x85", b"\x8c",
    b"\xc1", b"\xc3", b"----", b"age-", b"Salt", b"PK\x03\x04", b"7z\xbc\xaf", b"XBST", b"-- ", b"/*!", b"/*M!",
)  # fmt: skip
_BEGINNING_BYTES = 4
# Behind such an ending a number may stand without a dot: what `split -d - NAME` was told to begin names with.
_OF_BACKUPS = r"(?i:sql|dump|tar|tgz|tbz2?|txz|tzst|gz|zst|xz|bz2|lz4|lzma|zip|7z|enc|gpg|pgp|age|mbstream|xbstream|xb)"
# As most others name them, as split -d and as split do. Two digits count from 00 only: `db.sql.01` may be yesterday's.
_PARTS = [
    re.compile(pattern)
    for pattern in (
        r"(?P<stem>.+[._-](?i:part)[._-]?)(?P<number>\d{1,4}|[a-z]{2,3})"
        r"(?P<rest>(?:[._-]?of[._-]?(?P<total>\d{1,4}))?(?:\.[A-Za-z]\w*)*)",
        r"(?P<stem>.+\.)(?P<number>\d{1,5})",
        rf"(?P<stem>.+\.(?:{_OF_BACKUPS})[_-]?)(?P<number>\d{{2,5}}|[a-z]{{2,3}})",
        r"(?P<stem>.+[._-])(?P<number>[a-z]{2,3})",
        r"(?P<stem>(?:.*/)?x)(?P<number>\d{2,4}|[a-z]{2,3})",
    )
]

Starts = Callable[[StoredObject], bytes]
"""Gives the first bytes of an object."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """What a name says of a part: of which backup it is, and which one it is."""

    stem: str
    number: str
    rest: str
    total: int | None

    @property
    def backup(self) -> tuple[str, str, int]:
        """What the parts of one backup have in common: `part1` to `part12` are of one, `aa` and `001` are not."""
        named = self.stem[-5:].lower().rstrip("._-").endswith("part")
        width = -len(self.number) if self.number.isalpha() else 0 if named else len(self.number)
        return self.stem, self.rest, width

    @property
    def may_be_a_night(self) -> bool:
        """Whether most that are named so are no parts, but rotated: `db.sql.1` and `db.sql.2`."""
        return self.backup[2] == 1

    @property
    def is_first(self) -> bool:
        """Whether it is one that a split begins with."""
        if self.number.isdigit():
            return int(self.number) in ({0} if self.backup[2] == 2 else {0, 1})
        return set(self.number) == {"a"}


def parts_joined(found: Iterable[StoredObject], starts: Starts | None = None) -> list[StoredObject]:
    """Return what was found, with the parts of each backup that was split as one object, by its first part's name.

    Args:
        found: what was found.
        starts: gives the first bytes of one: rotated backups all begin alike, the parts of one do not.
    """
    single: list[StoredObject] = []
    groups: dict[tuple[str, str, int], list[tuple[str, _Place, StoredObject]]] = {}
    for one in found:
        if (place := _place(one.location)) and not one.members and not one.leads_to:
            groups.setdefault(place.backup, []).append((place.number, place, one))
        else:
            single.append(one)
    rotated: dict[str, bool] = {}
    for group in groups.values():
        group.sort(key=lambda part: (len(part[0]), part[0]))
        parts = [one for _, _, one in group]
        kind = re.sub(r"\d+", "0", group[0][1].stem)  # one look tells how all of a history are made
        first = group[0][1]
        proven = first.is_first and _are_of_one(parts) and (not first.may_be_a_night or _go_on(parts, starts))
        if proven and not rotated.setdefault(kind, _begin_alike(parts, starts)):
            single.append(combined(parts[0].location, parts))
        else:
            single.extend(parts)
    return single


def _place(location: str) -> _Place | None:
    if match := next(filter(None, (pattern.fullmatch(location) for pattern in _PARTS)), None):
        said = match.groupdict()
        total = int(said["total"]) if said.get("total") else None
        return _Place(stem=match["stem"], number=match["number"], rest=said.get("rest") or "", total=total)
    return None


def _are_of_one(parts: Sequence[StoredObject]) -> bool:
    """Tell parts of one backup from backups that are rotated by a number, which are of any size and hours apart.

    A split makes parts of one size, but for the last, or one right after the other where it splits by lines.
    """
    times = sorted(part.modified_at for part in parts)
    apart = max((later - sooner for sooner, later in pairwise(times)), default=timedelta())
    of_one_size = len({part.size_bytes for part in parts[:-1]}) < 2 and parts[-1].size_bytes <= parts[0].size_bytes
    return apart <= (_PARTS_APART if of_one_size else _PARTS_OF_ANY_SIZE_APART)


def _begin_alike(parts: Sequence[StoredObject], starts: Starts | None) -> bool:
    if starts is None or len(parts) < 2:
        return False
    with suppress(DrtoolError):  # what cannot be read is told when it is to be restored
        first, second = map(starts, parts[:2])
        return first == second and first.startswith(_BEGINNINGS)
    return False


def _go_on(parts: Sequence[StoredObject], starts: Starts | None) -> bool:
    """Tell whether several of one size, but for the last, begin as one backup and what follows in it: with one head."""
    sizes = [part.size_bytes for part in parts]
    if starts is None or len(parts) < 2 or len(set(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
        return False
    if len(parts) < 3 and sizes[0] % 1000 and sizes[0] % 1024:
        return False  # two of any size: the second may be what a job left that failed
    with suppress(DrtoolError):
        first, *others = map(starts, parts)
        return first.startswith(_BEGINNINGS) and not any(one.startswith(_BEGINNINGS) for one in others)
    return False


def named_as_parts(names: Iterable[str]) -> list[list[str]]:
    """Return the names that may be those of the parts of one backup, from the first on and two or more of each."""
    groups: dict[tuple[str, str, int], list[tuple[int, str, str]]] = {}
    for name in names:
        if (place := _place(name)) and not place.may_be_a_night:
            groups.setdefault(place.backup, []).append((len(place.number), place.number, name))
    alike = [[name for _, _, name in sorted(group)] for group in groups.values() if len(group) > 1]
    return [group for group in alike if (first := _place(group[0])) and first.is_first]


def begins_as_backup(start: bytes) -> bool:
    """Tell whether the first bytes of a file are such as a backup begins with, and no later part of one."""
    return start.startswith(_BEGINNINGS)


def start_of(store: Store, found: StoredObject) -> bytes:
    """Return the first bytes of an object, as many as tell the parts of one backup from several."""
    with store.open(found) as stream:
        return stream.read(_BEGINNING_BYTES)


def all_parts_of(pattern: str) -> str | None:
    """Return a pattern that matches all parts where one matches the first; None where it names no part."""
    place = _place(pattern)
    return f"{place.stem}*{place.rest}" if place and place.is_first else None


def missing_parts(found: StoredObject) -> list[str]:
    """Return the parts that a split backup lacks. That the last is missing its end will tell, or its number of all."""
    if not found.members or found.is_folder or (first := _place(found.location)) is None:
        return []
    places = [place for part in found.members if (place := _place(part.location))]
    there = {place.number for place in places}
    last = places[-1].number
    expected = list(takewhile(lambda name: name != last, _names(first.number)))
    if first.total:
        expected = list(islice(_names(first.number), first.total))
    return [first.stem + number + first.rest for number in expected if number not in there]


def refuse_gaps(found: StoredObject) -> None:
    """Refuse a backup of whose parts one is missing.

    Raises:
        RestoreFailed: naming the part.
    """
    if missing := missing_parts(found):
        raise RestoreFailed("part-missing", f"The backup is not whole: its part {missing[0]} is missing")


def _names(first: str) -> Iterable[str]:
    """Return the names of parts from the first on."""
    if first.isdigit():
        return (f"{number:0{len(first)}}" for number in count(int(first)))
    return ("".join(letters) for letters in product(ascii_lowercase, repeat=len(first)))


class WholeStore:
    """A store, with the parts of split backups put together.

    Attributes:
        inner: the store of the parts.
    """

    def __init__(self, inner: Store) -> None:
        self.inner = inner

    def find(self, pattern: str) -> Iterator[StoredObject]:
        """Yield what matches a pattern; see `Store.find`. All parts of a backup match where its first does."""
        wider = all_parts_of(pattern)
        for found in parts_joined(self.inner.find(wider or pattern), partial(start_of, self.inner)):
            if wider is None or found.members or matches(found.location, pattern):
                yield found

    def stat(self, location: str) -> StoredObject:
        """Return the record of one object; see `Store.stat`.

        Raises:
            RestoreFailed: it is not there, or one of its parts is not.
            Unverifiable: the store cannot be read.
        """
        found = self.inner.stat(location)
        if wider := all_parts_of(location):
            whole = [one for one in parts_joined(self.inner.find(wider), partial(start_of, self.inner)) if one.members]
            found = next((one for one in whole if one.location == found.location), found)
        refuse_gaps(found)
        return found

    def open(self, found: StoredObject) -> AbstractContextManager[BinaryIO]:
        """Open exactly what was found; see `Store.open`.

        Raises:
            Unverifiable: it is a folder, or the store cannot be read.
        """
        if found.is_folder:
            raise Unverifiable("not-a-stream", f"{found.location} is a folder and not one stream")
        return _joined(self.inner, found.members) if found.members else self.inner.open(found)


@contextmanager
def _joined(store: Store, parts: Sequence[StoredObject]) -> Iterator[BinaryIO]:
    with closing(_contents(store, parts)) as contents:
        yield cast(BinaryIO, stream_of(contents))


def _contents(store: Store, parts: Sequence[StoredObject]) -> Generator[bytes, None, None]:
    """Yield what the parts hold, each opened when the one before it is over."""
    for part in parts:
        with store.open(part) as stream:
            while data := stream.read(_CHUNK_BYTES):
                yield data
