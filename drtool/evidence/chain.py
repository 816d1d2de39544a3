"""The ledger's lines: how each is written, and whether each follows from the one before.

`ledger.jsonl` holds one JSON object a line. Entry N stands on line N and holds `previous`, the SHA-256 of the
exact bytes of line N-1, its newline included; so that `tail -n 1 ledger.jsonl | sha256sum` is the head, with
nothing but coreutils. The first entry's `previous` is 64 zeros.

A write that did not end (a crash, a full disk) leaves a torn line. It is never rewritten: the next append ends it
and names it in a `note`. Only what can be the beginning of the entry that belonged there passes for torn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec

from drtool.errors import Unverifiable
from drtool.record.model import compact
from drtool.record.verdicts import Verdict

LONGEST_TIME_LIMIT = timedelta(days=30)
"""What a drill may take at most; whatever else the ledger says, one that has not ended by then never will."""

FIRST_PREVIOUS = "0" * 64

_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    previous: _Digest
    sequence: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    at: _Instant


class StartLine(_Line, frozen=True, kw_only=True, tag="start"):
    """A drill begins."""

    drill_id: str
    scenario: str
    operator: str
    host: str
    time_limit_seconds: Annotated[float, msgspec.Meta(ge=0, le=1e9)]
    process: str


class EndLine(_Line, frozen=True, kw_only=True, tag="end", omit_defaults=True):
    """A drill has its verdict and its report, and what was made of the report once it was signed."""

    drill_id: str
    verdict: Verdict
    report_sha256: _Digest
    interrupted: bool
    enclosed: dict[str, _Digest] = {}


class NoteLine(_Line, frozen=True, kw_only=True, tag="note"):
    """Lines before this one were torn."""

    torn_lines: tuple[int, ...]
    text: str


AnyLine = StartLine | EndLine | NoteLine

_EVENTS = ("start", "end", "note")
_decoder = msgspec.json.Decoder(AnyLine)
_any_decoder = json.JSONDecoder(parse_int=str)


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """One entry of the ledger; instants are UTC.

    Attributes:
        hash: the SHA-256 of its line, by which the next entry names it.
        enclosed: the SHA-256 in hex of each file that was made of the signed report: a time-stamp, a statement.
    """

    sequence: int
    previous: str
    hash: str
    event: Literal["start", "end", "note"]
    at: datetime
    drill_id: str = ""
    scenario: str | None = None
    operator: str | None = None
    host: str | None = None
    time_limit_seconds: float | None = None
    process: str | None = None
    verdict: Verdict | None = None
    report_sha256: str | None = None
    interrupted: bool = False
    torn_lines: tuple[int, ...] = ()
    enclosed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Break:
    """A place where the chain does not hold: a stable code, the line, and what is wrong, to follow "line N"."""

    code: str
    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A ledger as it was read.

    Attributes:
        entries: what could be read, in order.
        breaks: where the chain does not hold.
        torn: the numbers of lines whose write did not end.
        hashes: the hashes of all lines.
    """

    entries: tuple[LedgerEntry, ...]
    breaks: tuple[Break, ...]
    torn: tuple[int, ...]
    hashes: tuple[str, ...] = field(repr=False)

    @property
    def head(self) -> LedgerEntry | None:
        """The newest entry."""
        return self.entries[-1] if self.entries else None


def encode(line: AnyLine) -> bytes:
    """Return a line's bytes, its newline included; `event`, `previous` and `sequence` come first, for `is_torn`.

    Raises:
        Unverifiable: no reader would take the line.
    """
    content = compact(line) + b"\n"
    if decode(content) is None:  # encoding checks nothing
        raise Unverifiable("entry-unfit", f"No ledger takes this entry: {content[:200]!r}")
    return content


def decode(content: bytes) -> LedgerEntry | None:
    """Read a line, with or without its newline; None when it is no entry."""
    try:
        line = _decoder.decode(content)
        at = line.at.astimezone(UTC)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
        return None
    values = {name: getattr(line, name) for name in line.__struct_fields__ if name != "text"}
    return LedgerEntry(**values | {"hash": digest(content), "event": line.__struct_config__.tag, "at": at})


def digest(content: bytes) -> str:
    """Return a line's hash; a newline that is still missing counts as if it were there."""
    return hashlib.sha256(content if content.endswith(b"\n") else content + b"\n").hexdigest()


def is_torn(content: bytes, previous: str, sequence: int) -> bool:
    """Tell whether a line is the beginning of the entry that belonged there.

    After a power cut the rest of a block may be zeros (the size reached the disk, the bytes did not). What is whole and
    yet no entry that a reader takes was not torn.
    """
    body = content.rstrip(b"\n").rstrip(b"\0")
    beginnings = (f'{{"event":"{event}","previous":"{previous}","sequence":{sequence},' for event in _EVENTS)
    fits = any(body.startswith(one.encode()) or one.encode().startswith(body) for one in beginnings)
    return (
        fits
        and content not in (b"", b"\n")
        and decode(content) is None
        and (decode(body) is not None or not _begins_whole(body))
    )


def _begins_whole(body: bytes) -> bool:
    """Tell whether a line begins with a whole JSON object, whatever stands in it and after it."""
    try:
        _any_decoder.raw_decode(body.decode("utf-8", "replace"))
    except json.JSONDecodeError:
        return False
    except RecursionError:
        pass
    return True


def split(content: bytes) -> list[bytes]:
    """Return a ledger's lines with their newlines; the last may lack its own."""
    *ended, rest = content.split(b"\n")
    return [line + b"\n" for line in ended] + ([rest] if rest else [])


def read(content: bytes) -> Chain:
    """Read a whole ledger and check that each line follows from the one before."""
    entries: list[LedgerEntry] = []
    breaks: list[Break] = []
    torn: list[int] = []
    hashes: list[str] = []
    run: dict[int, int] = {}  # lines that may be torn, by their entry's number; the next entry tells
    previous, expected = FIRST_PREVIOUS, 1
    for number, line in enumerate(split(content), start=1):
        entry = decode(line)
        if entry is None:
            if is_torn(line, previous, expected):
                run[expected] = number
            else:
                breaks.append(_unreadable(number))
            expected += 1
        else:
            if entry.event == "note" and run.keys() <= set(entry.torn_lines):
                torn += run.values()
            else:
                breaks += [_unreadable(one) for one in run.values()]
            run = {}
            broken = _follows(entry, previous, expected, number)
            breaks += [broken] if broken else []
            entries.append(entry)
            expected = entry.sequence + 1
        previous = digest(line)
        hashes.append(previous)
    return Chain(
        entries=tuple(entries), breaks=tuple(breaks), torn=(*torn, *run.values()), hashes=tuple(hashes)
    )  # fmt: skip


def _follows(entry: LedgerEntry, previous: str, expected: int, number: int) -> Break | None:
    if entry.sequence > expected:
        gone = entry.sequence - expected
        lines = "one line before it was" if gone == 1 else f"{gone} lines before it were"
        text = f"holds entry {entry.sequence} where entry {expected} belongs: {lines} removed"
        return Break(code="ledger-entry-removed", line=number, text=text)
    if entry.sequence < expected:
        text = f"holds entry {entry.sequence} where entry {expected} belongs: lines were moved, repeated or put in"
        return Break(code="ledger-entry-moved", line=number, text=text)
    if entry.previous != previous:
        why = f"line {number - 1} was changed after it was written" if number > 1 else "lines before it were removed"
        text = f"does not follow from what stands before it: {why}"
        return Break(code="ledger-entry-changed", line=number, text=text)
    return None


def _unreadable(number: int) -> Break:
    return Break(code="ledger-line-unreadable", line=number, text="is no entry of a ledger: it was changed or damaged")
