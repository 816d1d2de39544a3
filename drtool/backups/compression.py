"""Compression of a backup, told from its first bytes and never from its name."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

import lz4.frame  # type: ignore[import-untyped]
import zstandard

from drtool.errors import RestoreFailed, Unverifiable

try:
    import bz2
    import lzma
except ImportError as error:
    raise Unverifiable("python-incomplete", f"This Python was built without {error.name}") from error


class Compression(StrEnum):
    """Ways a backup may be compressed; the value is what the record says and what the restore runs."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    XZ = "xz"
    BZIP2 = "bzip2"
    LZ4 = "lz4"


_LZ4_MAGIC = b"\x04\x22\x4d\x18"
_MAGIC = {
    b"\x1f\x8b": Compression.GZIP,
    b"\x28\xb5\x2f\xfd": Compression.ZSTD,
    b"\xfd7zXZ\x00": Compression.XZ,
    _LZ4_MAGIC: Compression.LZ4,
}
# A bzip2 stream says its level, then begins with a block, or ends at once where nothing is in it.
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", re.DOTALL)
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # pzstd puts such a frame before each of its own
_NOT_YET = {
    b"\x02\x21\x4c\x18": "lz4 in its legacy format",
    b"PK\x03\x04": "zip",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x9d": "compress",
    b"\x89LZO": "lzop",
    b"LZIP": "lzip",
}
HEAD_BYTES = 256 * 1024
_BZIP2_BLOCK_BYTES = 1024 * 1024  # blocks of 900 kB, which grow a little where they do not compress
_LZ4_BLOCK_BYTES = 4 * 1024 * 1024 + 64 * 1024
LONGEST_HEAD_BYTES = _LZ4_BLOCK_BYTES
WINDOW_BYTES = 2**31  # as the restore allows; memory is taken for what is used of it, not for all
_STREAMS = 64
# bz2 raises OSError and lz4 RuntimeError for data that is damaged
_DAMAGE = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, RuntimeError)


class _Unpack(Protocol):
    """What the decompressors of one stream have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def recognise_compression(head: bytes) -> Compression:
    """Tell how a backup is compressed.

    Args:
        head: its first bytes, forty or more where it has them.

    Raises:
        Unverifiable: it is compressed in a way that drtool does not read.
    """
    if name := next((name for magic, name in _NOT_YET.items() if head.startswith(magic)), None):
        what = f"The backup is compressed with {name}, which drtool does not read"
        raise Unverifiable("compression-unsupported", what)
    if _ZSTD_SKIPPABLE.match(head):
        return Compression.ZSTD
    if _BZIP2.match(head):
        return Compression.BZIP2
    return next((found for magic, found in _MAGIC.items() if head.startswith(magic)), Compression.NONE)


def head_needed_bytes(head: bytes) -> int:
    """Return how many of a backup's first bytes it takes to see its content: bzip2 and lz4 give whole blocks only."""
    if _BZIP2.match(head):
        return _BZIP2_BLOCK_BYTES
    return _LZ4_BLOCK_BYTES if head.startswith(_LZ4_MAGIC) else HEAD_BYTES


def decompressed_head(head: bytes, compression: Compression, limit_bytes: int) -> bytes:
    """Return the first bytes of the content, at most `limit_bytes` of them, however well it compresses.

    Args:
        head: the first bytes of the backup; the stream may break off in them.
        compression: as `recognise_compression` told.
        limit_bytes: bounds the memory that hostile input can take.

    Raises:
        RestoreFailed: the compressed stream is damaged before it gives any content.
    """
    content = b""
    try:
        for piece in _pieces(head, compression, limit_bytes):
            content += piece[: limit_bytes - len(content)]
            if len(content) == limit_bytes:
                break
    except _DAMAGE as error:
        if not content:  # what is damaged further on, the restore will tell in its own words
            what = f"The {compression} stream is damaged in its first bytes"
            raise RestoreFailed("stream-damaged", what, why=str(error)) from error
    return content


def _pieces(head: bytes, compression: Compression, limit_bytes: int) -> Iterator[bytes]:
    """Yield content as it is decompressed; each format allows streams to be packed one behind the other."""
    match compression:
        case Compression.NONE:
            yield head
        case Compression.ZSTD:
            unzstd = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES)
            try:
                yield unzstd.stream_reader(head, read_across_frames=True).read(limit_bytes)
            except zstandard.ZstdError:
                yield unzstd.stream_reader(head).read(limit_bytes)  # the first alone, where something else follows it
        case _:
            for _ in range(_STREAMS):
                unpack = _unpack(compression)
                yield unpack.decompress(head, limit_bytes)
                # zeros in between are padding
                head = (unpack.unused_data or b"").lstrip(b"\0") if unpack.eof else b""
                if not head:
                    return


def _unpack(compression: Compression) -> _Unpack:
    match compression:
        case Compression.GZIP:
            return zlib.decompressobj(wbits=31)
        case Compression.BZIP2:
            return bz2.BZ2Decompressor()
        case Compression.LZ4:
            unpack: _Unpack = lz4.frame.LZ4FrameDecompressor()
            return unpack
        case _:
            return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=WINDOW_BYTES)


def is_whole(stream: bytes, compression: Compression) -> bool:
    """Tell whether a compressed stream that is at hand as a whole, and has no content, ends properly."""
    if compression is Compression.NONE:
        return True
    if compression is Compression.ZSTD:
        unzstd = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).decompressobj()
        unzstd.decompress(stream)
        return unzstd.eof
    unpack = _unpack(compression)
    unpack.decompress(stream)
    return unpack.eof
