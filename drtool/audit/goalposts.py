"""Whether the goalposts were moved: what each drill was held to, against the drill of its scenario before.

Nothing of it is wrong with the evidence: a site may set itself other goals. An auditor must see that it did, and when.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from drtool.amounts import count, format_size
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
# What differs from backup to backup of one series: numbers, names of days and months.
_FROM_BACKUP_TO_BACKUP = re.compile(
    r"\d+(?:[T_.:-]?\d+)*Z?|(?<![a-z])(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*",
    re.IGNORECASE,
)
_NOTHING = "nothing"
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
        sources: what was restored, by resource: the pattern or place of its backup, without what a day changes in it.
        settings: of each resource's server, by the scenario, its profile or production's option file.
        disaster_named: whether somebody said when the disaster struck; else it did when the drill began.
        machine: its processors, and its memory in bytes; None where no engine was reached.
        script: the path of the scenario's script.
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
    sources: dict[str, str]
    settings: dict[str, dict[str, str]]
    machine: tuple[int, int] | None
    disaster_named: bool
    script: str
    whole: bool

    def after(self, before: Goals) -> Goals:
        """Return the same with what an earlier drill was held to and this one may not have reached."""
        if self.whole:
            return self
        tolerances = before.tolerances if self.tolerances is None else {**(before.tolerances or {}), **self.tolerances}
        return replace(
            self,
            checks=before.checks | self.checks,
            images=before.images | self.images,
            sources=before.sources | self.sources,
            settings=before.settings | self.settings,
            machine=self.machine or before.machine,
            tolerances=tolerances,
        )


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
        sources=_sources(record),
        settings={one.resource: one.settings for one in containers},
        machine=(record.sandbox.cpus, record.sandbox.memory_bytes) if record.sandbox else None,
        disaster_named=record.disaster_at != record.started_at,
        script=record.scenario_info.file,
    )


def _sources(record: DrillRecord) -> dict[str, str]:
    """Return where what was restored came from; of a resource the first backup says it, not what was put onto that."""
    patterns = {one.chosen: one.pattern for one in record.choices}
    sources: dict[str, str] = {}
    for one in record.backups:
        if one.resource:
            place = patterns.get(one.location, one.location)
            sources.setdefault(one.resource, _FROM_BACKUP_TO_BACKUP.sub("#", place))
    return sources


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


def renamed(held: Iterable[Held], among: Collection[str], at: datetime) -> list[Goalpost]:
    """Return where a scenario has not been drilled any more since another began, of the same script or backups.

    Args:
        held: what drills were held to.
        among: the scenarios that it is asked of: those of which nobody says how often they should be drilled. One
            counts as not drilled any more once that is longer than between any two of its drills.
        at: the instant to judge by, UTC.
    """
    by_name: dict[str, list[Held]] = {}
    for one in sorted(held, key=lambda one: one.at):
        by_name.setdefault(one.scenario, []).append(one)
    found = []
    for name, drills in sorted(by_name.items()):
        last = drills[-1]
        since = [other[0] for other in by_name.values() if other[0].at > last.at and _of_the_same(last, other[0])]
        longest = max((after.at - before.at for before, after in pairwise(drills)), default=timedelta())
        if name in among and since and at - last.at > longest:
            first = min(since, key=lambda one: one.at)
            found.append(
                Goalpost(
                    scenario=first.scenario,
                    what=f"what is drilled of {printable(_of_the_same(last, first))}",
                    before=printable(name),
                    now=printable(first.scenario),
                    loosened=False,
                    drill_id=first.drill_id,
                    at=first.at,
                    earlier_drill_id=last.drill_id,
                    earlier_at=last.at,
                )
            )
    return found


def _of_the_same(one: Held, other: Held) -> str:
    """Return the script or the places of all backups that two scenarios have in common, or nothing."""
    if one.goals.script == other.goals.script:
        return one.goals.script
    places = {*one.goals.sources.values()}
    return ", ".join(sorted(places)) if places == {*other.goals.sources.values()} else ""


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
    yield from _restored(was.sources, now.sources)
    yield from _terms(was, now)
    for resource, image in now.images.items():
        if was.images.get(resource, image) != image:
            yield f"the image of {resource}", was.images[resource], image, False


def _restored(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[_Move]:
    for resource, before in was.items():
        after = now.get(resource, _NOTHING)
        if after != before and (after is not _NOTHING or before not in now.values()):
            yield f"what is restored as {resource}", before, after, after is _NOTHING


def _terms(was: Goals, now: Goals) -> Iterator[_Move]:
    """Yield what else a recovery is faster by."""
    for resource, after in now.settings.items():
        before = was.settings.get(resource, after)
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield f"{name} of {resource}", before.get(name, "not set"), after.get(name, "not set"), False
    if now.disaster_named and not was.disaster_named:  # a moment after a backup, say
        yield "the time of the disaster", "the drill's beginning", "one that was named", False
    if was.machine and now.machine and not _alike(was.machine, now.machine):
        yield "the machine", _machine(was.machine), _machine(now.machine), False


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two machines are as large as each other; a kernel keeps a little of the memory for itself."""
    return one[0] == other[0] and abs(one[1] - other[1]) <= 0.1 * max(one[1], other[1])


def _machine(machine: tuple[int, int]) -> str:
    return f"{count(machine[0], 'processor')} with {format_size(machine[1])}"


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
