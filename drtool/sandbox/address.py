"""Where the Docker engine is, as the docker command finds it: its host, its context, its TLS; and the way there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.auth import AuthConfig
from docker.context import Context, ContextAPI
from docker.context.config import get_current_context_name
from docker.errors import DockerException
from docker.tls import TLSConfig
from docker.utils.config import find_config_file, home_dir

from drtool.errors import Unverifiable

_DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where an engine is; `context` is the one that names it, unless the environment does or nobody."""

    host: str
    context: Context | None = None

    def client(self, *, timeout_seconds: int) -> docker.DockerClient:
        """Return a client of the engine, which has said by then what it speaks.

        Raises:
            DockerException: it does not say, or the certificates are not there.
            OSError: it cannot be reached.
        """
        tls = self._tls()
        if tls and not tls.verify:  # as whoever set it up wants it
            warnings.filterwarnings("ignore", "Unverified HTTPS request")
        return _Client(base_url=self.host, tls=tls or False, timeout=timeout_seconds)

    def _tls(self) -> TLSConfig | None:
        """Return what the docker command would use: the SDK wants all three files, or none, and asks other settings."""
        if self.context:
            folder = Path(self.context.tls_path, "docker")
            verify = not self.context.endpoints["docker"].get("SkipTLSVerify")
            wanted = not verify or any(folder.glob("*.pem"))
        else:
            named = filter(None, map(os.environ.get, ("DOCKER_CERT_PATH", "DOCKER_CONFIG")))
            folder = Path(next(named, Path(home_dir(), ".docker")))
            verify = bool(os.environ.get("DOCKER_TLS_VERIFY"))
            wanted = verify or bool(os.environ.get("DOCKER_TLS"))
        if not wanted:  # the folder may be in a home that this account may not enter
            return None
        ca, cert, key = (next(map(str, folder.glob(f"{name}.pem")), "") for name in ("ca", "cert", "key"))
        return TLSConfig((cert, key) if cert and key else None, ca, verify)


def find_address() -> Address:
    """Return what `DOCKER_HOST`, or else the current docker context, names.

    Raises:
        Unverifiable: there is no such context.
    """
    if host := os.environ.get("DOCKER_HOST"):
        return Address(host=host)
    named = os.environ.get("DOCKER_CONTEXT")
    name = named or get_current_context_name() or _DEFAULT
    context: Context | None = None
    with suppress(DockerException, OSError, ValueError):
        context = ContextAPI.get_context(name)
    if context is None:
        by = "DOCKER_CONTEXT" if named else str(find_config_file())
        what = f"There is no Docker context {name!r}, which {by} names"
        raise Unverifiable("engine-unreachable", what, mend="`docker context ls` lists those there are")
    return Address(host=str(context.Host), context=None if name == _DEFAULT else context)


class _Client(docker.DockerClient):
    def __init__(self, **options: Any) -> None:
        self.api = _Api(**options)


class _Api(docker.APIClient):
    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, _without_odd_logins(value) if name == "_general_configs" else value)

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """See requests: it lets a bundle that the environment names win over the engine's own authority."""
        verify = (self.verify or False) if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, verify, cert)


def _without_odd_logins(config: object) -> dict[str, Any]:
    """Return Docker's configuration without what the SDK cannot take: nulls, and logins that do not decode.

    The docker command passes them over; only a pull needs a login, and no sandbox a proxy.
    """
    said = {name: value for name, value in config.items() if value is not None} if isinstance(config, dict) else {}
    logins = said.get("auths")
    kept = {name: login for name, login in logins.items() if _decodes(name, login)} if isinstance(logins, dict) else {}
    return {**said, "auths": kept, "proxies": {}}


def _decodes(name: str, login: Mapping[str, Any]) -> bool:
    try:
        AuthConfig.parse_auth({name: dict(login)}, raise_on_error=True)
    except (DockerException, ValueError, TypeError, AttributeError):
        return False
    return True
