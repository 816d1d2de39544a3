"""Drills as JUnit XML: what a CI job shows. What could not be verified is an error there, and never green."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from drtool.host.plain import printable
from drtool.record.model import DrillRecord
from drtool.record.recovery import Rpo, Rto
from drtool.record.verdicts import Check, Effect, Finding, Verdict
from drtool.render.wording import UNSIGNED
from drtool.times import format_duration


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A test case: which part of the drill it belongs to, what came of it, and why."""

    part: str
    name: str
    outcome: Verdict
    message: str
    detail: tuple[str, ...] = ()
    seconds: float = 0.0


JUNIT_MARK = b'<testsuites name="drtool"'
_INCOMPLETE = _Case(
    part="drill",
    name="evidence",
    outcome=Verdict.UNVERIFIED,
    message="Not all the evidence that was asked for is there; `drtool audit` names what is missing",
)


def junit(records: Sequence[DrillRecord], incomplete: Collection[str] = (), lost: Sequence[str] = ()) -> str:
    """Return drills as a JUnit XML document, a suite each.

    Args:
        records: of the drills.
        incomplete: the ids of those whose evidence is not all there, which their records cannot say.
        lost: the scenarios of those that could not begin, an error each.

    A suite has a case for the drill's verdict, each objective that was judged, each check and each finding that
    counts for the verdict. `failed` is a failure, `unverified` an error; nothing is skipped. No two cases have the same
    names: those who read such documents take the last of them for all.
    """
    suites = ET.Element("testsuites", name="drtool")
    for number, record in enumerate(records):
        told = _told(record)
        before = sum(_told(one) == told for one in records[:number])
        told = f"{told} ({before + 1})" if before else told
        suites.append(_suite(record, told, complete=record.drill_id not in incomplete))
    for name in map(printable, lost):
        suite = ET.SubElement(suites, "testsuite", name=name, tests="1", failures="0", errors="1", skipped="0")
        case = ET.SubElement(suite, "testcase", classname=name, name="verdict")
        ET.SubElement(case, "error", message="It could not begin; what the run printed says why")
    for name in ("tests", "failures", "errors"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    suites.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _told(record: DrillRecord) -> str:
    """Return what a drill is told by; without a script there is nothing but the backup for it."""
    return record.scenario if record.scenario_info.sha256 else f"{record.scenario}: {record.scenario_info.description}"


def _suite(record: DrillRecord, told: str, *, complete: bool) -> ET.Element:
    cases = [*_cases(record), *([] if complete else [_INCOMPLETE])]
    outcomes = [case.outcome for case in cases]
    suite = ET.Element(
        "testsuite",
        name=printable(told),
        tests=str(len(cases)),
        failures=str(outcomes.count(Verdict.FAILED)),
        errors=str(outcomes.count(Verdict.UNVERIFIED)),
        skipped="0",
        time=f"{(record.finished_at - record.started_at).total_seconds():.3f}",
        timestamp=f"{record.started_at:%Y-%m-%dT%H:%M:%S}",
        hostname=printable(record.host),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(record).items():
        ET.SubElement(properties, "property", name=name, value=printable(value))
    for number, case in enumerate(cases):
        before = sum((one.part, one.name) == (case.part, case.name) for one in cases[:number])
        suite.append(_element(case, f"{told}.{case.part}", f"{case.name} ({before + 1})" if before else case.name))
    if notes := [*([f"UNSIGNED: {UNSIGNED}"] if not record.signed else []), *_notes(record)]:
        ET.SubElement(suite, "system-out").text = "\n".join(printable(note) for note in notes)
    return suite


def _properties(record: DrillRecord) -> dict[str, str]:
    values = {
        "drill_id": record.drill_id,
        "verdict": record.verdict,
        "reason": record.reason,
        "signed": "yes" if record.signed else "UNSIGNED",
        "interrupted": "yes" if record.interrupted else "no",
        "profile": record.profile,
        "environment": record.environment,
        "disaster_at": record.disaster_at.isoformat(),
        "recovery_point": record.rpo.recovery_point.isoformat() if record.rpo.recovery_point else "",
    }
    for name, goal in (("rto", record.rto), ("rpo", record.rpo)):
        values[f"{name}.verdict"] = goal.verdict or ""
        values[f"{name}.objective_seconds"] = "" if goal.objective_seconds is None else str(goal.objective_seconds)
        values[f"{name}.actual_seconds"] = "" if goal.actual_seconds is None else str(goal.actual_seconds)
    return values


def _cases(record: DrillRecord) -> list[_Case]:
    cases = [_Case(part="drill", name="verdict", outcome=record.verdict, message=record.reason)]
    cases += [_objective(record.rto, "recovery time objective (RTO)")] if record.rto.verdict else []
    cases += [_objective(record.rpo, "recovery point objective (RPO)")] if record.rpo.verdict else []
    cases += [_finding(found) for found in record.findings if found.effect is not Effect.WARNING]
    cases += [_check(check) for check in record.checks]
    return cases


def _objective(goal: Rto | Rpo, name: str) -> _Case:
    seconds = goal.actual_seconds if isinstance(goal, Rto) and goal.actual_seconds is not None else 0.0
    outcome = goal.verdict or Verdict.UNVERIFIED
    return _Case(part="drill", name=name, outcome=outcome, message=goal.reason, seconds=seconds)


def _finding(found: Finding) -> _Case:
    return _Case(
        part=found.resource or "drill",
        name=f"finding: {found.code}",
        outcome=Verdict.FAILED if found.effect is Effect.FAILED else Verdict.UNVERIFIED,
        message=found.message,
        detail=(f"mend: {found.mend}",) if found.mend else (),
    )


def _check(check: Check) -> _Case:
    return _Case(
        part=check.resource or "drill",
        name=check.name,
        outcome=check.outcome,
        message=f"expected {check.expected}, observed {check.observed}",
        detail=(f"question: {check.question}", f"expected: {check.expected}", f"observed: {check.observed}"),
        seconds=check.elapsed_seconds,
    )


def _element(case: _Case, class_name: str, name: str) -> ET.Element:
    element = ET.Element("testcase", classname=printable(class_name), name=printable(name), time=f"{case.seconds:.3f}")
    if case.outcome is not Verdict.PASSED:
        kind = "failure" if case.outcome is Verdict.FAILED else "error"
        verdict = ET.SubElement(element, kind, type=case.outcome, message=printable(case.message))
        verdict.text = "\n".join(printable(line) for line in (case.message, *case.detail))
    return element


def _notes(record: DrillRecord) -> list[str]:
    """Return what has no case of its own: objectives that were not judged, warnings, deviations."""
    return [
        *(
            f"{name}: not judged: {goal.reason}"
            + (f" (actual {format_duration(goal.actual_seconds)})" if goal.actual_seconds is not None else "")
            for name, goal in (("RTO", record.rto), ("RPO", record.rpo))
            if goal.verdict is None
        ),
        *(f"warning: {found.code}: {found.message}" for found in record.findings if found.effect is Effect.WARNING),
        *(f"deviation: {text}" for text in record.deviations),
    ]
