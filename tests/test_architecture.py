"""The folders explain the program: each room has its tests, each thing one name, and no file grows out of hand."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "drtool"
MODULES = sorted(PACKAGE.rglob("*.py"))
ALL_TOGETHER = {"browser", "docs", "e2e", "fixtures_shop"}
"""The folders of tests that are about no room alone."""

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 84


def rooms(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir() if any(one.glob("*.py"))}


def test_the_tests_stand_in_folders_as_the_package_does() -> None:
    assert rooms(PROJECT / "tests") - ALL_TOGETHER == rooms(PACKAGE)


def test_no_two_classes_have_the_same_name() -> None:
    names = Counter(
        node.name
        for module in MODULES
        for node in ast.parse(module.read_bytes()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_and_no_function_is_too_long_to_be_read(module: Path) -> None:
    source = module.read_bytes()
    assert source.count(b"\n") <= MOST_LINES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MOST_LINES_OF_A_FUNCTION, node.name
