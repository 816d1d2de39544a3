"""What a name that stands for a packing without a mark changes, and what it does not."""

from __future__ import annotations

import gzip
from pathlib import Path
from random import Random

import pytest

from drtool.backups.backup import look_at
from drtool.backups.recognise import Format
from drtool.errors import DrtoolError
from drtool.stores.lookup import store_for

NOISE = Random(7).randbytes(40_000)  # noqa: S311 (noise, and no secret)
DUMP = b"-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n\nCREATE TABLE t (a int);\n-- Dump completed\n"


def refusal(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    store = store_for(f"{folder}/{name}")
    with pytest.raises(DrtoolError) as caught:
        look_at(store, store.stat(f"{folder}/{name}"))
    return f"{caught.value.code}: {caught.value}"


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("shop.sql.br", "compression-unsupported", "brotli"),
        ("shop.sql.BR", "compression-unsupported", "(.BR)"),
        ("shop.sql.br.20261130", "compression-unsupported", "brotli"),
        ("shop.z02", "compression-unsupported", "zip, in parts"),
        ("site.j01", "compression-unsupported", "JPA, in parts"),
        ("shop.sql.gz.enc", "encryption-unsupported", "encrypted"),
        ("shop.sql.gz.aes-2026-11-30", "encryption-unsupported", "(.aes)"),
        ("shop.sql", "not-a-backup", "damaged from its start"),
        ("shop.sql.gz", "not-a-backup", "damaged from its start"),
        ("shop.enc.sql", "not-a-backup", "damaged from its start"),
        ("enc", "not-a-backup", "damaged from its start"),
        ("shop.zip", "not-a-backup", "damaged from its start"),
    ],
)
def test_noise_is_not_called_damaged_where_the_name_says_a_packing_without_a_mark(
    tmp_path: Path, name: str, code: str, said: str
) -> None:
    told = refusal(tmp_path, name, NOISE)
    assert told.startswith(code)
    assert said in told


@pytest.mark.parametrize(
    "content", [bytes(80_000), b"", b"Dear colleagues, there is no backup\n", gzip.compress(NOISE)]
)
def test_such_a_name_makes_nothing_of_what_is_no_noise(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, "shop.sql.enc", content).partition(":")[0] in {"not-a-backup", "backup-empty"}


def test_noise_without_a_zero_is_noise_too(tmp_path: Path) -> None:
    told = refusal(tmp_path, "shop.sql", NOISE.replace(b"\0", b"\1"))
    assert "damaged from its start" in told


def test_a_dump_by_such_a_name_is_a_dump(tmp_path: Path) -> None:
    (tmp_path / "shop.sql.enc").write_bytes(DUMP)
    store = store_for(f"{tmp_path}/shop.sql.enc")
    assert look_at(store, store.stat(f"{tmp_path}/shop.sql.enc")).format is Format.DUMP


@pytest.mark.parametrize("size", [1000, 400_000])
def test_the_last_part_of_a_zip_is_known_by_its_end(tmp_path: Path, size: int) -> None:
    end = b"PK\5\6" + b"\2\0\2\0\1\0\1\0" + bytes(8) + b"\0\0"
    noise = Random(7).randbytes(size)  # noqa: S311
    told = refusal(tmp_path, "shop.zip", noise + end)
    assert told.startswith("compression-unsupported")
    assert "the last of 3 parts" in told
    assert refusal(tmp_path, "other.zip", noise + end[:-4]).startswith("not-a-backup")


def test_parts_of_a_name_without_a_mark_are_put_together_first(tmp_path: Path) -> None:
    (tmp_path / "shop.sql.br.002").write_bytes(NOISE[:500])
    assert refusal(tmp_path, "shop.sql.br.001", NOISE).startswith("compression-unsupported")
