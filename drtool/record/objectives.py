"""RTA and verdicts: pure arithmetic, no clock is read here. The RPA has a file of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from drtool.record.recovery import Projection, Rpo, Rto
from drtool.record.steps import RECOVERY_PHASES, Phase, Step
from drtool.record.verdicts import Check, Effect, Finding, Verdict
from drtool.times import format_both, format_duration


def counted_phases(*, includes_checks: bool) -> frozenset[Phase]:
    """Return the phases whose steps count toward the RTA."""
    return RECOVERY_PHASES | {Phase.VERIFY} if includes_checks else RECOVERY_PHASES


def rta_seconds(steps: Sequence[Step], disaster_offset_seconds: float) -> float | None:
    """Return the measured recovery time in seconds, or None when no recovery step ran.

    It runs from the disaster (an offset on the drill's monotonic clock) to the end of the last step that counts,
    whether or not that ended well: of a recovery that failed it is the time for which it was tried.
    What lies between but does not count (checks made early, the drill's own preparation) is taken off. Checks count
    where the scenario says so, and where they rejected a backup: to find that out belongs to the recovery.
    Time in the scenario's own code between steps counts: a person's runbook would spend it too. So does a check
    that runs while a recovery step does, since the recovery was going on.
    """
    recovery = [_span(step) for step in steps if step.counted]
    if not any(step.phase in RECOVERY_PHASES for step in steps):
        return None
    end = max(stop for _, stop in recovery)
    pauses = [_span(step) for step in steps if not step.counted]
    rests = _merged((max(start, disaster_offset_seconds), min(stop, end)) for start, stop in pauses)
    at_work = sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in rests for b in _merged(recovery))
    return end - disaster_offset_seconds - (sum(stop - start for start, stop in rests) - at_work)


def project_rta(
    steps: Sequence[Step], actual_seconds: float, sample_bytes: Mapping[str, int], production_bytes: Mapping[str, int]
) -> Projection | None:
    """Reckon what the RTA would be at production's size, where a drill restored samples; None where it did not.

    Fetching, restoring and replaying are taken to grow in proportion to the backup's size, all else to stay as it is.

    Args:
        steps: of the drill.
        actual_seconds: the RTA, its allowance included.
        sample_bytes: for each resource, the size of the backup that was restored.
        production_bytes: for each resource that was restored from a sample, the size of production's backup.
    """
    if not production_bytes:
        return None
    growing = {Phase.FETCH, Phase.RESTORE, Phase.REPLAY}
    more = 0.0
    for resource, size in production_bytes.items():
        spent = sum(step.elapsed_seconds for step in steps if step.resource == resource and step.phase in growing)
        more += spent * (size / max(1, sample_bytes[resource]) - 1)
    return Projection(
        production_bytes=dict(production_bytes),
        actual_seconds=actual_seconds + more,
        assumption="fetching, restoring and replaying grow in proportion to the backup's size, all else stays as it is",
    )


def judge_rto(
    *,
    objective_seconds: float | None,
    measured_seconds: float | None,
    allowance_seconds: float,
    includes_checks: bool,
    judged: bool,
    recovered: bool,
    broken: bool,
) -> Rto:
    """Hold the measured recovery time against its objective.

    Args:
        objective_seconds: the RTO, or None when there is none.
        measured_seconds: from `rta_seconds`; without `recovered`, how long the recovery was tried.
        allowance_seconds: added for what a drill cannot exercise.
        includes_checks: for the record.
        judged: false when the profile's time proves nothing of production's.
        recovered: whether every recovery step that the scenario asks for has ended well.
        broken: whether a backup did not restore.
    """
    spent = None if measured_seconds is None else measured_seconds + allowance_seconds

    def result(verdict: Verdict | None, reason: str) -> Rto:
        return Rto(
            objective_seconds=objective_seconds,
            actual_seconds=spent if recovered else None,
            measured_seconds=measured_seconds if recovered else None,
            allowance_seconds=allowance_seconds,
            includes_checks=includes_checks,
            verdict=verdict,
            reason=reason,
        )

    if objective_seconds is None:
        return result(None, "no objective was set")
    if broken:
        target = format_duration(objective_seconds)
        return result(Verdict.FAILED, f"RTO missed: a backup did not restore, against an objective of {target}")
    if spent is None:
        return result(Verdict.UNVERIFIED, "nothing was recovered, so there is no recovery time")
    time, target = format_both(spent, objective_seconds)
    if not recovered:
        if judged and spent > objective_seconds:
            return result(Verdict.FAILED, f"RTO missed: not recovered after {time}, against an objective of {target}")
        return result(Verdict.UNVERIFIED, "the recovery did not end, so there is no recovery time")
    if not judged:
        return result(None, f"recovered in {time}; not judged, because the sandbox was tuned for speed")
    if spent > objective_seconds:
        return result(Verdict.FAILED, f"RTO missed: recovered in {time}, against an objective of {target}")
    return result(Verdict.PASSED, f"RTO met: recovered in {time}, against an objective of {target}")


def unsure_of_the_backup(rpo: Rpo, of_others: Rpo, guessed: Collection[str], *, broken: bool) -> Rpo:
    """Return the RPO as far as it can be judged of what may not be the newest backup: a newer one may not miss it.

    Args:
        rpo: of everything.
        of_others: of the resources of which the newest backup is known.
        guessed: those that were restored from a backup that may not be the newest.
        broken: whether a backup did not restore.
    """
    if not guessed or broken or rpo.verdict is not Verdict.FAILED:
        return rpo
    if of_others.verdict is Verdict.FAILED:
        return replace(rpo, reason=of_others.reason)
    which = f"which backup of {', '.join(guessed)} is the newest cannot be told"
    reason = f"RPO cannot be judged: {which}; of the one taken: {rpo.reason}"
    return replace(rpo, verdict=Verdict.UNVERIFIED, reason=reason)


def overall(
    rto: Rto,
    rpo: Rpo,
    checks: Sequence[Check],
    findings: Sequence[Finding],
    *,
    completed: bool,
    scopes: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Verdict, str]:
    """Return the drill's verdict and its reason, which begins with what alone was restored of a backup, if so."""
    verdict, reason = _judged(rto, rpo, checks, findings, completed=completed)
    scope = "; ".join(f"of {resource} only {only}" for resource, only in scopes.items())
    return verdict, f"{scope[:1].upper()}{scope[1:]}: {reason[:1].lower()}{reason[1:]}" if scope else reason


def _judged(
    rto: Rto, rpo: Rpo, checks: Sequence[Check], findings: Sequence[Finding], *, completed: bool
) -> tuple[Verdict, str]:
    """Return the drill's verdict and its reason in one sentence.

    `failed` if anything failed, else `unverified` if anything that was to be measured could not be, else
    `passed`; without one check of the restored data that ran, nothing was verified.
    """
    failed = [found.message for found in findings if found.effect is Effect.FAILED]
    failed += [goal.reason for goal in (rto, rpo) if goal.verdict is Verdict.FAILED]
    failed += [f"check failed: {check.name}" for check in checks if check.outcome is Verdict.FAILED]
    if failed:
        return Verdict.FAILED, _sentence(failed, findings)
    open_ends = [found.message for found in findings if found.effect is Effect.UNVERIFIED]
    open_ends += [f"check could not run: {one.name}" for one in checks if one.outcome is Verdict.UNVERIFIED]
    if not any(check.outcome is Verdict.PASSED for check in checks):
        open_ends.append("no check of the restored data ran")
    open_ends += [goal.reason for goal in (rto, rpo) if goal.verdict is Verdict.UNVERIFIED]
    if not completed:
        open_ends.append("the scenario did not run to its end")
    if open_ends:
        return Verdict.UNVERIFIED, _sentence(open_ends, findings)
    met = [goal.reason for goal in (rto, rpo) if goal.verdict is Verdict.PASSED]
    return Verdict.PASSED, _sentence([f"{len(checks)} of {len(checks)} checks passed", *met], every=True)


def _sentence(reasons: Sequence[str], findings: Sequence[Finding] = (), *, every: bool = False) -> str:
    """Join the first reasons, or every one, into a sentence; a finding's, perhaps a file's name, begins as it does."""
    reasons = [reason.rstrip(".") for reason in dict.fromkeys(reasons)]
    shown = reasons if every else reasons[:3]
    text = "; ".join(shown) + (f"; and {len(reasons) - len(shown)} more" if len(reasons) > len(shown) else "")
    as_it_is = text.startswith(tuple(found.message.rstrip(".") for found in findings))
    return f"{text if as_it_is else text[:1].upper() + text[1:]}."


def _span(step: Step) -> tuple[float, float]:
    return step.offset_seconds, step.offset_seconds + step.elapsed_seconds


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, stop in sorted(span for span in spans if span[1] > span[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged
