"""Compression of a backup, told from its first bytes and never from its name."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol, cast

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
    LZMA = "lzma"
    ZLIB = "zlib"
    ZIP = "zip"


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
    b"PK\x05\x06": "zip, and empty",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x9d": "compress",
    b"\x89LZO": "lzop",
    b"LZIP": "lzip",
    b"Rar!\x1a\x07": "rar",
    b"qpress1": "qpress",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"LRZI": "lrzip",
    b"RZIP": "rzip",
    b"7kSt": "zpaq",
    b"zPQ": "zpaq",
    b"bvx2": "lzfse",
    b"bvx-": "lzfse",
    b"xar!": "xar",
    b"MSCF\0\0\0\0": "cab",
    b"PK\x07\x08PK\x03\x04": "zip, in parts (zip -s)",
}
# The properties that every program chooses, a dictionary of whole 64 KiB, a length that is unknown or under 2^40.
_LZMA = re.compile(rb"\x5d\0\0..(?:\xff{8}|.{5}\0{3})", re.DOTALL)
_ZLIB = re.compile(rb"x[\x01\x5e\x9c\xda]")
_TEXT = re.compile(rb"[\t\n\r -~]{3,}")
_ZIP = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
HEAD_BYTES = 256 * 1024
_BZIP2_BLOCK_BYTES = 1024 * 1024  # blocks of 900 kB, which grow a little where they do not compress
_LZ4_BLOCK_BYTES = 4 * 1024 * 1024 + 64 * 1024
LONGEST_HEAD_BYTES = _LZ4_BLOCK_BYTES
WINDOW_BYTES = 2**31  # as the restore allows; memory is taken for what is used of it, not for all
_STREAMS = 64
_IN_ZIP64 = 0xFFFFFFFF
_ONE_STREAM = {Compression.LZMA, Compression.ZLIB, Compression.ZIP}
# bz2 raises OSError and lz4 RuntimeError for data that is damaged
_DAMAGE = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, RuntimeError)
_ENOUGH_LINE_FEEDS = 3
_CARRIED_AS_TEXT = (
    "Something carried it as text: let FTP transfer in binary mode, and run `docker exec`, `kubectl exec` and ssh "
    "without a terminal (-t); where it was made it may be whole"
)


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
    if _LZMA.match(head):
        return Compression.LZMA
    if head.startswith(_ZIP):
        first_in_zip(head)
        return Compression.ZIP
    if _ZLIB.match(head) and not _TEXT.fullmatch(head, 0, 100) and _inflates(head[:4096]):
        return Compression.ZLIB
    return next((found for magic, found in _MAGIC.items() if head.startswith(magic)), Compression.NONE)


def _inflates(head: bytes) -> bool:
    try:
        zlib.decompressobj().decompress(head, 1)
    except zlib.error:
        return False
    return True


def first_in_zip(head: bytes) -> tuple[int, int, bool]:
    """Return of a zip where the content of its first file begins, its length (0 where not known), and if it is stored.

    Raises:
        Unverifiable: it is encrypted, holds several files, or is packed as no program in the sandbox unpacks it.
    """
    at = 0
    while head.startswith(_ZIP, at) and len(head) >= at + 30:
        flags, method = struct.unpack_from("<HH", head, at + 6)
        packed, _, named, more = struct.unpack_from("<IIHH", head, at + 18)
        start = at + 30 + named + more
        if head[at + 30 : at + 30 + named].endswith(b"/"):
            at = start + packed
            continue
        if flags & 1:
            what = "The backup is a zip with a password, which drtool does not open"
            raise Unverifiable("encryption-unsupported", what, mend="Unpack it, and drill what comes out")
        if method not in {0, 8} or not named or (not method and flags & 8):
            break
        if not flags & 8 and head.startswith(_ZIP, start + packed):
            raise zip_of_files()
        return start, 0 if flags & 8 or packed == _IN_ZIP64 else packed, not method
    raise Unverifiable("compression-unsupported", "The backup is a zip of a kind that drtool does not read")


def names_in_zip(head: bytes) -> Iterator[str]:
    """Yield the names of the files in a zip, as far as its first bytes lead from one to the next."""
    at = 0
    while head.startswith(_ZIP, at) and len(head) >= at + 30:
        (flags,) = struct.unpack_from("<H", head, at + 6)
        packed, _, named, more = struct.unpack_from("<IIHH", head, at + 18)
        yield head[at + 30 : at + 30 + named].decode("utf-8", "replace")
        if flags & 8 and not packed:
            return
        at += 30 + named + more + packed


def last_of_zip(tail: bytes) -> Unverifiable | None:
    """Return what a file is that ends as the last part of a zip does: its end record names it as not the first.

    Args:
        tail: its last bytes, 64 KiB where there are as many.
    """
    if (at := tail.rfind(_ZIP_END)) < 0 or len(tail) < at + 22:
        return None
    number, begins, _, _, _, _, comment = struct.unpack_from("<HHHHIIH", tail, at + 4)
    if not number or begins > number or len(tail) != at + 22 + comment:
        return None
    what = f"The backup is the last of {number + 1} parts of a zip (zip -s), which drtool does not read"
    return Unverifiable(
        "compression-unsupported", what, mend="Join them with `zip -s 0 NAME.zip --out WHOLE.zip`, and drill that"
    )


def zip_of_files() -> Unverifiable:
    """Return that a zip is no backup of one database, packed."""
    what = "The backup is a zip of several files or of no dump, which drtool does not read"
    mend = "Unpack it and drill the folder, or pack one dump into a zip, or files with tar"
    return Unverifiable("compression-unsupported", what, mend=mend)


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
        RestoreFailed: the compressed stream is damaged before it gives any content, or by having been carried as text.
    """
    content = b""
    try:
        for piece in _pieces(head, compression, limit_bytes):
            content += piece[: limit_bytes - len(content)]
            if len(content) == limit_bytes:
                break
    except _DAMAGE as error:
        if compression is not Compression.NONE and _is_of_crlf(head):
            what = f"The {compression} stream is damaged: each line feed in it became a carriage return and a line feed"
            raise RestoreFailed("stream-damaged", what, why=str(error), mend=_CARRIED_AS_TEXT) from error
        if not content:  # what is damaged further on, the restore will tell in its own words
            what = f"The {compression} stream is damaged in its first bytes"
            raise RestoreFailed("stream-damaged", what, why=str(error)) from error
    return content


def _is_of_crlf(head: bytes) -> bool:
    """Tell whether no line feed stands alone, as in what was carried as text; by chance one of 256 does not."""
    return (feeds := head.count(b"\n")) >= _ENOUGH_LINE_FEEDS and feeds == head.count(b"\r\n")


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
            if compression is Compression.ZIP:
                start, length, stored = first_in_zip(head)
                head = head[start : start + length] if length else head[start:]
                if stored:
                    yield head
                    return
            for _ in range(1 if compression in _ONE_STREAM else _STREAMS):
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
        case Compression.ZLIB:
            return zlib.decompressobj()
        case Compression.ZIP:
            return zlib.decompressobj(wbits=-15)
        case Compression.LZMA:
            return lzma.LZMADecompressor(format=lzma.FORMAT_ALONE, memlimit=WINDOW_BYTES)
        case Compression.BZIP2:
            return bz2.BZ2Decompressor()
        case Compression.LZ4:
            unpack: _Unpack = lz4.frame.LZ4FrameDecompressor()
            return unpack
        case Compression.ZSTD:
            unzstd = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES)
            return cast("_Unpack", unzstd.decompressobj())  # its `decompress` takes no length, and gets none
        case _:
            return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=WINDOW_BYTES)


def is_whole(stream: bytes, compression: Compression) -> bool:
    """Tell whether a compressed stream that is at hand as a whole, and has no content, ends properly."""
    if compression is Compression.NONE:
        return True
    if compression is Compression.ZIP:
        return stream[-22:].startswith(b"PK\x05\x06")
    for _ in range(_STREAMS):  # one behind the other, of which the first may be empty, or what zstd skips
        unpack = _unpack(compression)
        unpack.decompress(stream)
        stream = (unpack.unused_data or b"").lstrip(b"\0")
        if not unpack.eof or not stream:
            return unpack.eof
    return True
