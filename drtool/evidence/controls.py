"""Which drills are evidence for which control."""

from __future__ import annotations

from collections.abc import Iterable

from drtool.evidence.result import AuditedDrill, Control, State


def claimed(drills: Iterable[AuditedDrill]) -> tuple[Control, ...]:
    """Return every control that an intact report claims, in the order of their names.

    Args:
        drills: what was looked at, the oldest first.
    """
    by_name: dict[str, list[AuditedDrill]] = {}
    for drill in drills:
        for name in dict.fromkeys(drill.report.controls if drill.report else ()):
            by_name.setdefault(name, []).append(drill)
    return tuple(_control(name, found) for name, found in sorted(by_name.items()))


def _control(name: str, found: list[AuditedDrill]) -> Control:
    passed = [drill for drill in found if drill.state is State.PASSED]
    last = max(passed, key=lambda drill: drill.started_at, default=None)
    return Control(
        control=name,
        drills=tuple(drill.drill_id for drill in found),
        passed=len(passed),
        last_passed=last.drill_id if last else None,
        last_passed_at=last.started_at if last else None,
    )
