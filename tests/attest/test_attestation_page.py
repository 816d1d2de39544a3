"""What docs/auditors.md and docs/statement.md say of time-stamps and statements is what other tools do with them."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drtool.attest.authority import Authority
from tests.attest.authority import Tsa
from tests.evidence.builder import Site

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "auditors.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Time-stamps and statements, without drtool\n")[2].partition("\n## ")[0]
TIMESTAMP, STATEMENT = re.findall(r"^```sh\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)

PEM, SECURESYSTEMSLIB = re.findall(
    r"^```(?:sh|python)\n(.*?)^```$", (DOCS / "statement.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def attested(site: Site, tmp_path: Path) -> Path:
    """The folder of a drill with both, and beside them what an auditor got from elsewhere."""
    tsa = Tsa.in_folder(tmp_path / "tsa")
    with tsa.served() as url:
        site.authority, site.statement = Authority.at(url), True
        site.now = datetime.now(UTC) - timedelta(minutes=12)
        site.drill()
    assert site.lacking == []
    own = site.path(0)
    (own / "authority.pem").write_bytes(tsa.root.read_bytes())
    assert site.key is not None
    (own / "key.pub").write_bytes(site.key.path.with_suffix(".pub").read_bytes())
    said(PEM.replace("python3", sys.executable), own)
    return own


def said(script: str, own: Path) -> str:
    return subprocess.run(
        ["bash", "-c", script], cwd=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    ).stdout


def changed(path: Path, before: bytes, after: bytes) -> None:
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after))


def test_a_time_stamp_verifies_and_its_time_is_soon_after_the_drills_end(attested: Path) -> None:
    *verification, stamped, finished = said(TIMESTAMP, attested).splitlines()
    assert "Verification: OK" in verification
    at = datetime.strptime(stamped, "Time stamp: %b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    assert abs(at - datetime.fromisoformat(finished)) < timedelta(minutes=1)
    attime = re.findall(r"^`(-attime .*?)` to the first", SECTION, re.MULTILINE)[0]
    first = TIMESTAMP.splitlines()[0]
    then = attime.replace("Nov 25 01:02:03 2026 GMT", stamped.removeprefix("Time stamp: "))
    assert "Verification: OK" in said(f"{first} {then}", attested)
    assert "Verification: OK" not in said(f"{first} {then.replace(str(at.year), str(at.year + 20))}", attested)


def test_a_time_stamp_of_a_changed_report_does_not_verify(attested: Path) -> None:
    changed(attested / "report.json", b"passed", b"failed")
    assert "Verification: FAILED" in said(TIMESTAMP, attested)


def test_a_statement_verifies_and_is_about_this_report(attested: Path) -> None:
    output = said(STATEMENT, attested)
    assert "Signature Verified Successfully" in output
    assert "report.json: OK" in output


def test_a_changed_statement_does_not_verify_and_a_changed_report_is_not_what_it_is_about(attested: Path) -> None:
    changed(attested / "report.json", b"passed", b"failed")
    assert "report.json: FAILED" in said(STATEMENT, attested)
    changed(attested / "report.intoto.json", b'"payload": "eyJ', b'"payload": "eyK')
    assert "Signature Verified Successfully" not in said(STATEMENT, attested)


def test_securesystemslib_takes_the_statement_as_the_page_says(attested: Path) -> None:
    (attested / "check.py").write_text(SECURESYSTEMSLIB)
    assert said(f"{sys.executable} check.py", attested) == "passed\n"
    changed(attested / "report.intoto.json", b'"payload": "eyJ', b'"payload": "eyK')
    assert said(f"{sys.executable} check.py", attested).splitlines()[-1].startswith("securesystemslib.exceptions.")
