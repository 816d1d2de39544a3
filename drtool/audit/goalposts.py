"""Whether the goalposts were moved: what each drill was held to, against the drill of its scenario before.

Nothing of it is wrong with the evidence: a site may set itself other goals. An auditor must see that it did, and when.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from drtool.host.plain import printable, visible
from drtool.record.environment import Profile
from drtool.record.model import DrillRecord
from drtool.record.verdicts import AgreedTolerance, Verdict
from drtool.times import format_both, format_duration, utc

_LONGEST = 120  # of a question, as far as it is told
_OF_THE_DAY = re.compile(r"[0-9a-f]{64}|\d{4}-?[01]\d-?[0-3]\d(?:[T_ -]?\d\d:?\d\d(?::?\d\d(?:\.\d+)?)?Z?)?")
_DAY = re.compile(r"equal to (\d{4}-[01]\d-[0-3]\d(?: [\d:.]+)?)")
_UNITS = {"d": 86_400.0, "h": 3_600.0, "min": 60.0, "s": 1.0, "ms": 0.001}
_NUMBER = r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
_BOUNDS = re.compile(rf"(?P<kind>equal to|at least|at most|between) (?P<low>{_NUMBER})(?: and (?P<high>{_NUMBER}))?")
_PART = re.compile(r"(\d+(?:\.\d+)?) (d|h|min|s|ms)")
_FRESH = re.compile(rf"at most ((?:{_PART.pattern} ?)+) ?before the disaster")
_ANY_TIME = "a time"  # which is fresh at any age


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a scenario asked of the restored data, and what it expected."""

    question: str
    expected: str


@dataclass(frozen=True, kw_only=True)
class Goals:
    """What a drill was held to, by its record.

    Attributes:
        rto_judged: whether an RTO was held against the recovery time.
        checks: the scenario's own, by resource and name.
        tolerances: what its comparisons let pass, by resource and pattern; None where the record is older than that.
        images: by resource.
        whole: whether it made all its checks; else it may not have reached some.
    """

    rto_seconds: float | None
    rto_judged: bool
    rto_includes_checks: bool
    allowance_seconds: float
    rpo_seconds: float | None
    profile: Profile
    checks: dict[str, Asked]
    tolerances: dict[str, AgreedTolerance] | None
    script_sha256: str | None
    images: dict[str, str]
    whole: bool

    def after(self, before: Goals) -> Goals:
        """Return the same with what an earlier drill was held to and this one may not have reached."""
        if self.whole:
            return self
        tolerances = before.tolerances if self.tolerances is None else {**(before.tolerances or {}), **self.tolerances}
        checks, images = before.checks | self.checks, before.images | self.images
        return replace(self, checks=checks, images=images, tolerances=tolerances)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A drill and what it was held to."""

    scenario: str
    drill_id: str
    at: datetime
    goals: Goals


@dataclass(frozen=True, kw_only=True)
class Goalpost:
    """One thing that a drill was held to otherwise than the drill of its scenario before; instants are UTC.

    Attributes:
        loosened: whether less was asked for; else it is another, and nobody can tell from the records alone.
    """

    scenario: str
    what: str
    before: str
    now: str
    loosened: bool
    drill_id: str
    at: datetime
    earlier_drill_id: str
    earlier_at: datetime

    def __str__(self) -> str:
        kind = "loosened" if self.loosened else "changed"
        since = f"since its drill of {utc(self.at)}; in that of {utc(self.earlier_at)} it was {self.before}"
        return f"Scenario {visible(self.scenario)}: {kind}: {self.what} is {self.now} {since}."


def goals_of(record: DrillRecord) -> Goals | None:
    """Return what a drill was held to; None where that cannot be told, as where its script could not be loaded."""
    # A check that did not pass may have made the scenario end early; one that ended well made all that it has.
    well = all(one.outcome is Verdict.PASSED for one in record.checks)
    whole = record.verdict is Verdict.PASSED or (record.recovered_at is not None and well)
    if not whole and not record.checks and record.rto.objective_seconds is record.rpo.objective_seconds is None:
        return None
    checks: dict[str, Asked] = {}
    for one in record.checks:
        if not one.builtin:
            called = f"{one.resource}: {_OF_THE_DAY.sub('...', one.name)}"  # a name may tell its day, as a question may
            name, number = called, 2
            while name in checks:
                name, number = f"{called} ({number})", number + 1
            checks[name] = Asked(question=one.question, expected=one.expected)
    agreed, containers = record.tolerances, record.sandbox.containers if record.sandbox else ()
    return Goals(
        rto_seconds=record.rto.objective_seconds,
        rto_judged=record.rto.verdict is not None,
        rto_includes_checks=record.rto.includes_checks,
        allowance_seconds=record.rto.allowance_seconds,
        rpo_seconds=record.rpo.objective_seconds,
        profile=record.profile,
        checks=checks,
        tolerances=None if agreed is None else {f"{one.resource}: {one.pattern}": one for one in agreed},
        whole=whole,
        script_sha256=record.scenario_info.sha256,
        images={one.resource: one.image_digest or one.image for one in containers},
    )


def moved(held: Iterable[Held]) -> list[Goalpost]:
    """Return what was moved from each drill to the next of its scenario, the oldest first."""
    by_name: dict[str, list[Held]] = {}
    for one in sorted(held, key=lambda one: one.at):
        earlier = by_name.setdefault(one.scenario, [])
        earlier.append(replace(one, goals=one.goals.after(earlier[-1].goals)) if earlier else one)
    return [
        Goalpost(
            scenario=name,
            what=printable(what),
            before=printable(before),
            now=printable(now),
            loosened=loosened,
            drill_id=later.drill_id,
            at=later.at,
            earlier_drill_id=earlier.drill_id,
            earlier_at=earlier.at,
        )
        for name, drills in sorted(by_name.items())
        for earlier, later in pairwise(drills)
        for what, before, now, loosened in _moves(earlier.goals, later.goals)
    ]


_Move = tuple[str, str, str, bool]


def _moves(was: Goals, now: Goals) -> Iterator[_Move]:
    yield from _objective("the RTO", was.rto_seconds, now.rto_seconds)
    yield from _objective("the RPO", was.rpo_seconds, now.rpo_seconds)
    if now.allowance_seconds != was.allowance_seconds:  # it is added to the recovery time: less of it is easier to meet
        less = now.allowance_seconds < was.allowance_seconds
        yield "the allowance", format_duration(was.allowance_seconds), format_duration(now.allowance_seconds), less
    if was.rto_includes_checks and not now.rto_includes_checks:
        yield "the time of checks", "part of the recovery time", "not part of the recovery time", True
    if was.rto_judged and not now.rto_judged and now.rto_seconds is not None:
        yield "the recovery time", "judged", "measured only", True
    if was.profile is Profile.FAITHFUL and now.profile is Profile.FAST:
        yield "the profile", was.profile, now.profile, True
    yield from _checks(was.checks, now.checks)
    if was.tolerances is not None and now.tolerances is not None:
        yield from _tolerances(was.tolerances, now.tolerances)
    if was.script_sha256 and now.script_sha256 and was.script_sha256 != now.script_sha256:
        yield "the script's SHA-256", was.script_sha256, now.script_sha256, False
    for resource, image in now.images.items():
        if was.images.get(resource, image) != image:
            yield f"the image of {resource}", was.images[resource], image, False


def _objective(what: str, was: float | None, now: float | None) -> Iterator[_Move]:
    if was is not None and now is None:
        yield what, format_duration(was), "none", True
    elif was is not None and now is not None and now > was:
        yield what, *format_both(was, now), True


def _checks(was: Mapping[str, Asked], now: Mapping[str, Asked]) -> Iterator[_Move]:
    for name, before in was.items():
        if (after := now.get(name)) is None:
            yield f'the check "{name}"', before.expected, "not made", True
            continue
        if before.expected != after.expected:
            span, other = _span(before.expected), _span(after.expected)
            if not _within(other, span) and not _goes_on(before.expected, after.expected):
                what = f'what the check "{name}" expects'
                yield what, before.expected, after.expected, _within(span, other)
        asked = [_OF_THE_DAY.sub("...", one.question) for one in (before, after)]
        if asked[0] != asked[1]:
            yield f'what the check "{name}" asks', asked[0][:_LONGEST], asked[1][:_LONGEST], False


def _tolerances(was: Mapping[str, AgreedTolerance], now: Mapping[str, AgreedTolerance]) -> Iterator[_Move]:
    for name, after in now.items():
        before = was.get(name)
        grown = before and before.leniency == after.leniency and after.most > before.most
        other = before and before.leniency != after.leniency and before.leniency != "ignored"
        if before is None or grown or other:
            yield f"what may differ in {name}", _told(before), _told(after), True


def _told(agreed: AgreedTolerance | None) -> str:
    if agreed is None:
        return "nothing"
    return f"{agreed.leniency}, at most {agreed.most:,}" if agreed.most else agreed.leniency


_Span = tuple[float, float]


def _span(expected: str) -> _Span | None:
    """Return between which numbers an answer has to lie, or None where that is not said in numbers."""
    if expected == _ANY_TIME:
        return -math.inf, math.inf
    if fresh := _FRESH.fullmatch(expected):
        return -math.inf, sum(float(part) * _UNITS[unit] for part, unit in _PART.findall(fresh[1]))
    if (found := _BOUNDS.fullmatch(expected)) is None:
        return None
    low, high = (float(one.replace(",", "")) if one else None for one in (found["low"], found["high"]))
    if low is None:
        return None
    return {
        "equal to": (low, low), "at least": (low, math.inf), "at most": (-math.inf, low),
        "between": (low, high if high is not None else low),
    }[found["kind"]]  # fmt: skip


def _goes_on(before: str, after: str) -> bool:
    """Tell whether a day is expected as before, and a later one, as where a script reckons with today's."""
    days = [found[1] for found in map(_DAY.fullmatch, (before, after)) if found]
    return len(days) == 2 and days[0] < days[1]


def _within(inner: _Span | None, outer: _Span | None) -> bool:
    return bool(inner and outer and outer[0] <= inner[0] and inner[1] <= outer[1])
