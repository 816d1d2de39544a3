"""Which server and databases a URL names, and with what credentials: never from the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from drtool.errors import Unverifiable, WrongUse, mend_of
from drtool.host.credentials import DATABASE_PASSWORDS
from drtool.mariadb.option_file import OptionLine, read_client_options

SCHEMES = ("mariadb", "mysql")
_MODIFIED = re.compile(r"(?P<loose>loose_)?(?:(?P<off>skip|disable)_|(?P<on>enable)_)?(?P<name>.*)")
_SWITCHES = {"ssl", "ssl_verify_server_cert"}
_ON, _OFF = {"1", "on", "true"}, {"0", "off", "false"}
# What drtool knows of the options of MariaDB's clients, and the shortest that each may be cut to there.
_SHORTEST = {
    "host": "ho", "password": "pas", "port": "po", "protocol": "prot", "socket": "so", "user": "us", "ssl": "ssl",
    "ssl_ca": "ssl_ca", "ssl_capath": "ssl_cap", "ssl_cert": "ssl_ce", "ssl_cipher": "ssl_ci",
    "ssl_key": "ssl_k", "ssl_verify_server_cert": "ssl_v", "tls_version": "tl",
}  # fmt: skip
# What other programs call these, and MariaDB's own refuse.
_SLIP = re.compile(
    r"passwd|pwd|pw|passphrase|usr|user_?name|host_?name|server_?port|socket_?(?:path|file)|unix_?socket"
)


@dataclass(frozen=True, kw_only=True)
class ServerAddress:
    """A server to read from.

    Attributes:
        host: its name or address.
        port: its TCP port.
        socket: the path of its socket, which is used instead where there is one.
        user: the account.
        password: the account's password; kept out of every representation.
        databases: what to read.
        tls: what the option file says of TLS, by the names of MariaDB's options; switches are 1 or 0.
        password_cut: whether the password is of an option file, in a line that a # ends.
        empty_file: the option file, if it says nothing to clients.
    """

    host: str
    port: int
    socket: str | None
    user: str
    password: str = field(repr=False)
    databases: tuple[str, ...]
    tls: Mapping[str, str] = field(default_factory=dict)
    password_cut: bool = False
    empty_file: Path | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user}@{self.socket or f'{host}:{self.port}'}"


def is_server_url(text: str) -> bool:
    """Tell whether a text is meant as the URL of a server."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def parse(
    url: str, *, defaults_file: Path | None = None, environment: Mapping[str, str] | None = None
) -> ServerAddress:
    """Understand `mariadb://user@host[:port]/db[,db2]`, also with `?socket=/path` and nothing between @ and /.

    The password comes from `DRTOOL_DB_PASSWORD` or `MYSQL_PWD`, else from the option file; a user, host, port, socket
    or TLS setting that the URL leaves out comes from the option file too. There the last line wins, whatever group of
    the client's or drtool's it is in; `password` without a value, for which MariaDB's clients would ask, is none. An
    empty variable or value is none as well. A socket of the file's is for localhost alone, as MariaDB has it.

    Args:
        url: names the server and its databases.
        defaults_file: an option file of MariaDB's; `~/.my.cnf` if not given.
        environment: in place of the process's own.

    Raises:
        WrongUse: the URL makes no sense, or holds a password.
        Unverifiable: the option file cannot be read.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise WrongUse("bad-server-url", "The server's URL has no proper host and port") from error
    if parts.password == "":
        raise WrongUse("bad-server-url", "The server's URL has a : behind the user", mend="Leave it out")
    if parts.password is not None:
        # The URL is not repeated: it would put the password into logs.
        raise WrongUse("password-in-url", "The server's URL holds a password, which everybody on this host could read")
    if "@" in parts.path + parts.query or "#" in url:
        # A slash or another sign in a password, or a # in a name: what follows is taken for something else.
        what = "The server's URL has an @ or a # where none belongs"
        raise WrongUse("bad-server-url", what, mend="In a name they are written %40 and %23")
    databases = tuple(unquote(name) for name in parts.path.strip("/").split(",") if name)
    if parts.scheme.lower() not in SCHEMES or not databases:
        raise WrongUse("bad-server-url", "The server's URL names no database")
    variables = os.environ if environment is None else environment
    path = defaults_file or Path(os.path.expanduser("~/.my.cnf"))  # noqa: PTH111 (who has no home has no such file)
    # Of the usual one, what is no file or may not be read is passed over, as MariaDB's programs do.
    there = defaults_file is not None or (path.is_absolute() and path.is_file() and os.access(path, os.R_OK))
    said = _options(path) if there else {}
    options = {name: option.value for name, option in said.items() if option.value}
    host = host or options.get("host", "localhost")
    given = next((variables[name] for name in DATABASE_PASSWORDS if variables.get(name)), None)
    return ServerAddress(
        host=host,
        port=port or _port(options),
        socket=_socket(parts) or (_socket_of(options) if host == "localhost" and not port else None),
        user=unquote(parts.username or "") or options.get("user") or _account(),
        password=options.get("password", "") if given is None else given,
        databases=databases,
        tls={name: options[name] for name in options if name in _SHORTEST and name.startswith(("ssl", "tls"))},
        password_cut=given is None and "password" in said and said["password"].commented,
        empty_file=path if there and not said else None,
    )


def _socket(parts: SplitResult) -> str | None:
    query = parse_qs(parts.query)
    if unknown := set(query) - {"socket"}:
        raise WrongUse("bad-server-url", f"The server's URL has an unknown setting {sorted(unknown)[0]!r}")
    return query["socket"][0] if "socket" in query else None


def _socket_of(options: Mapping[str, str]) -> str | None:
    """Return what localhost is reached by, if it is a socket; words may be cut as names may."""
    protocol = options.get("protocol", "").lower()
    if not ("tcp".startswith(protocol) or "socket".startswith(protocol)):
        raise Unverifiable("option-file", "The option file has a protocol other than tcp and socket")
    if protocol.startswith("s") and "socket" not in options:
        raise Unverifiable("option-file", "The option file has protocol=socket and names no socket")
    return None if protocol.startswith("t") else options.get("socket")


def _port(options: Mapping[str, str]) -> int:
    text = options.get("port", "3306")
    if not (text.isascii() and text.isdigit()):
        raise Unverifiable("option-file", "The option file names a port that is no number")
    return int(text) or 3306


def _account() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise WrongUse("bad-server-url", "The server's URL names no user") from error


def _options(path: Path) -> dict[str, OptionLine]:
    """Return what an option file says for clients: the last of each name that drtool knows, in full."""
    try:
        options = read_client_options(path)
    except WrongUse as error:
        # What the register says of a server's file is none of this one's.
        mend = "" if error.mend == mend_of(error.code) else error.mend
        raise Unverifiable("option-file", error.what, why=error.why, mend=mend) from error
    found = {option.name: option for option in _settled(options, path)}
    if odd := [name for name, option in found.items() if not option.is_text and name != "password"]:
        raise Unverifiable("option-file", f"The option file {path} has a {odd[0]!a} that is no text in UTF-8")
    return found


def _settled(options: list[OptionLine], path: Path) -> Iterator[OptionLine]:
    """Yield options without the modifiers that MariaDB's programs know: `skip-ssl` is `ssl=0`, `pass` is `password`."""
    for option, modified in ((option, _MODIFIED.fullmatch(option.name)) for option in options):
        assert modified is not None  # noqa: S101 (for the type checker: it matches everything)
        cut, off = modified["name"], modified["off"]
        name = next((full for full, short in _SHORTEST.items() if full.startswith(cut) and cut.startswith(short)), cut)
        if name.startswith(("ssl", "tls")) and name not in _SHORTEST and not modified["loose"]:
            what = f"The option file {path} has {name.replace('_', '-')!a}, no option of TLS that drtool knows"
            raise Unverifiable("option-file", what, mend="Demand TLS by ssl, ssl-ca and ssl-verify-server-cert")
        if _SLIP.fullmatch(name) and not modified["loose"]:
            what = f"The option file {path} has {name.replace('_', '-')!a}, which MariaDB's programs do not know"
            raise Unverifiable("option-file", what, mend="It is one of user, password, host, port and socket there")
        if not re.fullmatch(r"\w+", name):  # not repeated: it may be a password
            what = f"The option file {path} has a line that is neither a [group] nor name=value"
            raise Unverifiable("option-file", what, mend="Write user=..., with an equals sign")
        value = None if off else option.value
        if name in _SWITCHES:
            said = "1" if option.value is None else option.value.lower()
            if said not in {"", *_ON, *_OFF} and not (off or modified["on"]):  # to MariaDB's clients it means no
                what = f"The option file {path} says neither 1 nor 0 of {name.replace('_', '-')}"
                raise Unverifiable("option-file", what, mend="Write 1 to demand it")
            on = (said == "0") == bool(off) if off or modified["on"] else said in _ON
            value = "1" if on else "0"
        yield replace(option, name=name, value=value)
