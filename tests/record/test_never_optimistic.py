"""Whatever is known of a backup's time and however it was copied: no RPO is met that the truth misses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drtool.backups.clock_readings import WallTimes
from drtool.backups.when_taken import StoreRecord, when_taken
from drtool.record.recovery import Evidence, Rpo
from drtool.record.recovery_point import judge_rpo
from drtool.record.verdicts import Verdict

LONGEST = timedelta(minutes=90)
NAMES = {
    "none": "db.sql",
    "utc": "db-{start:%Y%m%dT%H%M%SZ}.sql",
    "local": "db-{local:%Y-%m-%d_%H-%M-%S}.sql",
    "day": "db-{local:%Y-%m-%d}.sql",
}


@dataclass(frozen=True, kw_only=True)
class World:
    """A backup as it was made, what became of its file, and when the disaster struck."""

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

    @property
    def end(self) -> datetime:
        return self.start + self.runs_for

    @property
    def stored_at(self) -> datetime:
        return self.end + (self.copied_after or timedelta(seconds=1))

    @property
    def disaster_at(self) -> datetime:
        return self.stored_at + self.struck_after

    @property
    def looks_fresh_by_chance(self) -> bool:
        """Whether a copy was made just when this host's clock showed what the backup's had shown at its end.

        Nothing tells it from a backup that this host has made a moment ago.
        """
        apart = (self.zone.utcoffset(None) or timedelta()) - (self.host_zone.utcoffset(None) or timedelta())
        return self.copied_after is not None and abs(self.copied_after - apart) <= timedelta(seconds=62)

    @property
    def evidence_is_enough(self) -> bool:
        """Whether a person could be sure to some hours, and the objective is not within those."""
        known = self.name == "utc" or (self.says_zone and (self.name == "local" or self.has_comment))
        lost = self.disaster_at - self.start
        return known and abs(lost - self.objective) > LONGEST + timedelta(minutes=2)

    def judged(self) -> Rpo:
        location = NAMES[self.name].format(start=self.start, local=self.start.astimezone(self.zone))
        ended = self.end.astimezone(self.zone).replace(tzinfo=None, microsecond=0) if self.has_comment else None
        taken = when_taken(
            StoreRecord(location=f"/srv/{location}", modified_at=self.stored_at),
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
).filter(lambda world: not world.looks_fresh_by_chance)


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
