"""A store's listing in, the exposure of each series of backups in it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from drtool.amounts import count
from drtool.backups.history import gather
from drtool.backups.name_times import TOLERANCE_SECONDS, HostZone
from drtool.errors import Unverifiable
from drtool.exposure.gaps import Gap, bars, gaps, worst
from drtool.exposure.judging import History, judge
from drtool.exposure.rhythm import Rhythm, rhythm
from drtool.exposure.series import Series, Sorting, tell_apart
from drtool.exposure.sizes import doubt
from drtool.exposure.timing import PlacedRun, Timed, place
from drtool.record.exposure import Exposure, RecoveryPoint, UnusableBackup
from drtool.stores.interface import StoredObject
from drtool.times import spell, written

MOST_POINTS = 400
MOST_LISTED = 50
_MOST_HEADS = 20
_TINY_BYTES = 1024
_OF_ANOTHER = "by its name it may be a backup of another thing"

HeadCheck = Callable[[StoredObject], str | None]
"""Checks the first bytes of a backup: why it is none, or None; raises Unverifiable where they cannot be read."""


@dataclass(frozen=True, kw_only=True)
class ExposureTerms:
    """What to measure.

    Attributes:
        pattern: what was listed, for the record.
        since: start of the period, UTC; None for as far as the store goes back.
        until: its end, UTC; what could not be restored by then does not count.
        looked_at: when the store was listed, UTC, by this host's clock.
        objective_seconds: the RPO, if there is one.
        zone: of dates in names that name none; tried are this host's and UTC where it is not known.
        as_one: whether everything that matches is of one thing, whatever the names say.
        clock_ahead_seconds: how far the store's clock is ahead of this host's; its times are converted.
    """

    pattern: str
    since: datetime | None = None
    until: datetime
    looked_at: datetime
    objective_seconds: float | None = None
    zone: tzinfo | None = None
    host_zone: tzinfo = field(default_factory=HostZone)
    as_one: bool = False
    clock_ahead_seconds: float = 0.0


def exposures(
    terms: ExposureTerms, objects: Iterable[StoredObject], check: HeadCheck | None = None
) -> tuple[Exposure, ...]:
    """Compute the exposure of each series of backups among the objects; one that knows nothing if there are none.

    Args:
        terms: what to measure.
        objects: all that the pattern matches.
        check: called for the newest backup and those of doubtful size, twenty at most, to see whether they are any.
    """
    ahead = timedelta(seconds=terms.clock_ahead_seconds)
    # The listing says how far a store's clock is ahead only now and then; what was asked for says it for all.
    gathered = gather(
        replace(found, modified_at=found.modified_at - ahead, clock_ahead_seconds=0.0) for found in objects
    )
    unusable = [run.unusable(why) for run, why in gathered.unusable]
    whole = Series(name=None, runs=gathered.runs)
    sorting = Sorting(series=(whole,)) if terms.as_one else tell_apart(gathered.runs)
    measured = []
    for one in sorting.series:
        mine = [found for found in unusable if one.takes(found.location)]
        measured.append(_exposure(terms, one, mine, sorting.warnings, check))
    return tuple(measured)


def _exposure(
    terms: ExposureTerms,
    series: Series,
    unusable: list[UnusableBackup],
    warnings: Sequence[str],
    check: HeadCheck | None,
) -> Exposure:
    timed = place(series.runs, looked_at=terms.looked_at, zone=terms.zone, host_zone=terms.host_zone)
    sized, size_warnings = doubt(timed.points)
    usable, no_backups, head_warnings = _looked_at(sized, check)
    if no_backups:
        sized, size_warnings = doubt([replace(point, doubt=None) for point in usable])
    strange = [point.run.location for point in sized if not point.doubt and point.run.location in series.strays]
    sized = [replace(one, doubt=_OF_ANOTHER) if one.run.location in strange else one for one in sized]
    matched = sum(len(run.objects) for run in series.runs) + len(unusable)
    unusable = [*unusable, *timed.undated, *no_backups]
    points = _one_each(point for point in sized if point.restorable_at <= terms.until)
    beat = rhythm(sorted(point.recovery_point for point in points), terms.until)
    history = _history(terms, points, timed, beat, _nothing(terms, series, unusable, timed))
    judgement = judge(history, terms.objective_seconds)
    current = history.gaps[-1] if history.gaps else None
    largest, without_doubtful = worst(history.gaps), worst(history.at_worst)
    since = terms.since or (points[0].restorable_at if points else None)
    recorded = _recorded(points, terms)
    doubtful = [point for point in recorded if point.doubt]
    missing = [one for one in beat.missing if since is None or one.before >= since]
    unusable = [one for one in unusable if terms.since is None or one.modified_at >= terms.since]
    return Exposure(
        pattern=terms.pattern,
        series=series.name,
        since=since,
        until=terms.until,
        objects=matched,
        point_count=len(recorded),
        gap_count=len(history.gaps),
        over_count=judgement.over_count,
        current_rpa_seconds=current.rpa_seconds if current else None,
        current_recovery_point=current.recovery_point if current else None,
        worst_rpa_seconds=largest.rpa_seconds if largest else None,
        worst_at=largest.ends if largest else None,
        worst_recovery_point=largest.recovery_point if largest else None,
        worst_without_doubtful_seconds=without_doubtful.rpa_seconds if without_doubtful else None,
        objective_seconds=terms.objective_seconds,
        verdict_now=judgement.now,
        verdict=judgement.period,
        reason=judgement.reason,
        store_times_trusted=timed.trusted,
        usual_lag_seconds=timed.usual_lag_seconds,
        rhythm_seconds=beat.seconds,
        rhythm=beat.words,
        thinned_before=beat.thinned_before,
        missing_count=sum(one.count for one in missing),
        missing=tuple(missing[-MOST_LISTED:]),
        unusable_count=len(unusable),
        unusable=tuple(sorted(unusable, key=lambda one: one.modified_at)[-MOST_LISTED:]),
        doubtful_count=len(doubtful),
        doubtful=tuple(doubtful[-MOST_LISTED:]),
        points=_bounded(recorded, largest),
        bars=bars(history.gaps, since=since, until=terms.until) if since and points else (),
        warnings=(*warnings, *timed.warnings, *size_warnings, *head_warnings, *_hints(terms, timed, beat)),
        assumptions=(*timed.assumptions, *_limits(terms, points, beat)),
    )


def _looked_at(
    points: Sequence[PlacedRun], check: HeadCheck | None
) -> tuple[list[PlacedRun], list[UnusableBackup], list[str]]:
    """Return the points without those whose first bytes show that they are no backups, these, and warnings."""
    if check is None or not points:
        return list(points), [], []
    suspects = [point for point in points if point is points[-1] or point.doubt or point.run.size_bytes < _TINY_BYTES]
    found: dict[str, UnusableBackup] = {}
    warnings = []
    try:
        for point in reversed(suspects[-_MOST_HEADS:]):
            if why := check(point.run.objects[0]):
                found[point.run.location] = point.run.unusable(why)
    except Unverifiable as error:
        warnings.append(f"The backups are listed but could not be looked into: {error.why or error.what}")
    return [point for point in points if point.run.location not in found], list(found.values()), warnings


def _one_each(points: Iterable[PlacedRun]) -> list[PlacedRun]:
    """Return one point for each instant: of copies, or what a run made of several things, the first undoubted one."""
    groups: list[list[PlacedRun]] = []
    for point in sorted(points, key=lambda one: one.recovery_point):
        if groups and (point.recovery_point - groups[-1][0].recovery_point).total_seconds() <= TOLERANCE_SECONDS:
            groups[-1].append(point)
        else:
            groups.append([point])
    ones = []
    for group in groups:
        best = min(group, key=lambda point: (point.doubt is not None, point.restorable_at))
        ones.append(replace(best, objects=sum(len(point.run.objects) for point in group)))
    return sorted(ones, key=lambda point: (point.restorable_at, point.recovery_point))


def _history(
    terms: ExposureTerms, points: Sequence[PlacedRun], timed: Timed, beat: Rhythm, nothing: tuple[str, bool]
) -> History:
    def of(some: Iterable[PlacedRun]) -> list[Gap]:
        return gaps(some, since=terms.since, until=terms.until)

    slack, vague, none = timed.slack, timed.vague, timedelta()

    def at_best_of(one: PlacedRun) -> PlacedRun:
        latest, soonest = one.at_best or (one.recovery_point, one.restorable_at)
        return replace(one, recovery_point=latest + slack.get(one.run.location, none), restorable_at=soonest)

    later = [at_best_of(one) for one in points]
    # The gap that the first backup of the whole part ended may be one that retention made, too.
    ends_thinned = next(
        (at_best_of(one).restorable_at for one in points if one.recovery_point == beat.thinned_before), None
    )
    at_best = [gap for gap in of(later) if ends_thinned is None or gap.ends > ends_thinned]
    unsure = []
    others = sum(point.doubt == _OF_ANOTHER for point in points)
    if doubtful := sum(point.doubt is not None for point in points) - others:
        unsure.append(f"{count(doubtful, 'backup')} of doubtful size may not restore")
    if others:
        unsure.append(f"{count(others, 'backup')} may be of another thing by the name")
    if timed.undated:
        at_best = []
        unsure.append(f"{count(len(timed.undated), 'backup')} cannot be dated")
    if beat.thinned_before:
        unsure.append(f"retention seems to have removed backups from before {written(beat.thinned_before)}")
    if slack:
        hours = spell(max(slack.values()).total_seconds())
        unsure.append(f"up to {hours} may be due to the zone of the times in names, which is not known (see --zone)")
    if longest := max(vague.values(), default=none):
        hint = "" if timed.zone_known else " (see --zone)"
        unsure.append(f"names that alone date backups tell it no closer than to {spell(longest.total_seconds())}{hint}")
    return History(
        gaps=of(points),
        at_worst=of(point for point in points if not point.doubt),
        at_best=at_best,
        unsure=unsure,
        goes_back_to=_goes_back_to(terms, points),
        unknown="the store's times are not trustworthy, and the names carry no dates" if timed.lost else None,
        nothing=nothing[0],
        is_loss=nothing[1],
    )


def _nothing(
    terms: ExposureTerms, series: Series, unusable: Sequence[UnusableBackup], timed: Timed
) -> tuple[str, bool]:
    """Return why there may be no recovery point, and whether that is a fact about the backups."""
    if timed.points and all(point.restorable_at > terms.until for point in timed.points):
        return f"the store holds nothing from before {written(terms.until)}", False
    if timed.undated:
        return f"none of the {count(len(unusable), 'backup')} can be dated", False
    if unusable:
        objects = count(len(unusable), "object is", "objects are")
        return f"no recovery point: {objects} there and unusable ({unusable[-1].why})", True
    return f"nothing matches {terms.pattern}", False


def _recorded(points: Sequence[PlacedRun], terms: ExposureTerms) -> list[RecoveryPoint]:
    """Return the points that a period rests on: those of the period, and the last before it."""
    everything = gaps(points, since=None, until=terms.until)
    rpa = {id(gap.closed_by): gap.rpa_seconds for gap in everything if gap.closed_by}
    if terms.since is not None:
        first = next((at for at, point in enumerate(points) if point.restorable_at >= terms.since), len(points))
        newest = max(points[:first], key=lambda point: point.recovery_point, default=None)
        points = [*([newest] if newest else []), *points[first:]]
    return [
        RecoveryPoint(
            location=point.run.location,
            objects=point.objects,
            size_bytes=point.run.size_bytes,
            recovery_point=point.recovery_point,
            restorable_at=point.restorable_at,
            basis=point.basis,
            rpa_seconds=rpa.get(id(point)),
            doubt=point.doubt,
        )
        for point in points
    ]


def _bounded(points: Sequence[RecoveryPoint], largest: Gap | None) -> tuple[RecoveryPoint, ...]:
    """Return the newest points, and the two that the worst gap lies between."""

    def of_worst(point: RecoveryPoint) -> bool:
        return largest is not None and (
            point.recovery_point == largest.recovery_point or point.restorable_at == largest.ends
        )

    if not any(map(of_worst, points[:-MOST_POINTS])):
        return tuple(points[-MOST_POINTS:])
    newest = points[-(MOST_POINTS - 2) :]
    return (*[point for point in points[: -len(newest)] if of_worst(point)][:2], *newest)


def _hints(terms: ExposureTerms, timed: Timed, beat: Rhythm) -> Iterable[str]:
    # Nothing is held against a job that may be due to the zone of its names.
    lag = 0.0 if timed.slack else timed.usual_lag_seconds or 0.0
    if beat.seconds and terms.objective_seconds and beat.seconds + lag > terms.objective_seconds:
        takes = f" that are restorable {spell(lag)} after their start" if lag else ""
        yield (
            f"Backups {beat.words}{takes} cannot hold an RPO of {spell(terms.objective_seconds)}: "
            "it takes more frequent ones, or binary logs between them"
        )


def _limits(terms: ExposureTerms, points: Sequence[PlacedRun], beat: Rhythm) -> Iterable[str]:
    """Say what the history does not show."""
    if begins := _goes_back_to(terms, points):
        yield f"The store goes back to {written(begins)}; what was there before is not known"
    if len(points) == 1:
        yield "There is one recovery point, so no history to speak of"
    if beat.thinned_before:
        yield (
            f"Before {written(beat.thinned_before)} backups are so much further apart that retention seems to have "
            "removed some: the gaps there may not have been gaps at the time"
        )
    if abs(terms.clock_ahead_seconds) > 0:
        ahead = terms.clock_ahead_seconds
        yield (
            f"The store's clock is {spell(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} this host's; "
            "its times were converted to this host's"
        )


def _goes_back_to(terms: ExposureTerms, points: Sequence[PlacedRun]) -> datetime | None:
    """Return when the history begins, where the period began before."""
    return points[0].restorable_at if points and terms.since and points[0].restorable_at > terms.since else None
