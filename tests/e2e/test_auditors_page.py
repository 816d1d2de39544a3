"""The commands of docs/auditors.md, as they stand there, on an auditor's machine: Debian, OpenSSH, jq, and no Python.

They say of real evidence what the page says they do, and show what was tampered with.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import ImageNotFound

from drtool.evidence.ledger import Ledger
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench
from tests.evidence.builder import Site, new_key, signed

PAGE = Path(__file__).parents[2] / "docs" / "auditors.md"
IMAGE = "drtool/auditor:bookworm"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What commands printed."""

    output: str
    errors: str


def commands(heading: str) -> list[str]:
    """Return the blocks of commands below a heading of the page."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


(FINGERPRINTS,) = commands("Before you begin: the keys")
ONE_DRILL, SAME_LEDGER, WITH_PERIODS = commands("Check one drill, without drtool")
HEAD, CHAIN, ABANDONED = commands("Check the ledger, without drtool")
KEYS = ONE_DRILL.splitlines()[0]


@dataclass(frozen=True, kw_only=True)
class Auditor:
    """An auditor's machine with evidence on it, which it cannot change.

    Attributes:
        evidence: the folder on this host that it sees as `/evidence`.
    """

    container: Any
    evidence: Path

    def says(self, script: str, *, at: Path) -> Said:
        """Run commands of the page in a folder of the evidence, with the auditor's own list of keys."""
        own = script.replace("/path/to/your/allowed_signers", "/evidence/keys")
        folder = "/evidence" / at.relative_to(self.evidence)
        _, (output, errors) = self.container.exec_run(["sh", "-c", own], workdir=str(folder), demux=True)
        return Said(output=(output or b"").decode(), errors=(errors or b"").decode())


@pytest.fixture(scope="module")
def auditor(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Auditor]:
    """Start an auditor's machine: an account without rights, no network, nothing that can be written to."""
    evidence = tmp_path_factory.mktemp("evidence")
    evidence.chmod(0o755)
    try:
        container = engine.containers.run(
            IMAGE,
            ["sleep", "600"],
            detach=True,
            init=True,
            user="nobody",
            network_mode="none",
            read_only=True,
            volumes={str(evidence): {"bind": "/evidence", "mode": "ro"}},
        )
    except ImageNotFound:
        pytest.fail(f"There is no image {IMAGE}: fixtures/machine/auditor_image.sh builds it.", pytrace=False)
    yield Auditor(container=container, evidence=evidence)
    container.remove(force=True)


@pytest.fixture(scope="module")
def drilled(shared_bench: Workbench, shop: ShopBackups, auditor: Auditor) -> Site:
    """Two real drills on a machine with a key of its own, whose list the auditor has."""
    key = new_key(shared_bench.folder / "key", comment="drtool@backup1")
    for _ in range(2):
        ran = shared_bench.drtool("verify", shop.archive, "--profile", "fast", "--key", key)
        assert ran.code == 0, ran
    shutil.copy(shared_bench.reports / "allowed_signers", auditor.evidence / "keys")
    (auditor.evidence / "keys").chmod(0o644)
    return Site(reports=shared_bench.reports, config=shared_bench.folder / "config", key=None)


@pytest.fixture
def site(drilled: Site, auditor: Auditor) -> Site:
    """Return a copy of the drills' evidence where the auditor sees it, to be tampered with."""
    here = drilled.copied_to(auditor.evidence / f"{len(list(auditor.evidence.iterdir()))}" / "reports")
    for folder in (here.reports.parent, here.reports):
        folder.chmod(0o755)
    return here


@pytest.fixture
def periods(auditor: Auditor) -> Iterator[Any]:
    """Give the auditor's list of keys a period, for as long as a test takes."""
    keys = auditor.evidence / "keys"
    before = keys.read_text()
    yield lambda option: keys.write_text(before.replace("namespaces=", f"{option},namespaces="))
    keys.write_text(before)


def test_the_machine_has_no_python_and_no_drtool(auditor: Auditor) -> None:
    found = auditor.says(
        "ls /usr/bin /usr/local/bin /usr/lib | grep -i -e python -e drtool; echo looked", at=auditor.evidence
    )
    assert found.output == "looked\n"


def test_three_commands_check_a_drill(auditor: Auditor, site: Site) -> None:
    first, second, third = re.sub(r"\\\n\s*", "", ONE_DRILL.removeprefix(f"{KEYS}\n")).splitlines()
    assert first.startswith("ssh-keygen -Y verify ")
    assert "sha256sum --check" in second
    assert third.startswith("grep ")
    said = auditor.says(ONE_DRILL, at=site.path(1))
    good, *files, entry = said.output.splitlines()
    assert good.startswith('Good "drtool-report" signature for drtool@backup1 with ED25519 key SHA256:')
    assert {"drill.log: OK", "report.html: OK"} <= set(files)
    assert all(line.endswith(": OK") for line in files)
    assert (json.loads(entry)["event"], json.loads(entry)["drill_id"]) == ("end", site.drill_ids()[1])
    assert said.errors == ""


def test_the_fingerprints_are_those_of_the_sites_keys(auditor: Auditor, drilled: Site, site: Site) -> None:
    own = drilled.reports.parent / "key.pub"
    printed = subprocess.run(["ssh-keygen", "-lf", own], check=True, capture_output=True, text=True).stdout.split()[1]
    assert printed in auditor.says(FINGERPRINTS, at=site.reports).output


def test_a_report_says_which_ledger_it_was_written_on(auditor: Auditor, site: Site) -> None:
    line, report = auditor.says(SAME_LEDGER, at=site.path(1)).output.splitlines()
    assert line.split()[0] == report


def test_the_ledger_checks_out_and_its_head_is_the_one_that_drtool_prints(auditor: Auditor, site: Site) -> None:
    last = sha256(site.ledger.read_bytes().splitlines(keepends=True)[-1]).hexdigest()
    assert auditor.says(HEAD, at=site.reports).output.split()[0] == last
    assert auditor.says(CHAIN, at=site.reports) == Said(output=f"head {last}\n", errors="")
    assert auditor.says(ABANDONED, at=site.reports) == Said(output="", errors="")


def test_a_key_with_a_period_is_good_within_it_and_not_after(auditor: Auditor, site: Site, periods: Any) -> None:
    script = f"{KEYS}\n{WITH_PERIODS}"
    periods('valid-after="20200101",valid-before="20991231"')
    assert auditor.says(script, at=site.path(0)).output.startswith('Good "drtool-report" signature for drtool@backup1')
    periods('valid-before="20200101"')
    said = auditor.says(script, at=site.path(0))
    assert "Good" not in said.output
    assert said.errors


# What was tampered with shows


def test_an_edited_report_shows(auditor: Auditor, site: Site) -> None:
    report = site.path(0, "report.json")
    report.write_bytes(report.read_bytes().replace(b'"verdict": "passed"', b'"verdict": "failed"', 1))
    said = auditor.says(ONE_DRILL, at=site.path(0))
    assert "Good" not in said.output
    assert "incorrect signature" in said.errors
    assert '"event":"end"' not in said.output, "the ledger does not know this report"


@pytest.mark.parametrize("name", ["report.html", "drill.log"])
def test_an_edited_page_or_log_shows(name: str, auditor: Auditor, site: Site) -> None:
    with site.path(0, name).open("a") as file:
        file.write(" ")
    said = auditor.says(ONE_DRILL, at=site.path(0))
    assert f"{name}: FAILED" in said.output
    assert "1 computed checksum did NOT match" in said.errors


def test_a_report_that_was_signed_with_another_key_shows(auditor: Auditor, site: Site, tmp_path: Path) -> None:
    signed(site.path(0, "report.json"), new_key(tmp_path / "other", comment="drtool@backup1"))
    said = auditor.says(ONE_DRILL, at=site.path(0))
    assert "Good" not in said.output
    assert "No principal matched" in said.errors


def test_a_line_that_was_dropped_from_the_ledger_shows(auditor: Auditor, site: Site) -> None:
    lines = site.ledger.read_bytes().splitlines(keepends=True)
    site.ledger.write_bytes(b"".join([lines[0], *lines[2:]]))
    said = auditor.says(CHAIN, at=site.reports).output.splitlines()
    assert [line[:16] for line in said[:-1]] == ["does not follow:"]
    assert site.drill_ids()[0] in auditor.says(ABANDONED, at=site.reports).output


def test_a_drill_that_was_left_out_of_a_rebuilt_ledger_shows(auditor: Auditor, site: Site) -> None:
    head = auditor.says(HEAD, at=site.reports).output
    kept = site.drill_ids()[1]
    site.rebuild(line for line in site.lines() if line["drill_id"] == kept)
    assert "does not follow" not in auditor.says(CHAIN, at=site.reports).output, "whoever rebuilds it knows how"
    line, report = auditor.says(SAME_LEDGER, at=site.reports / kept).output.splitlines()
    assert line.split()[0] != report
    assert auditor.says(HEAD, at=site.reports).output != head


def test_a_drill_that_was_begun_and_never_ended_shows_alone(auditor: Auditor, site: Site) -> None:
    torn = site.ledger.read_bytes() + b'{"event":"start","previous":"'
    site.ledger.write_bytes(torn)  # a crash, whose half line the next drill notes; neither is a drill
    Ledger(site.reports).start(
        drill_id="20261124T030000Z-shop-00aa00", scenario="shop", operator="ops", host="drillhost",
        time_limit_seconds=60.0, at=datetime.now(UTC),
    )  # fmt: skip
    shown = auditor.says(CHAIN, at=site.reports).output.splitlines()
    assert [line[:33] for line in shown[:-1]] == ['does not follow: {"event":"start"']
    assert json.loads(site.ledger.read_bytes().splitlines()[-2])["event"] == "note"
    said = auditor.says(ABANDONED, at=site.reports)
    assert [line.split() for line in said.output.splitlines()] == [["1", "20261124T030000Z-shop-00aa00"]]
    assert said.errors == ""
