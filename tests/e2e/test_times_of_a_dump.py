"""A dump's closing comment is local time without a zone: resolved, said, and never taken as UTC silently."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench

_COMPLETED = re.compile(rb"-- Dump completed on (\d{4}-\d\d-\d\d +\d+:\d\d:\d\d)")


def test_a_dump_made_in_utc_plus_2_has_its_recovery_point_right_and_both_times_named(
    bench: Workbench, shop: ShopBackups
) -> None:
    found = _COMPLETED.search(shop.sql)
    assert found is not None
    wall = datetime.strptime(found[1].decode(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    abroad = f"{wall + timedelta(hours=2):%Y-%m-%d %H:%M:%S}"
    dump = shop.write(bench.folder / "abroad.sql", shop.sql.replace(found[1], abroad.encode()))
    ran = bench.drtool("verify", str(dump), "--rpo", "24h", "--json")
    assert ran.code == 0, ran
    (said,) = [finding for finding in ran.record.findings if finding.code == "times-disagree"]
    assert abroad in said.message
    assert "UTC+2" in said.message
    assert any("UTC+2" in assumption for assumption in ran.record.assumptions)
    latest = next(one.latest for one in ran.record.rpo.evidence if one.used)
    assert latest is not None
    assert abs(latest - wall) < timedelta(minutes=1)
