"""One TLS context per set of options, and its requirements in each mode."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.options import TlsOptions
from dbt.adapters.oceanbase.connect.transport import tls


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a self-signed certificate, its key, and the same key encrypted."""
    folder = tmp_path_factory.mktemp("tls")
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    commands = (
        [*request, "-keyout", "key.pem", "-out", "cert.pem"],
        ["openssl", "rsa", "-in", "key.pem", "-aes128", "-passout", "pass:word", "-out", "encrypted.pem"],
    )
    for command in commands:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def test_no_context_where_tls_is_off() -> None:
    assert tls.context(TlsOptions("disabled")) is None


@pytest.mark.parametrize("mode", ["preferred", "required", "verify_ca", "verify_identity"])
def test_one_context_for_equal_options(mode: str) -> None:
    first = tls.context(TlsOptions(mode))  # type: ignore[arg-type]

    assert tls.context(TlsOptions(mode)) is first  # type: ignore[arg-type]
    assert first is not None
    assert first.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("mode", "has_ca", "verify", "check_hostname"),
    [
        ("preferred", False, ssl.CERT_NONE, False),
        ("required", False, ssl.CERT_NONE, False),
        ("verify_ca", False, ssl.CERT_REQUIRED, True),
        ("verify_identity", False, ssl.CERT_REQUIRED, True),
        ("verify_ca", True, ssl.CERT_REQUIRED, False),
        ("verify_identity", True, ssl.CERT_REQUIRED, True),
    ],
)
def test_what_a_mode_asks_for(
    certificate: Path, mode: str, has_ca: bool, verify: ssl.VerifyMode, check_hostname: bool
) -> None:
    ca = str(certificate / "cert.pem") if has_ca else None

    context = tls.context(TlsOptions(mode, ca=ca))  # type: ignore[arg-type]

    assert context is not None
    assert context.verify_mode == verify
    assert context.check_hostname is check_hostname
    if has_ca:
        assert [dict(each["subject"][0])["commonName"] for each in context.get_ca_certs()] == ["localhost"]  # type: ignore[arg-type, index]


@pytest.mark.parametrize(("mode", "required"), [("disabled", False), ("preferred", False), ("required", True)])
def test_which_modes_refuse_a_plain_link(mode: str, required: bool) -> None:
    assert tls.is_required(TlsOptions(mode)) is required  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cert", "key"),
    [("cert.pem", "missing.pem"), ("missing.pem", "key.pem"), ("key.pem", "key.pem"), ("cert.pem", "encrypted.pem")],
)
def test_files_that_cannot_be_used(certificate: Path, cert: str, key: str) -> None:
    options = TlsOptions("required", cert=str(certificate / cert), key=str(certificate / key))

    with pytest.raises(errors.TlsFailed, match=r"ssl_ca, ssl_cert or ssl_key cannot be used \(2026\)") as raised:
        tls.context(options)

    assert not raised.value.retryable
    assert len(str(raised.value)) <= 300


def test_a_ca_file_without_a_certificate(certificate: Path) -> None:
    with pytest.raises(errors.TlsFailed):
        tls.context(TlsOptions("verify_ca", ca=str(certificate / "key.pem")))


def test_a_client_certificate_is_loaded(certificate: Path) -> None:
    options = TlsOptions("required", cert=str(certificate / "cert.pem"), key=str(certificate / "key.pem"))

    assert tls.context(options) is not None


def test_files_that_were_renewed_are_read_again(certificate: Path, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    shutil.copy2(certificate / "cert.pem", cert)
    shutil.copy2(certificate / "key.pem", key)
    options = TlsOptions("verify_ca", ca=str(cert), cert=str(cert), key=str(key))
    first = tls.context(options)

    written = os.stat(key).st_mtime_ns
    # a key that does not match the certificate yet
    key.write_text("half of a key")
    assert tls.context(options) is first
    key.unlink()
    assert tls.context(options) is first
    shutil.copy2(certificate / "key.pem", key)
    assert tls.context(options) is first
    os.utime(key, ns=(written + 1, written + 1))
    second = tls.context(options)

    assert second is not first
    assert tls.context(options) is second
