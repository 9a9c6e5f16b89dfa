"""Create TLS certificates for a server, and enable TLS on a server of kernel 1.3."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from support.outside import until

from . import wire

NAME = "oceanbase.test"
"""The host name in the server's certificate."""


def make_certificates(folder: Path) -> None:
    """Create a CA, a server certificate for NAME that it has signed, and another CA, as PEM files in ``folder``."""
    key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
    extension = folder / "extension"
    extension.write_text(f"subjectAltName=DNS:{NAME}\n")
    for command in (
        ["req", "-x509", *key, "-subj", "/CN=Test CA", "-keyout", "ca-key.pem", "-out", "ca.pem"],
        ["req", "-x509", *key, "-subj", "/CN=Other CA", "-keyout", "other-key.pem", "-out", "other.pem"],
        ["req", *key, "-subj", f"/CN={NAME}", "-keyout", "server-key.pem", "-out", "server.csr"],
        [
            *("x509", "-req", "-days", "2", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem"),
            *("-CAcreateserial", "-extfile", "extension", "-out", "server-cert.pem"),
        ],
    ):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)


@contextmanager
def tls_enabled(server: Any, certificates: Path) -> Iterator[None]:
    """Enable TLS on a server of kernel 1.3 in the ``with`` block, with files of ``make_certificates``.

    Kernel 1.4 accepts the parameter too, but it then offers no TLS and cannot be restarted.
    """
    wallet = server.folder / "wallet"
    wallet.mkdir(exist_ok=True)
    for name in ("ca.pem", "server-cert.pem", "server-key.pem"):
        shutil.copy(certificates / name, wallet / name)
    with closing(server.login()) as root, root.cursor() as cursor:
        cursor.execute("alter system set ssl_client_authentication = true")
        until(lambda: _offers_tls(server.port))
        yield
        cursor.execute("alter system set ssl_client_authentication = false")
        # later tests would otherwise have links that a proxy cannot read
        until(lambda: not _offers_tls(server.port))


def _offers_tls(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port)) as link:
        _, greeting = wire.read_packet(link)
    return wire.offers_tls(greeting)
