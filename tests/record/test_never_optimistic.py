"""Whatever is known of a backup's time and however it was copied: no RPO is met that the truth misses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drtool.backups.clock_readings import WallTimes
from drtool.backups.naming import dates_of
from drtool.backups.when_taken import StoreRecord, when_taken
from drtool.record.recovery import Evidence, Rpo
from drtool.record.recovery_point import judge_rpo
from drtool.record.verdicts import Verdict
from drtool.stores.interface import StoredObject

LONGEST = timedelta(minutes=90)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = {
    "none": "db.sql",
    "utc": "db-{start:%Y%m%dT%H%M%SZ}.sql",
    "offset": "db-{local:%Y-%m-%dT%H:%M:%S%z}.sql",
    "gitlab": "{epoch}_{local:%Y_%m_%d}_18.10.11_gitlab_backup.tar",
    "local": "db-{local:%Y-%m-%d_%H-%M-%S}.sql",
    "twelve hours": "db-{local:%Y-%m-%d_%I-%M-%S_%p}.sql",
    "day": "db-{local:%Y-%m-%d}.sql",
    "day in words": "db-{local:%d%b%Y}.sql",
    "month": "db-{local:%Y-%m}.sql",
    "day first": "db_{local:%d-%m-%Y}.sql",
    "month first": "backup-{local:%m.%d.%Y_%H-%M-%S}_user.tar.gz",
    "two digits": "db-{local:%y%m%d}.sql",
    "day of the year": "db-{local:%Y-%j}.sql",
    "epoch": "db-{epoch}.sql",
    "folder": "{local:%Y/%m/%d}/db.sql",
    "folder and clock": "{local:%Y-%m-%d}/db-{local:%H%M}.sql",
    "number": "db-{number}.sql",
}
OF_ITSELF = {"utc", "offset", "gitlab"}
TIMED = {"local", "twelve hours"}


@dataclass(frozen=True, kw_only=True)
class World:
    """A backup as it was made, what became of its file, and when the disaster struck.

    On a disk whoever copies a file makes it young; a bucket says that its times are its own. With `in_parts` it keeps
    when the upload began: with the dump, or after it. There are `older` backups beside it, one a night, which were
    copied with it. A store that `loses_times` says 1970 of all of them.
    """

    start: datetime
    runs_for: timedelta
    zone: tzinfo
    name: str
    has_comment: bool
    copied_after: timedelta | None
    says_zone: bool
    host_zone: tzinfo
    struck_after: timedelta
    objective: timedelta
    in_bucket: bool
    in_parts: bool
    is_piped: bool
    older: int
    loses_times: bool

    @property
    def end(self) -> datetime:
        return self.start + self.runs_for

    @property
    def stored_at(self) -> datetime:
        if self.copied_after is None and self.in_bucket and self.in_parts and self.is_piped:
            return self.start
        return self.end + (self.copied_after or timedelta(seconds=1))

    @property
    def disaster_at(self) -> datetime:
        return max(self.stored_at, self.end) + self.struck_after

    @property
    def looks_fresh_by_chance(self) -> bool:
        """Whether a copy was made just when this host's clock showed what the backup's had shown at its end.

        Nothing tells it from a backup that this host has made a moment ago.
        """
        apart = (self.zone.utcoffset(None) or timedelta()) - (self.host_zone.utcoffset(None) or timedelta())
        return self.copied_after is not None and abs(self.copied_after - apart) <= timedelta(seconds=62)

    @property
    def is_untold(self) -> bool:
        """Whether it was copied in a bucket and neither it nor anything beside it says so."""
        says_nothing = not self.has_comment and self.written(0)[1] not in dates_of(self.times())
        return self.in_bucket and self.copied_after is not None and says_nothing and len(self.times()) < 3

    @property
    def evidence_is_enough(self) -> bool:
        """Whether a person could be sure to some hours, and the objective is not within those."""
        known = self.name in OF_ITSELF or (self.says_zone and (self.name in TIMED or self.has_comment))
        lost = self.disaster_at - self.start
        return known and abs(lost - self.objective) > LONGEST + timedelta(minutes=2)

    def written(self, nights_before: int) -> tuple[datetime, str]:
        """Return the store's time of a backup and its location."""
        start = self.start - nights_before * DAY
        stored_at = self.stored_at - (nights_before * DAY if self.copied_after is None else timedelta())
        stored_at -= timedelta(seconds=7 * (nights_before * 5 % 7))  # a copy is made in any order
        name = NAMES[self.name].format(
            start=start,
            local=start.astimezone(self.zone),
            epoch=int(start.timestamp()),
            number=start.timestamp() % 86_243,
        )
        return EPOCH if self.loses_times else stored_at, f"/srv/{name}"

    def times(self) -> dict[str, datetime]:
        """Return the store's times of all that lies there, by location."""
        return {location: at for at, location in map(self.written, range(self.older, -1, -1))}

    def judged(self) -> Rpo:
        ended = self.end.astimezone(self.zone).replace(tzinfo=None, microsecond=0) if self.has_comment else None
        stored_at, location = self.written(0)
        beside = [
            StoredObject(location=other, size_bytes=10_000_000, modified_at=at) for other, at in self.times().items()
        ]
        taken = when_taken(
            StoreRecord(
                location=location,
                modified_at=stored_at,
                seen_at=self.disaster_at,
                is_own=self.in_bucket,
                is_start=self.in_bucket and self.in_parts,
                beside=tuple(beside),
            ),
            WallTimes(ended=ended),
            zone=self.zone if self.says_zone else None,
            host_zone=self.host_zone,
            longest=LONGEST,
        )
        return judge_rpo(
            objective_seconds=self.objective.total_seconds(),
            disaster_at=self.disaster_at,
            evidence=[Evidence(resource="db", **vars(one)) for one in taken.indications],
            restored=["db"],
            recovered=True,
            broken=False,
        )


zones = st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
hours = st.integers(0, 60).map(lambda number: timedelta(hours=number))
near_an_hour = st.builds(lambda whole, seconds: whole + timedelta(seconds=seconds), hours, st.integers(0, 3599))
worlds = st.builds(
    World,
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (the zone follows)
    runs_for=st.integers(0, int(LONGEST.total_seconds())).map(lambda seconds: timedelta(seconds=seconds)),
    zone=zones,
    name=st.sampled_from(sorted(NAMES)),
    has_comment=st.booleans(),
    copied_after=st.none() | near_an_hour,
    says_zone=st.booleans(),
    host_zone=st.just(UTC) | zones,
    struck_after=near_an_hour,
    objective=st.integers(1, 80).map(lambda number: timedelta(hours=number)),
    in_bucket=st.booleans(),
    in_parts=st.booleans(),
    is_piped=st.booleans(),
    older=st.integers(0, 6),
    loses_times=st.integers(0, 3).map(lambda number: number == 0),
).filter(lambda world: not world.looks_fresh_by_chance and not world.is_untold)


@pytest.mark.parametrize("stores", [1_500, pytest.param(20_000, marks=pytest.mark.long)])
def test_no_objective_is_met_that_the_truth_misses_and_what_is_known_is_judged(stores: int) -> None:
    said: Counter[str] = Counter()

    @settings(max_examples=stores, database=None)
    @given(worlds)
    def judge(world: World) -> None:
        rpo = world.judged()
        lost = world.disaster_at - world.start
        if rpo.verdict is Verdict.PASSED:
            assert lost <= world.objective + timedelta(minutes=1), (world, rpo)
        if rpo.verdict is Verdict.FAILED:
            assert lost > world.objective - timedelta(seconds=1), (world, rpo)  # names and comments have whole seconds
        said[f"{world.evidence_is_enough} {rpo.verdict}"] += 1

    judge()
    open_ends = said[f"True {Verdict.UNVERIFIED}"]
    enough = sum(count for what, count in said.items() if what.startswith("True"))
    assert enough > stores / 10
    assert open_ends <= 0.05 * enough, said
