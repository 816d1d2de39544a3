"""Whether each scenario is drilled as often as it should be.

How often that is an auditor says, or else the scenario itself by its signed reports. Nobody gets round a drill that is
due by changing the script: a longer rhythm counts from the next drill that passes, and the audit mentions it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from drtool.audit.drills import LedgerDrill
from drtool.audit.problems import Problem, failed
from drtool.audit.result import AuditedDrill, ScenarioHistory
from drtool.host.plain import visible
from drtool.record.verdicts import Verdict
from drtool.times import format_duration, utc

AD_HOC = "verify"
"""The scenario that `drtool verify` makes for a backup; nobody has to drill it again."""


_SLACK_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True)
class PastDrill:
    """One drill, as far as the cadence is concerned; `state` is as in `AuditedDrill`.

    Attributes:
        read: whether its report was read and is intact.
        every_seconds: how often its scenario was to pass, as that report says.
    """

    scenario: str
    at: datetime
    state: str
    read: bool = False
    every_seconds: float | None = None


def last_passed_before(entered: Sequence[LedgerDrill], since: datetime | None) -> list[LedgerDrill]:
    """Return each scenario's last drill that passed, by the ledger, before a period: its report holds the rhythm."""
    if since is None:
        return []
    passed = [one for one in entered if one.end and one.end.verdict is Verdict.PASSED and one.start.at < since]
    return list({one.start.scenario: one for one in sorted(passed, key=lambda one: one.start.at)}.values())


def past_drills(
    entered: Sequence[LedgerDrill], looked_at: Iterable[AuditedDrill], until: datetime | None
) -> list[PastDrill]:
    """Return all drills up to an instant: by what was found, or by the ledger where nobody looked."""
    by_id = {drill.drill_id: drill for drill in looked_at}
    return [_past_drill(one, by_id.get(one.drill_id)) for one in entered if until is None or one.start.at <= until]


def histories(drilled: Iterable[PastDrill], names: Sequence[str] = ()) -> list[ScenarioHistory]:
    """Return each scenario's history in the order of their names.

    Args:
        drilled: all drills that count.
        names: the scenarios asked for, also those that were never drilled; all that were, where none is given.
    """
    by_name: dict[str, list[PastDrill]] = {name: [] for name in names}
    for one in drilled:
        if not names or one.scenario in names:
            by_name.setdefault(one.scenario, []).append(one)
    return [_history(name, sorted(found, key=lambda one: one.at)) for name, found in sorted(by_name.items())]


def judged(
    found: Iterable[ScenarioHistory],
    cadence: timedelta | None,
    at: datetime,
    *,
    asked: Sequence[str] = (),
    retired: Sequence[str] = (),
) -> list[ScenarioHistory]:
    """Return the scenarios with whether each is overdue: without a passed drill for longer than it should be.

    A drill that failed or could not be carried out shows no recovery, so it puts nothing off.

    Args:
        found: the scenarios.
        cadence: how often each should pass; None for what its own reports say.
        at: the instant to judge by, UTC.
        asked: scenarios that the cadence was asked of by name; else those of `drtool verify` are left out.
        retired: scenarios that nobody drills any more; they are left out.
    """
    return [
        replace(one, every_seconds=None)
        if one.scenario in retired or (cadence and one.scenario == AD_HOC and AD_HOC not in asked)
        else _judged(one, cadence, at)
        for one in found
    ]


def problems(judged: Iterable[ScenarioHistory], at: datetime) -> list[Problem]:
    """Return the scenarios that are overdue as problems of the evidence, as they were judged at an instant."""
    return [_overdue(one, at) for one in judged if one.overdue]


def loosened(drilled: Iterable[PastDrill]) -> list[str]:
    """Return a sentence for each time that a scenario was to be drilled less often than before, by its own reports.

    A drill that did not pass and says nothing of it may have had no script to take it from, so it is passed over.
    """
    by_name: dict[str, list[PastDrill]] = {}
    for one in sorted(drilled, key=lambda one: one.at):
        if one.read and (one.every_seconds or one.state == "passed"):
            by_name.setdefault(one.scenario, []).append(one)
    return [
        _loosened(name, earlier.every_seconds, later)
        for name, found in sorted(by_name.items())
        for earlier, later in pairwise(found)
        if earlier.every_seconds and (not later.every_seconds or later.every_seconds > earlier.every_seconds)
    ]


def late(drilled: Iterable[PastDrill], cadence: timedelta | None, *, asked: Sequence[str] = ()) -> list[str]:
    """Return a sentence for each time that a scenario passed later than it should have, though it has passed since.

    How often it should pass is what `judged` would have said then. A drill that starts some minutes late is not late.
    """
    by_name: dict[str, list[PastDrill]] = {}
    for one in sorted(drilled, key=lambda one: one.at):
        if one.scenario in asked or (one.scenario != AD_HOC and not asked):
            by_name.setdefault(one.scenario, []).append(one)
    told = []
    for name, found in sorted(by_name.items()):
        for before, after in pairwise(number for number, one in enumerate(found) if one.state == "passed"):
            every = cadence.total_seconds() if cadence else _own_rhythm(found[before:after])
            gap = (found[after].at - found[before].at).total_seconds()
            if every and gap > every + min(_SLACK_SECONDS, every / 10):
                passed = f"passed on {found[before].at:%Y-%m-%d} and then not before {found[after].at:%Y-%m-%d}"
                times = f"{format_duration(gap)} later, though it should pass every {format_duration(every)}"
                told.append(f"Scenario {visible(name)} {passed}, {times}.")
    return told


def _past_drill(one: LedgerDrill, found: AuditedDrill | None) -> PastDrill:
    scenario, at = one.start.scenario or "", one.start.at
    if found is None or found.intact is None:
        return PastDrill(scenario=scenario, at=at, state=str(one.end.verdict) if one.end else "open")
    if not found.intact:
        return PastDrill(scenario=scenario, at=at, state="not intact")
    every = found.report.every_seconds if found.report else None
    return PastDrill(
        scenario=scenario,
        at=at,
        state=str(found.state),
        read=found.report is not None,
        every_seconds=every if every and every > 0 else None,
    )


def _judged(one: ScenarioHistory, cadence: timedelta | None, at: datetime) -> ScenarioHistory:
    if (every := cadence.total_seconds() if cadence else one.every_seconds) is None:
        return one
    # By its own rhythm a scenario that has not passed yet has as long as any other, from its first drill on.
    since = one.last_passed_at or (None if cadence else one.first_at)
    return replace(
        one,
        every_seconds=every,
        due_at=_later(since, every) if since else None,
        overdue=since is None or (at - since).total_seconds() > every,
    )


def _later(since: datetime, seconds: float) -> datetime | None:
    try:
        return since + timedelta(seconds=seconds)
    except OverflowError:
        return None  # longer than there are dates


def _overdue(one: ScenarioHistory, at: datetime) -> Problem:
    last, back = "never passed a drill", ""
    if one.last_passed_at:
        last = f"last passed on {one.last_passed_at:%Y-%m-%d}"
        back = f", {format_duration((at - one.last_passed_at).total_seconds())} back"
    what = f"is overdue: it {last}{back}, and should pass every {format_duration(one.every_seconds or 0.0)}"
    return failed("overdue", f"Scenario {visible(one.scenario)}", what)


def _loosened(name: str, before_seconds: float, later: PastDrill) -> str:
    now = f"every {format_duration(later.every_seconds)}" if later.every_seconds else "and does not say how often"
    since = f"is to be drilled {now} since its drill of {utc(later.at)}"
    return f"Scenario {visible(name)} {since}; before that it was every {format_duration(before_seconds)}."


def _history(name: str, found: Sequence[PastDrill]) -> ScenarioHistory:
    passed = [one.at for one in found if one.state == "passed"]
    return ScenarioHistory(
        scenario=name,
        drills=len(found),
        passed=len(passed),
        failed=sum(one.state == "failed" for one in found),
        first_at=found[0].at if found else None,
        last_at=found[-1].at if found else None,
        last_passed_at=passed[-1] if passed else None,
        longest_gap_seconds=max(((later - one).total_seconds() for one, later in pairwise(passed)), default=None),
        every_seconds=_own_rhythm(found),
    )


def _own_rhythm(found: Sequence[PastDrill]) -> float | None:
    """Return how often a scenario should pass by its reports: the last that passed, or a later one that says less."""
    last = max((number for number, one in enumerate(found) if one.state == "passed"), default=0)
    return min((one.every_seconds for one in found[last:] if one.every_seconds), default=None)
