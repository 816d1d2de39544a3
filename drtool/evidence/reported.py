"""Takes from an intact report what an audit passes on of it."""

from __future__ import annotations

from drtool.evidence import folder
from drtool.evidence.result import Report, Target, WorstLoss
from drtool.record import DrillRecord, Rpo, Rto


def reported(record: DrillRecord) -> Report:
    """Return what a record says, as far as one needs it to look over many drills."""
    return Report(
        page=f"{record.drill_id}/{folder.PAGE}" if folder.PAGE in record.files else None,
        description=record.scenario_info.description,
        verdict=record.verdict,
        reason=record.reason,
        owner=record.owner,
        environment=record.environment,
        profile=record.profile,
        controls=record.controls,
        rto=_target(record.rto),
        rpo=_target(record.rpo),
        exposure=tuple(
            WorstLoss(
                of=one.series or one.pattern,
                worst_rpa_seconds=one.worst_rpa_seconds,
                worst_at=one.worst_at,
                objective_seconds=one.objective_seconds,
                verdict=one.verdict,
            )
            for one in record.exposure
        ),
        every_seconds=record.every_seconds,
        archive=record.archive,
    )


def _target(goal: Rto | Rpo) -> Target:
    return Target(objective_seconds=goal.objective_seconds, actual_seconds=goal.actual_seconds, verdict=goal.verdict)
