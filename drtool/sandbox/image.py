"""Which MariaDB image a drill restores into: the series that the backup was made with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from docker.errors import APIError, DockerException

from drtool.errors import Unverifiable
from drtool.mariadb.series import numbers
from drtool.sandbox.engine import Engine, engine_errors

# The official image first; the next is what `make image` builds where no registry is reachable. Podman calls them so
# that the registry shows, which for what was built here is none: localhost.
_REPOSITORIES = ("mariadb", "drtool/mariadb", "localhost/drtool/mariadb")
# MariaDB's own registry has the images that mariadb-operator runs; a tag may name the release and what it is built on.
_SERIES_TAG = re.compile(
    r"(?:docker\.io/library/|docker-registry[12]\.mariadb\.com/library/|localhost/)?(?:mariadb|drtool/mariadb)"
    r":(?P<version>\d+\.\d+(?:\.\d+)?)(?:-(?:ubi\d*|ubuntu|bionic|focal|jammy|noble|resolute))?"
)
_OF_DEBIAN = {"10.5", "10.11", "11.8"}

DEFAULT_SERIES = "11.8"
"""The series for backups that do not name one: MariaDB's newest long-term release when this was written."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that is present in the engine.

    `digest` is the registry's digest where there is one, else the image's own id; `deviation` says how it
    differs from what was asked for.
    """

    reference: str
    digest: str
    deviation: str | None = None


def find_image(engine: Engine, *, series: str | None, explicit: str | None, exact: bool = False) -> Image:
    """Return the image to restore into, pulling it when it is not present.

    Args:
        engine: where the image must be.
        series: `major.minor` of the server that made the backup; None when the backup does not say.
        explicit: an image that the operator named; it is taken whatever the series.
        exact: no newer series will do, where this one is not to be had.

    Raises:
        Unverifiable: there is no such image here and none can be pulled.
    """
    if explicit := (explicit or "").strip():
        if found := _present(engine, explicit) or _pulled(engine, explicit):
            return found
        what = f"The image {explicit} is not in the engine and cannot be pulled"
        mend = f"Check the name, or run `docker pull {explicit}` to see why"
        raise Unverifiable("image-missing", what, mend=mend)
    wanted = series or DEFAULT_SERIES
    for repository in _REPOSITORIES:
        if found := _present(engine, f"{repository}:{wanted}"):
            return found
    if found := _newest_local(engine, at_least=None if series is None else numbers(wanted), series=series):
        return found
    if found := _pulled(engine, f"mariadb:{wanted}"):
        return found
    if not exact and (found := _newest_local(engine, at_least=numbers(wanted))):
        missing = f"The backup was made by MariaDB {wanted}; no image of that series is here or can be pulled"
        return replace(found, deviation=f"{missing}, so it was restored into the newer {found.reference}.")
    what = f"There is no MariaDB {wanted} image in the engine and mariadb:{wanted} cannot be pulled"
    build = f"or build one with `make image SERIES={wanted}`, " if wanted in _OF_DEBIAN else ""
    mend = f"Pull mariadb:{wanted} where there is a network, {build}or name one with --image (docker save, docker load)"
    raise Unverifiable("image-missing", what, mend=mend)


def _present(engine: Engine, reference: str) -> Image | None:
    with engine_errors(f"looking for the image {reference}"):
        try:
            image = engine.client.images.get(reference)
        except APIError as error:
            if error.status_code in (400, 404):  # the first where no image can be called that
                return None
            raise
    digests = image.attrs.get("RepoDigests") or []
    return Image(reference=reference, digest=digests[0].partition("@")[2] if digests else str(image.id))


def _pulled(engine: Engine, reference: str) -> Image | None:
    with engine_errors(f"pulling {reference}"):
        try:
            engine.client.api.pull(reference)
        except (DockerException, Warning):  # the SDK warns where the program that keeps logins is not there
            return None
    return _present(engine, reference)


def _newest_local(engine: Engine, *, at_least: tuple[int, ...] | None, series: str | None = None) -> Image | None:
    """Return the local image nearest above `at_least`, of `series` alone where that is given; or the newest of all."""
    with engine_errors("listing images"):
        tags = {tag for image in engine.client.api.images() for tag in image["RepoTags"] or ()}
    named = ((found["version"], tag) for tag in tags if (found := _SERIES_TAG.fullmatch(tag)))
    versions = [
        (numbers(version), tag)
        for version, tag in named
        if at_least is None or numbers(version)[:2] >= at_least
        if series is None or numbers(version)[:2] == numbers(series)
    ]
    nearest = (max if at_least is None else min)((version[:2] for version, _ in versions), default=())
    alike = [one for one in versions if one[0][:2] == nearest]
    # What is called by its series alone is taken before what names a release, which may be an old one.
    return _present(engine, max(alike, key=lambda one: (len(one[0]) == 2, one))[1]) if alike else None
