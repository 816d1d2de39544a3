"""Reads MariaDB's option files (`my.cnf`): the server's, and those that its clients log in with.

The grammar is that of https://mariadb.com/kb/en/configuring-mariadb-with-option-files/#option-file-syntax and of
`mysys/my_default.c`. INI readers do not fit it: options are given more than once, end in comments, and are escaped.
What an option file says is what `my_print_defaults` makes of it, byte for byte; whatever encoding it is in.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drtool.errors import WrongUse
from drtool.mariadb.series import numbers

_LARGEST_BYTES = 1024 * 1024
# MariaDB reads into 4,095 bytes: what is left of a longer line is a line of its own.
_LINE = re.compile(rb"[^\n]{0,4093}\n|[^\n]{1,4094}")
_BLANKS = b" \t\n\v\f\r\xa0"  # the last is half of an à in UTF-8, of which MariaDB takes no notice
_INCLUDE = re.compile(rb"(?P<mark>[!?])[\s\xa0]*include(?P<folder>dir)?[\s\xa0](?P<place>.*)", re.DOTALL)
_DEEPEST_INCLUDE = 10
_UNCOMMENTED = re.compile(rb"""(?:[^'"#]|'(?:\\.|[^'\\])*(?:'|\\?\Z)|"(?:\\.|[^"\\])*(?:"|\\?\Z))*""", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"s": b" ", b'"': b'"', b"'": b"'", b"\\": b"\\"}
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_SEVERAL = re.compile(rb"""--(?:[^'"]|'[^']*'|"[^"]*")*?\s--[a-zA-Z]""")  # outside quotes
# What is called so is an option of its own, and no form of another (`mariadbd --verbose --help`).
_OF_ITS_OWN = re.compile(
    r"skip_(?:grant_tables|host_cache|name_resolve|networking|show_database|slave_start)|plugin_(?:dir|load\w*|maturity)"
)
_PLAIN = "Write it as plain text in UTF-8, without a byte order mark"
_FOREIGN = {
    b"\xef\xbb\xbf": ("it begins with a byte order mark", _PLAIN),
    b"\xff\xfe": ("it is in UTF-16", _PLAIN), b"\xfe\xff": ("it is in UTF-16", _PLAIN),
    bytes(4): ("it is a login path of MySQL's", "Write user, password and host into a file, in a group [client]"),
}  # fmt: skip

CLIENT_GROUPS = ("client", "client-server", "client-mariadb", "drtool")
"""The groups that drtool's own logins are in."""


@dataclass(frozen=True, kw_only=True)
class OptionLine:
    """One line of an option file; `value` is None where it has none. Dashes in a name are underscores here.

    Bytes that are no UTF-8 are surrogates, as in names of files. `commented` says whether a # ended the line.
    """

    group: str
    name: str
    value: str | None
    commented: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is text in UTF-8, without a zero byte, which no argument of a program can hold."""
        return not any(
            "\udc80" <= character <= "\udcff" or not ord(character) for character in self.name + (self.value or "")
        )


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
    options: tuple[OptionLine, ...]

    def of_server(self, series: str) -> list[OptionLine]:
        """Return what a server of a series (`major.minor`) reads of it, in its order: a later one wins."""
        groups = {"server", "client-server", "galera", "mysqld", "mariadb", "mariadbd"}
        groups |= {f"{name}-{series}" for name in ("mysqld", "mariadb", "mariadbd")}
        if (major := numbers(series)[0]) >= 11:
            groups |= {f"mariadb-{major}", f"mariadbd-{major}"}
        return [option for option in self.options if option.group in groups]


def read_option_file(path: Path) -> OptionFile:
    """Read a server's option file, or what `my_print_defaults --mysqld` printed of several.

    Raises:
        WrongUse: it cannot be read, breaks the grammar, or includes others.
    """
    content = _content(path)
    options = tuple(_printed(content, path) or _options(content, path, depth=None))
    if not all(option.is_text for option in options):
        raise WrongUse("config-unreadable", f"{path} cannot be read", why="it has settings that are no text in UTF-8")
    return OptionFile(path=path, sha256=hashlib.sha256(content).hexdigest(), options=options)


def read_client_options(path: Path) -> list[OptionLine]:
    """Read an option file, and those that it includes, as MariaDB's clients do, for what drtool itself logs in with.

    Raises:
        WrongUse: one of them cannot be read, breaks the grammar, or can be written by everybody.
    """
    return [one for one in _options(_content(path, own=True), path, depth=0) if one.group in CLIENT_GROUPS]


def plain_name(name: str) -> str:
    """Return an option's name in one form: `Max-Allowed-Packet` is `max_allowed_packet`."""
    return name.strip(" \t").lower().replace("-", "_")


def settled(name: str, value: str | None) -> tuple[str, str]:
    """Return what a server takes an option for: `loose-skip-innodb-strict-mode` is `innodb_strict_mode`, 0."""
    bare = plain_name(name).removeprefix("loose_")
    prefix, _, rest = bare.partition("_")
    if prefix in {"skip", "disable", "enable"} and not _OF_ITS_OWN.fullmatch(bare):
        # Of all values 0 alone turns the prefix round (`mysys/my_getopt.c`).
        bare, value = rest, "1" if (prefix == "enable") is (value != "0") else "0"
    return bare if _OF_ITS_OWN.fullmatch(bare) else bare.removeprefix("plugin_"), "1" if value is None else value


def _content(path: Path, *, own: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            fixed = os.fstatvfs(file.fileno()).f_flag & os.ST_RDONLY  # whatever its mode says, nobody can write to it
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        what = f"The option file {path} cannot be read"
        raise WrongUse("config-unreadable", what, why=error.strerror or "") from error
    if own and stat.S_ISREG(mode) and mode & stat.S_IWOTH and not fixed:
        what = f"The option file {path} can be written by everybody on this host, so MariaDB does not read it"
        raise WrongUse("config-unreadable", what, mend=f"chmod o-w {path}")
    if len(content) > _LARGEST_BYTES:
        raise WrongUse("config-unreadable", f"{path} is larger than any option file")
    for why, mend in (told for begins, told in _FOREIGN.items() if content.startswith(begins)):
        raise WrongUse("config-unreadable", f"{path} is no option file", why=why, mend=mend)
    return content


def _options(content: bytes, path: Path, *, depth: int | None) -> Iterator[OptionLine]:
    """Yield the options of a file and of those that it includes, of which there may be none where `depth` is None."""
    group: str | None = None
    number = 1
    for found in _LINE.finditer(content):
        line = found[0].partition(b"\0")[0].lstrip(_BLANKS)
        if line.startswith((b"!", b"?")):  # the latter, of 11.8, may name what is not there
            if (include := _INCLUDE.match(line)) is not None:
                yield from _included(include, path, number, depth)
        elif line.startswith(b"["):
            name, end, _ = line[1:].partition(b"]")
            if not end:
                raise _broken(path, number, "a group's name does not end with ]")
            group = _text(name.rstrip(_BLANKS)).lower()
        elif line and line[0] not in b"#;":
            if group is None:
                raise _broken(path, number, "an option stands before the first [group]")
            yield _option(group, line)
        number += found[0].endswith(b"\n")


def _printed(content: bytes, path: Path) -> list[OptionLine]:
    """Return what each line says, where all begin with dashes: quotes, escapes and comments are taken off already."""
    # A terminal, as of `docker exec -it`, puts a \r before the end of each line, which would make OFF of ON.
    lines = [line.rstrip(b"\r") for line in content.split(b"\n")]
    if not all(line.startswith(b"--") for line in lines if line.strip(_BLANKS)):
        return []
    if several := next((number for number, line in enumerate(lines, 1) if _SEVERAL.match(line)), 0):
        raise _broken(path, several, "it has several options there, and each belongs on a line of its own")
    said = (line[2:].partition(b"=") for line in lines if line.strip(_BLANKS))
    return [
        OptionLine(group="mysqld", name=plain_name(_text(name)), value=_text(value) if sign else None)
        for name, sign, value in said
    ]


def _option(group: str, line: bytes) -> OptionLine:
    said = next(_UNCOMMENTED.finditer(line))[0]
    name, sign, value = said.partition(b"=")
    return OptionLine(
        group=group,
        name=plain_name(_text(name.rstrip(_BLANKS))),
        value=_text(_plain_value(value)) if sign else None,
        commented=len(said) < len(line),
    )


def _plain_value(value: bytes) -> bytes:
    value = value.strip(_BLANKS)
    if len(value) >= 2 and value[0] == value[-1] and value[0] in b"'\"":
        value = value[1:-1]
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[0]), value)


def _included(include: re.Match[bytes], path: Path, number: int, depth: int | None) -> Iterator[OptionLine]:
    """Yield the options of what a line includes, in MariaDB's order; a file that may not be read is none.

    Relative paths are relative to the working directory, and ~ is known for files alone, as MariaDB has it.
    """
    if depth is None:
        # They name places on production's machine: what lies there on this one is somebody else's.
        what = f"Line {number} of {path} includes other option files, which drtool does not follow"
        raise WrongUse("config-includes", what)
    if depth == _DEEPEST_INCLUDE:
        raise _broken(path, number, "option files include each other more than ten deep")
    if include["place"][-1:] not in _BLANKS:
        raise _broken(path, number, "nothing ends the line, of which MariaDB drops the last character then")
    place = os.fsdecode(include["place"].strip(_BLANKS))
    if not place:
        raise _broken(path, number, "it includes nothing")
    try:
        files = [Path(os.path.expanduser(place))]  # noqa: PTH111 (the ~ of nobody is no mistake)
        if include["folder"]:
            beside = (file for file in Path(place).iterdir() if file.name.endswith(".cnf"))
            files = sorted(beside, key=lambda file: os.fsencode(file.name))
        files = [file for file in files if os.access(file, os.R_OK) and not file.is_dir()]
    except OSError as error:
        if include["mark"] == b"?":
            return
        raise _broken(path, number, f"it includes what cannot be read ({type(error).__name__})") from error
    for file in files:
        yield from _options(_content(file, own=True), file, depth=depth + 1)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _broken(path: Path, number: int, why: str) -> WrongUse:
    return WrongUse("config-unreadable", f"{path} is no option file, at line {number}", why=why)
