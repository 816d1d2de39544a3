"""Folders with a dump of definitions alone beside the dumps that bring the same tables with their rows."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import SHOP, dump, use

_DEFINED = "".join(
    line for line in dump(use("shop"), SHOP, database="").splitlines(keepends=True) if line[:1] not in "(IL"
)
_NAMES = ("daily_shop_2026-01-02_03h00m_Friday.sql", "fullschema_daily_2026-01-02_03h00m_Friday.sql")


def _beside(shop: str) -> Input:
    first, second = _NAMES
    return verify("latest/", {f"latest/{first}": shop, f"latest/{second}": _DEFINED})


CASES = (
    Case(
        number="c460",
        seen="sixhop/AutoMySQLBackup#46",
        tried=passes(
            "the schema of all databases beside their dumps", _beside(dump(selects=True)), unsaid=("not held",)
        ),
        twin=fails("the same, and the dump cut", _beside(dump(selects=True)[:2600]), says=(_NAMES[0],)),
    ),
)
