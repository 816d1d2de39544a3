"""What the process's exit code says; a CI job relies on these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from drtool.record.verdicts import Verdict

if TYPE_CHECKING:
    from drtool.record.model import DrillRecord

PASSED = 0
FAILED = 1
WRONG_USE = 2
UNVERIFIED = 3
INTERRUPTED = 130


def of(records: Iterable[DrillRecord], *, complete: bool = True) -> int:
    """Return the code for several drills: interrupted before failed before unverified before passed.

    Args:
        records: of the drills.
        complete: whether all the evidence that was asked for is there; where it is not, nothing has passed.
    """
    records = list(records)
    if any(record.interrupted for record in records):
        return INTERRUPTED
    code = of_verdicts(record.verdict for record in records)
    return UNVERIFIED if code == PASSED and not (records and complete) else code


def of_verdicts(verdicts: Iterable[Verdict | None]) -> int:
    """Return the code for several verdicts; what was not judged has none."""
    found = set(verdicts)
    return FAILED if Verdict.FAILED in found else UNVERIFIED if Verdict.UNVERIFIED in found else PASSED
