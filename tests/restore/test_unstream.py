"""What `mydumper --stream` wrote comes apart into the files that it was made of, whichever version wrote it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from drtool.backups.compression import Compression
from drtool.backups.recognise import Format, recognise_content, recognise_head
from drtool.restore.archive import _UNSTREAM

FILES = {
    "shop-schema-create.sql": b"CREATE DATABASE `shop`;\n",
    "shop.t-schema.sql.zst": bytes(range(256)) * 3 + b"\n-- shop.t.sql 3\n",
    "shop.t.00000.sql": b"-- a comment\nINSERT INTO `t` VALUES\n(1),\n(2);\n",
    "metadata": b"Finished dump at: 2026-11-25 01:20:13\n",
}


def split(stream: bytes, into: Path) -> subprocess.CompletedProcess[bytes]:
    into.mkdir(exist_ok=True)
    perl = shutil.which("perl")
    assert perl is not None
    return subprocess.run([perl, "-e", _UNSTREAM, str(into)], input=stream, capture_output=True, check=False)


def stream_of(files: dict[str, bytes], *, sized: bool) -> bytes:
    heads = {name: f"\n-- {name}" + (f" {len(content)}" if sized else "") for name, content in files.items()}
    return b"".join(heads[name].encode() + b"\n" + content for name, content in files.items())


def test_files_announced_with_their_size_come_back_whatever_is_in_them(tmp_path: Path) -> None:
    stream = stream_of(FILES, sized=True)
    assert split(stream, tmp_path / "out").returncode == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == FILES
    assert recognise_head(stream).format is Format.MYDUMPER_STREAM


def test_files_of_early_versions_end_where_the_next_is_announced(tmp_path: Path) -> None:
    text = {name: content for name, content in FILES.items() if not name.endswith(".zst")}
    stream = stream_of(text, sized=False)
    assert split(stream, tmp_path / "out").returncode == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == text
    assert recognise_content(stream, Compression.NONE).format is Format.MYDUMPER_STREAM


@pytest.mark.parametrize(
    ("stream", "complaint"),
    [
        (stream_of(FILES, sized=True)[:-5], b"unexpected end"),
        (stream_of({"a.sql": b"1\n"}, sized=True) + b"mydumper: lost connection\n", b"not announced"),
        (b"\n-- .. 3\nabc", b"bad name"),
        (stream_of({"a.sql": b"1\n"}, sized=True) * 2, b"bad name"),
    ],
    ids=["cut", "an error in it", "a way out", "a file twice"],
)
def test_what_is_no_whole_stream_is_told(tmp_path: Path, stream: bytes, complaint: bytes) -> None:
    ran = split(stream, tmp_path / "out")
    assert ran.returncode != 0
    assert complaint in ran.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
