"""The recovery point and the RPO's verdict: evidence is weighed here, nothing is read.

Each piece of evidence says that the recovery point lies between two instants (which are one where it is exact).
The earlier counts as the RPA, for a loss must never be made out smaller than it is; the verdict is sure only where
both ends of the span, and the doubt about the clocks, say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from drtool.record.recovery import Evidence, Rpo
from drtool.record.verdicts import Verdict
from drtool.times import format_both, format_duration, utc

CONTRADICTION_SECONDS = 60.0
"""How far evidence of different sources may disagree before the report must speak of it."""

WITNESS_RANK = 1
REPLAYED_RANK = 2
_OWN_RECORD_RANK = 3
_STORE_RANK = 4


def judge_rpo(
    *,
    objective_seconds: float | None,
    disaster_at: datetime,
    evidence: Sequence[Evidence],
    restored: Sequence[str],
    recovered: bool,
    broken: bool,
    clock_doubt_seconds: float = 0.0,
) -> Rpo:
    """Hold the data loss in time against its objective.

    For each restored resource the best evidence counts: the lowest rank, and within it the latest point, since
    each witness proves that everything up to it was there. Over all resources the oldest point counts. A witness that
    was asked before binary logs were replayed speaks of what was there then, and counts no more.

    Args:
        objective_seconds: the RPO, or None when there is none.
        disaster_at: UTC.
        evidence: all that was found, in the order in which it was.
        restored: every resource that came back; each needs evidence.
        recovered: whether everything that the scenario asks for came back: what did not may be older still.
        broken: whether a backup did not restore.
        clock_doubt_seconds: how far the clocks that the times come from were found apart.
    """
    used = {name: best for name in restored if (best := _best(evidence, name, disaster_at))}
    marked = tuple(replace(entry, used=used.get(entry.resource) is entry) for entry in evidence)
    complete = bool(restored) and len(used) == len(set(restored)) and not broken
    bound = [name for name, entry in used.items() if entry.bound_only]
    point = min(entry.recovery_point for entry in used.values()) if complete and not bound else None
    latest = min(map(_latest, used.values())) if complete else None
    actual = max(0.0, (disaster_at - point).total_seconds()) if point else None

    def result(verdict: Verdict | None, reason: str) -> Rpo:
        return Rpo(
            objective_seconds=objective_seconds,
            actual_seconds=actual,
            recovery_point=point,
            verdict=verdict,
            reason=reason,
            evidence=marked,
        )

    if objective_seconds is None:
        return result(None, "no objective was set")
    if broken:
        target = format_duration(objective_seconds)
        return result(Verdict.FAILED, f"RPO missed: a backup did not restore, against an objective of {target}")
    if latest is None:
        without = ", ".join(name for name in restored if name not in used)
        why = f"no trustworthy evidence of the recovery point of {without}" if without else "nothing was restored"
        return result(Verdict.UNVERIFIED, why)
    if conflicts := contradictions(evidence):
        return result(Verdict.UNVERIFIED, f"the evidence of the recovery point contradicts itself: {conflicts[0]}")
    least = max(0.0, (disaster_at - latest).total_seconds() - clock_doubt_seconds)
    if actual is None:
        lost, target = format_both(least, objective_seconds)
        if least > objective_seconds:
            return result(Verdict.FAILED, f"RPO missed: {lost} of data lost or more, against an objective of {target}")
        known = f"nothing is known but that it was finished by {utc(latest)}, and it may be far older"
        return result(Verdict.UNVERIFIED, f"RPO cannot be judged: of {', '.join(bound)} {known}")
    most = actual + clock_doubt_seconds
    lost, target = format_both(actual, objective_seconds)
    if least > objective_seconds:
        return result(Verdict.FAILED, f"RPO missed: {lost} of data lost, against an objective of {target}")
    if most > objective_seconds:
        span = f"between {format_duration(least)} and {format_duration(most)}"
        why = f"{span} of data lost, against an objective of {target}; the evidence is no closer than that"
        return result(Verdict.UNVERIFIED, f"RPO cannot be judged: {why}")
    if not recovered:
        return result(Verdict.UNVERIFIED, "not everything was restored, so the oldest recovery point is not known")
    return result(Verdict.PASSED, f"RPO met: {lost} of data lost, against an objective of {target}")


def contradictions(evidence: Sequence[Evidence]) -> list[str]:
    """Return, in a sentence each, evidence that cannot be true together, so that none of it can be trusted.

    The store's record (rank 4) is an upper bound: data cannot be newer than the last change of the newest backup
    that it came out of. So is the backup's own record (rank 3), at its latest, of what nothing was replayed onto; of a
    file that was copied it alone is. That a bound is *later* than the other evidence is no contradiction but the rule,
    for a backup is finished some time after its recovery point. Evidence of a stronger kind that is more than a minute
    later means a wrong time zone, a wrong clock, or a witness that says something else.
    """
    found = []
    for entry in evidence:
        for bound in _bounds(evidence, entry.resource):
            ahead = (entry.recovery_point - _latest(bound)).total_seconds()
            if entry.rank < bound.rank and ahead > CONTRADICTION_SECONDS:
                done = (
                    "after the backup was last changed" if bound.rank == _STORE_RANK else "after the backup's own end"
                )
                found.append(
                    f"{entry.resource}: the {entry.source} says {utc(entry.recovery_point)}, which is "
                    f"{format_duration(ahead)} {done} ({bound.source})"
                )
                break
    return found


def finished_by(evidence: Sequence[Evidence], resource: str) -> datetime | None:
    """Return the instant after which nothing in a resource can be from, UTC; None where nothing says so."""
    return min(map(_latest, _bounds(evidence, resource)), default=None)


def best_record(evidence: Iterable[Evidence], resource: str) -> Evidence | None:
    """Return the best evidence of a resource but for what was seen in its data."""
    mine = [entry for entry in evidence if entry.resource == resource and entry.rank != WITNESS_RANK]
    return min(mine, key=_by_strength, default=None)


def _bounds(evidence: Sequence[Evidence], resource: str) -> list[Evidence]:
    """Return what bounds the age of a resource's data from above, one of a kind: of several backups the newest."""
    mine = [entry for entry in evidence if entry.resource == resource]
    ranks = [_STORE_RANK] if any(entry.rank == REPLAYED_RANK for entry in mine) else [_OWN_RECORD_RANK, _STORE_RANK]
    of_kinds = ([entry for entry in mine if entry.rank == rank] for rank in ranks)
    return [max(entries, key=_latest) for entries in of_kinds if entries]


def disagreements(evidence: Sequence[Evidence]) -> list[str]:
    """Return, in a sentence each, where stronger evidence lies more than a minute before weaker evidence.

    The stronger counts, and it may be right: on a quiet night the newest row is older than the backup. It may also
    mean yesterday's data under today's name, or a replica that had fallen behind. That a backup goes on for a while
    after its recovery point is the rule, and is not said; neither is what only says that it was finished by some time.
    """
    found = []
    for resource in dict.fromkeys(entry.resource for entry in evidence):
        mine = sorted(_standing(evidence, resource), key=lambda entry: entry.rank)
        best = max((entry for entry in mine if entry.rank == mine[0].rank), key=lambda entry: entry.recovery_point)
        for other in mine:
            behind = (other.recovery_point - _latest(best)).total_seconds()
            if other.rank > best.rank and not other.bound_only and behind > CONTRADICTION_SECONDS:
                found.append(
                    f"{resource}: the {best.source} puts it at {utc(best.recovery_point)}, which is "
                    f"{format_duration(behind)} before the recovery point by the {other.source}"
                )
                break
    return found


def _latest(entry: Evidence) -> datetime:
    return entry.latest or entry.recovery_point


def _standing(evidence: Iterable[Evidence], resource: str) -> list[Evidence]:
    """Return the evidence of a resource as it is now: what was seen in the data before a replay is outdated by it."""
    mine = [entry for entry in evidence if entry.resource == resource]
    replayed = max((place for place, entry in enumerate(mine) if entry.rank == REPLAYED_RANK), default=0)
    return [entry for place, entry in enumerate(mine) if entry.rank != WITNESS_RANK or place >= replayed]


def _best(evidence: Iterable[Evidence], resource: str, disaster_at: datetime) -> Evidence | None:
    """Return the best evidence of a resource, a bound as the last resort; what is newer than the disaster is none."""
    mine = [
        entry
        for entry in _standing(evidence, resource)
        if (entry.recovery_point - disaster_at).total_seconds() <= CONTRADICTION_SECONDS
    ]
    return min(mine, key=_by_strength, default=None)


def _by_strength(entry: Evidence) -> tuple[bool, int, float]:
    return entry.bound_only, entry.rank, -entry.recovery_point.timestamp()
