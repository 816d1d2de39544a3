"""The scenarios in scenarios/examples, each on backups that the sample production's own jobs made."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from drtool.record.model import DrillRecord
from drtool.record.steps import Phase
from drtool.record.verdicts import Effect, Verdict
from tests.e2e.workbench import Ran, Workbench

PROJECT = Path(__file__).parents[2]
EXAMPLES = sorted((PROJECT / "scenarios" / "examples").glob("[!.]*.py"))


@pytest.fixture(scope="module")
def backups(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the backups that the examples restore."""
    del engine
    into = tmp_path_factory.mktemp("examples")
    command = [sys.executable, "-m", "fixtures.shop", "make-examples", "--into", str(into)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return into


@pytest.fixture(scope="module")
def drills(shared_bench: Workbench, backups: Path) -> Iterator[dict[str, Future[Ran]]]:
    """Drill all examples, two at a time."""

    def drill(script: Path) -> Ran:
        return shared_bench.drtool("run", script, "--json", environment={"DRTOOL_EXAMPLE_BACKUPS": str(backups)})

    with ThreadPoolExecutor(2) as pool:
        yield {script.stem: pool.submit(drill, script) for script in EXAMPLES}


@pytest.fixture
def record(request: pytest.FixtureRequest, drills: dict[str, Future[Ran]]) -> DrillRecord:
    """Return the record of the example that the test is named after, which passed."""
    ran = drills[request.param].result()
    assert ran.code == 0, ran
    return ran.record


def _of(example: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("record", [example], indirect=True)


def test_page_on_scenarios_links_every_example() -> None:
    page = (PROJECT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert [script.name for script in EXAMPLES if f"(../scenarios/examples/{script.name})" not in page] == []


@_of("monthly")
def test_monthly_drill_finds_database_and_uploads_equal_to_their_baselines(record: DrillRecord) -> None:
    assert record.findings == ()
    assert [(one.resource, one.missing, one.extra, one.changed) for one in record.losses] == [
        ("db", 0, 0, 0),
        ("files", 0, 0, 0),
    ]


@_of("point_in_time")
def test_accident_is_undone_from_a_physical_backup_its_increments_and_the_logs(record: DrillRecord) -> None:
    assert record.findings == ()
    assert [one.format for one in record.backups][:3] == ["physical MariaDB backup (mbstream)"] * 3
    assert [step for step in record.steps if step.phase is Phase.REPLAY]
    used = next(one for one in record.rpo.evidence if one.used)
    assert used.rank == 2


@_of("ransomware")
def test_after_ransomware_the_newest_clean_backup_is_taken(record: DrillRecord, backups: Path) -> None:
    nights = sorted(path.name for path in (backups / "nightly").iterdir())
    assert [Path(one.location).name for one in record.rejected] == [nights[3], nights[2]]
    failed = [
        [check.name for check in one.checks if check.outcome is Verdict.FAILED and not check.builtin]
        for one in record.rejected
    ]
    assert failed == [["the canary is alive", "addresses are readable"]] * 2
    assert Path(record.choices[-1].chosen).name == nights[1]
    (warning,) = record.findings
    assert (warning.code, warning.effect) == ("walked-back", Effect.WARNING)


@_of("lost_newest")
def test_backup_before_the_lost_one_does(record: DrillRecord, backups: Path) -> None:
    broken = sorted(path.name for path in (backups / "broken").iterdir())
    (rejected,) = record.rejected
    assert Path(rejected.location).name == broken[-1]
    assert "stream-truncated" in {found.code for found in rejected.findings}
    assert Path(record.choices[-1].chosen).name == broken[-2]


@_of("upgrade_rehearsal")
def test_upgrade_keeps_every_row_and_counts_toward_the_recovery(record: DrillRecord) -> None:
    assert record.findings == ()
    assert record.sandbox is not None
    (container,) = record.sandbox.containers
    assert str(container.server_version).startswith("11.8.")
    assert [step.counted for step in record.steps if step.phase is Phase.START] == [True]
    assert [(one.missing, one.extra, one.changed) for one in record.losses] == [(0, 0, 0)]


def test_table_is_taken_out_of_the_kept_sandbox_as_the_example_says(bench: Workbench, backups: Path) -> None:
    script = PROJECT / "scenarios" / "examples" / "one_table.py"
    environment = {"DRTOOL_EXAMPLE_BACKUPS": str(backups)}
    ran = bench.drtool("run", script, "--keep", "--json", "--profile", "fast", environment=environment)
    assert ran.code == 0, ran
    (sandbox,) = bench.containers()
    (command,) = [
        line.strip() for line in script.read_text().splitlines() if line.startswith("    docker exec SANDBOX")
    ]
    words = command.partition(" > ")[0].split()
    assert words[:3] == ["docker", "exec", "SANDBOX"]
    status, dumped = sandbox.exec_run(words[3:])
    assert status == 0, dumped
    assert dumped.count(b"\n(") + dumped.count(b"VALUES (") == 200
    assert b"CREATE TABLE `customers`" in dumped
    assert b"`orders` (" not in dumped
    assert bench.drtool("prune", "--kept").code == 0


@pytest.mark.long
def test_in_a_fresh_clone_the_examples_say_that_there_are_no_backups_and_a_plain_run_leaves_them_out(
    bench: Workbench,
) -> None:
    (bench.folder / "scenarios").symlink_to(PROJECT / "scenarios")
    listed = bench.drtool("list")
    assert listed.code == 0, listed
    assert "shop_quickstart" in listed.stdout
    assert "shop_after_ransomware" not in listed.stdout
    ran = bench.drtool("run", *EXAMPLES, "--jobs", "2", "--json")
    assert ran.code == 3, ran
    found = [finding for one in ran.json for finding in one["findings"]]
    assert [finding["code"] for finding in found] == ["store-unreachable"] * len(EXAMPLES)
    assert all("There is no folder" in finding["message"] for finding in found)
