"""A store in which a backup that was split into parts is one object, and is read as one stream."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import BinaryIO, cast

from drtool.errors import Unverifiable
from drtool.stores.interface import Store, StoredObject
from drtool.stores.parts import all_parts_of, parts_joined, refuse_gaps, stem_of_first
from drtool.stores.pattern import matches


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
            stem = stem_of_first(location)
            whole = [one for one in parts_joined(self.inner.find(wider)) if one.members]
            found = next((one for one in whole if stem and one.location == found.location), found)
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


class _Chain(io.RawIOBase):
    """Parts read one behind the other, each opened when the one before it is over."""

    def __init__(self, store: Store, parts: Sequence[StoredObject], stack: ExitStack) -> None:
        self._store = store
        self._left = list(parts)
        self._stack = stack
        self._stream: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._stream is None:
                if not self._left:
                    return 0
                self._stream = self._stack.enter_context(self._store.open(self._left.pop(0)))
            if data := self._stream.read(len(buffer)):
                buffer[: len(data)] = data
                return len(data)
            self._stream = None


@contextmanager
def _joined(store: Store, parts: Sequence[StoredObject]) -> Iterator[BinaryIO]:
    with ExitStack() as stack:
        yield cast(BinaryIO, io.BufferedReader(_Chain(store, parts, stack)))
