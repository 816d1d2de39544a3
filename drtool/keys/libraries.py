"""What only time-stamps and statements need: libraries that are not installed unless they are asked for."""

from __future__ import annotations

import importlib

from drtool.errors import Unverifiable

INSTALL = "pip install 'drtool[attestation]'"


def require(*modules: str) -> None:
    """See to it that modules of such libraries are there.

    Raises:
        Unverifiable: one is not installed.
    """
    try:
        for module in modules:
            importlib.import_module(module)
    except ImportError as error:
        what = "Time-stamps and statements need libraries that are not installed here"
        why = f"there is no {error.name or 'such module'}"
        raise Unverifiable("library-missing", what, why=why, mend=f"Run `{INSTALL}`") from error
