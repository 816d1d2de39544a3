"""Compression is told from the first bytes, and no stream takes more memory than it is given."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from random import Random

import lz4.frame  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from drtool.backups.compression import Compression, decompressed_head, is_whole, recognise_compression
from drtool.backups.encryption import recognise_encryption
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable

TEXT = b"-- MariaDB dump 10.19\n" * 500
LIMIT = 4096


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return into.getvalue()


COMPRESSED = {
    Compression.NONE: TEXT,
    Compression.GZIP: gzip.compress(TEXT),
    Compression.XZ: lzma.compress(TEXT),
    Compression.ZSTD: zstandard.compress(TEXT),
    Compression.BZIP2: bz2.compress(TEXT),
    Compression.LZ4: lz4.frame.compress(TEXT),
    Compression.LZMA: lzma.compress(TEXT, format=lzma.FORMAT_ALONE),
    Compression.ZLIB: zlib.compress(TEXT),
    Compression.ZIP: zipped(("shop.sql", TEXT)),
}
ALONE = {Compression.LZMA, Compression.ZLIB, Compression.ZIP}  # one stream each
STREAMS = [one for one in Compression if one is not Compression.NONE]


def packed(content: bytes, compression: Compression) -> bytes:
    match compression:
        case Compression.GZIP:
            return gzip.compress(content)
        case Compression.XZ:
            return lzma.compress(content)
        case Compression.ZSTD:
            return zstandard.compress(content)
        case Compression.BZIP2:
            return bz2.compress(content)
        case Compression.LZ4:
            return bytes(lz4.frame.compress(content))
        case Compression.LZMA:
            return lzma.compress(content, format=lzma.FORMAT_ALONE)
        case Compression.ZLIB:
            return zlib.compress(content)
        case Compression.ZIP:
            return zipped(("shop.sql", content))
        case Compression.NONE:
            return content


def skippable(size: int) -> bytes:
    """Return a frame that zstd passes over, such as pzstd writes before each of its own."""
    return b"\x50\x2a\x4d\x18" + size.to_bytes(4, "little") + bytes(size)


@pytest.mark.parametrize("compression", list(Compression))
def test_the_first_bytes_tell_and_give_the_content(compression: Compression) -> None:
    head = COMPRESSED[compression]
    assert recognise_compression(head) is compression
    assert decompressed_head(head, compression, LIMIT) == TEXT[:LIMIT]
    assert decompressed_head(head, compression, len(TEXT) + 1) == TEXT


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (b"\x02\x21\x4c\x18\x64", "lz4 in its legacy format"), (b"Rar!\x1a\x07\x00", "rar"),
        (b"qpress10", "qpress"), (b"\xff\x06\x00\x00sNaPpY", "snappy"),
        (b"7z\xbc\xaf'\x1c", "7z"), (b"\x1f\x9d\x90", "compress"), (b"\x89LZO\x00", "lzop"), (b"LZIP\x01", "lzip"),
        (b"LRZI\0\6", "lrzip"), (b"RZIP\2\1", "rzip"), (b"7kSt\xa0\x31", "zpaq"), (b"zPQ\1", "zpaq"),
        (b"bvx2", "lzfse"), (b"xar!\0", "xar"), (b"MSCF\0\0\0\0", "cab"), (b"PK\x07\x08PK\x03\x04", "zip"),
    ],
)  # fmt: skip
def test_a_compression_that_drtool_does_not_read_is_named(magic: bytes, name: str) -> None:
    with pytest.raises(Unverifiable, match=f"with {name}[, ]") as refused:
        recognise_compression(magic + bytes(40))
    assert refused.value.code == "compression-unsupported"


@pytest.mark.parametrize(
    "magic",
    [
        b"Salted__\x91\x1e", b"age-encryption.org/v1\n-> X25519 ", b"-----BEGIN PGP MESSAGE-----\n\n",
        b"\x8c\x0d\x04\x09\x03\x02", b"\x85\x01\x0c\x03", b"\x84\x5e\x03", b"\xc1\xc0\x4c\x03", b"\xc3\x0d\x04\x09",
    ],
)  # fmt: skip
def test_an_encrypted_backup_is_not_called_a_bad_one(magic: bytes) -> None:
    assert recognise_compression(magic + bytes(40)) is Compression.NONE
    assert recognise_encryption(magic + bytes(40)) is not None


@pytest.mark.parametrize(
    "head", [b"", b"\x1f", b"(", b"\xfd7z", b"-- MariaDB dump", b"\xef\xbb\xbf-- dump", bytes(600)]
)
def test_anything_else_is_taken_as_it_is(head: bytes) -> None:
    assert recognise_compression(head) is Compression.NONE


@pytest.mark.parametrize("compression", STREAMS)
def test_a_head_that_breaks_off_gives_what_there_is_of_it(compression: Compression) -> None:
    noise = Random(1).randbytes(3_000_000)  # noqa: S311 (it does not compress, so half of the stream is half of it)
    head = packed(noise, compression)
    content = decompressed_head(head[: len(head) // 2], compression, len(noise))
    assert noise.startswith(content)
    assert content or compression is Compression.ZSTD  # which decompresses block by block


@pytest.mark.parametrize("compression", [one for one in STREAMS if one not in ALONE])
def test_streams_packed_one_behind_the_other_are_one(compression: Compression) -> None:
    head = packed(b"", compression) + packed(b"-- one\n", compression) + packed(b"-- two\n", compression)
    assert decompressed_head(head, compression, LIMIT) == b"-- one\n-- two\n"


def test_the_output_of_pzstd_is_zstd() -> None:
    frame = zstandard.compress(TEXT)
    head = skippable(4) + frame + skippable(4) + frame
    assert recognise_compression(head) is Compression.ZSTD
    assert decompressed_head(head, Compression.ZSTD, 2 * len(TEXT)) == TEXT + TEXT


@pytest.mark.parametrize("compression", STREAMS)
@pytest.mark.parametrize("behind", [b"mysqldump: Got error: 2013", b"\n", bytes(512)])
def test_what_follows_a_whole_stream_is_left_for_the_restore_to_tell(compression: Compression, behind: bytes) -> None:
    assert decompressed_head(packed(b"-- one\n", compression) + behind, compression, LIMIT) == b"-- one\n"


@pytest.mark.parametrize("compression", [one for one in STREAMS if one is not Compression.ZIP])
def test_a_stream_that_is_damaged_from_the_start_is_told(compression: Compression) -> None:
    damaged = COMPRESSED[compression][:4] + b"\xff" * 60
    with pytest.raises(RestoreFailed) as told:
        decompressed_head(damaged, compression, LIMIT)
    assert told.value.code == "stream-damaged"


def test_large_windows_are_read_as_the_restore_reads_them() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    long_range = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    head = long_range.compress(TEXT) + long_range.flush()
    assert decompressed_head(head, Compression.ZSTD, LIMIT) == TEXT[:LIMIT]
    large = lzma.compress(TEXT, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**29}])
    assert decompressed_head(large, Compression.XZ, LIMIT) == TEXT[:LIMIT]


@pytest.mark.parametrize("compression", STREAMS)
def test_a_bomb_takes_no_more_than_its_limit(compression: Compression) -> None:
    bomb = packed(bytes(32 * 1024 * 1024), compression)[: 256 * 1024]
    tracemalloc.start()
    content = decompressed_head(bomb, compression, LIMIT)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(content) == LIMIT
    assert peak_bytes < 16 * 1024 * 1024  # xz asks for its dictionary of 8 MiB at once


def test_a_thousand_empty_streams_end_the_search_and_not_the_patience() -> None:
    assert decompressed_head(gzip.compress(b"") * 10_000, Compression.GZIP, LIMIT) == b""


@pytest.mark.parametrize("compression", list(Compression))
def test_an_empty_stream_that_ends_is_whole_and_one_that_breaks_off_is_not(compression: Compression) -> None:
    empty = packed(b"", compression)
    assert is_whole(empty, compression)
    if compression is not Compression.NONE:
        assert not is_whole(empty[:-1], compression)
        assert not is_whole(COMPRESSED[compression][:8], compression)


@pytest.mark.parametrize("compression", [Compression.ZSTD, Compression.GZIP, Compression.BZIP2, Compression.XZ])
def test_streams_behind_one_with_nothing_in_it_have_to_be_whole_too(compression: Compression) -> None:
    skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"abcd"
    before = skipped if compression is Compression.ZSTD else packed(b"", compression)
    assert is_whole(before + packed(b"", compression), compression)
    assert not is_whole(before + COMPRESSED[compression][:16], compression)


def test_a_header_that_asks_for_a_large_window_and_breaks_off_is_not_whole() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    long_range = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    head = (long_range.compress(TEXT) + long_range.flush())[:7]
    assert decompressed_head(head, Compression.ZSTD, LIMIT) == b""
    assert not is_whole(head, Compression.ZSTD)


@given(st.binary(max_size=200), st.sampled_from(STREAMS))
def test_whatever_comes_nothing_but_an_error_for_people_goes_out(noise: bytes, compression: Compression) -> None:
    head = COMPRESSED[compression][:6] + noise
    with suppress(DrtoolError):
        assert len(decompressed_head(head, recognise_compression(head), LIMIT)) <= LIMIT


def test_a_python_without_a_module_of_its_own_is_told_as_that() -> None:
    script = "import sys; sys.modules['lzma'] = None; import drtool.backups.compression"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "drtool.errors.Unverifiable: This Python was built without lzma. Build Python anew" in ran.stderr


def test_a_zip_of_one_dump_is_opened_and_one_of_more_is_named() -> None:
    for one in (zipped(("dir/", b""), ("dir/shop.sql", TEXT)), zipped(("shop.sql", TEXT), method=zipfile.ZIP_STORED)):
        assert recognise_compression(one) is Compression.ZIP
        assert decompressed_head(one, Compression.ZIP, LIMIT) == TEXT[:LIMIT]
    for several in (zipped(("a.sql", TEXT), ("b.sql", TEXT)), zipped(("shop.sql", TEXT), method=zipfile.ZIP_BZIP2)):
        with pytest.raises(Unverifiable) as refused:
            recognise_compression(several)
        assert refused.value.code == "compression-unsupported"


@pytest.mark.parametrize("text", [b"x^2 is a square\n", b"]\0\0", b"x\x9cy", b"x\x01 and more of it"])
def test_what_only_begins_like_a_stream_is_taken_as_it_is(text: bytes) -> None:
    assert recognise_compression(text + b"-" * 40) is Compression.NONE


def test_a_stream_that_was_carried_as_text_is_told_as_that() -> None:
    noise = Random(7).randbytes(4096).hex().encode()  # noqa: S311 (it has to be the same each time)
    carried = gzip.compress(noise).replace(b"\n", b"\r\n")
    with pytest.raises(RestoreFailed, match="each line feed"):
        decompressed_head(carried, Compression.GZIP, LIMIT)
    lines = gzip.compress(b"one\r\ntwo\r\nthree\r\n" * 9, compresslevel=0)
    assert decompressed_head(lines, Compression.GZIP, LIMIT).startswith(b"one\r\n")
