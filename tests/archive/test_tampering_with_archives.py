"""Whatever is done to an archive, by whoever may write to the bucket or looks after it, an audit of it names."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from drtool.archive import fetching
from tests import pace
from tests.archive.conftest import Vault, archiving
from tests.archive.gate import gate
from tests.evidence.builder import Site
from tests.evidence.conftest import Run

Manipulation = Callable[[Vault, Site], None]

_known: list[tuple[str, Manipulation]] = []


def manipulation(code: str) -> Callable[[Manipulation], Manipulation]:
    """Enter a manipulation with the code of the problem that must name it."""

    def enter(function: Manipulation) -> Manipulation:
        _known.append((code, function))
        return function

    return enter


def report_of(site: Site, number: int, name: str = "report.json") -> str:
    return f"{site.drill_ids()[number]}/{name}"


def lines(vault: Vault) -> list[str]:
    return vault.names("ledger/")


def forged(line: bytes, **changes: str) -> bytes:
    for old, new in changes.items():
        line = line.replace(old.encode(), new.encode())
    return line


def line_key(number: int, line: bytes) -> str:
    return f"ledger/{number:012}-{sha256(line).hexdigest()}.jsonl"


@manipulation("archive-overwritten")
def report_overwritten_with_a_better_one(vault: Vault, site: Site) -> None:
    key = report_of(site, 2)
    vault.put(key, vault.get(key).replace(b'"failed"', b'"passed"'))


@manipulation("archive-overwritten")
def log_overwritten_and_put_back(vault: Vault, site: Site) -> None:
    key = report_of(site, 2, "drill.log")
    whole = vault.get(key)
    vault.put(key, b"nothing happened\n")
    vault.put(key, whole)


@manipulation("archive-overwritten")
def line_of_the_ledger_overwritten(vault: Vault, site: Site) -> None:
    vault.put(lines(vault)[5], forged(vault.get(lines(vault)[5]), failed="passed"))


@manipulation("archive-deleted")
def report_deleted(vault: Vault, site: Site) -> None:
    vault.delete(report_of(site, 2))


@manipulation("archive-deleted")
def everything_of_the_last_drill_deleted(vault: Vault, site: Site) -> None:
    for key in (*vault.names(f"{site.drill_ids()[-1]}/"), *lines(vault)[-2:]):
        vault.delete(key)


@manipulation("archive-deleted")
def report_deleted_and_put_anew(vault: Vault, site: Site) -> None:
    key = report_of(site, 1)
    whole = vault.get(key)
    vault.delete(key)
    vault.put(key, whole)


@manipulation("report-missing")
def report_removed_for_good(vault: Vault, site: Site) -> None:
    vault.remove_for_good(report_of(site, 2))


@manipulation("ledger-entry-removed")
def line_removed_for_good(vault: Vault, site: Site) -> None:
    vault.remove_for_good(lines(vault)[4])


@manipulation("folder-unknown")
def tail_of_the_ledger_removed_for_good(vault: Vault, site: Site) -> None:
    for key in lines(vault)[-2:]:
        vault.remove_for_good(key)


@manipulation("file-unlisted")
def file_added_to_a_drill(vault: Vault, site: Site) -> None:
    vault.put(report_of(site, 0, "approval.pdf"), b"approved")


@manipulation("folder-unknown")
def drill_added(vault: Vault, site: Site) -> None:
    vault.put("20261124T030000Z-shop_monthly-ffffff/report.json", vault.get(report_of(site, 0)))


@manipulation("archive-object-unknown")
def object_put_elsewhere(vault: Vault, site: Site) -> None:
    vault.put("readme.txt", b"all is well")


@manipulation("archive-object-unknown")
def names_that_lead_out_of_the_folder(vault: Vault, site: Site) -> None:
    for key in (
        "../../../../tmp/drtool-was-here",
        f"{site.drill_ids()[0]}/../../drtool-was-here",
        "/tmp/drtool-was-here",
    ):
        vault.put(key, b"here")


@manipulation("archive-object-unknown")
def more_strange_objects_than_anybody_wants_to_read_of(vault: Vault, site: Site) -> None:
    for number in range(45):
        vault.put(f"strange/{number}/deeper", b"")


@manipulation("archive-ledger-forked")
def another_line_of_the_same_number(vault: Vault, site: Site) -> None:
    line = forged(vault.get(lines(vault)[5]), failed="passed")
    vault.put(line_key(6, line), line)


@manipulation("archive-ledger-line-changed")
def line_under_the_name_of_another(vault: Vault, site: Site) -> None:
    vault.put(f"ledger/000000000011-{'5f' * 32}.jsonl", vault.get(lines(vault)[3]))


@manipulation("archive-ledger-line-changed")
def two_lines_in_one(vault: Vault, site: Site) -> None:
    line = vault.get(lines(vault)[-1])
    vault.put(line_key(11, line * 2), line * 2)


@manipulation("archive-object-too-large")
def line_that_never_ends(vault: Vault, site: Site) -> None:
    line = b'{"event":"note"' + b" " * 70_000 + b"}\n"
    vault.put(line_key(11, line), line)


@manipulation("drill-started-twice")
def line_added_that_follows(vault: Vault, site: Site) -> None:
    site.begin("20260313T030000Z-shop_monthly-00000b", "shop_monthly", site.now)
    last = site.ledger.read_bytes().splitlines(keepends=True)[-1]
    again = forged(last, **{site.lines()[-1]["drill_id"]: site.lines()[0]["drill_id"]})
    vault.put(line_key(11, again), again)


@manipulation("archive-retention-missing")
def retention_taken_off_one_object(vault: Vault, site: Site) -> None:
    vault.unlock(report_of(site, 2))


@manipulation("archive-retention-missing")
def retention_taken_off_a_line_of_the_ledger(vault: Vault, site: Site) -> None:
    vault.unlock(lines(vault)[5])


@pytest.mark.parametrize(("code", "manipulate"), _known, ids=[one.__name__ for _, one in _known])
def test_an_audit_of_the_archive_names_it_and_leaves_everything_as_it_is(
    archived: Site, vault: Vault, drtool: Run, code: str, manipulate: Manipulation, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    manipulate(vault, archived)
    before = vault.versions()
    began = time.monotonic()
    audited = drtool("audit", vault, "--json")
    assert time.monotonic() - began < pace.seconds(10.0)
    assert audited.code == 1, audited.errors
    assert code in audited.codes
    for problem in audited.result["problems"]:
        assert problem["sentence"].startswith(problem["file"])
        assert problem["sentence"].endswith(".")
        assert problem["sentence"].isprintable()
        assert problem["sentence"].isascii()
        assert str(copies) not in problem["sentence"]
    assert len(audited.codes) <= 25
    assert vault.versions() == before
    assert list(copies.iterdir()) == []
    assert not Path("/tmp/drtool-was-here").exists()
    assert not list(tmp_path.rglob("drtool-was-here"))


@pytest.mark.parametrize(
    "manipulate", [report_overwritten_with_a_better_one, everything_of_the_last_drill_deleted, report_deleted]
)
def test_what_was_stored_first_is_audited_and_is_sound(
    archived: Site, vault: Vault, drtool: Run, manipulate: Manipulation
) -> None:
    manipulate(vault, archived)
    audited = drtool("audit", vault, "--json")
    assert {code.partition("-")[0] for code in audited.codes} == {"archive"}
    assert [drill["state"] for drill in audited.result["drills"]] == ["passed", "passed", "failed", "passed", "passed"]
    assert all(drill["intact"] for drill in audited.result["drills"])


def test_the_same_content_stored_twice_does_no_harm_and_is_mentioned(archived: Site, vault: Vault, drtool: Run) -> None:
    vault.put(report_of(archived, 0), vault.get(report_of(archived, 0)))
    audited = drtool("audit", vault, "--json")
    assert (audited.code, audited.codes) == (0, [])
    assert any("stored more than once" in note for note in audited.result["notes"])


def test_a_consoles_folder_is_nothing_wrong(archived: Site, vault: Vault, drtool: Run) -> None:
    vault.put("", b"")
    vault.put(f"{archived.drill_ids()[0]}/", b"")
    assert drtool("audit", vault).code == 0


class TestRetention:
    def test_less_than_the_report_says_was_asked_for_is_wrong(self, evidence: Site, vault: Vault, drtool: Run) -> None:
        evidence.drill(change=archiving(vault))
        evidence.drill(change=archiving(vault, retention_seconds=40 * 86_400.0))
        drtool("archive", evidence.reports, vault)
        audited = drtool("audit", vault, "--json")
        assert (audited.code, audited.codes) == (1, ["archive-retention-short"])
        assert audited.result["problems"][0]["drill_id"] == evidence.drill_ids()[-1]

    def test_governance_where_compliance_was_asked_for_is_wrong(self, site: Site, vault: Vault, drtool: Run) -> None:
        site.drill(change=archiving(vault))
        drtool("archive", site.reports, vault, "--archive-mode", "governance")
        audited = drtool("audit", vault, "--json")
        assert (audited.code, audited.codes) == (1, ["archive-retention-short"])

    def test_one_that_ended_as_it_was_to_cannot_prove_anything_any_more(
        self, archived: Site, vault: Vault, drtool: Run
    ) -> None:
        for key in vault.names(f"{archived.drill_ids()[0]}/"):
            vault.end_retention(key, "2026-01-01T00:00:00Z")
        audited = drtool("audit", vault, "--json")
        assert (audited.code, audited.codes) == (3, ["archive-retention-ended"])
        assert drtool("audit", vault, "--since", "2026-03-03T00:00:00Z").code == 0

    def test_one_that_cannot_be_seen_is_no_proof(
        self, archived: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for key in vault.names():
            vault.unlock(key)
        answer = (403, "AccessDenied")
        with gate(s3_endpoint) as way:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
            way.refusal = lambda request: answer if "retention" in request.path else None
            audited = drtool("audit", vault, "--json")
            assert (audited.code, audited.codes) == (3, ["archive-retention-unseen"])
            answer = (404, "NoSuchObjectLockConfiguration")
            audited = drtool("audit", vault, "--json")
            assert (audited.code, set(audited.codes)) == (1, {"archive-retention-missing"})
            assert len(audited.codes) == 5

    def test_a_bucket_without_object_lock_is_one_thing_wrong(self, archived: Site, vault: Vault, drtool: Run) -> None:
        vault.s3.create_bucket(Bucket=f"{vault.bucket}-b")
        for key in vault.names():
            vault.s3.put_object(Bucket=f"{vault.bucket}-b", Key=vault.prefix + key, Body=vault.get(key))
        audited = drtool("audit", f"s3://{vault.bucket}-b/shop", "--json")
        assert (audited.code, audited.codes) == (1, ["archive-unlocked"])
        assert all(drill["intact"] for drill in audited.result["drills"])
        assert all(drill["locked_until"] is None for drill in audited.result["drills"])


class TestReading:
    def test_an_empty_place_holds_no_evidence(self, vault: Vault, drtool: Run) -> None:
        audited = drtool("audit", vault)
        assert audited.code == 3
        assert f"There is no evidence in {vault}" in audited.errors

    def test_a_place_with_other_things_says_so(self, vault: Vault, drtool: Run) -> None:
        vault.put("db.sql.zst", b"backup")
        audited = drtool("audit", vault)
        assert audited.code == 3
        assert "db.sql.zst is no object of an archive" in audited.errors

    def test_more_objects_than_it_reads_are_refused(
        self, archived: Site, vault: Vault, drtool: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetching, "OBJECT_LIMIT", 20)
        audited = drtool("audit", vault)
        assert audited.code == 3
        assert "more than 20 versions of objects" in audited.errors

    def test_more_bytes_than_it_reads_are_refused_before_they_are_fetched(
        self, archived: Site, vault: Vault, drtool: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetching, "TOTAL_LIMIT_BYTES", 2000)
        monkeypatch.setattr(fetching, "_fetched", lambda *_: pytest.fail("fetched"))
        assert drtool("audit", vault).code == 3

    def test_a_listing_without_end_is_cut_off(
        self, archived: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetching, "OBJECT_LIMIT", 500)
        numbers = itertools.count()

        def endless(request: object) -> str:
            return "".join(
                f"<Version><Key>shop/{next(numbers)}/x</Key><VersionId>v</VersionId><IsLatest>true</IsLatest>"
                "<LastModified>2026-11-24T03:00:00Z</LastModified><ETag>e</ETag><Size>1</Size></Version>"
                for _ in range(100)
            )

        with gate(s3_endpoint) as way:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
            way.answer = lambda request: (
                f"<ListVersionsResult><Name>evidence</Name><IsTruncated>true</IsTruncated><NextKeyMarker>{next(numbers)}</NextKeyMarker>"
                f"<NextVersionIdMarker>v</NextVersionIdMarker>{endless(request)}</ListVersionsResult>"
                if "versions" in request.path
                else None
            )
            audited = drtool("audit", vault)
        assert audited.code == 3
        assert "more than 500 versions" in audited.errors

    def test_a_key_that_may_read_nothing_is_told_what_it_needs(
        self, archived: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with gate(s3_endpoint) as way:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
            way.refusal = lambda request: (403, "AccessDenied") if "versionId" in request.path else None
            audited = drtool("audit", vault)
        assert audited.code == 3
        assert "docs/security.md" in audited.errors

    def test_one_object_that_the_store_does_not_give_out_is_named(
        self, archived: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = report_of(archived, 2, "drill.log")
        with gate(s3_endpoint) as way:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
            way.refusal = lambda request: (403, "InvalidObjectState") if f"{log}?" in request.path else None
            audited = drtool("audit", vault, "--json")
        assert audited.code == 1
        assert audited.codes == ["archive-object-unreadable", "file-missing"]
        assert "InvalidObjectState" in audited.result["problems"][0]["sentence"]

    def test_an_object_with_more_in_it_than_its_listing_says_is_not_read_on(
        self, archived: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line = vault.names("ledger/")[-1]
        with gate(s3_endpoint) as way:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
            way.answer = lambda request: "x" * 3_000_000 if f"{line}?" in request.path else None
            audited = drtool("audit", vault, "--json")
        assert audited.code == 1
        assert audited.codes[0] == "archive-object-unreadable"
        assert "grows while it is read" in audited.result["problems"][0]["sentence"]

    def test_the_copy_is_gone_also_when_somebody_stops_the_audit(
        self, archived: Site, vault: Vault, s3_endpoint: str, tmp_path: Path
    ) -> None:
        copies = tmp_path / "copies"
        copies.mkdir()
        with gate(s3_endpoint) as way:

            def slow(request: object) -> None:
                if "versionId" in request.path and "report.html" in request.path:  # type: ignore[attr-defined]
                    time.sleep(1.0)

            way.refusal = slow
            process = subprocess.Popen(
                [sys.executable, "-m", "drtool", "audit", str(vault)],
                env={**os.environ, "AWS_ENDPOINT_URL_S3": way.url, "TMPDIR": str(copies)},
                stderr=subprocess.PIPE,
                text=True,
            )
            deadline = time.monotonic() + 20.0
            while not list(copies.glob("*/*/drill.log")) and time.monotonic() < deadline:
                time.sleep(0.01)
            (copy,) = copies.iterdir()
            assert copy.stat().st_mode & 0o777 == 0o700
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=20.0)
        assert process.returncode == 130
        assert errors == "drtool: interrupted\n"
        assert list(copies.iterdir()) == []

    def test_a_page_over_an_archive_links_nowhere(
        self, archived: Site, vault: Vault, drtool: Run, tmp_path: Path
    ) -> None:
        assert drtool("audit", vault, "--html").code == 2
        page = tmp_path / "audit.html"
        assert drtool("audit", vault, "--html", page).code == 0
        document = page.read_text()
        assert str(vault) in document
        assert "report.html" not in document


class TestFolderAgainstArchive:
    def test_both_agree(self, archived: Site, vault: Vault, drtool: Run) -> None:
        audited = drtool("audit", archived.reports, "--archive", vault, "--json")
        assert (audited.code, audited.codes) == (0, [])

    def test_a_tail_that_was_cut_off_the_folder_is_still_in_the_archive(
        self, archived: Site, vault: Vault, drtool: Run
    ) -> None:
        gone = archived.drill_ids()[-1]
        for path in archived.path(4).iterdir():
            path.unlink()
        archived.path(4).rmdir()
        archived.ledger.write_bytes(b"".join(archived.ledger.read_bytes().splitlines(keepends=True)[:-2]))
        assert drtool("audit", archived.reports).code == 0  # the folder alone looks sound
        audited = drtool("audit", archived.reports, "--archive", vault, "--json")
        assert audited.code == 1
        assert audited.codes == ["ledger-behind-archive", "drill-lost"]
        assert audited.result["problems"][1]["drill_id"] == gone

    def test_a_ledger_that_was_rebuilt_is_noticed(self, archived: Site, vault: Vault, drtool: Run) -> None:
        archived.rebuild([line for line in archived.lines() if line["drill_id"] != archived.drill_ids()[2]])
        audited = drtool("audit", archived.reports, "--archive", vault, "--json")
        assert "ledger-behind-archive" in audited.codes

    def test_a_drill_that_was_to_be_archived_and_is_not_is_no_pass(
        self, archived: Site, vault: Vault, drtool: Run
    ) -> None:
        archived.drill(change=archiving(vault))
        audited = drtool("audit", archived.reports, "--archive", vault, "--json")
        assert (audited.code, audited.codes) == (3, ["not-archived"])
        assert drtool("archive", archived.reports, vault).code == 0
        assert drtool("audit", archived.reports, "--archive", vault).code == 0

    def test_an_archive_is_not_held_against_another(self, archived: Site, vault: Vault, drtool: Run) -> None:
        assert drtool("audit", vault, "--archive", vault).code == 2


def test_a_drill_that_was_begun_and_never_ended_is_abandoned_in_the_archive_too(
    evidence: Site, vault: Vault, drtool: Run
) -> None:
    evidence.begin("20260313T030000Z-shop_monthly-00000b", "shop_monthly", datetime.now(UTC) - timedelta(days=1))
    ended = drtool("archive", evidence.reports, vault)
    assert "Left out 20260313T030000Z-shop_monthly-00000b" in ended.errors
    audited = drtool("audit", vault, "--json")
    assert (audited.code, audited.codes) == (1, ["drill-abandoned"])
