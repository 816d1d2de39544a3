"""The append-only list of all drills in a reports folder. Only the lines' shape is known elsewhere: see `chain`."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from drtool.errors import Unverifiable
from drtool.evidence import chain
from drtool.evidence.chain import AnyLine, LedgerEntry
from drtool.host.durable import lock, share, sync, unwritable
from drtool.host.owner import Owner
from drtool.record.verdicts import Verdict

NAME = "ledger.jsonl"

# An entry has some 400 bytes. What is read back before one is appended holds many of the longest that are allowed.
_LONGEST_LINE_BYTES = 8 * 1024
_TAIL_BYTES = 64 * 1024

_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # neither through a link nor waiting at a pipe


@dataclass(frozen=True)
class _Tail:
    """Where a ledger ends: its last entry, the torn lines after it, and what an appended line has to follow."""

    entry: LedgerEntry | None
    torn: tuple[int, ...]
    ended: bool
    previous: str
    sequence: int


class Ledger:
    """`ledger.jsonl` of a reports folder; it need not exist yet.

    Many processes may append at once. What is there is never changed, whatever state it is in.
    """

    def __init__(self, reports: Path) -> None:
        self.path = reports / NAME

    def start(
        self, *, drill_id: str, scenario: str, operator: str, host: str, time_limit_seconds: float, at: datetime
    ) -> LedgerEntry:
        """Enter that a drill of this process begins.

        Args:
            drill_id: the drill.
            scenario: the scenario's name.
            operator: who runs it.
            host: where.
            time_limit_seconds: after which it is stopped; by this and its process it is known to be abandoned.
            at: when it began, UTC.

        Raises:
            Unverifiable: the ledger cannot be written, or is not one that drtool wrote.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.path.parent, error) from error
        line = partial(
            chain.StartLine,
            drill_id=drill_id,
            scenario=scenario,
            operator=operator,
            host=host,
            time_limit_seconds=time_limit_seconds,
            process=str(Owner.this_process()),
        )
        return self._append(line, at, first=True)

    def end(
        self,
        *,
        drill_id: str,
        verdict: Verdict,
        report_sha256: str,
        interrupted: bool,
        at: datetime,
        enclosed: Mapping[str, str] | None = None,
    ) -> LedgerEntry:
        """Enter what a drill came to.

        Args:
            drill_id: the drill.
            verdict: its verdict.
            report_sha256: the digest of its `report.json`, in hex.
            interrupted: whether somebody stopped it.
            at: when it was over, UTC.
            enclosed: the digests in hex of the files that were made of the signed report.

        Raises:
            Unverifiable: the ledger cannot be written, or is not one that drtool wrote.
        """
        line = partial(
            chain.EndLine,
            drill_id=drill_id,
            verdict=verdict,
            report_sha256=report_sha256,
            interrupted=interrupted,
            enclosed=dict(enclosed or {}),
        )
        return self._append(line, at)

    def head(self) -> LedgerEntry | None:
        """Return the newest entry, or None when there is none.

        Raises:
            Unverifiable: the ledger cannot be read, or does not end as drtool ends it.
        """
        with self._opened_to_read() as handle:
            return self._tail(handle).entry if handle is not None else None

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return all entries, the oldest first. Whether each follows from the one before is for the audit.

        Raises:
            Unverifiable: the ledger cannot be read, or lines of it are no entries.
        """
        with self._opened_to_read() as handle:
            if handle is None:
                return ()
            found = chain.read(_read(handle, 0, os.fstat(handle).st_size))
        for broken in found.breaks:
            if broken.code == "ledger-line-unreadable":
                raise self._damaged(f"line {broken.line} {broken.text}")
        return found.entries

    def _append(self, make: Callable[..., AnyLine], at: datetime, *, first: bool = False) -> LedgerEntry:
        with self._opened_to_append(create=first) as handle:
            tail = self._tail(handle)
            previous, sequence = tail.previous, tail.sequence
            content = b"" if tail.ended else b"\n"
            if tail.torn:
                text = "The write of these lines did not end: a crash, or a full disk"
                torn = chain.NoteLine(previous=previous, sequence=sequence, at=at, torn_lines=tail.torn, text=text)
                note = chain.encode(torn)
                previous, sequence = chain.digest(note), sequence + 1
                content += note
            line = chain.encode(make(previous=previous, sequence=sequence, at=at))
            if len(line) > _LONGEST_LINE_BYTES:
                raise Unverifiable("entry-too-long", f"An entry of {len(line)} bytes does not go into the ledger")
            content += line
            while content:  # one write does; only a disk that is about to be full takes less, and the next one says so
                content = content[os.write(handle, content) :]
            os.fsync(handle)
        entry = chain.decode(line)
        assert entry is not None  # noqa: S101 (for the type checker: it was encoded here)
        return entry

    def _tail(self, handle: int) -> _Tail:
        """Return where the ledger ends, from its last bytes alone: appending must not slow down with its length."""
        size = os.fstat(handle).st_size
        from_byte = max(0, size - _TAIL_BYTES)
        lines = chain.split(_read(handle, from_byte, size - from_byte))
        if from_byte:
            lines = lines[1:]  # its beginning is cut off
        after: list[bytes] = []
        entry = None
        while lines and (entry := chain.decode(lines[-1])) is None:
            after.insert(0, lines.pop())
        if entry is None and from_byte:
            raise self._damaged("it does not end in an entry")
        previous = entry.hash if entry else chain.FIRST_PREVIOUS
        sequence = entry.sequence + 1 if entry else 1
        torn = []
        for line in after:
            if not chain.is_torn(line, previous, sequence):
                raise self._damaged("it does not end in an entry")
            torn.append(sequence)
            previous, sequence = chain.digest(line), sequence + 1
        ended = (after or lines or [b"\n"])[-1].endswith(b"\n")
        if entry and not after and not ended:
            torn.append(entry.sequence)  # all of it is there but the newline
        return _Tail(entry=entry, torn=tuple(torn), ended=ended, previous=previous, sequence=sequence)

    @contextmanager
    def _opened_to_append(self, *, create: bool) -> Iterator[int]:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | (os.O_CREAT if create else 0) | _FLAGS, 0o644)
        except OSError as error:
            raise self._refused(error) from error
        try:
            self._is_plain(handle)
            lock(handle, self.path)
            if os.fstat(handle).st_size == 0:
                sync(self.path.parent)  # or a crash could take the new file's name away again
            yield handle
        except OSError as error:
            raise unwritable(self.path, error) from error
        finally:
            os.close(handle)

    @contextmanager
    def _opened_to_read(self) -> Iterator[int | None]:
        try:
            handle = os.open(self.path, os.O_RDONLY | _FLAGS)
        except FileNotFoundError:
            yield None
            return
        except PermissionError as error:
            raise Unverifiable("ledger-unreadable", f"{self.path} may not be read by this account") from error
        except OSError as error:
            raise self._refused(error) from error
        try:
            self._is_plain(handle)
            share(handle)
            yield handle
        finally:
            os.close(handle)

    def _is_plain(self, handle: int) -> None:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise self._damaged("it is not a plain file")

    def _refused(self, error: OSError) -> Unverifiable:
        if self.path.is_symlink():
            return self._damaged("it is a symbolic link")
        return self._damaged("it is a folder") if self.path.is_dir() else unwritable(self.path, error)

    def _damaged(self, why: str) -> Unverifiable:
        return Unverifiable("ledger-damaged", f"{self.path} is not as drtool left it", why=why)


def _read(handle: int, offset: int, count: int) -> bytes:
    parts = []
    while count > 0 and (part := os.pread(handle, count, offset)):
        parts.append(part)
        offset, count = offset + len(part), count - len(part)
    return b"".join(parts)
