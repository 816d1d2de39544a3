"""Lists of checksums and of names beside backups: how they are read, and which files they mean."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from drtool.backups.checksums import Listed, is_list, listed, sums_of_file

A, B = "a" * 64, "b" * 64
THERE = ("SHA256SUMS", "shop.sql.gz", "blog.sql.gz", "backup.log")


def said(text: str, *, there: Iterable[str] = THERE, called: str = "SHA256SUMS") -> Listed:
    return listed({called: text.encode()}, [*there, called])


@pytest.mark.parametrize(
    "line",
    [
        f"{A}  shop.sql.gz",
        f"{A} *shop.sql.gz\r",
        f"{A}  ./shop.sql.gz",
        f"{A.upper()}  shop.sql.gz",
        f"SHA256 (shop.sql.gz) = {A}",
        f"SHA2-256(shop.sql.gz)= {A}",
        f"\\{A}  shop.sql.gz",
        f"{A}  /var/backups/db/shop.sql.gz",
        f"{A}  ../db/shop.sql.gz",
        f"{A}  db/shop.sql.gz",
    ],
)
def test_a_line_means_the_file_here_however_it_is_written(line: str) -> None:
    [one] = said(f"# made by the job\n{line}\n").sums
    assert (one.path, one.algorithm, one.digest, one.listed_in) == ("shop.sql.gz", "sha256", A, "SHA256SUMS")


@pytest.mark.parametrize(
    ("called", "length", "algorithm"),
    [
        ("MD5SUMS", 32, "md5"),
        ("shop.sql.gz.sha1", 40, "sha1"),
        ("SHA512SUMS", 128, "sha512"),
        ("B2SUMS", 128, "b2"),
        ("checksums.txt", 96, "sha384"),
    ],
)
def test_the_algorithm_is_told_from_the_digest_and_the_name(called: str, length: int, algorithm: str) -> None:
    [one] = said(f"{'c' * length}  shop.sql.gz\n", called=called).sums
    assert one.algorithm == algorithm


@pytest.mark.parametrize("line", [A, f"{A}  -", f"sha256:{A}", f"SHA256={A}", f"SHA2-256(stdin)= {A}", f"(stdin)= {B}"])
def test_a_digest_alone_is_that_of_the_file_that_its_list_is_called_after(line: str) -> None:
    told = [(one.algorithm, one.digest) for one in sums_of_file("shop.sql.gz", {"shop.sql.gz.sha256": line.encode()})]
    assert told == ([("sha256", A)] if A in line else [])


def test_names_with_line_ends_are_told_as_coreutils_escapes_them() -> None:
    [one] = said(f"\\{A}  a\\\\b.sql\n", there=["a\\b.sql"]).sums
    assert one.path == "a\\b.sql"


def test_a_list_that_names_itself_does_not_mean_that() -> None:
    assert said(f"{A}  SHA256SUMS\n{B}  shop.sql.gz\n").sums == said(f"{B}  shop.sql.gz\n").sums


@pytest.mark.parametrize("line", ["wiki.sql.gz", "./wiki.sql.gz", "/var/db/wiki.sql.gz"])
def test_a_dump_that_is_named_and_gone_is_missing(line: str) -> None:
    first = "/var/db/shop.sql.gz" if line.startswith("/") else "shop.sql.gz"
    assert said(f"{A}  {first}\n{B}  {line}\n").missing == (("SHA256SUMS", line),)


@pytest.mark.parametrize(
    "text",
    [
        f"{A}  shop.sql.gz\n{B}  ../weekly/wiki.sql.gz\n",
        f"{A}  shop.sql.gz\n{B}  /srv/other/wiki.sql.gz\n",
        f"{A}  shop.sql.gz\n{B}  uploads.tar.gz\n",
        f"{A}  shop.sql.gz\n{B}  blog.sql\n",
        f"{A}  shop.sql.gz\n{B}  shop.sql.gz\n{B}  dropped.sql.gz\n",
        f"{A}  elsewhere.sql\n",
        "no list at all\n",
    ],
)
def test_what_lies_elsewhere_was_packed_since_or_may_be_gone_is_not(text: str) -> None:
    assert said(text).missing == ()


def test_nights_that_are_rotated_away_are_not_missing_and_one_of_this_night_is() -> None:
    there = ["shop-20260102.sql", "blog-20260102.sql"]
    text = f"{A}  shop-20260101.sql\n{A}  shop-20260102.sql\n{A}  wiki-20260102.sql\n"
    assert said(text, there=there).missing == (("SHA256SUMS", "wiki-20260102.sql"),)


def test_a_manifest_names_dumps_and_nothing_else() -> None:
    text = "shop\tshop.sql.gz\nblog\tblog.sql.gz\nwiki\twiki.sql.gz\n"
    found = said(text, called="MANIFEST.txt")
    assert (found.sums, found.missing) == ((), (("MANIFEST.txt", "wiki.sql.gz"),))
    assert said("All dumps are as of tonight.\n", called="MANIFEST.txt") == Listed()


@pytest.mark.parametrize("text", [f"{A}\n", f"{A}  -\n", f"{A}  shop.sql.gz\n", f"{A}  /srv/shop.sql.gz\n{B}  b.sql\n"])
def test_the_list_of_a_single_file_means_that(text: str) -> None:
    [one] = sums_of_file("shop.sql.gz", {"shop.sql.gz.sha256": text.encode()})
    assert (one.path, one.digest) == ("shop.sql.gz", A)


def test_the_checksum_of_what_was_packed_afterwards_is_of_another_file() -> None:
    assert sums_of_file("shop.sql.gz", {"shop.sql.gz.sha256": f"{A}  shop.sql\n".encode()}) == ()


@pytest.mark.parametrize("name", ["shop.sql", "metadata", "md5.sql", "shop", "checksums.sql", "README"])
def test_dumps_are_no_lists(name: str) -> None:
    assert not is_list(name)
