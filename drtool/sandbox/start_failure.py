"""Why a server of the sandbox did not start, by the last lines of its log."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drtool.errors import Unverifiable

_NO_LIBRARY = re.compile(r"Can't open shared library '(?:[^']*/)?(?P<library>\w+)\.so'")
_UNKNOWN = re.compile(r"unknown (?:variable|option) '(?:--)?(?P<name>[\w-]+)")
_REFUSED = re.compile(
    r"Error while setting value .* to '(?P<name>[\w-]+)'|Illegal or unknown default (time zone)|"
    r"Unknown(?:/unsupported)? (collation|character set|default time zone|storage engine(?!: InnoDB))|"
    r"(COLLATION) .* is not valid|(Character set) '.*' is not a compiled|Invalid (page size)=|parse (innodb_\w+)="
)


def plugin_missing(libraries: Sequence[str]) -> Unverifiable:
    """Return the error for a server without plugins that it was started with."""
    what = f"The MariaDB server in the sandbox has no plugin {', '.join(libraries)}"
    why = "its image does not ship it, or what it needs (such as its keys) is not right"
    return Unverifiable("plugin-missing", what, why=why)


def start_failure(log: str, why: str) -> Unverifiable:
    """Return the error for a server that did not come up.

    Args:
        log: the end of what it logged; it may quote settings' values, which are not repeated.
        why: how it ended, as far as that shows from outside.
    """
    lines = log.splitlines()
    # Whatever else is complained of may need it: an engine, or settings of its own.
    if absent := _NO_LIBRARY.findall(log):
        return plugin_missing(list(dict.fromkeys(absent)))
    # A value that does not parse is complained of as an unknown variable too, after that it was refused.
    if refused := next(filter(None, map(_REFUSED.search, lines)), None):
        name = next(filter(None, refused.groups())).lower().replace("page size", "innodb_page_size").replace("-", "_")
        what = f"The MariaDB server in the sandbox does not take the value that was set for {name}"
        return Unverifiable("setting-refused", what)
    if unknown := next(filter(None, map(_UNKNOWN.search, [line for line in lines if "[ERROR]" in line])), None):
        name = unknown["name"].replace("-", "_")
        mend = f"Leave it out, write it loose_{name}, or load the plugin that it belongs to (plugin_load_add)"
        return Unverifiable("setting-unknown", f"The MariaDB server in the sandbox knows no setting {name}", mend=mend)
    errors = [line for line in lines if "ERROR" in line and not line.rstrip().endswith("Aborting")]
    errors = errors or sorted(lines, key=lambda line: "[Warning]" in line or "[Note]" in line)
    # The first of them is the cause, the others are what came of it.
    said = errors[0].strip().rstrip(".") if errors else "nothing"
    what = "The MariaDB server in the sandbox did not come up"
    return Unverifiable("server-not-ready", what, why=why, mend=f"It said: {said}")
