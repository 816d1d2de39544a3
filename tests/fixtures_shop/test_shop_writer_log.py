"""The writer's log tells what is certainly kept, what is in doubt, and what is certainly not there."""

from __future__ import annotations

from pathlib import Path

from fixtures.shop.writer_log import Kind, WriterLog, read_log


def test_an_acknowledged_commit_has_both_instants_in_order(tmp_path: Path) -> None:
    with WriterLog(tmp_path / "log") as log:
        log.write("sent", number=1, kind=Kind.ORDER, key=17, lines=3)
        log.write("acknowledged", number=1)
    (attempt,) = read_log(tmp_path / "log")
    assert (attempt.kind, attempt.key, attempt.lines, attempt.in_doubt) == (Kind.ORDER, 17, 3, False)
    assert attempt.acknowledged_at is not None
    assert attempt.sent_at <= attempt.acknowledged_at
    assert attempt.sent_at.utcoffset() is not None


def test_a_commit_that_was_sent_and_not_acknowledged_is_in_doubt(tmp_path: Path) -> None:
    with WriterLog(tmp_path / "log") as log:
        log.write("sent", number=1, kind=Kind.HEARTBEAT, key=9)
        log.write("in-doubt", number=1, error=2013)
    assert [attempt.in_doubt for attempt in read_log(tmp_path / "log")] == [True]


def test_a_transaction_that_failed_before_its_commit_is_no_attempt(tmp_path: Path) -> None:
    with WriterLog(tmp_path / "log") as log:
        log.write("failed", number=1, error=2013)
    assert read_log(tmp_path / "log") == []


def test_a_line_that_a_power_cut_broke_off_leaves_its_commit_in_doubt(tmp_path: Path) -> None:
    with WriterLog(tmp_path / "log") as log:
        log.write("sent", number=1, kind=Kind.UPLOAD, key="incoming/naïve ☃.pdf")
        log.write("acknowledged", number=1)
    whole = (tmp_path / "log").read_bytes()
    (tmp_path / "log").write_bytes(whole[:-9])
    assert [(attempt.key, attempt.in_doubt) for attempt in read_log(tmp_path / "log")] == [
        ("incoming/naïve ☃.pdf", True)
    ]


def test_two_writers_in_one_log_are_kept_apart(tmp_path: Path) -> None:
    for order in (17, 18):
        with WriterLog(tmp_path / "log") as log:
            log.write("started")
            log.write("sent", number=1, kind=Kind.ORDER, key=order, lines=1)
            if order == 18:
                log.write("acknowledged", number=1)
    assert [(attempt.key, attempt.in_doubt) for attempt in read_log(tmp_path / "log")] == [(17, True), (18, False)]
