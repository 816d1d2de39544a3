"""Data goes one way through the folders, each room has its tests, each thing one name, and no file is too long."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.syntax import modules, tree

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "drtool"
MODULES = modules(PACKAGE)
TOP = {
    *("drtool", "scenarios", "fixtures", "reports", "tests", "docs", ".ci"),
    *("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore", ".gitattributes"),
}
"""What stands at the top of the project, and nothing else."""
ALL_TOGETHER = {"attacks", "browser", "docs", "e2e", "field", "fixtures_shop"}
"""The folders of tests that are about no room alone."""

BY_NAME = {"import_module", "__import__"}

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 84


def rooms(folder: Path) -> set[str]:
    return {one.parent.name for one in modules(folder) if one.parent.parent == folder}


def test_nothing_else_stands_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode:  # an archive of a clone: what was packed, and what make laid beside it
        assert not TOP - {".gitignore", ".gitattributes"} - {one.name for one in PROJECT.iterdir()}
    else:
        assert {name.partition("/")[0] for name in listed.stdout.split("\0") if name} == TOP


def test_no_two_files_of_tests_have_the_same_name() -> None:
    """Those of a folder that is no package are modules by their names alone."""
    found = [path for path in (PROJECT / "tests").rglob("test_*.py") if not (path.parent / "__init__.py").exists()]
    assert sorted(name for name, times in Counter(path.name for path in found).items() if times > 1) == []


def test_the_tests_stand_in_folders_as_the_package_does() -> None:
    assert rooms(PROJECT / "tests") - ALL_TOGETHER == rooms(PACKAGE)


def test_no_two_classes_have_the_same_name() -> None:
    names = Counter(
        node.name
        for module in MODULES
        for node in tree(module.read_bytes()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_and_no_function_is_too_long_to_be_read(module: Path) -> None:
    source = module.read_bytes()
    assert source.count(b"\n") <= MOST_LINES
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MOST_LINES_OF_A_FUNCTION, node.name


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a folder that holds a drtool and its pyproject.toml."""
    script = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, '.'); {script}", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to build into it what does not belong there."""
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "drtool", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_floors_hold() -> None:
    checked = lint_imports(PROJECT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("module", "line", "named"),
    [
        ("baseline/tolerance.py", "import drtool.restore.dump", "drtool.baseline is not allowed to import"),
        ("checks/sql.py", "import drtool.restore.dump", "drtool.checks is not allowed to import"),
        ("record/journal.py", "import drtool.sandbox.engine", "drtool.record is not allowed to import"),
        ("times.py", "import drtool.stores", "drtool.times is not allowed to import"),
        ("checks/sql.py", "import docker", "drtool.checks.sql -> docker"),
        ("drill/drill.py", "from docker.types import Mount", "drtool.drill.drill -> docker"),
    ],
)
def test_an_import_that_goes_up_or_speaks_to_docker_elsewhere_is_refused(
    module: str, line: str, named: str, copy: Path
) -> None:
    path = copy / "drtool" / module
    path.write_text(path.read_text().replace("\nfrom __future__ import annotations\n", f"\n{line}\n", 1))
    checked = lint_imports(copy)
    assert checked.returncode == 1
    assert named in " ".join(checked.stdout.split())


def imported_by_name(source: str | bytes) -> set[str]:
    """Return the beginning of each name that source has a function import, empty where it cannot be read from there."""
    parsed = tree(source)
    firsts = {id(node.func): node.args[0] for node in ast.walk(parsed) if isinstance(node, ast.Call) and node.args}
    found = set()
    for node in ast.walk(parsed):
        name = getattr(node, "id", "") or getattr(node, "attr", "")
        if isinstance(node, ast.ImportFrom):
            found |= {"" for one in node.names if one.name in BY_NAME and one.asname}
        elif name in BY_NAME and isinstance(node, ast.expr):
            first: ast.expr | None = firsts.get(id(node))
            if isinstance(first, ast.JoinedStr):
                first = first.values[0]
            value = first.value if isinstance(first, ast.Constant) else ""
            found.add(value if isinstance(value, str) else "")
    return found


def test_nothing_is_imported_by_name_past_the_floors() -> None:
    found = {str(module.relative_to(PACKAGE)): imported_by_name(module.read_bytes()) for module in MODULES}
    assert {module: names for module, names in found.items() if names} == {
        "__init__.py": {""},  # drtool's own names, when they are used
        "cli/__init__.py": {"drtool.cli."},  # its commands
        "keys/libraries.py": {""},  # those that are installed when they are asked for
    }


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('importlib.import_module("docker")', {"docker"}),
        ('import_module("docker.types")', {"docker.types"}),
        ('__import__("docker")', {"docker"}),
        ('builtins.__import__(f"docker{dot}types")', {"docker"}),
        ("import_module(name)", {""}),
        ('get = importlib.import_module\nget("docker")', {""}),
        ('from importlib import import_module as get\nget("docker")', {""}),
        ("from importlib import import_module, resources\nimport docker\nresources.files('docker')", set()),
    ],
)
def test_what_is_imported_by_name_is_seen(source: str, names: set[str]) -> None:
    assert imported_by_name(source) == names


def without_init(package: Path) -> set[str]:
    """Return the folders with modules that are no packages: import-linter passes over what they import."""
    return {path.parent.name for path in modules(package) if not (path.parent / "__init__.py").exists()}


def test_every_folder_with_modules_is_a_package(copy: Path) -> None:
    assert without_init(PACKAGE) == set()
    (copy / "drtool" / "checks" / "more").mkdir()
    (copy / "drtool" / "checks" / "more" / "sql.py").write_text("import docker\n")
    assert without_init(copy / "drtool") == {"more"}


def test_a_room_that_no_floor_has_is_refused(copy: Path) -> None:
    (copy / "drtool" / "helpers.py").write_text('"""Nobody knows where this belongs."""\n')
    checked = lint_imports(copy)
    assert (checked.returncode, "helpers" in checked.stdout) == (1, True)


def test_the_ground_floor_has_five_modules_at_most() -> None:
    assert len(list(PACKAGE.glob("[!.]*.py"))) <= 5


def test_the_architecture_page_names_every_room_and_no_other() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = page.partition("```\ndrtool/\n")[2].partition("scenarios/ ")[0]
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(re.findall(r"^  ([a-z]+)/ ", tree, re.MULTILINE)) == rooms


def test_no_script_waits_by_an_alarm_that_may_come_too_early() -> None:
    """Bash sets the alarm of `read -t` before it reads: on a busy machine that may be over, and nothing ends it."""
    waits = re.compile(r"^(?! *#).*\bread\b[^|;&<]* -\w*t\b", re.MULTILINE)
    assert waits.search("    read -r -t 0.2 _ <> never")
    assert not waits.search("while read -r name; do\n# read -t\nread -r one < <(od -t u4)")
    scripts = sorted(PACKAGE.rglob("*.sh"))
    assert len(scripts) > 5
    assert [script.name for script in scripts if waits.search(script.read_text())] == []
