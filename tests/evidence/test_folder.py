"""A drill's folder holds all of its evidence or none of it, and anybody can check it with OpenSSH and coreutils."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from drtool.errors import Unverifiable
from drtool.evidence import folder
from drtool.evidence.ledger import Ledger
from drtool.record.model import DrillRecord, decode
from tests.evidence.builder import FIRST_DRILL_AT, Site, a_page, a_record, write_evidence
from tests.evidence.conftest import Run

DRILL = "20260302T030000Z-shop_monthly-000001"


def test_the_report_holds_the_digest_of_everything_else(site: Site) -> None:
    own = site.reports / site.drill()
    assert sorted(path.name for path in own.iterdir()) == ["drill.log", "report.html", "report.json", "report.json.sig"]
    files = json.loads((own / "report.json").read_bytes())["files"]
    assert files == {name: sha256((own / name).read_bytes()).hexdigest() for name in ("drill.log", "report.html")}


def test_what_a_file_manager_leaves_meanwhile_is_no_part_of_the_evidence(site: Site) -> None:
    begin = site.begin

    def begin_watched(drill_id: str, scenario: str, at: datetime) -> int:
        sequence = begin(drill_id, scenario, at)
        (site.reports / drill_id / ".DS_Store").write_text("x")
        return sequence

    site.begin = begin_watched  # type: ignore[method-assign]
    files = json.loads((site.reports / site.drill() / "report.json").read_bytes())["files"]
    assert sorted(files) == ["drill.log", "report.html"]


def test_the_page_is_rendered_from_a_record_that_knows_the_logs_digest(site: Site) -> None:
    site.begin(DRILL, "shop_monthly", FIRST_DRILL_AT)
    seen: list[DrillRecord] = []

    def render(record: DrillRecord) -> str:
        seen.append(record)
        return a_page(record)

    written = write_evidence(site.reports, a_record(DRILL, signed=False), render_page=render, key=site.key)
    assert seen[0].signed
    assert list(seen[0].files) == ["drill.log"]
    assert decode((site.reports / DRILL / "report.json").read_bytes()) == written.record
    assert sha256((site.reports / DRILL / "report.json").read_bytes()).hexdigest() == written.report_sha256


def test_what_ssh_keygen_says_and_what_the_audit_says_agree(evidence: Site, drtool: Run) -> None:
    page = evidence.path(0, "report.json")
    page.write_bytes(page.read_bytes().replace(b"passed", b"failed"))
    signature = evidence.path(3, "report.json.sig")
    signature.write_bytes(evidence.path(1, "report.json.sig").read_bytes())
    said = {drill_id: _ssh_keygen_alone(evidence.reports / drill_id) for drill_id in evidence.drill_ids()}
    drills = drtool("audit", evidence.reports, "--json").result["drills"]
    assert said == {drill["drill_id"]: drill["signature"] == "trusted" for drill in drills}
    assert list(said.values()) == [False, True, True, False, True]


def test_the_list_of_keys_beside_the_reports_has_each_key_once(site: Site) -> None:
    site.drill()
    site.drill()
    listed = (site.reports / "allowed_signers").read_text().splitlines()
    assert len(listed) == 1
    assert ' namespaces="drtool-report" ssh-ed25519 ' in listed[0]


def test_an_unsigned_report_says_so_and_has_no_signature(site: Site) -> None:
    site.key = None
    own = site.reports / site.drill()
    assert json.loads((own / "report.json").read_bytes())["signed"] is False
    assert not (own / "report.json.sig").exists()


def test_evidence_is_never_overwritten(site: Site) -> None:
    drill_id = site.drill()
    before = (site.reports / drill_id / "report.json").read_bytes()
    with pytest.raises(Unverifiable, match="exists already"):
        folder.make(site.reports, drill_id)
    with pytest.raises(Unverifiable, match="exists already"):
        write_evidence(site.reports, a_record(drill_id), render_page=a_page, key=site.key)
    assert (site.reports / drill_id / "report.json").read_bytes() == before


@pytest.mark.parametrize("name", ["", "..", "../elsewhere", "/tmp/x", "a/b", "sh\u043ep", ".hidden", "a\n"])
def test_a_name_that_could_lead_elsewhere_is_no_drills(name: str, site: Site) -> None:
    site.reports.mkdir()
    with pytest.raises(Unverifiable, match="cannot name a drill"):
        folder.make(site.reports, name)


def test_reports_that_cannot_be_written_are_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file, where the folder should be")
    with pytest.raises(Unverifiable, match="cannot be written") as refused:
        Ledger(tmp_path / "reports").start(
            drill_id=DRILL, scenario="shop", operator="ops", host="h", time_limit_seconds=1.0, at=FIRST_DRILL_AT
        )
    assert refused.value.code == "reports-unwritable"
    with pytest.raises(Unverifiable, match="cannot be written"):
        folder.make(tmp_path / "reports", DRILL)


def test_a_folder_that_was_taken_away_during_the_drill_is_a_clear_error(site: Site) -> None:
    site.begin(DRILL, "shop_monthly", FIRST_DRILL_AT)
    (site.reports / DRILL / "drill.log").unlink()
    (site.reports / DRILL).rmdir()
    with pytest.raises(Unverifiable, match="cannot be written"):
        write_evidence(site.reports, a_record(DRILL), render_page=a_page, key=site.key)


def test_a_key_that_does_not_sign_in_the_end_leaves_no_report(site: Site) -> None:
    assert site.key is not None
    site.begin(DRILL, "shop_monthly", FIRST_DRILL_AT)
    gone = replace(site.key, path=site.key.path.with_name("gone"))
    with pytest.raises(Unverifiable, match="There is no signing key"):
        write_evidence(site.reports, a_record(DRILL), render_page=a_page, key=gone)
    assert [path.name for path in (site.reports / DRILL).iterdir()] == ["drill.log"]


def test_a_full_disk_leaves_neither_half_a_report_nor_temporary_files(site: Site) -> None:
    site.begin(DRILL, "shop_monthly", FIRST_DRILL_AT)
    done = _in_a_process(
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        write()
        """,
        site,
    )
    assert "The evidence cannot be written to" in done.stderr.splitlines()[-1]
    assert [path.name for path in (site.reports / DRILL).iterdir()] == ["drill.log"]


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_a_crash_at_any_rename_leaves_no_report(renames: int, site: Site, drtool: Run) -> None:
    site.begin(DRILL, "shop_monthly", FIRST_DRILL_AT)
    done = _in_a_process(
        f"""
        import os, signal
        from pathlib import Path
        from drtool.keys import allowed_signers
        allowed_signers.show = lambda *_: None
        left = {renames}
        rename = Path.replace
        def until_killed(self, target):
            global left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return rename(self, target)
        Path.replace = until_killed
        write()
        """,
        site,
    )
    assert done.returncode == -9
    assert not (site.reports / DRILL / "report.json").exists()
    assert drtool("audit", site.reports, "--json").codes == ["drill-abandoned"]


def test_a_crash_before_the_end_is_entered_is_told_with_the_verdict_of_the_report(site: Site, drtool: Run) -> None:
    site.begin(DRILL, "shop_monthly", FIRST_DRILL_AT)
    write_evidence(site.reports, a_record(DRILL), render_page=a_page, key=site.key)
    sentence = drtool("audit", site.reports, "--json").result["problems"][0]["sentence"]
    assert "it left a report with the verdict passed that was never entered" in sentence


def _in_a_process(script: str, site: Site) -> subprocess.CompletedProcess[str]:
    beginning = textwrap.dedent("""
        import sys
        from pathlib import Path
        from drtool.keys.signing import find_key
        from tests.evidence.builder import a_page, a_record, write_evidence

        def write():
            write_evidence(Path(sys.argv[1]), a_record(sys.argv[2]), render_page=a_page, key=find_key(None))
    """)
    return subprocess.run(
        [sys.executable, "-c", beginning + textwrap.dedent(script), str(site.reports), DRILL],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def _ssh_keygen_alone(own: Path) -> bool:
    listed = own.parent / "allowed_signers"
    principal = listed.read_text().split()[0]
    keys = ["-f", str(listed), "-I", principal, "-n", "drtool-report", "-s", str(own / "report.json.sig")]
    with (own / "report.json").open("rb") as message:
        command = ["ssh-keygen", "-Y", "verify", *keys]
        done = subprocess.run(command, stdin=message, capture_output=True, check=False)
    return done.returncode == 0
