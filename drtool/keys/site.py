"""This site's own configuration: its signing key, and the keys it has pinned."""

from __future__ import annotations

import os
from pathlib import Path

from drtool.errors import Unverifiable


def config_folder() -> Path:
    """Return `$XDG_CONFIG_HOME/drtool`, by default `~/.config/drtool`; it need not exist.

    Raises:
        Unverifiable: the account has no home folder.
    """
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    if Path(configured).is_absolute():  # a relative one is to be ignored, says the XDG specification
        return Path(configured) / "drtool"
    try:
        return Path.home() / ".config" / "drtool"
    except RuntimeError as error:
        raise Unverifiable("no-home", "This account has no home folder") from error


def signing_key_path() -> Path:
    """Return where the site's own signing key lies, once it is made."""
    return config_folder() / "signing_key"


def pins_path() -> Path:
    """Return where the keys lie that this site trusts."""
    return config_folder() / "allowed_signers"
