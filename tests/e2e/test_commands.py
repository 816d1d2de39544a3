"""The commands beside `run`, on the real thing."""

from __future__ import annotations

import json

from drtool.record.verdicts import Verdict
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench


def test_verify_prints_one_json_document_and_nothing_else(bench: Workbench, shop: ShopBackups) -> None:
    ran = bench.drtool("verify", shop.dump, "--rto", "10m", "--rpo", "1h", "--json")
    assert ran.code == 0, ran
    document, end = json.JSONDecoder().raw_decode(ran.stdout)
    assert ran.stdout[end:].strip() == ""
    assert document["verdict"] == "passed"
    assert ran.stdout.encode() == next(bench.reports.rglob("report.json")).read_bytes()


def test_nothing_that_a_scenario_prints_gets_into_the_json(bench: Workbench, shop: ShopBackups) -> None:
    script = bench.scenario(
        f"""
        import os, subprocess, sys
        print("printed")
        sys.stdout.write("written")
        subprocess.run(["echo", "from a program"])
        os.write(1, b"from below")
        drill.restore_files(drill.backup({str(shop.archive)!r}))
        """
    )
    script.write_text("print('while loading')\n" + script.read_text())
    ran = bench.drtool("run", script, "--json")
    assert ran.code == 0, ran
    assert ran.json["verdict"] == "passed"
    log = next(bench.reports.rglob("drill.log")).read_text()
    assert "printed" in log
    assert "written" in log


def test_first_steps_lead_from_nothing_to_a_passed_drill(bench: Workbench, shop: ShopBackups) -> None:
    bench.environment["XDG_CONFIG_HOME"] = str(bench.folder / "config")  # a site that has no key yet
    before = bench.drtool("doctor")
    assert before.code == 0, before
    assert "none yet" in before.stdout

    patterns = [str(shop.folder / "db-*.sql.zst"), str(shop.folder / "uploads-*.tar.zst")]
    assert bench.drtool("init", *patterns, "--name", "shop").code == 0
    written = (bench.folder / "scenarios" / "shop.py").read_text()
    again = bench.drtool("init", *patterns, "--name", "shop")
    assert again.code == 0
    assert (bench.folder / "scenarios" / "shop.py").read_text() == written

    listed = bench.drtool("list")
    assert listed.code == 0, listed
    assert "never drilled" in listed.stdout

    ran = bench.drtool("run", "--profile", "fast")
    assert ran.code == 0, ran
    assert "passed" in bench.drtool("list").stdout

    after = bench.drtool("doctor", *patterns, "--json")
    assert after.code == 0, after
    assert {one["subject"] for one in after.json} >= {"engine", "image", "sandbox", "disk", "key", "store"}
    assert all(one["well"] for one in after.json)

    report = bench.reports / bench.drill_ids()[0]
    shown = bench.drtool("show", report)
    assert shown.code == 0, shown
    assert "PASSED" in shown.stdout
    assert bench.drtool("show", report, "--json").record.verdict is Verdict.PASSED


def test_doctor_tells_what_is_missing_and_how_to_mend_it(bench: Workbench) -> None:
    ran = bench.drtool(
        "doctor", str(bench.folder / "*.sql"), environment={"DOCKER_HOST": f"unix://{bench.folder}/gone.sock"}
    )
    assert ran.code == 3, ran
    bad = [line for line in ran.stdout.splitlines() if line.startswith("BAD")]
    assert [line.split()[1] for line in bad] == ["engine", "store"]
    assert "DOCKER_HOST" in bad[0]
    assert [line.split()[-1] for line in bad] == ["[engine-unreachable]", "[store-empty]"]


def test_kept_sandbox_stays_until_it_is_pruned_on_request(bench: Workbench, shop: ShopBackups) -> None:
    ran = bench.drtool("verify", shop.archive, "--keep", "--json")
    assert ran.code == 0, ran
    assert ran.record.destruction.kept_on_request
    left = bench.left_in_the_engine()
    assert len(left) == 2
    pruned = bench.drtool("prune")
    assert pruned.code == 0, pruned
    assert f"left drill {bench.drill_ids()[0]} alone until" in pruned.stderr
    assert "nothing was left behind" not in pruned.stdout
    assert bench.left_in_the_engine() == left
    foretold = bench.drtool("prune", "--kept", "--dry-run", "--json")
    assert {one["drill_id"] for one in foretold.json} >= set(bench.drill_ids())
    assert bench.left_in_the_engine() == left
    assert bench.drtool("prune", "--drill", "of-nobody").code == 2
    assert bench.left_in_the_engine() == left
    # Where its process cannot be seen to be gone, somebody who knows says so.
    assert bench.drtool("prune", "--drill", bench.drill_ids()[0]).code == 0
    assert bench.left_in_the_engine() == []


def test_a_script_that_goes_to_another_folder_takes_no_evidence_there(bench: Workbench) -> None:
    (bench.folder / "elsewhere").mkdir()
    path = bench.scenario("os.chdir('elsewhere')")
    path.write_text(f"import os\nos.chdir('elsewhere')\n{path.read_text()}")
    ran = bench.drtool("run", path, "--reports", "evidence", "--junit", "drills.xml")
    assert ran.code == 3, ran
    (report,) = (bench.folder / "evidence").glob("*/report.json")
    assert f"evidence/{report.parent.name}/report.html" in ran.stdout
    assert (bench.folder / "drills.xml").exists()
    assert list((bench.folder / "elsewhere").iterdir()) == []
