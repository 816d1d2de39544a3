"""The fault lab: no drill on a faulty backup passes, and each says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from drtool.record.verdicts import Verdict
from fixtures.faults.corpus import FAULTS
from fixtures.faults.fault import Fault, Kind
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Ran, Workbench

FAULTS_OF_FILES = [fault for fault in FAULTS if fault.kind is not Kind.PHYSICAL]
"""Those of physical backups have a module of their own."""


@pytest.fixture(scope="module")
def drills(
    request: pytest.FixtureRequest, shared_bench: Workbench, shop: ShopBackups
) -> Iterator[dict[str, Future[Ran]]]:
    """Drill the faults that are asked for, two at a time, all into one reports folder."""
    asked = {fault.name for item in request.session.items if (fault := _fault_of(item))}

    def drill(fault: Fault) -> Ran:
        healthy = shop.sql if fault.kind is Kind.DUMP else shop.tar
        backup = shop.write(shared_bench.folder / fault.file_name, fault.make(healthy))
        try:
            return shared_bench.drtool("verify", backup, "--profile", "fast", "--json")
        finally:
            backup.unlink()

    with ThreadPoolExecutor(2) as pool:
        yield {fault.name: pool.submit(drill, fault) for fault in FAULTS_OF_FILES if fault.name in asked}


def _fault_of(item: pytest.Item) -> Fault | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("fault") if callspec else None


@pytest.mark.parametrize("fault", FAULTS_OF_FILES, ids=lambda fault: fault.name)
def test_drill_fails_and_tells_what_is_wrong(drills: dict[str, Future[Ran]], fault: Fault) -> None:
    ran = drills[fault.name].result()
    assert ran.code == 1, ran
    record = ran.record
    assert record.verdict is Verdict.FAILED
    failed_checks = [check.name for check in record.checks if check.outcome is Verdict.FAILED]
    assert fault.told_by in [found.code for found in record.findings] + failed_checks, ran
    # One fault is told once: by a finding, or by one failed check, and by nothing that is not so.
    assert len(record.findings) <= 1, record.findings
    assert not record.findings or record.findings[0].code == fault.told_by
    assert record.reason
    assert record.destruction.left == ()


def test_ledger_is_whole_after_all_of_them(drills: dict[str, Future[Ran]], shared_bench: Workbench) -> None:
    for drill in drills.values():
        drill.result()
    audited = shared_bench.drtool("audit", "--json").json
    assert len(shared_bench.records()) == len(drills)
    assert audited["entries"] == 2 * len(drills)
