"""Which server and databases a URL names, and with what credentials: never from the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from drtool.errors import Unverifiable, WrongUse
from drtool.host.credentials import DATABASE_PASSWORDS
from drtool.mariadb.option_file import OptionLine, read_client_options

SCHEMES = ("mariadb", "mysql")
_SWITCH = re.compile(r"(?:(?P<off>skip|disable)_|enable_)?(?P<name>ssl|ssl_verify_server_cert)")
_OFF = {"0", "off", "false"}


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
        tls: options for PyMySQL's connect, empty for a connection without TLS.
        password_cut: whether the password is of an option file, in a line that a # ends.
    """

    host: str
    port: int
    socket: str | None
    user: str
    password: str = field(repr=False)
    databases: tuple[str, ...]
    tls: Mapping[str, str | bool] = field(default_factory=dict)
    password_cut: bool = False

    def __str__(self) -> str:
        return f"{self.user}@{self.socket or f'{self.host}:{self.port}'}"


def is_server_url(text: str) -> bool:
    """Tell whether a text is meant as the URL of a server."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def parse(
    url: str, *, defaults_file: Path | None = None, environment: Mapping[str, str] | None = None
) -> ServerAddress:
    """Understand `mariadb://user@host[:port]/db[,db2]`, also with `?socket=/path` and nothing between @ and /.

    The password comes from `DRTOOL_DB_PASSWORD` or `MYSQL_PWD`, else from the option file; a user, host, port, socket
    or TLS setting that the URL leaves out comes from the option file too. There the last line wins, whatever group of
    the client's or drtool's it is in; `password` without a value, for which MariaDB's clients would ask, is none.

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
    if parts.password is not None:
        # The URL is not repeated: it would put the password into logs.
        raise WrongUse("password-in-url", "The server's URL holds a password, which everybody on this host could read")
    if "@" in parts.path + parts.query + parts.fragment:
        # A slash or another sign in a password, and what follows it is taken for something else.
        raise WrongUse("bad-server-url", "The server's URL has an @ where none belongs")
    databases = tuple(unquote(name) for name in parts.path.strip("/").split(",") if name)
    if parts.scheme.lower() not in SCHEMES or not databases:
        raise WrongUse("bad-server-url", "The server's URL names no database")
    variables = os.environ if environment is None else environment
    said = _options(defaults_file)
    options = {name: option.value or "" for name, option in said.items()}
    socket = _socket(parts) or (options.get("socket") if not host else None)
    given = next((variables[name] for name in DATABASE_PASSWORDS if name in variables), None)
    return ServerAddress(
        host=host or options.get("host", "localhost"),
        port=port or _port(options),
        socket=socket,
        user=unquote(parts.username or "") or options.get("user") or _account(),
        password=options.get("password", "") if given is None else given,
        databases=databases,
        tls=_tls(options),
        password_cut=given is None and "password" in said and said["password"].commented,
    )


def _socket(parts: SplitResult) -> str | None:
    query = parse_qs(parts.query)
    if unknown := set(query) - {"socket"}:
        raise WrongUse("bad-server-url", f"The server's URL has an unknown setting {sorted(unknown)[0]!r}")
    return query["socket"][0] if "socket" in query else None


def _port(options: Mapping[str, str]) -> int:
    text = options.get("port", "3306")
    if not text.isdigit():
        raise Unverifiable("option-file", "The option file names a port that is no number")
    return int(text)


def _account() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise WrongUse("bad-server-url", "The server's URL names no user") from error


def _options(file: Path | None) -> dict[str, OptionLine]:
    """Return what an option file says for clients: the last of each name, without the prefix that makes it optional."""
    path = file or Path.home() / ".my.cnf"
    if file is None and not os.path.lexists(path):
        return {}
    try:
        options = read_client_options(path)
    except WrongUse as error:
        raise Unverifiable("option-file", error.what, why=error.why, mend=error.mend) from error
    found = {option.name: option for option in map(_settled, options)}
    if odd := [name for name, option in found.items() if not option.is_text and name != "password"]:
        raise Unverifiable("option-file", f"The option file {path} has a {odd[0]!a} that is no text in UTF-8")
    return found


def _settled(option: OptionLine) -> OptionLine:
    """Return an option without the prefixes that MariaDB's programs know: `skip-ssl` is `ssl=0`."""
    name = option.name.removeprefix("loose_")
    if (switch := _SWITCH.fullmatch(name)) is None:
        return replace(option, name=name)
    on = ((option.value or "").lower() in _OFF) == bool(switch["off"])
    return replace(option, name=switch["name"], value="1" if on else "0")


def _tls(options: Mapping[str, str]) -> dict[str, str | bool]:
    files = ("ssl_ca", "ssl_cert", "ssl_key")
    tls: dict[str, str | bool] = {name: options[name] for name in files if options.get(name)}
    if "ssl_verify_server_cert" in options:
        verify = options["ssl_verify_server_cert"] == "1"
        tls |= {"ssl_verify_cert": verify, "ssl_verify_identity": verify}
    elif tls.get("ssl_ca"):
        tls["ssl_verify_cert"] = True
    elif options.get("ssl") == "1":
        tls["ssl_verify_cert"] = False
    return tls
