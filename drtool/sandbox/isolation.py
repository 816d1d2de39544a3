"""Proof that a sandbox cannot get out: it tries to, and what happened goes on record."""

from __future__ import annotations

from importlib.resources import files

from drtool.errors import Unverifiable
from drtool.record.verdicts import IsolationProbe
from drtool.sandbox.container import Container
from drtool.sandbox.engine import Engine, engine_errors

# A closed port answers "Connection refused": that is a way out too, so only "unreachable" counts as contained.
_PROBES = files("drtool.sandbox").joinpath("probes.sh").read_text(encoding="utf-8")
_OUTSIDE_NAME = "example.com"
_OUTSIDE_ADDRESS = "192.0.2.1"  # TEST-NET-1 (RFC 5737): routed nowhere, so a probe can harm nobody
_DEFAULT_BRIDGE = "172.17.0.1"
_ATTEMPTS = 4


def probe(container: Container, resource: str) -> list[IsolationProbe]:
    """Let a container try to get out: by name, to the engine's host, to any address outside.

    Returns:
        What each attempt met, and whether the container was contained.

    Raises:
        Unverifiable: it could not try, which proves nothing either way.
    """
    host = _host_address(container.engine)
    doing = "probing the sandbox's isolation"
    answers = list(container.talk(_PROBES, _OUTSIDE_NAME, host, _OUTSIDE_ADDRESS, doing=doing).lines())
    if len(answers) != _ATTEMPTS or not all(map(str.strip, answers)):
        what = f"Whether the sandbox of {resource} is isolated could not be tried"
        raise Unverifiable("isolation-unproved", what)
    lookup, to_host, outside, interfaces = answers
    return [
        _result(resource, f"look up the name {_OUTSIDE_NAME}", lookup, lookup == "no answer"),
        _result(resource, f"reach the engine's host at {host}", to_host, to_host == "unreachable"),
        _result(resource, f"reach {_OUTSIDE_ADDRESS}, outside", outside, outside == "unreachable"),
        _result(resource, "list its network interfaces", interfaces.strip(), interfaces.split() == ["lo"]),
    ]


def _result(resource: str, attempt: str, observed: str, contained: bool) -> IsolationProbe:
    return IsolationProbe(resource=resource, attempt=attempt, observed=observed, contained=contained)


def _host_address(engine: Engine) -> str:
    with engine_errors("looking at the engine's networks"):
        bridges = engine.client.networks.list(names=["bridge"])
    configured = ((bridges[0].attrs or {}).get("IPAM") or {}).get("Config") if bridges else None
    return str((configured or [{}])[0].get("Gateway") or _DEFAULT_BRIDGE)
