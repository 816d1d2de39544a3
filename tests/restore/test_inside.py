"""Of an archive the files that a pattern names are unpacked, whatever their names begin with; all others flow by."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from drtool.backups.compression import Compression
from drtool.errors import DrtoolError
from drtool.restore.inside import Inside
from drtool.restore.pipeline import Outcome
from tests.restore.test_pipeline_script import Pipe

Members = dict[str, bytes | tuple[bytes, str]]
_FILES: Members = {
    "./user/mysql/shop.sql": b"shop",
    "/user/mysql/wiki.sql.gz": b"wiki",
    "user/mysql/old/shop.sql": b"old",
    "user/index.php": b"<?php",
    "user/ü.sql": b"u",
}


def archive(members: Members) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, tuple):
                member.type, member.linkname = content
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
def pipe(tmp_path: Path) -> Pipe:
    return Pipe(tmp_path)


def taken(pipe: Pipe, backup: bytes, pattern: str) -> tuple[Outcome, DrtoolError | None, set[str]]:
    inside = Inside(pattern, "site.tar")
    outcome = pipe.run(backup, Compression.NONE, "untar", inside.for_tar)
    there = {str(path.relative_to(pipe.target)) for path in pipe.target.rglob("*") if not path.is_dir()}
    return outcome, inside.failure(outcome), {path for path in there if inside.takes(path)}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("mysql/*.sql", {"user/mysql/shop.sql"}),
        ("mysql/*/*.sql", {"user/mysql/old/shop.sql"}),
        ("shop.sql", {"user/mysql/shop.sql", "user/mysql/old/shop.sql"}),
        ("user/mysql/shop.sql", {"user/mysql/shop.sql"}),
        ("*/shop.[a-z]ql", {"user/mysql/shop.sql", "user/mysql/old/shop.sql"}),
        ("?.sql", {"user/ü.sql"}),
    ],
)
def test_what_matches_is_unpacked_and_the_digest_is_that_of_the_whole(
    pipe: Pipe, pattern: str, expected: set[str]
) -> None:
    backup = archive(_FILES)
    outcome, failure, there = taken(pipe, backup, pattern)
    assert (there, failure, outcome.end) == (expected, None, "complete")
    assert outcome.sha256 == hashlib.sha256(backup).hexdigest()
    assert outcome.dumps_there == [
        "user/mysql/shop.sql",
        "user/mysql/wiki.sql.gz",
        "user/mysql/old/shop.sql",
        "user/ü.sql",
    ]


def test_a_name_may_have_signs_that_mean_something_to_tar(pipe: Pipe) -> None:
    _, failure, there = taken(pipe, archive({"a\\b.sql": b"1", "ab.sql": b"2"}), "a\\b.sql")
    assert (there, failure) == ({"a\\b.sql"}, None)


def test_where_nothing_matches_all_dumps_are_listed(pipe: Pipe) -> None:
    _, failure, there = taken(pipe, archive(_FILES), "mysql/blog.sql")
    assert not there
    assert failure is not None
    assert failure.code == "not-in-the-backup"
    assert "user/mysql/shop.sql" in str(failure.why)


def test_that_the_archive_is_cut_comes_before_what_it_lacks(pipe: Pipe) -> None:
    _, failure, _ = taken(pipe, archive(_FILES)[: 4 * 512], "mysql/blog.sql")
    assert failure is not None
    assert failure.code == "archive-end-missing"


def test_what_does_not_match_harms_nobody(pipe: Pipe) -> None:
    others: Members = {"../out": b"x", "dev": (tarfile.CHRTYPE, ""), "link": (tarfile.SYMTYPE, "/etc/passwd")}
    _, failure, there = taken(pipe, archive({**others, "mysql/shop.sql": b"x"}), "mysql/*.sql")
    assert (there, failure) == ({"mysql/shop.sql"}, None)


def test_a_second_name_of_what_does_not_match_is_told(pipe: Pipe) -> None:
    members: Members = {"daily.0/shop.sql": b"x", "daily.1/shop.sql": (tarfile.LNKTYPE, "daily.0/shop.sql")}
    _, failure, _ = taken(pipe, archive(members), "daily.1/*.sql")
    assert failure is not None
    assert (failure.code, "daily.0/shop.sql" in failure.what) == ("file-not-restored", True)


def test_what_matches_may_not_lead_out(pipe: Pipe) -> None:
    _, failure, _ = taken(pipe, archive({"../mysql/shop.sql": b"x"}), "mysql/*.sql")
    assert failure is not None
    assert failure.code == "archive-escapes"
