"""What audits find: drills of every kind, as their results come out of real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drtool.audit.cadence import PastDrill, histories, judged
from drtool.audit.problems import Problem, failed, unverified
from drtool.audit.result import AuditedDrill, AuditResult, Report, Signers, State, Target, WorstLoss, controls
from drtool.record.environment import Profile
from drtool.record.verdicts import Verdict

FIRST_AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
AUDITED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEAD = "5f2b9c1d7e3a8046" * 4
KEY = "SHA256:4aWhPrb27MxMw4UlevQ9+npf8309KFLlrAyRcflfwQw"


def report(**changes: object) -> Report:
    """Return what the report of a drill says that passed."""
    whole = Report(
        page=None,
        description="The shop comes back complete within half an hour.",
        verdict=Verdict.PASSED,
        reason="11 of 11 checks passed.",
        owner="ops@example.org",
        environment="monthly",
        profile=Profile.FAITHFUL,
        controls=("SOC2 A1.3", "ISO27001 A.8.13"),
        rto=Target(objective_seconds=1800.0, actual_seconds=612.0, verdict=Verdict.PASSED),
        rpo=Target(objective_seconds=86_400.0, actual_seconds=11_523.0, verdict=Verdict.PASSED),
        exposure=(
            WorstLoss(
                of="s3://backups/shop/db-*.sql.zst",
                worst_rpa_seconds=93_600.0,
                worst_at=FIRST_AT,
                objective_seconds=86_400.0,
                verdict=Verdict.FAILED,
            ),
        ),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def drill(number: int = 0, *, scenario: str = "shop_monthly", **changes: object) -> AuditedDrill:
    """Return a drill that passed and is signed, so many weeks after the first."""
    at = FIRST_AT + timedelta(days=7 * number)
    drill_id = f"{at:%Y%m%dT%H%M%SZ}-{scenario}-{number:06x}"
    whole = AuditedDrill(
        drill_id=drill_id,
        scenario=scenario,
        state=State.PASSED,
        started_at=at,
        ended_at=at + timedelta(minutes=12),
        intact=True,
        signature="trusted",
        signer="drtool@backup1",
        fingerprint=KEY,
        report=report(page=f"{drill_id}/report.html"),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def tampered(number: int) -> AuditedDrill:
    """Return a drill that failed by the ledger, and whose report was edited since; see `edited`."""
    return drill(number, state=State.FAILED, intact=False, signature="broken", signer=None, report=None)


def edited(one: AuditedDrill) -> Problem:
    """Return the problem of an edited report."""
    what = "is not the report that entry 7 of the ledger names: it was edited or exchanged"
    return failed("report-changed", f"{one.drill_id}/report.json", what, drill_id=one.drill_id)


def unsigned(number: int) -> AuditedDrill:
    """Return a drill that passed by its own account, and that nobody signed; see `nobody_signed`."""
    return drill(number, state=State.UNVERIFIED, signature="UNSIGNED", signer=None, fingerprint=None)


def nobody_signed(one: AuditedDrill) -> Problem:
    """Return the problem of an unsigned report."""
    what = "is UNSIGNED: the drill was run with --unsigned, so nothing proves who wrote it"
    return unverified("unsigned", f"{one.drill_id}/report.json", what, drill_id=one.drill_id)


def result(
    drills: Sequence[AuditedDrill],
    problems: Sequence[Problem] = (),
    *,
    cadence: timedelta | None = None,
    **changes: object,
) -> AuditResult:
    """Return what an audit comes to that found these drills and problems."""
    found = histories(
        PastDrill(
            scenario=one.scenario,
            at=one.started_at,
            state=str(one.state) if one.intact else "not intact",
            read=one.report is not None,
            every_seconds=one.report.every_seconds if one.report else None,
        )
        for one in drills
    )
    found = judged(found, cadence, AUDITED_AT)
    wrong = any(one.effect == "failed" for one in problems)
    verdict = Verdict.FAILED if wrong else Verdict.UNVERIFIED if problems else Verdict.PASSED
    whole = AuditResult(
        schema_version=1,
        reports="reports",
        audited_at=AUDITED_AT,
        verdict=verdict,
        reason="The reason in a sentence.",
        since=None,
        until=None,
        cadence_seconds=cadence.total_seconds() if cadence else None,
        entries=2 * len(drills),
        head=HEAD,
        heads=(),
        signers=Signers(trusted_from="/home/ops/keys", seen={KEY: len(drills)}),
        drills=tuple(drills),
        scenarios=tuple(found),
        controls=controls(drills),
        problems=tuple(problems),
        notes=(),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def every_kind() -> AuditResult:
    """Return an audit of drills of every kind, of two scenarios."""
    slow = Target(objective_seconds=1800.0, actual_seconds=2832.0, verdict=Verdict.FAILED)
    unknown = Target(objective_seconds=1800.0, actual_seconds=None, verdict=Verdict.UNVERIFIED)
    edited_one, unsigned_one = tampered(3), unsigned(4)
    untrusted = drill(5, intact=False, signature="key not trusted", signer=None, report=None)
    abandoned = drill(6, state=State.ABANDONED, ended_at=None, intact=False, signature=None, signer=None, report=None)
    drills = [
        drill(0),
        drill(1, scenario="mail_weekly", report=report(page=None, controls=("SOC2 A1.3",), exposure=())),
        drill(2, state=State.FAILED, report=report(verdict=Verdict.FAILED, reason="It was too slow.", rto=slow)),
        edited_one,
        unsigned_one,
        untrusted,
        abandoned,
        drill(7, state=State.INTERRUPTED, report=report(verdict=Verdict.UNVERIFIED, rto=unknown, rpo=unknown)),
        drill(8, state=State.UNVERIFIED, report=report(verdict=Verdict.UNVERIFIED, reason="No engine.", rto=unknown)),
        drill(
            9, scenario="mail_weekly", state=State.NOT_ENDED, ended_at=None, intact=None, signature=None, report=None
        ),
    ]
    problems = [
        failed("ledger-entry-removed", "ledger.jsonl, line 9,", "holds entry 10: one line before it was removed"),
        nobody_signed(unsigned_one),
        edited(edited_one),
        failed(
            "key-not-trusted",
            f"{untrusted.drill_id}/report.json.sig",
            "was made with a key that is not trusted",
            drill_id=untrusted.drill_id,
        ),
        failed("drill-abandoned", f"{abandoned.drill_id}/", "was abandoned", drill_id=abandoned.drill_id),
        failed("overdue", "Scenario mail_weekly", "is overdue: it last passed on 2026-01-12"),
    ]
    return result(drills, problems, cadence=timedelta(days=31), notes=("ledger.jsonl, line 4, is torn.",))


def none_at_all() -> AuditResult:
    """Return an audit of a period without drills."""
    return result([], [unverified("no-drills", "ledger.jsonl", "has no drill that is over")], since=FIRST_AT)


def clean() -> AuditResult:
    """Return an audit of a year in which every drill passed."""
    return result([drill(number) for number in range(40)], heads=(HEAD,))
