"""Which of many backups a recovery takes: the newest that was there, and what speaks against it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.backups.choice import Chosen, choose_newest
from drtool.errors import RestoreFailed, Unverifiable
from drtool.stores.interface import StoredObject

DISASTER = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def stored(name: str, hours_before: float, size_bytes: int = 1000) -> StoredObject:
    return StoredObject(
        location=f"s3://backups/shop/{name}",
        size_bytes=size_bytes,
        modified_at=DISASTER - timedelta(hours=hours_before),
    )


def choose(*candidates: StoredObject) -> Chosen:
    return choose_newest("s3://backups/shop/*", candidates, DISASTER)


class TestChoosing:
    def test_the_newest_is_taken_whatever_the_order_of_the_listing(self) -> None:
        one, two, three = stored("a.sql", 30), stored("b.sql", 6), stored("c.sql", 54)
        for order in ((one, two, three), (three, two, one), (two, one, three)):
            assert choose(*order).found is two

    def test_one_that_was_written_at_the_very_disaster_was_there(self) -> None:
        assert choose(stored("a.sql", 0)).found.location.endswith("a.sql")

    def test_what_is_newer_than_the_disaster_is_passed_over_and_that_is_said(self) -> None:
        chosen = choose(stored("old.sql", 6), stored("new.sql", -0.001), stored("newer.sql", -5))
        assert chosen.found.location.endswith("old.sql")
        assert chosen.deviations == (
            "2 newer than the disaster (2026-11-24T03:00:00Z) passed over: s3://backups/shop/*",
        )

    def test_without_any_match_the_backup_is_missing(self) -> None:
        with pytest.raises(RestoreFailed, match="nothing matches") as missing:
            choose()
        assert missing.value.code == "backup-missing"

    def test_where_all_are_newer_than_the_disaster_the_backup_is_missing(self) -> None:
        with pytest.raises(RestoreFailed, match="all 2 that match are newer than the disaster"):
            choose(*(replace(stored(name, -1), time_is_own=True) for name in ("a.sql", "b.sql")))
        with pytest.raises(RestoreFailed, match="all 1 that match are newer than the disaster"):
            choose(stored("db-20261125T040000Z.sql", -48))

    @pytest.mark.parametrize(
        ("names", "is_own"), [(("a.sql",), False), (("a.sql", "b.sql", "c.sql"), True), (("db-20261123.sql",), True)]
    )
    def test_what_was_perhaps_only_copied_since_the_disaster_is_not_said_to_be_missing(
        self, names: tuple[str, ...], is_own: bool
    ) -> None:
        with pytest.raises(Unverifiable, match="perhaps by a copy alone") as unknown:
            choose(*(replace(stored(name, -48), time_is_own=is_own) for name in names))
        assert unknown.value.code == "newest-unknown"

    def test_of_two_written_at_once_the_choice_is_always_the_same(self) -> None:
        one, two = stored("a.sql", 1), stored("b.sql", 1)
        assert choose(one, two).found is choose(two, one).found

    @given(
        st.lists(
            st.tuples(st.text(st.characters(exclude_characters="."), max_size=20), st.integers(-5, 50)), max_size=20
        )
    )
    def test_nothing_that_was_there_is_newer_than_what_is_chosen(self, listing: list[tuple[str, int]]) -> None:
        candidates = [stored(name, hours) for name, hours in listing]
        there = [one for one in candidates if one.modified_at <= DISASTER]
        if not there:
            return
        chosen = choose(*candidates)
        assert chosen.found in there
        assert all(one.modified_at <= chosen.found.modified_at for one in there)
        assert chosen.choice.considered == len(there)

    @pytest.mark.parametrize(
        "beside",
        [
            "db-2.sql.gz.sha256",
            "db-2.sql.gz.log",
            "db-2.sql.gz.baseline.json",
            "MD5SUMS",
            "backup.log",
            "cron.log.1",
            "README",
            "how-to-restore.md",
            "backup.sh",
            "backup-20261123.log",
            "backup.conf",
        ],
    )
    def test_what_lies_beside_backups_is_none(self, beside: str) -> None:
        chosen = choose(stored("db-1.sql.gz", 30), stored("db-2.sql.gz", 6), stored(beside, 5, size_bytes=80))
        assert (chosen.found.location.endswith("db-2.sql.gz"), chosen.choice.considered) == (True, 2)
        assert chosen.deviations == ()
        assert choose(stored(beside, 5)).found.location.endswith(beside)  # who asks for that gets it

    @pytest.mark.parametrize("name", ["db-3.sql.gz.partial", "db-3.sql.gz.tmp", ".db-3.sql.gz.Xa81kQ"])
    def test_what_is_not_complete_yet_is_passed_over_and_that_is_said(self, name: str) -> None:
        chosen = choose(stored("db-2.sql.gz", 6), stored(name, 0.1))
        assert chosen.found.location.endswith("db-2.sql.gz")
        assert "1 that by the name are not complete yet" in chosen.deviations[0]

    def test_one_that_is_not_complete_yet_is_not_taken_for_want_of_another(self) -> None:
        with pytest.raises(RestoreFailed, match="not complete yet") as refused:
            choose(stored("db-3.sql.gz.part", 0.1))
        assert refused.value.code == "backup-missing"

    @pytest.mark.parametrize(("pointer", "size"), [("latest", 24), ("db-latest.sql.gz", 1000), ("_SUCCESS", 0)])
    def test_what_only_points_to_the_newest_or_marks_it_is_passed_over_and_said(self, pointer: str, size: int) -> None:
        chosen = choose(stored("db-20261123.sql.gz", 6), stored(pointer, 5, size_bytes=size))
        assert chosen.found.location.endswith("db-20261123.sql.gz")
        assert chosen.deviations[0].startswith(f"{pointer} passed over")

    @pytest.mark.parametrize("hours", [0.5, 5])
    @pytest.mark.parametrize(("folder", "size"), [("latest", 1000), ("current", 1001), ("2026-11-24", 1000)])
    def test_a_folder_that_is_the_newest_under_another_name_is_passed_over(
        self, folder: str, size: int, hours: float
    ) -> None:
        dated = [stored(f"2026-11-{day}/db.sql.gz", 5 + 24 * (23 - day), 1023 - day) for day in (21, 22, 23)]
        chosen = choose(*dated, stored(f"{folder}/db.sql.gz", hours, size))
        assert chosen.found.location.endswith("2026-11-24/db.sql.gz" if "20" in folder else "2026-11-23/db.sql.gz")
        assert chosen.choice.considered == (4 if "20" in folder else 3)

    @pytest.mark.parametrize(
        ("other", "size"), [("db-20261124.sql.gz", 0), ("current-orders.sql", 900), ("db-before-upgrade.sql", 1000)]
    )
    def test_an_empty_backup_and_one_of_another_name_are_backups(self, other: str, size: int) -> None:
        chosen = choose(stored("db-20261123.sql.gz", 26, 800), stored(other, 0.5, size_bytes=size))
        assert chosen.found.location.endswith(other)

    @pytest.mark.parametrize(
        ("links", "taken"),
        [
            (("db-20261124.sql.gz",), "db-20261124.sql.gz"),  # fails, as it is not there
            (("db-20261119.sql.gz", "db-20261120.sql.gz"), "db-20261123.sql.gz"),
            (("db-1.sql.gz",), "db-20261123.sql.gz"),
            (("latest/db.sql.gz", "newest.sql.gz"), "db-20261123.sql.gz"),
        ],
    )
    def test_a_link_to_nothing_is_taken_where_its_name_says_that_it_is_the_newest(
        self, links: tuple[str, ...], taken: str
    ) -> None:
        whole = [stored(f"db-202611{day}.sql.gz", 5 + 24 * (23 - day)) for day in (21, 22, 23)]
        dangling = [replace(stored(name, 0.1, size_bytes=0), leads_to="../gone") for name in links]
        chosen = choose(*whole, *dangling)
        assert chosen.found.location.endswith(f"/shop/{taken}")
        if "2026" not in "".join(links):
            assert "or a link to nothing" in chosen.deviations[0]

    def test_a_clock_that_is_ahead_hides_no_backup_from_a_drill_of_now(self) -> None:
        ahead, older = stored("db-2.sql", -0.05), stored("db-1.sql", 8)
        now = choose_newest("p", [older, ahead], DISASTER, DISASTER + timedelta(seconds=5))
        assert now.found is ahead
        assert "by a clock that is ahead" in now.deviations[0]
        later = choose_newest("p", [older, ahead], DISASTER, DISASTER + timedelta(hours=2))  # it came since
        assert later.found is older

    def test_of_backups_that_were_copied_and_have_no_dates_the_newest_is_a_guess(self) -> None:
        for week in (("mon", "tue", "wed"), ("Montag", "Dienstag", "Mittwoch"), ("lunes", "martes", "miércoles")):
            assert choose(*(stored(f"shop_{day}.sql", 1) for day in week)).choice.is_a_guess
        names = [f"shop-{day}.sql" for day in ("mon", "tue", "wed")]
        assert choose(*(stored(name, 1) for name in names)).choice.is_a_guess
        assert not choose(*(stored(name, 24 * ago) for ago, name in enumerate(names))).choice.is_a_guess
        assert not choose(
            *(stored(f"{name}.sql", 1) for name in ("shop", "crm", "mail"))
        ).choice.is_a_guess  # of one night

    @pytest.mark.parametrize(("files", "is_a_guess"), [((7, 7, 7, 7), False), ((7, 8, 9, 7), True)])
    def test_which_of_several_names_of_one_file_is_the_newest_is_no_guess(
        self, files: tuple[int, ...], is_a_guess: bool
    ) -> None:
        links = [replace(stored(f"daily.{n}/db.sql", 96), file=(1, file)) for n, file in enumerate(files)]
        assert choose(*links).choice.is_a_guess is is_a_guess

    @pytest.mark.parametrize(
        ("names", "is_a_guess"), [("db-202611{}T020000Z.sql", False), ("db-202611{}_020000.sql", True)]
    )
    def test_of_a_store_that_was_copied_since_the_disaster_the_names_say_what_was_there(
        self, names: str, is_a_guess: bool
    ) -> None:
        copied = [stored(names.format(day), -48 - day / 1000) for day in range(20, 27)]
        chosen = choose(*copied)
        assert chosen.found.location.endswith(names.format(24))
        assert chosen.choice.is_a_guess is is_a_guess  # in the west that of the 24th came after the disaster
        assert chosen.choice.considered == 5
        assert chosen.deviations[:2] == (
            "2 newer than the disaster (2026-11-24T03:00:00Z) passed over: s3://backups/shop/*",
            "5 that were copied since the disaster were there by their names: s3://backups/shop/*",
        )
        kept = [stored(names.format(day), 24 * (24 - day) + 0.5) for day in range(20, 27)]
        assert (choose(*kept).found.location, choose(*kept).choice.is_a_guess) == (chosen.found.location, False)

    @pytest.mark.parametrize("hours", [24 * 365 * 50, 24])
    def test_what_is_later_by_its_name_was_not_there_where_the_stores_times_were_lost(self, hours: int) -> None:
        found = [stored(f"db-202611{day}T020000Z.sql", hours + 24 * (24 - day)) for day in range(20, 27)]
        chosen = choose(*found).found.location
        assert chosen.endswith("24T020000Z.sql" if hours > 24 else "25T020000Z.sql")
        assert choose(*(stored(f"db-{day}.sql", hours + 24 * day) for day in (1, 2))).found.location.endswith(
            "db-1.sql"
        )

    @pytest.mark.parametrize(("hours", "is_copied"), [(1, True), (0.5, False)])
    def test_one_without_a_date_among_copied_ones_is_left_for_last_unless_it_came_later(
        self, hours: float, is_copied: bool
    ) -> None:
        copied = [stored(f"db-202611{day}.sql", 1 + (24 - day) / 1000) for day in (23, 22, 21, 20)]
        chosen = choose(*copied, stored("before-upgrade.sql", hours))
        last, newest = chosen.usable[-1].location, chosen.found.location
        assert (last if is_copied else newest).endswith("before-upgrade.sql")
        assert newest.endswith("db-20261123.sql") is is_copied
        assert [one for one in chosen.deviations if "before-upgrade.sql left for last" in one] == list(
            chosen.deviations
        )
        assert bool(chosen.deviations) is is_copied
        assert chosen.dated[copied[1].location] == datetime(2026, 11, 22, tzinfo=UTC)


class TestRecord:
    def test_what_was_there_to_choose_from_is_recorded_newest_first_and_ten_at_most(self) -> None:
        chosen = choose(*(stored(f"db-{number:02}.sql", number, size_bytes=number) for number in range(25)))
        choice = chosen.choice
        assert (choice.pattern, choice.considered, choice.chosen) == (
            "s3://backups/shop/*", 25, "s3://backups/shop/db-00.sql",
        )  # fmt: skip
        assert [one.size_bytes for one in choice.newest] == list(range(10))
        assert choice.newest[0].modified_at == DISASTER


class TestNames:
    @pytest.mark.parametrize(
        ("older", "newer"),
        [
            ("db-20261122.sql", "db-20261123.sql"), ("db-2026-11-22.sql.gz", "db-2026-11-23.sql.gz"),
            ("db-20261123T010000Z.sql", "db-20261123T020000Z.sql"),
            ("db_2026-11-22_0300.sql", "db_2026-11-23_0300.sql"),
            ("db_2026-11-23_11-59_AM.sql", "db_2026-11-23_01-00_PM.sql"), ("2026/11/22/db.sql", "2026/11/23/db.sql"),
            ("db-30-10-2026.sql", "db-01-11-2026.sql"), ("b-10.30.2026_user.tar", "b-11.01.2026_user.tar"),
            ("db-2026-11-23T03:00:00+0200.sql", "db-2026-11-23T02:00:00+0000.sql"),
        ],
    )  # fmt: skip
    def test_where_every_name_has_a_date_the_newest_by_its_name_is_taken_and_told(self, older: str, newer: str) -> None:
        for candidates in ((stored(older, 1), stored(newer, 20)), (stored(newer, 20), stored(older, 1))):
            chosen = choose(*candidates)
            assert chosen.found.location.endswith(newer)
            assert chosen.usable[1].location.endswith(older)
            assert chosen.choice.why.startswith("latest by its name")
            assert chosen.deviations == (
                f"By its name s3://backups/shop/{newer}, which was taken, is newer than s3://backups/shop/{older}, "
                "which the store modified last: it was copied or changed since, or its name is wrong",
            )

    @pytest.mark.parametrize("older", [2, 9])
    def test_a_job_that_began_to_write_its_dates_otherwise_is_read_in_both_ways(self, older: int) -> None:
        sooner = [stored(f"db-2026-11-{day:02}.sql", 1 + day / 1000) for day in range(10, 10 + older)]
        later = [stored(f"db-{day}-11-2026.sql", 1 + day / 1000) for day in (19, 20, 21, 22)]
        chosen = choose(*sooner, *later)
        assert (chosen.found, chosen.choice.by_name) == (later[-1], True)
        assert chosen.usable[4] is sooner[-1]

    @given(st.permutations(range(6)))
    def test_a_store_that_was_copied_in_any_order_gives_the_newest(self, order: list[int]) -> None:
        copied = [stored(f"db-2026112{day}.sql", hours) for day, hours in enumerate(order)]
        assert choose(*copied).found.location.endswith("db-20261125.sql")

    @pytest.mark.parametrize(
        ("newest", "other"),
        [
            ("db-20261123.sql", "db-20261122.sql"), ("db-20261123.sql", "db-20261123-copy.sql"),
            ("db-20261123.sql", "db-20261123T230000Z.sql"), ("db-20261122.sql", "other.sql"),
            ("other.sql", "db-20261122.sql"), ("db-1.sql", "db-2.sql"), ("db-20269999.sql", "db-20268888.sql"),
        ],
    )  # fmt: skip
    def test_names_that_agree_or_say_nothing_raise_nothing(self, newest: str, other: str) -> None:
        chosen = choose(stored(newest, 1), stored(other, 20))
        assert (chosen.found.location.endswith(newest), chosen.deviations) == (True, ())

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "a\nb.sql", "<script>.sql", "'; DROP TABLE t; --", "\x1b[31m", ""]
    )
    def test_hostile_names_are_only_names(self, name: str) -> None:
        chosen = choose(stored(name, 1), stored("db-20261123.sql", 2))
        assert chosen.found.location == f"s3://backups/shop/{name}"
