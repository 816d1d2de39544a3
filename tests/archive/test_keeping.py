"""What goes into an archive: all of it, once, locked, and never over anything else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drtool.archive.keeping import Archive, ended
from drtool.archive.layout import Location
from drtool.archive.retention import Mode
from drtool.archive.whole import keep_all
from drtool.errors import DrtoolError, Unverifiable
from tests.archive.conftest import Vault, expected
from tests.archive.gate import Refusal, gate
from tests.evidence.builder import Site
from tests.evidence.conftest import Run


def contents(vault: Vault) -> dict[str, bytes]:
    return {key: vault.get(key) for key in vault.names()}


def bare_bucket(vault: Vault, name: str, *, locked: bool) -> str:
    vault.s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
    return f"s3://{name}/shop"


def refuse_nothing_but(method: str, code: str, *, after: int = 0, status: int = 403, query: str = "") -> Refusal:
    """Return a refusal of the requests with that method, and that in their query, after so many of them."""
    seen = []

    def refusal(request: object) -> tuple[int, str] | None:
        if request.command == method and query in request.path:  # type: ignore[attr-defined]
            seen.append(request)
            return (status, code) if len(seen) > after else None
        return None

    return refusal


def test_an_archive_holds_every_file_and_every_line_of_the_ledger_and_all_of_it_is_locked(
    evidence: Site, vault: Vault, drtool: Run
) -> None:
    assert drtool("archive", evidence.reports, vault).code == 0
    assert contents(vault) == expected(evidence)
    for key in vault.names():
        head = vault.s3.head_object(Bucket=vault.bucket, Key=vault.prefix + key)
        assert head["ObjectLockMode"] == "COMPLIANCE"
        assert head["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=29)
    audited = drtool("audit", vault, "--json")
    assert (audited.code, audited.codes) == (0, [])
    assert {drill["lock_mode"] for drill in audited.result["drills"]} == {"COMPLIANCE"}
    assert audited.result["reports"] == str(vault)


def test_the_archive_gives_the_same_verdict_as_the_folder(archived: Site, vault: Vault, drtool: Run) -> None:
    from_folder = drtool("audit", archived.reports, "--json").result
    from_archive = drtool("audit", vault, "--json").result
    for name in ("verdict", "reason", "entries", "head", "signers", "scenarios", "controls"):
        assert from_archive[name] == from_folder[name]
    assert [drill["drill_id"] for drill in from_archive["drills"]] == archived.drill_ids()


def test_what_is_there_is_not_put_again(archived: Site, vault: Vault, drtool: Run) -> None:
    before = vault.versions()
    again = drtool("archive", archived.reports, vault, "--json")
    assert again.code == 0
    assert (again.result["drills"], again.result["files_added"], again.result["entries_added"]) == (5, 0, 0)
    assert vault.versions() == before


def test_what_is_new_is_added(archived: Site, vault: Vault, drtool: Run) -> None:
    archived.key = None
    archived.drill(change=lambda record: record)
    again = drtool("archive", archived.reports, vault, "--json")
    assert (again.result["files_added"], again.result["entries_added"]) == (3, 2)
    assert contents(vault) == expected(archived)


@pytest.mark.parametrize("after", [0, 3, 29])
def test_what_failed_half_way_is_added_later(
    evidence: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    untouched = expected(evidence)
    with gate(s3_endpoint) as way:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
        way.refusal = refuse_nothing_but("PUT", "AccessDenied", after=after)
        failed = drtool("archive", evidence.reports, vault)
        assert failed.code == 3
        assert "AccessDenied" in failed.errors
        assert "docs/security.md" in failed.errors
        assert len(vault.names()) == after
        way.refusal = lambda request: None
        before = set(vault.versions())
        assert drtool("archive", evidence.reports, vault).code == 0
    assert before <= set(vault.versions())
    assert len(vault.versions()) == len(untouched)
    assert contents(vault) == untouched == expected(evidence)


def test_two_at_once_leave_one_sound_archive(evidence: Site, vault: Vault, drtool: Run) -> None:
    together = threading.Barrier(2)
    errors: list[DrtoolError] = []

    def keep() -> None:
        together.wait()
        try:
            keep_all(Location.parse(str(vault)), evidence.reports, mode=None, period=None)
        except DrtoolError as error:
            errors.append(error)

    threads = [threading.Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert contents(vault) == expected(evidence)
    assert drtool("audit", vault).code == 0


def test_a_drill_that_begins_is_in_the_archive_before_it_ends(
    evidence: Site, vault: Vault, drtool: Run, untouched: Site
) -> None:
    archive = Archive.prepared(Location.parse(str(vault)), evidence.reports, mode=None, period=None)
    evidence.begin("20260313T030000Z-shop_monthly-00000b", "shop_monthly", evidence.now)
    archive.keep_ledger(evidence.reports)
    # Somebody does not like how the drill goes: its process is killed, what it left goes, and they try again.
    evidence.copied_to(evidence.reports.parent / "elsewhere")
    again = untouched.copied_to(evidence.reports.parent / "again")
    again.now = evidence.now
    again.drill()
    refused = drtool("archive", again.reports, vault)
    assert refused.code == 3
    assert "archive of another reports folder, or this folder's ledger was cut" in refused.errors
    compared = drtool("audit", again.reports, "--archive", vault, "--json")
    assert compared.code == 1
    assert "ledger-behind-archive" in compared.codes


def test_a_retention_that_is_asked_for_is_given(evidence: Site, vault: Vault, bucket_name: str, drtool: Run) -> None:
    archive = bare_bucket(vault, f"{bucket_name}-b", locked=True)
    ran = drtool("archive", evidence.reports, archive, "--archive-retention", "400d", "--archive-mode", "governance")
    assert ran.code == 0, ran
    key = f"shop/{evidence.drill_ids()[0]}/report.json"
    head = vault.s3.head_object(Bucket=f"{bucket_name}-b", Key=key)
    assert head["ObjectLockMode"] == "GOVERNANCE"
    least = datetime.now(UTC) + timedelta(days=400, minutes=-1)
    assert least < head["ObjectLockRetainUntilDate"] < least + timedelta(minutes=2)
    audited = drtool("audit", archive, "--json").result
    assert audited["verdict"] == "passed"
    assert audited["drills"][0]["lock_mode"] == "GOVERNANCE"


def test_a_bucket_without_object_lock_is_refused_with_the_mend(
    evidence: Site, vault: Vault, bucket_name: str, drtool: Run
) -> None:
    archive = bare_bucket(vault, f"{bucket_name}-b", locked=False)
    refused = drtool("archive", evidence.reports, archive)
    assert refused.code == 3
    assert "has no Object Lock" in refused.errors
    assert "--object-lock-enabled-for-bucket" in refused.errors
    assert "Contents" not in vault.s3.list_objects_v2(Bucket=f"{bucket_name}-b")


def test_a_bucket_that_keeps_nothing_by_itself_takes_somebodys_decision(
    evidence: Site, vault: Vault, bucket_name: str, drtool: Run
) -> None:
    archive = bare_bucket(vault, f"{bucket_name}-b", locked=True)
    refused = drtool("archive", evidence.reports, archive)
    assert refused.code == 2
    assert "--archive-retention" in refused.errors
    assert drtool("archive", evidence.reports, archive, "--archive-retention", "400d").code == 2
    assert "Contents" not in vault.s3.list_objects_v2(Bucket=f"{bucket_name}-b")


def test_a_bucket_that_is_not_there_is_named(evidence: Site, vault: Vault, drtool: Run) -> None:
    for command in (("archive", evidence.reports, "s3://nowhere/shop"), ("audit", "s3://nowhere/shop")):
        refused = drtool(*command)
        assert refused.code == 3
        assert "There is no bucket nowhere" in refused.errors


def test_without_credentials_it_says_so(
    evidence: Site, vault: Vault, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for command in (("archive", evidence.reports, vault), ("audit", vault)):
        refused = drtool(*command)
        assert refused.code == 3
        assert "NoCredentialsError" in refused.errors
        assert "Give drtool credentials" in refused.errors


def test_the_archive_has_a_profile_of_its_own(
    evidence: Site, vault: Vault, drtool: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text("[vault]\naws_access_key_id = AKIAVAULT\naws_secret_access_key = word\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("DRTOOL_ARCHIVE_PROFILE", "nobody")
    refused = drtool("archive", evidence.reports, vault)
    assert (refused.code, "ProfileNotFound" in refused.errors) == (3, True)
    monkeypatch.setenv("DRTOOL_ARCHIVE_PROFILE", "vault")
    assert drtool("archive", evidence.reports, vault).code == 0


def test_two_folders_do_not_share_a_prefix(archived: Site, vault: Vault, drtool: Run, tmp_path: Path) -> None:
    other = Site(reports=tmp_path / "other", config=archived.config, key=archived.key)
    other.drill()
    before = vault.versions()
    refused = drtool("archive", other.reports, vault)
    assert refused.code == 3
    assert "a prefix of its own" in refused.errors
    assert vault.versions() == before


@pytest.mark.parametrize("name", ["report.json", "report.html", "drill.log", "report.json.sig"])
def test_what_is_not_as_the_drill_left_it_is_not_archived_and_the_other_drills_are(
    evidence: Site, vault: Vault, drtool: Run, name: str
) -> None:
    path = evidence.path(1, name)
    path.unlink() if name.endswith(".sig") else path.write_bytes(path.read_bytes() + b" ")
    ran = drtool("archive", evidence.reports, vault)
    assert ran.code == 3
    assert f"{evidence.drill_ids()[1]} is not as the drill left it" in ran.errors
    assert vault.names(f"{evidence.drill_ids()[1]}/") == []
    assert len(vault.names(f"{evidence.drill_ids()[2]}/")) == 4


def test_what_does_not_belong_there_is_left_out(evidence: Site, vault: Vault, drtool: Run) -> None:
    everything = expected(evidence)
    evidence.path(0, ".DS_Store").write_bytes(b"droppings")
    evidence.path(0, "notes.txt").write_bytes(b"mine")
    (evidence.reports / "private").mkdir()
    (evidence.reports / "private" / "diary.txt").write_bytes(b"mine too")
    ran = drtool("archive", evidence.reports, vault)
    assert ran.code == 0
    assert "Left out private" in ran.errors
    assert contents(vault) == everything


def test_what_lies_in_the_way_is_not_overwritten(evidence: Site, vault: Vault, drtool: Run) -> None:
    report = f"{evidence.drill_ids()[0]}/report.json"
    vault.put(report, b"{}")
    before = vault.versions()
    ran = drtool("archive", evidence.reports, vault)
    assert ran.code == 3
    assert "holds other bytes than it should" in ran.errors
    assert set(before) <= set(vault.versions())
    assert vault.get(report) == b"{}"


def test_a_line_that_is_being_written_waits_for_its_end(evidence: Site, vault: Vault, drtool: Run) -> None:
    whole = evidence.ledger.read_bytes()
    evidence.ledger.write_bytes(whole + b'{"event":"start","previous":"')
    assert drtool("archive", evidence.reports, vault).code == 0
    assert len(vault.names("ledger/")) == 10


def test_a_store_without_conditions_is_used_without_and_another_kept_to_them(
    evidence: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_conditions(request: object) -> tuple[int, str] | None:
        return (501, "NotImplemented") if request.headers.get("If-None-Match") else None  # type: ignore[attr-defined]

    with gate(s3_endpoint) as way:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
        way.refusal = no_conditions
        archive = Archive.prepared(Location.parse(str(vault)), evidence.reports, mode=None, period=None)
        archive.keep_ledger(evidence.reports)
        assert not archive.conditional
        assert drtool("archive", evidence.reports, vault).code == 0
    assert contents(vault) == expected(evidence)


def test_where_the_lock_may_not_be_looked_at_each_object_must_show_its_own(
    evidence: Site, vault: Vault, drtool: Run, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gate(s3_endpoint) as way:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", way.url)
        way.refusal = refuse_nothing_but("GET", "AccessDenied", query="object-lock")
        archive = Archive.prepared(Location.parse(str(vault)), evidence.reports, mode=None, period=None)
        assert not archive.lock_seen
        assert (archive.recorded.mode, archive.recorded.retention_seconds) == (None, None)
        assert drtool("archive", evidence.reports, vault).code == 0
        vault.s3.create_bucket(Bucket=f"{vault.bucket}-b")
        bare = Archive.prepared(Location.parse(f"s3://{vault.bucket}-b"), evidence.reports, mode=None, period=None)
        with pytest.raises(Unverifiable) as refused:
            bare.keep_ledger(evidence.reports)
        assert refused.value.code == "archive-retention-unseen"


def test_what_is_there_and_kept_for_less_than_was_asked_for_is_noticed(evidence: Site, vault: Vault) -> None:
    drill_id = evidence.drill_ids()[0]
    vault.put(f"{drill_id}/drill.log", evidence.path(0, "drill.log").read_bytes())
    location = Location.parse(str(vault))
    longer = Archive.prepared(location, evidence.reports, mode=Mode.COMPLIANCE, period=timedelta(days=60))
    with pytest.raises(Unverifiable) as refused:
        longer.keep_folder(evidence.reports, ended(evidence.reports, drill_id), known={})
    assert refused.value.code == "archive-kept-too-briefly"
