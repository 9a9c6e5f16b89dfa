"""Links through a bastion that runs in this process: traffic, ends of links, and each way in which a login fails."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import paramiko
import pytest
from faults.sshd import PROHIBITED, InProcess, make_key
from paramiko.common import OPEN_FAILED_RESOURCE_SHORTAGE
from support.outside import PATIENCE, until

import dbt.adapters.oceanbase.connect
from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.options import Endpoint, SshOptions
from dbt.adapters.oceanbase.connect.ssh import bastion as ssh
from dbt.adapters.oceanbase.connect.ssh import errors as ssh_errors
from dbt.adapters.oceanbase.connect.ssh import login
from dbt.adapters.oceanbase.connect.ssh.bastion import Bastion
from dbt.adapters.oceanbase.connect.ssh.tunnel import Login

LONG, FAR = SshOptions("h" * 250, "u" * 250, 12345), Endpoint("d" * 250, 12345)
SECRET = "s3cr3t-word"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[InProcess]:
    made = InProcess(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def new_bastion(server: InProcess) -> Iterator[Callable[..., Bastion]]:
    """Return a function that makes a ``Bastion``, with changes to the profile's ``ssh``."""
    made = []

    def new(**changes: Any) -> Bastion:
        made.append(Bastion(SshOptions(**{**server.fields, **changes})))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def bastion(new_bastion: Callable[..., Bastion]) -> Bastion:
    return new_bastion()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, for a user without an SSH agent."""
    folder = tmp_path / "home"
    (folder / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return folder


def echoes(peer: Any, client: socket.socket) -> None:
    while data := client.recv(65_536):
        peer.received.append(data)
        client.sendall(data)


@pytest.fixture
def echo(peer: Callable[..., Any]) -> Any:
    return peer(echoes)


def carries(link: socket.socket, text: bytes = b"hello") -> bool:
    link.settimeout(PATIENCE)
    link.sendall(text)
    got = b""
    while len(got) < len(text) and (data := link.recv(65_536)):
        got += data
    return got == text


def refusal(bastion: Bastion, endpoint: Endpoint, kind: type[errors.ConnectError], seconds: float = PATIENCE) -> str:
    """Return the text of the error that opening raises, and check that it is one short line without a secret."""
    with pytest.raises(errors.ConnectError) as raised:
        bastion.open_socket(endpoint, seconds)

    text = str(raised.value)
    assert type(raised.value) is kind, text
    assert len(text) <= 300
    assert "\n" not in text
    assert SECRET not in text
    return text


class TestLinks:
    def test_a_link_carries_bytes_both_ways(self, bastion: Bastion, echo: Any) -> None:
        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link, os.urandom(3_000_000))

    def test_all_links_go_through_one_login(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        with ThreadPoolExecutor(16) as pool:
            links = list(pool.map(lambda _: bastion.open_socket(echo.endpoint, PATIENCE), range(16)))

        assert all(carries(link, str(number).encode()) for number, link in enumerate(links))
        assert server.logins == 1
        for link in links:
            link.close()

    def test_the_bastion_finds_the_name(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.names["database.internal"] = ("127.0.0.1", echo.port)

        with bastion.open_socket(Endpoint("database.internal", 2881), PATIENCE) as link:
            assert carries(link)

    def test_what_comes_after_the_client_is_done_still_comes(self, bastion: Bastion, peer: Callable[..., Any]) -> None:
        def counts(peer: Any, client: socket.socket) -> None:
            total = 0
            while data := client.recv(65_536):
                total += len(data)
            client.sendall(str(total).encode())

        with bastion.open_socket(peer(counts).endpoint, PATIENCE) as link:
            link.settimeout(PATIENCE)
            link.sendall(b"x" * 1_000_000)
            link.shutdown(socket.SHUT_WR)

            assert link.recv(100) == b"1000000"
            assert link.recv(100) == b""

    def test_what_is_sent_arrives_when_the_server_is_done(self, bastion: Bastion, peer: Callable[..., Any]) -> None:
        def says_first(peer: Any, client: socket.socket) -> None:
            client.shutdown(socket.SHUT_WR)
            while data := client.recv(65_536):
                peer.received.append(data)

        listener = peer(says_first)
        with bastion.open_socket(listener.endpoint, PATIENCE) as link:
            link.settimeout(PATIENCE)
            assert link.recv(100) == b""
            link.sendall(b"still there")

            until(lambda: b"".join(listener.received) == b"still there")

    def test_a_server_waits_for_a_client_that_does_not_read(self, bastion: Bastion, peer: Callable[..., Any]) -> None:
        chunk, chunks = b"x" * 1_000_000, 40
        sent = []

        def sends_much(peer: Any, client: socket.socket) -> None:
            for _ in range(chunks):
                client.sendall(chunk)
                sent.append(time.monotonic())

        with bastion.open_socket(peer(sends_much).endpoint, PATIENCE) as link:
            until(lambda: sent and time.monotonic() - sent[-1] > 1)
            assert len(sent) < chunks / 2
            link.settimeout(PATIENCE)
            left = len(chunk) * chunks
            while left:
                data = link.recv(1 << 20)
                assert data
                left -= len(data)

            assert link.recv(1) == b""

    def test_a_server_that_closes_ends_the_link(self, bastion: Bastion, peer: Callable[..., Any]) -> None:
        with bastion.open_socket(peer(lambda peer, client: client.recv(1)).endpoint, PATIENCE) as link:
            link.settimeout(PATIENCE)
            link.sendall(b"bye")

            assert link.recv(100) == b""

    def test_a_client_that_closes_is_gone_for_the_server(self, bastion: Bastion, peer: Callable[..., Any]) -> None:
        gone = threading.Event()

        def waits(peer: Any, client: socket.socket) -> None:
            while client.recv(65_536):
                pass
            gone.set()

        bastion.open_socket(peer(waits).endpoint, PATIENCE).close()

        assert gone.wait(PATIENCE)


def link_threads() -> int:
    return sum(thread.name.startswith("ssh-") for thread in threading.enumerate())


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def gives_all_back(scenario: Callable[[], None], times: int = 10) -> None:
    """Run a scenario several times, and check that threads and descriptors do not increase after the first time."""
    scenario()
    until(lambda: link_threads() == 0)
    before = descriptors(), threading.active_count()

    for _ in range(times):
        scenario()

    until(lambda: link_threads() == 0)
    until(lambda: descriptors() <= before[0] and threading.active_count() <= before[1])


class TestEnds:
    def test_closed_by_the_client(self, bastion: Bastion, echo: Any) -> None:
        def scenario() -> None:
            with bastion.open_socket(echo.endpoint, PATIENCE) as link:
                assert carries(link)

        gives_all_back(scenario)

    def test_closed_by_the_server(self, bastion: Bastion, peer: Callable[..., Any]) -> None:
        listener = peer(lambda peer, client: None)

        def scenario() -> None:
            with bastion.open_socket(listener.endpoint, PATIENCE) as link:
                assert link.recv(1) == b""

        gives_all_back(scenario)

    def test_refused(self, bastion: Bastion, closed_port: Endpoint) -> None:
        gives_all_back(lambda: refusal(bastion, closed_port, errors.HostUnreachable) and None)

    def test_shut_down_while_a_thread_reads(self, bastion: Bastion, echo: Any) -> None:
        def scenario() -> None:
            with bastion.open_socket(echo.endpoint, PATIENCE) as link, ThreadPoolExecutor(1) as pool:
                reading = pool.submit(link.recv, 1)
                link.shutdown(socket.SHUT_RDWR)

                assert reading.result(PATIENCE) == b""

        gives_all_back(scenario)

    @pytest.mark.parametrize("ended", ["shutdown", "close"])
    def test_ended_while_the_server_takes_nothing(self, bastion: Bastion, peer: Callable[..., Any], ended: str) -> None:
        listener = peer(lambda peer, client: threading.Event().wait())

        def send(link: socket.socket, sent: list[float]) -> None:
            with contextlib.suppress(OSError):
                while True:
                    link.sendall(b"x" * 100_000)
                    sent.append(time.monotonic())

        link = bastion.open_socket(listener.endpoint, PATIENCE)
        link.settimeout(PATIENCE if ended == "shutdown" else 1)
        sent: list[float] = []
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(send, link, sent)
            until(lambda: sent and time.monotonic() - sent[-1] > 1)
            if ended == "shutdown":
                link.shutdown(socket.SHUT_RDWR)
            sending.result(PATIENCE)
        link.close()

        until(lambda: link_threads() == 0)

    def test_closed_by_the_client_while_much_is_on_its_way(self, bastion: Bastion, peer: Callable[..., Any]) -> None:
        def sends_for_ever(peer: Any, client: socket.socket) -> None:
            # with only a closed window as a sign of the end, the system sends a probe after a minute
            client.settimeout(1)
            while True:
                client.sendall(b"x" * 100_000)

        listener = peer(sends_for_ever)

        def scenario() -> None:
            with bastion.open_socket(listener.endpoint, PATIENCE) as link:
                assert link.recv(1) == b"x"

        gives_all_back(scenario)


@pytest.fixture
def after_keep_alive(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[threading.Event], object]], None]:
    """Return a function that has another one called after each keep-alive, with the event of its answer."""
    send = Login.send_keep_alive

    def call(then: Callable[[threading.Event], object]) -> None:
        def sent(login: Login) -> threading.Event:
            answered = send(login)
            then(answered)
            return answered

        monkeypatch.setattr(Login, "send_keep_alive", sent)

    return call


class TestBastionGoes:
    def test_a_live_link_is_lost_at_once(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)
            server.kill()
            link.settimeout(PATIENCE)

            assert link.recv(1) == b""
            until(lambda: link_threads() == 0)

    def test_the_next_link_logs_in_again(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            server.kill()
            link.settimeout(PATIENCE)
            assert link.recv(1) == b""
            text = refusal(bastion, echo.endpoint, errors.TunnelUnreachable)
            server.start()

            with bastion.open_socket(echo.endpoint, PATIENCE) as other:
                assert carries(other)

        assert text == (
            f"ssh.host: cannot connect to {server.place} (2003): Connection refused; "
            "check ssh.host, ssh.port and that the bastion is running"
        )
        assert server.logins == 2

    def test_it_goes_while_a_link_is_opened(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        bastion.open_socket(echo.endpoint, PATIENCE).close()
        server.hold()
        with ThreadPoolExecutor(1) as pool:
            opening = pool.submit(refusal, bastion, echo.endpoint, errors.TunnelUnreachable)
            until(lambda: server.pending_requests)
            server.kill()

            assert opening.result(PATIENCE).startswith(f"ssh.host: {server.place} dropped the link (2013): ")

    def test_it_goes_after_it_was_silent(
        self, bastion: Bastion, echo: Any, server: InProcess, after_keep_alive: Callable[..., None]
    ) -> None:
        bastion.open_socket(echo.endpoint, PATIENCE).close()
        until(lambda: link_threads() == 0)
        server.pause_sessions()

        def goes(answered: threading.Event) -> None:
            server.kill()
            until(lambda: link_threads() == 0)

        after_keep_alive(goes)
        text = refusal(bastion, echo.endpoint, errors.TunnelUnreachable, 1)

        assert text.startswith(f"ssh.host: {server.place} dropped the link (2013): ")

    def test_a_silent_login_is_bounded_for_each_caller(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.pause()
        with ThreadPoolExecutor(1) as pool:
            patient = pool.submit(bastion.open_socket, echo.endpoint, PATIENCE)
            until(lambda: server.sessions)

            text = refusal(bastion, echo.endpoint, errors.TunnelUnreachable, 0.5)
            assert not patient.done()
            server.resume()

            with patient.result(PATIENCE) as link:
                assert carries(link)
        assert text == (
            f"ssh.host: no answer of {server.place} within 0.5 s (2013); "
            "check that the bastion is running, or raise connect_timeout"
        )
        assert server.logins == 1

    @pytest.mark.parametrize("banner", ["", "SSH-2.0-silent\r\n"])
    def test_a_bastion_that_never_answers(self, peer: Callable[..., Any], echo: Any, banner: str, server: Any) -> None:
        listener = peer(lambda peer, client: (client.sendall(banner.encode()), peer.read(client), client.recv(1)))
        fields = {**server.fields, "port": listener.port}

        text = refusal(Bastion(SshOptions(**fields)), echo.endpoint, errors.TunnelUnreachable, 2)

        assert f"no answer of {server.user}@{listener.place} within 2 s" in text

    def test_an_error_names_the_whole_limit_though_a_part_of_it_is_over(
        self, peer: Callable[..., Any], server: InProcess
    ) -> None:
        listener = peer(lambda peer, client: (peer.read(client), client.recv(1)))
        options = SshOptions(**{**server.fields, "port": listener.port})

        with pytest.raises(errors.TunnelUnreachable, match="within 30 s"):
            login.log_in(options, 30, time.monotonic() + 0.3)

    def test_a_bastion_that_takes_no_connection(self, server: InProcess) -> None:
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            address = listener.getsockname()
            with contextlib.suppress(TimeoutError):
                while True:
                    stack.enter_context(socket.create_connection(address, timeout=0.5))
            fields = {**server.fields, "port": address[1]}

            text = refusal(Bastion(SshOptions(**fields)), Endpoint("database"), errors.TunnelUnreachable, 0.5)

        assert f"no answer of {server.user}@127.0.0.1:{address[1]} within 0.5 s" in text

    def test_a_bastion_that_drips(self, peer: Callable[..., Any], echo: Any, server: InProcess) -> None:
        def drips(peer: Any, client: socket.socket) -> None:
            while True:
                client.sendall(b"x")
                time.sleep(0.05)

        fields = {**server.fields, "port": peer(drips).port}

        assert "within 0.5 s" in refusal(Bastion(SshOptions(**fields)), echo.endpoint, errors.TunnelUnreachable, 0.5)

    def test_a_login_that_fell_silent_is_left_to_its_links(
        self, bastion: Bastion, echo: Any, server: InProcess, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ssh, "SILENCE_SECONDS", 0.0)
        old = bastion.open_socket(echo.endpoint, PATIENCE)
        server.pause_sessions()

        assert "no answer of" in refusal(bastion, echo.endpoint, errors.TunnelUnreachable, 1)
        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)
            assert server.logins == 2
            assert server.sessions == 2
            server.resume()
            assert carries(old)
            old.close()
            until(lambda: server.sessions == 1)
            assert carries(link)

    def test_a_short_silence_leaves_the_login_in_use(
        self, bastion: Bastion, echo: Any, server: InProcess, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ssh, "SILENCE_SECONDS", PATIENCE)
        with bastion.open_socket(echo.endpoint, PATIENCE):
            server.pause_sessions()
            assert "no answer of" in refusal(bastion, echo.endpoint, errors.TunnelUnreachable, 0.1)
            server.resume()

            with bastion.open_socket(echo.endpoint, PATIENCE) as link:
                assert carries(link)
        assert server.logins == 1

    def test_a_server_that_is_silent_is_told_from_a_silent_bastion(
        self, bastion: Bastion, echo: Any, server: InProcess, after_keep_alive: Callable[..., None]
    ) -> None:
        bastion.open_socket(echo.endpoint, PATIENCE).close()
        until(lambda: link_threads() == 0)
        server.hold()

        # on a busy machine the answer may take longer than the rest of the time
        after_keep_alive(lambda answered: answered.wait(PATIENCE))
        text = refusal(bastion, echo.endpoint, errors.HostUnreachable, 1)

        assert text == (
            f"{echo.place} through {server.place}: no connection within 1 s (2003); "
            "check host and port as the bastion sees them, or raise connect_timeout"
        )
        accepted = echo.accepted
        server.release()
        until(lambda: echo.accepted == accepted + 1)
        until(lambda: link_threads() == 0)
        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)
        assert server.logins == 1


class TestRefusedLinks:
    def test_the_bastion_cannot_connect(self, bastion: Bastion, closed_port: Endpoint, server: InProcess) -> None:
        with pytest.raises(errors.HostUnreachable) as raised:
            bastion.open_socket(closed_port, PATIENCE)

        assert raised.value.code == 2003
        assert raised.value.host == str(closed_port)
        assert str(raised.value) == (
            f"cannot connect to {closed_port} through {server.place} (2003): it could not reach it; "
            "check host and port as the bastion sees them, and that the server is running"
        )

    def test_links_that_fail_at_the_same_time(self, bastion: Bastion, closed_port: Endpoint) -> None:
        with ThreadPoolExecutor(16) as pool:
            texts = pool.map(lambda _: refusal(bastion, closed_port, errors.HostUnreachable), range(64))

            assert len(set(texts)) == 1

    def test_forwarding_is_prohibited(self, bastion: Bastion, server: InProcess) -> None:
        server.refused["database.internal"] = PROHIBITED

        text = refusal(bastion, Endpoint("database.internal"), errors.TunnelFailed)

        assert text.startswith(f"ssh.host: {server.place} does not forward to database.internal:2881: ")
        assert text.endswith("dministratively prohibited'); allow it there (AllowTcpForwarding, PermitOpen)")

    def test_the_bastion_has_no_room(self, bastion: Bastion, server: InProcess) -> None:
        server.refused["database.internal"] = OPEN_FAILED_RESOURCE_SHORTAGE

        assert "Resource shortage" in refusal(bastion, Endpoint("database.internal"), errors.TunnelUnreachable)

    def test_no_descriptor_is_left(
        self, bastion: Bastion, echo: Any, monkeypatch: pytest.MonkeyPatch, server: InProcess
    ) -> None:
        bastion.open_socket(echo.endpoint, PATIENCE).close()

        def none_left() -> None:
            raise OSError(24, "Too many open files")

        with monkeypatch.context() as patch:
            patch.setattr(socket, "socketpair", none_left)
            refusal(bastion, echo.endpoint, errors.HostUnreachable)

        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)
        assert server.logins == 1

    def test_no_thread_is_left(self, bastion: Bastion, echo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        bastion.open_socket(echo.endpoint, PATIENCE).close()
        start = threading.Thread.start

        def none_left(thread: threading.Thread) -> None:
            if thread.name == "ssh-link":
                raise RuntimeError("can't start new thread")
            start(thread)

        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", none_left)
            with pytest.raises(RuntimeError):
                bastion.open_socket(echo.endpoint, PATIENCE)

        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (
            ssh_errors.unreachable(LONG, OSError(1, "r" * 500)),
            "check ssh.host, ssh.port and that the bastion is running",
        ),
        (ssh_errors.unanswered(LONG, 1234.5678), "check that the bastion is running, or raise connect_timeout"),
        (ssh_errors.dropped(LONG, "r" * 500), "check that the bastion is running"),
        (ssh_errors.paramiko_missing(LONG, ImportError("r" * 500)), "run pip install 'paramiko>=3.5,<6'"),
        (
            ssh_errors.not_reached(FAR, LONG),
            "check host and port as the bastion sees them, and that the server is running",
        ),
        (
            ssh_errors.late(FAR, LONG, 1234.5678),
            "check host and port as the bastion sees them, or raise connect_timeout",
        ),
    ],
)
def test_a_long_name_leaves_room_for_the_remedy(error: errors.ConnectError, remedy: str) -> None:
    assert len(str(error)) < errors.MAX_TEXT
    assert str(error).endswith(remedy)


class TestHostKeys:
    def test_an_unknown_host_is_refused(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.known_hosts.write_text("")

        text = refusal(bastion, echo.endpoint, errors.TunnelFailed)

        assert text.startswith(f"ssh.known_hosts: the key of {server.place} is SHA256:")
        assert "which is not in " in text
        assert "known_hosts" in text
        assert text.endswith("if it is the right one, add the line that ssh-keyscan shows")
        assert server.auth_attempts == 0

    def test_a_changed_key_is_refused(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.renew_host_key()

        text = refusal(bastion, echo.endpoint, errors.TunnelFailed)

        assert "has another: somebody may stand in between" in text
        assert "ssh-keyscan" in text
        assert server.auth_attempts == 0

    def test_a_revoked_key_is_refused(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.known_hosts.write_text(f"{server.host_line()}@revoked {server.host_line()}")

        assert " revokes: " in refusal(bastion, echo.endpoint, errors.TunnelFailed)
        assert server.auth_attempts == 0

    def test_the_key_of_a_known_type_is_asked_for(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        rsa = paramiko.RSAKey.generate(2048)
        server.host_keys = [paramiko.Ed25519Key.from_private_key_file(str(server.host_key)), rsa]
        server.known_hosts.write_text(f"[{server.host}]:{server.port} ssh-rsa {rsa.get_base64()}\n")

        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)

    def test_a_file_that_cannot_be_read(
        self, new_bastion: Callable[..., Bastion], echo: Any, tmp_path: Path, server: InProcess
    ) -> None:
        text = refusal(new_bastion(known_hosts="/nowhere/known_hosts"), echo.endpoint, errors.TunnelFailed)

        assert text == (
            "ssh.known_hosts: /nowhere/known_hosts cannot be read: No such file or directory; fill it by ssh-keyscan"
        )

    def test_without_a_file_the_users_own_is_read(
        self, new_bastion: Callable[..., Bastion], echo: Any, home: Path, server: InProcess
    ) -> None:
        bastion = new_bastion(known_hosts=None)
        assert "is not in ~/.ssh/known_hosts" in refusal(bastion, echo.endpoint, errors.TunnelFailed)

        (home / ".ssh" / "known_hosts").write_text(server.host_line())

        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)


class TestWhoLogsIn:
    def test_by_password(self, new_bastion: Callable[..., Bastion], echo: Any, server: InProcess) -> None:
        server.password = SECRET

        with new_bastion(private_key=None, password=SECRET).open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)

    def test_a_wrong_password(self, new_bastion: Callable[..., Bastion], echo: Any, server: InProcess) -> None:
        server.password = "another"

        text = refusal(new_bastion(private_key=None, password=SECRET), echo.endpoint, errors.TunnelFailed)

        assert text == (
            f"ssh.user: {server.place} refused the login: Authentication failed.; check ssh.user, and "
            "ssh.private_key or ssh.password (without either, your keys and agent)"
        )
        assert server.auth_attempts == 1

    def test_by_password_after_a_key_that_is_refused(
        self, new_bastion: Callable[..., Bastion], echo: Any, server: InProcess, tmp_path: Path
    ) -> None:
        server.password = SECRET
        make_key(tmp_path / "stranger")

        bastion = new_bastion(private_key=str(tmp_path / "stranger"), password=SECRET)

        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)

    def test_a_wrong_key_is_offered_once(
        self, new_bastion: Callable[..., Bastion], echo: Any, server: InProcess, tmp_path: Path
    ) -> None:
        make_key(tmp_path / "stranger")

        text = refusal(new_bastion(private_key=str(tmp_path / "stranger")), echo.endpoint, errors.TunnelFailed)

        assert "refused the login: " in text
        assert server.auth_attempts == 1

    def test_all_who_wait_share_a_refusal(
        self, new_bastion: Callable[..., Bastion], echo: Any, server: InProcess, tmp_path: Path
    ) -> None:
        make_key(tmp_path / "stranger")
        bastion = new_bastion(private_key=str(tmp_path / "stranger"))
        server.pause()
        with ThreadPoolExecutor(4) as pool:
            refused = [pool.submit(refusal, bastion, echo.endpoint, errors.TunnelFailed) for _ in range(4)]
            until(lambda: bastion._login is not None and len(bastion._login._waiters) == 3)
            server.resume()

            assert len({each.result(PATIENCE) for each in refused}) == 1
        assert server.auth_attempts == 1

    def test_without_key_and_password_the_users_own_key_is_offered(
        self, new_bastion: Callable[..., Bastion], echo: Any, server: InProcess, home: Path
    ) -> None:
        bastion = new_bastion(private_key=None)
        text = refusal(bastion, echo.endpoint, errors.TunnelFailed)
        assert "refused the login: No authentication methods available; check ssh.user" in text

        (home / ".ssh" / "id_ed25519").write_bytes(server.key.read_bytes())

        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)

    @pytest.mark.parametrize("given", ["private_key", "password"])
    def test_the_agent_is_not_asked_when_the_profile_says_who(
        self,
        new_bastion: Callable[..., Bastion],
        echo: Any,
        server: InProcess,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
        given: str,
    ) -> None:
        server.password = SECRET
        make_key(home / ".ssh" / "id_ed25519")
        agent = "agent"  # the path of a unix socket has at most 107 bytes
        monkeypatch.chdir(home)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(agent)
            listener.listen()
            listener.setblocking(False)
            monkeypatch.setenv("SSH_AUTH_SOCK", agent)
            changes = {} if given == "private_key" else {"private_key": None, "password": SECRET}
            with new_bastion(**changes).open_socket(echo.endpoint, PATIENCE) as link:
                assert carries(link)

            with pytest.raises(BlockingIOError):
                listener.accept()
        assert server.auth_attempts - server.logins == 0

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (None, "cannot be read: No such file or directory; check the file"),
            ("encrypted", "is encrypted; load it into your ssh agent and leave ssh.private_key out, or name one"),
            (f"no key, but {SECRET}", "is no private key in a known form; give an RSA, ECDSA or Ed25519 key"),
        ],
    )
    def test_a_key_that_cannot_be_used(
        self,
        new_bastion: Callable[..., Bastion],
        echo: Any,
        server: InProcess,
        tmp_path: Path,
        content: str | None,
        problem: str,
    ) -> None:
        file = tmp_path / "other"
        if content == "encrypted":
            make_key(file, SECRET)
        elif content is not None:
            file.write_text(content)

        text = refusal(new_bastion(private_key=str(file)), echo.endpoint, errors.TunnelFailed)

        assert text.startswith("ssh.private_key: ")
        assert f"other {problem}" in text
        assert server.auth_attempts == 0

    def test_a_key_in_the_place_of_its_file_is_not_shown(
        self, new_bastion: Callable[..., Bastion], echo: Any, server: InProcess
    ) -> None:
        text = refusal(
            new_bastion(private_key=f"/somewhere/{server.key.read_text()}"), echo.endpoint, errors.TunnelFailed
        )

        assert text == ("ssh.private_key holds a key, but must name a file: write it into one only you can read")

    def test_the_bastion_drops_the_login(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.drops_at_login = True

        text = refusal(bastion, echo.endpoint, errors.TunnelUnreachable)

        assert text.startswith(f"ssh.host: {server.place} dropped the link (2013): ")
        assert text.endswith("name one ssh.private_key if your agent has many")

    @pytest.mark.parametrize("host", ["no-such-bastion.invalid", "a" * 70 + ".invalid"])
    def test_a_bastion_without_an_address(self, new_bastion: Callable[..., Bastion], echo: Any, host: str) -> None:
        text = refusal(new_bastion(host=host), echo.endpoint, errors.TunnelUnreachable)

        assert text.startswith("ssh.host: cannot connect to ")
        assert text.endswith("check ssh.host, ssh.port and that the bastion is running")

    @pytest.mark.parametrize(
        ("greeting", "kind", "part"),
        [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", errors.TunnelUnreachable, "check that an SSH server runs there"),
            ("SSH-1.5-old\r\n", errors.TunnelFailed, "no algorithm in common with paramiko: Incompatible version"),
        ],
    )
    def test_another_server_listens_there(
        self,
        new_bastion: Callable[..., Bastion],
        echo: Any,
        peer: Callable[..., Any],
        greeting: str,
        kind: type[errors.ConnectError],
        part: str,
    ) -> None:
        listener = peer(lambda peer, client: client.sendall(greeting.encode()))

        assert part in refusal(new_bastion(port=listener.port), echo.endpoint, kind)

    def test_an_interrupted_login_lets_others_try_again(
        self, bastion: Bastion, echo: Any, server: InProcess, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        others: list[str] = []

        def interrupted(*arguments: Any, **options: Any) -> None:
            waiting = threading.Thread(
                target=lambda: others.append(refusal(bastion, echo.endpoint, errors.TunnelUnreachable))
            )
            waiting.start()
            until(lambda: bastion._login is not None and bastion._login._waiters)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(paramiko.SSHClient, "connect", interrupted)
            with pytest.raises(KeyboardInterrupt):
                bastion.open_socket(echo.endpoint, PATIENCE)

        until(lambda: others)
        assert "the login was interrupted" in others[0]
        until(lambda: server.sessions == 0)
        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)

    def test_without_paramiko_the_extra_is_named(
        self, bastion: Bastion, echo: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        layer = dbt.adapters.oceanbase.connect.ssh
        for name in ("tunnel", "login"):
            monkeypatch.delitem(sys.modules, f"{layer.__name__}.{name}", raising=False)
            monkeypatch.delattr(layer, name, raising=False)
        monkeypatch.setitem(sys.modules, "paramiko", None)

        assert refusal(bastion, echo.endpoint, errors.TunnelFailed) == (
            "ssh needs paramiko (import of paramiko halted; None in sys.modules): run pip install 'paramiko>=3.5,<6'"
        )


class TestClose:
    def test_before_any_link_and_twice(self, bastion: Bastion) -> None:
        bastion.close()
        bastion.close()

    def test_the_login_ends_and_the_next_link_logs_in_again(
        self, bastion: Bastion, echo: Any, server: InProcess
    ) -> None:
        bastion.open_socket(echo.endpoint, PATIENCE).close()
        bastion.close()
        until(lambda: server.sessions == 0)

        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            assert carries(link)
        assert server.logins == 2

    def test_links_in_use_are_left_alone(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        with bastion.open_socket(echo.endpoint, PATIENCE) as link:
            bastion.close()
            with bastion.open_socket(echo.endpoint, PATIENCE) as other:
                assert carries(link)
                assert carries(other)
                assert server.sessions == 2
                link.close()
                until(lambda: server.sessions == 1)
                assert carries(other)

    def test_during_a_login(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.pause()
        with ThreadPoolExecutor(1) as pool:
            opening = pool.submit(refusal, bastion, echo.endpoint, errors.TunnelUnreachable)
            until(lambda: server.sessions)
            bastion.close()
            server.resume()

            assert "it was closed meanwhile" in opening.result(PATIENCE)
        until(lambda: server.sessions == 0)

    def test_during_a_login_that_fails(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        server.known_hosts.write_text("")
        server.pause()
        with ThreadPoolExecutor(1) as pool:
            opening = pool.submit(refusal, bastion, echo.endpoint, errors.TunnelFailed)
            until(lambda: server.sessions)
            bastion.close()
            server.resume()

            assert "which is not in" in opening.result(PATIENCE)

    def test_it_names_itself_without_secrets(self, new_bastion: Callable[..., Bastion], server: InProcess) -> None:
        assert repr(new_bastion(password=SECRET)) == f"<Bastion {server.place}>"


IMPORTS = f"""
import sys, types
import dbt.adapters
# ``connect`` alone, since the adapter's __init__ imports all of dbt
adapter = types.ModuleType("dbt.adapters.oceanbase")
adapter.__path__ = [{str(Path(dbt.adapters.oceanbase.connect.__path__[0]).parent)!r}]
sys.modules[adapter.__name__] = adapter
from dbt.adapters.oceanbase.connect.ssh.bastion import Bastion
from dbt.adapters.oceanbase.connect.options import Endpoint, SshOptions
"""

OPENS = f"""{IMPORTS}
host, port, user, private_key, known_hosts, target = sys.argv[1:]
bastion = Bastion(SshOptions(host, user, int(port), private_key, None, known_hosts))
endpoint = Endpoint("127.0.0.1", int(target))
PATIENCE = {PATIENCE}

def carries(link, text=b"hello"):
    link.sendall(text)
    return link.recv(100) == text
"""


def start(server: InProcess, target: Endpoint, program: str) -> subprocess.Popen[str]:
    """Run a program with a bastion and an endpoint in another process."""
    fields = [str(server.fields[name]) for name in ("host", "port", "user", "private_key", "known_hosts")]
    # Python 3.12 and later warn of a fork of a process with threads
    python = [sys.executable, "-W", "ignore::DeprecationWarning", "-c"]
    command = [*python, OPENS + program, *fields, str(target.port)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


class TestOfAProcess:
    def test_paramiko_is_imported_with_the_first_login(self, server: InProcess, closed_port: Endpoint) -> None:
        with start(server, closed_port, "bastion.close()\nprint('paramiko' in sys.modules)") as process:
            assert process.communicate(timeout=PATIENCE)[0] == "False\n"

    def test_nothing_is_written_to_the_console(self, server: InProcess, echo: Any, closed_port: Endpoint) -> None:
        server.refused["forbidden"] = PROHIBITED
        program = """
import logging
logging.basicConfig(level=logging.DEBUG)
link = bastion.open_socket(endpoint, PATIENCE)
assert carries(link)
for place in (Endpoint("forbidden"), Endpoint("127.0.0.1", %d)):
    try:
        bastion.open_socket(place, PATIENCE)
    except Exception as error:
        print(type(error).__name__)
print("kill", flush=True)
assert link.recv(1) == b""
try:
    Bastion(SshOptions(host, user, endpoint.port, private_key, None, known_hosts)).open_socket(endpoint, PATIENCE)
except Exception as error:
    print(type(error).__name__)
"""
        with start(server, echo.endpoint, program % closed_port.port) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline().strip() for _ in range(3)]
            server.kill()
            rest, complaints = process.communicate(timeout=PATIENCE)

        assert lines == ["TunnelFailed", "HostUnreachable", "kill"]
        assert rest == "TunnelUnreachable\n"
        assert complaints == ""

    def test_a_fork_does_not_keep_the_parents_login_open(self, server: InProcess, echo: Any) -> None:
        program = """
import os
bastion.open_socket(endpoint, PATIENCE).close()
child = os.fork()
if not child:
    sys.stdin.read()
    os._exit(0)
bastion.close()
print("closed", flush=True)
os.waitpid(child, 0)
"""
        with start(server, echo.endpoint, program) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "closed\n"
            until(lambda: server.sessions == 0)
            assert process.poll() is None
            process.communicate(timeout=PATIENCE)

    def test_a_fork_does_not_wait_for_the_parents_login(self, server: InProcess, echo: Any) -> None:
        program = """
import os, threading
def opens():
    assert carries(bastion.open_socket(endpoint, PATIENCE))
opening = threading.Thread(target=opens)
opening.start()
sys.stdin.readline()
child = os.fork()
if not child:
    print("forked", flush=True)
    opens()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
opening.join()
print("both")
"""
        server.pause()
        with start(server, echo.endpoint, program) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            until(lambda: server.sessions == 1)
            process.stdin.write("fork\n")
            process.stdin.flush()
            assert process.stdout.readline() == "forked\n"
            server.resume()

            assert process.communicate(timeout=2 * PATIENCE) == ("both\n", "")
        assert server.logins == 2

    def test_what_a_fork_does_first(self, bastion: Bastion, echo: Any, server: InProcess) -> None:
        with bastion.open_socket(echo.endpoint, PATIENCE):
            ssh.reset_after_fork()
            with bastion.open_socket(echo.endpoint, PATIENCE) as own:
                assert carries(own)

        assert server.logins == 2

    @pytest.mark.parametrize("is_busy", [False, True])
    def test_a_fork_logs_in_for_itself_and_leaves_the_parents_link_alone(
        self, server: InProcess, echo: Any, is_busy: bool
    ) -> None:
        program = f"""
import gc, os, threading
link = bastion.open_socket(endpoint, PATIENCE)
assert carries(link)
busy = bastion.open_socket(endpoint, PATIENCE)
if {is_busy}:
    threading.Thread(target=lambda: [busy.sendall(b"x" * 50_000) for _ in range(200)], daemon=True).start()
    threading.Thread(target=lambda: [busy.recv(50_000) for _ in range(100)], daemon=True).start()
child = os.fork()
if not child:
    with bastion.open_socket(endpoint, PATIENCE) as own:
        assert carries(own, b"child")
    del link, busy
    bastion.close()
    del bastion
    gc.collect()
    print("child", flush=True)
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert status == 0
assert carries(link, b"parent")
assert carries(bastion.open_socket(endpoint, PATIENCE))
print("parent")
"""
        with start(server, echo.endpoint, program) as process:
            assert process.communicate(timeout=2 * PATIENCE) == ("child\nparent\n", "")
        assert server.logins == 2
