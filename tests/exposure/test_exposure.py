"""Exposure tells the worst moment of a store's history, and says what it cannot know."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from drtool.errors import Unverifiable
from drtool.exposure import ExposureTerms, HeadCheck, exposures
from drtool.exposure.gaps import gaps, worst
from drtool.record.exposure import Exposure, TimeBasis
from drtool.record.verdicts import Verdict
from drtool.stores.interface import StoredObject
from drtool.stores.whole import parts_joined

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTES_20 = timedelta(minutes=20)
MEGA = 1_000_000
UTC_NAME = "s3://backups/shop/db-{:%Y%m%dT%H%M%SZ}.sql.zst"
LOCAL_NAME = "s3://backups/shop/db-{:%Y-%m-%d_%H%M}.sql.zst"
DATE_NAME = "s3://backups/shop/db-{:%Y-%m-%d}.sql.zst"
DOCS = Path(__file__).parents[2] / "docs"


def stored(location: str, modified_at: datetime, size_bytes: int = 10 * MEGA) -> StoredObject:
    return StoredObject(location=location, size_bytes=size_bytes, modified_at=modified_at)


def nightly(
    days: int,
    *,
    without: Iterable[int] = (),
    takes: timedelta = MINUTES_20,
    jitter: timedelta = timedelta(),
    name: str = UTC_NAME,
    zone: tzinfo = UTC,
    size: Callable[[int], int] = lambda ago: 10 * MEGA - ago * 1000,
    until: datetime = NOW,
) -> list[StoredObject]:
    """Return a backup begun at 03:00 UTC of each of the last days, but for some, counted backwards from today."""
    chance = random.Random(7)  # noqa: S311
    found = []
    for ago in range(days):
        began = until.replace(hour=3, minute=0) - ago * DAY + chance.uniform(-1, 1) * jitter
        if ago not in without:
            found.append(stored(name.format(began.astimezone(zone)), began + takes, size(ago)))
    return found


def uncounted(times: Iterable[datetime]) -> list[StoredObject]:
    """Return backups whose names say nothing of when they were made."""
    return [stored(f"/srv/backups/{number}.sql", at) for number, at in enumerate(times)]


def measure_all(
    objects: Iterable[StoredObject],
    *,
    rpo: timedelta | None = None,
    since: datetime | None = None,
    until: datetime = NOW,
    looked_at: datetime | None = None,
    zone: tzinfo | None = None,
    host_zone: tzinfo = UTC,
    look: HeadCheck | None = None,
    as_one: bool = False,
    clock_ahead_seconds: float = 0.0,
) -> tuple[Exposure, ...]:
    terms = ExposureTerms(
        pattern="s3://backups/shop/*",
        since=since,
        until=until,
        looked_at=looked_at or until,
        objective_seconds=rpo.total_seconds() if rpo else None,
        zone=zone,
        host_zone=host_zone,
        as_one=as_one,
        clock_ahead_seconds=clock_ahead_seconds,
    )
    return exposures(terms, objects, look)


def measure(objects: Iterable[StoredObject], **terms: object) -> Exposure:
    (exposure,) = measure_all(objects, **terms)  # type: ignore[arg-type]
    return exposure


def hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 3600


class TestTheWorkedExample:
    """The three nights of the package's docstring and of the documentation."""

    SEEN_AT = datetime(2026, 11, 13, 6, 0, tzinfo=UTC)
    NIGHTS = (
        ("db-20261111T030000Z.sql.zst", datetime(2026, 11, 11, 3, 20, tzinfo=UTC)),
        ("db-20261112T030000Z.sql.zst", datetime(2026, 11, 12, 5, 0, tzinfo=UTC)),
        ("db-20261113T030000Z.sql.zst", datetime(2026, 11, 13, 3, 20, tzinfo=UTC)),
    )

    def exposure(self, rpo: timedelta | None = None) -> Exposure:
        return measure(
            [stored(f"s3://backups/shop/{name}", at) for name, at in self.NIGHTS], rpo=rpo, until=self.SEEN_AT
        )

    def test_it_comes_out_as_worked_by_hand(self) -> None:
        exposure = self.exposure()
        assert [hours(point.rpa_seconds) for point in exposure.points] == [None, 26, pytest.approx(24 + 1 / 3)]
        assert hours(exposure.worst_rpa_seconds) == 26
        assert exposure.worst_at == datetime(2026, 11, 12, 5, 0, tzinfo=UTC)
        assert exposure.worst_recovery_point == datetime(2026, 11, 11, 3, 0, tzinfo=UTC)
        assert hours(exposure.current_rpa_seconds) == 3
        assert {point.basis for point in exposure.points} == {TimeBasis.NAME_AND_STORE}

    @pytest.mark.parametrize(
        ("rpo", "period"), [(27, Verdict.PASSED), (26, Verdict.PASSED), (25, Verdict.FAILED), (24, Verdict.FAILED)]
    )
    def test_the_rpo_is_met_now_and_was_or_was_not_over_the_period(self, rpo: int, period: Verdict) -> None:
        exposure = self.exposure(rpo * HOUR)
        assert exposure.verdict_now is Verdict.PASSED
        assert exposure.verdict is period

    def test_the_sentence_says_both(self) -> None:
        said = self.exposure(25 * HOUR).reason
        assert said == "RPO of 25 h met now (3 h), but missed: 26 h on 12 November 2026, 05:00 UTC."

    def test_the_documentation_has_the_same_figures(self) -> None:
        pages = [page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")]
        page = next(text for text in pages if "## Exposure" in text)
        for name, _ in self.NIGHTS:
            assert name in page
        assert "**26 h**" in page
        assert self.exposure(25 * HOUR).reason in " ".join(page.split())


class TestGaps:
    def test_the_worst_gap_is_the_largest_rpa_of_any_moment(self) -> None:
        """Held against the definition itself: the RPA at a moment, looked up minute by minute."""
        chance = random.Random(11)  # noqa: S311
        for _ in range(40):
            objects = []
            for _ in range(chance.randint(1, 6)):
                began = NOW - timedelta(minutes=chance.randint(30, 900))
                objects.append((began, began + timedelta(minutes=chance.randint(0, 200))))
            points = [Moment(began, ended) for began, ended in objects if ended <= NOW]
            if not points:
                continue
            first = min(point.restorable_at for point in points)
            rpas = []
            at = first
            while at < NOW:
                at += timedelta(minutes=1)  # the moment just before `at`
                rpas.append(at - max(one.recovery_point for one in points if one.restorable_at < at))
            found = worst(gaps(points, since=None, until=NOW))
            assert found is not None
            assert found.rpa_seconds == max(rpas).total_seconds() if rpas else found.open

    def test_a_backup_overtaken_by_a_newer_one_ends_no_gap(self) -> None:
        slow = stored(UTC_NAME.format(NOW - 25 * HOUR), NOW - 2 * HOUR)
        quick = stored(UTC_NAME.format(NOW - 6 * HOUR), NOW - 5 * HOUR)
        old = stored(UTC_NAME.format(NOW - 50 * HOUR), NOW - 49 * HOUR)
        exposure = measure([slow, quick, old])
        assert hours(exposure.worst_rpa_seconds) == 45
        assert hours(exposure.current_rpa_seconds) == 6
        assert [point.rpa_seconds is None for point in exposure.points] == [True, False, True]

    def test_the_gap_that_reaches_into_the_period_counts_from_before_it(self) -> None:
        exposure = measure(nightly(40, without=range(28, 33)), since=NOW - 30 * DAY, rpo=26 * HOUR)
        assert hours(exposure.worst_rpa_seconds) == pytest.approx(6 * 24 + 1 / 3)
        assert exposure.worst_at is not None
        assert exposure.worst_at > NOW - 30 * DAY
        assert exposure.points[0].restorable_at < NOW - 30 * DAY

    def test_a_gap_before_the_period_is_left_out(self) -> None:
        exposure = measure(nightly(40, without=range(33, 38)), since=NOW - 30 * DAY, rpo=26 * HOUR)
        assert exposure.verdict is Verdict.PASSED
        assert exposure.missing_count == 0

    def test_the_open_gap_counts(self) -> None:
        exposure = measure(nightly(10, until=NOW - 3 * DAY), rpo=26 * HOUR, until=NOW)
        assert exposure.verdict_now is exposure.verdict is Verdict.FAILED
        assert hours(exposure.worst_rpa_seconds) == hours(exposure.current_rpa_seconds) == 78
        assert "missed now (3 d 6 h)" in exposure.reason

    def test_of_what_came_later_the_past_knows_nothing(self) -> None:
        exposure = measure(nightly(10), until=NOW - 3 * DAY, looked_at=NOW)
        assert hours(exposure.current_rpa_seconds) == 6
        assert exposure.store_times_trusted

    def test_a_store_that_does_not_reach_back_to_the_period_says_so(self) -> None:
        exposure = measure(nightly(5), since=NOW - 30 * DAY, rpo=26 * HOUR)
        assert exposure.verdict is Verdict.PASSED
        assert any("goes back to 20 November 2026" in text for text in exposure.assumptions)
        assert "as far as the store goes back" in exposure.reason

    def test_one_backup_says_nothing_of_a_month(self) -> None:
        exposure = measure(nightly(1), since=NOW - 30 * DAY, rpo=26 * HOUR)
        assert exposure.verdict_now is Verdict.PASSED
        assert exposure.verdict is Verdict.UNVERIFIED
        assert measure(nightly(1), rpo=26 * HOUR).verdict is Verdict.PASSED

    def test_bars_cover_the_period_and_the_worst_is_in_one_of_them(self) -> None:
        exposure = measure(nightly(40, without=(12,)), since=NOW - 30 * DAY)
        assert exposure.bars[0].start == NOW - 30 * DAY
        assert exposure.bars[-1].end == NOW
        assert len(exposure.bars) == 31
        assert max(bar.rpa_seconds or 0 for bar in exposure.bars) == exposure.worst_rpa_seconds

    def test_the_record_is_bounded_and_keeps_the_worst(self) -> None:
        times = [NOW - number * HOUR for number in range(2000) if not 1500 <= number < 1520]
        exposure = measure(uncounted(times))
        assert exposure.point_count == 1980
        assert len(exposure.points) == 400
        assert hours(max(point.rpa_seconds or 0 for point in exposure.points)) == 21
        assert msgspec.json.decode(msgspec.json.encode(exposure), type=Exposure) == exposure


class Moment:
    def __init__(self, recovery_point: datetime, restorable_at: datetime) -> None:
        self.recovery_point = recovery_point
        self.restorable_at = restorable_at


class TestRhythm:
    def test_a_night_left_out_is_missing(self) -> None:
        exposure = measure(nightly(30, without=(11,), jitter=2 * HOUR))
        assert exposure.missing_count == 1
        assert exposure.rhythm.startswith("about every 24 h")
        assert exposure.missing[0].after.date().isoformat() == "2026-11-12"

    def test_jitter_is_no_missing_run(self) -> None:
        assert measure(nightly(60, jitter=2 * HOUR)).missing_count == 0

    def test_a_job_that_stopped_is_overdue(self) -> None:
        exposure = measure(nightly(20, until=NOW - 3 * DAY), until=NOW)
        assert [one.overdue for one in exposure.missing] == [True]

    def test_a_run_that_is_hours_late_is_not_overdue_yet(self) -> None:
        assert measure(nightly(20, without=(0,))).missing_count == 0

    @pytest.mark.parametrize("days", [9, 13, 60])
    def test_weekends_of_a_job_of_working_days_are_not_missing(self, days: int) -> None:
        weekends = [ago for ago in range(days) if (NOW - ago * DAY).weekday() >= 5]
        assert measure(nightly(days, without=weekends)).missing_count == 0

    def test_a_working_day_left_out_of_such_a_job_is(self) -> None:
        weekends = [ago for ago in range(60) if (NOW - ago * DAY).weekday() >= 5]
        exposure = measure(nightly(60, without=[*weekends, 13]))
        assert exposure.missing_count == 1
        assert exposure.rhythm == "about every 24 h, none on Saturdays and Sundays"

    def test_the_weekend_of_a_daily_job_is_missing_even_in_its_second_week(self) -> None:
        assert measure(nightly(14, without=(2, 3))).missing_count == 2

    def test_hours_left_out_of_an_hourly_job_are_counted(self) -> None:
        exposure = measure(uncounted(NOW - number * HOUR for number in range(300) if number not in (50, 51, 52)))
        assert [one.count for one in exposure.missing] == [3]

    def test_nights_of_an_hourly_job_of_working_hours_are_not_missing(self) -> None:
        times = [NOW - number * HOUR for number in range(24 * 20)]
        assert measure(uncounted(at for at in times if 8 <= at.hour <= 18)).missing_count == 0
        assert measure(uncounted(at for at in times if 8 <= at.hour <= 18 and at.weekday() < 5)).missing_count == 0

    def test_a_job_at_two_times_of_day_has_both_expected(self) -> None:
        times = [NOW.replace(hour=hour) - ago * DAY for ago in range(1, 30) for hour in (3, 12)]
        noon = NOW.replace(hour=12) - 9 * DAY
        assert [one.count for one in measure(uncounted(at for at in times if at != noon)).missing][:1] == [1]
        assert measure(uncounted([*times, NOW.replace(hour=3)])).missing_count == 0

    def test_summer_time_makes_no_run_missing(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        times = [datetime(2026, 10, 1, 3, tzinfo=berlin) + ago * DAY for ago in range(50)]
        exposure = measure(uncounted(at.astimezone(UTC) for at in times), until=times[-1].astimezone(UTC) + HOUR)
        assert exposure.missing_count == 0

    @pytest.mark.parametrize(("interval", "without"), [(7, 10), (30, 5)])
    def test_long_rhythms_have_their_missing_runs_too(self, interval: int, without: int) -> None:
        times = [NOW - HOUR - number * interval * DAY for number in range(20)]
        assert measure(uncounted(times)).missing_count == 0
        assert measure(uncounted(at for at in times if at != times[without])).missing_count == 1

    def test_backups_at_random_have_no_rhythm_to_be_missing_from(self) -> None:
        chance = random.Random(3)  # noqa: S311
        times = [NOW - timedelta(hours=chance.uniform(0, 2000)) for _ in range(50)]
        exposure = measure(uncounted(times))
        assert exposure.rhythm_seconds is None
        assert exposure.missing_count == 0

    def test_an_rpo_that_the_rhythm_cannot_hold_is_pointed_out(self) -> None:
        exposure = measure(nightly(30), rpo=24 * HOUR)
        assert exposure.over_count == 29
        assert any("cannot hold an RPO of 24 h" in text for text in exposure.warnings)
        assert not any("cannot hold" in text for text in measure(nightly(30), rpo=25 * HOUR).warnings)

    def test_gaps_that_retention_made_are_not_held_against_the_rpo(self) -> None:
        hourly = [NOW - number * HOUR for number in range(24)]
        daily = [NOW - number * DAY for number in range(1, 8)]
        weekly = [NOW - number * 7 * DAY for number in range(2, 6)]
        exposure = measure(uncounted([*hourly, *daily, *weekly]), rpo=2 * HOUR)
        assert exposure.verdict is Verdict.UNVERIFIED
        assert "retention" in exposure.reason
        assert exposure.thinned_before == NOW - DAY
        assert exposure.missing_count == 0
        assert measure(uncounted([*hourly, *daily]), rpo=2 * HOUR, since=NOW - 20 * HOUR).verdict is Verdict.PASSED

    @pytest.mark.parametrize(
        ("older", "is_thinned"), [((9,), False), ((13,), True), ((13, 20), True), ((13, 14), False)]
    )
    def test_the_first_weekly_or_monthly_backups_may_be_what_retention_left(
        self, older: tuple[int, ...], is_thinned: bool
    ) -> None:
        exposure = measure(uncounted([NOW - ago * DAY for ago in (*range(8), *older)]), rpo=30 * HOUR)
        assert exposure.verdict is (Verdict.UNVERIFIED if is_thinned else Verdict.FAILED)
        assert (exposure.thinned_before == NOW - 7 * DAY) is is_thinned

    @pytest.mark.parametrize("takes", [timedelta(), timedelta(seconds=5), MINUTES_20])
    @pytest.mark.parametrize("older", [(14, 21, 28), (8, 15, 22), (9, 16, 23, 30, 60, 90, 120)])
    def test_the_gap_at_the_border_of_what_retention_thinned_is_not_held_against_the_rpo_either(
        self, older: tuple[int, ...], takes: timedelta
    ) -> None:
        kept = nightly(121, without={*range(8, 121)} - {*older}, takes=takes)
        exposure = measure(kept, rpo=25 * HOUR)
        assert (exposure.verdict, exposure.verdict_now) == (Verdict.UNVERIFIED, Verdict.PASSED)
        assert "retention" in exposure.reason
        one_missing = [one for number, one in enumerate(kept) if number != 2]
        assert measure(one_missing, rpo=25 * HOUR).verdict is Verdict.FAILED
        stopped = measure(kept, rpo=25 * HOUR, until=NOW + 2 * DAY)
        assert (stopped.verdict, stopped.verdict_now) == (Verdict.FAILED, Verdict.FAILED)

    def test_one_outage_is_no_retention(self) -> None:
        exposure = measure(nightly(30, without=range(20, 25)), rpo=30 * HOUR)
        assert exposure.thinned_before is None
        assert exposure.verdict is Verdict.FAILED


class TestSizes:
    def test_a_newest_backup_much_smaller_than_its_predecessors_is_doubtful(self) -> None:
        exposure = measure(nightly(10, size=lambda ago: 10 * MEGA if ago else 4 * MEGA), rpo=26 * HOUR)
        assert [point.location for point in exposure.doubtful] == [exposure.points[-1].location]
        assert exposure.verdict is exposure.verdict_now is Verdict.UNVERIFIED
        assert hours(exposure.worst_without_doubtful_seconds) == 30

    def test_growth_and_a_slow_decline_are_not(self) -> None:
        assert measure(nightly(40, size=lambda ago: MEGA * (41 - ago) ** 2)).doubtful_count == 0
        assert measure(nightly(40, size=lambda ago: int(MEGA * 1.1**ago))).doubtful_count == 0

    def test_the_verdict_stands_where_the_doubt_changes_nothing(self) -> None:
        objects = nightly(10, size=lambda ago: 10 * MEGA if ago != 5 else 2000)
        assert measure(objects, rpo=50 * HOUR).verdict is Verdict.PASSED
        assert measure(objects, rpo=20 * HOUR).verdict is Verdict.FAILED

    def test_one_bad_backup_does_not_make_the_next_look_right(self) -> None:
        exposure = measure(nightly(20, size=lambda ago: 10 * MEGA if ago >= 5 else 5000))
        assert exposure.doubtful_count == 5

    def test_data_removed_for_good_is_reported_once_and_believed_after_a_week(self) -> None:
        exposure = measure(nightly(30, size=lambda ago: 10 * MEGA if ago >= 10 else 3 * MEGA))
        assert exposure.doubtful_count == 0
        assert [text for text in exposure.warnings if "backups are about 2.9 MiB" in text]

    def test_a_dump_that_fails_from_some_day_on_is_never_believed(self) -> None:
        assert measure(nightly(40, size=lambda ago: 10 * MEGA if ago >= 20 else 9000)).doubtful_count == 20

    @pytest.mark.parametrize(
        "size",
        [
            pytest.param(lambda ago: 10 * MEGA if ago % 2 else MEGA // 5, id="full and incremental in turn"),
            pytest.param(lambda ago: 10 * MEGA if ago % 7 else 2 * MEGA, id="a quiet day a week"),
            pytest.param(lambda ago: MEGA if ago % 7 else 50 * MEGA, id="a full one a week"),
        ],
    )
    def test_sizes_that_come_and_go_by_plan_are_not_doubtful(self, size: Callable[[int], int]) -> None:
        assert measure(nightly(60, size=size)).doubtful_count == 0

    def test_dumps_that_fail_now_and_then_are_no_plan(self) -> None:
        assert measure(nightly(60, size=lambda ago: 10 * MEGA if ago % 9 else 3000)).doubtful_count == 7


class TestWhatIsNoRecoveryPoint:
    @pytest.mark.parametrize(
        ("name", "size", "why"),
        [
            ("db-20261124T030000Z.sql", 0, "zero bytes"),
            ("db-20261124T030000Z.sql.gz", 20, "a compressed stream with nothing in it"),
            ("db-20261124T030000Z.sql.zst", 13, "a compressed stream with nothing in it"),
            ("db-20261124T030000Z.sql.zst.tmp", MEGA, "not finished"),
            ("db-20261124T030000Z.tmp/", MEGA, "not finished"),
            (".db-20261124T030000Z.sql.zst.Xk2p9Q", MEGA, "not finished"),
        ],
    )
    def test_it_is_named_with_the_reason_and_does_not_count(self, name: str, size: int, why: str) -> None:
        broken = stored(f"s3://backups/shop/{name}", NOW - 5 * HOUR, size)
        exposure = measure([*nightly(10, without=(0,)), broken], rpo=26 * HOUR)
        assert [one.location for one in exposure.unusable] == [broken.location]
        assert why in exposure.unusable[0].why
        assert hours(exposure.current_rpa_seconds) == 30
        assert exposure.verdict is Verdict.FAILED

    @pytest.mark.parametrize(("night", "hours_now"), [(24, 30), (4, 6)])
    def test_a_link_to_nothing_is_named_and_does_not_count(self, night: int, hours_now: int) -> None:
        name = f"s3://backups/shop/db-202611{night:02}T030000Z.sql.zst"
        link = replace(stored(name, NOW - HOUR, 0), leads_to="../daily/gone")
        others = [one for one in nightly(10) if one.location != name]
        exposure = measure([*others, link], rpo=26 * HOUR)
        assert [one.why for one in exposure.unusable] == ["a link to ../daily/gone, which is not there"]
        assert hours(exposure.current_rpa_seconds) == hours_now
        assert exposure.verdict is (Verdict.FAILED if night == 24 else Verdict.PASSED)

    def test_a_store_of_nothing_else_has_missed_its_rpo(self) -> None:
        exposure = measure([stored("s3://backups/shop/db.sql", NOW, 0)], rpo=HOUR)
        assert exposure.verdict is Verdict.FAILED
        assert "no recovery point" in exposure.reason
        assert "zero bytes" in exposure.reason

    def test_a_store_with_nothing_in_it_cannot_be_judged(self) -> None:
        exposure = measure([], rpo=HOUR)
        assert exposure.verdict is Verdict.UNVERIFIED
        assert "nothing matches" in exposure.reason

    def test_checksums_and_logs_beside_backups_are_no_backups(self) -> None:
        backups = nightly(10, name="s3://backups/shop/db-{:%Y%m%dT%H%M%SZ}.sql")
        beside = [
            stored(found.location + suffix, found.modified_at + HOUR, 60)
            for found in backups
            for suffix in (
                ".sha256",
                ".log",
                ".baseline.json",
                ".baseline.jsonl.zst",
                ".baseline.jsonl.zst.sig",
                ".asc",
            )
        ]
        exposure = measure([*backups, *beside])
        assert exposure.point_count == 10
        assert exposure.unusable_count == exposure.doubtful_count == 0

    def test_a_look_at_the_first_bytes_tells_what_the_listing_does_not(self) -> None:
        objects = nightly(10, size=lambda ago: 10 * MEGA if ago else 3000)
        looked: list[str] = []

        def look(found: StoredObject) -> str | None:
            looked.append(found.location)
            return "The zst stream breaks off before its end"

        exposure = measure(objects, rpo=26 * HOUR, look=look)
        assert looked == [objects[0].location]
        assert exposure.unusable[0].why == "The zst stream breaks off before its end"
        assert exposure.verdict is Verdict.FAILED

    def test_the_look_is_at_twenty_at_most_and_never_at_backups_that_seem_right(self) -> None:
        looked: list[str] = []
        measure(
            nightly(90, size=lambda ago: 10 * MEGA if ago > 40 else 3000), look=lambda one: looked.append(one.location)
        )
        assert len(looked) == 20
        looked.clear()
        measure(nightly(90), look=lambda one: looked.append(one.location))
        assert len(looked) == 1

    def test_a_store_that_lists_but_does_not_let_read_is_a_warning(self) -> None:
        def look(found: StoredObject) -> str | None:
            raise Unverifiable("store-unreachable", f"{found.location} cannot be read", why="AccessDenied")

        exposure = measure(nightly(10), rpo=26 * HOUR, look=look)
        assert exposure.verdict is Verdict.PASSED
        assert any("AccessDenied" in text for text in exposure.warnings)


class TestSeveralObjectsOfOneBackup:
    def parts(self, names: Iterable[str], *, apart: timedelta = timedelta(minutes=5)) -> list[StoredObject]:
        return parts_joined(
            stored(f"s3://backups/shop/db-20261124T030000Z.sql.zst{name}", NOW - 5 * HOUR + number * apart)
            for number, name in enumerate(names)
        )

    @pytest.mark.parametrize("names", [(".001", ".002", ".003"), (".aa", ".ab", ".ac"), ("-part1", "-part2", "-part3")])
    def test_parts_are_one_backup_that_is_there_when_the_last_is(self, names: tuple[str, ...]) -> None:
        exposure = measure(self.parts(names))
        (point,) = exposure.points
        assert (point.objects, point.size_bytes) == (3, 30 * MEGA)
        assert point.restorable_at == NOW - 5 * HOUR + timedelta(minutes=10)

    @pytest.mark.parametrize("names", [(".001", ".003"), (".aa", ".ac"), (".part1of3", ".part2of3")])
    def test_a_part_that_is_missing_makes_it_unusable(self, names: tuple[str, ...]) -> None:
        exposure = measure([*nightly(5, without=(0,)), *self.parts(names)])
        assert "1 is missing" in exposure.unusable[0].why
        assert exposure.point_count == 4

    def test_rotated_backups_are_no_parts(self) -> None:
        rotated = [stored(f"/srv/db.sql.{number:03}", NOW - number * DAY) for number in range(1, 10)]
        assert measure(rotated).point_count == 9

    def test_copies_of_one_instant_are_one_recovery_point_that_the_first_makes_restorable(self) -> None:
        nights = nightly(20)
        copies = [
            stored(found.location.replace(".zst", ".gz"), found.modified_at + HOUR, found.size_bytes)
            for found in nights
        ]
        exposure = measure([*nights, *copies], rpo=25 * HOUR)
        assert exposure.point_count == 20
        assert exposure.points[-1].objects == 2
        assert exposure.verdict is Verdict.PASSED
        assert exposure.rhythm == "about every 24 h"


class TestTimesThatCannotBeTrusted:
    @pytest.mark.parametrize("apart", [9 * HOUR, 20 * HOUR / 60])
    def test_a_store_that_was_copied_slowly_is_dated_by_its_names_to_its_end(self, apart: timedelta) -> None:
        backups = nightly(8)[::-1]
        copied = [stored(one.location, NOW - (8 - number) * apart) for number, one in enumerate(backups)]
        exposure = measure(copied, rpo=26 * HOUR)
        assert (exposure.verdict, exposure.store_times_trusted) == (Verdict.PASSED, False)
        late = [*backups[:-1], stored(backups[-1].location, NOW - HOUR)]
        assert measure(late, rpo=26 * HOUR).verdict is Verdict.FAILED

    def test_a_copied_bucket_is_dated_by_its_names_and_says_so(self) -> None:
        copied = [
            stored(one.location, NOW - HOUR + timedelta(seconds=number), one.size_bytes)
            for number, one in enumerate(nightly(30, without=(12,)))
        ]
        exposure = measure(copied, rpo=30 * HOUR)
        assert not exposure.store_times_trusted
        assert "not trustworthy" in exposure.warnings[0]
        assert {point.basis for point in exposure.points} == {TimeBasis.NAME}
        assert hours(exposure.current_rpa_seconds) == 6
        assert hours(exposure.worst_rpa_seconds) == 48
        assert exposure.verdict is Verdict.FAILED
        assert exposure.missing_count == 1

    @pytest.mark.parametrize("name", [LOCAL_NAME, DATE_NAME])
    def test_names_without_a_zone_are_an_assumption(self, name: str) -> None:
        copied = [stored(one.location, NOW - HOUR) for one in nightly(30, name=name)]
        exposure = measure(copied)
        assert not exposure.store_times_trusted
        assert any("name no zone; they were taken as UTC" in text for text in exposure.assumptions)

    def test_names_without_dates_leave_nothing_to_go_by(self) -> None:
        exposure = measure(uncounted([NOW - HOUR] * 30), rpo=26 * HOUR)
        assert exposure.verdict is exposure.verdict_now is Verdict.UNVERIFIED
        assert not exposure.store_times_trusted

    def test_the_part_of_a_bucket_that_was_moved_is_dated_by_its_names(self) -> None:
        moved = NOW - 14 * DAY
        objects = [
            stored(one.location, moved + timedelta(seconds=number), one.size_bytes) if one.modified_at < moved else one
            for number, one in enumerate(reversed(nightly(30)))
        ]
        exposure = measure(objects, rpo=25 * HOUR)
        assert [point.basis for point in exposure.points].count(TimeBasis.NAME) == 16
        assert exposure.verdict is Verdict.PASSED  # as long as usual was taken for those too
        assert "16 of 30 backups" in exposure.warnings[0]

    def test_one_object_written_again_is_dated_by_its_name(self) -> None:
        objects = nightly(30)
        objects[20] = stored(objects[20].location, NOW - HOUR, objects[20].size_bytes)
        exposure = measure(objects, rpo=25 * HOUR)
        assert hours(exposure.current_rpa_seconds) == 6
        assert exposure.verdict is Verdict.PASSED
        assert not exposure.store_times_trusted

    def test_a_slow_night_is_believed(self) -> None:
        objects = nightly(30)
        objects[4] = stored(objects[4].location, objects[4].modified_at + 8 * HOUR, objects[4].size_bytes)
        exposure = measure(objects)
        assert exposure.store_times_trusted
        assert hours(exposure.worst_rpa_seconds) == pytest.approx(32 + 1 / 3)

    def test_the_newest_written_again_is_no_newer_than_its_name(self) -> None:
        exposure = measure([stored(DATE_NAME.format(NOW - 6 * DAY), NOW - HOUR)], rpo=26 * HOUR)
        assert exposure.verdict_now is Verdict.FAILED

    def test_a_time_in_the_future_is_not_believed(self) -> None:
        future = stored("s3://backups/shop/db-latest.sql.zst", NOW + 2 * HOUR)
        exposure = measure([*nightly(10, without=(0,)), future], rpo=26 * HOUR)
        assert any("in the future" in text for text in exposure.warnings)
        assert hours(exposure.current_rpa_seconds) == 30
        assert exposure.verdict is Verdict.UNVERIFIED  # it may well be from an hour ago
        named = stored(UTC_NAME.format(NOW - 2 * HOUR), NOW + 2 * HOUR)
        assert hours(measure([*nightly(10), named]).current_rpa_seconds) == 2

    def test_a_few_seconds_ahead_are_nothing_to_speak_of(self) -> None:
        exposure = measure(
            [*nightly(10, without=(0,)), stored(UTC_NAME.format(NOW - HOUR), NOW + timedelta(seconds=20))]
        )
        assert exposure.store_times_trusted
        assert exposure.warnings == ()

    def test_a_store_whose_clock_is_off_is_converted(self) -> None:
        shifted = [stored(one.location, one.modified_at + 3 * HOUR, one.size_bytes) for one in nightly(10)]
        exposure = measure(shifted, clock_ahead_seconds=3 * 3600.0)
        assert exposure.usual_lag_seconds == 1200
        assert any("clock is 3 h ahead" in text for text in exposure.assumptions)

    def test_files_older_than_their_names_by_the_store_are_dated_by_their_names(self) -> None:
        objects = nightly(10)
        objects[0] = stored(objects[0].location, datetime(1980, 1, 1, tzinfo=UTC))
        exposure = measure(objects)
        assert hours(exposure.current_rpa_seconds) == 6
        assert not exposure.store_times_trusted

    def test_without_a_time_in_the_name_the_rpa_is_said_to_be_too_short(self) -> None:
        exposure = measure(uncounted(NOW - ago * DAY for ago in range(10)))
        assert {point.basis for point in exposure.points} == {TimeBasis.STORE}
        assert any("the true RPA is longer by as long as the dump" in text for text in exposure.assumptions)

    def test_one_date_in_all_names_is_no_date_of_theirs(self) -> None:
        objects = [stored(f"/srv/since-20200101/{number}.sql", NOW - number * DAY) for number in range(10)]
        exposure = measure(objects, rpo=25 * HOUR)
        assert exposure.verdict is Verdict.PASSED
        assert exposure.store_times_trusted

    def test_dates_in_folders_count_where_names_have_none(self) -> None:
        copied = [stored(f"s3://backups/2026/11/{day:02}/db.sql.zst", NOW - HOUR) for day in range(1, 25) if day != 9]
        exposure = measure(copied)
        assert exposure.missing_count == 1
        assert hours(exposure.worst_rpa_seconds) == 72  # from the beginning of one day to the end of another


class TestNamesAsTheyAre:
    @pytest.mark.parametrize(
        "name",
        [
            "/srv/backup-{:%m.%d.%Y_%H-%M-%S}_user.tar.gz", "/srv/db_{:%d-%m-%Y}.sql", "/srv/db-{:%Y-%j}.sql",
            "/srv/{:%Y_%m_%d}_18.10.1_gitlab_backup.tar", "/srv/{:%Y/%m/%d}/dump.sql", "/srv/db{:%Y%m%d}.sql",
            "/srv/daily_shop_{:%Y-%m-%d_%Hh%Mm_%A}.sql.gz", "/srv/backup_{:%y%m%d%H%M}.tar", "/srv/shop-{:%d%b%Y}.sql",
        ],
    )  # fmt: skip
    def test_a_healthy_job_is_healthy_and_a_night_without_it_is_missed(self, name: str) -> None:
        assert measure(nightly(28, name=name), rpo=26 * HOUR, zone=UTC).verdict is Verdict.PASSED
        exposure = measure(nightly(28, name=name, without=(12,)), rpo=26 * HOUR, zone=UTC)
        assert (exposure.verdict, exposure.missing_count, exposure.point_count) == (Verdict.FAILED, 1, 27)

    @pytest.mark.parametrize("clock", ["%I-%M-%S_%p", "%I-%M-%S"])
    def test_morning_and_evening_on_a_clock_of_twelve_hours_are_two_backups(self, clock: str) -> None:
        name = "/srv/db_{:%Y-%m-%d_" + clock + "}.sql"
        morning = nightly(14, name=name)
        # At the same minute the second would have overwritten the first.
        times = [one.modified_at - MINUTES_20 + 12 * HOUR + timedelta(minutes=7) for one in morning[1:]]
        later = [stored(name.format(at), at + MINUTES_20) for at in times]
        exposure = measure([*morning, *later], rpo=14 * HOUR, zone=UTC)
        assert exposure.verdict is Verdict.PASSED
        assert exposure.point_count == 27

    def test_daily_weekly_and_monthly_backups_of_one_job_are_one_series(self) -> None:
        daily = nightly(7, name="/srv/daily_db_{:%Y-%m-%d_%Hh%Mm_%A}.sql.gz")
        weekly = nightly(35, name="/srv/weekly_db_{:%Y-%m-%d_%Hh%Mm_%V}.sql.gz")[8::7]
        monthly = nightly(91, name="/srv/monthly_db_{:%Y-%m-%d_%Hh%Mm_%B}.sql.gz")[30::30]
        assert len(measure_all([*daily, *weekly, *monthly])) == 1

    def test_what_was_uploaded_in_parts_is_said_to_be_restorable_later(self) -> None:
        in_parts = [replace(one, time_is_start=True) for one in nightly(5)]
        assert any("uploaded in parts" in said for said in measure(in_parts).assumptions)
        assert not any("uploaded in parts" in said for said in measure(nightly(5)).assumptions)

    @pytest.mark.parametrize("without", [None, 84])
    def test_an_hour_that_comes_twice_by_the_clock_is_two_backups(self, without: int | None) -> None:
        berlin, end = ZoneInfo("Europe/Berlin"), datetime(2026, 10, 28, 13, tzinfo=UTC)
        numbers = [number for number in range(1, 120) if number != without]
        times = [end - number * HOUR + timedelta(minutes=5, seconds=number % 4) for number in numbers]
        names = [f"db-{time.astimezone(berlin):%Y-%m-%d_%H%M%S}.sql" for time in times]
        hourly = [stored(name, time + timedelta(seconds=40)) for name, time in zip(names, times, strict=True)]
        assert len({*names}) == len(names)
        exposure = measure(hourly, rpo=1.5 * HOUR, until=end, zone=berlin)
        assert exposure.verdict is (Verdict.FAILED if without else Verdict.PASSED)
        assert exposure.missing_count == (1 if without else 0)

    @pytest.mark.parametrize(("written_ago", "is_missed"), [(2 * HOUR, True), (HOUR, False)])
    def test_the_time_that_a_copy_gave_to_a_name_without_a_date_is_no_recovery_point(
        self, written_ago: timedelta, is_missed: bool
    ) -> None:
        copied = [stored(one.location, NOW - 2 * HOUR) for one in nightly(20, until=NOW - DAY)]
        undated = stored("s3://backups/shop/db-before-upgrade.sql.zst", NOW - written_ago)
        exposure = measure([*copied, undated], rpo=4 * HOUR)
        assert [one.why.partition(",")[0] for one in exposure.unusable] == ["its time is that of a copy"] * is_missed
        assert exposure.verdict_now is (Verdict.UNVERIFIED if is_missed else Verdict.PASSED)

    def test_what_a_copy_left_of_a_name_with_no_more_than_a_day_is_not_judged_by_the_hour(self) -> None:
        copied = [stored(one.location, NOW - HOUR) for one in nightly(30, name=DATE_NAME)]
        assert measure(copied, rpo=8 * HOUR, zone=UTC).verdict is Verdict.UNVERIFIED
        assert measure(copied, rpo=26 * HOUR, zone=UTC).verdict is Verdict.UNVERIFIED
        assert measure(copied, rpo=48 * HOUR, zone=UTC).verdict is Verdict.PASSED

    @pytest.mark.parametrize("copied_after", [timedelta(hours=21, seconds=1), 3 * DAY])
    def test_of_a_day_that_was_over_when_the_store_was_written_the_beginning_counts(
        self, copied_after: timedelta
    ) -> None:
        weekly = nightly(60, name=DATE_NAME, takes=copied_after)[::7]
        true = 7 * DAY + copied_after
        assert measure(weekly, rpo=true - HOUR, zone=UTC).verdict is Verdict.UNVERIFIED
        exposure = measure(weekly, rpo=true + 4 * HOUR, zone=UTC)
        assert (exposure.verdict, exposure.worst_rpa_seconds) == (Verdict.PASSED, (true + 3 * HOUR).total_seconds())
        assert measure(weekly, rpo=true - 22 * HOUR, zone=UTC).verdict is Verdict.FAILED
        # Which day that was hangs on the zone.
        assert measure(weekly, rpo=true + 4 * HOUR).verdict is Verdict.UNVERIFIED
        assert "--zone" in measure(weekly, rpo=true + 4 * HOUR).reason


class TestZonesOfNames:
    @pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland", "Asia/Tokyo"])
    def test_names_from_east_of_utc_are_moved_by_whole_hours_and_it_is_said(self, zone: str) -> None:
        exposure = measure(nightly(40, name=LOCAL_NAME, zone=ZoneInfo(zone)), rpo=25 * HOUR)
        assert exposure.usual_lag_seconds == 1200
        assert exposure.verdict is Verdict.PASSED
        assert any("moved by the fewest whole hours" in text for text in exposure.assumptions)

    def test_a_zone_that_puts_a_name_behind_what_was_written_makes_no_backup_younger(self) -> None:
        stopped = nightly(20, name=LOCAL_NAME, until=NOW - DAY)  # names in UTC, of a host in another zone; RPA: 30 h
        wrong = measure(stopped, rpo=29 * HOUR, zone=ZoneInfo("America/Phoenix"))
        assert {wrong.verdict, wrong.verdict_now} == {Verdict.UNVERIFIED}
        assert measure(stopped, rpo=29 * HOUR, zone=UTC).verdict is Verdict.FAILED
        assert measure(stopped, rpo=31 * HOUR, zone=UTC).verdict is Verdict.PASSED

    def test_from_west_of_utc_the_verdict_waits_for_the_zone(self) -> None:
        objects = nightly(40, name=LOCAL_NAME, zone=ZoneInfo("America/New_York"))
        unsure = measure(objects, rpo=25 * HOUR)
        assert unsure.verdict is Verdict.UNVERIFIED
        assert "--zone" in unsure.reason
        assert measure(objects, rpo=25 * HOUR, zone=ZoneInfo("America/New_York")).verdict is Verdict.PASSED
        assert measure(objects, rpo=25 * HOUR, host_zone=ZoneInfo("America/New_York")).verdict is Verdict.PASSED

    def test_a_store_whose_clock_is_some_seconds_slow_is_not_missed_by_the_hour_of_another_zone(self) -> None:
        objects = nightly(20, name="/srv/db-{:%Y-%m-%d_%H-%M-%S}.sql", takes=timedelta(seconds=-81))
        assert measure(objects, rpo=24.5 * HOUR).verdict is Verdict.UNVERIFIED
        assert measure(objects, rpo=26 * HOUR).verdict is Verdict.PASSED
        assert measure(objects, rpo=23 * HOUR).verdict is Verdict.FAILED
        assert measure(objects, rpo=24.5 * HOUR, zone=UTC).verdict is Verdict.PASSED

    @pytest.mark.parametrize("years", [27, 41])
    def test_a_store_of_another_age_tells_nothing_of_the_zone_of_names(self, years: int) -> None:
        name = "/srv/db-{:%Y-%m-%d_%H%M}.sql"
        ages_ago = [stored(one.location, one.modified_at - years * 365 * DAY) for one in nightly(20, name=name)]
        exposure = measure(ages_ago, rpo=25 * HOUR)
        assert (exposure.verdict, hours(exposure.current_rpa_seconds)) == (Verdict.PASSED, 6)
        assert not any("moved by" in said for said in exposure.assumptions)
        with_gap = [one for number, one in enumerate(ages_ago) if number != 5]
        assert measure(with_gap, rpo=25 * HOUR).verdict is Verdict.FAILED

    def test_a_name_in_utc_later_than_the_store_means_a_wrong_clock(self) -> None:
        objects = [stored(one.location, one.modified_at - HOUR, one.size_bytes) for one in nightly(20)]
        exposure = measure(objects)
        assert any("later than the store's" in text for text in exposure.warnings)
        assert {point.basis for point in exposure.points} == {TimeBasis.STORE}


class TestSeveralSeries:
    def uploads(self, **terms: Iterable[int]) -> list[StoredObject]:
        return nightly(30, name="s3://backups/shop/uploads-{:%Y%m%dT%H%M%SZ}.tar.zst", **terms)  # type: ignore[arg-type]

    def test_a_database_that_is_missing_does_not_hide_behind_its_uploads(self) -> None:
        both = measure_all([*nightly(30, without=(10, 11)), *self.uploads()], rpo=26 * HOUR)
        verdicts = {one.series: one.verdict for one in both}
        assert verdicts == {"db-*.sql.zst": Verdict.FAILED, "uploads-*.tar.zst": Verdict.PASSED}
        assert all("matches 2 series" in one.warnings[0] for one in both)

    @pytest.mark.parametrize(
        "name",
        [
            "/srv/db-{}-{:%Y%m%d}.sql.zst", "/srv/web-{}/{:%Y%m%dT%H%M%SZ}.sql.zst", "/srv/{}_shop_{:%Y-%m-%d}.sql.zst",
            "/srv/9f3a1c{}-{:%Y%m%d}.sql.zst",
        ],
    )  # fmt: skip
    def test_a_host_whose_backups_stopped_does_not_hide_behind_another_of_the_same_name_but_a_number(
        self, name: str
    ) -> None:
        hosts = [
            stored(name.format(host, one.modified_at), one.modified_at + timedelta(minutes=host))
            for host, missing in ((1, 0), (2, 3))
            for one in nightly(30, without=range(missing))
        ]
        both = measure_all(hosts, rpo=30 * HOUR, zone=UTC)
        assert [one.verdict for one in both] == [Verdict.PASSED, Verdict.FAILED]
        assert len({one.series for one in both if one.series and "{}" not in one.series}) == 2
        assert len(measure_all(hosts, as_one=True)) == 1

    @pytest.mark.parametrize(
        "name",
        [
            "/srv/{:%u}-db-{:%Y%m%d}.sql", "/srv/{:%m}/{:%Y%m%dT%H%M%SZ}.sql", "/srv/{:%j}_shop_{:%Y-%m-%d}.sql",
            "/srv/{:%Y}/db-{:%Y%m%d}-1.sql",
        ],
    )  # fmt: skip
    def test_a_number_that_changes_with_the_day_is_no_host(self, name: str) -> None:
        found = [stored(name.format(one.modified_at, one.modified_at), one.modified_at) for one in nightly(90)]
        assert measure(found).point_count == 90

    @pytest.mark.parametrize("other", ["uploads.tar", "crm-20261123T040000Z.sql.zst", "crm.sql.zst"])
    def test_what_may_be_of_another_thing_ends_no_gap_for_sure(self, other: str) -> None:
        stopped, rpo = nightly(9)[1:], 29.5 * HOUR  # the newest of them began 30 hours ago
        strange = stored(f"s3://backups/shop/{other}", NOW - HOUR)
        exposure = measure([*stopped, strange], rpo=rpo)
        assert exposure.verdict_now is Verdict.UNVERIFIED
        assert "may be of another thing" in exposure.reason
        same = stored("s3://backups/shop/db-before-upgrade.sql.zst", NOW - HOUR)
        assert measure([*stopped, same], rpo=rpo).verdict_now is Verdict.PASSED
        assert measure([*nightly(9), strange], rpo=26 * HOUR).verdict_now is Verdict.PASSED

    def test_two_series_are_told_apart_beside_some_of_no_kind(self) -> None:
        strays = [stored(f"s3://backups/shop/{name}.sql", NOW - 30 * HOUR) for name in ("a", "b", "c", "d")]
        found = [*nightly(8), *nightly(8, name="s3://backups/shop/crm-{:%Y%m%dT%H%M%SZ}.sql.zst", without=(0, 1))]
        verdicts = {one.series: one.verdict_now for one in measure_all([*found, *strays], rpo=30 * HOUR)}
        assert verdicts == {"db-*.sql.zst": Verdict.PASSED, "crm-*.sql.zst": Verdict.FAILED}

    def test_series_of_folders_are_named_too(self) -> None:
        objects = [*nightly(30, name="/srv/db-{:%Y%m%d}/"), *nightly(30, name="/srv/uploads-{:%Y%m%d}/")]
        assert {one.series for one in measure_all(objects)} == {"db-*", "uploads-*"}

    def test_what_belongs_together_can_be_said_to(self) -> None:
        assert len(measure_all([*nightly(30), *self.uploads()], as_one=True)) == 1

    @pytest.mark.parametrize(
        "second",
        [
            "s3://backups/shop/db-{:%Y%m%dT%H%M%SZ}.sql.gz",
            "s3://backups/shop/db-weekly-{:%Y%m%dT%H%M%SZ}.sql.zst",
            "s3://backups/shop/{:%A}-db-{:%Y%m%dT%H%M%SZ}.sql.zst",
        ],
    )
    def test_another_compression_or_schedule_is_no_other_series(self, second: str) -> None:
        others = [
            stored(second.format(one.modified_at, one.modified_at), one.modified_at + 6 * HOUR) for one in nightly(30)
        ]
        assert len(measure_all([*nightly(30), *others])) == 1

    @pytest.mark.parametrize(
        "days",
        [
            "montag dienstag mittwoch donnerstag freitag samstag sonntag", "lun mar mer jeu ven sam dim",
            "lundi mardi mercredi jeudi vendredi samedi dimanche", "segunda terça quarta quinta sexta sábado domingo",
        ],
    )  # fmt: skip
    def test_days_in_another_language_make_no_other_series(self, days: str) -> None:
        words = days.split()
        found = [
            stored(f"/srv/shop_{one.modified_at:%Y-%m-%d}_{words[one.modified_at.weekday()]}.sql.gz", one.modified_at)
            for one in nightly(28)
        ]
        assert len(measure_all(found)) == (1 if len(words[0]) > 3 else 7)  # what is short may name anything

    def test_a_job_that_was_renamed_is_no_other_series(self) -> None:
        renamed = nightly(15, name="s3://backups/shop/shop_db_{:%Y%m%dT%H%M%SZ}.sql.zst")
        exposure = measure([*nightly(15, until=NOW - 15 * DAY), *renamed], until=NOW)
        assert exposure.point_count == 30

    def test_names_in_no_order_are_one_series(self) -> None:
        chance = random.Random(5)  # noqa: S311
        names = ["".join(chance.choices("abcdefgh", k=9)) for _ in range(30)]
        exposure = measure(stored(f"/srv/{name}.sql", NOW - ago * DAY) for ago, name in enumerate(names))
        assert exposure.point_count == 30
