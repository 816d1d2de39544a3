"""Runs `ssh-keygen`, the one program that makes and checks signatures."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from drtool.errors import Unverifiable
from drtool.host.credentials import environment_without_credentials

NAMESPACE = "drtool-report"
"""What the signatures are for, as OpenSSH has it; one made for anything else does not pass for a report's."""


@dataclass(frozen=True, kw_only=True)
class KeygenRun:
    """How a run ended: whether well, its output, and what it said about it."""

    well: bool
    output: bytes
    said: str


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


def run(
    arguments: Sequence[str],
    message: bytes | BinaryIO = b"",
    *,
    timeout_seconds: float = 60.0,
    may_ask: bool = False,
    handle: int | None = None,
) -> KeygenRun:
    """Run `ssh-keygen` with a message on its standard input.

    Args:
        arguments: its arguments.
        message: what it reads; of a file from where it stands.
        timeout_seconds: for when nobody can be asked; a person has all the time they need.
        may_ask: whether it may ask for a passphrase or a PIN, if there is a terminal to ask on; else it has none.
        handle: a file descriptor that it is given, if any.

    Raises:
        Unverifiable: there is no such program, it did not end, or the account has no name.
    """
    terminal = may_ask and has_terminal()
    try:
        process = subprocess.Popen(
            ["ssh-keygen", *arguments],
            stdin=subprocess.PIPE if isinstance(message, bytes) else message,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            pass_fds=() if handle is None else (handle,),
            start_new_session=not terminal,  # without a session's terminal it fails where it would wait for ever
        )
    except FileNotFoundError as error:
        raise Unverifiable("no-ssh-keygen", "There is no ssh-keygen") from error
    with process:
        try:
            output, said = process.communicate(
                message if isinstance(message, bytes) else None, timeout=None if terminal else timeout_seconds
            )
        except subprocess.TimeoutExpired as error:
            what = f"ssh-keygen did not answer within {timeout_seconds:.0f} s"
            raise Unverifiable("ssh-keygen-silent", what) from error
        finally:
            if process.poll() is None and terminal:
                process.kill()
            elif process.poll() is None:  # and the helper with it that waits for a token on its behalf
                os.killpg(process.pid, signal.SIGKILL)
    if said.startswith(b"No user exists"):  # nor would it do anything else for this account
        raise Unverifiable("account-without-name", "ssh-keygen does nothing for an account that has no name here")
    return KeygenRun(well=process.returncode == 0, output=output, said=said.decode("utf-8", "replace").strip())


def _environment() -> dict[str, str]:
    # UTC, because the dates in `allowed_signers` and of `verify-time` are taken as local time; the trailing Z that
    # says otherwise is not known to every OpenSSH in use.
    environment = environment_without_credentials() | {"TZ": "UTC", "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
    # Its standard input is a message and no terminal, so that it would ask with a window wherever there is a display:
    # beside the terminal that somebody sits at, or on a screen that nobody looks at. Before 8.4 it knows no `never`.
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_ASKPASS"):
        environment.pop(name, None)
    return environment
