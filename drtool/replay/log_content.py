"""What a stored binary log holds: unpacked where whoever copied it has compressed it, and digested as it is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from drtool.backups.compression import Compression, recognise_compression
from drtool.backups.encryption import recognise_encryption
from drtool.backups.unpacking import CutShort, Damaged, unpacked
from drtool.binlogs.reader import FaultKind
from drtool.errors import Unverifiable
from drtool.replay.log_series import Log, opened
from drtool.stores import Store, StoredObject
from drtool.stores.interface import pieces
from drtool.stores.stream import stream_of

_HEAD_BYTES = 64
_PIECE_BYTES = 1 << 20


@dataclass(kw_only=True)
class LogContent:
    """A log that is read once, from its beginning on.

    Attributes:
        found: the store's record of it as it is now.
        compression: how it was packed, by its first bytes.
        read_bytes: how much of it has been read, as it is stored.
        fault: what the packing shows to be wrong at the end of what came by; None where it shows nothing.
    """

    found: StoredObject
    stream: BinaryIO
    compression: Compression = Compression.NONE
    read_bytes: int = 0
    fault: FaultKind | None = None
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def size_bytes(self) -> int | None:
        """How large the log is; None where that shows at its end only."""
        return self.found.size_bytes if self.compression is Compression.NONE else None

    @property
    def sha256(self) -> str:
        """The digest of what has been read, as it is stored, in hex."""
        return self._digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """Yield the log as its server wrote it, up to its end or to where its packing is damaged or cut."""
        if self.compression is Compression.NONE:
            yield from self._stored()
            return
        stored = stream_of(self._stored())
        try:
            yield from unpacked(stored, self.compression)
        except CutShort:
            self.fault = FaultKind.TRUNCATED
        except Damaged:
            self.fault = FaultKind.PACKED_BADLY
        while stored.read(_PIECE_BYTES):  # for the digest
            pass

    def _stored(self) -> Iterator[bytes]:
        for piece in pieces(self.found, self.stream):
            self._digest.update(piece)
            self.read_bytes += len(piece)
            yield piece


@contextmanager
def content_of(store: Store, log: Log) -> Iterator[LogContent]:
    """Open a log as it is now; see `opened`.

    Raises:
        RestoreFailed: it is gone.
        Unverifiable: the store cannot be read, or the log was packed in a way that drtool does not open.
    """
    with opened(store, log) as (found, stream):
        head = stream.read(min(_HEAD_BYTES, found.size_bytes))
        if encryption := recognise_encryption(head):
            what = f"The binary log {log.name} was encrypted as a file ({encryption}), which drtool does not open"
            raise Unverifiable("binary-log-locked", what)
        yield LogContent(found=found, stream=_put_back(head, stream), compression=recognise_compression(head))


def _put_back(head: bytes, stream: BinaryIO) -> BinaryIO:
    def rest() -> Iterator[bytes]:
        yield head
        while piece := stream.read(_PIECE_BYTES):
            yield piece

    return stream_of(rest())
