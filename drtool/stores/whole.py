"""A store in which a backup that was split into parts is one object, and is read as one stream.

`db.sql.zst.001`, `.002` and so on are one.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from itertools import count, pairwise, product
from string import ascii_lowercase
from typing import BinaryIO, cast

from drtool.errors import RestoreFailed, Unverifiable
from drtool.stores.interface import Store, StoredObject, combined
from drtool.stores.pattern import matches
from drtool.stores.stream import stream_of

_CHUNK_BYTES = 64 * 1024
_PARTS_APART = timedelta(hours=2)
_PARTS_OF_ANY_SIZE_APART = timedelta(minutes=10)
# As split -d, split, and most others name them. Two digits count from 00 only: `db.sql.01` may be yesterday's.
_PART = re.compile(r"(?P<stem>.+\.)(?P<word>part)?(?P<number>\d{2,4}|[a-z]{2,3}|(?<=part)\d)$")


def parts_joined(found: Iterable[StoredObject]) -> list[StoredObject]:
    """Return what was found, with the parts of each backup that was split as one object, by its first part's name."""
    single: list[StoredObject] = []
    groups: dict[tuple[str, int], list[StoredObject]] = {}
    for one in found:
        match = _PART.fullmatch(one.location)
        if match and not one.members:
            groups.setdefault((match["stem"] + (match["word"] or ""), _width(match)), []).append(one)
        else:
            single.append(one)
    for (stem, _), parts in groups.items():
        parts.sort(key=lambda part: (len(part.location), part.location))
        if _is_first(parts[0].location.removeprefix(stem)) and _are_of_one(parts):
            single.append(combined(parts[0].location, parts))
        else:
            single.extend(parts)
    return single


def _are_of_one(parts: Sequence[StoredObject]) -> bool:
    """Tell parts of one backup from backups that are rotated by a number, which are of any size and hours apart.

    A split makes parts of one size, but for the last, or one right after the other where it splits by lines.
    """
    times = sorted(part.modified_at for part in parts)
    apart = max((later - sooner for sooner, later in pairwise(times)), default=timedelta())
    of_one_size = len({part.size_bytes for part in parts[:-1]}) < 2 and parts[-1].size_bytes <= parts[0].size_bytes
    return apart <= (_PARTS_APART if of_one_size else _PARTS_OF_ANY_SIZE_APART)


def all_parts_of(pattern: str) -> str | None:
    """Return a pattern that matches all parts where one matches the first; None where it names no part."""
    match = _PART.fullmatch(pattern)
    return f"{match['stem']}{match['word'] or ''}*" if match and _is_first(match["number"]) else None


def refuse_gaps(found: StoredObject) -> None:
    """Refuse a backup of whose parts one in the middle is missing. That the last is, its end will tell.

    Raises:
        RestoreFailed: naming the part.
    """
    first = _PART.fullmatch(found.location)
    if not found.members or found.is_folder or first is None:
        return
    stem = first["stem"] + (first["word"] or "")
    for part, name in zip(found.members, _names(first["number"]), strict=False):
        if part.location != stem + name:
            raise RestoreFailed("part-missing", f"The backup is not whole: its part {stem + name} is missing")


def _is_first(number: str) -> bool:
    if number.isdigit():
        return int(number) in ({0} if len(number) == 2 else {0, 1})
    return set(number) == {"a"}


def _names(first: str) -> Iterable[str]:
    """Yield the names of parts from the first on."""
    if first.isdigit():
        return (f"{number:0{len(first)}}" for number in count(int(first)))
    return ("".join(letters) for letters in product(ascii_lowercase, repeat=len(first)))


def _width(match: re.Match[str]) -> int:
    number = match["number"]
    return -len(number) if number.isalpha() else 0 if match["word"] else len(number)


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
        for found in parts_joined(self.inner.find(wider or pattern)):
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
            whole = [one for one in parts_joined(self.inner.find(wider)) if one.members]
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
