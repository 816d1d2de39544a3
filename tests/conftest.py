"""No test touches the configuration, the keys or the cloud accounts of whoever runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

_OF_THE_PERSON = ("DRTOOL_", "AWS_", "GIT_")


@pytest.fixture(scope="session", autouse=True)
def nothing_of_the_person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the session a home of its own, no settings of drtool's and of git's, and credentials that open nothing."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(_OF_THE_PERSON)]:
            environment.delenv(name)
        # Where the engine is, though, is the person's own affair: `docker context use` is written down here.
        environment.setenv("DOCKER_CONFIG", os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker")))
        environment.setenv("HOME", str(home))
        environment.setenv("XDG_CONFIG_HOME", str(home / ".config"))
        environment.delenv("SSH_AUTH_SOCK", raising=False)
        environment.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_CONFIG_FILE", "/nonexistent")
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield
