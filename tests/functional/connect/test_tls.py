"""TLS on a kernel that supports it: every mode, a wrong CA, and a wrong name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import pytest
from faults.certificates import tls_enabled
from faults.odp import Odp
from faults.tcp_proxy import FaultProxy, place_of
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions, TlsOptions
from dbt.adapters.oceanbase.connect.transport import tls

PASSWORD = "s3cr3t-word"
NAME = "oceanbase.test"
PATIENT = RetryOptions(connect_timeout=PATIENCE, deadline=PATIENCE)
MISNAMED = (
    "is not used, because its certificate is for another name: set ssl_server_name to a name that all certificates "
    "have, or list the servers in hosts by the names in their certificates"
)


def make_certificates(folder: Path) -> None:
    """A folder with a CA, a server certificate for NAME and localhost, and another CA."""
    key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
    extension = folder / "extension"
    extension.write_text(f"subjectAltName=DNS:{NAME},DNS:localhost\n")
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


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture(scope="module")
def tls_server(own_server: Any, certificates: Path, pytestconfig: pytest.Config) -> Iterator[Any]:
    """The tests' own server with TLS on. Kernel 1.4 takes the parameter, offers no TLS, and does not start again."""
    if pytestconfig.getoption("--kernel") == "1.4":
        yield None
        return
    with tls_enabled(own_server, certificates):
        yield own_server


@pytest.fixture
def connected(tls_server: Any, own_server: Any) -> Callable[..., tuple[Any, ...]]:
    """Connect with TLS options, and return the cipher by the server, empty for a link without TLS."""

    def open_with(*arguments: Any, port: int = own_server.port, **more: Any) -> tuple[Any, ...]:
        login = LoginOptions("root", password=PASSWORD)
        tls_options = TlsOptions(*arguments, **more)
        options = ConnectOptions(login, (Endpoint("127.0.0.1", port),), tls=tls_options, retry=PATIENT)
        with closing(Connector(options, lambda seconds: None).connect()) as session:
            assert session.run("select 1").fetchone() == (1,)
            return session.connection._secure, session.run("show status like 'Ssl_cipher'").fetchone()

    return open_with


class TestModes:
    @pytest.fixture(autouse=True)
    def _only_with_tls(self, tls_server: Any) -> None:
        if tls_server is None:
            pytest.skip("kernel 1.4 offers no TLS: TestWithoutTls tests what is said then")

    @pytest.mark.parametrize("mode", ["preferred", "required"])
    def test_a_link_is_encrypted_without_proof(self, connected: Callable[..., Any], mode: str) -> None:
        assert connected(mode)[0] is True

    def test_a_disabled_one_is_plain(self, connected: Callable[..., Any]) -> None:
        assert connected("disabled")[0] is False

    def test_verify_ca_takes_any_name(self, connected: Callable[..., Any], certificates: Path) -> None:
        assert connected("verify_ca", ca=str(certificates / "ca.pem"))[0] is True

    def test_verify_identity_with_the_right_name(self, connected: Callable[..., Any], certificates: Path) -> None:
        assert connected("verify_identity", ca=str(certificates / "ca.pem"), server_name=NAME)[0] is True

    @pytest.mark.parametrize(
        ("mode", "ca", "name", "reason"),
        [
            ("verify_ca", "other.pem", None, "self-signed certificate in certificate chain|unable to get local issuer"),
            ("verify_identity", "other.pem", NAME, "self-signed certificate|unable to get local issuer"),
            ("verify_identity", "ca.pem", None, "IP address mismatch"),
            ("verify_identity", "ca.pem", "other.test", "Hostname mismatch"),
            ("verify_ca", None, NAME, "self-signed certificate|unable to get local issuer"),
            ("verify_identity", None, NAME, "self-signed certificate|unable to get local issuer"),
        ],
    )
    def test_a_server_that_does_not_prove_itself(
        self,
        connected: Callable[..., Any],
        certificates: Path,
        own_server: Any,
        mode: str,
        ca: str | None,
        name: str | None,
        reason: str,
    ) -> None:
        with pytest.raises(errors.TlsFailed, match=reason) as raised:
            connected(mode, ca=ca and str(certificates / ca), server_name=name)

        text = str(raised.value)
        assert text.startswith(f"TLS to {own_server.place} failed (2026): ")
        assert "check ssl_ca, ssl_mode" in text
        assert ("ssl_server_name" in text) == ("mismatch" in reason)
        assert len(text) <= 300

    @pytest.fixture
    def trusted_by_the_system(self, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tls, "_contexts", {})
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))

    @pytest.mark.usefixtures("trusted_by_the_system")
    def test_without_a_ca_the_name_is_checked_as_well(self, connected: Callable[..., Any]) -> None:
        assert connected("verify_identity", server_name=NAME)[0] is True
        with pytest.raises(errors.TlsFailed, match="Hostname mismatch"):
            connected("verify_identity", server_name="other.test")
        with pytest.raises(errors.TlsFailed, match="IP address mismatch"):
            connected("verify_identity")

    def test_one_attempt_and_no_plain_one_after_it(
        self, connected: Callable[..., Any], certificates: Path, proxy: FaultProxy
    ) -> None:
        with pytest.raises(errors.TlsFailed):
            connected("verify_ca", port=proxy.port, ca=str(certificates / "other.pem"))

        assert proxy.accepted == 1
        assert proxy.statements == []

    @pytest.mark.parametrize("mode", ["required", "verify_ca", "verify_identity"])
    def test_who_takes_the_offer_of_tls_out_of_the_greeting_gets_no_login(
        self, connected: Callable[..., Any], server_profile: dict[str, Any], mode: str
    ) -> None:
        with Odp(place_of(server_profile), tenants=("sys",)) as between:
            with pytest.raises(errors.TlsFailed, match="the server offers no TLS"):
                connected(mode, port=between.port)
            assert (between.accepted, between.logins) == (1, [])

            assert connected("preferred", port=between.port)[0] is False
            assert between.logins == ["root"]

    @pytest.mark.parametrize(("mode", "with_ca"), [("verify_identity", True), ("verify_ca", False)])
    @pytest.mark.parametrize("name", [None, NAME])
    @pytest.mark.usefixtures("trusted_by_the_system")
    def test_servers_that_are_found_by_address_are_used_if_their_certificate_is_for_them(
        self,
        own_server: Any,
        certificates: Path,
        caplog: pytest.LogCaptureFixture,
        mode: Literal["verify_identity", "verify_ca"],
        with_ca: bool,
        name: str | None,
    ) -> None:
        view = "oceanbase.DBA_OB_ACCESS_POINT"
        rows = f"select 'sys' as tenant_name, '127.0.0.2' as svr_ip, {own_server.port} as sql_port"
        seed, found = Endpoint("localhost", own_server.port), Endpoint("127.0.0.2", own_server.port)
        tls_options = TlsOptions(mode, ca=str(certificates / "ca.pem") if with_ca else None, server_name=name)
        login = LoginOptions("root", password=PASSWORD)
        options = ConnectOptions(login, (seed,), discover=True, tls=tls_options, retry=PATIENT)
        connector, used = Connector(options, lambda seconds: None), []
        with closing(own_server.login()) as root, root.cursor() as cursor:
            cursor.execute(f"create or replace view {view} as {rows}")
            try:
                for _ in range(3):
                    with closing(connector.connect()) as session:
                        used.append(session.endpoint)
            finally:
                cursor.execute(f"drop view {view}")

        assert used == ([seed, found, found] if name else [seed] * 3)
        warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert warned == ([] if name else [f"hosts auto: {found} {MISNAMED}"])


class TestWithoutTls:
    @pytest.fixture(autouse=True)
    def _only_without_tls(self, tls_server: Any) -> None:
        if tls_server is not None:
            pytest.skip("this server offers TLS: TestModes tests it")

    @pytest.mark.parametrize("mode", ["disabled", "preferred"])
    def test_a_plain_link(self, connected: Callable[..., Any], mode: str) -> None:
        assert connected(mode)[0] is False

    @pytest.mark.parametrize("mode", ["required", "verify_ca", "verify_identity"])
    def test_tls_that_is_asked_for_is_never_given_up(
        self, connected: Callable[..., Any], server_profile: dict[str, Any], mode: str
    ) -> None:
        with Odp(place_of(server_profile), tenants=("sys",)) as witness:
            with pytest.raises(
                errors.TlsFailed, match=f"{witness.place}: the server offers no TLS .2026.; set ssl_mode"
            ):
                connected(mode, port=witness.port)

            assert (witness.accepted, witness.logins) == (1, [])

    @pytest.mark.parametrize("mode", ["required", "verify_ca", "verify_identity"])
    def test_the_server_itself_offers_none(self, connected: Callable[..., Any], own_server: Any, mode: str) -> None:
        with pytest.raises(errors.TlsFailed, match=f"{own_server.place}: the server offers no TLS .2026."):
            connected(mode)
