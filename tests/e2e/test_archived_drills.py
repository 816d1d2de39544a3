"""Drills whose evidence goes into a bucket with Object Lock, and what is left where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import boto3
import pytest

from drtool.record.model import Archiving
from drtool.record.verdicts import Verdict
from tests.archive.gate import gate
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench
from tests.s3_server import s3_server

ARCHIVE = "s3://evidence/shop"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Run an S3 server with a bucket that has Object Lock, and return its URL."""
    with s3_server() as url:
        s3 = boto3.client("s3", endpoint_url=url)
        s3.create_bucket(Bucket="evidence", ObjectLockEnabledForBucket=True)
        s3.create_bucket(Bucket="unlocked")
        yield url


def test_drills_side_by_side_are_in_the_archive_and_an_audit_of_it_passes(
    bench: Workbench, shop: ShopBackups, endpoint: str
) -> None:
    bench.environment |= {"AWS_ENDPOINT_URL_S3": endpoint, "DRTOOL_ARCHIVE": ARCHIVE}
    asked = ("--archive-retention", "2557d", "--archive-mode", "compliance")
    ran = bench.drtool("verify", *[shop.archive] * 2, "--jobs", "2", "--profile", "fast", *asked)
    assert ran.code == 0, ran
    assert ran.stderr.count(f"Archived in {ARCHIVE}") == 2
    for record in bench.records():
        assert record.archive == Archiving(location=ARCHIVE, mode="COMPLIANCE", retention_seconds=2557 * 86_400.0)
        assert f"put into {ARCHIVE} and locked there" in (bench.reports / record.drill_id / "report.html").read_text()
        assert "enter the drill's beginning in the archive" in [step.name for step in record.steps]
        assert not any(step.counted for step in record.steps if "archive" in step.name)
        assert record.deviations == () or not any("archive" in one for one in record.deviations)
    audited = bench.drtool("audit", ARCHIVE, "--json")
    assert audited.code == 0, audited
    assert [drill["lock_mode"] for drill in audited.json["drills"]] == ["COMPLIANCE"] * 2
    for drill in audited.json["drills"]:
        kept = datetime.fromisoformat(drill["locked_until"]) - datetime.fromisoformat(drill["started_at"])
        assert timedelta(days=2557) <= kept < timedelta(days=2557, minutes=2)
    assert bench.drtool("audit", "--archive", ARCHIVE).code == 0


def test_a_drill_whose_archive_fails_half_way_leaves_its_evidence_whole_and_is_not_green(
    bench: Workbench, shop: ShopBackups, endpoint: str
) -> None:
    archive = "s3://evidence/half-way"
    asked = ("--archive-retention", "2557d", "--archive-mode", "compliance")
    with gate(endpoint) as way:
        bench.environment |= {"AWS_ENDPOINT_URL_S3": way.url}
        way.refusal = lambda request: (
            (403, "AccessDenied") if request.command == "PUT" and "report." in request.path else None
        )
        ran = bench.drtool("verify", shop.archive, "--profile", "fast", "--archive", archive, *asked, "--json")
        assert ran.code == 3, ran
        assert ran.record.verdict is Verdict.PASSED
        assert f"`drtool archive {bench.reports} {archive}`" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert bench.drtool("audit").code == 0
        compared = bench.drtool("audit", "--archive", archive, "--json")
        assert compared.code == 3
        assert [problem["code"] for problem in compared.json["problems"]] == ["not-archived"]
        way.refusal = lambda request: None
        mended = bench.drtool("archive", archive, *asked)
    bench.environment |= {"AWS_ENDPOINT_URL_S3": endpoint}
    assert mended.code == 0, mended
    assert bench.drtool("audit", archive).code == 0


def test_without_object_lock_no_drill_begins(bench: Workbench, shop: ShopBackups, endpoint: str) -> None:
    bench.environment |= {"AWS_ENDPOINT_URL_S3": endpoint}
    for archive, code, said in (
        ("s3://unlocked/shop", 3, "has no Object Lock"),
        ("s3://nowhere/shop", 3, "There is no bucket nowhere"),
        (ARCHIVE + "/bare", 2, "--archive-retention"),
        ("s3://key:secret@evidence/shop", 2, "a user or a key in it"),
    ):
        ran = bench.drtool("verify", shop.archive, "--profile", "fast", "--archive", archive)
        assert ran.code == code, ran
        assert said in ran.stderr
        assert "secret" not in ran.stderr.replace(archive, "")
    alone = bench.drtool("verify", shop.archive, "--archive-retention", "30d")
    assert (alone.code, "with --archive" in alone.stderr) == (2, True)
    assert bench.drill_ids() == []


def test_a_drill_goes_on_when_its_beginning_cannot_be_archived_and_says_so(
    bench: Workbench, shop: ShopBackups, endpoint: str
) -> None:
    asked = ("--archive-retention", "2557d", "--archive-mode", "governance")
    with gate(endpoint) as way:
        bench.environment |= {"AWS_ENDPOINT_URL_S3": way.url}
        way.refusal = lambda request: (403, "AccessDenied") if request.command == "PUT" else None
        ran = bench.drtool(
            "verify", shop.archive, "--profile", "fast", "--archive", "s3://evidence/late", *asked, "--json"
        )
    assert ran.code == 3, ran
    assert ran.record.verdict is Verdict.PASSED
    assert [one for one in ran.record.deviations if "beginning could not be archived" in one]
