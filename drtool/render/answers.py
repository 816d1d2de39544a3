"""What a reader asks of a record first, worked out once for every rendering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from drtool.amounts import count, format_size
from drtool.backups.naming import folder_and_name
from drtool.record.backups import BackupRead, Candidate
from drtool.record.model import DrillRecord
from drtool.record.recovery import Evidence
from drtool.record.recovery_point import CONTRADICTION_SECONDS
from drtool.record.steps import Step
from drtool.record.verdicts import Check, Effect, Finding, Verdict
from drtool.times import format_duration

_NOT_DESTROYED = "not-destroyed"


class Restored(StrEnum):
    """What became of a backup that the drill looked at."""

    WHOLE = "restored"
    IN_PART = "restored with faults"
    NOT = "not restored"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """A backup and what became of it; `age_seconds` is how long before the disaster it was last written."""

    backup: BackupRead
    outcome: Restored
    age_seconds: float


def restorations(record: DrillRecord) -> tuple[Restoration, ...]:
    """Return what became of each backup.

    What came back has evidence of its recovery point, be it only the store's record: that is entered as soon as a
    restore has ended, and for nothing else.
    """
    came_back = {entry.resource for entry in record.rpo.evidence}
    faulty = {found.resource for found in record.findings if found.effect is Effect.FAILED}
    faulty |= {check.resource for check in record.checks if check.outcome is Verdict.FAILED}
    rejected = {one.location for one in record.rejected}

    def outcome(location: str, resource: str) -> Restored:
        if location in rejected and not resource:
            return Restored.REJECTED
        if not resource or resource not in came_back:
            return Restored.NOT
        return Restored.IN_PART if resource in faulty else Restored.WHOLE

    return tuple(
        Restoration(
            backup=backup,
            outcome=outcome(backup.location, backup.resource),
            age_seconds=(record.disaster_at - backup.modified_at).total_seconds(),
        )
        for backup in record.backups
    )


@dataclass(frozen=True, kw_only=True)
class CheckTally:
    """How many checks came to what."""

    passed: int
    failed: int
    unverified: int

    @classmethod
    def of(cls, checks: Sequence[Check]) -> CheckTally:
        """Count the checks."""
        outcomes = [check.outcome for check in checks]
        passed, failed = outcomes.count(Verdict.PASSED), outcomes.count(Verdict.FAILED)
        return cls(passed=passed, failed=failed, unverified=outcomes.count(Verdict.UNVERIFIED))

    def __str__(self) -> str:
        counted = ((self.passed, "passed"), (self.failed, "failed"), (self.unverified, "could not run"))
        return ", ".join(f"{number} {word}" for number, word in counted if number) or "none ran"


def open_checks(record: DrillRecord) -> list[Check]:
    """Return the checks that did not pass, the failed ones first."""
    order = (Verdict.FAILED, Verdict.UNVERIFIED)
    return [check for outcome in order for check in record.checks if check.outcome is outcome]


def findings(record: DrillRecord) -> list[Finding]:
    """Return the findings, those that decide the verdict first."""
    order = (Effect.FAILED, Effect.UNVERIFIED, Effect.WARNING)
    return sorted(record.findings, key=lambda found: order.index(found.effect))


def evidence(record: DrillRecord) -> list[Evidence]:
    """Return all evidence for the recovery point, by resource, the most trustworthy first."""
    order = list(dict.fromkeys(one.resource for one in record.rpo.evidence))
    return sorted(record.rpo.evidence, key=lambda one: (order.index(one.resource), one.rank))


def used_evidence(record: DrillRecord) -> Evidence | None:
    """Return the piece of evidence that the recovery point of the whole drill comes from."""
    point = record.rpo.recovery_point
    return next((one for one in record.rpo.evidence if one.used and one.recovery_point == point), None)


def beside_the_used(record: DrillRecord, entry: Evidence) -> str:
    """Return in words how far a piece of evidence is from the one used for its resource.

    Empty for the one used, and where the two agree to a minute.
    """
    used = next((one for one in record.rpo.evidence if one.used and one.resource == entry.resource), None)
    if used is None or used is entry:
        return ""
    later = (entry.recovery_point - (used.latest or used.recovery_point)).total_seconds()
    earlier = (used.recovery_point - (entry.latest or entry.recovery_point)).total_seconds()
    if max(later, earlier) <= CONTRADICTION_SECONDS:
        return ""
    return f"{format_duration(max(later, earlier))} {'later' if later > earlier else 'earlier'} than the one used"


def between_steps_seconds(record: DrillRecord) -> float | None:
    """Return how much of the recovery time went by between its steps, in the scenario's own code.

    None where there is no recovery time, and where steps overlap, so that their sum says nothing of it.
    """
    if (measured := record.rto.measured_seconds) is None:
        return None
    rest = measured - sum(step.elapsed_seconds for step in record.steps if step.counted)
    return None if _overlap(record.steps) else max(0.0, rest)


def _overlap(steps: Sequence[Step]) -> bool:
    counted = sorted((step for step in steps if step.counted), key=lambda step: step.offset_seconds)
    ends = [step.offset_seconds + step.elapsed_seconds for step in counted]
    return any(later.offset_seconds < end for end, later in zip(ends, counted[1:], strict=False))


class Remains(StrEnum):
    """What is left of the sandbox, which holds restored data."""

    NONE_MADE = "none was made"
    TAKEN = "gone before it was to be removed, and a look afterwards found nothing left"
    GONE = "removed, and a look afterwards found nothing left"
    KEPT = "kept on request"
    LEFT = "still there after the removal"
    UNSEEN = "could not be removed or looked at"


def remains(record: DrillRecord) -> Remains:
    """Return what is left of the sandbox, as far as was seen."""
    gone = record.destruction
    if gone.kept_on_request:
        return Remains.KEPT
    if gone.left:
        return Remains.LEFT
    made = record.sandbox is not None and bool(record.sandbox.containers)
    if gone.looked_at is not None:
        return Remains.GONE if gone.removed else Remains.TAKEN if made else Remains.NONE_MADE
    return Remains.UNSEEN if made or any(one.code == _NOT_DESTROYED for one in record.findings) else Remains.NONE_MADE


def losses_in_sum(record: DrillRecord) -> str:
    """Return in words what is missing, extra and changed over all tables and folders."""
    sums = (
        (sum(loss.missing for loss in record.losses), "missing"),
        (sum(loss.extra for loss in record.losses), "extra"),
        (sum(loss.changed for loss in record.losses), "changed"),
    )
    found = ", ".join(f"{number:,} {word}" for number, word in sums if number)
    differing = sum(bool(loss.missing or loss.extra or loss.changed) for loss in record.losses)
    where = count(differing, "table or folder", "tables and folders")
    return f"{found} in {where}" if found else "nothing missing, extra or changed in all that was compared"


def projection_in_words(record: DrillRecord) -> str:
    """Return what the recovery time would be at production's size, where a sample was restored; else nothing."""
    if (reckoned := record.projection) is None:
        return ""
    sizes = ", ".join(f"{resource} {format_size(size)}" for resource, size in reckoned.production_bytes.items())
    objective = record.rto.objective_seconds
    beyond = ", beyond the objective" if objective is not None and reckoned.actual_seconds > objective else ""
    time = format_duration(reckoned.actual_seconds)
    return f"A sample was restored; at production's size ({sizes}) it would take {time}{beyond}: reckoned, not measured"


def shared_folder(candidates: Sequence[Candidate]) -> str:
    """Return the folder that all these backups lie in, with its slash, or nothing where they lie in several."""
    folders = {folder_and_name(one.location)[0] for one in candidates}
    return folders.pop() if len(folders) == 1 else ""
