"""An image of our own lays out the data folder that its program makes, and leaves to the program what it has not."""

from __future__ import annotations

import docker
import pytest

from drtool.sandbox.engine import Engine
from drtool.sandbox.image import find_image

# With an option more than usual the program makes the folder itself, in the official image with none too.
_BOTH = """
cd /tmp
arguments="--no-defaults --auth-root-authentication-method=normal --skip-test-db"
mariadb-install-db $arguments --user=mysql --datadir=/tmp/usual > /dev/null
mariadb-install-db $arguments --user=mysql --cross-bootstrap --datadir=/tmp/made > /dev/null
for folder in usual made; do
    (cd $folder && find . ! -name '*upgrade_info' -printf '%P %y %u %m\\n' | sort)
    echo =
done
"""


@pytest.mark.parametrize("series", ["10.5", "10.11", "11.8"])
def test_the_usual_folder_has_what_the_program_makes(engine: docker.DockerClient, series: str) -> None:
    image = find_image(Engine.connect(), series=series, explicit=None).reference
    said = engine.containers.run(
        image, ["-c", _BOTH], entrypoint="bash", network_mode="none", tmpfs={"/tmp": "exec"}, remove=True
    )
    usual, made, rest = said.decode().split("=\n")
    assert usual == made
    assert "ibdata1 f mysql 660\n" in usual
    assert "mysql/global_priv.MAD f mysql" in usual
    assert rest == ""
