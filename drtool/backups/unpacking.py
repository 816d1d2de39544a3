"""What is compressed, unpacked as its bytes come: flat in memory, and sure of whether its end was there."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator

import lz4.frame  # type: ignore[import-untyped]
import zstandard

from drtool.backups.compression import WINDOW_BYTES, Compression

_PIECE_BYTES = 1 << 20
# A block of 128 KiB may be written in four bytes, so what goes in at once bounds what comes out.
_ZSTD_PIECE_BYTES = 1024


class CutShort(Exception):
    """The compressed stream breaks off before its end."""


class Damaged(Exception):
    """The compressed stream does not match its own structure or checksum."""


def unpacked(stream: io.BufferedReader, compression: Compression) -> Iterator[bytes]:
    """Yield the content of a stream that may be compressed, a piece at a time.

    Raises:
        CutShort: it breaks off; all that came before was yielded.
        Damaged: it is damaged; what came before was yielded.
    """
    if compression is Compression.ZSTD:
        yield from _unzstd(stream)
        return
    content = _opened(stream, compression)
    try:
        while piece := content.read(_PIECE_BYTES):
            yield piece
    except EOFError as error:
        raise CutShort from error
    except (zlib.error, lzma.LZMAError, OSError, RuntimeError) as error:
        raise Damaged from error


def _opened(stream: io.BufferedReader, compression: Compression) -> io.BufferedIOBase:
    match compression:
        case Compression.GZIP:
            return gzip.GzipFile(fileobj=stream, mode="rb")
        case Compression.BZIP2:
            return bz2.BZ2File(stream)
        case Compression.XZ:
            return lzma.LZMAFile(stream)
        case Compression.LZ4:
            opened: io.BufferedIOBase = lz4.frame.LZ4FrameFile(stream)
            return opened
        case _:
            return stream


def _unzstd(stream: io.BufferedReader) -> Iterator[bytes]:
    unzstd = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES)
    frame = None
    try:
        while data := stream.read(_ZSTD_PIECE_BYTES):
            while data:
                frame = frame or unzstd.decompressobj()
                if piece := frame.decompress(data):
                    yield piece
                data = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
    except zstandard.ZstdError as error:
        raise Damaged from error
    if frame:
        raise CutShort
