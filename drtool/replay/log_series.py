"""The binary logs in a store: found, put in order, opened."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from drtool.binlogs.log_name import LogName, log_name
from drtool.binlogs.start import BinlogStart
from drtool.errors import RestoreFailed, Unverifiable
from drtool.stores import Store, StoredObject

_OPEN_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Log:
    """A binary log in a store."""

    name: LogName
    found: StoredObject


@dataclass(frozen=True, kw_only=True)
class LogSeries:
    """The logs of one server, in order."""

    store: Store
    logs: tuple[Log, ...]

    @property
    def size_bytes(self) -> int:
        """The size of all of them, as they are stored."""
        return sum(log.found.size_bytes for log in self.logs)

    @property
    def last_written(self) -> datetime:
        """When the newest of them was written, as the store says, UTC."""
        return max(log.found.modified_at for log in self.logs)

    def holds(self, file: str) -> bool:
        """Tell whether a log of that name is among them."""
        return any(str(log.name) == file for log in self.logs)

    def since(self, start: BinlogStart) -> LogSeries:
        """Return those from the one on that a backup's position lies in.

        Raises:
            RestoreFailed: that one is not there.
        """
        numbers = [str(log.name) for log in self.logs]
        if start.file not in numbers:
            name = log_name(start.file)
            later = [log.name for log in self.logs if log.name.number > (name.number if name else 0)]
            there = f"the first log behind that is {later[0]}" if later else f"the newest log there is {numbers[-1]}"
            what = f"There is a gap between the backup and the binary logs: it was taken at {start}, and {there}"
            raise RestoreFailed("binary-log-gap", what, why="nothing can be replayed onto this backup")
        return LogSeries(store=self.store, logs=self.logs[numbers.index(start.file) :])


def found_logs(store: Store, pattern: str) -> dict[tuple[str, str], list[Log]]:
    """Find the logs that match a pattern, by their folder and base; of one that is there packed too, as it was written.

    Raises:
        RestoreFailed: there are none.
        Unverifiable: the store cannot be read, or these are logs in another format.
    """
    logs: dict[tuple[str, str], dict[int, Log]] = {}
    others = 0
    for one in sorted(store.find(pattern), key=lambda found: (len(found.location), found.location)):
        others += one.location.endswith(".ibb")
        if one.leads_to or (name := log_name(one.location)) is None:
            continue
        log = Log(name=name, found=one)
        logs.setdefault((one.location.rpartition("/")[0], name.base), {}).setdefault(name.number, log)
    if not logs and others:
        what = (
            f"{pattern} matches binary logs in the format of InnoDB (binlog_storage_engine), which drtool does not read"
        )
        raise Unverifiable("format-unsupported", what)
    if not logs:
        raise RestoreFailed("binary-logs-missing", f"There are no binary logs that match {pattern}")
    return {place: list(of_place.values()) for place, of_place in logs.items()}


def series_of_one(store: Store, pattern: str, logs: Iterable[Log]) -> LogSeries:
    """Put the logs of one server in order.

    Raises:
        RestoreFailed: they do not belong together.
    """
    logs = sorted(logs, key=lambda log: log.name.number)
    bases = {log.name.base for log in logs}
    if len(bases) > 1 or len({log.name.number for log in logs}) < len(logs):
        what = f"{pattern} matches binary logs that do not belong together"
        raise RestoreFailed("binary-logs-mixed", what, why=f"their names begin with {', '.join(sorted(bases))}")
    return LogSeries(store=store, logs=tuple(logs))


@contextmanager
def opened(store: Store, log: Log) -> Iterator[tuple[StoredObject, BinaryIO]]:
    """Open a log as it is now: the one that its server is writing has grown since it was found.

    Raises:
        RestoreFailed: it is gone.
        Unverifiable: the store cannot be read.
    """
    with ExitStack() as stack:
        for attempt in itertools.count(1):
            now = store.stat(log.found.location)
            try:
                stream = stack.enter_context(store.open(now))
                break
            except RestoreFailed as error:
                if error.code != "backup-changed" or attempt == _OPEN_ATTEMPTS:
                    raise
        yield now, stream
