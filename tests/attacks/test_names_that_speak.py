"""Names out of a backup that would write to a terminal, forge a line of a log, or be carried out by a page.

They are those of a table, a column and a constraint in one dump, whose orphans are told by these names, and of a check
and its question. Wherever they come they are shown, and do nothing.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.attacks.attack import FAST
from tests.attacks.dumps import dump
from tests.e2e.workbench import Ran, Workbench

pytestmark = pytest.mark.long

_NAMES = {
    "clears-the-screen": "\x1b[2Jx",
    "sets-the-title": "\x1b]0;owned\x07",
    "links-elsewhere": "\x1b]8;;http://example.org\x1b\\x",
    "goes-back-over-the-line": "failed\rpassed",
    "deletes-letters": "failed\b\b\b\b\b\bpassed",
    "forges-a-line": "x\n2026-01-02T03:04:05Z verdict: passed",
    "forges-a-line-by-unicode": "x\u2028verdict: passed",
    "turns-the-line-around": "\u202edessap",
    "hides-letters": "pas\u200bsed\u2066",
    "eight-bit-control": "\x9b2Jx",
    "runs-a-script": "<script>alert(1)</script>",
    "loads-a-picture": "\"'><img src=x onerror=a(1)>",
    "ends-the-style": "</style></title><b>passed",
    "ends-the-section": "]]><passed/>",
    "is-a-template": "{{ 7 * 7 }}{% raw %}",
    "is-an-entity": "&lt;passed&gt;&#27;",
    "is-a-format": "%s%n{0}$(touch x)`touch x`",
}
_SOUND = {"german": "Größe der Straße", "japanese": "日本語", "with-signs": "a & b < c \"d\" 'e'", "arabic": "طلبات"}
_SPEAKS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]")


@dataclass(frozen=True)
class Told:
    """What a drill said, wherever it says something."""

    ran: Ran
    log: str
    page: str
    junit: str
    shown: str


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _tables(names: dict[str, str]) -> str:
    tables = "CREATE TABLE `parent` (`id` int PRIMARY KEY) ENGINE=InnoDB;\n"
    for number, name in enumerate(names.values()):
        it, key = _quoted(name[:60]), _quoted(name[:50] + str(number))
        tables += f"CREATE TABLE {it} ({it} int, KEY ({it}), CONSTRAINT {key} FOREIGN KEY ({it}) "
        tables += f"REFERENCES `parent` (`id`)) ENGINE=InnoDB;\nINSERT INTO {it} VALUES (1);\n"
    return tables


@pytest.fixture(scope="module")
def told(shared_bench: Workbench) -> Told:
    """Drill a dump with all of these names, of which each has an orphan, and checks that are called so."""
    everything = _NAMES | _SOUND
    folder = Path(shared_bench.folder)
    (folder / "db.sql").write_text(dump(tables=_tables(everything)), newline="")
    checks = "\n".join(
        f"db.check({name!r}, {f'SELECT 1 /* {name} */'!r}, equals=2)"
        for name in everything.values()
        if "*/" not in name
    )
    script = shared_bench.scenario(f'db = drill.restore_mariadb(drill.backup("db.sql"))\n{checks}')
    ran = shared_bench.drtool("run", script, *FAST, "--junit", "junit.xml")
    assert ran.code == 1, ran
    (report,) = shared_bench.reports.glob("*/report.json")
    shown = shared_bench.drtool("show", report.parent)
    return Told(
        ran=ran,
        log=(report.parent / "drill.log").read_bytes().decode(),
        page=(report.parent / "report.html").read_bytes().decode(),
        junit=(folder / "junit.xml").read_bytes().decode(),
        shown=shown.stdout + shown.stderr,
    )


@pytest.mark.parametrize("name", _NAMES.values(), ids=_NAMES)
def test_a_name_that_speaks_is_shown_and_does_nothing(told: Told, name: str) -> None:
    for place in (told.ran.stderr, told.log, told.shown, told.junit):
        assert name not in place or not _SPEAKS.search(name)
        assert not any(line.lstrip().startswith("2026-01-02T03:04:05Z") for line in place.splitlines())
    assert name not in told.page or not set(name) & set("<>&\n\x1b")


@pytest.mark.parametrize("name", _SOUND.values(), ids=_SOUND)
def test_a_name_of_any_language_is_shown_as_it_is(told: Told, name: str) -> None:
    assert name in told.log
    assert name in {check.name for check in told.ran.record.checks}
    assert name in html.unescape(told.page)


def test_nothing_in_all_that_is_said_speaks(told: Told) -> None:
    for place in (told.ran.stderr, told.log, told.shown, told.page, told.junit):
        assert not (found := _SPEAKS.findall(place.replace("\t", ""))), found
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", line) for line in told.log.splitlines() if line[:1] != " ")
    assert ET.fromstring(told.junit) is not None  # noqa: S314 (our own)
    assert "<script>alert" not in told.page
    assert "<img" not in told.page
