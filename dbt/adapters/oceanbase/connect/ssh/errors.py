"""What is said when a link through a bastion does not come up: which field, which place, why, and the remedy.

Codes are those of MySQL clients: 2003 where no connection was made, 2013 where one was lost or kept silent.
"""

from __future__ import annotations

from ..errors import HostUnreachable, TunnelFailed, TunnelUnreachable, one_line
from ..options import Endpoint, SshOptions

OWN_KNOWN_HOSTS = "~/.ssh/known_hosts"

MAX_PLACE, MAX_FILE, MAX_REASON = 50, 50, 90
"""Characters of a place, a file and a reason in an error's text, so that the remedy always fits."""


def file(name: str) -> str:
    """Name a file in an error's text."""
    return one_line(name, MAX_FILE)


def place(what: SshOptions | Endpoint) -> str:
    """Name a bastion or a server in an error's text."""
    return one_line(str(what), MAX_PLACE)


def failed(options: SshOptions, text: str) -> TunnelFailed:
    """Say what the bastion does not let through, or what is wrong with the profile's ``ssh``."""
    return TunnelFailed(text, None, str(options))


def paramiko_missing(options: SshOptions, error: ImportError) -> TunnelFailed:
    """Say that paramiko cannot be imported."""
    reason = one_line(str(error), MAX_REASON)
    return failed(options, f"ssh needs paramiko ({reason}): run pip install 'paramiko>=3.5,<6'")


def unreachable(options: SshOptions, error: Exception) -> TunnelUnreachable:
    """Say why there is no connection to the bastion: an OSError of connecting, or UnicodeError."""
    reason = one_line(getattr(error, "strerror", None) or str(error), MAX_REASON)
    remedy = "check ssh.host, ssh.port and that the bastion is running"
    text = f"ssh.host: cannot connect to {place(options)} (2003): {reason}; {remedy}"
    return TunnelUnreachable(text, 2003, str(options))


def unanswered(options: SshOptions, seconds: float) -> TunnelUnreachable:
    """Say that the bastion has not answered within ``seconds``."""
    remedy = "check that the bastion is running, or raise connect_timeout"
    text = f"ssh.host: no answer of {place(options)} within {seconds:.3g} s (2013); {remedy}"
    return TunnelUnreachable(text, 2013, str(options))


def dropped(options: SshOptions, reason: str, remedy: str = "check that the bastion is running") -> TunnelUnreachable:
    """Say that the bastion has ended the link to it."""
    text = f"ssh.host: {place(options)} dropped the link (2013): {one_line(reason, MAX_REASON)}; {remedy}"
    return TunnelUnreachable(text, 2013, str(options))


def not_reached(endpoint: Endpoint, options: SshOptions) -> HostUnreachable:
    """Say that the bastion could not connect to ``endpoint``."""
    remedy = "check host and port as the bastion sees them, and that the server is running"
    text = f"cannot connect to {place(endpoint)} through {place(options)} (2003): it could not reach it; {remedy}"
    return HostUnreachable(text, 2003, str(endpoint))


def late(endpoint: Endpoint, options: SshOptions, seconds: float) -> HostUnreachable:
    """Say that the bastion answers, but has not connected to ``endpoint`` within ``seconds``."""
    remedy = "check host and port as the bastion sees them, or raise connect_timeout"
    text = f"{place(endpoint)} through {place(options)}: no connection within {seconds:.3g} s (2003); {remedy}"
    return HostUnreachable(text, 2003, str(endpoint))
