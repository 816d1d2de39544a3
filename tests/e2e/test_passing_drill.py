"""A drill that passes: what the quickstart leaves, and that nobody can change it unseen."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drtool.record.steps import Phase
from drtool.record.verdicts import Verdict
from tests.e2e.workbench import Ran, Workbench

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.py"


@pytest.fixture(scope="module")
def passed(shared_bench: Workbench) -> Ran:
    """Make backups and run the quickstart on them once for all of these tests, as `make drill` does."""
    backups = shared_bench.folder / "backups"
    command = [sys.executable, "-m", "fixtures.shop", "make-backups", "--into", str(backups)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return shared_bench.start("run", QUICKSTART, environment={"DRTOOL_SHOP_BACKUPS": str(backups)}).ended()


def test_quickstart_passes_and_says_so(passed: Ran) -> None:
    assert passed.code == 0, passed
    assert "PASSED" in passed.stdout
    assert "RTO met" in passed.stdout
    assert "RPO met" in passed.stdout


def test_progress_goes_to_standard_error_and_the_outcome_to_standard_output(passed: Ran) -> None:
    assert "restore" in passed.stderr
    assert "PASSED" not in passed.stderr
    assert "provision" not in passed.stdout


def test_every_recovery_step_and_check_passed_and_nothing_was_found(passed: Ran, shared_bench: Workbench) -> None:
    record = shared_bench.record()
    assert record.verdict is Verdict.PASSED, passed
    assert record.findings == ()
    assert record.deviations == ()
    assert {found.resource for found in record.losses} == {"db", "files"}
    assert {step.outcome for step in record.steps} == {Verdict.PASSED}
    assert {check.outcome for check in record.checks} == {Verdict.PASSED}
    assert {Phase.LOCATE, Phase.PROVISION, Phase.RESTORE, Phase.VERIFY, Phase.DESTROY} <= {
        step.phase for step in record.steps
    }
    assert {found.resource for found in record.backups} == {"db", "files"}
    assert all(found.sha256 for found in record.backups)
    assert record.rto.verdict is record.rpo.verdict is Verdict.PASSED


def test_the_sandbox_could_not_get_out(passed: Ran, shared_bench: Workbench) -> None:
    isolation = shared_bench.record().isolation
    assert len(isolation) >= 4, passed
    assert all(probe.contained for probe in isolation)


def test_nothing_of_the_drill_is_left_and_the_record_says_what_was_removed(
    passed: Ran, shared_bench: Workbench
) -> None:
    destruction = shared_bench.record().destruction
    assert passed.code == 0
    assert shared_bench.left_in_the_engine() == []
    assert destruction.left == ()
    assert destruction.looked_at is not None
    containers = [name for name in destruction.removed if name.startswith("container ")]
    assert sum("-look-" not in name for name in containers) == 2  # the others saw whether the engine mounts our files
    assert sum(name.startswith("volume ") for name in destruction.removed) == 2


def test_evidence_is_a_report_its_signature_a_page_and_a_log(passed: Ran, shared_bench: Workbench) -> None:
    folder = shared_bench.reports / shared_bench.drill_ids()[0]
    assert passed.code == 0
    assert {path.name for path in folder.iterdir()} == {"report.json", "report.json.sig", "report.html", "drill.log"}
    assert (folder / "report.html").read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_ssh_keygen_alone_accepts_the_signature(passed: Ran, shared_bench: Workbench) -> None:
    folder = shared_bench.reports / shared_bench.drill_ids()[0]
    signers = shared_bench.reports / "allowed_signers"
    principal = signers.read_text().split()[0]
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", principal, "-n", "drtool-report"]
    command += ["-s", str(folder / "report.json.sig")]
    assert passed.code == 0
    for document, accepted in ((folder / "report.json").read_bytes(), True), (b"{}", False):
        verified = subprocess.run(command, input=document, capture_output=True, check=False)
        assert (verified.returncode == 0) is accepted, verified.stderr


def test_audit_accepts_the_evidence(passed: Ran, shared_bench: Workbench) -> None:
    assert passed.code == 0
    audited = shared_bench.drtool("audit")
    assert audited.code == 0, audited
    assert "intact" in audited.stdout


@pytest.mark.parametrize("changed", ["report.json", "report.html", "drill.log", "ledger.jsonl"])
def test_audit_refuses_one_changed_byte_and_names_the_file(
    passed: Ran, shared_bench: Workbench, tmp_path: Path, changed: str
) -> None:
    assert passed.code == 0
    copy = shutil.copytree(shared_bench.reports, tmp_path / "reports")
    (path,) = copy.rglob(changed)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle] ^= 1
    path.write_bytes(content)
    audited = shared_bench.drtool("audit", copy)
    assert audited.code == 1, audited
    assert changed in audited.stdout
