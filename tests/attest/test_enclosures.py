"""What is made of a signed report holds up neither the ledger nor each other."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from drtool.attest.enclosures import enclose
from drtool.errors import Unverifiable
from tests.evidence.builder import Site

DOCUMENT = b"{}\n"


def refused(_document: bytes) -> bytes:
    raise Unverifiable("timestamp-not-given", "Nobody answered")


def mistaken(_document: bytes) -> bytes:
    raise ZeroDivisionError("jane@example.org")


def test_each_is_made_whatever_becomes_of_the_others_and_what_is_lacking_is_told(tmp_path: Path) -> None:
    done = enclose(tmp_path, DOCUMENT, {"refused": refused, "mistaken": mistaken, "made": lambda given: given * 2})
    assert done.digests == {"made": sha256(DOCUMENT * 2).hexdigest()}
    assert [error.code for error in done.lacking] == ["timestamp-not-given", "drtool-mistake"]
    assert "jane" not in str(done.lacking[1])
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_one_that_cannot_be_written_is_lacking(tmp_path: Path) -> None:
    (error,) = enclose(tmp_path / "gone", DOCUMENT, {"made": lambda given: given}).lacking
    assert error.code == "reports-unwritable"


def test_entries_of_drills_that_asked_for_nothing_are_as_they_always_were(site: Site) -> None:
    site.drill()
    assert "enclosed" not in site.lines()[1]
    site.statement = True
    site.drill()
    assert list(site.lines()[3]["enclosed"]) == ["report.intoto.json"]
