"""SSH servers that act as bastions. One is OpenSSH's, if it is installed. The other uses paramiko and can misbehave.

Both listen on 127.0.0.1, accept one user with one key, count logins, and can be killed, paused and restarted.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_CONNECT_FAILED,
    OPEN_SUCCEEDED,
)
from support.outside import PATIENCE, until

from .tcp_proxy import free_port

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
"""Path of the OpenSSH server of this machine, or None if it has none."""

_CHUNK = 65_536

_SUPERVISOR = """
import signal, subprocess, sys
with open("sshd.log", "ab") as log:
    sshd = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
print(sshd.pid, flush=True)
sys.stdin.read()
sshd.kill()
sshd.wait()
"""


def make_key(file: Path, passphrase: str | None = None) -> paramiko.PKey:
    """Create a private key, write it to ``file`` in OpenSSH's format, and return it.

    With a ``passphrase``, the file is encrypted.
    """
    key = Ed25519PrivateKey.generate()
    cipher = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    form = serialization.PrivateFormat.OpenSSH
    file.touch(mode=0o600)
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, cipher))
    return paramiko.Ed25519Key.from_private_key_file(str(file), passphrase)


class SshServer:
    """Base class of both SSH servers.

    ``key`` is the file of the user's private key. ``host_key`` is the file of the server's private key.
    ``known_hosts`` is a file for clients with the server's public key at the time of creation.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host, self.port = "127.0.0.1", free_port()
        self.user = getpass.getuser()
        self.key, self.known_hosts, self.host_key = folder / "id", folder / "known_hosts", folder / "host_key"
        self.user_key = make_key(self.key)
        self.renew_host_key()
        self.known_hosts.write_text(self.host_line())

    @property
    def fields(self) -> dict[str, Any]:
        """The value of the profile field ``ssh`` to use this bastion."""
        files = {"private_key": str(self.key), "known_hosts": str(self.known_hosts)}
        return {"host": self.host, "port": self.port, "user": self.user, **files}

    @property
    def place(self) -> str:
        """The bastion's user, host and port, as error messages show them."""
        return f"{self.user}@{self.host}:{self.port}"

    def host_line(self) -> str:
        """Return the server's line for a known_hosts file."""
        key = paramiko.Ed25519Key.from_private_key_file(str(self.host_key))
        return f"[{self.host}]:{self.port} {key.get_name()} {key.get_base64()}\n"

    def renew_host_key(self) -> None:
        """Replace the server's key. The new key is used after the next start. ``known_hosts`` keeps the old one."""
        self.host_key.unlink(missing_ok=True)
        make_key(self.host_key)

    @property
    def logins(self) -> int:
        """The number of accepted logins since the first start."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server on its port."""
        raise NotImplementedError

    def kill(self) -> None:
        """Kill the server, and close all its connections."""
        raise NotImplementedError

    def pause(self) -> None:
        """Stop answering on all connections, as if the network were down. New ones are accepted but not answered."""
        raise NotImplementedError

    def pause_sessions(self) -> None:
        """Stop answering on open connections, as if a gateway had lost their state. New connections are answered."""
        raise NotImplementedError

    def resume(self) -> None:
        """Answer again on all connections after ``pause`` or ``pause_sessions``."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the server."""
        self.kill()

    def restart(self) -> None:
        """Kill the server and start it again on the same port."""
        self.kill()
        self.start()


class OpenSsh(SshServer):
    """OpenSSH's sshd, run by this user. ``settings`` are added to its configuration at the next start."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settings: dict[str, Any] = {}
        self._supervisor: subprocess.Popen[str] | None = None
        self._pid = 0
        (folder / "authorized_keys").write_text(f"{self.user_key.get_name()} {self.user_key.get_base64()}\n")
        (folder / "sshd.log").touch()

    @property
    def logins(self) -> int:
        return (self.folder / "sshd.log").read_text().count("Accepted publickey")

    def start(self) -> None:
        assert SSHD is not None
        if os.geteuid() == 0:
            # run by root, sshd changes its root to this folder between connection and login
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        config = {
            "Port": self.port,
            "ListenAddress": self.host,
            "HostKey": self.host_key,
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "yes",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "MaxStartups": 100,
            **self.settings,
        }
        file = self.folder / "sshd_config"
        file.write_text("".join(f"{name} {value}\n" for name, value in config.items()))
        self._supervisor = subprocess.Popen(
            [sys.executable, "-c", _SUPERVISOR, SSHD, "-D", "-e", "-f", str(file)],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._supervisor.stdout is not None
        self._pid = int(self._supervisor.stdout.readline())
        until(self._greets)

    def _greets(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), timeout=5) as link:
            return link.recv(4) == b"SSH-"
        return False

    def kill(self) -> None:
        if self._supervisor is not None:
            self._signal(signal.SIGKILL)
            self._supervisor.communicate(timeout=PATIENCE)
            self._supervisor = None

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def pause_sessions(self) -> None:
        self._signal(signal.SIGSTOP, only_sessions=True)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals, only_sessions: bool = False) -> None:
        """Send a signal to the server's processes, which are in separate process groups.

        If ``only_sessions`` is set, the process that listens does not get the signal.
        """
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
        parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
        family = [self._pid]
        for member in family:
            family += [pid for pid, parent in parents if parent == member]
        for pid in family[only_sessions:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class InProcess(SshServer):
    """A bastion that runs in this process, based on paramiko.

    ``password``: the user may log in with this password instead of the key, unless it is None.
    ``host_keys``: keys that the server uses instead of its key in ``host_key``.
    ``names``: host names that only the bastion can resolve, each with the host and port to connect to.
    ``refused``: hosts to which the bastion refuses to forward, each with the SSH error code to answer.
    ``drops_at_login``: the bastion closes the connection instead of answering a login.
    ``auth_attempts``: the number of keys and passwords that clients have sent.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.password: str | None = None
        self.host_keys: list[paramiko.PKey] | None = None
        self.names: dict[str, tuple[str, int]] = {}
        self.refused: dict[str, int] = {}
        self.drops_at_login = False
        self.auth_attempts = 0
        self.accepted_logins = 0
        self.pending_requests: list[Callable[[], None]] | None = None
        self._is_paused = False
        self._links: list[_Link] = []
        self._listener: socket.socket | None = None

    @property
    def logins(self) -> int:
        return self.accepted_logins

    @property
    def sessions(self) -> int:
        """The number of open connections to the bastion."""
        return sum(link.is_open for link in self._links)

    def start(self) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((self.host, self.port))
        self._listener.listen(64)
        _start_thread(self._accept, self._listener)

    def kill(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for link in self._links:
            link.cut()
        self.resume()

    def pause(self) -> None:
        self._is_paused = True
        self.pause_sessions()

    def pause_sessions(self) -> None:
        for link in self._links:
            link.flows.clear()

    def resume(self) -> None:
        self._is_paused = False
        for link in self._links:
            link.flows.set()

    def hold(self) -> None:
        """Stop answering requests to open a channel, until ``release`` is called. Other requests are answered."""
        self.pending_requests = []

    def release(self) -> None:
        """Answer the requests to open a channel that came after ``hold``, and all later ones."""
        pending, self.pending_requests = self.pending_requests or [], None
        for answer in pending:
            answer()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                link = _Link(listener.accept()[0])
                self._links.append(link)
                if self._is_paused:
                    link.flows.clear()
                link.start()
                _start_thread(self._serve, link.inner)

    def _serve(self, link: socket.socket) -> None:
        transport = _ServerTransport(link)
        transport.bastion = self
        for key in self.host_keys or [paramiko.Ed25519Key.from_private_key_file(str(self.host_key))]:
            transport.add_server_key(key)
        user = _User(self, transport)
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=user)
            while transport.is_active():
                channel = transport.accept(1)
                if channel is not None:
                    _forward(channel, user.targets.pop(channel.get_id()))
        transport.close()


class _Link:
    """A client's connection, which can be paused in both directions."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self.inner, self._outer = socket.socketpair()
        self.flows = threading.Event()
        self.flows.set()
        self.is_open = True

    def start(self) -> None:
        _start_thread(self._run)

    def _run(self) -> None:
        back = _start_thread(self._copy, self._outer, self._client)
        self._copy(self._client, self._outer)
        back.join()
        self.is_open = False
        self._client.close()
        self._outer.close()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self.flows.wait()
                target.sendall(data)
        self.flows.wait()
        self.cut()

    def cut(self) -> None:
        for sock in (self._client, self._outer):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class _ServerTransport(paramiko.Transport):
    bastion: InProcess

    def _parse_channel_open(self, m: Any) -> None:
        answer = super()._parse_channel_open
        if self.bastion.pending_requests is None:
            answer(m)
        else:
            self.bastion.pending_requests.append(lambda: answer(m))


class _User(paramiko.ServerInterface):
    def __init__(self, bastion: InProcess, transport: paramiko.Transport) -> None:
        self.targets: dict[int, socket.socket] = {}
        self._bastion, self._transport = bastion, transport

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password" if self._bastion.password is not None else "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return self._answer(username == self._bastion.user and key == self._bastion.user_key)

    def check_auth_password(self, username: str, password: str) -> int:
        return self._answer(username == self._bastion.user and password == self._bastion.password)

    def _answer(self, is_right: bool) -> int:
        self._bastion.auth_attempts += 1
        if self._bastion.drops_at_login:
            self._transport.stop_thread()
            return AUTH_FAILED
        self._bastion.accepted_logins += is_right
        return AUTH_SUCCESSFUL if is_right else AUTH_FAILED

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        host, _ = destination
        if host in self._bastion.refused:
            return self._bastion.refused[host]
        try:
            self.targets[chanid] = socket.create_connection(self._bastion.names.get(host, destination))
        except OSError:
            return OPEN_FAILED_CONNECT_FAILED
        return OPEN_SUCCEEDED


PROHIBITED = OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


def _forward(channel: paramiko.Channel, target: socket.socket) -> None:
    def forward_to_target() -> None:
        with contextlib.suppress(OSError, EOFError):
            while data := channel.recv(_CHUNK):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        if channel.closed:
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)

    def forward_to_client() -> None:
        with contextlib.suppress(OSError, EOFError):
            while data := target.recv(_CHUNK):
                channel.sendall(data)
        with contextlib.suppress(OSError, EOFError):
            channel.shutdown_write()
        sender.join()
        with contextlib.suppress(OSError, EOFError):
            channel.close()
        target.close()

    sender = _start_thread(forward_to_target)
    _start_thread(forward_to_client)


def _start_thread(run: Callable[..., None], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=run, args=arguments, daemon=True)
    thread.start()
    return thread


def new(folder: Path) -> SshServer:
    """Return a bastion with files in ``folder``. It is an ``OpenSsh`` if sshd is installed, else an ``InProcess``."""
    return OpenSsh(folder) if SSHD else InProcess(folder)


__all__ = ["PROHIBITED", "SSHD", "InProcess", "OpenSsh", "SshServer", "make_key", "new"]
