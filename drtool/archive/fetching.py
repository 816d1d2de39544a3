"""Fetches the evidence out of an archive: of each object the version that was stored first, whatever came after it.

What is in a bucket was put there by somebody: names, numbers and sizes are bounded, and no name becomes a path unless
it is one that drtool gives.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from drtool.archive.bucket import CONNECTIONS, Bucket, Unreadable, Version
from drtool.archive.keeping import LINE_LIMIT_BYTES, OBJECT_LIMIT
from drtool.archive.layout import LEDGER, DrillFile, LedgerLine, Part, part
from drtool.audit.problems import Problem, failed, unverified
from drtool.errors import Unverifiable
from drtool.evidence import chain, folder, ledger
from drtool.host import plain
from drtool.host.plain import visible
from drtool.times import utc

TOTAL_LIMIT_BYTES = 8 << 30
"""What the evidence in an archive may have at most, all together; that of a drill has some hundred kilobytes."""

_NAMED = 20  # of a kind of problem; how many more there are is said in one sentence
_BATCH = 256


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An object as it was stored first.

    Attributes:
        version: that version.
        part: of the evidence; it has that very content.
        mode: of its retention; None where none is to be seen.
        until: the end of its retention, UTC; None where none is to be seen.
    """

    version: Version
    part: Part
    mode: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What was found in an archive: the parts of the evidence, and what is wrong with the objects themselves."""

    stored: tuple[Stored, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def fetch(bucket: Bucket, reports: Path) -> Fetched:
    """Fetch the evidence into an empty folder, laid out as a reports folder.

    Raises:
        Unverifiable: the archive cannot be read, has more than drtool reads, or nothing in it may be read.
    """
    found, problems, notes = _first_versions(bucket)
    content: dict[LedgerLine, bytes] = {}
    stored: list[Stored] = []
    refused = 0
    pool = ThreadPoolExecutor(CONNECTIONS)
    try:
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            for one, outcome in zip(batch, pool.map(lambda one: _fetched(bucket, reports, one), batch), strict=True):
                if isinstance(outcome, Unreadable):
                    refused += outcome.refused
                    what = f"cannot be read: {visible(outcome.said)}"
                    problems.append(_of(one.part, unverified, "archive-object-unreadable", what))
                    continue
                line, now = outcome
                stored.append(now)
                if isinstance(one.part, LedgerLine):
                    content[one.part] = line
    finally:
        pool.shutdown(cancel_futures=True)
    if refused and not stored:
        mend = "Give the key the permissions that docs/security.md lists for auditors"
        raise Unverifiable("archive-unreachable", f"None of the objects in {bucket.location} may be read", mend=mend)
    problems += _write_ledger(reports, content, {one.part: one.version.stored_at for one in stored})
    return Fetched(stored=tuple(stored), problems=tuple(problems), notes=tuple(notes))


def _first_versions(bucket: Bucket) -> tuple[list[Stored], list[Problem], list[str]]:
    """Return of each object of the evidence the version that was stored first, and what else there is."""
    found: list[Stored] = []
    problems: list[Problem] = []
    foreign: list[str] = []
    again = total_bytes = 0
    for key, versions in _by_key(bucket):
        contents = [one for one in versions if not one.is_delete_marker]
        if (which := part(key)) is None:
            is_folder = key == "" or key.endswith("/")  # consoles put an empty object where they show a folder
            if not (is_folder and all(one.size_bytes == 0 for one in versions)):
                foreign.append(key)
            continue
        if markers := [one for one in versions if one.is_delete_marker]:
            what = f"was deleted at {utc(max(one.stored_at for one in markers))}"
            what += "; what was stored first is audited" if contents else ", and no version of it is left"
            problems.append(_of(which, failed, "archive-deleted", what))
        if not contents:
            continue
        first, later = contents[-1], contents[:-1]
        others = [one for one in later if (one.etag, one.size_bytes) != (first.etag, first.size_bytes)]
        again += bool(later) and not others
        if others:
            times = "once" if len(others) == 1 else f"{len(others)} times"
            what = f"was overwritten {times}, first at {utc(others[-1].stored_at)}"
            problems.append(_of(which, failed, "archive-overwritten", f"{what}; what was stored first is audited"))
        if first.size_bytes > _limit_bytes(which):
            what = f"is too large to be read ({first.size_bytes / 2**20:.0f} MiB)"
            problems.append(_of(which, failed, "archive-object-too-large", what))
            continue
        total_bytes += first.size_bytes
        if total_bytes > TOTAL_LIMIT_BYTES:
            raise bucket.too_much(f"more than {TOTAL_LIMIT_BYTES >> 30} GiB")
        found.append(Stored(version=first, part=which))
    problems += _foreign(foreign)
    notes = [f"{again} objects were stored more than once with the same content, which does no harm."] if again else []
    return found, problems, notes


def _by_key(bucket: Bucket) -> Iterator[tuple[str, list[Version]]]:
    """Yield the versions of each key, the newest first."""
    # Versions and delete markers of a page come apart from each other, so all of a key are gathered first.
    keys: dict[str, list[Version]] = {}
    for number, version in enumerate(bucket.versions(), start=1):
        if number > OBJECT_LIMIT:
            raise bucket.too_much(f"more than {OBJECT_LIMIT:,} versions of objects")
        keys.setdefault(version.key, []).append(version)
    yield from sorted(keys.items())


def _fetched(bucket: Bucket, reports: Path, one: Stored) -> tuple[bytes, Stored] | Unreadable:
    """Fetch an object: a line of the ledger is returned, a file is written."""
    try:
        if isinstance(one.part, LedgerLine):
            line = io.BytesIO()
            lock = bucket.fetch(one.version, line, limit_bytes=LINE_LIMIT_BYTES)
            return line.getvalue(), replace(one, mode=lock.mode, until=lock.until)
        path = reports / one.part.drill_id / one.part.name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("xb") as into:
            try:
                lock = bucket.fetch(one.version, into, limit_bytes=_limit_bytes(one.part))
            except Unreadable:
                path.unlink()  # or what came of it would pass for the file
                raise
    except Unreadable as error:
        return error
    except FileExistsError:  # on a file system for which two names of a bucket are one
        return Unreadable("its name differs from another one in capitals alone")
    except OSError as error:
        what = f"The archive's evidence cannot be written to {reports}"
        raise Unverifiable("no-room", what, why=error.strerror or str(error)) from error
    return b"", replace(one, mode=lock.mode, until=lock.until)


def _write_ledger(reports: Path, content: Mapping[LedgerLine, bytes], stored: Mapping[Part, datetime]) -> list[Problem]:
    """Put the ledger's lines together, and return what does not add up; gaps and all else is for the audit to find."""
    problems: list[Problem] = []
    by_number: dict[int, list[LedgerLine]] = {}
    for line, found in content.items():
        if chain.digest(found) != line.digest or found.count(b"\n") != 1 or not found.endswith(b"\n"):
            what = "is not the line of the ledger that its name stands for"
            problems.append(_of(line, failed, "archive-ledger-line-changed", what))
        else:
            by_number.setdefault(line.sequence, []).append(line)
    written, previous = b"", chain.FIRST_PREVIOUS
    for number, lines in sorted(by_number.items()):
        if len(lines) > 1:
            heads = ", ".join(sorted(line.digest[:12] for line in lines))
            what = f"has {len(lines)} lines {number} ({heads}): the history was rebuilt, or is that of two folders"
            problems.append(failed("archive-ledger-forked", f"{LEDGER}/", what))
        follows = {line for line in lines if (entry := chain.decode(content[line])) and entry.previous == previous}
        chosen = min(lines, key=lambda line: (line not in follows, stored[line]))
        written += content[chosen]
        previous = chosen.digest
    if written:
        (reports / ledger.NAME).write_bytes(written)
    return problems


def _foreign(keys: Sequence[str]) -> list[Problem]:
    what = "is no object of an archive: it does not belong there"
    named = [failed("archive-object-unknown", visible(key[:200]), what) for key in keys[:_NAMED]]
    more = len(keys) - len(named)
    what = f"holds {more:,} more objects that do not belong there"
    return [*named, *([failed("archive-object-unknown", "the archive", what)] if more else [])]


def _limit_bytes(which: Part) -> int:
    if isinstance(which, LedgerLine):
        return LINE_LIMIT_BYTES
    return plain.DOCUMENT_LIMIT_BYTES if which.name == folder.RECORD else plain.LIMIT_BYTES


def _of(which: Part, effect: Callable[..., Problem], code: str, what: str) -> Problem:
    return effect(code, which.key, what, drill_id=which.drill_id if isinstance(which, DrillFile) else None)
