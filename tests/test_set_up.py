"""`make setup` on a small project of the same build: what the lock names gets into .venv, whatever surrounds it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BACKEND = """
import pathlib, zipfile
NAME = "drtool-0-py3-none-any.whl"
def get_requires_for_build_editable(config_settings=None):
    return []
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / NAME, "w") as wheel:
        wheel.writestr("drtool.pth", str(pathlib.Path.cwd()))
        wheel.writestr("drtool-0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: drtool\\nVersion: 0\\n")
        wheel.writestr("drtool-0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("drtool-0.dist-info/RECORD", "")
    return NAME
"""
PROJECT = """
[project]
name = "drtool"
version = "0"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project with the set-up of this one, one package in its lock, and a drtool that needs it."""
    folder = tmp_path / "clone"
    for name in ("python.sh", "new_venv.sh"):
        (folder / "fixtures/machine").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "fixtures/machine" / name, folder / "fixtures/machine")
    unset = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(("unexport", "export"))]
    (folder / "Makefile").write_text(
        "\n".join(["PYTHON ?= python3", *unset, "setup:", "\t@fixtures/machine/python.sh", ""])
    )
    (folder / "backend.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "drtool").mkdir()
    (folder / "drtool/__init__.py").touch()
    (folder / "drtool/cli.py").write_text("import thing\n")
    wheel = tmp_path / "thing-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("thing.py", "")
        archive.writestr("thing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1\n")
        archive.writestr("thing-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("thing-1.dist-info/RECORD", "")
    (folder / "fixtures/machine/lock").mkdir()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "fixtures/machine/lock/develop.txt").write_text(f"thing @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    return folder


def set_up(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "setup"]
    around = {**os.environ, **environment}
    return subprocess.run(command, cwd=clone, env=around, capture_output=True, text=True, timeout=120, check=False)


def works(clone: Path) -> bool:
    """Tell whether the environment has what drtool needs, all of it in itself."""
    python = clone / ".venv/bin/python"
    return subprocess.run([python, "-Ic", "import drtool.cli"], capture_output=True, check=False).returncode == 0


def test_what_a_shell_says_of_packages_leads_nothing_astray_and_a_clone_that_moved_is_set_up_anew(
    clone: Path, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    for folder in (seen / "thing-1.dist-info", tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
    (seen / "thing.py").touch()
    (seen / "thing-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1\n")
    around = {"PYTHONPATH": str(seen), "PIP_TARGET": str(tmp_path / "elsewhere"), "PIP_USER": "1", "LC_ALL": "POSIX"}
    assert set_up(clone, **around).returncode == 0
    assert works(clone)
    assert not [*(tmp_path / "elsewhere").iterdir()]
    assert set_up(clone).stderr == ""

    moved = clone.rename(tmp_path / "moved")
    assert "Installing" in set_up(moved).stderr
    assert works(moved)


def test_a_configuration_that_puts_packages_elsewhere_is_told_of_and_leaves_no_environment(
    clone: Path, tmp_path: Path
) -> None:
    (tmp_path / "pip.conf").write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n")
    ran = set_up(clone, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert ran.returncode != 0
    assert "elsewhere than into .venv" in ran.stderr
    assert f"install.target='{tmp_path / 'elsewhere'}'" in ran.stderr
    assert not (clone / ".venv").exists()
