"""What the tools of physical backups say, reduced to codes; no word of theirs gets out."""

from __future__ import annotations

import pytest

from drtool.restore.physical.diagnosis import prepare_failure, unpack_failure
from drtool.restore.physical.files import Prepared, object_of
from drtool.restore.pipeline import Outcome


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("InnoDB: Database page corruption on disk or a failed file read of tablespace shop/orders", "page-corrupt"),
        ("InnoDB: Unsupported redo log format. The redo log was created with MariaDB 11.8.9.", "redo-log-foreign"),
        ("error: This incremental backup seems not to be proper for the target.", "increment-foreign"),
        ("InnoDB: Missing redo log file ./ib_logfile0", "redo-log-damaged"),
        ("InnoDB: Error number 28 means 'No space left on device'", "disk-full"),
        ("InnoDB: Encrypted page [page id: space=5, page number=3] cannot be read", "tables-encrypted"),
        ("got signal 11", "backup-does-not-prepare"),
    ],
)
def test_prepare_that_fails_is_told_by_its_cause(said: str, code: str) -> None:
    failure = prepare_failure(Prepared(finished=True, status=1, said=[said, "secret row"]), what="full.mb")
    assert failure is not None
    assert failure.code == code
    assert "secret" not in str(failure)


def test_prepare_that_does_not_say_that_it_is_complete_has_failed_whatever_its_status() -> None:
    assert prepare_failure(Prepared(finished=True, status=0, completed=False), what="full.mb") is not None
    assert prepare_failure(Prepared(finished=True, status=0, completed=True), what="full.mb") is None


@pytest.mark.parametrize(
    ("said", "end", "status", "code"),
    [
        ("", "complete", 0, None),
        ("", "missing", 0, "stream-truncated"),
        ("xb_stream_read_chunk(): my_read() failed.", "missing", 1, "stream-truncated"),
        ("invalid checksum at offset 0x10", "complete", 1, "stream-damaged"),
        ("wrong chunk magic at offset 0x3", "complete", 1, "stream-trailing-garbage"),
        ("", "followed", 0, "stream-trailing-garbage"),
        ("", "another", 0, "stream-trailing-garbage"),
        ("Error writing file (Errcode: 28 \"No space left on device\")", "complete", 1, "disk-full"),
        ("Can't create file 'ibdata1' (Errcode: 17 \"File exists\")", "complete", 1, "stream-damaged"),
    ],
)  # fmt: skip
def test_stream_that_does_not_unpack_is_told_by_its_cause(said: str, end: str, status: int, code: str | None) -> None:
    outcome = Outcome(finished=True, statuses={"sink": status}, errors={"sink": [said]}, end=end)
    failure = unpack_failure(outcome)
    assert (failure.code if failure else None) == code


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("shop/orders.ibd", "shop.orders"),
        ("shop@002dold/caf@00e9.ibd", "shop-old.café"),
        ("shop/log\\#P\\#p2025.ibd", "shop.log (partition p2025)"),
        ("shop/FTS_0000000000000013_0000000000000023_INDEX_1.ibd", "a full-text index of shop"),
        ("undo001", "the undo tablespace undo001"),
        ("the\\ system\\ tablespace", "the system tablespace"),
    ],
)
def test_file_is_named_as_the_schema_calls_what_is_in_it(path: str, name: str) -> None:
    assert object_of(path) == name
