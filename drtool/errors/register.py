"""The register of codes: everything that drtool raises, enters or warns of has its row here.

The rows are prose, so they are kept as such: a TOML file for each family. They are read where something is wrong, and
not whenever drtool starts. A scenario's author may raise errors with codes of their own, which are in no register.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from drtool.errors.code import Code, ExitClass, Family, Severity

_FAMILIES = (
    "stores", "backups", "restore", "physical", "replay", "baseline", "sandbox", "drill", "keys", "evidence", "audit",
    "archive",
)  # fmt: skip


def _family(name: str) -> Family:
    rows = tomllib.loads((files("drtool.errors") / "families" / f"{name}.toml").read_text(encoding="utf-8"))
    title, about = rows.pop("title"), rows.pop("about")
    made = (Code(code, ExitClass(row.pop("class")), Severity(row.pop("severity")), **row) for code, row in rows.items())
    return Family(title, about, tuple(made))


FAMILIES = tuple(map(_family, _FAMILIES))
CODES: Mapping[str, Code] = MappingProxyType({one.code: one for family in FAMILIES for one in family.codes})
