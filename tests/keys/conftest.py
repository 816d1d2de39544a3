"""The site that the tests of evidence share."""

from __future__ import annotations

from tests.evidence.conftest import agent, apart, drtool, evidence, site, untouched

__all__ = ["agent", "apart", "drtool", "evidence", "site", "untouched"]
