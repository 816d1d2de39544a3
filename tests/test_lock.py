"""The lock holds what pyproject.toml asks for, for each Python and system that it is for, exactly and with hashes."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions, requires
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.syntax import modules, tree

ROOT = Path(__file__).parent.parent
LOCKS = {"run": ("ssh", "attestation", "pdf"), "develop": ("dev", "attestation", "pdf")}
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = (("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def text_of(lock: str) -> str:
    """Return a lock without its comments, a requirement a line."""
    content = (ROOT / f"fixtures/machine/lock/{lock}.txt").read_text()
    return re.sub(r"^ *#.*\n", "", content, flags=re.MULTILINE).replace("\\\n", "")


def pins(lock: str, environment: dict[str, str]) -> dict[str, Version]:
    """Return the version of each package that a lock names in an environment."""
    found: dict[str, Version] = {}
    for line in text_of(lock).splitlines():
        requirement = Requirement(line.partition("--hash")[0])
        if requirement.marker is None or requirement.marker.evaluate(environment):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{lock}: {name} is there twice in {environment}"
            found[name] = Version(str(requirement.specifier).removeprefix("=="))
    return found


def environments() -> Iterator[dict[str, str]]:
    """Yield what tells each Python on each system apart, in the words of dependency markers."""
    for python, (platform, system, machine) in product(PYTHONS, SYSTEMS):
        yield {
            "python_version": python, "python_full_version": f"{python}.0", "sys_platform": platform,
            "platform_system": system, "platform_machine": machine, "os_name": "posix",
            "implementation_name": "cpython", "platform_python_implementation": "CPython",
        }  # fmt: skip


def asked_for(project: dict[str, Any], extras: tuple[str, ...]) -> Iterator[Requirement]:
    """Yield what pyproject.toml asks for directly."""
    texts = [*project["dependencies"]]
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    yield from (one for one in map(Requirement, texts) if one.name != "drtool")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_one_exact_version_with_hashes_and_names_no_place(lock: str) -> None:
    lines = text_of(lock).splitlines()
    assert len(lines) > 30
    for line in lines:
        requirement, *hashes = re.split(r" +(?=--hash)", line.strip())
        assert re.fullmatch(r"[a-z0-9.-]+==[^ *,]+( ; .+)?", requirement), requirement
        assert hashes, requirement
        assert all(HASH.fullmatch(one) for one in hashes), requirement
    assert "://" not in (ROOT / f"fixtures/machine/lock/{lock}.txt").read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_it_holds_what_pyproject_asks_for_on_every_python_and_system(lock: str) -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(asked_for(document["project"], LOCKS[lock]))
    wanted += map(Requirement, document["build-system"]["requires"])
    for environment in environments():
        locked = pins(lock, environment)
        for one in wanted:
            if one.marker and not one.marker.evaluate(environment):
                continue
            version = locked.get(canonicalize_name(one.name))
            assert version is not None, f"{one} is not in the lock: run `make lock`"
            assert version in one.specifier, f"the lock has {one.name} {version}, not {one.specifier}: run `make lock`"


@pytest.mark.parametrize(
    ("name", "lacking", "lowest"),
    [
        ("boto3", "1.35.99", "1.36.0"),  # what the archive asks of it
        ("click", "8.4.0", "8.4.1"),  # where a value comes from, while it is looked at
        ("weasyprint", "69.0", "70.0"),  # the same PDF of the same page, with its figures tagged
    ],
)
def test_the_lowest_release_has_what_is_asked_of_it(name: str, lacking: str, lowest: str) -> None:
    """`make oldest` would tell, and takes a while."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (found,) = (one for one in asked_for(document["project"], ("pdf",)) if one.name == name)
    assert (Version(lacking) in found.specifier, Version(lowest) in found.specifier) == (False, True)


def test_every_extra_is_in_the_lock_of_what_runs_and_what_builds_drtool_is_too() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert {*document["project"]["optional-dependencies"]} - {"dev"} == {*LOCKS["run"]}
    script = (ROOT / "fixtures/machine/lock.sh").read_text()
    (line,) = re.findall(r"^compile run.txt (.*)$", script, re.MULTILINE)
    assert set(re.findall(r"--extra (\w+)", line)) == {*LOCKS["run"]}
    built = (ROOT / "fixtures/machine/lock/build.in").read_text()
    assert re.findall(r"^\w.*", built, re.MULTILINE) == document["build-system"]["requires"]


def test_what_runs_is_what_was_tested() -> None:
    for environment in environments():
        tested = pins("develop", environment)
        for name, version in pins("run", environment).items():
            assert tested.get(name, version) == version, name


def imported(source: bytes, *, at_once: bool = False) -> Iterator[str]:
    """Yield the packages that a module imports, wherever in it, or only those that it cannot be loaded without."""
    waiting: list[ast.AST] = [tree(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if at_once and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        yield from (name.partition(".")[0] for name in names)
        waiting += ast.iter_child_nodes(node)


def come_with(texts: Iterable[str]) -> set[str]:
    """Return the names of what is installed for some requirements, and for theirs."""
    found: set[str] = set()
    waiting = list(map(Requirement, texts))
    while waiting:
        one = waiting.pop()
        if canonicalize_name(one.name) not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found.add(canonicalize_name(one.name))
            waiting += map(Requirement, requires(one.name) or ())
    return found


@pytest.mark.parametrize("at_once", [False, True], ids=["with all its extras", "without any, at the top of a module"])
def test_what_drtool_imports_is_installed_with_it(*, at_once: bool) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with_extras = set().union(*(pins("run", environment) for environment in environments()))
    installed = come_with(project["dependencies"]) if at_once else with_extras
    brings = packages_distributions()

    def is_there(package: str) -> bool:
        if package == "drtool" or package in sys.stdlib_module_names:
            return True
        return any(canonicalize_name(name) in installed for name in brings.get(package, ()))

    found = {
        f"{module.relative_to(ROOT)}: {package}"
        for module in modules(ROOT / "drtool")
        for package in imported(module.read_bytes(), at_once=at_once)
        if not is_there(package)
    }
    assert found == set()
    assert is_there("cryptography") != at_once
    assert not any(map(is_there, imported(b"import pytest\ndef f():\n    from fixtures.shop import data")))


@pytest.mark.parametrize(
    ("source", "at_once", "late"),
    [
        ("if TYPE_CHECKING:\n    import mypy_boto3_s3\nelse:\n    import hypothesis", ["hypothesis"], []),
        ("if typing.TYPE_CHECKING:\n    import mypy_boto3_s3", [], []),
        ("from . import local\nfrom ..times import utc_now\nimport os.path", ["os"], []),
        ("try:\n    import a\nexcept ImportError:\n    from b.c import d\ndef f():\n    import e", ["a", "b"], ["e"]),
    ],
)
def test_what_a_module_imports_is_read_from_it(source: str, at_once: list[str], late: list[str]) -> None:
    assert sorted(imported(source.encode(), at_once=True)) == at_once
    assert sorted(imported(source.encode())) == sorted(at_once + late)
