"""However a store was filled and copied: no RPO is met where the truth misses it, nor the other way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drtool.exposure import ExposureTerms, exposures
from drtool.record.exposure import Exposure
from drtool.record.verdicts import Verdict
from drtool.stores.interface import StoredObject

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NAMES = {
    "day": "db-{local:%Y-%m-%d}.sql",
    "day in words": "db-{local:%d%b%Y}.sql",
    "folder": "{local:%Y/%m/%d}/db.sql",
    "week": "db-{local:%G-W%V}.sql",
    "time": "db-{local:%Y-%m-%d_%H-%M-%S}.sql",
    "utc": "db-{start:%Y%m%dT%H%M%SZ}.sql",
}
TIMED = {"time", "utc"}


@dataclass(frozen=True, kw_only=True)
class Store:
    """Backups made every so many days, some of them missing, and what became of them.

    `copied` is None where the store is the one that they were written to, "each" where another job copied each to it
    on a later day of its name, and "all" where somebody copied the whole store at last. (Nothing tells a copy that was
    made on the very day from the backup, and that a day later the next one was there from a copy of the whole store;
    and the date of the folder of a single backup may be of the day when the store was set up.)
    """

    first: datetime
    every_days: int
    kept: tuple[bool, ...]
    takes: timedelta
    zone: tzinfo
    says_zone: bool
    name: str
    copied: str | None
    copied_after: timedelta
    now_after: timedelta
    off: timedelta

    @property
    def starts(self) -> list[datetime]:
        there = (True, *self.kept)
        return [self.first + number * self.every_days * DAY for number, kept in enumerate(there) if kept]

    @property
    def now(self) -> datetime:
        return max(map(self.arrived, self.starts)) + HOUR + self.now_after

    def arrived(self, start: datetime) -> datetime:
        """Return when a recovery could have taken a backup."""
        if self.copied != "each":
            return start + self.takes
        local = start.astimezone(self.zone).replace(hour=0, minute=0, second=0)
        over = local + ((7 - local.weekday()) * DAY if self.name == "week" else DAY)
        return max(start + self.takes, over.astimezone(UTC) + self.copied_after)

    def written(self, number: int, start: datetime) -> datetime:
        if self.copied != "all":
            return self.arrived(start)
        return self.now - HOUR + timedelta(seconds=7 * (number * 5 % 7))  # a copy is made in any order

    @property
    def worst(self) -> timedelta:
        """The largest RPA of any moment."""
        closed = [self.arrived(later) - sooner for sooner, later in pairwise(self.starts)]
        return max([self.now - self.starts[-1], *closed])

    @property
    def objective(self) -> timedelta:
        return max(HOUR, self.worst + self.off)

    @property
    def can_be_told(self) -> bool:
        """Whether the zone is known where it matters, and the store shows which copies were made of all of it."""
        late = any(self.arrived(sooner) >= later for sooner, later in pairwise(self.starts))
        days_later = self.copied == "each" and self.copied_after >= 26 * HOUR
        needs_none = self.name == "utc" or (self.name != "time" and (self.copied is None or days_later))
        overwritten = self.name == "week" and self.every_days < 7
        fewest = {"all": 3, "each": 2 if self.name == "folder" else 1}
        alone = len(self.starts) < fewest.get(self.copied or "", 1)
        return (self.says_zone or needs_none) and not (late or overwritten or alone)

    def judged(self) -> Exposure:
        found = [
            StoredObject(
                location="/srv/" + NAMES[self.name].format(start=start, local=start.astimezone(self.zone)),
                size_bytes=10_000_000,
                modified_at=self.written(number, start),
            )
            for number, start in enumerate(self.starts)
        ]
        terms = ExposureTerms(
            pattern="/srv/*",
            until=self.now,
            looked_at=self.now,
            objective_seconds=self.objective.total_seconds(),
            zone=self.zone if self.says_zone else None,
            host_zone=UTC,
        )
        (exposure,) = exposures(terms, found)
        return exposure


def seconds(least: timedelta, most: timedelta) -> st.SearchStrategy[timedelta]:
    whole = st.integers(int(least.total_seconds()), int(most.total_seconds()))
    return whole.map(lambda number: timedelta(seconds=number))


def stores(**fixed: st.SearchStrategy[object]) -> st.SearchStrategy[Store]:
    """Return made-up stores, some things of which are given."""
    free: dict[str, st.SearchStrategy[object]] = {
        "first": st.datetimes(datetime(2026, 1, 1), datetime(2026, 9, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 (the zone follows)
            lambda at: at.replace(microsecond=0)
        ),
        "every_days": st.sampled_from([1, 2, 7, 7, 14]),
        "kept": st.lists(st.booleans(), min_size=1, max_size=9).map(tuple),
        "takes": seconds(timedelta(seconds=1), 90 * MINUTE),
        "zone": st.integers(-48, 56).map(lambda quarters: timezone(quarters * 15 * MINUTE)),
        "says_zone": st.booleans(),
        "name": st.sampled_from(sorted(NAMES)),
        "copied": st.sampled_from([None, "each", "all"]),
        "copied_after": seconds(timedelta(), 2 * HOUR) | seconds(timedelta(), 6 * DAY),
        "now_after": seconds(timedelta(), 2 * DAY) | seconds(timedelta(), 20 * DAY),
        "off": seconds(-26 * HOUR, 26 * HOUR) | seconds(-9 * DAY, 9 * DAY),
    }
    return st.builds(Store, **(free | fixed)).filter(lambda store: store.can_be_told)


made_up = stores()
own = stores(name=st.sampled_from(sorted(TIMED)), copied=st.none())
"""Stores that the jobs themselves wrote, with the times in names: of these nearly all can be told."""


@pytest.mark.parametrize("tried", [300, pytest.param(5_000, marks=pytest.mark.long)])
def test_no_period_is_met_that_the_truth_misses_and_what_is_known_is_judged(tried: int) -> None:
    said: Counter[str] = Counter()

    @settings(max_examples=tried, database=None, derandomize=tried < 1_000)
    @given(made_up | own)
    def judge(store: Store) -> None:
        exposure = store.judged()
        # How long a backup took is not known without its name's time or its own in the store, and the report says so.
        doubt = MINUTE + (timedelta() if store.name in TIMED and store.copied != "all" else store.takes)
        if exposure.verdict is Verdict.PASSED:
            assert store.worst <= store.objective + doubt, (store, exposure.reason)
        if exposure.verdict is Verdict.FAILED:
            assert store.worst > store.objective - MINUTE, (store, exposure.reason)
        told = store.name in TIMED and store.copied is None and abs(store.off) > 2 * HOUR
        said[f"{told} {exposure.verdict}"] += 1

    judge()
    enough = sum(count for what, count in said.items() if what.startswith("True"))
    assert {what.partition(" ")[2] for what in said} == set(Verdict), said
    assert enough > 0.05 * tried, said
    assert said[f"True {Verdict.UNVERIFIED}"] <= 0.2 * enough, said
