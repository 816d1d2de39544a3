"""The RPO held against a history: met, missed, or not to be judged, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from drtool.amounts import count
from drtool.exposure.gaps import Gap, worst
from drtool.record.verdicts import Verdict
from drtool.times import spell, spell_both, written


@dataclass(frozen=True, kw_only=True)
class History:
    """The gaps of a period as they are, and at their best and worst where not all is certain.

    Attributes:
        gaps: every usable backup counted, the doubtful ones too.
        at_worst: without the doubtful ones; empty if there are no others.
        at_best: recovery points as late as they can be, and without the gaps that retention may have made.
        unsure: why the two differ, a clause each.
        goes_back_to: the first that is known of, where the period began before it.
        unknown: why nothing can be said at all.
        nothing: why there is no gap, where there is none.
        is_loss: whether having none is a fact about the backups, not about what could be seen.
    """

    gaps: Sequence[Gap]
    at_worst: Sequence[Gap]
    at_best: Sequence[Gap]
    unsure: Sequence[str]
    goes_back_to: datetime | None
    unknown: str | None
    nothing: str
    is_loss: bool


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What an RPO comes to over a history."""

    now: Verdict | None
    period: Verdict | None
    reason: str
    over_count: int


def judge(history: History, objective_seconds: float | None) -> Judgement:
    """Hold an RPO against a history: met if it is so at the worst, missed if it is so at the best."""
    if not history.gaps:
        verdict = Verdict.FAILED if history.is_loss else Verdict.UNVERIFIED
        if objective_seconds is None:
            return Judgement(now=None, period=None, reason=_sentence(history.nothing), over_count=0)
        word = "missed" if history.is_loss else "cannot be judged"
        reason = _sentence(f"RPO of {spell(objective_seconds)} {word}: {history.nothing}")
        return Judgement(now=verdict, period=verdict, reason=reason, over_count=0)
    current, largest = history.gaps[-1], worst(history.gaps)
    assert largest is not None  # noqa: S101 (there are gaps)
    if objective_seconds is None:
        text = f"RPA {spell(current.rpa_seconds)} now, "
        text += "the worst of the period" if largest is current else f"{_moment(largest)} at worst"
        if history.unknown:
            text += f"; but {history.unknown}"
        return Judgement(now=None, period=None, reason=_sentence(text), over_count=0)
    now = _verdict(history.at_worst[-1:], history.at_best[-1:], objective_seconds, history.unknown)
    period = _verdict(history.at_worst, history.at_best, objective_seconds, history.unknown)
    if period is Verdict.PASSED and history.goes_back_to and len(history.gaps) == 1:
        period = Verdict.UNVERIFIED  # one backup says nothing of a period before it
    return Judgement(
        now=now,
        period=period,
        reason=_sentence(_said(history, current, largest, objective_seconds, now, period)),
        over_count=sum(gap.rpa_seconds > objective_seconds for gap in history.gaps),
    )


def _verdict(at_worst: Sequence[Gap], at_best: Sequence[Gap], objective: float, unknown: str | None) -> Verdict:
    if unknown:
        return Verdict.UNVERIFIED
    if any(gap.rpa_seconds > objective for gap in at_best):
        return Verdict.FAILED
    if at_worst and all(gap.rpa_seconds <= objective for gap in at_worst):
        return Verdict.PASSED
    return Verdict.UNVERIFIED


def _said(history: History, current: Gap, largest: Gap, objective: float, now: Verdict, period: Verdict) -> str:
    rpa, target = spell_both(current.rpa_seconds, objective)
    if period is Verdict.UNVERIFIED:
        why = history.unknown or " and ".join(history.unsure) or "of the time before its one backup nothing is known"
        at_worst = worst(history.at_worst)
        span = f"{spell(current.rpa_seconds)} now, {_moment(largest)} at worst"
        if at_worst and at_worst.rpa_seconds > largest.rpa_seconds:
            span += f", or {_moment(at_worst)}"
        known = ", met now" if now is Verdict.PASSED else ""
        return f"RPO of {target} cannot be judged over the period{known}: {why} ({span})"
    if period is Verdict.PASSED:
        rest = "and never more" if largest is current else f"and at worst ({_moment(largest, objective)})"
        back = f", as far as the store goes back: to {written(history.goes_back_to)}" if history.goes_back_to else ""
        return f"RPO of {target} met now ({rpa}) {rest}{back}"
    word = {Verdict.PASSED: "met", Verdict.FAILED: "missed", Verdict.UNVERIFIED: "cannot be judged"}[now]
    text = f"RPO of {target} {word} now ({rpa})"
    if largest is not current:
        text += f"{', but missed' if now is not Verdict.FAILED else ', and at worst'}: {_moment(largest, objective)}"
    over = sum(gap.rpa_seconds > objective for gap in history.gaps)
    if over > 1:
        text += f"; missed in {over} of {count(len(history.gaps), 'gap')}"
    return text


def _moment(gap: Gap, objective: float | None = None) -> str:
    rpa = spell(gap.rpa_seconds) if objective is None else spell_both(gap.rpa_seconds, objective)[0]
    return f"{rpa} now" if gap.open else f"{rpa} on {written(gap.ends)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
