"""Reads MariaDB's option files (`my.cnf`), as the server does.

The grammar is that of https://mariadb.com/kb/en/configuring-mariadb-with-option-files/#option-file-syntax and of
`mysys/my_default.c`. INI readers do not fit it: options are given more than once, end in comments, and are escaped.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from drtool.errors import WrongUse

_LARGEST_BYTES = 1024 * 1024
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "s": " ", '"': '"', "'": "'", "\\": "\\"}
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One line of an option file; `value` is None where it has none. Dashes in a name are underscores here."""

    group: str
    name: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class OptionFile:
    """An option file as it was read.

    Attributes:
        path: where it lies.
        sha256: of its bytes, in hex.
        options: in the order in which they stand there.
    """

    path: Path
    sha256: str
    options: tuple[Option, ...]

    def of_server(self, series: str) -> list[Option]:
        """Return what a server of a series (`major.minor`) reads of it, in its order: a later one wins."""
        major = series.partition(".")[0]
        names = ("mysqld", "mariadb", "mariadbd")
        groups = {"server", "client-server", "galera", *names}
        groups |= {f"{name}-{version}" for name in names for version in (series, major)}
        return [option for option in self.options if option.group in groups]


def read_option_file(path: Path) -> OptionFile:
    """Read an option file.

    Raises:
        WrongUse: it cannot be read, breaks the grammar, or includes others.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror or "" if isinstance(error, OSError) else "it is no text in UTF-8"
        raise WrongUse("config-unreadable", f"The option file {path} cannot be read", why=why) from error
    if len(content) > _LARGEST_BYTES:
        raise WrongUse("config-unreadable", f"{path} is larger than any option file")
    return OptionFile(path=path, sha256=hashlib.sha256(content).hexdigest(), options=tuple(_options(text, path)))


def _options(text: str, path: Path) -> list[Option]:
    group: str | None = None
    found: list[Option] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("!"):
            # They name places on production's machine: what lies there on this one is somebody else's.
            raise WrongUse(
                "config-includes",
                f"Line {number} of {path} includes other option files, which drtool does not follow",
                mend="Put the server's settings into one file: `my_print_defaults --mysqld` on production lists them",
            )
        if line.startswith("["):
            name, end, _ = line[1:].partition("]")
            if not end:
                raise _broken(path, number, "a group's name does not end with ]")
            group = name.strip().lower()
            continue
        if group is None:
            raise _broken(path, number, "an option stands before the first [group]")
        name, sign, value = _without_comment(line).partition("=")
        found.append(Option(group=group, name=plain_name(name), value=_plain_value(value) if sign else None))
    return found


def plain_name(name: str) -> str:
    """Return an option's name in one form: `Max-Allowed-Packet` is `max_allowed_packet`."""
    return name.strip().lower().replace("-", "_")


def _without_comment(line: str) -> str:
    """Return a line without the comment that a `#` outside quotes begins."""
    quote, escaped = "", False
    for position, character in enumerate(line):
        if character in "'\"" and not escaped:
            quote = "" if quote == character else quote or character
        if not quote and character == "#":
            return line[:position].rstrip()
        escaped = character == "\\" and not escaped
    return line


def _plain_value(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[0]), value)


def _broken(path: Path, number: int, why: str) -> WrongUse:
    return WrongUse("config-unreadable", f"{path} is no option file, at line {number}", why=why)
