"""A dump's closing comment is local time without a zone: resolved, said, and never taken as UTC silently."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench

_COMPLETED = re.compile(rb"-- Dump completed on (\d{4}-\d\d-\d\d +\d+:\d\d:\d\d)")


def test_a_dump_made_in_utc_plus_2_is_placed_where_its_zone_is_named_and_nowhere_by_its_freshness(
    bench: Workbench, shop: ShopBackups
) -> None:
    found = _COMPLETED.search(shop.sql)
    assert found is not None
    wall = datetime.strptime(found[1].decode(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    abroad = f"{wall + timedelta(hours=2):%Y-%m-%d %H:%M:%S}"
    dump = shop.write(bench.folder / "abroad.sql", shop.sql.replace(found[1], abroad.encode()))
    unknown = bench.drtool("verify", str(dump), "--rpo", "4h", "--json")
    assert (unknown.code, unknown.record.rpo.verdict) == (3, "unverified"), unknown
    assert any(f"says {abroad} without a zone" in assumption for assumption in unknown.record.assumptions)
    assert bench.drtool("verify", str(dump), "--rpo", "24h").code == 0  # wherever on earth it was made
    named = bench.drtool("verify", str(dump), "--rpo", "4h", "--zone", "Etc/GMT-2", "--json")
    assert named.code == 0, named
    latest = next(one.latest for one in named.record.rpo.evidence if one.used)
    assert latest is not None
    assert abs(latest - wall) < timedelta(minutes=1)
