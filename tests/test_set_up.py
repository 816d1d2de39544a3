"""The Makefile and its scripts on a small project of the same build: they do what they say, whatever surrounds them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "fixtures/machine").glob("*.sh"))
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
    (folder / "fixtures/machine").mkdir(parents=True)
    for path in (*SCRIPTS, ROOT / "Makefile"):
        shutil.copyfile(path, folder / path.relative_to(ROOT))  # as on a share that has no executable bits
    (folder / "backend.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "drtool").mkdir()
    (folder / "drtool/__init__.py").touch()
    (folder / "drtool/cli.py").write_text("import thing\n")
    for name in ("fixtures", "scenarios", "tests"):
        (folder / name).mkdir(exist_ok=True)
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


Ran = subprocess.CompletedProcess[str]


def run(clone: Path, *command: str, **environment: str) -> Ran:
    """Run a command in a clone, where CDPATH leads into another one."""
    (clone.parent / "another/fixtures/machine").mkdir(parents=True, exist_ok=True)
    around = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    around |= {"CDPATH": str(clone.parent / "another"), **environment}
    return subprocess.run(command, cwd=clone, env=around, capture_output=True, text=True, timeout=120, check=False)


def make(clone: Path, *arguments: str, **environment: str) -> Ran:
    return run(clone, "make", "--no-print-directory", *arguments, **environment)


def set_up(clone: Path, **environment: str) -> Ran:
    return make(clone, "setup", **environment)


def write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder to be the whole PATH: what any system has, and an account without rights."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("bash", "cat", "dirname", "env", "grep", "ls", "mkdir", "rm", "sh", "touch"):
        (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"there is no {name}"))
    write_program(folder / "id", "echo 1000")
    return folder


def works(clone: Path) -> bool:
    """Tell whether the environment has what drtool needs, all of it in itself."""
    python = clone / ".venv/bin/python"
    return subprocess.run([python, "-Ic", "import drtool.cli"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def empty_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but pip in it, which works where it is copied to."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.mark.long
def test_what_a_shell_says_of_packages_leads_nothing_astray_and_a_clone_that_moved_is_set_up_anew(
    clone: Path, empty_venv: Path, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    for folder in (seen / "thing-1.dist-info", tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
    (seen / "thing.py").touch()
    (seen / "thing-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1\n")
    around = {"PYTHONPATH": str(seen), "PIP_TARGET": str(tmp_path / "elsewhere"), "PIP_USER": "1", "LC_ALL": "POSIX"}
    around |= {
        "PIP_REQUIRE_HASHES": "1",
        "PIP_EDITABLE": "/nonexistent",
        "PIP_PLATFORM": "any",
        "PIP_PYTHON": "/nonexistent",
    }
    ran = set_up(clone, **around)
    assert ran.returncode == 0, ran.stderr
    assert works(clone)
    assert not [*(tmp_path / "elsewhere").iterdir()]
    assert set_up(clone).stderr == ""

    # This time an environment is copied: what is looked at is when one is made.
    (clone / "fixtures/machine/new_venv.sh").write_text(f'cp -r {empty_venv} "$1"')
    moved = clone.rename(tmp_path / "moved")
    active = f"{moved / '.venv/bin'}:{os.environ['PATH']}"
    assert "Installing" in set_up(moved, PATH=active).stderr
    assert works(moved)
    assert set_up(moved, PATH=active, PYTHON=".venv/bin/python").stderr == ""
    shutil.copyfile(ROOT / "fixtures/machine/new_venv.sh", moved / "fixtures/machine/new_venv.sh")
    for name in ("/nonexistent", str(write_program(tmp_path / "old", "exit 1"))):
        ran = make(moved, "setup", f"PYTHON={name}")
        assert (ran.returncode, f"PYTHON={name} does not run" in ran.stderr) == (2, True)
        assert works(moved)
    another = write_program(tmp_path / "another-python", "echo /another 3.12")
    (moved / "fixtures/machine/new_venv.sh").write_text('echo "$PYTHON it is"; exit 1')
    assert set_up(moved, PYTHON=str(another)).stdout == f"{another} it is\n"

    # What other tools leave in it: a copy of drtool in place of this folder, or only what they know.
    assert set_up(moved).stdout == ""
    (installed,) = (moved / ".venv/lib").glob("*/site-packages")
    copied = shutil.copytree(moved / "drtool", installed / "drtool")
    assert set_up(moved).stdout == " it is\n"
    shutil.rmtree(copied)
    assert set_up(moved).stdout == ""
    for name, version in (("pip", "99"), ("icecream", "1")):  # what somebody put there is nobody's business
        for old in installed.glob(f"{name}-*.dist-info"):
            shutil.rmtree(old)
        shutil.copytree(installed / "thing-1.dist-info", installed / f"{name}-{version}.dist-info")
        (installed / f"{name}-{version}.dist-info/METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    assert set_up(moved).stdout == ""
    shutil.rmtree(installed / "thing-1.dist-info")
    write_program(tmp_path / "without-locks/flock", "exit 71")
    ran = set_up(moved, PATH=f"{tmp_path / 'without-locks'}:{os.environ['PATH']}")
    assert (ran.stdout, "There are no locks here" in ran.stderr) == (" it is\n", True)


def test_what_does_not_run_here_is_told_as_that_and_no_setting_is_blamed(
    clone: Path, empty_venv: Path, tmp_path: Path
) -> None:
    (tmp_path / "Prüfung").mkdir()
    clone = clone.rename(tmp_path / "Prüfung/clone")
    (clone / "fixtures/machine/new_venv.sh").write_text(f'cp -r {empty_venv} "$1"')
    (clone / "drtool/cli.py").write_text("raise ImportError('failed to map segment from shared object')\n")
    (tmp_path / "pip.conf").write_text("[global]\nbreak-system-packages = true\n")
    ran = set_up(clone, LC_ALL="xx_XX.UTF-8", PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert ran.returncode != 0
    assert "does not run here: ImportError: failed to map segment from shared object\n" in ran.stderr
    assert "configuration" not in ran.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("lock", "constraint", "said"),
    [
        ("thing==9 --hash=sha256:{digest}", "", "'make lock'"),
        ("nothing==9 --hash=sha256:{digest}", "", "The index of packages was not reached"),
        ("<<<<<<< HEAD\nthing @ {wheel} --hash=sha256:{digest}", "", "'make lock'"),
        ("thing @ {wheel} --hash=sha256:{zeros}", "", "do not install it by hand.\nWhere a release is gone"),
        ("thing @ {wheel} --hash=sha256:{digest}", "thing==2", "global.constraint="),
    ],
    ids=["gone", "no index", "conflict", "another file", "constraint"],
)
def test_what_is_wrong_with_the_lock_is_not_blamed_on_a_configuration(
    clone: Path, empty_venv: Path, tmp_path: Path, lock: str, constraint: str, said: str
) -> None:
    (clone / "fixtures/machine/new_venv.sh").write_text(f'cp -r {empty_venv} "$1"')
    wheel = tmp_path / "thing-1-py3-none-any.whl"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    text = lock.format(wheel=wheel.as_uri(), digest=digest, zeros="0" * 64)
    (clone / "fixtures/machine/lock/develop.txt").write_text(f"{text}\n")
    (tmp_path / "constraints.txt").write_text(f"{constraint}\n")
    (tmp_path / "pip.conf").write_text(f"[global]\nconstraint = {tmp_path / 'constraints.txt'}\n")
    around = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    ran = set_up(clone, **around)
    assert ran.returncode != 0
    assert said in ran.stderr
    assert ("configuration leads" in ran.stderr) == bool(constraint)
    assert ("'make lock'" in ran.stderr) == (not constraint and not lock.startswith("nothing"))


def test_who_stops_it_is_told_nothing_and_finds_no_half_of_an_environment(clone: Path) -> None:
    (clone / "fixtures/machine/new_venv.sh").write_text('mkdir "$1"; kill -TERM $PPID; sleep 0.1')
    ran = run(clone, "bash", "fixtures/machine/python.sh")
    assert (ran.returncode, ran.stderr) == (130, "Installing drtool and its tools into .venv\n")
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(("target", "page"), [("findings", "findings.md"), ("schema", "report.schema.json")])
def test_a_page_that_cannot_be_made_stays_as_it_is(clone: Path, target: str, page: str) -> None:
    (clone / "fixtures/machine/python.sh").write_text("")
    (clone / "docs").mkdir()
    (clone / "docs" / page).write_text("as it was")
    write_program(clone / ".venv/bin/python", "echo half; exit 1")
    assert make(clone, target).returncode != 0
    assert (clone / "docs" / page).read_text() == "as it was"
    write_program(clone / ".venv/bin/python", "echo all")
    assert make(clone, target).returncode == 0
    assert [(path.name, path.read_text()) for path in (clone / "docs").iterdir()] == [(page, "all\n")]


def test_a_python_that_was_built_without_modules_of_its_own_is_not_taken(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    ran = new_venv(clone, programs, tmp_path / "python", 'case "$*" in *lzma*) exit 1 ;; esac')
    assert ran.returncode == 1
    assert "was built without bz2, ctypes, lzma, sqlite3 or ssl" in ran.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.long
def test_a_configuration_that_puts_packages_elsewhere_is_told_of_and_leaves_no_environment(
    clone: Path, empty_venv: Path, tmp_path: Path
) -> None:
    (clone / "fixtures/machine/new_venv.sh").write_text(f'cp -r {empty_venv} "$1"')
    (tmp_path / "pip.conf").write_text(
        f"[global]\nindex-url = https://user:secret@127.0.0.1/\n[install]\ntarget = {tmp_path / 'elsewhere'}\n"
    )
    ran = set_up(clone, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert ran.returncode != 0
    assert "elsewhere than into .venv" in ran.stderr
    assert f"install.target='{tmp_path / 'elsewhere'}'" in ran.stderr
    assert "secret" not in ran.stderr
    assert not (clone / ".venv").exists()


def new_venv(clone: Path, programs: Path, python: Path, text: str) -> Ran:
    """Make .venv anew with a Python that makes a folder with a mark in it, behind another command's name."""
    behind = write_program(programs / "behind", 'case "$2" in venv) mkdir -p "$3" && touch "$3/made" ;; esac')
    write_program(python, f"{text}\necho {behind}")
    return run(clone, "bash", "fixtures/machine/new_venv.sh", ".venv", PATH=str(programs), PYTHON=str(python))


def test_an_environment_is_made_anew_with_the_python_that_is_in_it_and_in_place_of_a_link(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    assert new_venv(clone, programs, clone / ".venv/bin/python", "").returncode == 0
    assert [path.name for path in (clone / ".venv").iterdir()] == ["made"]

    (clone / ".venv").rename(tmp_path / "on-another-disk")
    (clone / ".venv").symlink_to(tmp_path / "on-another-disk")
    (clone / ".venv/kept").touch()
    assert new_venv(clone, programs, tmp_path / "python", "").returncode == 0
    assert [path.name for path in (clone / ".venv").iterdir()] == ["made"]
    assert (tmp_path / "on-another-disk/kept").exists()


@pytest.mark.parametrize(("emptied", "code"), [(True, 0), (False, 1)])
def test_a_mount_point_is_emptied_and_what_cannot_be_removed_is_told(
    clone: Path, programs: Path, tmp_path: Path, *, emptied: bool, code: int
) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv/old").touch()
    real = (programs / "rm").readlink()
    write_program(programs / "rm", f'{f"{real} -rf $2/*; " if emptied else ""}echo "rm: $2 is busy" >&2; exit 1')
    ran = new_venv(clone, programs, tmp_path / "python", "")
    assert (ran.returncode, ran.stderr) == (code, "" if emptied else "rm: .venv is busy\n")
    assert [path.name for path in (clone / ".venv").iterdir()] == (["made"] if emptied else ["old"])


@pytest.mark.parametrize("of_the_system", [True, False])
def test_the_package_with_venv_is_named_that_this_python_has(
    clone: Path, programs: Path, tmp_path: Path, *, of_the_system: bool
) -> None:
    script = clone / "fixtures/machine/new_venv.sh"
    systems = write_program(tmp_path / "python-of-the-system", "echo 3.98")
    script.write_text(script.read_text().replace("/usr/bin/python3", str(systems)))
    version = "3.98" if of_the_system else "3.99"
    behind = write_program(programs / "behind", f'case "$2" in *ensurepip*) exit 1 ;; *) echo {version} ;; esac')
    write_program(tmp_path / "python", f"echo {behind}")
    around = {"PATH": str(programs), "PYTHON": str(tmp_path / "python")}
    ran = run(clone, "bash", "fixtures/machine/new_venv.sh", ".venv", **around)
    package = "python3-venv" if of_the_system else "python3.99-venv"
    assert (ran.returncode, ran.stderr.endswith(f" {package}\n")) == (1, True)


@pytest.mark.parametrize(
    ("answers", "with_ssh_keygen", "code", "said"),
    [
        (True, True, 0, ""),
        (True, False, 3, "drtool signs its reports with ssh-keygen. Install it"),
        (False, True, 3, "No engine. The engine is the one that DOCKER_HOST, DOCKER_CONTEXT or `docker context"),
    ],
)
def test_what_is_missing_is_named_the_engine_or_ssh_keygen(
    clone: Path, programs: Path, *, answers: bool, with_ssh_keygen: bool, code: int, said: str
) -> None:
    write_program(clone / ".venv/bin/python", "exit 0" if answers else "echo No engine.; exit 1")
    if with_ssh_keygen:
        write_program(programs / "ssh-keygen", "")
    around = {"PATH": str(programs), "DOCKER_HOST": "tcp://127.0.0.1:1"}
    ran = run(clone, "bash", "fixtures/machine/engine.sh", **around)
    assert (ran.returncode, ran.stderr.startswith(said), bool(ran.stderr)) == (code, True, bool(said))


def test_root_on_debian_gets_ssh_keygen_alone_where_an_engine_answers(clone: Path, programs: Path) -> None:
    write_program(clone / ".venv/bin/python", "exit 0")
    write_program(programs / "id", "echo 0")
    write_program(programs / "apt-get", 'echo "$@" >> asked')
    ran = run(clone, "bash", "fixtures/machine/engine.sh", PATH=str(programs), DOCKER_HOST="tcp://127.0.0.1:1")
    assert ran.returncode == 0
    assert (clone / "asked").read_text().splitlines() == [
        "-o DPkg::Lock::Timeout=300 update -qq",
        "-o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends openssh-client",
    ]


@pytest.mark.parametrize(("command", "code"), [("update", 0), ("install", 100)])
def test_a_repository_of_somebody_elses_that_is_away_hinders_nobody_and_a_package_that_is_not_to_be_had_does(
    clone: Path, programs: Path, command: str, code: int
) -> None:
    write_program(programs / "apt-get", f'case " $* " in *" {command} "*) exit 100 ;; esac')
    install = ". fixtures/machine/packages.sh; install_packages openssh-client"
    assert run(clone, "bash", "-e", "-c", install, PATH=str(programs)).returncode == code


@pytest.mark.parametrize(("arrives", "code"), [(True, 0), (False, 3)])
def test_an_image_counts_as_pulled_once_it_is_there(clone: Path, programs: Path, *, arrives: bool, code: int) -> None:
    pulls = "touch image" if arrives else "exit 0"
    write_program(clone / ".venv/bin/python", f"case $1 in -c) {pulls} ;; *) [ -e image ] ;; esac")
    ran = run(clone, "bash", "fixtures/machine/image.sh", "10.11", PATH=str(programs))
    assert (ran.returncode, "mariadb:10.11 cannot be pulled" in ran.stderr) == (code, not arrives)


@pytest.mark.parametrize("script", ["image.sh", "auditor_image.sh"])
@pytest.mark.parametrize(("taken_in", "code"), [(True, 0), (False, 3)])
def test_an_image_counts_as_built_once_the_engine_has_it(
    clone: Path, programs: Path, script: str, *, taken_in: bool, code: int
) -> None:
    builds = "touch image" if taken_in else "exit 0"
    write_program(clone / ".venv/bin/python", f"case $1$2 in -.cache/*) {builds} ;; *) [ -e image ] ;; esac")
    for name, text in {"id": "echo 0", "apt-get": "", "mmdebstrap": ""}.items():
        write_program(programs / name, text)
    ran = run(clone, "bash", f"fixtures/machine/{script}", "10.11", PATH=str(programs))
    assert (ran.returncode, "The engine has not taken in" in ran.stderr) == (code, not taken_in)


@pytest.mark.parametrize(
    ("families", "said"),
    [
        ("DejaVu Sans\nLiberation Sans", ""),
        ("DejaVu Sans", "The tests need fonts-liberation. Install"),
        ("", "The tests need fonts-liberation fonts-dejavu-core. Install"),
    ],
)
def test_fonts_count_wherever_they_lie_and_no_list_of_libraries_is_needed(
    clone: Path, programs: Path, families: str, said: str
) -> None:
    script = clone / "fixtures/machine/tools.sh"
    elsewhere = script.read_text().replace("/sbin/ldconfig", "/nonexistent").replace("/usr/share/fonts", "/nonexistent")
    script.write_text(elsewhere)
    for name in re.findall(r"([\w-]+):[\w-]+(?=[ ;])", elsewhere.partition("done")[0]):
        write_program(programs / name, "")
    write_program(programs / "google-chrome", "")
    write_program(programs / "fc-list", f"echo '{families}'")
    ran = run(clone, "bash", "fixtures/machine/tools.sh", PATH=str(programs))
    assert (ran.returncode, ran.stderr.partition(" (")[0].partition(" them")[0]) == (bool(said), said)


def test_one_thing_is_made_after_the_other_whatever_make_is_told(clone: Path) -> None:
    for script in SCRIPTS:
        (clone / script.relative_to(ROOT)).write_text("echo begins; sleep 0.05; echo ends")
    write_program(clone / ".venv/bin/pytest", "echo tests")
    ran = make(clone, "unit", MAKEFLAGS="-j8")
    assert ran.stdout.split() == ["begins", "ends", "begins", "ends", "tests"]


def test_cleaning_takes_away_what_make_made_here_and_nothing_from_the_engine(clone: Path) -> None:
    write_program(clone / ".venv/bin/drtool", "touch called")
    (clone / ".cache").mkdir()
    (clone / "reports").mkdir()
    (clone / ".cache/what-was-fetched").touch()
    real = shutil.which("rm")
    write_program(clone.parent / "busy/rm", f'[ "$2" = .cache ] && {real} -rf .cache/* && exit 1\nexec {real} "$@"')
    assert make(clone, "clean", PATH=f"{clone.parent / 'busy'}:{os.environ['PATH']}").returncode == 0
    assert [*(clone / ".cache").iterdir()] == []
    assert make(clone, "clean").returncode == 0
    left = {path.name for path in clone.iterdir()}
    assert (left & {".venv", ".cache", "called"}, "reports" in left) == (set(), True)


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci/run"], ids=lambda path: path.name)
def test_no_script_goes_where_cdpath_leads_or_needs_the_executable_bit_of_another(script: Path) -> None:
    lines = [line.strip() for line in script.read_text().splitlines()]
    assert not [line for line in lines if line.startswith(("cd ", "fixtures/", "./"))]
