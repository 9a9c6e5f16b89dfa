"""Errors of connections through a bastion. Each text names the profile field, the address, the reason and the remedy.

The codes are those of MySQL clients: 2003 if no connection was made, 2013 if one was lost or did not answer.
"""

from __future__ import annotations

from ..errors import HostUnreachable, TunnelFailed, TunnelUnreachable, one_line
from ..options import Endpoint, SshOptions

OWN_KNOWN_HOSTS = "~/.ssh/known_hosts"

MAX_PLACE = 50
"""Characters of an address in an error's text, so that the remedy always fits."""

MAX_FILE = 50
"""Characters of a file name in an error's text."""

MAX_REASON = 90
"""Characters of a reason in an error's text."""


def file(name: str) -> str:
    """Return a file name for an error's text."""
    return one_line(name, MAX_FILE)


def place(what: SshOptions | Endpoint) -> str:
    """Return the address of a bastion or a server for an error's text."""
    return one_line(str(what), MAX_PLACE)


def failed(options: SshOptions, text: str) -> TunnelFailed:
    """Return the error for a link that the bastion refuses, or for a wrong ``ssh`` of the profile."""
    return TunnelFailed(text, None, str(options))


def paramiko_missing(options: SshOptions, error: ImportError) -> TunnelFailed:
    """Return the error for paramiko that cannot be imported."""
    reason = one_line(str(error), MAX_REASON)
    return failed(options, f"ssh needs paramiko ({reason}): run pip install 'paramiko>=3.5,<6'")


def unreachable(options: SshOptions, error: Exception) -> TunnelUnreachable:
    """Return the error for a bastion that cannot be connected to; ``error`` is an OSError or UnicodeError."""
    reason = one_line(getattr(error, "strerror", None) or str(error), MAX_REASON)
    remedy = "check ssh.host, ssh.port and that the bastion is running"
    text = f"ssh.host: cannot connect to {place(options)} (2003): {reason}; {remedy}"
    return TunnelUnreachable(text, 2003, str(options))


def unanswered(options: SshOptions, seconds: float) -> TunnelUnreachable:
    """Return the error for a bastion that has not answered within ``seconds``."""
    remedy = "check that the bastion is running, or raise connect_timeout"
    text = f"ssh.host: no answer of {place(options)} within {seconds:.3g} s (2013); {remedy}"
    return TunnelUnreachable(text, 2013, str(options))


def dropped(options: SshOptions, reason: str, remedy: str = "check that the bastion is running") -> TunnelUnreachable:
    """Return the error for a bastion that has closed the connection."""
    text = f"ssh.host: {place(options)} dropped the link (2013): {one_line(reason, MAX_REASON)}; {remedy}"
    return TunnelUnreachable(text, 2013, str(options))


def not_reached(endpoint: Endpoint, options: SshOptions) -> HostUnreachable:
    """Return the error for a server that the bastion could not connect to."""
    remedy = "check host and port as the bastion sees them, and that the server is running"
    text = f"cannot connect to {place(endpoint)} through {place(options)} (2003): it could not reach it; {remedy}"
    return HostUnreachable(text, 2003, str(endpoint))


def late(endpoint: Endpoint, options: SshOptions, seconds: float) -> HostUnreachable:
    """Return the error for a bastion that answers, but has not connected to ``endpoint`` within ``seconds``."""
    remedy = "check host and port as the bastion sees them, or raise connect_timeout"
    text = f"{place(endpoint)} through {place(options)}: no connection within {seconds:.3g} s (2003); {remedy}"
    return HostUnreachable(text, 2003, str(endpoint))
