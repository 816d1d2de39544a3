"""Runs `ssh-keygen`, the one program that makes and checks signatures."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from drtool.credentials import environment_without_credentials
from drtool.errors import Unverifiable

NAMESPACE = "drtool-report"
"""What the signatures are for, as OpenSSH has it; one made for anything else does not pass for a report's."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended: whether well, its output, and what it said about it."""

    well: bool
    output: bytes
    said: str


def run(arguments: Sequence[str], message: bytes = b"", *, timeout_seconds: float | None = 60.0) -> Outcome:
    """Run `ssh-keygen` with a message on its standard input; it has no terminal to ask anything on.

    Raises:
        Unverifiable: there is no such program, or it did not end.
    """
    return _run(arguments, message, timeout_seconds=timeout_seconds, terminal=False, token=False)


def run_with_terminal(arguments: Sequence[str], message: bytes, *, token: bool, timeout_seconds: float) -> Outcome:
    """Run `ssh-keygen` so that it can ask for a passphrase, if there is a terminal to ask on.

    Args:
        arguments: its arguments.
        message: what it reads.
        token: whether the key is on a hardware token; then what it says goes to the terminal, since it says there
            that it waits to be touched.
        timeout_seconds: for when nobody can be asked; a person has all the time they need.

    Raises:
        Unverifiable: there is no such program, or it did not end.
    """
    terminal = has_terminal()
    return _run(
        arguments, message, timeout_seconds=None if terminal else timeout_seconds, terminal=terminal, token=token
    )


def has_terminal() -> bool:
    """Tell whether there is a terminal on which a person can be asked; in the background there is none."""
    try:
        handle = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(handle)


def _run(
    arguments: Sequence[str], message: bytes, *, timeout_seconds: float | None, terminal: bool, token: bool
) -> Outcome:
    # UTC, because the dates in `allowed_signers` and of `verify-time` are taken as local time; the trailing Z that
    # says otherwise is not known to every OpenSSH in use.
    environment = environment_without_credentials() | {"TZ": "UTC", "LC_ALL": "C"}
    if not terminal:
        environment["SSH_ASKPASS_REQUIRE"] = "never"
    try:
        done = subprocess.run(
            ["ssh-keygen", *arguments],
            input=message,
            stdout=subprocess.PIPE,
            stderr=None if terminal and token else subprocess.PIPE,
            env=environment,
            timeout=timeout_seconds,
            start_new_session=not terminal,  # without a session's terminal it fails where it would wait for ever
            check=False,
        )
    except FileNotFoundError as error:
        raise Unverifiable("no-ssh-keygen", "There is no ssh-keygen", mend="Install the OpenSSH client") from error
    except subprocess.TimeoutExpired as error:
        raise Unverifiable(
            "ssh-keygen-silent",
            f"ssh-keygen did not answer within {timeout_seconds:.0f} s",
            mend="See whether the key's agent or token waits for somebody",
        ) from error
    said = (done.stderr or b"").decode("utf-8", "replace").strip()
    return Outcome(well=done.returncode == 0, output=done.stdout, said=said)
