"""A time-stamp authority on this host: its certificates, and an HTTP server before `openssl ts -reply`."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CONFIGURATION = """
[tsa]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Certified:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, path: Path) -> Path:
        """Write both in PEM, the certificate first, and return where."""
        path.write_bytes(
            self.certificate.public_bytes(serialization.Encoding.PEM)
            + self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path


def certified(
    name: str,
    by: Certified | None = None,
    *,
    extensions: dict[x509.ExtensionType, bool],
    ends_in: timedelta = timedelta(days=3650),
) -> Certified:
    """Make a key and its certificate; extensions come with whether they are critical."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + ends_in)
    )
    # Which key is whose must be in it: Python 3.13 and later insist (VERIFY_X509_STRICT).
    of_issuer = by.key if by else key
    keys: dict[x509.ExtensionType, bool] = {
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()): False,
        x509.AuthorityKeyIdentifier.from_issuer_public_key(of_issuer.public_key()): False,
    }
    for extension, critical in (extensions | keys).items():
        made = made.add_extension(extension, critical)
    return Certified(made.sign(by.key if by else key, hashes.SHA256()), key)


_SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
)  # fmt: skip
_ROOT: dict[x509.ExtensionType, bool] = {
    x509.BasicConstraints(ca=True, path_length=None): True,
    _SIGNS_CERTIFICATES: True,
}
_STAMPS: dict[x509.ExtensionType, bool] = {x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]): True}


@dataclass
class Tsa:
    """A time-stamp authority with its own root, an intermediate certificate, and the one that it signs with.

    Attributes:
        folder: where its files lie.
        root: the root's certificate in PEM, for those who trust it.
        digests: which it accepts.
        requests: how many it had.
        headers: of the newest request.
        behave: what it does instead of answering, if anything; it gets the request's handler and what was asked.
    """

    folder: Path
    root: Path
    digests: str = "sha256"
    requests: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    behave: Callable[[BaseHTTPRequestHandler, bytes], None] | None = None

    @classmethod
    def in_folder(cls, folder: Path, *, ends_in: timedelta = timedelta(days=3650)) -> Tsa:
        """Make an authority; `ends_in` is when the certificate that it signs with ends."""
        folder.mkdir()
        root = certified("Root", extensions=_ROOT)
        between = certified("Intermediate", root, extensions=_ROOT)
        certified("Authority", between, extensions=_STAMPS, ends_in=ends_in).write(folder / "tsa.pem")
        between.write(folder / "between.pem")
        localhost: dict[x509.ExtensionType, bool] = {x509.SubjectAlternativeName([x509.DNSName("localhost")]): False}
        certified("localhost", root, extensions=localhost).write(folder / "server.pem")
        (folder / "root.pem").write_bytes(root.certificate.public_bytes(serialization.Encoding.PEM))
        (folder / "serial").write_text("01")
        return cls(folder, folder / "root.pem")

    def answer(self, query: bytes) -> bytes:
        """Return the answer to a query, as `openssl ts` gives it: the whole chain in it, from leaf to root."""
        (self.folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=self.folder, digests=self.digests))
        (self.folder / "query").write_bytes(query)
        command = (
            "openssl ts -reply -config tsa.cnf -section tsa -queryfile query -signer tsa.pem -inkey tsa.pem "
            "-chain between.pem"
        )
        return subprocess.run(command.split(), cwd=self.folder, check=True, capture_output=True).stdout

    def token_over(self, document: Path) -> bytes:
        """Return a token over a file, asked for by hand."""
        command = ["openssl", "ts", "-query", "-data", str(document), "-sha256", "-cert"]
        return self.answer(subprocess.run(command, check=True, capture_output=True).stdout)

    @contextmanager
    def served(self, *, encrypted: bool = False) -> Iterator[str]:
        """Answer over HTTP within the block; yields the URL."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                authority.requests += 1
                authority.headers = dict(self.headers)
                if authority.behave:
                    authority.behave(self, query)
                    return
                reply(self, authority.answer(query))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if encrypted:
            context = SSLContext(PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.folder / "server.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http{'s' if encrypted else ''}://localhost:{server.server_port}/tsr"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def reply(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200) -> None:
    """Answer a request."""
    handler.send_response(status)
    handler.send_header("Content-Type", "application/timestamp-reply")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def endlessly(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    """Send bytes as long as somebody takes them."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"\x30" * 65536)
    except OSError:
        return


def byte_by_byte(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    """Send a byte now and then, so that no time limit for a single piece is ever reached."""
    handler.send_response(200)
    handler.end_headers()
    _drip(handler)


def heading_byte_by_byte(handler: BaseHTTPRequestHandler, _query: bytes) -> None:
    """Do the same before anything of the answer's body."""
    handler.send_response(200)
    handler.flush_headers()
    handler.wfile.write(b"X-Patience: ")
    _drip(handler)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    try:
        for _ in range(100):
            handler.wfile.write(b"\x30")
            time.sleep(0.1)
    except OSError:
        return
