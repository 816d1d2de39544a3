"""The reader of the source finds what the register has to hold, and what it cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest

from drtool.errors.code import ExitClass
from tests.errors.source import Source

HEAD = "from drtool.errors import RestoreFailed, Unverifiable, WrongUse\nfrom drtool.problems import failed\n"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    (tmp_path / "drtool").mkdir()
    return tmp_path


def read(root: Path, text: str) -> Source:
    (root / "drtool" / "room.py").write_text(HEAD + text, encoding="utf-8")
    return Source(root, "drtool")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('def f():\n raise RestoreFailed("a-b", "It broke")', {("a-b", ExitClass.FAILED)}),
        ('def f():\n raise WrongUse("a-b" if 1 else "c-d", "")', {("a-b", "wrong use"), ("c-d", "wrong use")}),
        ('_ROWS = ((1, Unverifiable, "a-b", "It broke"),)', {("a-b", ExitClass.UNVERIFIED)}),
        ('def f(which):\n return of(which, failed, "a-b", "It broke")', {("a-b", ExitClass.FAILED)}),
        ('def f(journal):\n journal.warning("a-b", "It broke")', {("a-b", ExitClass.WARNING)}),
        ('class Look:\n def fail(self, code):\n  failed(code)\ndef f(o: Look):\n o.fail("a-b")', {("a-b", "failed")}),
        ('def f(log):\n log.warning("a-b")', set()),
        ('def g(name, code):\n raise Unverifiable(code, name)\ndef f():\n g("x", "a-b")', {("a-b", "unverified")}),
        ('_T = {1: ("a-b", "It broke")}\ndef f(n):\n code, what = _T[n]\n raise WrongUse(code, what)',
         {("a-b", ExitClass.WRONG_USE)}),
        ('def g():\n yield "a-b", 1\ndef f():\n for code, n in g():\n  failed(code, n)', {("a-b", ExitClass.FAILED)}),
        ('class K:\n def f(self):\n  raise WrongUse(self.bad, "")\n_K = K(bad="a-b")', {("a-b", ExitClass.WRONG_USE)}),
        ("def f(error):\n raise WrongUse(error.code, error.what)", set()),
        ('from drtool import errors\ndef f():\n raise errors.WrongUse("a-b", "")', {("a-b", ExitClass.WRONG_USE)}),
        ('import drtool.errors\ndef f():\n raise drtool.errors.WrongUse("a-b", "")', {("a-b", ExitClass.WRONG_USE)}),
        ('def g(name, code="a-b"):\n raise Unverifiable(code, name)\ndef f():\n g("x")', {("a-b", "unverified")}),
        ('def g(*, code="a-b"):\n raise Unverifiable(code, "")\ndef f():\n g(code="c-d")', {("c-d", "unverified")}),
        ('import logging\nlogging.failed("a-b")\n', set()),
        ("def f(e: WrongUse) -> WrongUse | None:\n x: WrongUse\n return e if isinstance(e, WrongUse) else None", set()),
        ("def f(o, log):\n try:\n  warn = log.warning\n except (WrongUse, OSError):\n  return o.failed", set()),
    ],
)  # fmt: skip
def test_codes_are_found_with_their_class(written: Path, text: str, found: set[tuple[str, ExitClass]]) -> None:
    source = read(written, text)
    assert {(use.code, use.exit_class) for use in source.uses()} == found
    assert source.unread == []


@pytest.mark.parametrize(
    "text",
    [
        'def f(kind):\n raise WrongUse(f"bad-{kind}", "")',
        "def f():\n raise WrongUse(asked(), '')",
        'from drtool.errors import DrtoolError\ndef f():\n raise DrtoolError("a-b", "of no class")',
        'def f():\n kind = Unverifiable\n raise kind("a-b", "")',
        'def f(bad):\n raise (WrongUse if bad else asked())("a-b", "")',
        'def f(kind=WrongUse):\n raise kind("a-b", "")',
        'from drtool import errors\n_KINDS = {1: errors.WrongUse}\ndef f():\n raise _KINDS[1]("a-b", "")',
        'from functools import partial\nrefuse = partial(WrongUse, what="")\nrefuse("a-b")',
        'from drtool.errors import WrongUse as Wrong\ndef f():\n raise Wrong("a-b", "")',
        'class Kind(Unverifiable):\n def __init__(self):\n  super().__init__("a-b", "")',
        'from drtool import errors\nclass Kind(errors.DrtoolError):\n def __init__(self):\n  super().__init__("a-b")',
        'def f(journal):\n warn = journal.warning\n warn("a-b", "")',
        'def f(error):\n error.code = "a-b"',
        'from dataclasses import replace\ndef f(finding):\n return replace(finding, code="a-b")',
    ],
)
def test_what_cannot_be_read_is_said(written: Path, text: str) -> None:
    source = read(written, text)
    assert source.uses() == []
    assert [place.file for place in source.unread] == ["drtool/room.py"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('def f(e):\n return e.code == "a-b"', {"a-b"}),
        ('def f(e):\n return e.code not in {"a-b", "c-d"}', {"a-b", "c-d"}),
        ('_ALL = frozenset({"a-b"})\ndef f(e):\n return e.code in _ALL', {"a-b"}),
        ('def f(e):\n match e.code:\n  case "a-b" | "c-d":\n   pass', {"a-b", "c-d"}),
        ('def f(e):\n match e:\n  case WrongUse(code="a-b" | "c-d"):\n   pass', {"a-b", "c-d"}),
        ('_MENDS = {"a-b": "Mend it"}\ndef f(e):\n return _MENDS.get(e.code)', {"a-b"}),
        ('def f(e):\n return e.code.startswith("a-")', None),
    ],
)
def test_decisions_by_a_code_are_found(written: Path, text: str, codes: set[str] | None) -> None:
    assert [found.codes for found in read(written, text).comparisons()] == [codes]
