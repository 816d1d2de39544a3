"""What every store has to do, whatever it is made of; a new one is one more maker in `conftest.py`."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from drtool.backups.recognise import Format, recognise
from drtool.errors import RestoreFailed, Unverifiable
from tests.stores.conftest import Place

SQL = b"-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)\nSELECT 1;\n"
NUMBERINGS = [
    ("db.zst.001", "db.zst.002", "db.zst.003"),
    ("db.zst.000", "db.zst.001", "db.zst.002"),
    ("db.zst.00", "db.zst.01", "db.zst.02"),
    ("db.zst.aa", "db.zst.ab", "db.zst.ac"),
    ("db.zst.part1", "db.zst.part2", "db.zst.part3"),
    ("db.zst-aa", "db.zst-ab", "db.zst-ac"),
    ("db.zst_aa", "db.zst_ab", "db.zst_ac"),
    ("db.zst.part-aa", "db.zst.part-ab", "db.zst.part-ac"),
    ("db.zst.part01", "db.zst.part02", "db.zst.part03"),
    ("db.zst.part_00", "db.zst.part_01", "db.zst.part_02"),
    ("db.zst.PART1", "db.zst.PART2", "db.zst.PART3"),
    ("db.zst.part001of003", "db.zst.part002of003", "db.zst.part003of003"),
]
ODD_NAMES = [
    "db 2026-11-24.sql", "db+plus.sql", "db%20percent.sql", "db#hash?query&and=1.sql", "dätä-数据.sql", "db[1].sql",
    "-leading-dash.sql", "'quote\"<b>.sql", "$(id).sql", "*.sql", "~.sql",
]  # fmt: skip


class TestFinding:
    def test_what_is_found_is_as_the_store_records_it(self, place: Place) -> None:
        place.put("shop/db-1.sql", SQL)
        (found,) = place.store.find(place.at("shop/db-*.sql"))
        assert (found.location, found.size_bytes) == (place.at("shop/db-1.sql"), len(SQL))
        assert found.modified_at.tzinfo is UTC
        assert abs(datetime.now(UTC) - found.modified_at) < timedelta(minutes=1)
        assert (found.version_id, found.lock_state, found.members, found.is_folder) == (None, None, (), False)

    def test_what_is_looked_at_is_what_was_found(self, place: Place) -> None:
        place.put("shop/db-1.sql", SQL)
        (found,) = place.store.find(place.at("shop/db-1.sql"))
        looked = place.store.stat(found.location)
        assert (looked.location, looked.size_bytes) == (found.location, found.size_bytes)
        assert abs(looked.modified_at - found.modified_at) < timedelta(seconds=1)

    def test_a_wildcard_does_not_match_a_slash(self, place: Place) -> None:
        for name in ("db-1.sql", "shop/db-2.sql", "shop/old/db-3.sql", "shop-old/db-4.sql"):
            place.put(name)
        assert place.found("*.sql") == ["db-1.sql"]
        assert place.found("**.sql") == ["db-1.sql"]
        assert place.found("shop/*.sql") == ["shop/db-2.sql"]
        assert place.found("*/db-*.sql") == ["shop-old/db-4.sql", "shop/db-2.sql"]
        assert place.found("*/old/*.sql") == ["shop/old/db-3.sql"]
        assert place.found("s??p/db-[0-9].sql") == ["shop/db-2.sql"]

    def test_names_are_matched_in_the_case_they_are_written_in(self, place: Place) -> None:
        place.put("DB-1.SQL")
        assert place.found("db-*.sql") == []
        assert place.found("DB-*.SQL") == ["DB-1.SQL"]

    def test_a_pattern_without_a_wildcard_is_one_file_and_not_a_prefix(self, place: Place) -> None:
        for name in ("db.sql", "db.sql.gz"):
            place.put(name)
        assert place.found("db.sql") == ["db.sql"]
        assert place.found("none.sql") == []

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_odd_names_are_found_looked_at_and_opened(self, place: Place, name: str) -> None:
        place.put(f"shop/{name}", SQL)
        assert place.found("shop/*.sql") == [f"shop/{name}"]
        assert place.read(place.store.stat(place.at(f"shop/{name}"))) == SQL

    def test_a_bracket_in_a_pattern_is_a_choice_and_in_a_location_itself(self, place: Place) -> None:
        for name in ("db1.sql", "db[1].sql"):
            place.put(name)
        assert place.found("db[1].sql") == ["db1.sql"]
        assert place.found("db[[]1].sql") == ["db[1].sql"]
        assert place.store.stat(place.at("db[1].sql")).location == place.at("db[1].sql")

    def test_what_only_holds_others_is_no_backup(self, place: Place) -> None:
        place.put("shop/old/db-1.sql")
        assert place.found("*") == []
        assert place.found("shop/*") == []

    def test_a_listing_of_many_is_read_to_its_end(self, place: Place) -> None:
        names = [f"db-{number:02}.sql" for number in range(33)]
        for name in names:
            place.put(name)
        assert place.found("db-*.sql") == names


class TestLookingAt:
    @pytest.mark.parametrize("name", ["none.sql", "none/", "shop/none/db.sql"])
    def test_what_is_not_there_is_a_missing_backup(self, place: Place, name: str) -> None:
        place.put("shop/none.sql/db.sql")
        place.put("shop/none/other.sql")
        with pytest.raises(RestoreFailed) as missing:
            place.store.stat(place.at(name))
        assert missing.value.code == "backup-missing"

    def test_a_store_that_is_not_there_says_nothing_of_the_backups_in_it(self, place: Place) -> None:
        for look in (
            lambda: list(place.store.find(f"{place.nowhere}db-*.sql")),
            lambda: list(place.store.find(f"{place.nowhere}db.sql")),
            lambda: place.store.stat(f"{place.nowhere}db.sql"),
        ):
            with pytest.raises(Unverifiable) as unreachable:
                look()
            assert unreachable.value.code == "store-unreachable"
            assert unreachable.value.mend


class TestOpening:
    def test_the_content_comes_as_it_was_put_and_in_pieces(self, place: Place) -> None:
        content = bytes(range(256)) * 4096
        place.put("db.bin", content)
        with place.store.open(place.store.stat(place.at("db.bin"))) as stream:
            pieces = list(iter(lambda: stream.read(300_000), b""))
        assert b"".join(pieces) == content
        assert len(pieces) > 3

    def test_a_backup_is_recognised_where_it_lies(self, place: Place) -> None:
        place.put("db.sql.gz", gzip.compress(SQL))
        with place.store.open(place.store.stat(place.at("db.sql.gz"))) as stream:
            assert recognise(stream).format is Format.DUMP

    @pytest.mark.parametrize("only_listed", [False, True])
    def test_what_was_replaced_is_not_taken_for_what_was_found(self, place: Place, only_listed: bool) -> None:
        place.put("db.sql", SQL)
        (seen,) = place.store.find(place.at("db.sql"))
        if not only_listed:
            seen = place.store.stat(seen.location)
        place.put("db.sql", SQL + b"-- another\n")
        with pytest.raises(RestoreFailed) as changed:
            place.read(seen)
        assert changed.value.code == "backup-changed"

    def test_what_was_removed_is_missed(self, place: Place) -> None:
        place.put("db.sql", SQL)
        seen = place.store.stat(place.at("db.sql"))
        place.remove("db.sql")
        with pytest.raises(RestoreFailed, match="removed after it was found"):
            place.read(seen)


class TestFolders:
    def test_a_pattern_with_a_slash_at_its_end_finds_what_has_files_below_it(self, place: Place) -> None:
        for name in ("shop-1/a.sql", "shop-1/deeper/b.sql", "shop-2/.a.sql", "shop-3.sql", "other/shop-4/a.sql"):
            place.put(name, b"four")
        found = {one.location: one for one in place.store.find(place.at("shop-*/"))}
        assert sorted(found) == [place.at("shop-1/"), place.at("shop-2/")]
        first = found[place.at("shop-1/")]
        assert first.is_folder
        assert ([first.path_of(one) for one in first.members], first.size_bytes) == (["a.sql", "deeper/b.sql"], 8)
        assert first.modified_at == max(member.modified_at for member in first.members)
        assert place.store.stat(first.location) == first
        assert place.read(first.members[1]) == b"four"

    def test_a_folder_is_not_one_stream(self, place: Place) -> None:
        place.put("shop/a.sql")
        with pytest.raises(Unverifiable) as refused:
            place.read(place.store.stat(place.at("shop/")))
        assert refused.value.code == "not-a-stream"

    def test_a_folder_is_one_without_the_slash_too(self, place: Place) -> None:
        place.put("shop/a.sql")
        place.put("shop-2/a.sql")
        assert place.store.stat(place.at("shop")) == place.store.stat(place.at("shop/"))
        with pytest.raises(RestoreFailed) as gone:
            place.store.stat(place.at("sho"))
        assert gone.value.code == "backup-missing"


class TestParts:
    @pytest.mark.parametrize("names", NUMBERINGS, ids=lambda names: names[0])
    @pytest.mark.parametrize("pattern", ["db.zst*", "first"])
    def test_parts_are_one_backup_by_the_name_of_the_first(
        self, place: Place, names: tuple[str, ...], pattern: str
    ) -> None:
        for number, name in enumerate(names):
            place.put(name, b"%d" % number * 4)
        (found,) = place.store.find(place.at(names[0] if pattern == "first" else pattern))
        assert (found.location, found.size_bytes) == (place.at(names[0]), 12)
        assert found.modified_at == max(part.modified_at for part in found.members)
        assert place.store.stat(found.location) == found
        assert place.read(found) == b"000011112222"

    @pytest.mark.parametrize("names", NUMBERINGS, ids=lambda names: names[0])
    def test_a_part_that_is_missing_in_the_middle_is_named(self, place: Place, names: tuple[str, ...]) -> None:
        for name in (names[0], names[2]):
            place.put(name)
        with pytest.raises(RestoreFailed, match=names[1]) as refused:
            place.store.stat(place.at(names[0]))
        assert refused.value.code == "part-missing"

    def test_generations_and_logs_with_numbers_stay_what_they_are(self, place: Place) -> None:
        names = ["binlog.000001", "binlog.000002", "db.002", "db.003", "db.sql.1", "db.sql.2", "old.sql.01"]
        names += ["old.sql.02"]
        for name in names:
            place.put(name)
        assert place.found("*") == names

    def test_several_split_backups_are_several(self, place: Place) -> None:
        for name in ("db-1.zst.001", "db-1.zst.002", "db-2.zst.001", "db-2.zst.002", "db-2.zst.003", "db-3.zst"):
            place.put(name)
        found = {one.location: len(one.members) for one in place.store.find(place.at("*.001"))}
        assert found == {place.at("db-1.zst.001"): 2, place.at("db-2.zst.001"): 3}
