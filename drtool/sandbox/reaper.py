"""Takes away what drills left behind that could not clean up after themselves."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import CONFLICT

import tenacity
from docker.errors import APIError
from docker.models.containers import Container as DockerContainer
from docker.models.volumes import Volume

from drtool.errors import Unverifiable
from drtool.sandbox import labels
from drtool.sandbox.engine import Engine, engine_errors
from drtool.sandbox.sandbox import find, remove

_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """Something that a drill left behind, and that is gone now unless it was only looked for.

    Attributes:
        drill_id: the drill.
        name: of the container or volume.
        refused: why it is still there, in the engine's words: somebody uses it, say; else empty.
    """

    drill_id: str
    name: str
    refused: str = ""


def reap(
    engine: Engine, *, kept_too: bool = False, others_too: bool = False, of: str | None = None, dry_run: bool = False
) -> list[Leftover]:
    """Remove containers and volumes whose drill is over.

    Args:
        engine: where to look.
        kept_too: also what was kept on request and has not expired.
        others_too: also what drills of other scopes left, if we have none.
        of: also all of this drill, by its id: somebody knows that it is over.
        dry_run: only look.

    Returns:
        What was (or would be) removed, or could not be; sandboxes of drills still running are never touched.

    Raises:
        Unverifiable: the engine stopped answering.
    """
    reaped = []
    for resource in find(engine, labels.DRILL):
        found = _labels(resource)
        if found[labels.DRILL] == of or labels.is_leftover(found, kept_too=kept_too, others_too=others_too):
            name, refused = f"{resource.name}", ""
            try:
                with engine_errors("removing what was left behind"):
                    name = name if dry_run else _remove(resource)
            except Unverifiable as error:
                if error.code != "engine-refused":
                    raise
                refused = error.why
            reaped.append(Leftover(drill_id=found[labels.DRILL], name=name, refused=refused))
    return reaped


def left_alone(engine: Engine) -> dict[str, str]:
    """Return until when (RFC 3339, UTC) at the most the sandboxes that are there stay, by the ids of their drills.

    They run, or may run where we cannot see it, or were kept on request.
    """
    standing = map(_labels, find(engine, labels.DRILL))
    return {found[labels.DRILL]: found.get(labels.EXPIRES, "it is removed by hand") for found in standing}


def _labels(resource: DockerContainer | Volume) -> dict[str, str]:
    return resource.attrs.get("Labels") or (resource.attrs.get("Config") or {}).get("Labels") or {}


def _remove(resource: DockerContainer | Volume) -> str:
    """Remove something, though another drtool may be at it: a volume stays in use until its container is gone."""
    waiting = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, APIError) and error.status_code == CONFLICT),
        wait=tenacity.wait_fixed(0.25),
        stop=tenacity.stop_after_delay(_PATIENCE_SECONDS),
        reraise=True,
    )
    return str(waiting(remove, resource))
