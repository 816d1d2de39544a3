"""Every script that the documentation shows can be pasted into a file as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drtool.drill.scenarios import load

PROJECT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
SCRIPTS = [
    pytest.param(script, id=f"{page.name}-{number}")
    for page in PAGES
    for number, (language, script) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
    if language == "python" and "@scenario" in script
]


def test_there_are_scripts_in_the_readme_and_in_the_documentation() -> None:
    assert {str(one.id).partition("-")[0] for one in SCRIPTS} >= {"README.md", "scenarios.md"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_loads(script: str, tmp_path: Path) -> None:
    pasted = tmp_path / "pasted.py"
    pasted.write_text(script, encoding="utf-8")
    assert load(pasted)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_install_begin_with_an_environment_since_debian_lets_pip_into_no_other(page: Path) -> None:
    for _, commands in BLOCK.findall(page.read_text(encoding="utf-8")):
        before, installs, _ = commands.partition("pip install")
        assert not installs or re.search(r"^python3 -m venv (\S+) && \. \1/bin/activate\b", before, re.MULTILINE)
