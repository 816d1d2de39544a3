"""Which file of a folder is the backup, where all else there describes it."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from drtool.backups.described_stream import described_stream
from drtool.backups.folder import recognise_folder
from drtool.backups.recognise import Format
from drtool.errors import Unverifiable
from drtool.stores.interface import StoredObject, combined

AT = datetime(2026, 11, 30, 22, tzinfo=UTC)
DESCRIPTION = ("xtrabackup_checkpoints", "xtrabackup_info")


def chosen(*names: str) -> str | None:
    members = [StoredObject(location=f"/b/mon/{name}", size_bytes=9, modified_at=AT) for name in names]
    found = described_stream(combined("/b/mon/", members))
    return found.location if found else None


@pytest.mark.parametrize("stream", ["backup.stream.gz", "xbstream.0000000123", "full.mb.zst.gpg"])
@pytest.mark.parametrize(
    "beside",
    [
        DESCRIPTION,
        ("xtrabackup_checkpoints",),
        ("mariadb_backup_checkpoints", "mariadb_backup_info", "mariadb_backup_binlog_info"),
        (*DESCRIPTION, "backup.log", "my.cnf", "SHA256SUMS", ".done"),
        (*DESCRIPTION, ".xtrabackup_info.Xy12Zw", ".nfs00000000a1b2c3"),
    ],
)
def test_one_file_beside_a_description_is_the_backup(stream: str, beside: tuple[str, ...]) -> None:
    assert chosen(stream, *beside) == f"/b/mon/{stream}"


@pytest.mark.parametrize(
    "names",
    [
        ("backup.stream.gz", "backup.log"),
        DESCRIPTION,
        (*DESCRIPTION, "ibdata1"),
        (*DESCRIPTION, "ib_logfile0"),
        (*DESCRIPTION, "xtrabackup_logfile"),
        (*DESCRIPTION, "backup.stream.gz", "ibdata1"),
        (*DESCRIPTION, "full.mb", "incremental.mb"),
        (*DESCRIPTION, "shop/db.opt"),
        (*DESCRIPTION, "backup.stream.gz", ".incremental.mb.Xy12Zw"),
        (*DESCRIPTION, ".backup.stream.gz.Xy12Zw"),
        ("full/backup.mb", "full/xtrabackup_checkpoints"),
    ],
)
def test_any_other_folder_is_what_it_was(names: tuple[str, ...]) -> None:
    assert chosen(*names) is None


def test_several_streams_beside_a_description_are_several_backups() -> None:
    described: dict[str, bytes] = dict.fromkeys(DESCRIPTION, b"")
    stream = b"XBSTCK01\0P" + bytes(60)
    for one in (stream, gzip.compress(stream)):
        for beside in (described, {"xtrabackup_checkpoints": b""}):
            day = {"full.mb": one, "incremental.mb": one, "progress.log": b"ok", **beside}
            with pytest.raises(Unverifiable, match=r"full\.mb, incremental\.mb") as caught:
                recognise_folder(list(day), day.__getitem__)
            assert caught.value.code == "backups-mixed"
    unpacked = {"full.mb": stream, "ibdata1": b"", **described}
    assert recognise_folder(list(unpacked), unpacked.__getitem__).format is Format.PHYSICAL_FOLDER


def test_a_file_is_no_folder() -> None:
    assert described_stream(StoredObject(location="/b/xtrabackup_info", size_bytes=9, modified_at=AT)) is None


def test_what_a_transfer_of_the_stream_left_beside_it_is_no_second_one() -> None:
    assert chosen(*DESCRIPTION, "full.mb", "full.mb.part") == "/b/mon/full.mb"
