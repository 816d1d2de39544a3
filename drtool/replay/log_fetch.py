"""Fetches binary logs into a volume of the sandbox, and judges them on the way: what was judged is what is replayed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from drtool.binlogs.reader import FaultKind
from drtool.binlogs.transactions import LogScan, LooseEvent, Transaction
from drtool.replay import failures
from drtool.replay.log_content import LogContent, content_of
from drtool.replay.log_series import Log, LogSeries
from drtool.replay.plan import ReplayPlan
from drtool.restore.pipeline import Progress
from drtool.sandbox import tar_stream
from drtool.stores import StoredObject


@dataclass(frozen=True, kw_only=True)
class FetchedLog:
    """A log that was read to its end.

    Attributes:
        log: which.
        content: as it was read.
        staged_as: its name in the volume.
        scan: what is in it.
    """

    log: Log
    content: LogContent
    staged_as: str
    scan: LogScan

    @property
    def found(self) -> StoredObject:
        """The store's record of it when it was read."""
        return self.content.found

    @property
    def packed(self) -> bool:
        """Whether it lies in the volume in parts."""
        return self.content.size_bytes is None


@dataclass(kw_only=True)
class LogFetch:
    """Reads logs until the plan knows where to stop.

    Attributes:
        fetched: those that were read, in order.
    """

    series: LogSeries
    plan: ReplayPlan
    progress: Progress
    fetched: list[FetchedLog] = field(default_factory=list)
    _done_bytes: int = 0

    def archive(self) -> Iterator[bytes]:
        """Yield a tar archive of the logs, never holding more than a piece of one.

        Raises:
            RestoreFailed: the target cannot be reached with them.
            Unverifiable: the store cannot be read.
        """
        for number, log in enumerate(self.series.logs):
            self.plan.comes_next(log.name)
            if self.plan.stop is not None:
                break
            yield from self._member(log, f"{number:06}", is_last=number == len(self.series.logs) - 1)
            if self.plan.stop is not None:
                break
        self.plan.finish()
        yield tar_stream.END

    def _member(self, log: Log, name: str, *, is_last: bool) -> Iterator[bytes]:
        with content_of(self.series.store, log) as content:
            scan = LogScan(content.size_bytes)
            judge = _Judge(log, scan, self.plan)
            judged = self._judged(content, judge)
            if content.size_bytes is not None:
                yield from tar_stream.member(name, content.size_bytes, judged, mode=0o600)
            else:
                yield from _in_parts(name, judged)
            scan.reader.close(content.fault)
        self.fetched.append(FetchedLog(log=log, content=content, staged_as=name, scan=scan))
        judge.end(is_last=is_last)

    def _judged(self, content: LogContent, judge: _Judge) -> Iterator[bytes]:
        for piece in content.pieces():
            judge.take(piece)
            self.progress(self._done_bytes + content.read_bytes)
            yield piece
        self._done_bytes += content.read_bytes


def _in_parts(name: str, content: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a log whose size is not known before its end as the parts that `replay.sh` joins."""
    for number, piece in enumerate(content):
        yield from tar_stream.member(f"{name}.{number:08}", len(piece), [piece], mode=0o600)


class _Judge:
    """Hands the plan what a log holds, its head first: that ends with the list of GTIDs it was begun with."""

    def __init__(self, log: Log, scan: LogScan, plan: ReplayPlan) -> None:
        self._log = log
        self._scan = scan
        self._plan = plan
        self._head: list[Transaction | LooseEvent] | None = []

    def take(self, piece: bytes) -> None:
        for found in self._scan.feed(piece):
            if self._head is None:
                self._plan.take(found)
                continue
            self._head.append(found)
            if self._scan.began_with is not None or isinstance(found, Transaction):
                self._plan.log_begins(self._log.name, self._scan)
                head, self._head = self._head, None
                for one in head:
                    self._plan.take(one)

    def end(self, *, is_last: bool) -> None:
        if self._head is not None:  # not even its head is whole
            fault = self._scan.fault
            if fault and fault.kind is not FaultKind.TRUNCATED:
                raise failures.unreadable(self._log.name, fault, self._plan.how_far())
            raise failures.truncated(self._log.name, self._scan.reader.position, self._plan.how_far())
        self._plan.log_ends(self._scan, is_last=is_last)
