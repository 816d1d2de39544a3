"""No test touches the settings, the keys or the cloud accounts of whoever runs it, nor another run of the tests."""

from __future__ import annotations

import compileall
import functools
import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

_OF_THE_PERSON = (
    "DRTOOL_", "AWS_", "GIT_", "SSH_", "GNUPGHOME", "MYSQL_", "MARIADB_",
    "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "TTY_", "PAGER", "LESS",
    "CDPATH", "BASH_", "POSIXLY_CORRECT", "GREP_", "TAR_OPTIONS", "GZIP", "XZ_", "ZSTD_", "SOURCE_DATE_EPOCH",
    "MAKE", "MFLAGS",
)  # fmt: skip
"""How the names of variables begin that a person's shell, or a `make` around the tests, may bring."""

_E2E = Path(__file__).parent / "e2e"
_LONGEST_FIRST = (
    "test_matrix_of_shapes",
    "test_faulty_backups",
    "test_physical_backups",
    "test_sample_production",
    "test_healthy_backups",
    "test_point_in_time",
    "test_hostile_backups",
    "test_versions_and_accounts",
    "test_example_scenarios",
    "test_shapes_of_backups",
    "test_production_settings",
    "test_targets_and_exit_codes",
    "test_privacy",
    "test_baseline",
    "test_stores_and_engines",
    # of those without an engine, which come last:
    "test_pages_on_paper",
    "test_pages_on_screen",
    "test_tampering_with_archives",
    "test_keeping",
    "test_set_up",
)
"""The files that take longest, by which the others are filled up at the end; one that is not named is short."""

_EACH_ON_ITS_OWN = {"test_drills_cut_short", "test_field_cases"}
"""Files of many or long tests that share nothing: each may go to another worker."""


def pytest_configure(config: pytest.Config) -> None:
    """Prepare for the programs that tests start.

    What they import is compiled once, and not by each of them. And they heed signals, though whoever started the tests
    told them not to: in a background job of a script SIGINT is ignored, under `nohup` SIGHUP, and programs inherit
    that. A signal with a handler, and be it one that does nothing, is what it is by default in a program that is
    started.
    """
    if not hasattr(config, "workerinput"):
        for package in ("drtool", "fixtures"):
            compileall.compile_dir(config.rootpath / package, quiet=2)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _pass_over)


def _pass_over(_number: int, _frame: object) -> None:
    """Ignore a signal, here alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    order = {name: place for place, name in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: (item.path.parent != _E2E, order.get(item.path.stem, len(order))))


class _ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Give each file to one worker, since its tests share what is expensive to make."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return nodeid if Path(file).stem in _EACH_ON_ITS_OWN else file


@pytest.hookimpl(optionalhook=True)  # a debugger runs without workers
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByFile:
    """Have the workers take whole files, one after the other."""
    return _ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def nothing_of_the_person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the session a home of its own, no settings of drtool's and of git's, and credentials that open nothing."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        of_no_person(environment)
        environment.setenv("DRTOOL_SCOPE", f"tests-{secrets.token_hex(4)}")
        environment.setenv("GIT_CONFIG_NOSYSTEM", "1")
        # Where the engine is, though, is the person's own affair: `docker context use` is written down here.
        environment.setenv("DOCKER_CONFIG", os.environ.get("DOCKER_CONFIG", os.path.expanduser("~/.docker")))  # noqa: PTH111
        # An account without a home has none there either. And what listens here is asked without a proxy.
        environment.setenv("NO_PROXY", "127.0.0.1,localhost")
        environment.setenv("no_proxy", "127.0.0.1,localhost")
        environment.setenv("HOME", str(home))
        environment.setenv("XDG_CONFIG_HOME", str(home / ".config"))
        environment.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_CONFIG_FILE", "/nonexistent")
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # What a client of a store is made of is read from the disk once, and not for each: that takes longest of all.
        read = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
        environment.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        usual = os.umask(0o022)
        yield
        os.umask(usual)


def of_no_person(environment: pytest.MonkeyPatch) -> None:
    """Take out of the environment what a person's shell may bring."""
    for name in [name for name in os.environ if name.startswith(_OF_THE_PERSON)]:
        environment.delenv(name)
