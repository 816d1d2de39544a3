"""A binary log is read piece by piece, up to its first fault, in bounded memory."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.binlogs.format import Kind
from drtool.binlogs.reader import _TOLD, FaultKind
from drtool.binlogs.transactions import LogScan, Transaction
from tests.binlogs.made_logs import NOON, MadeLog


def _scan(content: bytes, *, piece: int = 1 << 20, with_statements: bool = False) -> tuple[LogScan, list[Transaction]]:
    scan = LogScan(len(content), with_statements=with_statements)
    found = [one for at in range(0, len(content), piece) for one in scan.feed(content[at : at + piece])]
    scan.reader.close()
    return scan, [one for one in found if isinstance(one, Transaction)]


def _log(*, checksums: bool = True) -> MadeLog:
    log = MadeLog(began_with=("0-1-6",), checksums=checksums)
    log.transaction("0-1-7", NOON + 1)
    log.statement("0-1-8", NOON + 2, "DROP TABLE t")
    log.rotate("binlog.000008", NOON + 3)
    return log


@pytest.mark.parametrize("piece", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize("checksums", [True, False])
def test_transactions_are_told_with_their_places_however_the_bytes_come(piece: int, checksums: bool) -> None:
    log = _log(checksums=checksums)
    scan, found = _scan(bytes(log.content), piece=piece)
    assert scan.fault is None
    assert [(str(one.gtid), one.begin, one.seconds) for one in found] == [
        ("0-1-7", log.boundaries[0], NOON + 1),
        ("0-1-8", log.boundaries[1], NOON + 2),
    ]
    assert (scan.next_log, scan.closed, scan.in_use, scan.server_id) == ("binlog.000008", True, False, 1)


@given(st.data())
def test_no_flipped_byte_gets_past_the_checksums(data: st.DataObject) -> None:
    content = bytearray(_log().content)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    scan, _ = _scan(bytes(content))
    in_use = at == 21  # the flag of a log that is being written, which no checksum covers
    assert scan.fault is not None or in_use


@given(st.integers(1, 10**6))
def test_a_cut_is_told_from_damage(cut: int) -> None:
    log = _log()
    content = bytes(log.content)[: 4 + cut % (log.position - 4)]
    scan, found = _scan(content)
    assert scan.fault is None or scan.fault.kind is FaultKind.TRUNCATED
    if scan.fault is None and not scan.inside_transaction:
        assert len(content) in {4, *log.boundaries, found[-1].end if found else 0} | {scan.reader.position}
    assert not scan.closed


def test_a_log_that_is_being_written_says_so() -> None:
    log = MadeLog(in_use=True)
    scan, _ = _scan(bytes(log.content))
    assert scan.fault is None
    assert (scan.in_use, scan.closed) == (True, False)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FaultKind.NOT_A_LOG),
        (b"\x1f\x8b\x08\0 packed", FaultKind.NOT_A_LOG),
        (b"\xfdbin of MySQL 8", FaultKind.ENCRYPTED),
        (bytes(MadeLog(version="8.0.36").content), None),
    ],
)
def test_what_is_no_log_is_called_that(content: bytes, kind: FaultKind | None) -> None:
    scan, _ = _scan(content)
    assert (scan.fault.kind if scan.fault else None) == kind


def test_an_encrypted_log_is_called_that() -> None:
    log = MadeLog()
    log.event(Kind.START_ENCRYPTION, b"\1" + b"\0" * 16)
    log.content += b"unreadable"
    scan, _ = _scan(bytes(log.content))
    assert scan.fault is not None
    assert scan.fault.kind is FaultKind.ENCRYPTED


def test_a_log_without_mariadbs_gtids_is_no_log_of_mariadb() -> None:
    log = MadeLog(version="8.0.36")
    log.event(Kind.QUERY, struct.pack("<IIBHH", 7, 0, 4, 0, 0) + b"shop\0BEGIN")
    scan, _ = _scan(bytes(log.content))
    assert scan.fault is not None
    assert scan.fault.kind is FaultKind.NOT_A_LOG


def test_memory_is_bounded_whatever_an_event_claims() -> None:
    size = 64 * 2**20
    head = bytes(MadeLog().content)
    huge = struct.pack("<IBIIIH", NOON, 23, 1, size, len(head) + size, 0)
    scan = LogScan(len(head) + size)
    piece = b"\0" * 2**20
    tracemalloc.start()
    for part in (head, huge, *[piece] * 63):
        assert not [one for one in scan.feed(part) if isinstance(one, Transaction)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_compressed_statements_are_read_and_bombs_are_not_unfolded() -> None:
    log = MadeLog()
    text = b"DROP TABLE orders" + b" " * 50 * 2**20
    log._begin("0-1-1", NOON, flags=1)
    body = (
        struct.pack("<IIBHH", 7, 0, 4, 0, 0) + b"shop\0" + b"\x84" + struct.pack(">I", len(text)) + zlib.compress(text)
    )
    log.event(Kind.QUERY_COMPRESSED, body, NOON)
    _, (found,) = _scan(bytes(log.content), with_statements=True)
    (said,) = found.statements
    assert said.text.startswith("DROP TABLE orders")
    assert len(said.text) <= 2**20


def test_behind_a_checkpoint_there_is_a_place_between_transactions() -> None:
    assert {161, Kind.GTID_LIST, Kind.ROTATE, Kind.STOP} <= _TOLD  # BINLOG_CHECKPOINT_EVENT of sql/log_event.h
