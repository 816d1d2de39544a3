"""A real S3 server over HTTP, on loopback."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from moto import backends
from moto.server import ThreadedMotoServer

# It looks for the services that it knows on the disk at each request, and spends most of its time on that.
backends.list_of_moto_modules = functools.cache(lambda known=backends.list_of_moto_modules: tuple(known()))


@contextmanager
def s3_server() -> Iterator[str]:
    """Run the server, and return its URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
