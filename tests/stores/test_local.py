"""What is so of folders alone: found as a shell would, and never another file than the one found."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drtool.errors import RestoreFailed, Unverifiable, WrongUse
from drtool.stores.local import LocalStore
from drtool.stores.lookup import store_for

STORE = LocalStore()
NOBODY = 65534


def put(folder: Path, name: str, content: bytes = b"SELECT 1;\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(pattern: str) -> list[str]:
    return sorted(Path(found.location).name for found in STORE.find(pattern))


class TestFinding:
    def test_a_link_to_one_of_the_others_is_that_one(self, tmp_path: Path) -> None:
        put(tmp_path, "db-1.sql")
        put(tmp_path, "elsewhere/db-2.sql")
        (tmp_path / "db-latest.sql").symlink_to("db-1.sql")
        (tmp_path / "db-gone.sql").symlink_to("db-0.sql")
        (tmp_path / "db-2.sql").symlink_to("elsewhere/db-2.sql")
        assert names(f"{tmp_path}/db-*.sql") == ["db-1.sql", "db-2.sql", "db-gone.sql"]
        assert names(f"{tmp_path}/db-latest.sql") == ["db-1.sql"]

    def test_a_folder_that_is_a_link_to_one_of_the_others_holds_no_backups_of_its_own(self, tmp_path: Path) -> None:
        for name in ("jobs/20261129_030000/db.sql", "jobs/20261130_030000/db.sql", "elsewhere/db.sql"):
            put(tmp_path, name)
        (tmp_path / "store").symlink_to("jobs")
        (tmp_path / "jobs/newest").symlink_to("20261130_030000")
        (tmp_path / "jobs/20261128_030000").symlink_to("../elsewhere")  # leads to none of the others
        found = sorted(Path(one.location).parent.name for one in STORE.find(f"{tmp_path}/store/*/db.sql"))
        assert found == ["20261128_030000", "20261129_030000", "20261130_030000"]
        assert names(f"{tmp_path}/store/newest/*.sql") == ["db.sql"]

    @pytest.mark.parametrize(
        ("pattern", "location"),
        [("db-*.sql", "db-2.sql"), ("*/db.sql", "20261130/db.sql"), ("2026*/", "20261130/"), ("db-2.sql", "db-2.sql")],
    )
    def test_a_link_to_what_is_not_there_is_found_as_such(self, tmp_path: Path, pattern: str, location: str) -> None:
        put(tmp_path, "db-1.sql")
        put(tmp_path, "20261129/db.sql")
        (tmp_path / "db-2.sql").symlink_to("rotated/db-2.sql")
        (tmp_path / "20261130").symlink_to("rotated/20261130")
        (tmp_path / "emptied").mkdir()
        (tmp_path / "20261128").symlink_to("emptied")
        found = {one.location: one for one in STORE.find(f"{tmp_path}/{pattern}")}
        assert len(found) == (1 if pattern == "db-2.sql" else 2)
        link = found.pop(f"{tmp_path}/{location}")
        assert (link.size_bytes, link.leads_to.startswith("rotated/")) == (0, True)
        assert not any(one.leads_to for one in found.values())
        with pytest.raises((RestoreFailed, Unverifiable)):
            STORE.stat(link.location)

    def test_what_is_found_is_as_the_disk_records_it(self, tmp_path: Path) -> None:
        path = put(tmp_path, "db-1.sql")
        os.utime(path, (1_764_000_000, 1_764_000_000.25))
        (found,) = STORE.find(f"{tmp_path}/db-*.sql")
        assert (found.location, found.size_bytes, found.local_path) == (str(path), 10, path)
        assert found.modified_at == datetime.fromtimestamp(1_764_000_000.25, UTC)
        assert (found.version_id, found.lock_state) == (None, None)

    def test_a_name_of_two_lines_is_a_name(self, tmp_path: Path) -> None:
        path = put(tmp_path, "db\n1.sql", b"content")
        (found,) = STORE.find(f"{tmp_path}/*.sql")
        assert found.location == str(path)
        with STORE.open(STORE.stat(found.location)) as stream:
            assert stream.read() == b"content"

    def test_the_hidden_file_of_a_copy_still_running_is_not_found_by_a_wildcard(self, tmp_path: Path) -> None:
        put(tmp_path, ".db-1.sql.x8K2pq")
        put(tmp_path, ".partial/db-2.sql")
        assert names(f"{tmp_path}/*") == []
        assert names(f"{tmp_path}/*/*") == []
        assert names(f"{tmp_path}/.db-*") == [".db-1.sql.x8K2pq"]
        assert names(f"{tmp_path}/.partial/*") == ["db-2.sql"]

    def test_links_are_followed(self, tmp_path: Path) -> None:
        target = put(tmp_path, "store/db-1.sql", b"content")
        (tmp_path / "latest.sql").symlink_to(target)
        (tmp_path / "newest.sql").symlink_to("latest.sql")
        (tmp_path / "db-20261129.sql").symlink_to(target)
        (tmp_path / "dangling.sql").symlink_to(tmp_path / "gone")
        assert {STORE.stat(f"{tmp_path}/{link}.sql").location for link in ("latest", "newest")} == {str(target)}
        found = STORE.stat(f"{tmp_path}/db-20261129.sql")
        assert (found.location, found.size_bytes) == (f"{tmp_path}/db-20261129.sql", 7)  # its name says more
        with pytest.raises(RestoreFailed, match=r"a link to .*gone, which is not there"):
            STORE.stat(f"{tmp_path}/dangling.sql")
        with STORE.open(found) as stream:
            assert stream.read() == b"content"

    def test_a_relative_path_is_told_as_an_absolute_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(tmp_path, "backups/db.sql")
        monkeypatch.chdir(tmp_path)
        (found,) = STORE.find("backups/*.sql")
        assert found.location == f"{tmp_path}/backups/db.sql"
        assert STORE.stat("backups/db.sql") == found

    @pytest.mark.parametrize("prefix", ["file://", "FILE://", "file://localhost"])
    def test_a_file_url_is_a_path(self, tmp_path: Path, prefix: str) -> None:
        path = put(tmp_path, "db.sql")
        assert STORE.stat(f"{prefix}{path}").location == str(path)
        assert names(f"{prefix}{tmp_path}/*.sql") == ["db.sql"]

    def test_a_tilde_is_the_home_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(tmp_path, "db.sql")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert names("~/*.sql") == ["db.sql"]

    @pytest.mark.parametrize(
        ("sizes", "seconds_apart", "joined"),
        [
            ((900, 910, 905, 899), 3600, False),  # rotated hourly
            ((900, 900, 900, 120), 3600, True),  # by a slow line
            ((900, 900, 900, 900), 60, True),
            ((900, 912, 905, 899), 60, True),  # split by lines
            ((900, 900, 900, 120), 86400, False),
        ],
    )
    def test_parts_of_one_backup_are_told_from_backups_that_are_rotated_by_a_number(
        self, tmp_path: Path, sizes: tuple[int, ...], seconds_apart: int, joined: bool
    ) -> None:
        for number, size in enumerate(sizes):
            path = put(tmp_path, f"shop.sql.{number:02}", b"x" * size)
            os.utime(path, (1_764_000_000 + number * seconds_apart,) * 2)
        found = list(store_for(str(tmp_path)).find(f"{tmp_path}/shop.sql.*"))
        assert [len(one.members) for one in found] == ([4] if joined else [0, 0, 0, 0])

    @pytest.mark.parametrize("start", [b"-- MariaDB dump 10.19", b"\x1f\x8b\x08\x00"])
    def test_rotated_backups_of_one_size_are_told_by_how_they_begin(self, tmp_path: Path, start: bytes) -> None:
        for number in range(24):
            path = put(tmp_path, f"shop.sql.{number:02}", start + b"%02d" % number)
            os.utime(path, (1_764_000_000 + number * 3600,) * 2)
            put(tmp_path, f"whole.sql.{number:02}", b"%02d" % number + start)
        found = list(store_for(str(tmp_path)).find(f"{tmp_path}/*.sql.*"))
        assert sorted(len(one.members) for one in found) == [0] * 24 + [24]

    def test_a_file_that_is_rotated_away_meanwhile_is_passed_over(self, tmp_path: Path) -> None:
        for name in ("db-1.sql", "db-2.sql"):
            put(tmp_path, name)
        listing = STORE.find(f"{tmp_path}/*.sql")
        first = next(listing)
        for path in tmp_path.iterdir():
            path.unlink()
        assert [found.location for found in (first, *listing)] == [first.location]


class TestLookingAt:
    def test_an_empty_folder_is_an_empty_backup(self, tmp_path: Path) -> None:
        with pytest.raises(RestoreFailed) as refused:
            STORE.stat(str(tmp_path))
        assert refused.value.code == "backup-empty"

    def test_a_pipe_is_no_file_and_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "db.sql")
        assert names(f"{tmp_path}/*.sql") == []
        for look in (STORE.stat, names):
            with pytest.raises(RestoreFailed, match="is not a file"):
                look(f"{tmp_path}/db.sql")

    @pytest.mark.parametrize("location", ["/srv/db\0.sql", "~no-such-user/db.sql"])
    def test_what_is_no_path_is_refused(self, location: str) -> None:
        with pytest.raises(WrongUse):
            STORE.stat(location)
        with pytest.raises(WrongUse):
            list(STORE.find(location))


class TestFolders:
    def test_an_empty_folder_is_none_and_no_link_leads_out_of_one(self, tmp_path: Path) -> None:
        put(tmp_path, "shop-1/a.sql")
        (tmp_path / "shop-1" / "way-out").symlink_to("/etc/passwd")
        (tmp_path / "shop-1" / "newest.sql").symlink_to("a.sql")
        (tmp_path / "shop-1" / "latest.sql").symlink_to("/where-the-container-has-it/shop-1/a.sql")
        (tmp_path / "shop-1" / "yesterday.sql").symlink_to("/where-the-container-has-it/b.sql")
        os.mkfifo(tmp_path / "shop-1" / "pipe.sql")
        (tmp_path / "shop-2").mkdir()
        (found,) = STORE.find(f"{tmp_path}/shop-*/")
        assert [found.path_of(member) for member in found.members] == ["a.sql"]
        assert found.odd == ("pipe.sql", "way-out", "yesterday.sql")
        for look in (STORE.stat, names):
            with pytest.raises(RestoreFailed, match="is empty"):
                look(f"{tmp_path}/shop-2/")
        assert names(f"{tmp_path}/shop-3/") == []


class TestOpening:
    def test_a_file_that_was_replaced_by_one_of_the_same_size_is_not_opened(self, tmp_path: Path) -> None:
        path = put(tmp_path, "db.sql", b"one")
        found = STORE.stat(str(path))
        other = put(tmp_path, "other", b"two")
        os.utime(other, ns=(0, path.stat().st_mtime_ns + 1_000_000))
        other.replace(path)
        with pytest.raises(RestoreFailed, match="changed between"), STORE.open(found):
            pass


class TestOutOfReach:
    def test_a_folder_that_is_not_mounted_says_nothing_of_the_backups_in_it(self, tmp_path: Path) -> None:
        for look in (
            lambda: list(STORE.find(f"{tmp_path}/unmounted/db-*.sql")),
            lambda: list(STORE.find(f"{tmp_path}/unmounted/db.sql")),
            lambda: STORE.stat(f"{tmp_path}/unmounted/db.sql"),
        ):
            with pytest.raises(Unverifiable, match="There is no folder") as unreachable:
                look()
            assert unreachable.value.code == "store-unreachable"

    def test_a_file_in_place_of_the_folder_is_no_folder(self, tmp_path: Path) -> None:
        put(tmp_path, "backups")
        with pytest.raises(Unverifiable):
            list(STORE.find(f"{tmp_path}/backups/*.sql"))

    def test_a_wildcard_folder_that_matches_nothing_finds_nothing(self, tmp_path: Path) -> None:
        assert names(f"{tmp_path}/*/db.sql") == []

    def test_a_name_that_no_report_could_hold_is_refused_and_shown(self, tmp_path: Path) -> None:
        (tmp_path / os.fsdecode(b"db-\xe4.sql")).write_bytes(b"x")
        with pytest.raises(Unverifiable, match=r"db-\\xe4\.sql") as refused:
            list(STORE.find(f"{tmp_path}/*.sql"))
        str(refused.value).encode()

    def test_a_folder_that_may_not_be_read_is_not_an_empty_one(self) -> None:
        with common_folder() as folder:
            put(folder, "shop/db.sql")
            (folder / "shop").chmod(0o000)
            with somebody_else():
                for pattern in (f"{folder}/shop/*.sql", f"{folder}/*/*.sql", f"{folder}/*/db.sql"):
                    with pytest.raises(Unverifiable, match="Permission denied") as unreadable:
                        list(STORE.find(pattern))
                    assert unreadable.value.code == "store-unreachable"

    def test_a_file_that_may_not_be_read_is_not_a_bad_backup(self) -> None:
        with common_folder() as folder:
            path = put(folder, "db.sql")
            path.chmod(0o000)
            with somebody_else():
                found = STORE.stat(str(path))
                with pytest.raises(Unverifiable, match="Permission denied"), STORE.open(found):
                    pass

    def test_a_folder_that_may_not_be_listed_still_gives_the_file_that_is_named(self) -> None:
        with common_folder() as folder:
            path = put(folder, "shop/db.sql")
            (folder / "shop").chmod(0o711)
            path.chmod(0o644)
            with somebody_else():
                assert [found.location for found in STORE.find(str(path))] == [str(path)]


@contextmanager
def common_folder() -> Iterator[Path]:
    """Make a folder that every user of the machine may enter; those of pytest are the user's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for locked in folder.iterdir():
        locked.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def somebody_else() -> Iterator[None]:
    """Be a user whom file modes mean something to, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
