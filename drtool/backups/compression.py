"""Compression of a backup, told from its first bytes and never from its name."""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Iterator
from enum import StrEnum

import zstandard

from drtool.errors import RestoreFailed, Unverifiable


class Compression(StrEnum):
    """Ways a backup may be compressed; the value is what the record says and what the restore runs."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    XZ = "xz"


_MAGIC = {
    b"\x1f\x8b": Compression.GZIP,
    b"\x28\xb5\x2f\xfd": Compression.ZSTD,
    b"\xfd7zXZ\x00": Compression.XZ,
}
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # pzstd puts such a frame before each of its own
_NOT_YET = {
    b"BZh": "bzip2",
    b"\x04\x22\x4d\x18": "lz4",
    b"PK\x03\x04": "zip",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x9d": "compress",
    b"\x89LZO": "lzop",
    b"LZIP": "lzip",
}
_ENCRYPTED = {
    b"Salted__": "openssl",
    b"age-encryption.org/": "age",
    b"-----BEGIN AGE ENCRYPTED FILE-----": "age",
    b"-----BEGIN PGP MESSAGE-----": "GnuPG",
}
# An OpenPGP message begins with a packet that holds its session key, for a public key or a passphrase (RFC 9580, 5).
_OPENPGP = re.compile(rb"\x84.\x03|\x85..\x03|\x8c.[\x04-\x06]|\xc1.{1,5}[\x03\x06]|\xc3.[\x04-\x06]", re.DOTALL)

_WINDOW_BYTES = 2**31  # as the restore allows; memory is taken for what is used of it, not for all
_STREAMS = 64


def recognise_compression(head: bytes) -> Compression:
    """Tell how a backup is compressed.

    Args:
        head: its first bytes, forty or more where it has them.

    Raises:
        Unverifiable: it is compressed in a way that drtool does not read, or encrypted.
    """
    for magic, name in _NOT_YET.items():
        if head.startswith(magic):
            raise Unverifiable(
                "compression-unsupported",
                f"The backup is compressed with {name}, which drtool does not read",
                mend="Back up with gzip, zstd or xz",
            )
    by = next((name for magic, name in _ENCRYPTED.items() if head.startswith(magic)), None)
    if by or _OPENPGP.match(head):
        raise Unverifiable(
            "backup-encrypted",
            f"The backup is encrypted (with {by or 'GnuPG'}), and drtool holds no key for it",
            mend="Decrypt it to a place of its own for the drill, as the runbook does, and drill from there",
        )
    if _ZSTD_SKIPPABLE.match(head):
        return Compression.ZSTD
    return next((found for magic, found in _MAGIC.items() if head.startswith(magic)), Compression.NONE)


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
    except (zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        if not content:  # what is damaged further on, the restore will tell in its own words
            raise RestoreFailed(
                "stream-damaged", f"The {compression} stream is damaged in its first bytes", why=str(error)
            ) from error
    return content


def _pieces(head: bytes, compression: Compression, limit_bytes: int) -> Iterator[bytes]:
    """Yield content as it is decompressed; each format allows streams to be packed one behind the other."""
    match compression:
        case Compression.NONE:
            yield head
        case Compression.GZIP | Compression.XZ:
            for _ in range(_STREAMS):
                unpack = _unpack(compression)
                yield unpack.decompress(head, limit_bytes)
                head = unpack.unused_data.lstrip(b"\0") if unpack.eof else b""  # zeros in between are padding
                if not head:
                    return
        case Compression.ZSTD:
            unzstd = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES)
            try:
                yield unzstd.stream_reader(head, read_across_frames=True).read(limit_bytes)
            except zstandard.ZstdError:
                yield unzstd.stream_reader(head).read(limit_bytes)  # the first alone, where something else follows it


def _unpack(compression: Compression) -> zlib._Decompress | lzma.LZMADecompressor:
    if compression is Compression.GZIP:
        return zlib.decompressobj(wbits=31)
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_WINDOW_BYTES)


def is_whole(stream: bytes, compression: Compression) -> bool:
    """Tell whether a compressed stream that is at hand as a whole, and has no content, ends properly."""
    if compression is Compression.NONE:
        return True
    if compression is Compression.ZSTD:
        unzstd = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES).decompressobj()
        unzstd.decompress(stream)
        return unzstd.eof
    unpack = _unpack(compression)
    unpack.decompress(stream)
    return unpack.eof
