"""Evidence that nobody touched raises nothing, wherever it is read and however much there is of it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drtool.record.verdicts import Verdict
from tests import pace
from tests.evidence.builder import Site
from tests.evidence.conftest import Run


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let files of a name be refused, as to an account that may not read them: the tests may run as root."""
    opens = os.open

    def refuse(name: str) -> None:
        def open_(path: str | Path, *arguments: Any, **named: Any) -> int:
            if Path(path).name == name:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return opens(path, *arguments, **named)

        monkeypatch.setattr(os, "open", open_)

    return refuse


def test_untouched_evidence_is_clean(evidence: Site, drtool: Run) -> None:
    ended = drtool("audit", evidence.reports, "--json")
    assert (ended.code, ended.codes, ended.result["notes"]) == (0, [], [])
    assert [drill["state"] for drill in ended.result["drills"]] == ["passed", "passed", "failed", "passed", "passed"]
    assert all(drill["intact"] for drill in ended.result["drills"])


@pytest.mark.long
def test_two_hundred_drills_are_clean_and_checked_in_under_ten_seconds(
    site: Site, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.every = timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # these need not survive a power cut
        for number in range(200):
            site.drill(Verdict.FAILED if number % 7 == 0 else Verdict.PASSED)
    began = time.monotonic()
    ended = drtool("audit", site.reports, "--json")
    elapsed = time.monotonic() - began
    assert (ended.code, ended.codes, len(ended.result["drills"])) == (0, [], 200)
    assert elapsed < pace.seconds(10.0)


def test_an_auditor_elsewhere_needs_only_the_keys(
    evidence: Site, apart: Path, drtool: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = shutil.copy(evidence.config / "drtool" / "allowed_signers", tmp_path / "keys-from-the-site")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(apart))
    assert drtool("audit", evidence.reports, "--allowed-signers", keys).code == 0


def test_without_keys_it_is_intact_but_the_signer_unknown(
    evidence: Site, apart: Path, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(apart))
    ended = drtool("audit", evidence.reports)
    assert ended.code == 3
    assert "Intact, signer unknown" in ended.output


def test_keys_that_lie_with_the_evidence_are_never_trusted_by_themselves(
    evidence: Site, apart: Path, drtool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(apart))
    assert (evidence.reports / "allowed_signers").exists()
    assert drtool("audit", evidence.reports).code == 3
    named = drtool("audit", evidence.reports, "--allowed-signers", evidence.reports / "allowed_signers")
    assert "lies with the evidence" in named.output


def test_an_unsigned_report_is_named_and_leaves_the_audit_unverified(site: Site, drtool: Run) -> None:
    site.drill()
    site.key = None
    drill_id = site.drill()
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.codes) == (3, ["unsigned"])
    assert drill_id in ended.result["problems"][0]["sentence"]
    assert ended.result["drills"][1]["state"] == "unverified"
    assert "UNSIGNED" in drtool("audit", site.reports).output


@pytest.mark.parametrize("name", ["", "report.json", "report.json.sig", "report.html"], ids=lambda name: name or "all")
def test_what_this_account_may_not_read_is_neither_missing_nor_changed(
    name: str, evidence: Site, drtool: Run, refused: Callable[[str], None]
) -> None:
    refused(name or evidence.path(1, name).name)
    ended = drtool("audit", evidence.reports, "--json", "--since", "2020-01-01T00:00:00Z", "--cadence", "20000d")
    assert (ended.code, {*ended.codes}) == (3, {"evidence-unreadable"}), ended.result["problems"]
    assert "Permission denied" in ended.result["problems"][0]["sentence"]
    assert None in [drill["intact"] for drill in ended.result["drills"]]
    assert "not everything could be verified" in ended.result["reason"]


def test_a_ledger_that_this_account_may_not_read_is_not_missing(
    evidence: Site, drtool: Run, refused: Callable[[str], None]
) -> None:
    refused("ledger.jsonl")
    for command in (["audit", evidence.reports], ["list", "--reports", evidence.reports]):
        ended = drtool(*command)
        assert (ended.code, ended.output) == (3, "")
        assert "ledger.jsonl may not be read by this account" in ended.errors


def test_an_interrupted_drill_is_no_problem_of_the_evidence(site: Site, drtool: Run) -> None:
    site.drill(Verdict.UNVERIFIED, interrupted=True)
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.result["drills"][0]["state"]) == (0, "interrupted")


def test_a_site_may_keep_other_things_in_the_reports_folder(evidence: Site, drtool: Run) -> None:
    (evidence.reports / "README.md").write_text("Our drills.\n")
    (evidence.reports / ".git").mkdir()
    for name in ("lost+found", "@eaDir", "__MACOSX", "System Volume Information", "2025"):
        (evidence.reports / name).mkdir()
    before = drtool("audit", evidence.reports, "--json")
    assert before.code == 0
    (evidence.reports / "2025" / "ledger.jsonl").write_text("")
    ended = drtool("audit", evidence.reports, "--json")
    (note,) = set(ended.result["notes"]) - set(before.result["notes"])
    assert (ended.code, note.startswith("2025/ holds a ledger of its own")) == (0, True)


def test_what_file_managers_leave_in_a_drills_folder_is_passed_over_and_said(evidence: Site, drtool: Run) -> None:
    before = drtool("audit", evidence.reports, "--json").result["notes"]
    for name in (".DS_Store", "._report.json", "Thumbs.db", "desktop.ini", ".nfs0000000012"):
        evidence.path(0, name).write_text("x")
    evidence.path(1, "@eaDir").mkdir()
    ended = drtool("audit", evidence.reports, "--json")
    assert (ended.code, ended.codes) == (0, [])
    (note,) = set(ended.result["notes"]) - set(before)
    assert note.startswith("Passed over in 2 drills' folders: .DS_Store, ._report.json, ")
    assert ended.result["drills"][1]["passed_over"] == ["@eaDir"]
    assert drtool("show", evidence.path(0)).code == 0


def converted(*files: Path) -> None:
    for file in files:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def test_line_ends_that_were_converted_on_the_way_are_told_as_that(evidence: Site, drtool: Run) -> None:
    names = ("report.json", "report.html", "drill.log", "report.json.sig")
    converted(evidence.ledger, *(evidence.path(number, name) for number in range(5) for name in names))
    ended = drtool("audit", evidence.reports, "--json")
    assert (ended.code, {*ended.codes}) == (1, {"line-ends-converted"})
    assert all(drill["signature"] == "trusted" for drill in ended.result["drills"])
    assert "NOT VERIFIED" in drtool("show", evidence.path(0)).output


def test_what_was_changed_besides_its_line_ends_is_told_as_changed(evidence: Site, drtool: Run) -> None:
    for name in ("report.json", "drill.log"):
        path = evidence.path(0, name)
        path.write_bytes(path.read_bytes() + b" \n")
        converted(path)
    ended = drtool("audit", evidence.reports, "--json")
    assert {"report-changed", "file-changed"} <= {*ended.codes}
    assert "line-ends-converted" not in ended.codes


def test_the_head_is_what_coreutils_say_it_is(evidence: Site, drtool: Run) -> None:
    command = ["sh", "-c", f"tail -n 1 {evidence.ledger} | sha256sum"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0]
    output = drtool("audit", evidence.reports).output
    assert output.splitlines()[-1] == f"Head     {said}"
    assert drtool("audit", evidence.reports, "--head", said).code == 0


@pytest.mark.parametrize("place", ["nowhere", "empty"])
def test_where_there_is_no_evidence_that_is_said(place: str, tmp_path: Path, drtool: Run) -> None:
    (tmp_path / "empty").mkdir()
    ended = drtool("audit", tmp_path / place)
    assert ended.code == 3
    assert "There is no evidence in" in ended.errors


def test_a_period_without_drills_is_not_green(evidence: Site, drtool: Run) -> None:
    ended = drtool("audit", evidence.reports, "--since", "1d", "--json")
    assert (ended.code, ended.codes) == (3, ["no-drills"])


def test_a_ledger_without_a_drill_that_is_over_is_not_green(site: Site, drtool: Run) -> None:
    site.begin("20260302T030000Z-shop-000001", "shop", datetime.now(UTC))
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.codes, ended.result["drills"][0]["state"]) == (
        3,
        ["drill-not-ended", "no-drills"],
        "not ended",
    )
    site.ledger.write_bytes(site.ledger.read_bytes()[:100])
    shutil.rmtree(site.reports / "20260302T030000Z-shop-000001")
    ended = drtool("audit", site.reports, "--json")
    assert (ended.code, ended.codes) == (3, ["no-drills"])


def test_only_drills_of_the_period_are_looked_at(evidence: Site, drtool: Run) -> None:
    evidence.path(0, "report.html").write_text("tampered")
    period = ("--since", "2026-03-03T00:00:00Z", "--until", "2026-03-04T12:00:00Z")
    ended = drtool("audit", evidence.reports, *period, "--json")
    assert (ended.code, len(ended.result["drills"])) == (0, 2)
    assert drtool("audit", evidence.reports).code == 1


def test_a_scenario_that_has_not_passed_for_longer_than_the_cadence_is_overdue(site: Site, drtool: Run) -> None:
    site.now = datetime.now(UTC) - timedelta(days=40)
    site.every = timedelta(days=1)
    site.drill(scenario="shop")
    site.now = datetime.now(UTC) - timedelta(days=5)
    site.drill(scenario="mail")
    site.drill(Verdict.FAILED, scenario="shop")
    assert drtool("audit", site.reports, "--cadence", "50d").code == 0
    ended = drtool("audit", site.reports, "--cadence", "31d", "--json")
    assert (ended.code, ended.codes) == (1, ["overdue"])
    assert ended.result["problems"][0]["sentence"].startswith("Scenario shop is overdue: it last passed on")


def test_a_scenario_that_was_never_drilled_is_overdue_when_asked_for(evidence: Site, drtool: Run) -> None:
    until = ("--until", "2026-03-07T00:00:00Z", "--cadence", "31d")
    assert drtool("audit", evidence.reports, *until).code == 0
    ended = drtool("audit", evidence.reports, *until, "--scenario", "payroll", "--json")
    assert (ended.code, ended.codes) == (1, ["overdue"])


def test_a_backup_verified_by_hand_is_not_due_again(site: Site, drtool: Run) -> None:
    site.drill(scenario="verify")
    assert drtool("audit", site.reports, "--cadence", "1d").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--head", "abc"),
        ("--since", "yesterday"),
        ("--since", "2026-03-03T00:00:00"),
        ("--cadence", "monthly"),
        ("--scenario", "shop"),
        ("--since", "1d", "--until", "2d"),
        ("--allowed-signers", "/nowhere"),
    ],
)
def test_what_makes_no_sense_is_wrong_use(arguments: tuple[str, ...], evidence: Site, drtool: Run) -> None:
    ended = drtool("audit", evidence.reports, *arguments)
    assert ended.code == 2
    assert ended.errors


def test_output_that_is_piped_has_no_colours(evidence: Site, drtool: Run) -> None:
    evidence.path(0, "report.html").write_text("tampered")
    assert "\x1b" not in drtool("audit", evidence.reports).output
