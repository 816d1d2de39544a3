"""Lists of keys in OpenSSH's `allowed_signers` format: the keys this site trusts, and those a reports folder shows.

Two lists, never to be mixed up. The site's own, in its configuration, is what `drtool audit` trusts. The one
beside the reports only spares an auditor a question: whoever can change the reports can change it too.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from pathlib import Path

from drtool.errors import Unverifiable
from drtool.host.durable import locked_folder, replace_files, unwritable
from drtool.keys import site
from drtool.keys.signature import PublicKey
from drtool.keys.ssh_keygen import NAMESPACE

NAME = "allowed_signers"


class Pinning(Enum):
    """How a key stands with this site."""

    PINNED_NOW = auto()
    PINNED_BEFORE = auto()
    NOT_PINNED = auto()


def line(principal: str, public: PublicKey) -> str:
    """Return the line that allows a key to sign reports, and nothing else."""
    return f'{principal} namespaces="{NAMESPACE}" {public.kind} {public.text}\n'


def lists(content: str, public: PublicKey) -> bool:
    """Tell whether a list names a key, for whatever purpose and time."""
    return bool(lines_of(content, public))


def lines_of(content: str, public: PublicKey) -> list[str]:
    """Return the lines of a list that name a key, for whatever purpose and time."""
    return [entry for entry in entries(content) if public.text in entry.split()]


def entries(content: str) -> list[str]:
    """Return the lines that name a key, which in OpenSSH's formats begins with AAAA behind a blank; no comments."""
    stripped = (entry.strip() for entry in content.splitlines())
    return [entry for entry in stripped if not entry.startswith("#") and re.search(r"\sAAAA", entry)]


def show(reports: Path, principal: str, public: PublicKey) -> None:
    """See to it that the list beside the reports names a key; what stands there already stays as it is.

    Raises:
        Unverifiable: the list cannot be read or written.
    """
    path = reports / NAME
    try:
        reports.mkdir(parents=True, exist_ok=True)
        if path.exists() and lists(_read(path), public):
            return
        with locked_folder(reports):
            _add(path, principal, public)
    except OSError as error:
        raise unwritable(path, error) from error


def pin(principal: str, public: PublicKey, *, only_first: bool = False) -> Pinning:
    """Pin a key, so that this site's audits trust its signatures from now on.

    Args:
        principal: who signs with it.
        public: the key.
        only_first: pin it only where nothing is pinned yet.

    Raises:
        Unverifiable: the site's configuration cannot be written.
    """
    path = site.pins_path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked_folder(path.parent):
            content = _read(path) if path.exists() else ""
            if lists(content, public):
                return Pinning.PINNED_BEFORE
            if only_first and entries(content):
                return Pinning.NOT_PINNED
            _add(path, principal, public)
            return Pinning.PINNED_NOW
    except OSError as error:
        what = f"The key cannot be pinned in {path}"
        raise Unverifiable("pins-unwritable", what, why=error.strerror or str(error)) from error


def _add(path: Path, principal: str, public: PublicKey) -> None:
    content = _read(path) if path.exists() else ""
    if not lists(content, public):
        ended = content if content.endswith("\n") or not content else content + "\n"
        replace_files(path.parent, {path.name: (ended + line(principal, public)).encode()})


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Unverifiable("pins-unreadable", f"{path} is no list of keys", why="it is not text") from error
