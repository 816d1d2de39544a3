"""Which store a location belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from drtool.errors import WrongUse
from drtool.stores.local import LocalStore
from drtool.stores.lookup import refuse_pattern, store_for
from drtool.stores.s3 import S3Store


@pytest.mark.parametrize(
    "location",
    ["/srv/backups/db.sql", "db.sql", "./db.sql", "~/db.sql", "file:///srv/db.sql", "FILE:///srv/db.sql", "a:b.sql",
     "-db.sql"],
)  # fmt: skip
def test_paths_are_local(location: str) -> None:
    assert isinstance(store_for(location).inner, LocalStore)


@pytest.mark.parametrize("location", ["", "file://"])
def test_an_empty_location_is_not_the_working_folder(location: str) -> None:
    with pytest.raises(WrongUse, match="names nothing") as refused:
        store_for(location)
    assert refused.value.code == "bad-location"
    assert isinstance(store_for("./").inner, LocalStore)


@pytest.mark.parametrize(
    "pattern",
    ["/srv/db-*.sql.gz", "s3://backups/db-*.sql", "file:///srv/db-?.sql", "~/*.sql", "-", "—rto", "\N{EN DASH}-rpo"],
)
def test_a_pattern_is_no_backup(pattern: str) -> None:
    with pytest.raises(WrongUse, match=r"is (a pattern|standard input|no option.*): one backup has to be named"):
        refuse_pattern(pattern)


@pytest.mark.parametrize("location", ["s3://backups", "s3://backups/", "S3:///shop/db.sql"])
def test_a_bucket_alone_is_no_backup(location: str) -> None:
    with pytest.raises(WrongUse, match="names no bucket and key"):
        refuse_pattern(location)


def test_a_name_that_looks_like_a_pattern_is_one_where_it_is_there(tmp_path: Path) -> None:
    for name in ("is it?.sql", "*.sql", "— of tonight.sql"):
        path = tmp_path / name
        path.touch()
        refuse_pattern(str(path))
        refuse_pattern(path.as_uri().replace("%3F", "?").replace("%20", " ").replace("%2A", "*"))
    (tmp_path / "gone*").symlink_to("nowhere")
    refuse_pattern(str(tmp_path / "gone*"))
    for location in ("db.sql", "s3://backups/db[1].sql", ""):
        refuse_pattern(location)


@pytest.mark.parametrize("location", ["s3://backups/db.sql", "S3://backups/db.sql"])
def test_s3_is_s3(location: str) -> None:
    assert isinstance(store_for(location).inner, S3Store)


@pytest.mark.parametrize("location", ["sftp://host/db.sql", "https://host/db.sql", "gs://bucket/db.sql"])
def test_a_store_that_drtool_does_not_know_is_refused_and_named(location: str) -> None:
    with pytest.raises(WrongUse, match=location.partition(":")[0]) as refused:
        store_for(location)
    assert refused.value.code == "unknown-store"


@pytest.mark.parametrize(
    "location",
    [
        "s3://AKIA:hush@bucket/db.sql",
        "s3://AKIA:hu/hush@bucket/db.sql",
        "S3://hush@bucket/db.sql",
        "sftp://u:hush@h/db",
    ],
)
def test_a_location_with_credentials_is_refused_and_not_repeated(location: str) -> None:
    with pytest.raises(WrongUse) as refused:
        store_for(location)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("location", ["s3://backups/12:00/db@host.sql", "s3://arn:aws:s3:eu-west-1:1:accesspoint/a/db"])
def test_colons_and_at_signs_where_they_belong_are_no_credentials(location: str) -> None:
    assert isinstance(store_for(location).inner, S3Store)
