"""The ledger as an audit reads it: its chain, its drills, and what is wrong with them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from drtool.evidence import chain, history, ledger, plain
from drtool.evidence.chain import Entry
from drtool.evidence.history import LedgerDrill
from drtool.evidence.plain import NotPlain
from drtool.evidence.problems import Problem, failed


@dataclass
class LedgerRead:
    """A ledger that was read, with everything that is wrong with it."""

    chain: chain.Chain
    drills: list[LedgerDrill]
    problems: list[Problem]

    @cached_property
    def entries(self) -> dict[int, Entry]:
        """The entries by their number."""
        return {entry.sequence: entry for entry in self.chain.entries}


def read_until_settled(path: Path) -> tuple[LedgerRead, frozenset[str]]:
    """Read the ledger, and tell which open drills have lost their process.

    A drill may enter its end and leave between one look and the other; so where a process is gone the ledger is read
    once more, after which an end that is still missing will never come.
    """
    found = _read(path)
    gone = frozenset(drill.drill_id for drill in found.drills if drill.has_lost_its_process())
    return (_read(path) if gone else found), gone


def _read(path: Path) -> LedgerRead:
    content = b""
    problems = []
    try:
        content = plain.read(path, limit_bytes=plain.LIMIT_BYTES)
        if content and not content.endswith(b"\n"):
            time.sleep(0.1)  # perhaps somebody is just writing
            content = plain.read(path, limit_bytes=plain.LIMIT_BYTES)
    except NotPlain as error:
        if not error.missing:
            problems.append(failed("ledger-not-plain", ledger.NAME, str(error)))
    read = chain.read(content)
    drills, more = history.drills(read.entries)
    return LedgerRead(read, drills, [*problems, *history.breaks(read), *more])
