"""Log in to a bastion by SSH: check its host key, then authenticate by key, password or agent.

This module is imported at the first login, since importing paramiko takes a tenth of a second.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from pathlib import Path
from typing import Any, cast

import paramiko

from ..errors import TunnelFailed, one_line
from ..options import Endpoint, SshOptions
from ..transport import sockets
from . import errors as ssh_errors
from .errors import MAX_REASON, OWN_KNOWN_HOSTS, failed, place
from .known_hosts import KnownKeys, known_keys

KEEP_ALIVE_SECONDS = 15
"""Seconds without traffic after which a keep-alive is sent, since gateways drop idle connections."""

PARAMIKO_LOGGER = "dbt_oceanbase.ssh"
"""Name of the logger to which paramiko writes its messages about this package's SSH connections, with tracebacks.

To see the messages, add a handler to this logger. They are not passed on to the root logger, because dbt's tracker lets
the root logger write to the console. Other users of paramiko in this process keep paramiko's own logger.
"""

_TIMER_LEAD = 5.0
"""Seconds by which paramiko's own time limits are longer than a login's time limit.

So the login's own timer ends the login first, and the error names the login's time limit.
"""

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)

logging.getLogger(PARAMIKO_LOGGER).addHandler(logging.NullHandler())
logging.getLogger(PARAMIKO_LOGGER).propagate = False


def log_in(options: SshOptions, seconds: float, until: float) -> paramiko.SSHClient:
    """Log in to the bastion before ``until``, a time of ``time.monotonic``, and return the SSH client.

    ``seconds`` is the whole time limit, which the texts of errors name. The time left until ``until`` may be shorter,
    since importing paramiko takes time, too.

    Raises TunnelFailed if another try does not help, because the host key, the login or a file is wrong. Raises its
    subclass TunnelUnreachable if another try may work, because the bastion is not reached, or does not answer, or
    closes the connection. After an error no connection stays open.
    """
    known, key = _known_keys(options), _private_key(options)
    link = _connected(options, seconds, until)
    late = threading.Event()

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)

    # paramiko has time limits only for single steps, some even for single bytes
    timer = threading.Timer(max(until - time.monotonic(), 0.001), cut)
    timer.daemon = True
    timer.start()
    client = paramiko.SSHClient()
    client.set_log_channel(PARAMIKO_LOGGER)
    try:
        client.set_missing_host_key_policy(_KnownHostsPolicy(options, known))
        _authenticate(client, options, key, known, link, seconds)
    except BaseException as error:
        has_link = (started := client.get_transport()) is not None and started.is_active()
        client.close()
        link.close()
        if not isinstance(error, Exception):
            raise
        if late.is_set():
            raise ssh_errors.unanswered(options, seconds) from error
        raise _refused(error, options, has_link) from error
    finally:
        timer.cancel()
    return client


class _PromptSocket(socket.socket):
    """A TCP socket that acknowledges received data at once.

    OpenSSH's server uses Nagle's algorithm, so it holds a small message back until the message before has been
    acknowledged. With an ordinary socket, the client's system delays this acknowledgement by 40 ms, at each login and
    with most results and statements of 20 to 400 KB.
    """

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        data = super().recv(bufsize, flags)
        if _QUICKACK is not None:  # pragma: no branch - Linux alone has it
            # set after each read, since the option applies to one acknowledgement only
            self.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return data


def _connected(options: SshOptions, seconds: float, until: float) -> socket.socket:
    try:
        link = sockets.open_socket(Endpoint(options.host, options.port), max(until - time.monotonic(), 0.001))
        return _PromptSocket(fileno=link.detach())
    except TimeoutError as error:
        raise ssh_errors.unanswered(options, seconds) from error
    except (OSError, UnicodeError) as error:
        raise ssh_errors.unreachable(options, error) from error


def _authenticate(
    client: paramiko.SSHClient,
    options: SshOptions,
    key: paramiko.PKey | None,
    known: KnownKeys,
    link: socket.socket,
    seconds: float,
) -> None:
    kinds = [kind for kind, _ in known.trusted]

    def rank(algorithm: str) -> int:
        kind = "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm
        return kinds.index(kind) if kind in kinds else len(kinds)

    def new_transport(sock: Any, **arguments: Any) -> paramiko.Transport:
        made = paramiko.Transport(sock, **arguments)
        made.handshake_timeout = seconds + _TIMER_LEAD
        # the server has host keys of several types, and sends the key whose type is listed first here
        security = made.get_security_options()
        security.key_types = sorted(security.key_types, key=rank)
        # GCM has three times the throughput: one call of OpenSSL per message, where other ciphers also need a MAC
        security.ciphers = sorted(security.ciphers, key=lambda cipher: "gcm" not in cipher)
        return made

    uses_own_keys = key is None and options.password is None
    client.connect(
        options.host,
        options.port,
        options.user,
        options.password,
        pkey=key,
        allow_agent=uses_own_keys,
        look_for_keys=uses_own_keys,
        sock=link,
        # the timer of the caller comes first, so that the error names the limit
        banner_timeout=seconds + _TIMER_LEAD,
        auth_timeout=seconds + _TIMER_LEAD,
        transport_factory=new_transport,
    )
    transport_of(client).set_keepalive(KEEP_ALIVE_SECONDS)


def transport_of(client: paramiko.SSHClient) -> paramiko.Transport:
    """Return the transport (the SSH connection) of a client that has logged in."""
    return cast(paramiko.Transport, client.get_transport())


class _KnownHostsPolicy(paramiko.MissingHostKeyPolicy):
    """Accepts a host key if it is trusted and not revoked in ``known``. Raises TunnelFailed for any other host key.

    paramiko asks this policy about every host key, because the client has loaded no known_hosts file.
    """

    def __init__(self, options: SshOptions, known: KnownKeys) -> None:
        self._options, self._known = options, known

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        del client, hostname
        shown = key.asbytes()
        if self._known.trusts(shown):
            return
        named = ssh_errors.file(self._options.known_hosts or OWN_KNOWN_HOSTS)
        if shown in self._known.revoked:
            text = f"which {named} revokes: have the bastion's key renewed, and add what ssh-keyscan shows then"
        elif self._known.trusted:
            text = f"but {named} has another: somebody may stand in between; after a renewal put in what ssh-keyscan "
            text += "shows"
        else:
            text = f"which is not in {named}: if it is the right one, add the line that ssh-keyscan shows"
        named_key = f"the key of {place(self._options)} is {key.fingerprint}"
        raise failed(self._options, f"ssh.known_hosts: {named_key}, {text}")


def _known_keys(options: SshOptions) -> KnownKeys:
    file = options.known_hosts or OWN_KNOWN_HOSTS
    try:
        text = Path(file).expanduser().read_text(errors="replace")
    except OSError as error:
        if options.known_hosts is None:
            return KnownKeys()
        reason = error.strerror or type(error).__name__
        text = f"ssh.known_hosts: {ssh_errors.file(file)} cannot be read: {reason}; fill it by ssh-keyscan"
        raise failed(options, text) from error
    return known_keys(text, options.host, options.port)


def _private_key(options: SshOptions) -> paramiko.PKey | None:
    file = options.private_key
    if file is None:
        return None
    if "PRIVATE KEY" in file:
        raise failed(options, "ssh.private_key holds a key, but must name a file: write it into one only you can read")
    try:
        return paramiko.PKey.from_path(Path(file).expanduser())
    except Exception as error:
        raise failed(options, f"ssh.private_key: {ssh_errors.file(file)} {_problem(error)}") from error


def _problem(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or type(error).__name__}; check the file"
    if isinstance(error, TypeError):
        # raised by the package cryptography for an encrypted key
        return "is encrypted; load it into your ssh agent and leave ssh.private_key out, or name one that is not"
    # for a file that is not a key, one of several libraries raises an error of its own class
    return "is no private key in a known form; give an RSA, ECDSA or Ed25519 key as ssh-keygen makes it"


def _refused(error: Exception, options: SshOptions, has_link: bool) -> TunnelFailed:
    """Return the error to raise for ``error``, which a login has raised.

    The result is TunnelFailed if the host key is not trusted, or if the bastion and paramiko have no algorithm in
    common. In all other cases ``has_link`` decides, which tells whether the SSH connection was still open after
    ``error``. If it was open, the bastion has refused the login, and the result is TunnelFailed. If it was closed, the
    bastion has a problem, and the result is TunnelUnreachable.
    """
    if isinstance(error, TunnelFailed):
        return error
    reason = one_line(str(error) or type(error).__name__, MAX_REASON)
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        remedy = "update the bastion's SSH server, or paramiko"
        return failed(
            options, f"ssh.host: {place(options)} has no algorithm in common with paramiko: {reason}; {remedy}"
        )
    if has_link:
        remedy = "check ssh.user, and ssh.private_key or ssh.password (without either, your keys and agent)"
        return failed(options, f"ssh.user: {place(options)} refused the login: {reason}; {remedy}")
    remedy = "check that an SSH server runs there; name one ssh.private_key if your agent has many"
    return ssh_errors.dropped(options, reason, remedy)
