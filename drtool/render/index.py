"""All drills of a reports folder on one self-contained page, as an audit found them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from drtool.audit.problems import Problem
from drtool.audit.result import AuditedDrill, AuditResult, Control, Report, ScenarioHistory, WorstLoss
from drtool.evidence import folder
from drtool.host.plain import visible
from drtool.record.environment import Profile
from drtool.record.verdicts import Effect, Verdict
from drtool.render import marks, trend
from drtool.render.marks import Mark
from drtool.render.templates import templates
from drtool.render.trend import Trend
from drtool.version import __version__

_MANY_ALIKE = 3  # so many that it is said once


@dataclass(frozen=True, kw_only=True)
class ShownDrill:
    """A drill as the page shows it.

    Attributes:
        beside: what else there is to say of how it stands.
        anchor: where on the page it is.
        link: to its own page; None unless its report is intact, for else its page may be anybody's.
        worst: the worst exposure that it reports.
    """

    drill: AuditedDrill
    mark: Mark
    beside: tuple[str, ...]
    problems: tuple[Problem, ...]
    anchor: str
    link: str | None
    worst: WorstLoss | None


@dataclass(frozen=True, kw_only=True)
class ShownScenario:
    """A scenario and its drills, the oldest first.

    Attributes:
        last_passed_ago: how many seconds before the audit it passed last.
        latest: the newest intact report.
        worst: the worst exposure of that.
    """

    name: str
    anchor: str
    history: ScenarioHistory | None
    last_passed_ago: float | None
    drills: tuple[ShownDrill, ...]
    tally: Counter[Mark]
    latest: Report | None
    worst: WorstLoss | None
    rta: Trend
    rpa: Trend


@dataclass(frozen=True, kw_only=True)
class ShownControl:
    """A control and what one scenario's drills show of it, the oldest first; `signed` says by whom, and how many."""

    control: Control
    scenario: ShownScenario
    drills: tuple[ShownDrill, ...]
    passed: int
    last_passed: ShownDrill | None
    signed: Counter[str]


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What is wrong with one drill, or said alike of several files; `drill` is None where it is no one drill's."""

    effect: Effect
    problems: tuple[Problem, ...]
    drill: ShownDrill | None = None
    alike: str = ""


def index(result: AuditResult, *, reports: str) -> str:
    """Return what an audit found as an HTML document.

    Args:
        result: what it found.
        reports: the way from the page's folder to the reports folder, for the links.
    """
    drills = _drills(result, reports)
    by_id = {one.drill.drill_id: one for one in drills}
    scenarios = _scenarios(result, drills)
    return templates().get_template("index.html.j2").render(
        mark_of_the_page=MARK,
        drtool_version=__version__,
        result=result,
        drills=by_id,
        tally=Counter(one.mark for one in drills),
        marks=tuple(Mark),
        meanings=marks.MEANINGS,
        meaning=_MEANING[result.verdict],
        troubles=_troubles(result.problems, by_id),
        heads_lost=any(one.code == "head-not-found" for one in result.problems),
        scenarios=scenarios,
        controls=_controls(result.controls, scenarios),
        charts=trend,
    )  # fmt: skip


MARK = "<!-- drtool audit wrote this page, and writes it anew. -->"
"""What stands at the beginning of the page, so that drtool knows it for its own."""

_MEANING = {
    Verdict.PASSED: "Every report is as it was signed, and the ledger holds them all. A drill that failed and says so "
    "is nothing wrong with the evidence.",
    Verdict.FAILED: "The evidence is not what drtool left, or a drill is lacking.",
    Verdict.UNVERIFIED: "Nothing was found to be changed, but something could not be told.",
}


def _drills(result: AuditResult, reports: str) -> list[ShownDrill]:
    problems: dict[str, list[Problem]] = {}
    for one in result.problems:
        if one.drill_id:
            problems.setdefault(one.drill_id, []).append(one)
    return [_drill(number, one, problems.get(one.drill_id, []), reports) for number, one in enumerate(result.drills, 1)]


def _drill(number: int, drill: AuditedDrill, problems: Sequence[Problem], reports: str) -> ShownDrill:
    page = drill.report.page if drill.report else None
    mark = marks.mark(drill, problems)
    return ShownDrill(
        drill=drill,
        mark=mark,
        beside=tuple(_beside(drill, mark)),
        problems=tuple(problems),
        anchor=_anchor("drill", drill.drill_id, number),
        link=quote(os.fsencode(f"{reports}/{page}" if reports != "." else page)) if page else None,
        worst=_worst(drill.report),
    )


def _beside(drill: AuditedDrill, mark: Mark) -> Iterator[str]:
    report = drill.report
    if report:
        yield report.environment
        if report.profile is Profile.FAST:
            yield "profile fast"
    if mark is Mark.UNSIGNED and report:
        yield f"{report.verdict} by its own account"
    elif mark in (Mark.TAMPERED, Mark.UNTRUSTED):
        yield f"{drill.state} by the ledger"


def _worst(report: Report | None) -> WorstLoss | None:
    """Return the worst exposure of a report: one that missed its objective before a longer one that did not."""
    known = [one for one in report.exposure if one.worst_rpa_seconds is not None] if report else []
    return max(known, key=lambda one: (one.verdict is Verdict.FAILED, one.worst_rpa_seconds or 0.0), default=None)


def _anchor(kind: str, name: str, number: int) -> str:
    """Return the name of a place on the page: the same the next time, where the name can be part of it."""
    return f"{kind}-{name}" if folder.DRILL_ID.fullmatch(name) else f"{kind}--{number}"


def _scenarios(result: AuditResult, drills: Iterable[ShownDrill]) -> list[ShownScenario]:
    by_name: dict[str, list[ShownDrill]] = {one.scenario: [] for one in result.scenarios}
    for one in drills:
        by_name.setdefault(one.drill.scenario, []).append(one)
    histories = {one.scenario: one for one in result.scenarios}
    begun = [drill.started_at for drill in result.drills] or [result.audited_at]
    period = (min(begun), max(begun))
    return [
        _scenario(number, name, histories.get(name), found, period, result.audited_at)
        for number, (name, found) in enumerate(sorted(by_name.items()), start=1)
    ]


def _scenario(
    number: int,
    name: str,
    history: ScenarioHistory | None,
    drills: Sequence[ShownDrill],
    period: tuple[datetime, datetime],
    audited_at: datetime,
) -> ShownScenario:
    drills = sorted(drills, key=lambda one: one.drill.started_at)
    found = [one.drill for one in drills]
    passed_at = history.last_passed_at if history else None
    latest = next((one.report for one in reversed(found) if one.report), None)
    return ShownScenario(
        name=name,
        anchor=_anchor("scenario", name, number),
        history=history,
        last_passed_ago=max(0.0, (audited_at - passed_at).total_seconds()) if passed_at else None,
        drills=tuple(drills),
        tally=Counter(one.mark for one in drills),
        latest=latest,
        worst=_worst(latest),
        rta=trend.rta(found, *period),
        rpa=trend.rpa(found, *period),
    )


def _controls(controls: Iterable[Control], scenarios: Iterable[ShownScenario]) -> list[ShownControl]:
    shown = []
    for control in controls:
        claiming = frozenset(control.drills)
        for scenario in scenarios:
            drills = tuple(one for one in scenario.drills if one.drill.report and one.drill.drill_id in claiming)
            if drills:
                passed = [one for one in drills if one.mark is Mark.PASSED]
                shown.append(
                    ShownControl(
                        control=control,
                        scenario=scenario,
                        drills=drills,
                        passed=len(passed),
                        last_passed=passed[-1] if passed else None,
                        signed=Counter(visible(one.drill.signer or one.drill.signature or "nobody") for one in drills),
                    )
                )
    return shown


def _troubles(problems: Sequence[Problem], drills: Mapping[str, ShownDrill]) -> list[Trouble]:
    """Put together what belongs to one drill, and what is said alike of many; what is wrong comes first."""
    alike: dict[tuple[Effect, str, str], list[Problem]] = {}
    for one in problems:
        alike.setdefault((one.effect, one.code, _what(one)), []).append(one)
    gathered: dict[object, list[Problem]] = {}
    for number, one in enumerate(problems):
        kind = (one.effect, one.code, _what(one))
        own = one.drill_id if one.drill_id in drills else number
        gathered.setdefault(kind if len(alike[kind]) >= _MANY_ALIKE else own, []).append(one)
    troubles = [
        Trouble(
            effect=Effect.FAILED if any(one.effect is Effect.FAILED for one in found) else Effect.UNVERIFIED,
            problems=tuple(found),
            drill=drills.get(key) if isinstance(key, str) else None,
            alike=_what(found[0]) if isinstance(key, tuple) else "",
        )
        for key, found in gathered.items()
    ]
    return sorted(troubles, key=lambda one: one.effect is not Effect.FAILED)


def _what(problem: Problem) -> str:
    return problem.sentence.removeprefix(problem.file).strip()
