"""Which server and databases a URL names, and with what credentials: never from the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from drtool.errors import Unverifiable, WrongUse
from drtool.host.credentials import DATABASE_PASSWORDS

SCHEMES = ("mariadb", "mysql")
_GROUPS = ("client", "client-server", "client-mariadb", "drtool")
_EXAMPLE = "Write it as mariadb://user@host/database or mariadb://user@host:3306/one,two"


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
    """

    host: str
    port: int
    socket: str | None
    user: str
    password: str = field(repr=False)
    databases: tuple[str, ...]
    tls: Mapping[str, str | bool] = field(default_factory=dict)

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
    or TLS setting that the URL leaves out comes from the option file too.

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
        raise WrongUse("bad-server-url", "The server's URL has no proper host and port", mend=_EXAMPLE) from error
    if parts.password is not None:
        # The URL is not repeated: it would put the password into logs.
        raise WrongUse(
            "password-in-url",
            "The server's URL holds a password, which everybody on this host could read",
            mend="Leave it out, and put the password into DRTOOL_DB_PASSWORD or an option file; change it, too",
        )
    if "@" in parts.path + parts.query + parts.fragment:
        # A slash or another sign in a password, and what follows it is taken for something else.
        raise WrongUse("bad-server-url", "The server's URL has an @ where none belongs", mend=_EXAMPLE)
    databases = tuple(unquote(name) for name in parts.path.strip("/").split(",") if name)
    if parts.scheme.lower() not in SCHEMES or not databases:
        raise WrongUse("bad-server-url", "The server's URL names no database", mend=_EXAMPLE)
    variables = os.environ if environment is None else environment
    options = _options(defaults_file)
    socket = _socket(parts) or (options.get("socket") if not host else None)
    password = next((variables[name] for name in DATABASE_PASSWORDS if name in variables), options.get("password", ""))
    return ServerAddress(
        host=host or options.get("host", "localhost"),
        port=port or _port(options),
        socket=socket,
        user=unquote(parts.username or "") or options.get("user") or _account(),
        password=password,
        databases=databases,
        tls=_tls(options),
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
        raise WrongUse("bad-server-url", "The server's URL names no user", mend=_EXAMPLE) from error


def _options(file: Path | None) -> dict[str, str]:
    """Return what an option file says for clients; later groups win, and dashes are as good as underscores."""
    path = file or Path.home() / ".my.cnf"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if file is None:
            return {}
        raise Unverifiable("option-file", f"There is no option file {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unverifiable("option-file", f"The option file {path} cannot be read", why=type(error).__name__) from error
    parser = ConfigParser(allow_no_value=True, interpolation=None, strict=False, inline_comment_prefixes=None)
    try:
        # `!include` and `!includedir` are directives of MariaDB's own.
        parser.read_string("\n".join(line for line in text.splitlines() if not line.lstrip().startswith("!")))
    except Error as error:
        # Its text quotes lines of the file, and one of them is a password.
        raise Unverifiable("option-file", f"The option file {path} is not in MariaDB's format") from error
    found: dict[str, str] = {}
    for group in _GROUPS:
        if parser.has_section(group):
            found |= {name.replace("_", "-"): _unquoted(value) for name, value in parser.items(group)}
    return found


def _unquoted(value: str | None) -> str:
    text = (value or "").strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _tls(options: Mapping[str, str]) -> dict[str, str | bool]:
    files = {
        "ssl_ca": options.get("ssl-ca"),
        "ssl_cert": options.get("ssl-cert"),
        "ssl_key": options.get("ssl-key"),
    }
    tls: dict[str, str | bool] = {name: value for name, value in files.items() if value}
    wanted = "ssl" in options and options["ssl"].lower() not in {"0", "off", "false"}
    if "ssl-verify-server-cert" in options:
        verify = options["ssl-verify-server-cert"].lower() not in {"0", "off", "false"}
        tls |= {"ssl_verify_cert": verify, "ssl_verify_identity": verify}
    elif tls.get("ssl_ca"):
        tls["ssl_verify_cert"] = True
    elif wanted:
        tls["ssl_verify_cert"] = False
    return tls
